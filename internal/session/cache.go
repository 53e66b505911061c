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

	mu            sync.Mutex
	functions     map[function]*cachedList
	unavailable   time.Time // when a List that was denied, or that the API does not have, last started
	unavailableBy error
}

// function identifies a function as a reference does. An empty account is that
// of the credentials.
type function struct{ region, account, name string }

// cachedList is the result of List for one function.
type cachedList struct {
	lock *semaphore.Weighted // held by the caller of List; the other callers wait for the result

	listing lambdaapi.Listing // of a call that succeeded
	err     error             // a "not found" response, nil for none
	started time.Time         // of either, zero for none
}

// List implements [lambdaapi.API]. It returns the cached result if it started
// at notBefore or later. Concurrent callers share one call; each waits for it
// until its own context ends. Of errors, only a "not found" response is cached,
// and, for any function, that List is unavailable.
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
		c.unavailable, c.unavailableBy = started, err
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

// isUnavailable reports whether err says that List cannot be used, which Get
// may replace: the credentials may not call it, or the API does not have it.
func isUnavailable(err error) bool {
	return lambdaapi.IsAccessDenied(err) || lambdaapi.IsUnsupported(err)
}

// unavailableSince returns the error of an unavailable List that started at
// notBefore or later; nil for none.
func (c *cache) unavailableSince(notBefore time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unavailableBy == nil || c.unavailable.Before(notBefore) {
		return nil
	}
	return c.unavailableBy
}

// phases tells refreshes from each other and from writes. Terraform does not
// say when a refresh begins or ends, and may refresh and apply any number of
// times with one configured provider.
type phases struct {
	mu       sync.Mutex
	applying bool
	started  time.Time
	reading  int                         // refreshes in progress
	lastRead time.Time                   // when the last one ended
	read     map[configuration]time.Time // when its last refresh ended
}

// refreshGap is the time without any refresh after which the next one starts
// with an empty cache.
const refreshGap = 10 * time.Second

// refresh begins the refresh of one configuration, and returns the time before
// which no cached result counts. The cache starts empty after a write and after
// [refreshGap]. A second refresh of a configuration lists again, so that it
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

// lock waits for the lock of t's function until ctx ends. It ignores the
// account, which a function reference may leave out.
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

// acquire waits for a lock until ctx ends. Its error is that of a call that was
// not made because it waited for the given reason.
func acquire(ctx context.Context, lock *semaphore.Weighted, operation string, t lambdaapi.Target, reason error) error {
	if ctx.Err() != nil {
		reason = lambdaapi.ErrNotStarted
	}
	if err := lock.Acquire(ctx, 1); err != nil {
		return &lambdaapi.CallError{Operation: operation, Target: t, Err: reason, Ended: err}
	}
	return nil
}
