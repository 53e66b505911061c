// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// stopTest is a workspace with 24 resources. A signal stops its runs at a random
// request.
type stopTest struct {
	*workspace

	random *rand.Rand
	runs   []stoppedRun

	isStopping atomic.Bool  // requests that count are slow
	countReads atomic.Bool  // reads count, and not only writes
	remaining  atomic.Int64 // requests that count until the signal
	stopped    int          // runs
}

// stoppedRun is the configuration of a run.
type stoppedRun struct {
	name      string
	resources []stoppedResource
	arguments []string // of each resource
	flags     []string
	planReads int64 // reads of the plan, in a run that only reads
}

type stoppedResource struct {
	name, arn string
	config    emulator.Config
}

// newStoppedRun returns a run with a resource for each qualifier of 6 functions.
// Variants 0 and 1 differ in a member of each resource.
func newStoppedRun(name, functionPrefix string, variant int) stoppedRun {
	run := stoppedRun{name: name}
	for f := range 6 {
		for _, q := range qualifiers {
			i := len(run.resources)
			config := emulator.Config{
				MaximumRetryAttempts:     new((i + variant*(i%2)) % 3),
				MaximumEventAgeInSeconds: new(60 + i + variant*(i%3%2)*3600),
				OnFailure:                []string{queue, topic, bucket, ""}[i/7%4],
			}
			if variant == 1 && i%2 == 0 {
				config.OnSuccess = eventBus
			}
			run.resources = append(run.resources, stoppedResource{
				fmt.Sprintf("r%02d", i), arnOf(fmt.Sprint(functionPrefix, f), q), config,
			})
		}
	}
	return run
}

func (r stoppedRun) configuration() string {
	var b strings.Builder
	for _, resource := range r.resources {
		c := resource.config
		b.WriteString(acctest.Config(resource.name, resource.arn, append([]string{
			fmt.Sprintf("maximum_retry_attempts = %d", *c.MaximumRetryAttempts),
			fmt.Sprintf("maximum_event_age_in_seconds = %d", *c.MaximumEventAgeInSeconds),
			acctest.DestinationConfig(c.OnSuccess, c.OnFailure),
		}, r.arguments...)...))
	}
	return b.String()
}

// runStopTests calls test for four workspaces in parallel.
func runStopTests(t *testing.T, signal os.Signal, test func(*stopTest)) {
	t.Helper()
	acctest.SkipShared(t, "the provider must be a process of the CLI")
	createBeforeDestroy := []string{"lifecycle { create_before_destroy = true }"}
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			s := &stopTest{random: rand.New(rand.NewPCG(uint64(i), 0))} //nolint:gosec // reproducible
			fault := func(r emulator.Request) *emulator.Fault {
				if !s.isStopping.Load() || isRead(r) && !s.countReads.Load() {
					return nil
				}
				if s.remaining.Add(-1) == 0 {
					s.signals <- signal
				}
				// The API carries out a request although its client has closed the connection.
				delay := time.Duration(100+rand.IntN(200)) * time.Millisecond //nolint:gosec // not a secret
				return &emulator.Fault{Status: http.StatusOK, Applied: true, Delay: delay}
			}
			s.workspace = newWorkspace(t, acctest.NewAPI(t, emulator.Options{FaultFunc: fault}))
			for f := range 6 {
				createFunction(s.api, fmt.Sprint("a", f))
				createFunction(s.api, fmt.Sprint("b", f))
			}
			replace := newStoppedRun("create_before_destroy", "a", 1)
			replace.arguments = createBeforeDestroy
			again := newStoppedRun("-replace, create_before_destroy", "a", 1) // new objects adopt the configurations
			again.arguments, again.planReads = createBeforeDestroy, 6
			for _, r := range again.resources {
				again.flags = append(again.flags, "-replace="+acctest.Type+"."+r.name)
			}
			s.runs = []stoppedRun{
				newStoppedRun("create", "a", 0), newStoppedRun("update", "a", 1), newStoppedRun("replace", "b", 1),
				replace, again, {name: "destroy"},
			}
			test(s)
			t.Logf("%d runs were stopped", s.stopped)
			if s.stopped < 16 && !t.Failed() {
				t.Error("too few runs were stopped; others ended before the signal")
			}
		})
	}
}

// stopRun applies a run, and stops it at a random one of its first requests.
func (s *stopTest) stopRun(r stoppedRun, requests int64) {
	s.t.Helper()
	s.configure(r.configuration())
	s.remaining.Store(r.planReads + 1 + s.random.Int64N(requests))
	s.countReads.Store(r.planReads > 0)
	s.isStopping.Store(true)
	output, err := s.run(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, r.flags...)...)
	s.isStopping.Store(false)
	if err != nil && s.remaining.Load() > 0 {
		s.t.Fatalf("%s: %v\n%s", r.name, err, output)
	} else if err != nil {
		s.stopped++
	}
}

// complete applies a run without a signal. The API and state must have exactly its
// resources, and the next plan must be empty.
func (s *stopTest) complete(r stoppedRun) {
	s.t.Helper()
	s.configure(r.configuration())
	var want []string
	for _, resource := range r.resources {
		want = append(want, s.line(resource.arn, resource.config))
	}
	for _, args := range [][]string{{"apply", "-auto-approve"}, {"plan", "-detailed-exitcode"}} {
		output, err := s.run(append(args, "-input=false", "-no-color")...)
		if err != nil {
			s.t.Fatalf("%s: %s: %v\n%s", r.name, args[0], err, output)
		}
		var got []string
		for _, arn := range s.api.Configs() {
			config, _ := s.api.Config(acctest.Region, arn, "")
			got = append(got, s.line(arn, config))
		}
		if err := acctest.CompareUnordered(got, want); err != nil {
			s.t.Fatalf("%s: %v\n%s", r.name, err, output)
		}
	}
	if objects := s.objects(); len(objects) != len(r.resources) {
		s.t.Fatalf("%s: state has %d objects, want %d: %+v", r.name, len(objects), len(r.resources), objects)
	}
}

func (s *stopTest) line(arn string, c emulator.Config) string {
	c.LastModified = time.Time{}
	members, err := json.Marshal(c)
	s.api.Must(err)
	return arn + " " + string(members)
}

// After kills of runs that create, update, replace and destroy, the next apply
// completes the work.
func TestAccKill_nextApplyCompletes(t *testing.T) {
	t.Parallel()
	runStopTests(t, os.Kill, func(s *stopTest) {
		for _, r := range s.runs {
			for _, requests := range []int64{10, 3, 2} {
				s.stopRun(r, requests)
			}
			s.complete(r)
		}
	})
}

// After interrupts, as of Ctrl-C, state has all configurations.
func TestAccInterrupt_stateHasAllConfigurations(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no interrupt")
	}
	runStopTests(t, os.Interrupt, func(s *stopTest) {
		for range 3 {
			for i, r := range s.runs {
				s.stopRun(r, 12)
				objects := s.objects()
				orphans := slices.DeleteFunc(s.api.Configs(), func(arn string) bool {
					return slices.ContainsFunc(objects, func(o object) bool { return o.arn == arn })
				})
				if len(orphans) > 0 {
					s.t.Errorf("%s: %d configurations are not in state: %q", r.name, len(orphans), orphans)
				}
				if i >= len(s.runs)-3 {
					s.complete(r)
				}
			}
		}
	})
}
