// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"sync"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// ARNs of two configurations.
const (
	live  = "arn:aws:lambda:us-east-1:123456789012:function:f:live"
	other = "arn:aws:lambda:us-east-1:123456789012:function:f:other"
)

// object returns the object of live with the given token.
func object(token Token) Object { return Object{Token: token, ARN: live} }

// ownershipOfLive returns the ownership of live, which has the given settings.
func ownershipOfLive(s *Objects, existing lambdaapi.Settings) ownership {
	return s.ownershipOf(at("f", "live"), lambdaapi.Config{FunctionARN: live, Settings: existing})
}

// own makes the object with the given token the owner of live or other.
func own(s *Objects, arn string, token Token) {
	s.own(at("f", map[string]string{live: "live", other: "other"}[arn]), arn, token)
}

// destroy records a successful Delete, and reports whether it calls Lambda.
func destroy(s *Objects, o Object) (called bool) {
	if !s.mayDelete(o) {
		return false
	}
	s.deleted(o)
	return true
}

func TestObjects_refreshedMarksSecondObject(t *testing.T) {
	t.Parallel()
	refresh := func(token Token, shared bool) func(*testing.T, *Objects) {
		return func(t *testing.T, s *Objects) {
			t.Helper()
			if got := s.Refreshed(object(token), false).Shared; got != shared {
				t.Errorf("refresh of %s: got shared = %t", token, got)
			}
		}
	}
	assign := func(token Token) func(*testing.T, *Objects) {
		return func(t *testing.T, s *Objects) {
			t.Helper()
			if s.Refreshed(object(token), true).Shared {
				t.Errorf("refresh that assigned %s: got shared = true", token)
			}
		}
	}
	plan := func(token Token) func(*testing.T, *Objects) {
		return func(_ *testing.T, s *Objects) { s.PlanKept(object(token), settings) }
	}
	for name, steps := range map[string][]func(*testing.T, *Objects){
		"one object":                          {refresh("a", false), refresh("a", false), refresh("a", false)},
		"one object, planned between":         {refresh("a", false), plan("a"), refresh("a", false), plan("a"), refresh("a", false)},
		"one object, token not saved":         {assign("a"), assign("b"), assign("c"), refresh("c", false), refresh("c", false)},
		"one object, token saved":             {assign("a"), refresh("a", false), refresh("a", false)},
		"two objects":                         {refresh("a", false), refresh("b", true)},
		"two objects, refreshed again":        {refresh("a", false), refresh("b", true), refresh("a", false), refresh("b", true), refresh("a", false), refresh("b", true)},
		"two objects, in another order":       {refresh("a", false), refresh("b", true), refresh("b", false), refresh("a", true), refresh("b", false), refresh("a", true)},
		"two objects, planned between":        {refresh("a", false), plan("a"), refresh("b", true), plan("b"), refresh("a", false), refresh("b", true)},
		"three objects":                       {refresh("a", false), refresh("b", true), refresh("c", true), refresh("a", false), refresh("b", true), refresh("c", true)},
		"two objects, one token not saved":    {refresh("a", false), assign("b"), refresh("a", false), assign("c")},
		"two objects, second token saved":     {refresh("a", false), assign("b"), refresh("a", false), refresh("b", true), refresh("a", false), refresh("b", true)},
		"two objects, first token saved":      {assign("a"), refresh("b", false), refresh("a", true), refresh("b", false), refresh("a", true)},
		"object created instead of the other": {refresh("a", false), refresh("b", true), refresh("b", false), refresh("b", false)},
		"first object destroyed": {refresh("a", false), refresh("b", true), func(t *testing.T, s *Objects) {
			if !destroy(s, object("a")) {
				t.Error("Delete makes no call")
			}
		}, refresh("b", false)},
		"second object destroyed": {refresh("a", false), refresh("b", true), func(t *testing.T, s *Objects) {
			if destroy(s, Object{Token: "b", ARN: live, Shared: true}) {
				t.Error("Delete makes a call")
			}
		}, refresh("a", false), refresh("a", false)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Objects
			for _, step := range steps {
				step(t, &s)
			}
			// Objects of another configuration are not affected.
			if s.Refreshed(Object{Token: "z", ARN: other}, false).Shared {
				t.Error("object of another configuration: got shared = true")
			}
		})
	}
}

