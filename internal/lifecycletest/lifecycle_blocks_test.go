// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestIgnoreChanges changes a member to and fro, while somebody else changes
// the ignored one: first before the refresh, then between plan and apply. Each
// case is a function with one resource, named for it.
func TestIgnoreChanges(t *testing.T) {
	const age, retries = "maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1"
	type created struct {
		age, retries         int
		onSuccess, onFailure string
	}
	updateSides := func(onSuccess, onFailure string) string {
		return `{"DestinationConfig":` + Sides(onSuccess, onFailure) + `}`
	}
	cases := map[string]struct {
		ignored       string
		from, to      []string // arguments
		there         created
		before, after func(*emulator.Config)
		toTo, toFrom  string // bodies of the Updates
	}{
		"age": {
			"maximum_event_age_in_seconds",
			[]string{age, retries, Destinations(Topic, Queue)}, []string{age, "maximum_retry_attempts = 0", Destinations(Topic, Queue)},
			created{60, 1, Topic, Queue},
			func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(61) }, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil },
			`{"MaximumRetryAttempts":0}`, `{"MaximumRetryAttempts":1}`,
		},
		"retries": {
			"maximum_retry_attempts",
			[]string{age, retries}, []string{retries, Destinations("", Queue)},
			created{60, 1, "", ""},
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, func(c *emulator.Config) { c.MaximumRetryAttempts = new(2) },
			`{"DestinationConfig":` + Sides("", Queue) + `,"MaximumEventAgeInSeconds":21600}`,
			`{"DestinationConfig":` + Sides("", "") + `,"MaximumEventAgeInSeconds":60}`,
		},
		"retries_omitted": {
			"maximum_retry_attempts",
			[]string{age}, nil,
			created{60, 2, "", ""},
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, func(c *emulator.Config) { c.MaximumRetryAttempts = new(1) },
			`{"MaximumEventAgeInSeconds":21600}`, `{"MaximumEventAgeInSeconds":60}`,
		},
		"destinations": {
			"destination_config",
			[]string{retries, Destinations(Topic, Queue)}, []string{"maximum_retry_attempts = 0", Destinations(Topic, Queue)},
			created{21600, 1, Topic, Queue},
			func(c *emulator.Config) { c.OnSuccess, c.OnFailure = Bus, Bucket }, func(c *emulator.Config) { c.OnSuccess, c.OnFailure = "", Topic },
			`{"MaximumRetryAttempts":0}`, `{"MaximumRetryAttempts":1}`,
		},
		"destinations_omitted": {
			"destination_config",
			[]string{retries}, []string{"maximum_retry_attempts = 0"},
			created{21600, 1, "", ""},
			func(c *emulator.Config) { c.OnFailure = Bucket }, func(c *emulator.Config) { c.OnSuccess = Topic },
			`{"MaximumRetryAttempts":0}`, `{"MaximumRetryAttempts":1}`,
		},
		"on_success": {
			"destination_config.on_success",
			[]string{Destinations(Topic, Queue)}, []string{Destinations(Topic, Bucket)},
			created{21600, 2, Topic, Queue},
			func(c *emulator.Config) { c.OnSuccess = Bus }, func(c *emulator.Config) { c.OnSuccess = "" },
			updateSides(Bus, Bucket), updateSides("", Queue),
		},
		"on_success_omitted": {
			"destination_config.on_success",
			[]string{Destinations("", Queue)}, []string{Destinations("", "")},
			created{21600, 2, "", Queue},
			func(c *emulator.Config) { c.OnSuccess = Bus }, func(c *emulator.Config) { c.OnSuccess = Topic },
			updateSides(Bus, ""), updateSides(Topic, Queue),
		},
		"on_failure": {
			"destination_config.on_failure.destination",
			[]string{retries, Destinations(Topic, Queue)}, []string{Destinations("", Queue)},
			created{21600, 1, Topic, Queue},
			func(c *emulator.Config) { c.OnFailure = Bucket }, func(c *emulator.Config) { c.OnFailure = Topic },
			`{"DestinationConfig":` + Sides("", Bucket) + `,"MaximumRetryAttempts":2}`,
			`{"DestinationConfig":` + Sides(Topic, Topic) + `,"MaximumRetryAttempts":1}`,
		},
	}
	bothUpdates(t, func(t *testing.T, api *API) {
		configuration := func(arguments func(name string) []string) string {
			var all strings.Builder
			for name, test := range cases {
				ignored := "lifecycle {\n    ignore_changes = [" + test.ignored + "]\n  }"
				all.WriteString(Config(name, name, append(slices.Clip(arguments(name)), ignored)...))
			}
			return all.String()
		}
		from := configuration(func(name string) []string { return cases[name].from })
		to := configuration(func(name string) []string { return cases[name].to })
		var puts, toTo, toFrom []string
		for name, test := range cases {
			api.Must(api.CreateFunction(Region, name))
			puts = append(puts, Put(name+":$LATEST", test.there.age, test.there.retries, test.there.onSuccess, test.there.onFailure))
			toTo = append(toTo, "Update "+name+":$LATEST "+test.toTo)
			toFrom = append(toFrom, "Update "+name+":$LATEST "+test.toFrom)
		}
		before := func(name string) func(*emulator.Config) { return cases[name].before }
		after := func(name string) func(*emulator.Config) { return cases[name].after }
		meddle := func(change func(name string) func(*emulator.Config)) func() {
			return func() {
				for name := range cases {
					config, _ := api.Config(Region, name, "")
					change(name)(&config)
					api.Must(api.PutConfig(Region, name, "", config))
				}
			}
		}
		// A change that has been made already changes nothing.
		stays := func(change func(name string) func(*emulator.Config)) resource.TestCheckFunc {
			return func(*terraform.State) error {
				for name := range cases {
					there, _ := api.Config(Region, name, "")
					changed := there
					if change(name)(&changed); !reflect.DeepEqual(there, changed) {
						return fmt.Errorf("%s: there is %+v, and not what was changed behind Terraform's back: %+v", name, there, changed)
					}
				}
				return nil
			}
		}
		sends := func(step resource.TestStep, lines []string) resource.TestStep {
			step.Check = func(*terraform.State) error { return SameLines(api.Writes(), lines) }
			return step
		}
		names := slices.Collect(maps.Keys(cases))
		late := sends(eachUpdated(api.Apply(from), names), toFrom)
		late.ConfigPlanChecks.PreApply = append(late.ConfigPlanChecks.PreApply, BeforeApply(meddle(after)))
		api.Run(t,
			sends(api.Apply(from), puts),
			Checked(After(meddle(before), sends(eachUpdated(api.Apply(to), names), toTo)), stays(before)),
			Checked(late, stays(after)),
			Checked(api.Unchanged(from), stays(after)),
		)
	})
}

// TestRemovedKeeps takes a resource out of the state and leaves what it is.
func TestRemovedKeeps(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	forgotten := api.Apply("removed {\n  from = " + Type + ".x\n  lifecycle {\n    destroy = false\n  }\n}\n")
	api.Run(t,
		api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
		Checked(forgotten, func(state *terraform.State) error {
			if n := len(state.RootModule().Resources); n > 0 {
				return fmt.Errorf("%d resources in the state", n)
			}
			return SameLines(api.Configs(), []string{ARNOfF + ":$LATEST"})
		}),
		// It is there to be adopted, and this destroys it.
		api.Planned(plancheck.ResourceActionCreate, "x", Config("x", "f")),
	)
}
