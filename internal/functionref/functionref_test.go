// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functionref_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

const account = "123456789012"

// ref returns a reference; an empty part is omitted.
func ref(partition, region, accountID, name, qualifier string) functionref.Ref {
	return functionref.Ref{Partition: partition, Region: region, AccountID: accountID, Name: name, Qualifier: qualifier}
}

// checkParse checks that in parses to want, and that the printed reference
// parses to the same.
func checkParse(t *testing.T, in string, want functionref.Ref) {
	t.Helper()
	got, err := functionref.Parse(in)
	if err != nil || got != want {
		t.Errorf("Parse(%q) = %#v, %v, want %#v", in, got, err, want)
	}
	if again, err := functionref.Parse(got.String()); err != nil || again != got {
		t.Errorf("%#v prints as %q, which parses to %#v, %v", got, got.String(), again, err)
	}
}

func TestParse_formatsOfConfiguration(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]functionref.Ref{
		"my-fn":                        ref("", "", "", "my-fn", ""),
		"my-fn:live":                   ref("", "", "", "my-fn", "live"),
		"my-fn:7":                      ref("", "", "", "my-fn", "7"),
		"my-fn:$LATEST":                ref("", "", "", "my-fn", "$LATEST"),
		"my-fn:$LATEST.PUBLISHED":      ref("", "", "", "my-fn", "$LATEST.PUBLISHED"),
		"my.fn":                        ref("", "", "", "my.fn", ""),
		"function:my-fn":               ref("", "", "", "my-fn", ""),
		"function":                     ref("", "", "", "function", ""),
		"function:function":            ref("", "", "", "function", ""),
		"function:function:live":       ref("", "", "", "function", "live"),
		"123456789012:my-fn":           ref("", "", account, "my-fn", ""),
		"123456789012:function:my-fn":  ref("", "", account, "my-fn", ""),
		"us-east-1:my-fn":              ref("", "us-east-1", "", "my-fn", ""),
		"us-east-1":                    ref("", "", "", "us-east-1", ""),
		"function:us-east-1:live":      ref("", "", "", "us-east-1", "live"),
		"123456789012:function:f:live": ref("", "", account, "f", "live"),

		"arn:aws:lambda:us-east-1:123456789012:function:f":            ref("aws", "us-east-1", account, "f", ""),
		"arn:aws:lambda:us-east-1:123456789012:function:f:live":       ref("aws", "us-east-1", account, "f", "live"),
		"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST":    ref("aws", "us-east-1", account, "f", "$LATEST"),
		"arn:aws-cn:lambda:cn-north-1:123456789012:function:f":        ref("aws-cn", "cn-north-1", account, "f", ""),
		"arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f": ref("aws-us-gov", "us-gov-west-1", account, "f", ""),
		"arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:f": ref("aws-iso-b", "us-isob-east-1", account, "f", ""),
		"arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:f":  ref("aws-eusc", "eusc-de-east-1", account, "f", ""),
	} {
		checkParse(t, in, want)
		if err := functionref.Validate(in); err != nil {
			t.Error(err)
		}
	}
}

// TestParse_formatsOfStateAndResponses parses references that Lambda's API model
// rejects, but that state or a response may contain.
func TestParse_formatsOfStateAndResponses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 65)
	for in, want := range map[string]functionref.Ref{
		"arn:aws:lambda:local:123456789012:function:f:live":         ref("aws", "local", account, "f", "live"),
		"arn:aws:lambda:local:123456789012:f:live":                  ref("aws", "local", account, "f", "live"),
		"arn:aws:lambda:ap-southeast-10:123456789012:function:f":    ref("aws", "ap-southeast-10", account, "f", ""),
		"arn:new:lambda:us-gov-central1:account:function:f:$LATEST": ref("new", "us-gov-central1", "account", "f", "$LATEST"),
		"arn:aws:lambda:us-east-1:123456789012:function:my fn:a.b":  ref("aws", "us-east-1", account, "my fn", "a.b"),
		"arn:aws:lambda:f":                ref("aws", "", "", "f", ""),
		"arn:aws:lambda:us-east-1:f":      ref("aws", "us-east-1", "", "f", ""),
		"arn:aws:lambda:123456789012:f:7": ref("aws", "", account, "f", "7"),
		long:                              ref("", "", "", long, ""),
	} {
		checkParse(t, in, want)
	}
	for _, in := range []string{"", "f:", "f:live:more", "arn:aws:sqs:us-east-1:123456789012:q"} {
		if got, err := functionref.Parse(in); err == nil {
			t.Errorf("Parse(%q) = %#v, want an error", in, got)
		}
	}
}

