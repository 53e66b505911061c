// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestDrift(t *testing.T) {
	full := Config("x", "f", "maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1", destinations(topic, queue))
	there := func() emulator.Config {
		return emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(1), OnSuccess: topic, OnFailure: queue}
	}
	const (
		bothSides = `Update f:$LATEST {"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{"Destination":"` + topic + `"}}}`
		noSides   = `Update f:$LATEST {"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`
	)
	for name, test := range map[string]struct {
		configuration string
		drift         func(*emulator.Config)
		repair        string
	}{
		"age":                       {full, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(61) }, `Update f:$LATEST {"MaximumEventAgeInSeconds":60}`},
		"age, never set":            {full, func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil }, `Update f:$LATEST {"MaximumEventAgeInSeconds":60}`},
		"retries":                   {full, func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, `Update f:$LATEST {"MaximumRetryAttempts":1}`},
		"on_success":                {full, func(c *emulator.Config) { c.OnSuccess = bus }, bothSides},
		"on_success, removed":       {full, func(c *emulator.Config) { c.OnSuccess = "" }, bothSides},
		"on_failure":                {full, func(c *emulator.Config) { c.OnFailure = bucket }, bothSides},
		"on_failure, removed":       {full, func(c *emulator.Config) { c.OnFailure = "" }, bothSides},
		"age that is left out":      {Config("x", "f"), func(c *emulator.Config) { *c = emulator.Config{MaximumEventAgeInSeconds: new(60)} }, `Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`},
		"retries that are left out": {Config("x", "f"), func(c *emulator.Config) { *c = emulator.Config{MaximumRetryAttempts: new(0)} }, `Update f:$LATEST {"MaximumRetryAttempts":2}`},
		"side that is left out":     {Config("x", "f"), func(c *emulator.Config) { *c = emulator.Config{OnFailure: queue} }, noSides},
		"side of an empty object":   {Config("x", "f", "destination_config = {}"), func(c *emulator.Config) { *c = emulator.Config{OnSuccess: queue} }, noSides},
	} {
		t.Run(name, func(t *testing.T) {
			bothUpdates(t, func(t *testing.T, api *API) {
				created := api.Apply(test.configuration)
				created.Check = nil
				api.Run(t, created, After(func() {
					config := there()
					test.drift(&config)
					api.Must(api.PutConfig(Region, "f", "", config))
				}, api.Planned(plancheck.ResourceActionUpdate, "x", test.configuration, test.repair)))
			})
		})
	}
}

// TestNeverSetIsNoDrift has the numbers go back to "never set", which is the
// same as their defaults.
func TestNeverSetIsNoDrift(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Run(t,
		api.Apply(Config("x", "f"), put("f:$LATEST", 21600, 2, "", "")),
		After(func() { api.Must(api.PutConfig(Region, "f", "", emulator.Config{})) }, api.Unchanged(Config("x", "f"))),
	)
}

// TestDriftOfAMemberThatIsNotSent has a member change between refresh and
// update: it keeps its planned value, and the next refresh shows it.
func TestDriftOfAMemberThatIsNotSent(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	changed := Config("x", "f", "maximum_retry_attempts = 0")
	stale := api.Planned(plancheck.ResourceActionUpdate, "x", changed, `Update f:$LATEST {"MaximumRetryAttempts":0}`)
	stale.ConfigPlanChecks.PreApply = append(stale.ConfigPlanChecks.PreApply, behind(func() {
		api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumEventAgeInSeconds: new(60)}))
	}))
	stale.ExpectNonEmptyPlan = true
	api.Run(t,
		api.Apply(Config("x", "f"), put("f:$LATEST", 21600, 2, "", "")),
		stale,
		api.Planned(plancheck.ResourceActionUpdate, "x", changed, `Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`),
	)
}
