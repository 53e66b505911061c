// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// functions returns the names of the functions of a region, and the error that
// ends them.
func functions(ctx context.Context, client *lambdaapi.Client) (names []string, err error) {
	var f lambdaapi.Function
	for f, err = range client.Functions(ctx, region) {
		if err == nil {
			names = append(names, f.Name)
		}
	}
	return names, err
}

func TestFunctions_callsAPagePerFiftyFunctions(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	var want []string
	for i := range 60 {
		name := fmt.Sprintf("e%02d", i)
		if err := api.CreateFunction(region, name); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	names, err := functions(t.Context(), client)
	if want = append(want, "f"); err != nil || !slices.Equal(names, want) {
		t.Errorf("got %q, %v", names, err)
	}
	wantCalls(t, api, "ListFunctions", "ListFunctions")

	api.ClearRequests()
	for _, err := range client.Functions(t.Context(), region) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	wantCalls(t, api, "ListFunctions") // and not the second page
}

// The response is in no order. It has a qualified ARN, an ARN that cannot be
// read, and no ARN.
func TestFunctions_sortsAndReadsEveryFormOfARN(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Status: 200, Body: `{"Functions":[{"FunctionName":"g","DeadLetterConfig":{}},` +
		`{"FunctionName":"f","FunctionArn":"` + arn + `:$LATEST","DeadLetterConfig":{"TargetArn":"` + queue + `"}},{"FunctionName":"b","FunctionArn":"?"}]}`})
	var got []lambdaapi.Function
	for f, err := range client.Functions(t.Context(), region) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	want := []lambdaapi.Function{
		{Ref: functionref.Ref{Name: "b"}}, {Ref: target(t, arn).Function, DeadLetterTargetARN: queue}, {Ref: functionref.Ref{Name: "g"}},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestConfigs_returnsEveryPageInOrder(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	var want []string
	for i := range 60 {
		alias := fmt.Sprintf("a%02d", i)
		if err := api.CreateAlias(region, "f", alias, "$LATEST"); err != nil {
			t.Fatal(err)
		}
		stage(t, api, alias, emulator.Config{})
		want = append(want, arn+":"+alias)
	}
	var got []string
	for config, err := range client.Configs(t.Context(), target(t, "f")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, config.FunctionARN)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	wantCalls(t, api, "List", "List")
}

func TestConfigs_reportsMissingFunction(t *testing.T) {
	t.Parallel()
	client, _ := start(t)
	var last error
	for _, err := range client.Configs(t.Context(), target(t, "missing")) {
		last = err
	}
	if !errors.Is(last, lambdaapi.ErrNoFunction) {
		t.Errorf("got %v", last)
	}
}

// Terraform gives a list no deadline.
func TestIterators_boundEachPageWithoutDeadline(t *testing.T) {
	t.Parallel()
	var left []time.Duration
	client, api := start(t, func(_ *aws.Config, options *lambdaapi.Options) {
		options.Log = func(ctx context.Context, _ lambdaapi.Attempt) {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline).Round(10*time.Second))
		}
	})
	stage(t, api, "live", emulator.Config{})
	readLists := func(ctx context.Context) {
		if _, err := functions(ctx, client); err != nil {
			t.Fatal(err)
		}
		for _, err := range client.Configs(ctx, target(t, "f")) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	readLists(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	readLists(ctx)
	if want := []time.Duration{2 * time.Minute, 2 * time.Minute, time.Hour, time.Hour}; !slices.Equal(left, want) {
		t.Errorf("deadlines: got %v, want %v", left, want)
	}
}

func TestIterators_retryTransientErrors(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	stage(t, api, "live", emulator.Config{})
	for _, operation := range []string{"ListFunctions", listConfigs} {
		api.AddFault(emulator.Fault{Operation: operation, Status: 429, Code: "TooManyRequestsException"})
		api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: "<html>"})
	}
	if names, err := functions(t.Context(), client); err != nil || !slices.Equal(names, []string{"f"}) {
		t.Errorf("got %q, %v", names, err)
	}
	n := 0
	for _, err := range client.Configs(t.Context(), target(t, "f")) {
		if err != nil {
			t.Error(err)
		}
		n++
	}
	if n != 1 {
		t.Errorf("got %d configurations, want 1", n)
	}
	wantCalls(t, api, "ListFunctions 429", "ListFunctions", "ListFunctions", "List 429", "List", "List")
}
