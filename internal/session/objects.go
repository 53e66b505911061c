// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"crypto/rand"
	"sync"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Token identifies an object in Terraform's state. The object keeps it in its
// private state. Two calls with the same token are about the same object. An
// object without a token has the empty one.
type Token string

// NewToken returns a random token.
func NewToken() Token { return Token(rand.Text()) }

// Object is an object in Terraform's state.
type Object struct {
	Token Token
	ARN   string // qualified ARN of its configuration

	// Shared reports that another object in state has the same configuration:
	// see [Objects].
	Shared bool

	// Repeated is the session that refreshed this token twice, empty for none.
	// Either state was copied and has two objects with the token, of which this
	// one was refreshed last, or the session refreshed one object twice.
	Repeated Token

	// Unsure reports that the session is Repeated, and that no plan kept the
	// object between the two refreshes.
	Unsure bool
}

// Objects records which objects of Terraform's state have which
// configurations, and which of them owns a configuration: the object that
// created, adopted or updated it through this session. The zero value is empty.
// All methods may be called concurrently.
//
// Terraform does not say which plan a call belongs to, and another process may
// apply a plan of this session. An earlier call about another object therefore
// never refuses a plan.
//
// State has two objects of one configuration after an interrupted
// create_before_destroy, or if two resources have the same configuration. One
// object of a configuration is primary: it deletes the configuration when it is
// destroyed. Every other one is Shared: it does not delete the configuration,
// and restores the configuration if a plan keeps the object. The configuration
// is there afterwards as long as one of them is kept, and gone if all are
// destroyed.
type Objects struct {
	mu       sync.Mutex
	session  Token
	sequence int // of calls

	configurations map[string]*objectsOf                   // by ARN
	creations      map[configuration]int                   // that were planned
	planned        map[Token]lambdaapi.Settings            // settings in state of objects that a plan keeps
	removed        map[string]map[Token]lambdaapi.Settings // by ARN: settings in state of objects that a plan removes
	owners         map[string]owner                        // by ARN
}

// objectsOf is the objects of one configuration.
type objectsOf struct {
	primary Token // empty for none
	objects map[Token]*observation
}

// observation is what the calls about one object have shown.
type observation struct {
	refreshed int  // when its last refresh or, without one, its first call was
	seen      int  // when its last call was
	shared    bool // the result of its last calls

	// Terraform refreshes an object and then plans it. Terraform 1.11 plans the
	// destruction of an object that has left the configuration first, and
	// refreshes it then.
	awaitsPlan    bool
	awaitsRefresh bool

	// Two objects have the same token if state was copied. Their calls look like
	// two plans of one object.
	wasRefreshed bool
	wasKept      bool // by the last plan
}

// owner is the object that last created, adopted or updated a configuration.
type owner struct {
	token     Token
	creations int // planned until then
}

// Refreshed records the refresh of o, and returns o with the result. The token
// is assigned if o had none before.
//
// An object that is refreshed again, without a call about the primary object in
// between, becomes primary: the other object has left the state. An object with
// an assigned token is not Shared before its next refresh: it may be the same
// object as an earlier one.
//
// If a token is refreshed twice, two objects have it, or it is one object in two
// plans. A plan that keeps the second object then restores the configuration,
// unless it kept the first one. Another session that destroys the second object
// does not delete the configuration; this session does.
func (s *Objects) Refreshed(o Object, assigned bool) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners[o.ARN].token != o.Token {
		delete(s.owners, o.ARN) // state may have changed since
	}
	o.Shared, o.Repeated, o.Unsure = false, "", false
	if assigned {
		s.observe(o, func(*objectsOf, *observation) bool { return false })
		return o
	}
	o.Shared = s.observe(o, func(of *objectsOf, last *observation) bool {
		awaited := last != nil && last.awaitsRefresh
		if awaited {
			last.awaitsRefresh = false
		} else {
			delete(s.removed[o.ARN], o.Token)
		}
		if last != nil && last.wasRefreshed {
			if s.session == "" {
				s.session = NewToken()
			}
			o.Repeated, o.Unsure = s.session, !last.wasKept
		}
		switch {
		case of.primary == o.Token:
			return false
		case awaited:
			return last.shared
		case of.primary != "" && (last == nil || of.objects[of.primary].seen > last.refreshed):
			return true
		}
		delete(of.objects, of.primary)
		of.primary = o.Token
		return false
	}, func(now *observation) {
		now.refreshed, now.awaitsPlan, now.wasRefreshed = s.sequence, true, true
	})
	return o
}

