// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// data returns a data block, of the one configuration or of "s" for all.
func data(plural, name, function string, arguments ...string) string {
	return fmt.Sprintf("data %q %q {\n  function_name = %q\n  %s\n}\n", Type+plural, name, function, strings.Join(arguments, "\n  "))
}

// reads checks an attribute of the data source of that name.
func reads(name, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data."+Type+"."+name, tfjsonpath.New(attribute), want)
}

// bothSides is a destination_config; a side without a destination is null.
func bothSides(onSuccess, onFailure string) knownvalue.Check {
	side := func(arn string) knownvalue.Check {
		if arn == "" {
			return knownvalue.Null()
		}
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"destination": knownvalue.StringExact(arn)})
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{"on_success": side(onSuccess), "on_failure": side(onFailure)})
}

// denied refuses every call of an operation.
func denied(operation string) emulator.Options {
	return emulator.Options{FaultFunc: func(r emulator.Request) *emulator.Fault {
		if r.Operation != operation {
			return nil
		}
		return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"}
	}}
}

const listOperation = "ListFunctionEventInvokeConfigs"

func TestDataSourceSaysWhatIsInEffect(t *testing.T) {
	changed := time.Date(2026, 11, 24, 4, 25, 12, 995_000_000, time.UTC)
	api := NewAPI(t, emulator.Options{Clock: func() time.Time { return changed }}, "f")
	for alias, config := range map[string]emulator.Config{
		"nothing": {}, // numbers that were never set are absent from the answer
		"failure": {MaximumRetryAttempts: new(0), OnFailure: queue},
		"success": {MaximumEventAgeInSeconds: new(60), OnSuccess: bus},
		"both":    {MaximumRetryAttempts: new(2), MaximumEventAgeInSeconds: new(21600), OnSuccess: topic, OnFailure: bucket},
	} {
		api.Must(api.CreateAlias(Region, "f", alias, "$LATEST"))
		api.Must(api.PutConfig(Region, "f", alias, config))
	}
	var configuration strings.Builder
	var checks []statecheck.StateCheck
	for alias, want := range map[string]struct {
		age, retries         int64
		onSuccess, onFailure string
	}{
		"nothing": {21600, 2, "", ""},
		"failure": {21600, 0, "", queue},
		"success": {60, 2, bus, ""},
		"both":    {21600, 2, topic, bucket},
	} {
		configuration.WriteString(data("", alias, "f", fmt.Sprintf("qualifier = %q", alias)))
		checks = append(checks,
			reads(alias, "maximum_event_age_in_seconds", knownvalue.Int64Exact(want.age)),
			reads(alias, "maximum_retry_attempts", knownvalue.Int64Exact(want.retries)),
			reads(alias, "destination_config", bothSides(want.onSuccess, want.onFailure)),
			reads(alias, "id", knownvalue.StringExact(arnOfF+":"+alias)),
			reads(alias, "function_arn", knownvalue.StringExact(arnOfF+":"+alias)),
			reads(alias, "last_modified", knownvalue.StringExact("2026-11-24T04:25:12.995Z")))
	}
	step := api.Unchanged(configuration.String())
	step.ConfigStateChecks = checks
	api.RunReading(t, step)
}

