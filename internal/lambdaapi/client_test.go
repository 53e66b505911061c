// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

const (
	region = "us-east-1"
	queue  = "arn:aws:sqs:us-east-1:123456789012:q"
	topic  = "arn:aws:sns:us-east-1:123456789012:t"
	arn    = "arn:aws:lambda:us-east-1:123456789012:function:f"
)

// defaults is what nothing set is read as.
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
	cfg := aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	options := lambdaapi.Options{Endpoint: server.URL}
	for _, f := range configure {
		f(&cfg, &options)
	}
	return lambdaapi.New(cfg, options), api
}

// target is f, by the given reference.
func target(t *testing.T, reference string) lambdaapi.Target {
	t.Helper()
	ref, err := functionref.Parse(reference)
	if err != nil {
		t.Fatal(err)
	}
	return lambdaapi.Target{Region: region, Function: ref.Unqualified(), Qualifier: ref.Qualified().Qualifier}
}

// calls returns the operations that were received, with what they answered
// unless it was a success.
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

func TestReadFillsInDefaults(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	stage(t, api, "live", emulator.Config{OnFailure: queue})
	got, err := client.Read(t.Context(), target(t, "f:live"))
	want := defaults
	want.OnFailure = queue
	if err != nil || got.Settings != want || got.FunctionARN != arn+":live" {
		t.Errorf("got %+v, %v", got, err)
	}
	wantCalls(t, api, "List")
}

func TestReadTakesEverySpellingOfNone(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		`{}`,
		`{"DestinationConfig":null}`,
		`{"DestinationConfig":{}}`,
		`{"DestinationConfig":{"OnSuccess":{}}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":null},"OnSuccess":{"Destination":null}}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":""},"OnSuccess":null}}`,
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			item := strings.Replace(strings.Replace(answer, "{", `{"FunctionArn":"`+arn+`",`, 1), ",}", "}", 1)
			api.AddFault(emulator.Fault{Status: 200, Body: `{"FunctionEventInvokeConfigs":[` + item + `]}`})
			got, err := client.Read(t.Context(), target(t, "f"))
			if err != nil || got.Settings != defaults || got.FunctionARN != arn+":$LATEST" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestReadTakesATimeAsText(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`"2026-11-24T04:25:12.995356000Z"`: "2026-11-24T04:25:12.995Z",
		`"2026-11-24T04:25:12.995+0000"`:   "2026-11-24T04:25:12.995Z",
		`1795494312.995`:                   "2026-11-24T04:25:12.995Z",
		`"soon"`:                           "0001-01-01T00:00:00Z",
	} {
		client, api := start(t)
		api.AddFault(emulator.Fault{Status: 200, Body: `{"FunctionEventInvokeConfigs":[{"FunctionArn":"` + arn + `","LastModified": ` + answer + `}]}`})
		got, err := client.Read(t.Context(), target(t, "f"))
		if err != nil || got.LastModified.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %s, %v, want %s", answer, got.LastModified, err, want)
		}
	}
}

func TestReadBelievesAbsenceOnlyTwice(t *testing.T) {
	t.Parallel()
	denied := func(operation string) emulator.Fault {
		return emulator.Fault{Operation: operation, Status: 403, Code: "AccessDeniedException", Message: "no"}
	}
	gone := func(operation string) emulator.Fault {
		return emulator.Fault{Operation: operation, Status: 404, Code: "ResourceNotFoundException", Message: "no"}
	}
	const list, get = "ListFunctionEventInvokeConfigs", "GetFunctionEventInvokeConfig"
	for name, test := range map[string]struct {
		reference string
		there     bool
		faults    []emulator.Fault
		calls     []string
		want      string // of the error
	}{
		"config gone":                  {reference: "f", calls: []string{"List", "Get 404"}, want: lambdaapi.ErrNotFound.Error()},
		"function gone":                {reference: "g", calls: []string{"List 404", "Get 404"}, want: lambdaapi.ErrNotFound.Error()},
		"List denied, gone":            {reference: "f", faults: []emulator.Fault{denied(list)}, calls: []string{"List 403", "Get 404", "Get 404"}, want: lambdaapi.ErrNotFound.Error()},
		"List denied, there":           {reference: "f", there: true, faults: []emulator.Fault{denied(list)}, calls: []string{"List 403", "Get"}},
		"List denied, absent once":     {reference: "f", there: true, faults: []emulator.Fault{denied(list), gone(get)}, calls: []string{"List 403", "Get 404", "Get"}},
		"List says gone, Get does not": {reference: "f", there: true, faults: []emulator.Fault{gone(list)}, calls: []string{"List 404", "Get"}},
		"both denied":                  {reference: "f", there: true, faults: []emulator.Fault{denied(list), denied(get)}, calls: []string{"List 403", "Get 403"}, want: "AccessDeniedException"},
		"List gone, Get denied":        {reference: "f", there: true, faults: []emulator.Fault{gone(list), denied(get)}, calls: []string{"List 404", "Get 403"}, want: "AccessDeniedException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			if test.there {
				stage(t, api, "", emulator.Config{})
			}
			for _, f := range test.faults {
				api.AddFault(f)
			}
			got, err := client.Read(t.Context(), target(t, test.reference))
			switch {
			case test.want == "" && (err != nil || got.Settings != defaults):
				t.Errorf("got %+v, %v", got, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got the error %v, want one with %q", err, test.want)
			}
			wantCalls(t, api, test.calls...)
		})
	}
}

