// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// planned is a resource, and the configuration that a run must leave in the API
// for it.
type planned struct {
	name, arn string
	config    emulator.Config
}

type plan []planned

var plannedQualifiers = []string{"$LATEST", "1", "live", "next"}

// stageFunction creates a function with a version and two aliases.
func stageFunction(api *API, name string) {
	api.Must(api.CreateFunction(Region, name))
	_, err := api.PublishVersion(Region, name)
	api.Must(err)
	api.Must(api.CreateAlias(Region, name, "live", "1"))
	api.Must(api.CreateAlias(Region, name, "next", "$LATEST"))
}

// newPlan returns a plan with a configuration for every qualifier of the
// functions. Plans have the same resources if they have as many functions.
func newPlan(functions []string, variant func(int) emulator.Config) plan {
	var p plan
	for _, f := range functions {
		for _, q := range plannedQualifiers {
			i := len(p)
			p = append(p, planned{fmt.Sprintf("r%02d", i), arnOf(f, q), variant(i)})
		}
	}
	return p
}

func arnOf(function, qualifier string) string {
	return "arn:aws:lambda:" + Region + ":" + Account + ":function:" + function + ":" + qualifier
}

// first and second differ in something for every i: in one number, in the
// other, in one destination or in both.
func first(i int) emulator.Config {
	return emulator.Config{
		MaximumRetryAttempts:     new(i % 3),
		MaximumEventAgeInSeconds: new(60 + i),
		OnFailure:                []string{Queue, Topic, Bucket, ""}[i/7%4],
	}
}

func second(i int) emulator.Config {
	config := first(i)
	switch i % 5 {
	case 0:
		*config.MaximumRetryAttempts = (i + 1) % 3
	case 1:
		*config.MaximumEventAgeInSeconds = 3600 + i
	case 2:
		config.OnSuccess = Bus
	case 3:
		config.OnSuccess, config.OnFailure = config.OnFailure, Bus
		if config.OnSuccess == Bucket { // which cannot be one on success
			config.OnSuccess = ""
		}
	default:
		*config.MaximumRetryAttempts = (i + 2) % 3
		config.OnFailure = Bus
	}
	return config
}

// configuration is the plan's, with the arguments in every resource.
func (p plan) configuration(arguments ...string) string {
	var b strings.Builder
	b.WriteString("# generated\n")
	for _, r := range p {
		b.WriteString(Config(r.name, r.arn, append([]string{
			fmt.Sprintf("maximum_retry_attempts = %d", *r.config.MaximumRetryAttempts),
			fmt.Sprintf("maximum_event_age_in_seconds = %d", *r.config.MaximumEventAgeInSeconds),
			Destinations(r.config.OnSuccess, r.config.OnFailure),
		}, arguments...)...))
	}
	return b.String()
}

// isHeld returns an error where the API does not hold the plan, or more.
func (p plan) isHeld(api *API) error {
	line := func(arn string, c emulator.Config) string {
		c.LastModified = time.Time{}
		members, err := json.Marshal(c)
		api.Must(err)
		return arn + " " + string(members)
	}
	var got, want []string
	for _, arn := range api.Configs() {
		config, _ := api.Config(Region, arn, "")
		got = append(got, line(arn, config))
	}
	for _, r := range p {
		want = append(want, line(r.arn, r.config))
	}
	slices.Sort(want)
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("the API holds:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
}
