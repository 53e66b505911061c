// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

const (
	region = "us-east-1"
	queue  = "arn:aws:sqs:us-east-1:123456789012:q"
	topic  = "arn:aws:sns:us-east-1:123456789012:t"
	arn    = "arn:aws:lambda:us-east-1:123456789012:function:f"
)

// Names of operations in faults.
const (
	listConfigs  = "ListFunctionEventInvokeConfigs"
	getConfig    = "GetFunctionEventInvokeConfig"
	putConfig    = "PutFunctionEventInvokeConfig"
	updateConfig = "UpdateFunctionEventInvokeConfig"
)

// defaults are the settings of a configuration without any member.
var defaults = lambdaapi.Settings{
	MaximumEventAgeInSeconds: lambdaapi.DefaultEventAgeSeconds, MaximumRetryAttempts: lambdaapi.DefaultRetryAttempts,
}

// modes are the two kinds of session. They differ only in the number of calls.
var modes = map[string]func(*lambdaapi.Client) *session.Session{
	"with cache":    session.New,
	"without cache": session.NewWithoutCache,
}

// start returns a session with an emulator that has the function f with the
// alias live.
func start(t *testing.T) (*session.Session, *emulator.Emulator) {
	t.Helper()
	return startMode(t, session.New)
}

func startMode(t *testing.T, newSession func(*lambdaapi.Client) *session.Session) (*session.Session, *emulator.Emulator) {
	t.Helper()
	api := emulator.New(emulator.Options{})
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	if err := errors.Join(api.CreateFunction(region, "f"), api.CreateAlias(region, "f", "live", "$LATEST")); err != nil {
		t.Fatal(err)
	}
	cfg := aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	return newSession(lambdaapi.New(cfg, lambdaapi.Options{Endpoint: server.URL})), api
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

func wantConfigs(t *testing.T, api *emulator.Emulator, want ...string) {
	t.Helper()
	if got := api.Configs(); !slices.Equal(got, want) {
		t.Errorf("configurations: got %q, want %q", got, want)
	}
}

// stage gives a qualifier of f a configuration, out of band.
func stage(t *testing.T, api *emulator.Emulator, qualifier string, config emulator.Config) {
	t.Helper()
	if err := api.PutConfig(region, "f", qualifier, config); err != nil {
		t.Fatal(err)
	}
}

// alias gives f aliases.
func alias(t *testing.T, api *emulator.Emulator, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := api.CreateAlias(region, "f", name, "$LATEST"); err != nil {
			t.Fatal(err)
		}
	}
}

// create creates a configuration with default settings for a new object.
func create(t *testing.T, s *session.Session, reference string) session.Object {
	t.Helper()
	token := session.NewToken()
	config, _, err := s.Create(t.Context(), target(t, reference), defaults, false, token)
	if err != nil {
		t.Fatalf("Create of %s: %v", reference, err)
	}
	return session.Object{Token: token, ARN: config.FunctionARN}
}

func isExists(err error) bool {
	_, ok := errors.AsType[*session.ExistsError](err)
	return ok
}

func isOwned(err error) bool {
	_, ok := errors.AsType[*session.OwnedError](err)
	return ok
}

func TestNew_withoutClientIsNotConnected(t *testing.T) {
	t.Parallel()
	s := session.New(nil)
	if name, known := s.Region(); s.Connected() || known || name != "" {
		t.Errorf("got connected = %t, region %q, known = %t", s.Connected(), name, known)
	}
	s, _ = start(t)
	if name, known := s.Region(); !s.Connected() || !known || name != region {
		t.Errorf("with a client: got connected = %t, region %q, known = %t", s.Connected(), name, known)
	}
}

func TestNewToken_isUnique(t *testing.T) {
	t.Parallel()
	if a, b := session.NewToken(), session.NewToken(); a == b || a == "" {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestFunctions_returnsFunctionsOfRegion(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	var got []string
	for ref, err := range s.Functions(t.Context(), region) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, ref.Name)
	}
	if !slices.Equal(got, []string{"f"}) {
		t.Errorf("got %q", got)
	}
}

