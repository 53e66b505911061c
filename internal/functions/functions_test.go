// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

// call is an output with what a function returns for one argument.
func call(output, function, argument string) string {
	return fmt.Sprintf("output %q {\n  value = provider::awslambda::%s(%s)\n}\n", output, function, argument)
}

// equal applies one call for each argument, in one configuration without a
// provider block, and compares what they return as JSON.
func equal(t *testing.T, function string, want map[string]string) {
	t.Helper()
	arguments := slices.Sorted(maps.Keys(want))
	var configuration strings.Builder
	for i, argument := range arguments {
		configuration.WriteString(call(fmt.Sprintf("case%02d", i), function, fmt.Sprintf("%q", argument)))
	}
	tf := acctest.Workspace(t, configuration.String())
	if err := tf.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	outputs, err := tf.Output(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, argument := range arguments {
		var got any
		if err := json.Unmarshal(outputs[fmt.Sprintf("case%02d", i)].Value, &got); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if string(text) != want[argument] {
			t.Errorf("%s(%q) = %s, want %s", function, argument, text, want[argument])
		}
	}
}

// fails has one configuration call the function with each argument, an
// expression, and looks for the error that it must have.
func fails(t *testing.T, function string, want map[string]string) {
	t.Helper()
	arguments := slices.Sorted(maps.Keys(want))
	var configuration strings.Builder
	for i, argument := range arguments {
		configuration.WriteString(call(fmt.Sprintf("case%02d", i), function, argument))
	}
	validated, err := acctest.Workspace(t, configuration.String()).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, argument := range arguments {
		name := fmt.Sprintf(`output "case%02d"`, i)
		got := slices.DeleteFunc(slices.Clone(validated.Diagnostics), func(d tfjson.Diagnostic) bool {
			return d.Snippet == nil || d.Snippet.Context == nil || *d.Snippet.Context != name
		})
		if len(got) != 1 || got[0].Severity != tfjson.DiagnosticSeverityError || !strings.Contains(got[0].Detail, want[argument]) {
			t.Errorf("%s(%s): got %+v\nwant %s", function, argument, got, want[argument])
		}
	}
}

func TestParseFunctionName(t *testing.T) {
	t.Parallel()
	parts := func(partition, region, account, name, qualifier string) string {
		orNull := func(s string) any {
			if s == "" {
				return nil
			}
			return s
		}
		text, err := json.Marshal(map[string]any{
			"partition": orNull(partition), "region": orNull(region), "account_id": orNull(account),
			"function_name": orNull(name), "qualifier": orNull(qualifier),
		})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	equal(t, "parse_function_name", map[string]string{
		"f":                             parts("", "", "", "f", ""),
		"f:live":                        parts("", "", "", "f", "live"),
		"f:7":                           parts("", "", "", "f", "7"),
		"f:$LATEST":                     parts("", "", "", "f", "$LATEST"),
		"function:f":                    parts("", "", "", "f", ""),
		"123456789012:function:f":       parts("", "", "123456789012", "f", ""),
		"123456789012:function:f:live":  parts("", "", "123456789012", "f", "live"),
		"123456789012:f":                parts("", "", "123456789012", "f", ""),
		"us-east-1:123456789012:f:live": parts("", "us-east-1", "123456789012", "f", "live"),
		"arn:aws:lambda:us-east-1:123456789012:function:f":                   parts("aws", "us-east-1", "123456789012", "f", ""),
		"arn:aws:lambda:us-east-1:123456789012:function:f:live":              parts("aws", "us-east-1", "123456789012", "f", "live"),
		"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST":           parts("aws", "us-east-1", "123456789012", "f", "$LATEST"),
		"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST.PUBLISHED": parts("aws", "us-east-1", "123456789012", "f", "$LATEST.PUBLISHED"),
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f":               parts("aws-cn", "cn-north-1", "123456789012", "f", ""),
		"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f:1":      parts("aws-us-gov", "us-gov-west-1", "123456789012", "f", "1"),
		strings.Repeat("n", 64): parts("", "", "", strings.Repeat("n", 64), ""),
	})
}

func TestParseFunctionNameFails(t *testing.T) {
	t.Parallel()
	const refused = ` is not a Lambda function reference; expected a function name ("my-function"), a partial ARN`
	fails(t, "parse_function_name", map[string]string{
		`""`:                                     `"function_name" parameter: ""` + refused,
		`"my function"`:                          `"function_name" parameter: "my function"` + refused,
		`"arn:aws:sqs:us-east-1:123456789012:q"`: `"function_name" parameter: "arn:aws:sqs:us-east-1:123456789012:q"` + refused,
		`"` + strings.Repeat("n", 65) + `"`:      "has 65 characters; at most 64 are allowed.",
		`"f:` + strings.Repeat("q", 129) + `"`:   "has 129 characters; at most 128 are allowed.",
		`"arn:aws:lambda:us-east-1:f"`:           "has no region or no account, and a full ARN requires both",
	})
}

func TestDestinationKind(t *testing.T) {
	t.Parallel()
	equal(t, "destination_kind", map[string]string{
		"arn:aws:sqs:us-east-1:123456789012:q":                          `"sqs"`,
		"arn:aws:sqs:us-east-1:123456789012:q.fifo":                     `"sqs"`,
		"arn:aws-cn:sqs:cn-north-1:123456789012:q":                      `"sqs"`,
		"arn:aws:sns:us-east-1:123456789012:t":                          `"sns"`,
		"arn:aws:lambda:us-east-1:123456789012:function:f":              `"lambda"`,
		"arn:aws:lambda:us-east-1:123456789012:function:f:live":         `"lambda"`,
		"arn:aws:events:us-east-1:123456789012:event-bus/default":       `"eventbridge"`,
		"arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/x": `"eventbridge"`,
		"arn:aws:s3:::failures":                                         `"s3"`,
		"arn:aws:s3:us-east-1:123456789012:accesspoint/a":               `"s3"`,
		"arn:aws:sqs:us-east-1:123456789012:q/r":                        `"sqs"`,
	})
}

// noDestinations are arguments that are no destinations, and the errors of the
// parameter with the given name.
func noDestinations(parameter string) map[string]string {
	const ways = `the ARN of an SQS queue ("arn:aws:sqs:REGION:ACCOUNT:NAME"), an SNS topic`
	const kinesis = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
	return map[string]string{
		`""`:                              `"` + parameter + `" parameter: "" is none of the documented destinations; expected ` + ways,
		`"` + kinesis + `"`:               `"` + parameter + `" parameter: "` + kinesis + `" is none of the documented destinations; expected ` + ways,
		`"my-queue"`:                      `"` + parameter + `" parameter: "my-queue" is not a destination; expected ` + ways,
		`"kafka://topic"`:                 `"kafka://topic" is a Kafka topic, which Lambda takes as the destination of an event source mapping only`,
		`"arn:aws:sqs:us-east-1:12345:q"`: `"arn:aws:sqs:us-east-1:12345:q" is not a destination; expected ` + ways,
		`"https://sqs.us-east-1.amazonaws.com/123456789012/q"`: "is a URL, and a destination is an ARN.",
		`"arn:aws:s3:::` + strings.Repeat("b", 338) + `"`:      "has 351 characters; at most 350 are allowed.",
	}
}

func TestDestinationKindFails(t *testing.T) {
	t.Parallel()
	fails(t, "destination_kind", noDestinations("arn"))
}

func TestDestinationPermissions(t *testing.T) {
	t.Parallel()
	permissions := func(actions []string, resources ...string) string {
		text, err := json.Marshal(map[string]any{"actions": actions, "resources": resources})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	send, publish, invoke, put := []string{"sqs:SendMessage"}, []string{"sns:Publish"}, []string{"lambda:InvokeFunction"}, []string{"events:PutEvents"}
	bucket := []string{"s3:PutObject", "s3:ListBucket"}
	const function = "arn:aws:lambda:us-east-1:123456789012:function:f"
	want := map[string]string{
		function:                           permissions(invoke, function),
		function + ":live":                 permissions(invoke, function+":live", function),
		function + ":7":                    permissions(invoke, function+":7", function),
		function + ":$LATEST":              permissions(invoke, function+":$LATEST", function),
		"arn:aws:s3:::failures":            permissions(bucket, "arn:aws:s3:::failures/*", "arn:aws:s3:::failures"),
		"arn:aws-us-gov:s3:::failures":     permissions(bucket, "arn:aws-us-gov:s3:::failures/*", "arn:aws-us-gov:s3:::failures"),
		"arn:aws-cn:s3:::failures.example": permissions(bucket, "arn:aws-cn:s3:::failures.example/*", "arn:aws-cn:s3:::failures.example"),
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:live": permissions(invoke,
			"arn:aws-cn:lambda:cn-north-1:123456789012:function:f:live", "arn:aws-cn:lambda:cn-north-1:123456789012:function:f"),
		"arn:aws:s3:us-east-1:123456789012:accesspoint/a": permissions(bucket,
			"arn:aws:s3:us-east-1:123456789012:accesspoint/a/*", "arn:aws:s3:us-east-1:123456789012:accesspoint/a"),
	}
	for arn, actions := range map[string][]string{
		"arn:aws:sqs:us-east-1:123456789012:q":                          send,
		"arn:aws:sqs:us-east-1:123456789012:q.fifo":                     send,
		"arn:aws:sqs:us-east-1:123456789012:q/r":                        send,
		"arn:aws-cn:sqs:cn-north-1:123456789012:q":                      send,
		"arn:aws:sns:us-east-1:123456789012:t":                          publish,
		"arn:aws-us-gov:sns:us-gov-west-1:123456789012:t":               publish,
		"arn:aws:lambda:us-east-1:123456789012:layer:l:1":               invoke,
		"arn:aws:events:us-east-1:123456789012:event-bus/default":       put,
		"arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/x": put,
	} {
		want[arn] = permissions(actions, arn)
	}
	equal(t, "destination_permissions", want)
}

func TestDestinationPermissionsFails(t *testing.T) {
	t.Parallel()
	want := noDestinations("destination_arn")
	for _, arn := range []string{
		"arn:aws:sqs:us-east-1:123456789012:*", "arn:aws:s3:::failures-?", "arn:aws:sqs:us-east-1:123456789012:$${aws:PrincipalTag}",
	} {
		want[`"`+arn+`"`] = `has "*", "?" or "${", which a policy reads as a pattern. Give the ARN of one destination.`
	}
	fails(t, "destination_permissions", want)
}

// TestNull_guardsOptionalVariable has a variable of a module that may be null,
// guarded by the functions alone.
func TestNull_guardsOptionalVariable(t *testing.T) {
	t.Parallel()
	tf := acctest.Workspace(t, `
variable "arn" {
  type    = string
  default = null

  validation {
    condition     = can(provider::awslambda::destination_kind(var.arn))
    error_message = "Not the ARN of a destination."
  }
}

variable "function" {
  type    = string
  default = null

  validation {
    condition     = try(provider::awslambda::parse_function_name(var.function).qualifier, null) == null
    error_message = "The function carries a qualifier."
  }
  validation {
    condition     = can(provider::awslambda::parse_function_name(var.function))
    error_message = "Not a function."
  }
}

output "kind" {
  value = provider::awslambda::destination_kind(var.arn) == null ? "none" : "some"
}

output "parts" {
  value = provider::awslambda::parse_function_name(var.function) == null ? "none" : "some"
}
`)
	for _, test := range []struct{ arn, function, kind, parts, err string }{
		{kind: "none", parts: "none"},
		{arn: "arn:aws:sqs:us-east-1:123456789012:q", function: "f", kind: "some", parts: "some"},
		{arn: "my-queue", err: "Not the ARN of a destination."},
		{function: "my function", err: "Not a function."},
		{function: "f:live", err: "The function carries a qualifier."},
	} {
		var options []tfexec.ApplyOption
		for name, value := range map[string]string{"arn": test.arn, "function": test.function} {
			if value != "" {
				options = append(options, tfexec.Var(name+"="+value))
			}
		}
		err := tf.Apply(t.Context(), options...)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%+v: got the error %v", test, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%+v: %v", test, err)
		}
		outputs, err := tf.Output(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if kind, parts := string(outputs["kind"].Value), string(outputs["parts"].Value); kind != `"`+test.kind+`"` || parts != `"`+test.parts+`"` {
			t.Errorf("%+v: got %s and %s", test, kind, parts)
		}
	}
}

// TestNull_withoutData calls each function as OpenTofu does with a null argument:
// with a value that has no data.
func TestNull_withoutData(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"destination_kind", "destination_permissions", "parse_function_name"} {
		got, err := serve.Server(provider.New("test"))().CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
			Name: name, Arguments: []*tfprotov6.DynamicValue{{}},
		})
		if err != nil || got.Error != nil {
			t.Fatalf("%s: %v, %+v", name, err, got.Error)
		}
		if null, err := got.Result.IsNull(); err != nil || !null {
			t.Errorf("%s: null is %t, %v", name, null, err)
		}
	}
}

