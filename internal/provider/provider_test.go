// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

// step applies the configuration of one resource with a provider block of the
// given arguments.
func step(api *acctest.API, arguments ...string) resource.TestStep {
	s := api.ApplyStep("")
	s.Check = nil
	s.Config = fmt.Sprintf("provider \"awslambda\" {\n%s\n}\n", strings.Join(arguments, "\n")) + acctest.Config("x", "f")
	return s
}

// file writes a file of the test and returns its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	region = `region = "us-east-1"`
	keys   = "access_key = \"of-block\"\nsecret_key = \"s\"\n"
)

// onlyConfigures is for [acctest.SkipShared].
const onlyConfigures = "the test is about Configure, which the other mode calls in the same way for every phase"

// TestSigningIn has provider blocks as they are written for hashicorp/aws, and
// asserts with which access key, in which region, Lambda is then called.
func TestSigningIn(t *testing.T) {
	acctest.SkipShared(t, onlyConfigures)
	profiles := file(t, "credentials", "[default]\naws_access_key_id = of-default\naws_secret_access_key = s\n"+
		"[other]\naws_access_key_id = of-other\naws_secret_access_key = s\n"+
		"[process]\ncredential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"of-process\", \"SecretAccessKey\": \"s\"}'\n")
	config := file(t, "config", "[profile other]\nregion = us-east-1\n"+
		"[profile sso]\nsso_start_url = https://sso.test/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n"+
		"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/profiles\nsource_profile = other\n")
	token := file(t, "token", "web-identity-token")
	home := ssoHome(t)
	stsURL, _ := sts(t)
	ssoURL, containerURL, metadataURL := sso(t), container(t), metadata(t)
	at := func(service, url string) string { return fmt.Sprintf("endpoints { %s = %q }", service, url) }
	environmentKeys := map[string]string{"AWS_ACCESS_KEY_ID": "of-environment", "AWS_SECRET_ACCESS_KEY": "s"}

	for name, test := range map[string]struct {
		environment map[string]string
		arguments   []string
		want        string // the access key
	}{
		"static keys":                     {nil, []string{region, keys, `token = "t"`}, "of-block"},
		"environment":                     {environmentKeys, []string{region}, "of-environment"},
		"keys before environment":         {environmentKeys, []string{region, keys}, "of-block"},
		"environment before profile":      {environmentKeys, []string{region}, "of-environment"},
		"default profile":                 {map[string]string{"AWS_REGION": "us-east-1"}, nil, "of-default"},
		"profile, with its region":        {nil, []string{`profile = "other"`}, "of-other"},
		"AWS_PROFILE":                     {map[string]string{"AWS_PROFILE": "other"}, nil, "of-other"},
		"profile before AWS_PROFILE":      {map[string]string{"AWS_PROFILE": "missing"}, []string{`profile = "other"`}, "of-other"},
		"region before AWS_REGION":        {map[string]string{"AWS_REGION": "eu-west-1"}, []string{region}, "of-default"},
		"AWS_REGION before the profile's": {map[string]string{"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}, nil, "of-default"},
		"shared files as arguments": {
			map[string]string{"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull},
			[]string{fmt.Sprintf("shared_config_files = [%q]\nshared_credentials_files = [%q]\nprofile = \"other\"", config, profiles)}, "of-other",
		},
		"credential_process": {nil, []string{region, `profile = "process"`}, "of-process"},
		"role of a profile":  {nil, []string{region, `profile = "role"`, at("sts", stsURL)}, "of-profiles"},
		"SSO":                {map[string]string{"HOME": home}, []string{region, `profile = "sso"`, at("sso", ssoURL)}, "of-sso"},
		"assume_role":        {nil, []string{region, keys, `assume_role { role_arn = "arn:aws:iam::123456789012:role/one" }`, at("sts", stsURL)}, "of-one"},
		"assume_role, chain": {nil, []string{region, keys, `assume_role { role_arn = "arn:aws:iam::123456789012:role/one" }`,
			`assume_role { role_arn = "arn:aws:iam::123456789012:role/two" }`, at("sts", stsURL)}, "of-two"},
		"profile before the environment's keys": {environmentKeys, []string{region, `profile = "process"`}, "of-process"},
		"empty strings": {nil, []string{region, `access_key = ""`, `token = ""`, `profile = ""`, `retry_mode = ""`, `ec2_metadata_service_endpoint_mode = ""`, `http_proxy = ""`,
			"assume_role { role_arn = \"\" }", "assume_role_with_web_identity {}"}, "of-default"},
		"TF_AWS_WEB_IDENTITY_TOKEN": {map[string]string{"TF_AWS_WEB_IDENTITY_TOKEN": "t"}, []string{region,
			`assume_role_with_web_identity { role_arn = "arn:aws:iam::123456789012:role/web" }`, at("sts", stsURL)}, "of-web"},
		"FIPS, with an endpoint": {nil, []string{region, keys, "use_fips_endpoint = true"}, "of-block"},
		"assume_role, empty":     {nil, []string{region, keys, `assume_role {}`}, "of-block"},
		"web identity, file":     {nil, []string{region, fmt.Sprintf("assume_role_with_web_identity {\nrole_arn = \"arn:aws:iam::123456789012:role/web\"\nweb_identity_token_file = %q\n}", token), at("sts", stsURL)}, "of-web"},
		"web identity, token":    {nil, []string{region, "assume_role_with_web_identity {\nrole_arn = \"arn:aws:iam::123456789012:role/web\"\nweb_identity_token = \"web-identity-token\"\n}", at("sts", stsURL)}, "of-web"},
		"web identity, environment": {map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/env",
			"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_ENDPOINT_URL_STS": stsURL}, []string{region}, "of-env"},
		"web identity, then a role": {nil, []string{region, "assume_role_with_web_identity {\nrole_arn = \"arn:aws:iam::123456789012:role/web\"\nweb_identity_token = \"web-identity-token\"\n}",
			`assume_role { role_arn = "arn:aws:iam::123456789012:role/two" }`, at("sts", stsURL)}, "of-two"},
		"container": {map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": containerURL, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull}, []string{region}, "of-container"},
		"instance": {map[string]string{"AWS_EC2_METADATA_DISABLED": "", "AWS_SHARED_CREDENTIALS_FILE": os.DevNull},
			[]string{region, fmt.Sprintf("skip_metadata_api_check = false\nec2_metadata_service_endpoint = %q\nec2_metadata_service_endpoint_mode = \"IPv4\"", metadataURL)}, "of-instance"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", profiles)
			t.Setenv("AWS_CONFIG_FILE", config)
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			signers := &asked{}
			api.WrapHandler(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					signers.add("%s", signer(r))
					next.ServeHTTP(w, r)
				})
			})
			applied := step(api, append(test.arguments, at("lambda", api.URL))...)
			applied.Check = func(*terraform.State) error {
				for _, r := range api.Requests() {
					if r.Region != "us-east-1" {
						return fmt.Errorf("%s was sent to %s", r.Operation, r.Region)
					}
				}
				if got := slices.Compact(signers.all()); !slices.Equal(got, []string{test.want}) {
					return fmt.Errorf("signed by %q, want %q", got, test.want)
				}
				return nil
			}
			api.Test(t, applied)
		})
	}
}