func TestCreate_existingConfiguration(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	equal := emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(0), OnSuccess: topic}
	different := emulator.Config{MaximumEventAgeInSeconds: new(60), OnSuccess: topic}
	for name, test := range map[string]struct {
		existing  *emulator.Config
		overwrite bool
		calls     []string
		exists    bool
	}{
		"none":                 {calls: []string{"List", "Put"}},
		"equal":                {existing: &equal, calls: []string{"List"}},
		"equal, overwrite":     {existing: &equal, overwrite: true, calls: []string{"List"}},
		"different":            {existing: &different, calls: []string{"List"}, exists: true},
		"different, overwrite": {existing: &different, overwrite: true, calls: []string{"List", "Put"}},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				if test.existing != nil {
					stage(t, api, "live", *test.existing)
				}
				got, _, err := s.Create(t.Context(), target(t, "f:live"), want, test.overwrite, session.NewToken())
				wantCalls(t, api, test.calls...)
				if test.exists {
					exists, ok := errors.AsType[*session.ExistsError](err)
					if !ok || exists.Existing.MaximumRetryAttempts != lambdaapi.DefaultRetryAttempts || exists.Existing.FunctionARN != arn+":live" {
						t.Errorf("got %+v, %v, want an ExistsError", got, err)
					}
					return
				}
				if err != nil || got.Settings != want || got.FunctionARN != arn+":live" {
					t.Errorf("got %+v, %v, want %+v", got, err, want)
				}
			})
		}
	}
}

