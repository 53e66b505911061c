// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// region returns a data block without function_name.
func region(name string, arguments ...string) string {
	return fmt.Sprintf("data %q %q {\n  %s\n}\n", acctest.Type+"s", name, strings.Join(arguments, "\n  "))
}

// function checks one of functions.
func function(name string, arn, deadLetterTarget knownvalue.Check, qualifiers ...string) knownvalue.Check {
	list := []knownvalue.Check{}
	for _, q := range qualifiers {
		list = append(list, knownvalue.StringExact(q))
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"function_name": knownvalue.StringExact(name), "function_arn": arn, "dead_letter_target_arn": deadLetterTarget,
		"qualifiers": knownvalue.ListExact(list),
	})
}

// newAudited has functions of which a, a-b and c have configurations, and b has
// a dead-letter queue. They are made in another order.
func newAudited(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{}, "d", "a-b", "c", "a")
	api.CreateDeadLetterFunction("b", queue)
	api.Must(api.CreateFunction("eu-west-1", "e"))
	api.Must(api.PutConfig("eu-west-1", "e", "", emulator.Config{OnFailure: bucket}))
	for _, f := range []string{"c", "a"} {
		api.Must(api.CreateAlias(acctest.Region, f, "live", "$LATEST"))
		api.Must(api.PutConfig(acctest.Region, f, "live", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	}
	api.Must(api.PutConfig(acctest.Region, "a", "", emulator.Config{OnSuccess: topic}))
	api.Must(api.PutConfig(acctest.Region, "a-b", "", emulator.Config{}))
	return api
}

// audit is what a data source returned, each list as lines.
type audit struct{ functions, configs, unreadable []string }

// readRegion plans a data source of a whole region, and returns what it has read
// and what the CLI printed. It fails unless the plan succeeds.
func readRegion(t *testing.T, api *acctest.API, arguments ...string) (got audit, printed string) {
	t.Helper()
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+region("x", arguments...)+fmt.Sprintf(`
locals {
  x = data.%ss.x
}
output "functions" {
  value = [for f in local.x.functions : join(" ", concat([f.function_name, f.function_arn == null ? "no ARN" : f.function_arn], f.qualifiers, compact([f.dead_letter_target_arn])))]
}
output "configs" {
  value = [for c in local.x.configs : "${c.function_name}:${c.qualifier} ${c.maximum_retry_attempts} ${try(c.destination_config.on_failure.destination, "none")}"]
}
output "unreadable" {
  value = local.x.unreadable
}
`, acctest.Type))
	api.ClearRequests()
	cmd := acctest.Command(t.Context(), tf, "plan", "-no-color", "-out=audit.tfplan")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	plan, err := tf.ShowPlanFile(t.Context(), "audit.tfplan")
	api.Must(err)
	for name, to := range map[string]*[]string{"functions": &got.functions, "configs": &got.configs, "unreadable": &got.unreadable} {
		value, err := json.Marshal(plan.PlannedValues.Outputs[name].Value)
		api.Must(err)
		api.Must(json.Unmarshal(value, to))
	}
	return got, string(out)
}

// wantSent compares what was sent, the Lists in any order.
func wantSent(t *testing.T, api *acctest.API, want ...string) {
	t.Helper()
	wantLines(t, "sent", slices.Sorted(slices.Values(api.RequestLines())), slices.Sorted(slices.Values(want)))
}

const arnOfFunctions = "arn:aws:lambda:us-east-1:123456789012:function:"

func TestAccAllDataSource_readsRegion(t *testing.T) {
	api := newAudited(t)
	arn := func(name string) knownvalue.Check { return knownvalue.StringExact(arnOfFunctions + name) }
	null := knownvalue.Null()
	functions := []knownvalue.Check{
		function("a", arn("a"), null, "$LATEST", "live"),
		function("a-b", arn("a-b"), null, "$LATEST"),
		function("b", arn("b"), knownvalue.StringExact(queue)),
		function("c", arn("c"), null, "live"),
		function("d", arn("d"), null),
	}
	europe := function("e", knownvalue.StringExact("arn:aws:lambda:eu-west-1:123456789012:function:e"), null, "$LATEST")
	configuration := region("all") + region("prefix", `name_prefix = "a"`) + region("a_b", `name_prefix = "a-b"`) +
		region("empty", `name_prefix = ""`) + region("none", `name_prefix = "x"`) + region("europe", `region = "eu-west-1"`)
	step := api.NoOpStep(configuration)
	list := knownvalue.ListExact
	step.ConfigStateChecks = []statecheck.StateCheck{
		readsAll("all", "functions", list(functions)),
		readsAll("all", "region", knownvalue.StringExact(acctest.Region)),
		readsAll("all", "function_name", null),
		readsAll("all", "unreadable", list([]knownvalue.Check{})),
		readsAll("all", "configs", list([]knownvalue.Check{
			oneOf("a", "$LATEST", 21600, 2, topic, ""), oneOf("a", "live", 21600, 0, "", queue),
			oneOf("a-b", "$LATEST", 21600, 2, "", ""), oneOf("c", "live", 21600, 0, "", queue),
		})),
		readsAll("prefix", "functions", list(functions[:2])),
		readsAll("prefix", "configs", knownvalue.ListSizeExact(3)),
		readsAll("a_b", "functions", list(functions[1:2])),
		readsAll("empty", "functions", list(functions)),
		readsAll("none", "functions", list([]knownvalue.Check{})),
		readsAll("none", "configs", list([]knownvalue.Check{})),
		readsAll("europe", "functions", list([]knownvalue.Check{europe})),
		readsAll("europe", "region", knownvalue.StringExact("eu-west-1")),
	}
	api.ParallelReadOnlyTest(t, step)
}

