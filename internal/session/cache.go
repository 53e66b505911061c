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
	case err == nil, lambdaapi.IsNotFoundResponse(err):
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
