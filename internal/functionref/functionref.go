// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package functionref parses, validates, compares and prints references to
// Lambda functions: a name, a partial ARN or a full ARN, each optionally
// followed by a qualifier.
//
// It follows the rules of the FunctionName and Qualifier members in Lambda's
// API model.
package functionref

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	// Latest is the qualifier of a reference without one: Lambda treats a
	// request without a qualifier as a request for $LATEST.
	Latest = "$LATEST"

	// MaxLength is the largest number of characters of a whole reference.
	MaxLength = 256

	// MaxNameLength is the largest number of characters of a function's name.
	MaxNameLength = 64

	// MaxQualifierLength is the largest number of characters of a qualifier.
	MaxQualifierLength = 128
)

// Forms lists the formats of a function reference for an error message.
const Forms = `a function name ("my-function"), a partial ARN ("123456789012:function:my-function") ` +
	`or a full ARN ("arn:aws:lambda:us-east-1:123456789012:function:my-function"), ` +
	`each optionally followed by a qualifier (":live", ":7", ":$LATEST")`

const regionForm = `(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d`

var (
	fullARN = regexp.MustCompile(`^arn:([^:]*):lambda:([^:]+):(?:(\d{12}):(?:function:)?|([^:]*):function:)` +
		`([^:$]+)(?::([^:]+))?$`)
	other = regexp.MustCompile(`^(arn:([^:]*):lambda:)?(?:(` + regionForm + `):)?(?:(\d{12}):)?(?:function:)?` +
		`([a-zA-Z0-9-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$`)

	partition = regexp.MustCompile(`^(?:aws[a-zA-Z-]*)?$`)
	region    = regexp.MustCompile(`^` + regionForm + `$`)
	account   = regexp.MustCompile(`^\d{12}$`)
	name      = regexp.MustCompile(`^[a-zA-Z0-9-_.]+$`)
	qualifier = regexp.MustCompile(`^(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_$]+)$`)

	// suffix matches the qualifier in a reference. Unlike the Qualifier member,
	// it may be empty, and an alias has no "$".
	suffix = regexp.MustCompile(`^(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]*)$`)
)

// Ref is a parsed function reference. A part that the reference omits is
// empty. Name is never empty.
type Ref struct {
	Partition string // "aws", "aws-cn", "aws-us-gov" …
	Region    string // "us-east-1"
	AccountID string // twelve digits
	Name      string // "my-function"
	Qualifier string // a version, an alias, "$LATEST" or "$LATEST.PUBLISHED"
}

// Parse parses a function reference from state or a response. It accepts a
// region, name or qualifier of any form. It also accepts ARNs without a region
// or account, which Lambda accepted until 2026. It returns an error if s has
// none of the formats. Use [Validate] for configuration.
//
// Like Lambda, Parse reads as many leading parts as the format allows:
// "123456789012:live" is the function "live" in an account.
func Parse(s string) (Ref, error) {
	ref, _, err := parse(s)
	return ref, err
}

// parse is Parse. It also reports whether s is an ARN without a region or
// account.
func parse(s string) (ref Ref, incompleteARN bool, err error) {
	if m := fullARN.FindStringSubmatch(s); m != nil {
		return Ref{Partition: m[1], Region: m[2], AccountID: m[3] + m[4], Name: m[5], Qualifier: m[6]}, false, nil
	}
	if m := other.FindStringSubmatch(s); m != nil {
		return Ref{Partition: m[2], Region: m[3], AccountID: m[4], Name: m[5], Qualifier: m[6]}, m[1] != "", nil
	}
	return Ref{}, false, invalid(s)
}

func invalid(s string) error {
	return fmt.Errorf("%q is not a Lambda function reference; expected %s", s, Forms)
}

// Validate returns an error that names the rule of Lambda that s violates as a
// function reference, or nil. It accepts any region in a full ARN, because the
// provider may be older than the region.
func Validate(s string) error {
	ref, incompleteARN, err := parse(s)
	switch {
	case err != nil:
		return err
	case incompleteARN:
		return fmt.Errorf("%q has no region or no account, and a full ARN requires both; expected %s", s, Forms)
	case !partition.MatchString(ref.Partition), ref.AccountID != "" && !account.MatchString(ref.AccountID),
		!name.MatchString(ref.Name), !suffix.MatchString(ref.Qualifier):
		return invalid(s)
	}
	if n := len(ref.Name); n > MaxNameLength {
		return fmt.Errorf("the function name %q has %d characters; at most %d are allowed", ref.Name, n, MaxNameLength)
	}
	if n := len(ref.Qualifier); n > MaxQualifierLength {
		return fmt.Errorf("the qualifier %q has %d characters; at most %d are allowed", ref.Qualifier, n, MaxQualifierLength)
	}
	if n := utf8.RuneCountInString(s); n > MaxLength {
		return fmt.Errorf("the function reference %q has %d characters; at most %d are allowed", s, n, MaxLength)
	}
	return nil
}

