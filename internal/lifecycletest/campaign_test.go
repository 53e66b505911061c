// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

var (
	campaignSeeds = flag.Uint64("campaign.seeds", 30, "how many seeds TestCampaign runs")
	campaignSeed  = flag.Uint64("campaign.seed", 0, "the only seed that TestCampaign runs")
)

// TestCampaign makes a random schedule of runs for each seed: changes,
// replacements and removals of several resources, while the API fails in every
// way that this file knows, and the CLI is killed or interrupted. These hold for
// every schedule:
//
//   - The state can be read after each run.
//   - A run that succeeds leaves the configurations as they are wanted.
//   - Only a run that is interrupted, gets a permanent error, or reads an older
//     value may fail.
//   - A write sets each member to the wanted value, or leaves it as it is.
//   - A configuration that is in state and wanted is not deleted, and others
//     than those in state are neither deleted nor, unless wanted, written.
//   - A configuration that a run has created is in state, unless the CLI was killed.
//   - Without faults, two applies reach the configuration, and a destroy deletes everything.
//
// Every third seed has one configured provider for all of its runs.
func TestCampaign(t *testing.T) {
	t.Parallel()
	seeds := []uint64{*campaignSeed}
	for seed := uint64(1); *campaignSeed == 0 && seed <= *campaignSeeds; seed++ {
		seeds = append(seeds, seed)
	}
	struck := struck{of: map[string]int{}}
	for _, seed := range seeds {
		if seed == 0 || (seed%3 == 0) != OneProvider() {
			continue
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			newCampaign(t, seed, &struck).play()
		})
	}
	t.Cleanup(func() {
		t.Logf("%d runs, faults: %v", struck.runs, struck.of)
		for _, f := range campaignFaults {
			if struck.of[f.name] == 0 && len(seeds) >= 30 && !OneProvider() && !t.Failed() {
				t.Errorf("the fault %q struck no request", f.name)
			}
		}
	})
}

// struck counts the faults of all seeds.
type struck struct {
	mu   sync.Mutex
	of   map[string]int
	runs int
}

// campaign is the schedule of one seed.
type campaign struct {
	*stopped

	seed      uint64
	chance    *rand.Rand
	updates   emulator.UpdateDestinations
	struck    *struck
	resources []*campaignResource
	strangers map[string]emulator.Config

	mu  sync.Mutex // shared by FaultFunc and the test
	run *campaignRun

	model   model
	placed  map[string]bool // existing configurations that no resource has adopted yet
	lost    map[string]bool // created by runs that were killed, and not in state
	history []string
}

// campaignResource is a resource, and what the configuration says of it.
type campaignResource struct {
	name                   string
	targets                [2]string // ARNs, of which the resource has one
	at                     int
	present                bool
	settings               settings
	format                 int // of the function reference
	createFirst, overwrite bool
}

func (r *campaignResource) arn() string { return r.targets[r.at] }

// campaignRun is one run of the CLI.
type campaignRun struct {
	seed     uint64
	number   int
	name     string
	faulty   bool // whether requests meet faults
	readOnly bool
	signal   os.Signal // nil for none
	signalAt int       // the request
	stop     chan<- os.Signal

	updates emulator.UpdateDestinations
	model   model
	wanted  map[string]settings
	inState map[string]bool
	stable  map[string]bool     // in state, wanted, and not replaced
	changed map[string]settings // by another client during the run
	clean   bool                // state has no object that is tainted or deposed

	requests   int
	updated    map[string]bool // or created
	calls      map[string]int
	misled     map[string]bool
	stale      map[string]bool
	refuses    map[string]bool // the next call
	refused    bool
	struck     map[string]int
	met        []string
	violations []string
}

