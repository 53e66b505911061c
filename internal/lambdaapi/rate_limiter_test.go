// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// service accepts calls from a token bucket, in the fake time of a synctest
// bubble.
type service struct {
	bucket  *rate.Limiter
	latency time.Duration

	mu        sync.Mutex
	throttled int
	accepted  []time.Time // times of the accepted calls
}

// call makes one call through l and retries it until the service accepts it.
func (s *service) call(t *testing.T, l *rateLimiter) {
	for {
		done, err := l.wait(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		time.Sleep(s.latency / 2)
		ok := s.bucket.AllowN(time.Now(), 1)
		s.mu.Lock()
		if ok {
			s.accepted = append(s.accepted, time.Now())
		} else {
			s.throttled++
		}
		s.mu.Unlock()
		time.Sleep(s.latency / 2)
		if ok {
			done(accepted)
			return
		}
		done(throttled)
	}
}

// throttledShare returns the ratio of throttled calls to all calls.
func (s *service) throttledShare() float64 {
	return float64(s.throttled) / float64(s.throttled+len(s.accepted))
}

// run makes the given number of calls with the given number of workers, and
// returns the time that they take.
func (s *service) run(t *testing.T, l *rateLimiter, calls, workers int) time.Duration {
	start := time.Now()
	work := make(chan struct{}, calls)
	for range calls {
		work <- struct{}{}
	}
	close(work)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for range work {
				s.call(t, l)
			}
		})
	}
	wait.Wait()
	return time.Since(start)
}

// The bounds allow for the random delays. internal/bench measures the rate limiter.
func TestRateLimiter_staysNearRateOfService(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rate    float64
		burst   int
		workers int
		latency time.Duration
		wall    float64 // maximum, as a ratio of the time at the rate of the service
		share   float64 // maximum share of throttled calls
	}{
		"Lambda's":            {15, 15, 10, 2 * time.Millisecond, 1.05, 0.045},
		"Lambda's, wide":      {15, 15, 50, 2 * time.Millisecond, 1.05, 0.045},
		"Lambda's, far":       {15, 15, 10, 100 * time.Millisecond, 1.05, 0.045},
		"Lambda's, far, wide": {15, 15, 50, 100 * time.Millisecond, 1.05, 0.045},
		"no burst":            {15, 1, 10, 20 * time.Millisecond, 6, 0.2},
		"small burst":         {15, 5, 10, 20 * time.Millisecond, 1.1, 0.05},
		"large burst":         {15, 100, 10, 20 * time.Millisecond, 0.9, 0.15},
		"slow":                {3, 3, 10, 20 * time.Millisecond, 1.15, 0.15},
		"fast":                {200, 200, 50, 20 * time.Millisecond, 1, 0.1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{bucket: rate.NewLimiter(rate.Limit(test.rate), test.burst), latency: test.latency}
				const calls = 500
				took := s.run(t, newRateLimiter(), calls, test.workers)
				wall, share := took.Seconds()/(calls/test.rate), s.throttledShare()
				if wall > test.wall || share > test.share {
					t.Errorf("got %.3f of the time at the rate of the service, want at most %.2f", wall, test.wall)
					t.Errorf("%.3f of the calls throttled, want at most %.2f", share, test.share)
				}
			})
		})
	}
}

// Another client uses half of the rate for 30 seconds.
func TestRateLimiter_followsOtherClients(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{bucket: rate.NewLimiter(15, 15), latency: 20 * time.Millisecond}
		began := time.Now()
		go func() {
			time.Sleep(20 * time.Second)
			for time.Since(began) < 50*time.Second {
				s.bucket.AllowN(time.Now(), 1)
				time.Sleep(time.Second * 2 / 15)
			}
		}()
		s.run(t, newRateLimiter(), 1000, 10)
		between := func(from, to time.Duration) (n int) {
			for _, at := range s.accepted {
				if since := at.Sub(began); since >= from && since < to {
					n++
				}
			}
			return n
		}
		shared, after := between(25*time.Second, 50*time.Second), between(60*time.Second, 70*time.Second)
		if shared < 25*15/2*9/10 || after < 10*15*95/100 {
			t.Errorf("accepted calls: got %d in 25 s with the other client, %d in 10 s without it", shared, after)
		}
		if share := s.throttledShare(); share > 0.05 {
			t.Errorf("%.3f of the calls throttled, want at most 0.05", share)
		}
	})
}

// A rate that the provider does not use up has few throttled calls to measure.
func TestRateLimiter_leavesRateToOtherClients(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		other   float64 // calls per second
		workers int
		latency time.Duration
		random  bool // otherwise at equal intervals
	}{
		{7.5, 4, 300 * time.Millisecond, true},
		{7.5, 10, 2 * time.Millisecond, false},
		{7.5, 50, 2 * time.Millisecond, true},
		{12, 4, 300 * time.Millisecond, true},
		{12, 10, 900 * time.Millisecond, true},
		{12, 10, 20 * time.Millisecond, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{bucket: rate.NewLimiter(15, 15), latency: test.latency}
			ctx, stop := context.WithCancel(t.Context())
			made, got := 0, 0
			chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same sequence in every run
			done := make(chan struct{})
			go func() {
				defer close(done)
				for ctx.Err() == nil {
					made++
					if s.bucket.AllowN(time.Now(), 1) {
						got++
					}
					gap := 1.0
					if test.random {
						gap = chance.ExpFloat64()
					}
					time.Sleep(time.Duration(gap * float64(time.Second) / test.other))
				}
			}()
			s.run(t, newRateLimiter(), 600, test.workers)
			stop()
			<-done
			if share := float64(got) / float64(made); share < 0.5 {
				t.Errorf("%+v: the other client got %.2f of its calls, want at least 0.5", test, share)
			}
		})
	}
}

// Only the first calls are limited to a few at a time.
func TestRateLimiter_addsNoDelayWithoutThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{bucket: rate.NewLimiter(rate.Inf, 0), latency: 20 * time.Millisecond}
		if took := s.run(t, newRateLimiter(), 400, 10); took != 40*s.latency {
			t.Errorf("10 workers took %s, want %s", took, 40*s.latency)
		}
		// Three rounds of ten, and the others in rounds of fifty.
		if took := s.run(t, newRateLimiter(), 400, 50); took > 11*s.latency {
			t.Errorf("50 workers took %s, want at most %s", took, 11*s.latency)
		}
	})
}

// Few calls during a pause do not show that the service accepts few.
func TestRateLimiter_recoversAfterPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{bucket: rate.NewLimiter(15, 15), latency: 20 * time.Millisecond}
		l := newRateLimiter()
		s.run(t, l, 100, 10)
		time.Sleep(time.Hour)
		for range 20 { // slower than the rate
			s.call(t, l)
			time.Sleep(time.Second)
		}
		if took := s.run(t, l, 300, 10); took > 21*time.Second {
			t.Errorf("300 calls took %s, want at most 21s", took)
		}
	})
}

// A call without a response delays no others.
func TestRateLimiter_continuesWithoutResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newRateLimiter()
		began := time.Now()
		for range slowStartCalls + 1 {
			if _, err := l.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != responseTime {
			t.Errorf("took %s, want %s", took, responseTime)
		}
		time.Sleep(responseTime) // ends the timer of the last call
	})
}

func TestRateLimiter_stopsWithContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newRateLimiter()
		first, err := l.wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first(throttled)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 2 * slowStartCalls { // more than there are slots
			if _, err := l.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v", err)
			}
		}
		if _, err := l.wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
