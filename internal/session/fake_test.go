// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// fake is an API without HTTP, for tests in a synctest bubble. Each call takes
// a millisecond.
type fake struct {
	// before is called at the start of each call, unless it is nil. Its error is
	// the error of the call.
	before func(ctx context.Context, operation string, t lambdaapi.Target) error

	mu      sync.Mutex
	configs map[configuration]lambdaapi.Settings
	calls   []string
	writing map[string]int // writes in progress, by function
	overlap bool           // two writes to one function were in progress
}

// newFake returns a session with a fake.
func newFake() (*Session, *fake) {
	api := &fake{configs: map[configuration]lambdaapi.Settings{}, writing: map[string]int{}}
	return &Session{api: &cache{API: api}}, api
}

// at returns the configuration of a qualifier of a function.
func at(function, qualifier string) lambdaapi.Target {
	return lambdaapi.Target{Region: "us-east-1", Function: functionref.Ref{Name: function}, Qualifier: qualifier}
}

// set changes a configuration out of band.
func (f *fake) set(t lambdaapi.Target, settings lambdaapi.Settings) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.configs[configurationOf(t)] = settings
}

// takeCalls returns the calls since the last takeCalls, in the order in which they
// ended.
func (f *fake) takeCalls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

func (f *fake) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	if got := f.takeCalls(); !slices.Equal(got, want) {
		t.Errorf("calls: got %q, want %q", got, want)
	}
}

// call makes one call, which do executes.
func (f *fake) call(ctx context.Context, operation string, t lambdaapi.Target, do func() error) error {
	var err error
	if f.before != nil {
		err = f.before(ctx, operation, t)
	}
	if err == nil {
		err = wait(ctx, time.Millisecond)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		err = do()
	}
	name := strings.TrimSuffix(strings.TrimSuffix(operation, "FunctionEventInvokeConfigs"), "FunctionEventInvokeConfig")
	switch {
	case lambdaapi.IsNotFoundResponse(err):
		name += " 404"
	case err != nil:
		name += " failed"
	}
	f.calls = append(f.calls, name)
	if err != nil {
		return &lambdaapi.CallError{Operation: operation, Target: t, Err: err, Ended: ctx.Err()}
	}
	return nil
}

// write makes one call and records whether another write overlaps it.
func (f *fake) write(ctx context.Context, operation string, t lambdaapi.Target, do func() error) error {
	count := func(n int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.writing[t.Function.Name] += n
		f.overlap = f.overlap || f.writing[t.Function.Name] > 1
	}
	count(1)
	defer count(-1)
	return f.call(ctx, operation, t, do)
}

// wait returns early, with an error, if ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func notFound() error { return &smithy.GenericAPIError{Code: "ResourceNotFoundException"} }

func wrongDestination() error {
	return &smithy.GenericAPIError{
		Code: "InvalidParameterValueException", Message: "The destination ARN arn:aws:sqs:us-east-1:1:q is invalid.",
	}
}

func (f *fake) config(t lambdaapi.Target) lambdaapi.Config {
	return lambdaapi.Config{
		FunctionARN: "arn:aws:lambda:us-east-1:123456789012:function:" + t.Function.Name + ":" + t.Qualifier,
		Settings:    f.configs[configurationOf(t)],
	}
}

// List implements [lambdaapi.API].
func (f *fake) List(ctx context.Context, t lambdaapi.Target, _ time.Time) (lambdaapi.Listing, error) {
	listing := lambdaapi.Listing{Configs: map[string]lambdaapi.Config{}, Complete: true, Started: time.Now()}
	err := f.call(ctx, "ListFunctionEventInvokeConfigs", t, func() error {
		for c := range f.configs {
			if c.function == t.Function.Name {
				listing.Configs[c.qualifier] = f.config(at(c.function, c.qualifier))
			}
		}
		return nil
	})
	return listing, err
}

// Get implements [lambdaapi.API].
func (f *fake) Get(ctx context.Context, t lambdaapi.Target) (config lambdaapi.Config, err error) {
	err = f.call(ctx, "GetFunctionEventInvokeConfig", t, func() error {
		if _, ok := f.configs[configurationOf(t)]; !ok {
			return notFound()
		}
		config = f.config(t)
		return nil
	})
	return config, err
}

// Put implements [lambdaapi.API].
func (f *fake) Put(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings,
) (config lambdaapi.Config, err error) {
	err = f.write(ctx, "PutFunctionEventInvokeConfig", t, func() error {
		f.configs[configurationOf(t)] = want
		config = f.config(t)
		return nil
	})
	return config, err
}

// Update implements [lambdaapi.API].
func (f *fake) Update(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member,
) (config lambdaapi.Config, err error) {
	err = f.write(ctx, "UpdateFunctionEventInvokeConfig", t, func() error {
		have, ok := f.configs[configurationOf(t)]
		if !ok {
			return notFound()
		}
		f.configs[configurationOf(t)] = have.With(want, members)
		config = f.config(t)
		return nil
	})
	return config, err
}

// Delete implements [lambdaapi.API].
func (f *fake) Delete(ctx context.Context, t lambdaapi.Target) error {
	return f.write(ctx, "DeleteFunctionEventInvokeConfig", t, func() error {
		if _, ok := f.configs[configurationOf(t)]; !ok {
			return notFound()
		}
		delete(f.configs, configurationOf(t))
		return nil
	})
}