// TestRoles asserts what reaches STS: every member of the blocks, each role
// assumed with the credentials of the one before, and once for the whole run.
func TestRoles(t *testing.T) {
	const web = "WebIdentityToken=web-identity-token"
	for name, test := range map[string]struct {
		arguments []string
		want      []string
	}{
		"a chain with every member": {
			[]string{keys, `assume_role {
				role_arn = "arn:aws:iam::123456789012:role/one"
				session_name = "deploy-1"
				duration = "1h"
				external_id = "external"
				source_identity = "somebody"
				policy = "{}"
				policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
				tags = { team = "a" }
				transitive_tag_keys = ["team"]
			}
			assume_role { role_arn = "arn:aws:iam::210987654321:role/two" }`},
			[]string{
				"AssumeRole by of-block RoleArn=arn:aws:iam::123456789012:role/one RoleSessionName=deploy-1 DurationSeconds=3600 ExternalId=external " +
					"SourceIdentity=somebody Policy={} PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess Tags.member.1.Key=team TransitiveTagKeys.member.1=team",
				"AssumeRole by of-one RoleArn=arn:aws:iam::210987654321:role/two DurationSeconds=900",
			},
		},
		"web identity with every member": {
			[]string{`assume_role_with_web_identity {
				role_arn = "arn:aws:iam::123456789012:role/web"
				session_name = "deploy-2"
				duration = "30m"
				policy = "{}"
				policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
				web_identity_token = "web-identity-token"
			}`},
			[]string{"AssumeRoleWithWebIdentity RoleArn=arn:aws:iam::123456789012:role/web RoleSessionName=deploy-2 DurationSeconds=1800 Policy={} " +
				"PolicyArns.member.1.arn=arn:aws:iam::aws:policy/ReadOnlyAccess " + web},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			url, requests := sts(t)
			tf := acctest.Workspace(t, step(api, append(test.arguments, region, fmt.Sprintf("endpoints {\nlambda = %q\nsts = %q\n}", api.URL, url))...).Config)
			if err := tf.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := slices.Compact(requests.all())
			if !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

// TestConnections asserts how the API is reached.
func TestConnections(t *testing.T) {
	acctest.SkipShared(t, onlyConfigures)
	t.Run("proxy", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{Hosts: []string{"lambda.test"}}, "f")
		proxied := &asked{}
		proxy := server(t, func(w http.ResponseWriter, r *http.Request) {
			proxied.add("%s", r.URL.Host)
			api.ServeHTTP(w, r)
		})
		applied := step(api, region, keys, fmt.Sprintf("http_proxy = %q", proxy), `endpoints { lambda = "http://lambda.test" }`)
		applied.Check = func(*terraform.State) error {
			if got := slices.Compact(proxied.all()); !slices.Equal(got, []string{"lambda.test"}) {
				return fmt.Errorf("proxied: %q", got)
			}
			return nil
		}
		api.ParallelTest(t, applied)
	})

	t.Run("no_proxy", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		proxy := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		t.Setenv("HTTP_PROXY", proxy)
		api.Test(t, step(api, region, keys, `no_proxy = "127.0.0.1"`, fmt.Sprintf("endpoints { lambda = %q }", api.URL)))
	})

	t.Run("custom CA", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		tls := httptest.NewTLSServer(api)
		t.Cleanup(tls.Close)
		ca := file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tls.Certificate().Raw})))
		at := fmt.Sprintf("endpoints { lambda = %q }", tls.URL)
		refused := step(api, region, keys, at)
		refused.ExpectError = acctest.Wrapped("certificate signed by unknown authority")
		api.Test(t, refused, step(api, region, keys, fmt.Sprintf("custom_ca_bundle = %q", ca), at), step(api, region, keys, "insecure = true", at))
		t.Setenv("AWS_CA_BUNDLE", ca)
		api.Test(t, step(api, region, keys, at))
	})

	t.Run("endpoint variables", func(t *testing.T) {
		wrong := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
		for name, test := range map[string]struct {
			variables func(url string) map[string]string
			argument  bool
		}{
			"AWS_ENDPOINT_URL":        {func(url string) map[string]string { return map[string]string{"AWS_ENDPOINT_URL": url} }, false},
			"AWS_ENDPOINT_URL_LAMBDA": {func(url string) map[string]string { return map[string]string{"AWS_ENDPOINT_URL_LAMBDA": url} }, false},
			"AWS_ENDPOINT_URL_LAMBDA before the general": {func(url string) map[string]string {
				return map[string]string{"AWS_ENDPOINT_URL_LAMBDA": url, "AWS_ENDPOINT_URL": wrong}
			}, false},
			"the argument before both": {func(string) map[string]string {
				return map[string]string{"AWS_ENDPOINT_URL_LAMBDA": wrong, "AWS_ENDPOINT_URL": wrong}
			}, true},
		} {
			t.Run(name, func(t *testing.T) {
				api := acctest.NewAPI(t, emulator.Options{}, "f")
				for name, value := range test.variables(api.URL) {
					t.Setenv(name, value)
				}
				arguments := []string{region, keys}
				if test.argument {
					arguments = append(arguments, fmt.Sprintf("endpoints { lambda = %q }", api.URL))
				}
				api.Test(t, step(api, arguments...))
			})
		}
	})

	t.Run("reused", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{Latency: 5 * time.Millisecond})
		for i := range 120 {
			api.Must(api.CreateFunction(acctest.Region, fmt.Sprint("f", i)))
		}
		var opened atomic.Int32
		counting := httptest.NewUnstartedServer(api)
		counting.Config.ConnState = func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				opened.Add(1)
			}
		}
		counting.Start()
		t.Cleanup(counting.Close)
		block := strings.Replace(step(api, region, keys, fmt.Sprintf("endpoints { lambda = %q }", counting.URL)).Config, acctest.Config("x", "f"), "", 1)
		tf := acctest.Workspace(t, block+fmt.Sprintf("resource %q \"x\" {\ncount = 120\nfunction_name = \"f${count.index}\"\n}\n", acctest.Type))
		if err := tf.Apply(t.Context(), tfexec.Parallelism(30)); err != nil {
			t.Fatal(err)
		}
		// Go opens a connection more now and then while another one becomes
		// free; with its own 10 idle connections it would be far more.
		if n, calls := opened.Load(), len(api.Requests()); calls != 240 || n > 60 {
			t.Errorf("%d connections were opened for %d calls", n, calls)
		}
	})

	// The names of AWS's own endpoints, as a proxy is asked for them.
	t.Run("host names", func(t *testing.T) {
		for name, test := range map[string]struct {
			arguments   string
			environment map[string]string
			want        string
		}{
			"plain":                      {region, nil, "lambda.us-east-1.amazonaws.com:443"},
			"China":                      {`region = "cn-north-1"`, nil, "lambda.cn-north-1.amazonaws.com.cn:443"},
			"FIPS":                       {region + "\nuse_fips_endpoint = true", nil, "lambda-fips.us-east-1.amazonaws.com:443"},
			"dual-stack":                 {region + "\nuse_dualstack_endpoint = true", nil, "lambda.us-east-1.api.aws:443"},
			"AWS_USE_FIPS_ENDPOINT":      {region, map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "lambda-fips.us-east-1.amazonaws.com:443"},
			"AWS_USE_DUALSTACK_ENDPOINT": {region, map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "lambda.us-east-1.api.aws:443"},
		} {
			t.Run(name, func(t *testing.T) {
				for name, value := range test.environment {
					t.Setenv(name, value)
				}
				connects := &asked{}
				proxy := server(t, func(w http.ResponseWriter, r *http.Request) {
					connects.add("%s", r.Host)
					w.WriteHeader(http.StatusForbidden)
				})
				api := acctest.NewAPI(t, emulator.Options{}, "f")
				failing := step(api, test.arguments, keys, "max_retries = 1", fmt.Sprintf("https_proxy = %q", proxy))
				failing.ExpectError = acctest.Wrapped("ListFunctionEventInvokeConfigs of f:$LATEST")
				api.Test(t, failing)
				if got := slices.Compact(connects.all()); !slices.Equal(got, []string{test.want}) {
					t.Errorf("connected to %q, want %q", got, test.want)
				}
			})
		}
	})
}

