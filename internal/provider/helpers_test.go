// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/sha1" //nolint:gosec // The SDK names the file of an SSO token by its SHA-1 hash.
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

// configuresOnly is a reason for [acctest.SkipShared].
const configuresOnly = "the test configures its own provider, in the same way in both modes"

// Arguments of a provider block.
const (
	region = "region = \"us-east-1\"\n"
	keys   = "access_key = \"of-block\"\nsecret_key = \"s\"\n"
)

// endpoints returns an endpoints block of pairs of a service and a URL.
func endpoints(pairs ...string) string {
	block := "endpoints {\n"
	for pair := range slices.Chunk(pairs, 2) {
		block += fmt.Sprintf("  %s = %q\n", pair[0], pair[1])
	}
	return block + "}\n"
}

// assumeRole returns an assume_role block for the role of that name.
func assumeRole(name string, arguments ...string) string {
	return fmt.Sprintf("assume_role {\nrole_arn = %q\n%s\n}\n", roleARN(name), strings.Join(arguments, "\n"))
}

// webIdentity returns an assume_role_with_web_identity block for the role "web".
func webIdentity(arguments ...string) string {
	return fmt.Sprintf("assume_role_with_web_identity {\nrole_arn = %q\n%s\n}\n",
		roleARN("web"), strings.Join(arguments, "\n"))
}

func roleARN(name string) string { return "arn:aws:iam::123456789012:role/" + name }

// configuration returns a provider block with the arguments, and a resource for
// the function f.
func configuration(arguments ...string) string {
	return fmt.Sprintf("provider \"awslambda\" {\n%s\n}\n", strings.Join(arguments, "\n")) + acctest.Config("x", "f")
}

// configurationOf returns a provider block with the arguments, and resources for
// the functions f0, f1 and so on.
func configurationOf(count int, arguments ...string) string {
	return strings.Replace(configuration(arguments...), acctest.Config("x", "f"),
		fmt.Sprintf("resource %q \"x\" {\ncount = %d\nfunction_name = \"f${count.index}\"\n}\n", acctest.Type, count), 1)
}

// applyStep returns a step that applies [configuration].
func applyStep(arguments ...string) resource.TestStep {
	return resource.TestStep{Config: configuration(arguments...)}
}

// failStep returns a step that applies [configuration] and expects an error.
func failStep(text string, arguments ...string) resource.TestStep {
	return resource.TestStep{Config: configuration(arguments...), ExpectError: acctest.Wrapped(text)}
}

// writeFile writes a file that lasts as long as the test, and returns its path.
func writeFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// setConfigFile sets AWS_CONFIG_FILE to a file with the content.
func setConfigFile(t *testing.T, content string) {
	t.Helper()
	t.Setenv("AWS_CONFIG_FILE", writeFile(t, content))
}

// setEnvironment sets environment variables for the test.
func setEnvironment(t *testing.T, environment map[string]string) {
	t.Helper()
	for name, value := range environment {
		t.Setenv(name, value)
	}
}

// ssoProfile has the lines of a profile with SSO.
const ssoProfile = "sso_start_url = https://sso.test/start\nsso_region = us-east-1\n" +
	"sso_account_id = 123456789012\nsso_role_name = r\n"

// ssoHome returns a home directory with a token for the session "corp" and for
// [ssoProfile].
func ssoHome(t *testing.T, expires time.Time) string {
	t.Helper()
	home := t.TempDir()
	cached := fmt.Sprintf(
		`{"startUrl": "https://sso.test/start", "region": "us-east-1", "accessToken": "sso-token", "expiresAt": %q}`,
		expires.UTC().Format(time.RFC3339))
	for _, key := range []string{"https://sso.test/start", "corp"} {
		file := filepath.Join(home, ssoTokenFile(key))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(cached), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return home
}

// ssoTokenFile returns the name of the cached token of a session or start URL,
// relative to the home directory.
func ssoTokenFile(key string) string {
	name := sha1.Sum([]byte(key)) //nolint:gosec // The SDK uses SHA-1.
	return filepath.Join(".aws", "sso", "cache", hex.EncodeToString(name[:])+".json")
}

// requestLog is a list of the requests that a server received, in order.
type requestLog struct {
	mu      sync.Mutex
	entries []string
}

func (l *requestLog) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = append(l.entries, fmt.Sprintf(format, args...))
}

