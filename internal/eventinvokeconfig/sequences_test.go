// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// The tests in this file call one configured provider as CLIs do that plan,
// refresh, apply and destroy more than once with it: terraform test since 1.13,
// plan -minimal-refresh of 1.17, and Stacks.

// instance is an object in state, as a CLI keeps it.
type instance struct {
	t      *testing.T
	server *acctest.Server

	state   tftypes.Value
	private []byte
}

// attributes are the known attributes of a configuration.
type attributes map[string]tftypes.Value

func number(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
func text(s string) tftypes.Value  { return tftypes.NewValue(tftypes.String, s) }

func newInstance(t *testing.T, server *acctest.Server) *instance {
	t.Helper()
	return &instance{t: t, server: server, state: tftypes.NewValue(server.Resource.ValueType(), nil)}
}

func (i *instance) dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	i.t.Helper()
	d, err := tfprotov6.NewDynamicValue(i.server.Resource.ValueType(), v)
	if err != nil {
		i.t.Fatal(err)
	}
	return &d
}

// null is the state of an object that does not exist.
func (i *instance) null() tftypes.Value { return tftypes.NewValue(i.server.Resource.ValueType(), nil) }

// proposed merges a configuration with the prior state, as Terraform does:
// attributes without a value keep the prior one.
func (i *instance) proposed(config attributes, prior tftypes.Value) *tfprotov6.DynamicValue {
	i.t.Helper()
	merged := attributes{}
	if !prior.IsNull() {
		var values map[string]tftypes.Value
		if err := prior.As(&values); err != nil {
			i.t.Fatal(err)
		}
		maps.Copy(merged, values)
	}
	maps.Copy(merged, config)
	return acctest.Object(i.t, i.server.Resource.ValueType(), merged)
}

// planFrom plans a configuration for the given prior state and private state.
func (i *instance) planFrom(prior tftypes.Value, private []byte, config attributes) *tfprotov6.PlanResourceChangeResponse {
	i.t.Helper()
	resp, err := i.server.PlanResourceChange(i.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: acctest.Type, PriorState: i.dynamic(prior), PriorPrivate: private,
		ProposedNewState: i.proposed(config, prior), Config: acctest.Object(i.t, i.server.Resource.ValueType(), config),
	})
	if err != nil {
		i.t.Fatal(err)
	}
	return resp
}

// plan plans a configuration for the object.
func (i *instance) plan(config attributes) *tfprotov6.PlanResourceChangeResponse {
	i.t.Helper()
	resp := i.planFrom(i.state, i.private, config)
	noErrors(i.t, "plan", resp.Diagnostics)
	return resp
}

// planDestroy plans the destruction of the object.
func (i *instance) planDestroy() *tfprotov6.PlanResourceChangeResponse {
	i.t.Helper()
	null := i.dynamic(i.null())
	resp, err := i.server.PlanResourceChange(i.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: acctest.Type, PriorState: i.dynamic(i.state), PriorPrivate: i.private, ProposedNewState: null, Config: null,
	})
	if err != nil {
		i.t.Fatal(err)
	}
	noErrors(i.t, "plan of the destruction", resp.Diagnostics)
	return resp
}

// tryApply applies a plan, and returns the diagnostics.
func (i *instance) tryApply(config attributes, plan *tfprotov6.PlanResourceChangeResponse) []*tfprotov6.Diagnostic {
	i.t.Helper()
	configuration := i.dynamic(i.null())
	if config != nil {
		configuration = acctest.Object(i.t, i.server.Resource.ValueType(), config)
	}
	resp, err := i.server.ApplyResourceChange(i.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: acctest.Type, PriorState: i.dynamic(i.state), PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate,
		Config: configuration, PlannedIdentity: plan.PlannedIdentity,
	})
	if err != nil {
		i.t.Fatal(err)
	}
	i.set(resp.NewState, resp.Private)
	return resp.Diagnostics
}

// apply plans again without private state, as Terraform does with a created
// object, and applies that plan.
func (i *instance) apply(config attributes, plan *tfprotov6.PlanResourceChangeResponse) {
	i.t.Helper()
	if i.state.IsNull() {
		plan = i.planFrom(i.null(), nil, config)
		noErrors(i.t, "plan during apply", plan.Diagnostics)
	}
	noErrors(i.t, "apply", i.tryApply(config, plan))
}

// destroy applies a plan of the destruction.
func (i *instance) destroy() {
	i.t.Helper()
	noErrors(i.t, "destroy", i.tryApply(nil, i.planDestroy()))
}

