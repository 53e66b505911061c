// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

const (
	region = "us-east-1"
	queue  = "arn:aws:sqs:us-east-1:123456789012:q"
	topic  = "arn:aws:sns:us-east-1:123456789012:t"
	arn    = "arn:aws:lambda:us-east-1:123456789012:function:f"
)

// Names of operations in requests and faults.
const (
	listConfigs  = "ListFunctionEventInvokeConfigs"
	getConfig    = "GetFunctionEventInvokeConfig"
	putConfig    = "PutFunctionEventInvokeConfig"
	updateConfig = "UpdateFunctionEventInvokeConfig"
	deleteConfig = "DeleteFunctionEventInvokeConfig"
)

// defaults are the settings of a configuration without any member.
var defaults = lambdaapi.Settings{
	MaximumEventAgeInSeconds: lambdaapi.DefaultEventAgeSeconds, MaximumRetryAttempts: lambdaapi.DefaultRetryAttempts,
}

// start returns a client of an emulator that has the function f with the alias
// live.
func start(t *testing.T, configure ...func(*aws.Config, *lambdaapi.Options)) (*lambdaapi.Client, *emulator.Emulator) {
	t.Helper()
	api := emulator.New(emulator.Options{})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	if err := errors.Join(api.CreateFunction(region, "f"), api.CreateAlias(region, "f", "live", "$LATEST")); err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{
		Region:      region,
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "token"),
		HTTPClient:  lambdaapi.NewHTTPClient(awshttp.NewBuildableClient()),
	}
	options := lambdaapi.Options{Endpoint: server.URL}
	for _, f := range configure {
		f(&cfg, &options)
	}
	return lambdaapi.New(cfg, options), api
}

// target returns the configuration that a function reference identifies.
func target(t *testing.T, reference string) lambdaapi.Target {
	t.Helper()
	ref, err := functionref.Parse(reference)
	if err != nil {
		t.Fatal(err)
	}
	return lambdaapi.Target{Region: region, Function: ref.Unqualified(), Qualifier: ref.Qualified().Qualifier}
}

// calls returns the operations that the emulator received, each with its status
// unless it succeeded.
func calls(api *emulator.Emulator) []string {
	var names []string
	for _, r := range api.Requests() {
		name := strings.Replace(strings.Replace(r.Operation, "FunctionEventInvokeConfig", "", 1), "Lists", "List", 1)
		if r.Status < 200 || r.Status > 299 {
			name += fmt.Sprint(" ", r.Status)
		}
		names = append(names, name)
	}
	return names
}

func wantCalls(t *testing.T, api *emulator.Emulator, want ...string) {
	t.Helper()
	if got := calls(api); !slices.Equal(got, want) {
		t.Errorf("calls: got %q, want %q", got, want)
	}
}

func stage(t *testing.T, api *emulator.Emulator, qualifier string, config emulator.Config) {
	t.Helper()
	if err := api.PutConfig(region, "f", qualifier, config); err != nil {
		t.Fatal(err)
	}
}

// list returns the first page of f's configurations.
func list(ctx context.Context, t *testing.T, client *lambdaapi.Client) (lambdaapi.Listing, error) {
	t.Helper()
	return client.List(ctx, target(t, "f"), time.Time{})
}

func TestClient_readsEveryFormOfNoDestination(t *testing.T) {
	t.Parallel()
	for _, response := range []string{
		`{}`,
		`{"DestinationConfig":null}`,
		`{"DestinationConfig":{}}`,
		`{"DestinationConfig":{"OnSuccess":{}}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":null},"OnSuccess":{"Destination":null}}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":""},"OnSuccess":null}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":"None"},"OnSuccess":{"Destination":"None"}}}`,
	} {
		t.Run(response, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			item := strings.Replace(strings.Replace(response, "{", `{"FunctionArn":"`+arn+`",`, 1), ",}", "}", 1)
			api.AddFault(emulator.Fault{Status: 200, Body: item})
			got, err := client.Get(t.Context(), target(t, "f"))
			if err != nil || got.Settings != defaults || got.FunctionARN != arn+":$LATEST" {
				t.Errorf("Get: got %+v, %v", got, err)
			}
			api.AddFault(emulator.Fault{Status: 200, Body: `{"FunctionEventInvokeConfigs":[` + item + `]}`})
			if listing, err := list(t.Context(), t, client); err != nil || listing.Configs["$LATEST"] != got {
				t.Errorf("List: got %+v, %v", listing, err)
			}
		})
	}
}