// TestNetworkCallsOfAPlan counts what configuring and a plan with nothing to
// read cost, with credentials that would have to be asked for.
func TestNetworkCallsOfAPlan(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		want      []string
	}{
		"none":                {nil, nil},
		"a chain of roles":    {[]string{`assume_role { role_arn = "arn:aws:iam::123456789012:role/one" }`, `assume_role { role_arn = "arn:aws:iam::123456789012:role/two" }`}, nil},
		"allowed_account_ids": {[]string{keys, `allowed_account_ids = ["123456789012"]`}, []string{"GetCallerIdentity by of-block"}},
		"forbidden_account_ids": {[]string{keys, `forbidden_account_ids = ["210987654321"]`, "skip_credentials_validation = true\nskip_requesting_account_id = true"},
			[]string{"GetCallerIdentity by of-block"}},
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := sts(t)
			elsewhere := &asked{}
			other := server(t, func(w http.ResponseWriter, r *http.Request) {
				elsewhere.add("%s %s", r.Method, r.URL)
				w.WriteHeader(http.StatusForbidden)
			})
			t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", other)
			t.Setenv("AWS_EC2_METADATA_DISABLED", "false")
			t.Setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", other)
			t.Setenv("AWS_ENDPOINT_URL", other)

			api := acctest.NewAPI(t, emulator.Options{}, "f")
			planned := step(api, append(test.arguments, region, fmt.Sprintf("endpoints {\nlambda = %q\nsts = %q\n}", api.URL, url))...)
			planned.PlanOnly, planned.ExpectNonEmptyPlan = true, true
			// The test framework plans twice, and destroys nothing.
			api.Test(t, planned)
			if got := slices.Compact(requests.all()); !slices.Equal(got, test.want) || len(elsewhere.all())+len(api.Requests()) != 0 {
				t.Errorf("STS was asked %q, others %q, Lambda %q", got, elsewhere.all(), api.RequestLines())
			}
		})
	}
}

