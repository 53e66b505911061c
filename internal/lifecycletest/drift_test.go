// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestDrift changes one member of each of several configurations behind
// Terraform's back. Each case is a function with one resource, named for it.
func TestDrift(t *testing.T) {
	full := []string{"maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1", Destinations(Topic, Queue)}
	there := func() emulator.Config {
		return emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(1), OnSuccess: Topic, OnFailure: Queue}
	}
	bothSides, noSides := `{"DestinationConfig":`+Sides(Topic, Queue)+`}`, `{"DestinationConfig":`+Sides("", "")+`}`
	cases := map[string]struct {
		arguments []string
		drift     func(*emulator.Config)
		repair    string // body of the Update
	}{
		"age":                {full, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(61) }, `{"MaximumEventAgeInSeconds":60}`},
		"age_unset":          {full, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil }, `{"MaximumEventAgeInSeconds":60}`},
		"retries":            {full, func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, `{"MaximumRetryAttempts":1}`},
		"on_success":         {full, func(c *emulator.Config) { c.OnSuccess = Bus }, bothSides},
		"on_success_removed": {full, func(c *emulator.Config) { c.OnSuccess = "" }, bothSides},
		"on_failure":         {full, func(c *emulator.Config) { c.OnFailure = Bucket }, bothSides},
		"on_failure_removed": {full, func(c *emulator.Config) { c.OnFailure = "" }, bothSides},
		"age_omitted":        {nil, func(c *emulator.Config) { *c = emulator.Config{MaximumEventAgeInSeconds: new(60)} }, `{"MaximumEventAgeInSeconds":21600}`},
		"retries_omitted":    {nil, func(c *emulator.Config) { *c = emulator.Config{MaximumRetryAttempts: new(0)} }, `{"MaximumRetryAttempts":2}`},
		"sides_omitted":      {nil, func(c *emulator.Config) { *c = emulator.Config{OnFailure: Queue} }, noSides},
		"sides_empty":        {[]string{"destination_config = {}"}, func(c *emulator.Config) { *c = emulator.Config{OnSuccess: Queue} }, noSides},
	}
	bothUpdates(t, func(t *testing.T, api *API) {
		var configuration strings.Builder
		var repairs []string
		for name, test := range cases {
			api.Must(api.CreateFunction(Region, name))
			configuration.WriteString(Config(name, name, test.arguments...))
			repairs = append(repairs, "Update "+name+":$LATEST "+test.repair)
		}
		created := api.Apply(configuration.String())
		created.Check = nil
		repaired := eachUpdated(api.Apply(configuration.String()), slices.Collect(maps.Keys(cases)))
		repaired.Check = func(*terraform.State) error { return SameLines(api.Writes(), repairs) }
		api.Run(t, created, After(func() {
			for name, test := range cases {
				config := there()
				test.drift(&config)
				api.Must(api.PutConfig(Region, name, "", config))
			}
		}, repaired))
	})
}

// TestNeverSetIsNoDrift has the numbers go back to "never set", which is the
// same as their defaults.
func TestNeverSetIsNoDrift(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Run(t,
		api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
		After(func() { api.Must(api.PutConfig(Region, "f", "", emulator.Config{})) }, api.Unchanged(Config("x", "f"))),
	)
}

// TestDriftOfAMemberThatIsNotSent has a member change between refresh and
// update: it keeps its planned value, and the next refresh shows it.
func TestDriftOfAMemberThatIsNotSent(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	changed := Config("x", "f", "maximum_retry_attempts = 0")
	stale := api.Planned(plancheck.ResourceActionUpdate, "x", changed, `Update f:$LATEST {"MaximumRetryAttempts":0}`)
	stale.ConfigPlanChecks.PreApply = append(stale.ConfigPlanChecks.PreApply, BeforeApply(func() {
		api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumEventAgeInSeconds: new(60)}))
	}))
	stale.ExpectNonEmptyPlan = true
	api.Run(t,
		api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
		stale,
		api.Planned(plancheck.ResourceActionUpdate, "x", changed, `Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`),
	)
}