// read refreshes the object.
func (i *instance) read() {
	i.t.Helper()
	resp, err := i.server.ReadResource(i.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: acctest.Type, CurrentState: i.dynamic(i.state), Private: i.private,
	})
	if err != nil {
		i.t.Fatal(err)
	}
	noErrors(i.t, "refresh", resp.Diagnostics)
	i.set(resp.NewState, resp.Private)
}

// importByID imports the object and refreshes it.
func (i *instance) importByID(id string) {
	i.t.Helper()
	resp, err := i.server.ImportResourceState(i.t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: id})
	if err != nil {
		i.t.Fatal(err)
	}
	noErrors(i.t, "import", resp.Diagnostics)
	i.set(resp.ImportedResources[0].State, resp.ImportedResources[0].Private)
	i.read()
}

// create plans and applies a new object.
func (i *instance) create(config attributes) {
	i.t.Helper()
	i.apply(config, i.plan(config))
}

func (i *instance) set(state *tfprotov6.DynamicValue, private []byte) {
	i.t.Helper()
	v, err := state.Unmarshal(i.server.Resource.ValueType())
	if err != nil {
		i.t.Fatal(err)
	}
	i.state, i.private = v, private
}

// unchanged reports whether a plan is a no-op.
func (i *instance) unchanged(plan *tfprotov6.PlanResourceChangeResponse) bool {
	i.t.Helper()
	v, err := plan.PlannedState.Unmarshal(i.server.Resource.ValueType())
	if err != nil {
		i.t.Fatal(err)
	}
	return v.Equal(i.state)
}

func noErrors(t *testing.T, doing string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatalf("%s: %s\n%s", doing, d.Summary, d.Detail)
		}
	}
}

func hasDiagnostic(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, summary string) bool {
	for _, d := range diags {
		if d.Severity == severity && d.Summary == summary {
			return true
		}
	}
	return false
}

const (
	twice        = "Configuration managed by two resources"
	trackedTwice = "Configuration is tracked twice in state"
)

func TestSequence_runBlocksCreateAndDestroy(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := api.NewServer(t)
	config := attributes{"function_name": text("f")}
	for range 2 { // two files of a test, one after the other
		x := newInstance(t, server)
		x.plan(config) // a run block with command = plan
		x.create(config)
		x.read()
		if plan := x.plan(config); !x.unchanged(plan) {
			t.Error("a run block that follows plans a change")
		}
		x.read()
		x.plan(config) // a destroy plan begins with a normal plan
		x.destroy()
		wantLines(t, "left in the API", api.Configs(), nil)
	}
	wantLines(t, "sent", api.WriteLines(), []string{
		acctest.PutDefaults("f:$LATEST"), "Delete f:$LATEST", acctest.PutDefaults("f:$LATEST"), "Delete f:$LATEST",
	})
}

func TestSequence_functionUnknownUntilApply(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	x := newInstance(t, api.NewServer(t))
	x.plan(attributes{"function_name": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)})
	config := attributes{"function_name": text("f")}
	x.apply(config, nil)
	x.read()
	x.plan(config)
	x.destroy()
	wantLines(t, "left in the API", api.Configs(), nil)
}

func TestSequence_normalPlanThenDestroyPlan(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f")}
	for name, begin := range map[string]func(*instance){
		"created by this provider": func(x *instance) { x.create(config) },
		"imported":                 func(x *instance) { x.importByID("f") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
			x := newInstance(t, api.NewServer(t))
			begin(x)
			x.read()
			x.plan(config)
			x.read()
			x.plan(config)
			x.destroy()
			wantLines(t, "left in the API", api.Configs(), nil)
		})
	}
}

func TestSequence_destroyedThenCreatedAgain(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	x := newInstance(t, api.NewServer(t))
	config := attributes{"function_name": text("f")}
	for range 3 {
		x.create(config)
		x.destroy()
		x = newInstance(t, x.server)
	}
	wantLines(t, "left in the API", api.Configs(), nil)
}

func TestSequence_planReadPlan(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	x := newInstance(t, api.NewServer(t))
	x.create(attributes{"function_name": text("f")})
	changed := attributes{"function_name": text("f"), "maximum_retry_attempts": number(0)}
	x.plan(changed)
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumEventAgeInSeconds: new(60)}))
	x.read()
	api.ClearRequests()
	x.apply(changed, x.plan(changed))
	wantLines(t, "sent", api.WriteLines(), []string{`Update f:$LATEST {"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":0}`})
}

