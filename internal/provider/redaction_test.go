// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// canary is the beginning of the secrets of these tests.
const canary = "CANARYcanaryCANARY"

// canaryForms must not be in output or logs: a part of the canary as it is and in
// base64, at each of the three positions in a group of bytes, and control
// characters.
var canaryForms = []string{"CANARY", "Q0FOQVJZ", "NBTkFSW", "DQU5BUl", "\x1b", "\u202e"}

// quotes returns the forms in which a service may quote a secret.
func quotes(secret string) string {
	encoded, _ := json.Marshal(secret)
	inner := strings.Trim(string(encoded), `"`)
	b := base64.StdEncoding.EncodeToString
	return strings.Join([]string{
		"x-amz-security-token:" + secret, "X-Amz-Security-Token: " + secret, fmt.Sprintf(`{"Token":"%s"}`, inner),
		"?X-Amz-Security-Token=" + url.QueryEscape(secret) + "&x", url.QueryEscape(url.QueryEscape(secret)),
		url.PathEscape(secret),
		"the token " + secret + " is invalid", b([]byte(secret)), b([]byte("a:" + secret)), b([]byte("ab:" + secret + "\n")),
		base64.RawURLEncoding.EncodeToString([]byte("abc:" + secret)), "\x1b[2J\u202e",
	}, "\n")
}

// echo returns a handler that responds with an error. Its code, message, request ID
// and headers quote the secrets and the request.
func echo(status int, secrets ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		message := r.URL.String() + "\n" + string(body)
		for name, values := range r.Header {
			message += "\n" + name + ": " + strings.Join(values, ",")
		}
		for _, secret := range secrets {
			message += "\n" + quotes(secret)
		}
		line := strings.Join(secrets, "-")
		w.Header().Set("X-Amzn-Requestid", line)
		w.Header().Set("X-Amzn-Errortype", "Denied-"+line)
		w.Header().Set("X-Amz-Security-Token", line)
		if status/100 == 3 {
			w.Header().Set("Location", "http://user:"+line+"@127.0.0.1:1/?X-Amz-Security-Token="+url.QueryEscape(line))
		}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") { // STS
			writeXML(w, status, xmlFailure(line, strings.NewReplacer("\x1b", "", "\u202e", "").Replace(message), line))
			return
		}
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": message, "code": line})
	}
}

// redactionTest is a run with secrets that must fail. DIR in its texts is the
// directory of its files, and ECHO the URL of a server with [echo].
type redactionTest struct {
	block       string
	environment map[string]string
	files       map[string]string
	lambda, sts http.HandlerFunc // nil for one without errors
	want        string           // a part of the output
}

