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

// validationCase is a block of the name NAME and its diagnostic, nil for none.
type validationCase struct {
	block string
	want  *diagnostic
}

type diagnostic struct {
	severity tfjson.DiagnosticSeverity
	at       string // in the source line, or in the text: the CLI does not find nested attributes
	text     string // in the summary and detail
}

func isError(at, text string) *diagnostic {
	return &diagnostic{tfjson.DiagnosticSeverityError, at, text}
}
func isWarning(at, text string) *diagnostic {
	return &diagnostic{tfjson.DiagnosticSeverityWarning, at, text}
}

// expectDiagnostics validates one configuration with the blocks of all cases.
func expectDiagnostics(t *testing.T, cases []validationCase) {
	t.Helper()
	var configuration strings.Builder
	for i, c := range cases {
		configuration.WriteString(strings.Replace(c.block, "NAME", fmt.Sprintf("case%02d", i), 1))
	}
	validated, err := acctest.Workspace(t, configuration.String()).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		got := slices.DeleteFunc(slices.Clone(validated.Diagnostics), func(d tfjson.Diagnostic) bool {
			return d.Snippet == nil || d.Snippet.Context == nil ||
				!strings.HasSuffix(*d.Snippet.Context, fmt.Sprintf(`"case%02d"`, i))
		})
		for _, d := range got {
			if c.want == nil || d.Severity != c.want.severity || !strings.Contains(d.Summary+" "+d.Detail, c.want.text) ||
				!strings.Contains(d.Snippet.Code+d.Detail, c.want.at) {
				t.Errorf("%s: got the %s %q: %s\nat %s", c.block, d.Severity, d.Summary, d.Detail, d.Snippet.Code)
			}
		}
		if len(got) > 1 || (c.want != nil) != (len(got) == 1) {
			t.Errorf("%s: got %d diagnostics, want %+v", c.block, len(got), c.want)
		}
	}
}

