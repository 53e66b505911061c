// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestBasic(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Run(t,
		Checked(api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
			Has("x",
				"function_name", "f", "qualifier", "$LATEST", "region", "us-east-1",
				"maximum_event_age_in_seconds", "21600", "maximum_retry_attempts", "2",
				"destination_config.on_success.destination", "", "destination_config.on_failure.destination", "",
				"overwrite_existing", "false", "id", ARNOfF+":$LATEST", "function_arn", ARNOfF+":$LATEST"),
			resource.TestMatchResourceAttr(Type+".x", "last_modified", regexp.MustCompile(`^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`))),
		api.Unchanged(Config("x", "f")),
	)
}

func TestDisappears(t *testing.T) {
	for name, disappear := range map[string]func(*API) error{
		"config":   func(api *API) error { return api.DeleteConfig(Region, "f", "") },
		"function": func(api *API) error { return api.DeleteFunction(Region, "f", "") },
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI(t, emulator.Options{}, "f")
			recreate := api.Planned(plancheck.ResourceActionCreate, "x", Config("x", "f"), Put("f:$LATEST", 21600, 2, "", ""))
			if name == "function" {
				recreate = api.Fails(Config("x", "f"), "404 ResourceNotFoundException: The function doesn't exist.")
			}
			api.Run(t,
				api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
				After(func() { api.Must(disappear(api)) }, recreate),
			)
		})
	}
}

func TestDestinationKinds(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "target")
	var configuration strings.Builder
	var writes []string
	for i, to := range []string{Queue, Topic, "arn:aws:lambda:us-east-1:123456789012:function:target", Bus, Bucket} {
		function := fmt.Sprintf("f%d", i)
		api.Must(api.CreateFunction(Region, function))
		onSuccess := to
		if to == Bucket {
			onSuccess = ""
		}
		configuration.WriteString(Config(function, function, Destinations(onSuccess, to)))
		writes = append(writes, Put(function+":$LATEST", 21600, 2, onSuccess, to))
	}
	step := api.Apply(configuration.String())
	step.Check = func(*terraform.State) error { return SameLines(api.Writes(), writes) }
	api.Run(t, step)
}

func TestDestinationsChange(t *testing.T) {
	bothUpdates(t, func(t *testing.T, api *API) {
		update := func(onSuccess, onFailure string) string {
			return `Update f:$LATEST {"DestinationConfig":` + Sides(onSuccess, onFailure) + `}`
		}
		both := Config("x", "f", Destinations(Queue, Topic))
		api.Run(t,
			api.Apply(both, Put("f:$LATEST", 21600, 2, Queue, Topic)),
			api.Planned(plancheck.ResourceActionUpdate, "x", Config("x", "f", Destinations(Topic, Queue)), update(Topic, Queue)), // swapped
			api.Apply(Config("x", "f", Destinations("", Queue)), update("", Queue)),
			api.Apply(Config("x", "f", Destinations(Topic, "")), update(Topic, "")),
			api.Apply(both, update(Queue, Topic)),
			api.Apply(Config("x", "f", Destinations("", "")), update("", "")),
			api.Apply(both, update(Queue, Topic)),
			Checked(api.Apply(Config("x", "f"), update("", "")), // the whole argument removed
				Has("x", "destination_config.on_success.destination", "", "destination_config.on_failure.destination", "")),
		)
	})
}

func TestNumbersChange(t *testing.T) {
	bothUpdates(t, func(t *testing.T, api *API) {
		fixed := Destinations("", Queue)
		api.Run(t,
			api.Apply(Config("x", "f", fixed, "maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 0"),
				Put("f:$LATEST", 60, 0, "", Queue)),
			api.Planned(plancheck.ResourceActionUpdate, "x",
				Config("x", "f", fixed, "maximum_event_age_in_seconds = 3600", "maximum_retry_attempts = 0"),
				`Update f:$LATEST {"MaximumEventAgeInSeconds":3600}`),
			api.Apply(Config("x", "f", fixed, "maximum_event_age_in_seconds = 3600", "maximum_retry_attempts = 1"),
				`Update f:$LATEST {"MaximumRetryAttempts":1}`),
			api.Apply(Config("x", "f", fixed, "maximum_event_age_in_seconds = 3600"),
				`Update f:$LATEST {"MaximumRetryAttempts":2}`),
			Checked(api.Apply(Config("x", "f", fixed), `Update f:$LATEST {"MaximumEventAgeInSeconds":21600}`),
				Has("x", "maximum_event_age_in_seconds", "21600", "maximum_retry_attempts", "2")),
			api.Apply(Config("x", "f", "maximum_event_age_in_seconds = 61", "maximum_retry_attempts = 0"),
				`Update f:$LATEST {"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},"MaximumEventAgeInSeconds":61,"MaximumRetryAttempts":0}`),
		)
	})
}

