// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// ModifyPlan implements [resource.ResourceWithModifyPlan]. It plans a
// replacement if the reference identifies another configuration, and no diff if
// only the format of the reference changes.
func (r *configResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.session == nil {
		return
	}
	var config, plan, prior resourceModel
	isCreate, isDestroy := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !isCreate {
		resp.Diagnostics.Append(req.State.Get(ctx, &prior)...)
	}
	object := readObject(ctx, req.Private, prior, &resp.Diagnostics)
	settings, diags := prior.settings(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if isDestroy {
		object.Shared = r.session.Objects.RecordPlannedDestroy(object, settings)
		writeObject(ctx, resp.Private, object, &resp.Diagnostics)
		return
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	if resp.Diagnostics.HasError() {
		return
	}
	region := providerRegion(r.session)
	if !isCreate && region.IsUnknown() {
		// An unknown region alone does not require a replacement. If the region
		// turns out to be another one, Terraform rejects the plan as inconsistent.
		region = prior.Region
	}
	planned, diags := config.reference().resolve(region)
	resp.Diagnostics.Append(diags...)
	checkRegion(r.session, config.reference(), planned.Region, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	function := planned.Function
	if isKnown(planned.Region) {
		function.Region = planned.Region.ValueString()
	}
	switch {
	case isCreate:
		plan.setComputedUnknown(planned)
		if object.Token != "" { // private state of the object that this one replaces
			r.session.Objects.RecordForcedReplacement(object)
		}
		if planned.isKnown() {
			r.session.Objects.RecordPlannedCreate(planned.target())
		} else {
			r.session.Objects.RecordPlannedCreate(lambdaapi.Target{})
		}
	case planned.isPrior(config, prior, region):
		plan.restorePrior(prior, planned)
		if ref, err := functionref.Parse(prior.ID.ValueString()); err == nil {
			function = ref.Unqualified() // with the account
		}
		wasShared := object.Shared || object.Unsure
		isShared := r.session.Objects.RecordPlannedKeep(object, settings)
		if object.Token != "" {
			object.Shared = isShared && !object.Unsure
			writeObject(ctx, resp.Private, object, &resp.Diagnostics)
		}
		if isShared {
			addTrackedTwiceWarning(&resp.Diagnostics, prior.ID.ValueString())
			if !wasShared && !plan.LastModified.IsUnknown() {
				// Without a refresh, the plan during apply does not know that the
				// object is shared, and would skip an in-place update.
				resp.RequiresReplace.Append(path.Root("last_modified"))
			}
			plan.LastModified = types.StringUnknown()
		}
	default:
		plan.setComputedUnknown(planned)
		resp.RequiresReplace.Append(planned.differingPaths(config, prior)...)
		r.session.Objects.RecordPlannedMove(object, settings)
		addReplacementWarning(&resp.Diagnostics, planned, config, prior)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if isKnown(planned.Region) {
		checkDestinations(ctx, plan, function, r.session, &resp.Diagnostics)
	}
}

// restorePrior sets the values that a reference in another format does not change
// to those in state, because the framework marks every computed value as unknown
// if any value differs. Attributes without a value in state keep their planned
// value: state that was moved from another provider has no ARN before its first
// refresh.
func (m *resourceModel) restorePrior(prior resourceModel, planned resolvedReference) {
	m.FunctionName, m.Qualifier, m.Region = prior.FunctionName, planned.Qualifier, planned.Region
	for _, attribute := range []struct{ planned, prior *types.String }{
		{&m.Qualifier, &prior.Qualifier},
		{&m.Region, &prior.Region},
		{&m.ID, &prior.ID},
		{&m.FunctionARN, &prior.FunctionARN},
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

// setComputedUnknown sets the reference to planned, and the values that Lambda
// returns to unknown. The framework does so only if the configuration differs,
// and the configuration does not contain the provider's region.
func (m *resourceModel) setComputedUnknown(planned resolvedReference) {
	m.Qualifier, m.Region = planned.Qualifier, planned.Region
	m.ID, m.FunctionARN, m.LastModified = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
}