func TestCreate_usesGetIfListIsNotEnough(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]emulator.Fault{
		"List finds no function":  {Status: 404, Code: "ResourceNotFoundException"},
		"List is denied":          {Status: 403, Code: "AccessDeniedException"},
		"no List, HTML":           {Status: 404, Body: "<html>"},
		"no List, 405":            {Status: 405, Body: "<html>"},
		"no List, 501":            {Status: 501, Code: "InternalFailure"},
		"no List, other response": {Status: 200, Body: `{"Functions":[]}`},
		"List has further pages":  {Status: 200, Body: `{"FunctionEventInvokeConfigs":[],"NextMarker":"2"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(0)})
			fault.Operation, fault.Times = listConfigs, 2
			api.AddFault(fault)
			status := ""
			if fault.Status != 200 {
				status = fmt.Sprint(" ", fault.Status)
			}
			if _, _, err := s.Create(t.Context(), target(t, arn+":live"), defaults, false, session.NewToken()); !isExists(err) {
				t.Errorf("got %v, want an ExistsError", err)
			}
			wantCalls(t, api, "List"+status, "Get")
			api.ClearRequests()
			s = secondSession(t, api)
			if _, _, err := s.Create(t.Context(), target(t, arn), defaults, false, session.NewToken()); err != nil {
				t.Errorf("without a configuration: got %v", err)
			}
			wantCalls(t, api, "List"+status, "Get 404", "Put")
		})
	}
}

// secondSession returns another session with the same emulator.
func secondSession(t *testing.T, api *emulator.Emulator) *session.Session {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	return session.New(lambdaapi.New(cfg, lambdaapi.Options{Endpoint: server.URL}))
}

func TestCreate_returnsErrorsOfCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reference string
		fault     emulator.Fault
		calls     []string
		want      string
	}{
		"List fails":       {"f", emulator.Fault{Operation: listConfigs, Status: 400, Code: "ValidationException"}, []string{"List 400"}, "ListFunctionEventInvokeConfigs of f:$LATEST"},
		"Put fails":        {"f", emulator.Fault{Operation: putConfig, Status: 400, Code: "ValidationException"}, []string{"List", "Put 400"}, "PutFunctionEventInvokeConfig of f:$LATEST"},
		"function missing": {"g", emulator.Fault{Operation: "ListFunctions", Status: 500}, []string{"List 404", "Get 404", "Put 404"}, "PutFunctionEventInvokeConfig of g:$LATEST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			api.AddFault(test.fault)
			_, _, err := s.Create(t.Context(), target(t, test.reference), defaults, false, session.NewToken())
			if call, ok := errors.AsType[*lambdaapi.CallError](err); !ok || !strings.Contains(call.Error(), test.want) {
				t.Errorf("got %v, want the error of %s", err, test.want)
			}
			wantCalls(t, api, test.calls...)
		})
	}
}

func TestCreate_ofAnotherQualifierCostsNoList(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	alias(t, api, "a", "b")
	for _, reference := range []string{"f:live", "f", "f:a", "f:b"} {
		create(t, s, reference)
	}
	wantCalls(t, api, "List", "Put", "Put", "Put", "Put")
	wantConfigs(t, api, arn+":$LATEST", arn+":a", arn+":b", arn+":live")
}

// A List that started before this Create may be older than an out-of-band
// change.
func TestCreate_confirmsExistingConfigurationOfEarlierList(t *testing.T) {
	t.Parallel()
	want := defaults
	want.OnFailure = queue
	for name, test := range map[string]struct {
		change func(*emulator.Emulator) error
		call   []string
		exists bool
	}{
		"unchanged": {func(*emulator.Emulator) error { return nil }, []string{"Get"}, false},
		"changed": {func(api *emulator.Emulator) error {
			return api.PutConfig(region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0)})
		}, []string{"Get"}, true},
		"deleted": {func(api *emulator.Emulator) error { return api.DeleteConfig(region, "f", "live") }, []string{"Get 404", "Put"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			stage(t, api, "live", emulator.Config{OnFailure: queue})
			create(t, s, "f")
			if err := test.change(api); err != nil {
				t.Fatal(err)
			}
			got, _, err := s.Create(t.Context(), target(t, "f:live"), want, false, session.NewToken())
			if isExists(err) != test.exists || !test.exists && (err != nil || got.Settings != want) {
				t.Errorf("got %+v, %v", got, err)
			}
			wantCalls(t, api, append([]string{"List", "Put"}, test.call...)...)
		})
	}
}

func TestCreate_startsWithEmptyCacheAfterRefresh(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stage(t, api, "live", emulator.Config{})
	if _, err := s.Read(t.Context(), target(t, "f:live")); err != nil {
		t.Fatal(err)
	}
	stage(t, api, "", emulator.Config{MaximumRetryAttempts: new(0)})
	if _, _, err := s.Create(t.Context(), target(t, "f"), defaults, false, session.NewToken()); !isExists(err) {
		t.Errorf("got %v, want an ExistsError", err)
	}
	wantCalls(t, api, "List", "List")
}

// The List of the first Create is older than the writes that follow.
func TestCreate_getsConfigurationWrittenBySession(t *testing.T) {
	t.Parallel()
	for mode, newSession := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, api := startMode(t, newSession)
			object := create(t, s, "f:live")
			if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
				t.Fatal(err)
			}
			object = create(t, s, "f:live")
			if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
				t.Fatal(err)
			}
			stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(0)})
			if _, _, err := s.Create(t.Context(), target(t, "f:live"), defaults, false, session.NewToken()); !isExists(err) {
				t.Errorf("after an out-of-band change: got %v, want an ExistsError", err)
			}
			if mode == "with cache" {
				wantCalls(t, api, "List", "Put", "Delete", "Get 404", "Put", "Delete", "Get", "Get")
			}
		})
	}
}

// A write that failed may have changed the configuration.
func TestCreate_getsConfigurationAfterFailedWrite(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	create(t, s, "f")
	api.AddFault(emulator.Fault{Operation: putConfig, Status: 400, Code: "ValidationException", Applied: true})
	if _, _, err := s.Create(t.Context(), target(t, "f:live"), defaults, false, session.NewToken()); err == nil {
		t.Fatal("no error")
	}
	create(t, s, "f:live")
	wantCalls(t, api, "List", "Put", "Put 400", "Get")
}

func TestCreate_reportsValuesNotApplied(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	for _, operation := range []string{putConfig, getConfig} {
		api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: `{"FunctionArn":"` + arn + `","MaximumRetryAttempts":0,` +
			`"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"}}}`})
	}
	got, _, err := s.Create(t.Context(), target(t, "f"), defaults, false, session.NewToken())
	failed, ok := errors.AsType[*session.NotAppliedError](err)
	if !ok || !slices.Equal(failed.Members, []lambdaapi.Member{lambdaapi.RetryAttempts, lambdaapi.OnFailure}) {
		t.Fatalf("got %v, want a NotAppliedError", err)
	}
	if got.MaximumRetryAttempts != 0 || got.OnFailure != queue || got.FunctionARN != arn+":$LATEST" {
		t.Errorf("got %+v, want the response", got)
	}
	for _, want := range []string{"PutFunctionEventInvokeConfig of f:$LATEST in us-east-1", string(lambdaapi.RetryAttempts), "sent 2", string(lambdaapi.OnFailure), "sent none", queue} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not contain %q:\n%s", want, err)
		}
	}
}

func TestCreate_twiceReturnsOneOwnedError(t *testing.T) {
	t.Parallel()
	for mode, newSession := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, api := startMode(t, newSession)
			results := make(chan error)
			for _, reference := range []string{"f:live", arn + ":live"} {
				at := target(t, reference)
				go func() {
					_, _, err := s.Create(t.Context(), at, defaults, true, session.NewToken())
					results <- err
				}()
			}
			first, second := <-results, <-results
			owned, ok := errors.AsType[*session.OwnedError](errors.Join(first, second))
			if !ok || owned.FunctionARN != arn+":live" || (first == nil) == (second == nil) {
				t.Errorf("got %v and %v, want one OwnedError", first, second)
			}
			if got := strings.Count(strings.Join(calls(api), " "), "Put"); got != 1 {
				t.Errorf("calls: got %q, want one Put", calls(api))
			}
		})
	}
}

// A plan replaces an object without a change of the configuration, or moves its
// configuration to another object.
func TestCreate_overwritesConfigurationOfRemovedObject(t *testing.T) {
	t.Parallel()
	want := defaults
	want.MaximumRetryAttempts = 1
	for name, test := range map[string]struct {
		inState lambdaapi.Settings
		exists  bool
	}{
		"as in state":       {defaults, false},
		"changed since":     {lambdaapi.Settings{MaximumEventAgeInSeconds: 60}, true},
		"as in plan before": {want, true},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				stage(t, api, "live", emulator.Config{})
				old := session.Object{Token: session.NewToken(), ARN: arn + ":live"}
				s.Objects.PlanRemoved(old, test.inState)
				got, _, err := s.Create(t.Context(), target(t, "f:live"), want, false, session.NewToken())
				if isExists(err) != test.exists || !test.exists && (err != nil || got.Settings != want) {
					t.Errorf("got %+v, %v", got, err)
				}
				if test.exists {
					return
				}
				if err := s.Delete(t.Context(), target(t, "f:live"), old); err != nil {
					t.Error(err)
				}
				wantConfigs(t, api, arn+":live")
				wantCalls(t, api, "List", "Put")
			})
		}
	}
}

func TestUpdate_sendsOnlyChangedMembers(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	existing := lambdaapi.Settings{MaximumEventAgeInSeconds: lambdaapi.DefaultEventAgeSeconds, MaximumRetryAttempts: 1, OnFailure: queue}
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
		// Both destinations are sent. The unchanged one is not as planned, and is
		// sent as two reads returned it.
		{
			[]lambdaapi.Member{lambdaapi.OnSuccess},
			`{"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{"Destination":"` + topic + `"}}}`, []string{"Get", "Get", "Update"},
		},
		{[]lambdaapi.Member{lambdaapi.OnFailure}, `{"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`, []string{"Get", "Get", "Update"}},
	} {
		for mode, newSession := range modes {
			s, api := startMode(t, newSession)
			stage(t, api, "", emulator.Config{OnFailure: queue, MaximumRetryAttempts: new(1)})
			got, err := s.Update(t.Context(), target(t, arn), want, test.members, session.NewToken())
			if err != nil || got.Settings != existing.With(want, test.members) {
				t.Errorf("%s %s: got %+v, %v", test.members, mode, got, err)
			}
			wantCalls(t, api, test.calls...)
			if body := string(api.Requests()[len(test.calls)-1].Body); body != test.body {
				t.Errorf("%s %s: sent %s, want %s", test.members, mode, body, test.body)
			}
		}
	}
}

