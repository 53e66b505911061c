// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"strings"
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

// A step of the test is a call about an object:
//
//	a   refreshes it
//	=a  refreshes it and assigns its token
//	+a  plans to keep it
//	-a  plans its destruction
//	!a  destroys it
//
// After a call with an asterisk, the object must be shared, and destroying it must
// make no call. An upper-case letter is an object that is shared in state.
func TestObjects_markSecondObjectAsShared(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string]string{ //nolint:gosec // not credentials
		"one object":                          "a a a", //nolint:dupword // refreshed three times
		"one object, planned between":         "a +a a +a a",
		"one object, token not saved":         "=a =b =c c c",
		"one object, token saved":             "=a a a",
		"one object, destruction planned":     "a -a a -a",
		"one object, destruction first":       "-a a",
		"two objects, refreshed again":        "a b* a b* a b*",
		"two objects, in another order":       "a b* b a* b a*",
		"two objects, planned between":        "a +a b* +b a b*",
		"two objects, one token not saved":    "a =b a =c",
		"two objects, second token saved":     "a =b a b* a b*",
		"two objects, first token saved":      "=a b a* b a*",
		"two objects, destruction planned":    "a b* -a -b*",
		"two objects, other one planned":      "a b* -b* -a",
		"two objects, destruction first":      "-a -b* a b*",
		"two objects, each destruction first": "-a a -b* b*",
		"two objects, not refreshed":          "-a -b*",
		"three objects":                       "a b* c* a b* c*",
		"object created instead of the other": "a b* b b",
		"first object destroyed":              "a b* !a b",
		"second object destroyed":             "a b* !B* a a",
		"shared in state, not refreshed":      "-B* -a",
		"shared in state, refreshed alone":    "B -B",
		"objects without token":               "- -",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Objects
			for step := range strings.FieldsSeq(steps) {
				name, want := strings.CutSuffix(step, "*")
				letter := strings.TrimLeft(name, "=+-!")
				o := object(Token(strings.ToLower(letter)))
				o.Shared = letter != string(o.Token)
				got := want
				switch strings.TrimSuffix(name, letter) {
				case "":
					got = s.Refreshed(o, false).Shared
				case "=":
					got = s.Refreshed(o, true).Shared
				case "+":
					s.PlanKept(o, settings)
				case "-":
					got = s.PlanDestroyed(o, settings)
				case "!":
					got = !destroy(&s, o)
				}
				if got != want {
					t.Errorf("%q of %q: got shared = %t", step, steps, got)
				}
			}
			// Objects of another configuration are not affected.
			if s.Refreshed(Object{Token: "z", ARN: other}, false).Shared {
				t.Error("object of another configuration: got shared = true")
			}
		})
	}
}