// CheckQualifier returns an error if s cannot be Lambda's Qualifier member.
func CheckQualifier(s string) error {
	if n := len(s); n > MaxQualifierLength {
		return fmt.Errorf("the qualifier %q has %d characters; at most %d are allowed", s, n, MaxQualifierLength)
	}
	if !qualifier.MatchString(s) {
		return fmt.Errorf("%q is not a qualifier; expected a version (\"7\"), an alias (\"live\") or %q", s, Latest)
	}
	return nil
}

// CheckNamePrefix returns an error if no function name can begin with s. The
// empty string is the prefix of every name.
func CheckNamePrefix(s string) error {
	if n := len(s); n > MaxNameLength {
		return fmt.Errorf("the name prefix %q has %d characters; a function name has at most %d", s, n, MaxNameLength)
	}
	if s != "" && !name.MatchString(s) {
		return fmt.Errorf("no function name begins with %q; a name has letters, digits, hyphens and underscores only, "+
			"and a prefix is neither an ARN nor a pattern", s)
	}
	return nil
}

// CheckRegion returns an error if s does not match the pattern of a region in
// Lambda's API model. It does not check whether the region exists.
func CheckRegion(s string) error {
	if !region.MatchString(s) {
		return fmt.Errorf("%q does not have the form of an AWS region; expected one like \"us-east-1\"", s)
	}
	return nil
}

// partitions maps the first parts of a region's name to its partition.
var partitions = map[string]string{
	"af": "aws", "ap": "aws", "ca": "aws", "eu": "aws", "il": "aws", "me": "aws", "mx": "aws", "sa": "aws", "us": "aws",
	"cn": "aws-cn", "us-gov": "aws-us-gov", "eusc-de": "aws-eusc",
	"us-iso": "aws-iso", "us-isob": "aws-iso-b", "eu-isoe": "aws-iso-e", "us-isof": "aws-iso-f",
}

// Partition returns the partition of a region, or the empty string if the
// partition is unknown.
func Partition(region string) string {
	if CheckRegion(region) != nil {
		return ""
	}
	parts := strings.Split(region, "-")
	return partitions[strings.Join(parts[:len(parts)-2], "-")]
}

// CheckAccountID returns an error if s is not the ID of an AWS account.
func CheckAccountID(s string) error {
	if !account.MatchString(s) {
		return fmt.Errorf("%q is not the ID of an AWS account; expected twelve digits", s)
	}
	return nil
}

// String returns r in the shortest common format. [Parse] of the result
// returns r.
func (r Ref) String() string {
	var prefix strings.Builder
	if r.Partition != "" {
		prefix.WriteString("arn:" + r.Partition + ":lambda:")
	}
	for _, part := range []string{r.Region, r.AccountID} {
		if part != "" {
			prefix.WriteString(part + ":")
		}
	}
	bare := r.Name
	if r.Qualifier != "" {
		bare += ":" + r.Qualifier
	}
	// A name can look like a leading part: "function:live" is the function
	// "live", not the alias "live" of the function "function".
	if prefix.Len() == 0 {
		if again, err := Parse(bare); err == nil && again == r {
			return bare
		}
	}
	return prefix.String() + "function:" + bare
}

// Unqualified returns r without a qualifier.
func (r Ref) Unqualified() Ref {
	r.Qualifier = ""
	return r
}

// Qualified returns r, with the qualifier [Latest] if r has none.
func (r Ref) Qualified() Ref {
	if r.Qualifier == "" {
		r.Qualifier = Latest
	}
	return r
}

// IsARN reports whether r has the parts of a full ARN. A qualifier is optional.
func (r Ref) IsARN() bool {
	return r.Partition != "" && r.Region != "" && r.AccountID != ""
}

// MayBeSameFunction reports whether r and other can be the same function. A part
// that one of them omits equals any value. Qualifiers are ignored.
func (r Ref) MayBeSameFunction(other Ref) bool {
	agree := func(a, b string) bool { return a == b || a == "" || b == "" }
	return r.Name == other.Name &&
		agree(r.Partition, other.Partition) &&
		agree(r.Region, other.Region) &&
		agree(r.AccountID, other.AccountID)
}
