// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

const list = "ListFunctionEventInvokeConfigs"

// estate gives the functions of those names four configurations each, and
// returns the references to all of them.
func estate(t *testing.T, api *emulator.Emulator, functions ...string) (references []string) {
	t.Helper()
	for _, f := range functions {
		if f != "f" {
			if err := errors.Join(api.CreateFunction(region, f), api.CreateAlias(region, f, "live", "$LATEST")); err != nil {
				t.Fatal(err)
			}
		}
		for _, alias := range []string{"a", "b"} {
			if err := api.CreateAlias(region, f, alias, "$LATEST"); err != nil {
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

// readAll reads all references at the same time and returns the errors.
func readAll(t *testing.T, client *lambdaapi.Client, references []string) error {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, len(references))
	for i, reference := range references {
		wait.Go(func() {
			got, err := client.Read(t.Context(), target(t, reference))
			if err == nil && (got.FunctionARN != reference || got.OnFailure != queue) {
				err = fmt.Errorf("%s: got %+v", reference, got)
			}
			errs[i] = err
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}

// readHeld starts a read that the API holds up, and returns when that is under
// way how to cancel it, and where its error comes.
func readHeld(t *testing.T, client *lambdaapi.Client, api *emulator.Emulator, reference string) (cancel func(), held <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	errs := make(chan error, 1)
	go func() {
		_, err := client.Read(ctx, target(t, reference))
		errs <- err
	}()
	for len(api.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	return cancel, errs
}

func TestReadersShareOneList(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f", "g", "h")
	api.AddFault(emulator.Fault{Operation: list, Times: 3, Status: 200, Delay: 50 * time.Millisecond})
	for range 2 { // at the same time, and once more later
		if err := readAll(t, client, references); err != nil {
			t.Error(err)
		}
	}
	wantCalls(t, api, "List", "List", "List")
}

// The first answer to a bare name says the account, so that the function's ARN
// is known for the same.
func TestReadersByNameAndByARNShareOneList(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	estate(t, api, "f", "g")
	for _, reference := range []string{"f:live", arn + ":live", "123456789012:function:f:a", "f:b", strings.TrimSuffix(arn, "f") + "g:a", "g:live"} {
		if _, err := client.Read(t.Context(), target(t, reference)); err != nil {
			t.Error(err)
		}
	}
	wantCalls(t, api, "List", "List")
}

// A function of the same name in another account is another function.
func TestAccountsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	estate(t, api, "f")
	for range 2 {
		if _, err := client.Read(t.Context(), target(t, "f:live")); err != nil {
			t.Error(err)
		}
		_, err := client.Read(t.Context(), target(t, "210987654321:function:f:live"))
		if err == nil || !strings.Contains(err.Error(), "AccessDenied") {
			t.Errorf("got %v", err)
		}
	}
}

func TestReadsOfDifferentFunctionsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f", "g")
	api.AddFault(emulator.Fault{Operation: list, Function: "f", Status: 200, Delay: time.Hour})
	cancel, held := readHeld(t, client, api, references[0])
	if err := readAll(t, client, references[4:]); err != nil { // while f's List is held
		t.Error(err)
	}
	cancel()
	if err := <-held; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestCancellingOneReaderDoesNotFailTheOthers(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f")
	api.AddFault(emulator.Fault{Operation: list, Status: 200, Delay: time.Hour})
	cancel, first := readHeld(t, client, api, references[0])
	others := make(chan error)
	go func() { others <- readAll(t, client, references[1:]) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the one that was cancelled: %v", err)
	}
	if err := <-others; err != nil {
		t.Errorf("the others: %v", err)
	}
	wantCalls(t, api, "List 0", "List")
}

// A reader that waits for another one's List waits no longer than it may.
func TestWaitingForAnotherReaderEndsWithTheContext(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f")
	api.AddFault(emulator.Fault{Operation: list, Status: 200, Delay: time.Hour})
	cancel, held := readHeld(t, client, api, references[0])
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	_, err := client.Read(short, target(t, references[1]))
	if err == nil || !strings.Contains(err.Error(), "did not succeed within its timeout") {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := <-held; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestErrorsAreNotRemembered(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	estate(t, api, "f")
	api.AddFault(emulator.Fault{Operation: list, Status: 400, Code: "ValidationException"})
	if _, err := client.Read(t.Context(), target(t, "f:live")); err == nil {
		t.Error("no error")
	}
	if _, err := client.Read(t.Context(), target(t, "f:live")); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "List 400", "List")
}

// An absence is none either: somebody may create it.
func TestAbsenceIsAskedAnew(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	if _, err := client.Read(t.Context(), target(t, "f:live")); !errors.Is(err, lambdaapi.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	stage(t, api, "live", emulator.Config{})
	if _, err := client.Read(t.Context(), target(t, "f:live")); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "List", "Get 404", "Get")
}

func TestAFunctionThatIsGoneIsListedOnce(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	for _, reference := range []string{"g", "g:live"} {
		if _, err := client.Read(t.Context(), target(t, reference)); !errors.Is(err, lambdaapi.ErrNotFound) {
			t.Errorf("got %v", err)
		}
	}
	wantCalls(t, api, "List 404", "Get 404", "Get 404")
}

func TestDeniedListIsAskedOnceInARun(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f", "g")
	api.AddFault(emulator.Fault{Operation: list, Times: 100, Status: 403, Code: "AccessDeniedException"})
	for range 2 {
		for _, reference := range references {
			if _, err := client.Read(t.Context(), target(t, reference)); err != nil {
				t.Error(err)
			}
		}
	}
	// Create looks by Get as well.
	if err := api.CreateAlias(region, "g", "new", "$LATEST"); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), target(t, "g:new"), defaults, false); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "List 403", "Get", "Get", "Get", "Get", "Get", "Get", "Get", "Get", "Get 404", "Put")
}

// What this run has written is remembered as the service has answered it.
func TestOwnWritesAreRemembered(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	want := defaults
	want.OnFailure = queue
	read := func(reference string, want lambdaapi.Settings) {
		t.Helper()
		if got, err := client.Read(t.Context(), target(t, reference)); err != nil || got.Settings != want {
			t.Errorf("%s: got %+v, %v", reference, got, err)
		}
	}
	if _, err := client.Create(t.Context(), target(t, "f:live"), want, false); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), target(t, "f"), defaults, false); err != nil {
		t.Fatal(err)
	}
	read(arn+":live", want)
	read(arn, defaults)
	changed := want
	changed.MaximumRetryAttempts = 0
	if _, err := client.Update(t.Context(), target(t, arn+":live"), changed, []lambdaapi.Member{lambdaapi.RetryAttempts}); err != nil {
		t.Fatal(err)
	}
	read("f:live", changed)
	wantCalls(t, api, "List", "Put", "Put", "Update")
}

// A write counts for what was read under another spelling as well.
func TestOwnWritesByARNAreRememberedByName(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	if _, err := client.Read(t.Context(), target(t, "f:live")); !errors.Is(err, lambdaapi.ErrNotFound) { // no answer has said the account
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), target(t, arn+":live"), defaults, false); err != nil {
		t.Fatal(err)
	}
	var held *lambdaapi.HeldError
	if _, err := client.Create(t.Context(), target(t, "f:live"), defaults, true); !errors.As(err, &held) {
		t.Errorf("got %v, want a HeldError", err)
	}
	wantCalls(t, api, "List", "Get 404", "List", "Put", "List")
}

func TestOwnDeletesAreRemembered(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f")
	if err := readAll(t, client, references); err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), target(t, arn+":live")); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Create(t.Context(), target(t, arn+":live"), defaults, false); err != nil {
		t.Error(err)
	}
	wantCalls(t, api, "List", "Delete", "Put")
}

