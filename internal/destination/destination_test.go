// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package destination_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
)

// account is the part of an ARN between the service and the resource.
const account = ":us-east-1:123456789012:"

func TestParse_kinds(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]destination.Kind{
		"":                              destination.None,
		"arn:aws:sqs" + account + "q":   destination.SQS,
		"arn:aws:sqs" + account + "q/r": destination.SQS,
		"arn:aws-us-gov:sns:us-gov-west-1:123456789012:t":      destination.SNS,
		"arn:aws:lambda" + account + "function:f":              destination.Lambda,
		"arn:aws:events" + account + "event-bus/aws.partner/x": destination.EventBridge,
		"arn:aws:s3:::bucket":                                  destination.S3,
		"arn:aws:s3" + account + "accesspoint/a":               destination.S3,
		"arn:aws:sqs:local:123456789012:q":                     destination.SQS,
		"arn:aws:iam::123456789012:role/r":                     destination.Other,
		"arn:aws:kinesis" + account + "stream/s":               destination.Other,
	} {
		got, err := destination.Parse(in)
		if err != nil || got.Kind != want || got.String() != in {
			t.Errorf("Parse(%q) = kind %q, text %q, error %v; want kind %q", in, got.Kind, got, err, want)
		}
	}
}

func TestParse_namesBrokenRule(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"my-queue": "is not a destination",
		"https://sqs.us-east-1.amazonaws.com/123456789012/q": "is a URL, and a destination is an ARN",
		"HTTP://localhost:9324/queue/q":                      "is a URL, and a destination is an ARN",
		"arn:aws:sqs:us-east-1:12345:q":                      "is not a destination",
		"kafka://topic":                                      "the destination of an event source mapping only",
		"arn:aws:sqs" + account + "q\n":                      "is not a destination",
		"arn:aws:s3:::" + strings.Repeat("b", 338):           "has 351 characters; at most 350",
	} {
		if _, err := destination.Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%q): got the error %v, want one with %q", in, err, want)
		}
	}
}

