// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// addError says what failed, and where the error is about members, says it at
// the first of them.
func addError(diags *diag.Diagnostics, doing string, t lambdaapi.Target, want lambdaapi.Settings, err error) {
	summary := fmt.Sprintf("Cannot %s the event invoke config of %s:%s", doing, t.Function.Name, t.Qualifier)

	var exists *lambdaapi.ExistsError
	var held *lambdaapi.HeldError
	var notApplied *lambdaapi.NotAppliedError
	switch {
	case errors.As(err, &exists):
		diags.AddError(summary, existsDetail(exists.There, want))
	case errors.As(err, &held):
		addTwice(diags, held.FunctionARN)
	case errors.As(err, &notApplied):
		diags.AddAttributeError(memberPath(notApplied.Members[0]), summary, err.Error())
	default:
		diags.AddError(summary, err.Error())
	}
}

// addTwice says that two resources of one run are for the same configuration.
func addTwice(diags *diag.Diagnostics, what string) {
	diags.AddAttributeError(path.Root("function_name"), "Two resources for one event invoke config", fmt.Sprintf(
		"Another resource of this run manages the event invoke config of %s as well. "+
			"Each of them would undo what the other does: remove one of the two. "+
			"(No qualifier and \"$LATEST\" are the same configuration, and so are a name and the function's ARN. "+
			"Where the two functions are in different accounts, spell both as ARNs.)", what))
}

// addThreatened says why a resource is replaced that nobody has changed.
func addThreatened(diags *diag.Diagnostics, arn string) {
	diags.AddWarning("One event invoke config was two objects in state", fmt.Sprintf(
		"The state has another object for the event invoke config of %s, which this run destroys: a second resource, or what an interrupted "+
			"replacement left. This resource is replaced in the same run, so that the configuration is there afterwards. "+
			"To have it left alone, take the other object out of the state without destroying it: with a removed block that has "+
			"lifecycle { destroy = false }, or with the CLI's \"state rm\".", arn))
}

func existsDetail(there lambdaapi.Config, want lambdaapi.Settings) string {
	var members strings.Builder
	for _, m := range there.Differing(want) {
		fmt.Fprintf(&members, "  %s: is %s, wanted %s\n", m, there.Show(m), want.Show(m))
	}
	return fmt.Sprintf(`%[1]s has an event invoke config already, and it differs from this resource:

%[2]s
It was left as it is. To bring it under this resource, whose address stands with this error, import it:

import {
  to = %[3]s.example
  id = %[1]q
}

To overwrite it instead, set overwrite_existing = true. If this resource manages it already, and is only being replaced
with create_before_destroy: apply again without the replacement.`, there.FunctionARN, members.String(), typeName)
}

// memberPath is the attribute that holds a member.
func memberPath(m lambdaapi.Member) path.Path {
	first, rest, nested := strings.Cut(string(m), ".")
	p := path.Root(first)
	if nested {
		p = p.AtName(rest)
	}
	return p
}

// sentence makes an error's text stand by itself.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}