// TestOneCallForTheAccount counts exactly, with the provider as a program:
// terraform plan configures it once.
func TestOneCallForTheAccount(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	url, requests := sts(t)
	tf := acctest.Workspace(t, step(api, region, keys, `allowed_account_ids = ["123456789012"]`,
		`assume_role { role_arn = "arn:aws:iam::123456789012:role/one" }`, fmt.Sprintf("endpoints {\nlambda = %q\nsts = %q\n}", api.URL, url)).Config)
	if _, err := tf.Plan(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"AssumeRole by of-block RoleArn=arn:aws:iam::123456789012:role/one DurationSeconds=900", "GetCallerIdentity by of-one"}
	got := requests.all()
	// aws-sdk-go-base assumes a role once to see whether it can, and once more.
	if i := slices.Index(got, want[1]); i < 1 || len(got) != i+1 || !slices.Equal(slices.Compact(got[:i]), want[:1]) {
		t.Errorf("STS was asked %q, want %q", got, want)
	}
}

func TestWrongBlocks(t *testing.T) {
	url, _ := sts(t)
	at := fmt.Sprintf("endpoints { sts = %q }", url)
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no credentials":             {[]string{region}, "No valid credential sources found"},
		"no credentials, sources":    {[]string{region}, "Tried in this order: access_key and secret_key of the provider block; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"},
		"missing profile":            {[]string{region, `profile = "missing"`}, `The shared config and credentials files have no profile "missing"`},
		"access_key alone":           {[]string{`access_key = "k"`}, "access_key is set, but secret_key is not. Set both, or neither."},
		"secret_key alone":           {[]string{`secret_key = "s"`}, "secret_key is set, but access_key is not. Set both, or neither."},
		"negative retries":           {[]string{"max_retries = -1"}, "max_retries: value must be a whole number from 0 to 2147483647, got: -1. Correct it"},
		"fraction of a retry":        {[]string{"max_retries = 1.5"}, "max_retries: value must be a whole number from 0 to 2147483647, got: 1.5. Correct it, or remove it for the default."},
		"too many retries":           {[]string{"max_retries = 99999999999"}, "got: 99999999999."},
		"endless number":             {[]string{"max_retries = 1e999999"}, "got: more than 1e308."},
		"fraction of a token":        {[]string{"token_bucket_rate_limiter_capacity = 0.5"}, "token_bucket_rate_limiter_capacity: value must be a whole number from 0 to 2147483647, got: 0.5."},
		"too many tokens":            {[]string{"token_bucket_rate_limiter_capacity = 2147483648"}, "got: 2147483648."},
		"endpoint with a user":       {[]string{`endpoints { lambda = "http://user@127.0.0.1:4566" }`}, "endpoints.lambda: expected an http or https URL without user information"},
		"external ID":                {[]string{"assume_role {\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\nexternal_id = \"x\"\n}"}, "assume_role[0].external_id: expected 2 to 1224 characters."},
		"unknown retry mode":         {[]string{`retry_mode = "eager"`}, `retry_mode: got "eager", expected standard or adaptive`},
		"endpoint without a scheme":  {[]string{`endpoints { sts = "localhost:4566" }`}, `got "localhost:4566", expected an http or https URL`},
		"endpoint, whole path":       {[]string{`endpoints { lambda = "localhost:4566" }`}, `endpoints.lambda: got "localhost:4566"`},
		"policy ARN":                 {[]string{"assume_role {\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\npolicy_arns = [\"p\"]\n}"}, `assume_role[0].policy_arns: got "p"`},
		"proxy that is no URL":       {[]string{`https_proxy = "::proxy"`}, "https_proxy: expected the URL of a proxy"},
		"role ARN":                   {[]string{`assume_role { role_arn = "deploy" }`}, `assume_role[0].role_arn: got "deploy", expected an ARN of IAM`},
		"empty link of a chain":      {[]string{region, keys, "assume_role { role_arn = \"arn:aws:iam::123456789012:role/r\" }\nassume_role { role_arn = \"\" }"}, "assume_role[1].role_arn is empty"},
		"two web identity tokens":    {[]string{region, "assume_role_with_web_identity {\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\nweb_identity_token = \"t\"\nweb_identity_token_file = \"f\"\n}"}, "cannot be specified when"},
		"duration":                   {[]string{"assume_role {\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\nduration = \"1m\"\n}"}, `got "1m", expected 15 minutes to 12 hours`},
		"unreadable CA":              {[]string{region, keys, `custom_ca_bundle = "/nowhere/ca.pem"`}, "open /nowhere/ca.pem: no such file or directory"},
		"unknown region":             {[]string{`region = "us-east-9"`, keys}, `The AWS SDK does not know the region "us-east-9"`},
		"both account lists":         {[]string{`allowed_account_ids = ["123456789012"]`, `forbidden_account_ids = ["210987654321"]`}, `Attribute "forbidden_account_ids" cannot be specified when "allowed_account_ids" is specified`},
		"null in a set":              {[]string{region, keys, "allowed_account_ids = [null]"}, "Null Set Value"},
		"null in a list":             {[]string{region, keys, "user_agent = [null]"}, "Null List Value"},
		"null in a map":              {[]string{region, keys, "assume_role {\nrole_arn = \"arn:aws:iam::123456789012:role/r\"\ntags = { a = null }\n}"}, "Null Map Value"},
		"account not allowed":        {[]string{region, keys, `allowed_account_ids = ["210987654321"]`, at}, "The credentials belong to the account 123456789012, which is not allowed. Allowed accounts: 210987654321."},
		"account forbidden":          {[]string{region, keys, `forbidden_account_ids = ["123456789012"]`, at}, "The credentials belong to the account 123456789012, which is forbidden."},
		"web identity without token": {[]string{region, `assume_role_with_web_identity { role_arn = "arn:aws:iam::123456789012:role/r" }`}, "assume_role_with_web_identity requires a token. Set web_identity_token_file or web_identity_token"},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			failing := step(api, test.arguments...)
			failing.ExpectError = acctest.Wrapped(test.want)
			api.ParallelTest(t, failing)
		})
	}
}

