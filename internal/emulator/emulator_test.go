// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	region  = "us-east-1"
	account = "123456789012"
	prefix  = "arn:aws:lambda:us-east-1:123456789012:function:"
	queue   = "arn:aws:sqs:us-east-1:123456789012:queue"
	topic   = "arn:aws:sns:us-east-1:123456789012:topic"

	configPath = "/2019-09-25/functions/fn/event-invoke-config"
)

// server is an emulator on a local port, with a client that does not retry.
type server struct {
	*emulator.Emulator
	url    string
	client *lambda.Client
}

// start starts a server. In the region us-east-1, it has the function fn with version 1
// and the alias live of that version.
func start(t *testing.T, options emulator.Options) *server {
	t.Helper()
	e := emulator.New(options)
	listening := httptest.NewServer(e)
	t.Cleanup(listening.Close)
	must(t, e.CreateFunction(region, "fn"))
	_, err := e.PublishVersion(region, "fn")
	must(t, err)
	must(t, e.CreateAlias(region, "fn", "live", "1"))
	return &server{e, listening.URL, newClient(listening.URL, region)}
}

func newClient(url, region string) *lambda.Client {
	return lambda.New(lambda.Options{
		Region:       region,
		BaseEndpoint: &url,
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:      aws.NopRetryer{},
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

// wantError checks the code and the message that the SDK makes of an error.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an error with code %s", err, code)
	}
	equal(t, "code", e.ErrorCode(), code)
	equal(t, "message", e.ErrorMessage(), message)
}

// scope is an Authorization header for us-east-1.
const scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251107/us-east-1/lambda/aws4_request, " +
	"SignedHeaders=host;x-amz-date, Signature=00"

// response is a response with its body as text.
type response struct {
	status int
	header http.Header
	body   string
}

// errorType returns the header with the error code.
func (r response) errorType() string { return r.header.Get("X-Amzn-Errortype") }

// raw sends a request with that Authorization header, or without one.
func (s *server) raw(t *testing.T, authorization, method, path, body string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	must(t, err)
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return roundTrip(t, r)
}

// roundTrip sends r and returns the response.
func roundTrip(t *testing.T, r *http.Request) response {
	t.Helper()
	resp, err := http.DefaultClient.Do(r)
	must(t, err)
	data, err := io.ReadAll(resp.Body)
	must(t, errors.Join(err, resp.Body.Close()))
	return response{resp.StatusCode, resp.Header, string(data)}
}

// send sends a request that is authorized for us-east-1.
func (s *server) send(t *testing.T, method, path, body string) response {
	t.Helper()
	return s.raw(t, scope, method, path, body)
}

// members returns the members of a JSON object.
func members(t *testing.T, object string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(object), &m); err != nil {
		t.Fatalf("%v: %s", err, object)
	}
	return m
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestResponse_hasRequestIDAndContentType(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.PutConfig(region, "fn", "", emulator.Config{}))
	seen := map[string]bool{}
	for _, r := range []struct {
		authorization, method, path string
		status                      int
	}{
		{scope, "GET", configPath, 200},
		{scope, "DELETE", configPath, 204},
		{scope, "GET", configPath, 404},
		{scope, "PUT", configPath, 400},
		{scope, "GET", "/", 403},
		{"", "GET", configPath, 403},
	} {
		a := s.raw(t, r.authorization, r.method, r.path, "")
		equal(t, "status", a.status, r.status)
		equal(t, "type", a.header.Get("Content-Type"), "application/json")
		id := a.header.Get("X-Amzn-Requestid")
		if !uuid.MatchString(id) || seen[id] {
			t.Errorf("%s %s: %q is not a new request ID", r.method, r.path, id)
		}
		seen[id] = true
	}
}

func TestRequest_requiresAuthorization(t *testing.T) {
	s := start(t, emulator.Options{})
	const (
		missing = "MissingAuthenticationTokenException"
		invalid = "InvalidSignatureException"
	)
	for name, test := range map[string]struct{ authorization, code, message string }{
		"none":     {"", missing, "Missing Authentication Token"},
		"other":    {"Bearer abc", missing, "Missing Authentication Token"},
		"no scope": {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE", missing, "Missing Authentication Token"},
		"other region": {
			strings.Replace(scope, region, "moon", 1), invalid, "Credential should be scoped to a valid region.",
		},
		"other service": {
			strings.Replace(scope, "/lambda/", "/sts/", 1), invalid,
			"Credential should be scoped to correct service: 'lambda'.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.ClearRequests()
			a := s.raw(t, test.authorization, "GET", configPath, "")
			equal(t, "status", a.status, 403)
			equal(t, "code", a.errorType(), test.code)
			equal(t, "body", members(t, a.body), map[string]any{"message": test.message})
			equal(t, "recorded", s.Requests(), []emulator.Request{
				{Operation: "GetFunctionEventInvokeConfig", Function: "fn", Qualifier: "$LATEST", Status: 403},
			})
		})
	}
}

