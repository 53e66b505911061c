// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
)

// failing answers a number of requests with fault before it lets h answer.
func failing(times int, fault, h http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if int(n.Add(1)) <= times {
			fault(w, r)
			return
		}
		h(w, r)
	}
}

// refusal answers with an error of a query service.
func refusal(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>%d</RequestId></ErrorResponse>`,
			code, message, time.Now().UnixNano())
	}
}

// breakOff closes the connection without a response.
func breakOff(w http.ResponseWriter, _ *http.Request) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = connection.Close()
	}
}

// TestTransientCredentialsErrors has each service of credentials fail more
// often than the SDK's own client retries.
func TestTransientCredentialsErrors(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	const times = 5
	stsHandler, _ := stsHandler()
	json := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Amzn-Errortype", code)
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, "{}")
		}
	}
	for name, test := range map[string]struct {
		arguments string
		profile   string
		fault     http.HandlerFunc
		service   string
		want      http.HandlerFunc
	}{
		"STS, unavailable":                 {keys, "", refusal(503, "ServiceUnavailable", "later"), "sts", stsHandler},
		"STS, throttled":                   {keys, "", refusal(400, "Throttling", "Rate exceeded"), "sts", stsHandler},
		"STS, broken connection":           {keys, "", breakOff, "sts", stsHandler},
		"STS of a profile, throttled":      {"", "role_arn = arn:aws:iam::123456789012:role/p\nsource_profile = base\n", refusal(400, "Throttling", "Rate exceeded"), "sts", stsHandler},
		"SSO, throttled":                   {"", ssoProfile, json(429, "TooManyRequestsException"), "sso", ssoHandler()},
		"SSO, broken connection":           {"", ssoProfile, breakOff, "sso", ssoHandler()},
		"SSO, unavailable":                 {"", ssoProfile, json(503, "ServiceUnavailable"), "sso", ssoHandler()},
		"metadata service, unavailable":    {"", "", json(503, ""), "metadata", metadataHandler()},
		"metadata service, broken":         {"", "", breakOff, "metadata", metadataHandler()},
		"container, throttled":             {"", "", json(429, ""), "container", containerHandler()},
		"container, unavailable":           {"", "", json(500, ""), "container", containerHandler()},
		"container, throttled, plain text": {"", "", refusal(429, "", ""), "container", containerHandler()},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			url := server(t, failing(times, test.fault, test.want))
			config := file(t, "config", "[default]\n"+test.profile+"[profile base]\naws_access_key_id = k\naws_secret_access_key = s\n")
			arguments := []string{region, test.arguments, fmt.Sprintf("shared_config_files = [%q]", config)}
			endpoints := fmt.Sprintf("lambda = %q\n", api.URL)
			run := api.ParallelTest
			switch test.service {
			case "metadata":
				arguments = append(arguments, "skip_metadata_api_check = false", fmt.Sprintf("ec2_metadata_service_endpoint = %q", url))
			case "container":
				t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
				run = api.Test
			case "sso":
				t.Setenv("HOME", ssoHome(t))
				run = api.Test
				fallthrough
			default:
				endpoints += fmt.Sprintf("%s = %q\n", test.service, url)
			}
			if test.arguments == keys {
				arguments = append(arguments, `assume_role { role_arn = "arn:aws:iam::123456789012:role/r" }`)
			}
			run(t, step(api, append(arguments, "endpoints {\n"+endpoints+"}")...))
		})
	}
}

const ssoProfile = "sso_start_url = https://sso.test/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n"

// TestErrorOfAnotherServiceIsNotLambdas has STS and SSO answer with codes that
// mean something else from Lambda, and asserts that nothing is concluded.
func TestErrorOfAnotherServiceIsNotLambdas(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	t.Setenv("HOME", ssoHome(t))
	url := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{"message": "no such role"}`)
	})
	t.Setenv("AWS_CONFIG_FILE", file(t, "config", "[default]\n"+ssoProfile))
	errs := readF(t, map[string]any{"region": "us-east-1", "endpoints": map[string]string{"lambda": "http://127.0.0.1:1", "sso": url}})
	if len(errs) != 1 || !strings.Contains(errs[0], "no such role") || strings.Contains(errs[0], "does not exist") ||
		strings.Contains(errs[0], "The service answered") || strings.Contains(errs[0], "lambda:") {
		t.Errorf("got %q", errs)
	}
}