// A List's answer has at most 50 configurations.
func TestReadAsksByGetForWhatIsBeyondTheFirstPage(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	for i := range 60 {
		alias := fmt.Sprintf("a%02d", i)
		if err := api.CreateAlias(region, "f", alias, "$LATEST"); err != nil {
			t.Fatal(err)
		}
		stage(t, api, alias, emulator.Config{MaximumRetryAttempts: new(i % 3)})
	}
	for _, i := range []int{0, 49, 50, 59, 59} {
		qualifier := fmt.Sprintf("a%02d", i)
		got, err := client.Read(t.Context(), target(t, "f:"+qualifier))
		if err != nil || got.FunctionARN != arn+":"+qualifier || got.MaximumRetryAttempts != int32(i%3) {
			t.Errorf("%s: got %+v, %v", qualifier, got, err)
		}
	}
	wantCalls(t, api, "List", "Get", "Get")

	// What is beyond the first page may be there: Create looks.
	var exists *lambdaapi.ExistsError
	if _, err := client.Create(t.Context(), target(t, "f:a58"), defaults, false); !errors.As(err, &exists) {
		t.Errorf("Create: got %v, want an ExistsError", err)
	}
	if _, err := client.Read(t.Context(), target(t, "f:none")); !errors.Is(err, lambdaapi.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	wantCalls(t, api, "List", "Get", "Get", "Get", "Get 404", "Get 404")
}

func TestCreate(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	same := emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(0), OnSuccess: topic}
	other := emulator.Config{MaximumEventAgeInSeconds: new(60), OnSuccess: topic}
	for name, test := range map[string]struct {
		there     *emulator.Config
		overwrite bool
		calls     []string
		exists    bool
	}{
		"none":                 {calls: []string{"List", "Put"}},
		"equal":                {there: &same, calls: []string{"List"}},
		"equal, overwrite":     {there: &same, overwrite: true, calls: []string{"List"}},
		"different":            {there: &other, calls: []string{"List"}, exists: true},
		"different, overwrite": {there: &other, overwrite: true, calls: []string{"List", "Put"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			if test.there != nil {
				stage(t, api, "live", *test.there)
			}
			got, err := client.Create(t.Context(), target(t, "f:live"), want, test.overwrite)
			wantCalls(t, api, test.calls...)
			var exists *lambdaapi.ExistsError
			if test.exists {
				if !errors.As(err, &exists) || exists.There.MaximumRetryAttempts != lambdaapi.DefaultRetryAttempts {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			if err != nil || got.Settings != want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestCreateSendsEveryMember(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	if _, err := client.Create(t.Context(), target(t, "f"), defaults, false); err != nil {
		t.Fatal(err)
	}
	const want = `{"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":2}`
	if got := string(api.Requests()[1].Body); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCreateLooksByGetWhereListCannot(t *testing.T) {
	t.Parallel()
	for _, fault := range []emulator.Fault{
		{Operation: "ListFunctionEventInvokeConfigs", Status: 404, Code: "ResourceNotFoundException"},
		{Operation: "ListFunctionEventInvokeConfigs", Status: 403, Code: "AccessDeniedException"},
	} {
		client, api := start(t)
		stage(t, api, "", emulator.Config{})
		api.AddFault(fault)
		want := defaults
		want.MaximumRetryAttempts = 0
		var exists *lambdaapi.ExistsError
		if _, err := client.Create(t.Context(), target(t, arn), want, false); !errors.As(err, &exists) {
			t.Errorf("%d: got %v, want an ExistsError", fault.Status, err)
		}
		wantCalls(t, api, fmt.Sprint("List ", fault.Status), "Get")
	}
}

func TestCreateTwiceInOneRun(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	var wait sync.WaitGroup
	errs := make([]error, 2)
	for i, reference := range []string{"f:live", arn + ":live"} {
		wait.Go(func() { _, errs[i] = client.Create(t.Context(), target(t, reference), defaults, true) })
	}
	wait.Wait()
	var held *lambdaapi.HeldError
	if !errors.As(errors.Join(errs...), &held) || held.FunctionARN != arn+":live" || (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("got %v, want one HeldError", errs)
	}
	// By its name or by its ARN, it is the same function: where the name came
	// first, its answer has said the account.
	if got := calls(api); !slices.Equal(got, []string{"List", "Put", "Get"}) && !slices.Equal(got, []string{"List", "Put", "List"}) {
		t.Errorf("calls: %q", got)
	}
}

func TestDeleteLeavesWhatThisRunHolds(t *testing.T) {
	t.Parallel()
	for name, hold := range map[string]func(*lambdaapi.Client) error{
		"created": func(c *lambdaapi.Client) error {
			want := defaults
			want.MaximumRetryAttempts = 1
			_, err := c.Create(t.Context(), target(t, "f:live"), want, true)
			return err
		},
		"adopted": func(c *lambdaapi.Client) error {
			_, err := c.Create(t.Context(), target(t, "f:live"), defaults, false)
			return err
		},
		"updated": func(c *lambdaapi.Client) error {
			_, err := c.Update(t.Context(), target(t, arn+":live"), defaults, []lambdaapi.Member{lambdaapi.EventAge})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			stage(t, api, "live", emulator.Config{})
			stage(t, api, "", emulator.Config{})
			if err := hold(client); err != nil {
				t.Fatal(err)
			}
			for _, reference := range []string{arn + ":live", arn} {
				if err := client.Delete(t.Context(), target(t, reference)); err != nil {
					t.Fatal(err)
				}
			}
			if got := api.Configs(); !slices.Equal(got, []string{arn + ":live"}) {
				t.Errorf("left: %q", got)
			}
		})
	}
}

func TestDeleteOfNothingSucceeds(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	if err := client.Delete(t.Context(), target(t, arn+":live")); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "Delete 404")
}

func TestUpdateSendsWhatChanged(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	for _, test := range []struct {
		members []lambdaapi.Member
		body    string
		calls   []string
	}{
		{[]lambdaapi.Member{lambdaapi.EventAge}, `{"MaximumEventAgeInSeconds":60}`, []string{"Update"}},
		{[]lambdaapi.Member{lambdaapi.RetryAttempts}, `{"MaximumRetryAttempts":0}`, []string{"Update"}},
		{
			[]lambdaapi.Member{lambdaapi.OnSuccess, lambdaapi.OnFailure},
			`{"DestinationConfig":{"OnFailure":{},"OnSuccess":{"Destination":"` + topic + `"}}}`, []string{"Update"},
		},
		// Both sides are sent; the one that is not to change is sent as it is.
		{
			[]lambdaapi.Member{lambdaapi.OnSuccess},
			`{"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{"Destination":"` + topic + `"}}}`, []string{"Get", "Update"},
		},
		{[]lambdaapi.Member{lambdaapi.OnFailure}, `{"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`, []string{"Get", "Update"}},
	} {
		client, api := start(t)
		stage(t, api, "", emulator.Config{OnFailure: queue, MaximumRetryAttempts: new(1)})
		got, err := client.Update(t.Context(), target(t, arn), want, test.members)
		// What was not sent is as wanted, whatever the service has.
		if err != nil || got.Settings != want {
			t.Errorf("%s: got %+v, %v", test.members, got, err)
		}
		wantCalls(t, api, test.calls...)
		if body := string(api.Requests()[len(test.calls)-1].Body); body != test.body {
			t.Errorf("%s: sent %s, want %s", test.members, body, test.body)
		}
	}
}

func TestUpdateConvergesWithPut(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	kept := `{"FunctionArn":"` + arn + `:$LATEST","MaximumRetryAttempts":0,"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{"Destination":"` + topic + `"}}}`
	for name, test := range map[string]struct {
		there  bool
		faults []emulator.Fault
		calls  []string
		failed []lambdaapi.Member
		got    lambdaapi.Settings // in the error's company
	}{
		"nothing to update": {calls: []string{"Update 404", "Put"}},
		"a side is kept":    {there: true, faults: []emulator.Fault{{Status: 200, Body: kept}}, calls: []string{"Update", "Put"}},
		"a side is kept by Put too": {
			there: true, faults: []emulator.Fault{{Status: 200, Body: kept, Times: 2}}, calls: []string{"Update", "Put"},
			failed: []lambdaapi.Member{lambdaapi.OnFailure},
			got:    lambdaapi.Settings{MaximumEventAgeInSeconds: 21600, OnSuccess: topic, OnFailure: queue},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			if test.there {
				stage(t, api, "", emulator.Config{OnFailure: queue})
			}
			for _, f := range test.faults {
				api.AddFault(f)
			}
			got, err := client.Update(t.Context(), target(t, arn), want,
				[]lambdaapi.Member{lambdaapi.RetryAttempts, lambdaapi.OnSuccess, lambdaapi.OnFailure})
			wantCalls(t, api, test.calls...)
			var failed *lambdaapi.NotAppliedError
			switch {
			case test.failed == nil && (err != nil || got.Settings != want):
				t.Errorf("got %+v, %v", got, err)
			case test.failed != nil && (!errors.As(err, &failed) || !slices.Equal(failed.Members, test.failed) || got.Settings != test.got):
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

// What somebody has changed since the plan was made is not this update's to
// change back, neither by the update nor by the Put that may follow it.
func TestUpdateLeavesTheOtherMembers(t *testing.T) {
	t.Parallel()
	planned := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	meanwhile := emulator.Config{MaximumEventAgeInSeconds: new(61), MaximumRetryAttempts: new(1), OnSuccess: queue, OnFailure: queue}
	for name, test := range map[string]struct {
		members []lambdaapi.Member
		kept    string // what Update answers, not having done it
		after   lambdaapi.Settings
		calls   []string
	}{
		"a number":             {[]lambdaapi.Member{lambdaapi.RetryAttempts}, "", lambdaapi.Settings{MaximumEventAgeInSeconds: 61, OnSuccess: queue, OnFailure: queue}, []string{"Update"}},
		"one side":             {[]lambdaapi.Member{lambdaapi.OnSuccess}, "", lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: topic, OnFailure: queue}, []string{"Get", "Update"}},
		"the other side":       {[]lambdaapi.Member{lambdaapi.OnFailure}, "", lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: queue}, []string{"Get", "Update"}},
		"one side, and by Put": {[]lambdaapi.Member{lambdaapi.OnSuccess}, `"OnSuccess":{}`, lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: topic, OnFailure: queue}, []string{"Get", "Update", "Put"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			stage(t, api, "", meanwhile)
			if test.kept != "" {
				api.AddFault(emulator.Fault{
					Operation: "UpdateFunctionEventInvokeConfig", Status: 200,
					Body: `{"FunctionArn":"` + arn + `","MaximumEventAgeInSeconds":61,"MaximumRetryAttempts":1,` +
						`"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},` + test.kept + `}}`,
				})
			}
			got, err := client.Update(t.Context(), target(t, arn), planned, test.members)
			if err != nil || got.Settings != planned {
				t.Errorf("got %+v, %v", got, err)
			}
			wantCalls(t, api, test.calls...)
			if there, err := client.Read(t.Context(), target(t, arn)); err != nil || there.Settings != test.after {
				t.Errorf("there is %+v, %v", there, err)
			}
		})
	}
}

func TestUpdateKeepsWhatItKnowsWherePutFails(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	stage(t, api, "", emulator.Config{})
	api.AddFault(emulator.Fault{Status: 200, Body: `{"FunctionArn":"` + arn + `","MaximumRetryAttempts":1}`})
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 403, Code: "AccessDeniedException"})
	want := defaults
	want.MaximumRetryAttempts = 0
	got, err := client.Update(t.Context(), target(t, arn), want, []lambdaapi.Member{lambdaapi.RetryAttempts})
	if err == nil || got.MaximumRetryAttempts != 1 || got.FunctionARN != arn+":$LATEST" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// What passes by itself is waited for, whichever call meets it.
func TestWaits(t *testing.T) {
	t.Parallel()
	faults := map[string]emulator.Fault{
		"throttled":           {Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"},
		"service failed":      {Status: 500, Code: "ServiceException", Message: "no"},
		"bad gateway":         {Status: 502, Body: "<html>"},
		"other 5xx":           {Status: 599},
		"conflict":            {Status: 409, Code: "ResourceConflictException", Message: "in progress"},
		"destination unknown": {Status: 400, Code: "InvalidParameterValueException", Message: "The destination ARN " + queue + " is invalid."},
		"permission unknown":  {Status: 400, Code: "InvalidParameterValueException", Message: "The function's execution role does not have permissions to call SendMessage on " + queue},
		"connection broken":   {Status: 0, Times: 2},
		"answer lost":         {Status: 0, Applied: true},
		"answer broken off":   {Status: 200, Truncate: true},
		"answer unreadable":   {Status: 200, Body: "<html>ok</html>", Applied: true},
		"answer empty":        {Status: 200, Body: "{}", Applied: true},
	}
	for name, fault := range faults {
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
			fail("PutFunctionEventInvokeConfig")
			if got, err := client.Create(t.Context(), target(t, "f"), want, false); err != nil || got.Settings != want {
				t.Errorf("Create: %+v, %v", got, err)
			}
			fail("UpdateFunctionEventInvokeConfig")
			if got, err := client.Update(t.Context(), target(t, arn), after, []lambdaapi.Member{lambdaapi.RetryAttempts}); err != nil || got.Settings != after {
				t.Errorf("Update: %+v, %v", got, err)
			}
			if fault.Status != 400 {
				fail("ListFunctionEventInvokeConfigs")
				if got, err := client.Read(t.Context(), target(t, arn)); err != nil || got.Settings != after {
					t.Errorf("Read: %+v, %v", got, err)
				}
			}
			if fault.Status != 200 { // a Delete's answer has nothing to read
				fail("DeleteFunctionEventInvokeConfig")
			}
			stage(t, api, "live", emulator.Config{})
			if err := client.Delete(t.Context(), target(t, arn+":live")); err != nil {
				t.Errorf("Delete: %v", err)
			}
			if got := api.Configs(); !slices.Equal(got, []string{arn + ":$LATEST"}) {
				t.Errorf("left: %q", got)
			}
		})
	}
}

// What never passes is said at once, with everything that helps.
func TestFailsAtOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reference string
		settings  lambdaapi.Settings
		fault     *emulator.Fault
		want      []string
	}{
		"wrong range": {
			reference: "f", settings: lambdaapi.Settings{MaximumEventAgeInSeconds: 1},
			want: []string{"PutFunctionEventInvokeConfig of f:$LATEST in us-east-1 failed", "400 ValidationException: 1 validation error", "Request ID: ", "Correct the value"},
		},
		"function missing": {
			reference: "g:live", settings: defaults,
			want: []string{"of g:live", "404 ResourceNotFoundException: The function doesn't exist.", "Request ID: ", "create g:live in us-east-1"},
		},
		"access denied": {
			reference: arn + ":live", settings: defaults,
			fault: &emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 403, Code: "AccessDeniedException", Message: "not authorized"},
			want:  []string{"403 AccessDeniedException: not authorized", "Allow the action lambda:PutFunctionEventInvokeConfig on the resources " + arn + " and " + arn + ":* to"},
		},
		"a proxy's refusal": {
			reference: "f", settings: defaults,
			fault: &emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 403, Body: "<html>"},
			want:  []string{"PutFunctionEventInvokeConfig of f:$LATEST", "403"},
		},
		"its own destination": {
			reference: "f", settings: lambdaapi.Settings{MaximumEventAgeInSeconds: 60, OnFailure: arn},
			want: []string{"You can't specify the function as a destination for itself.", "Correct the value"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			if test.fault != nil {
				api.AddFault(*test.fault)
			}
			_, err := client.Create(t.Context(), target(t, test.reference), test.settings, false)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%s", want, err)
				}
			}
			puts := slices.DeleteFunc(calls(api), func(s string) bool { return !strings.HasPrefix(s, "Put") })
			if len(puts) != 1 {
				t.Errorf("calls: %q", calls(api))
			}
		})
	}
}

