// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// cache wraps an API and caches the results of List.
type cache struct {
	lambdaapi.API

	mu             sync.Mutex
	functions      map[function]*cachedList
	unavailable    time.Time // start of the last List that was denied or that the API lacks
	unavailableErr error     // of that List, nil for none
}

// function identifies a function as a reference does. An empty account is that
// of the credentials.
type function struct{ region, account, name string }

// cachedList is the result of List for one function.
type cachedList struct {
	lock *semaphore.Weighted // held during a call; other callers wait for its result

	listing lambdaapi.Listing // if err is nil
	err     error             // a "not found" response
	started time.Time         // when the call started, zero for no result
}

// List implements [lambdaapi.API]. It returns the cached result of a call that
// started at notBefore or later. Concurrent callers share one call, and each waits
// until its context ends. List caches two errors: a "not found" response, and, for
// all functions, that List is unavailable.
func (c *cache) List(ctx context.Context, t lambdaapi.Target, notBefore time.Time) (lambdaapi.Listing, error) {
	entry := c.entry(t)
	if err := acquire(ctx, entry.lock, "ListFunctionEventInvokeConfigs", t, lambdaapi.ErrShared); err != nil {
		return lambdaapi.Listing{}, err
	}
	defer entry.lock.Release(1)
	if !entry.started.IsZero() && !entry.started.Before(notBefore) {
		return entry.listing, entry.err
	}
	if err := c.unavailableSince(notBefore); err != nil {
		return lambdaapi.Listing{}, err
	}
	started := time.Now()
	listing, err := c.API.List(ctx, t, notBefore)
	switch {
	case err == nil, lambdaapi.IsNotFound(err):
		entry.listing, entry.err, entry.started = listing, err, started
	case isUnavailable(err):
		c.mu.Lock()
		defer c.mu.Unlock()
		c.unavailable, c.unavailableErr = started, err
	}
	return listing, err
}

func (c *cache) entry(t lambdaapi.Target) *cachedList {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := function{t.Region, t.Function.AccountID, t.Function.Name}
	entry, ok := c.functions[key]
	if !ok {
		if c.functions == nil {
			c.functions = map[function]*cachedList{}
		}
		entry = &cachedList{lock: semaphore.NewWeighted(1)}
		c.functions[key] = entry
	}
	return entry
}

// isUnavailable reports whether the credentials are not allowed to call List, or
// the API lacks it. Get may work then.
func isUnavailable(err error) bool {
	return lambdaapi.IsAccessDenied(err) || lambdaapi.IsUnsupported(err)
}

// unavailableSince returns the error of an unavailable List that started at
// notBefore or later, nil if there is none.
func (c *cache) unavailableSince(notBefore time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unavailableErr == nil || c.unavailable.Before(notBefore) {
		return nil
	}
	return c.unavailableErr
}

// phases separates refreshes from each other and from writes. Terraform does not
// announce the start or the end of a refresh, and may refresh and apply any number
// of times with one configured provider.
type phases struct {
	mu       sync.Mutex
	applying bool
	started  time.Time                   // of the current sequence of refreshes or writes
	reading  int                         // refreshes in progress
	lastRead time.Time                   // end of the last refresh
	read     map[configuration]time.Time // end of the last refresh of each configuration
}

// refreshGap is the time without a refresh after which the next refresh starts with
// an empty cache.
const refreshGap = 10 * time.Second

// refresh starts the refresh of one configuration, and returns the time from which
// on cached results are valid. The cache starts empty after a write and after
// [refreshGap]. A second refresh of a configuration calls List again, so that it
// shows drift.
func (p *phases) refresh(c configuration) (notBefore time.Time, done func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.applying || p.started.IsZero() || p.reading == 0 && now.Sub(p.lastRead) > refreshGap {
		p.applying, p.started, p.read = false, now, map[configuration]time.Time{}
	}
	notBefore = p.started
	if last, ok := p.read[c]; ok {
		notBefore = last
	}
	p.reading++
	return notBefore, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.reading--
		p.lastRead = time.Now()
		p.read[c] = p.lastRead
	}
}

// apply returns when the current sequence of writes started: the first write
// after a refresh starts with an empty cache.
func (p *phases) apply() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.applying {
		p.applying, p.started = true, time.Now()
	}
	return p.started
}

// locks serializes writes to one function. Lambda rejects concurrent writes to
// configurations of one function with ResourceConflictException.
type locks struct {
	mu        sync.Mutex
	functions map[function]*semaphore.Weighted
}

// lock waits for the lock of t's function until ctx ends. It ignores the account,
// since a function reference may omit it.
func (l *locks) lock(ctx context.Context, operation string, t lambdaapi.Target) (unlock func(), err error) {
	key := function{region: t.Region, name: t.Function.Name}
	l.mu.Lock()
	if l.functions == nil {
		l.functions = map[function]*semaphore.Weighted{}
	}
	lock, ok := l.functions[key]
	if !ok {
		lock = semaphore.NewWeighted(1)
		l.functions[key] = lock
	}
	l.mu.Unlock()
	if err := acquire(ctx, lock, operation, t, lambdaapi.ErrQueued); err != nil {
		return nil, err
	}
	return func() { lock.Release(1) }, nil
}

// acquire waits for a lock until ctx ends. Its error is that of a call that was not
// sent for the given reason.
func acquire(ctx context.Context, lock *semaphore.Weighted, operation string, t lambdaapi.Target, reason error) error {
	if ctx.Err() != nil {
		reason = lambdaapi.ErrNotStarted
	}
	if err := lock.Acquire(ctx, 1); err != nil {
		return &lambdaapi.CallError{Operation: operation, Target: t, Err: reason, Ended: err}
	}
	return nil
}
