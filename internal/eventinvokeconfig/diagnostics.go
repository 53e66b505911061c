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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// addWriteError adds the error of Create or Update. An error about members is at
// the attribute of the first member.
func addWriteError(diags *diag.Diagnostics, summary string, planned lambdaapi.Settings, err error) {
	var exists *session.ExistsError
	var owned *session.OwnedError
	var notApplied *session.NotAppliedError
	switch {
	case errors.As(err, &exists):
		diags.AddError(summary, configExistsDetail(exists.Existing, planned))
	case errors.As(err, &owned):
		addManagedTwiceError(diags, owned.FunctionARN)
	case errors.As(err, &notApplied):
		diags.AddAttributeError(memberPath(notApplied.Members[0]), summary, err.Error())
	default:
		diags.AddError(summary, err.Error())
	}
}

// configExistsDetail returns the detail for a different configuration that Create
// must not overwrite.
func configExistsDetail(existing lambdaapi.Config, planned lambdaapi.Settings) string {
	return fmt.Sprintf("%[1]s has an event invoke config already, and it differs from this resource:\n\n%[2]s\n\n"+
		"The configuration is unchanged. To manage it with this resource, import it. "+
		"Replace ADDRESS with the resource's address, which is printed with this error "+
		"(%[3]s.NAME, after the path of its module):\n\n"+
		"import {\n  to = ADDRESS\n  id = %[1]q\n}\n\n"+
		"To overwrite it, set overwrite_existing = true.\n\n"+
		"If the configuration is that of a resource in this state, which this run replaces or destroys: "+
		"set overwrite_existing = true in the resource that is created, and apply again. "+
		"A replaced resource that also changes can instead be applied without the replacement first. "+
		"Later runs ignore overwrite_existing.",
		existing.FunctionARN, existing.Compare(planned, existing.Differing(planned), "%s: is %s, wanted %s"), typeName)
}

// addManagedTwiceError adds the error that two resources manage the same
// configuration.
func addManagedTwiceError(diags *diag.Diagnostics, arn string) {
	diags.AddAttributeError(path.Root("function_name"), summaries.ManagedTwice, fmt.Sprintf(
		"Another resource created or adopted the event invoke config of %s in this run. Remove one of the two resources. "+
			"No qualifier and \"$LATEST\" are the same configuration, and so are a name and an ARN of the same function. "+
			"If the other resource has left the state, apply again.", arn))
}

// addTrackedTwiceWarning adds the warning that explains the update of an
// unchanged resource.
func addTrackedTwiceWarning(diags *diag.Diagnostics, arn string) {
	diags.AddWarning(summaries.TrackedTwice, fmt.Sprintf(
		"State tracks the event invoke config of %s twice. The other object is a second resource, or an object that an "+
			"interrupted replacement left. This run updates this resource, so that the configuration is written again if the "+
			"destruction of the other object deletes it.", arn))
}

// addAdoptedWarning adds the warning that Create adopted an existing
// configuration.
func addAdoptedWarning(diags *diag.Diagnostics, config lambdaapi.Config) {
	diags.AddWarning(summaries.ExistingAdopted, fmt.Sprintf(
		"The event invoke config of %s existed before this run, last modified at %s, and equals this resource. The "+
			"provider sent no write, and the resource manages the configuration now: destroying the resource deletes it. "+
			"This is expected after a run that was interrupted. If another resource or tool manages the configuration, "+
			"remove the resource from state (terraform state rm) and from the configuration.",
		config.FunctionARN, config.LastModified.UTC().Format(time.RFC3339)))
}

// addDriftWarning adds a warning if members that an update did not send differ
// from the plan.
func addDriftWarning(diags *diag.Diagnostics, config lambdaapi.Config, planned lambdaapi.Settings) {
	members := config.Differing(planned)
	if len(members) == 0 {
		return
	}
	diags.AddAttributeWarning(memberPath(members[0]), summaries.ChangedOutside, fmt.Sprintf(
		"The event invoke config of %s has other values than the plan expected:\n\n%s\n\nThis run did not change these "+
			"members, and did not write them. The next plan shows the difference.",
		config.FunctionARN, config.Compare(planned, members, "%s: is %s, planned %s")))
}

