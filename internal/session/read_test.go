// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// stageFunctions gives each of the functions four configurations, and returns
// the ARNs of all of them.
func stageFunctions(t *testing.T, api *emulator.Emulator, functions ...string) (references []string) {
	t.Helper()
	for _, f := range functions {
		if f != "f" {
			if err := errors.Join(api.CreateFunction(region, f), api.CreateAlias(region, f, "live", "$LATEST")); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"a", "b"} {
			if err := api.CreateAlias(region, f, name, "$LATEST"); err != nil {
				t.Fatal(err)
			}
		}
		for _, q := range []string{"$LATEST", "live", "a", "b"} {
			if err := api.PutConfig(region, f, q, emulator.Config{OnFailure: queue}); err != nil {
				t.Fatal(err)
			}
			references = append(references, strings.TrimSuffix(arn, "f")+f+":"+q)
		}
	}
	return references
}

// refresh reads all references concurrently and returns the errors.
func refresh(t *testing.T, s *session.Session, references []string) error {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, len(references))
	for i, reference := range references {
		wait.Go(func() {
			got, err := s.Read(t.Context(), target(t, reference))
			if err == nil && (got.FunctionARN != reference || got.OnFailure != queue) {
				err = fmt.Errorf("%s: got %+v", reference, got)
			}
			errs[i] = err
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// blockRead starts a Read, and returns when Lambda has received its List, which gets
// no response. The result has the error of the Read after cancel.
func blockRead(
	t *testing.T, s *session.Session, api *emulator.Emulator, reference string,
) (cancel func(), result <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 1)
	go func() {
		_, err := s.Read(ctx, target(t, reference))
		errs <- err
	}()
	for len(api.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	return cancel, errs
}

func TestRead_requiresTwoNotFoundResponses(t *testing.T) {
	t.Parallel()
	missing := func(operation string) emulator.Fault {
		return emulator.Fault{Operation: operation, Status: 404, Code: "ResourceNotFoundException", Message: "no"}
	}
	html := func(operation string) emulator.Fault {
		return emulator.Fault{Operation: operation, Status: 404, Body: "<html>"}
	}
	empty := emulator.Fault{Operation: listConfigs, Status: 200, Body: `{"FunctionEventInvokeConfigs":[]}`}
	const unsupported = "does not have this operation"
	type faults []emulator.Fault
	for name, test := range map[string]struct {
		reference string
		existing  bool
		faults    faults
		calls     string
		want      error  // nil for none or another one
		contains  string // in the error
	}{
		"existing":            {"f", true, nil, "List", nil, ""},
		"no configuration":    {"f", false, nil, "List,Get 404", lambdaapi.ErrNoConfig, ""},
		"no function":         {"g", false, nil, "List 404,Get 404", lambdaapi.ErrNoFunction, ""},
		"absent in List only": {"f", true, faults{empty}, "List,Get", nil, ""},
		"List denied, no configuration": {
			"f", false, faults{denied(listConfigs)}, "List 403,Get 404,Get 404", lambdaapi.ErrNoConfig, "",
		},
		"List denied, existing": {"f", true, faults{denied(listConfigs)}, "List 403,Get", nil, ""},
		"List denied, one Get not found": {
			"f", true, faults{denied(listConfigs), missing(getConfig)}, "List 403,Get 404,Get", nil, "",
		},
		"List finds no function, Get does": {"f", true, faults{missing(listConfigs)}, "List 404,Get", nil, ""},
		"List denied, Get denied": {
			"f", true, faults{denied(listConfigs), denied(getConfig)}, "List 403,Get 403", nil, getConfig + " of f:$LATEST",
		},
		"List finds no function, Get denied": {
			"f", true, faults{missing(listConfigs), denied(getConfig)}, "List 404,Get 403", nil, "AccessDeniedException",
		},
		"no List, no Get": {
			"f", true, faults{html(listConfigs), html(getConfig)}, "List 404,Get 404", nil, unsupported,
		},
		"no configuration in List, no Get": {"f", false, faults{html(getConfig)}, "List,Get 404", nil, unsupported},
		"no configuration in List,Get fails": {
			"f", false, faults{invalid(getConfig)}, "List,Get 400", nil, "ValidationException",
		},
	} {
		reads := map[string]func(*session.Session) (lambdaapi.Config, error){
			"Read": func(s *session.Session) (lambdaapi.Config, error) {
				return s.Read(t.Context(), target(t, test.reference))
			},
			"ReadNow": func(s *session.Session) (lambdaapi.Config, error) {
				return s.ReadNow(t.Context(), target(t, test.reference))
			},
		}
		for method, read := range reads {
			for mode, newSession := range modes {
				t.Run(name+" "+method+" "+mode, func(t *testing.T) {
					t.Parallel()
					s, api := startMode(t, newSession)
					if test.existing {
						stage(t, api, "", emulator.Config{})
					}
					for _, f := range test.faults {
						api.AddFault(f)
					}
					got, err := read(s)
					switch {
					case test.want != nil:
						if !errors.Is(err, test.want) || errors.Is(err, lambdaapi.ErrNoFunction) != (test.reference == "g") {
							t.Errorf("got %v, want %v", err, test.want)
						}
					case test.contains != "":
						if err == nil || !strings.Contains(err.Error(), test.contains) || errors.Is(err, lambdaapi.ErrNoConfig) {
							t.Errorf("got %v, want an error that contains %q", err, test.contains)
						}
					case err != nil || got.Settings != defaults || got.FunctionARN != arn+":$LATEST":
						t.Errorf("got %+v, %v", got, err)
					}
					wantCalls(t, api, strings.Split(test.calls, ",")...)
				})
			}
		}
	}
}

// A page of List has at most 50 configurations.
func TestRead_usesGetBeyondFirstPage(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	for i := range 60 {
		name := fmt.Sprintf("a%02d", i)
		alias(t, api, name)
		stage(t, api, name, emulator.Config{MaximumRetryAttempts: new(i % 3)})
	}
	for _, i := range []int{0, 49, 50, 59} {
		qualifier := fmt.Sprintf("a%02d", i)
		got, err := s.Read(t.Context(), target(t, "f:"+qualifier))
		if err != nil || got.FunctionARN != arn+":"+qualifier || got.MaximumRetryAttempts != int32(i%3) {
			t.Errorf("%s: got %+v, %v", qualifier, got, err)
		}
	}
	if _, err := s.Read(t.Context(), target(t, "f:none")); !errors.Is(err, lambdaapi.ErrNoConfig) {
		t.Errorf("got %v", err)
	}
	wantCalls(t, api, "List", "Get", "Get", "Get 404", "Get 404")
}

func TestRead_sharesListOfFunction(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	references := stageFunctions(t, api, "f", "g", "h")
	api.AddFault(emulator.Fault{Operation: listConfigs, Times: 3, Status: 200, Delay: 50 * time.Millisecond})
	if err := refresh(t, s, references); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "List", "List", "List")
}

func TestRead_listsAgainAfterWrite(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(*session.Session) error{
		"Create": func(s *session.Session) error {
			_, _, err := s.Create(t.Context(), target(t, "f:live"), defaults, true, session.NewToken())
			return err
		},
		"Update": func(s *session.Session) error {
			_, err := update(t, s, "f:live", defaults, lambdaapi.EventAge)
			return err
		},
		"Delete": func(s *session.Session) error {
			return s.Delete(t.Context(), target(t, "f:live"), session.Object{Token: session.NewToken()})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			stageFunctions(t, api, "f")
			read := func(reference, destination string) {
				t.Helper()
				if got, err := s.Read(t.Context(), target(t, reference)); err != nil || got.OnFailure != destination {
					t.Errorf("%s: got %+v, %v", reference, got, err)
				}
			}
			read("f:live", queue)
			if err := write(s); err != nil {
				t.Fatal(err)
			}
			for _, q := range []string{"a", "b"} { // out of band
				stage(t, api, q, emulator.Config{OnFailure: topic})
			}
			api.ClearRequests()
			read("f:a", topic)
			read("f:b", topic)
			wantCalls(t, api, "List")
		})
	}
}

// A function of the same name in another account is another function.
func TestRead_separatesAccounts(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stageFunctions(t, api, "f")
	for range 2 {
		if _, err := s.Read(t.Context(), target(t, "f:live")); err != nil {
			t.Error(err)
		}
		if _, err := s.Read(t.Context(), target(t, "210987654321:function:f:a")); !lambdaapi.IsAccessDenied(err) {
			t.Errorf("other account: got %v", err)
		}
	}
}

func TestRead_separatesRegions(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stage(t, api, "live", emulator.Config{})
	if err := api.CreateFunction("eu-west-1", "f"); err != nil {
		t.Fatal(err)
	}
	other := target(t, "f:live")
	other.Region = "eu-west-1"
	if _, err := s.Read(t.Context(), target(t, "f:live")); err != nil {
		t.Error(err)
	}
	if _, err := s.Read(t.Context(), other); !errors.Is(err, lambdaapi.ErrNoConfig) {
		t.Errorf("other region: got %v", err)
	}
	wantCalls(t, api, "List", "List", "Get 404")
}

func TestRead_doesNotWaitForOtherFunctions(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	references := stageFunctions(t, api, "f", "g")
	api.AddFault(emulator.Fault{Operation: listConfigs, Function: "f", Status: 200, Delay: time.Hour})
	cancel, blocked := blockRead(t, s, api, references[0])
	if err := refresh(t, s, references[4:]); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-blocked; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRead_canceledReaderDoesNotFailOthers(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	references := stageFunctions(t, api, "f")
	api.AddFault(emulator.Fault{Operation: listConfigs, Status: 200, Delay: time.Hour})
	cancel, blocked := blockRead(t, s, api, references[0])
	others := make(chan error)
	go func() { others <- refresh(t, s, references[1:]) }()
	cancel()
	if err := <-blocked; !errors.Is(err, context.Canceled) {
		t.Errorf("canceled reader: got %v", err)
	}
	if err := <-others; err != nil {
		t.Errorf("other readers: got %v", err)
	}
	for api.Requests()[0].Status == emulator.InFlight { // the emulator notices a closed connection later
		time.Sleep(time.Millisecond)
	}
	wantCalls(t, api, "List 0", "List")
}

func TestRead_waitsForSharedListUntilContextEnds(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	references := stageFunctions(t, api, "f")
	api.AddFault(emulator.Fault{Operation: listConfigs, Status: 200, Delay: time.Hour})
	cancel, blocked := blockRead(t, s, api, references[0])
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	_, err := s.Read(short, target(t, references[1]))
	const text = listConfigs + " of f:live in us-east-1 did not succeed within its timeout"
	if err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := <-blocked; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRead_cachesNoErrors(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stageFunctions(t, api, "f")
	api.AddFault(invalid(listConfigs))
	if _, err := s.Read(t.Context(), target(t, "f:live")); err == nil {
		t.Error("no error")
	}
	if _, err := s.Read(t.Context(), target(t, "f:a")); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "List 400", "List")
}

func TestRead_findsConfigurationCreatedAfterAbsence(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	if _, err := s.Read(t.Context(), target(t, "f:live")); !errors.Is(err, lambdaapi.ErrNoConfig) {
		t.Errorf("got %v", err)
	}
	stage(t, api, "live", emulator.Config{})
	if _, err := s.Read(t.Context(), target(t, "f:live")); err != nil {
		t.Error(err)
	}
}

func TestRead_listsMissingFunctionOnce(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	for _, reference := range []string{"g", "g:live"} {
		if _, err := s.Read(t.Context(), target(t, reference)); !errors.Is(err, lambdaapi.ErrNoFunction) {
			t.Errorf("got %v", err)
		}
	}
	wantCalls(t, api, "List 404", "Get 404", "Get 404")
}

func TestRead_callsUnavailableListOncePerRefresh(t *testing.T) {
	t.Parallel()
	for list, fault := range map[string]emulator.Fault{
		"List 403": {Status: 403, Code: "AccessDeniedException"},
		"List 501": {Status: 501, Code: "NotImplemented"},
	} {
		t.Run(list, func(t *testing.T) {
			t.Parallel()
			s, api := start(t)
			references := stageFunctions(t, api, "f", "g")
			alias(t, api, "new")
			fault.Operation, fault.Times = listConfigs, 100
			api.AddFault(fault)
			for _, reference := range references {
				if _, err := s.Read(t.Context(), target(t, reference)); err != nil {
					t.Error(err)
				}
			}
			wantCalls(t, api, list, "Get", "Get", "Get", "Get", "Get", "Get", "Get", "Get")
			// The permission may have changed before the apply.
			api.ClearRequests()
			create(t, s, "f:new")
			if err := api.DeleteConfig(region, "g", "live"); err != nil {
				t.Fatal(err)
			}
			create(t, s, "g:live")
			wantCalls(t, api, list, "Get 404", "Put", "Get 404", "Put")
		})
	}
}

// Data sources use no earlier List.
func TestReadNow_ignoresEarlierList(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	stage(t, api, "live", emulator.Config{})
	if _, err := s.Read(t.Context(), target(t, "f:live")); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(i)})
		if got, err := s.ReadNow(t.Context(), target(t, "f:live")); err != nil || got.MaximumRetryAttempts != int32(i) {
			t.Errorf("ReadNow: got %+v, %v, want %d attempts", got, err, i)
		}
		stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(i + 1)})
		got, err := s.ReadAll(t.Context(), target(t, "f"))
		if err != nil || len(got) != 1 || got[0].MaximumRetryAttempts != int32(i+1) {
			t.Errorf("ReadAll: got %+v, %v, want %d attempts", got, err, i+1)
		}
	}
	wantCalls(t, api, "List", "List", "List", "List", "List")
}