// What a failed write has done, nobody knows.
func TestFailedWritesAreForgotten(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := estate(t, api, "f")
	if err := readAll(t, client, references); err != nil {
		t.Fatal(err)
	}
	api.AddFault(emulator.Fault{Operation: "UpdateFunctionEventInvokeConfig", Status: 400, Code: "ValidationException", Applied: true})
	changed := defaults
	changed.OnFailure = queue
	changed.MaximumRetryAttempts = 0
	if _, err := client.Update(t.Context(), target(t, arn), changed, []lambdaapi.Member{lambdaapi.RetryAttempts}); err == nil {
		t.Error("no error")
	}
	if got, err := client.Read(t.Context(), target(t, arn)); err != nil || got.Settings != changed {
		t.Errorf("got %+v, %v", got, err)
	}
	wantCalls(t, api, "List", "Update 400", "List")
}

// Before a configuration that is only remembered makes Create adopt or refuse,
// one Get confirms it.
func TestCreateConfirmsWhatIsRemembered(t *testing.T) {
	t.Parallel()
	want := defaults
	want.OnFailure = queue
	for name, test := range map[string]struct {
		meanwhile func(*emulator.Emulator) error
		calls     []string
		refused   bool
	}{
		"still there": {func(*emulator.Emulator) error { return nil }, []string{"List", "Get"}, false},
		"changed": {func(api *emulator.Emulator) error {
			return api.PutConfig(region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0)})
		}, []string{"List", "Get"}, true},
		"gone": {func(api *emulator.Emulator) error { return api.DeleteConfig(region, "f", "live") }, []string{"List", "Get 404", "Put"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			if err := readAll(t, client, estate(t, api, "f")); err != nil {
				t.Fatal(err)
			}
			if err := test.meanwhile(api); err != nil {
				t.Fatal(err)
			}
			_, err := client.Create(t.Context(), target(t, arn+":live"), want, false)
			if exists := (*lambdaapi.ExistsError)(nil); errors.As(err, &exists) != test.refused || err != nil && !test.refused {
				t.Errorf("got %v", err)
			}
			wantCalls(t, api, test.calls...)
		})
	}
}

