// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccMocks_needAnARN runs the test of the guide "Local development" that mocks a
// queue, with and without a default for the queue's ARN.
func TestAccMocks_needAnARN(t *testing.T) {
	acctest.SkipShared(t, "the CLI does not configure a mocked provider")
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	tf := acctest.Workspace(t, "")
	api.Must(os.Remove(filepath.Join(tf.WorkingDir(), "main.tf")))
	api.Must(os.CopyFS(tf.WorkingDir(), os.DirFS(examples+"/guides/mocks")))
	aws := serveAWS(t, api)
	test := func() (string, error) {
		cmd := acctest.Command(t.Context(), tf, "test", "-no-color")
		cmd.Env = append(cmd.Env, "TF_REATTACH_PROVIDERS="+aws)
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := test(); err != nil || !strings.Contains(out, "Success! 1 passed, 0 failed.") {
		t.Errorf("%v\n%s", err, out)
	}

	file := filepath.Join(tf.WorkingDir(), "tests", "unit.tftest.hcl")
	text, err := os.ReadFile(file)
	api.Must(err)
	withoutARN := strings.Replace(string(text), `mock_resource "aws_sqs_queue"`, `mock_resource "aws_sns_topic"`, 1)
	api.Must(os.WriteFile(file, []byte(withoutARN), 0o600))
	if out, err := test(); err == nil || !strings.Contains(out, "Invalid destination") {
		t.Errorf("%v\n%s", err, out)
	}
}

// serveAWS starts the stand-in for hashicorp/aws, which lasts as long as the test,
// and returns the value of TF_REATTACH_PROVIDERS for a CLI that uses it.
func serveAWS(t *testing.T, api *acctest.API) string {
	t.Helper()
	server, err := api.TestCaseWithAWS(&acctest.Role{}).ProtoV6ProviderFactories["aws"]()
	api.Must(err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context())) // t.Context ends before the cleanup
	configs, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	go func() {
		err := tf6server.Serve("registry.terraform.io/hashicorp/aws", func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(ctx, configs, closed), tf6server.WithoutLogStderrOverride(),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
		if err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-closed
	})
	config := <-configs
	reattach := map[string]any{}
	for _, registry := range registries {
		reattach[registry+"/hashicorp/aws"] = map[string]any{
			"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
	}
	value, err := json.Marshal(reattach)
	api.Must(err)
	return string(value)
}