func (l *requestLog) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.entries)
}

// compact returns the requests without immediate repetitions.
func (l *requestLog) compact() []string { return slices.Compact(l.all()) }

// newServer starts a server that lasts as long as the test.
func newServer(t *testing.T, h http.HandlerFunc) (url string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// Secrets in the responses of the handlers below.
const (
	serviceSecret = "secret-of-a-service"
	serviceToken  = "session-token-of-a-service"
)

// signingKey returns the access key that a request was signed with.
func signingKey(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(scope, "/")
	return key
}

// newSTS starts an STS and returns the log of its requests.
func newSTS(t *testing.T) (url string, requests *requestLog) {
	t.Helper()
	requests = &requestLog{}
	return newServer(t, stsHandler(requests)), requests
}

// stsHandler handles AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity.
// The access key of a role is "of-" and the name of the role.
func stsHandler(requests *requestLog) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		action, role := r.Form.Get("Action"), r.Form.Get("RoleArn")
		entry := action
		if key := signingKey(r); key != "" {
			entry += " by " + key
		}
		for _, parameter := range []string{
			"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId", "SourceIdentity", "Policy",
			"PolicyArns.member.1.arn", "Tags.member.1.Key", "TransitiveTagKeys.member.1", "WebIdentityToken",
		} {
			// The SDK generates a timestamp as session name.
			if v := r.Form.Get(parameter); v != "" && (parameter != "RoleSessionName" || strings.Contains(v, "deploy")) {
				entry += fmt.Sprintf(" %s=%s", parameter, v)
			}
		}
		requests.add("%s", entry)
		if action == "GetCallerIdentity" {
			writeXML(w, http.StatusOK, "<GetCallerIdentityResponse><GetCallerIdentityResult>"+
				"<Arn>arn:aws:iam::123456789012:user/u</Arn><UserId>U</UserId><Account>123456789012</Account>"+
				"</GetCallerIdentityResult></GetCallerIdentityResponse>")
			return
		}
		_, name, _ := strings.Cut(role, "/")
		writeXML(w, http.StatusOK, assumedRole(action, "of-"+name, serviceSecret, serviceToken))
	}
}

// assumedRole returns the body of a response of STS.
func assumedRole(action, key, secret, token string) string {
	return fmt.Sprintf("<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>%[2]s</AccessKeyId>"+
		"<SecretAccessKey>%[3]s</SecretAccessKey><SessionToken>%[4]s</SessionToken>"+
		"<Expiration>%[5]s</Expiration></Credentials><AssumedRoleUser>"+
		"<Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn><AssumedRoleId>R</AssumedRoleId>"+
		"</AssumedRoleUser></%[1]sResult></%[1]sResponse>",
		action, key, secret, token, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

// xmlFailure returns the body of an error of STS.
func xmlFailure(code, message, requestID string) string {
	return fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message><![CDATA[%s]]></Message></Error>"+
		"<RequestId>%s</RequestId></ErrorResponse>", code, message, requestID)
}

func writeXML(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprint(w, body)
}

// handleContainer handles a request to the endpoint of a container's credentials.
func handleContainer(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]any{
		"AccessKeyId": "of-container", "SecretAccessKey": serviceSecret, "Token": serviceToken,
		"Expiration": time.Now().Add(time.Hour).UTC(),
	})
}

// handleMetadata handles a request to the instance metadata service.
func handleMetadata(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/latest/api/token":
		w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
		_, _ = fmt.Fprint(w, "metadata-token")
	case "/latest/meta-data/iam/security-credentials/":
		_, _ = fmt.Fprint(w, "role")
	case "/latest/meta-data/iam/security-credentials/role":
		writeJSON(w, map[string]any{
			"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "of-instance", "SecretAccessKey": serviceSecret,
			"Token": serviceToken, "LastUpdated": time.Now().UTC(), "Expiration": time.Now().Add(time.Hour).UTC(),
		})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// handleSSO handles a request to the IAM Identity Center portal.
func handleSSO(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/federation/credentials" || r.Header.Get("X-Amz-Sso_bearer_token") != "sso-token" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	writeJSON(w, map[string]any{"roleCredentials": map[string]any{
		"accessKeyId": "of-sso", "secretAccessKey": serviceSecret, "sessionToken": serviceToken,
		"expiration": time.Now().Add(time.Hour).UnixMilli(),
	}})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// newServices starts one server for Lambda, STS and SSO, and returns the log of