func TestUpdate_ofOneDestination(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic, OnFailure: queue}
	for name, test := range map[string]struct {
		existing bool
		fault    *emulator.Fault
		calls    []string
		fails    bool
	}{
		"Get is denied":    {true, &emulator.Fault{Status: 403, Code: "AccessDeniedException"}, []string{"Get 403", "Update"}, false},
		"Get fails":        {true, &emulator.Fault{Status: 400, Code: "ValidationException"}, []string{"Get 400"}, true},
		"no configuration": {false, nil, []string{"Get 404", "Update 404", "Put"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			if test.existing {
				stage(t, api, "", emulator.Config{})
			}
			if test.fault != nil {
				test.fault.Operation = getConfig
				api.AddFault(*test.fault)
			}
			got, err := s.Update(t.Context(), target(t, "f"), want, []lambdaapi.Member{lambdaapi.OnSuccess}, session.NewToken())
			if (err != nil) != test.fails || !test.fails && (got.OnSuccess != topic || got.OnFailure != queue) || test.fails && got.FunctionARN != "" {
				t.Errorf("got %+v, %v", got, err)
			}
			wantCalls(t, api, test.calls...)
			if got, ok := api.Config(region, "f", ""); !test.fails && (!ok || got.OnSuccess != topic || got.OnFailure != queue) {
				t.Errorf("configuration: got %+v", got)
			}
		})
	}
}