func TestTimeoutSaysTheLastAnswer(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Times: 1000, Status: 409, Code: "ResourceConflictException", Message: "busy"})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := client.Create(ctx, target(t, "f"), defaults, false)
	if err == nil || !strings.Contains(err.Error(), "did not succeed within its timeout") || !strings.Contains(err.Error(), "409 ResourceConflictException: busy") {
		t.Errorf("got %v", err)
	}
}

func TestTimeoutInsideAnAttemptSaysTheLastAnswer(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 409, Code: "ResourceConflictException", Message: "busy"})
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 200, Delay: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := client.Create(ctx, target(t, "f"), defaults, false)
	if err == nil || !strings.Contains(err.Error(), "409 ResourceConflictException: busy") {
		t.Errorf("got %v", err)
	}
}

// The service quotes the canonical request when it refuses a signature.
func TestErrorsDoNotSaySessionTokens(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Status: 403, Code: "InvalidSignatureException", Message: "'GET\nX-Amz-Security-Token:hunter2\n\nhost'"})
	_, err := client.Read(t.Context(), target(t, "f"))
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "X-Amz-Security-Token:(not shown)") {
		t.Errorf("got %v", err)
	}
}

func TestCancelEndsAWait(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 200, Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := client.Create(ctx, target(t, "f"), defaults, false)
		done <- err
	}()
	for len(api.Requests()) < 2 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "was cancelled") {
		t.Errorf("got %v", err)
	}
}

