// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"crypto/rand"
	"sync"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Token identifies an object in Terraform's state. The object keeps it in its
// private state. Two calls with the same token are about the same object. The
// empty token stands for an object that has none yet.
type Token string

// NewToken returns a random token.
func NewToken() Token { return Token(rand.Text()) }

// Object is an object in Terraform's state.
type Object struct {
	Token Token
	ARN   string // qualified ARN of its configuration

	// Shared reports that another object in state has the same configuration:
	// see [Objects.Refreshed].
	Shared bool
}

// Objects records which objects of Terraform's state have which
// configurations, and which of them owns a configuration: the object that
// created, adopted or updated it through this session. The zero value is empty.
// All methods may be called concurrently.
//
// Terraform does not say which plan a call belongs to, and another process may
// apply what was planned here. A plan is therefore never refused for what an
// earlier call said about another object.
type Objects struct {
	mu       sync.Mutex
	writes   int // that have begun
	sequence int // of contacts

	contacts  map[string]map[Token]contact            // by ARN
	creations map[configuration]int                   // that were planned
	planned   map[Token]lambdaapi.Settings            // settings in state of objects that a plan keeps
	removed   map[string]map[Token]lambdaapi.Settings // by ARN: settings in state of objects that a plan removes
	owners    map[string]owner                        // by ARN
}

// owner is the object that last created, adopted or updated a configuration.
type owner struct {
	token     Token
	creations int // planned until then
}

// contact is the last time that Terraform refreshed an object, or planned its
// destruction.
type contact struct {
	sequence int
	writes   int
	shared   bool
	half     half
}

// half is the part of a contact that has happened. Terraform refreshes an object
// and then plans it. Terraform 1.11 plans the destruction of an object that has
// left the configuration first, and refreshes it then.
type half int

const (
	whole half = iota
	refresh
	destruction
)

// Refreshed records the refresh of o, and reports whether o is Shared.
//
// State has two objects of one configuration after an interrupted
// create_before_destroy, or if two resources have the same configuration. Of
// two such objects the second one in a refresh of the state is Shared. It does
// not delete the configuration when it is destroyed; the first object does. A
// Shared object that a plan keeps restores the configuration. The
// configuration is there afterwards whichever of the two is destroyed, and gone
// if both are.
//
// An object whose token was assigned by this refresh is not Shared, and does not
// make another one Shared: without a token it cannot be told from an object that
// was refreshed before, and it may belong to another state.
func (s *Objects) Refreshed(o Object, assigned bool) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners[o.ARN].token != o.Token {
		delete(s.owners, o.ARN) // state may have changed since
	}
	if assigned {
		return false
	}
	o.Shared = false // as the state says, which is older
	return s.contact(o, refresh)
}

// PlanDestroyed records that a plan destroys o, and reports whether o is Shared.
// The settings are those in state.
func (s *Objects) PlanDestroyed(o Object, settings lambdaapi.Settings) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(o, settings)
	if o.Token == "" {
		return false
	}
	return s.contact(o, destruction)
}

// contact is called with the lock.
func (s *Objects) contact(o Object, now half) (shared bool) {
	last, ok := s.contacts[o.ARN][o.Token]
	ok = ok && last.writes == s.writes
	if ok && last.half != whole && last.half != now {
		last.half = whole
		s.contacts[o.ARN][o.Token] = last
		return last.shared
	}
	shared = o.Shared && !ok
	for token, other := range s.contacts[o.ARN] {
		if token != o.Token && other.writes == s.writes && !other.shared && (!ok || other.sequence > last.sequence) {
			shared = true
		}
	}
	s.sequence++
	if s.contacts == nil {
		s.contacts = map[string]map[Token]contact{}
	}
	if s.contacts[o.ARN] == nil {
		s.contacts[o.ARN] = map[Token]contact{}
	}
	s.contacts[o.ARN][o.Token] = contact{s.sequence, s.writes, shared, now}
	return shared
}