// TestSilentSTS has STS accept the connection and not respond.
func TestSilentSTS(t *testing.T) {
	provider.SetAccountTimeout(t, time.Second)
	end := make(chan struct{})
	silent := server(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-end:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler) // otherwise it would respond
	})
	t.Cleanup(func() { close(end) })
	for name, arguments := range map[string]map[string]any{
		"account": {},
		"role":    {"assume_role": map[string]string{"role_arn": "arn:aws:iam::123456789012:role/r"}},
	} {
		t.Run(name, func(t *testing.T) {
			block := map[string]any{
				"region": "us-east-1", "access_key": "k", "secret_key": "s", "allowed_account_ids": []string{"123456789012"},
				"endpoints": map[string]string{"sts": silent},
			}
			maps.Copy(block, arguments)
			errs := readF(t, block)
			if len(errs) != 1 || !strings.Contains(errs[0], "did not respond within 1 seconds") {
				t.Errorf("got %q", errs)
			}
		})
	}
}

// TestBlockOfAnotherProvider has the arguments of a hashicorp/aws block that
// have no effect here, also with values that are not known yet.
func TestBlockOfAnotherProvider(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	applied := step(api, region, keys, fmt.Sprintf("endpoints { lambda = %q }", api.URL), `
		s3_use_path_style              = true
		s3_us_east_1_regional_endpoint = "regional"
		tag_policy_compliance          = "warning"
		default_tags {
			tags = { team = "a", id = terraform_data.later.id }
		}
		ignore_tags {
			keys         = ["a"]
			key_prefixes = ["kubernetes.io/"]
		}`)
	applied.Config += "resource \"terraform_data\" \"later\" {}\n"
	applied.Check = nil
	api.ParallelTest(t, applied, step(api, region, keys, fmt.Sprintf("endpoints { lambda = %q }", api.URL), "default_tags {}", "ignore_tags {}"))
}

