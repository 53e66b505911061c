// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccDrift_isRepaired changes one member of several configurations out of
// band. Each case has a function and a resource of its name.
func TestAccDrift_isRepaired(t *testing.T) {
	full := []string{
		"maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1", acctest.DestinationConfig(topic, queue),
	}
	both := `{"DestinationConfig":` + acctest.DestinationJSON(topic, queue) + `}`
	none := `{"DestinationConfig":` + acctest.DestinationJSON("", "") + `}`
	cases := map[string]struct {
		arguments []string
		drift     func(*emulator.Config)
		repair    string // body of the Update
	}{
		"age": {
			full, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(61) }, `{"MaximumEventAgeInSeconds":60}`,
		},
		"age_unset": {
			full, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil }, `{"MaximumEventAgeInSeconds":60}`,
		},
		"retries": {
			full, func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, `{"MaximumRetryAttempts":1}`,
		},
		"on_success":         {full, func(c *emulator.Config) { c.OnSuccess = eventBus }, both},
		"on_success_removed": {full, func(c *emulator.Config) { c.OnSuccess = "" }, both},
		"on_failure":         {full, func(c *emulator.Config) { c.OnFailure = bucket }, both},
		"on_failure_removed": {full, func(c *emulator.Config) { c.OnFailure = "" }, both},
		"age_omitted": {
			nil, func(c *emulator.Config) { *c = emulator.Config{MaximumEventAgeInSeconds: new(60)} },
			`{"MaximumEventAgeInSeconds":21600}`,
		},
		"retries_omitted": {
			nil, func(c *emulator.Config) { *c = emulator.Config{MaximumRetryAttempts: new(0)} },
			`{"MaximumRetryAttempts":2}`,
		},
		"destinations_omitted": {nil, func(c *emulator.Config) { *c = emulator.Config{OnFailure: queue} }, none},
		"destinations_empty": {
			[]string{"destination_config = {}"}, func(c *emulator.Config) { *c = emulator.Config{OnSuccess: queue} }, none,
		},
	}
	inBothUpdateModes(t, func(t *testing.T, api *acctest.API) {
		var configuration strings.Builder
		var repairs []string
		for name, test := range cases {
			api.Must(api.CreateFunction(acctest.Region, name))
			configuration.WriteString(acctest.Config(name, name, test.arguments...))
			repairs = append(repairs, "Update "+name+":$LATEST "+test.repair)
		}
		create := api.ApplyStep(configuration.String())
		create.Check = nil
		repair := withUpdates(api.ApplyStep(configuration.String()), slices.Collect(maps.Keys(cases)))
		api.ParallelTest(t, create, acctest.WithPreConfig(func() {
			for name, test := range cases {
				config := emulator.Config{
					MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(1), OnSuccess: topic, OnFailure: queue,
				}
				test.drift(&config)
				api.Must(api.PutConfig(acctest.Region, name, "", config))
			}
		}, api.WithUnorderedWrites(repair, repairs...)))
	})
}

// A number that was never set has its default.
func TestAccDrift_unsetNumbersAreDefaults(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		acctest.WithPreConfig(func() { api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{})) },
			api.NoOpStep(acctest.Config("x", "f"))),
	)
}

// A member that changes between plan and apply, and that the update does not
// send, keeps its planned value in state. The next refresh shows the drift.
func TestAccDrift_betweenPlanAndApply(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	changed := acctest.Config("x", "f", "maximum_retry_attempts = 0")
	update := acctest.WithPlanCheck(acctest.BeforeApply(func() {
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumEventAgeInSeconds: new(60)}))
	}), api.UpdateStep(changed, `Update f:$LATEST {"MaximumRetryAttempts":0}`))
	update.ExpectNonEmptyPlan = true
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		update,
		api.UpdateStep(changed, `Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`),
	)
}