// configuredServer returns a server that a block configures without an error.
func configuredServer(t *testing.T, block map[string]any) tfprotov6.ProviderServer {
	t.Helper()
	s, errs := configure(t, block)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return s
}

// TestMissingCredentialsAreNotFinal has a metadata service fail, which the SDK
// reports as no valid source, and work for the next call.
func TestMissingCredentialsAreNotFinal(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	t.Parallel()
	var state atomic.Value
	ok := metadataHandler()
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if state.Load() == "fails" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ok(w, r)
	})
	state.Store("fails")
	lambda, called := services(t)
	s := configuredServer(t, map[string]any{
		"region": "us-east-1", "max_retries": 1, "endpoints": map[string]string{"lambda": lambda},
		"skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": url,
	})
	if errs := readWith(t, s); len(errs) != 1 || !strings.Contains(errs[0], "No valid credential sources found") {
		t.Fatalf("got %q", errs)
	}
	state.Store("works")
	if errs := readWith(t, s); len(called.all()) == 0 {
		t.Errorf("Lambda was not called: %q", errs)
	}
}

// TestFailedRefreshIsNotFinal has credentials expire at once, and their service
// refuse one refresh.
func TestFailedRefreshIsNotFinal(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	var fails atomic.Bool
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if fails.Load() {
			w.WriteHeader(http.StatusNotFound) // as an instance whose role was taken away
			return
		}
		switch r.URL.Path {
		case "/latest/meta-data/iam/security-credentials/role":
			answer(w, map[string]any{"Code": "Success", "AccessKeyId": "k", "SecretAccessKey": "s", "Token": "t", "Expiration": time.Now().UTC()})
		default:
			metadataHandler()(w, r)
		}
	})
	lambda, called := services(t)
	s := configuredServer(t, map[string]any{
		"region": "us-east-1", "max_retries": 1, "endpoints": map[string]string{"lambda": lambda},
		"skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": url,
	})
	for i, want := range []bool{true, false, true} {
		fails.Store(!want)
		before := len(called.all())
		errs := readWith(t, s)
		if got := len(called.all()) > before; got != want {
			t.Errorf("call %d reached Lambda = %t, %q", i, got, errs)
		}
	}
}

