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

	"github.com/hashicorp/terraform-plugin-testing/config"
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
			configuration := inProcess(t, filepath.Join(dir, "main.tf"))
			role := &acctest.Role{}
			api := acctest.NewAPI(t, emulator.Options{FaultFunc: role.RejectDestination})
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
					got := slices.Sorted(slices.Values(api.WriteLines()))
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
			acc.Test(t, api.TestCaseWithAWS(role, steps...))
			if left := api.Configs(); len(left) > 0 {
				t.Errorf("left in the API: %q", left)
			}
			if unneeded := role.UnusedActions(); len(unneeded) > 0 {
				t.Errorf("the role is allowed %q, which nothing needs", unneeded)
			}
		})
	}
}

// TestModuleVersion has the module configure the version that the same run
// publishes, and then the next version. The policy is the module's output, and
// nothing orders the policy before the configuration.
func TestModuleVersion(t *testing.T) {
	const dir = "modules/async-invocation"
	module := t.TempDir()
	for _, name := range []string{"main.tf", "outputs.tf", "variables.tf", "versions.tf"} {
		if err := os.WriteFile(filepath.Join(module, name), []byte(inProcess(t, filepath.Join(dir, name))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configuration := strings.Replace(inProcess(t, "modules/async-invocation/examples/published/main.tf"), `"../.."`, fmt.Sprintf("%q", filepath.ToSlash(module)), 1)
	role := &acctest.Role{}
	api := acctest.NewAPI(t, emulator.Options{FaultFunc: role.RejectDestination})
	t.Setenv("AWS_ENDPOINT_URL_LAMBDA", api.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")

	configures := func(want ...string) func() {
		return func() {
			got := slices.DeleteFunc(api.WriteLines(), func(line string) bool { return strings.HasSuffix(line, "-> 400") }) // until the policy is there
			if err := acctest.CompareUnordered(got, want); err != nil {
				t.Error(err)
			}
			api.ClearRequests()
		}
	}
	in := func(text string) config.TestStepConfigFunc {
		dir := t.TempDir()
		api.Must(os.WriteFile(filepath.Join(dir, "main.tf"), []byte(text), 0o600))
		return config.StaticDirectory(dir)
	}
	next := in(strings.Replace(configuration, "orders-worker:1.4.0", "orders-worker:1.5.0", 1))
	test := api.TestCaseWithAWS(role,
		acc.TestStep{ConfigDirectory: in(configuration)},
		acc.TestStep{PreConfig: configures(acctest.PutRequest("orders-worker:1", 21600, 2, "", queue)), ConfigDirectory: next},
		acc.TestStep{
			PreConfig:       configures("Delete orders-worker:1", acctest.PutRequest("orders-worker:2", 21600, 2, "", queue)),
			ConfigDirectory: next, Destroy: true,
		},
	)
	for i := range test.Steps { // a step with a directory and providers of its own runs init, which installs the module
		test.Steps[i].ProtoV6ProviderFactories = test.ProtoV6ProviderFactories
	}
	test.ProtoV6ProviderFactories = nil
	acc.Test(t, test)
	if unneeded := role.UnusedActions(); len(unneeded) > 0 {
		t.Errorf("the role is allowed %q, which nothing needs", unneeded)
	}
}

// inProcess returns a file below examples, to be run with the provider of the
// test's process.
func inProcess(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), `"lambda-async/awslambda"`, `"hashicorp/awslambda"`)
}
