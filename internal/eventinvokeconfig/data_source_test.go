// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	listOperation = "ListFunctionEventInvokeConfigs"
	getOperation  = "GetFunctionEventInvokeConfig"
)

// dataBlock returns a data block of awslambda_function_event_invoke_config, or with
// the plural "s" of awslambda_function_event_invoke_configs.
func dataBlock(plural, name, function string, arguments ...string) string {
	return fmt.Sprintf("data %q %q {\n  function_name = %q\n  %s\n}\n",
		acctest.Type+plural, name, function, strings.Join(arguments, "\n  "))
}

// expectConfigData returns a check of an attribute of a data source of one
// configuration.
func expectConfigData(name, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+acctest.Type+"."+name, tfjsonpath.New(attribute), want)
}

// expectConfigStrings is [expectConfigData] for pairs of an attribute and a string.
func expectConfigStrings(name string, pairs ...string) []statecheck.StateCheck {
	return acctest.ExpectStrings("data."+acctest.Type+"."+name, pairs...)
}

// denyOperation returns options of an API that denies all calls of an operation.
func denyOperation(operation string) emulator.Options {
	return emulator.Options{FaultFunc: func(r emulator.Request) *emulator.Fault {
		if r.Operation != operation {
			return nil
		}
		return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"}
	}}
}

func TestAccConfigDataSource_values(t *testing.T) {
	changed := time.Date(2026, 11, 24, 4, 25, 12, 995_000_000, time.UTC)
	api := acctest.NewAPI(t, emulator.Options{Clock: func() time.Time { return changed }}, "f")
	var configuration strings.Builder
	var checks []statecheck.StateCheck
	for alias, test := range map[string]struct {
		config               emulator.Config
		age, retries         int64
		onSuccess, onFailure string
	}{
		"nothing": {emulator.Config{}, 21600, 2, "", ""}, // responses omit numbers that were never set
		"failure": {emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}, 21600, 0, "", queue},
		"success": {emulator.Config{MaximumEventAgeInSeconds: new(60), OnSuccess: eventBus}, 60, 2, eventBus, ""},
		"both": {emulator.Config{
			MaximumRetryAttempts: new(2), MaximumEventAgeInSeconds: new(21600), OnSuccess: topic, OnFailure: bucket,
		}, 21600, 2, topic, bucket},
	} {
		api.Must(api.CreateAlias(acctest.Region, "f", alias, "$LATEST"))
		api.Must(api.PutConfig(acctest.Region, "f", alias, test.config))
		configuration.WriteString(dataBlock("", alias, "f", fmt.Sprintf("qualifier = %q", alias)))
		checks = append(checks, acctest.ExpectAttributes("data."+acctest.Type+"."+alias, map[string]knownvalue.Check{
			"maximum_event_age_in_seconds": knownvalue.Int64Exact(test.age),
			"maximum_retry_attempts":       knownvalue.Int64Exact(test.retries),
			"destination_config":           acctest.DestinationsExact(test.onSuccess, test.onFailure),
			"id":                           knownvalue.StringExact(functionARN + ":" + alias),
			"function_arn":                 knownvalue.StringExact(functionARN + ":" + alias),
			"last_modified":                knownvalue.StringExact("2026-11-24T04:25:12.995Z"),
		})...)
	}
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(api.NoOpStep(configuration.String()), checks...))
}

func TestAccConfigDataSource_functionReferences(t *testing.T) {
	const europe = "eu-west-1"
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateFunction(europe, "f"))
	for _, region := range []string{acctest.Region, europe} {
		api.Must(api.CreateAlias(region, "f", "live", "$LATEST"))
		for _, qualifier := range []string{"", "live"} {
			api.Must(api.PutConfig(region, "f", qualifier, emulator.Config{MaximumRetryAttempts: new(1)}))
		}
	}
	europeARN := strings.Replace(functionARN, acctest.Region, europe, 1)
	const live, latest, inEurope = `qualifier = "live"`, `qualifier = "$LATEST"`, `region = "eu-west-1"`
	var configuration strings.Builder
	var checks []statecheck.StateCheck
	for name, test := range map[string]struct {
		function, arguments, region, qualifier string
	}{
		"name":              {"f", "", acctest.Region, "$LATEST"},
		"name_latest":       {"f:$LATEST", "", acctest.Region, "$LATEST"},
		"name_live":         {"f:live", "", acctest.Region, "live"},
		"name_and_latest":   {"f", latest, acctest.Region, "$LATEST"},
		"name_and_live":     {"f", live, acctest.Region, "live"},
		"live_and_live":     {"f:live", live, acctest.Region, "live"},
		"name_and_region":   {"f:live", inEurope, europe, "live"},
		"partial":           {"123456789012:function:f", "", acctest.Region, "$LATEST"},
		"partial_live":      {"123456789012:function:f:live", "", acctest.Region, "live"},
		"arn":               {functionARN, "", acctest.Region, "$LATEST"},
		"arn_live":          {functionARN + ":live", "", acctest.Region, "live"},
		"europe_and_live":   {europeARN, live, europe, "live"},
		"europe_and_europe": {europeARN, inEurope, europe, "$LATEST"},
	} {
		configuration.WriteString(dataBlock("", name, test.function, test.arguments))
		checks = append(checks, expectConfigStrings(name,
			"function_name", test.function, "qualifier", test.qualifier, "region", test.region,
			"id", "arn:aws:lambda:"+test.region+":123456789012:function:f:"+test.qualifier)...)
	}
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(api.NoOpStep(configuration.String()), checks...))
}