func TestUnknownOperation_isForbidden(t *testing.T) {
	s := start(t, emulator.Options{})
	a := s.send(t, "GET", "/2018-10-31/layers", "")
	equal(t, "status", a.status, 403)
	equal(t, "code", a.errorType(), "AccessDeniedException")
	equal(t, "body", members(t, a.body),
		map[string]any{"Message": "Unable to determine service/operation name to be authorized"})
}

func TestFunctionReference_acceptsEveryFormat(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.PutConfig(region, "fn", "live", emulator.Config{}))
	for _, name := range []string{
		"fn",
		"function:fn",
		"123456789012:fn",
		"123456789012:function:fn",
		"us-east-1:123456789012:function:fn",
		"arn:aws:lambda:us-east-1:123456789012:function:fn",
		"arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Afn",
		"arn%3aaws%3alambda%3aus-east-1%3a123456789012%3afunction%3afn%3alive",
	} {
		s.ClearRequests()
		a := s.send(t, "GET", "/2019-09-25/functions/"+name+"/event-invoke-config?Qualifier=live", "")
		equal(t, name, a.status, 200)
		r := s.Requests()[0]
		equal(t, name+": function", r.Function, "fn")
		equal(t, name+": qualifier", r.Qualifier, "live")
	}
	arn := prefix + "fn"
	_, err := s.client.GetFunctionEventInvokeConfig(t.Context(), &lambda.GetFunctionEventInvokeConfigInput{
		FunctionName: &arn, Qualifier: new("live"),
	})
	must(t, err)
}

func TestFunctionReference_rejectsOtherRegionsAndAccounts(t *testing.T) {
	s := start(t, emulator.Options{})
	for name, test := range map[string]struct {
		function, code, message string
		status                  int
	}{
		"region": {
			"arn:aws:lambda:eu-west-1:123456789012:function:fn", "ResourceNotFoundException",
			"Functions from 'eu-west-1' are not reachable in this region ('us-east-1')", 404,
		},
		"account": {
			"999999999999:function:fn:live", "AccessDeniedException",
			"User: arn:aws:iam::123456789012:user/emulator is not authorized to perform: lambda:GetFunctionEventInvokeConfig" +
				" on resource: arn:aws:lambda:us-east-1:999999999999:function:fn", 403,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.client.GetFunctionEventInvokeConfig(t.Context(),
				&lambda.GetFunctionEventInvokeConfigInput{FunctionName: &test.function})
			wantError(t, err, test.code, test.message)
			equal(t, "status", statusOf(err), test.status)
		})
	}
}

func statusOf(err error) int {
	var e interface{ HTTPStatusCode() int }
	if errors.As(err, &e) {
		return e.HTTPStatusCode()
	}
	return 0
}

func TestRegions_haveSeparateFunctions(t *testing.T) {
	s := start(t, emulator.Options{AccountID: "210987654321"})
	for region, arn := range map[string]string{
		"eu-west-1":     "arn:aws:lambda:eu-west-1:210987654321:function:fn:$LATEST",
		"cn-north-1":    "arn:aws-cn:lambda:cn-north-1:210987654321:function:fn:$LATEST",
		"us-gov-west-1": "arn:aws-us-gov:lambda:us-gov-west-1:210987654321:function:fn:$LATEST",
	} {
		client := newClient(s.url, region)
		_, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: new("fn")})
		if statusOf(err) != 404 {
			t.Errorf("%s: got %v, want the function of the other region to be missing", region, err)
		}
		must(t, s.CreateFunction(region, "fn"))
		got, err := client.PutFunctionEventInvokeConfig(t.Context(), &lambda.PutFunctionEventInvokeConfigInput{
			FunctionName: new("fn"), MaximumRetryAttempts: new(int32(1)),
		})
		must(t, err)
		equal(t, region, *got.FunctionArn, arn)
	}
	equal(t, "configs", s.Configs(), []string{
		"arn:aws-cn:lambda:cn-north-1:210987654321:function:fn:$LATEST",
		"arn:aws-us-gov:lambda:us-gov-west-1:210987654321:function:fn:$LATEST",
		"arn:aws:lambda:eu-west-1:210987654321:function:fn:$LATEST",
	})
}

func TestLastModified_isUnixSeconds(t *testing.T) {
	at := time.UnixMilli(1762502400007)
	s := start(t, emulator.Options{Clock: func() time.Time { return at }})
	a := s.send(t, "PUT", configPath, `{"MaximumRetryAttempts":0}`)
	if !strings.Contains(a.body, `"LastModified":1762502400.007`) {
		t.Errorf("got %s", a.body)
	}
	got, err := s.client.GetFunctionEventInvokeConfig(t.Context(),
		&lambda.GetFunctionEventInvokeConfigInput{FunctionName: new("fn")})
	must(t, err)
	if !got.LastModified.Equal(at) {
		t.Errorf("got %s, want %s", got.LastModified, at)
	}
}
