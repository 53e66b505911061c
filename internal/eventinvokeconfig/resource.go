// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package eventinvokeconfig implements the resource, the list resource and the
// data sources for event invoke configurations: the asynchronous invocation
// settings of a Lambda function, version or alias.
package eventinvokeconfig

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// typeName is the type name of the resource, and of the list resource and the
// data source for one configuration.
const typeName = "awslambda_function_event_invoke_config"

// configResource is the resource awslambda_function_event_invoke_config.
type configResource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ resource.ResourceWithConfigure      = (*configResource)(nil)
	_ resource.ResourceWithValidateConfig = (*configResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*configResource)(nil)
	_ resource.ResourceWithImportState    = (*configResource)(nil)
	_ resource.ResourceWithIdentity       = (*configResource)(nil)
	_ resource.ResourceWithMoveState      = (*configResource)(nil)
)

// NewResource returns an unconfigured resource.
func NewResource() resource.Resource { return &configResource{} }

func (r *configResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

func (r *configResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	r.session = providerSession(req.ProviderData, &resp.Diagnostics)
}

func (r *configResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	target, planned := r.resolveModel(ctx, plan, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() || !requireClient(r.session, &resp.Diagnostics) {
		return
	}
	token := session.NewToken()
	config, adopted, err := r.session.Create(ctx, target, planned, plan.OverwriteExisting.ValueBool(), token)
	if err != nil {
		addWriteError(&resp.Diagnostics, summaries.CannotCreate, planned, err)
	}
	if adopted {
		addAdoptedWarning(&resp.Diagnostics, config)
	}
	if plan.saveConfig(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics) {
		writeObject(ctx, resp.Private, session.Object{Token: token, ARN: config.FunctionARN}, &resp.Diagnostics)
	}
}

func (r *configResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !r.session.HasClient() && !state.ID.IsNull() { // the provider has added a warning
		r.setIdentity(ctx, state, resp.Identity, &resp.Diagnostics)
		return
	}
	if resp.Diagnostics.HasError() || !requireClient(r.session, &resp.Diagnostics) {
		return
	}
	target, _ := r.resolveModel(ctx, state, &resp.Diagnostics)
	object := readObject(ctx, req.Private, state, &resp.Diagnostics)
	regionAssumed := false
	if state.ID.IsNull() { // the first read after an import or a move
		regionAssumed = state.isMoved() && state.Region.IsNull() && target.Function.Region == ""
		state = state.firstState(target)
	}
	readTimeout := timeoutAtLeast(defaultReadTimeout, state.Timeouts.Read)
	ctx, cancel := withTimeout(ctx, readTimeout, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	config, err := r.session.Read(ctx, target)
	if regionAssumed && (err == nil || errors.Is(err, lambdaapi.ErrNoConfig)) {
		addAssumedRegionWarning(&resp.Diagnostics, target, config.FunctionARN)
	}
	if errors.Is(err, lambdaapi.ErrNoConfig) {
		r.session.Objects.RecordNotFound(object.ARN)
		r.setIdentity(ctx, state, resp.Identity, &resp.Diagnostics) // the framework requires an identity
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		resp.Diagnostics.AddError(summaries.CannotRead, err.Error())
		return
	}
	if state.saveConfig(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics) {
		object.ARN = config.FunctionARN
		tokenAssigned := object.Token == ""
		if tokenAssigned {
			object.Token = session.NewToken()
		}
		writeObject(ctx, resp.Private, r.session.Objects.RecordRefresh(object, tokenAssigned), &resp.Diagnostics)
	}
}

func (r *configResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	target, planned := r.resolveModel(ctx, plan, &resp.Diagnostics)
	_, prior := r.resolveModel(ctx, state, &resp.Diagnostics)
	object := readObject(ctx, req.Private, state, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	changed := planned.Differing(prior)
	if len(changed) == 0 && req.Plan.Raw.IsFullyKnown() && !object.Shared && !object.Unsure { // only timeouts changed
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		r.setIdentity(ctx, plan, resp.Identity, &resp.Diagnostics)
		return
	}
	if !requireClient(r.session, &resp.Diagnostics) {
		return
	}
	if object.Token == "" || object.Repeated != "" { // another object may have the same token
		object.Token = session.NewToken()
	}
	config, err := r.session.Update(ctx, target, planned, changed, object.Token)
	if err != nil {
		addWriteError(&resp.Diagnostics, summaries.CannotUpdate, planned, err)
	} else {
		addDriftWarning(&resp.Diagnostics, config, planned)
		config.Settings = planned // Terraform accepts no other values
	}
	if plan.saveConfig(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics) {
		updated := session.Object{Token: object.Token, ARN: config.FunctionARN}
		writeObject(ctx, resp.Private, updated, &resp.Diagnostics)
	}
}

func (r *configResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	target, _ := r.resolveModel(ctx, state, &resp.Diagnostics)
	object := readObject(ctx, req.Private, state, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Delete, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() || !requireClient(r.session, &resp.Diagnostics) {
		return
	}
	if err := r.session.Delete(ctx, target, object); err != nil {
		resp.Diagnostics.AddError(summaries.CannotDelete, err.Error())
	}
}

// resolveModel returns the configuration that m identifies, and the settings of
// m.
func (r *configResource) resolveModel(
	ctx context.Context, m resourceModel, diags *diag.Diagnostics,
) (lambdaapi.Target, lambdaapi.Settings) {
	resolved, d := m.reference().resolve(providerRegion(r.session))
	diags.Append(d...)
	settings, d := m.settings(ctx)
	diags.Append(d...)
	return resolved.target(), settings
}

// setIdentity sets the identity of the configuration that m identifies.
func (r *configResource) setIdentity(
	ctx context.Context, m resourceModel, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) {
	target, _ := r.resolveModel(ctx, m, diags)
	setIdentity(ctx, target, identity, diags)
}

// saveConfig sets state to m with the values of config, and the identity to that
// of config. After an error, config may be empty: saveConfig then only returns
// false.
func (m resourceModel) saveConfig(
	ctx context.Context, config lambdaapi.Config,
	state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) bool {
	if config.FunctionARN == "" {
		return false
	}
	m.setConfig(config)
	diags.Append(state.Set(ctx, &m)...)
	resolved, d := m.reference().resolve(m.Region)
	diags.Append(d...)
	setIdentity(ctx, resolved.target(), identity, diags)
	return true
}