// addReplacementWarning adds a warning if replacing prior by planned, which
// config resolves to, crosses a region or an account. After an import from the
// wrong region, the plan is the last chance to keep the object.
func addReplacementWarning(diags *diag.Diagnostics, planned resolvedReference, config, prior resourceModel) {
	destroyed, _ := functionref.Parse(prior.ID.ValueString()) // zero if it cannot be parsed
	var kind, from, to, reason string
	switch {
	case isKnown(planned.Region) && isKnown(prior.Region) && !planned.Region.Equal(prior.Region):
		kind, from, to = "region", prior.Region.ValueString(), planned.Region.ValueString()
		reason = fmt.Sprintf("The region of the resource is %s.", to)
		if config.Region.IsNull() && planned.Function.Region == "" {
			reason = fmt.Sprintf("The resource does not set region, and the provider's region is %[1]s now. It was %[2]s "+
				"when the object was last read. To keep the object, set region = %[2]q in the resource, or correct the "+
				"provider's region (region in the provider block, AWS_REGION, or the profile).", to, from)
		}
	case planned.Function.AccountID != "" && destroyed.AccountID != "" &&
		planned.Function.AccountID != destroyed.AccountID:
		kind, from, to = "account", destroyed.AccountID, planned.Function.AccountID
		reason = fmt.Sprintf("The account in function_name is %s.", to)
	default:
		return
	}
	diags.AddAttributeWarning(path.Root("function_name"), summaries.CrossRegionReplacement, fmt.Sprintf(
		"This plan destroys the event invoke config %[1]s in %[2]s %[3]s, and creates another one in %[2]s %[4]s. %[5]s\n\n"+
			"If the object was imported from the wrong %[2]s: remove it from state without destroying it "+
			"(terraform state rm, or a removed block with lifecycle { destroy = false }), and import the right one. "+
			"An import ID can name the region, as in NAME:QUALIFIER@REGION, and an ARN names region and account.",
		prior.ID.ValueString(), kind, from, to, reason))
}

// addAssumedRegionWarning adds a warning for a moved object without a region in the
// source state. arn is the configuration that exists in the provider's
// region, or empty.
func addAssumedRegionWarning(diags *diag.Diagnostics, t lambdaapi.Target, arn string) {
	result := "which has the event invoke config " + arn + ". A function of the same name in another region is another " +
		"function."
	if arn == "" {
		result = "which has no such configuration, so that the object leaves state."
	}
	diags.AddAttributeWarning(path.Root("region"), summaries.AssumedRegion, fmt.Sprintf(
		"The state that %s:%s was moved from records no region. The provider read %s, the provider's region, "+
			"%s\n\nCompare this region with the region of the provider that managed the resource before. If they differ, do "+
			"not apply: remove the moved block and import the configuration with NAME:QUALIFIER@REGION, or, before the move, "+
			"apply once with version 6 of hashicorp/aws, which "+
			"records the region.", t.Function.Name, t.Qualifier, t.Region, result))
}

// addNotReadWarning adds a warning about functions in t whose configurations
// Lambda denied to list. err is the error of the first one.
func addNotReadWarning(diags *diag.Diagnostics, t lambdaapi.Target, functions []types.String, err error) {
	const most = 20
	var names []string
	for _, f := range functions[:min(most, len(functions))] {
		names = append(names, f.ValueString())
	}
	shown := strings.Join(names, ", ")
	if more := len(functions) - most; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	diags.AddWarning(summaries.ConfigsNotRead, fmt.Sprintf(
		"Lambda denied to list the configurations of functions in %s, %d in all: %s. The attributes functions and "+
			"configs do not have them, and the attribute unreadable names all of them. "+
			"The first error:\n\n%s", t.Region, len(functions), shown, err))
}

// functionNotFoundDetail returns the detail for a function that does not exist.
func functionNotFoundDetail(t lambdaapi.Target) string {
	return fmt.Sprintf("The function %s does not exist in %s. Correct its name or the region, or create it first.",
		t.Function.Name, t.Region)
}

// configNotFoundDetail returns the detail for a configuration that does not exist.
// Lambda's response to Get does not tell whether the function exists.
func configNotFoundDetail(t lambdaapi.Target) string {
	return fmt.Sprintf("Lambda has no event invoke config of %s: the function, the version or the alias may not exist, "+
		"or it has no configuration, so that Lambda's defaults apply. Correct the function's name, the qualifier or the "+
		"region, or create the configuration, for example with the resource %s. If the configuration may be missing, set "+
		"required = false.", t, typeName)
}

// memberPath returns the path of the attribute for m.
func memberPath(m lambdaapi.Member) path.Path {
	first, rest, nested := strings.Cut(string(m), ".")
	p := path.Root(first)
	if nested {
		p = p.AtName(rest)
	}
	return p
}

// asSentence returns the text of an error with a capital letter and a period.
func asSentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:] + "."
}
