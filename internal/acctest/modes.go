// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	awslambda "github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// shared is true in the mode in which a test configures one provider for plan,
// apply, refresh and destroy of all its steps. Otherwise each phase configures a
// new provider. MainInBothModes sets it.
var shared bool

// MainInBothModes is [Main] for a package whose acceptance tests run in two
// modes: a new provider for each phase, as most versions of Terraform do, and
// one configured provider for all phases, as terraform test does since
// Terraform 1.13.
//
// Tests that read or write a configuration of Lambda run in both modes. Tests of
// Configure alone call [SkipShared]: both modes configure a provider in the same
// way.
func MainInBothModes(m *testing.M) int {
	return runWithCLI(func() int {
		fmt.Println("mode: each phase configures a provider")
		code := m.Run()
		fmt.Println("mode: one configured provider for all phases")
		shared = true
		return max(code, m.Run())
	})
}

// IsShared reports whether tests run in the mode with one configured provider.
func IsShared() bool { return shared }

// SkipShared skips a test in the mode with one configured provider. The reason
// says why the mode cannot show the behavior.
func SkipShared(t testing.TB, reason string) {
	t.Helper()
	if shared {
		t.Skip("one configured provider: " + reason)
	}
}

// ProviderFactory returns a provider factory for a test case. It starts servers
// of the provider under test in the current mode.
func ProviderFactory() func() (tfprotov6.ProviderServer, error) {
	newServer := newProviderServer()
	return func() (tfprotov6.ProviderServer, error) { return newServer(), nil }
}

func newProviderServer() func() tfprotov6.ProviderServer {
	if !shared {
		return serve.Server(awslambda.New("test"))
	}
	full := awslambda.New("test")().(fullProvider) //nolint:forcetypeassert // the provider implements all of it
	one := &sharedProvider{fullProvider: full}
	return serve.Server(func() provider.Provider { return one })
}

// fullProvider has all interfaces of the provider.
type fullProvider interface {
	provider.ProviderWithFunctions
	provider.ProviderWithListResources
	Secrets() *redact.Secrets
}

// sharedProvider is a provider that is configured once. A later Configure with the
// same arguments returns the response of the first one, so that all servers of a
// test have one session.
type sharedProvider struct {
	fullProvider

	mu         sync.Mutex
	configured []configured
}

type configured struct {
	arguments tftypes.Value
	response  provider.ConfigureResponse
}

// Configure implements [provider.Provider].
func (p *sharedProvider) Configure(
	ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse,
) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.configured {
		if c.arguments.Equal(req.Config.Raw) {
			*resp = c.response
			return
		}
	}
	p.fullProvider.Configure(ctx, req, resp)
	if !resp.Diagnostics.HasError() {
		p.configured = append(p.configured, configured{req.Config.Raw, *resp})
	}
}

// reattached starts a server of the provider that stops at the end of the test. It
// returns the path of a script that runs the CLI with this server.
func reattached(t testing.TB) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		SkipShared(t, "the CLI is a shell script")
	}
	path := filepath.Join(t.TempDir(), "cli")
	script := fmt.Sprintf("#!/bin/sh\nexport TF_REATTACH_PROVIDERS='%s'\nexec %q \"$@\"\n",
		Serve(t, awslambda.Address, newProviderServer()), CLI.Path)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil { //nolint:gosec // the CLI is executable
		t.Fatal(err)
	}
	return path
}

// Serve starts a server of a provider that stops at the end of the test. The
// address is that of the provider in Terraform's registry. Serve returns the value
// of TF_REATTACH_PROVIDERS for a CLI that uses the server.
func Serve(t testing.TB, address string, newServer func() tfprotov6.ProviderServer) string {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context())) // t.Context ends before Cleanup
	configs, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	go func() {
		err := tf6server.Serve(address, newServer,
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
	variable := map[string]any{}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		variable[host+strings.TrimPrefix(address, "registry.terraform.io")] = map[string]any{
			"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion,
			"Pid": config.Pid, "Test": true,
			"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
		}
	}
	value, err := json.Marshal(variable)
	if err != nil {
		t.Fatal(err)
	}
	return string(value)
}
