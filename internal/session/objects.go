// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"crypto/rand"
	"sync"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Token identifies an object in Terraform's state. It is in the private state of the
// object. Calls with the same token are about the same object. It is empty for an
// object without a token.
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
	// Either state was copied and this is the second object with the token, or the
	// session refreshed one object twice.
	Repeated Token

	// Unsure reports that no plan kept the object between the two refreshes of the
	// session Repeated, which may then have refreshed two objects or one.
	Unsure bool
}

// Objects records the objects of Terraform's state and the owner of each
// configuration: the object that created, adopted or updated it through this
// session. The zero value is empty. Methods may be called concurrently.
//
// Terraform does not tell which plan a call belongs to, and another process may
// apply a plan of this session. Objects therefore never rejects a plan because of an
// earlier call about another object.
//
// State has two objects of one configuration after an interrupted
// create_before_destroy, or if two resources have the same configuration. One of
// them is primary: the configuration is deleted when it is destroyed. The others are
// Shared: destroying them does not delete the configuration, and a plan that keeps
// one restores the configuration. The configuration thus exists after an apply
// unless all objects are destroyed.
type Objects struct {
	mu       sync.Mutex
	session  Token
	sequence int // number of the last call

	configurations map[string]*configObjects // by ARN
	creations      map[configuration]int     // number of planned creations
	owners         map[string]owner          // by ARN

	// The settings in state of the objects that a plan keeps, and that a plan
	// removes, by ARN.
	planned map[Token]lambdaapi.Settings
	removed map[string]map[Token]lambdaapi.Settings
}

// configObjects is the objects of one configuration.
type configObjects struct {
	primary Token // empty for none
	objects map[Token]*observation
}

// observation is the result of the calls about one object.
type observation struct {
	refreshed int  // number of its last refresh or, without one, of its first call
	lastCall  int  // number of its last call
	shared    bool // result of its last call

	// Terraform plans an object after its refresh. Terraform 1.11 plans the
	// destruction of an object that is no longer in the configuration before its
	// refresh.
	awaitsPlan    bool
	awaitsRefresh bool

	// If state was copied, two objects have the same token. Their calls look like
	// two plans of one object.
	wasRefreshed bool
	wasKept      bool // by the last plan
}

// owner is the object that last created, adopted or updated a configuration.
type owner struct {
	token     Token
	creations int // number of planned creations until then
}

