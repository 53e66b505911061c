// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// lanes is how many workspaces TestKilled and TestInterrupted have at the same
// time. Each stops 18 runs.
const lanes = 4

// lane is a workspace with 24 resources whose runs are stopped.
type lane struct {
	*stopped

	chance *rand.Rand
	plans  []stoppedPlan

	stopping atomic.Bool  // whether requests that count are slow
	reads    atomic.Bool  // whether reads count, or only writes
	left     atomic.Int64 // requests that count until the signal
	signals  int          // that have ended a run early
}

// stoppedPlan is what a run does.
type stoppedPlan struct {
	name      string
	plan      plan
	arguments []string // of every resource
	flags     []string // of the run that is stopped

	// plannedBy is how many reads the plan takes, in a run that only reads.
	plannedBy int64
}

// inLanes calls test for each lane.
func inLanes(t *testing.T, signal os.Signal, test func(*lane)) {
	t.Helper()
	SkipShared(t, "the provider is a process of the CLI")
	for i := range lanes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			l := &lane{chance: rand.New(rand.NewPCG(uint64(i), 0))} //nolint:gosec // the same moments every time
			l.stopped = newStopped(t, NewAPI(t, emulator.Options{FaultFunc: func(r emulator.Request) *emulator.Fault {
				if !l.stopping.Load() || isRead(r) && !l.reads.Load() {
					return nil
				}
				if l.left.Add(-1) == 0 {
					l.stop <- signal
				}
				// The service carries out a request whose client has left.
				return &emulator.Fault{Status: http.StatusOK, Applied: true, Delay: time.Duration(100+rand.IntN(200)) * time.Millisecond} //nolint:gosec // for no secret
			}}))
			var here, there []string
			for i := range 6 {
				here, there = append(here, fmt.Sprintf("here%d", i)), append(there, fmt.Sprintf("there%d", i))
			}
			for _, f := range slices.Concat(here, there) {
				stageFunction(l.api, f)
			}
			l.plans = []stoppedPlan{
				{name: "create", plan: newPlan(here, first)},
				{name: "update", plan: newPlan(here, second)},
				{name: "replace", plan: newPlan(there, second)},
				{name: "create_before_destroy", plan: newPlan(here, second), arguments: createFirst},
				// The new objects adopt the configurations of the ones they replace.
				{name: "-replace, create_before_destroy", plan: newPlan(here, second), arguments: createFirst, plannedBy: int64(len(here))},
				{name: "destroy"},
			}
			for _, r := range l.plans[0].plan {
				l.plans[4].flags = append(l.plans[4].flags, "-replace="+Type+"."+r.name)
			}
			test(l)
			t.Logf("%d runs were stopped", l.signals)
			if l.signals < 16 && !t.Failed() {
				t.Error("too few: the others had ended before")
			}
		})
	}
}

var createFirst = []string{"lifecycle { create_before_destroy = true }"}

func isRead(r emulator.Request) bool {
	return strings.HasPrefix(r.Operation, "List") || strings.HasPrefix(r.Operation, "Get")
}

// stopRun applies a plan, and sends the signal at one of the first calls of the
// apply that count, as many as within.
func (l *lane) stopRun(p stoppedPlan, within int64) {
	l.t.Helper()
	l.configure(p.plan.configuration(p.arguments...))
	l.left.Store(p.plannedBy + 1 + l.chance.Int64N(within))
	l.reads.Store(p.plannedBy > 0)
	l.stopping.Store(true)
	output, signaled, err := l.run(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, p.flags...)...)
	l.stopping.Store(false)
	if signaled {
		l.signals++
	} else if err != nil {
		l.t.Fatalf("%s: %v\n%s", p.name, err, output)
	}
}

// complete applies a plan undisturbed. It must succeed, and leave the
// configurations and the objects of the plan, with nothing more to do.
func (l *lane) complete(p stoppedPlan) {
	l.t.Helper()
	l.configure(p.plan.configuration(p.arguments...))
	for _, args := range [][]string{{"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}} {
		output, _, err := l.run(append(args, "-input=false", "-no-color")...)
		if err != nil {
			l.t.Fatalf("%s: %s: %v\n%s", p.name, args[0], err, output)
		}
		if err := p.plan.isHeld(l.api); err != nil {
			l.t.Fatalf("%s: %v\n%s", p.name, err, output)
		}
	}
	if objects := l.objects(); len(objects) != len(p.plan) {
		l.t.Fatalf("%s: state has %d objects, want %d: %+v", p.name, len(objects), len(p.plan), objects)
	}
}

// TestKilled kills the CLI some 70 times, in runs that create, update, replace and
// destroy 24 configurations. The next run always completes the work.
func TestKilled(t *testing.T) {
	t.Parallel()
	inLanes(t, os.Kill, func(l *lane) {
		for _, p := range l.plans {
			for _, within := range []int64{10, 3, 2} { // which leave a write for each
				l.stopRun(p, within)
			}
			l.complete(p)
		}
	})
}

// TestInterrupted interrupts the CLI some 70 times, as Ctrl-C does, in runs that
// create, update, replace and destroy 24 configurations. State always has every
// configuration, and a destroy leaves none.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows cannot send the signal")
	}
	inLanes(t, os.Interrupt, func(l *lane) {
		for range 3 {
			for i, p := range l.plans {
				l.stopRun(p, 12)
				if orphans := l.orphans(); len(orphans) > 0 {
					l.t.Errorf("%s: %d configurations are not in state: %q", p.name, len(orphans), orphans)
				}
				if i >= len(l.plans)-3 {
					l.complete(p)
				}
			}
		}
	})
}

// TestProviderEndsWithTheCLI kills the CLI and waits until the provider's
// connections are closed. Those on which it waits for an answer are when the
// CLI no longer asks; one that it keeps for later is only when the process
// ends, or after a minute and a half.
func TestProviderEndsWithTheCLI(t *testing.T) {
	SkipShared(t, "the CLI does not start the provider")
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f", "held")
	held, kept := make(chan struct{}), make(chan struct{}, 100)
	left := make(chan int, 100)
	// Nothing is answered before there are two connections.
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "held") {
			close(held)
			<-r.Context().Done()
			return
		}
		<-held
		api.ServeHTTP(w, r)
	}))
	var mu sync.Mutex
	open := 0
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			open++
		case http.StateIdle:
			if len(api.Configs()) == 1 {
				kept <- struct{}{}
			}
		case http.StateActive, http.StateHijacked:
		case http.StateClosed:
			open--
			left <- open
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	api.URL = server.URL

	ctx, kill := context.WithCancel(t.Context())
	cmd := Command(ctx, Workspace(t, api.ProviderBlock("", Region)+Config("f", "f")+Config("held", "held")), "apply", "-auto-approve")
	api.Must(cmd.Start())
	<-kept
	kill()
	if err := cmd.Wait(); err == nil {
		t.Fatal("the CLI that was killed succeeded")
	}
	for n := -1; n != 0; {
		select {
		case n = <-left:
		case <-time.After(30 * time.Second):
			t.Fatal("the provider outlives the CLI")
		}
	}
}
