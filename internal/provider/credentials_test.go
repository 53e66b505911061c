// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
)

// failFirst returns a handler that calls fault for the first requests, and then h.
func failFirst(requests int32, fault, h http.HandlerFunc) http.HandlerFunc {
	var n atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) <= requests {
			fault(w, r)
			return
		}
		h(w, r)
	}
}

// xmlError returns a handler that responds with an error in the format of STS.
// Each response has another request ID.
func xmlError(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		writeXML(w, status, xmlFailure(code, message, fmt.Sprint(time.Now().UnixNano())))
	}
}

// jsonError returns a handler that responds with an error in the format of SSO.
func jsonError(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", code)
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"message": %q}`, message)
	}
}

// closeConnection closes the connection without a response.
func closeConnection(w http.ResponseWriter, _ *http.Request) {
	if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// failWhile returns a handler that calls fault while fails is true, and otherwise h.
func failWhile(fails *atomic.Bool, fault, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if fails.Load() {
			fault(w, r)
			return
		}
		h(w, r)
	}
}

// TestAccCredentials_retriesTransientErrors has each service of credentials fail
// more often than the SDK's own client retries.
func TestAccCredentials_retriesTransientErrors(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	handleSTS := stsHandler(&requestLog{})
	unavailable, throttled := xmlError(503, "ServiceUnavailable", "later"), xmlError(400, "Throttling", "Rate exceeded")
	ssoThrottled := jsonError(429, "TooManyRequestsException", "")
	role := keys + assumeRole("r")
	const roleProfile = "role_arn = arn:aws:iam::123456789012:role/p\nsource_profile = base\n"
	for name, test := range map[string]struct {
		block   string
		profile string
		fault   http.HandlerFunc
		service string
		handler http.HandlerFunc
	}{
		"STS, unavailable":                 {role, "", unavailable, "sts", handleSTS},
		"STS, throttled":                   {role, "", throttled, "sts", handleSTS},
		"STS, broken connection":           {role, "", closeConnection, "sts", handleSTS},
		"STS of a profile, throttled":      {"", roleProfile, throttled, "sts", handleSTS},
		"SSO, throttled":                   {"", ssoProfile, ssoThrottled, "sso", handleSSO},
		"SSO, unavailable":                 {"", ssoProfile, jsonError(503, "ServiceUnavailable", ""), "sso", handleSSO},
		"SSO, broken connection":           {"", ssoProfile, closeConnection, "sso", handleSSO},
		"metadata service, unavailable":    {"", "", jsonError(503, "", ""), "metadata", handleMetadata},
		"metadata service, broken":         {"", "", closeConnection, "metadata", handleMetadata},
		"container, throttled":             {"", "", jsonError(429, "", ""), "container", handleContainer},
		"container, unavailable":           {"", "", jsonError(500, "", ""), "container", handleContainer},
		"container, throttled, plain text": {"", "", xmlError(429, "", ""), "container", handleContainer},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			url := newServer(t, failFirst(5, test.fault, test.handler))
			t.Setenv("HOME", ssoHome(t, time.Now().Add(time.Hour)))
			setConfigFile(t, "[default]\n"+test.profile+"[profile base]\naws_access_key_id = k\naws_secret_access_key = s\n")
			block, at := region+test.block, endpoints("lambda", api.URL)
			switch test.service {
			case "metadata":
				block += fmt.Sprintf("skip_metadata_api_check = false\nec2_metadata_service_endpoint = %q\n", url)
			case "container":
				t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
			default:
				at = endpoints("lambda", api.URL, test.service, url)
			}
			api.Test(t, applyStep(block, at))
		})
	}
}

// TestCredentials_errorIsNoErrorOfLambda has SSO respond with a code that means
// to Lambda that the function does not exist.
func TestCredentials_errorIsNoErrorOfLambda(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	t.Setenv("HOME", ssoHome(t, time.Now().Add(time.Hour)))
	setConfigFile(t, "[default]\n"+ssoProfile)
	url := newServer(t, jsonError(404, "ResourceNotFoundException", "no such role"))
	errs := configureAndRead(t, map[string]any{
		"region": "us-east-1", "endpoints": map[string]string{"lambda": "http://127.0.0.1:1", "sso": url},
	})
	if len(errs) != 1 || !strings.Contains(errs[0], "no such role") || strings.Contains(errs[0], "does not exist") ||
		strings.Contains(errs[0], "The service ") || strings.Contains(errs[0], "lambda:") {
		t.Errorf("got %q", errs)
	}
}

// metadataBlock returns a provider block with credentials of a metadata service.
func metadataBlock(lambda, metadata string) map[string]any {
	return map[string]any{
		"region": "us-east-1", "max_retries": 1, "endpoints": map[string]string{"lambda": lambda},
		"skip_metadata_api_check": "false", "ec2_metadata_service_endpoint": metadata,
	}
}

const noSources = "No valid credential sources found"

// TestCredentials_failedMetadataServiceIsNotCached has a metadata service that
// fails once. The SDK then reports that it found no credentials.
func TestCredentials_failedMetadataServiceIsNotCached(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	t.Parallel()
	var fails atomic.Bool
	fails.Store(true)
	lambda, called := newServices(t)
	metadata := newServer(t, failWhile(&fails, jsonError(503, "", ""), handleMetadata))
	s := mustConfigure(t, metadataBlock(lambda, metadata))
	if errs := read(t, s); len(errs) != 1 || !strings.Contains(errs[0], noSources) {
		t.Fatalf("got %q", errs)
	}
	fails.Store(false)
	if errs := read(t, s); len(called.all()) == 0 {
		t.Errorf("Lambda was not called: %q", errs)
	}
}

// TestCredentials_failedRefreshIsNotCached has credentials that expire at once,
// and a metadata service that rejects one refresh.
func TestCredentials_failedRefreshIsNotCached(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	var fails atomic.Bool
	// Without its role, the metadata service of an instance responds with 404.
	url := newServer(t, failWhile(&fails, http.NotFound, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/latest/meta-data/iam/security-credentials/role" {
			handleMetadata(w, r)
			return
		}
		writeJSON(w, map[string]any{
			"Code": "Success", "AccessKeyId": "k", "SecretAccessKey": "s", "Token": "t", "Expiration": time.Now().UTC(),
		})
	}))
	lambda, called := newServices(t)
	s := mustConfigure(t, metadataBlock(lambda, url))
	for i, want := range []bool{true, false, true} {
		fails.Store(!want)
		before := len(called.all())
		errs := read(t, s)
		if got := len(called.all()) > before; got != want {
			t.Errorf("read %d called Lambda = %t, %q", i, got, errs)
		}
	}
}

// TestCredentials_proxyIsNoMetadataService has a proxy respond for a metadata
// service that does not exist. Retries would last for minutes.
func TestCredentials_proxyIsNoMetadataService(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	t.Parallel()
	start := time.Now()
	errs := configureAndRead(t, map[string]any{
		"region": "us-east-1", "http_proxy": newServer(t, jsonError(502, "", "")), "skip_metadata_api_check": "false",
		"ec2_metadata_service_endpoint": "http://metadata.test",
	})
	if len(errs) != 1 || !strings.Contains(errs[0], noSources) || time.Since(start) > 30*time.Second {
		t.Errorf("after %s: %q", time.Since(start), errs)
	}
}

// TestCredentials_missingAreCached sets credentials after a retrieval found none.
func TestCredentials_missingAreCached(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	const unreachable = "http://127.0.0.1:1"
	for name, test := range map[string]struct {
		metadata string
		ttl      time.Duration
	}{
		"no metadata service":           {unreachable, time.Hour},
		"no role in a metadata service": {newServer(t, http.NotFound), time.Hour},
		"expired":                       {unreachable, 0},
	} {
		t.Run(name, func(t *testing.T) {
			provider.SetMissingTTL(t, test.ttl)
			lambda, called := newServices(t)
			s := mustConfigure(t, metadataBlock(lambda, test.metadata))
			if errs := read(t, s); len(errs) != 1 || !strings.Contains(errs[0], noSources) {
				t.Fatalf("got %q", errs)
			}
			setEnvironment(t, map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})
			errs := read(t, s)
			if got, want := len(called.all()) > 0, test.ttl == 0; got != want {
				t.Errorf("called Lambda = %t, want %t: %q", got, want, errs)
			}
		})
	}
}

// TestAccCredentials_errorIsExplainedOnce has many resources fail for one reason.
func TestAccCredentials_errorIsExplainedOnce(t *testing.T) {
	const full, short = "There are a number of possible causes of this", "Another error of this run has the details"
	denied := newServer(t, xmlError(403, "AccessDenied", "User x is not authorized to perform: sts:AssumeRole"))
	api := acctest.NewAPI(t, emulator.Options{})
	tf := acctest.Workspace(t,
		configurationOf(35, region, keys, assumeRole("r"), endpoints("lambda", api.URL, "sts", denied)))
	var stdout, stderr strings.Builder
	tf.SetStdout(&stdout)
	tf.SetStderr(&stderr)
	if err := tf.Apply(t.Context()); err == nil {
		t.Error("the apply succeeded")
	}
	output := stdout.String() + stderr.String()
	explained := len(acctest.Wrapped(full).FindAllString(output, -1))
	referred := len(acctest.Wrapped(short).FindAllString(output, -1))
	if explained != 1 || referred != 34 {
		t.Errorf("%d errors explain the reason, %d refer to another error:\n%s", explained, referred, output)
	}
}

// TestCredentials_errorSaysHowToAuthenticate checks the errors for profiles that
// require an interactive command.
func TestCredentials_errorSaysHowToAuthenticate(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	missing, expired, valid := t.TempDir(), ssoHome(t, time.Now().Add(-time.Hour)), ssoHome(t, time.Now().Add(time.Hour))
	rejected := newServer(t, jsonError(401, "UnauthorizedException", "Session token not found or invalid"))
	const (
		legacy  = "[profile dev]\n" + ssoProfile
		session = "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n" +
			"[sso-session corp]\nsso_start_url = https://sso.test/start\nsso_region = us-east-1\n"
		role = "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = dev\n"
		mfa  = "[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n" +
			"mfa_serial = arn:aws:iam::123456789012:mfa/me\n[profile base]\naws_access_key_id = k\naws_secret_access_key = s\n"
		login = "aws sso login --profile dev"
	)
	for name, test := range map[string]struct {
		config   string
		home     string
		argument string // profile of the block
		variable string // AWS_PROFILE
		sso      string // endpoint
		want     []string
	}{
		"SSO, no token": {legacy, missing, "dev", "", "",
			[]string{`The SSO session of the profile "dev" is missing or has expired`, login}},
		"SSO, expired token": {legacy, expired, "dev", "", "", []string{login}},
		"SSO, rejected token": {legacy, valid, "dev", "", rejected,
			[]string{login, "Session token not found or invalid"}},
		"SSO, default profile": {"[default]\n" + ssoProfile, missing, "", "", "",
			[]string{"aws sso login --profile default"}},
		"SSO session, no token":      {session, missing, "", "dev", "", []string{login}},
		"SSO session, expired token": {session, expired, "dev", "", "", []string{login}},
		"role, SSO session, expired": {role + session, expired, "role", "", "", []string{login}},
		"role, SSO, rejected token":  {role + legacy, valid, "role", "", rejected, []string{login}},
		"role, SSO, name with a space": {
			"[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = my login\n" +
				"[profile my login]\n" + ssoProfile,
			missing, "role", "", "", []string{"aws sso login --profile 'my login'"}},
		"MFA": {mfa, "", "", "mfa", "", []string{
			`The profile "mfa" requires an MFA code`, "mfa_serial = arn:aws:iam::123456789012:mfa/me",
			"cannot prompt for an MFA code", "aws configure export-credentials --profile mfa --format env"}},
		"MFA, profile of the block": {mfa, "", "mfa", "", "", []string{"Remove profile from the provider block"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("HOME", test.home)
			setConfigFile(t, test.config)
			if test.variable != "" {
				t.Setenv("AWS_PROFILE", test.variable)
			}
			block := map[string]any{"region": "us-east-1", "endpoints": map[string]string{"sso": test.sso}}
			if test.argument != "" {
				block["profile"] = test.argument
			}
			errs := configureAndRead(t, block)
			if len(errs) != 1 {
				t.Fatalf("got %q", errs)
			}
			for _, want := range test.want {
				if !strings.Contains(errs[0], want) {
					t.Errorf("the error does not contain %q:\n%s", want, errs[0])
				}
			}
			if strings.Contains(errs[0], "session option") { // Go code of the SDK's error
				t.Errorf("got %s", errs[0])
			}
		})
	}
}

// TestCredentials_redirectIsNotFollowed has each service of credentials redirect
// to itself, or to another host.
func TestCredentials_redirectIsNotFollowed(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	t.Setenv("HOME", ssoHome(t, time.Now().Add(time.Hour)))
	for _, status := range []int{301, 302, 307, 308} {
		for service, posts := range map[string]bool{
			"account": true, "role": true, "container": false, "metadata": false, "sso": false,
		} {
			for _, loop := range []bool{true, false} {
				t.Run(fmt.Sprint(service, status, loop), func(t *testing.T) {
					var n atomic.Int32
					target := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
						t.Errorf("the target of the redirect received %s %s with %v", r.Method, r.URL, r.Header)
					})
					url := newServer(t, func(w http.ResponseWriter, r *http.Request) {
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
						block["assume_role"] = map[string]string{"role_arn": roleARN("r")}
						endpoints["sts"] = url
					case "container":
						t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
					case "metadata":
						block["skip_metadata_api_check"], block["ec2_metadata_service_endpoint"] = "false", url
					case "sso":
						setConfigFile(t, "[default]\n"+ssoProfile)
						endpoints["sso"] = url
					}
					errs := configureAndRead(t, block)
					// aws-sdk-go-base reports other redirects by their status.
					named := service == "account" || !posts && status >= 307
					want := strings.TrimPrefix(target, "http://") + ", which the provider does not follow"
					if len(errs) != 1 || strings.Contains(errs[0], "hunter2") || named && !strings.Contains(errs[0], want) {
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
