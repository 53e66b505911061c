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
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	latest = function + ":$LATEST"
	live   = function + ":live"
)

// TestAccScenarios applies each scenario of the guide and destroys it. The emulator
// rejects a destination without the role's permission, and the stand-in of
// hashicorp/aws rejects an alias in the wrong order.
func TestAccScenarios(t *testing.T) {
	const (
		none      = ""
		newImage  = "orders-worker:1.5.0"
		deployed  = "aws_lambda_alias.live"
		queueInEU = "arn:aws:sqs:eu-west-1:123456789012:orders-failed"
	)
	for dir, test := range map[string]struct {
		sent   []string
		deploy bool // deploys a new image afterwards: the alias changes, and no request is sent
		checks []acc.TestCheckFunc
	}{
		"scenarios/failures-to-sqs":        {sent: []string{acctest.PutRequest(latest, 21600, 2, none, queue)}},
		"scenarios/results-to-eventbridge": {sent: []string{acctest.PutRequest(latest, 21600, 2, bus, bus)}},
		"scenarios/failures-to-s3": {
			sent: []string{acctest.PutRequest(latest, 21600, 2, none, bucket+"-123456789012")},
		},
		"scenarios/no-retries": {sent: []string{acctest.PutRequest(latest, 60, 0, none, none)}},
		"scenarios/alias": {deploy: true, sent: []string{
			acctest.PutRequest(live, 3600, 2, none, none), acctest.PutRequest(latest, 21600, 0, none, none),
		}},
		"scenarios/two-regions": {sent: []string{
			acctest.PutRequest(latest, 21600, 2, none, queue), acctest.PutRequest(latest, 21600, 2, none, queueInEU),
		}},
		"scenarios/durable": {deploy: true, sent: []string{acctest.PutRequest(live, 3600, 2, none, none)}},
		"scenarios/monitoring": {
			deploy: true,
			sent:   []string{acctest.PutRequest(live, 3600, 2, none, queue)},
			checks: []acc.TestCheckFunc{
				watchesAlias("delivery_failures", "DestinationDeliveryFailures", "Sum", "0"),
				watchesAlias("events_dropped", "AsyncEventsDropped", "Sum", "0"),
				watchesAlias("event_age", "AsyncEventAge", "Maximum", "1800000"),
			},
		},
	} {
		t.Run(dir, func(t *testing.T) {
			configuration := inProcess(t, filepath.Join(dir, "main.tf"))
			role, api := newScenario(t)
			// A step's Check cannot read state with for_each, so PreConfig of the next step compares the requests.
			sent := func(want ...string) func() {
				return func() {
					if err := acctest.CompareUnordered(api.WriteLines(), want); err != nil {
						t.Error(err)
					}
					api.ClearRequests()
				}
			}
			steps := []acc.TestStep{{Config: configuration}}
			if test.checks != nil {
				steps[0].Check = acc.ComposeAggregateTestCheckFunc(test.checks...)
			}
			destroy := acc.TestStep{PreConfig: sent(test.sent...), Config: configuration, Destroy: true}
			if test.deploy {
				steps = append(steps, acc.TestStep{
					PreConfig: destroy.PreConfig,
					Config:    strings.Replace(configuration, "orders-worker:1.4.0", newImage, 1),
					ConfigPlanChecks: acc.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(deployed, plancheck.ResourceActionUpdate),
					}},
				})
				destroy.PreConfig = sent()
			}
			acc.Test(t, api.TestCaseWithAWS(role, append(steps, destroy)...))
			if left := api.Configs(); len(left) > 0 {
				t.Errorf("left in the API: %q", left)
			}
			// The dead-letter queue of the durable function requires the other actions.
			if unneeded := role.UnusedActions(); len(unneeded) > 0 && dir != "scenarios/durable" {
				t.Errorf("the role is allowed %q, which nothing needs", unneeded)
			}
		})
	}
}

