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

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccIgnoreChanges updates a member while an ignored member changes out of
// band: first before the refresh, then between plan and apply. Each case has a
// function and a resource of its name.
func TestAccIgnoreChanges(t *testing.T) {
	const age, retries = "maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1"
	const noRetries = "maximum_retry_attempts = 0"
	destinations := acctest.DestinationConfig
	members := func(onSuccess, onFailure, number string) string {
		return `{"DestinationConfig":` + acctest.DestinationJSON(onSuccess, onFailure) + number + `}`
	}
	const updateTo, updateFrom = `{"MaximumRetryAttempts":0}`, `{"MaximumRetryAttempts":1}`
	cases := map[string]struct {
		ignored              string
		from, to             []string // arguments
		created              settings
		atRefresh, atApply   func(*emulator.Config)
		updateTo, updateFrom string // bodies of the Updates
	}{
		"age": {
			"maximum_event_age_in_seconds",
			[]string{age, retries, destinations(topic, queue)}, []string{age, noRetries, destinations(topic, queue)},
			settings{60, 1, topic, queue},
			func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(61) },
			func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil },
			updateTo, updateFrom,
		},
		"retries": {
			"maximum_retry_attempts",
			[]string{age, retries}, []string{retries, destinations("", queue)},
			settings{60, 1, "", ""},
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) },
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(2) },
			members("", queue, `,"MaximumEventAgeInSeconds":21600`), members("", "", `,"MaximumEventAgeInSeconds":60`),
		},
		"retries_omitted": {
			"maximum_retry_attempts",
			[]string{age}, nil,
			settings{60, 2, "", ""},
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) },
			func(c *emulator.Config) { c.MaximumRetryAttempts = new(1) },
			`{"MaximumEventAgeInSeconds":21600}`, `{"MaximumEventAgeInSeconds":60}`,
		},
		"destinations": {
			"destination_config",
			[]string{retries, destinations(topic, queue)}, []string{noRetries, destinations(topic, queue)},
			settings{21600, 1, topic, queue},
			func(c *emulator.Config) { c.OnSuccess, c.OnFailure = eventBus, bucket },
			func(c *emulator.Config) { c.OnSuccess, c.OnFailure = "", topic },
			updateTo, updateFrom,
		},
		"destinations_omitted": {
			"destination_config",
			[]string{retries}, []string{noRetries},
			settings{21600, 1, "", ""},
			func(c *emulator.Config) { c.OnFailure = bucket },
			func(c *emulator.Config) { c.OnSuccess = topic },
			updateTo, updateFrom,
		},
		"on_success": {
			"destination_config.on_success",
			[]string{destinations(topic, queue)}, []string{destinations(topic, bucket)},
			settings{21600, 2, topic, queue},
			func(c *emulator.Config) { c.OnSuccess = eventBus },
			func(c *emulator.Config) { c.OnSuccess = "" },
			members(eventBus, bucket, ""), members("", queue, ""),
		},
		"on_success_omitted": {
			"destination_config.on_success",
			[]string{destinations("", queue)}, []string{destinations("", "")},
			settings{21600, 2, "", queue},
			func(c *emulator.Config) { c.OnSuccess = eventBus },
			func(c *emulator.Config) { c.OnSuccess = topic },
			members(eventBus, "", ""), members(topic, queue, ""),
		},
		"on_failure": {
			"destination_config.on_failure.destination",
			[]string{retries, destinations(topic, queue)}, []string{destinations("", queue)},
			settings{21600, 1, topic, queue},
			func(c *emulator.Config) { c.OnFailure = bucket },
			func(c *emulator.Config) { c.OnFailure = topic },
			members("", bucket, `,"MaximumRetryAttempts":2`), members(topic, topic, `,"MaximumRetryAttempts":1`),
		},
	}
	inBothUpdateModes(t, func(t *testing.T, api *acctest.API) {
		var from, to strings.Builder
		var puts, updatesTo, updatesFrom []string
		atRefresh, atApply := map[string]func(*emulator.Config){}, map[string]func(*emulator.Config){}
		for name, test := range cases {
			api.Must(api.CreateFunction(acctest.Region, name))
			ignored := "lifecycle {\n    ignore_changes = [" + test.ignored + "]\n  }"
			from.WriteString(acctest.Config(name, name, append(slices.Clip(test.from), ignored)...))
			to.WriteString(acctest.Config(name, name, append(slices.Clip(test.to), ignored)...))
			created := test.created
			puts = append(puts, acctest.PutRequest(
				name+":$LATEST", created.age, created.retries, created.onSuccess, created.onFailure))
			updatesTo = append(updatesTo, "Update "+name+":$LATEST "+test.updateTo)
			updatesFrom = append(updatesFrom, "Update "+name+":$LATEST "+test.updateFrom)
			atRefresh[name], atApply[name] = test.atRefresh, test.atApply
		}
		drift := func(changes map[string]func(*emulator.Config)) func() {
			return func() {
				for name, change := range changes {
					config, _ := api.Config(acctest.Region, name, "")
					change(&config)
					api.Must(api.PutConfig(acctest.Region, name, "", config))
				}
			}
		}
		// A configuration that has the drift already is equal before and after the change.
		keepsDrift := func(step resource.TestStep, changes map[string]func(*emulator.Config)) resource.TestStep {
			checkWrites := step.Check
			step.Check = func(state *terraform.State) error {
				for name, change := range changes {
					got, _ := api.Config(acctest.Region, name, "")
					want := got
					if change(&want); !reflect.DeepEqual(got, want) {
						return fmt.Errorf("%s: got %+v, want the drift of %+v", name, got, want)
					}
				}
				return checkWrites(state)
			}
			return step
		}
		names := slices.Collect(maps.Keys(cases))
		late := api.WithUnorderedWrites(withUpdates(api.ApplyStep(from.String()), names), updatesFrom...)
		early := api.WithUnorderedWrites(withUpdates(api.ApplyStep(to.String()), names), updatesTo...)
		api.ParallelTest(t,
			api.WithUnorderedWrites(api.ApplyStep(from.String()), puts...),
			keepsDrift(acctest.WithPreConfig(drift(atRefresh), early), atRefresh),
			keepsDrift(acctest.WithPlanCheck(acctest.BeforeApply(drift(atApply)), late), atApply),
			keepsDrift(api.NoOpStep(from.String()), atApply),
		)
	})
}

func TestAccRemovedBlock_keepsConfiguration(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	removed := "removed {\n  from = " + resourceX + "\n  lifecycle {\n    destroy = false\n  }\n}\n"
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		api.ApplyStep(removed), // sends nothing
		api.ActionStep(plancheck.ResourceActionCreate, "x", acctest.Config("x", "f")), // adopts the configuration
	)
}