func TestAccDataSources_errors(t *testing.T) {
	t.Parallel()
	slow := emulator.Options{Latency: 5 * time.Second}
	const timeout, inTime = `timeouts = { read = "100ms" }`, "did not succeed within its timeout"
	for name, test := range map[string]struct {
		options emulator.Options
		data    string
		want    []string // in the error
		sent    []string // nil for any
	}{
		"no function": {
			data: dataBlock("", "x", "g", `qualifier = "live"`),
			want: []string{
				"Cannot read event invoke config",
				"The function g does not exist in us-east-1. Correct its name or the region, or create it first.",
			},
			sent: []string{"List g -> 404", "Get g:live -> 404"},
		},
		"no configuration": {
			data: dataBlock("", "x", functionARN),
			want: []string{
				"Cannot read event invoke config",
				"Lambda has no event invoke config of f:$LATEST in us-east-1: the function, the version or the alias may not " +
					"exist, or it has no configuration, so that Lambda's defaults apply.",
				"Correct the function's name, the qualifier or the region, or create the configuration, for example with the " +
					"resource " + acctest.Type + ". If the configuration may be missing, set required = false.",
			},
			sent: []string{"List f", "Get f:$LATEST -> 404"},
		},
		"no alias": {
			data: dataBlock("", "x", "f:gone"),
			want: []string{"Lambda has no event invoke config of f:gone in us-east-1"},
			sent: []string{"List f", "Get f:gone -> 404"},
		},
		"no function, List denied": {
			options: denyOperation(listOperation),
			data:    dataBlock("", "x", "g"),
			want: []string{
				"Lambda has no event invoke config of g:$LATEST in us-east-1: the function, the version or the alias may not exist",
			},
			sent: []string{"List g -> 403", "Get g:$LATEST -> 404", "Get g:$LATEST -> 404"},
		},
		"Get denied": {
			options: denyOperation(getOperation),
			data:    dataBlock("", "x", "f"),
			want: []string{
				"Cannot read",
				"Allow the action lambda:" + getOperation + " on the resources arn:*:lambda:us-east-1:ACCOUNT:function:f and",
			},
			sent: []string{"List f", "Get f:$LATEST -> 403"},
		},
		"Get denied, not required": {
			options: denyOperation(getOperation),
			data:    dataBlock("", "x", "f", "required = false"),
			want:    []string{"Cannot read", "Allow the action lambda:" + getOperation},
			sent:    []string{"List f", "Get f:$LATEST -> 403"},
		},
		"all, no function": {
			data: dataBlock("s", "x", "g"),
			want: []string{
				"Cannot read event invoke config", "The function g does not exist in us-east-1.",
			},
			sent: []string{"List g -> 404"},
		},
		"all, List denied": {
			options: denyOperation(listOperation),
			data:    dataBlock("s", "x", functionARN),
			want:    []string{"Cannot read", "Allow the action lambda:" + listOperation + " on the resources " + functionARN},
			sent:    []string{"List f -> 403", "List f -> 403"},
		},
		"timeout":      {options: slow, data: dataBlock("", "x", "f", timeout), want: []string{inTime}},
		"all, timeout": {options: slow, data: dataBlock("s", "x", "f", timeout), want: []string{inTime}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, test.options, "f")
			_, err := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+test.data).Plan(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !acctest.Wrapped(want).MatchString(err.Error()) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
			if test.sent != nil {
				expectLines(t, "sent", api.RequestLines(), test.sent)
			}
		})
	}
}