// The response of a List may lack a configuration that was written during the
// call.
func TestReadNow_getsConfigurationWrittenDuringList(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	api.AddFault(emulator.Fault{
		Operation: listConfigs, Status: 200, Body: `{"FunctionEventInvokeConfigs":[]}`, Delay: 200 * time.Millisecond,
	})
	result := make(chan error)
	at := target(t, "f:live")
	go func() {
		_, err := s.ReadNow(t.Context(), at)
		result <- err
	}()
	for len(api.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	create(t, s, arn+":live")
	if err := <-result; err != nil {
		t.Errorf("got %v", err)
	}
	wantCalls(t, api, "List", "List", "Put", "Get")
}

func TestReadAll_returnsConfigurationsInOrder(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		aliases int
		calls   []string
	}{
		"one page":  {20, []string{"List"}},
		"two pages": {60, []string{"List", "List", "List"}},
		"none":      {0, []string{"List"}},
	} {
		for mode, newSession := range modes {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				s, api := startMode(t, newSession)
				var want, got []string
				for i := range test.aliases {
					qualifier := fmt.Sprintf("a%02d", i)
					alias(t, api, qualifier)
					stage(t, api, qualifier, emulator.Config{})
					want = append(want, arn+":"+qualifier)
				}
				configs, err := s.ReadAll(t.Context(), target(t, "f"))
				for _, config := range configs {
					got = append(got, config.FunctionARN)
				}
				if err != nil || !slices.Equal(got, want) {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
				wantCalls(t, api, test.calls...)
			})
		}
	}
}

func TestReadAll_returnsErrors(t *testing.T) {
	t.Parallel()
	s, api := start(t)
	if _, err := s.ReadAll(t.Context(), target(t, "missing")); !errors.Is(err, lambdaapi.ErrNoFunction) {
		t.Errorf("missing function: got %v", err)
	}
	api.AddFault(emulator.Fault{Times: 2, Status: 403, Code: "AccessDeniedException"})
	if _, err := s.ReadAll(t.Context(), target(t, "f")); !lambdaapi.IsAccessDenied(err) {
		t.Errorf("denied: got %v", err)
	}
	api.AddFault(emulator.Fault{Times: 2, Status: 404, Body: "<html>"})
	_, err := s.ReadAll(t.Context(), target(t, "f"))
	if !lambdaapi.IsUnsupported(err) || errors.Is(err, lambdaapi.ErrNoFunction) {
		t.Errorf("no List: got %v", err)
	}
}
