// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Lambda responds with the same error to a wrong destination and to a new
// destination. The Creates retry concurrently, because each releases the lock
// between its attempts.
func TestCreate_wrongDestinationsOfOneFunctionFailAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	for mode, cached := range map[string]bool{"with cache": true, "without cache": false} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, api := newFake()
				if !cached {
					s.api = api
				}
				api.before = func(ctx context.Context, operation string, _ lambdaapi.Target) error {
					if operation != "PutFunctionEventInvokeConfig" {
						return nil
					}
					return errors.Join(wait(ctx, 100*time.Millisecond), wrongDestination())
				}
				start := time.Now()
				var group sync.WaitGroup
				for i := range 4 {
					group.Go(func() {
						_, _, err := s.Create(t.Context(), at("f", fmt.Sprint(i)), settings, false, NewToken())
						if !lambdaapi.IsPropagationError(err) {
							t.Errorf("got %v", err)
						}
						if took := time.Since(start); took < 2*time.Minute || took > 2*time.Minute+10*time.Second {
							t.Errorf("took %s", took)
						}
					})
				}
				group.Wait()
				if api.overlap {
					t.Error("two writes to one function overlapped")
				}
			})
		})
	}
}

func TestWrite_releasesLockBetweenAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		api.set(at("f", "a"), settings)
		api.set(at("f", "b"), settings)
		api.before = func(_ context.Context, _ string, t lambdaapi.Target) error {
			if t.Qualifier == "wrong" {
				return wrongDestination()
			}
			return nil
		}
		done := make(chan error)
		go func() {
			_, err := s.Update(t.Context(), at("f", "wrong"), settings, []lambdaapi.Member{lambdaapi.EventAge}, NewToken())
			done <- err
		}()
		time.Sleep(10 * time.Second)
		start := time.Now()
		create(t, s, at("f", "c"))
		if _, err := s.Update(t.Context(), at("f", "a"), changed, changed.Differing(settings), NewToken()); err != nil {
			t.Error(err)
		}
		if err := s.Delete(t.Context(), at("f", "b"), Object{}); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("other writes to the function took %s", took)
		}
		if err := <-done; !lambdaapi.IsPropagationError(err) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWrite_succeedsAfterPropagation(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		start := time.Now()
		api.before = func(_ context.Context, operation string, _ lambdaapi.Target) error {
			if operation == "PutFunctionEventInvokeConfig" && time.Since(start) < 100*time.Second {
				return wrongDestination()
			}
			return nil
		}
		create(t, s, at("f", "a"))
		if took := time.Since(start); took < 100*time.Second || took > 106*time.Second {
			t.Errorf("took %s", took)
		}
		// Absence is trusted for 30 seconds, then each attempt needs a Get.
		calls := strings.Join(api.takeCalls(), " ")
		if !strings.HasPrefix(calls, "List Put failed Put failed") ||
			!strings.HasSuffix(calls, "Get 404 Put failed Get 404 Put") {
			t.Errorf("calls: got %s", calls)
		}
	})
}

// The two minutes start when the error first occurs.
func TestWrite_countsPropagationTimeFromFirstError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		start := time.Now()
		first := true
		api.before = func(ctx context.Context, operation string, _ lambdaapi.Target) error {
			if operation != "PutFunctionEventInvokeConfig" {
				return nil
			}
			if first {
				first = false
				return errors.Join(wait(ctx, 10*time.Minute), wrongDestination())
			}
			return wrongDestination()
		}
		_, _, err := s.Create(t.Context(), at("f", "a"), settings, false, NewToken())
		took := time.Since(start)
		if !lambdaapi.IsPropagationError(err) || took < 12*time.Minute || took > 12*time.Minute+10*time.Second {
			t.Errorf("got %v after %s", err, took)
		}
	})
}

func TestWrite_reportsPropagatingErrorWhenContextEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		timeout time.Duration
		locked  bool // by another write, from the first second on
	}{
		"between attempts":     {40 * time.Second, false},
		"waiting for the lock": {40 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, api := newFake()
				api.before = func(ctx context.Context, operation string, t lambdaapi.Target) error {
					switch {
					case t.Qualifier == "slow" && operation == "DeleteFunctionEventInvokeConfig":
						return wait(ctx, 10*time.Minute)
					case operation == "PutFunctionEventInvokeConfig":
						return wrongDestination()
					}
					return nil
				}
				var group sync.WaitGroup
				if test.locked {
					group.Go(func() {
						time.Sleep(100 * time.Millisecond)
						if err := s.Delete(t.Context(), at("f", "slow"), Object{}); err != nil {
							t.Error(err)
						}
					})
				}
				ctx, cancel := context.WithTimeout(t.Context(), test.timeout)
				defer cancel()
				start := time.Now()
				_, _, err := s.Create(ctx, at("f", "a"), settings, false, NewToken())
				call, ok := errors.AsType[*lambdaapi.CallError](err)
				const text = "PutFunctionEventInvokeConfig of f:a in us-east-1 did not succeed within its timeout"
				if !ok || !lambdaapi.IsPropagationError(err) || !errors.Is(call.Ended, context.DeadlineExceeded) ||
					!strings.Contains(err.Error(), text) {
					t.Errorf("got %v", err)
				}
				if took, want := time.Since(start), test.timeout-outcomeTimeout; took != want {
					t.Errorf("took %s, want %s", took, want)
				}
				group.Wait()
			})
		})
	}
}