// TestAccSecrets_areRedactedFromServiceErrors has each service quote each kind of
// secret, and searches the output of the CLI and its TRACE log for the secrets.
func TestAccSecrets_areRedactedFromServiceErrors(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	const (
		externalID = "CANARYexternal@id"
		policy     = `{"Statement":[{"Sid":"CANARYpolicy","Effect":"Allow","Action":"*","Resource":"*"}]}`
	)
	secret := func(name string) string { return canary + name + "+/=" }
	key, token, web := secret("key"), secret("token"), secret("web")
	quoted := func(name, value string) string { return fmt.Sprintf("%s = %q\n", name, value) }
	blockKeys := quoted("access_key", "k") + quoted("secret_key", key) + quoted("token", token)
	profileKeys := "aws_access_key_id = k\naws_secret_access_key = " + key + "\naws_session_token = " + token + "\n"
	role := assumeRole("r", quoted("external_id", externalID), quoted("policy", policy))
	const (
		byLambda = "FunctionEventInvokeConfig" // in the name of each operation
		byRole   = "Cannot assume IAM Role"
		noSource = "No valid credential sources"
	)
	for name, test := range map[string]redactionTest{
		"keys of the block, Lambda": {block: blockKeys, lambda: echo(403, key, token), want: byLambda},
		"keys of the environment, Lambda": {
			environment: map[string]string{"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": key, "AWS_SESSION_TOKEN": token},
			lambda:      echo(400, key, token), want: byLambda,
		},
		"keys of the profile, Lambda": {
			block: `profile = "keys"`, files: map[string]string{"config": "[profile keys]\n" + profileKeys},
			lambda: echo(404, key, token), want: byLambda,
		},
		"redirect of Lambda": {
			block: "max_retries = 1\n" + blockKeys, lambda: echo(307, token), want: byLambda,
		},
		"unreadable response of Lambda": {
			block: "max_retries = 1\n" + blockKeys, lambda: echo(200, token), want: "cannot be read",
		},
		"role, STS":    {block: blockKeys + role, sts: echo(403, key, token, externalID, policy), want: byRole},
		"role, Lambda": {block: blockKeys + role, lambda: echo(403, key, token, externalID, policy), want: byLambda},
		"second role of a chain, STS": {
			block: blockKeys + assumeRole("r") + assumeRole("two"),
			sts: func(w http.ResponseWriter, r *http.Request) {
				if sent := r.Header.Get("X-Amz-Security-Token"); sent != token {
					echo(403, sent)(w, r)
					return
				}
				writeXML(w, http.StatusOK, assumedRole("AssumeRole", "k", secret("first-key"), secret("first-token")))
			}, want: byRole,
		},
		"account, STS": {
			block: blockKeys + `allowed_account_ids = ["123456789012"]`, sts: echo(403, key, token),
			want: "The GetCallerIdentity call to STS failed",
		},
		"web identity of the block, STS": {
			block: webIdentity(quoted("policy", policy), quoted("web_identity_token", web)),
			sts:   echo(400, policy, web), want: byRole,
		},
		"web identity of the environment, STS": {
			block: webIdentity(), environment: map[string]string{"TF_AWS_WEB_IDENTITY_TOKEN": web},
			sts: echo(400, web), want: byRole,
		},
		"web identity of a file, STS": {
			block: webIdentity(`web_identity_token_file = "DIR/token"`), files: map[string]string{"token": web + "\n"},
			sts: echo(400, web), want: byRole,
		},
		"web identity of a file of the environment, Lambda": {
			environment: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "DIR/token", "AWS_ROLE_ARN": roleARN("r")},
			files:       map[string]string{"token": web + "\n"}, lambda: echo(400, web), want: byLambda,
		},
		"web identity of a profile, STS": {
			block: `profile = "web"`, files: map[string]string{
				"token":  web,
				"config": "[profile web]\nrole_arn = " + roleARN("r") + "\nweb_identity_token_file = DIR/token\n",
			}, sts: echo(400, web), want: noSource,
		},
		"role of a profile, STS": {
			block: `profile = "role"`, files: map[string]string{
				"config": "[profile role]\nrole_arn = " + roleARN("r") + "\nsource_profile = base\n" +
					"external_id = " + externalID + "\n[profile base]\n" + profileKeys,
			}, sts: echo(403, key, token, externalID), want: noSource,
		},
		"SSO session, renewal": {
			block: `profile = "sso"`, environment: map[string]string{"HOME": "DIR", "AWS_ENDPOINT_URL_SSO_OIDC": "ECHO"},
			files: map[string]string{
				"config": "[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n" +
					"[sso-session corp]\nsso_start_url = https://sso.test/start\nsso_region = us-east-1\n",
				ssoTokenFile("corp"): fmt.Sprintf(`{"accessToken": %q, "expiresAt": "2001-01-01T00:00:00Z", "clientId": "c",`+
					`"refreshToken": %q, "clientSecret": %q, "registrationExpiresAt": "2099-01-01T00:00:00Z"}`,
					secret("access"), secret("refresh"), secret("client")),
			}, want: "aws sso login --profile sso",
		},
		"container": {
			environment: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "ECHO",
				"AWS_CONTAINER_AUTHORIZATION_TOKEN": secret("container")}, want: noSource,
		},
		"container, token of a file": {
			environment: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "ECHO",
				"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "DIR/token"},
			files: map[string]string{"token": secret("container")}, want: noSource,
		},
		"credential_process, first output":  failingProcess(1),
		"credential_process, second output": failingProcess(2),
		"credential_process, third output":  failingProcess(3),
		"credential_process, second call":   failingProcess(4),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			place := strings.NewReplacer("DIR", dir, "ECHO", newServer(t, echo(400, secret("container"))))
			for name, content := range test.files {
				file := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700),
					os.WriteFile(file, []byte(place.Replace(content)), 0o700)); err != nil {
					t.Fatal(err)
				}
			}
			environment := []string{"AWS_CONFIG_FILE=" + filepath.Join(dir, "config")}
			for variable, value := range test.environment {
				environment = append(environment, variable+"="+place.Replace(value))
			}
			lambda, sts := test.lambda, test.sts
			if lambda == nil {
				lambda = acctest.NewAPI(t, emulator.Options{}, "f").ServeHTTP
			}
			if sts == nil {
				sts = stsHandler(&requestLog{})
			}
			output, log := failedApply(t, configuration(region, place.Replace(test.block),
				endpoints("lambda", newServer(t, lambda), "sts", newServer(t, sts))), environment...)
			if !acctest.Wrapped(test.want).MatchString(output) {
				t.Errorf("the output does not contain %q:\n%s", test.want, output)
			}
			expectNone(t, canaryForms, map[string]string{"output": output, "log": log})
		})
	}
}