// TestUnknownTagsAreKnown asserts that an unknown value of an argument without
// effect does not keep the provider from reading.
func TestUnknownTagsAreKnown(t *testing.T) {
	s := serve.Server(provider.New("test"))()
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := acctest.Object(t, schemas.Provider.ValueType(), map[string]tftypes.Value{
		"region": tftypes.NewValue(tftypes.String, "us-east-1"), "tag_policy_compliance": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
	})
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: block})
	if err != nil || len(configured.Diagnostics) != 0 {
		t.Errorf("got %v, %v", configured.Diagnostics, err)
	}
}

// TestNoCredentialsIsFoundOutOnce has many resources and a metadata service
// that has no credentials.
func TestNoCredentialsIsFoundOutOnce(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	looked := &asked{}
	none := server(t, func(w http.ResponseWriter, r *http.Request) {
		looked.add("%s", r.URL.Path)
		w.WriteHeader(http.StatusNotFound)
	})
	failing := step(api, region, fmt.Sprintf("skip_metadata_api_check = false\nec2_metadata_service_endpoint = %q\nendpoints { lambda = %q }", none, api.URL))
	failing.Config = strings.Replace(failing.Config, acctest.Config("x", "f"), fmt.Sprintf("resource %q \"x\" {\ncount = 20\nfunction_name = \"f${count.index}\"\n}\n", acctest.Type), 1)
	failing.ExpectError = acctest.Wrapped("No valid credential sources found")
	api.ParallelTest(t, failing)
	if n := len(looked.all()); n == 0 || n > 4 {
		t.Errorf("the metadata service was asked %q", looked.all())
	}
}