// PlanDestroyed records that a plan destroys o, and reports whether o is Shared.
// The settings are those in state.
func (s *Objects) PlanDestroyed(o Object, settings lambdaapi.Settings) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(o, settings)
	return s.plan(o, func(now *observation) {
		now.awaitsRefresh, now.awaitsPlan = !now.awaitsPlan, false
	})
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
	shared = s.plan(o, func(now *observation) { now.awaitsRefresh, now.awaitsPlan, now.wasKept = false, false, true })
	return shared || o.Unsure
}

// plan repeats the result of earlier calls about o. The first call takes the
// result of another session from the state. It is called with the lock.
func (s *Objects) plan(o Object, then func(*observation)) (shared bool) {
	if o.Token == "" {
		return false
	}
	return s.observe(o, func(of *objectsOf, last *observation) bool {
		switch {
		case of.primary == o.Token:
			return false
		case last != nil:
			return last.shared
		case of.primary != "" || o.Shared:
			return true
		}
		of.primary = o.Token
		return false
	}, then)
}

// observe records a call about o. It is called with the lock.
func (s *Objects) observe(o Object, shared func(*objectsOf, *observation) bool, then ...func(*observation)) bool {
	s.sequence++
	if s.configurations == nil {
		s.configurations = map[string]*objectsOf{}
	}
	of, ok := s.configurations[o.ARN]
	if !ok {
		of = &objectsOf{objects: map[Token]*observation{}}
		s.configurations[o.ARN] = of
	}
	result := shared(of, of.objects[o.Token])
	now, ok := of.objects[o.Token]
	if !ok {
		now = &observation{refreshed: s.sequence}
		of.objects[o.Token] = now
	}
	now.seen, now.shared = s.sequence, result
	for _, f := range then {
		f(now)
	}
	return result
}

// Absent records that Lambda has no configuration of an ARN.
func (s *Objects) Absent(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.configurations, arn)
	delete(s.owners, arn)
	delete(s.removed, arn)
}

// PlanCreated records that a plan creates an object of the configuration of t.
// The zero Target means that the configuration is not known yet.
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
	creations := s.creationsOf(t)
	removedObjects := s.removed[existing.FunctionARN]
	if owner, ok := s.owners[existing.FunctionARN]; ok && creations < owner.creations+2 {
		if _, ok := removedObjects[owner.token]; !ok {
			owner.creations = creations // the next one of the same apply is planned later
			s.owners[existing.FunctionARN] = owner
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

// creationsOf returns how many creations of t, or of a configuration that was
// not known then, were planned. It is called with the lock.
func (s *Objects) creationsOf(t lambdaapi.Target) int {
	return s.creations[configurationOf(t)] + s.creations[configuration{}]
}

// own makes the object with the given token the owner of the configuration of
// t, which has the given ARN.
func (s *Objects) own(t lambdaapi.Target, arn string, token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners == nil {
		s.owners = map[string]owner{}
	}
	s.owners[arn] = owner{token, s.creationsOf(t)}
	s.observe(Object{Token: token, ARN: arn}, func(of *objectsOf, _ *observation) bool {
		if before, ok := of.objects[of.primary]; ok && of.primary != token {
			before.shared = true
		}
		of.primary = token
		return false
	}, func(now *observation) { now.wasRefreshed = false })
}

// mayDelete reports whether the destruction of o deletes its configuration. If
// it does not, o is forgotten.
func (s *Objects) mayDelete(o Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, ok := s.owners[o.ARN]
	shared := o.Shared || o.Repeated != "" && o.Repeated != s.session
	if ok && owner.token == o.Token || !ok && !shared || ok && o.Token == "" && s.isOnlyObject(owner.token, o.ARN) {
		return true
	}
	s.forget(o)
	return false
}

// isOnlyObject reports whether an object of an earlier run is the only one of a
// configuration. Terraform plans the replacement of a tainted object as a
// creation without private state, so that the Delete has no token. It is about
// that object. It is called with the lock.
func (s *Objects) isOnlyObject(token Token, arn string) bool {
	of, ok := s.configurations[arn]
	if !ok || len(of.objects) != 1 {
		return false
	}
	object, ok := of.objects[token]
	return ok && object.wasRefreshed
}

// deleted records that the configuration of o was deleted.
func (s *Objects) deleted(o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Token == "" {
		o.Token = s.owners[o.ARN].token
	}
	s.forget(o)
	delete(s.owners, o.ARN)
}

// forget is called with the lock.
func (s *Objects) forget(o Object) {
	delete(s.planned, o.Token)
	delete(s.removed[o.ARN], o.Token)
	of, ok := s.configurations[o.ARN]
	if !ok {
		return
	}
	delete(of.objects, o.Token)
	if of.primary == o.Token {
		of.primary = ""
	}
	if len(of.objects) == 0 {
		delete(s.configurations, o.ARN)
	}
}
