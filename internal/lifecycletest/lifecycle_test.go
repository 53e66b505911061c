// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestAccCreate_defaults(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	timestamp := regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`)
	api.ParallelTest(t,
		acctest.WithStateChecks(api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
			acctest.ExpectAttributes(resourceX, map[string]knownvalue.Check{
				"function_name":                knownvalue.StringExact("f"),
				"qualifier":                    knownvalue.StringExact("$LATEST"),
				"region":                       knownvalue.StringExact("us-east-1"),
				"maximum_event_age_in_seconds": knownvalue.Int64Exact(21600),
				"maximum_retry_attempts":       knownvalue.Int64Exact(2),
				"destination_config":           acctest.DestinationsExact("", ""),
				"overwrite_existing":           knownvalue.Bool(false),
				"id":                           knownvalue.StringExact(functionARN + ":$LATEST"),
				"function_arn":                 knownvalue.StringExact(functionARN + ":$LATEST"),
				"last_modified":                knownvalue.StringRegexp(timestamp),
			})...),
		api.NoOpStep(acctest.Config("x", "f")),
	)
}

func TestAccDelete_outOfBand(t *testing.T) {
	for name, remove := range map[string]func(*acctest.API) error{
		"configuration": func(api *acctest.API) error { return api.DeleteConfig(acctest.Region, "f", "") },
		"function":      func(api *acctest.API) error { return api.DeleteFunction(acctest.Region, "f", "") },
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			recreate := api.ActionStep(plancheck.ResourceActionCreate, "x",
				acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST"))
			if name == "function" {
				recreate = api.ErrorStep(acctest.Config("x", "f"), "404 ResourceNotFoundException: The function doesn't exist.")
			}
			api.ParallelTest(t,
				api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
				acctest.WithPreConfig(func() { api.Must(remove(api)) }, recreate),
			)
		})
	}
}

func TestAccCreate_destinationKinds(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "target")
	var configuration strings.Builder
	var writes []string
	for i, to := range []string{queue, topic, arnOf("target", "$LATEST"), eventBus, bucket} {
		function := fmt.Sprintf("f%d", i)
		api.Must(api.CreateFunction(acctest.Region, function))
		onSuccess := to
		if to == bucket {
			onSuccess = ""
		}
		configuration.WriteString(acctest.Config(function, function, acctest.DestinationConfig(onSuccess, to)))
		writes = append(writes, acctest.PutRequest(function+":$LATEST", 21600, 2, onSuccess, to))
	}
	api.ParallelTest(t, api.WithUnorderedWrites(api.ApplyStep(configuration.String()), writes...))
}

func TestAccUpdate_sendsBothDestinations(t *testing.T) {
	inBothUpdateModes(t, func(t *testing.T, api *acctest.API) {
		with := func(onSuccess, onFailure string) string {
			return acctest.Config("x", "f", acctest.DestinationConfig(onSuccess, onFailure))
		}
		api.ParallelTest(t,
			api.ApplyStep(with(queue, topic), acctest.PutRequest("f:$LATEST", 21600, 2, queue, topic)),
			api.UpdateStep(with(topic, queue), updateDestinations(topic, queue)),
			api.ApplyStep(with("", queue), updateDestinations("", queue)),
			api.ApplyStep(with(topic, ""), updateDestinations(topic, "")),
			api.ApplyStep(with(queue, topic), updateDestinations(queue, topic)),
			api.ApplyStep(with("", ""), updateDestinations("", "")),
			api.ApplyStep(with(queue, topic), updateDestinations(queue, topic)),
			acctest.WithStateChecks(api.ApplyStep(acctest.Config("x", "f"), updateDestinations("", "")),
				acctest.ExpectAttributes(resourceX, map[string]knownvalue.Check{
					"destination_config": acctest.DestinationsExact("", ""),
				})...),
		)
	})
}

func TestAccUpdate_sendsOnlyChangedMembers(t *testing.T) {
	inBothUpdateModes(t, func(t *testing.T, api *acctest.API) {
		toQueue := acctest.DestinationConfig("", queue)
		const age60, age3600 = "maximum_event_age_in_seconds = 60", "maximum_event_age_in_seconds = 3600"
		const retries0, retries1 = "maximum_retry_attempts = 0", "maximum_retry_attempts = 1"
		api.ParallelTest(t,
			api.ApplyStep(acctest.Config("x", "f", toQueue, age60, retries0),
				acctest.PutRequest("f:$LATEST", 60, 0, "", queue)),
			api.UpdateStep(acctest.Config("x", "f", toQueue, age3600, retries0),
				`Update f:$LATEST {"MaximumEventAgeInSeconds":3600}`),
			api.ApplyStep(acctest.Config("x", "f", toQueue, age3600, retries1),
				`Update f:$LATEST {"MaximumRetryAttempts":1}`),
			api.ApplyStep(acctest.Config("x", "f", toQueue, age3600), `Update f:$LATEST {"MaximumRetryAttempts":2}`),
			acctest.WithStateChecks(
				api.ApplyStep(acctest.Config("x", "f", toQueue), `Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`),
				acctest.ExpectAttributes(resourceX, map[string]knownvalue.Check{
					"maximum_event_age_in_seconds": knownvalue.Int64Exact(21600),
					"maximum_retry_attempts":       knownvalue.Int64Exact(2),
				})...),
			api.ApplyStep(acctest.Config("x", "f", age60, retries0),
				`Update f:$LATEST {"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},`+
					`"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0}`),
		)
	})
}

