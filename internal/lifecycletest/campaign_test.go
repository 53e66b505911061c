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

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

var (
	campaignSeeds = flag.Uint64("campaign.seeds", 30, "number of seeds of TestAccCampaign")
	campaignSeed  = flag.Uint64("campaign.seed", 0, "the only seed of TestAccCampaign")
)

// TestAccCampaign plays a random schedule of runs for each seed. The runs change,
// replace and remove several resources. Meanwhile the API has faults, and the CLI
// is killed or interrupted. Each schedule must satisfy:
//
//   - After each run, the state is readable.
//   - After a successful run, the configurations are as planned.
//   - A run fails only after an interrupt, a permanent error, an older response, or
//     a change by another client.
//   - A write sets each member to its planned value, or keeps it.
//   - A run deletes only configurations that are in state and not planned.
//   - A run writes only planned configurations.
//   - A configuration that a run has created is in state, unless the CLI was killed.
//   - After a kill, the provider ends too.
//   - Without faults, two applies reach the planned configurations, and a destroy
//     deletes all of them.
//
// A third of the seeds use one configured provider for all runs.
func TestAccCampaign(t *testing.T) {
	t.Parallel()
	seeds := []uint64{*campaignSeed}
	for seed := uint64(1); *campaignSeed == 0 && seed <= *campaignSeeds; seed++ {
		seeds = append(seeds, seed)
	}
	totals := campaignTotals{faults: map[string]int{}}
	for _, seed := range seeds {
		if seed == 0 || (seed%3 == 0) != acctest.IsShared() {
			continue
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			newCampaign(t, seed, &totals).play()
		})
	}
	t.Cleanup(func() {
		t.Logf("%d runs, %d signals, faults: %v", totals.runs, totals.signals, totals.faults)
		for _, f := range campaignFaults {
			if totals.faults[f.name] == 0 && len(seeds) >= 30 && !acctest.IsShared() && !t.Failed() {
				t.Errorf("no request met the fault %q", f.name)
			}
		}
	})
}

// campaignTotals counts the runs and faults of all seeds.
type campaignTotals struct {
	mu            sync.Mutex
	faults        map[string]int // by name
	runs, signals int
}

// campaign is the schedule of one seed.
type campaign struct {
	*workspace

	seed      uint64
	random    *rand.Rand
	updates   emulator.UpdateDestinations
	totals    *campaignTotals
	resources []*campaignResource
	unmanaged map[string]emulator.Config // configurations of other clients, by ARN

	mu  sync.Mutex // of run: requests are concurrent
	run *campaignRun

	model    model
	existing map[string]bool // configurations that a resource will adopt or overwrite
	lost     map[string]bool // configurations that a killed run has created and that are not in state
	history  []string
}

// campaignResource is a resource and its arguments.
type campaignResource struct {
	name                           string
	targets                        [2]string // ARNs of the configurations that the resource alternates between
	target                         int
	isPresent                      bool
	settings                       settings
	format                         int // of the function reference
	createBeforeDestroy, overwrite bool
}

func (r *campaignResource) arn() string { return r.targets[r.target] }

// campaignRun is one run of the CLI.
type campaignRun struct {
	seed       uint64
	number     int
	name       string
	hasFaults  bool
	isReadOnly bool
	signal     os.Signal // nil for none
	signalAt   int       // number of the request
	signals    chan<- os.Signal

	updates emulator.UpdateDestinations
	model   model
	planned map[string]settings
	inState map[string]bool
	stable  map[string]bool     // in state, planned, and not replaced
	changed map[string]settings // by another client during the run
	isClean bool                // no object in state is tainted or deposed

	requests   int
	updated    map[string]bool // or created
	calls      map[string]int
	misled     map[string]bool // configurations with a plausible but wrong response
	stale      map[string]bool // configurations with an older response
	denies     map[string]bool // calls whose retry is denied
	denied     bool
	faults     map[string]int
	met        []string
	violations []string
}

