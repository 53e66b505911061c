// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/pem"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
)

// TestAccAuthentication_usesSourceOfCredentials checks the access key and the
// region of the calls to Lambda for each source of credentials.
func TestAccAuthentication_usesSourceOfCredentials(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	credentials := writeFile(t, "[default]\naws_access_key_id = of-default\naws_secret_access_key = s\n"+
		"[other]\naws_access_key_id = of-other\naws_secret_access_key = s\n"+
		"[process]\ncredential_process = echo "+
		"'{\"Version\": 1, \"AccessKeyId\": \"of-process\", \"SecretAccessKey\": \"s\"}'\n")
	config := writeFile(t, "[profile other]\nregion = us-east-1\n[profile sso]\n"+ssoProfile+
		"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/profiles\nsource_profile = other\n")
	tokenFile := writeFile(t, "web-identity-token")
	home := ssoHome(t, time.Now().Add(time.Hour))
	stsURL, _ := newSTS(t)
	ssoURL, metadataURL := newServer(t, handleSSO), newServer(t, handleMetadata)
	const token = `web_identity_token = "web-identity-token"`
	type environment = map[string]string
	environmentKeys := environment{"AWS_ACCESS_KEY_ID": "of-environment", "AWS_SECRET_ACCESS_KEY": "s"}

	for name, test := range map[string]struct {
		environment environment
		block       string
		endpoint    string // service and URL, beside that of Lambda
		want        string // the access key
	}{
		"keys":                       {nil, region + keys + `token = "t"`, "", "of-block"},
		"environment":                {environmentKeys, region, "", "of-environment"},
		"keys before environment":    {environmentKeys, region + keys, "", "of-block"},
		"default profile":            {environment{"AWS_REGION": "us-east-1"}, "", "", "of-default"},
		"profile with a region":      {nil, `profile = "other"`, "", "of-other"},
		"profile before environment": {environmentKeys, region + `profile = "process"`, "", "of-process"},
		"AWS_PROFILE":                {environment{"AWS_PROFILE": "other"}, "", "", "of-other"},
		"profile before AWS_PROFILE": {environment{"AWS_PROFILE": "missing"}, `profile = "other"`, "", "of-other"},
		"region before AWS_REGION":   {environment{"AWS_REGION": "eu-west-1"}, region, "", "of-default"},
		"AWS_REGION before the default": {
			environment{"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "eu-west-1"}, "", "", "of-default"},
		"shared files": {
			environment{"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull},
			fmt.Sprintf("shared_config_files = [%q]\nshared_credentials_files = [%q]\nprofile = \"other\"", config, credentials),
			"", "of-other",
		},
		"credential_process":    {nil, region + `profile = "process"`, "", "of-process"},
		"role of a profile":     {nil, region + `profile = "role"`, "sts " + stsURL, "of-profiles"},
		"SSO":                   {environment{"HOME": home}, region + `profile = "sso"`, "sso " + ssoURL, "of-sso"},
		"assume_role":           {nil, region + keys + assumeRole("one"), "sts " + stsURL, "of-one"},
		"assume_role, chain":    {nil, region + keys + assumeRole("one") + assumeRole("two"), "sts " + stsURL, "of-two"},
		"assume_role, empty":    {nil, region + keys + `assume_role {}`, "", "of-block"},
		"FIPS with an endpoint": {nil, region + keys + "use_fips_endpoint = true", "", "of-block"},
		"web identity, token":   {nil, region + webIdentity(token), "sts " + stsURL, "of-web"},
		"web identity, token file": {
			nil, region + webIdentity(fmt.Sprintf("web_identity_token_file = %q", tokenFile)), "sts " + stsURL, "of-web"},
		"web identity, then a role": {nil, region + webIdentity(token) + assumeRole("two"), "sts " + stsURL, "of-two"},
		"TF_AWS_WEB_IDENTITY_TOKEN": {
			environment{"TF_AWS_WEB_IDENTITY_TOKEN": "t"}, region + webIdentity(), "sts " + stsURL, "of-web"},
		"AWS_WEB_IDENTITY_TOKEN_FILE": {environment{"AWS_WEB_IDENTITY_TOKEN_FILE": tokenFile, "AWS_ROLE_ARN": roleARN("env"),
			"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_ENDPOINT_URL_STS": stsURL}, region, "", "of-env"},
		"container": {environment{"AWS_CONTAINER_CREDENTIALS_FULL_URI": newServer(t, handleContainer),
			"AWS_SHARED_CREDENTIALS_FILE": os.DevNull}, region, "", "of-container"},
		"instance": {environment{"AWS_EC2_METADATA_DISABLED": "", "AWS_SHARED_CREDENTIALS_FILE": os.DevNull},
			region + fmt.Sprintf("skip_metadata_api_check = false\nec2_metadata_service_endpoint = %q\n", metadataURL) +
				`ec2_metadata_service_endpoint_mode = "IPv4"`, "", "of-instance"},
		"empty strings": {nil, region + "access_key = \"\"\ntoken = \"\"\nprofile = \"\"\nretry_mode = \"\"\n" +
			"http_proxy = \"\"\nec2_metadata_service_endpoint_mode = \"\"\nassume_role { role_arn = \"\" }\n" +
			"assume_role_with_web_identity {}",
			"", "of-default"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", credentials)
			t.Setenv("AWS_CONFIG_FILE", config)
			setEnvironment(t, test.environment)
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			signers := &requestLog{}
			lambda := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				signers.add("%s", signingKey(r))
				api.ServeHTTP(w, r)
			})
			step := applyStep(test.block, endpoints(append(strings.Fields(test.endpoint), "lambda", lambda)...))
			step.Check = func(*terraform.State) error {
				for _, r := range api.Requests() {
					if r.Region != "us-east-1" {
						return fmt.Errorf("%s was sent to %s", r.Operation, r.Region)
					}
				}
				if got := signers.compact(); !slices.Equal(got, []string{test.want}) {
					return fmt.Errorf("signed with %q, want %q", got, test.want)
				}
				return nil
			}
			api.Test(t, step)
		})
	}
}

