// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

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