func TestAccResource_validation(t *testing.T) {
	t.Parallel()
	of := func(function string, arguments ...string) string {
		return acctest.Config("NAME", function, arguments...)
	}
	onSuccess := func(arn string) string { return acctest.DestinationConfig(arn, "") }
	onFailure := func(arn string) string { return acctest.DestinationConfig("", arn) }
	const (
		success = "destination_config.on_success.destination"
		failure = "destination_config.on_failure.destination"
		retries = "maximum_retry_attempts"
		age     = "maximum_event_age_in_seconds"
		gov     = "arn:aws-us-gov:lambda:us-gov-central1:123456789012:function:f"
	)
	expectDiagnostics(t, []validationCase{
		{of("f", "maximum_event_age_in_seconds = 59"),
			isError(age, "value must be a whole number from 60 to 21600, got: 59")},
		{of("f", "maximum_event_age_in_seconds = 21601"),
			isError(age, "value must be a whole number from 60 to 21600, got: 21601")},
		{of("f", "maximum_retry_attempts = -1"), isError(retries, "value must be a whole number from 0 to 2, got: -1")},
		{of("f", "maximum_retry_attempts = 3"), isError(retries, "value must be a whole number from 0 to 2, got: 3")},
		{of("f", "maximum_retry_attempts = 0.5"), isError(retries, "value must be a whole number from 0 to 2, got: 0.5")},
		{of("f", "maximum_event_age_in_seconds = 3000000000"), isError(age, "got: 3000000000")},
		{of("f", "maximum_event_age_in_seconds = 1e100000"), isError(age, "from 60 to 21600, got: more than 1e308.")},
		{of("f", "maximum_event_age_in_seconds = -1e100000"), isError(age, "from 60 to 21600, got: less than -1e308.")},
		{of("f", "maximum_event_age_in_seconds = 1e300"), isError(age, "from 60 to 21600, got: 1e+300.")},
		{of("f", "maximum_retry_attempts = 1e-400"), isError(retries, "from 0 to 2, got: nearly 0.")},
		{of("f", "maximum_retry_attempts = 1/3"), isError(retries, "from 0 to 2, got: about 0.333333333333333.")},
		{of("f", "maximum_retry_attempts = 0.1"), isError(retries, "from 0 to 2, got: 0.1.")},
		{of("f", "maximum_retry_attempts = 1.00000000000000000001"), isError(retries, "from 0 to 2, got: about 1.")},
		{of("f", "maximum_retry_attempts = 0", "maximum_event_age_in_seconds = 60"), nil},
		{of("f", "maximum_retry_attempts = 2", "maximum_event_age_in_seconds = 21600"), nil},

		{of(""), isError("function_name", `"" is not a Lambda function reference; expected a function name`)},
		{of("my function"), isError("function_name", `"my function" is not a Lambda function reference`)},
		{of("arn:aws:sqs:us-east-1:123456789012:q"), isError("function_name", "is not a Lambda function reference")},
		{of("arn:aws:lambda:f"), isError("function_name", "has no region or no account, and a full ARN requires both")},
		{of("arn:aws:lambda:us-east-1:f"),
			isError("function_name", "has no region or no account, and a full ARN requires both")},
		{of(strings.Repeat("n", 64)), nil},
		{of(strings.Repeat("n", 65)), isError("function_name", "has 65 characters; at most 64 are allowed")},
		{of("123456789012:function:" + strings.Repeat("n", 65)),
			isError("function_name", "has 65 characters; at most 64 are allowed")},

		{of("f", `qualifier = ""`),
			isError("qualifier", `"" is not a qualifier; expected a version ("7"), an alias ("live") or "$LATEST"`)},
		{of("f", `qualifier = "a b"`), isError("qualifier", `"a b" is not a qualifier`)},
		{of("f", fmt.Sprintf("qualifier = %q", strings.Repeat("q", 129))),
			isError("qualifier", "has 129 characters; at most 128 are allowed")},
		{of("f:live", `qualifier = "prod"`),
			isError("qualifier", `The qualifier is "prod", but function_name = "f:live" contains the qualifier "live".`)},
		{of("f:live", `qualifier = "$LATEST"`), isError("qualifier", `contains the qualifier "live"`)},
		{of("f:live", `qualifier = "live"`), nil},

		{of("f", `region = ""`), isError("region", "The region is empty")},
		{of("f", `region = "moon"`), nil}, // TestAccRegion_unknown: the plan fails
		{of(functionARN, `region = "eu-west-1"`),
			isError("region", `The region is "eu-west-1", but function_name = "`+functionARN+
				`" contains the region "us-east-1".`)},
		{of(functionARN, `region = "us-east-1"`), nil},

		{of("f", onSuccess(bucket)),
			isError(success, "an S3 bucket can be a destination on failure only; move it to on_failure")},
		{of("f", onFailure(bucket)), nil},
		{of("f", "destination_config = { on_failure = { destination = \"\" } }"),
			isError(failure, "the destination is empty; leave on_failure out, or set it to null, for none")},
		{of("f", "destination_config = { on_failure = { destination = null } }"), isError(failure, "")},
		{of("f", onFailure("my-queue")),
			isError(failure, `"my-queue" is not a destination; expected the ARN of an SQS queue`)},
		{of("f", onFailure("https://sqs.us-east-1.amazonaws.com/123456789012/q")),
			isError(failure, "is a URL, and a destination is an ARN. "+
				"The ARN of an SQS queue is the attribute arn of aws_sqs_queue")},
		{of("f", onFailure("arn:aws:sqs:us-east-1:123456789012:q/r")),
			isWarning(failure, `does not have the form "arn:aws:sqs:REGION:ACCOUNT:NAME"`)},
		{of("f", onFailure("arn:aws:sqs:us-east-1:123456789012:"+strings.Repeat("q", 81))),
			isWarning(failure, "has a name of 81 characters")},
		{of("f", onFailure("arn:aws:s3:us-east-1:123456789012:accesspoint/a")),
			isWarning(failure, `does not have the form "arn:aws:s3:::NAME"`)},
		{of("f", onSuccess("arn:aws:s3:us-east-1:123456789012:accesspoint/a")),
			isError(success, "an S3 bucket can be a destination on failure only")},
		{of("f", onSuccess("arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/acme.com/1")),
			isWarning(success, "Lambda rejects partner event buses")},
		{of("f", onFailure("arn:aws:s3:::"+strings.Repeat("b", 338))),
			isError(failure, "has 351 characters; at most 350 are allowed")},
		{of("f", onSuccess("kafka://topic")), isError(success, "the destination of an event source mapping only")},
		{of("f", onFailure(queue+".fifo")),
			isWarning(failure, "is a FIFO queue or topic, which Lambda documents as unsupported")},
		{of("f", onSuccess(topic+".fifo")),
			isWarning(success, "is a FIFO queue or topic, which Lambda documents as unsupported")},
		{of("f", onFailure("arn:aws:kinesis:us-east-1:123456789012:stream/s")),
			isWarning(failure, `(the service "kinesis") as a destination`)},

		{of(functionARN, onFailure(functionARN)), isError(failure, "Lambda rejects a function as a destination for itself")},
		{of(functionARN+":live", onSuccess(functionARN+":$LATEST")),
			isError(success, "Lambda rejects a function as a destination for itself")},
		{of("123456789012:function:f", `region = "us-east-1"`, onFailure(functionARN)),
			isError(failure, "Lambda rejects a function as a destination for itself")},
		{of(functionARN, onFailure("arn:aws:lambda:us-east-1:123456789012:function:g")), nil},
		{of(functionARN, onFailure("arn:aws:lambda:eu-west-1:123456789012:function:f")), nil},
		{of(functionARN, onFailure("arn:aws:lambda:us-east-1:210987654321:function:f")), nil},
		{of("f", onFailure(functionARN)), nil}, // TestAccDestination_functionItself: the plan fails

		{of(functionARN, onFailure("arn:aws-cn:sqs:us-east-1:123456789012:q")),
			isError(failure, `is in the partition "aws-cn", and the function in us-east-1 is in the partition "aws"`)},
		{of("f", `region = "us-gov-west-1"`, onFailure(bucket)),
			isError(failure, `Use a destination whose ARN begins with "arn:aws-us-gov:".`)},
		{of(gov, onFailure(queue)), isError(failure, `is in the partition "aws-us-gov"`)},
		{of(gov, onFailure("arn:aws-us-gov:s3:::failures")), nil},
		{of("f", `region = "us-gov-central1"`, onFailure(queue)), nil},
		{of("f", onFailure("arn:aws-cn:s3:::failures")),
			nil}, // TestAccDestination_otherPartition: the plan fails

		{of("f", `timeouts = { delete = "0s" }`),
			isError("", `timeouts.delete: "0s" leaves no time for the operation. A timeout is greater than zero`)},
		{of("f", `timeouts = { read = "-5m" }`), isError("", `timeouts.read: "-5m" leaves no time`)},
		{of("f", `timeouts = { create = "soon" }`),
			isError("", `timeouts.create: "soon" is not a duration. A timeout is a number with a unit`)},
		{of("f", `timeouts = { update = "5" }`),
			isError("", `timeouts.update: "5" is not a duration. A timeout is a number with a unit, such as `+
				`"30s", "5m" or "1h30m". Correct it, or remove it for the default.`)},
	})
}