// TestAccRoles_sendAllArguments checks the requests to STS. Each role of a chain
// is assumed with the credentials of the previous one.
func TestAccRoles_sendAllArguments(t *testing.T) {
	const policyARN = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	for name, test := range map[string]struct {
		block string
		want  []string
	}{
		"chain": {
			keys + assumeRole("one", `session_name = "deploy-1"`, `duration = "1h"`, `external_id = "external"`,
				`source_identity = "somebody"`, `policy = "{}"`, `policy_arns = ["`+policyARN+`"]`, `tags = { team = "a" }`,
				`transitive_tag_keys = ["team"]`) + assumeRole("two"),
			[]string{
				"AssumeRole by of-block RoleArn=" + roleARN("one") + " RoleSessionName=deploy-1 DurationSeconds=3600 " +
					"ExternalId=external SourceIdentity=somebody Policy={} PolicyArns.member.1.arn=" + policyARN +
					" Tags.member.1.Key=team TransitiveTagKeys.member.1=team",
				"AssumeRole by of-one RoleArn=" + roleARN("two") + " DurationSeconds=900",
			},
		},
		"web identity": {
			webIdentity(`session_name = "deploy-2"`, `duration = "30m"`, `policy = "{}"`, `policy_arns = ["`+policyARN+`"]`,
				`web_identity_token = "web-identity-token"`),
			[]string{"AssumeRoleWithWebIdentity RoleArn=" + roleARN("web") + " RoleSessionName=deploy-2 DurationSeconds=1800 " +
				"Policy={} PolicyArns.member.1.arn=" + policyARN + " WebIdentityToken=web-identity-token"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			url, requests := newSTS(t)
			tf := acctest.Workspace(t, configuration(test.block, region, endpoints("lambda", api.URL, "sts", url)))
			if err := tf.Apply(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := requests.compact(); !slices.Equal(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestAccProxy(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	t.Run("http_proxy receives requests", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{Hosts: []string{"lambda.test"}}, "f")
		proxied := &requestLog{}
		proxy := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			proxied.add("%s", r.URL.Host)
			api.ServeHTTP(w, r)
		})
		api.ParallelTest(t, applyStep(region, keys, fmt.Sprintf("http_proxy = %q", proxy),
			endpoints("lambda", "http://lambda.test")))
		if got := proxied.compact(); !slices.Equal(got, []string{"lambda.test"}) {
			t.Errorf("proxied requests to %q", got)
		}
	})
	t.Run("no_proxy bypasses HTTP_PROXY", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		denyOtherHosts(t)
		api.Test(t, applyStep(region, keys, `no_proxy = "127.0.0.1"`, endpoints("lambda", api.URL)))
	})
}

func TestAccCertificates(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := httptest.NewTLSServer(api)
	t.Cleanup(server.Close)
	ca := writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	block := region + keys + endpoints("lambda", server.URL)
	api.Test(t, failStep("certificate signed by unknown authority", block),
		applyStep(block, fmt.Sprintf("custom_ca_bundle = %q", ca)), applyStep(block, "insecure = true"))
	t.Setenv("AWS_CA_BUNDLE", ca)
	api.Test(t, applyStep(block))
}

func TestAccConnections_areReused(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	api := acctest.NewAPI(t, emulator.Options{Latency: 5 * time.Millisecond})
	for i := range 120 {
		api.Must(api.CreateFunction(acctest.Region, fmt.Sprint("f", i)))
	}
	var opened atomic.Int32
	server := httptest.NewUnstartedServer(api)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	tf := acctest.Workspace(t, configurationOf(120, region, keys, endpoints("lambda", server.URL)))
	if err := tf.Apply(t.Context(), tfexec.Parallelism(30)); err != nil {
		t.Fatal(err)
	}
	// While it waits for a connection, Go may open another one. With Go's default
	// of 10 idle connections, there would be far more than 60.
	if n, calls := opened.Load(), len(api.Requests()); calls != 240 || n > 60 {
		t.Errorf("%d connections were opened for %d calls", n, calls)
	}
}

// TestAccPlan_makesFewNetworkCalls counts the calls of a plan that reads nothing.
func TestAccPlan_makesFewNetworkCalls(t *testing.T) {
	assumed := "AssumeRole by of-block RoleArn=" + roleARN("one") + " DurationSeconds=900"
	for name, test := range map[string]struct {
		block string
		want  []string // calls to STS
	}{
		"no credentials":      {"", nil},
		"chain of roles":      {assumeRole("one") + assumeRole("two"), nil},
		"allowed_account_ids": {keys + `allowed_account_ids = ["123456789012"]`, []string{"GetCallerIdentity by of-block"}},
		"forbidden_account_ids": {keys + "forbidden_account_ids = [\"210987654321\"]\nskip_credentials_validation = true\n" +
			"skip_requesting_account_id = true", []string{"GetCallerIdentity by of-block"}},
		"allowed_account_ids and a role": {keys + assumeRole("one") + `allowed_account_ids = ["123456789012"]`,
			[]string{assumed, "GetCallerIdentity by of-one"}},
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := newSTS(t)
			others := &requestLog{}
			other := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				others.add("%s %s", r.Method, r.URL)
				w.WriteHeader(http.StatusForbidden)
			})
			setEnvironment(t, map[string]string{
				"AWS_CONTAINER_CREDENTIALS_FULL_URI": other, "AWS_EC2_METADATA_DISABLED": "false",
				"AWS_EC2_METADATA_SERVICE_ENDPOINT": other, "AWS_ENDPOINT_URL": other,
			})
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			tf := acctest.Workspace(t, configuration(test.block, region, endpoints("lambda", api.URL, "sts", url)))
			if _, err := tf.Plan(t.Context()); err != nil {
				t.Fatal(err)
			}
			// aws-sdk-go-base assumes a role once more to validate it.
			got := slices.CompactFunc(requests.all(), func(a, b string) bool { return a == assumed && b == assumed })
			if !slices.Equal(got, test.want) || len(others.all())+len(api.Requests()) != 0 {
				t.Errorf("calls to STS %q, want %q; to others %q, to Lambda %q", got, test.want, others.all(), api.RequestLines())
			}
		})
	}
}

