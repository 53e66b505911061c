// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// canary begins every long secret of these tests.
const canary = "CANARYcanaryCANARY"

// canaryForms are what must not be seen: a part of each canary, at each of the
// three places in a group of bytes in base64, and control characters.
var canaryForms = []string{"CANARY", "Q0FOQVJZ", "NBTkFSW", "DQU5BUl", "\x1b", "\u202e"}

// quotes returns the ways in which a service may quote a secret.
func quotes(secret string) string {
	encoded, _ := json.Marshal(secret)
	inner := strings.Trim(string(encoded), `"`)
	b := base64.StdEncoding.EncodeToString
	return strings.Join([]string{
		"x-amz-security-token:" + secret, "X-Amz-Security-Token: " + secret, fmt.Sprintf(`{"Token":"%s"}`, inner),
		"?X-Amz-Security-Token=" + url.QueryEscape(secret) + "&x", url.QueryEscape(url.QueryEscape(secret)), url.PathEscape(secret),
		"the token " + secret + " is invalid", b([]byte(secret)), b([]byte("a:" + secret)), b([]byte("ab:" + secret + "\n")),
		base64.RawURLEncoding.EncodeToString([]byte("abc:" + secret)), "\x1b[2J\u202e",
	}, "\n")
}

// echo answers every request with an error that quotes secrets, and whatever
// the request had, in its code, message, request ID and headers.
func echo(status int, secrets ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		said := r.URL.String() + "\n" + string(body)
		for name, values := range r.Header {
			said += "\n" + name + ": " + strings.Join(values, ",")
		}
		for _, secret := range secrets {
			said += "\n" + quotes(secret)
		}
		line := strings.Join(secrets, "-")
		w.Header().Set("X-Amzn-Requestid", line)
		w.Header().Set("X-Amzn-Errortype", "Denied-"+line)
		w.Header().Set("X-Amz-Security-Token", line)
		if status/100 == 3 {
			w.Header().Set("Location", "http://user:"+line+"@127.0.0.1:1/?X-Amz-Security-Token="+url.QueryEscape(line))
		}
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded; charset=utf-8" || r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" {
			w.Header().Set("Content-Type", "text/xml")
			w.WriteHeader(status)
			//nolint:gosec // to a client of this test
			_, _ = fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message><![CDATA[%s]]></Message></Error><RequestId>%s</RequestId></ErrorResponse>",
				line, strings.NewReplacer("\x1b", "", "\u202e", "").Replace(said), line)
			return
		}
		w.WriteHeader(status)
		answered, _ := json.Marshal(map[string]string{"message": said, "code": line})
		_, _ = w.Write(answered)
	}
}