// A state that was moved from another provider has no ARN before its first
// refresh. Terraform 1.17 with -minimal-refresh plans it first.
func TestSequence_movedThenPlannedBeforeTheRefresh(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f"), "qualifier": text("live"), "maximum_retry_attempts": number(1)}
	begin := func(t *testing.T) (*acctest.API, *instance) {
		t.Helper()
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
		api.Must(api.PutConfig(acctest.Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(1)}))
		x := newInstance(t, api.NewServer(t))
		moved := move(t, "registry.terraform.io/hashicorp/aws", awsType, 0,
			`{"id":"f:live","function_name":"f","qualifier":"live","maximum_retry_attempts":1}`)
		x.set(moved.TargetState, moved.TargetPrivate)
		return api, x
	}
	t.Run("refreshed then", func(t *testing.T) {
		t.Parallel()
		api, x := begin(t)
		if plan := x.plan(config); x.unchanged(plan) || len(plan.RequiresReplace) > 0 {
			t.Errorf("the plan before the refresh is a no-op or a replacement: %v", plan.RequiresReplace)
		}
		x.read()
		if plan := x.plan(config); !x.unchanged(plan) {
			t.Error("the plan after the refresh is not a no-op")
		}
		wantLines(t, "written", api.WriteLines(), []string{})
	})
	t.Run("applied without a refresh", func(t *testing.T) {
		t.Parallel()
		api, x := begin(t)
		x.apply(config, x.plan(config))
		if id := acctest.GoValue(t, acctest.ObjectAttributes(t, x.server.Resource.ValueType(), x.dynamic(x.state))["id"]); id != functionARN+":live" {
			t.Errorf("id is %v", id)
		}
		wantLines(t, "written", api.WriteLines(), []string{})
	})
	t.Run("destroyed without a refresh", func(t *testing.T) {
		t.Parallel()
		api, x := begin(t)
		x.destroy()
		wantLines(t, "left in the API", api.Configs(), nil)
	})
}

// TestSequence_replacedBeforeItIsDestroyed replaces an object with
// create_before_destroy and changes it, as -replace does.
func TestSequence_replacedBeforeItIsDestroyed(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	before := attributes{"function_name": text("f")}
	after := attributes{"function_name": text("f"), "maximum_retry_attempts": number(0)}
	old := newInstance(t, api.NewServer(t))
	old.create(before)
	old.read()
	first := old.plan(after)
	second := old.planFrom(old.null(), first.PlannedPrivate, after)
	noErrors(t, "second plan", second.Diagnostics)
	created := newInstance(t, old.server)
	created.apply(after, second)
	old.destroy()
	wantLines(t, "sent", api.WriteLines(), []string{acctest.PutDefaults("f:$LATEST"), acctest.PutRequest("f:$LATEST", 21600, 0, "", "")})

	created.read()
	created.plan(after)
	created.destroy()
	wantLines(t, "left in the API", api.Configs(), nil)
}

// TestSequence_swappedQualifiers swaps the qualifiers of two objects with
// create_before_destroy. Terraform may destroy the first old object before it
// creates the second new one.
func TestSequence_swappedQualifiers(t *testing.T) {
	t.Parallel()
	config := func(qualifier string, retries int64) attributes {
		return attributes{"function_name": text("f"), "qualifier": text(qualifier), "maximum_retry_attempts": number(retries)}
	}
	for name, test := range map[string]struct {
		between bool // whether the first old object is destroyed between the two creations
		writes  []string
	}{
		"both created first":       {false, []string{acctest.PutRequest("f:b", 21600, 0, "", ""), acctest.PutRequest("f:a", 21600, 1, "", "")}},
		"one destroyed in between": {true, []string{acctest.PutRequest("f:b", 21600, 0, "", ""), "Delete f:a", acctest.PutRequest("f:a", 21600, 1, "", "")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.CreateAlias(acctest.Region, "f", "a", "$LATEST"))
			api.Must(api.CreateAlias(acctest.Region, "f", "b", "$LATEST"))
			server := api.NewServer(t)
			olds := []*instance{newInstance(t, server), newInstance(t, server)}
			olds[0].create(config("a", 0))
			olds[1].create(config("b", 1))
			swapped := []attributes{config("b", 0), config("a", 1)}
			news := []*instance{newInstance(t, server), newInstance(t, server)}
			var plans []*tfprotov6.PlanResourceChangeResponse
			for i, old := range olds {
				old.read()
				first := old.plan(swapped[i])
				if len(first.RequiresReplace) == 0 {
					t.Fatal("no replacement is planned")
				}
				second := old.planFrom(old.null(), first.PlannedPrivate, swapped[i])
				noErrors(t, "second plan", second.Diagnostics)
				plans = append(plans, second)
			}
			api.ClearRequests()
			news[0].apply(swapped[0], plans[0])
			if test.between {
				olds[0].destroy()
			}
			news[1].apply(swapped[1], plans[1])
			if !test.between {
				olds[0].destroy()
			}
			olds[1].destroy()
			wantLines(t, "sent", api.WriteLines(), test.writes)
			wantLines(t, "in the API", api.Configs(), []string{functionARN + ":a", functionARN + ":b"})
			for qualifier, retries := range map[string]int{"a": 1, "b": 0} {
				if c, _ := api.Config(acctest.Region, "f", qualifier); *c.MaximumRetryAttempts != retries {
					t.Errorf("%s has %d retries, want %d", qualifier, *c.MaximumRetryAttempts, retries)
				}
			}
		})
	}
}