// TestAccountCheck_timesOut has an STS that accepts connections and does not
// respond.
func TestAccountCheck_timesOut(t *testing.T) {
	provider.SetAccountTimeout(t, time.Second)
	end := make(chan struct{})
	url := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-end:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler) // sends no response
	})
	t.Cleanup(func() { close(end) })
	for name, arguments := range map[string]map[string]any{
		"account": {},
		"role":    {"assume_role": map[string]string{"role_arn": roleARN("r")}},
	} {
		t.Run(name, func(t *testing.T) {
			block := map[string]any{
				"region": "us-east-1", "access_key": "k", "secret_key": "s", "allowed_account_ids": []string{"123456789012"},
				"endpoints": map[string]string{"sts": url},
			}
			maps.Copy(block, arguments)
			errs := configureAndRead(t, block)
			if len(errs) != 1 || !strings.Contains(errs[0], "did not respond within 1 seconds") {
				t.Errorf("got %q", errs)
			}
		})
	}
}

func TestAccRetries_precedenceOfSettings(t *testing.T) {
	for name, test := range map[string]struct {
		environment map[string]string
		block       string
		attempts    int
	}{
		"AWS_MAX_ATTEMPTS":                    {map[string]string{"AWS_MAX_ATTEMPTS": "3"}, "", 3},
		"max_retries":                         {nil, "max_retries = 2", 2},
		"max_retries before AWS_MAX_ATTEMPTS": {map[string]string{"AWS_MAX_ATTEMPTS": "5"}, "max_retries = 2", 2},
		"max_attempts of the profile": {
			map[string]string{"AWS_CONFIG_FILE": writeFile(t, "[default]\nmax_attempts = 4\n")}, "", 4},
		"retry_mode": {map[string]string{"AWS_RETRY_MODE": "standard"}, "max_retries = 2\nretry_mode = \"adaptive\"", 2},
	} {
		t.Run(name, func(t *testing.T) {
			setEnvironment(t, test.environment)
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.AddFault(emulator.Fault{Times: 100, Status: 500, Code: "ServiceException", Message: "no"})
			api.Test(t, failStep("500 ServiceException: no", region, keys, test.block, endpoints("lambda", api.URL)))
			if n := len(api.Requests()); n != test.attempts {
				t.Errorf("%d attempts, want %d", n, test.attempts)
			}
		})
	}
}