func TestClient_readsEveryFormOfLastModified(t *testing.T) {
	t.Parallel()
	for response, want := range map[string]string{
		`"2026-11-24T04:25:12.995356000Z"`: "2026-11-24T04:25:12.995Z",
		`"2026-11-24T04:25:12.995+0000"`:   "2026-11-24T04:25:12.995Z",
		`1795494312.995`:                   "2026-11-24T04:25:12.995Z",
		`"soon"`:                           "0001-01-01T00:00:00Z",
	} {
		client, api := start(t)
		item := `{"FunctionArn":"` + arn + `","LastModified": ` + response + `}`
		page := `{"FunctionEventInvokeConfigs":[` + item + `]}`
		api.AddFault(emulator.Fault{Operation: listConfigs, Status: 200, Body: page})
		for _, operation := range []string{getConfig, putConfig, updateConfig} {
			api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: item})
		}
		check := func(operation string, got lambdaapi.Config, err error) {
			t.Helper()
			if err != nil || got.LastModified.UTC().Format(time.RFC3339Nano) != want {
				t.Errorf("%s with %s: got %s, %v, want %s", operation, response, got.LastModified, err, want)
			}
		}
		listing, err := list(t.Context(), t, client)
		check("List", listing.Configs["$LATEST"], err)
		got, err := client.Get(t.Context(), target(t, "f"))
		check("Get", got, err)
		got, err = client.Put(t.Context(), target(t, "f"), defaults)
		check("Put", got, err)
		got, err = client.Update(t.Context(), target(t, "f"), defaults, []lambdaapi.Member{lambdaapi.EventAge})
		check("Update", got, err)
	}
}