func newCampaign(t *testing.T, seed uint64, totals *campaignTotals) *campaign {
	t.Helper()
	c := &campaign{
		seed: seed, totals: totals,
		random:    rand.New(rand.NewPCG(seed, 0)), //nolint:gosec // reproducible
		unmanaged: map[string]emulator.Config{}, model: model{}, existing: map[string]bool{}, lost: map[string]bool{},
	}
	c.updates = []emulator.UpdateDestinations{emulator.Replace, emulator.Merge}[c.random.IntN(2)]
	handle := func(r emulator.Request) *emulator.Fault {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.run.handle(r)
	}
	c.workspace = newWorkspace(t, acctest.NewAPI(t, emulator.Options{UpdateDestinations: c.updates, FaultFunc: handle}))
	var arns []string
	for i := range 3 {
		f := fmt.Sprintf("f%d", i)
		createFunction(c.api, f)
		for _, q := range qualifiers {
			arns = append(arns, arnOf(f, q))
		}
	}
	c.random.Shuffle(len(arns), func(i, j int) { arns[i], arns[j] = arns[j], arns[i] })
	for i := range 4 + c.random.IntN(2) {
		r := &campaignResource{
			name: fmt.Sprintf("r%d", i), targets: [2]string{arns[2*i], arns[2*i+1]},
			isPresent: c.roll(80), settings: c.settings(), format: c.random.IntN(4),
			createBeforeDestroy: c.roll(40), overwrite: c.roll(30),
		}
		c.resources = append(c.resources, r)
		switch {
		case r.overwrite && c.roll(50):
			for _, arn := range r.targets {
				c.createExisting(arn, c.settings())
			}
		case !r.overwrite && r.isPresent && c.roll(30):
			c.createExisting(r.arn(), r.settings)
		}
	}
	createFunction(c.api, unmanagedFunction)
	others := arns[2*len(c.resources):]
	for _, q := range qualifiers {
		others = append(others, arnOf(unmanagedFunction, q))
	}
	for _, arn := range others {
		c.api.Must(c.api.PutConfig(acctest.Region, arn, "", c.settings().config()))
		c.unmanaged[arn], _ = c.api.Config(acctest.Region, arn, "")
	}
	c.synchronizeModel()
	return c
}

// createExisting creates a configuration that a resource will adopt or overwrite.
func (c *campaign) createExisting(arn string, s settings) {
	c.t.Helper()
	c.api.Must(c.api.PutConfig(acctest.Region, arn, "", s.config()))
	c.existing[arn] = true
}

func (c *campaign) roll(percent int) bool { return c.random.IntN(100) < percent }

func (c *campaign) settings() settings {
	pick := func(of ...string) string { return of[c.random.IntN(len(of))] }
	return settings{
		age: []int{60, 3600, 21600}[c.random.IntN(3)], retries: c.random.IntN(3),
		onSuccess: pick("", queue, topic, eventBus), onFailure: pick("", queue, topic, eventBus, bucket),
	}
}

// synchronizeModel copies the configurations of the emulator, which may have
// rejected a request, to the model.
func (c *campaign) synchronizeModel() {
	exists := map[string]bool{}
	for _, arn := range c.api.Configs() {
		config, _ := c.api.Config(acctest.Region, arn, "")
		exists[arn] = true
		c.model.set(arn, settingsOf(config))
	}
	for arn := range c.model {
		if !exists[arn] {
			delete(c.model, arn)
		}
	}
}

// play plays the schedule.
func (c *campaign) play() {
	c.t.Helper()
	for number := range 5 + c.random.IntN(3) {
		if number > 0 && len(c.lost) == 0 { // otherwise the next apply must adopt the lost configurations
			c.change()
		}
		kind := c.random.IntN(100)
		switch {
		case number == 0 || len(c.lost) > 0 || kind < 55:
			c.apply(c.runWithFaults("apply"))
		case kind < 65:
			c.replace()
		case kind < 75:
			r := c.newRun("refresh-only apply", c.planned())
			r.hasFaults, r.isReadOnly = true, true
			c.do(r, "apply", "-refresh-only", "-auto-approve")
		case kind < 90:
			c.changeAfterPlan()
		default:
			c.destroy(c.runWithFaults("destroy"))
		}
	}
	c.converge()
	if c.roll(50) {
		c.destroy(c.runWithFaults("destroy"))
	}
	r := c.newRun("destroy without faults", nil)
	if !c.destroy(r) {
		c.fail(r, "the run fails", "")
	}
	for _, arn := range c.api.Configs() {
		if _, ok := c.unmanaged[arn]; !ok && !c.existing[arn] {
			c.fail(r, "the run leaves "+arn, "")
		}
	}
}

// converge applies without faults until nothing changes.
func (c *campaign) converge() {
	c.t.Helper()
	const most = 2
	for n := range most + 1 {
		r := c.newRun("apply without faults", c.planned())
		output, ok := c.apply(r)
		if ok && strings.Contains(output, "Resources: 0 added, 0 changed, 0 destroyed.") {
			return
		}
		if n == most {
			c.fail(r, fmt.Sprintf("%d applies do not reach the configuration", most), output)
		}
	}
}

