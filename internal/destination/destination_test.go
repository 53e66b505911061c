// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package destination_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]destination.Kind{
		"":                                     destination.None,
		"kafka://t1":                           destination.Kafka,
		"arn:aws:sqs:us-east-1:123456789012:q": destination.SQS,
		"arn:aws:sqs:us-east-1:123456789012:q.fifo":                     destination.SQS,
		"arn:aws-us-gov:sns:us-gov-west-1:123456789012:t":               destination.SNS,
		"arn:aws:lambda:us-east-1:123456789012:function:f":              destination.Lambda,
		"arn:aws:lambda:us-east-1:123456789012:function:f:live":         destination.Lambda,
		"arn:aws:events:us-east-1:123456789012:event-bus/default":       destination.EventBridge,
		"arn:aws:s3:::bucket":                                           destination.S3,
		"arn:aws:iam::123456789012:role/r":                              destination.Other,
		"arn:aws:kinesis:us-east-1:123456789012:stream/s":               destination.Other,
		"arn:aws:sqs:local:123456789012:q":                              destination.SQS,
		"arn:aws:sqs:us-east-1:123456789012:" + strings.Repeat("q", 80): destination.SQS,
	} {
		got, err := destination.Parse(in)
		if err != nil || got.Kind != want || got.String() != in {
			t.Errorf("%q: got kind %q, text %q, error %v; want kind %q", in, got.Kind, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"my-queue": "is not a destination",
		"https://sqs.us-east-1.amazonaws.com/123456789012/q": "is a URL, and a destination is an ARN",
		"HTTP://localhost:9324/queue/q":                      "is a URL, and a destination is an ARN",
		"arn:aws:sqs:us-east-1:12345:q":                      "is not a destination",
		"kafka://":                                           "is not a destination",
		"arn:aws:sqs:us-east-1:123456789012:q\n":             "is not a destination",
		"arn:aws:s3:::" + strings.Repeat("b", 338):           "has 351 characters; at most 350",
	} {
		if _, err := destination.Parse(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got the error %v, want one with %q", in, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const account = ":us-east-1:123456789012:"
	for in, want := range map[string]struct {
		warning, err string // of both sides
		success      string // an error of on_success alone
	}{
		"arn:aws:sqs" + account + "q":                                      {},
		"arn:aws:sns" + account + "t":                                      {},
		"arn:aws:lambda" + account + "function:f":                          {},
		"arn:aws:lambda" + account + "function:f:live":                     {},
		"arn:aws:lambda" + account + "function:f:$LATEST":                  {},
		"arn:aws:events" + account + "event-bus/b":                         {},
		"arn:aws:s3:::bucket":                                              {success: "on failure only"},
		"":                                                                 {err: "the destination is empty"},
		"kafka://topic":                                                    {err: "event source mapping"},
		"arn:aws:sqs" + account + "q.fifo":                                 {warning: "FIFO"},
		"arn:aws:sns" + account + "t.fifo":                                 {warning: "FIFO"},
		"arn:aws:iam::123456789012:role/r":                                 {warning: `the service "iam"`},
		"arn:aws:sqs:us-east-1::q":                                         {warning: "does not have the form"},
		"arn:aws:sqs" + account:                                            {warning: "does not have the form"},
		"arn:aws:sqs" + account + strings.Repeat("q", 80):                  {},
		"arn:aws:sqs" + account + strings.Repeat("q", 81):                  {warning: "a name of 81 characters, and at most 80"},
		"arn:aws:sns" + account + strings.Repeat("t", 257):                 {warning: "a name of 257 characters, and at most 256"},
		"arn:aws:lambda" + account + "layer:l":                             {warning: "does not have the form"},
		"arn:aws:lambda" + account + "function:my fn":                      {warning: "is not a Lambda function reference"},
		"arn:aws:lambda" + account + "function:" + strings.Repeat("n", 65): {warning: "at most 64"},
		"arn:aws:events" + account + "rule/r":                              {warning: "does not have the form"},
		"arn:aws:events" + account + "event-bus/aws.partner/acme/1":        {warning: "is a partner event bus"},
		"arn:aws:events" + account + "event-bus/aws.partner":               {},
		"arn:aws:s3" + account + "accesspoint/a":                           {warning: "does not have the form", success: "on failure only"},
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
			if !says(warning, wantWarning) {
				t.Errorf("%q on %s: got the warning %q, want %q", in, side, warning, wantWarning)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if !says(text, wantErr) {
				t.Errorf("%q on %s: got the error %q, want %q", in, side, text, wantErr)
			}
		}
	}
}

// says reports whether text contains want, and nothing where want is nothing.
func says(text, want string) bool {
	return (text == "") == (want == "") && strings.Contains(text, want)
}

// servicePattern is the Destination pattern of Lambda's API model, to the
// letter, anchored.
var servicePattern = regexp.MustCompile(`^(?:$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*))$`)

// inARegion matches an ARN: the text before its region, and the text after it.
var inARegion = regexp.MustCompile(`^(arn:[^:]*:[^:]*:)[^:]+(:.*)$`)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "kafka://topic", "arn:aws:sqs:us-east-1:123456789012:q.fifo", "arn:aws:s3:::b", "arn:aws:lambda:us-east-1:123456789012:function:f:live",
		"arn:aws:events:eusc-de-east-1:123456789012:event-bus/b", "arn:aws:iam::123456789012:role/r", "arn:aws:x:::", "arn:aws:sqs:local:123456789012:q",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := destination.Parse(s)
		accepted := servicePattern.MatchString(inARegion.ReplaceAllString(s, "${1}us-east-1$2")) && utf8.RuneCountInString(s) <= destination.MaxLength
		if accepted != (err == nil) {
			t.Fatalf("%q: the service accepts = %t with a region, Parse: %v", s, accepted, err)
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
