// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functionref_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

func TestParse(t *testing.T) {
	t.Parallel()
	arn := functionref.Ref{Partition: "aws", Region: "us-east-1", AccountID: "123456789012", Name: "my-fn"}
	with := func(r functionref.Ref, q string) functionref.Ref { r.Qualifier = q; return r }
	for in, want := range map[string]functionref.Ref{
		"my-fn":                        {Name: "my-fn"},
		"my-fn:live":                   {Name: "my-fn", Qualifier: "live"},
		"my-fn:7":                      {Name: "my-fn", Qualifier: "7"},
		"my-fn:$LATEST":                {Name: "my-fn", Qualifier: "$LATEST"},
		"my-fn:$LATEST.PUBLISHED":      {Name: "my-fn", Qualifier: "$LATEST.PUBLISHED"},
		"my.fn":                        {Name: "my.fn"},
		"function:my-fn":               {Name: "my-fn"},
		"function":                     {Name: "function"},
		"function:function":            {Name: "function"},
		"function:function:live":       {Name: "function", Qualifier: "live"},
		"123456789012:my-fn":           {AccountID: "123456789012", Name: "my-fn"},
		"123456789012:function:my-fn":  {AccountID: "123456789012", Name: "my-fn"},
		"us-east-1:my-fn":              {Region: "us-east-1", Name: "my-fn"},
		"us-east-1":                    {Name: "us-east-1"},
		"function:us-east-1:live":      {Name: "us-east-1", Qualifier: "live"},
		"123456789012:function:f:live": {AccountID: "123456789012", Name: "f", Qualifier: "live"},
		"arn:aws:lambda:us-east-1:123456789012:function:my-fn":         arn,
		"arn:aws:lambda:us-east-1:123456789012:function:my-fn:live":    with(arn, "live"),
		"arn:aws:lambda:us-east-1:123456789012:function:my-fn:$LATEST": with(arn, "$LATEST"),
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f":         {Partition: "aws-cn", Region: "cn-north-1", AccountID: "123456789012", Name: "f"},
		"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f":  {Partition: "aws-us-gov", Region: "us-gov-west-1", AccountID: "123456789012", Name: "f"},
		"arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:f":  {Partition: "aws-iso-b", Region: "us-isob-east-1", AccountID: "123456789012", Name: "f"},
		"arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:f":   {Partition: "aws-eusc", Region: "eusc-de-east-1", AccountID: "123456789012", Name: "f"},
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			got, err := functionref.Parse(in)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("got %#v, want %#v", got, want)
			}
			if err := functionref.Validate(in); err != nil {
				t.Error(err)
			}
			if again, err := functionref.Parse(got.String()); err != nil || again != got {
				t.Errorf("%#v prints as %q, which parses to %#v, %v", got, got.String(), again, err)
			}
		})
	}
}

// TestParse_acceptsOtherForms parses references that Lambda's API model rejects.
// State or a response may contain them.
func TestParse_acceptsOtherForms(t *testing.T) {
	t.Parallel()
	other := functionref.Ref{Partition: "aws", Region: "local", AccountID: "123456789012", Name: "f", Qualifier: "live"}
	long := functionref.Ref{Name: strings.Repeat("n", 65)}
	for in, want := range map[string]functionref.Ref{
		"arn:aws:lambda:local:123456789012:function:f:live":         other,
		"arn:aws:lambda:local:123456789012:f:live":                  other,
		"arn:aws:lambda:ap-southeast-10:123456789012:function:f":    {Partition: "aws", Region: "ap-southeast-10", AccountID: "123456789012", Name: "f"},
		"arn:new:lambda:us-gov-central1:account:function:f:$LATEST": {Partition: "new", Region: "us-gov-central1", AccountID: "account", Name: "f", Qualifier: "$LATEST"},
		"arn:aws:lambda:us-east-1:123456789012:function:my fn:a.b":  {Partition: "aws", Region: "us-east-1", AccountID: "123456789012", Name: "my fn", Qualifier: "a.b"},
		"arn:aws:lambda:f":                {Partition: "aws", Name: "f"},
		"arn:aws:lambda:us-east-1:f":      {Partition: "aws", Region: "us-east-1", Name: "f"},
		"arn:aws:lambda:123456789012:f:7": {Partition: "aws", AccountID: "123456789012", Name: "f", Qualifier: "7"},
		long.Name:                         long,
	} {
		got, err := functionref.Parse(in)
		if err != nil || got != want {
			t.Errorf("%q: got %#v, %v, want %#v", in, got, err, want)
		}
		if again, err := functionref.Parse(got.String()); err != nil || again != got {
			t.Errorf("%#v prints as %q, which parses to %#v, %v", got, got.String(), again, err)
		}
	}
	for _, in := range []string{"", "f:", "f:live:more", "arn:aws:sqs:us-east-1:123456789012:q"} {
		if got, err := functionref.Parse(in); err == nil {
			t.Errorf("%q: got %#v, want an error", in, got)
		}
	}
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for _, in := range []string{
		"arn:aws:lambda:ap-southeast-10:123456789012:function:f", "arn:aws:lambda:local:123456789012:f:live",
		strings.Repeat("n", 64) + ":" + strings.Repeat("q", 128),
	} {
		if err := functionref.Validate(in); err != nil {
			t.Error(err)
		}
	}
	for in, want := range map[string]string{
		"":                                     "is not a Lambda function reference",
		"my fn":                                "is not a Lambda function reference",
		"my-fn:":                               "is not a Lambda function reference",
		"my-fn:live:more":                      "is not a Lambda function reference",
		"my-fn\n":                              "is not a Lambda function reference",
		"my-fn|live":                           "is not a Lambda function reference",
		"my-fn:a.b":                            "is not a Lambda function reference",
		"arn:aws:sqs:us-east-1:123456789012:q": "is not a Lambda function reference",
		"arn:aws:lambda:us-east-1:12345:function:f": "is not a Lambda function reference",
		"arn:other:lambda:us-east-1:123456789012:f": "is not a Lambda function reference",
		"arn:aws:lambda:f":                          "a full ARN requires both",
		"arn:aws:lambda:us-east-1:f":                "a full ARN requires both",
		"arn:aws:lambda:us-east-1:function:f:live":  "a full ARN requires both",
		"arn:aws:lambda:123456789012:function:f":    "a full ARN requires both",
		"arn::lambda:f":                             "a full ARN requires both",
		strings.Repeat("n", 65):                     "has 65 characters; at most 64",
		"f:" + strings.Repeat("q", 129):             "has 129 characters; at most 128",
		"arn:aws" + strings.Repeat("-", 60) + ":lambda:us-east-1:123456789012:function:" +
			strings.Repeat("n", 64) + ":" + strings.Repeat("q", 128): "at most 256",
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			if err := functionref.Validate(in); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got the error %v, want one with %q", err, want)
			}
		})
	}
}

func TestPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "mx-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov", "us-iso-east-1": "aws-iso",
		"us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc",
		"": "", "local": "", "us-gov-central1": "", "ap-southeast-10": "", "us-isox-east-1": "", "xx-east-1": "",
	} {
		if got := functionref.Partition(region); got != want {
			t.Errorf("%q: got %q, want %q", region, got, want)
		}
	}
}

func TestCheckQualifier(t *testing.T) {
	t.Parallel()
	for in, valid := range map[string]bool{
		"live": true, "7": true, "$LATEST": true, "$LATEST.PUBLISHED": true, "a$b": true,
		strings.Repeat("q", 128): true, strings.Repeat("q", 129): false,
		"": false, "a b": false, "a:b": false, "live\n": false,
	} {
		if err := functionref.CheckQualifier(in); (err == nil) != valid {
			t.Errorf("%q: %v, want valid = %t", in, err, valid)
		}
	}
}

func TestCheckRegion(t *testing.T) {
	t.Parallel()
	for in, valid := range map[string]bool{
		"us-east-1": true, "us-gov-west-1": true, "eusc-de-east-1": true, "us-isob-east-1": true, "mx-central-1": true,
		"": false, "us-east": false, "us-east-1a": false, "Frankfurt": false,
	} {
		if err := functionref.CheckRegion(in); (err == nil) != valid {
			t.Errorf("%q: %v, want valid = %t", in, err, valid)
		}
	}
}

func TestCheckAccountID(t *testing.T) {
	t.Parallel()
	for in, valid := range map[string]bool{
		"123456789012": true, "000000000000": true,
		"": false, "12345678901": false, "1234567890123": false, "12345678901a": false, "123456789012\n": false,
	} {
		if err := functionref.CheckAccountID(in); (err == nil) != valid {
			t.Errorf("%q: %v, want valid = %t", in, err, valid)
		}
	}
}

func TestSameFunction(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:lambda:us-east-1:123456789012:function:my-fn"
	for other, want := range map[string]bool{
		"my-fn":                       true,
		"my-fn:live":                  true,
		"123456789012:function:my-fn": true,
		arn + ":7":                    true,
		"your-fn":                     false,
		"210987654321:my-fn":          false,
		"eu-west-1:my-fn":             false,
		"arn:aws-cn:lambda:us-east-1:123456789012:function:my-fn": false,
	} {
		a, b := mustParse(t, arn), mustParse(t, other)
		if a.SameFunction(b) != want || b.SameFunction(a) != want {
			t.Errorf("%q and %q: same = %t, want %t both ways", a, b, !want, want)
		}
	}
}

func mustParse(t *testing.T, s string) functionref.Ref {
	t.Helper()
	r, err := functionref.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// servicePattern is the FunctionName pattern of Lambda's API model of
// 2026-07-13, to the letter.
var servicePattern = regexp.MustCompile(`^(?:(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:|(((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?))(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)$`)

// inARegion matches a full ARN: the text before its region, and the text after it.
var inARegion = regexp.MustCompile(`^(arn:[^:]*:lambda:)[^:]+(:.*)$`)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "my-fn", "my-fn:live", "function:function:live", "us-east-1:live", "function:us-east-1:live", "123456789012:live",
		"function:123456789012:live", "function:$LATEST", "arn:live", "arn::lambda:f", "arn:aws:lambda:f:$LATEST",
		"arn:aws:lambda:us-east-1:123456789012:function:f:7", "arn:aws:lambda:function:function:function",
		"arn:aws:lambda:us-east-1:function:function:f", "arn:aws:lambda:123456789012:123456789012:f",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, parseErr := functionref.Parse(s)
		m := servicePattern.FindStringSubmatch(s)
		err := functionref.Validate(s)
		if err != nil {
			if m != nil && len(s) <= functionref.MaxLength && len(m[17]) <= functionref.MaxNameLength && len(m[19]) <= functionref.MaxQualifierLength {
				t.Fatalf("the service accepts %q: %v", s, err)
			}
			return
		}
		if m == nil { // any region is accepted in a full ARN
			m = servicePattern.FindStringSubmatch(inARegion.ReplaceAllString(s, "${1}us-east-1$2"))
		}
		if m == nil || parseErr != nil || ref.Name != m[17] || ref.Qualifier != m[19] {
			t.Fatalf("the service reads %q as %q, parsed as %#v, %v", s, m, ref, parseErr)
		}
		if again, err := functionref.Parse(ref.String()); err != nil || again != ref {
			t.Fatalf("%q parses to %#v and prints as %q, which parses to %#v, %v", s, ref, ref.String(), again, err)
		}
	})
}
