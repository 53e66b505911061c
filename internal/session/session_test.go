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
	deleteConfig = "DeleteFunctionEventInvokeConfig"
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

// invalid is the fault of an operation that rejects its parameters.
func invalid(operation string) emulator.Fault {
	return emulator.Fault{Operation: operation, Status: 400, Code: "ValidationException"}
}

// denied is the fault of an operation that the credentials are not allowed to call.
func denied(operation string) emulator.Fault {
	return emulator.Fault{Operation: operation, Status: 403, Code: "AccessDeniedException"}
}

// start returns a session with an emulator that has the function f with the alias
// live.
func start(t *testing.T) (*session.Session, *emulator.Emulator) {
	t.Helper()
	return startMode(t, session.New)
}

func startMode(
	t *testing.T, newSession func(*lambdaapi.Client) *session.Session,
) (*session.Session, *emulator.Emulator) {
	t.Helper()
	api := emulator.New(emulator.Options{})
	if err := errors.Join(api.CreateFunction(region, "f"), api.CreateAlias(region, "f", "live", "$LATEST")); err != nil {
		t.Fatal(err)
	}
	return newSession(newClient(t, api)), api
}

func newClient(t *testing.T, api *emulator.Emulator) *lambdaapi.Client {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	return lambdaapi.New(cfg, lambdaapi.Options{Endpoint: server.URL})
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

// createDefaults creates a configuration with default settings for a new object.
func createDefaults(t *testing.T, s *session.Session, reference string) (session.Object, error) {
	t.Helper()
	token := session.NewToken()
	config, _, err := s.Create(t.Context(), target(t, reference), defaults, false, token)
	return session.Object{Token: token, ARN: config.FunctionARN}, err
}

// create is createDefaults without an error.
func create(t *testing.T, s *session.Session, reference string) session.Object {
	t.Helper()
	object, err := createDefaults(t, s, reference)
	if err != nil {
		t.Fatalf("Create of %s: %v", reference, err)
	}
	return object
}

// createExisting asserts that Create returns an ExistsError.
func createExisting(t *testing.T, s *session.Session, reference string) {
	t.Helper()
	if _, err := createDefaults(t, s, reference); !isExists(err) {
		t.Errorf("Create of %s: got %v, want an ExistsError", reference, err)
	}
}

func isExists(err error) bool {
	_, ok := errors.AsType[*session.ExistsError](err)
	return ok
}

// update updates a configuration for a new object.
func update(
	t *testing.T, s *session.Session, reference string, want lambdaapi.Settings, members ...lambdaapi.Member,
) (lambdaapi.Config, error) {
	t.Helper()
	return s.Update(t.Context(), target(t, reference), want, members, session.NewToken())
}

func TestNew_nilClient(t *testing.T) {
	t.Parallel()
	s := session.New(nil)
	if name, known := s.Region(); s.HasClient() || known || name != "" {
		t.Errorf("HasClient() = %t, region %q, known = %t", s.HasClient(), name, known)
	}
	s, _ = start(t)
	if name, known := s.Region(); !s.HasClient() || !known || name != region {
		t.Errorf("with a client: HasClient() = %t, region %q, known = %t", s.HasClient(), name, known)
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
					if !ok || exists.Existing.MaximumRetryAttempts != 2 || exists.Existing.FunctionARN != arn+":live" {
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
			createExisting(t, s, arn+":live")
			wantCalls(t, api, "List"+status, "Get")
			api.ClearRequests()
			create(t, session.New(newClient(t, api)), arn)
			wantCalls(t, api, "List"+status, "Get 404", "Put")
		})
	}
}

func TestCreate_returnsErrorsOfCalls(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		reference string
		fault     emulator.Fault
		calls     []string
		want      string
	}{
		"List fails":       {"f", invalid(listConfigs), []string{"List 400"}, listConfigs + " of f:$LATEST"},
		"Put fails":        {"f", invalid(putConfig), []string{"List", "Put 400"}, putConfig + " of f:$LATEST"},
		"function missing": {"g", invalid(deleteConfig), []string{"List 404", "Get 404", "Put 404"}, putConfig + " of g:"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			api.AddFault(test.fault)
			_, err := createDefaults(t, s, test.reference)
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
		"deleted": {func(api *emulator.Emulator) error {
			return api.DeleteConfig(region, "f", "live")
		}, []string{"Get 404", "Put"}, false},
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
	createExisting(t, s, "f")
	wantCalls(t, api, "List", "List")
}

// The List of the first Create is older than the writes that follow.
func TestCreate_getsConfigurationWrittenBySession(t *testing.T) {
	t.Parallel()
	for mode, newSession := range modes {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s, api := startMode(t, newSession)
			for range 2 {
				object := create(t, s, "f:live")
				if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
					t.Fatal(err)
				}
			}
			stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(0)})
			createExisting(t, s, "f:live")
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
	fault := invalid(putConfig)
	fault.Applied = true
	api.AddFault(fault)
	if _, err := createDefaults(t, s, "f:live"); err == nil {
		t.Fatal("no error")
	}
	create(t, s, "f:live")
	wantCalls(t, api, "List", "Put", "Put 400", "Get")
}

