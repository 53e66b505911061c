// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

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
	newServer := api.TestCaseWithAWS(&acctest.Role{}).ProtoV6ProviderFactories["aws"]
	aws := acctest.Serve(t, "registry.terraform.io/hashicorp/aws", func() tfprotov6.ProviderServer {
		server, err := newServer()
		api.Must(err)
		return server
	})
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