// A plan that removes an object allows to overwrite what state says of it, and
// nothing else.
func TestSequence_driftOfAReplacedObjectIsNotOverwritten(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	after := attributes{"function_name": text("f"), "maximum_retry_attempts": number(0)}
	old := newInstance(t, api.NewServer(t))
	old.create(attributes{"function_name": text("f")})
	old.read()
	second := old.planFrom(old.null(), old.plan(after).PlannedPrivate, after)
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: queue}))
	diags := newInstance(t, old.server).tryApply(after, second)
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, "differs from this resource") {
		t.Errorf("got %+v", diags)
	}
}

func TestSequence_secondResourceIsAnError(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f")}
	begin := func(t *testing.T) (*acctest.API, *instance, *instance) {
		t.Helper()
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		server := api.NewServer(t)
		return api, newInstance(t, server), newInstance(t, server)
	}
	t.Run("both new", func(t *testing.T) {
		t.Parallel()
		_, a, b := begin(t)
		planned := a.plan(config)
		other := b.plan(config) // no error: a plan cannot tell
		a.apply(config, planned)
		if diags := b.tryApply(config, other); !hasDiagnostic(diags, tfprotov6.DiagnosticSeverityError, twice) {
			t.Errorf("got %+v", diags)
		}
	})
	t.Run("one in state", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		a.read()
		a.plan(config)
		b.create(config) // in a later run: the first object may have left the state
		for range 2 {
			a.read()
			b.read()
			for _, x := range []*instance{a, b} {
				plan := x.plan(config)
				shared := x == a // b wrote last
				if x.unchanged(plan) == shared || hasDiagnostic(plan.Diagnostics, tfprotov6.DiagnosticSeverityWarning, trackedTwice) != shared {
					t.Errorf("shared: %t, planned %+v", shared, plan)
				}
			}
		}
		a.destroy()
		wantLines(t, "in the API", api.Configs(), []string{functionARN + ":$LATEST"})
		b.read()
		if !b.unchanged(b.plan(config)) {
			t.Error("the plan for the object that is left is not a no-op")
		}
		b.destroy()
		wantLines(t, "left in the API", api.Configs(), nil)
	})
	t.Run("the first one was forgotten", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config) // and then: lost with the state, or removed without being destroyed
		b.create(config)
		b.read()
		if !b.unchanged(b.plan(config)) {
			t.Error("the plan is not a no-op")
		}
		b.destroy()
		wantLines(t, "left in the API", api.Configs(), nil)
	})
	t.Run("the first one was deleted by another client", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		api.Must(api.DeleteConfig(acctest.Region, "f", ""))
		a.read()
		if !a.state.IsNull() {
			t.Fatal("state still has the object")
		}
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
		b.importByID("f")
		b.read()
		if !b.unchanged(b.plan(config)) {
			t.Error("the plan is not a no-op")
		}
		b.destroy()
		wantLines(t, "left in the API", api.Configs(), nil)
	})
	t.Run("the first one was forgotten and is imported", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		b.importByID("f")
		if !b.unchanged(b.plan(config)) {
			t.Error("the plan is not a no-op")
		}
		b.destroy()
		wantLines(t, "left in the API", api.Configs(), nil)
	})
	t.Run("renamed without moved", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		a.read()
		a.plan(config) // of an earlier run
		a.read()
		planned := b.plan(config)
		a.planDestroy()
		b.apply(config, planned)
		a.destroy()
		wantLines(t, "in the API", api.Configs(), []string{functionARN + ":$LATEST"})
	})
}