// PlanKept records that a plan keeps o, or replaces it if [Objects.PlanReplaced]
// follows, and reports whether o is Shared. The settings are those in state.
func (s *Objects) PlanKept(o Object, settings lambdaapi.Settings) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.removed[o.ARN], o.Token)
	if s.planned == nil {
		s.planned = map[Token]lambdaapi.Settings{}
	}
	s.planned[o.Token] = settings
	last, ok := s.contacts[o.ARN][o.Token]
	if !ok || last.writes != s.writes {
		return o.Shared
	}
	last.half = whole
	s.contacts[o.ARN][o.Token] = last
	return last.shared
}

// PlanCreated records that a plan creates an object of a configuration.
func (s *Objects) PlanCreated(t lambdaapi.Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.creations == nil {
		s.creations = map[configuration]int{}
	}
	s.creations[configurationOf(t)]++
}

// PlanReplaced records that a plan replaces o although [Objects.PlanKept] said
// otherwise: Terraform plans a forced replacement first as if it kept the
// object.
func (s *Objects) PlanReplaced(o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if settings, ok := s.planned[o.Token]; ok {
		s.remove(o, settings)
	}
}

// PlanRemoved records that a plan replaces o by an object of another
// configuration. The settings are those in state.
func (s *Objects) PlanRemoved(o Object, settings lambdaapi.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(o, settings)
}

// remove is called with the lock.
func (s *Objects) remove(o Object, settings lambdaapi.Settings) {
	delete(s.planned, o.Token)
	if s.removed == nil {
		s.removed = map[string]map[Token]lambdaapi.Settings{}
	}
	if s.removed[o.ARN] == nil {
		s.removed[o.ARN] = map[Token]lambdaapi.Settings{}
	}
	s.removed[o.ARN][o.Token] = settings
}

// writeBegins records that a write begins.
func (s *Objects) writeBegins() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
}

// admission says what a new object may do with an existing configuration.
type admission int

const (
	unowned admission = iota // adopt it if it is as wanted
	removed                  // overwrite it: it is as in the state of an object that a plan removes
	owned                    // nothing: another object owns and keeps it
)

// admit returns what a new object may do with the existing configuration of t.
//
// The owner may be gone: state may have been lost, or may have forgotten the
// object without a call. Terraform plans each creation twice, once before an
// apply and once in it. If two plans followed the owner's write, the new object
// belongs to a later apply, and the owner's claim has ended.
// https://github.com/hashicorp/terraform/blob/main/docs/resource-instance-change-lifecycle.md
func (s *Objects) admit(t lambdaapi.Target, existing lambdaapi.Config) admission {
	s.mu.Lock()
	defer s.mu.Unlock()
	removedObjects := s.removed[existing.FunctionARN]
	if owner, ok := s.owners[existing.FunctionARN]; ok && s.creations[configurationOf(t)] < owner.creations+2 {
		if _, ok := removedObjects[owner.token]; !ok {
			return owned
		}
	}
	for _, settings := range removedObjects {
		if settings == existing.Settings {
			return removed
		}
	}
	return unowned
}

// own makes the object with the given token the owner of the configuration of
// t, which has the given ARN.
func (s *Objects) own(t lambdaapi.Target, arn string, token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners == nil {
		s.owners = map[string]owner{}
	}
	s.owners[arn] = owner{token, s.creations[configurationOf(t)]}
}

// mayDelete reports whether the destruction of o deletes its configuration. If
// it does not, o is forgotten.
func (s *Objects) mayDelete(o Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, ok := s.owners[o.ARN]
	if ok && owner.token == o.Token || !ok && !o.Shared {
		return true
	}
	s.forget(o)
	return false
}

// deleted records that the configuration of o was deleted.
func (s *Objects) deleted(o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget(o)
	delete(s.owners, o.ARN)
}

// forget is called with the lock.
func (s *Objects) forget(o Object) {
	delete(s.planned, o.Token)
	delete(s.removed[o.ARN], o.Token)
	delete(s.contacts[o.ARN], o.Token)
}