func TestUpdate_withoutMembersEnsuresConfiguration(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		existing bool
		fault    *emulator.Fault
		calls    []string
		fails    bool
	}{
		"existing":         {existing: true, calls: []string{"Get"}},
		"no configuration": {calls: []string{"Get 404", "Put"}},
		"Get is denied":    {existing: true, fault: &emulator.Fault{Status: 403, Code: "AccessDeniedException"}, calls: []string{"Get 403"}, fails: true},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				if test.existing {
					stage(t, api, "live", emulator.Config{})
				}
				if test.fault != nil {
					api.AddFault(*test.fault)
				}
				got, err := s.Update(t.Context(), target(t, "f:live"), defaults, nil, session.NewToken())
				if (err != nil) != test.fails || !test.fails && (got.Settings != defaults || got.FunctionARN != arn+":live") {
					t.Errorf("got %+v, %v", got, err)
				}
				wantCalls(t, api, test.calls...)
				wantConfigs(t, api, arn+":live")
			})
		}
	}
}

// A response that differs may be older than the update, so a read decides.
func TestUpdate_responseDiffers(t *testing.T) {
	t.Parallel()
	config := func(retries int, onFailure string) string {
		return fmt.Sprintf(`{"FunctionArn":"%s:$LATEST","MaximumRetryAttempts":%d,"DestinationConfig":{"OnFailure":{%s},"OnSuccess":{"Destination":"%s"}}}`,
			arn, retries, onFailure, topic)
	}
	kept, old, older := config(0, `"Destination":"`+queue+`"`), config(2, `"Destination":"`+queue+`"`), config(1, "")
	const age = lambdaapi.DefaultEventAgeSeconds
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	changed := lambdaapi.Settings{MaximumEventAgeInSeconds: age, MaximumRetryAttempts: 0, OnSuccess: topic}
	existing := lambdaapi.Settings{MaximumEventAgeInSeconds: age, MaximumRetryAttempts: 2, OnFailure: queue}
	for name, test := range map[string]struct {
		absent             bool
		updates, gets, put string // responses, separated by spaces
		applied            bool   // the update
		calls              []string
		got                lambdaapi.Settings
		fails              string
	}{
		"no configuration":                   {absent: true, calls: []string{"Update 404", "Get 404", "Put"}, got: want},
		"Update keeps a destination":         {updates: kept, gets: kept, calls: []string{"Update", "Get", "Put"}, got: changed},
		"Update has no effect":               {updates: old, calls: []string{"Update", "Get", "Get", "Put"}, got: changed},
		"response is older":                  {updates: old, applied: true, calls: []string{"Update", "Get"}, got: changed},
		"response and one read are older":    {updates: old, applied: true, gets: older, calls: []string{"Update", "Get", "Get"}, got: changed},
		"response and reads contradict":      {updates: kept, gets: older, calls: []string{"Update", "Get", "Get"}, got: existing, fails: "maximum_retry_attempts: first 1, then 2"},
		"Put keeps the destination too":      {updates: kept, gets: kept + " " + kept, put: kept, calls: []string{"Update", "Get", "Put", "Get"}, got: changed.With(existing, []lambdaapi.Member{lambdaapi.OnFailure}), fails: "sent none, received " + queue},
		"response of the Put is older":       {updates: kept, gets: kept, put: kept, calls: []string{"Update", "Get", "Put", "Get"}, got: existing, fails: "sent 0, received 2"},
		"the Put is applied, response older": {updates: kept, gets: kept, put: "applied " + kept, calls: []string{"Update", "Get", "Put", "Get"}, got: changed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			if !test.absent {
				stage(t, api, "", emulator.Config{OnFailure: queue})
			}
			fault := func(operation, bodies string, applied bool) {
				for body := range strings.FieldsSeq(bodies) {
					api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: body, Applied: applied})
				}
			}
			put, putApplied := strings.CutPrefix(test.put, "applied ")
			fault(updateConfig, test.updates, test.applied)
			fault(getConfig, test.gets, false)
			fault(putConfig, put, putApplied)
			got, err := s.Update(t.Context(), target(t, arn), want,
				[]lambdaapi.Member{lambdaapi.RetryAttempts, lambdaapi.OnSuccess, lambdaapi.OnFailure}, session.NewToken())
			wantCalls(t, api, test.calls...)
			if got.Settings != test.got || (err != nil) != (test.fails != "") || err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("got %+v, %v, want %+v, an error with %q", got, err, test.got, test.fails)
			}
		})
	}
}