// TestProxyIsNoMetadataService has a proxy answer for the metadata service, as
// where there is none: that is final at once.
func TestProxyIsNoMetadataService(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	t.Parallel()
	proxy := server(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	began := time.Now()
	errs := readF(t, map[string]any{
		"region": "us-east-1", "http_proxy": proxy, "skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": "http://metadata.test",
	})
	if len(errs) != 1 || !strings.Contains(errs[0], "No valid credential sources found") || time.Since(began) > 30*time.Second {
		t.Errorf("after %s: %q", time.Since(began), errs)
	}
}

// TestNoMetadataServiceIsFoundOutOnce has nothing listen where the metadata
// service would.
func TestNoMetadataServiceIsFoundOutOnce(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	s := configuredServer(t, map[string]any{
		"region": "us-east-1", "skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": acctest.UnreachableURL,
	})
	began := time.Now()
	errs := readWith(t, s)
	first := time.Since(began)
	if len(errs) != 1 || !strings.Contains(errs[0], "No valid credential sources found") || first > 30*time.Second {
		t.Errorf("after %s: %q", first, errs)
	}
	began = time.Now()
	if errs := readWith(t, s); len(errs) != 1 || time.Since(began) > first/2+50*time.Millisecond {
		t.Errorf("again after %s, first after %s: %q", time.Since(began), first, errs)
	}
}

// TestMissingCredentials_areLookedForAgain has a long-lived provider get
// credentials after it found none.
func TestMissingCredentials_areLookedForAgain(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	lambda, called := services(t)
	s := configuredServer(t, map[string]any{
		"region": "us-east-1", "endpoints": map[string]string{"lambda": lambda},
		"skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": acctest.UnreachableURL,
	})
	provider.SetMissingTTL(t, 0)
	if errs := readWith(t, s); len(errs) != 1 || !strings.Contains(errs[0], "No valid credential sources found") {
		t.Fatalf("got %q", errs)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	if errs := readWith(t, s); len(called.all()) == 0 {
		t.Errorf("Lambda was not called: %q", errs)
	}
}

// TestCredentialsErrorIsExplainedOnce has many resources fail for one reason.
func TestCredentialsErrorIsExplainedOnce(t *testing.T) {
	denied := server(t, refusal(403, "AccessDenied", "User x is not authorized to perform: sts:AssumeRole"))
	const full, short = "There are a number of possible causes of this", "Another error of this run has the details"
	t.Run("CLI", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{})
		tf := acctest.Workspace(t, strings.Replace(
			step(api, region, keys, `assume_role { role_arn = "arn:aws:iam::123456789012:role/r" }`,
				fmt.Sprintf("endpoints {\nlambda = %q\nsts = %q\n}", api.URL, denied)).Config,
			acctest.Config("x", "f"), fmt.Sprintf("resource %q \"x\" {\ncount = 35\nfunction_name = \"f${count.index}\"\n}\n", acctest.Type), 1))
		var stdout, stderr strings.Builder
		tf.SetStdout(&stdout)
		tf.SetStderr(&stderr)
		if err := tf.Apply(t.Context()); err == nil {
			t.Error("the apply succeeded")
		}
		said := stdout.String() + stderr.String()
		if a, b := len(acctest.Wrapped(full).FindAllString(said, -1)), len(acctest.Wrapped(short).FindAllString(said, -1)); a != 1 || b != 34 {
			t.Errorf("explained %d times, referred to %d times:\n%s", a, b, said)
		}
	})
	t.Run("protocol", func(t *testing.T) {
		stsHandler, _ := stsHandler()
		var fails atomic.Bool
		fails.Store(true)
		url := server(t, func(w http.ResponseWriter, r *http.Request) {
			if fails.Load() {
				refusal(403, "AccessDenied", "no")(w, r)
				return
			}
			stsHandler(w, r)
		})
		lambda, _ := services(t)
		s := configuredServer(t, map[string]any{
			"region": "us-east-1", "access_key": "k", "secret_key": "s", "assume_role": map[string]string{"role_arn": "arn:aws:iam::123456789012:role/r"},
			"endpoints": map[string]string{"lambda": lambda, "sts": url},
		})
		var mu sync.Mutex
		var explained, referred int
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				for _, text := range readWith(t, s) {
					mu.Lock()
					defer mu.Unlock()
					explained += strings.Count(text, full)
					referred += strings.Count(text, short)
				}
			})
		}
		all.Wait()
		if explained != 1 || referred != 11 {
			t.Errorf("explained %d times, referred to %d times", explained, referred)
		}
	})
}

