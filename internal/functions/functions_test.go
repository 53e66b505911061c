// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

const queue = "arn:aws:sqs:us-east-1:123456789012:q"

var functionNames = []string{"destination_kind", "destination_permissions", "parse_function_name"}

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

// outputs returns a configuration with one output for each function call, and
// the calls by the name of their output. It has no provider block.
func outputs(calls ...string) (configuration string, callOf map[string]string) {
	callOf = map[string]string{}
	for i, call := range calls {
		name := fmt.Sprintf("case%02d", i)
		configuration += fmt.Sprintf("output %q {\n  value = provider::awslambda::%s\n}\n", name, call)
		callOf[name] = call
	}
	return configuration, callOf
}

func TestAccFunctions_returnResults(t *testing.T) {
	t.Parallel()
	reference := func(partition, region, account, qualifier string) string {
		return fmt.Sprintf(`{"account_id":%s,"function_name":"f","partition":%s,"qualifier":%s,"region":%s}`,
			account, partition, qualifier, region)
	}
	permissions := func(action string, resources ...string) string {
		return fmt.Sprintf(`{"actions":["%s"],"resources":["%s"]}`, action, strings.Join(resources, `","`))
	}
	const f = "arn:aws:lambda:us-east-1:123456789012:function:f"
	want := map[string]string{ // by call, as JSON
		`parse_function_name("f")`:                            reference("null", "null", "null", "null"),
		`parse_function_name("f:$LATEST")`:                    reference("null", "null", "null", `"$LATEST"`),
		`parse_function_name("` + f + `")`:                    reference(`"aws"`, `"us-east-1"`, `"123456789012"`, "null"),
		`parse_function_name("` + f + `:7")`:                  reference(`"aws"`, `"us-east-1"`, `"123456789012"`, `"7"`),
		`parse_function_name("123456789012:function:f:live")`: reference("null", "null", `"123456789012"`, `"live"`),

		`destination_kind("` + queue + `")`:                                           `"sqs"`,
		`destination_kind("` + queue + `/unfamiliar")`:                                `"sqs"`,
		`destination_kind("arn:aws-cn:sns:cn-north-1:123456789012:t")`:                `"sns"`,
		`destination_kind("` + f + `:live")`:                                          `"lambda"`,
		`destination_kind("arn:aws:events:us-east-1:123456789012:event-bus/default")`: `"eventbridge"`,
		`destination_kind("arn:aws:s3:::failures")`:                                   `"s3"`,

		`destination_permissions("` + queue + `")`:  permissions("sqs:SendMessage", queue),
		`destination_permissions("` + f + `:live")`: permissions("lambda:InvokeFunction", f+":live", f),
	}
	for _, function := range functionNames {
		want[function+"(null) == null"] = "true"
	}
	configuration, callOf := outputs(slices.Collect(maps.Keys(want))...)
	tf := acctest.Workspace(t, configuration)
	if err := tf.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	values, err := tf.Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, call := range callOf {
		var got any
		if err := json.Unmarshal(values[name].Value, &got); err != nil {
			t.Fatal(err)
		}
		if text, err := json.Marshal(got); err != nil || string(text) != want[call] {
			t.Errorf("%s = %s, %v, want %s", call, text, err, want[call])
		}
	}
}

func TestAccFunctions_rejectInvalidArguments(t *testing.T) {
	t.Parallel()
	const kinesis = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
	want := map[string]string{ // by call, a part of the error
		`parse_function_name("")`: `"function_name" parameter: "" is not a Lambda function reference; ` +
			`expected a function name ("my-function"), a partial ARN`,
		`parse_function_name("` + strings.Repeat("n", 65) + `")`: "has 65 characters; at most 64 are allowed.",
		`parse_function_name("arn:aws:lambda:us-east-1:f")`:      "has no region or no account, and a full ARN requires both",

		`destination_kind("")`: `"arn" parameter: "" is none of the documented destinations; ` +
			`expected the ARN of an SQS queue ("arn:aws:sqs:REGION:ACCOUNT:NAME"), an SNS topic`,
		`destination_kind("` + kinesis + `")`: `"` + kinesis + `" is none of the documented destinations`,
		`destination_kind("my-queue")`:        `"my-queue" is not a destination; expected the ARN`,
		`destination_kind("kafka://topic")`:   "the destination of an event source mapping only",

		`destination_permissions("` + kinesis + `")`: `"destination_arn" parameter: "` + kinesis + `" is none of`,
		`destination_permissions("arn:aws:s3:::failures-?")`: `has "*", "?" or "${", which a policy reads as a pattern. ` +
			"Use the ARN of one destination.",
	}
	configuration, callOf := outputs(slices.Collect(maps.Keys(want))...)
	validated, err := acctest.Workspace(t, configuration).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	errs := map[string]string{}
	for _, d := range validated.Diagnostics {
		if d.Severity == tfjson.DiagnosticSeverityError && d.Snippet != nil && d.Snippet.Context != nil {
			errs[strings.Trim(strings.TrimPrefix(*d.Snippet.Context, "output "), `"`)] += d.Detail
		}
	}
	for name, call := range callOf {
		if !strings.Contains(errs[name], want[call]) {
			t.Errorf("%s: got the error %q, want one with %q", call, errs[name], want[call])
		}
	}
}

// TestNull_withoutData calls each function with a null argument as OpenTofu sends
// it: a value without data.
func TestNull_withoutData(t *testing.T) {
	t.Parallel()
	for _, name := range functionNames {
		got, err := serve.Server(provider.New("test"))().CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
			Name: name, Arguments: []*tfprotov6.DynamicValue{{}},
		})
		if err != nil || got.Error != nil {
			t.Fatalf("%s: %v, %+v", name, err, got.Error)
		}
		if null, err := got.Result.IsNull(); err != nil || !null {
			t.Errorf("%s: result is null = %t, %v", name, null, err)
		}
	}
}