func TestValidate_namesBrokenRule(t *testing.T) {
	t.Parallel()
	const noReference, incomplete = "is not a Lambda function reference", "a full ARN requires both"
	for in, want := range map[string]string{ // "" for a valid reference
		"arn:aws:lambda:ap-southeast-10:123456789012:function:f": "",
		"arn:aws:lambda:local:123456789012:f:live":               "",
		strings.Repeat("n", 64) + ":" + strings.Repeat("q", 128): "",
		"":                                     noReference,
		"my fn":                                noReference,
		"my-fn:":                               noReference,
		"my-fn:live:more":                      noReference,
		"my-fn\n":                              noReference,
		"my-fn|live":                           noReference,
		"my-fn:a.b":                            noReference,
		"arn:aws:sqs:us-east-1:123456789012:q": noReference,
		"arn:aws:lambda:us-east-1:12345:function:f": noReference,
		"arn:other:lambda:us-east-1:123456789012:f": noReference,
		"arn:aws:lambda:f":                          incomplete,
		"arn:aws:lambda:us-east-1:f":                incomplete,
		"arn:aws:lambda:us-east-1:function:f:live":  incomplete,
		"arn:aws:lambda:123456789012:function:f":    incomplete,
		"arn::lambda:f":                             incomplete,
		strings.Repeat("n", 65):                     "has 65 characters; at most 64",
		"f:" + strings.Repeat("q", 129):             "has 129 characters; at most 128",
		"arn:aws" + strings.Repeat("-", 60) + ":lambda:us-east-1:123456789012:function:" +
			strings.Repeat("n", 64) + ":" + strings.Repeat("q", 128): "at most 256",
	} {
		err := functionref.Validate(in)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Validate(%q) = %v, want an error with %q", in, err, want)
		}
	}
}

func TestPartition(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "mx-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov",
		"us-iso-east-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "eu-isoe-west-1": "aws-iso-e",
		"us-isof-south-1": "aws-iso-f", "eusc-de-east-1": "aws-eusc",
		"": "", "local": "", "us-gov-central1": "", "ap-southeast-10": "", "us-isox-east-1": "", "xx-east-1": "",
	} {
		if got := functionref.Partition(region); got != want {
			t.Errorf("Partition(%q) = %q, want %q", region, got, want)
		}
	}
}

func TestCheck_acceptsOnlyValidValues(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		check          func(string) error
		valid, invalid []string
	}{
		"qualifier": {
			functionref.CheckQualifier,
			[]string{"live", "7", "$LATEST", "$LATEST.PUBLISHED", "a$b", strings.Repeat("q", 128)},
			[]string{"", "a b", "a:b", "live\n", strings.Repeat("q", 129)},
		},
		"name prefix": {
			functionref.CheckNamePrefix,
			[]string{"", "my-fn", strings.Repeat("n", 64)},
			[]string{"my fn", "my-*", "arn:aws:lambda", strings.Repeat("n", 65)},
		},
		"region": {
			functionref.CheckRegion,
			[]string{"us-east-1", "us-gov-west-1", "eusc-de-east-1", "us-isob-east-1", "mx-central-1"},
			[]string{"", "us-east", "us-east-1a", "Frankfurt"},
		},
		"account ID": {
			functionref.CheckAccountID,
			[]string{account, "000000000000"},
			[]string{"", "12345678901", "1234567890123", "12345678901a", account + "\n"},
		},
	} {
		for _, s := range test.valid {
			if err := test.check(s); err != nil {
				t.Errorf("%s %q: %v", name, s, err)
			}
		}
		for _, s := range test.invalid {
			if err := test.check(s); err == nil {
				t.Errorf("%s %q: no error", name, s)
			}
		}
	}
}

func TestSameFunction_comparesKnownParts(t *testing.T) {
	t.Parallel()
	a := ref("aws", "us-east-1", account, "f", "")
	for b, want := range map[functionref.Ref]bool{
		ref("", "", "", "f", ""):                     true,
		ref("", "", "", "f", "live"):                 true,
		ref("", "", account, "f", ""):                true,
		ref("aws", "us-east-1", account, "f", "7"):   true,
		ref("", "", "", "g", ""):                     false,
		ref("", "", "210987654321", "f", ""):         false,
		ref("", "eu-west-1", "", "f", ""):            false,
		ref("aws-cn", "us-east-1", account, "f", ""): false,
	} {
		if a.MayBeSameFunction(b) != want || b.MayBeSameFunction(a) != want {
			t.Errorf("%q and %q: not %t both ways", a, b, want)
		}
	}
}

// servicePattern is the FunctionName pattern of Lambda's API model of
// 2026-07-13, verbatim and anchored.
var servicePattern = regexp.MustCompile(`^(?:` +
	`(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:` +
	`|(((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?))(function:)?([a-zA-Z0-9-_\.]+)` +
	`(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?)$`)

// aroundRegion matches a full ARN. Its groups are the text before and after the
// region.
var aroundRegion = regexp.MustCompile(`^(arn:[^:]*:lambda:)[^:]+(:.*)$`)

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
		got, parseErr := functionref.Parse(s)
		m := servicePattern.FindStringSubmatch(s)
		err := functionref.Validate(s)
		if err != nil {
			if m != nil && len(s) <= functionref.MaxLength && len(m[17]) <= functionref.MaxNameLength &&
				len(m[19]) <= functionref.MaxQualifierLength {
				t.Fatalf("Lambda accepts %q: %v", s, err)
			}
			return
		}
		if m == nil { // Validate accepts any region in a full ARN
			m = servicePattern.FindStringSubmatch(aroundRegion.ReplaceAllString(s, "${1}us-east-1$2"))
		}
		if m == nil || parseErr != nil || got.Name != m[17] || got.Qualifier != m[19] {
			t.Fatalf("Lambda parses %q as %q, Parse as %#v, %v", s, m, got, parseErr)
		}
		if again, err := functionref.Parse(got.String()); err != nil || again != got {
			t.Fatalf("%q parses to %#v and prints as %q, which parses to %#v, %v", s, got, got.String(), again, err)
		}
	})
}