func newCampaign(t *testing.T, seed uint64, struck *struck) *campaign {
	t.Helper()
	c := &campaign{
		seed: seed, struck: struck,
		chance:    rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // the same schedule every time
		strangers: map[string]emulator.Config{}, model: model{}, placed: map[string]bool{}, lost: map[string]bool{},
	}
	c.updates = []emulator.UpdateDestinations{emulator.Replace, emulator.Merge}[c.chance.IntN(2)]
	c.stopped = newStopped(t, NewAPI(t, emulator.Options{UpdateDestinations: c.updates, FaultFunc: func(r emulator.Request) *emulator.Fault {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.run.strike(r)
	}}))
	var arns []string
	for i := range 3 {
		f := fmt.Sprintf("f%d", i)
		stageFunction(c.api, f)
		for _, q := range plannedQualifiers {
			arns = append(arns, arnOf(f, q))
		}
	}
	c.chance.Shuffle(len(arns), func(i, j int) { arns[i], arns[j] = arns[j], arns[i] })
	for i := range 4 + c.chance.IntN(2) {
		r := &campaignResource{
			name: fmt.Sprintf("r%d", i), targets: [2]string{arns[2*i], arns[2*i+1]},
			present: c.roll(80), settings: c.settings(), format: c.chance.IntN(4), createFirst: c.roll(40), overwrite: c.roll(30),
		}
		c.resources = append(c.resources, r)
		switch {
		case r.overwrite && c.roll(50):
			for _, arn := range r.targets {
				c.place(arn, c.settings())
			}
		case !r.overwrite && r.present && c.roll(30):
			c.place(r.arn(), r.settings)
		}
	}
	stageFunction(c.api, stranger)
	others := arns[2*len(c.resources):]
	for _, q := range plannedQualifiers {
		others = append(others, arnOf(stranger, q))
	}
	for _, arn := range others {
		c.api.Must(c.api.PutConfig(Region, arn, "", c.settings().config()))
		c.strangers[arn], _ = c.api.Config(Region, arn, "")
	}
	c.synchronize()
	return c
}

// place has an existing configuration that the resource adopts or overwrites.
func (c *campaign) place(arn string, s settings) {
	c.t.Helper()
	c.api.Must(c.api.PutConfig(Region, arn, "", s.config()))
	c.placed[arn] = true
}

func (c *campaign) roll(percent int) bool { return c.chance.IntN(100) < percent }

func (c *campaign) settings() settings {
	pick := func(of ...string) string { return of[c.chance.IntN(len(of))] }
	return settings{
		age: []int{60, 3600, 21600}[c.chance.IntN(3)], retries: c.chance.IntN(3),
		onSuccess: pick("", Queue, Topic, Bus), onFailure: pick("", Queue, Topic, Bus, Bucket),
	}
}

// synchronize makes the model what the service has: the emulator may have
// rejected a request.
func (c *campaign) synchronize() {
	there := map[string]bool{}
	for _, arn := range c.api.Configs() {
		config, _ := c.api.Config(Region, arn, "")
		there[arn] = true
		c.model.set(arn, settingsOf(config))
	}
	for arn := range c.model {
		if !there[arn] {
			delete(c.model, arn)
		}
	}
}

// play plays the schedule.
func (c *campaign) play() {
	c.t.Helper()
	for number := range 5 + c.chance.IntN(3) {
		if number > 0 && len(c.lost) == 0 { // else an apply of the same configuration must adopt the lost ones
			c.change()
		}
		kind := c.chance.IntN(100)
		switch {
		case number == 0 || len(c.lost) > 0 || kind < 55:
			c.apply(c.faultyRun("apply"))
		case kind < 65:
			c.replace()
		case kind < 75:
			r := c.newRun("refresh-only apply", c.wanted())
			r.faulty, r.readOnly = true, true
			c.do(r, "apply", "-refresh-only", "-auto-approve")
		case kind < 90:
			c.changeBetween()
		default:
			c.destroy(c.faultyRun("destroy"))
		}
	}
	c.converge()
	if c.roll(50) {
		c.destroy(c.faultyRun("destroy"))
	}
	r := c.newRun("destroy without faults", nil)
	if !c.destroy(r) {
		c.fail(r, "it fails", "")
	}
	for _, arn := range c.api.Configs() {
		if _, ok := c.strangers[arn]; !ok && !c.placed[arn] {
			c.fail(r, "it leaves "+arn, "")
		}
	}
}

// converge applies without faults until nothing changes.
func (c *campaign) converge() {
	c.t.Helper()
	const most = 2
	for n := range most + 1 {
		r := c.newRun("apply without faults", c.wanted())
		output, ok := c.apply(r)
		if ok && strings.Contains(output, "Resources: 0 added, 0 changed, 0 destroyed.") {
			return
		}
		if n == most {
			c.fail(r, fmt.Sprintf("%d applies do not reach the configuration", most), output)
		}
	}
}

// wanted returns the settings of the configuration.
func (c *campaign) wanted() map[string]settings {
	wanted := map[string]settings{}
	for _, r := range c.resources {
		if r.present {
			wanted[r.arn()] = r.settings
		}
	}
	return wanted
}

// change changes the configuration. A resource whose replacement is not
// complete stays as it is: create_before_destroy cannot replace and change it in
// one apply.
func (c *campaign) change() {
	unclean := map[string]bool{}
	for _, o := range c.objects() {
		unclean[o.resource] = unclean[o.resource] || o.tainted || o.deposed
	}
	for _, r := range c.resources {
		do := c.chance.IntN(100)
		settings, format := c.settings(), c.chance.IntN(4)
		if unclean[r.name] || c.placed[r.arn()] && !r.overwrite {
			continue
		}
		r.format = format
		switch {
		case do < 35:
			r.settings = settings
		case do < 45: // one destination
			r.settings.onFailure = settings.onFailure
		case do < 60:
			r.at = 1 - r.at
		case do < 75:
			r.present = !r.present
		}
	}
}