// TestUnknown plans calls as unknown, and makes them while applying. Terraform and
// OpenTofu do not call a function with an unknown argument.
func TestUnknown(t *testing.T) {
	t.Parallel()
	for function, test := range map[string]struct{ argument, member, want string }{
		"parse_function_name":     {"f:live", "qualifier", `"live"`},
		"destination_permissions": {acctest.QueueARN, "actions", `["sqs:SendMessage"]`},
	} {
		tf := acctest.Workspace(t, acctest.TerraformData("later", test.argument)+call("result", function, "terraform_data.later.output"))
		plan := filepath.Join(tf.WorkingDir(), "plan")
		if _, err := tf.Plan(t.Context(), tfexec.Out(plan)); err != nil {
			t.Fatal(err)
		}
		planned, err := tf.ShowPlanFile(t.Context(), plan)
		if err != nil {
			t.Fatal(err)
		}
		if c := planned.OutputChanges["result"]; c == nil || c.AfterUnknown != true {
			t.Errorf("%s: planned %+v, want an unknown result", function, c)
		}
		if err := tf.Apply(t.Context(), tfexec.DirOrPlan(plan)); err != nil {
			t.Fatal(err)
		}
		outputs, err := tf.Output(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]json.RawMessage
		err = json.Unmarshal(outputs["result"].Value, &got)
		if err != nil || strings.Join(strings.Fields(string(got[test.member])), "") != test.want {
			t.Errorf("%s: got %s, %v", function, outputs["result"].Value, err)
		}
	}
}

// TestDestinationPermissions_plan has the result in the plan, before any apply.
func TestDestinationPermissions_plan(t *testing.T) {
	t.Parallel()
	tf := acctest.Workspace(t, call("result", "destination_permissions", `"`+acctest.QueueARN+`"`)+call("none", "destination_permissions", "null"))
	plan := filepath.Join(tf.WorkingDir(), "plan")
	if _, err := tf.Plan(t.Context(), tfexec.Out(plan)); err != nil {
		t.Fatal(err)
	}
	planned, err := tf.ShowPlanFile(t.Context(), plan)
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(planned.OutputChanges["result"].After)
	if err != nil || string(got) != `{"actions":["sqs:SendMessage"],"resources":["`+acctest.QueueARN+`"]}` {
		t.Errorf("planned %s, %v", got, err)
	}
	if c := planned.OutputChanges["none"]; c != nil && c.After != nil {
		t.Errorf("null: planned %+v", c)
	}
}