// TestSecretsInSettings has secrets stand where an error or a warning could
// quote them.
func TestSecretsInSettings(t *testing.T) {
	const hidden = "hunter2"
	api := acctest.NewAPI(t, emulator.Options{Hosts: []string{"lambda.test"}}, "f")
	proxy := server(t, api.ServeHTTP)
	profile := file(t, "config", "[profile p]\ncredential_process = echo 'Welcome! {\"SecretAccessKey\": \"hunter2\"}'\n")
	for name, arguments := range map[string][]string{
		"proxy":                {keys, "http_proxy = var.proxy", `endpoints { lambda = "http://lambda.test" }`},
		"proxy that is no URL": {keys, "https_proxy = \":${var.proxy}\""},
		"proxy, refused":       {keys, "max_retries = 1", "http_proxy = \"http://user:hunter2@127.0.0.1:1\"", `endpoints { lambda = "http://lambda.test" }`},
		"HTTPS proxy, refused": {keys, "max_retries = 1", "https_proxy = \"http://user:hunter2@127.0.0.1:1\"", `endpoints { lambda = "https://lambda.test" }`},
		"proxy's scheme":       {keys, "max_retries = 1", "https_proxy = \"ftp://user:hunter2@127.0.0.1:1\"", `endpoints { lambda = "https://lambda.test" }`},
		"proxy, SOCKS":         {keys, "max_retries = 1", "https_proxy = \"socks5://user:hunter2@127.0.0.1:1\"", `endpoints { lambda = "https://lambda.test" }`},
		"proxy, two arguments": {keys, "max_retries = 1", "http_proxy = \"http://user:hunter2@127.0.0.1:1\"\nhttps_proxy = \"user:hunter2@127.0.0.1:1\"", `endpoints { lambda = "https://lambda.test" }`},
		"endpoint":             {keys, "max_retries = 1", `endpoints { lambda = "http://user:hunter2@127.0.0.1:1" }`},
		"endpoint, no URL":     {keys, `endpoints { lambda = "ftp://user:hunter2@127.0.0.1:1" }`},
		"credential_process":   {fmt.Sprintf("profile = \"p\"\nshared_config_files = [%q]\nendpoints { lambda = %q }", profile, api.URL)},
	} {
		t.Run(name, func(t *testing.T) {
			variable := fmt.Sprintf("variable \"proxy\" { default = %q }\n", strings.Replace(proxy, "http://", "http://user:"+hidden+"@", 1))
			tf := acctest.Workspace(t, step(api, append(arguments, region)...).Config+variable)
			var stdout, stderr strings.Builder
			tf.SetStdout(&stdout)
			tf.SetStderr(&stderr)
			err := tf.Apply(t.Context())
			if works := name == "proxy"; works != (err == nil) {
				t.Errorf("got %v", err)
			}
			if said := stdout.String() + stderr.String(); strings.Contains(said, hidden) {
				t.Errorf("it says the secret:\n%s", said)
			}
		})
	}
}

// TestPrecedence has an argument beside the environment variable of the same
// meaning, for settings that TestSigningIn does not see.
func TestPrecedence(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		arguments   string
		attempts    int
	}{
		"AWS_MAX_ATTEMPTS":                    {map[string]string{"AWS_MAX_ATTEMPTS": "3"}, "", 3},
		"max_retries":                         {nil, "max_retries = 2", 2},
		"max_retries before AWS_MAX_ATTEMPTS": {map[string]string{"AWS_MAX_ATTEMPTS": "5"}, "max_retries = 2", 2},
		"adaptive":                            {map[string]string{"AWS_RETRY_MODE": "standard"}, "max_retries = 2\nretry_mode = \"adaptive\"", 2},
		"max_attempts of the profile":         {map[string]string{"AWS_CONFIG_FILE": file(t, "config", "[default]\nmax_attempts = 4\n")}, "", 4},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			failing := step(api, region, keys, test.arguments, fmt.Sprintf("endpoints { lambda = %q }", api.URL))
			failing.ExpectError = acctest.Wrapped("500 ServiceException: no")
			failing.PreConfig = func() {
				api.AddFault(emulator.Fault{Times: 100, Status: 500, Code: "ServiceException", Message: "no"})
			}
			api.Test(t, failing)
			if n := len(api.Requests()); n != test.attempts {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
		})
	}
}

func TestRegionThatTheSDKDoesNotKnow(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	api.Must(api.CreateFunction("us-east-9", "f"))
	api.ParallelTest(t, step(api, `region = "us-east-9"`, keys, "skip_region_validation = true", fmt.Sprintf("endpoints { lambda = %q }", api.URL)))
}

func TestUserAgent(t *testing.T) {
	t.Setenv("TF_APPEND_USER_AGENT", "appended/3")
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	agents := &asked{}
	api.WrapHandler(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			agents.add("%s", r.UserAgent())
			next.ServeHTTP(w, r)
		})
	})
	api.Test(t, step(api, region, keys, `user_agent = ["pipeline/2 (nightly)"]`, fmt.Sprintf("endpoints { lambda = %q }", api.URL)))
	cli := "Terraform/" + acctest.CLI.Version
	if acctest.CLI.OpenTofu { // to a provider it says that it is a Terraform, of a version that it has never had
		cli = "Terraform/1."
	}
	for _, agent := range agents.all() {
		for _, want := range []string{cli, "terraform-provider-awslambda/test (+https://", "pipeline/2 (nightly)", "appended/3"} {
			if !strings.Contains(agent, want) {
				t.Fatalf("%q does not name %q", agent, want)
			}
		}
	}
}

