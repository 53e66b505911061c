// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// memory is what a client knows from what it has read and written itself. It
// lasts as long as the client, which is one run: others may change what the
// service has, and the next run must see it.
//
// Terraform tells a provider neither which resource a call is for nor what
// else the run does. That one List serves every qualifier of a function, and
// that what a run has made is not deleted by it again, can be known only here.
type memory struct {
	mu        sync.Mutex // guards everything below, the functions' members too
	account   string     // the credentials' own; empty until an answer has said it
	functions map[functionKey]*function
	changing  map[functionKey]*semaphore.Weighted // without accounts: see turn
	held      map[string]bool                     // by qualified ARN
	refused   map[string]time.Time                // when a refusal that may pass was first seen, by its text
	writes    int                                 // so far: what tells earlier from later
}

// functionKey tells functions apart. An account that is empty is the
// credentials' own, before it is known which that is.
type functionKey struct{ region, name, account string }

// function is what is known of the configurations of one function.
type function struct {
	// asking is held by whoever asks List; the others wait for the answer.
	asking *semaphore.Weighted

	listing listing
	configs map[string]entry // by qualifier
	forgot  int              // the write after which nothing was known
}

// entry is one configuration, or that there is none.
type entry struct {
	config Config
	there  bool
	wrote  int // the write that said so, 0 where it was read
}

// listing is what List has said about a function.
type listing int

const (
	notAsked        listing = iota
	complete                // what it has not named is not there
	partial                 // there are further pages, or it may not be asked: the rest is to be asked by Get
	unknownFunction         // it does not know the function; some deployments of the API know it by Get
)

// hold remembers that this run wrote or adopted the configuration of a
// qualified ARN.
func (m *memory) hold(arn string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held == nil {
		m.held = map[string]bool{}
	}
	m.held[arn] = true
}

func (m *memory) holds(arn string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.held[arn]
}

// turn has changes to one function follow one another: Lambda refuses those
// that meet, and a Create, from its look to its write, and a Delete must not
// come in each other's way. It waits until ctx ends. Accounts are not told
// apart: a name alone does not say its account.
func (m *memory) turn(ctx context.Context, t Target) (done func(), err error) {
	key := functionKey{region: t.Region, name: t.Function.Name}
	m.mu.Lock()
	if m.changing == nil {
		m.changing = map[functionKey]*semaphore.Weighted{}
	}
	changing, ok := m.changing[key]
	if !ok {
		changing = semaphore.NewWeighted(1)
		m.changing[key] = changing
	}
	m.mu.Unlock()
	if err := changing.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	return func() { changing.Release(1) }, nil
}

// firstRefused returns when a refusal of that text was first seen in this run.
func (m *memory) firstRefused(text string, now time.Time) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	first, ok := m.refused[text]
	if !ok {
		if m.refused == nil {
			m.refused = map[string]time.Time{}
		}
		first = now
		m.refused[text] = first
	}
	return first
}

// function returns what is known of t's function. It is called under the lock.
func (m *memory) function(t Target) *function {
	key := functionKey{t.Region, t.Function.Name, t.Function.AccountID}
	if key.account == "" {
		key.account = m.account
	}
	f, ok := m.functions[key]
	if !ok {
		if m.functions == nil {
			m.functions = map[functionKey]*function{}
		}
		f = &function{asking: semaphore.NewWeighted(1), configs: map[string]entry{}, forgot: m.writes}
		m.functions[key] = f
	}
	return f
}

// asking returns what is to be held by who asks List about t's function.
func (m *memory) asking(t Target) *semaphore.Weighted {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.function(t).asking
}

// recalled is what the memory says of one configuration.
type recalled struct {
	entry

	known   bool    // whether there is an entry
	listing listing // of the function
	writes  int     // until then
}

func (m *memory) recall(t Target) recalled {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.function(t)
	e, known := f.configs[t.Qualifier]
	return recalled{e, known, f.listing, m.writes}
}

// all returns the configurations of t's function by their qualifiers, and
// whether they are known to be all.
func (m *memory) all(t Target) (configs []Config, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f := m.function(t)
	return sorted(f.configs), f.listing == complete
}

// saw takes over what Get answered after that many writes.
func (m *memory) saw(t Target, writes int, config Config) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.teachAccount(t, config.FunctionARN)
	if f := m.function(t); f.forgot <= writes && f.configs[t.Qualifier].wrote <= writes {
		f.configs[t.Qualifier] = entry{config: config, there: true}
	}
}

// learn takes over what List answered after that many writes. What this run
// has written since is newer, and what it wrote before is older: others write
// as well.
func (m *memory) learn(t Target, writes int, listing listing, read map[string]entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range read {
		m.teachAccount(t, e.config.FunctionARN)
	}
	f := m.function(t)
	if f.forgot > writes {
		return
	}
	f.listing = listing
	if listing == complete {
		maps.DeleteFunc(f.configs, func(_ string, e entry) bool { return e.wrote <= writes })
	}
	for qualifier, e := range read {
		if f.configs[qualifier].wrote <= writes {
			f.configs[qualifier] = e
		}
	}
}

// set takes over what a write to t, or a look under its turn, has answered.
func (m *memory) set(t Target, e entry) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.teachAccount(t, e.config.FunctionARN)
	m.forgetName(t)
	m.writes++
	e.wrote = m.writes
	m.function(t).configs[t.Qualifier] = e
}

// forget is for a write of which nobody knows what came of it.
func (m *memory) forget(t Target) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forgetName(t)
	m.writes++
	f := m.function(t)
	f.listing, f.forgot = notAsked, m.writes
	clear(f.configs)
}

// forgetName forgets what is known under t's name alone while it may be the
// same function. It is called under the lock, before a write is counted.
func (m *memory) forgetName(t Target) {
	if m.account == "" && t.Function.AccountID != "" {
		delete(m.functions, functionKey{region: t.Region, name: t.Function.Name})
		m.writes++ // what is being read under that name is older
	}
}

// teachAccount learns the credentials' account from the ARN in an answer to a
// bare name, and puts the bare names that are known into that account. It is
// called under the lock.
func (m *memory) teachAccount(t Target, arn string) {
	ref, err := functionref.Parse(arn)
	if err != nil || ref.AccountID == "" || t.Function.AccountID != "" || m.account != "" {
		return
	}
	m.account = ref.AccountID
	for key, f := range maps.Clone(m.functions) {
		if key.account != "" {
			continue
		}
		delete(m.functions, key)
		key.account = m.account
		if _, ok := m.functions[key]; !ok {
			m.functions[key] = f
		}
	}
}
