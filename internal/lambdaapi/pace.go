// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

// How a pace is found and kept. DESIGN.md has the reasons and the figures.
const (
	// The first calls of a run go a few at a time, so that a service which
	// refuses does not have to refuse many at once.
	slowStartSlots    = 10
	slowStartCalls    = 30
	slowStartPatience = time.Second // with a call that is not answered

	// paceMargin is how far below what the service grants a pace begins.
	paceMargin = 0.95

	// From there it grows by paceGrowth × (2^t − 1) of itself in t seconds:
	// next to nothing at first, and to the double in eight seconds. After
	// maxGrowing it is as good as none.
	paceGrowth = 0.004
	maxGrowing = 20 * time.Second

	// paceCut is for a refusal that comes too soon after the last one to tell
	// what the service grants: less than paceMeasure.
	paceCut     = 0.8
	paceMeasure = 2 * time.Second

	// paceSettle is how long refusals may follow from what was on its way when
	// the pace was set.
	paceSettle = 500 * time.Millisecond

	// documentedQuota is Lambda's, in calls per second, and the least that a
	// first guess is.
	documentedQuota = 15

	// slowestPace, in calls per second, keeps asking.
	slowestPace = 1
)

// pace keeps the calls to one region just under the rate that the service
// grants, once the service has refused one for its rate; before, it costs
// nothing. Every attempt at a call waits for its turn.
//
// The service keeps a bucket of tokens for everyone in the account and says
// nothing of it but its refusals. When it refuses, the bucket is empty. From
// one refusal to the next it has therefore granted just what flowed into it,
// which is the rate to stay under.
type pace struct {
	slots chan struct{} // those of the slow start
	open  chan struct{} // closed when it is over
	turn  *semaphore.Weighted

	mu       sync.Mutex
	answers  int           // so far, for the slow start
	recent   []time.Time   // when calls were granted during the last second
	limiter  *rate.Limiter // nil until the first refusal
	base     float64       // what the pace began with after the last refusal, per second
	refused  time.Time     // the last refusal that counted
	granted  int           // calls since then
	slack    bool          // whether fewer calls were made than the pace allowed since then
	grown    time.Duration // how long the pace has been growing since then
	reserved time.Time     // when the last call took its turn
}

func newPace() *pace {
	return &pace{
		slots: make(chan struct{}, slowStartSlots),
		open:  make(chan struct{}),
		turn:  semaphore.NewWeighted(1),
	}
}

// wait waits for the turn of one attempt, until ctx ends. What comes of the
// attempt is to be told to the function that it returns.
func (p *pace) wait(ctx context.Context) (answered func(outcome), err error) {
	release, err := p.slot(ctx)
	if err != nil {
		return nil, err
	}
	jitter, err := p.place(ctx)
	if err == nil {
		err = sleep(ctx, jitter)
	}
	if err != nil {
		release()
		return nil, err
	}
	sent := time.Now()
	return func(o outcome) {
		release()
		p.answered(o, sent, time.Now())
	}, nil
}

// slot waits for one of the slow start's slots.
func (p *pace) slot(ctx context.Context) (release func(), err error) {
	select {
	case <-p.open:
		return func() {}, nil
	default:
	}
	select {
	case <-p.open:
		return func() {}, nil
	case p.slots <- struct{}{}:
		release = sync.OnceFunc(func() { <-p.slots })
		time.AfterFunc(slowStartPatience, release)
		return release, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// place waits for the next place in time, and returns how much longer the call
// is to wait. One call at a time has its place reserved: a new rate then holds
// for all that are still in the queue.
func (p *pace) place(ctx context.Context) (jitter time.Duration, err error) {
	if err := p.turn.Acquire(ctx, 1); err != nil {
		return 0, err
	}
	defer p.turn.Release(1)
	place, jitter := p.reserve(time.Now())
	if place == nil {
		return 0, nil
	}
	if err := sleep(ctx, place.Delay()); err != nil {
		place.Cancel()
		return 0, err
	}
	return jitter, nil
}

// sleep returns early, with an error, where ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// outcome is what an attempt tells of the service's rate.
type outcome int

const (
	noAnswer outcome = iota // nothing
	granted
	refused
)

// reserve takes the next place in time, nil where there is no pace to keep, and
// says how far behind it the call is to be made: at any moment up to the next
// place. Calls at even distances would each find the token that has just
// flowed in, and those of others, at whatever moments, none.
func (p *pace) reserve(now time.Time) (place *rate.Reservation, jitter time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.limiter == nil {
		return nil, 0
	}
	p.limiter.SetLimitAt(now, rate.Limit(p.rate()))
	jitter = time.Duration(rand.Float64() / p.rate() * float64(time.Second)) //nolint:gosec // nobody is to be kept from guessing it
	place = p.limiter.ReserveN(now, 1)
	// A pace that nobody needs tells nothing, and does not grow.
	if place.DelayFrom(now) == 0 {
		p.slack = true
	} else {
		p.grown = min(maxGrowing, p.grown+now.Sub(p.reserved))
	}
	p.reserved = now
	return place, jitter
}

// rate is the pace in calls per second.
func (p *pace) rate() float64 {
	return p.base * (1 + paceGrowth*(math.Exp2(p.grown.Seconds())-1))
}

// answered takes in what came of a call.
func (p *pace) answered(o outcome, sent, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o == noAnswer {
		return
	}
	if p.answers++; p.answers == slowStartCalls || o == refused {
		p.endSlowStart()
	}
	if o == granted {
		p.granted++
		p.recent = append(p.recent, now)
		for now.Sub(p.recent[0]) > time.Second {
			p.recent = p.recent[1:]
		}
		return
	}
	if sent.Before(p.refused.Add(paceSettle)) {
		return
	}
	p.base = max(slowestPace, p.found(now))
	p.refused, p.reserved = now, now
	p.granted, p.slack, p.grown = 0, false, 0
	p.limiter = rate.NewLimiter(rate.Limit(p.base), 1)
	p.limiter.AllowN(now, 1) // the service's bucket is empty
}

// found is the pace to begin with after a refusal.
func (p *pace) found(now time.Time) float64 {
	interval := now.Sub(p.refused)
	switch {
	case p.limiter == nil:
		// The service's bucket was full. Most hold about what flows in during a
		// second, so that this is about what was granted in the last.
		return paceMargin * max(documentedQuota, p.lately(now))
	case p.slack:
		// It was not empty all the time.
		return paceMargin * max(p.lately(now), float64(p.granted)/interval.Seconds())
	case interval < paceMeasure:
		return min(paceCut*p.rate(), float64(p.granted+1)/interval.Seconds())
	default:
		// Far below what the service grants, its bucket has run over for a
		// while, and less was granted than flowed in.
		return paceMargin * max(float64(p.granted)/interval.Seconds(), p.rate()/2)
	}
}

// lately is how many calls were granted during the last second.
func (p *pace) lately(now time.Time) float64 {
	n := 0
	for _, at := range p.recent {
		if now.Sub(at) <= time.Second {
			n++
		}
	}
	return float64(n)
}

func (p *pace) endSlowStart() {
	select {
	case <-p.open:
	default:
		close(p.open)
	}
}