// TestCanaries has a canary in each secret, and each service quote it in every
// form. It looks for the canaries in all that the run says, the TRACE log of
// Terraform among it.
func TestCanaries(t *testing.T) {
	acctest.SkipShared(t, "the CLI does not have the log of a provider that it did not start")
	const (
		role   = `role_arn = "arn:aws:iam::123456789012:role/r"`
		policy = `{"Version":"2012-10-17","Statement":[{"Sid":"CANARYpolicy","Effect":"Allow","Action":"*","Resource":"*"}]}`
	)
	secret := func(name string) string { return canary + name + "+/=" }
	for name, test := range map[string]struct {
		arguments   string
		environment map[string]string
		lambda, sts http.HandlerFunc // nil for one that works
		files       map[string]string
		want        string // in what is said
	}{
		"keys of the block, by Lambda": {
			arguments: fmt.Sprintf("access_key = \"k\"\nsecret_key = %q\ntoken = %q", secret("key"), secret("token")),
			lambda:    echo(403, secret("key"), secret("token")), want: "The service answered 403",
		},
		"keys of the environment, by Lambda": {
			environment: map[string]string{"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": secret("key"), "AWS_SESSION_TOKEN": secret("token")},
			lambda:      echo(400, secret("key"), secret("token")), want: "The service answered 400",
		},
		"keys of the profile, by Lambda": {
			arguments: `profile = "keys"`,
			files:     map[string]string{"config": "[profile keys]\naws_access_key_id = k\naws_secret_access_key = " + secret("key") + "\naws_session_token = " + secret("token") + "\n"},
			lambda:    echo(404, secret("key"), secret("token")), want: "The service answered 404",
		},
		"redirect of Lambda": {
			arguments: fmt.Sprintf("max_retries = 1\naccess_key = \"k\"\nsecret_key = %q\ntoken = %q", secret("key"), secret("token")),
			lambda:    echo(307, secret("token")), want: "ListFunctionEventInvokeConfigs of f",
		},
		"unreadable response of Lambda": {
			arguments: fmt.Sprintf("max_retries = 1\naccess_key = \"k\"\nsecret_key = %q\ntoken = %q", secret("key"), secret("token")),
			lambda:    echo(200, secret("token")), want: "cannot be read",
		},
		"role, by STS": {
			arguments: fmt.Sprintf("access_key = \"k\"\nsecret_key = %q\ntoken = %q\nassume_role {\n%s\nexternal_id = %q\npolicy = %q\n}",
				secret("key"), secret("token"), role, "CANARYexternal@id", policy),
			sts: echo(403, secret("key"), secret("token"), "CANARYexternal@id", policy), want: "Cannot assume IAM Role",
		},
		"role, by Lambda": {
			arguments: fmt.Sprintf("access_key = \"k\"\nsecret_key = %q\ntoken = %q\nassume_role {\n%s\nexternal_id = %q\npolicy = %q\n}",
				secret("key"), secret("token"), role, "CANARYexternal@id", policy),
			lambda: echo(403, secret("key"), secret("token"), "CANARYexternal@id", policy), want: "The service answered 403",
		},
		"second role of a chain, by STS": {
			arguments: fmt.Sprintf("access_key = \"k\"\nsecret_key = %q\nassume_role {\n%s\n}\nassume_role {\nrole_arn = \"arn:aws:iam::123456789012:role/two\"\n}", secret("key"), role),
			sts: func(w http.ResponseWriter, r *http.Request) {
				if token := r.Header.Get("X-Amz-Security-Token"); token != "" {
					echo(403, token)(w, r)
					return
				}
				w.Header().Set("Content-Type", "text/xml")
				_, _ = fmt.Fprintf(w, "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>k</AccessKeyId><SecretAccessKey>%s</SecretAccessKey>"+
					"<SessionToken>%s</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
					secret("first-key"), secret("first-token"))
			}, want: "Cannot assume IAM Role",
		},
		"account, by STS": {
			arguments: fmt.Sprintf("access_key = \"k\"\nsecret_key = %q\ntoken = %q\nallowed_account_ids = [\"123456789012\"]", secret("key"), secret("token")),
			sts:       echo(403, secret("key"), secret("token")), want: "Cannot determine AWS account",
		},
		"web identity of the block": {
			arguments: fmt.Sprintf("assume_role_with_web_identity {\n%s\npolicy = %q\nweb_identity_token = %q\n}", role, policy, secret("web")),
			sts:       echo(400, policy, secret("web")), want: "Cannot assume IAM Role",
		},
		"web identity of the environment": {
			arguments: fmt.Sprintf("assume_role_with_web_identity {\n%s\n}", role), environment: map[string]string{"TF_AWS_WEB_IDENTITY_TOKEN": secret("web")},
			sts: echo(400, secret("web")), want: "Cannot assume IAM Role",
		},
		"web identity of a file, by STS": {
			arguments: fmt.Sprintf("assume_role_with_web_identity {\n%s\nweb_identity_token_file = \"DIR/token\"\n}", role), files: map[string]string{"token": secret("web") + "\n"},
			sts: echo(400, secret("web")), want: "Cannot assume IAM Role",
		},
		"web identity of a file of the environment, by Lambda": {
			environment: map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "DIR/token", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/r"},
			files:       map[string]string{"token": secret("web") + "\n"}, lambda: echo(400, secret("web")), want: "The service answered 400",
		},
		"web identity of a profile, by STS": {
			arguments: `profile = "web"`,
			files:     map[string]string{"token": secret("web"), "config": "[profile web]\nrole_arn = arn:aws:iam::123456789012:role/r\nweb_identity_token_file = DIR/token\n"},
			sts:       echo(400, secret("web")), want: "No valid credential sources",
		},
		"role of a profile, by STS": {
			arguments: `profile = "role"`,
			files: map[string]string{"config": "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nexternal_id = CANARYexternal@id\n" +
				"[profile base]\naws_access_key_id = k\naws_secret_access_key = " + secret("key") + "\naws_session_token = " + secret("token") + "\n"},
			sts: echo(403, secret("key"), secret("token"), "CANARYexternal@id"), want: "No valid credential sources",
		},
		"container": {
			environment: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "CONTAINER", "AWS_CONTAINER_AUTHORIZATION_TOKEN": secret("container")},
			want:        "No valid credential sources",
		},
		"container, token of a file": {
			environment: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "CONTAINER", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "DIR/token"},
			files:       map[string]string{"token": secret("container")}, want: "No valid credential sources",
		},
		"credential_process, first output": {
			arguments: `profile = "process"`,
			files:     map[string]string{"config": "[profile process]\ncredential_process = echo 'Welcome CANARYoutput'\n"}, want: "must print credentials as JSON",
		},
		"credential_process, second output":             processFailing(2),
		"credential_process, third output":              processFailing(3),
		"credential_process, output of the second call": processFailing(4),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			container := server(t, echo(400, secret("container")))
			place := strings.NewReplacer("DIR", dir, "CONTAINER", container)
			for file, content := range test.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(place.Replace(content)), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			environment := []string{"AWS_CONFIG_FILE=" + filepath.Join(dir, "config")}
			for variable, value := range test.environment {
				environment = append(environment, variable+"="+place.Replace(value))
			}
			lambda, sts := http.HandlerFunc(acctest.NewAPI(t, emulator.Options{}, "f").ServeHTTP), test.sts
			if test.lambda != nil {
				lambda = test.lambda
			}
			if sts == nil {
				sts, _ = stsHandler()
			}
			said := runWith(t, step(acctest.NewAPI(t, emulator.Options{}), region, place.Replace(test.arguments),
				fmt.Sprintf("endpoints {\nlambda = %q\nsts = %q\n}", server(t, lambda), server(t, sts))).Config, environment...)
			if !acctest.Wrapped(test.want).MatchString(said["output"]) {
				t.Errorf("it does not say %q:\n%s", test.want, said["output"])
			}
			wantNoCanary(t, said)
		})
	}
}