// newRun returns a run from the current state.
func (c *campaign) newRun(name string, wanted map[string]settings) *campaignRun {
	c.t.Helper()
	r := &campaignRun{
		seed: c.seed, number: len(c.history) + 1, name: name, stop: c.stop,
		updates: c.updates, model: c.model, wanted: wanted, clean: true,
		inState: map[string]bool{}, stable: map[string]bool{}, changed: map[string]settings{},
		calls: map[string]int{}, updated: map[string]bool{}, misled: map[string]bool{}, stale: map[string]bool{}, refuses: map[string]bool{}, struck: map[string]int{},
	}
	for _, o := range c.objects() {
		r.inState[o.arn] = true
		r.clean = r.clean && !o.tainted && !o.deposed
		_, isWanted := wanted[o.arn]
		_, exists := c.model.current(o.arn) // a run that was killed may have deleted it
		r.stable[o.arn] = r.stable[o.arn] || isWanted && exists && !o.tainted && !o.deposed
	}
	return r
}

// faultyRun returns a run with faults. The CLI may get a signal.
func (c *campaign) faultyRun(name string) *campaignRun {
	c.t.Helper()
	wanted := c.wanted()
	if name == "destroy" {
		wanted = nil
	}
	r := c.newRun(name, wanted)
	r.faulty = true
	if c.roll(30) && runtime.GOOS != "windows" {
		r.signal, r.signalAt = os.Interrupt, 1+c.chance.IntN(12)
		if c.roll(50) && !OneProvider() { // which would outlive the CLI
			r.signal = os.Kill
		}
		r.name += fmt.Sprintf(", %s at request %d", r.signal, r.signalAt)
	}
	return r
}

func (c *campaign) apply(r *campaignRun, more ...string) (output string, ok bool) {
	c.t.Helper()
	return c.do(r, append([]string{"apply", "-auto-approve"}, more...)...)
}

func (c *campaign) destroy(r *campaignRun) bool {
	c.t.Helper()
	_, ok := c.do(r, "destroy", "-auto-approve")
	return ok
}

// replace applies with -replace for one resource. A resource with
// create_before_destroy does not change in the same run.
func (c *campaign) replace() {
	c.t.Helper()
	r := c.faultyRun("replacement")
	for _, resource := range c.resources {
		current, _ := c.model.current(resource.arn())
		if r.clean && resource.present && r.stable[resource.arn()] && (!resource.createFirst || current.settings == resource.settings) {
			r.stable[resource.arn()] = resource.createFirst
			r.name += " of " + resource.name
			c.apply(r, "-replace="+Type+"."+resource.name)
			return
		}
	}
	c.apply(r)
}

// changeBetween plans, changes one member as another client does, and applies.
func (c *campaign) changeBetween() {
	c.t.Helper()
	r := c.newRun("apply after a change", c.wanted())
	r.faulty = true
	output, err := c.execute(r, "plan", "-out=plan.tfplan")
	if err == nil {
		for _, resource := range c.resources {
			arn := resource.arn()
			if current, ok := c.model.current(arn); ok && r.stable[arn] {
				current.age = 7200
				c.api.Must(c.api.PutConfig(Region, arn, "", current.config()))
				r.changed[arn] = current.settings
				c.synchronize()
				break
			}
		}
		output, err = c.execute(r, "apply", "plan.tfplan")
	}
	c.check(r, output, err)
}

// do runs the CLI and checks the result. It reports whether the run succeeded.
func (c *campaign) do(r *campaignRun, args ...string) (output string, ok bool) {
	c.t.Helper()
	output, err := c.execute(r, args...)
	c.check(r, output, err)
	return output, err == nil
}

// execute runs the CLI.
func (c *campaign) execute(r *campaignRun, args ...string) (string, error) {
	c.t.Helper()
	c.configure(c.configuration())
	c.mu.Lock()
	c.run = r
	c.mu.Unlock()
	args = append(args, "-no-color")
	args = slices.Insert(args, 1, "-input=false")
	output, _, err := c.stopped.run(args...)
	c.mu.Lock()
	c.run = nil
	c.mu.Unlock()
	return output, err
}