func TestDataSourceSpellings(t *testing.T) {
	const europe = "eu-west-1"
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateFunction(europe, "f"))
	for _, region := range []string{Region, europe} {
		api.Must(api.CreateAlias(region, "f", "live", "$LATEST"))
		for _, qualifier := range []string{"", "live"} {
			api.Must(api.PutConfig(region, "f", qualifier, emulator.Config{MaximumRetryAttempts: new(1)}))
		}
	}
	europes := strings.Replace(arnOfF, Region, europe, 1)
	var configuration strings.Builder
	var checks []statecheck.StateCheck
	for name, test := range map[string]struct {
		function, arguments, region, qualifier string
	}{
		"name":            {"f", "", Region, "$LATEST"},
		"name_inside":     {"f:live", "", Region, "live"},
		"name_latest":     {"f:$LATEST", "", Region, "$LATEST"},
		"name_beside":     {"f", `qualifier = "live"`, Region, "live"},
		"name_twice":      {"f:live", `qualifier = "live"`, Region, "live"},
		"name_region":     {"f:live", `region = "eu-west-1"`, europe, "live"},
		"partial":         {"123456789012:function:f", "", Region, "$LATEST"},
		"partial_inside":  {"123456789012:function:f:live", "", Region, "live"},
		"arn":             {arnOfF, "", Region, "$LATEST"},
		"arn_inside":      {arnOfF + ":live", "", Region, "live"},
		"arn_elsewhere":   {europes, `qualifier = "live"`, europe, "live"},
		"arn_region_too":  {europes, `region = "eu-west-1"`, europe, "$LATEST"},
		"explicit_latest": {"f", `qualifier = "$LATEST"`, Region, "$LATEST"},
	} {
		configuration.WriteString(data("", name, test.function, test.arguments))
		checks = append(checks,
			reads(name, "function_name", knownvalue.StringExact(test.function)),
			reads(name, "qualifier", knownvalue.StringExact(test.qualifier)),
			reads(name, "region", knownvalue.StringExact(test.region)),
			reads(name, "id", knownvalue.StringExact("arn:aws:lambda:"+test.region+":123456789012:function:f:"+test.qualifier)))
	}
	step := api.Unchanged(configuration.String())
	step.ConfigStateChecks = checks
	api.RunReading(t, step)
}

// TestDataSourceFails has one data source for each way in which there is
// nothing to read, and what the service was asked to find out.
func TestDataSourceFails(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options emulator.Options
		data    string
		want    []string // the error's texts
		sent    []string
	}{
		"no function": {
			data: data("", "x", "g", `qualifier = "live"`),
			want: []string{"Cannot read the event invoke config of g:live in us-east-1",
				"The function g does not exist in us-east-1. Correct its name, or the region; or create it first."},
			sent: []string{"List g -> 404", "Get g:live -> 404"},
		},
		"no configuration": {
			data: data("", "x", arnOfF),
			want: []string{"Cannot read the event invoke config of f:$LATEST in us-east-1",
				"Lambda has no event invoke config of f:$LATEST in us-east-1: the function, the version or the alias may not exist, " +
					"or it has no configuration, so that Lambda's defaults apply.",
				"Correct the function's name, the qualifier or the region, or create the configuration, for example with the resource " + Type + ". " +
					"If the configuration may be missing, set required = false."},
			sent: []string{"List f", "Get f:$LATEST -> 404"},
		},
		"no alias": {
			data: data("", "x", "f:gone"),
			want: []string{"Lambda has no event invoke config of f:gone in us-east-1"},
			sent: []string{"List f", "Get f:gone -> 404"},
		},
		"nothing, and List denied": {
			options: denied(listOperation),
			data:    data("", "x", "g"),
			want:    []string{"Lambda has no event invoke config of g:$LATEST in us-east-1: the function, the version or the alias may not exist"},
			sent:    []string{"List g -> 403", "Get g:$LATEST -> 404", "Get g:$LATEST -> 404"},
		},
		"Get denied": {
			options: denied("GetFunctionEventInvokeConfig"),
			data:    data("", "x", "f"),
			want:    []string{"Cannot read", "Allow the action lambda:GetFunctionEventInvokeConfig on the resources arn:*:lambda:us-east-1:ACCOUNT:function:f and"},
			sent:    []string{"List f", "Get f:$LATEST -> 403"},
		},
		"Get denied, not required": {
			options: denied("GetFunctionEventInvokeConfig"),
			data:    data("", "x", "f", "required = false"),
			want:    []string{"Cannot read", "Allow the action lambda:GetFunctionEventInvokeConfig"},
			sent:    []string{"List f", "Get f:$LATEST -> 403"},
		},
		"all, no function": {
			data: data("s", "x", "g"),
			want: []string{"Cannot read the event invoke config of g in us-east-1", "The function g does not exist in us-east-1."},
			sent: []string{"List g -> 404"},
		},
		"all, List denied": {
			options: denied(listOperation),
			data:    data("s", "x", arnOfF),
			want:    []string{"Cannot read", "Allow the action lambda:ListFunctionEventInvokeConfigs on the resources " + arnOfF},
			sent:    []string{"List f -> 403", "List f -> 403"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := NewAPI(t, test.options, "f")
			_, err := Workspace(t, api.ProviderBlock("", Region)+test.data).Plan(t.Context())
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !Wrapped(want).MatchString(err.Error()) {
					t.Errorf("got %v\nwant %q", err, want)
				}
			}
			if got := api.Sent(); !slices.Equal(got, test.sent) {
				t.Errorf("sent %q\nwant %q", got, test.sent)
			}
		})
	}
}

