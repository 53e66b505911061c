// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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
		if _, err := s.Read(t.Context(), at("f", "none")); !errors.Is(err, lambdaapi.ErrNoConfig) {
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
