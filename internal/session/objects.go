// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"crypto/rand"
	"sync"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
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

	// Shared reports that another object in state has the same configuration,
	// and was refreshed before this one: see [Objects.Refreshed].
	Shared bool
}

// Objects records which objects of Terraform's state have which
// configurations, and which of them owns a configuration: the object that
// created, adopted or updated it through this session. The zero value is empty.
// All methods may be called concurrently.
//
// Terraform does not say which plan a call belongs to. A finding that could
// refuse a plan therefore counts only within one round. A round ends when an
// object is written, and when an object that is planned to stay is refreshed or
// planned again.
type Objects struct {
	mu     sync.Mutex
	round  int
	writes int // that have begun

	kept    map[configuration]map[Token]planned
	added   map[configuration][]planned
	removed map[string]map[Token]lambdaapi.Settings // by ARN: settings in state of objects that a plan removes
	first   map[string]refreshed                    // by ARN
	owners  map[string]Token                        // by ARN
}

// planned is an object that a plan keeps or creates.
type planned struct {
	account  string // empty if it is not known
	settings lambdaapi.Settings
	round    int
}

// refreshed is the object of an ARN that was refreshed first.
type refreshed struct {
	token  Token
	writes int
}

// Refreshed records the refresh of o. A token that the refresh assigned is
// assigned.
//
// It reports whether another object of the same configuration was refreshed
// before, without a write in between. State has two such objects after an
// interrupted create_before_destroy, or if two resources have the same
// configuration. The object that is refreshed first deletes the configuration
// when it is destroyed. The second object does not, and restores the
// configuration if a plan keeps the object.
func (s *Objects) Refreshed(o Object, assigned bool) (shared bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where, _ := parse(o.ARN)
	if assigned {
		// The object may be any that has been planned before.
		delete(s.kept, where)
		delete(s.added, where)
	} else if _, ok := s.keptNow(where)[o.Token]; ok {
		s.round++
	}
	delete(s.kept[where], o.Token)
	delete(s.removed[o.ARN], o.Token)
	if first, ok := s.first[o.ARN]; ok && first.writes == s.writes && first.token != o.Token && !assigned {
		return true
	}
	if s.first == nil {
		s.first = map[string]refreshed{}
	}
	s.first[o.ARN] = refreshed{o.Token, s.writes}
	return false
}

// PlanKept records that a plan keeps o, with the settings that it has in
// state. It reports whether the round also keeps or creates another object of
// the same configuration.
func (s *Objects) PlanKept(o Object, settings lambdaapi.Settings) (conflict bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.removed[o.ARN], o.Token)
	if o.Token == "" {
		return false
	}
	where, account := parse(o.ARN)
	if _, ok := s.keptNow(where)[o.Token]; ok {
		s.round++
	}
	for token := range s.keptNow(where) {
		conflict = conflict || token != o.Token
	}
	for _, other := range s.added[where] {
		conflict = conflict || other.round == s.round && sameAccount(other.account, account)
	}
	if s.kept == nil {
		s.kept = map[configuration]map[Token]planned{}
	}
	if s.kept[where] == nil {
		s.kept[where] = map[Token]planned{}
	}
	s.kept[where][o.Token] = planned{account, settings, s.round}
	return conflict
}

// PlanCreated records that a plan creates an object of a function's
// configuration; function says the region. Terraform plans a replacement
// twice, and replaces then is the object that is replaced, else the zero
// Object. It reports whether the round keeps another object of the same
// configuration.
func (s *Objects) PlanCreated(function functionref.Ref, qualifier string, replaces Object) (conflict bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where := configuration{function.Region, function.Name, qualifier}
	if replaces.Token != "" {
		old, _ := parse(replaces.ARN)
		if kept, ok := s.kept[old][replaces.Token]; ok {
			s.remove(replaces, kept.settings)
		}
	}
	for token, other := range s.keptNow(where) {
		conflict = conflict || token != replaces.Token && sameAccount(other.account, function.AccountID)
	}
	if replaces.Token == "" {
		if s.added == nil {
			s.added = map[configuration][]planned{}
		}
		s.added[where] = append(s.added[where], planned{account: function.AccountID, round: s.round})
	}
	return conflict
}

// PlanRemoved records that a plan destroys or replaces o, which has the given
// settings in state.
func (s *Objects) PlanRemoved(o Object, settings lambdaapi.Settings) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(o, settings)
}

// remove is called with the lock.
func (s *Objects) remove(o Object, settings lambdaapi.Settings) {
	where, _ := parse(o.ARN)
	delete(s.kept[where], o.Token)
	if s.removed == nil {
		s.removed = map[string]map[Token]lambdaapi.Settings{}
	}
	if s.removed[o.ARN] == nil {
		s.removed[o.ARN] = map[Token]lambdaapi.Settings{}
	}
	s.removed[o.ARN][o.Token] = settings
}

// keptNow returns the objects that the current round keeps. It is called with
// the lock.
func (s *Objects) keptNow(where configuration) map[Token]planned {
	now := map[Token]planned{}
	for token, p := range s.kept[where] {
		if p.round == s.round {
			now[token] = p
		}
	}
	return now
}

// writeBegins ends the round.
func (s *Objects) writeBegins() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.round++
	s.writes++
	s.added = nil
}

// admission says what a new object may do with an existing configuration.
type admission int

const (
	unowned admission = iota // adopt it if it is as wanted
	removed                  // overwrite it: it is as in the state of an object that a plan removes
	owned                    // nothing: another object owns and keeps it
)

// admit returns what the object with the given token may do with a
// configuration.
func (s *Objects) admit(existing lambdaapi.Config, token Token) admission {
	s.mu.Lock()
	defer s.mu.Unlock()
	removedObjects := s.removed[existing.FunctionARN]
	if owner, ok := s.owners[existing.FunctionARN]; ok && owner != token {
		if _, ok := removedObjects[owner]; !ok {
			return owned
		}
	}
	for other, settings := range removedObjects {
		if other != token && settings == existing.Settings {
			return removed
		}
	}
	return unowned
}

// own makes the object with the given token the owner of a configuration.
func (s *Objects) own(arn string, token Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owners == nil {
		s.owners = map[string]Token{}
	}
	s.owners[arn] = token
}

// mayDelete reports whether the destruction of o deletes its configuration. If
// it does not, o is forgotten.
func (s *Objects) mayDelete(o Object) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, ok := s.owners[o.ARN]
	if ok && owner == o.Token || !ok && !o.Shared {
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
	where, _ := parse(o.ARN)
	delete(s.kept[where], o.Token)
	delete(s.removed[o.ARN], o.Token)
	if s.first[o.ARN].token == o.Token {
		delete(s.first, o.ARN)
	}
}

// parse returns the parts of a qualified ARN. An ARN of another form is a
// configuration of its own.
func parse(arn string) (where configuration, account string) {
	ref, err := functionref.Parse(arn)
	if err != nil {
		return configuration{function: arn}, ""
	}
	return configuration{ref.Region, ref.Name, ref.Qualifier}, ref.AccountID
}

// sameAccount reports whether two accounts can be the same. An empty one is
// not known.
func sameAccount(a, b string) bool { return a == b || a == "" || b == "" }
