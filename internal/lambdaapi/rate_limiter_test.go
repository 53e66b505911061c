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

	mu                  sync.Mutex
	accepted, throttled int
	lately              []time.Time // when calls were accepted
}

// call makes one call through p and retries it until the service accepts it.
func (s *service) call(t *testing.T, p *rateLimiter) {
	for {
		answered, err := p.wait(t.Context())
		if err != nil {
			t.Error(err)
			return
		}
		time.Sleep(s.latency / 2)
		ok := s.bucket.AllowN(time.Now(), 1)
		s.mu.Lock()
		if ok {
			s.accepted++
			s.lately = append(s.lately, time.Now())
		} else {
			s.throttled++
		}
		s.mu.Unlock()
		time.Sleep(s.latency / 2)
		if ok {
			answered(accepted)
			return
		}
		answered(throttled)
	}
}

// run makes the given number of calls with the given number of workers, and
// returns how long that takes.
func (s *service) run(t *testing.T, p *rateLimiter, calls, workers int) time.Duration {
	began := time.Now()
	work := make(chan struct{}, calls)
	for range calls {
		work <- struct{}{}
	}
	close(work)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for range work {
				s.call(t, p)
			}
		})
	}
	wait.Wait()
	return time.Since(began)
}

// The bounds leave room for the random delays. internal/bench measures.
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
				wall := took.Seconds() / (calls / test.rate)
				share := float64(s.throttled) / float64(s.throttled+s.accepted)
				if wall > test.wall || share > test.share {
					t.Errorf("got %.3f of the time at the rate of the service, want at most %.2f; %.3f of the calls throttled, want at most %.2f",
						wall, test.wall, share, test.share)
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
			for _, at := range s.lately {
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
		if share := float64(s.throttled) / float64(s.throttled+s.accepted); share > 0.05 {
			t.Errorf("%.3f of the calls throttled, want at most 0.05", share)
		}
	})
}

// The pace learns little while it is not used up.
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
			s.run(t, newRateLimiter(), 300, test.workers)
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
		p := newRateLimiter()
		s.run(t, p, 100, 10)
		time.Sleep(time.Hour)
		for range 20 { // one at a time, slower than the pace
			s.call(t, p)
			time.Sleep(time.Second)
		}
		if took := s.run(t, p, 300, 10); took > 21*time.Second {
			t.Errorf("300 calls took %s, want at most 21s", took)
		}
	})
}

// A call without a response delays no others.
func TestRateLimiter_continuesWithoutResponse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newRateLimiter()
		began := time.Now()
		for range slowStartCalls + 1 {
			if _, err := p.wait(t.Context()); err != nil {
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
		p := newRateLimiter()
		first, err := p.wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first(throttled)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 2 * slowStartCalls { // more than there are slots
			if _, err := p.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v", err)
			}
		}
		if _, err := p.wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