// Only the plan knows the region of the provider and the account in state.
func TestAccDestination_functionItself(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	itself := acctest.Config("x", "f", acctest.DestinationConfig("", functionARN))
	inAccount := acctest.Config("x", "123456789012:f", acctest.DestinationConfig("", functionARN+":live"))
	const inPlan = "Lambda rejects a function as a destination for itself"
	api.ParallelTest(t,
		api.ErrorStep(itself, "You can't specify the function as a destination for itself."), // Lambda's error
		api.ErrorStep(inAccount, inPlan),
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		api.ErrorStep(itself, inPlan),
		api.NoOpStep(acctest.Config("x", "f")),
	)
}

// Only the plan knows the region of the provider and the region in state.
func TestAccDestination_otherPartition(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	api.Must(api.CreateFunction("cn-north-1", "f"))
	inChina := func(step resource.TestStep) resource.TestStep {
		step.Config = strings.Replace(step.Config, `"us-east-1"`, `"cn-north-1"`, 1)
		return step
	}
	const bucketInChina = "arn:aws-cn:s3:::failures"
	wrong := acctest.Config("x", "f", acctest.DestinationConfig("", bucket))
	right := acctest.Config("x", "f", acctest.DestinationConfig("", bucketInChina))
	const text = `is in the partition "aws", and the function in cn-north-1 is in the partition "aws-cn"`
	nothingSent := func() { expectLines(t, "sent", api.WriteLines(), nil) }
	api.ParallelTest(t,
		inChina(api.ErrorStep(wrong, text)),
		acctest.WithPreConfig(nothingSent,
			inChina(api.ApplyStep(right, acctest.PutRequest("f:$LATEST", 21600, 2, "", bucketInChina)))),
		inChina(api.ErrorStep(wrong, text)),
		acctest.WithPreConfig(nothingSent, inChina(api.NoOpStep(right))),
	)
}

func TestAccResource_noRegion(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	provider := strings.Replace(api.ProviderBlock("", acctest.Region), `region     = "us-east-1"`, "", 1)
	byName := api.ErrorStep("", "No region is set in this block, in the ARN of its function, or in the provider")
	byARN := api.ApplyStep("", acctest.PutDefaults("f:$LATEST"))
	byName.Config = provider + acctest.Config("x", "f")
	byARN.Config = provider + acctest.Config("x", functionARN)
	api.ParallelTest(t, byName, byARN)
}
