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

	"github.com/aws/smithy-go"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

var (
	settings = lambdaapi.Settings{MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 1}
	changed  = lambdaapi.Settings{MaximumEventAgeInSeconds: 61, MaximumRetryAttempts: 2}
)

// read refreshes a configuration, which must have the given settings.
func read(t *testing.T, s *Session, target lambdaapi.Target, want lambdaapi.Settings) {
	t.Helper()
	if got, err := s.Read(t.Context(), target); err != nil || got.Settings != want {
		t.Errorf("Read of %s: got %+v, %v, want %+v", target, got, err, want)
	}
}

func create(t *testing.T, s *Session, target lambdaapi.Target) {
	t.Helper()
	if _, _, err := s.Create(t.Context(), target, settings, false, NewToken()); err != nil {
		t.Errorf("Create of %s: %v", target, err)
	}
}

func TestRead_listsAgainIfRefreshedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		for _, want := range []lambdaapi.Settings{settings, changed, settings} {
			api.set(at("f", "a"), want)
			api.set(at("f", "b"), want)
			read(t, s, at("f", "a"), want)
			read(t, s, at("f", "b"), want)
			api.wantCalls(t, "List")
		}
		// In another order.
		api.set(at("f", "a"), changed)
		api.set(at("f", "b"), changed)
		read(t, s, at("f", "b"), changed)
		read(t, s, at("f", "a"), changed)
		api.wantCalls(t, "List")
	})
}

// Two objects in state may have the same configuration.
func TestRead_sharesListOfConcurrentRefreshesOfOneConfiguration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		api.set(at("f", "a"), settings)
		var group sync.WaitGroup
		for range 2 {
			group.Go(func() { read(t, s, at("f", "a"), settings) })
		}
		group.Wait()
		api.wantCalls(t, "List")
	})
}

func TestRead_listsAgainAfterGap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		gap   time.Duration
		calls []string
	}{
		{10 * time.Second, []string{"List"}},
		{10*time.Second + time.Millisecond, []string{"List", "List"}},
	} {
		t.Run(test.gap.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, api := newFake()
				api.set(at("f", "a"), settings)
				api.set(at("f", "b"), settings)
				read(t, s, at("f", "a"), settings)
				time.Sleep(test.gap)
				read(t, s, at("f", "b"), settings)
				api.wantCalls(t, test.calls...)
			})
		})
	}
}

func TestRead_keepsListDuringSlowRefresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		for _, target := range []lambdaapi.Target{at("f", "a"), at("f", "b"), at("slow", "a")} {
			api.set(target, settings)
		}
		api.before = func(ctx context.Context, _ string, t lambdaapi.Target) error {
			if t.Function.Name == "slow" {
				return wait(ctx, time.Minute)
			}
			return nil
		}
		go read(t, s, at("slow", "a"), settings)
		read(t, s, at("f", "a"), settings)
		time.Sleep(50 * time.Second)
		read(t, s, at("f", "b"), settings)
		api.wantCalls(t, "List")
		time.Sleep(time.Minute)
	})
}

// A List of more than 30 seconds ago is no longer a "not found" response.
func TestRead_getsAbsentConfigurationTwiceAfterOldList(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		for i := range 5 {
			api.set(at("f", fmt.Sprint("q", i)), settings)
		}
		for i := range 5 { // at 0, 9, …, 36 seconds
			read(t, s, at("f", fmt.Sprint("q", i)), settings)
			time.Sleep(9 * time.Second)
		}
		if _, err := s.Read(t.Context(), at("f", "none")); !errors.Is(err, lambdaapi.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		api.wantCalls(t, "List", "Get 404", "Get 404")
	})
}

