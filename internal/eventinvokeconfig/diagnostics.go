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
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// addError says what failed, and where the error is about members, says it at
// the first of them.
func addError(diags *diag.Diagnostics, doing string, t lambdaapi.Target, want lambdaapi.Settings, err error) {
	summary := fmt.Sprintf("Cannot %s the event invoke config of %s:%s", doing, t.Function.Name, t.Qualifier)

	var exists *session.ExistsError
	var owned *session.OwnedError
	var notApplied *session.NotAppliedError
	switch {
	case errors.As(err, &exists):
		diags.AddError(summary, existsDetail(exists.Existing, want))
	case errors.As(err, &owned):
		addTwice(diags, owned.FunctionARN)
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

// addShared explains the in-place update of a resource that nobody changed.
func addShared(diags *diag.Diagnostics, arn string) {
	diags.AddWarning("Configuration is tracked twice in state", fmt.Sprintf(
		"The state has another object for the event invoke config of %s: a second resource, or an object that an interrupted replacement "+
			"left. If this run destroys the other object, the configuration may be deleted with it. This resource is therefore updated in "+
			"place, which writes the configuration again if it is missing.", arn))
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

To overwrite it, set overwrite_existing = true.

If the configuration is that of a resource in this state, which this run replaces or destroys: set overwrite_existing = true
in the resource that is created, and apply again. A replaced resource that also changes can instead be applied
without the replacement first. Later runs ignore overwrite_existing.`, there.FunctionARN, members.String(), typeName)
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