// failingProcess returns a test of a credential_process that prints no JSON in its
// nth run. Its credentials have expired, so that it runs again at once.
func failingProcess(nth int) redactionTest {
	return redactionTest{
		block: `profile = "process"`,
		files: map[string]string{
			"config": "[profile process]\ncredential_process = DIR/process\n",
			"process": fmt.Sprintf(`#!/bin/sh
echo x >>DIR/runs
if [ $(wc -l <DIR/runs) -lt %d ]; then
  echo '{"Version":1,"AccessKeyId":"K","SecretAccessKey":"CANARYkey-of-process",' \
    '"SessionToken":"CANARYtoken-of-process","Expiration":"2001-01-01T00:00:00Z"}'
else
  echo 'hello CANARYoutput'
fi
`, nth),
		},
		want: "must print credentials as JSON",
	}
}

// failedApply applies a configuration, which must fail. It returns the output of
// the CLI and its TRACE log.
func failedApply(t *testing.T, configuration string, environment ...string) (output, log string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "log")
	cmd := acctest.Command(t.Context(), acctest.Workspace(t, configuration),
		"apply", "-auto-approve", "-input=false", "-no-color")
	cmd.Env = append(append(cmd.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+file), environment...)
	printed, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the apply succeeded")
	}
	logged, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(logged), "Response contains error diagnostic") {
		t.Error("the log has no line of the provider")
	}
	return string(printed), string(logged)
}

// expectNone checks that the texts, by name, contain none of the secrets.
func expectNone(t *testing.T, secrets []string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		for _, secret := range secrets {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("the %s contains %q: …%q…", name, secret, text[max(0, i-300):min(len(text), i+100)])
			}
		}
	}
}