func TestWrite_reportsThatItWaitedForLock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		api.before = func(ctx context.Context, operation string, _ lambdaapi.Target) error {
			if operation == "GetFunctionEventInvokeConfig" {
				return nil
			}
			return wait(ctx, time.Hour)
		}
		done := make(chan error)
		go func() { done <- s.Delete(t.Context(), at("f", "a"), Object{}) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		writes := map[string]func() error{
			"PutFunctionEventInvokeConfig": func() error {
				_, _, err := s.Create(ctx, at("f", "b"), settings, false, NewToken())
				return err
			},
			"UpdateFunctionEventInvokeConfig": func() error {
				_, err := s.Update(ctx, at("f", "b"), settings, []lambdaapi.Member{lambdaapi.EventAge}, NewToken())
				return err
			},
			"DeleteFunctionEventInvokeConfig": func() error { return s.Delete(ctx, at("f", "b"), Object{}) },
		}
		var group sync.WaitGroup
		for operation, write := range writes {
			group.Go(func() {
				err := write()
				for _, want := range []string{
					operation + " of f:b in us-east-1 did not succeed within its timeout",
					"No request was sent: it waited for other writes to the same function", "Run Terraform again, or raise timeouts.",
				} {
					if !errors.Is(err, lambdaapi.ErrQueued) || !strings.Contains(err.Error(), want) {
						t.Errorf("got %v, want %q", err, want)
					}
				}
			})
		}
		group.Wait()
		<-ctx.Done()
		for operation, write := range writes {
			err := write()
			text := operation + " of f:b in us-east-1 was not sent.\n\nIts timeout had ended before."
			if !errors.Is(err, lambdaapi.ErrNotStarted) || !strings.Contains(err.Error(), text) {
				t.Errorf("after the timeout: got %v", err)
			}
		}
		_, err := s.Read(ctx, at("g", "a"))
		if !errors.Is(err, lambdaapi.ErrNotStarted) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Read after the timeout: got %v", err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		api.wantCalls(t, "Delete 404", "Get 404")
	})
}

func TestWrite_serializesWritesToOneFunction(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		api.before = func(ctx context.Context, operation string, _ lambdaapi.Target) error {
			if strings.HasPrefix(operation, "List") || strings.HasPrefix(operation, "Get") {
				return nil
			}
			return wait(ctx, time.Second)
		}
		byARN := at("f", "arn")
		byARN.Function = functionref.Ref{Partition: "aws", Region: "us-east-1", AccountID: "123456789012", Name: "f"}
		start := time.Now()
		var group sync.WaitGroup
		for _, target := range []lambdaapi.Target{at("f", "a"), at("f", "b"), byARN, at("g", "a")} {
			api.set(target, settings)
			group.Go(func() {
				if _, err := s.Update(t.Context(), target, changed, changed.Differing(settings), NewToken()); err != nil {
					t.Errorf("Update of %s: %v", target, err)
				}
				if took := time.Since(start); target.Function.Name == "g" && took > 2*time.Second {
					t.Errorf("Update of another function took %s", took)
				}
			})
		}
		group.Go(func() { create(t, s, at("f", "c")) })
		group.Go(func() {
			if err := s.Delete(t.Context(), at("f", "d"), Object{}); err != nil {
				t.Error(err)
			}
		})
		group.Wait()
		if api.overlap {
			t.Error("two writes to one function overlapped")
		}
		if took := time.Since(start); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("five writes of one second took %s", took)
		}
	})
}

// A plan that removes an object allows Create to overwrite the settings in state.
// Each attempt compares them again, since another client may write between attempts.
func TestCreate_doesNotOverwriteConfigurationChangedDuringRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		api.set(at("f", "live"), settings)
		existing, err := s.ReadNow(t.Context(), at("f", "live"))
		if err != nil {
			t.Fatal(err)
		}
		s.Objects.RecordPlannedMove(Object{Token: "a", ARN: existing.FunctionARN}, settings)
		foreign := settings
		foreign.OnFailure = "arn:aws:sqs:us-east-1:123456789012:foreign"
		puts := 0
		api.before = func(_ context.Context, operation string, _ lambdaapi.Target) error {
			if operation != "PutFunctionEventInvokeConfig" {
				return nil
			}
			if puts++; puts > 1 {
				return nil
			}
			return wrongDestination()
		}
		go func() {
			time.Sleep(100 * time.Millisecond)
			api.set(at("f", "live"), foreign)
		}()
		if _, _, err = s.Create(t.Context(), at("f", "live"), changed, false, NewToken()); puts != 1 {
			t.Errorf("%d Puts, want 1", puts)
		}
		if exists, ok := errors.AsType[*ExistsError](err); !ok || exists.Existing.Settings != foreign {
			t.Errorf("got %v, want an ExistsError about the changed configuration", err)
		}
	})
}