// TestAccResourceExample_refersByARN applies the example of the resource's page beside
// the function and the alias that it refers to.
func TestAccResourceExample_refersByARN(t *testing.T) {
	functionAndAlias, _, found := strings.Cut(inProcess(t, "scenarios/alias/main.tf"), "# Invocations of the alias.")
	if !found {
		t.Fatal("the scenario has no function and alias to cut out")
	}
	api := setEndpoint(t, emulator.Options{})
	acc.Test(t, api.TestCaseWithAWS(&acctest.Role{}, acc.TestStep{
		Config: functionAndAlias + inProcess(t, "resources/awslambda_function_event_invoke_config/resource.tf"),
		Check: func(*terraform.State) error {
			return acctest.CompareUnordered(api.WriteLines(), []string{
				acctest.PutRequest(latest, 21600, 1, "", queue), acctest.PutRequest(live, 3600, 2, bus, bucket),
			})
		},
	}))
}

// newScenario returns an execution role without permissions, and an API that
// checks it. Provider blocks of examples use the API.
func newScenario(t *testing.T) (*acctest.Role, *acctest.API) {
	t.Helper()
	role := &acctest.Role{}
	return role, setEndpoint(t, emulator.Options{FaultFunc: role.RejectDestination})
}

// setEndpoint starts an API and sets the environment for provider blocks without
// an endpoint. The test cannot be parallel.
func setEndpoint(t *testing.T, options emulator.Options) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, options)
	t.Setenv("AWS_ENDPOINT_URL_LAMBDA", api.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	return api
}

// watchesAlias checks an alarm on a metric of the alias live.
func watchesAlias(name, metric, statistic, threshold string) acc.TestCheckFunc {
	var checks []acc.TestCheckFunc
	for attribute, value := range map[string]string{
		"namespace": "AWS/Lambda", "metric_name": metric, "statistic": statistic, "threshold": threshold,
		"dimensions.FunctionName": function, "dimensions.Resource": function + ":live", "treat_missing_data": "notBreaching",
	} {
		checks = append(checks, acc.TestCheckResourceAttr("aws_cloudwatch_metric_alarm."+name, attribute, value))
	}
	return acc.ComposeAggregateTestCheckFunc(checks...)
}

