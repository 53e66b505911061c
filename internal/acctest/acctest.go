// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package acctest runs acceptance tests: a Terraform or OpenTofu CLI, the provider
// under test, and an emulator of Lambda for each test.
package acctest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

const (
	// Region is the region of the provider blocks and functions of tests.
	Region = "us-east-1"

	// Account is the account of the functions of tests.
	Account = "123456789012"
)

// CLI is the CLI that the tests of this process run. [Main] sets it.
var CLI terraformcli.CLI

// Main runs the tests of a package and returns the exit code. TestMain of each
// package with acceptance tests calls it.
func Main(m *testing.M) int { return runWithCLI(m.Run) }

func runWithCLI(run func() int) int {
	// Tests are idle while their CLI runs, about half of the time. -test.parallel on
	// the command line takes precedence.
	if err := flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	flag.Parse()
	dir, err := os.MkdirTemp("", "acctest")
	if err == nil {
		defer func() { _ = os.RemoveAll(dir) }()
		err = prepare(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return run()
}

// prepare sets the environment variables of terraform-plugin-testing. It removes
// variables with which a test might find credentials of an AWS account.
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
		"TF_CLI_CONFIG_FILE":          empty, // OpenTofu fails if the file is missing
		"CHECKPOINT_DISABLE":          "1",
		"AWS_CONFIG_FILE":             empty,
		"AWS_SHARED_CREDENTIALS_FILE": empty,
		"AWS_EC2_METADATA_DISABLED":   "true",
	}
	if os.Getenv("TF_LOG") == "" { // a provider in the test's process logs to standard error
		for _, logger := range []string{"SDK", "SDK_FRAMEWORK", "SDK_PROTO", "PROVIDER_AWSLAMBDA"} {
			set["TF_LOG_"+logger] = "OFF"
		}
	}
	if cli.OpenTofu {
		set["TF_ACC_PROVIDER_HOST"] = "registry.opentofu.org"
	}
	if os.Getenv("GOGC") == "" { // garbage collection takes a third of the CPU time of a short-lived CLI
		set["GOGC"], set["GOMEMLIMIT"] = "off", "1GiB"
	}
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// API is the Lambda API of one test: an emulator that listens on the loopback
// interface.
type API struct {
	*emulator.Emulator

	// URL is the API's endpoint.
	URL string

	t testing.TB
}

// NewAPI starts an API with functions of the given names in Region. It stops at
// the end of the test.
func NewAPI(t testing.TB, options emulator.Options, functions ...string) *API {
	t.Helper()
	api := &API{Emulator: emulator.New(options), t: t}
	server := httptest.NewServer(api.Emulator)
	t.Cleanup(server.Close)
	api.URL = server.URL
	for _, f := range functions {
		api.Must(api.CreateFunction(Region, f))
	}
	return api
}

// WrapHandler serves the API through the handler that wrap returns, and changes
// URL. The handler can respond like another implementation of Lambda.
func (a *API) WrapHandler(wrap func(http.Handler) http.Handler) {
	server := httptest.NewServer(wrap(a.Emulator))
	a.t.Cleanup(server.Close)
	a.URL = server.URL
}

// Must ends the test if err is not nil.
func (a *API) Must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// ProviderBlock returns HCL of a provider block for the API. An empty alias means
// the default provider configuration.
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

// RequestLines returns one line for each request since ClearRequests. A line has
// the operation without "FunctionEventInvokeConfig", the function with its
// qualifier, the body, and a status other than 2xx:
//
//	Update f:live {"MaximumRetryAttempts":0} -> 404
func (a *API) RequestLines() []string {
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

// WriteLines is [API.RequestLines] without List and Get.
func (a *API) WriteLines() []string {
	return slices.DeleteFunc(a.RequestLines(), func(line string) bool {
		return strings.HasPrefix(line, "List") || strings.HasPrefix(line, "Get ")
	})
}

// canonical returns JSON with sorted members.
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

// CreateDeadLetterFunction creates a function in Region with a dead-letter queue.
func (a *API) CreateDeadLetterFunction(name, queue string) {
	a.t.Helper()
	body := fmt.Sprintf(`{"FunctionName":%q,"DeadLetterConfig":{"TargetArn":%q}}`, name, queue)
	request := httptest.NewRequestWithContext(a.t.Context(), http.MethodPost,
		"http://localhost/2015-03-31/functions", strings.NewReader(body))
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261124/"+Region+"/lambda/aws4_request")
	response := httptest.NewRecorder()
	a.ServeHTTP(response, request)
	if response.Code != http.StatusCreated {
		a.t.Fatalf("%d: %s", response.Code, response.Body)
	}
	a.ClearRequests()
}