// planned returns the settings of the present resources by ARN.
func (c *campaign) planned() map[string]settings {
	planned := map[string]settings{}
	for _, r := range c.resources {
		if r.isPresent {
			planned[r.arn()] = r.settings
		}
	}
	return planned
}

// change changes resources at random. It keeps a resource whose replacement is
// incomplete: create_before_destroy cannot replace and change it in one apply.
func (c *campaign) change() {
	unclean := map[string]bool{}
	for _, o := range c.objects() {
		unclean[o.resource] = unclean[o.resource] || o.tainted || o.deposed
	}
	for _, r := range c.resources {
		do := c.random.IntN(100)
		settings, format := c.settings(), c.random.IntN(4)
		if unclean[r.name] || c.existing[r.arn()] && !r.overwrite {
			continue
		}
		r.format = format
		switch {
		case do < 35:
			r.settings = settings
		case do < 45: // one destination
			r.settings.onFailure = settings.onFailure
		case do < 60:
			r.target = 1 - r.target
		case do < 75:
			r.isPresent = !r.isPresent
		}
	}
}

// newRun returns a run from the current state.
func (c *campaign) newRun(name string, planned map[string]settings) *campaignRun {
	c.t.Helper()
	r := &campaignRun{
		seed: c.seed, number: len(c.history) + 1, name: name, signals: c.signals,
		updates: c.updates, model: c.model, planned: planned, isClean: true,
		inState: map[string]bool{}, stable: map[string]bool{}, changed: map[string]settings{},
		calls: map[string]int{}, updated: map[string]bool{}, misled: map[string]bool{}, stale: map[string]bool{},
		denies: map[string]bool{}, faults: map[string]int{},
	}
	for _, o := range c.objects() {
		r.inState[o.arn] = true
		r.isClean = r.isClean && !o.tainted && !o.deposed
		_, isPlanned := planned[o.arn]
		_, exists := c.model.current(o.arn) // a killed run may have deleted it
		r.stable[o.arn] = r.stable[o.arn] || isPlanned && exists && !o.tainted && !o.deposed
	}
	return r
}