// sends is a check that the writes of a step are want, in that order. It clears them.
func sends(api *acctest.API, want ...string) acc.TestCheckFunc {
	return func(*terraform.State) error {
		got := api.WriteLines()
		api.ClearRequests()
		if !slices.Equal(got, want) {
			return fmt.Errorf("sent:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		return nil
	}
}

// TestAccReplacedFunction_configurationFollowsInSameRun replaces the function.
// Lambda deletes the aliases and configurations with the function. They are created
// again in the same run, unless the configuration refers to the function by name and
// lacks replace_triggered_by.
func TestAccReplacedFunction_configurationFollowsInSameRun(t *testing.T) {
	byName := inProcess(t, "scenarios/replace-function/main.tf")
	const trigger = "replace_triggered_by = [aws_lambda_function.orders.arn]"
	putByName := acctest.PutRequest(latest, 21600, 0, "", "")
	for name, test := range map[string]struct {
		configuration string
		deletes, puts []string
		isLost        bool
	}{
		"by ARN": {
			configuration: inProcess(t, "scenarios/no-retries/main.tf"),
			deletes:       []string{"Delete " + latest}, puts: []string{acctest.PutRequest(latest, 60, 0, "", "")},
		},
		"by ARN of an alias": {
			configuration: inProcess(t, "scenarios/alias/main.tf"),
			deletes:       []string{"Delete " + latest, "Delete " + live},
			puts:          []string{acctest.PutRequest(live, 3600, 2, "", ""), putByName},
		},
		"by name, with a trigger": {
			configuration: byName, deletes: []string{"Delete " + latest}, puts: []string{putByName},
		},
		"by name without a trigger": {
			configuration: strings.Replace(byName, trigger, "", 1), puts: []string{putByName}, isLost: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			role, api := newScenario(t)
			// sends compares the requests, and counts the configurations that exist afterwards.
			sends := func(configs int, want ...string) acc.TestCheckFunc {
				return func(*terraform.State) error {
					if got := api.Configs(); len(got) != configs {
						return fmt.Errorf("configurations %q, want %d", got, configs)
					}
					defer api.ClearRequests()
					return acctest.CompareUnordered(api.WriteLines(), want)
				}
			}
			replaced := acc.TestStep{
				Taint: []string{"aws_lambda_function.orders"}, Config: test.configuration,
				Check: sends(len(test.puts), slices.Concat(test.deletes, test.puts)...),
			}
			if test.isLost {
				replaced.Check, replaced.ExpectNonEmptyPlan = sends(0), true
			}
			deployed := strings.Replace(test.configuration, "orders-worker:1.4.0", "orders-worker:1.5.0", 1)
			acc.Test(t, api.TestCaseWithAWS(role,
				acc.TestStep{Config: test.configuration, Check: sends(len(test.puts), test.puts...)},
				acc.TestStep{Config: deployed, Check: sends(len(test.puts))}, // an update in place
				replaced,
			))
		})
	}
}

// TestAccOldVersion_keepsItsConfiguration changes the qualifier from a version to
// an alias or to the next version, as the guide shows. The configuration of the
// old version stays.
func TestAccOldVersion_keepsItsConfiguration(t *testing.T) {
	ofVersion := func(version string) string { return acctest.PutRequest("orders-worker:"+version, 21600, 1, "", "") }
	const destroyFalse = "destroy = false # a new version leaves the configuration of the old version in Lambda"
	leave := inProcess(t, "scenarios/leave-version/main.tf")
	keep := inProcess(t, "scenarios/keep-versions/main.tf")
	published := strings.Replace(keep, destroyFalse, "", 1)
	next := func(configuration string) string {
		return strings.Replace(configuration, "orders-worker:1.4.0", "orders-worker:1.5.0", 1)
	}
	for name, test := range map[string]struct {
		steps      []string
		sent, left []string
		skip       string
	}{
		"removed": {
			steps: []string{published, leave},
			sent:  []string{ofVersion("1"), acctest.PutRequest(live, 21600, 1, "", "")},
			left:  []string{"orders-worker:1", live},
		},
		"lifecycle": {
			steps: []string{keep, next(keep)},
			sent:  []string{ofVersion("1"), ofVersion("2")},
			left:  []string{"orders-worker:1", "orders-worker:2"},
			skip:  lacksDestroyFalse(),
		},
		"neither": {
			steps: []string{published, next(published)},
			sent:  []string{ofVersion("1"), "Delete orders-worker:1", ofVersion("2")},
			left:  []string{"orders-worker:2"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if test.skip != "" {
				t.Skip(test.skip)
			}
			role, api := newScenario(t)
			var steps []acc.TestStep
			for _, configuration := range test.steps {
				steps = append(steps, acc.TestStep{Config: configuration})
			}
			steps[len(steps)-1].Check = sends(api, test.sent...)
			// Without destroy = false, since "tofu destroy" fails where it forgets an object.
			last := acc.TestStep{
				Config: strings.Replace(test.steps[len(steps)-1], destroyFalse, "", 1),
				Check: func(*terraform.State) error {
					var left []string
					for _, qualifier := range []string{"1", "2", "live"} {
						if _, ok := api.Config(acctest.Region, function, qualifier); ok {
							left = append(left, function+":"+qualifier)
						}
					}
					return acctest.CompareUnordered(left, test.left)
				},
			}
			acc.Test(t, api.TestCaseWithAWS(role, append(steps, last)...)) // destroying the function deletes the rest
		})
	}
}

// lacksDestroyFalse returns why the CLI cannot run lifecycle { destroy = false }
// in a resource, or "".
func lacksDestroyFalse() string {
	if acctest.CLI.OpenTofu && !acctest.AtLeast(1, 12) || !acctest.CLI.OpenTofu && !acctest.AtLeast(1, 16) {
		return "lifecycle { destroy = false } of a resource needs Terraform 1.16 or OpenTofu 1.12"
	}
	return ""
}

// TestAccIgnoredDestination_staysAsAnotherToolSetIt sets the ignored destination
// out of band. Updates of other members keep it, and no plan changes it.
func TestAccIgnoredDestination_staysAsAnotherToolSetIt(t *testing.T) {
	configuration := inProcess(t, "scenarios/ignore-one-side/main.tf")
	role, api := newScenario(t)
	put := acctest.PutRequest(latest, 21600, 1, "", "")
	set := func() {
		api.Must(api.PutConfig(acctest.Region, function, "", emulator.Config{
			MaximumRetryAttempts: new(1), MaximumEventAgeInSeconds: new(21600), OnFailure: queue,
		}))
	}
	keeps := func(want ...string) acc.TestCheckFunc {
		return acc.ComposeAggregateTestCheckFunc(sends(api, want...), func(*terraform.State) error {
			if config, _ := api.Config(acctest.Region, function, ""); config.OnFailure != queue {
				return fmt.Errorf("on_failure is %q", config.OnFailure)
			}
			return nil
		})
	}
	changed := strings.Replace(configuration, "maximum_retry_attempts = 1", "maximum_retry_attempts = 0", 1)
	withoutObject := strings.Replace(changed, "destination_config = {}", "", 1)
	acc.Test(t, api.TestCaseWithAWS(role,
		acc.TestStep{Config: configuration, Check: sends(api, put)},
		acc.TestStep{PreConfig: set, Config: configuration, Check: keeps(), ConfigPlanChecks: acc.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}},
		acc.TestStep{Config: changed, Check: keeps("Update " + latest + ` {"MaximumRetryAttempts":0}`)},
		// The guide says that the object is required: without it, the plan removes the destination.
		acc.TestStep{Config: withoutObject, Check: sends(api,
			"Update "+latest+` {"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`)},
	))
}