// the services that were called.
func newServices(t *testing.T) (url string, called *requestLog) {
	t.Helper()
	called = &requestLog{}
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	handleSTS := stsHandler(&requestLog{})
	return newServer(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/2019-09-25/"):
			called.add("lambda")
			api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/federation/"):
			called.add("sso")
			handleSSO(w, r)
		default:
			called.add("sts")
			handleSTS(w, r)
		}
	}), called
}

// denyOtherHosts sets a proxy that rejects every request to another machine, and
// returns the log of the hosts.
func denyOtherHosts(t *testing.T) *requestLog {
	t.Helper()
	denied := &requestLog{}
	proxy := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		denied.add("%s", r.Host)
		w.WriteHeader(http.StatusForbidden)
	})
	t.Setenv("HTTPS_PROXY", proxy)
	t.Setenv("HTTP_PROXY", proxy)
	return denied
}

// configure configures a provider in this process with a provider block of Go
// values: strings, numbers, bools, lists of strings, and a map for a block.
func configure(t *testing.T, block map[string]any) (tfprotov6.ProviderServer, []*tfprotov6.Diagnostic) {
	t.Helper()
	s := serve.Server(provider.New("test"))()
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	attributes := map[string]tftypes.Value{}
	types := schemas.Provider.ValueType().(tftypes.Object).AttributeTypes
	for name, v := range block {
		attributes[name] = valueOf(types[name], v)
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: acctest.Object(t, schemas.Provider.ValueType(), attributes),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, configured.Diagnostics
}

// mustConfigure is configure for a block without errors.
func mustConfigure(t *testing.T, block map[string]any) tfprotov6.ProviderServer {
	t.Helper()
	s, diags := configure(t, block)
	if errs := errorTexts(diags); len(errs) > 0 {
		t.Fatal(errs)
	}
	return s
}

// configureAndRead configures a provider, reads the data source of the function
// f, and returns the errors. There is always one, because f has no configuration.
func configureAndRead(t *testing.T, block map[string]any) []string {
	t.Helper()
	s, diags := configure(t, block)
	if errs := errorTexts(diags); len(errs) > 0 {
		return errs
	}
	return read(t, s)
}

// read reads the data source of the function f, and returns the errors.
func read(t *testing.T, s tfprotov6.ProviderServer) []string {
	t.Helper()
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: acctest.Type,
		Config: acctest.Object(t, schemas.DataSourceSchemas[acctest.Type].ValueType(), map[string]tftypes.Value{
			"function_name": tftypes.NewValue(tftypes.String, "f"),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return errorTexts(resp.Diagnostics)
}

func errorTexts(diags []*tfprotov6.Diagnostic) (texts []string) {
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			texts = append(texts, d.Summary+"\n"+d.Detail)
		}
	}
	return texts
}

// valueOf returns v as a value of a type. A map is one block of a set or list.
func valueOf(as tftypes.Type, v any) tftypes.Value {
	switch v := v.(type) {
	case []string:
		var elements []tftypes.Value
		for _, e := range v {
			elements = append(elements, tftypes.NewValue(tftypes.String, e))
		}
		return tftypes.NewValue(as, elements)
	case map[string]string:
		var element tftypes.Object
		if list, ok := as.(tftypes.List); ok {
			element = list.ElementType.(tftypes.Object)
		} else {
			element = as.(tftypes.Set).ElementType.(tftypes.Object)
		}
		attributes := map[string]tftypes.Value{}
		for name, attributeType := range element.AttributeTypes {
			attributes[name] = tftypes.NewValue(attributeType, nil)
			if s, ok := v[name]; ok {
				attributes[name] = tftypes.NewValue(attributeType, s)
			}
		}
		return tftypes.NewValue(as, []tftypes.Value{tftypes.NewValue(element, attributes)})
	default:
		return tftypes.NewValue(as, v)
	}
}
