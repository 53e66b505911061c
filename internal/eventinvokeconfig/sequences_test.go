// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// The tests TestSequence call one configured provider in the order of CLIs that
// plan, refresh, apply and destroy several times with one provider: terraform test
// since 1.13, plan -minimal-refresh of 1.17, and Stacks.

const (
	twoResourcesError   = "Configuration managed by two resources"
	trackedTwiceWarning = "Configuration is tracked twice in state"
)

func TestSequence_runBlocksCreateAndDestroy(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := api.NewServer(t)
	config := attributes{"function_name": text("f")}
	for range 2 { // two test files
		x := newInstance(t, server)
		x.plan(config) // a run block with command = plan
		x.create(config)
		x.read()
		x.expectNoOp(config)
		x.read()
		x.plan(config) // a destroy plan starts with a normal plan
		x.destroy()
		expectLines(t, "left in the API", api.Configs(), nil)
	}
	expectLines(t, "sent", api.WriteLines(), []string{
		acctest.PutDefaults("f:$LATEST"), "Delete f:$LATEST", acctest.PutDefaults("f:$LATEST"), "Delete f:$LATEST",
	})
}

func TestSequence_importThenDestroyPlan(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	config := attributes{"function_name": text("f")}
	x := newInstance(t, api.NewServer(t))
	x.importByID("f")
	for range 2 {
		x.read()
		x.plan(config)
	}
	x.destroy()
	expectLines(t, "left in the API", api.Configs(), nil)
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
	expectLines(t, "sent", api.WriteLines(), []string{
		`Update f:$LATEST {"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":0}`,
	})
}

// Moved state has no ARN before its first refresh. Terraform 1.17 with
// -minimal-refresh plans before that refresh.
func TestSequence_movedStateIsPlannedBeforeRefresh(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f"), "qualifier": text("live"), "maximum_retry_attempts": number(1)}
	begin := func(t *testing.T) (*acctest.API, *instance) {
		t.Helper()
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
		api.Must(api.PutConfig(acctest.Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(1)}))
		x := newInstance(t, api.NewServer(t))
		moved := moveState(t, "registry.terraform.io/hashicorp/aws", awsType, 0,
			`{"id":"f:live","function_name":"f","qualifier":"live","maximum_retry_attempts":1}`)
		x.set(moved.TargetState, moved.TargetPrivate)
		return api, x
	}
	t.Run("then refreshed", func(t *testing.T) {
		t.Parallel()
		api, x := begin(t)
		if plan := x.plan(config); x.isNoOp(plan) || len(plan.RequiresReplace) > 0 {
			t.Errorf("the plan before the refresh is a no-op or a replacement: %v", plan.RequiresReplace)
		}
		x.read()
		x.expectNoOp(config)
		expectLines(t, "sent", api.WriteLines(), nil)
	})
	t.Run("applied without a refresh", func(t *testing.T) {
		t.Parallel()
		api, x := begin(t)
		x.apply(config, x.plan(config))
		if id := x.attribute("id"); id != functionARN+":live" {
			t.Errorf("id is %v", id)
		}
		expectLines(t, "sent", api.WriteLines(), nil)
	})
	t.Run("destroyed without a refresh", func(t *testing.T) {
		t.Parallel()
		api, x := begin(t)
		x.destroy()
		expectLines(t, "left in the API", api.Configs(), nil)
	})
}

// One apply replaces an object with create_before_destroy and changes it.
func TestSequence_createBeforeDestroy(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	before := attributes{"function_name": text("f")}
	after := attributes{"function_name": text("f"), "maximum_retry_attempts": number(0)}
	old := newInstance(t, api.NewServer(t))
	old.create(before)
	old.read()
	first := old.plan(after)
	second := old.planFrom(old.null(), first.PlannedPrivate, after)
	created := newInstance(t, old.server)
	created.apply(after, second)
	old.destroy()
	expectLines(t, "sent", api.WriteLines(), []string{
		acctest.PutDefaults("f:$LATEST"), acctest.PutRequest("f:$LATEST", 21600, 0, "", ""),
	})

	created.read()
	created.plan(after)
	created.destroy()
	expectLines(t, "left in the API", api.Configs(), nil)
}

