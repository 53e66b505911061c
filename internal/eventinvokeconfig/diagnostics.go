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

// addTwice adds the error that two resources of one run have one configuration.
func addTwice(diags *diag.Diagnostics, what string) {
	diags.AddAttributeError(path.Root("function_name"), "Two resources for one event invoke config", fmt.Sprintf(
		"Another resource created or adopted the event invoke config of %s in this run. Remove one of the two resources. "+
			"No qualifier and \"$LATEST\" are the same configuration, and so are a name and an ARN of the same function. "+
			"If the other resource has left the state, apply again.", what))
}

// addShared adds the warning that explains the update of an unchanged resource.
func addShared(diags *diag.Diagnostics, arn string) {
	diags.AddWarning("Configuration is tracked twice in state", fmt.Sprintf(
		"State tracks the event invoke config of %s twice. The other object is a second resource, or an object that an interrupted "+
			"replacement left. This run updates this resource, so that the configuration is written again if the destruction of the "+
			"other object deletes it.", arn))
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
