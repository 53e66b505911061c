// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// cli describes how a CLI or another program calls a provider.
type cli struct {
	oneSession   bool // for all plans and applies
	refreshes    bool
	planTwice    bool // plans a destruction again during apply
	destroyFirst bool // plans the destruction of an object before the object's refresh, as Terraform 1.11
	discards     bool // discards some plans
}

// TestObjects_keepConfigurationOfKeptObject plays random plans and applies of
// one to three objects of one configuration. After each apply the configuration
// exists if an object was kept, and does not exist if all were destroyed.
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
				if log := play(rand.New(rand.NewPCG(uint64(seed), uint64(bits))), c, count); log != nil { //nolint:gosec // the same every time
					t.Errorf("%+v, %d objects, seed %d:\n  %s", c, count, seed, strings.Join(log, "\n  "))
					break
				}
			}
		}
	}
}

// playedObject is an object in state.
type playedObject struct {
	Object        // in private state
	destroys bool // by the current plan
	updates  bool
	planned  Object // private state of the planned destruction
}

// play returns the calls that led to a wrong result, nil for none.
func play(random *rand.Rand, c cli, count int) (log []string) {
	s := &Objects{}
	state := make([]*playedObject, count)
	for i := range state {
		state[i] = &playedObject{Object: object(Token(rune('a' + i)))}
	}
	exists := true
	say := func(o *playedObject, call string, result bool) {
		log = append(log, fmt.Sprintf("%s %s: %t", o.Token, call, result))
	}
	newSession := func() {
		if !c.oneSession {
			s = &Objects{}
		}
	}
	refresh := func(o *playedObject) { o.Object = s.Refreshed(o.Object, false); say(o, "refresh", o.Shared) }
	keep := func(o *playedObject) { o.updates = s.PlanKept(o.Object, settings); say(o, "plan", o.updates) }
	planDestroy := func(o *playedObject) {
		o.planned = o.Object
		o.planned.Shared = s.PlanDestroyed(o.planned, settings)
		say(o, "plan of the destruction", o.planned.Shared)
	}
	update := func(o *playedObject) {
		if keep(o); o.updates {
			s.own(at("f", "live"), live, o.Token)
			exists, o.Object = true, object(o.Token)
			say(o, "update", true)
		}
	}
	remove := func(o *playedObject) {
		called := s.mayDelete(o.planned)
		if called {
			exists = false
			s.deleted(o.planned)
		}
		say(o, "delete", called)
	}

	for range 1 + random.IntN(3) {
		all := random.IntN(4) == 0 // terraform destroy
		log = append(log, "a new plan")
		newSession()
		calls := make([][]func(), len(state))
		for i, o := range state {
			o.destroys = all || random.IntN(2) == 0
			for _, call := range []struct {
				made bool
				call func(*playedObject)
			}{
				{o.destroys && !all && c.destroyFirst, planDestroy}, {c.refreshes, refresh},
				{all && c.refreshes || !o.destroys, keep}, {o.destroys && !all && !c.destroyFirst, planDestroy},
			} {
				if call.made {
					calls[i] = append(calls[i], func() { call.call(o) })
				}
			}
		}
		inRandomOrder(random, calls)
		if all {
			for i, o := range state {
				calls[i] = []func(){func() { planDestroy(o) }}
			}
			inRandomOrder(random, calls)
		}
		if c.discards && random.IntN(2) == 0 {
			continue
		}

		log = append(log, "apply")
		newSession()
		var kept []*playedObject
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
		inRandomOrder(random, calls)
		if exists != (len(kept) > 0) {
			return append(log, fmt.Sprintf("the configuration exists: %t", exists))
		}
		if state = kept; len(state) == 0 {
			return nil
		}
	}
	return nil
}

// inRandomOrder makes the calls about each object in their order, and mixes
// those about different objects.
func inRandomOrder(random *rand.Rand, calls [][]func()) {
	for {
		var open []int
		for i := range calls {
			if len(calls[i]) > 0 {
				open = append(open, i)
			}
		}
		if len(open) == 0 {
			return
		}
		i := open[random.IntN(len(open))]
		calls[i][0]()
		calls[i] = calls[i][1:]
	}
}