// TestWhatToDoWithoutCredentials asserts what an error says about a profile
// that a person has to sign in to.
func TestWhatToDoWithoutCredentials(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	empty, expired := t.TempDir(), ssoHomeUntil(t, time.Now().Add(-time.Hour))
	const session = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n"
	const corp = "[sso-session corp]\nsso_start_url = https://sso.test/start\nsso_region = us-east-1\n"
	unauthorized := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", "UnauthorizedException")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprint(w, `{"message": "Session token not found or invalid"}`)
	})
	for name, test := range map[string]struct {
		config   string
		home     string
		argument string // profile of the block
		variable string // AWS_PROFILE
		sso      string
		want     []string
	}{
		"SSO, never signed in": {"[profile dev]\n" + ssoProfile, empty, "dev", "", "",
			[]string{`The SSO session of the profile "dev" is missing or has expired`, "aws sso login --profile dev"}},
		"SSO session, never signed in": {"[profile dev]\n" + session + corp, empty, "", "dev", "",
			[]string{"aws sso login --profile dev"}},
		"SSO, expired":         {"[profile dev]\n" + ssoProfile, expired, "dev", "", "", []string{"aws sso login --profile dev"}},
		"SSO session, expired": {"[profile dev]\n" + session + corp, expired, "dev", "", "", []string{"aws sso login --profile dev"}},
		"SSO, default profile": {"[default]\n" + ssoProfile, empty, "", "", "",
			[]string{"aws sso login --profile default"}},
		"SSO, source of a role": {"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = my login\n[profile my login]\n" + ssoProfile, empty, "role", "", "",
			[]string{"aws sso login --profile 'my login'"}},
		"SSO, source of a role, token not accepted": {"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = dev\n[profile dev]\n" + ssoProfile, ssoHome(t), "role", "", unauthorized,
			[]string{"aws sso login --profile dev"}},
		"SSO session, source of a role": {"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = dev\n[profile dev]\n" + session + corp, expired, "role", "", "",
			[]string{"aws sso login --profile dev"}},
		"SSO, token not accepted": {"[profile dev]\n" + ssoProfile, ssoHome(t), "dev", "", unauthorized,
			[]string{"aws sso login --profile dev", "Session token not found or invalid"}},
		"MFA": {"[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n" +
			"[profile base]\naws_access_key_id = k\naws_secret_access_key = s\n", "", "", "mfa", "",
			[]string{`The profile "mfa" requires an MFA code`, "mfa_serial = arn:aws:iam::123456789012:mfa/me", "the provider cannot prompt for an MFA code", "aws configure export-credentials --profile mfa --format env"}},
		"MFA, profile of the block": {"[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/me\n" +
			"[profile base]\naws_access_key_id = k\naws_secret_access_key = s\n", "", "mfa", "", "",
			[]string{"Remove profile from the provider block"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", test.home)
			t.Setenv("AWS_CONFIG_FILE", file(t, "config", test.config))
			if test.variable != "" {
				t.Setenv("AWS_PROFILE", test.variable)
			}
			block := map[string]any{"region": "us-east-1", "endpoints": map[string]string{"sso": test.sso}}
			if test.argument != "" {
				block["profile"] = test.argument
			}
			errs := readF(t, block)
			if len(errs) != 1 {
				t.Fatalf("got %q", errs)
			}
			for _, want := range test.want {
				if !strings.Contains(errs[0], want) {
					t.Errorf("not said: %s\n%s", want, errs[0])
				}
			}
			if strings.Contains(errs[0], "session option") {
				t.Errorf("said: %s", errs[0])
			}
		})
	}
}

// TestRedirectOfCredentials has each service of credentials answer with a
// redirect to itself, or to another host.
func TestRedirectOfCredentials(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	t.Setenv("HOME", ssoHome(t))
	for _, status := range []int{301, 302, 307, 308} {
		for service, posts := range map[string]bool{"account": true, "role": true, "container": false, "metadata": false, "sso": false} {
			for _, loop := range []bool{true, false} {
				t.Run(fmt.Sprint(service, status, loop), func(t *testing.T) {
					var n atomic.Int32
					target := server(t, func(_ http.ResponseWriter, r *http.Request) {
						t.Errorf("the target of the redirect received %s %s with %v", r.Method, r.URL, r.Header)
					})
					url := server(t, func(w http.ResponseWriter, r *http.Request) {
						n.Add(1)
						to := target + "/hunter2?hunter2"
						if loop {
							to = r.URL.String()
						}
						w.Header().Set("Location", to)
						w.WriteHeader(status)
					})
					if loop {
						target = url
					}
					endpoints := map[string]string{"lambda": "http://127.0.0.1:1"}
					block := map[string]any{"region": "us-east-1", "endpoints": endpoints}
					switch service {
					case "account":
						block["access_key"], block["secret_key"], block["allowed_account_ids"] = "k", "s", []string{"123456789012"}
						endpoints["sts"] = url
					case "role":
						block["access_key"], block["secret_key"] = "k", "s"
						block["assume_role"] = map[string]string{"role_arn": "arn:aws:iam::123456789012:role/r"}
						endpoints["sts"] = url
					case "container":
						t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
					case "metadata":
						block["skip_metadata_api_check"], block["ec2_metadata_service_endpoint"] = "false", url
					case "sso":
						t.Setenv("AWS_CONFIG_FILE", file(t, "config", "[default]\n"+ssoProfile))
						endpoints["sso"] = url
					}
					errs := readF(t, block)
					// aws-sdk-go-base reports other redirects by their status.
					named := service == "account" || !posts && status >= 307
					if len(errs) != 1 || named && !strings.Contains(errs[0], "a redirect") || strings.Contains(errs[0], "hunter2") ||
						named && !strings.Contains(errs[0], strings.TrimPrefix(target, "http://")+", which the provider does not follow") {
						t.Errorf("got %q", errs)
					}
					if n.Load() > 3 {
						t.Errorf("%d requests", n.Load())
					}
				})
			}
		}
	}
}