// TestQualifiers also has the function by name, partial ARN and ARN.
func TestQualifiers(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f", "g", "h")
	for _, f := range []string{"f", "g", "h"} {
		_, err := api.PublishVersion(Region, f)
		api.Must(err)
		api.Must(api.CreateAlias(Region, f, "live", "1"))
	}
	step := api.Apply(
		Config("version", "f", `qualifier = "1"`) +
			Config("alias", "f", `qualifier = "live"`) +
			Config("latest", "f", `qualifier = "$LATEST"`) +
			Config("inside", "g:live") +
			Config("inside_twice", "g:1", `qualifier = "1"`) +
			Config("partial", "123456789012:function:g") +
			Config("arn", "arn:aws:lambda:us-east-1:123456789012:function:h") +
			Config("arn_inside", "arn:aws:lambda:us-east-1:123456789012:function:h:live") +
			Config("arn_beside", "arn:aws:lambda:us-east-1:123456789012:function:h", `qualifier = "1"`))
	step.Check = resource.ComposeAggregateTestCheckFunc(
		Has("version", "qualifier", "1", "id", ARNOfF+":1"),
		Has("alias", "qualifier", "live", "id", ARNOfF+":live"),
		Has("latest", "qualifier", "$LATEST", "id", ARNOfF+":$LATEST"),
		Has("inside", "qualifier", "live", "id", "arn:aws:lambda:us-east-1:123456789012:function:g:live"),
		Has("inside_twice", "qualifier", "1", "id", "arn:aws:lambda:us-east-1:123456789012:function:g:1"),
		Has("partial", "qualifier", "$LATEST", "id", "arn:aws:lambda:us-east-1:123456789012:function:g:$LATEST"),
		Has("arn", "qualifier", "$LATEST", "id", "arn:aws:lambda:us-east-1:123456789012:function:h:$LATEST"),
		Has("arn_inside", "qualifier", "live", "id", "arn:aws:lambda:us-east-1:123456789012:function:h:live"),
		Has("arn_beside", "qualifier", "1", "id", "arn:aws:lambda:us-east-1:123456789012:function:h:1"),
		func(*terraform.State) error {
			var want []string
			for _, target := range []string{"f:1", "f:live", "f:$LATEST", "g:live", "g:1", "g:$LATEST", "h:$LATEST", "h:live", "h:1"} {
				want = append(want, Put(target, 21600, 2, "", ""))
			}
			return SameLines(api.Writes(), want)
		})
	api.Run(t, step)
}

func TestUnknownUntilApply(t *testing.T) {
	unknown := func(attribute, value string, arguments ...string) string {
		lines := strings.Join(arguments, "\n")
		return fmt.Sprintf(Later, value) + fmt.Sprintf("resource %q \"x\" {\n%s = terraform_data.later.output\n%s\n}\n", Type, attribute, lines)
	}
	for name, test := range map[string]struct{ configuration, id string }{
		"function_name": {unknown("function_name", "f"), ARNOfF + ":$LATEST"},
		"qualifier":     {unknown("qualifier", "live", `function_name = "f"`), ARNOfF + ":live"},
		"both":          {unknown("function_name", ARNOfF+":live", `region = "us-east-1"`), ARNOfF + ":live"},
		"region":        {unknown("region", "us-east-1", `function_name = "f:live"`), ARNOfF + ":live"},
		"destination": {unknown("qualifier", "live", `function_name = "f"`,
			`destination_config = { on_failure = { destination = "${terraform_data.queue.output}" } }`) +
			`resource "terraform_data" "queue" { input = "` + Queue + `" }`, ARNOfF + ":live"},
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI(t, emulator.Options{}, "f", "g")
			api.Must(api.CreateAlias(Region, "f", "live", "$LATEST"))
			step := api.Planned(plancheck.ResourceActionCreate, "x", test.configuration)
			step.Check = Has("x", "id", test.id)
			api.Run(t, step)
		})
	}

	t.Run("of an existing resource", func(t *testing.T) {
		api := NewAPI(t, emulator.Options{}, "f", "g")
		replaced := func(trigger string) string {
			return fmt.Sprintf("resource \"terraform_data\" \"later\" { triggers_replace = %q }\n", trigger)
		}
		first := replaced("1") + Config("x", "f", "maximum_retry_attempts = 1")
		second := replaced("2") + fmt.Sprintf(`
resource %q "x" {
  function_name          = substr("g${terraform_data.later.id}", 0, 1)
  maximum_retry_attempts = 1
}`, Type)
		api.Run(t,
			api.Apply(first, Put("f:$LATEST", 21600, 1, "", "")),
			api.Planned(plancheck.ResourceActionReplace, "x", second, "Delete f:$LATEST", Put("g:$LATEST", 21600, 1, "", "")),
		)
	})
}