// The SDK reads the responses of all attempts into one value.
func TestClient_keepsNothingOfUnreadableResponse(t *testing.T) {
	t.Parallel()
	members := `"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0,` +
		`"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"}}`
	for name, first := range map[string]string{
		"incomplete": "{" + members + "}",
		"broken off": `{"FunctionArn":"` + arn + `",` + members + ",",
		"wrong type": `{"FunctionArn":"` + arn + `",` + members + `,"LastModified":{}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, n := serve(t, func(n int32, w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, []string{first, `{"FunctionArn":"` + arn + `"}`}[min(n, 2)-1])
			})
			got, err := client.Get(t.Context(), target(t, "f"))
			if err != nil || got.Settings != defaults || n.Load() > 2 {
				t.Errorf("got %+v, %v after %d requests", got, err, n.Load())
			}
		})
	}
}

// Some deployments of the API store $LATEST and a missing qualifier as two
// configurations.
func TestClient_omitsQualifierOfLatest(t *testing.T) {
	t.Parallel()
	var got []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = append(got, r.URL.RawQuery)
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusNoContent)
		} else if _, err := io.WriteString(w, `{"FunctionArn":"`+arn+`"}`); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	client, _ := start(t, func(_ *aws.Config, o *lambdaapi.Options) { o.Endpoint = server.URL })
	for reference, want := range map[string]string{"f": "", "f:$LATEST": "", "f:live": "Qualifier=live"} {
		got = nil
		at := target(t, reference)
		_, getErr := client.Get(t.Context(), at)
		_, putErr := client.Put(t.Context(), at, defaults)
		_, updateErr := client.Update(t.Context(), at, defaults, []lambdaapi.Member{lambdaapi.EventAge})
		if err := errors.Join(getErr, putErr, updateErr, client.Delete(t.Context(), at)); err != nil {
			t.Error(err)
		}
		if !slices.Equal(got, []string{want, want, want, want}) {
			t.Errorf("%s: got the queries %q, want %q", reference, got, want)
		}
	}
}

func TestClient_usesRegionOfTarget(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	if err := api.CreateFunction("eu-west-1", "f"); err != nil {
		t.Fatal(err)
	}
	other := target(t, "f")
	other.Region = "eu-west-1"
	got, err := client.Put(t.Context(), other, defaults)
	if err != nil || got.FunctionARN != "arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST" {
		t.Errorf("got %+v, %v", got, err)
	}
	if client.Region() != region {
		t.Errorf("Region: got %q, want %q", client.Region(), region)
	}
}

func TestList_returnsOnePage(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	listing, err := list(t.Context(), t, client)
	if err != nil || len(listing.Configs) != 0 || !listing.Complete {
		t.Errorf("without configurations: got %+v, %v", listing, err)
	}
	for i := range 51 {
		alias := fmt.Sprintf("a%02d", i)
		if err := api.CreateAlias(region, "f", alias, "$LATEST"); err != nil {
			t.Fatal(err)
		}
		stage(t, api, alias, emulator.Config{MaximumRetryAttempts: new(i % 3)})
		listing, err := list(t.Context(), t, client)
		if err != nil || len(listing.Configs) != min(i+1, 50) || listing.Complete != (i < 50) {
			t.Fatalf("of %d configurations: got %d, complete = %t, %v", i+1, len(listing.Configs), listing.Complete, err)
		}
		got, ok := listing.Configs[alias]
		if ok && (got.FunctionARN != arn+":"+alias || got.MaximumRetryAttempts != int32(i%3)) {
			t.Errorf("%s: got %+v", alias, got)
		}
	}
}

// The ARN in a response must identify the configuration of the request.
// Otherwise the response is unreadable, and the call is retried.
func TestClient_rejectsOtherARN(t *testing.T) {
	t.Parallel()
	const account, partner = "210987654321", "000000000000"
	at := func(region, account, name string) string {
		return "arn:aws:lambda:" + region + ":" + account + ":function:" + name
	}
	for name, test := range map[string]struct {
		arn       string
		reference string // of the call, default arn:live
		good      bool
	}{
		"empty":                          {arn: ""},
		"no ARN":                         {arn: "f:live"},
		"another service":                {arn: "arn:aws:sqs:us-east-1:123456789012:f"},
		"another function":               {arn: at(region, "123456789012", "g:live")},
		"another qualifier":              {arn: at(region, "123456789012", "f:test")},
		"$LATEST":                        {arn: at(region, "123456789012", "f:$LATEST")},
		"another region":                 {arn: at("eu-west-1", "123456789012", "f:live")},
		"another account":                {arn: at(region, account, "f:live")},
		"no qualifier":                   {arn: at(region, "123456789012", "f"), good: true},
		"the account of an emulator":     {arn: at(region, partner, "f:live"), good: true},
		"an account that is not known":   {arn: at(region, account, "f:live"), reference: "f:live", good: true},
		"a name in another account":      {arn: at(region, account, "g:live"), reference: "f:live"},
		"a region of an unfamiliar form": {arn: at("us-east-11", "123456789012", "f:live")},
	} {
		for operation, call := range map[string]func(*lambdaapi.Client, lambdaapi.Target) error{
			getConfig: func(c *lambdaapi.Client, at lambdaapi.Target) error {
				_, err := c.Get(t.Context(), at)
				return err
			},
			putConfig: func(c *lambdaapi.Client, at lambdaapi.Target) error {
				_, err := c.Put(t.Context(), at, defaults)
				return err
			},
			updateConfig: func(c *lambdaapi.Client, at lambdaapi.Target) error {
				_, err := c.Update(t.Context(), at, defaults, []lambdaapi.Member{lambdaapi.RetryAttempts})
				return err
			},
			listConfigs: func(c *lambdaapi.Client, at lambdaapi.Target) error {
				_, err := c.List(t.Context(), at, time.Time{})
				return err
			},
		} {
			t.Run(name+" "+operation, func(t *testing.T) {
				t.Parallel()
				client, api := start(t)
				stage(t, api, "live", emulator.Config{})
				body := fmt.Sprintf(`{"FunctionArn":%q}`, test.arn)
				retried := !test.good
				if operation == listConfigs {
					body = `{"FunctionEventInvokeConfigs":[` + body + `]}`
					retried = retried && name != "another qualifier" && name != "$LATEST"
				}
				api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: body})
				if err := call(client, target(t, cmp.Or(test.reference, arn+":live"))); err != nil {
					t.Error(err)
				}
				if got := len(api.Requests()); got != 1 && !retried || got != 2 && retried {
					t.Errorf("%d requests", got)
				}
			})
		}
	}
}

// Only 204 is Lambda's response to a Delete.
func TestDelete_otherSuccessIsUnknown(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	stage(t, api, "live", emulator.Config{})
	api.AddFault(emulator.Fault{Operation: deleteConfig, Status: 200, Body: "<html>"})
	if err := client.Delete(t.Context(), target(t, "f:live")); !lambdaapi.IsOutcomeUnknown(err) {
		t.Errorf("got %v", err)
	}
	if err := client.Delete(t.Context(), target(t, "f:live")); err != nil {
		t.Error(err)
	}
}

// A write during the call may be missing in the response.
func TestList_reportsStartOfCall(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Status: 200, Delay: 50 * time.Millisecond})
	before := time.Now()
	listing, err := list(t.Context(), t, client)
	if err != nil || listing.Started.Before(before) || time.Since(listing.Started) < 50*time.Millisecond {
		t.Errorf("called at %s: got %s, %v", before, listing.Started, err)
	}
}

func TestPut_sendsEveryMember(t *testing.T) {
	t.Parallel()
	all := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, OnSuccess: topic, OnFailure: queue}
	for settings, body := range map[lambdaapi.Settings]string{
		defaults: `{"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},` +
			`"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":2}`,
		all: `{"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{"Destination":"` + topic +
			`"}},"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0}`,
	} {
		client, api := start(t)
		got, err := client.Put(t.Context(), target(t, "f"), settings)
		if err != nil || got.Settings != settings || got.FunctionARN != arn+":$LATEST" {
			t.Errorf("got %+v, %v, want %+v", got, err, settings)
		}
		if sent := string(api.Requests()[0].Body); sent != body {
			t.Errorf("sent %s, want %s", sent, body)
		}
	}
}

func TestUpdate_sendsOnlyGivenMembers(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	const destinations = `{"DestinationConfig":{"OnFailure":{},"OnSuccess":{"Destination":"` + topic + `"}}}`
	for _, test := range []struct {
		members []lambdaapi.Member
		body    string
		after   lambdaapi.Settings
	}{
		{
			[]lambdaapi.Member{lambdaapi.EventAge}, `{"MaximumEventAgeInSeconds":60}`,
			lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1, OnFailure: queue},
		},
		{
			[]lambdaapi.Member{lambdaapi.RetryAttempts}, `{"MaximumRetryAttempts":0}`,
			lambdaapi.Settings{MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 0, OnFailure: queue},
		},
		// One destination is sent with the other one.
		{
			[]lambdaapi.Member{lambdaapi.OnSuccess}, destinations,
			lambdaapi.Settings{MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 1, OnSuccess: topic},
		},
		{
			[]lambdaapi.Member{lambdaapi.OnFailure}, destinations,
			lambdaapi.Settings{MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 1, OnSuccess: topic},
		},
		{
			[]lambdaapi.Member{lambdaapi.EventAge, lambdaapi.RetryAttempts, lambdaapi.OnSuccess, lambdaapi.OnFailure},
			destinations[:len(destinations)-1] + `,"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0}`, want,
		},
	} {
		client, api := start(t)
		stage(t, api, "", emulator.Config{OnFailure: queue, MaximumRetryAttempts: new(1)})
		got, err := client.Update(t.Context(), target(t, arn), want, test.members)
		if err != nil || got.Settings != test.after || got.FunctionARN != arn+":$LATEST" {
			t.Errorf("%s: got %+v, %v, want %+v", test.members, got, err, test.after)
		}
		wantCalls(t, api, "Update")
		if body := string(api.Requests()[0].Body); body != test.body {
			t.Errorf("%s: sent %s, want %s", test.members, body, test.body)
		}
	}
}

