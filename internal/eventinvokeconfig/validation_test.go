// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestValidation has the CLI validate one resource for each case, all at once,
// and looks for the one diagnostic that the case must have.
func TestValidation(t *testing.T) {
	t.Parallel()
	onSuccess := func(arn string) string { return destinations(arn, "") }
	onFailure := func(arn string) string { return destinations("", arn) }
	type diagnostic struct {
		severity tfjson.DiagnosticSeverity
		at       string // in the line that the diagnostic points at or, as the CLI finds no nested attribute, in its text
		text     string
	}
	fails := func(at, text string) *diagnostic { return &diagnostic{tfjson.DiagnosticSeverityError, at, text} }
	warns := func(at, text string) *diagnostic { return &diagnostic{tfjson.DiagnosticSeverityWarning, at, text} }
	cases := []struct {
		function  string
		arguments []string
		want      *diagnostic
	}{
		{"f", []string{"maximum_event_age_in_seconds = 59"}, fails("maximum_event_age_in_seconds", "value must be a whole number from 60 to 21600, got: 59")},
		{"f", []string{"maximum_event_age_in_seconds = 21601"}, fails("maximum_event_age_in_seconds", "value must be a whole number from 60 to 21600, got: 21601")},
		{"f", []string{"maximum_retry_attempts = -1"}, fails("maximum_retry_attempts", "value must be a whole number from 0 to 2, got: -1")},
		{"f", []string{"maximum_retry_attempts = 3"}, fails("maximum_retry_attempts", "value must be a whole number from 0 to 2, got: 3")},
		{"f", []string{"maximum_retry_attempts = 0.5"}, fails("maximum_retry_attempts", "value must be a whole number from 0 to 2, got: 0.5")},
		{"f", []string{"maximum_event_age_in_seconds = 3000000000"}, fails("maximum_event_age_in_seconds", "got: 3000000000")},
		{"f", []string{"maximum_retry_attempts = 0", "maximum_event_age_in_seconds = 60"}, nil},
		{"f", []string{"maximum_retry_attempts = 2", "maximum_event_age_in_seconds = 21600"}, nil},

		{"", nil, fails("function_name", `"" is not a Lambda function reference; expected a function name`)},
		{"my function", nil, fails("function_name", `"my function" is not a Lambda function reference`)},
		{"arn:aws:sqs:us-east-1:123456789012:q", nil, fails("function_name", "is not a Lambda function reference")},
		{strings.Repeat("n", 64), nil, nil},
		{strings.Repeat("n", 65), nil, fails("function_name", "has 65 characters; at most 64 are allowed")},
		{"123456789012:function:" + strings.Repeat("n", 65), nil, fails("function_name", "has 65 characters; at most 64 are allowed")},

		{"f", []string{`qualifier = ""`}, fails("qualifier", `"" is not a qualifier; expected a version ("7"), an alias ("live") or "$LATEST"`)},
		{"f", []string{`qualifier = "a b"`}, fails("qualifier", `"a b" is not a qualifier`)},
		{"f", []string{fmt.Sprintf("qualifier = %q", strings.Repeat("q", 129))}, fails("qualifier", "has 129 characters; at most 128 are allowed")},
		{"f:live", []string{`qualifier = "prod"`}, fails("qualifier", `The qualifier is "prod", but function_name = "f:live" carries the qualifier "live".`)},
		{"f:live", []string{`qualifier = "$LATEST"`}, fails("qualifier", `carries the qualifier "live"`)},
		{"f:live", []string{`qualifier = "live"`}, nil},

		{"f", []string{`region = "moon"`}, fails("region", `"moon" does not have the form of an AWS region`)},
		{arnOfF, []string{`region = "eu-west-1"`}, fails("region", `The region is "eu-west-1", but function_name = "`+arnOfF+`" carries the region "us-east-1".`)},
		{arnOfF, []string{`region = "us-east-1"`}, nil},

		{"f", []string{onSuccess(bucket)}, fails("destination_config.on_success.destination", "an S3 bucket can be a destination on failure only; move it to on_failure")},
		{"f", []string{onFailure(bucket)}, nil},
		{"f", []string{"destination_config = { on_failure = { destination = \"\" } }"}, fails("destination_config.on_failure.destination", "the destination is empty; leave on_failure out, or set it to null, for none")},
		{"f", []string{"destination_config = { on_failure = { destination = null } }"}, fails("destination_config.on_failure.destination", "")},
		{"f", []string{onFailure("my-queue")}, fails("destination_config.on_failure.destination", `"my-queue" is not a destination; expected the ARN of an SQS queue`)},
		{"f", []string{onFailure("https://sqs.us-east-1.amazonaws.com/123456789012/q")}, fails("destination_config.on_failure.destination", "is not a destination")},
		{"f", []string{onFailure("arn:aws:sqs:us-east-1:123456789012:q/r")}, fails("destination_config.on_failure.destination", `is not of the form "arn:aws:sqs:REGION:ACCOUNT:NAME"`)},
		{"f", []string{onFailure("arn:aws:s3:::" + strings.Repeat("b", 338))}, fails("destination_config.on_failure.destination", "has 351 characters; at most 350 are allowed")},
		{"f", []string{onSuccess("kafka://topic")}, fails("destination_config.on_success.destination", "the destination of an event source mapping only")},
		{"f", []string{onFailure(queue + ".fifo")}, warns("destination_config.on_failure.destination", "is a FIFO queue or topic, which Lambda documents as unsupported")},
		{"f", []string{onSuccess(topic + ".fifo")}, warns("destination_config.on_success.destination", "is a FIFO queue or topic, which Lambda documents as unsupported")},
		{"f", []string{onFailure("arn:aws:kinesis:us-east-1:123456789012:stream/s")}, warns("destination_config.on_failure.destination", `(the service "kinesis") as a destination`)},

		{arnOfF, []string{onFailure(arnOfF)}, fails("destination_config.on_failure.destination", "Lambda refuses a function as a destination for itself")},
		{arnOfF + ":live", []string{onSuccess(arnOfF + ":$LATEST")}, fails("destination_config.on_success.destination", "Lambda refuses a function as a destination for itself")},
		{"123456789012:function:f", []string{`region = "us-east-1"`, onFailure(arnOfF)}, fails("destination_config.on_failure.destination", "Lambda refuses a function as a destination for itself")},
		{arnOfF, []string{onFailure("arn:aws:lambda:us-east-1:123456789012:function:g")}, nil},
		{arnOfF, []string{onFailure("arn:aws:lambda:eu-west-1:123456789012:function:f")}, nil},
		{arnOfF, []string{onFailure("arn:aws:lambda:us-east-1:210987654321:function:f")}, nil},
		{"f", []string{onFailure(arnOfF)}, nil}, // the plan knows the region: TestItselfAsDestination

		{"f", []string{`timeouts = { create = "soon" }`}, fails("", `"soon" must be a string containing a sequence of decimal numbers`)},
	}

	var configuration strings.Builder
	for i, c := range cases {
		configuration.WriteString(Config(fmt.Sprintf("case%02d", i), c.function, c.arguments...))
	}
	validated, err := Workspace(t, configuration.String()).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		name := fmt.Sprintf(`resource %q "case%02d"`, Type, i)
		got := slices.DeleteFunc(slices.Clone(validated.Diagnostics), func(d tfjson.Diagnostic) bool {
			return d.Snippet == nil || d.Snippet.Context == nil || *d.Snippet.Context != name
		})
		for _, d := range got {
			if c.want == nil || d.Severity != c.want.severity || !strings.Contains(d.Summary+" "+d.Detail, c.want.text) || !strings.Contains(d.Snippet.Code+d.Detail, c.want.at) {
				t.Errorf("%s, %q, %q: got the %s %q: %s\nat %s", name, c.function, c.arguments, d.Severity, d.Summary, d.Detail, d.Snippet.Code)
			}
		}
		if wanted := c.want != nil; wanted != (len(got) == 1) || len(got) > 1 {
			t.Errorf("%s, %q, %q: got %d diagnostics, want %t", name, c.function, c.arguments, len(got), wanted)
		}
	}
}

// TestItselfAsDestination has what only the plan can know: the provider's
// region, and the account in state.
func TestItselfAsDestination(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	itself := Config("x", "f", destinations("", arnOfF))
	api.Run(t,
		// The account is not known: a warning, and the service refuses.
		api.Fails(itself, "You can't specify the function as a destination for itself."),
		api.Fails(Config("x", "123456789012:f", destinations("", arnOfF+":live")), "Lambda refuses a function as a destination for itself"),
		api.Apply(Config("x", "f"), put("f:$LATEST", 21600, 2, "", "")),
		api.Fails(itself, "Lambda refuses a function as a destination for itself"),
		api.Unchanged(Config("x", "f")),
	)
}

func TestNoRegion(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	without := func(configuration string) string {
		return strings.Replace(api.ProviderBlock("", Region), `region     = "us-east-1"`, "", 1) + configuration
	}
	failing, applying := api.Fails("", "Neither this block nor the ARN of its function nor the provider says a region"), api.Apply("", put("f:$LATEST", 21600, 2, "", ""))
	failing.Config = without(Config("x", "f"))
	applying.Config = without(Config("x", arnOfF))
	api.Run(t, failing, applying)
}