func TestCreate_reportsValuesNotApplied(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	for _, operation := range []string{putConfig, getConfig} {
		body := `{"FunctionArn":"` + arn + `","MaximumRetryAttempts":0,` +
			`"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"}}}`
		api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: body})
	}
	got, _, err := s.Create(t.Context(), target(t, "f"), defaults, false, session.NewToken())
	failed, ok := errors.AsType[*session.NotAppliedError](err)
	if !ok || !slices.Equal(failed.Members, []lambdaapi.Member{lambdaapi.RetryAttempts, lambdaapi.OnFailure}) {
		t.Fatalf("got %v, want a NotAppliedError", err)
	}
	if got.MaximumRetryAttempts != 0 || got.OnFailure != queue || got.FunctionARN != arn+":$LATEST" {
		t.Errorf("got %+v, want the response", got)
	}
	for _, want := range []string{
		putConfig + " of f:$LATEST in us-east-1", "maximum_retry_attempts: sent 2, received 0",
		"destination_config.on_failure: sent none, received " + queue,
	} {
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

// A plan replaces an object, or moves its configuration to another object.
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
				s.Objects.RecordPlannedMove(old, test.inState)
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

// A response that differs may be older than the update, so a read decides.
func TestUpdate_responseDiffers(t *testing.T) {
	t.Parallel()
	config := func(retries int, onFailure string) string {
		return fmt.Sprintf(`{"FunctionArn":"%s","MaximumRetryAttempts":%d,"DestinationConfig":{"OnFailure":{%s},`+
			`"OnSuccess":{"Destination":"%s"}}}`, arn, retries, onFailure, topic)
	}
	kept, old, older := config(0, `"Destination":"`+queue+`"`), config(2, `"Destination":"`+queue+`"`), config(1, "")
	const age = lambdaapi.DefaultEventAgeSeconds
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0, OnSuccess: topic}
	changed := lambdaapi.Settings{MaximumEventAgeInSeconds: age, MaximumRetryAttempts: 0, OnSuccess: topic}
	existing := lambdaapi.Settings{MaximumEventAgeInSeconds: age, MaximumRetryAttempts: 2, OnFailure: queue}
	keptDestination := changed
	keptDestination.OnFailure = queue
	for name, test := range map[string]struct {
		absent             bool
		updates, gets, put string // responses, separated by spaces
		applied            bool   // the update
		calls              string
		got                lambdaapi.Settings
		fails              string
	}{
		"no configuration": {absent: true, calls: "Update 404,Get 404,Put", got: want},
		"Update keeps a destination": {
			updates: kept, gets: kept, calls: "Update,Get,Put", got: changed,
		},
		"Update has no effect": {updates: old, calls: "Update,Get,Get,Put", got: changed},
		"response is older":    {updates: old, applied: true, calls: "Update,Get", got: changed},
		"response and one read are older": {
			updates: old, applied: true, gets: older, calls: "Update,Get,Get", got: changed,
		},
		"response and reads contradict": {
			updates: kept, gets: older, calls: "Update,Get,Get", got: existing,
			fails: "maximum_retry_attempts: first 1, then 2",
		},
		"Put is denied": {
			updates: old, put: "denied", calls: "Update,Get,Get,Put 403", got: existing, fails: "AccessDenied",
		},
		"Put keeps the destination": {
			updates: kept, gets: kept + " " + kept, put: kept, calls: "Update,Get,Put,Get", got: keptDestination,
			fails: "sent none, received " + queue,
		},
		"response of the Put is older": {
			updates: kept, gets: kept, put: kept, calls: "Update,Get,Put,Get", got: existing,
			fails: "sent 0, received 2",
		},
		"Put is applied, response is older": {
			updates: kept, gets: kept, put: "applied " + kept, calls: "Update,Get,Put,Get", got: changed,
		},
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
			if put == "denied" {
				api.AddFault(denied(putConfig))
			} else {
				fault(putConfig, put, putApplied)
			}
			got, err := update(t, s, arn, want, lambdaapi.RetryAttempts, lambdaapi.OnSuccess, lambdaapi.OnFailure)
			wantCalls(t, api, strings.Split(test.calls, ",")...)
			if got.Settings != test.got || (err != nil) != (test.fails != "") {
				t.Errorf("got %+v, %v, want %+v", got, err, test.got)
			}
			if err != nil && !strings.Contains(err.Error(), test.fails) {
				t.Errorf("got %v, want an error with %q", err, test.fails)
			}
		})
	}
}