func TestAccCreate_unknownUntilApply(t *testing.T) {
	unknown := func(attribute, value string, arguments ...string) string {
		return acctest.TerraformData("later", value) + fmt.Sprintf(
			"resource %q \"x\" {\n%s = terraform_data.later.output\n%s\n}\n",
			acctest.Type, attribute, strings.Join(arguments, "\n"))
	}
	for name, test := range map[string]struct{ configuration, id string }{
		"function_name": {unknown("function_name", "f"), functionARN + ":$LATEST"},
		"qualifier":     {unknown("qualifier", "live", `function_name = "f"`), functionARN + ":live"},
		"ARN":           {unknown("function_name", functionARN+":live", `region = "us-east-1"`), functionARN + ":live"},
		"region":        {unknown("region", "us-east-1", `function_name = "f:live"`), functionARN + ":live"},
		"destination": {unknown("qualifier", "live", `function_name = "f"`,
			`destination_config = { on_failure = { destination = "${terraform_data.queue.output}" } }`) +
			acctest.TerraformData("queue", queue), functionARN + ":live"},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
			api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
			step := api.ActionStep(plancheck.ResourceActionCreate, "x", test.configuration)
			step.Check = nil
			api.ParallelTest(t, acctest.WithStateChecks(step, acctest.ExpectStrings(resourceX, "id", test.id)...))
		})
	}

	t.Run("in a replacement", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
		replaced := func(trigger string) string {
			return fmt.Sprintf("resource \"terraform_data\" \"later\" { triggers_replace = %q }\n", trigger)
		}
		first := replaced("1") + acctest.Config("x", "f", "maximum_retry_attempts = 1")
		second := replaced("2") + fmt.Sprintf(`
resource %q "x" {
  function_name          = substr("g${terraform_data.later.id}", 0, 1)
  maximum_retry_attempts = 1
}`, acctest.Type)
		api.ParallelTest(t,
			api.ApplyStep(first, acctest.PutRequest("f:$LATEST", 21600, 1, "", "")),
			api.ActionStep(plancheck.ResourceActionReplace, "x", second,
				"Delete f:$LATEST", acctest.PutRequest("g:$LATEST", 21600, 1, "", "")),
		)
	})
}

func TestAccReplacement(t *testing.T) {
	live, inEurope := `qualifier = "live"`, `region = "eu-west-1"`
	for name, test := range map[string]struct{ before, after, deleted, created string }{
		"function":           {acctest.Config("x", "f"), acctest.Config("x", "g"), "f:$LATEST", "g:$LATEST"},
		"qualifier":          {acctest.Config("x", "f"), acctest.Config("x", "f", live), "f:$LATEST", "f:live"},
		"qualifier in name":  {acctest.Config("x", "f:live"), acctest.Config("x", "f:prod"), "f:live", "f:prod"},
		"removed qualifier":  {acctest.Config("x", "f", live), acctest.Config("x", "f"), "f:live", "f:$LATEST"},
		"region":             {acctest.Config("x", "f"), acctest.Config("x", "f", inEurope), "f:$LATEST", "f:$LATEST"},
		"region in ARN":      {acctest.Config("x", functionARN), acctest.Config("x", europeARN), "f:$LATEST", "f:$LATEST"},
		"region of provider": {acctest.Config("x", "f"), "", "f:$LATEST", "f:$LATEST"},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
			api.Must(api.CreateFunction("eu-west-1", "f"))
			for _, alias := range []string{"live", "prod"} {
				api.Must(api.CreateAlias(acctest.Region, "f", alias, "$LATEST"))
			}
			replace := api.ActionStep(plancheck.ResourceActionReplace, "x", test.after,
				"Delete "+test.deleted, acctest.PutDefaults(test.created))
			if test.after == "" {
				replace.Config = api.ProviderBlock("", "eu-west-1") + test.before
			}
			api.ParallelTest(t, api.ApplyStep(test.before, acctest.PutDefaults(test.deleted)), replace)
		})
	}

	t.Run("account", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		replace := api.ActionStep(plancheck.ResourceActionReplace, "x", acctest.Config("x", "210987654321:function:f"))
		replace.ExpectError = acctest.Wrapped("403 AccessDeniedException") // the account is not the caller's
		api.ParallelTest(t, api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")), replace)
	})
}

const europeARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"

func TestAccUpdate_timeoutsSendNothing(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		api.UpdateStep(acctest.Config("x", "f", `timeouts = { create = "1m", update = "2m" }`)),
		api.UpdateStep(acctest.Config("x", "f")),
	)
}
