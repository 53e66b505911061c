// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccValidation has the CLI validate one resource for each case, all at once,
// and looks for the one diagnostic that the case must have.
func TestAccValidation(t *testing.T) {
	t.Parallel()
	onSuccess := func(arn string) string { return acctest.DestinationConfig(arn, "") }
	onFailure := func(arn string) string { return acctest.DestinationConfig("", arn) }
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
		{"f", []string{"maximum_event_age_in_seconds = 1e100000"}, fails("maximum_event_age_in_seconds", "from 60 to 21600, got: more than 1e308.")},
		{"f", []string{"maximum_event_age_in_seconds = -1e100000"}, fails("maximum_event_age_in_seconds", "from 60 to 21600, got: less than -1e308.")},
		{"f", []string{"maximum_event_age_in_seconds = 1e300"}, fails("maximum_event_age_in_seconds", "from 60 to 21600, got: 1e+300.")},
		{"f", []string{"maximum_retry_attempts = 1e-400"}, fails("maximum_retry_attempts", "from 0 to 2, got: nearly 0.")},
		{"f", []string{"maximum_retry_attempts = 1/3"}, fails("maximum_retry_attempts", "from 0 to 2, got: about 0.333333333333333.")},
		{"f", []string{"maximum_retry_attempts = 0.1"}, fails("maximum_retry_attempts", "from 0 to 2, got: 0.1.")},
		{"f", []string{"maximum_retry_attempts = 1.00000000000000000001"}, fails("maximum_retry_attempts", "from 0 to 2, got: about 1.")},
		{"f", []string{"maximum_retry_attempts = 0", "maximum_event_age_in_seconds = 60"}, nil},
		{"f", []string{"maximum_retry_attempts = 2", "maximum_event_age_in_seconds = 21600"}, nil},

		{"", nil, fails("function_name", `"" is not a Lambda function reference; expected a function name`)},
		{"my function", nil, fails("function_name", `"my function" is not a Lambda function reference`)},
		{"arn:aws:sqs:us-east-1:123456789012:q", nil, fails("function_name", "is not a Lambda function reference")},
		{"arn:aws:lambda:f", nil, fails("function_name", "has no region or no account, and a full ARN requires both")},
		{"arn:aws:lambda:us-east-1:f", nil, fails("function_name", "has no region or no account, and a full ARN requires both")},
		{strings.Repeat("n", 64), nil, nil},
		{strings.Repeat("n", 65), nil, fails("function_name", "has 65 characters; at most 64 are allowed")},
		{"123456789012:function:" + strings.Repeat("n", 65), nil, fails("function_name", "has 65 characters; at most 64 are allowed")},

		{"f", []string{`qualifier = ""`}, fails("qualifier", `"" is not a qualifier; expected a version ("7"), an alias ("live") or "$LATEST"`)},
		{"f", []string{`qualifier = "a b"`}, fails("qualifier", `"a b" is not a qualifier`)},
		{"f", []string{fmt.Sprintf("qualifier = %q", strings.Repeat("q", 129))}, fails("qualifier", "has 129 characters; at most 128 are allowed")},
		{"f:live", []string{`qualifier = "prod"`}, fails("qualifier", `The qualifier is "prod", but function_name = "f:live" carries the qualifier "live".`)},
		{"f:live", []string{`qualifier = "$LATEST"`}, fails("qualifier", `carries the qualifier "live"`)},
		{"f:live", []string{`qualifier = "live"`}, nil},

		{"f", []string{`region = ""`}, fails("region", "The region is empty")},
		{"f", []string{`region = "moon"`}, nil}, // the plan knows skip_region_validation: TestUnknownRegion
		{functionARN, []string{`region = "eu-west-1"`}, fails("region", `The region is "eu-west-1", but function_name = "`+functionARN+`" carries the region "us-east-1".`)},
		{functionARN, []string{`region = "us-east-1"`}, nil},

		{"f", []string{onSuccess(bucket)}, fails("destination_config.on_success.destination", "an S3 bucket can be a destination on failure only; move it to on_failure")},
		{"f", []string{onFailure(bucket)}, nil},
		{"f", []string{"destination_config = { on_failure = { destination = \"\" } }"}, fails("destination_config.on_failure.destination", "the destination is empty; leave on_failure out, or set it to null, for none")},
		{"f", []string{"destination_config = { on_failure = { destination = null } }"}, fails("destination_config.on_failure.destination", "")},
		{"f", []string{onFailure("my-queue")}, fails("destination_config.on_failure.destination", `"my-queue" is not a destination; expected the ARN of an SQS queue`)},
		{"f", []string{onFailure("https://sqs.us-east-1.amazonaws.com/123456789012/q")}, fails("destination_config.on_failure.destination", "is a URL, and a destination is an ARN. The ARN of an SQS queue is the attribute arn of aws_sqs_queue")},
		{"f", []string{onFailure("arn:aws:sqs:us-east-1:123456789012:q/r")}, warns("destination_config.on_failure.destination", `does not have the form "arn:aws:sqs:REGION:ACCOUNT:NAME"`)},
		{"f", []string{onFailure("arn:aws:sqs:us-east-1:123456789012:" + strings.Repeat("q", 81))}, warns("destination_config.on_failure.destination", "has a name of 81 characters")},
		{"f", []string{onFailure("arn:aws:s3:us-east-1:123456789012:accesspoint/a")}, warns("destination_config.on_failure.destination", `does not have the form "arn:aws:s3:::NAME"`)},
		{"f", []string{onSuccess("arn:aws:s3:us-east-1:123456789012:accesspoint/a")}, fails("destination_config.on_success.destination", "an S3 bucket can be a destination on failure only")},
		{"f", []string{onSuccess("arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/acme.com/1")}, warns("destination_config.on_success.destination", "Lambda refuses partner event buses")},
		{"f", []string{onFailure("arn:aws:s3:::" + strings.Repeat("b", 338))}, fails("destination_config.on_failure.destination", "has 351 characters; at most 350 are allowed")},
		{"f", []string{onSuccess("kafka://topic")}, fails("destination_config.on_success.destination", "the destination of an event source mapping only")},
		{"f", []string{onFailure(queue + ".fifo")}, warns("destination_config.on_failure.destination", "is a FIFO queue or topic, which Lambda documents as unsupported")},
		{"f", []string{onSuccess(topic + ".fifo")}, warns("destination_config.on_success.destination", "is a FIFO queue or topic, which Lambda documents as unsupported")},
		{"f", []string{onFailure("arn:aws:kinesis:us-east-1:123456789012:stream/s")}, warns("destination_config.on_failure.destination", `(the service "kinesis") as a destination`)},

		{functionARN, []string{onFailure(functionARN)}, fails("destination_config.on_failure.destination", "Lambda refuses a function as a destination for itself")},
		{functionARN + ":live", []string{onSuccess(functionARN + ":$LATEST")}, fails("destination_config.on_success.destination", "Lambda refuses a function as a destination for itself")},
		{"123456789012:function:f", []string{`region = "us-east-1"`, onFailure(functionARN)}, fails("destination_config.on_failure.destination", "Lambda refuses a function as a destination for itself")},
		{functionARN, []string{onFailure("arn:aws:lambda:us-east-1:123456789012:function:g")}, nil},
		{functionARN, []string{onFailure("arn:aws:lambda:eu-west-1:123456789012:function:f")}, nil},
		{functionARN, []string{onFailure("arn:aws:lambda:us-east-1:210987654321:function:f")}, nil},
		{"f", []string{onFailure(functionARN)}, nil}, // the plan knows the region: TestAccItselfAsDestination

		{functionARN, []string{onFailure("arn:aws-cn:sqs:us-east-1:123456789012:q")}, fails("destination_config.on_failure.destination", `is in the partition "aws-cn", and the function in us-east-1 is in the partition "aws"`)},
		{"f", []string{`region = "us-gov-west-1"`, onFailure(bucket)}, fails("destination_config.on_failure.destination", `Use a destination whose ARN begins with "arn:aws-us-gov:".`)},
		{"arn:aws-us-gov:lambda:us-gov-central1:123456789012:function:f", []string{onFailure(queue)}, fails("destination_config.on_failure.destination", `is in the partition "aws-us-gov"`)},
		{"arn:aws-us-gov:lambda:us-gov-central1:123456789012:function:f", []string{onFailure("arn:aws-us-gov:s3:::failures")}, nil},
		{"f", []string{`region = "us-gov-central1"`, onFailure(queue)}, nil},
		{"f", []string{onFailure("arn:aws-cn:s3:::failures")}, nil}, // the plan knows the region: TestAccDestinationInAnotherPartition

		{"f", []string{`timeouts = { delete = "0s" }`}, fails("", `timeouts.delete: "0s" leaves no time for the operation. A timeout is greater than zero`)},
		{"f", []string{`timeouts = { read = "-5m" }`}, fails("", `timeouts.read: "-5m" leaves no time`)},
		{"f", []string{`timeouts = { create = "soon" }`}, fails("", `timeouts.create: "soon" is not a duration. A timeout is a number with a unit`)},
		{"f", []string{`timeouts = { update = "5" }`}, fails("", `timeouts.update: "5" is not a duration. A timeout is a number with a unit, such as "30s", "5m" or "1h30m". Correct it, or remove it for the default.`)},
	}

	var configuration strings.Builder
	for i, c := range cases {
		configuration.WriteString(acctest.Config(fmt.Sprintf("case%02d", i), c.function, c.arguments...))
	}
	validated, err := acctest.Workspace(t, configuration.String()).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		name := fmt.Sprintf(`resource %q "case%02d"`, acctest.Type, i)
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