func TestReadNow_sharesListThatStartsLater(t *testing.T) {
	t.Parallel()
	reads := map[string]func(*Session, context.Context) error{
		"ReadNow": func(s *Session, ctx context.Context) error {
			got, err := s.ReadNow(ctx, at("f", "a"))
			if err == nil && got.Settings != changed {
				err = fmt.Errorf("got %+v", got)
			}
			return err
		},
		"ReadAll": func(s *Session, ctx context.Context) error {
			got, err := s.ReadAll(ctx, at("f", "a"))
			if err == nil && (len(got) != 1 || got[0].Settings != changed) {
				err = fmt.Errorf("got %+v", got)
			}
			return err
		},
	}
	for name, readNow := range reads {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, api := newFake()
				api.set(at("f", "a"), settings)
				api.before = func(ctx context.Context, _ string, _ lambdaapi.Target) error { return wait(ctx, time.Second) }
				var group sync.WaitGroup
				group.Go(func() {
					if _, err := s.ReadNow(t.Context(), at("f", "a")); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(time.Second / 2)
				api.set(at("f", "a"), changed)
				for range 10 {
					group.Go(func() {
						if err := readNow(s, t.Context()); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				api.wantCalls(t, "List", "List")
			})
		})
	}
}

func TestCreate_trustsAbsenceForThirtySeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		create(t, s, at("f", "a")) // the List starts now
		api.wantCalls(t, "List", "Put")
		time.Sleep(30*time.Second - 2*time.Millisecond)
		create(t, s, at("f", "b"))
		api.wantCalls(t, "Put")
		create(t, s, at("f", "c"))
		api.wantCalls(t, "Get 404", "Put")
		api.set(at("f", "d"), changed)
		if _, _, err := s.Create(t.Context(), at("f", "d"), settings, false, NewToken()); err == nil {
			t.Error("an out-of-band change is overwritten")
		}
		api.wantCalls(t, "Get")
	})
}

// A sequence of writes has no pause that ends it.
func TestCreate_keepsListDuringLongApply(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		for i := range 3 {
			create(t, s, at("f", fmt.Sprint(i)))
			time.Sleep(time.Minute)
		}
		api.wantCalls(t, "List", "Put", "Get 404", "Put", "Get 404", "Put")
		if _, err := s.Read(t.Context(), at("f", "0")); err != nil {
			t.Error(err)
		}
		create(t, s, at("f", "last"))
		api.wantCalls(t, "List", "List", "Put")
	})
}

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
						if !lambdaapi.IsPropagating(err) {
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
		if err := <-done; !lambdaapi.IsPropagating(err) {
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
		if !strings.HasPrefix(calls, "List Put failed Put failed") || !strings.HasSuffix(calls, "Get 404 Put failed Get 404 Put") {
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
		if took := time.Since(start); !lambdaapi.IsPropagating(err) || took < 12*time.Minute || took > 12*time.Minute+10*time.Second {
			t.Errorf("got %v after %s", err, took)
		}
	})
}

func TestWrite_returnsOtherErrorsImmediately(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		denied := &smithy.GenericAPIError{Code: "AccessDeniedException"}
		api.before = func(_ context.Context, operation string, _ lambdaapi.Target) error {
			if operation == "PutFunctionEventInvokeConfig" {
				return denied
			}
			return nil
		}
		start := time.Now()
		if _, _, err := s.Create(t.Context(), at("f", "a"), settings, false, NewToken()); !lambdaapi.IsAccessDenied(err) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %s", took)
		}
		api.wantCalls(t, "List", "Put failed")
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
				if !ok || !lambdaapi.IsPropagating(err) || !errors.Is(call.Ended, context.DeadlineExceeded) ||
					!strings.Contains(err.Error(), "PutFunctionEventInvokeConfig of f:a in us-east-1 did not succeed within its timeout") {
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
		for operation, write := range writes { // the context has ended before
			err := write()
			if !errors.Is(err, lambdaapi.ErrNotStarted) || !strings.Contains(err.Error(), operation+" of f:b in us-east-1 was not sent.\n\nIts timeout had ended before.") {
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

// A plan that removes an object allows Create to overwrite what state has. The
// permission ends with the attempt: another client may write between attempts.
func TestCreate_doesNotOverwriteConfigurationChangedDuringRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, api := newFake()
		api.set(at("f", "live"), settings)
		existing, err := s.ReadNow(t.Context(), at("f", "live"))
		if err != nil {
			t.Fatal(err)
		}
		s.Objects.PlanRemoved(Object{Token: "a", ARN: existing.FunctionARN}, settings)
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
			return &smithy.GenericAPIError{Code: "InvalidParameterValueException", Message: "The destination ARN q is invalid."}
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