// The planned settings and an existing configuration that differs in every member.
var (
	planned  = lambdaapi.Settings{MaximumEventAgeInSeconds: 60, OnSuccess: topic}
	existing = lambdaapi.Settings{
		MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 1, OnSuccess: queue, OnFailure: queue,
	}
	existingConfig = emulator.Config{
		MaximumEventAgeInSeconds: new(61), MaximumRetryAttempts: new(1), OnSuccess: queue, OnFailure: queue,
	}
)

// Neither the Update nor the Put that may follow reverts an out-of-band change of
// another member. An update of one destination sends the other one as two reads
// return it.
func TestUpdate_keepsOtherMembers(t *testing.T) {
	t.Parallel()
	onSuccess, onFailure := lambdaapi.OnSuccess, lambdaapi.OnFailure
	for name, test := range map[string]struct {
		members  []lambdaapi.Member
		response string // destinations in the response of an Update that has no effect
		calls    string
	}{
		"number":            {[]lambdaapi.Member{lambdaapi.RetryAttempts}, "", "Update"},
		"both destinations": {[]lambdaapi.Member{onSuccess, onFailure}, "", "Update"},
		"on_success":        {[]lambdaapi.Member{onSuccess}, "", "Get,Get,Update"},
		"on_failure":        {[]lambdaapi.Member{onFailure}, "", "Get,Get,Update"},
		"on_success, Put necessary": {
			[]lambdaapi.Member{onSuccess}, `"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{}`,
			"Get,Get,Update,Get,Get,Put",
		},
		"on_success, on_failure lost": {
			[]lambdaapi.Member{onSuccess}, `"OnSuccess":{"Destination":"` + topic + `"}`,
			"Get,Get,Update,Get,Get,Put",
		},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				stage(t, api, "", existingConfig)
				if test.response != "" {
					api.AddFault(emulator.Fault{
						Operation: updateConfig, Status: 200,
						Body: `{"FunctionArn":"` + arn + `","MaximumEventAgeInSeconds":61,"MaximumRetryAttempts":1,` +
							`"DestinationConfig":{` + test.response + `}}`,
					})
				}
				got, err := update(t, s, arn, planned, test.members...)
				wantCalls(t, api, strings.Split(test.calls, ",")...)
				wantSettings(t, s, got, err, existing.With(planned, test.members))
			})
		}
	}
}

// wantSettings asserts that a write returned the given settings, and that Lambda has
// them.
func wantSettings(
	t *testing.T, s *session.Session, got lambdaapi.Config, err error, want lambdaapi.Settings,
) {
	t.Helper()
	if err != nil || got.Settings != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if after, err := s.ReadNow(t.Context(), target(t, got.FunctionARN)); err != nil || after.Settings != want {
		t.Errorf("configuration: got %+v, %v, want %+v", after, err, want)
	}
}

// An update of one destination reads the other one. An update without members
// ensures that the configuration exists.
func TestUpdate_readsConfiguration(t *testing.T) {
	t.Parallel()
	want := lambdaapi.Settings{MaximumEventAgeInSeconds: 60, OnSuccess: topic, OnFailure: queue}
	updated := defaults
	updated.OnSuccess, updated.OnFailure = topic, queue
	for name, test := range map[string]struct {
		members []lambdaapi.Member
		absent  bool
		get     emulator.Fault
		calls   string
		after   lambdaapi.Settings
		fails   bool
	}{
		"destination, Get is denied": {
			members: []lambdaapi.Member{lambdaapi.OnSuccess}, get: denied(getConfig), calls: "Get 403,Update", after: updated,
		},
		"destination, Get fails": {
			members: []lambdaapi.Member{lambdaapi.OnSuccess}, get: invalid(getConfig), calls: "Get 400", fails: true,
		},
		"destination, no configuration": {
			members: []lambdaapi.Member{lambdaapi.OnSuccess}, absent: true, calls: "Get 404,Update 404,Put", after: want,
		},
		"no members":                   {calls: "Get", after: defaults},
		"no members, no configuration": {absent: true, calls: "Get 404,Put", after: want},
		"no members, Get is denied":    {get: denied(getConfig), calls: "Get 403", fails: true},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				if !test.absent {
					stage(t, api, "live", emulator.Config{})
				}
				if test.get.Status != 0 {
					api.AddFault(test.get)
				}
				got, err := update(t, s, "f:live", want, test.members...)
				wantCalls(t, api, strings.Split(test.calls, ",")...)
				if test.fails {
					if err == nil || got.FunctionARN != "" {
						t.Errorf("got %+v, %v", got, err)
					}
					return
				}
				wantSettings(t, s, got, err, test.after)
			})
		}
	}
}