// Changes to one function follow one another; the service would refuse those
// that meet.
func TestWritesToOneFunctionQueue(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	references := append(estate(t, api, "f"), strings.TrimSuffix(arn, "f")+"g")
	if err := api.CreateFunction(region, "g"); err != nil {
		t.Fatal(err)
	}
	api.AddFault(emulator.Fault{Function: "f", Times: len(references), Status: 200, Delay: 20 * time.Millisecond})
	var wait sync.WaitGroup
	for i, reference := range references {
		wait.Go(func() {
			var err error
			switch want := defaults; i {
			case 0:
				err = client.Delete(t.Context(), target(t, reference))
			case 4:
				_, err = client.Create(t.Context(), target(t, reference), want, false)
			default:
				want.MaximumRetryAttempts = 0
				_, err = client.Update(t.Context(), target(t, reference), want, []lambdaapi.Member{lambdaapi.RetryAttempts})
			}
			if err != nil {
				t.Errorf("%s: %v", reference, err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wait.Wait(); close(done) }()
	for {
		flying := 0
		for _, r := range api.Requests() {
			if r.Function == "f" && r.Status == emulator.InFlight {
				flying++
			}
		}
		if flying > 1 {
			t.Fatalf("%d changes of one function at the same time", flying)
		}
		select {
		case <-done:
			return
		case <-time.After(time.Millisecond):
		}
	}
}

// What this run has written is older than a List that is asked afterwards:
// others write as well.
func TestAListAfterAnOwnWriteIsNewer(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	stage(t, api, "live", emulator.Config{})
	if err := client.Delete(t.Context(), target(t, arn+":live")); err != nil {
		t.Fatal(err)
	}
	stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(0)})
	var exists *lambdaapi.ExistsError
	if _, err := client.Create(t.Context(), target(t, arn+":live"), defaults, false); !errors.As(err, &exists) {
		t.Errorf("got %v, want an ExistsError", err)
	}
	wantCalls(t, api, "Delete", "List")
}

// A List that was asked by a name before a write by ARN must not make the write
// unknown under the name.
func TestAListUnderAnotherSpellingIsOlderThanAWrite(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Operation: list, Status: 200, Body: `{"FunctionEventInvokeConfigs":[]}`, Delay: 100 * time.Millisecond})
	read := make(chan error)
	go func() {
		_, err := client.All(t.Context(), target(t, "f"))
		read <- err
	}()
	for len(api.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	if _, err := client.Create(t.Context(), target(t, arn+":live"), defaults, false); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Fatal(err)
	}
	if got, err := client.All(t.Context(), target(t, "f")); err != nil || len(got) != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// An item that cannot be understood may be any configuration.
func TestAListThatIsNotUnderstoodIsNotComplete(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	stage(t, api, "live", emulator.Config{MaximumRetryAttempts: new(0)})
	api.AddFault(emulator.Fault{Operation: list, Status: 200, Body: `{"FunctionEventInvokeConfigs":[{"FunctionArn":"?"}]}`})
	var exists *lambdaapi.ExistsError
	if _, err := client.Create(t.Context(), target(t, "f:live"), defaults, false); !errors.As(err, &exists) {
		t.Errorf("got %v, want an ExistsError", err)
	}
	wantCalls(t, api, "List", "Get")
}

// What could not even be asked says so, of the operation that was meant.
func TestATurnThatDoesNotComeSaysWhatFor(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Operation: "DeleteFunctionEventInvokeConfig", Status: 200, Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan error)
	go func() { held <- client.Delete(ctx, target(t, arn)) }()
	for len(api.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	short, stop := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer stop()
	_, err := client.Update(short, target(t, arn+":live"), defaults, []lambdaapi.Member{lambdaapi.EventAge})
	for _, want := range []string{
		"UpdateFunctionEventInvokeConfig of f:live in us-east-1 did not succeed within its timeout",
		"waiting for other changes to the same function", "raise this resource's timeouts",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	cancel()
	if err := <-held; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
