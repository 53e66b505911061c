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
)

// ImportState implements [resource.ResourceWithImportState]. It accepts an ID
// or an identity. The Read that follows completes the state, so that both result
// in the same state.
func (r *configResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var config reference
	if req.Identity == nil || req.Identity.Raw.IsNull() { // the ID may be empty
		config = importByID(req.ID, &resp.Diagnostics)
	} else {
		config = importByIdentity(ctx, req.Identity, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() || !requireConnection(r.session, &resp.Diagnostics) {
		return
	}
	want, diags := config.resolve(providerRegion(r.session))
	resp.Diagnostics.Append(diags...)
	checkRegion(r.session, config, want.Region, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("function_name"), want.Function.String())...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("qualifier"), want.Qualifier)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), want.Region)...)
}

// importByID returns the configuration that an import ID identifies: a function
// reference in any format, followed by "|QUALIFIER" as in the IDs of
// CloudFormation, or by "@REGION" as in those of hashicorp/aws, or neither.
func importByID(id string, diags *diag.Diagnostics) reference {
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
		diags.AddError("Invalid import ID", fmt.Sprintf("The import ID is %q. %s\n\nValid forms are:\n\n%s\n\n"+
			"Without a qualifier, the ID identifies the configuration of %s. Without a region, the provider's region applies.",
			id, sentence(err.Error()), importForms, functionref.Latest))
		return config
	}
	checkContradictions(config.FunctionName, config.Qualifier, config.Region, diags)
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

// importByIdentity returns the configuration that an identity stands for.
func importByIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) reference {
	var parts identityModel
	diags.Append(identity.Get(ctx, &parts)...)
	if diags.HasError() {
		return reference{}
	}
	name := parts.FunctionName.ValueString()
	ref, _ := functionref.Parse(name)
	err := functionref.Validate(name)
	if err == nil && ref != (functionref.Ref{Name: ref.Name}) {
		err = fmt.Errorf("%q is not the bare name of a function; give the other parts of the reference as qualifier, region and account_id, "+
			"or import by id instead", name)
	}
	if err != nil {
		diags.AddAttributeError(path.Root("function_name"), functionNameValidator.summary, sentence(err.Error()))
	}
	for _, part := range []struct {
		name  string
		value types.String
		rule  stringRule
	}{{"qualifier", parts.Qualifier, qualifierValidator}, {"region", parts.Region, regionValidator}, {"account_id", parts.AccountID, accountValidator}} {
		if !known(part.value) {
			continue
		}
		if err := part.rule.check(part.value.ValueString()); err != nil {
			diags.AddAttributeError(path.Root(part.name), part.rule.summary, sentence(err.Error()))
		}
	}
	ref.AccountID = parts.AccountID.ValueString()
	return reference{FunctionName: types.StringValue(ref.String()), Qualifier: parts.Qualifier, Region: parts.Region}
}

// imported is the state of a configuration whose object was imported. The ARN
// carries the account from there on, so that the name alone is enough for a
// configuration.
func imported(t lambdaapi.Target) resourceModel {
	return resourceModel{
		FunctionName:      types.StringValue(t.Function.Name),
		Qualifier:         types.StringValue(t.Qualifier),
		Region:            types.StringValue(t.Region),
		OverwriteExisting: types.BoolValue(false),
		Timeouts:          noTimeouts,
	}
}

// completed returns the state that the first read of m starts from. t is the
// configuration that m identifies. A moved object keeps its function_name, on
// which other resources may depend.
func (m resourceModel) completed(t lambdaapi.Target) resourceModel {
	state := imported(t)
	if m.moved() {
		state.FunctionName = m.FunctionName
	}
	return state
}

// moved reports whether m, which has not been read yet, was moved from another
// resource type: an import has no members.
func (m resourceModel) moved() bool { return !m.MaximumRetryAttempts.IsNull() }
