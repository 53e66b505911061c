// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"sync"
)

// run is what a client remembers of its own doings. Terraform tells a provider
// neither which resource a call is for nor what else the run does: with
// create_before_destroy, or a resource renamed without a moved block, one
// configuration is created and deleted in one run, in whatever order.
type run struct {
	mu    sync.Mutex
	held  map[string]bool
	locks map[string]chan struct{}
}

// hold remembers that this run wrote or adopted the configuration of a
// qualified ARN.
func (r *run) hold(arn string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		r.held = map[string]bool{}
	}
	r.held[arn] = true
}

func (r *run) holds(arn string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held[arn]
}

// lock keeps a Create of t, from its look to its write, and a Delete of t out
// of each other's way. It waits until ctx ends. Accounts are not told apart: a
// name alone does not say its account.
func (r *run) lock(ctx context.Context, t Target) (unlock func(), err error) {
	key := t.String()
	r.mu.Lock()
	if r.locks == nil {
		r.locks = map[string]chan struct{}{}
	}
	turn, ok := r.locks[key]
	if !ok {
		turn = make(chan struct{}, 1)
		r.locks[key] = turn
	}
	r.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