func TestClient_reportsNotFound(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	_, getErr := client.Get(t.Context(), target(t, "f:live"))
	_, updateErr := client.Update(t.Context(), target(t, "f:live"), defaults, []lambdaapi.Member{lambdaapi.EventAge})
	_, listErr := client.List(t.Context(), target(t, "missing"), time.Time{})
	_, putErr := client.Put(t.Context(), target(t, "missing"), defaults)
	for operation, err := range map[string]error{
		getConfig: getErr, updateConfig: updateErr, listConfigs: listErr, putConfig: putErr,
		deleteConfig: client.Delete(t.Context(), target(t, "f:live")),
	} {
		call, ok := errors.AsType[*lambdaapi.CallError](err)
		if !ok || call.Operation != operation || !lambdaapi.IsNotFoundResponse(err) || lambdaapi.IsAccessDenied(err) {
			t.Errorf("%s: got %v", operation, err)
		}
	}
	wantCalls(t, api, "Get 404", "Update 404", "List 404", "Put 404", "Delete 404")
}

func TestClient_retriesTransientErrors(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"throttled":             {Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"},
		"service error":         {Status: 500, Code: "ServiceException", Message: "no"},
		"bad gateway":           {Status: 502, Body: "<html>"},
		"other 5xx":             {Status: 599},
		"conflict":              {Status: 409, Code: "ResourceConflictException", Message: "in progress"},
		"connection closed":     {Status: 0, Times: 2},
		"response lost":         {Status: 0, Applied: true},
		"response truncated":    {Status: 200, Truncate: true},
		"not found, truncated":  {Status: 404, Code: "ResourceNotFoundException", Message: "no", Truncate: true},
		"response not readable": {Status: 200, Body: "<html>ok</html>", Applied: true},
		"response empty":        {Status: 200, Body: "{}", Applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
			after := want
			after.MaximumRetryAttempts = 1
			fail := func(operation string) {
				f := fault
				f.Operation = operation
				api.AddFault(f)
			}
			fail(putConfig)
			if got, err := client.Put(t.Context(), target(t, "f"), want); err != nil || got.Settings != want {
				t.Errorf("Put: got %+v, %v", got, err)
			}
			fail(updateConfig)
			// An empty response to Update or List means that there is no such operation.
			missing := fault.Body == "{}"
			got, err := client.Update(t.Context(), target(t, arn), after, []lambdaapi.Member{lambdaapi.RetryAttempts})
			if lambdaapi.IsUnsupported(err) != missing || !missing && (err != nil || got.Settings != after) {
				t.Errorf("Update: got %+v, %v", got, err)
			}
			fail(getConfig)
			if got, err := client.Get(t.Context(), target(t, "f")); err != nil || got.Settings != after {
				t.Errorf("Get: got %+v, %v", got, err)
			}
			fail(listConfigs)
			listing, err := list(t.Context(), t, client)
			succeeds := err == nil && listing.Configs["$LATEST"].Settings == after
			if lambdaapi.IsUnsupported(err) != missing || !missing && !succeeds {
				t.Errorf("List: got %+v, %v", listing, err)
			}
			if fault.Status == 200 {
				return // the response of a Delete has no content
			}
			stage(t, api, "live", emulator.Config{})
			fail(deleteConfig)
			err = client.Delete(t.Context(), target(t, arn+":live"))
			// If the response was lost, the second attempt finds no configuration.
			if err != nil && (!fault.Applied || !lambdaapi.IsNotFoundResponse(err)) {
				t.Errorf("Delete: %v", err)
			}
			if got := api.Configs(); !slices.Equal(got, []string{arn + ":$LATEST"}) {
				t.Errorf("configurations: got %q", got)
			}
		})
	}
}

