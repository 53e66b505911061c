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

const (
	// lambdaQuota is Lambda's documented rate limit, in calls per second.
	lambdaQuota = 15

	// slowStartCalls is the maximum number of calls in progress during the
	// slow start. Without a slow start, all calls of a run with -parallelism=50
	// would overrun the quota before any of them is known to be throttled.
	slowStartCalls = 10

	// rateMargin is the new rate after a throttled call, as a ratio of the
	// measured rate.
	rateMargin = 0.95

	// The rate grows by rateGrowth × (2^t − 1) in t seconds of use. The growth is
	// slow at first, and doubles the rate within eight seconds.
	rateGrowth = 0.004

	// responseTime is the time in which most calls have a response. Calls that
	// are throttled this soon after a change of the rate were affected by calls
	// in progress at the former rate.
	responseTime = 500 * time.Millisecond
)

// rateLimiter keeps the calls in one region below the rate that Lambda accepts.
// It adds no delay before the first throttled call, except for the slow start.
// Methods may be called concurrently.
//
// Lambda has a token bucket for all clients of the account and region. When
// Lambda throttles a call, the bucket is empty. The calls that it accepted since
// the last throttled call therefore measure the refill rate.
type rateLimiter struct {
	slots          chan struct{}       // one value for each call in progress during the slow start
	slowStartEnded chan struct{}       // closed when the slow start has ended
	queue          *semaphore.Weighted // held by the first call in the queue

	mu        sync.Mutex
	responses int           // during the slow start
	recent    []time.Time   // accepted calls of the last second, until the first throttled call
	limiter   *rate.Limiter // nil until the first throttled call
	base      float64       // calls per second after the last change
	changed   time.Time     // when base was set
	accepted  int           // calls since then
	inUse     time.Duration // time since then in which the full rate was used
	reserved  time.Time     // last reservation of the limiter
}

func newRateLimiter() *rateLimiter {
	return &rateLimiter{
		slots:          make(chan struct{}, slowStartCalls),
		slowStartEnded: make(chan struct{}),
		queue:          semaphore.NewWeighted(1),
	}
}

// outcome is the outcome of an attempt for the rate limiter.
type outcome int

const (
	noResponse outcome = iota
	accepted           // any response other than throttled
	throttled
)

// wait blocks until an attempt may be sent, or ctx ends. The caller must call
// done with the outcome of the attempt.
func (l *rateLimiter) wait(ctx context.Context) (done func(outcome), err error) {
	release, err := l.acquireSlot(ctx)
	if err != nil {
		return nil, err
	}
	jitter, err := l.waitInQueue(ctx)
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
		l.record(o, sent, time.Now())
	}, nil
}

// acquireSlot waits for a slot of the slow start. A call without a response
// releases its slot after responseTime.
func (l *rateLimiter) acquireSlot(ctx context.Context) (release func(), err error) {
	select {
	case <-l.slowStartEnded:
		return func() {}, nil
	default:
	}
	select {
	case <-l.slowStartEnded:
		return func() {}, nil
	case l.slots <- struct{}{}:
		release = sync.OnceFunc(func() { <-l.slots })
		time.AfterFunc(responseTime, release)
		return release, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// waitInQueue waits for a reservation of the limiter, and returns the time that
// the call should wait in addition. Only the first call in the queue has a
// reservation, so that a new rate applies to all others.
func (l *rateLimiter) waitInQueue(ctx context.Context) (jitter time.Duration, err error) {
	if err := l.queue.Acquire(ctx, 1); err != nil {
		return 0, err
	}
	defer l.queue.Release(1)
	reservation, jitter := l.reserve(time.Now())
	if reservation == nil {
		return 0, nil
	}
	if err := sleep(ctx, reservation.Delay()); err != nil {
		reservation.Cancel()
		return 0, err
	}
	return jitter, nil
}

// sleep returns early, with an error, if ctx ends.
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

// reserve returns the next reservation, nil if calls are not limited, and a
// random delay of up to the interval between two calls. At equal intervals, each
// call would take the token that has just become available, and other clients
// would find none.
func (l *rateLimiter) reserve(now time.Time) (reservation *rate.Reservation, jitter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limiter == nil {
		return nil, 0
	}
	l.limiter.SetLimitAt(now, rate.Limit(l.rate()))
	jitter = time.Duration(rand.Float64() / l.rate() * float64(time.Second)) //nolint:gosec // need not be unpredictable
	reservation = l.limiter.ReserveN(now, 1)
	if reservation.DelayFrom(now) > 0 { // otherwise the rate is not used up, and need not grow
		l.inUse += now.Sub(l.reserved)
	}
	l.reserved = now
	return reservation, jitter
}

// rate returns the current rate in calls per second.
func (l *rateLimiter) rate() float64 {
	return l.base * (1 + rateGrowth*(math.Exp2(l.inUse.Seconds())-1))
}

// record records the outcome of an attempt, and changes the rate if it was
// throttled.
func (l *rateLimiter) record(o outcome, sent, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o == noResponse {
		return
	}
	if l.responses++; l.responses == 2*lambdaQuota || o == throttled {
		l.endSlowStart()
	}
	if l.limiter == nil {
		for len(l.recent) > 0 && now.Sub(l.recent[0]) > time.Second {
			l.recent = l.recent[1:]
		}
	}
	switch {
	case o == accepted:
		l.accepted++
		if l.limiter == nil {
			l.recent = append(l.recent, now)
		}
	case !sent.Before(l.changed.Add(responseTime)):
		l.base = max(1, rateMargin*l.measuredRate(now))
		l.changed, l.reserved = now, now
		l.accepted, l.inUse, l.recent = 0, 0, nil
		l.limiter = rate.NewLimiter(rate.Limit(l.base), 1)
		l.limiter.AllowN(now, 1) // Lambda's bucket is empty
	}
}

// measuredRate returns the refill rate of Lambda's bucket, in calls per second,
// when a call was throttled.
func (l *rateLimiter) measuredRate(now time.Time) float64 {
	if l.limiter == nil {
		// The bucket was full at the start. Its capacity is usually the rate of one
		// second, so the calls of the last second show the rate.
		return max(lambdaQuota, float64(len(l.recent)))
	}
	// The provider may have made fewer calls than Lambda would have accepted, so the
	// rate falls by half at most. Calls in progress at the last change may have been
	// accepted since, so the rate does not rise.
	current := l.rate()
	return min(current, max(float64(l.accepted)/now.Sub(l.changed).Seconds(), current/2))
}

func (l *rateLimiter) endSlowStart() {
	select {
	case <-l.slowStartEnded:
	default:
		close(l.slowStartEnded)
	}
}
