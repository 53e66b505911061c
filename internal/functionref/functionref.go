// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package functionref knows every spelling of a Lambda function reference: a
// name, a partial ARN or a full ARN, each with or without a qualifier behind
// it. It parses them, compares them and prints them.
//
// The rules are those of the FunctionName and Qualifier members in Lambda's
// API model.
package functionref

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	// Latest is the qualifier that is meant where none is said: Lambda answers
	// a request without a qualifier with the configuration of $LATEST.
	Latest = "$LATEST"

	// MaxLength is the largest number of characters of a whole reference.
	MaxLength = 256

	// MaxNameLength is the largest number of characters of a function's name.
	MaxNameLength = 64

	// MaxQualifierLength is the largest number of characters of a qualifier.
	MaxQualifierLength = 128
)

// Forms says, for an error message, how a function may be referred to.
const Forms = `a function name ("my-function"), a partial ARN ("123456789012:function:my-function") ` +
	`or a full ARN ("arn:aws:lambda:us-east-1:123456789012:function:my-function"), ` +
	`each with or without a qualifier behind it (":live", ":7", ":$LATEST")`

const regionForm = `(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d`

var (
	reference = regexp.MustCompile(
		`^(?:arn:(aws[a-zA-Z-]*)?:lambda:)?(?:(` + regionForm + `):)?(?:(\d{12}):)?(?:function:)?` +
			`([a-zA-Z0-9-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$`)
	qualifier = regexp.MustCompile(`^(?:\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_$]+)$`)
	region    = regexp.MustCompile(`^` + regionForm + `$`)
	account   = regexp.MustCompile(`^\d{12}$`)
)

// Ref is a function reference taken apart. A part that the spelling leaves out
// is the empty string; Name never is.
type Ref struct {
	Partition string // "aws", "aws-cn", "aws-us-gov" …
	Region    string // "us-east-1"
	AccountID string // twelve digits
	Name      string // "my-function"
	Qualifier string // a version, an alias, "$LATEST" or "$LATEST.PUBLISHED"
}

// Parse takes a function reference apart. It reads the greatest number of
// leading parts that the spelling allows, as Lambda does: "123456789012:live"
// is the function "live" of an account. The error says which rule s breaks.
func Parse(s string) (Ref, error) {
	m := reference.FindStringSubmatch(s)
	if m == nil {
		return Ref{}, fmt.Errorf("%q is not a Lambda function reference; expected %s", s, Forms)
	}
	ref := Ref{Partition: m[1], Region: m[2], AccountID: m[3], Name: m[4], Qualifier: m[5]}
	if n := len(ref.Name); n > MaxNameLength {
		return Ref{}, fmt.Errorf("the function name %q has %d characters; at most %d are allowed", ref.Name, n, MaxNameLength)
	}
	if n := len(ref.Qualifier); n > MaxQualifierLength {
		return Ref{}, fmt.Errorf("the qualifier %q has %d characters; at most %d are allowed", ref.Qualifier, n, MaxQualifierLength)
	}
	if n := len(s); n > MaxLength {
		return Ref{}, fmt.Errorf("the function reference %q has %d characters; at most %d are allowed", s, n, MaxLength)
	}
	return ref, nil
}

// CheckQualifier returns an error that says which rule s breaks as a qualifier
// that stands alone, nil where it breaks none.
func CheckQualifier(s string) error {
	if n := len(s); n > MaxQualifierLength {
		return fmt.Errorf("the qualifier %q has %d characters; at most %d are allowed", s, n, MaxQualifierLength)
	}
	if !qualifier.MatchString(s) {
		return fmt.Errorf("%q is not a qualifier; expected a version (\"7\"), an alias (\"live\") or %q", s, Latest)
	}
	return nil
}

// CheckRegion returns an error where s does not have the form of an AWS
// region. It does not know which regions exist.
func CheckRegion(s string) error {
	if !region.MatchString(s) {
		return fmt.Errorf("%q does not have the form of an AWS region; expected one like \"us-east-1\"", s)
	}
	return nil
}

// CheckAccountID returns an error where s is not the ID of an AWS account.
func CheckAccountID(s string) error {
	if !account.MatchString(s) {
		return fmt.Errorf("%q is not the ID of an AWS account; expected twelve digits", s)
	}
	return nil
}

// String prints r in its shortest usual spelling. Parsing the result gives r
// again.
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
	// A name can look like a leading part: "function:function:live" is the
	// alias live of the function "function", "function:live" is not.
	if prefix.Len() == 0 {
		if again, err := Parse(bare); err == nil && again == r {
			return bare
		}
	}
	return prefix.String() + "function:" + bare
}

// Unqualified returns r without its qualifier.
func (r Ref) Unqualified() Ref {
	r.Qualifier = ""
	return r
}

// Qualified returns r with its effective qualifier: its own, or Latest where
// it has none.
func (r Ref) Qualified() Ref {
	if r.Qualifier == "" {
		r.Qualifier = Latest
	}
	return r
}

// IsARN reports whether r has every part of a full ARN, with or without a
// qualifier.
func (r Ref) IsARN() bool {
	return r.Partition != "" && r.Region != "" && r.AccountID != ""
}

// SameFunction reports whether r and other can be the same function: no part
// that both of them have differs. Qualifiers are not looked at.
func (r Ref) SameFunction(other Ref) bool {
	agree := func(a, b string) bool { return a == b || a == "" || b == "" }
	return r.Name == other.Name &&
		agree(r.Partition, other.Partition) &&
		agree(r.Region, other.Region) &&
		agree(r.AccountID, other.AccountID)
}