// The Put has no value that was neither planned nor read. Without permission to
// read, only Lambda's "not found" response allows a Put of the whole plan.
func TestUpdate_withoutUpdateOperationSendsPut(t *testing.T) {
	t.Parallel()
	number, onSuccess := []lambdaapi.Member{lambdaapi.RetryAttempts}, []lambdaapi.Member{lambdaapi.OnSuccess}
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
		deniedCalls := status + ",Get 403"
		if response == "not found" {
			deniedCalls += ",Put"
		}
		for name, test := range map[string]struct {
			members []lambdaapi.Member
			absent  bool
			get     emulator.Fault
			calls   string
			after   lambdaapi.Settings
			fails   bool
		}{
			"number": {members: number, calls: status + ",Get,Get,Put", after: existing.With(planned, number)},
			"on_success": {
				members: onSuccess, calls: "Get,Get," + status + ",Get,Get,Put", after: existing.With(planned, onSuccess),
			},
			"no configuration": {members: number, absent: true, calls: status + ",Get 404,Put", after: planned},
			"Get fails":        {members: number, get: invalid(getConfig), calls: status + ",Get 400", fails: true},
			"no Get": {
				members: number, get: emulator.Fault{Operation: getConfig, Status: 404, Body: "<html>"},
				calls: status + ",Get 404", fails: true,
			},
			"Get is denied": {
				members: number, get: denied(getConfig), calls: deniedCalls, after: planned, fails: response != "not found",
			},
		} {
			t.Run(response+" "+name, func(t *testing.T) {
				t.Parallel()
				s, api := start(t)
				if !test.absent {
					stage(t, api, "", existingConfig)
				}
				api.AddFault(fault)
				if test.get.Status != 0 {
					api.AddFault(test.get)
				}
				got, err := update(t, s, arn, planned, test.members...)
				wantCalls(t, api, strings.Split(test.calls, ",")...)
				if test.fails {
					if err == nil || got.FunctionARN != "" {
						t.Errorf("got %+v, %v", got, err)
					}
					return
				}
				wantSettings(t, s, got, err, test.after)
			})
		}
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

func TestDelete_makesNoCallIfAnotherObjectOwnsConfiguration(t *testing.T) {
	t.Parallel()
	for name, own := range map[string]func(*session.Session, session.Token) error{
		"created": func(s *session.Session, token session.Token) error {
			_, _, err := s.Create(t.Context(), target(t, "f:live"), planned, true, token)
			return err
		},
		"adopted": func(s *session.Session, token session.Token) error {
			_, _, err := s.Create(t.Context(), target(t, "f:live"), defaults, false, token)
			return err
		},
		"updated": func(s *session.Session, token session.Token) error {
			_, err := s.Update(t.Context(), target(t, "f:live"), defaults, []lambdaapi.Member{lambdaapi.EventAge}, token)
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
				for _, reference := range []string{arn + ":live", arn + ":$LATEST"} {
					other := session.Object{Token: session.NewToken(), ARN: reference}
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

func TestDelete_failedDeleteKeepsOwner(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	object := create(t, s, "f:live")
	api.AddFault(denied(deleteConfig))
	if err := s.Delete(t.Context(), target(t, "f:live"), object); !lambdaapi.IsAccessDenied(err) {
		t.Errorf("got %v", err)
	}
	api.AddFault(emulator.Fault{Operation: deleteConfig, Status: 404, Body: "<html>"})
	if err := s.Delete(t.Context(), target(t, "f:live"), object); !lambdaapi.IsUnsupported(err) {
		t.Errorf("without the operation: got %v", err)
	}
	_, err := createDefaults(t, s, "f:live")
	if _, ok := errors.AsType[*session.OwnedError](err); !ok {
		t.Errorf("got %v, want an OwnedError", err)
	}
	if err := s.Delete(t.Context(), target(t, "f:live"), object); err != nil {
		t.Error(err)
	}
	wantConfigs(t, api)
}
