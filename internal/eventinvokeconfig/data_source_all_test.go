// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// expectConfigsData returns a check of an attribute of a data source of several
// configurations.
func expectConfigsData(name, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+acctest.Type+"s."+name, tfjsonpath.New(attribute), want)
}

// configValue returns a check of an element of configs.
func configValue(function, qualifier string, age, retries int64, onSuccess, onFailure string) knownvalue.Check {
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"function_name":                knownvalue.StringExact(function),
		"qualifier":                    knownvalue.StringExact(qualifier),
		"id":                           knownvalue.StringExact(arnOfFunctions + function + ":" + qualifier),
		"function_arn":                 knownvalue.StringExact(arnOfFunctions + function + ":" + qualifier),
		"maximum_event_age_in_seconds": knownvalue.Int64Exact(age),
		"maximum_retry_attempts":       knownvalue.Int64Exact(retries),
		"destination_config":           acctest.DestinationsExact(onSuccess, onFailure),
		"last_modified":                knownvalue.NotNull(),
	})
}

func TestAccConfigsDataSource_function(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f", "none")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	_, err := api.PublishVersion(acctest.Region, "f")
	api.Must(err)
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "1"))
	api.Must(api.CreateAlias(acctest.Region, "f", "gone", "1"))
	api.Must(api.PutConfig(acctest.Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	api.Must(api.PutConfig(acctest.Region, "f", "1", emulator.Config{
		MaximumEventAgeInSeconds: new(60), OnSuccess: eventBus, OnFailure: bucket,
	}))
	api.Must(api.PutConfig(acctest.Region, "f", "gone", emulator.Config{OnSuccess: topic}))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	api.Must(api.DeleteAlias(acctest.Region, "f", "gone"))

	var configuration string
	var checks []statecheck.StateCheck
	for name, function := range map[string]string{"name": "f", "partial": "123456789012:function:f", "arn": functionARN} {
		configuration += dataBlock("s", name, function)
		checks = append(checks,
			expectConfigsData(name, "function_name", knownvalue.StringExact(function)),
			expectConfigsData(name, "region", knownvalue.StringExact(acctest.Region)),
			expectConfigsData(name, "configs", knownvalue.ListExact([]knownvalue.Check{
				configValue("f", "$LATEST", 21600, 2, "", ""),
				configValue("f", "1", 60, 2, eventBus, bucket),
				configValue("f", "gone", 21600, 2, topic, ""),
				configValue("f", "live", 21600, 0, "", queue),
			})))
	}
	configuration += dataBlock("s", "none", "none") + dataBlock("s", "europe", "f", `region = "eu-west-1"`)
	checks = append(checks,
		expectConfigsData("none", "configs", knownvalue.ListExact([]knownvalue.Check{})),
		expectConfigsData("europe", "configs", knownvalue.ListExact([]knownvalue.Check{})),
		expectConfigsData("europe", "region", knownvalue.StringExact("eu-west-1")))
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(api.NoOpStep(configuration), checks...))
}