// The session retries a propagating error, because it can release the function's
// lock between the attempts.
func TestClient_returnsInvalidParametersImmediately(t *testing.T) {
	t.Parallel()
	const (
		destination = "Check that the destination exists. A new destination may take up to 2 minutes"
		permission  = "Check that a policy of the function's execution role allows the action on the destination. " +
			"A new policy may take up to 2 minutes"
		other = "Correct the value that the service names."
	)
	for message, advice := range map[string]string{
		"The destination ARN " + queue + " is invalid.":                                                        destination,
		"The function's execution role does not have permissions to call SendMessage on " + queue:              permission,
		"The function execution role does not have permissions to call PutObject on S3":                        permission,
		"The provided execution role does not have permissions to call Publish on SNS":                         permission,
		"The provided execution role does not have permission to call PutEvents on arn:aws:events:us":          permission,
		"You can't specify the function as a destination for itself.":                                          other,
		"The derived qualifier from the function name does not match the specified qualifier.":                 other,
		"The provided destination config DestinationConfig(onSuccess=null, onFailure=arn:aws:iam) is invalid.": other,
	} {
		for code, advice := range map[string]string{"InvalidParameterValueException": advice, "ValidationException": other} {
			client, api := start(t)
			stage(t, api, "", emulator.Config{})
			api.AddFault(emulator.Fault{Times: 2, Status: 400, Code: code, Message: message})
			_, putErr := client.Put(t.Context(), target(t, "f"), defaults)
			_, updateErr := client.Update(t.Context(), target(t, "f"), defaults, []lambdaapi.Member{lambdaapi.OnSuccess})
			for _, err := range []error{putErr, updateErr} {
				wantText(t, err, message, advice)
				if lambdaapi.IsPropagationError(err) != (advice != other) {
					t.Errorf("IsPropagationError: got %t: %v", advice == other, err)
				}
			}
			wantCalls(t, api, "Put 400", "Update 400")
		}
	}
}