func TestReplacement(t *testing.T) {
	for name, test := range map[string]struct{ before, after, removed, made string }{
		"function":          {Config("x", "f"), Config("x", "g"), "f:$LATEST", "g:$LATEST"},
		"qualifier":         {Config("x", "f"), Config("x", "f", `qualifier = "live"`), "f:$LATEST", "f:live"},
		"qualifier inside":  {Config("x", "f:live"), Config("x", "f:prod"), "f:live", "f:prod"},
		"qualifier removed": {Config("x", "f", `qualifier = "live"`), Config("x", "f"), "f:live", "f:$LATEST"},
		"region":            {Config("x", "f"), Config("x", "f", `region = "eu-west-1"`), "f:$LATEST", "f:$LATEST"},
		"region of the ARN": {Config("x", ARNOfF), Config("x", "arn:aws:lambda:eu-west-1:123456789012:function:f"), "f:$LATEST", "f:$LATEST"},
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI(t, emulator.Options{}, "f", "g")
			api.Must(api.CreateFunction("eu-west-1", "f"))
			for _, alias := range []string{"live", "prod"} {
				api.Must(api.CreateAlias(Region, "f", alias, "$LATEST"))
			}
			api.Run(t,
				api.Apply(test.before, Put(test.removed, 21600, 2, "", "")),
				api.Planned(plancheck.ResourceActionReplace, "x", test.after, "Delete "+test.removed, Put(test.made, 21600, 2, "", "")),
			)
		})
	}

	t.Run("account", func(t *testing.T) {
		api := NewAPI(t, emulator.Options{}, "f")
		// The service knows that the account is not the caller's.
		elsewhere := api.Planned(plancheck.ResourceActionReplace, "x", Config("x", "210987654321:function:f"))
		elsewhere.ExpectError = Wrapped("403 AccessDeniedException")
		api.Run(t, api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")), elsewhere)
	})

	t.Run("provider's region", func(t *testing.T) {
		api := NewAPI(t, emulator.Options{}, "f")
		api.Must(api.CreateFunction("eu-west-1", "f"))
		moved := api.Planned(plancheck.ResourceActionReplace, "x", "", "Delete f:$LATEST", Put("f:$LATEST", 21600, 2, "", ""))
		moved.Config = api.ProviderBlock("", "eu-west-1") + Config("x", "f")
		api.Run(t, api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")), moved)
	})
}

func TestTimeoutsAloneCallNothing(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Run(t,
		api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
		api.Planned(plancheck.ResourceActionUpdate, "x", Config("x", "f", `timeouts = { create = "1m", update = "2m" }`)),
		api.Planned(plancheck.ResourceActionUpdate, "x", Config("x", "f")),
	)
}

func TestTwentyConfigsOverFiveFunctions(t *testing.T) {
	api := NewAPI(t, emulator.Options{})
	qualifiers := []string{"$LATEST", "a", "b", "c"}
	writes := map[string][]string{}
	for i := range 5 {
		f := fmt.Sprintf("f%d", i)
		api.Must(api.CreateFunction(Region, f))
		for _, q := range qualifiers {
			if q != "$LATEST" {
				api.Must(api.CreateAlias(Region, f, q, "$LATEST"))
			}
			writes["create"] = append(writes["create"], Put(f+":"+q, 60, 0, "", Queue))
			writes["change"] = append(writes["change"], fmt.Sprintf(`Update %s:%s {"MaximumRetryAttempts":1}`, f, q))
			writes["destroy"] = append(writes["destroy"], "Delete "+f+":"+q)
		}
	}
	estate := func(retries int) string {
		return fmt.Sprintf(`
locals { qualifiers = ["$LATEST", "a", "b", "c"] }
resource %q "x" {
  count                        = 20
  function_name                = "f${floor(count.index / 4)}:${local.qualifiers[count.index %% 4]}"
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = %d
  %s
}
`, Type, retries, Destinations("", Queue))
	}
	step := func(configuration, what string) resource.TestStep {
		s := api.Apply(configuration)
		s.Check = func(*terraform.State) error { return SameLines(api.Writes(), writes[what]) }
		return s
	}
	api.Run(t, step(estate(0), "create"), step(estate(1), "change"), step("# nothing", "destroy"))
}
