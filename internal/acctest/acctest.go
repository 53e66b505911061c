// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package acctest is what acceptance tests share: a real CLI, the provider
// under test, and an emulator of Lambda for each test.
package acctest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/account"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

const (
	// Region is where the tests' functions are.
	Region = "us-east-1"

	// Account is the account of the tests' functions.
	Account = "123456789012"
)

// CLI is the Terraform or OpenTofu that the tests of this process run. It is
// set by Main.
var CLI terraformcli.CLI

var awsRole = flag.String("aws", "", "run on the real AWS account of the environment's credentials, with this `execution role` "+
	"(its ARN) for functions; see CONTRIBUTING.md")

// realAccount is what tests run on with -aws, nil without it.
var realAccount *account.Account

// Main runs the tests of a package with a CLI. It is to be called from
// TestMain with what is to be exited with.
func Main(m *testing.M) (code int) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "acctest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	leave, err := enterAccount()
	if err == nil {
		if err = prepare(dir); err == nil {
			code = m.Run()
		}
		err = errors.Join(err, leave())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// enterAccount signs in where -aws says so. What tests have made is removed by
// leave, or when the process is told to end.
func enterAccount() (leave func() error, err error) {
	if *awsRole == "" {
		return func() error { return nil }, nil
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	realAccount, err = account.SignIn(ctx, *awsRole, Account)
	if err != nil {
		stop()
		return nil, err
	}
	removeAll := func() error { return realAccount.Close(context.WithoutCancel(ctx)) }
	finished := context.AfterFunc(ctx, func() {
		fmt.Fprintln(os.Stderr, "interrupted; removing what was made:", removeAll())
		os.Exit(1)
	})
	return func() error {
		finished()
		stop()
		return removeAll()
	}, nil
}

// prepare sets what terraform-plugin-testing takes from the environment, and
// takes out of it whatever could lead to somebody's real account.
func prepare(dir string) error {
	cli, err := terraformcli.Find(context.Background(), os.Stderr)
	if err != nil {
		return err
	}
	CLI = cli
	overrides.dir = dir
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		return err
	}
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
		}
	}
	set := map[string]string{
		"TF_ACC_TERRAFORM_PATH":       cli.Path,
		"TF_CLI_CONFIG_FILE":          empty, // OpenTofu fails on one that is missing
		"CHECKPOINT_DISABLE":          "1",
		"AWS_CONFIG_FILE":             empty,
		"AWS_SHARED_CREDENTIALS_FILE": empty,
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
	if cli.OpenTofu {
		set["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
	}
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// API is a Lambda for one test: an emulator or, with -aws, a real account with
// an emulator before it, which records the calls and plays faults.
type API struct {
	stage
	front

	// URL is where it listens.
	URL string

	t testing.TB
}

// stage is what a test can do behind the provider's back; see
// [emulator.Emulator].
type stage interface {
	CreateFunction(region, function string) error
	DeleteFunction(region, function, qualifier string) error
	PublishVersion(region, function string) (string, error)
	CreateAlias(region, function, name, version string) error
	DeleteAlias(region, function, name string) error
	PutConfig(region, function, qualifier string, config emulator.Config) error
	DeleteConfig(region, function, qualifier string) error
	Config(region, function, qualifier string) (emulator.Config, bool)
	Configs() []string
}

// front is the emulator, one level down, so that API has the methods of stage
// from there.
type front struct{ *emulator.Emulator }

// NewAPI starts a Lambda that lasts as long as the test, with a function of
// every given name in Region. On a real account, what options say of the
// emulator's memory does not count.
func NewAPI(t testing.TB, options emulator.Options, functions ...string) *API {
	t.Helper()
	api := &API{t: t}
	if realAccount == nil {
		api.Emulator = emulator.New(options)
		api.stage = api.Emulator
	} else {
		own := realAccount.Stage(t.Context())
		t.Cleanup(func() { api.Must(own.Close(context.WithoutCancel(t.Context()))) })
		options.Upstream = own
		api.Emulator = emulator.New(options)
		api.stage = own
	}
	server := httptest.NewServer(api.Emulator)
	t.Cleanup(server.Close)
	api.URL = server.URL
	for _, f := range functions {
		api.Must(api.CreateFunction(Region, f))
	}
	return api
}

// OnlyEmulated skips the test with -aws; why says what of an account it takes.
func OnlyEmulated(t testing.TB, why string) {
	t.Helper()
	if realAccount != nil {
		t.Skip("not on a real account: " + why)
	}
}

// Behind puts a handler between the provider and the API, such as one that
// plays another deployment of it.
func (a *API) Behind(wrap func(http.Handler) http.Handler) {
	server := httptest.NewServer(wrap(a.Emulator))
	a.t.Cleanup(server.Close)
	a.URL = server.URL
}

// Must ends the test where setting the stage failed.
func (a *API) Must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// ProviderBlock returns a provider block for the API; the alias may be empty.
func (a *API) ProviderBlock(alias, region string) string {
	if alias != "" {
		alias = fmt.Sprintf("alias = %q", alias)
	}
	return fmt.Sprintf(`
provider "awslambda" {
  %s
  region     = %q
  access_key = "test"
  secret_key = "test"
  endpoints { lambda = %q }
}
`, alias, region, a.URL)
}

// Sent returns what was sent to the API since it was last cleared, one line
// for each request: the operation's short name, the function with its
// qualifier, the body, and the status unless it is a success.
// "Update f:live {"MaximumRetryAttempts":0}" for one.
func (a *API) Sent() []string {
	lines := []string{}
	for _, r := range a.Requests() {
		line := strings.Replace(strings.Replace(r.Operation, "FunctionEventInvokeConfig", "", 1), "Lists", "List", 1)
		if r.Function != "" {
			line += " " + r.Function
		}
		if r.Qualifier != "" {
			line += ":" + r.Qualifier
		}
		if r.Body != nil {
			line += " " + canonical(r.Body)
		}
		if r.Status < 200 || r.Status > 299 {
			line += fmt.Sprintf(" -> %d", r.Status)
		}
		lines = append(lines, line)
	}
	return lines
}

// Writes returns the lines of Sent that are no reads.
func (a *API) Writes() []string {
	return slices.DeleteFunc(a.Sent(), func(line string) bool {
		return strings.HasPrefix(line, "List") || strings.HasPrefix(line, "Get ")
	})
}

// canonical returns a JSON object with its members in order.
func canonical(body json.RawMessage) string {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return string(body)
	}
	sorted, err := json.Marshal(v)
	if err != nil {
		return string(body)
	}
	return string(sorted)
}