func TestClient_returnsPermanentErrorsImmediately(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reference string
		settings  lambdaapi.Settings
		fault     *emulator.Fault
		want      []string
	}{
		"value out of range": {
			reference: "f", settings: lambdaapi.Settings{MaximumEventAgeInSeconds: 1},
			want: []string{
				"PutFunctionEventInvokeConfig of f:$LATEST in us-east-1 failed",
				"400 ValidationException: 1 validation error", "Request ID: ", "Correct the value",
			},
		},
		"function missing": {
			reference: "g:live", settings: defaults,
			want: []string{"404 ResourceNotFoundException: The function doesn't exist.", "create g:live in us-east-1"},
		},
		"access denied": {
			reference: arn + ":live", settings: defaults,
			fault: &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "not authorized"},
			want: []string{
				"403 AccessDeniedException: not authorized",
				"Allow the action lambda:PutFunctionEventInvokeConfig on the resources " + arn + " and " + arn + ":* to",
			},
		},
		"forbidden by a proxy": {
			reference: "f", settings: defaults,
			fault: &emulator.Fault{Status: 403, Body: "<html>"},
			want:  []string{"PutFunctionEventInvokeConfig of f:$LATEST", "403"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			if test.fault != nil {
				api.AddFault(*test.fault)
			}
			_, err := client.Put(t.Context(), target(t, test.reference), test.settings)
			wantText(t, err, test.want...)
			if n := len(calls(api)); n != 1 {
				t.Errorf("calls: got %q, want one", calls(api))
			}
		})
	}
}

