// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
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

// addAdopted adds the warning that a created resource has a configuration that
// was there before.
func addAdopted(diags *diag.Diagnostics, config lambdaapi.Config) {
	diags.AddWarning("Existing configuration adopted", fmt.Sprintf(
		"The event invoke config of %s existed before this run, last modified at %s, and equals this resource. The provider sent no "+
			"write, and the resource manages the configuration now: destroying the resource deletes it. This is expected after a run "+
			"that was interrupted. If another resource or tool manages the configuration, remove the resource from state "+
			"(terraform state rm) and from the configuration.",
		config.FunctionARN, config.LastModified.UTC().Format(time.RFC3339)))
}

// addDrift adds a warning if Lambda has members, which an update did not send,
// with other values than the plan.
func addDrift(diags *diag.Diagnostics, config lambdaapi.Config, planned lambdaapi.Settings) {
	members := config.Differing(planned)
	if len(members) == 0 {
		return
	}
	diags.AddAttributeWarning(memberPath(members[0]), "Changed outside of Terraform after the plan", fmt.Sprintf(
		"The event invoke config of %s has other values than the plan expected:\n\n%s\n\nThis run did not change these members, and "+
			"did not write them. The next plan shows the difference.",
		config.FunctionARN, config.Compare(planned, members, "%s: is %s, planned %s")))
}

// addElsewhere adds a warning if the replacement of prior by want, the
// configuration that config identifies, crosses a region or an account. After an
// import from the wrong region, that is the last chance to keep the object.
func addElsewhere(diags *diag.Diagnostics, want resolved, config, prior resourceModel) {
	destroyed, _ := functionref.Parse(prior.ID.ValueString()) // zero if it has another form
	var where, from, to, reason string
	switch {
	case known(want.Region) && known(prior.Region) && !want.Region.Equal(prior.Region):
		where, from, to = "region", prior.Region.ValueString(), want.Region.ValueString()
		reason = fmt.Sprintf("The region of the resource is %s.", to)
		if config.Region.IsNull() && want.Function.Region == "" {
			reason = fmt.Sprintf("The resource does not set region, and the provider's region is %[1]s now. It was %[2]s "+
				"when the object was last read. To keep the object, set region = %[2]q in the resource, or correct the "+
				"provider's region (region in the provider block, AWS_REGION, or the profile).", to, from)
		}
	case want.Function.AccountID != "" && destroyed.AccountID != "" && want.Function.AccountID != destroyed.AccountID:
		where, from, to = "account", destroyed.AccountID, want.Function.AccountID
		reason = fmt.Sprintf("The account in function_name is %s.", to)
	default:
		return
	}
	diags.AddAttributeWarning(path.Root("function_name"), "Replacement in another region or account", fmt.Sprintf(
		"This plan destroys the event invoke config %s in %s %s, and creates another one in %s %s. %s\n\n"+
			"If the object was imported from the wrong %s: remove it from state without destroying it "+
			"(terraform state rm, or a removed block with lifecycle { destroy = false }), and import the right one. "+
			"An import ID can name the region, as in NAME:QUALIFIER@REGION, and an ARN names region and account.",
		prior.ID.ValueString(), where, from, where, to, reason, where))
}

// addAssumedRegion adds a warning for a moved object whose source did not record
// a region. arn is the configuration that the provider's region has, or empty.
func addAssumedRegion(diags *diag.Diagnostics, t lambdaapi.Target, arn string) {
	result := "which has the event invoke config " + arn + ". A function of the same name in another region is another function."
	if arn == "" {
		result = "which has no such configuration, so that the object leaves state."
	}
	diags.AddAttributeWarning(path.Root("region"), "Region of a moved resource assumed", fmt.Sprintf(
		"The state that %s:%s was moved from records no region. The provider read %s, its own region, %s\n\n"+
			"Compare this region with the region of the provider that managed the resource before. If they differ, do not apply: "+
			"remove the moved block and import the configuration with NAME:QUALIFIER@REGION, or, before the move, apply once with "+
			"version 6 of hashicorp/aws, which records the region.", t.Function.Name, t.Qualifier, t.Region, result))
}

func existsDetail(there lambdaapi.Config, want lambdaapi.Settings) string {
	return fmt.Sprintf(`%[1]s has an event invoke config already, and it differs from this resource:

%[2]s

The configuration is unchanged. To manage it with this resource, import it. Replace ADDRESS with the resource's address, which is printed with this error (%[3]s.NAME, after the path of its module):

import {
  to = ADDRESS
  id = %[1]q
}

To overwrite it, set overwrite_existing = true.

If the configuration is that of a resource in this state, which this run replaces or destroys: set overwrite_existing = true in the resource that is created, and apply again. A replaced resource that also changes can instead be applied without the replacement first. Later runs ignore overwrite_existing.`,
		there.FunctionARN, there.Compare(want, there.Differing(want), "%s: is %s, wanted %s"), typeName)
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