// A destroy plan may come after the refresh of an object, before it, or without
// it.
func TestObjects_planDestroyedAgreesWithRefreshed(t *testing.T) {
	t.Parallel()
	type call struct {
		object   Object
		destroys bool
		shared   bool
	}
	inState := Object{Token: "b", ARN: live, Shared: true}
	for name, calls := range map[string][]call{
		"one object":                       {{object("a"), false, false}, {object("a"), true, false}, {object("a"), false, false}, {object("a"), true, false}},
		"one object, destroyed first":      {{object("a"), true, false}, {object("a"), false, false}},
		"two objects, refreshed before":    {{object("a"), false, false}, {object("b"), false, true}, {object("a"), true, false}, {object("b"), true, true}},
		"two objects, in another order":    {{object("a"), false, false}, {object("b"), false, true}, {object("b"), true, true}, {object("a"), true, false}},
		"two objects, refreshed after":     {{object("a"), true, false}, {object("b"), true, true}, {object("a"), false, false}, {object("b"), false, true}},
		"two objects, each refreshed":      {{object("a"), true, false}, {object("a"), false, false}, {object("b"), true, true}, {object("b"), false, true}},
		"two objects, not refreshed":       {{object("a"), true, false}, {object("b"), true, true}},
		"shared in state, not refreshed":   {{inState, true, true}, {object("a"), true, false}},
		"shared in state, refreshed alone": {{inState, false, false}, {inState, true, false}},
		"objects without token":            {{object(""), true, false}, {object(""), true, false}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Objects
			for i, c := range calls {
				var got bool
				if c.destroys {
					got = s.PlanDestroyed(c.object, settings)
				} else {
					got = s.Refreshed(c.object, false).Shared
				}
				if got != c.shared {
					t.Errorf("call %d, of %s: got shared = %t", i, c.object.Token, got)
				}
			}
		})
	}
}