// Every part of the response is long, and has a secret and control characters.
func TestCallError_showsExcerpts(t *testing.T) {
	t.Parallel()
	const secret = "session-token-of-this-run"
	long := strings.Repeat("x", 1<<20)
	header := strings.Repeat("y", 20<<10) // the client reads 64 KiB of headers
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", secret+header)
		w.Header().Set("X-Amzn-Requestid", secret+header)
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprintf(w, `{"Message":"\u001b[2J%s \u202e%s"}`, secret, long)
	}))
	t.Cleanup(server.Close)
	var secrets redact.Secrets
	secrets.Add(secret)
	client, _ := start(t, func(_ *aws.Config, o *lambdaapi.Options) { o.Endpoint, o.Secrets = server.URL, &secrets })
	_, err := client.Get(t.Context(), target(t, "f"))
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	wantText(t, err, "403 (not shown)yyy", `: \u001b[2J(not shown) \u202exxx`, "Request ID: (not shown)yyy")
	if len(text) > 3*redact.MaxExcerpt+1000 || strings.Contains(text, "session-token") ||
		strings.ContainsAny(text, "\x1b\u202e") || strings.Count(text, "cut here") != 3 {
		t.Errorf("%d bytes: %.400q", len(text), text)
	}
}

func TestClient_limitsRetries(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*aws.Config, *lambdaapi.Options){
		"attempts": func(cfg *aws.Config, _ *lambdaapi.Options) { cfg.RetryMaxAttempts = 2 },
		"quota":    func(_ *aws.Config, o *lambdaapi.Options) { o.RetryTokens = 15 }, // a retry costs 14
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t, limit)
			api.AddFault(emulator.Fault{Times: 1000, Status: 500, Code: "ServiceException", Message: "no"})
			_, err := client.Get(t.Context(), target(t, "f"))
			if err == nil || !strings.Contains(err.Error(), "500 ServiceException: no") {
				t.Errorf("got %v", err)
			}
			wantCalls(t, api, "Get 500", "Get 500")
		})
	}
}

func TestClient_logsEveryAttempt(t *testing.T) {
	t.Parallel()
	var log []lambdaapi.Attempt
	client, api := start(t, func(_ *aws.Config, o *lambdaapi.Options) {
		o.Log = func(_ context.Context, a lambdaapi.Attempt) { log = append(log, a) }
	})
	api.AddFault(emulator.Fault{Operation: putConfig, Status: 429, Code: "TooManyRequestsException"})
	if _, err := list(t.Context(), t, client); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Put(t.Context(), target(t, "f:live"), defaults); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range log {
		got = append(got, fmt.Sprint(a.Operation, " ", a.Target, " ", a.Number, " ", a.Status, " ", a.Err != nil))
		if a.Duration <= 0 || a.RequestID == "" {
			t.Errorf("%+v lacks the duration or the request ID", a)
		}
	}
	want := []string{
		"ListFunctionEventInvokeConfigs f:$LATEST in us-east-1 1 200 false",
		"PutFunctionEventInvokeConfig f:live in us-east-1 1 429 true",
		"PutFunctionEventInvokeConfig f:live in us-east-1 2 200 false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSettings_differingAndWith(t *testing.T) {
	t.Parallel()
	a := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic, OnFailure: queue}
	b := lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: queue, OnFailure: topic}
	all := []lambdaapi.Member{lambdaapi.EventAge, lambdaapi.RetryAttempts, lambdaapi.OnSuccess, lambdaapi.OnFailure}
	if got := a.Differing(b); !slices.Equal(got, all) {
		t.Errorf("Differing: got %q, want %q", got, all)
	}
	if got := a.Differing(a); len(got) != 0 {
		t.Errorf("Differing from itself: got %q", got)
	}
	for _, m := range all {
		got := a.With(b, []lambdaapi.Member{m})
		if !slices.Equal(got.Differing(a), []lambdaapi.Member{m}) || slices.Contains(got.Differing(b), m) {
			t.Errorf("With %s: got %+v", m, got)
		}
	}
	if got := a.With(b, all); got != b {
		t.Errorf("With every member: got %+v, want %+v", got, b)
	}
}
