// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestIgnoreChanges changes a member to and fro, while somebody else changes
// the ignored one: first before the refresh, then between plan and apply.
func TestIgnoreChanges(t *testing.T) {
	const age, retries = "maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1"
	updateSides := func(onSuccess, onFailure string) string {
		return `Update f:$LATEST {"DestinationConfig":` + sides(onSuccess, onFailure) + `}`
	}
	for name, test := range map[string]struct {
		ignored       string
		from, to      []string // arguments
		there         string   // what is created
		before, after func(*emulator.Config)
		toTo, toFrom  string // what is sent
	}{
		"age": {
			"maximum_event_age_in_seconds",
			[]string{age, retries, destinations(topic, queue)}, []string{age, "maximum_retry_attempts = 0", destinations(topic, queue)},
			put("f:$LATEST", 60, 1, topic, queue),
			func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(61) }, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil },
			`Update f:$LATEST {"MaximumRetryAttempts":0}`, `Update f:$LATEST {"MaximumRetryAttempts":1}`,
		},
		"retries": {
			"maximum_retry_attempts",
			[]string{age, retries}, []string{retries, destinations("", queue)},
			put("f:$LATEST", 60, 1, "", ""),
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, func(c *emulator.Config) { c.MaximumRetryAttempts = new(2) },
			`Update f:$LATEST {"DestinationConfig":` + sides("", queue) + `,"MaximumEventAgeInSeconds":21600}`,
			`Update f:$LATEST {"DestinationConfig":` + sides("", "") + `,"MaximumEventAgeInSeconds":60}`,
		},
		"retries that are left out": {
			"maximum_retry_attempts",
			[]string{age}, nil,
			put("f:$LATEST", 60, 2, "", ""),
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, func(c *emulator.Config) { c.MaximumRetryAttempts = new(1) },
			`Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`, `Update f:$LATEST {"MaximumEventAgeInSeconds":60}`,
		},
		"both destinations": {
			"destination_config",
			[]string{retries, destinations(topic, queue)}, []string{"maximum_retry_attempts = 0", destinations(topic, queue)},
			put("f:$LATEST", 21600, 1, topic, queue),
			func(c *emulator.Config) { c.OnSuccess, c.OnFailure = bus, bucket }, func(c *emulator.Config) { c.OnSuccess, c.OnFailure = "", topic },
			`Update f:$LATEST {"MaximumRetryAttempts":0}`, `Update f:$LATEST {"MaximumRetryAttempts":1}`,
		},
		"both destinations, left out": {
			"destination_config",
			[]string{retries}, []string{"maximum_retry_attempts = 0"},
			put("f:$LATEST", 21600, 1, "", ""),
			func(c *emulator.Config) { c.OnFailure = bucket }, func(c *emulator.Config) { c.OnSuccess = topic },
			`Update f:$LATEST {"MaximumRetryAttempts":0}`, `Update f:$LATEST {"MaximumRetryAttempts":1}`,
		},
		"on_success": {
			"destination_config.on_success",
			[]string{destinations(topic, queue)}, []string{destinations(topic, bucket)},
			put("f:$LATEST", 21600, 2, topic, queue),
			func(c *emulator.Config) { c.OnSuccess = bus }, func(c *emulator.Config) { c.OnSuccess = "" },
			updateSides(bus, bucket), updateSides("", queue),
		},
		"on_success that is left out": {
			"destination_config.on_success",
			[]string{destinations("", queue)}, []string{destinations("", "")},
			put("f:$LATEST", 21600, 2, "", queue),
			func(c *emulator.Config) { c.OnSuccess = bus }, func(c *emulator.Config) { c.OnSuccess = topic },
			updateSides(bus, ""), updateSides(topic, queue),
		},
		"on_failure": {
			"destination_config.on_failure.destination",
			[]string{retries, destinations(topic, queue)}, []string{destinations("", queue)},
			put("f:$LATEST", 21600, 1, topic, queue),
			func(c *emulator.Config) { c.OnFailure = bucket }, func(c *emulator.Config) { c.OnFailure = topic },
			`Update f:$LATEST {"DestinationConfig":` + sides("", bucket) + `,"MaximumRetryAttempts":2}`,
			`Update f:$LATEST {"DestinationConfig":` + sides(topic, topic) + `,"MaximumRetryAttempts":1}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bothUpdates(t, func(t *testing.T, api *API) {
				configuration := func(arguments []string) string {
					return Config("x", "f", append(slices.Clip(arguments), "lifecycle {\n    ignore_changes = ["+test.ignored+"]\n  }")...)
				}
				meddle := func(change func(*emulator.Config)) func() {
					return func() {
						config, _ := api.Config(Region, "f", "")
						change(&config)
						api.Must(api.PutConfig(Region, "f", "", config))
					}
				}
				// A change that has been made already changes nothing.
				stays := func(change func(*emulator.Config)) resource.TestCheckFunc {
					return func(*terraformState) error {
						there, _ := api.Config(Region, "f", "")
						changed := there
						if change(&changed); !reflect.DeepEqual(there, changed) {
							return fmt.Errorf("there is %+v, and not what was changed behind Terraform's back: %+v", there, changed)
						}
						return nil
					}
				}
				late := api.Planned(plancheck.ResourceActionUpdate, "x", configuration(test.from), test.toFrom)
				late.ConfigPlanChecks.PreApply = append(late.ConfigPlanChecks.PreApply, behind(meddle(test.after)))
				api.Run(t,
					api.Apply(configuration(test.from), test.there),
					Checked(After(meddle(test.before), api.Planned(plancheck.ResourceActionUpdate, "x", configuration(test.to), test.toTo)), stays(test.before)),
					Checked(late, stays(test.after)),
					Checked(api.Unchanged(configuration(test.from)), stays(test.after)),
				)
			})
		})
	}
}

// TestRemovedKeeps takes a resource out of the state and leaves what it is.
func TestRemovedKeeps(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	forgotten := api.Apply("removed {\n  from = " + Type + ".x\n  lifecycle {\n    destroy = false\n  }\n}\n")
	api.Run(t,
		api.Apply(Config("x", "f"), put("f:$LATEST", 21600, 2, "", "")),
		Checked(forgotten, func(state *terraformState) error {
			if n := len(state.RootModule().Resources); n > 0 {
				return fmt.Errorf("%d resources in the state", n)
			}
			return sameLines(api.Configs(), []string{arnOfF + ":$LATEST"})
		}),
		// It is there to be adopted, and this destroys it.
		api.Planned(plancheck.ResourceActionCreate, "x", Config("x", "f")),
	)
}
