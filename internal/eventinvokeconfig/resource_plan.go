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
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// reference is the attributes that identify a configuration.
type reference struct{ FunctionName, Qualifier, Region types.String }

// resolved is a reference with its defaults. The zero Function means that the
// function is not known yet.
type resolved struct {
	Function  functionref.Ref // without qualifier
	Qualifier types.String    // known or unknown, never null
	Region    types.String    // known or unknown, never null
}

func (r resolved) known() bool {
	return r.Function.Name != "" && known(r.Qualifier) && known(r.Region)
}

// target is the configuration that r, which is wholly known, identifies.
func (r resolved) target() lambdaapi.Target {
	return lambdaapi.Target{Region: r.Region.ValueString(), Function: r.Function, Qualifier: r.Qualifier.ValueString()}
}

// resolve returns the configuration that c identifies. Qualifier and region
// default to those inside the function reference, else to $LATEST and to the
// provider's region, which may be unknown. It refuses no value: c may be of
// state, and the validators check configuration.
func (c reference) resolve(providerRegion types.String) (resolved, diag.Diagnostics) {
	var diags diag.Diagnostics
	want := resolved{Qualifier: c.Qualifier, Region: c.Region}

	var ref functionref.Ref
	if !c.FunctionName.IsUnknown() {
		var err error
		if ref, err = functionref.Parse(c.FunctionName.ValueString()); err != nil {
			ref = functionref.Ref{Name: c.FunctionName.ValueString()}
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

// providerRegion returns the provider's region: unknown if the provider block
// is not wholly known, empty if the provider has none.
func providerRegion(s *session.Session) types.String {
	region, known := s.Region()
	if !known {
		return types.StringUnknown()
	}
	return types.StringValue(region)
}

func noRegion() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("region"), "No region",
		"Neither this block nor the ARN of its function nor the provider says a region. "+
			"Set region here or in the provider block, or AWS_REGION in the environment.")
}

// ModifyPlan implements [resource.ResourceWithModifyPlan]. It plans a
// replacement if the reference identifies another configuration, and no change
// if only its format differs.
func (r *configResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	var config, plan, prior resourceModel
	creates, destroys := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !creates {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	}
	object := readObject(ctx, req.Private, prior, &resp.Diagnostics)
	settings, diags := prior.settings(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if destroys {
		object.Shared = r.session.Objects.PlanDestroyed(object, settings)
		writeObject(ctx, resp.Private, object, &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	region := providerRegion(r.session)
	if !creates && region.IsUnknown() {
		// An unknown region is no reason to replace. If it turns out to be
		// another one, Terraform refuses to apply the plan.
		region = prior.Region
	}
	want, diags := config.reference().resolve(region)
	resp.Diagnostics.Append(diags...)
	checkRegion(r.session, config.reference(), want.Region, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	function := want.Function
	if known(want.Region) {
		function.Region = want.Region.ValueString()
	}
	switch {
	case creates:
		plan.setUnknown(want)
		if object.Token != "" { // of the object that this one replaces
			r.session.Objects.PlanReplaced(object)
		}
		if want.known() {
			r.session.Objects.PlanCreated(want.target())
		} else {
			r.session.Objects.PlanCreated(lambdaapi.Target{})
		}
	case want.is(config, prior, region):
		plan.keep(prior, want)
		if ref, err := functionref.Parse(prior.ID.ValueString()); err == nil {
			function = ref.Unqualified() // with the account
		}
		wasShared := object.Shared || object.Unsure
		shared := r.session.Objects.PlanKept(object, settings)
		if object.Token != "" {
			object.Shared = shared && !object.Unsure
			writeObject(ctx, resp.Private, object, &resp.Diagnostics)
		}
		if shared {
			addShared(&resp.Diagnostics, prior.ID.ValueString())
			if !wasShared && !plan.LastModified.IsUnknown() {
				// Without a refresh, the plan during the apply would not know
				// that the object is shared, and skip an in-place update.
				resp.RequiresReplace.Append(path.Root("last_modified"))
			}
			plan.LastModified = types.StringUnknown()
		}
	default:
		plan.setUnknown(want)
		resp.RequiresReplace.Append(want.differing(config, prior)...)
		r.session.Objects.PlanRemoved(object, settings)
		addElsewhere(&resp.Diagnostics, want, config, prior)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if known(want.Region) {
		checkDestinations(ctx, plan, function, r.session, &resp.Diagnostics)
	}
}

// is reports whether r, the meaning of config, is the configuration in state.
// The region is the provider's.
func (r resolved) is(config, prior resourceModel, region types.String) bool {
	if !r.known() {
		return false
	}
	have, diags := prior.reference().resolve(region)
	if !diags.HasError() && have.known() &&
		r.Function.SameFunction(have.Function) && r.Qualifier.Equal(have.Qualifier) && r.Region.Equal(have.Region) {
		return true
	}
	// A service may respond with another account than the reference names, as
	// emulators do.
	return len(r.differing(config, prior)) == 0
}

// keep sets the values that another format of the same reference does not
// change to those in state. The framework marks every computed value unknown as
// soon as anything differs. A value that state does not have stays as it is
// planned: state that was moved from another provider has no ARN before its
// first refresh.
func (m *resourceModel) keep(prior resourceModel, want resolved) {
	m.FunctionName, m.Qualifier, m.Region = prior.FunctionName, want.Qualifier, want.Region
	for _, attribute := range []struct{ planned, prior *types.String }{
		{&m.Qualifier, &prior.Qualifier}, {&m.Region, &prior.Region}, {&m.ID, &prior.ID}, {&m.FunctionARN, &prior.FunctionARN},
	} {
		if !attribute.prior.IsNull() {
			*attribute.planned = *attribute.prior
		}
	}
	if prior.ID.IsNull() {
		m.ID, m.FunctionARN, m.LastModified = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	}
	if !prior.OverwriteExisting.IsNull() {
		m.OverwriteExisting = prior.OverwriteExisting
	}
	if !prior.ID.IsNull() &&
		m.MaximumEventAgeInSeconds.Equal(prior.MaximumEventAgeInSeconds) &&
		m.MaximumRetryAttempts.Equal(prior.MaximumRetryAttempts) &&
		m.DestinationConfig.Equal(prior.DestinationConfig) {
		m.LastModified = prior.LastModified
	}
}

// setUnknown sets the reference to want, and what only Lambda knows to unknown.
// The framework does so only if the configuration differs; the provider's
// region is not in it.
func (m *resourceModel) setUnknown(want resolved) {
	m.Qualifier, m.Region = want.Qualifier, want.Region
	m.ID, m.FunctionARN, m.LastModified = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
}

// differing returns the attributes in which r, the meaning of config, differs
// from state.
func (r resolved) differing(config, prior resourceModel) path.Paths {
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