// runWithFaults returns a run with faults. The CLI may get a signal.
func (c *campaign) runWithFaults(name string) *campaignRun {
	c.t.Helper()
	planned := c.planned()
	if name == "destroy" {
		planned = nil
	}
	r := c.newRun(name, planned)
	r.hasFaults = true
	if c.roll(50) {
		r.signal, r.signalAt = os.Interrupt, 1+c.random.IntN(12)
		if c.roll(50) || runtime.GOOS == "windows" { // Windows has no interrupt
			r.signal = os.Kill
		}
		if r.signal == os.Kill && acctest.IsShared() { // the provider is in this process
			r.signal = nil
			return r
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
	r := c.runWithFaults("replacement")
	for _, resource := range c.resources {
		current, _ := c.model.current(resource.arn())
		if r.isClean && resource.isPresent && r.stable[resource.arn()] &&
			(!resource.createBeforeDestroy || current.settings == resource.settings) {
			r.stable[resource.arn()] = resource.createBeforeDestroy
			r.name += " of " + resource.name
			c.apply(r, "-replace="+acctest.Type+"."+resource.name)
			return
		}
	}
	c.apply(r)
}

// changeAfterPlan plans, changes one member as another client, and applies.
func (c *campaign) changeAfterPlan() {
	c.t.Helper()
	r := c.newRun("apply after a change by another client", c.planned())
	r.hasFaults = true
	output, err := c.execute(r, "plan", "-out=plan.tfplan")
	if err == nil {
		for _, resource := range c.resources {
			arn := resource.arn()
			if current, ok := c.model.current(arn); ok && r.stable[arn] {
				current.age = 7200
				c.api.Must(c.api.PutConfig(acctest.Region, arn, "", current.config()))
				r.changed[arn] = current.settings
				c.synchronizeModel()
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

// execute runs the CLI without a check.
func (c *campaign) execute(r *campaignRun, args ...string) (string, error) {
	c.t.Helper()
	c.configure(c.configuration())
	c.mu.Lock()
	c.run = r
	c.mu.Unlock()
	args = append(args, "-no-color")
	args = slices.Insert(args, 1, "-input=false")
	output, err := c.workspace.run(args...)
	c.mu.Lock()
	c.run = nil
	c.mu.Unlock()
	return output, err
}

// configuration returns HCL of the present resources.
func (c *campaign) configuration() string {
	var b strings.Builder
	for _, r := range c.resources {
		if !r.isPresent {
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
		arguments := []string{qualifier, acctest.DestinationConfig(r.settings.onSuccess, r.settings.onFailure)}
		if r.settings.age != 21600 || r.format == 3 {
			arguments = append(arguments, fmt.Sprintf("maximum_event_age_in_seconds = %d", r.settings.age))
		}
		if r.settings.retries != 2 || r.format == 3 {
			arguments = append(arguments, fmt.Sprintf("maximum_retry_attempts = %d", r.settings.retries))
		}
		if r.overwrite {
			arguments = append(arguments, "overwrite_existing = true")
		}
		if r.createBeforeDestroy {
			arguments = append(arguments, "lifecycle { create_before_destroy = true }")
		}
		b.WriteString(acctest.Config(r.name, function, arguments...))
	}
	return b.String()
}

// check checks the state and the requests of a run.
func (c *campaign) check(r *campaignRun, output string, err error) {
	c.t.Helper()
	c.history = append(c.history,
		fmt.Sprintf("run %d, %s: %v; faults: %s", r.number, r.name, err, strings.Join(r.met, ", ")))
	c.totals.mu.Lock()
	c.totals.runs++
	if r.signal != nil && r.requests >= r.signalAt {
		c.totals.signals++
	}
	for name, times := range r.faults {
		c.totals.faults[name] += times
	}
	c.totals.mu.Unlock()
	c.synchronizeModel()

	objects := c.objects()
	for arn, s := range c.unmanaged {
		now, ok := c.api.Config(acctest.Region, arn, "")
		if !ok || settingsOf(now) != settingsOf(s) || !now.LastModified.Equal(s.LastModified) {
			r.violate("changes %s, which is not in the configuration or in state", arn)
		}
	}
	for arn := range r.stable {
		if _, ok := c.model.current(arn); r.stable[arn] && !ok {
			r.violate("loses %s, which was in state and planned", arn)
		}
	}
	for _, o := range objects {
		delete(c.existing, o.arn)
	}
	lost := map[string]bool{}
	for _, arn := range c.api.Configs() {
		isInState := slices.ContainsFunc(objects, func(o object) bool { return o.arn == arn })
		if _, ok := c.unmanaged[arn]; ok || isInState || c.existing[arn] {
			continue
		}
		lost[arn] = true
		if r.signal != os.Kill && !c.lost[arn] {
			r.violate("creates %s without an object in state", arn)
		}
	}
	c.lost = lost
	switch {
	case err == nil && !r.isReadOnly:
		c.checkSuccess(r, objects, output)
	case err != nil && !r.denied && len(r.stale) == 0 && r.signal == nil && len(r.changed) == 0 && r.isClean:
		r.violate("transient errors end the run: %v", err)
	}
	if len(r.violations) > 0 {
		c.fail(r, strings.Join(r.violations, "\n"), output)
	}
}

// checkSuccess checks the configurations after a successful run.
func (c *campaign) checkSuccess(r *campaignRun, objects []object, output string) {
	for arn, want := range r.planned {
		got, ok := c.model.current(arn)
		changed, isChanged := r.changed[arn]
		isEqual := got.settings == want
		switch {
		case !ok:
			r.violate("succeeds without %s", arn)
		case !isEqual && !r.stale[arn] && !(isChanged && got.isBetween(changed, want)):
			r.violate("succeeds, and %s has %+v, planned %+v", arn, got.settings, want)
		}
		if isChanged && r.updated[arn] && !isEqual && !r.stale[arn] &&
			!strings.Contains(output, "Changed outside of Terraform") {
			r.violate("updates %s without a warning about the changed member", arn)
		}
		if !slices.ContainsFunc(objects, func(o object) bool { return o.arn == arn && !o.tainted && !o.deposed }) {
			r.violate("succeeds without %s in state", arn)
		}
	}
	for arn := range r.inState {
		_, isPlanned := r.planned[arn]
		if _, ok := c.model.current(arn); ok && !isPlanned {
			r.violate("succeeds and does not delete %s", arn)
		}
	}
	if len(objects) != len(r.planned) {
		r.violate("succeeds with %+v in state", objects)
	}
}

// fail ends the test with the schedule of the seed.
func (c *campaign) fail(r *campaignRun, problem, output string) {
	c.t.Helper()
	c.t.Fatalf("seed %[1]d, run %[2]d (%[3]s): %[4]s\n\n"+
		"Repeat with: go test ./internal/lifecycletest -run TestAccCampaign -campaign.seed %[1]d\n\n%[5]s\n\n%[6]s\n\n%[7]s",
		c.seed, r.number, r.name, problem, strings.Join(c.history, "\n"), strings.Join(c.api.RequestLines(), "\n"), output)
}