func TestCheck_reportsUnsupportedDestinations(t *testing.T) {
	t.Parallel()
	const noForm = "does not have the form"
	for in, want := range map[string]struct {
		warning, err string // for both sides
		success      string // an error for on_success alone
	}{
		"":                            {err: "the destination is empty"},
		"arn:aws:sqs" + account + "q": {},
		"arn:aws:sns" + account + "t": {},
		"arn:aws:lambda" + account + "function:f":                          {},
		"arn:aws:lambda" + account + "function:f:live":                     {},
		"arn:aws:lambda" + account + "function:f:$LATEST":                  {},
		"arn:aws:events" + account + "event-bus/b":                         {},
		"arn:aws:events" + account + "event-bus/aws.partner":               {},
		"arn:aws:s3:::bucket":                                              {success: "on failure only"},
		"arn:aws:sqs" + account + "q.fifo":                                 {warning: "FIFO"},
		"arn:aws:sns" + account + "t.fifo":                                 {warning: "FIFO"},
		"arn:aws:iam::123456789012:role/r":                                 {warning: `the service "iam"`},
		"arn:aws:sqs:us-east-1::q":                                         {warning: noForm},
		"arn:aws:sqs" + account:                                            {warning: noForm},
		"arn:aws:sqs" + account + strings.Repeat("q", 80):                  {},
		"arn:aws:sqs" + account + strings.Repeat("q", 81):                  {warning: "81 characters, and at most 80"},
		"arn:aws:sns" + account + strings.Repeat("t", 257):                 {warning: "257 characters, and at most 256"},
		"arn:aws:lambda" + account + "layer:l":                             {warning: noForm},
		"arn:aws:lambda" + account + "function:my fn":                      {warning: "is not a Lambda function reference"},
		"arn:aws:lambda" + account + "function:" + strings.Repeat("n", 65): {warning: "at most 64"},
		"arn:aws:events" + account + "rule/r":                              {warning: noForm},
		"arn:aws:events" + account + "event-bus/aws.partner/acme/1":        {warning: "is a partner event bus"},
		"arn:aws:s3" + account + "accesspoint/a":                           {warning: noForm, success: "on failure only"},
	} {
		d, err := destination.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []destination.Side{destination.OnSuccess, destination.OnFailure} {
			wantWarning, wantErr := want.warning, want.err
			if side == destination.OnSuccess && want.success != "" {
				wantWarning, wantErr = "", want.success
			}
			warning, err := d.Check(side)
			if !matches(warning, wantWarning) {
				t.Errorf("%q on %s: got the warning %q, want %q", in, side, warning, wantWarning)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if !matches(text, wantErr) {
				t.Errorf("%q on %s: got the error %q, want %q", in, side, text, wantErr)
			}
		}
	}
}

// matches reports whether text contains want. If want is empty, text must be
// empty.
func matches(text, want string) bool {
	return (text == "") == (want == "") && strings.Contains(text, want)
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	const function = "arn:aws:lambda" + account + "function:f"
	send, publish := []string{"sqs:SendMessage"}, []string{"sns:Publish"}
	invoke, put := []string{"lambda:InvokeFunction"}, []string{"events:PutEvents"}
	bucket := []string{"s3:PutObject", "s3:ListBucket"}
	for arn, want := range map[string]struct{ actions, resources []string }{
		"arn:aws:sqs" + account + "q":                    {send, nil},
		"arn:aws:sqs" + account + "q.fifo":               {send, nil},
		"arn:aws:sqs" + account + "q/r":                  {send, nil},
		"arn:aws-cn:sqs:cn-north-1:123456789012:q":       {send, nil},
		"arn:aws:sns" + account + "t":                    {publish, nil},
		"arn:aws:events" + account + "event-bus/default": {put, nil},
		"arn:aws:lambda" + account + "layer:l:1":         {invoke, nil},
		function:                                         {invoke, nil},
		function + ":live":                               {invoke, []string{function + ":live", function}},
		function + ":$LATEST":                            {invoke, []string{function + ":$LATEST", function}},
		"arn:aws-cn:s3:::b":                              {bucket, []string{"arn:aws-cn:s3:::b/*", "arn:aws-cn:s3:::b"}},
		"arn:aws:s3" + account + "accesspoint/a": {bucket,
			[]string{"arn:aws:s3" + account + "accesspoint/a/*", "arn:aws:s3" + account + "accesspoint/a"}},
	} {
		d, err := destination.Parse(arn)
		if err != nil {
			t.Fatal(err)
		}
		if want.resources == nil {
			want.resources = []string{arn}
		}
		actions, resources, err := d.Permissions()
		if err != nil || !slices.Equal(actions, want.actions) || !slices.Equal(resources, want.resources) {
			t.Errorf("%q: got %q on %q, %v, want %q on %q", arn, actions, resources, err, want.actions, want.resources)
		}
	}
}

func TestPermissions_rejectsPatterns(t *testing.T) {
	t.Parallel()
	for _, arn := range []string{
		"arn:aws:sqs" + account + "*", "arn:aws:s3:::failures-?", "arn:aws:sqs" + account + "${aws:PrincipalTag}",
	} {
		d, err := destination.Parse(arn)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := d.Permissions(); err == nil || !strings.Contains(err.Error(), "which a policy reads as a pattern") {
			t.Errorf("%q: got the error %v", arn, err)
		}
	}
}

// servicePattern is the Destination pattern of Lambda's API model, anchored and
// without Kafka topics, which are for event source mappings.
var servicePattern = regexp.MustCompile(`^(?:$|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:` +
	`((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$`)

// aroundRegion matches an ARN. Its groups are the text before and after the
// region.
var aroundRegion = regexp.MustCompile(`^(arn:[^:]*:[^:]*:)[^:]+(:.*)$`)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "kafka://topic", "arn:aws:sqs" + account + "q.fifo", "arn:aws:s3:::b",
		"arn:aws:lambda" + account + "function:f:live",
		"arn:aws:events:eusc-de-east-1:123456789012:event-bus/b", "arn:aws:iam::123456789012:role/r", "arn:aws:x:::",
		"arn:aws:sqs:local:123456789012:q",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := destination.Parse(s)
		accepted := servicePattern.MatchString(aroundRegion.ReplaceAllString(s, "${1}us-east-1$2")) &&
			utf8.RuneCountInString(s) <= destination.MaxLength
		if accepted != (err == nil) {
			t.Fatalf("%q: Lambda accepts it in a valid region = %t, Parse: %v", s, accepted, err)
		}
		if err != nil {
			return
		}
		if again, err := destination.Parse(d.String()); err != nil || again != d {
			t.Fatalf("%q parses to %#v and prints as %q, which parses to %#v, %v", s, d, d.String(), again, err)
		}
		for _, side := range []destination.Side{destination.OnSuccess, destination.OnFailure} {
			_, _ = d.Check(side)
		}
	})
}