// TestDataSource_required reads configurations that exist, and some that do not.
func TestDataSource_required(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(Region, "f", "live", "$LATEST"))
	api.Must(api.PutConfig(Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	step := api.Apply(data("", "default", "f:live") + data("", "required", "f:live", "required = true") + data("", "optional", "f:live", "required = false") +
		data("", "missing", "f", "required = false") + data("", "no_alias", "f:gone", "required = false") + data("", "no_function", "g", "required = false") +
		"output \"branch\" {\n  value = data." + Type + ".missing.exists ? data." + Type + ".missing.maximum_retry_attempts : 1\n}\n")
	var checks []statecheck.StateCheck
	for _, name := range []string{"default", "required", "optional"} {
		checks = append(checks, reads(name, "exists", knownvalue.Bool(true)), reads(name, "maximum_retry_attempts", knownvalue.Int64Exact(0)))
	}
	for name, qualifier := range map[string]string{"missing": "$LATEST", "no_alias": "gone", "no_function": "$LATEST"} {
		checks = append(checks, reads(name, "exists", knownvalue.Bool(false)),
			reads(name, "qualifier", knownvalue.StringExact(qualifier)), reads(name, "region", knownvalue.StringExact(Region)))
		for _, attribute := range []string{
			"maximum_retry_attempts", "maximum_event_age_in_seconds", "destination_config", "id", "function_arn", "last_modified",
		} {
			checks = append(checks, reads(name, attribute, knownvalue.Null()))
		}
	}
	checks = append(checks, statecheck.ExpectKnownOutputValue("branch", knownvalue.Int64Exact(1)))
	step.ConfigStateChecks = checks
	api.RunReading(t, step)
}

// TestDataSourceByGetAlone needs no permission to List.
func TestDataSourceByGetAlone(t *testing.T) {
	api := NewAPI(t, denied(listOperation), "f")
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{OnFailure: queue}))
	step := api.Unchanged(data("", "x", "f"))
	step.ConfigStateChecks = []statecheck.StateCheck{reads("x", "destination_config", bothSides("", queue))}
	api.RunReading(t, step)
}