// RecordRefresh records the refresh of o, and returns o with Shared, Repeated and Unsure
// set. If assigned is true, o had no token before.
//
// An object that is refreshed again, without a call about the primary object in
// between, becomes primary, since the primary object is no longer in state. An
// object with an assigned token is not Shared before its next refresh, since it may
// be the same object as an earlier one.
//
// If a token is refreshed twice, either two objects have it, or two plans have one
// object. A plan that keeps the second object then restores the configuration, unless
// it kept the first one. If another session destroys the second object, it does not
// delete the configuration; this session does.
func (s *Objects) RecordRefresh(o Object, assigned bool) Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners[o.ARN].token != o.Token {
		delete(s.owners, o.ARN) // state may have changed since
	}
	o.Shared, o.Repeated, o.Unsure = false, "", false
	if assigned {
		s.observe(o, func(*configObjects, *observation) bool { return false })
		return o
	}
	o.Shared = s.observe(o, func(of *configObjects, last *observation) bool {
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
		case of.primary != "" && (last == nil || of.objects[of.primary].lastCall > last.refreshed):
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

// RecordPlannedDestroy records that a plan destroys o, and reports whether o is Shared.
// The settings are those in state.
func (s *Objects) RecordPlannedDestroy(o Object, settings lambdaapi.Settings) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(o, settings)
	return s.plan(o, func(now *observation) {
		now.awaitsRefresh, now.awaitsPlan = !now.awaitsPlan, false
	})
}

// RecordPlannedKeep records that a plan keeps o, or replaces it if [Objects.RecordForcedReplacement]
// follows. It reports whether o is Shared or Unsure. The settings are those in state.
func (s *Objects) RecordPlannedKeep(o Object, settings lambdaapi.Settings) (shared bool) {
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

// plan returns the result of earlier calls about o, and of another session's calls
// for the first call about o. The caller holds the lock.
func (s *Objects) plan(o Object, then func(*observation)) (shared bool) {
	if o.Token == "" {
		return false
	}
	return s.observe(o, func(of *configObjects, last *observation) bool {
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

// observe records a call about o and returns its result, which shared computes. The
// caller holds the lock.
func (s *Objects) observe(o Object, shared func(*configObjects, *observation) bool, then ...func(*observation)) bool {
	s.sequence++
	if s.configurations == nil {
		s.configurations = map[string]*configObjects{}
	}
	of, ok := s.configurations[o.ARN]
	if !ok {
		of = &configObjects{objects: map[Token]*observation{}}
		s.configurations[o.ARN] = of
	}
	result := shared(of, of.objects[o.Token])
	now, ok := of.objects[o.Token]
	if !ok {
		now = &observation{refreshed: s.sequence}
		of.objects[o.Token] = now
	}
	now.lastCall, now.shared = s.sequence, result
	for _, f := range then {
		f(now)
	}
	return result
}

// RecordNotFound records that the configuration with the given ARN does not exist.
func (s *Objects) RecordNotFound(arn string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.configurations, arn)
	delete(s.owners, arn)
	delete(s.removed, arn)
}

// RecordPlannedCreate records that a plan creates an object of the configuration of t. The
// zero Target means that the configuration is unknown.
func (s *Objects) RecordPlannedCreate(t lambdaapi.Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.creations == nil {
		s.creations = map[configuration]int{}
	}
	s.creations[configurationOf(t)]++
}

// RecordForcedReplacement records that a plan replaces o after a call of [Objects.RecordPlannedKeep].
// Terraform plans a forced replacement first as if it kept the object.
func (s *Objects) RecordForcedReplacement(o Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if settings, ok := s.planned[o.Token]; ok {
		s.remove(o, settings)
	}
}

// RecordPlannedMove records that a plan replaces o by an object of another
// configuration. The settings are those in state.
func (s *Objects) RecordPlannedMove(o Object, settings lambdaapi.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(o, settings)
}

// remove records that a plan removes o. The caller holds the lock.
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

// ownership is the relation of an existing configuration to earlier objects. It
// determines how a new object may use the configuration.
type ownership int

const (
	unowned ownership = iota // it may adopt an equal configuration
	removed                  // it may overwrite it, which equals the state of an object that a plan removes
	owned                    // it may not use it: another object owns and keeps it
)

// ownershipOf returns the ownership of the existing configuration of t.
//
// State may have lost the owner without a call. Terraform plans each creation twice:
// before an apply and during it. If two plans followed the owner's write, the new
// object belongs to a later apply, and the record of the owner is ignored.
// https://github.com/hashicorp/terraform/blob/main/docs/resource-instance-change-lifecycle.md
func (s *Objects) ownershipOf(t lambdaapi.Target, existing lambdaapi.Config) ownership {
	s.mu.Lock()
	defer s.mu.Unlock()
	creations := s.creationsOf(t)
	removedObjects := s.removed[existing.FunctionARN]
	if owner, ok := s.owners[existing.FunctionARN]; ok && creations < owner.creations+2 {
		if _, ok := removedObjects[owner.token]; !ok {
			owner.creations = creations // a third object of the same apply is planned later
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

// creationsOf returns the number of planned creations of t, or of an unknown
// configuration. The caller holds the lock.
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
	s.observe(Object{Token: token, ARN: arn}, func(of *configObjects, _ *observation) bool {
		if before, ok := of.objects[of.primary]; ok && of.primary != token {
			before.shared = true
		}
		of.primary = token
		return false
	}, func(now *observation) { now.wasRefreshed = false })
}

// mayDelete reports whether the destruction of o deletes its configuration. If not,
// mayDelete removes the record of o.
func (s *Objects) mayDelete(o Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, ok := s.owners[o.ARN]
	shared := o.Shared || o.Repeated != "" && o.Repeated != s.session
	if ok && owner.token == o.Token || !ok && !shared || ok && o.Token == "" && s.isOnlyObject(owner.token, o.ARN) {
		return true
	}
	s.deleteRecord(o)
	return false
}

// isOnlyObject reports whether an object that was refreshed is the only object of a
// configuration. Terraform plans the replacement of a tainted object as a creation
// without private state. Its Delete then has no token, and is about the only object.
// The caller holds the lock.
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
	s.deleteRecord(o)
	delete(s.owners, o.ARN)
}

// deleteRecord removes the record of o. The caller holds the lock.
func (s *Objects) deleteRecord(o Object) {
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