// TestAccAllDataSource_countsRegionCalls has 120 functions, which are three pages.
func TestAccAllDataSource_countsRegionCalls(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	for i := range 120 {
		api.Must(api.CreateFunction(acctest.Region, fmt.Sprintf("f%03d", i)))
	}
	got, _ := readRegion(t, api)
	if len(got.functions) != 120 || len(got.configs) != 0 {
		t.Errorf("got %+v", got)
	}
	wantCalls(t, api, "the region", 3, 120)
	got, _ = readRegion(t, api, `name_prefix = "f01"`)
	if len(got.functions) != 10 {
		t.Errorf("got %+v", got)
	}
	wantCalls(t, api, "a name prefix", 3, 10)
	readRegion(t, api, `name_prefix = "g"`)
	wantCalls(t, api, "no function of the name prefix", 3, 0)
}

func TestAccAllDataSource_readsAllPagesOfConfigs(t *testing.T) {
	t.Parallel()
	api := newPages(t)
	got, _ := readRegion(t, api)
	if len(got.functions) != 51 || len(got.configs) != 101 || !strings.HasSuffix(got.functions[0], " alias50") {
		t.Errorf("got %d functions, %d configurations, %q", len(got.functions), len(got.configs), got.functions[:1])
	}
	wantCalls(t, api, "the region", 2, 52)
}

// TestAccAllDataSource_leavesOutDeletedFunctions lists a function that is deleted
// before its own List, and one that two pages have.
func TestAccAllDataSource_leavesOutDeletedFunctions(t *testing.T) {
	t.Parallel()
	api := newAudited(t)
	api.AddFault(emulator.Fault{Operation: "ListFunctions", Status: 200, Body: `{"Functions":[{"FunctionName":"d"},{"FunctionName":"gone"}],"NextMarker":"2"}`})
	api.AddFault(emulator.Fault{Operation: "ListFunctions", Status: 200, Body: `{"Functions":[{"FunctionName":"c"},{"FunctionName":"d"}]}`})
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+region("x")+
		"output \"names\" { value = join(\" \", concat(data."+acctest.Type+"s.x.functions[*].function_name, data."+acctest.Type+"s.x.unreadable)) }")
	api.Must(tf.Apply(t.Context()))
	outputs, err := tf.Output(t.Context())
	api.Must(err)
	if got := string(outputs["names"].Value); got != `"c d"` {
		t.Errorf("got %s", got)
	}
	wantSent(t, api, "ListFunctions", "ListFunctions", "List c", "List d", "List gone -> 404")
}

func TestAccAllDataSource_namesUnreadableFunctions(t *testing.T) {
	t.Parallel()
	api := newAudited(t)
	for _, f := range []string{"c", "a"} {
		api.AddFault(denies(listOperation, f))
	}
	got, printed := readRegion(t, api)
	wantLines(t, "functions", got.functions, []string{
		"a-b " + arnOfFunctions + "a-b $LATEST", "b " + arnOfFunctions + "b " + queue, "d " + arnOfFunctions + "d",
	})
	wantLines(t, "configs", got.configs, []string{"a-b:$LATEST 2 none"})
	wantLines(t, "unreadable", got.unreadable, []string{"a", "c"})
	for _, want := range []string{
		"Warning: Event invoke configs not read",
		"Lambda denied to list the configurations of functions in us-east-1, 2 in all: a, c.",
		"Allow the action lambda:ListFunctionEventInvokeConfigs on the resources arn:*:lambda:us-east-1:ACCOUNT:function:a and",
	} {
		if !acctest.Wrapped(want).MatchString(printed) {
			t.Errorf("want %q in\n%s", want, printed)
		}
	}
	if n := strings.Count(printed, "Event invoke configs not read"); n != 1 {
		t.Errorf("%d warnings\n%s", n, printed)
	}
	wantSent(t, api, "ListFunctions", "List a -> 403", "List a-b", "List b", "List c -> 403", "List d")
}