// processFailing is a credential_process whose answers have expired when they
// come, so that it is run again at once, and that fails at the nth run.
func processFailing(nth int) (test struct {
	arguments   string
	environment map[string]string
	lambda, sts http.HandlerFunc
	files       map[string]string
	want        string
}) {
	test.arguments = `profile = "process"`
	test.files = map[string]string{
		"config": "[profile process]\ncredential_process = DIR/process\n",
		"process": fmt.Sprintf(`#!/bin/sh
echo x >>DIR/runs
if [ $(wc -l <DIR/runs) -lt %d ]; then
  echo '{"Version":1,"AccessKeyId":"K","SecretAccessKey":"CANARYkey-of-process","SessionToken":"CANARYtoken-of-process","Expiration":"2001-01-01T00:00:00Z"}'
else
  echo 'hello CANARYoutput'
fi
`, nth),
	}
	test.want = "must print credentials as JSON"
	return test
}

// runWith applies a configuration, which must fail, and returns what is said:
// the output of the CLI and its log.
func runWith(t *testing.T, configuration string, environment ...string) map[string]string {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	cmd := acctest.Command(t.Context(), acctest.Workspace(t, configuration), "apply", "-auto-approve", "-input=false", "-no-color")
	cmd.Env = append(append(cmd.Env, "TF_LOG=TRACE", "TF_LOG_PATH="+log), environment...)
	output, err := cmd.CombinedOutput()
	if err == nil {
		t.Error("the apply succeeded")
	}
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(content), "Response contains error diagnostic") {
		t.Error("the log has no line of the provider")
	}
	return map[string]string{"output": string(output), "log": string(content)}
}

func wantNoCanary(t *testing.T, said map[string]string) {
	t.Helper()
	for where, text := range said {
		for _, form := range canaryForms {
			if i := strings.Index(text, form); i >= 0 {
				t.Errorf("the %s has %q: …%q…", where, form, text[max(0, i-300):min(len(text), i+100)])
			}
		}
	}
}

