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
			if again, err := functionref.Parse(got.String()); err != nil || again != got {
				t.Errorf("%#v prints as %q, which parses to %#v, %v", got, got.String(), again, err)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                     "is not a Lambda function reference",
		"my fn":                                "is not a Lambda function reference",
		"my-fn:":                               "is not a Lambda function reference",
		"my-fn:live:more":                      "is not a Lambda function reference",
		"my-fn\n":                              "is not a Lambda function reference",
		"my-fn|live":                           "is not a Lambda function reference",
		"arn:aws:sqs:us-east-1:123456789012:q": "is not a Lambda function reference",
		strings.Repeat("n", 65):                "has 65 characters; at most 64",
		"f:" + strings.Repeat("q", 129):        "has 129 characters; at most 128",
		"arn:aws" + strings.Repeat("-", 60) + ":lambda:us-east-1:123456789012:function:" +
			strings.Repeat("n", 64) + ":" + strings.Repeat("q", 128): "at most 256",
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			if got, err := functionref.Parse(in); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %#v and the error %v, want an error with %q", got, err, want)
			}
		})
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

// servicePattern is the FunctionName pattern of Lambda's API model, to the
// letter.
var servicePattern = regexp.MustCompile(`^(?:(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)$`)

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "my-fn", "my-fn:live", "function:function:live", "us-east-1:live", "function:us-east-1:live", "123456789012:live",
		"function:123456789012:live", "arn::lambda:f", "arn:aws:lambda:f:$LATEST", "arn:aws:lambda:us-east-1:123456789012:function:f:7",
		"arn:aws:lambda:function:function:function",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		ref, err := functionref.Parse(s)
		if err != nil {
			m := servicePattern.FindStringSubmatch(s)
			if m != nil && len(s) <= functionref.MaxLength && len(m[11]) <= functionref.MaxNameLength && len(m[13]) <= functionref.MaxQualifierLength {
				t.Fatalf("the service accepts %q: %v", s, err)
			}
			return
		}
		if !servicePattern.MatchString(s) {
			t.Fatalf("the service refuses %q, parsed as %#v", s, ref)
		}
		again, err := functionref.Parse(ref.String())
		if err != nil || again != ref {
			// Printing writes "function:" out, which may pass the limit that
			// the spelling without it kept.
			if len(ref.String()) > functionref.MaxLength {
				return
			}
			t.Fatalf("%q parses to %#v and prints as %q, which parses to %#v, %v", s, ref, ref.String(), again, err)
		}
	})
}
