// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestScenarios applies what the resource's page shows, and destroys it. A
// destination is refused that the role may not send to yet, and so is an alias
// that is not there yet, or has a configuration still.
func TestScenarios(t *testing.T) {
	const europe = "eu-west-1"
	put := func(qualifier string, age, retries int, onSuccess, onFailure string) string {
		side := func(arn string) string {
			if arn == "" {
				return "{}"
			}
			return fmt.Sprintf(`{"Destination":%q}`, arn)
		}
		return fmt.Sprintf(`Put orders-worker:%s {"DestinationConfig":{"OnFailure":%s,"OnSuccess":%s},"MaximumEventAgeInSeconds":%d,"MaximumRetryAttempts":%d}`,
			qualifier, side(onFailure), side(onSuccess), age, retries)
	}
	for dir, test := range map[string]struct {
		sent []string
		then [2]string // what is replaced in the configuration then, and by what: the alias moves on, and nothing is sent
	}{
		"scenarios/failures-to-sqs":        {sent: []string{put("$LATEST", 21600, 2, "", queue)}},
		"scenarios/results-to-eventbridge": {sent: []string{put("$LATEST", 21600, 2, bus, bus)}},
		"scenarios/failures-to-s3":         {sent: []string{put("$LATEST", 21600, 2, "", bucket+"-123456789012")}},
		"scenarios/no-retries":             {sent: []string{put("$LATEST", 60, 0, "", "")}},
		"scenarios/alias": {
			sent: []string{put("live", 3600, 2, "", ""), put("$LATEST", 21600, 0, "", "")},
			then: [2]string{"orders-worker:1.4.0", "orders-worker:1.5.0"},
		},
		"scenarios/two-regions": {sent: []string{
			put("$LATEST", 21600, 2, "", queue), put("$LATEST", 21600, 2, "", strings.Replace(queue, acctest.Region, europe, 1)),
		}},
	} {
		t.Run(dir, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(examples, dir, "main.tf"))
			if err != nil {
				t.Fatal(err)
			}
			// Where a CLI looks for what runs in the test's process.
			configuration := strings.ReplaceAll(string(text), `"lambda-async/awslambda"`, `"hashicorp/awslambda"`)
			role := &acctest.Role{}
			api := acctest.NewAPI(t, emulator.Options{Strike: role.Strike})
			if !strings.Contains(configuration, `"aws_lambda_function"`) {
				api.Must(api.CreateFunction(acctest.Region, function))
				api.Must(api.CreateFunction(europe, function))
			}
			t.Setenv("AWS_ENDPOINT_URL_LAMBDA", api.URL)
			t.Setenv("AWS_ACCESS_KEY_ID", "test")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "test")

			// (Not by a check of a step: those cannot read a state with for_each.)
			after := func(want []string) func() {
				return func() {
					got := slices.Sorted(slices.Values(api.Writes()))
					if slices.Sort(want); !slices.Equal(got, want) {
						t.Errorf("sent:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
					}
					api.ClearRequests()
				}
			}
			steps := []acc.TestStep{{Config: configuration}, {PreConfig: after(test.sent), Config: configuration, Destroy: true}}
			if then := strings.Replace(configuration, test.then[0], test.then[1], 1); then != configuration {
				moved := acc.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction("aws_lambda_alias.live", plancheck.ResourceActionUpdate),
				}}
				steps = slices.Insert(steps, 1, acc.TestStep{PreConfig: steps[1].PreConfig, Config: then, ConfigPlanChecks: moved})
				steps[2].PreConfig = after(nil)
			}
			acc.Test(t, api.BesideAWS(role, steps...))
			if left := api.Configs(); len(left) > 0 {
				t.Errorf("left in the API: %q", left)
			}
			if unneeded := role.Unneeded(); len(unneeded) > 0 {
				t.Errorf("the role is allowed %q, which nothing needs", unneeded)
			}
		})
	}
}