// TestAccPasswords_areRedactedFromURLs has a password in each URL that can be
// configured. The URL may be invalid. The provider rejects a password in an
// endpoint, and shows no password.
func TestAccPasswords_areRedactedFromURLs(t *testing.T) {
	t.Parallel()
	acctest.SkipShared(t, configuresOnly)
	urls := map[string]string{ //nolint:gosec // The passwords are of the test.
		"valid":              "http://user:CANARY-pass@127.0.0.1:1",
		"SOCKS":              "socks5://user:CANARY-pass@127.0.0.1:1",
		"short":              "http://u:CANARY@127.0.0.1:1",
		"no password":        "http://CANARY@127.0.0.1:1",
		"scheme":             "ftp://user:CANARY-pass@127.0.0.1:1",
		"no scheme":          "user:CANARY-pass@127.0.0.1:1",
		"escape":             "http://user:CANARY-pa%zzCANARY@127.0.0.1:1",
		"slash":              "http://user:CANARY-p/assCANARY@127.0.0.1:1",
		"at sign":            "http://user:CANARY@CANARY@127.0.0.1:1",
		"space":              "http://user:CANARY pass@127.0.0.1:1",
		"no host":            "http://user:CANARY-pass",
		"escaped characters": "http://user:CANARY%2Fpa%40ss@127.0.0.1:1",
	}
	lambda := endpoints("lambda", "http://127.0.0.1:1")
	const (
		noLambda = "endpoints { lambda = \"http://lambda.test\" }" // for a proxy
		metadata = "skip_metadata_api_check = false\n"
	)
	for name, source := range map[string]struct {
		block       string // URL is the variable of the URL
		environment string
		config      string
		isRejected  bool // also if valid
	}{
		"endpoints.lambda": {keys + "endpoints { lambda = URL }", "", "", true},
		"endpoints.sts": {keys + "endpoints {\nlambda = \"http://127.0.0.1:1\"\nsts = URL\n}",
			"", "", true},
		"AWS_ENDPOINT_URL":                   {keys, "AWS_ENDPOINT_URL=URL", "", true},
		"AWS_ENDPOINT_URL_LAMBDA":            {keys, "AWS_ENDPOINT_URL_LAMBDA=URL", "", true},
		"AWS_ENDPOINT_URL_STS":               {keys + lambda, "AWS_ENDPOINT_URL_STS=URL", "", true},
		"endpoint_url":                       {keys, "", "[default]\nendpoint_url = URL\n", true},
		"ec2_metadata_service_endpoint":      {metadata + "ec2_metadata_service_endpoint = URL\n" + lambda, "", "", true},
		"AWS_EC2_METADATA_SERVICE_ENDPOINT":  {metadata + lambda, "AWS_EC2_METADATA_SERVICE_ENDPOINT=URL", "", true},
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": {lambda, "AWS_CONTAINER_CREDENTIALS_FULL_URI=URL", "", true},
		"http_proxy":                         {keys + "http_proxy = URL\n" + noLambda, "", "", false},
		"https_proxy":                        {keys + "https_proxy = URL", "", "", false},
		"both proxies": {keys + "http_proxy = URL\nhttps_proxy = \"user:CANARY@127.0.0.1:1\"\n" + noLambda,
			"", "", false},
		"HTTP_PROXY":  {keys + noLambda, "HTTP_PROXY=URL", "", false},
		"HTTPS_PROXY": {keys, "HTTPS_PROXY=URL", "", false},
	} {
		for kind, address := range urls {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				config := writeFile(t, strings.ReplaceAll(source.config, "URL", address))
				variable := strings.Replace(source.environment, "=URL", "="+address, 1)
				block := strings.ReplaceAll(source.block, "= URL", "= var.url")
				output, log := failedApply(t, configuration(region, "max_retries = 1", block)+
					fmt.Sprintf("variable \"url\" { default = %q }\n", address), "AWS_CONFIG_FILE="+config, variable)
				expectNone(t, canaryForms, map[string]string{"output": output, "log": log})
				if source.isRejected && !acctest.Wrapped("It must be an http or https URL").MatchString(output) {
					t.Errorf("the URL is not rejected:\n%s", output)
				}
			})
		}
	}
}

// TestAccSecrets_areNotInStateAndLog searches for secrets in the output, state and
// log of a run, which includes an error of Lambda. It also checks the fields of
// the log.
func TestAccSecrets_areNotInStateAndLog(t *testing.T) {
	acctest.SkipShared(t, configuresOnly)
	api := acctest.NewAPI(t, emulator.Options{Hosts: []string{"lambda.test"}}, "f")
	stsURL, _ := newSTS(t)
	proxy := strings.Replace(newServer(t, api.ServeHTTP), "http://", "http://user:"+canary+"@", 1)
	secrets := []string{canary, "secret-of-the-block", "token-of-the-block", serviceSecret, serviceToken}
	tf := acctest.Workspace(t, configuration(region, "access_key = \"of-block\"", "secret_key = \"secret-of-the-block\"",
		"token = \"token-of-the-block\"", "max_retries = 3", assumeRole("one"), "http_proxy = var.proxy",
		endpoints("lambda", "http://lambda.test", "sts", stsURL))+fmt.Sprintf("variable \"proxy\" { default = %q }\n", proxy))
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
	api.AddFault(emulator.Fault{Status: 403, Code: "InvalidSignatureException", Message: strings.Join(secrets, "\n")})
	if err := tf.Destroy(t.Context()); err == nil {
		t.Error("the destroy with a fault succeeded")
	}
	if err := tf.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"stdout": stdout.String(), "stderr": stderr.String()}
	for _, path := range []string{
		log, filepath.Join(tf.WorkingDir(), "terraform.tfstate"), filepath.Join(tf.WorkingDir(), "terraform.tfstate.backup"),
	} {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(content)
	}
	expectNone(t, secrets, texts)
	for _, want := range []string{
		"operation=PutFunctionEventInvokeConfig", "function=f", "region=us-east-1", "attempt=2", "duration_ms=", "status=500",
		"request_id=",
	} {
		if !slices.ContainsFunc(strings.Split(texts["log"], "\n"), func(line string) bool {
			return strings.Contains(line, "Lambda call") && strings.Contains(line, want)
		}) {
			t.Errorf("the log has no call with %s", want)
		}
	}
}
