// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// ImportState implements [resource.ResourceWithImportState] for an ID and for an
// identity. The Read that follows completes the state in the same way for both.
func (r *configResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	var config reference
	if req.Identity == nil || req.Identity.Raw.IsNull() { // the ID may be empty
		config = parseImportID(req.ID, &resp.Diagnostics)
	} else {
		config = parseImportIdentity(ctx, req.Identity, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() || !requireClient(r.session, &resp.Diagnostics) {
		return
	}
	resolved, diags := config.resolve(providerRegion(r.session))
	resp.Diagnostics.Append(diags...)
	checkRegion(r.session, config, resolved.Region, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	for name, value := range map[string]any{
		"function_name": resolved.Function.String(), "qualifier": resolved.Qualifier, "region": resolved.Region,
	} {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

// parseImportID returns the reference in an import ID: a function reference in
// any format, optionally followed by "|QUALIFIER" as in CloudFormation's IDs, or
// by "@REGION" as in IDs of hashicorp/aws.
func parseImportID(id string, diags *diag.Diagnostics) reference {
	rest, region, hasRegion := strings.Cut(id, "@")
	name, qualifier, hasQualifier := strings.Cut(rest, "|")
	config := reference{FunctionName: types.StringValue(name)}
	err := functionref.Validate(name)
	if hasQualifier {
		config.Qualifier = types.StringValue(qualifier)
		err = errors.Join(err, qualifierValidator.check(qualifier))
	}
	if hasRegion {
		config.Region = types.StringValue(region)
		err = errors.Join(err, regionValidator.check(region))
	}
	if err != nil {
		diags.AddError(summaries.InvalidImportID, fmt.Sprintf("The import ID is %q. %s\n\nValid forms are:\n\n%s\n\n"+
			"Without a qualifier, the ID identifies the configuration of %s. Without a region, the provider's region applies.",
			id, asSentence(err.Error()), importForms, functionref.Latest))
		return config
	}
	checkConflicts(config, diags)
	return config
}

// importForms lists every form of an import ID.
const importForms = `  orders
  orders:live
  orders@eu-west-1
  orders:live@eu-west-1
  orders|live
  eu-west-1:123456789012:function:orders:live
  123456789012:function:orders:live
  eu-west-1:orders:live
  arn:aws:lambda:eu-west-1:123456789012:function:orders
  arn:aws:lambda:eu-west-1:123456789012:function:orders:live`

// parseImportIdentity returns the reference in the identity of an import.
func parseImportIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) reference {
	var m identityModel
	diags.Append(identity.Get(ctx, &m)...)
	if diags.HasError() {
		return reference{}
	}
	name := m.FunctionName.ValueString()
	for _, attribute := range []struct {
		name      string
		value     types.String
		validator stringValidator
	}{
		{"function_name", types.StringValue(name), bareNameValidator},
		{"qualifier", m.Qualifier, qualifierValidator},
		{"region", m.Region, regionValidator},
		{"account_id", m.AccountID, accountValidator},
	} {
		attribute.validator.validate(attribute.value, path.Root(attribute.name), diags)
	}
	ref := functionref.Ref{Name: name, AccountID: m.AccountID.ValueString()}
	return reference{FunctionName: types.StringValue(ref.String()), Qualifier: m.Qualifier, Region: m.Region}
}

// newResourceModel returns the state of an imported object before its first
// read.
func newResourceModel(t lambdaapi.Target) resourceModel {
	return resourceModel{
		FunctionName:      types.StringValue(t.Function.Name), // id contains the account
		Qualifier:         types.StringValue(t.Qualifier),
		Region:            types.StringValue(t.Region),
		OverwriteExisting: types.BoolValue(false),
		Timeouts:          noTimeouts,
	}
}

// firstState returns the state in which the first read of m, which identifies t,
// stores its result. A moved object keeps its function_name, because other
// resources may depend on it.
func (m resourceModel) firstState(t lambdaapi.Target) resourceModel {
	state := newResourceModel(t)
	if m.isMoved() {
		state.FunctionName = m.FunctionName
	}
	return state
}

// isMoved reports whether m, which has not been read yet, was moved from another
// resource type. The state of an import has no settings.
func (m resourceModel) isMoved() bool { return !m.MaximumRetryAttempts.IsNull() }