// TestAccItselfAsDestination has what only the plan can know: the provider's
// region, and the account in state.
func TestAccItselfAsDestination(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	itself := acctest.Config("x", "f", acctest.DestinationConfig("", functionARN))
	api.ParallelTest(t,
		// The account is not known: a warning, and the service refuses.
		api.ErrorStep(itself, "You can't specify the function as a destination for itself."),
		api.ErrorStep(acctest.Config("x", "123456789012:f", acctest.DestinationConfig("", functionARN+":live")), "Lambda refuses a function as a destination for itself"),
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		api.ErrorStep(itself, "Lambda refuses a function as a destination for itself"),
		api.NoOpStep(acctest.Config("x", "f")),
	)
}

// TestAccDestinationInAnotherPartition has regions that only the plan knows: the
// provider's, and the one in state.
func TestAccDestinationInAnotherPartition(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	api.Must(api.CreateFunction("cn-north-1", "f"))
	inChina := func(step resource.TestStep) resource.TestStep {
		step.Config = strings.Replace(step.Config, `"us-east-1"`, `"cn-north-1"`, 1)
		return step
	}
	wrong, right := acctest.Config("x", "f", acctest.DestinationConfig("", bucket)), acctest.Config("x", "f", acctest.DestinationConfig("", "arn:aws-cn:s3:::failures"))
	const text = `is in the partition "aws", and the function in cn-north-1 is in the partition "aws-cn"`
	nothingSent := func() { wantLines(t, "sent", api.WriteLines(), nil) }
	api.ParallelTest(t,
		inChina(api.ErrorStep(wrong, text)),
		acctest.WithPreConfig(nothingSent, inChina(api.ApplyStep(right, acctest.PutRequest("f:$LATEST", 21600, 2, "", "arn:aws-cn:s3:::failures")))),
		inChina(api.ErrorStep(wrong, text)),
		acctest.WithPreConfig(nothingSent, inChina(api.NoOpStep(right))),
	)
}