// TestAccAllDataSource_boundsWarning denies all Lists of many functions.
func TestAccAllDataSource_boundsWarning(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, denied(listOperation))
	for i := range 30 {
		api.Must(api.CreateFunction(acctest.Region, fmt.Sprintf("f%02d", i)))
	}
	got, printed := readRegion(t, api)
	if len(got.unreadable) != 30 || len(got.functions) != 0 {
		t.Errorf("got %+v", got)
	}
	if !acctest.Wrapped("functions in us-east-1, 30 in all: f00, f01,").MatchString(printed) || !acctest.Wrapped("f18, f19 and 10 more.").MatchString(printed) {
		t.Errorf("got %s", printed)
	}
}

// TestAccAllDataSource_readsDeploymentsWithoutListByARN has an API whose List finds
// no function by an ARN.
func TestAccAllDataSource_readsDeploymentsWithoutListByARN(t *testing.T) {
	t.Parallel()
	api := newAudited(t)
	api.WrapHandler(withoutUpdate)
	if got, _ := readRegion(t, api); len(got.functions) != 5 || len(got.configs) != 4 {
		t.Errorf("got %+v", got)
	}
}

func TestAccAllDataSource_failsOnOtherErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     emulator.Fault
		arguments string
		want      string
	}{
		"region denied": {denies("ListFunctions", ""), "", "Allow the action lambda:ListFunctions on the resource *"},
		"one List fails": {
			emulator.Fault{Operation: listOperation, Function: "c", Status: 400, Code: "InvalidParameterValueException", Message: "no such thing"}, "",
			"ListFunctionEventInvokeConfigs of c in us-east-1 failed.",
		},
		"no List operation": {emulator.Fault{Operation: listOperation, Status: 501, Times: 9}, "", "The API at this endpoint does not have this operation"},
		"timeout": {
			emulator.Fault{Operation: listOperation, Function: "c", Status: 200, Delay: 5 * time.Second, Times: 9}, `timeouts = { read = "500ms" }`,
			"did not succeed within its timeout",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAudited(t)
			api.AddFault(test.fault)
			_, err := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+region("x", test.arguments)).Plan(t.Context())
			if err == nil || !acctest.Wrapped(test.want).MatchString(err.Error()) ||
				!acctest.Wrapped("Cannot read event invoke config").MatchString(err.Error()) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestAccAllDataSource_isRateLimited reads a region beyond the rate that Lambda
// grants.
func TestAccAllDataSource_isRateLimited(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{RequestsPerSecond: 15})
	const functions = 45
	for i := range functions {
		api.Must(api.CreateFunction(acctest.Region, fmt.Sprintf("f%03d", i)))
	}
	if got, _ := readRegion(t, api); len(got.functions) != functions {
		t.Errorf("got %+v", got)
	}
	throttled := 0
	for _, r := range api.Requests() {
		if r.Status == 429 {
			throttled++
		}
	}
	if throttled == 0 || throttled > functions/3 {
		t.Errorf("%d of %d calls were throttled", throttled, len(api.Requests()))
	}
}

// TestAccAllDataSource_functionsOfOneFunction has function_name in every format.
func TestAccAllDataSource_functionsOfOneFunction(t *testing.T) {
	api := newAudited(t)
	null := knownvalue.Null()
	var configuration string
	var checks []statecheck.StateCheck
	for name, test := range map[string]struct {
		reference string
		want      knownvalue.Check
	}{
		"configured": {"c", function("c", knownvalue.StringExact(arnOfFunctions+"c"), null, "live")},
		"bare":       {"d", function("d", null, null)},
		"partial":    {acctest.Account + ":function:b", function("b", knownvalue.StringExact(arnOfFunctions+"b"), null)},
		"arn":        {arnOfFunctions + "d", function("d", knownvalue.StringExact(arnOfFunctions+"d"), null)},
	} {
		configuration += data("s", name, test.reference)
		checks = append(checks, readsAll(name, "functions", knownvalue.ListExact([]knownvalue.Check{test.want})),
			readsAll(name, "unreadable", knownvalue.ListExact([]knownvalue.Check{})))
	}
	step := api.NoOpStep(configuration)
	step.ConfigStateChecks = checks
	api.ParallelReadOnlyTest(t, step)
}
