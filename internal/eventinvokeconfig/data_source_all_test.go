// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// readsAll checks an attribute of the data source for all of that name.
func readsAll(name, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+acctest.Type+"s."+name, tfjsonpath.New(attribute), want)
}

// one checks one of configs, of the function f.
func one(qualifier string, age, retries int64, onSuccess, onFailure string) knownvalue.Check {
	return oneOf("f", qualifier, age, retries, onSuccess, onFailure)
}

// oneOf checks one of configs.
func oneOf(function, qualifier string, age, retries int64, onSuccess, onFailure string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"function_name":                knownvalue.StringExact(function),
		"qualifier":                    knownvalue.StringExact(qualifier),
		"id":                           knownvalue.StringExact(arnOfFunctions + function + ":" + qualifier),
		"function_arn":                 knownvalue.StringExact(arnOfFunctions + function + ":" + qualifier),
		"maximum_event_age_in_seconds": knownvalue.Int64Exact(age),
		"maximum_retry_attempts":       knownvalue.Int64Exact(retries),
		"destination_config":           bothSides(onSuccess, onFailure),
		"last_modified":                knownvalue.NotNull(),
	})
}

func TestAccAllDataSource(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f", "none")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	_, err := api.PublishVersion(acctest.Region, "f")
	api.Must(err)
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "1"))
	api.Must(api.CreateAlias(acctest.Region, "f", "gone", "1"))
	api.Must(api.PutConfig(acctest.Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	api.Must(api.PutConfig(acctest.Region, "f", "1", emulator.Config{MaximumEventAgeInSeconds: new(60), OnSuccess: eventBus, OnFailure: bucket}))
	api.Must(api.PutConfig(acctest.Region, "f", "gone", emulator.Config{OnSuccess: topic}))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	api.Must(api.DeleteAlias(acctest.Region, "f", "gone"))

	var configuration string
	var checks []statecheck.StateCheck
	for name, function := range map[string]string{"name": "f", "partial": "123456789012:function:f", "arn": functionARN} {
		configuration += data("s", name, function)
		checks = append(checks, readsAll(name, "function_name", knownvalue.StringExact(function)), readsAll(name, "region", knownvalue.StringExact(acctest.Region)),
			readsAll(name, "configs", knownvalue.ListExact([]knownvalue.Check{
				one("$LATEST", 21600, 2, "", ""),
				one("1", 60, 2, eventBus, bucket),
				one("gone", 21600, 2, topic, ""),
				one("live", 21600, 0, "", queue),
			})))
	}
	configuration += data("s", "none", "none") + data("s", "europe", "f", `region = "eu-west-1"`)
	checks = append(checks,
		readsAll("none", "configs", knownvalue.ListExact([]knownvalue.Check{})),
		readsAll("europe", "configs", knownvalue.ListExact([]knownvalue.Check{})),
		readsAll("europe", "region", knownvalue.StringExact("eu-west-1")))
	step := api.NoOpStep(configuration)
	step.ConfigStateChecks = checks
	api.ParallelReadOnlyTest(t, step)
}

// TestAccAllDataSourceFollowsPages has a function with more configurations than
// List answers at once.
func TestAccAllDataSourceFollowsPages(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	for i := range 101 {
		alias := fmt.Sprintf("a%03d", i)
		api.Must(api.CreateAlias(acctest.Region, "f", alias, "$LATEST"))
		api.Must(api.PutConfig(acctest.Region, "f", alias, emulator.Config{MaximumEventAgeInSeconds: new(60 + i)}))
	}
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+data("s", "x", "f")+
		"output \"all\" { value = [for c in data."+acctest.Type+"s.x.configs : \"${c.qualifier} ${c.maximum_event_age_in_seconds}\"] }")
	if err := tf.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	outputs, err := tf.Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	api.Must(json.Unmarshal(outputs["all"].Value, &got))
	for i := range 101 {
		want = append(want, fmt.Sprintf("a%03d %d", i, 60+i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if sent := api.RequestLines(); len(sent) > 4 { // the page that every read of the function shares, and all three
		t.Errorf("sent %q", sent)
	}
}
