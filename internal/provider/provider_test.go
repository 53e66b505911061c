// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

// step applies the configuration of one resource with a provider block of the
// given arguments beside the endpoint.
func step(api *acctest.API, arguments ...string) resource.TestStep {
	s := api.Apply("")
	s.Check = nil
	s.Config = fmt.Sprintf("provider \"awslambda\" {\n%s\nendpoints { lambda = %q }\n}\n", strings.Join(arguments, "\n"), api.URL) +
		acctest.Config("x", "f")
	return s
}

// signers puts a handler before the API that writes down which access keys
// the requests were signed with.
func signers(api *acctest.API, keys *[]string) {
	api.Behind(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
			key, _, _ := strings.Cut(scope, "/")
			*keys = append(*keys, key)
			next.ServeHTTP(w, r)
		})
	})
}

func TestCredentials(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	profiles := "[default]\naws_access_key_id = of-default\naws_secret_access_key = s\n" +
		"[other]\naws_access_key_id = of-other\naws_secret_access_key = s\nregion = us-east-1\n"
	if err := os.WriteFile(file, []byte(profiles), 0o600); err != nil {
		t.Fatal(err)
	}
	const region = `region = "us-east-1"`
	for name, test := range map[string]struct {
		environment map[string]string
		arguments   []string
		want        string
	}{
		"arguments":                          {nil, []string{region, `access_key = "of-block"`, `secret_key = "s"`, `token = "t"`}, "of-block"},
		"environment":                        {map[string]string{"AWS_ACCESS_KEY_ID": "of-environment", "AWS_SECRET_ACCESS_KEY": "s"}, []string{region}, "of-environment"},
		"arguments before environment":       {map[string]string{"AWS_ACCESS_KEY_ID": "of-environment", "AWS_SECRET_ACCESS_KEY": "s"}, []string{region, `access_key = "of-block"`, `secret_key = "s"`}, "of-block"},
		"default profile":                    {map[string]string{"AWS_REGION": "us-east-1"}, nil, "of-default"},
		"profile, with its region":           {nil, []string{`profile = "other"`}, "of-other"},
		"profile of the environment":         {map[string]string{"AWS_PROFILE": "other"}, nil, "of-other"},
		"profile argument before its other":  {map[string]string{"AWS_PROFILE": "missing"}, []string{`profile = "other"`}, "of-other"},
		"region argument before environment": {map[string]string{"AWS_REGION": "eu-west-1"}, []string{region}, "of-default"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			var keys []string
			signers(api, &keys)
			applied := step(api, test.arguments...)
			applied.Check = func(*terraform.State) error {
				for _, r := range api.Requests() {
					if r.Region != "us-east-1" {
						return fmt.Errorf("%s was sent to %s", r.Operation, r.Region)
					}
				}
				for _, key := range keys {
					if key != test.want {
						return fmt.Errorf("signed with %q", keys)
					}
				}
				if len(keys) == 0 {
					return errors.New("nothing was signed")
				}
				return nil
			}
			api.RunAlone(t, applied)
		})
	}
}

// TestConfiguringMakesNoCall has a plan with nothing to read, with credentials
// that would have to be asked for.
func TestConfiguringMakesNoCall(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", server.URL)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
	t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.URL)
	t.Setenv("AWS_ENDPOINT_URL", server.URL)

	api := acctest.NewAPI(t, emulator.Options{}, "f")
	planned := step(api, `region = "us-east-1"`)
	planned.PlanOnly, planned.ExpectNonEmptyPlan = true, true
	api.RunAlone(t, planned)
	if n := calls.Load() + int32(len(api.Requests())); n != 0 { //nolint:gosec // a handful
		t.Errorf("%d calls", n)
	}
}

func TestWrongBlocks(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no credentials":            {[]string{`region = "us-east-1"`}, "No valid credential sources found"},
		"missing profile":           {[]string{`region = "us-east-1"`, `profile = "missing"`}, "missing"},
		"access_key alone":          {[]string{`access_key = "k"`}, `Attribute "secret_key" must be specified when "access_key" is specified`},
		"secret_key alone":          {[]string{`secret_key = "s"`}, `Attribute "access_key" must be specified when "secret_key" is specified`},
		"negative retries":          {[]string{"max_retries = -1"}, "must be at least 0, got: -1"},
		"endpoint without a scheme": {[]string{`endpoints { sts = "localhost:4566" }`}, `"localhost:4566" is not the URL of an API`},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			failing := step(api, test.arguments...)
			failing.ExpectError = acctest.Wrapped(test.want)
			api.Run(t, failing)
		})
	}
}

func TestMaxRetries(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	failing := step(api, `region = "us-east-1"`, `access_key = "k"`, `secret_key = "s"`, "max_retries = 1")
	failing.ExpectError = acctest.Wrapped("500 ServiceException: no")
	failing.PreConfig = func() {
		api.AddFault(emulator.Fault{Times: 100, Status: 500, Code: "ServiceException", Message: "no"})
	}
	api.Run(t, failing)
	if n := len(api.Requests()); n != 2 {
		t.Errorf("%d attempts, want 2", n)
	}
}

// TestNotKnownYet has an argument come from another resource.
func TestNotKnownYet(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	failing := step(api, "region = terraform_data.later.output")
	failing.Config += `resource "terraform_data" "later" { input = "us-east-1" }`
	failing.ExpectError = acctest.Wrapped("Provider configuration not known yet")
	api.Run(t, failing)
}