// Neither the Update nor the Put that may follow reverts an out-of-band change
// of another member.
func TestUpdate_keepsOtherMembers(t *testing.T) {
	t.Parallel()
	planned := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	changed := emulator.Config{MaximumEventAgeInSeconds: new(61), MaximumRetryAttempts: new(1), OnSuccess: queue, OnFailure: queue}
	for name, test := range map[string]struct {
		members  []lambdaapi.Member
		response string // of an Update that has no effect
		after    lambdaapi.Settings
		calls    []string
	}{
		"number":                      {[]lambdaapi.Member{lambdaapi.RetryAttempts}, "", lambdaapi.Settings{MaximumEventAgeInSeconds: 61, OnSuccess: queue, OnFailure: queue}, []string{"Update"}},
		"on_success":                  {[]lambdaapi.Member{lambdaapi.OnSuccess}, "", lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: topic, OnFailure: queue}, []string{"Get", "Get", "Update"}},
		"on_failure":                  {[]lambdaapi.Member{lambdaapi.OnFailure}, "", lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: queue}, []string{"Get", "Get", "Update"}},
		"on_success, Put necessary":   {[]lambdaapi.Member{lambdaapi.OnSuccess}, `"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{}`, lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: topic, OnFailure: queue}, []string{"Get", "Get", "Update", "Get", "Get", "Put"}},
		"on_success, on_failure lost": {[]lambdaapi.Member{lambdaapi.OnSuccess}, `"OnSuccess":{"Destination":"` + topic + `"}`, lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: topic, OnFailure: queue}, []string{"Get", "Get", "Update", "Get", "Get", "Put"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			stage(t, api, "", changed)
			if test.response != "" {
				api.AddFault(emulator.Fault{
					Operation: updateConfig, Status: 200,
					Body: `{"FunctionArn":"` + arn + `","MaximumEventAgeInSeconds":61,"MaximumRetryAttempts":1,` +
						`"DestinationConfig":{` + test.response + `}}`,
				})
			}
			got, err := s.Update(t.Context(), target(t, arn), planned, test.members, session.NewToken())
			if err != nil || got.Settings != test.after {
				t.Errorf("got %+v, %v", got, err)
			}
			wantCalls(t, api, test.calls...)
			if after, err := s.ReadNow(t.Context(), target(t, arn)); err != nil || after.Settings != test.after {
				t.Errorf("configuration: got %+v, %v, want %+v", after, err, test.after)
			}
		})
	}
}

// The Put has no value that was neither planned nor read.
func TestUpdate_withoutUpdateOperationSendsPut(t *testing.T) {
	t.Parallel()
	planned := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	existing := emulator.Config{MaximumEventAgeInSeconds: new(61), MaximumRetryAttempts: new(1), OnSuccess: queue, OnFailure: queue}
	merged := lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 0, OnSuccess: queue, OnFailure: queue}
	for response, fault := range map[string]emulator.Fault{
		"HTML":       {Status: 404, Body: "<html>"},
		"405":        {Status: 405, Body: "<html>"},
		"501":        {Status: 501, Code: "NotImplemented"},
		"no members": {Status: 200, Body: "{}"},
		"not found":  {Status: 404, Code: "ResourceNotFoundException", Message: "Unknown path"},
	} {
		fault.Operation = updateConfig
		status := fmt.Sprint("Update ", fault.Status)
		if fault.Status == 200 {
			status = "Update"
		}
		for name, test := range map[string]struct {
			members []lambdaapi.Member
			absent  bool
			get     *emulator.Fault
			calls   []string
			after   lambdaapi.Settings
			fails   bool
		}{
			"number": {
				members: []lambdaapi.Member{lambdaapi.RetryAttempts}, calls: []string{status, "Get", "Get", "Put"}, after: merged,
			},
			"on_success": {
				members: []lambdaapi.Member{lambdaapi.OnSuccess}, calls: []string{"Get", "Get", status, "Get", "Get", "Put"},
				after: lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: topic, OnFailure: queue},
			},
			"no configuration": {
				members: []lambdaapi.Member{lambdaapi.RetryAttempts}, absent: true, calls: []string{status, "Get 404", "Put"}, after: planned,
			},
			"Get fails": {
				members: []lambdaapi.Member{lambdaapi.RetryAttempts}, get: &emulator.Fault{Status: 400, Code: "ValidationException"},
				calls: []string{status, "Get 400"}, fails: true,
			},
			"no Get either": {
				members: []lambdaapi.Member{lambdaapi.RetryAttempts}, get: &emulator.Fault{Status: 404, Body: "<html>"},
				calls: []string{status, "Get 404"}, fails: true,
			},
		} {
			t.Run(response+" "+name, func(t *testing.T) {
				t.Parallel()
				s, api := start(t)
				if !test.absent {
					stage(t, api, "", existing)
				}
				api.AddFault(fault)
				if test.get != nil {
					test.get.Operation = getConfig
					api.AddFault(*test.get)
				}
				got, err := s.Update(t.Context(), target(t, arn), planned, test.members, session.NewToken())
				if (err != nil) != test.fails || !test.fails && got.Settings != test.after || test.fails && got.FunctionARN != "" {
					t.Errorf("got %+v, %v", got, err)
				}
				wantCalls(t, api, test.calls...)
				if test.fails {
					return
				}
				if after, err := s.ReadNow(t.Context(), target(t, arn)); err != nil || after.Settings != test.after {
					t.Errorf("configuration: got %+v, %v, want %+v", after, err, test.after)
				}
			})
		}
	}
}