func TestAccSkipRegionValidation(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	api.Must(api.CreateFunction("us-east-9", "f"))
	api.ParallelTest(t, applyStep(`region = "us-east-9"`, keys, "skip_region_validation = true",
		endpoints("lambda", api.URL)))
}

func TestAccUserAgent_namesProducts(t *testing.T) {
	t.Setenv("TF_APPEND_USER_AGENT", "appended/3")
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	agents := &requestLog{}
	lambda := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		agents.add("%s", r.UserAgent())
		api.ServeHTTP(w, r)
	})
	api.Test(t, applyStep(region, keys, `user_agent = ["pipeline/2 (nightly)"]`, endpoints("lambda", lambda)))
	cli := "Terraform/" + acctest.CLI.Version
	if acctest.CLI.OpenTofu { // OpenTofu reports a version of Terraform
		cli = "Terraform/1."
	}
	for _, agent := range agents.all() {
		for _, want := range []string{
			cli, "terraform-provider-awslambda/test (+https://", "pipeline/2 (nightly)", "appended/3",
		} {
			if !strings.Contains(agent, want) {
				t.Fatalf("%q does not contain %q", agent, want)
			}
		}
	}
}

// blockAndProfile is a provider block and a profile.
type blockAndProfile struct {
	block             map[string]any
	endpoints         map[string]string
	profile, sections string // lines of the default profile, and other sections of the file
}

func newBlockAndProfile() *blockAndProfile {
	return &blockAndProfile{block: map[string]any{"region": "us-east-1", "max_retries": 1}, endpoints: map[string]string{}}
}

// read configures the provider, reads the data source, and returns the errors.
func (b *blockAndProfile) read(t *testing.T) []string {
	t.Helper()
	b.block["endpoints"] = b.endpoints
	setConfigFile(t, "[default]\n"+b.profile+b.sections)
	return configureAndRead(t, b.block)
}

// setupFunc sets a part of a test case, which may be in the environment.
type setupFunc = func(t *testing.T, b *blockAndProfile)

// setVariable returns a setupFunc for an environment variable.
func setVariable(name, value string) setupFunc {
	return func(t *testing.T, _ *blockAndProfile) { //nolint:thelper // It is not a helper.
		t.Setenv(name, value)
	}
}