// TestDataSourcesValidate has the CLI validate a data source for each case.
func TestDataSourcesValidate(t *testing.T) {
	t.Parallel()
	cases := []struct{ plural, function, argument, at, want string }{
		{"", "my function", "", "function_name", `"my function" is not a Lambda function reference; expected a function name`},
		{"", "f", `qualifier = ""`, "qualifier", `"" is not a qualifier; expected a version ("7")`},
		{"", "f:live", `qualifier = "prod"`, "qualifier", `The qualifier is "prod", but function_name = "f:live" carries the qualifier "live". Leave one of the two out`},
		{"", "f", `region = ""`, "region", "The region is empty"},
		{"", arnOfF, `region = "eu-west-1"`, "region", `carries the region "us-east-1". Leave the region out`},
		{"", "f", `timeouts = { read = "soon" }`, "", `timeouts.read: "soon" is not a duration`},
		{"", arnOfF + ":live", "qualifier = \"live\"\nregion = \"us-east-1\"", "", ""},
		{"s", "", "", "function_name", `"" is not a Lambda function reference`},
		{"s", "f:live", "", "function_name", `"f:live" carries the qualifier "live"; give the function without it`},
		{"s", "f", `region = ""`, "region", "The region is empty"},
		{"s", arnOfF, `region = "eu-west-1"`, "region", `carries the region "us-east-1". Leave the region out`},
		{"s", arnOfF, `region = "us-east-1"`, "", ""},
		{"s", "f", `name_prefix = "f"`, "name_prefix", `The name prefix is "f", but function_name = "f" names one function.`},
	}
	var configuration strings.Builder
	for i, c := range cases {
		configuration.WriteString(data(c.plural, fmt.Sprintf("case%02d", i), c.function, c.argument))
	}
	validated, err := Workspace(t, configuration.String()).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		name := fmt.Sprintf(`data %q "case%02d"`, Type+c.plural, i)
		got := slices.DeleteFunc(slices.Clone(validated.Diagnostics), func(d tfjson.Diagnostic) bool {
			return d.Snippet == nil || d.Snippet.Context == nil || *d.Snippet.Context != name
		})
		if wanted := c.want != ""; wanted != (len(got) == 1) || len(got) > 1 {
			t.Errorf("%s: got %d diagnostics, want %t", name, len(got), wanted)
		}
		for _, d := range got {
			if !strings.Contains(d.Detail, c.want) || !strings.Contains(d.Snippet.Code, c.at) {
				t.Errorf("%s: got %q: %s\nat %s", name, d.Summary, d.Detail, d.Snippet.Code)
			}
		}
	}
}

func TestDataSourcesValidate_namePrefix(t *testing.T) {
	t.Parallel()
	for prefix, want := range map[string]string{
		"orders-":                  "",
		"":                         "",
		arnOfF:                     `Invalid name prefix: No function name begins with "` + arnOfF + `"`,
		"orders-*":                 `Invalid name prefix: No function name begins with "orders-*"; a name has letters, digits, hyphens and underscores only`,
		strings.Repeat("long", 17): `Invalid name prefix: The name prefix "` + strings.Repeat("long", 17) + `" has 68 characters; a function name has at most 64.`,
	} {
		validated, err := Workspace(t, region("x", fmt.Sprintf("name_prefix = %q", prefix))).Validate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, d := range validated.Diagnostics {
			if d.Severity == tfjson.DiagnosticSeverityError {
				got += d.Summary + ": " + d.Detail
			}
		}
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want %q", prefix, got, want)
		}
	}
}

func TestDataSourcesWithoutRegion(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f")
	provider := strings.Replace(api.ProviderBlock("", Region), `region     = "us-east-1"`, "", 1)
	for _, plural := range []string{"", "s"} {
		_, err := Workspace(t, provider+data(plural, "x", "f")).Plan(t.Context())
		if err == nil || !Wrapped("Set region here or in the provider block, or AWS_REGION in the environment.").MatchString(err.Error()) {
			t.Errorf("got %v", err)
		}
	}
	_, err := Workspace(t, provider+region("x")).Plan(t.Context())
	if err == nil || !Wrapped("Neither this block nor the ARN of its function nor the provider says a region.").MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
	if sent := api.Sent(); len(sent) > 0 {
		t.Errorf("sent %q", sent)
	}
}

func TestDataSourceUnknownUntilApply(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(Region, "f", "live", "$LATEST"))
	api.Must(api.PutConfig(Region, "f", "live", emulator.Config{MaximumRetryAttempts: new(0)}))
	reference := func(plural, function string) string {
		return strings.Replace(data(plural, "x", "LATER"), `"LATER"`, function, 1)
	}
	step := api.Apply(fmt.Sprintf(later, "f") + reference("", `"${terraform_data.later.output}:live"`) + reference("s", "terraform_data.later.output"))
	step.ConfigStateChecks = []statecheck.StateCheck{
		reads("x", "maximum_retry_attempts", knownvalue.Int64Exact(0)),
		reads("x", "qualifier", knownvalue.StringExact("live")),
		readsAll("x", "configs", knownvalue.ListSizeExact(1)),
	}
	api.RunReading(t, step)
}

