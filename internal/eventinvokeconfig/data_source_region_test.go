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

// regionBlock returns a data block without function_name.
func regionBlock(name string, arguments ...string) string {
	return fmt.Sprintf("data \"%ss\" %q {\n  %s\n}\n", acctest.Type, name, strings.Join(arguments, "\n  "))
}

// functionValue returns a check of an element of functions.
func functionValue(name string, arn, deadLetterTarget knownvalue.Check, qualifiers ...string) knownvalue.Check {
	list := []knownvalue.Check{}
	for _, q := range qualifiers {
		list = append(list, knownvalue.StringExact(q))
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"function_name": knownvalue.StringExact(name), "function_arn": arn, "dead_letter_target_arn": deadLetterTarget,
		"qualifiers": knownvalue.ListExact(list),
	})
}

// newAuditAPI returns an API with the functions a, a-b, b, c and d. The functions a,
// a-b and c have configurations, and b has a dead-letter queue.
func newAuditAPI(t *testing.T) *acctest.API {
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

// auditResult has the lists of a data source as lines.
type auditResult struct{ functions, configs, unreadable []string }

// readRegion plans a data source of a region, and returns its lists and the output
// of the CLI.
func readRegion(t *testing.T, api *acctest.API, arguments ...string) (got auditResult, printed string) {
	t.Helper()
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+regionBlock("x", arguments...)+fmt.Sprintf(`
locals {
  x = data.%ss.x
}
output "functions" {
  value = [for f in local.x.functions : join(" ", concat(
    [f.function_name, f.function_arn == null ? "no ARN" : f.function_arn], f.qualifiers,
    compact([f.dead_letter_target_arn]),
  ))]
}
output "configs" {
  value = [for c in local.x.configs : join(" ", [
    "${c.function_name}:${c.qualifier}", c.maximum_retry_attempts,
    try(c.destination_config.on_failure.destination, "none"),
  ])]
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
	for name, to := range map[string]*[]string{
		"functions": &got.functions, "configs": &got.configs, "unreadable": &got.unreadable,
	} {
		value, err := json.Marshal(plan.PlannedValues.Outputs[name].Value)
		api.Must(err)
		api.Must(json.Unmarshal(value, to))
	}
	return got, string(out)
}

// expectRequests compares the requests without regard to their order.
func expectRequests(t *testing.T, api *acctest.API, want ...string) {
	t.Helper()
	expectLines(t, "sent", slices.Sorted(slices.Values(api.RequestLines())), slices.Sorted(slices.Values(want)))
}

const arnOfFunctions = "arn:aws:lambda:us-east-1:123456789012:function:"

func TestAccConfigsDataSource_region(t *testing.T) {
	api := newAuditAPI(t)
	arn := func(name string) knownvalue.Check { return knownvalue.StringExact(arnOfFunctions + name) }
	null := knownvalue.Null()
	functions := []knownvalue.Check{
		functionValue("a", arn("a"), null, "$LATEST", "live"),
		functionValue("a-b", arn("a-b"), null, "$LATEST"),
		functionValue("b", arn("b"), knownvalue.StringExact(queue)),
		functionValue("c", arn("c"), null, "live"),
		functionValue("d", arn("d"), null),
	}
	europe := functionValue("e",
		knownvalue.StringExact("arn:aws:lambda:eu-west-1:123456789012:function:e"), null, "$LATEST")
	configuration := regionBlock("all") + regionBlock("europe", `region = "eu-west-1"`) +
		regionBlock("prefix", `name_prefix = "a"`) + regionBlock("a_b", `name_prefix = "a-b"`) +
		regionBlock("empty", `name_prefix = ""`) + regionBlock("none", `name_prefix = "x"`)
	list := knownvalue.ListExact
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(api.NoOpStep(configuration),
		expectConfigsData("all", "functions", list(functions)),
		expectConfigsData("all", "region", knownvalue.StringExact(acctest.Region)),
		expectConfigsData("all", "function_name", null),
		expectConfigsData("all", "unreadable", list([]knownvalue.Check{})),
		expectConfigsData("all", "configs", list([]knownvalue.Check{
			configValue("a", "$LATEST", 21600, 2, topic, ""), configValue("a", "live", 21600, 0, "", queue),
			configValue("a-b", "$LATEST", 21600, 2, "", ""), configValue("c", "live", 21600, 0, "", queue),
		})),
		expectConfigsData("prefix", "functions", list(functions[:2])),
		expectConfigsData("prefix", "configs", knownvalue.ListSizeExact(3)),
		expectConfigsData("a_b", "functions", list(functions[1:2])),
		expectConfigsData("empty", "functions", list(functions)),
		expectConfigsData("none", "functions", list([]knownvalue.Check{})),
		expectConfigsData("none", "configs", list([]knownvalue.Check{})),
		expectConfigsData("europe", "functions", list([]knownvalue.Check{europe})),
		expectConfigsData("europe", "region", knownvalue.StringExact("eu-west-1")),
	))
}

func TestAccConfigsDataSource_callsForRegion(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	for i := range 120 {
		api.Must(api.CreateFunction(acctest.Region, fmt.Sprintf("f%03d", i))) // three pages
	}
	got, _ := readRegion(t, api)
	if len(got.functions) != 120 || len(got.configs) != 0 {
		t.Errorf("got %+v", got)
	}
	expectListCalls(t, api, "the region", 3, 120)
	got, _ = readRegion(t, api, `name_prefix = "f01"`)
	if len(got.functions) != 10 {
		t.Errorf("got %+v", got)
	}
	expectListCalls(t, api, "a name prefix", 3, 10)
	readRegion(t, api, `name_prefix = "g"`)
	expectListCalls(t, api, "no function of the name prefix", 3, 0)
}

func TestAccConfigsDataSource_pages(t *testing.T) {
	t.Parallel()
	api := newPagedAPI(t)
	got, _ := readRegion(t, api)
	if len(got.functions) != 51 || len(got.configs) != 101 || !strings.HasSuffix(got.functions[0], " alias50") {
		t.Errorf("got %d functions, %d configurations, %q", len(got.functions), len(got.configs), got.functions[:1])
	}
	expectListCalls(t, api, "the region", 2, 52)
}

// The function gone is deleted between ListFunctions and List. The function
// d is in two pages.
func TestAccConfigsDataSource_omitsDeletedFunctions(t *testing.T) {
	t.Parallel()
	api := newAuditAPI(t)
	for _, page := range []string{
		`{"Functions":[{"FunctionName":"d"},{"FunctionName":"gone"}],"NextMarker":"2"}`,
		`{"Functions":[{"FunctionName":"c"},{"FunctionName":"d"}]}`,
	} {
		api.AddFault(emulator.Fault{Operation: "ListFunctions", Status: 200, Body: page})
	}
	got, _ := readRegion(t, api)
	expectLines(t, "functions", got.functions, []string{"c no ARN live", "d no ARN"})
	expectLines(t, "unreadable", got.unreadable, nil)
	expectRequests(t, api, "ListFunctions", "ListFunctions", "List c", "List d", "List gone -> 404")
}

func TestAccConfigsDataSource_warnsOfUnreadableFunctions(t *testing.T) {
	t.Parallel()
	api := newAuditAPI(t)
	for _, f := range []string{"c", "a"} {
		api.AddFault(accessDenied(listOperation, f))
	}
	got, printed := readRegion(t, api)
	expectLines(t, "functions", got.functions, []string{
		"a-b " + arnOfFunctions + "a-b $LATEST", "b " + arnOfFunctions + "b " + queue, "d " + arnOfFunctions + "d",
	})
	expectLines(t, "configs", got.configs, []string{"a-b:$LATEST 2 none"})
	expectLines(t, "unreadable", got.unreadable, []string{"a", "c"})
	for _, want := range []string{
		"Warning: Event invoke configs not read",
		"Lambda denied to list the configurations of functions in us-east-1, 2 in all: a, c.",
		"Allow the action lambda:" + listOperation + " on the resources arn:*:lambda:us-east-1:ACCOUNT:function:a and",
	} {
		if !acctest.Wrapped(want).MatchString(printed) {
			t.Errorf("want %q in\n%s", want, printed)
		}
	}
	if n := strings.Count(printed, "Event invoke configs not read"); n != 1 {
		t.Errorf("%d warnings\n%s", n, printed)
	}
	expectRequests(t, api, "ListFunctions", "List a -> 403", "List a-b", "List b", "List c -> 403", "List d")
}

func TestAccConfigsDataSource_limitsNamesInWarning(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, denyOperation(listOperation))
	for i := range 30 {
		api.Must(api.CreateFunction(acctest.Region, fmt.Sprintf("f%02d", i)))
	}
	got, printed := readRegion(t, api)
	if len(got.unreadable) != 30 || len(got.functions) != 0 {
		t.Errorf("got %+v", got)
	}
	if !acctest.Wrapped("functions in us-east-1, 30 in all: f00, f01,").MatchString(printed) ||
		!acctest.Wrapped("f18, f19 and 10 more.").MatchString(printed) {
		t.Errorf("got %s", printed)
	}
}

// List of some implementations does not accept an ARN.
func TestAccConfigsDataSource_withoutListByARN(t *testing.T) {
	t.Parallel()
	api := newAuditAPI(t)
	api.WrapHandler(withoutUpdate)
	if got, _ := readRegion(t, api); len(got.functions) != 5 || len(got.configs) != 4 {
		t.Errorf("got %+v", got)
	}
}

func TestAccConfigsDataSource_regionErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault     emulator.Fault
		arguments string
		want      string
	}{
		"denied region": {accessDenied("ListFunctions", ""), "", "Allow the action lambda:ListFunctions on the resource *"},
		"invalid List": {
			emulator.Fault{Operation: listOperation, Function: "c", Status: 400, Code: "InvalidParameterValueException"}, "",
			listOperation + " of c in us-east-1 failed.",
		},
		"no List operation": {
			emulator.Fault{Operation: listOperation, Status: 501, Times: 9}, "",
			"The API at this endpoint does not have this operation",
		},
		"timeout": {
			emulator.Fault{Operation: listOperation, Function: "c", Status: 200, Delay: 5 * time.Second, Times: 9},
			`timeouts = { read = "500ms" }`, "did not succeed within its timeout",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAuditAPI(t)
			api.AddFault(test.fault)
			tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+regionBlock("x", test.arguments))
			_, err := tf.Plan(t.Context())
			const summary = "Cannot read event invoke config"
			if err == nil || !acctest.Wrapped(test.want).MatchString(err.Error()) ||
				!acctest.Wrapped(summary).MatchString(err.Error()) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestAccConfigsDataSource_respectsRateLimit(t *testing.T) {
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

func TestAccConfigsDataSource_functionsOfOneFunction(t *testing.T) {
	api := newAuditAPI(t)
	null := knownvalue.Null()
	var configuration string
	var checks []statecheck.StateCheck
	for name, test := range map[string]struct {
		reference string
		want      knownvalue.Check
	}{
		"configured": {"c", functionValue("c", knownvalue.StringExact(arnOfFunctions+"c"), null, "live")},
		"bare":       {"d", functionValue("d", null, null)},
		"partial":    {acctest.Account + ":function:b", functionValue("b", knownvalue.StringExact(arnOfFunctions+"b"), null)},
		"arn":        {arnOfFunctions + "d", functionValue("d", knownvalue.StringExact(arnOfFunctions+"d"), null)},
	} {
		configuration += dataBlock("s", name, test.reference)
		checks = append(checks,
			expectConfigsData(name, "functions", knownvalue.ListExact([]knownvalue.Check{test.want})),
			expectConfigsData(name, "unreadable", knownvalue.ListExact([]knownvalue.Check{})))
	}
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(api.NoOpStep(configuration), checks...))
}
