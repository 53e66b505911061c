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
					got = s.RecordRefresh(o, false).Shared
				case "=":
					got = s.RecordRefresh(o, true).Shared
				case "+":
					s.RecordPlannedKeep(o, settings)
				case "-":
					got = s.RecordPlannedDestroy(o, settings)
				case "!":
					got = !destroy(&s, o)
				}
				if got != want {
					t.Errorf("%q of %q: got shared = %t", step, steps, got)
				}
			}
			// Objects of another configuration are not affected.
			if s.RecordRefresh(Object{Token: "z", ARN: other}, false).Shared {
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
		"kept":                   {func(s *Objects) { s.RecordPlannedKeep(a, settings) }, unowned},
		"refreshed":              {func(s *Objects) { s.RecordRefresh(a, false) }, unowned},
		"removed, as in state":   {func(s *Objects) { s.RecordPlannedMove(a, settings) }, removed},
		"removed, changed since": {func(s *Objects) { s.RecordPlannedMove(a, changed) }, unowned},
		"removed, of another configuration": {func(s *Objects) {
			s.RecordPlannedMove(Object{Token: "a", ARN: other}, settings)
		}, unowned},
		"removed, destroyed before": {func(s *Objects) { s.RecordPlannedMove(a, settings); destroy(s, a) }, unowned},
		"removed by one plan, kept by the next": {func(s *Objects) {
			s.RecordPlannedMove(a, settings)
			s.RecordPlannedKeep(a, settings)
		}, unowned},
		"kept by one plan, removed by the next": {func(s *Objects) {
			s.RecordPlannedKeep(a, settings)
			s.RecordPlannedMove(a, settings)
		}, removed},
		"one of two removed": {func(s *Objects) {
			s.RecordPlannedKeep(a, settings)
			s.RecordPlannedMove(b, settings)
		}, removed},
		"replaced, as in state": {func(s *Objects) {
			s.RecordPlannedKeep(a, settings)
			s.RecordForcedReplacement(a)
		}, removed},
		"replaced, changed since": {func(s *Objects) {
			s.RecordPlannedKeep(a, changed)
			s.RecordForcedReplacement(a)
		}, unowned},
		"replaced twice": {func(s *Objects) {
			for range 2 {
				s.RecordPlannedKeep(a, settings)
				s.RecordForcedReplacement(a)
			}
		}, removed},
		"replaced after removed": {func(s *Objects) {
			s.RecordPlannedMove(a, settings)
			s.RecordForcedReplacement(a)
		}, removed},
		"replaced without a plan before":  {func(s *Objects) { s.RecordForcedReplacement(a) }, unowned},
		"owned":                           {func(s *Objects) { own(s, live, "a") }, owned},
		"owned, kept":                     {func(s *Objects) { own(s, live, "a"); s.RecordPlannedKeep(a, settings) }, owned},
		"owned, another object removed":   {func(s *Objects) { own(s, live, "a"); s.RecordPlannedMove(b, settings) }, owned},
		"owned, of another configuration": {func(s *Objects) { own(s, other, "a") }, unowned},
		"owner removed, as in state": {func(s *Objects) {
			own(s, live, "a")
			s.RecordPlannedMove(a, settings)
		}, removed},
		"owner removed, changed since": {func(s *Objects) { own(s, live, "a"); s.RecordPlannedMove(a, changed) }, unowned},
		"owner removed, kept by another plan": {func(s *Objects) {
			own(s, live, "a")
			s.RecordPlannedMove(a, settings)
			s.RecordPlannedKeep(a, settings)
		}, owned},
		"owner replaced": {func(s *Objects) {
			own(s, live, "a")
			s.RecordPlannedKeep(a, settings)
			s.RecordForcedReplacement(a)
		}, removed},
		"owned, owner refreshed":          {func(s *Objects) { own(s, live, "a"); s.RecordRefresh(a, false) }, owned},
		"owned, another object refreshed": {func(s *Objects) { own(s, live, "a"); s.RecordRefresh(b, false) }, unowned},
		"owned, object of another configuration refreshed": {func(s *Objects) {
			own(s, live, "a")
			s.RecordRefresh(Object{Token: "b", ARN: other}, false)
		}, owned},
		// Both resources of one apply are planned before it, and the second one
		// again after the first one was created.
		"owned, two creations of one apply": {func(s *Objects) {
			for range 3 {
				s.RecordPlannedCreate(at("f", "live"))
			}
			own(s, live, "a")
			s.RecordPlannedCreate(at("f", "live"))
		}, owned},
		"owned, creation of a later apply": {func(s *Objects) {
			for range 2 {
				s.RecordPlannedCreate(at("f", "live"))
			}
			own(s, live, "a")
			for range 2 {
				s.RecordPlannedCreate(at("f", "live"))
			}
		}, unowned},
		"owned, creations of another configuration": {func(s *Objects) {
			own(s, live, "a")
			for range 2 {
				s.RecordPlannedCreate(at("f", "other"))
			}
		}, owned},
		"owner destroyed": {func(s *Objects) { own(s, live, "a"); destroy(s, a) }, unowned},
		"owner followed by another one": {func(s *Objects) {
			own(s, live, "a")
			s.RecordPlannedMove(a, settings)
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
		"new session":           {func(*Objects) {}, a, true},
		"refreshed":             {func(s *Objects) { s.RecordRefresh(a, false) }, a, true},
		"planned to be kept":    {func(s *Objects) { s.RecordPlannedKeep(a, settings) }, a, true},
		"planned to be removed": {func(s *Objects) { s.RecordPlannedMove(a, settings) }, a, true},
		"planned to be replaced": {func(s *Objects) {
			s.RecordPlannedKeep(a, settings)
			s.RecordForcedReplacement(a)
		}, a, true},
		"kept twice, then destroy plan": {func(s *Objects) {
			for range 2 {
				s.RecordRefresh(a, false)
				s.RecordPlannedKeep(a, settings)
			}
			s.RecordPlannedMove(a, settings)
		}, a, true},
		"other object refreshed": {func(s *Objects) {
			s.RecordRefresh(a, false)
			s.RecordRefresh(b, false)
		}, a, true},
		"shared":                         {func(*Objects) {}, shared, false},
		"shared, updated":                {func(s *Objects) { own(s, live, "a") }, shared, true},
		"owner":                          {func(s *Objects) { own(s, live, "a") }, a, true},
		"owner of another configuration": {func(s *Objects) { own(s, other, "b") }, a, true},
		"owner is another object":        {func(s *Objects) { own(s, live, "b") }, a, false},
		"owner before":                   {func(s *Objects) { own(s, live, "a"); own(s, live, "b") }, a, false},
		"owner is another object, refreshed": {func(s *Objects) {
			own(s, live, "b")
			s.RecordRefresh(b, false)
		}, a, false},
		"owner is another object, not in state": {func(s *Objects) { own(s, live, "b"); s.RecordRefresh(a, false) }, a, true},
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
		s.RecordRefresh(object(before), false)
		s.RecordPlannedKeep(object(before), settings)
		s.RecordForcedReplacement(object(before))
		if got := ownershipOfLive(&s, settings); got != removed {
			t.Errorf("replacement %d: got %d, want %d", i, got, removed)
		}
		own(&s, live, after)
		if destroy(&s, object(before)) {
			t.Errorf("replacement %d: the object before deletes the configuration", i)
		}
		if s.RecordRefresh(object(after), false).Shared {
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
			s.RecordRefresh(o, false)
			s.RecordPlannedKeep(o, settings)
			s.RecordPlannedCreate(at("f", "live"))
			s.RecordForcedReplacement(o)
			s.RecordPlannedMove(o, settings)
			ownershipOfLive(&s, changed)
			own(&s, live, o.Token)
			destroy(&s, o)
		})
	}
	group.Wait()
}