// TestDataSourceAfterItsResource reads during apply, and returns what the
// resource has just written.
func TestDataSourceAfterItsResource(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f")
	tf := Workspace(t, api.ProviderBlock("", Region)+"variable \"retries\" {}\n"+
		Config("x", "f", "maximum_retry_attempts = var.retries")+
		data("", "x", "f", "depends_on = ["+Type+".x]")+
		data("s", "x", "f", "depends_on = ["+Type+".x]")+
		"output \"one\" { value = data."+Type+".x.maximum_retry_attempts }\n"+
		"output \"all\" { value = one(data."+Type+"s.x.configs).maximum_retry_attempts }\n")
	for _, test := range []struct {
		retries string
		sent    []string
	}{
		{"0", []string{"List f", put("f:$LATEST", 21600, 0, "", "")}},
		{"1", []string{"List f", `Update f:$LATEST {"MaximumRetryAttempts":1}`}}, // the refresh
	} {
		api.ClearRequests()
		if err := tf.Apply(t.Context(), tfexec.Var("retries="+test.retries)); err != nil {
			t.Fatal(err)
		}
		sent := api.Sent()
		after := len(test.sent)
		if len(sent) < after+1 || len(sent) > after+2 || !slices.Equal(sent[:after], test.sent) ||
			slices.ContainsFunc(sent[after:], func(call string) bool { return call != "List f" }) {
			t.Errorf("sent %q, want %q and one or two Lists for the data sources", sent, test.sent)
		}
		outputs, err := tf.Output(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if one, all := string(outputs["one"].Value), string(outputs["all"].Value); one != test.retries || all != test.retries {
			t.Errorf("one is %s, of all it is %s, want %s", one, all, test.retries)
		}
	}
}

// TestDataSourcesShareReads plans data sources and resources of one function.
// Reads in progress are shared, so that five of them need at most four calls.
func TestDataSourcesShareReads(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(Region, "f", "live", "$LATEST"))
	resources := Config("latest", "f") + Config("live", "f", `qualifier = "live"`)
	tf := Workspace(t, api.ProviderBlock("", Region)+resources)
	if err := tf.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(tf.WorkingDir(), "main.tf")
	configuration, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	// What is in state is read by its ARN.
	more := data("", "latest", arnOfF) + data("", "live", arnOfF+":live") + data("s", "all", arnOfF)
	api.Must(os.WriteFile(main, append(configuration, more...), 0o600))
	api.ClearRequests()
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Fatalf("planned changes = %t, %v", changes, err)
	}
	if sent := api.Sent(); len(sent) > 4 || slices.ContainsFunc(sent, func(call string) bool { return call != "List f" }) {
		t.Errorf("sent %q, want at most four Lists", sent)
	}
}

// TestDataSourceWithProviderNotKnown cannot be read while planning; what has it
// read while applying is the way out.
func TestDataSourceWithProviderNotKnown(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{}))
	provider := fmt.Sprintf(later, Region) + strings.Replace(api.ProviderBlock("", Region), `"us-east-1"`, "terraform_data.later.output", 1)
	for _, plural := range []string{"", "s"} {
		_, err := Workspace(t, provider+data(plural, "x", "f")).Plan(t.Context())
		if err == nil || !Wrapped("Provider configuration not known yet").MatchString(err.Error()) || len(api.Sent()) > 0 {
			t.Errorf("got %v, sent %q", err, api.Sent())
		}
		if err := Workspace(t, provider+data(plural, "x", "f", "depends_on = [terraform_data.later]")).Apply(t.Context()); err != nil {
			t.Error(err)
		}
		api.ClearRequests()
	}
}

func TestDataSourceTimeout(t *testing.T) {
	t.Parallel()
	for _, plural := range []string{"", "s"} {
		api := NewAPI(t, emulator.Options{Latency: 5 * time.Second}, "f")
		_, err := Workspace(t, api.ProviderBlock("", Region)+data(plural, "x", "f", `timeouts = { read = "100ms" }`)).Plan(t.Context())
		if err == nil || !Wrapped("did not succeed within its timeout").MatchString(err.Error()) {
			t.Errorf("got %v", err)
		}
	}
}
