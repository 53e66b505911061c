// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"regexp"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// maxName is the maximum length of a function name, in characters.
const maxName = 64

// reference matches the values of FunctionName that a pattern of the API model allows.
var reference = regexp.MustCompile(`^(?:arn:(aws[a-zA-Z-]*)?:lambda:)?` +
	`(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?` +
	`(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$`)

// parseReference parses a FunctionName of any length. It returns false if s matches no
// pattern. It does not use functionref.Parse, so that the emulator does not share a bug
// with the provider.
func parseReference(s string) (functionref.Ref, bool) {
	m := reference.FindStringSubmatch(s)
	if m == nil {
		return functionref.Ref{}, false
	}
	return functionref.Ref{Partition: m[1], Region: m[2], AccountID: m[3], Name: m[4], Qualifier: m[5]}, true
}