// endpointSources has the sources of the endpoint of a service.
var endpointSources = map[string]func(service, url string) setupFunc{
	"endpoints block": func(service, url string) setupFunc {
		return func(_ *testing.T, b *blockAndProfile) { b.endpoints[service] = url }
	},
	"AWS_ENDPOINT_URL": func(_, url string) setupFunc { return setVariable("AWS_ENDPOINT_URL", url) },
	"AWS_ENDPOINT_URL_SERVICE": func(service, url string) setupFunc {
		return setVariable("AWS_ENDPOINT_URL_"+strings.ToUpper(service), url)
	},
	"endpoint_url": func(_, url string) setupFunc {
		return func(_ *testing.T, b *blockAndProfile) { b.profile += "endpoint_url = " + url + "\n" }
	},
	"services section": func(service, url string) setupFunc {
		return func(_ *testing.T, b *blockAndProfile) {
			b.profile += "services = here\n"
			b.sections += fmt.Sprintf("[services here]\n%s =\n  endpoint_url = %s\n", service, url)
		}
	},
}

// TestEndpoint_isUsedWithFIPSAndDualStack combines the sources of an endpoint
// with the sources of FIPS and dual-stack, for each use of each service.
func TestEndpoint_isUsedWithFIPSAndDualStack(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	home := ssoHome(t, time.Now().Add(time.Hour))
	token := writeFile(t, "web-identity-token")
	inBlock := func(name string, value any) setupFunc {
		return func(_ *testing.T, b *blockAndProfile) { b.block[name] = value }
	}
	inProfile := func(lines string) setupFunc {
		return func(_ *testing.T, b *blockAndProfile) { b.profile += lines }
	}
	variants := map[string][]setupFunc{
		"neither":             nil,
		"FIPS block":          {inBlock("use_fips_endpoint", true)},
		"FIPS environment":    {setVariable("AWS_USE_FIPS_ENDPOINT", "true")},
		"FIPS profile":        {inProfile("use_fips_endpoint = true\n")},
		"dual-stack block":    {inBlock("use_dualstack_endpoint", true)},
		"dual-stack variable": {setVariable("AWS_USE_DUALSTACK_ENDPOINT", "true")},
		"dual-stack profile":  {inProfile("use_dualstack_endpoint = true\n")},
		"both":                {inBlock("use_fips_endpoint", true), setVariable("AWS_USE_DUALSTACK_ENDPOINT", "true")},
	}
	const profileKeys = "aws_access_key_id = of-profile\naws_secret_access_key = s\n"
	assume := inBlock("assume_role", map[string]string{"role_arn": roleARN("b")})
	for use, test := range map[string]struct {
		service string
		setup   []setupFunc
	}{
		"Lambda": {"lambda", []setupFunc{inProfile(profileKeys)}},
		"role of a profile": {"sts", []setupFunc{
			inProfile("source_profile = base\nrole_arn = " + roleARN("p") + "\n"),
			func(_ *testing.T, b *blockAndProfile) { b.sections += "[profile base]\n" + profileKeys },
		}},
		"assume_role":           {"sts", []setupFunc{inProfile(profileKeys), assume}},
		"assume_role with keys": {"sts", []setupFunc{inBlock("access_key", "k"), inBlock("secret_key", "s"), assume}},
		"web identity of the block": {"sts", []setupFunc{
			inBlock("assume_role_with_web_identity", map[string]string{"role_arn": roleARN("w"), "web_identity_token": "t"}),
		}},
		"web identity of the environment": {"sts", []setupFunc{
			setVariable("AWS_WEB_IDENTITY_TOKEN_FILE", token), setVariable("AWS_ROLE_ARN", roleARN("w")),
		}},
		"web identity of the profile": {"sts", []setupFunc{
			inProfile("web_identity_token_file = " + token + "\nrole_arn = " + roleARN("w") + "\n"),
		}},
		"account": {"sts", []setupFunc{inProfile(profileKeys), inBlock("allowed_account_ids", []string{"123456789012"})}},
		"SSO":     {"sso", []setupFunc{inProfile(ssoProfile)}},
	} {
		for source, setEndpoint := range endpointSources {
			for variant, vary := range variants {
				t.Run(use+"/"+source+"/"+variant, func(t *testing.T) {
					url, called := newServices(t)
					denied := denyOtherHosts(t)
					t.Setenv("HOME", home)
					b := newBlockAndProfile()
					want := []string{"lambda"}
					if test.service != "lambda" {
						b.endpoints["lambda"] = url
						want = []string{test.service, "lambda"}
					}
					for _, setup := range slices.Concat(test.setup, vary, []setupFunc{setEndpoint(test.service, url)}) {
						setup(t, b)
					}
					errs := b.read(t)
					if got := called.compact(); !slices.Equal(got, want) || len(denied.all()) != 0 {
						t.Errorf("called %q, want %q; other hosts %q; %q", got, want, denied.all(), errs)
					}
				})
			}
		}
	}
}