func TestRetriesAreLimitedWhereAsked(t *testing.T) {
	t.Parallel()
	for name, limit := range map[string]func(*aws.Config, *lambdaapi.Options){
		"attempts": func(cfg *aws.Config, _ *lambdaapi.Options) { cfg.RetryMaxAttempts = 2 },
		"quota":    func(_ *aws.Config, o *lambdaapi.Options) { o.RetryQuota = 15 }, // a retry costs 14
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t, limit)
			api.AddFault(emulator.Fault{Times: 1000, Status: 500, Code: "ServiceException", Message: "no"})
			_, err := client.Read(t.Context(), target(t, "f"))
			if err == nil || !strings.Contains(err.Error(), "500 ServiceException: no") {
				t.Errorf("got %v", err)
			}
			wantCalls(t, api, "List 500", "List 500")
		})
	}
}

func TestEveryAttemptIsLogged(t *testing.T) {
	t.Parallel()
	var log []lambdaapi.Attempt
	client, api := start(t, func(_ *aws.Config, o *lambdaapi.Options) {
		o.Log = func(_ context.Context, a lambdaapi.Attempt) { log = append(log, a) }
	})
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Status: 429, Code: "TooManyRequestsException"})
	if _, err := client.Create(t.Context(), target(t, "f:live"), defaults, false); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range log {
		got = append(got, fmt.Sprint(a.Operation, " ", a.Target, " ", a.Number, " ", a.Status, " ", a.Err != nil))
		if a.Duration <= 0 || a.RequestID == "" {
			t.Errorf("%+v", a)
		}
	}
	want := []string{
		"ListFunctionEventInvokeConfigs f:live in us-east-1 1 200 false",
		"PutFunctionEventInvokeConfig f:live in us-east-1 1 429 true",
		"PutFunctionEventInvokeConfig f:live in us-east-1 2 200 false",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRegionIsTheTargets(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	if err := api.CreateFunction("eu-west-1", "f"); err != nil {
		t.Fatal(err)
	}
	elsewhere := target(t, "f")
	elsewhere.Region = "eu-west-1"
	got, err := client.Create(t.Context(), elsewhere, defaults, false)
	if err != nil || got.FunctionARN != "arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST" {
		t.Errorf("got %+v, %v", got, err)
	}
}