// TestPasswordsInAddresses has a password in each address that can be configured,
// right or wrong. The provider refuses it in endpoints, and shows none.
func TestPasswordsInAddresses(t *testing.T) {
	t.Parallel()
	acctest.SkipShared(t, "the CLI does not have the log of a provider that it did not start")
	addresses := map[string]string{ //nolint:gosec // what must not be seen
		"right":              "http://user:CANARY-pass@127.0.0.1:1",
		"short":              "http://u:CANARY@127.0.0.1:1",
		"no password":        "http://CANARY@127.0.0.1:1",
		"scheme":             "ftp://user:CANARY-pass@127.0.0.1:1",
		"no scheme":          "user:CANARY-pass@127.0.0.1:1",
		"escape":             "http://user:CANARY-pa%zzCANARY@127.0.0.1:1",
		"slash":              "http://user:CANARY-p/assCANARY@127.0.0.1:1",
		"at sign":            "http://user:CANARY@CANARY@127.0.0.1:1",
		"space":              "http://user:CANARY pass@127.0.0.1:1",
		"host left out":      "http://user:CANARY-pass",
		"escaped characters": "http://user:CANARY%2Fpa%40ss@127.0.0.1:1",
	}
	type source struct {
		arguments   string // ADDRESS is the variable that has the address
		environment []string
		config      string
		refused     bool // also if right
	}
	const lambda = "endpoints { lambda = \"http://127.0.0.1:1\" }"
	sources := map[string]source{
		"endpoints.lambda":              {arguments: keys + "endpoints { lambda = ADDRESS }", refused: true},
		"endpoints.sts":                 {arguments: keys + "endpoints {\nlambda = \"http://127.0.0.1:1\"\nsts = ADDRESS\n}", refused: true},
		"AWS_ENDPOINT_URL":              {arguments: keys, environment: []string{"AWS_ENDPOINT_URL=ADDRESS"}, refused: true},
		"AWS_ENDPOINT_URL_LAMBDA":       {arguments: keys, environment: []string{"AWS_ENDPOINT_URL_LAMBDA=ADDRESS"}, refused: true},
		"AWS_ENDPOINT_URL_STS":          {arguments: keys + lambda, environment: []string{"AWS_ENDPOINT_URL_STS=ADDRESS"}, refused: true},
		"endpoint_url":                  {arguments: keys, config: "[default]\nendpoint_url = ADDRESS\n", refused: true},
		"ec2_metadata_service_endpoint": {arguments: "skip_metadata_api_check = false\nec2_metadata_service_endpoint = ADDRESS\n" + lambda, refused: true},
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": {arguments: "skip_metadata_api_check = false\n" + lambda,
			environment: []string{"AWS_EC2_METADATA_SERVICE_ENDPOINT=ADDRESS"}, refused: true},
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": {arguments: lambda, environment: []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=ADDRESS"}, refused: true},
		"http_proxy":                         {arguments: keys + "http_proxy = ADDRESS\nendpoints { lambda = \"http://lambda.test\" }"},
		"https_proxy":                        {arguments: keys + "https_proxy = ADDRESS"},
		"HTTP_PROXY":                         {arguments: keys + "endpoints { lambda = \"http://lambda.test\" }", environment: []string{"HTTP_PROXY=ADDRESS"}},
		"HTTPS_PROXY":                        {arguments: keys, environment: []string{"HTTPS_PROXY=ADDRESS"}},
	}
	for name, source := range sources {
		for kind, address := range addresses {
			t.Run(name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				config := file(t, "config", strings.ReplaceAll(source.config, "ADDRESS", address))
				environment := []string{"AWS_CONFIG_FILE=" + config}
				for _, entry := range source.environment {
					environment = append(environment, strings.ReplaceAll(entry, "ADDRESS", address))
				}
				arguments := strings.ReplaceAll(source.arguments, "ADDRESS", "var.address")
				said := runWith(t, step(acctest.NewAPI(t, emulator.Options{}), region, "max_retries = 1", arguments).Config+
					fmt.Sprintf("variable \"address\" { default = %q }\n", address), environment...)
				wantNoCanary(t, said)
				if source.refused && !strings.Contains(said["output"], "Invalid endpoint or proxy URL") {
					t.Errorf("it is not refused:\n%s", said["output"])
				}
			})
		}
	}
}