// configuration returns the resources that are present.
func (c *campaign) configuration() string {
	var b strings.Builder
	for _, r := range c.resources {
		if !r.present {
			continue
		}
		arn := strings.Split(r.arn(), ":")
		function, qualifier := arn[6], fmt.Sprintf("qualifier = %q", arn[7])
		switch r.format {
		case 0:
			function, qualifier = function+":"+arn[7], ""
		case 1:
			function, qualifier = r.arn(), ""
		case 2:
			function = strings.Join(arn[:7], ":")
		}
		arguments := []string{qualifier, Destinations(r.settings.onSuccess, r.settings.onFailure)}
		if r.settings.age != 21600 || r.format == 3 {
			arguments = append(arguments, fmt.Sprintf("maximum_event_age_in_seconds = %d", r.settings.age))
		}
		if r.settings.retries != 2 || r.format == 3 {
			arguments = append(arguments, fmt.Sprintf("maximum_retry_attempts = %d", r.settings.retries))
		}
		if r.overwrite {
			arguments = append(arguments, "overwrite_existing = true")
		}
		if r.createFirst {
			arguments = append(arguments, "lifecycle { create_before_destroy = true }")
		}
		b.WriteString(Config(r.name, function, arguments...))
	}
	return b.String()
}

// check checks the state and the requests of a run.
func (c *campaign) check(r *campaignRun, output string, err error) {
	c.t.Helper()
	c.history = append(c.history, fmt.Sprintf("run %d, %s: %v; faults: %s", r.number, r.name, err, strings.Join(r.met, ", ")))
	c.struck.mu.Lock()
	c.struck.runs++
	for name, times := range r.struck {
		c.struck.of[name] += times
	}
	c.struck.mu.Unlock()
	c.synchronize()

	objects := c.objects()
	for arn, s := range c.strangers {
		if now, ok := c.api.Config(Region, arn, ""); !ok || settingsOf(now) != settingsOf(s) || !now.LastModified.Equal(s.LastModified) {
			r.violate("the configuration of others, %s, was changed", arn)
		}
	}
	for arn := range r.stable {
		if _, ok := c.model.current(arn); r.stable[arn] && !ok {
			r.violate("%s is gone, which was in state and wanted", arn)
		}
	}
	for _, o := range objects {
		delete(c.placed, o.arn)
	}
	lost := map[string]bool{}
	for _, arn := range c.orphans() {
		if _, ok := c.strangers[arn]; ok || c.placed[arn] {
			continue
		}
		lost[arn] = true
		if r.signal != os.Kill && !c.lost[arn] {
			r.violate("%s is not in state", arn)
		}
	}
	c.lost = lost
	switch {
	case err == nil && !r.readOnly:
		c.checkSuccess(r, objects, output)
	case err != nil && !r.refused && len(r.stale) == 0 && r.signal == nil && len(r.changed) == 0 && r.clean:
		r.violate("transient errors end the run: %v", err)
	}
	if len(r.violations) > 0 {
		c.fail(r, strings.Join(r.violations, "\n"), output)
	}
}

// checkSuccess checks the configurations after a run that succeeded.
func (c *campaign) checkSuccess(r *campaignRun, objects []object, output string) {
	for arn, want := range r.wanted {
		got, ok := c.model.current(arn)
		changed, isChanged := r.changed[arn]
		switch {
		case ok && (r.stale[arn] || got.settings == want || isChanged && got.isBetween(changed, want)):
		case ok:
			r.violate("it succeeds, and %s has %+v, wanted %+v", arn, got.settings, want)
		default:
			r.violate("it succeeds, and there is no %s", arn)
		}
		if isChanged && r.updated[arn] && got.settings != want && !r.stale[arn] && !strings.Contains(output, "Changed outside of Terraform") {
			r.violate("it updates %s, and does not warn that another member was changed", arn)
		}
		if !slices.ContainsFunc(objects, func(o object) bool { return o.arn == arn && !o.tainted && !o.deposed }) {
			r.violate("it succeeds, and state does not have %s", arn)
		}
	}
	for arn := range r.inState {
		_, wanted := r.wanted[arn]
		if _, ok := c.model.current(arn); ok && !wanted {
			r.violate("it succeeds, and %s is still there", arn)
		}
	}
	if len(objects) != len(r.wanted) {
		r.violate("it succeeds, and state has %+v", objects)
	}
}

// fail ends the test with the schedule so far.
func (c *campaign) fail(r *campaignRun, problem, output string) {
	c.t.Helper()
	c.t.Fatalf("seed %d, run %d (%s): %s\n\nRepeat with: go test ./internal/lifecycletest -run TestCampaign -campaign.seed %d\n\n%s\n\n%s\n\n%s",
		c.seed, r.number, r.name, problem, c.seed, strings.Join(c.history, "\n"), strings.Join(c.api.Sent(), "\n"), output)
}