// TestSequence_twoObjectsOfOneConfiguration has state with two objects of one
// configuration, as an interrupted create_before_destroy leaves them. One is
// kept and the other one destroyed by another configured provider than the one
// that planned. The configuration must be there afterwards, in whatever order
// they are refreshed, planned and applied.
func TestSequence_twoObjectsOfOneConfiguration(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f")}
	for order := range 8 {
		refreshKeptFirst, planKeptFirst, applyKeptFirst := order&1 != 0, order&2 != 0, order&4 != 0
		t.Run(fmt.Sprintf("refresh %t plan %t apply %t", refreshKeptFirst, planKeptFirst, applyKeptFirst), func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			deposed, kept := newInstance(t, api.NewServer(t)), newInstance(t, api.NewServer(t))
			deposed.create(config)
			kept.create(config) // adopts, as it is another run

			server := api.NewServer(t)
			deposed.server, kept.server = server, server
			var planned *tfprotov6.PlanResourceChangeResponse
			inOrder(refreshKeptFirst, kept.read, deposed.read)
			inOrder(planKeptFirst, func() { planned = kept.plan(config) }, func() { deposed.planDestroy() })

			server = api.NewServer(t)
			deposed.server, kept.server = server, server
			inOrder(applyKeptFirst, func() {
				if !kept.unchanged(planned) {
					kept.apply(config, kept.plan(config))
				}
			}, deposed.destroy)
			wantLines(t, "in the API", api.Configs(), []string{functionARN + ":$LATEST"})

			server = api.NewServer(t)
			kept.server = server
			kept.read()
			if !kept.unchanged(kept.plan(config)) {
				t.Error("the next plan is not a no-op")
			}
			kept.destroy()
			wantLines(t, "left in the API", api.Configs(), nil)
		})
	}
}

// inOrder calls both functions, the first one first if firstFirst is true.
func inOrder(firstFirst bool, first, second func()) {
	if !firstFirst {
		first, second = second, first
	}
	first()
	second()
}

// Run blocks of a test file may run in parallel.
func TestSequence_parallelRunBlocks(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	server := api.NewServer(t)
	const blocks = 8
	var wait sync.WaitGroup
	for i := range blocks {
		f := fmt.Sprintf("f%d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		wait.Go(func() {
			config := attributes{"function_name": text(f)}
			changed := attributes{"function_name": text(f), "maximum_retry_attempts": number(0)}
			for range 5 {
				x := newInstance(t, server)
				x.plan(config)
				x.create(config)
				x.read()
				x.apply(changed, x.plan(changed))
				x.read()
				if !x.unchanged(x.plan(changed)) {
					t.Errorf("%s: the plan is not a no-op", f)
				}
				x.destroy()
			}
		})
	}
	wait.Wait()
	wantLines(t, "left in the API", api.Configs(), nil)
	if writes := len(api.WriteLines()); writes != blocks*5*3 {
		t.Errorf("%d writes, want %d", writes, blocks*5*3)
	}
}

// A refresh that follows an apply, and a refresh that follows another refresh,
// show changes that were made in between.
func TestSequence_refreshShowsOutOfBandChanges(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	x := newInstance(t, api.NewServer(t))
	x.create(attributes{"function_name": text("f")})
	for retries := range 3 {
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(retries)}))
		x.read()
		got := acctest.GoValue(t, acctest.ObjectAttributes(t, x.server.Resource.ValueType(), x.dynamic(x.state))["maximum_retry_attempts"])
		if got != float64(retries) {
			t.Errorf("state has %v retries, want %d", got, retries)
		}
	}
}

// Another provider may change a function between a refresh and a data source
// that depends on the change.
func TestSequence_dataSourceReadsAfterAnotherProvidersChange(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := api.NewServer(t)
	x := newInstance(t, server)
	x.create(attributes{"function_name": text("f")})
	x.read()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	api.Must(err)
	for retries := range 3 {
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(retries)}))
		for _, typeName := range []string{acctest.Type, acctest.Type + "s"} {
			of := schemas.DataSourceSchemas[typeName].ValueType()
			resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
				TypeName: typeName, Config: acctest.Object(t, of, attributes{"function_name": text("f")}),
			})
			api.Must(err)
			noErrors(t, "data source", resp.Diagnostics)
			v, err := resp.State.Unmarshal(of)
			api.Must(err)
			if !strings.Contains(v.String(), fmt.Sprintf(`"maximum_retry_attempts":tftypes.Number<"%d">`, retries)) {
				t.Errorf("%s: got %s, want %d retries", typeName, v, retries)
			}
		}
	}
}