func TestAccConfigDataSource_required(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	const optional = "required = false"
	step := api.ApplyStep(dataBlock("", "default", "f:live") + dataBlock("", "required", "f:live", "required = true") +
		dataBlock("", "optional", "f:live", optional) + dataBlock("", "missing", "f", optional) +
		dataBlock("", "no_alias", "f:gone", optional) + dataBlock("", "no_function", "g", optional) + fmt.Sprintf(`
output "branch" {
  value = data.%[1]s.missing.exists ? data.%[1]s.missing.maximum_retry_attempts : 1
}
`, acctest.Type))
	var checks []statecheck.StateCheck
	for _, name := range []string{"default", "required", "optional"} {
		checks = append(checks, expectConfigData(name, "exists", knownvalue.Bool(true)),
			expectConfigData(name, "maximum_retry_attempts", knownvalue.Int64Exact(0)))
	}
	for name, qualifier := range map[string]string{"missing": "$LATEST", "no_alias": "gone", "no_function": "$LATEST"} {
		checks = append(checks, expectConfigData(name, "exists", knownvalue.Bool(false)))
		checks = append(checks, expectConfigStrings(name, "qualifier", qualifier, "region", acctest.Region)...)
		for _, attribute := range []string{
			"maximum_retry_attempts", "maximum_event_age_in_seconds", "destination_config",
			"id", "function_arn", "last_modified",
		} {
			checks = append(checks, expectConfigData(name, attribute, knownvalue.Null()))
		}
	}
	checks = append(checks, statecheck.ExpectKnownOutputValue("branch", knownvalue.Int64Exact(1)))
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(step, checks...))
}

func TestAccConfigDataSource_withoutList(t *testing.T) {
	api := acctest.NewAPI(t, denyOperation(listOperation), "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: queue}))
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(api.NoOpStep(dataBlock("", "x", "f")),
		expectConfigData("x", "destination_config", acctest.DestinationsExact("", queue))))
}

func TestAccDataSources_validation(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long", 17)
	const europe, here, live = `region = "eu-west-1"`, `region = "us-east-1"`, `qualifier = "live"`
	one := func(function string, arguments ...string) string {
		return dataBlock("", "NAME", function, arguments...)
	}
	all := func(function string, arguments ...string) string {
		return dataBlock("s", "NAME", function, arguments...)
	}
	prefix := func(value string) string { return regionBlock("NAME", fmt.Sprintf("name_prefix = %q", value)) }
	expectDiagnostics(t, []validationCase{
		{one("my function"), isError("function_name",
			`"my function" is not a Lambda function reference; expected a function name`)},
		{one("f", `qualifier = ""`), isError("qualifier", `"" is not a qualifier; expected a version ("7")`)},
		{one("f:live", `qualifier = "prod"`), isError("qualifier", `The qualifier is "prod", but function_name = "f:live" `+
			`contains the qualifier "live". Omit one of the two`)},
		{one("f", `region = ""`), isError("region", "The region is empty")},
		{one(functionARN, europe), isError("region", `contains the region "us-east-1". Omit the region`)},
		{one("f", `timeouts = { read = "soon" }`), isError("", `timeouts.read: "soon" is not a duration`)},
		{one("f", `timeouts = { read = "0m" }`), isError("", `timeouts.read: "0m" leaves no time for the operation`)},
		{one(functionARN+":live", live, here), nil},
		{all(""), isError("function_name", `"" is not a Lambda function reference`)},
		{all("f:live"), isError("function_name", `"f:live" contains the qualifier "live"; use the function without it`)},
		{all("f", `region = ""`), isError("region", "The region is empty")},
		{all(functionARN, europe), isError("region", `contains the region "us-east-1". Omit the region`)},
		{all("f", `timeouts = { read = "0m" }`), isError("", `timeouts.read: "0m" leaves no time for the operation`)},
		{all(functionARN, here), nil},
		{all("f", `name_prefix = "f"`), isError("name_prefix",
			`The name prefix is "f", but function_name = "f" names one function.`)},
		{prefix("orders-"), nil},
		{prefix(""), nil},
		{prefix(functionARN), isError("name_prefix",
			`Invalid name prefix No function name begins with "`+functionARN+`"`)},
		{prefix("orders-*"), isError("name_prefix", `Invalid name prefix No function name begins with "orders-*"; `+
			`a name has letters, digits, hyphens and underscores only`)},
		{prefix(long), isError("name_prefix", `Invalid name prefix The name prefix "`+long+
			`" has 68 characters; a function name has at most 64.`)},
	})
}