func TestObjects_ownershipOf(t *testing.T) {
	t.Parallel()
	a, b := object("a"), object("b")
	for name, test := range map[string]struct {
		prepare func(*Objects)
		want    ownership
	}{
		"no object":              {func(*Objects) {}, unowned},
		"kept":                   {func(s *Objects) { s.PlanKept(a, settings) }, unowned},
		"refreshed":              {func(s *Objects) { s.Refreshed(a, false) }, unowned},
		"removed, as in state":   {func(s *Objects) { s.PlanRemoved(a, settings) }, removed},
		"removed, changed since": {func(s *Objects) { s.PlanRemoved(a, changed) }, unowned},
		"removed, of another configuration": {func(s *Objects) {
			s.PlanRemoved(Object{Token: "a", ARN: other}, settings)
		}, unowned},
		"removed, destroyed before": {func(s *Objects) { s.PlanRemoved(a, settings); destroy(s, a) }, unowned},
		"removed by one plan, kept by the next": {func(s *Objects) {
			s.PlanRemoved(a, settings)
			s.PlanKept(a, settings)
		}, unowned},
		"kept by one plan, removed by the next": {func(s *Objects) {
			s.PlanKept(a, settings)
			s.PlanRemoved(a, settings)
		}, removed},
		"one of two removed":      {func(s *Objects) { s.PlanKept(a, settings); s.PlanRemoved(b, settings) }, removed},
		"replaced, as in state":   {func(s *Objects) { s.PlanKept(a, settings); s.PlanReplaced(a) }, removed},
		"replaced, changed since": {func(s *Objects) { s.PlanKept(a, changed); s.PlanReplaced(a) }, unowned},
		"replaced twice": {func(s *Objects) {
			for range 2 {
				s.PlanKept(a, settings)
				s.PlanReplaced(a)
			}
		}, removed},
		"replaced after removed":          {func(s *Objects) { s.PlanRemoved(a, settings); s.PlanReplaced(a) }, removed},
		"replaced without a plan before":  {func(s *Objects) { s.PlanReplaced(a) }, unowned},
		"owned":                           {func(s *Objects) { own(s, live, "a") }, owned},
		"owned, kept":                     {func(s *Objects) { own(s, live, "a"); s.PlanKept(a, settings) }, owned},
		"owned, another object removed":   {func(s *Objects) { own(s, live, "a"); s.PlanRemoved(b, settings) }, owned},
		"owned, of another configuration": {func(s *Objects) { own(s, other, "a") }, unowned},
		"owner removed, as in state":      {func(s *Objects) { own(s, live, "a"); s.PlanRemoved(a, settings) }, removed},
		"owner removed, changed since":    {func(s *Objects) { own(s, live, "a"); s.PlanRemoved(a, changed) }, unowned},
		"owner removed, kept by another plan": {func(s *Objects) {
			own(s, live, "a")
			s.PlanRemoved(a, settings)
			s.PlanKept(a, settings)
		}, owned},
		"owner replaced": {func(s *Objects) {
			own(s, live, "a")
			s.PlanKept(a, settings)
			s.PlanReplaced(a)
		}, removed},
		"owned, owner refreshed":          {func(s *Objects) { own(s, live, "a"); s.Refreshed(a, false) }, owned},
		"owned, another object refreshed": {func(s *Objects) { own(s, live, "a"); s.Refreshed(b, false) }, unowned},
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
		"owner destroyed": {func(s *Objects) { own(s, live, "a"); destroy(s, a) }, unowned},
		"owner followed by another one": {func(s *Objects) {
			own(s, live, "a")
			s.PlanRemoved(a, settings)
			own(s, live, "b")
			destroy(s, a)
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
	a, b := object("a"), object("b")
	shared := a
	shared.Shared = true
	for name, test := range map[string]struct {
		prepare func(*Objects)
		object  Object
		want    bool
	}{
		"new session":            {func(*Objects) {}, a, true},
		"refreshed":              {func(s *Objects) { s.Refreshed(a, false) }, a, true},
		"planned to be kept":     {func(s *Objects) { s.PlanKept(a, settings) }, a, true},
		"planned to be removed":  {func(s *Objects) { s.PlanRemoved(a, settings) }, a, true},
		"planned to be replaced": {func(s *Objects) { s.PlanKept(a, settings); s.PlanReplaced(a) }, a, true},
		"kept twice, then destroy plan": {func(s *Objects) {
			for range 2 {
				s.Refreshed(a, false)
				s.PlanKept(a, settings)
			}
			s.PlanRemoved(a, settings)
		}, a, true},
		"other object refreshed":                {func(s *Objects) { s.Refreshed(a, false); s.Refreshed(b, false) }, a, true},
		"shared":                                {func(*Objects) {}, shared, false},
		"shared, updated":                       {func(s *Objects) { own(s, live, "a") }, shared, true},
		"owner":                                 {func(s *Objects) { own(s, live, "a") }, a, true},
		"owner of another configuration":        {func(s *Objects) { own(s, other, "b") }, a, true},
		"owner is another object":               {func(s *Objects) { own(s, live, "b") }, a, false},
		"owner before":                          {func(s *Objects) { own(s, live, "a"); own(s, live, "b") }, a, false},
		"owner is another object, refreshed":    {func(s *Objects) { own(s, live, "b"); s.Refreshed(b, false) }, a, false},
		"owner is another object, not in state": {func(s *Objects) { own(s, live, "b"); s.Refreshed(a, false) }, a, true},
		"owner destroyed":                       {func(s *Objects) { own(s, live, "b"); destroy(s, b) }, a, true},
		"without token":                         {func(*Objects) {}, object(""), true},
		"without token, other owner":            {func(s *Objects) { own(s, live, "b") }, object(""), false},
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