// TestAccModuleVersion_followsPublishedVersion configures the version that the same
// run publishes, and then the next version. The policy is an output of the
// module. Terraform therefore creates it after the configuration or at the same time.
func TestAccModuleVersion_followsPublishedVersion(t *testing.T) {
	const dir = "modules/async-invocation"
	module := t.TempDir()
	for _, name := range []string{"main.tf", "outputs.tf", "variables.tf", "versions.tf"} {
		text := inProcess(t, filepath.Join(dir, name))
		if err := os.WriteFile(filepath.Join(module, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configuration := strings.Replace(inProcess(t, "modules/async-invocation/examples/published/main.tf"),
		`"../.."`, fmt.Sprintf("%q", filepath.ToSlash(module)), 1)
	role, api := newScenario(t)
	configures := func(want ...string) func() {
		return func() {
			// Lambda answers 400 until the policy exists.
			got := slices.DeleteFunc(api.WriteLines(), func(line string) bool { return strings.HasSuffix(line, "-> 400") })
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
		acc.TestStep{
			PreConfig:       configures(acctest.PutRequest("orders-worker:1", 21600, 2, "", queue)),
			ConfigDirectory: next,
		},
		acc.TestStep{
			PreConfig:       configures("Delete orders-worker:1", acctest.PutRequest("orders-worker:2", 21600, 2, "", queue)),
			ConfigDirectory: next, Destroy: true,
		},
	)
	// A step with a directory and with provider factories runs init, which installs the module.
	for i := range test.Steps {
		test.Steps[i].ProtoV6ProviderFactories = test.ProtoV6ProviderFactories
	}
	test.ProtoV6ProviderFactories = nil
	acc.Test(t, test)
	if unneeded := role.UnusedActions(); len(unneeded) > 0 {
		t.Errorf("the role is allowed %q, which nothing needs", unneeded)
	}
}

// inProcess returns a file below examples, with the provider address of the
// in-process provider.
func inProcess(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), `"lambda-async/awslambda"`, `"hashicorp/awslambda"`)
}