func TestAccDataSources_noRegion(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	provider := strings.Replace(api.ProviderBlock("", acctest.Region), `region     = "us-east-1"`, "", 1)
	const setRegion = "Set region here or in the provider block, or AWS_REGION in the environment."
	for data, want := range map[string]string{
		dataBlock("", "x", "f"):  setRegion,
		dataBlock("s", "x", "f"): setRegion,
		regionBlock("x"):         "No region is set in this block, in the ARN of its function, or in the provider.",
	} {
		_, err := acctest.Workspace(t, provider+data).Plan(t.Context())
		if err == nil || !acctest.Wrapped(want).MatchString(err.Error()) {
			t.Errorf("%s: got %v", data, err)
		}
	}
	expectLines(t, "sent", api.RequestLines(), nil)
}

func TestAccDataSources_unknownUntilApply(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0)}))
	step := api.ApplyStep(acctest.TerraformData("later", "f") + fmt.Sprintf(`
data %[1]q "x" {
  function_name = "${terraform_data.later.output}:live"
}
data "%[1]ss" "x" {
  function_name = terraform_data.later.output
}
`, acctest.Type))
	api.ParallelReadOnlyTest(t, acctest.WithStateChecks(step,
		expectConfigData("x", "maximum_retry_attempts", knownvalue.Int64Exact(0)),
		expectConfigData("x", "qualifier", knownvalue.StringExact("live")),
		expectConfigsData("x", "configs", knownvalue.ListSizeExact(1)),
	))
}

// With depends_on, a data source reads during apply and returns the values that
// its resource has written.
func TestAccDataSources_readAfterApply(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+"variable \"retries\" {}\n"+
		acctest.Config("x", "f", "maximum_retry_attempts = var.retries")+
		dataBlock("", "x", "f", "depends_on = ["+resourceX+"]")+
		dataBlock("s", "x", "f", "depends_on = ["+resourceX+"]")+fmt.Sprintf(`
output "one" { value = data.%[1]s.x.maximum_retry_attempts }
output "all" { value = one(data.%[1]ss.x.configs).maximum_retry_attempts }
`, acctest.Type))
	for _, test := range []struct {
		retries string
		sent    []string // before the reads of the data sources
	}{
		{"0", []string{"List f", acctest.PutRequest("f:$LATEST", 21600, 0, "", "")}},
		{"1", []string{"List f", `Update f:$LATEST {"MaximumRetryAttempts":1}`}},
	} {
		api.ClearRequests()
		api.Must(tf.Apply(t.Context(), tfexec.Var("retries="+test.retries)))
		sent := api.RequestLines()
		n := len(test.sent)
		if len(sent) < n+1 || len(sent) > n+2 || !slices.Equal(sent[:n], test.sent) ||
			slices.ContainsFunc(sent[n:], func(call string) bool { return call != "List f" }) {
			t.Errorf("sent %q, want %q and one or two Lists for the data sources", sent, test.sent)
		}
		outputs, err := tf.Output(t.Context())
		api.Must(err)
		one, all := string(outputs["one"].Value), string(outputs["all"].Value)
		if one != test.retries || all != test.retries {
			t.Errorf("data sources have %s and %s retries, want %s", one, all, test.retries)
		}
	}
}

// Data sources and resources of one function share reads in progress. Five reads
// take at most four calls.
func TestAccDataSources_shareReads(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+
		acctest.Config("latest", "f")+acctest.Config("live", "f", `qualifier = "live"`))
	api.Must(tf.Apply(t.Context()))
	// References by ARN, since resources in state are read by their ARN.
	writeFile(t, tf, "data.tf", dataBlock("", "latest", functionARN)+
		dataBlock("", "live", functionARN+":live")+dataBlock("s", "all", functionARN))
	api.ClearRequests()
	expectNoChanges(t, tf)
	if sent := api.RequestLines(); len(sent) > 4 ||
		slices.ContainsFunc(sent, func(call string) bool { return call != "List f" }) {
		t.Errorf("sent %q, want at most four Lists", sent)
	}
}

// If the provider's region is unknown, a plan cannot read a data source. With
// depends_on, the apply reads it.
func TestAccDataSources_unknownProviderRegion(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	provider := acctest.TerraformData("later", acctest.Region) + strings.Replace(
		api.ProviderBlock("", acctest.Region), `"us-east-1"`, "terraform_data.later.output", 1)
	for _, plural := range []string{"", "s"} {
		_, err := acctest.Workspace(t, provider+dataBlock(plural, "x", "f")).Plan(t.Context())
		if err == nil || !acctest.Wrapped("Provider configuration not known yet").MatchString(err.Error()) {
			t.Errorf("got %v", err)
		}
		expectLines(t, "sent", api.RequestLines(), nil)
		deferred := dataBlock(plural, "x", "f", "depends_on = [terraform_data.later]")
		if err := acctest.Workspace(t, provider+deferred).Apply(t.Context()); err != nil {
			t.Error(err)
		}
		api.ClearRequests()
	}
}
