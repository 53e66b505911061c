// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// ImportState implements [resource.ResourceWithImportState]. Every spelling of
// a function reference is an import ID, the id attribute among them; an
// identity says the same in parts. The Read that follows fills in what neither
// says, and makes the same state of both.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	var config reference
	if req.ID != "" {
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

// importByID returns the configuration that an import ID stands for.
func importByID(id string, diags *diag.Diagnostics) reference {
	if err := functionref.Validate(id); err != nil {
		diags.AddError("Invalid import ID", fmt.Sprintf(
			"%s.\n\nThe import ID is the function, and behind it the qualifier unless %q is meant. For example:\n\n"+
				"  my-function\n  my-function:live\n  123456789012:function:my-function:7\n"+
				"  arn:aws:lambda:us-east-1:123456789012:function:my-function:live", err, functionref.Latest))
	}
	return reference{FunctionName: types.StringValue(id)}
}

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

// imported is the state that the first read after an import begins with. The
// ARN carries the account from there on, so that the name alone is enough for
// a configuration.
func imported(t lambdaapi.Target) model {
	return model{
		FunctionName:      types.StringValue(t.Function.Name),
		Qualifier:         types.StringValue(t.Qualifier),
		Region:            types.StringValue(t.Region),
		OverwriteExisting: types.BoolValue(false),
		Timeouts:          noTimeouts,
	}
}
