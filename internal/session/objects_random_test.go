// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// cli describes how a program, such as a CLI, calls a provider.
type cli struct {
	oneSession   bool // for all plans and applies
	refreshes    bool
	planTwice    bool // plans a destruction again during apply
	destroyFirst bool // plans a destruction before the refresh of the object, as Terraform 1.11
	discards     bool // discards some plans
}

// The test simulates random plans and applies of one to three objects of one
// configuration. After each apply, the configuration exists unless all objects were
// destroyed.
func TestObjects_keepConfigurationOfKeptObject(t *testing.T) {
	t.Parallel()
	for bits := range 32 {
		c := cli{bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0, bits&16 != 0}
		for count := 1; count <= 3; count++ {
			switch {
			case c.destroyFirst && !c.refreshes:
				continue
			case count > 1 && !c.refreshes && !c.oneSession: // a limit of the design
				continue
			case count > 1 && c.oneSession && c.destroyFirst && c.discards: // no such CLI exists
				continue
			}
			for seed := range 300 {
				random := rand.New(rand.NewPCG(uint64(seed), uint64(bits))) //nolint:gosec // reproducible
				if log := simulate(random, c, count); log != nil {
					t.Errorf("%+v, %d objects, seed %d:\n  %s", c, count, seed, strings.Join(log, "\n  "))
					break
				}
			}
		}
	}
}

// simulatedObject is an object in state.
type simulatedObject struct {
	Object          // in private state
	destroys bool   // the current plan destroys it
	updates  bool   // the current plan updates it
	planned  Object // private state of the planned destruction
}

// simulate returns the calls that led to a wrong result, nil if the result is
// correct.
func simulate(random *rand.Rand, c cli, count int) (log []string) {
	s := &Objects{}
	state := make([]*simulatedObject, count)
	for i := range state {
		state[i] = &simulatedObject{Object: object(Token(rune('a' + i)))}
	}
	exists := true
	record := func(o *simulatedObject, call string, result bool) {
		log = append(log, fmt.Sprintf("%s %s: %t", o.Token, call, result))
	}
	newSession := func() {
		if !c.oneSession {
			s = &Objects{}
		}
	}
	refresh := func(o *simulatedObject) { o.Object = s.RecordRefresh(o.Object, false); record(o, "refresh", o.Shared) }
	keep := func(o *simulatedObject) {
		o.updates = s.RecordPlannedKeep(o.Object, settings)
		record(o, "plan", o.updates)
	}
	planDestroy := func(o *simulatedObject) {
		o.planned = o.Object
		o.planned.Shared = s.RecordPlannedDestroy(o.planned, settings)
		record(o, "plan of the destruction", o.planned.Shared)
	}
	update := func(o *simulatedObject) {
		if keep(o); o.updates {
			s.own(at("f", "live"), live, o.Token)
			exists, o.Object = true, object(o.Token)
			record(o, "update", true)
		}
	}
	remove := func(o *simulatedObject) {
		called := s.mayDelete(o.planned)
		if called {
			exists = false
			s.deleted(o.planned)
		}
		record(o, "delete", called)
	}

	for range 1 + random.IntN(3) {
		all := random.IntN(4) == 0 // as in terraform destroy
		log = append(log, "a new plan")
		newSession()
		calls := make([][]func(), len(state))
		for i, o := range state {
			o.destroys = all || random.IntN(2) == 0
			for _, call := range []struct {
				made bool
				call func(*simulatedObject)
			}{
				{o.destroys && !all && c.destroyFirst, planDestroy}, {c.refreshes, refresh},
				{all && c.refreshes || !o.destroys, keep}, {o.destroys && !all && !c.destroyFirst, planDestroy},
			} {
				if call.made {
					calls[i] = append(calls[i], func() { call.call(o) })
				}
			}
		}
		callInRandomOrder(random, calls)
		if all {
			for i, o := range state {
				calls[i] = []func(){func() { planDestroy(o) }}
			}
			callInRandomOrder(random, calls)
		}
		if c.discards && random.IntN(2) == 0 {
			continue
		}

		log = append(log, "apply")
		newSession()
		var kept []*simulatedObject
		for i, o := range state {
			switch {
			case !o.destroys:
				kept = append(kept, o)
				if calls[i] = nil; o.updates {
					calls[i] = []func(){func() { update(o) }}
				}
			case c.planTwice:
				calls[i] = []func(){func() { planDestroy(o) }, func() { remove(o) }}
			default:
				calls[i] = []func(){func() { remove(o) }}
			}
		}
		callInRandomOrder(random, calls)
		if exists != (len(kept) > 0) {
			return append(log, fmt.Sprintf("the configuration exists: %t", exists))
		}
		if state = kept; len(state) == 0 {
			return nil
		}
	}
	return nil
}

// callInRandomOrder keeps the order of the calls about one object.
func callInRandomOrder(random *rand.Rand, calls [][]func()) {
	for {
		var left []int // objects with calls
		for i := range calls {
			if len(calls[i]) > 0 {
				left = append(left, i)
			}
		}
		if len(left) == 0 {
			return
		}
		i := left[random.IntN(len(left))]
		calls[i][0]()
		calls[i] = calls[i][1:]
	}
}