// One apply swaps the qualifiers of two objects with create_before_destroy.
// Terraform may destroy the first old object before it creates the second new one.
func TestSequence_swappedQualifiers(t *testing.T) {
	t.Parallel()
	config := func(qualifier string, retries int64) attributes {
		return attributes{"function_name": text("f"), "qualifier": text(qualifier), "maximum_retry_attempts": number(retries)}
	}
	for name, test := range map[string]struct {
		destroysBetween bool // the two creations
		writes          []string
	}{
		"both created first": {false, []string{
			acctest.PutRequest("f:b", 21600, 0, "", ""), acctest.PutRequest("f:a", 21600, 1, "", ""),
		}},
		"one destroyed in between": {true, []string{
			acctest.PutRequest("f:b", 21600, 0, "", ""), "Delete f:a", acctest.PutRequest("f:a", 21600, 1, "", ""),
		}},
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
				plans = append(plans, second)
			}
			api.ClearRequests()
			news[0].apply(swapped[0], plans[0])
			if test.destroysBetween {
				olds[0].destroy()
			}
			news[1].apply(swapped[1], plans[1])
			if !test.destroysBetween {
				olds[0].destroy()
			}
			olds[1].destroy()
			expectLines(t, "sent", api.WriteLines(), test.writes)
			expectLines(t, "in the API", api.Configs(), []string{functionARN + ":a", functionARN + ":b"})
			for qualifier, retries := range map[string]int{"a": 1, "b": 0} {
				if c, _ := api.Config(acctest.Region, "f", qualifier); *c.MaximumRetryAttempts != retries {
					t.Errorf("%s has %d retries, want %d", qualifier, *c.MaximumRetryAttempts, retries)
				}
			}
		})
	}
}

// A plan that removes an object allows its replacement to overwrite the
// configuration in state, but not a configuration with drift.
func TestSequence_replacementKeepsDrift(t *testing.T) {
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

func TestSequence_twoResources(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f")}
	begin := func(t *testing.T) (*acctest.API, *instance, *instance) {
		t.Helper()
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		server := api.NewServer(t)
		return api, newInstance(t, server), newInstance(t, server)
	}
	// expectOwner checks that x plans a no-op and deletes the configuration.
	expectOwner := func(t *testing.T, api *acctest.API, x *instance) {
		t.Helper()
		x.expectNoOp(config)
		x.destroy()
		expectLines(t, "left in the API", api.Configs(), nil)
	}
	t.Run("both new", func(t *testing.T) {
		t.Parallel()
		_, a, b := begin(t)
		planned := a.plan(config)
		other := b.plan(config) // a plan cannot find the error
		a.apply(config, planned)
		if diags := b.tryApply(config, other); !hasDiagnostic(diags, tfprotov6.DiagnosticSeverityError, twoResourcesError) {
			t.Errorf("got %+v", diags)
		}
	})
	t.Run("one in state", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		a.read()
		a.plan(config)
		b.create(config) // in a later run, whose state may not have the first object
		for range 2 {
			a.read()
			b.read()
			for _, x := range []*instance{a, b} {
				plan := x.plan(config)
				shared := x == a // b has written last
				warned := hasDiagnostic(plan.Diagnostics, tfprotov6.DiagnosticSeverityWarning, trackedTwiceWarning)
				if x.isNoOp(plan) == shared || warned != shared {
					t.Errorf("shared: %t, planned %+v", shared, plan)
				}
			}
		}
		a.destroy()
		expectLines(t, "in the API", api.Configs(), []string{functionARN + ":$LATEST"})
		b.read()
		expectOwner(t, api, b)
	})
	t.Run("first one left state", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config) // then lost with the state, or removed without a destroy
		b.create(config)
		b.read()
		expectOwner(t, api, b)
	})
	t.Run("another client deleted the first one", func(t *testing.T) {
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
		expectOwner(t, api, b)
	})
	t.Run("first one left state, second one imported", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		b.importByID("f")
		expectOwner(t, api, b)
	})
	t.Run("renamed without moved", func(t *testing.T) {
		t.Parallel()
		api, a, b := begin(t)
		a.create(config)
		a.read()
		a.plan(config) // in an earlier run
		a.read()
		planned := b.plan(config)
		a.planDestroy()
		b.apply(config, planned)
		a.destroy()
		expectLines(t, "in the API", api.Configs(), []string{functionARN + ":$LATEST"})
	})
}

