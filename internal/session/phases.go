// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"sync"
	"time"
)

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
