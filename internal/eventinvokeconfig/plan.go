// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// resolved is what the spelling of a configuration comes to. The zero Function
// stands for one that is not known yet.
type resolved struct {
	Function  functionref.Ref // without qualifier
	Qualifier types.String    // known or unknown, never null
	Region    types.String    // known or unknown, never null
}

func (r resolved) known() bool {
	return r.Function.Name != "" && known(r.Qualifier) && known(r.Region)
}

// resolve works out which configuration is meant.
func resolve(config model, providerRegion types.String) (resolved, diag.Diagnostics) {
	var diags diag.Diagnostics
	want := resolved{Qualifier: config.Qualifier, Region: config.Region}

	var ref functionref.Ref
	if !config.FunctionName.IsUnknown() {
		var err error
		if ref, err = functionref.Parse(config.FunctionName.ValueString()); err != nil {
			diags.AddAttributeError(path.Root("function_name"), functionNameValidator.summary, sentence(err.Error()))
			return want, diags
		}
		want.Function = ref.Unqualified()
	}
	if want.Qualifier.IsNull() {
		want.Qualifier = types.StringUnknown()
		if ref.Name != "" {
			want.Qualifier = types.StringValue(ref.Qualified().Qualifier)
		}
	}
	if want.Region.IsNull() {
		want.Region = types.StringUnknown()
		if ref.Name != "" {
			want.Region = providerRegion
			if ref.Region != "" {
				want.Region = types.StringValue(ref.Region)
			}
			if want.Region.Equal(types.StringValue("")) {
				diags.Append(noRegion())
			}
		}
	}
	return want, diags
}

// resolve works out what a data source asks for, and fills in the qualifier and
// the region.
func (r *Run) resolve(qualifier, region *types.String, name types.String, diags *diag.Diagnostics) lambdaapi.Target {
	want, d := resolve(model{FunctionName: name, Qualifier: *qualifier, Region: *region}, r.region())
	diags.Append(d...)
	*qualifier, *region = want.Qualifier, want.Region
	return lambdaapi.Target{Region: want.Region.ValueString(), Function: want.Function, Qualifier: want.Qualifier.ValueString()}
}

func noRegion() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), "No region",
		"Neither this block nor the ARN of its function nor the provider says a region. "+
			"Set region here or in the provider block, or AWS_REGION in the environment.")
}

// ModifyPlan implements [resource.ResourceWithModifyPlan]. It tells a change
// of what is configured from a change of how it is spelled.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.run == nil {
		return
	}
	if req.Plan.Raw.IsNull() {
		r.planDestroy(ctx, req, resp)
		return
	}
	var config, plan model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var prior *model
	if !req.State.Raw.IsNull() {
		prior = &model{}
		resp.Diagnostics.Append(req.State.Get(ctx, prior)...)
		checkRead(prior.ID, &resp.Diagnostics)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	providerRegion := r.run.region()
	if prior != nil && providerRegion.IsUnknown() {
		// Not known yet is no reason to replace. Should it turn out to be
		// another region, Terraform refuses to apply the plan.
		providerRegion = prior.Region
	}
	want, diags := resolve(config, providerRegion)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}

	function := want.Function
	if prior != nil && (want.is(*prior) || want.known() && len(want.elsewhere(config, *prior)) == 0) {
		// (The second where the service answers another account than the
		// spelling says, as emulators do.)
		plan.keep(*prior)
		if r.run.claims.keep(prior.ID.ValueString()) {
			plan.LastModified = types.StringUnknown()
			resp.RequiresReplace.Append(path.Root("last_modified"))
			addThreatened(&resp.Diagnostics, prior.ID.ValueString())
		}
		// The ARN in state knows the account.
		if ref, err := functionref.Parse(prior.ID.ValueString()); err == nil {
			function = ref.Unqualified()
		}
	} else {
		// The framework has set computed values to unknown only where the
		// configuration differs; the provider's region is not in it.
		plan.Qualifier, plan.Region = want.Qualifier, want.Region
		plan.ID, plan.FunctionARN, plan.LastModified = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
		if prior != nil {
			resp.RequiresReplace.Append(want.elsewhere(config, *prior)...)
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)

	if function.Name != "" && known(want.Region) {
		function.Region = want.Region.ValueString()
		checkNotItself(ctx, plan, function, &resp.Diagnostics, &resp.Diagnostics)
	}
	if want.known() {
		r.run.claims.check(ctx, function, want.Qualifier.ValueString(), prior != nil, req, resp)
	}
}

// checkRead adds an error where the ID in state is not known: then it is not
// known either which configuration it is.
func checkRead(id types.String, diags *diag.Diagnostics) {
	if id.IsNull() {
		diags.AddError("Not read since it was moved",
			"The state was moved here from another provider, and its ARN is not known before it is read. Plan once without -refresh=false.")
	}
}

// planDestroy has Delete leave alone what another object of this run keeps.
func (r *Resource) planDestroy(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var id types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("id"), &id)...)
	checkRead(id, &resp.Diagnostics)
	var survives []byte
	if known(id) && r.run.claims.destroy(id.ValueString()) {
		survives = []byte("true")
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, survivesKey, survives)...)
}

// is reports whether r is, as far as its spelling says, the configuration
// in state.
func (r resolved) is(prior model) bool {
	ref, err := functionref.Parse(prior.ID.ValueString())
	return err == nil && r.known() &&
		r.Function.SameFunction(ref) &&
		r.Qualifier.ValueString() == ref.Qualifier &&
		r.Region.Equal(prior.Region)
}

// keep takes from state what another spelling does not change. The framework
// has set every computed value to unknown as soon as anything differs.
func (m *model) keep(prior model) {
	m.FunctionName, m.Qualifier, m.Region = prior.FunctionName, prior.Qualifier, prior.Region
	m.ID, m.FunctionARN = prior.ID, prior.FunctionARN
	m.OverwriteExisting = prior.OverwriteExisting
	if m.MaximumEventAgeInSeconds.Equal(prior.MaximumEventAgeInSeconds) &&
		m.MaximumRetryAttempts.Equal(prior.MaximumRetryAttempts) &&
		m.DestinationConfig.Equal(prior.DestinationConfig) {
		m.LastModified = prior.LastModified
	}
}

// elsewhere returns the attributes by which r, the meaning of config, is
// spelled otherwise than the configuration in state.
func (r resolved) elsewhere(config, prior model) path.Paths {
	var paths path.Paths
	if !config.FunctionName.Equal(prior.FunctionName) {
		paths.Append(path.Root("function_name"))
	}
	if !r.Qualifier.Equal(prior.Qualifier) {
		paths.Append(path.Root("qualifier"))
	}
	if !r.Region.Equal(prior.Region) {
		paths.Append(path.Root("region"))
	}
	return paths
}