func TestEndpoint_precedenceOfSources(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	for name, order := range map[string][]string{
		"block before service variable":            {"endpoints block", "AWS_ENDPOINT_URL_SERVICE"},
		"service variable before general variable": {"AWS_ENDPOINT_URL_SERVICE", "AWS_ENDPOINT_URL"},
		"general variable before services section": {"AWS_ENDPOINT_URL", "services section"},
		"services section before endpoint_url":     {"services section", "endpoint_url"},
	} {
		t.Run(name, func(t *testing.T) {
			url, called := newServices(t)
			b := newBlockAndProfile()
			b.block["access_key"], b.block["secret_key"] = "k", "s"
			endpointSources[order[0]]("lambda", url)(t, b)
			endpointSources[order[1]]("lambda", newServer(t, http.NotFound))(t, b)
			if errs := b.read(t); len(called.all()) == 0 {
				t.Errorf("the first source was not used: %q", errs)
			}
		})
	}
}

// TestEndpoint_ignoredSources checks that only the endpoints block is used if the
// AWS SDK is set to ignore configured endpoints.
func TestEndpoint_ignoredSources(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	for name, ignore := range map[string]setupFunc{
		"environment": setVariable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
		"profile":     func(_ *testing.T, b *blockAndProfile) { b.profile += "ignore_configured_endpoint_urls = true\n" },
	} {
		for source, setEndpoint := range endpointSources {
			t.Run(name+"/"+source, func(t *testing.T) {
				url, called := newServices(t)
				denied := denyOtherHosts(t)
				b := newBlockAndProfile()
				b.block["access_key"], b.block["secret_key"], b.block["use_fips_endpoint"] = "k", "s", true
				ignore(t, b)
				setEndpoint("lambda", url)(t, b)
				errs := b.read(t)
				want := "lambda-fips.us-east-1.amazonaws.com:443"
				if source == "endpoints block" {
					want = "lambda"
				}
				if got := append(called.compact(), denied.compact()...); !slices.Equal(got, []string{want}) {
					t.Errorf("called %q, want %q; %q", got, want, errs)
				}
			})
		}
	}
}

func TestEndpoint_defaultHostNames(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	for name, test := range map[string]struct {
		region, argument, variable string // the argument or variable is true
		want                       string
	}{
		"region":        {"us-east-1", "", "", "lambda.us-east-1.amazonaws.com:443"},
		"China":         {"cn-north-1", "", "", "lambda.cn-north-1.amazonaws.com.cn:443"},
		"FIPS":          {"us-east-1", "use_fips_endpoint", "", "lambda-fips.us-east-1.amazonaws.com:443"},
		"FIPS env":      {"us-east-1", "", "AWS_USE_FIPS_ENDPOINT", "lambda-fips.us-east-1.amazonaws.com:443"},
		"dualstack":     {"us-east-1", "use_dualstack_endpoint", "", "lambda.us-east-1.api.aws:443"},
		"dualstack env": {"us-east-1", "", "AWS_USE_DUALSTACK_ENDPOINT", "lambda.us-east-1.api.aws:443"},
	} {
		t.Run(name, func(t *testing.T) {
			denied := denyOtherHosts(t)
			if test.variable != "" {
				t.Setenv(test.variable, "true")
			}
			block := map[string]any{"region": test.region, "access_key": "k", "secret_key": "s", "max_retries": 1}
			if test.argument != "" {
				block[test.argument] = true
			}
			errs := configureAndRead(t, block)
			if got := denied.compact(); !slices.Equal(got, []string{test.want}) {
				t.Errorf("connected to %q, want %q; %q", got, test.want, errs)
			}
		})
	}
}