// Without permission to read, only Lambda's "not found" response justifies a Put
// of the whole plan.
func TestUpdate_withoutUpdateAndPermissionToRead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault emulator.Fault
		fails bool
	}{
		"HTML":      {emulator.Fault{Status: 404, Body: "<html>"}, true},
		"not found": {emulator.Fault{Status: 404, Code: "ResourceNotFoundException"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			test.fault.Operation = updateConfig
			api.AddFault(test.fault)
			api.AddFault(emulator.Fault{Operation: getConfig, Status: 403, Code: "AccessDeniedException"})
			_, err := s.Update(t.Context(), target(t, arn), defaults, []lambdaapi.Member{lambdaapi.RetryAttempts}, session.NewToken())
			if test.fails {
				wantCalls(t, api, "Update 404", "Get 403")
			} else {
				wantCalls(t, api, "Update 404", "Get 403", "Put")
			}
			if lambdaapi.IsAccessDenied(err) != test.fails {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDelete_withoutOperationFails(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	object := create(t, s, "f:live")
	api.AddFault(emulator.Fault{Operation: "DeleteFunctionEventInvokeConfig", Status: 404, Body: "<html>"})
	if err := s.Delete(t.Context(), target(t, "f:live"), object); !lambdaapi.IsUnsupported(err) {
		t.Errorf("got %v", err)
	}
}

func TestUpdate_returnsLastReadIfPutFails(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stage(t, api, "", emulator.Config{})
	api.AddFault(emulator.Fault{Status: 200, Body: `{"FunctionArn":"` + arn + `","MaximumRetryAttempts":1}`})
	api.AddFault(emulator.Fault{Operation: putConfig, Status: 403, Code: "AccessDeniedException"})
	want := defaults
	want.MaximumRetryAttempts = 0
	got, err := s.Update(t.Context(), target(t, arn), want, []lambdaapi.Member{lambdaapi.RetryAttempts}, session.NewToken())
	if err == nil || got.MaximumRetryAttempts != 2 || got.FunctionARN != arn+":$LATEST" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDelete_ofMissingConfigurationSucceeds(t *testing.T) {
	t.Parallel()
	for _, reference := range []string{arn + ":live", "missing"} {
		s, api := start(t)
		object := session.Object{Token: session.NewToken(), ARN: arn + ":live"}
		if err := s.Delete(t.Context(), target(t, reference), object); err != nil {
			t.Error(err)
		}
		wantCalls(t, api, "Delete 404", "Get 404")
	}
}

func TestDelete_removesConfigurationOfObject(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*session.Session, session.Object){
		"first call of the session": func(*session.Session, session.Object) {},
		"after a refresh": func(s *session.Session, o session.Object) {
			s.Objects.Refreshed(o, false)
			s.Objects.Refreshed(o, false)
		},
		"kept by a plan before": func(s *session.Session, o session.Object) {
			s.Objects.PlanKept(o, defaults)
			s.Objects.PlanRemoved(o, defaults)
		},
		"kept by a plan after": func(s *session.Session, o session.Object) {
			s.Objects.PlanRemoved(o, defaults)
			s.Objects.PlanKept(o, defaults)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			stage(t, api, "live", emulator.Config{})
			object := session.Object{Token: session.NewToken(), ARN: arn + ":live"}
			prepare(s, object)
			if err := s.Delete(t.Context(), target(t, arn+":live"), object); err != nil {
				t.Error(err)
			}
			wantConfigs(t, api)
			wantCalls(t, api, "Delete")
		})
	}
}

func TestDelete_makesNoCallIfAnotherObjectOwnsConfiguration(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]func(*session.Session, session.Token) error{
		"created": func(s *session.Session, token session.Token) error {
			want := defaults
			want.MaximumRetryAttempts = 1
			_, _, err := s.Create(t.Context(), target(t, "f:live"), want, true, token)
			return err
		},
		"adopted": func(s *session.Session, token session.Token) error {
			_, _, err := s.Create(t.Context(), target(t, "f:live"), defaults, false, token)
			return err
		},
		"updated": func(s *session.Session, token session.Token) error {
			_, err := s.Update(t.Context(), target(t, arn+":live"), defaults, []lambdaapi.Member{lambdaapi.EventAge}, token)
			return err
		},
		"updated without members": func(s *session.Session, token session.Token) error {
			_, err := s.Update(t.Context(), target(t, "f:live"), defaults, nil, token)
			return err
		},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				stage(t, api, "live", emulator.Config{})
				stage(t, api, "", emulator.Config{})
				owner := session.Object{Token: session.NewToken(), ARN: arn + ":live"}
				if err := own(s, owner.Token); err != nil {
					t.Fatal(err)
				}
				api.ClearRequests()
				for _, reference := range []string{arn + ":live", arn} {
					other := session.Object{Token: session.NewToken(), ARN: target(t, reference).Function.String() + ":" + target(t, reference).Qualifier}
					if err := s.Delete(t.Context(), target(t, reference), other); err != nil {
						t.Fatal(err)
					}
				}
				wantCalls(t, api, "Delete") // of $LATEST, which has no owner
				wantConfigs(t, api, arn+":live")
				if err := s.Delete(t.Context(), target(t, arn+":live"), owner); err != nil {
					t.Fatal(err)
				}
				wantConfigs(t, api)
			})
		}
	}
}

