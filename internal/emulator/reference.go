// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"regexp"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// maxName is the greatest length of a function's name, in characters.
const maxName = 64

// reference matches every value of FunctionName that one of the patterns of
// the API model allows.
var reference = regexp.MustCompile(`^(?:arn:(aws[a-zA-Z-]*)?:lambda:)?(?:((?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?` +
	`(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_.]+)(?::(\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9-_]+))?$`)

// parseReference returns the parts of a FunctionName, whatever their lengths,
// and false if it matches no pattern. functionref.Parse is the provider's: a
// mistake in it must not be repeated here.
func parseReference(s string) (functionref.Ref, bool) {
	m := reference.FindStringSubmatch(s)
	if m == nil {
		return functionref.Ref{}, false
	}
	return functionref.Ref{Partition: m[1], Region: m[2], AccountID: m[3], Name: m[4], Qualifier: m[5]}, true
}