// State has two objects of one configuration, as after an interrupted
// create_before_destroy. One is kept and the other one destroyed by other
// configured providers than the provider of the plan. The configuration must stay,
// in any order of the refreshes, plans and applies.
func TestSequence_twoObjectsOfOneConfiguration(t *testing.T) {
	t.Parallel()
	config := attributes{"function_name": text("f")}
	for order := range 8 {
		refreshKeptFirst, planKeptFirst, applyKeptFirst := order&1 != 0, order&2 != 0, order&4 != 0
		name := fmt.Sprintf("refresh %t plan %t apply %t", refreshKeptFirst, planKeptFirst, applyKeptFirst)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			deposed, kept := newInstance(t, api.NewServer(t)), newInstance(t, api.NewServer(t))
			deposed.create(config)
			kept.create(config) // another run: adopts the configuration

			server := api.NewServer(t)
			deposed.server, kept.server = server, server
			var planned *tfprotov6.PlanResourceChangeResponse
			inOrder(refreshKeptFirst, func() { kept.read() }, func() { deposed.read() })
			inOrder(planKeptFirst, func() { planned = kept.plan(config) }, func() { deposed.planDestroy() })

			server = api.NewServer(t)
			deposed.server, kept.server = server, server
			inOrder(applyKeptFirst, func() {
				if !kept.isNoOp(planned) {
					kept.apply(config, kept.plan(config))
				}
			}, deposed.destroy)
			expectLines(t, "in the API", api.Configs(), []string{functionARN + ":$LATEST"})

			server = api.NewServer(t)
			kept.server = server
			kept.read()
			kept.expectNoOp(config)
			kept.destroy()
			expectLines(t, "left in the API", api.Configs(), nil)
		})
	}
}

// inOrder calls two functions in the given order, or in the reverse order.
func inOrder(isInOrder bool, first, second func()) {
	if !isInOrder {
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
				x.expectNoOp(changed)
				x.destroy()
			}
		})
	}
	wait.Wait()
	expectLines(t, "left in the API", api.Configs(), nil)
	if writes := len(api.WriteLines()); writes != blocks*5*3 {
		t.Errorf("%d writes, want %d", writes, blocks*5*3)
	}
}

// A refresh after an apply or after a refresh shows changes in between.
func TestSequence_refreshShowsOutOfBandChanges(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	x := newInstance(t, api.NewServer(t))
	x.create(attributes{"function_name": text("f")})
	for retries := range 3 {
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(retries)}))
		x.read()
		got := x.attribute("maximum_retry_attempts")
		if got != float64(retries) {
			t.Errorf("state has %v retries, want %d", got, retries)
		}
	}
}

// A data source may depend on a change that another provider makes after the
// refresh.
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
			x.must(nil, resp.Diagnostics)
			v, err := resp.State.Unmarshal(of)
			api.Must(err)
			if !strings.Contains(v.String(), fmt.Sprintf(`"maximum_retry_attempts":tftypes.Number<"%d">`, retries)) {
				t.Errorf("%s: got %s, want %d retries", typeName, v, retries)
			}
		}
	}
}