func TestDelete_ofSharedObjectMakesNoCall(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stage(t, api, "live", emulator.Config{})
	first := session.Object{Token: session.NewToken(), ARN: arn + ":live"}
	second := session.Object{Token: session.NewToken(), ARN: arn + ":live"}
	first.Shared = s.Objects.Refreshed(first, false).Shared
	second.Shared = s.Objects.Refreshed(second, false).Shared
	for _, object := range []session.Object{second, first} {
		if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
			t.Error(err)
		}
		if object == second {
			wantConfigs(t, api, arn+":live")
		}
	}
	wantConfigs(t, api)
	wantCalls(t, api, "Delete")
}

func TestDelete_failedDeleteKeepsOwner(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	object := create(t, s, "f:live")
	api.AddFault(emulator.Fault{Operation: "DeleteFunctionEventInvokeConfig", Status: 403, Code: "AccessDeniedException"})
	if err := s.Delete(t.Context(), target(t, "f:live"), object); !lambdaapi.IsAccessDenied(err) {
		t.Errorf("got %v", err)
	}
	if _, _, err := s.Create(t.Context(), target(t, "f:live"), defaults, true, session.NewToken()); !isOwned(err) {
		t.Errorf("got %v, want an OwnedError", err)
	}
	if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
		t.Error(err)
	}
	wantConfigs(t, api)
}

func TestCreate_afterDeleteHasNoOwner(t *testing.T) {
	t.Parallel()
	for mode, newSession := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, api := startMode(t, newSession)
			for range 3 {
				object := create(t, s, "f:live")
				if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
					t.Fatal(err)
				}
			}
			wantConfigs(t, api)
		})
	}
}

func TestWrite_retriesPropagatingErrors(t *testing.T) {
	t.Parallel()
	for name, message := range map[string]string{
		"destination": "The destination ARN " + queue + " is invalid.",
		"permission":  "The function's execution role does not have permissions to call SendMessage on " + queue,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			want := defaults
			want.OnSuccess = topic
			fault := emulator.Fault{Operation: putConfig, Status: 400, Code: "InvalidParameterValueException", Message: message}
			api.AddFault(fault)
			fault.Operation = updateConfig
			api.AddFault(fault)
			token := session.NewToken()
			if got, _, err := s.Create(t.Context(), target(t, "f"), want, false, token); err != nil || got.Settings != want {
				t.Errorf("Create: got %+v, %v", got, err)
			}
			want.OnFailure = queue
			if got, err := s.Update(t.Context(), target(t, "f"), want, []lambdaapi.Member{lambdaapi.OnFailure, lambdaapi.OnSuccess}, token); err != nil || got.Settings != want {
				t.Errorf("Update: got %+v, %v", got, err)
			}
			wantCalls(t, api, "List", "Put 400", "Put", "Update 400", "Update")
		})
	}
}