// TestAccStateOfEarlierVersion has values in state that earlier versions accepted in
// a configuration, and that this version refuses there. A refresh shows no drift,
// and a destruction succeeds.
func TestAccStateOfEarlierVersion(t *testing.T) {
	t.Parallel()
	timeouts := func(d string) map[string]any {
		return map[string]any{"create": nil, "read": d, "update": d, "delete": d}
	}
	for name, change := range map[string]struct {
		attribute string
		value     any
		planned   bool // whether the plan has a change
	}{
		"timeout of zero":      {"timeouts", timeouts("0s"), true},
		"negative timeout":     {"timeouts", timeouts("-1s"), true},
		"ARN without account":  {"function_name", "arn:aws:lambda:us-east-1:f", false},
		"ARN of another form":  {"id", "f in us-east-1", false},
		"name of another form": {"function_name", "f in us-east-1", false},
		"ARN with a name only": {"function_name", "arn:aws:lambda:f", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f"))
			api.Must(tf.Apply(t.Context()))
			editState(t, tf, func(resources []any) { // identities, which newer CLIs keep, stay as they are
				instance := resources[0].(map[string]any)["instances"].([]any)[0].(map[string]any)
				instance["attributes"].(map[string]any)[change.attribute] = change.value
			})
			api.Must(tf.Refresh(t.Context()))
			if changes, err := tf.Plan(t.Context()); err != nil || changes != change.planned {
				t.Errorf("planned changes = %t, %v", changes, err)
			}
			if err := tf.Destroy(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := acctest.CompareUnordered(api.Configs(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccDataSourceTimeoutOfZero(t *testing.T) {
	t.Parallel()
	for _, plural := range []string{"", "s"} {
		validated, err := acctest.Workspace(t, data(plural, "x", "f", `timeouts = { read = "0m" }`)).Validate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if d := validated.Diagnostics; validated.ErrorCount != 1 || !strings.Contains(d[0].Detail, `timeouts.read: "0m" leaves no time for the operation`) {
			t.Errorf("got %+v", d)
		}
	}
}

func TestAccNoRegion(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	without := func(configuration string) string {
		return strings.Replace(api.ProviderBlock("", acctest.Region), `region     = "us-east-1"`, "", 1) + configuration
	}
	failing, applying := api.ErrorStep("", "No region is set in this block, in the ARN of its function, or in the provider"), api.ApplyStep("", acctest.PutDefaults("f:$LATEST"))
	failing.Config = without(acctest.Config("x", "f"))
	applying.Config = without(acctest.Config("x", functionARN))
	api.ParallelTest(t, failing, applying)
}
