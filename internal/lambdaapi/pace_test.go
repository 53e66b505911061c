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

// service grants calls from a bucket of tokens, in the fake time of a synctest
// bubble.
type service struct {
	bucket  *rate.Limiter
	latency time.Duration

	mu               sync.Mutex
	granted, refused int
	lately           []time.Time // when calls were granted
}

// call makes one call through p and goes on until it is granted.
func (s *service) call(t *testing.T, p *pace) {
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
			s.granted++
			s.lately = append(s.lately, time.Now())
		} else {
			s.refused++
		}
		s.mu.Unlock()
		time.Sleep(s.latency / 2)
		if ok {
			answered(granted)
			return
		}
		answered(refused)
	}
}

// run has the given number of workers make calls until there are none left.
func (s *service) run(t *testing.T, p *pace, calls, workers int) time.Duration {
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

// The bounds leave room for chance, by which calls are spread; the bench
// measures.
func TestPaceIsTheServices(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rate    float64
		burst   int
		workers int
		latency time.Duration
		wall    float64 // at most, as a ratio to what the service grants
		share   float64 // of refusals, at most
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
				took := s.run(t, newPace(), calls, test.workers)
				wall := took.Seconds() / (calls / test.rate)
				share := float64(s.refused) / float64(s.refused+s.granted)
				if wall > test.wall || share > test.share {
					t.Errorf("wall = %.3f of what the service grants, at most %.2f; refused = %.3f of the calls, at most %.2f",
						wall, test.wall, share, test.share)
				}
			})
		})
	}
}

// Another client takes half of what the service grants, and leaves again.
func TestPaceFollowsTheNeighbours(t *testing.T) {
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
		s.run(t, newPace(), 1000, 10)
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
			t.Errorf("granted in 25 s of sharing: %d; in 10 s, from 10 s after the other has left: %d", shared, after)
		}
		if share := float64(s.refused) / float64(s.refused+s.granted); share > 0.05 {
			t.Errorf("refused = %.3f of the calls", share)
		}
	})
}

// A pace that is not used up tells little of what is granted, but must not make
// the provider take what is the neighbours'.
func TestPaceLeavesTheNeighboursTheirs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		neighbour float64 // calls per second
		workers   int
		latency   time.Duration
		random    bool // or at even distances
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
			ctx, leave := context.WithCancel(t.Context())
			asked, got := 0, 0
			chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same chances every time
			left := make(chan struct{})
			go func() {
				defer close(left)
				for ctx.Err() == nil {
					asked++
					if s.bucket.AllowN(time.Now(), 1) {
						got++
					}
					gap := 1.0
					if test.random {
						gap = chance.ExpFloat64()
					}
					time.Sleep(time.Duration(gap * float64(time.Second) / test.neighbour))
				}
			}()
			s.run(t, newPace(), 300, test.workers)
			leave()
			<-left
			if share := float64(got) / float64(asked); share < 0.5 {
				t.Errorf("%+v: the neighbour was granted %.2f of its calls", test, share)
			}
		})
	}
}

// Where nothing is refused, nothing waits; only the first calls go a few at a
// time.
func TestPaceCostsNothingWhereNothingIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{bucket: rate.NewLimiter(rate.Inf, 0), latency: 20 * time.Millisecond}
		if took := s.run(t, newPace(), 400, 10); took != 40*s.latency {
			t.Errorf("10 at a time took %s", took)
		}
		// Three rounds of ten, and what is left, fifty at a time.
		if took := s.run(t, newPace(), 400, 50); took > 11*s.latency {
			t.Errorf("50 at a time took %s", took)
		}
	})
}

// What was spared during a pause is no reason to believe that the service
// grants little.
func TestPaceAfterAPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{bucket: rate.NewLimiter(15, 15), latency: 20 * time.Millisecond}
		p := newPace()
		s.run(t, p, 100, 10)
		time.Sleep(time.Hour)
		for range 20 { // one at a time, and slower than they may
			s.call(t, p)
			time.Sleep(time.Second)
		}
		if took := s.run(t, p, 300, 10); took > 21*time.Second {
			t.Errorf("300 calls took %s", took)
		}
	})
}

// An answer that does not come holds up no others.
func TestPaceDoesNotWaitForSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		began := time.Now()
		for range slowStartSlots + 1 {
			if _, err := p.wait(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != slowStartPatience {
			t.Errorf("took %s", took)
		}
		time.Sleep(slowStartPatience) // for the last one's
	})
}

func TestPaceWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPace()
		first, err := p.wait(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		first(refused)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		for range 2 * slowStartSlots { // more than there are slots to lose
			if _, err := p.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Fatalf("got %v", err)
			}
		}
		if _, err := p.wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