// TestNotKnownYet has the provider's region come from another resource: what
// can be planned is, nothing is replaced for it, and nothing is read.
func TestNotKnownYet(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	at := fmt.Sprintf("endpoints { lambda = %q }", api.URL)
	later := func(trigger string) resource.TestStep {
		s := step(api, "region = terraform_data.later.output", keys, at)
		s.Config += fmt.Sprintf("resource \"terraform_data\" \"later\" {\ninput = \"us-east-1\"\ntriggers_replace = %q\n}\n", trigger)
		return s
	}
	second := later("2")
	second.PreConfig = api.ClearRequests
	second.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(acctest.Type+".x", plancheck.ResourceActionNoop), nothingSent{api},
	}
	api.ParallelTest(t, later("1"), second)
}

// TestNotKnownEvenWhenApplying has what the provider's region comes from gone
// from the state, which Terraform lets through to a destroy.
func TestNotKnownEvenWhenApplying(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t, step(api, "region = terraform_data.later.output", keys, fmt.Sprintf("endpoints { lambda = %q }", api.URL)).Config+
		"resource \"terraform_data\" \"later\" { input = \"us-east-1\" }\n")
	if err := errors.Join(tf.Apply(t.Context()), tf.StateRm(t.Context(), "terraform_data.later")); err != nil {
		t.Fatal(err)
	}
	if err := tf.Destroy(t.Context()); err == nil || !acctest.Wrapped("Lambda cannot be called in this run").MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
}

// nothingSent is a plan check that planning has sent nothing to Lambda.
type nothingSent struct{ api *acctest.API }

func (c nothingSent) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	if sent := c.api.RequestLines(); len(sent) > 0 {
		resp.Error = fmt.Errorf("sent: %q", sent)
	}
}

// TestNothingSecretIsSaid greps everything that a run leaves and prints, the
// TRACE log among it.
func TestNothingSecretIsSaid(t *testing.T) {
	acctest.SkipShared(t, "the CLI does not have the log of a provider that it did not start")
	for name, test := range map[string]struct {
		arguments string
		secrets   []string
	}{
		"keys and roles": {"access_key = \"of-block\"\nsecret_key = \"secret-of-the-block\"\ntoken = \"token-of-the-block\"\n" +
			`assume_role { role_arn = "arn:aws:iam::123456789012:role/one" }`, []string{"secret-of-the-block", "token-of-the-block", secretOfServer, tokenOfServer}},
		"web identity": {"assume_role_with_web_identity {\nrole_arn = \"arn:aws:iam::123456789012:role/web\"\nweb_identity_token = \"web-identity-secret\"\n}",
			[]string{"web-identity-secret", secretOfServer, tokenOfServer}},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			url, _ := sts(t)
			at := fmt.Sprintf("endpoints {\nlambda = %q\nsts = %q\n}", api.URL, url)
			tf := acctest.Workspace(t, step(api, region, test.arguments, `max_retries = 3`, at).Config)
			dir := tf.WorkingDir()
			log := filepath.Join(t.TempDir(), "log")
			var stdout, stderr strings.Builder
			tf.SetStdout(&stdout)
			tf.SetStderr(&stderr)
			if err := errors.Join(tf.SetLog("TRACE"), tf.SetLogPath(log)); err != nil {
				t.Fatal(err)
			}
			api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 500, Code: "ServiceException"})
			if err := tf.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			api.AddFault(emulator.Fault{Status: 403, Code: "InvalidSignatureException",
				Message: "The Canonical String for this request should have been\n'GET\nx-amz-security-token:" + strings.Join(test.secrets, "\nx-amz-security-token:") + "\n'"})
			if err := tf.Destroy(t.Context()); err == nil {
				t.Error("the error that was to be looked at did not come")
			}
			if err := tf.Destroy(t.Context()); err != nil {
				t.Fatal(err)
			}
			files := map[string]string{"stdout": stdout.String(), "stderr": stderr.String()}
			for _, path := range []string{log, filepath.Join(dir, "terraform.tfstate"), filepath.Join(dir, "terraform.tfstate.backup")} {
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				files[filepath.Base(path)] = string(content)
			}
			for _, want := range []string{"operation=PutFunctionEventInvokeConfig", "function=f", "region=us-east-1", "attempt=2", "duration_ms=", "status=500", "request_id="} {
				if !slices.ContainsFunc(strings.Split(files["log"], "\n"), func(line string) bool {
					return strings.Contains(line, "Lambda call") && strings.Contains(line, want)
				}) {
					t.Errorf("no call in the log has %s", want)
				}
			}
			for name, content := range files {
				for _, secret := range test.secrets {
					if i := strings.Index(content, secret); i >= 0 {
						t.Errorf("%s has %s: …%s…", name, secret, content[max(0, i-300):min(len(content), i+100)])
					}
				}
			}
		})
	}
}