func TestObjects_ownershipOf(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(*Objects)
		want    ownership
	}{
		"no object":                         {func(*Objects) {}, unowned},
		"kept":                              {func(s *Objects) { s.PlanKept(object("a"), settings) }, unowned},
		"refreshed":                         {func(s *Objects) { s.Refreshed(object("a"), false) }, unowned},
		"removed, as in state":              {func(s *Objects) { s.PlanRemoved(object("a"), settings) }, removed},
		"removed, changed since":            {func(s *Objects) { s.PlanRemoved(object("a"), changed) }, unowned},
		"removed, of another configuration": {func(s *Objects) { s.PlanRemoved(Object{Token: "a", ARN: other}, settings) }, unowned},
		"removed, destroyed before": {func(s *Objects) {
			s.PlanRemoved(object("a"), settings)
			destroy(s, object("a"))
		}, unowned},
		"removed by one plan, kept by the next": {func(s *Objects) {
			s.PlanRemoved(object("a"), settings)
			s.PlanKept(object("a"), settings)
		}, unowned},
		"kept by one plan, removed by the next": {func(s *Objects) {
			s.PlanKept(object("a"), settings)
			s.PlanRemoved(object("a"), settings)
		}, removed},
		"one of two removed": {func(s *Objects) {
			s.PlanKept(object("a"), settings)
			s.PlanRemoved(object("b"), settings)
		}, removed},
		"replaced, as in state": {func(s *Objects) {
			s.PlanKept(object("a"), settings)
			s.PlanReplaced(object("a"))
		}, removed},
		"replaced, changed since": {func(s *Objects) {
			s.PlanKept(object("a"), changed)
			s.PlanReplaced(object("a"))
		}, unowned},
		"replaced twice": {func(s *Objects) {
			for range 2 {
				s.PlanKept(object("a"), settings)
				s.PlanReplaced(object("a"))
			}
		}, removed},
		"replaced after removed": {func(s *Objects) {
			s.PlanRemoved(object("a"), settings)
			s.PlanReplaced(object("a"))
		}, removed},
		"replaced without a plan before":  {func(s *Objects) { s.PlanReplaced(object("a")) }, unowned},
		"owned":                           {func(s *Objects) { own(s, live, "a") }, owned},
		"owned, kept":                     {func(s *Objects) { own(s, live, "a"); s.PlanKept(object("a"), settings) }, owned},
		"owned, another object removed":   {func(s *Objects) { own(s, live, "a"); s.PlanRemoved(object("b"), settings) }, owned},
		"owned, of another configuration": {func(s *Objects) { own(s, other, "a") }, unowned},
		"owner removed, as in state":      {func(s *Objects) { own(s, live, "a"); s.PlanRemoved(object("a"), settings) }, removed},
		"owner removed, changed since":    {func(s *Objects) { own(s, live, "a"); s.PlanRemoved(object("a"), changed) }, unowned},
		"owner removed, kept by another plan": {func(s *Objects) {
			own(s, live, "a")
			s.PlanRemoved(object("a"), settings)
			s.PlanKept(object("a"), settings)
		}, owned},
		"owner replaced": {func(s *Objects) {
			own(s, live, "a")
			s.PlanKept(object("a"), settings)
			s.PlanReplaced(object("a"))
		}, removed},
		"owned, owner refreshed": {func(s *Objects) {
			own(s, live, "a")
			s.Refreshed(object("a"), false)
		}, owned},
		"owned, another object refreshed": {func(s *Objects) {
			own(s, live, "a")
			s.Refreshed(object("b"), false)
		}, unowned},
		"owned, object of another configuration refreshed": {func(s *Objects) {
			own(s, live, "a")
			s.Refreshed(Object{Token: "b", ARN: other}, false)
		}, owned},
		// Both resources of one apply are planned before it, and the second one
		// again after the first one was created.
		"owned, two creations of one apply": {func(s *Objects) {
			for range 3 {
				s.PlanCreated(at("f", "live"))
			}
			own(s, live, "a")
			s.PlanCreated(at("f", "live"))
		}, owned},
		"owned, creation of a later apply": {func(s *Objects) {
			for range 2 {
				s.PlanCreated(at("f", "live"))
			}
			own(s, live, "a")
			for range 2 {
				s.PlanCreated(at("f", "live"))
			}
		}, unowned},
		"owned, creations of another configuration": {func(s *Objects) {
			own(s, live, "a")
			for range 2 {
				s.PlanCreated(at("f", "other"))
			}
		}, owned},
		"owner destroyed": {func(s *Objects) { own(s, live, "a"); destroy(s, object("a")) }, unowned},
		"owner followed by another one": {func(s *Objects) {
			own(s, live, "a")
			s.PlanRemoved(object("a"), settings)
			own(s, live, "b")
			destroy(s, object("a"))
		}, owned},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Objects
			test.prepare(&s)
			if got := ownershipOfLive(&s, settings); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestObjects_mayDelete(t *testing.T) {
	t.Parallel()
	shared := Object{Token: "a", ARN: live, Shared: true}
	for name, test := range map[string]struct {
		prepare func(*Objects)
		object  Object
		want    bool
	}{
		"new session":            {func(*Objects) {}, object("a"), true},
		"refreshed":              {func(s *Objects) { s.Refreshed(object("a"), false) }, object("a"), true},
		"planned to be kept":     {func(s *Objects) { s.PlanKept(object("a"), settings) }, object("a"), true},
		"planned to be removed":  {func(s *Objects) { s.PlanRemoved(object("a"), settings) }, object("a"), true},
		"planned to be replaced": {func(s *Objects) { s.PlanKept(object("a"), settings); s.PlanReplaced(object("a")) }, object("a"), true},
		"kept twice, then destroy plan": {func(s *Objects) {
			for range 2 {
				s.Refreshed(object("a"), false)
				s.PlanKept(object("a"), settings)
			}
			s.PlanRemoved(object("a"), settings)
		}, object("a"), true},
		"other object refreshed": {func(s *Objects) {
			s.Refreshed(object("a"), false)
			s.Refreshed(object("b"), false)
		}, object("a"), true},
		"shared":                         {func(*Objects) {}, shared, false},
		"shared, updated":                {func(s *Objects) { own(s, live, "a") }, shared, true},
		"owner":                          {func(s *Objects) { own(s, live, "a") }, object("a"), true},
		"owner of another configuration": {func(s *Objects) { own(s, other, "b") }, object("a"), true},
		"owner is another object":        {func(s *Objects) { own(s, live, "b") }, object("a"), false},
		"owner before":                   {func(s *Objects) { own(s, live, "a"); own(s, live, "b") }, object("a"), false},
		"owner is another object, refreshed": {func(s *Objects) {
			own(s, live, "b")
			s.Refreshed(object("b"), false)
		}, object("a"), false},
		"owner is another object, not in state": {func(s *Objects) {
			own(s, live, "b")
			s.Refreshed(object("a"), false)
		}, object("a"), true},
		"owner destroyed":            {func(s *Objects) { own(s, live, "b"); destroy(s, object("b")) }, object("a"), true},
		"without token":              {func(*Objects) {}, object(""), true},
		"without token, other owner": {func(s *Objects) { own(s, live, "b") }, object(""), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Objects
			test.prepare(&s)
			if got := destroy(&s, test.object); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// create_before_destroy, and a configuration that moves to another resource.
func TestObjects_ownerOutlivesObjectBefore(t *testing.T) {
	t.Parallel()
	var s Objects
	for i := range 3 { // replacements, one after another
		before, after := Token(rune('a'+i)), Token(rune('b'+i))
		s.Refreshed(object(before), false)
		s.PlanKept(object(before), settings)
		s.PlanReplaced(object(before))
		if got := ownershipOfLive(&s, settings); got != removed {
			t.Errorf("replacement %d: got %d, want %d", i, got, removed)
		}
		own(&s, live, after)
		if destroy(&s, object(before)) {
			t.Errorf("replacement %d: the object before deletes the configuration", i)
		}
		if s.Refreshed(object(after), false).Shared {
			t.Errorf("replacement %d: got shared = true", i)
		}
	}
	if !destroy(&s, object("d")) {
		t.Error("the last object does not delete the configuration")
	}
}

// The race detector checks this test.
func TestObjects_allowConcurrentCalls(t *testing.T) {
	t.Parallel()
	var s Objects
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			o := object(NewToken())
			s.Refreshed(o, false)
			s.PlanKept(o, settings)
			s.PlanCreated(at("f", "live"))
			s.PlanReplaced(o)
			s.PlanRemoved(o, settings)
			ownershipOfLive(&s, changed)
			own(&s, live, o.Token)
			destroy(&s, o)
		})
	}
	group.Wait()
}
