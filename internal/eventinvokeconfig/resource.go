// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package eventinvokeconfig is all that Terraform sees of the asynchronous
// invocation configuration of a Lambda function, version or alias.
package eventinvokeconfig

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// typeName is the resource's name in a configuration.
const typeName = "awslambda_function_event_invoke_config"

// configResource is awslambda_function_event_invoke_config.
type configResource struct {
	session *session.Session // nil until the provider is configured
}

// The interfaces that Terraform's features come through.
var (
	_ resource.ResourceWithConfigure      = (*configResource)(nil)
	_ resource.ResourceWithValidateConfig = (*configResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*configResource)(nil)
	_ resource.ResourceWithImportState    = (*configResource)(nil)
	_ resource.ResourceWithIdentity       = (*configResource)(nil)
	_ resource.ResourceWithMoveState      = (*configResource)(nil)
)

// NewResource returns the resource, not yet configured.
func NewResource() resource.Resource { return &configResource{} }

// Metadata implements [resource.Resource].
func (r *configResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

// Configure implements [resource.ResourceWithConfigure].
func (r *configResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.session = sessionOf(req.ProviderData, &resp.Diagnostics)
}

// sessionOf returns the provider's session: nil before the provider is
// configured, because Terraform validates first.
func sessionOf(providerData any, diags *diag.Diagnostics) *session.Session {
	s, ok := providerData.(*session.Session)
	if providerData != nil && !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf(
			"The provider handed over %T. This is an error in the provider: please report it.", providerData))
	}
	return s
}

// requireConnection adds an error if the provider block is not wholly known.
// That is possible even during apply, if the source of an argument is gone.
func requireConnection(s *session.Session, diags *diag.Diagnostics) bool {
	if !s.Connected() {
		diags.AddError("Provider configuration not known yet",
			"The provider block has arguments that are known only after apply, so that Lambda cannot be called in this run. "+
				"Apply what the arguments come from first, or give them values that are known.")
	}
	return s.Connected()
}

// Create implements [resource.Resource].
func (r *configResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	target, want := r.read(ctx, plan, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Create, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() || !requireConnection(r.session, &resp.Diagnostics) {
		return
	}
	token := session.NewToken()
	config, adopted, err := r.session.Create(ctx, target, want, plan.OverwriteExisting.ValueBool(), token)
	if err != nil {
		addError(&resp.Diagnostics, "create", target, want, err)
	}
	if adopted {
		addAdopted(&resp.Diagnostics, config)
	}
	if plan.store(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics) {
		writeObject(ctx, resp.Private, session.Object{Token: token, ARN: config.FunctionARN}, &resp.Diagnostics)
	}
}

// Read implements [resource.Resource].
func (r *configResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if !r.session.Connected() && !state.ID.IsNull() { // the provider has added a warning
		r.identify(ctx, state, resp.Identity, &resp.Diagnostics)
		return
	}
	if resp.Diagnostics.HasError() || !requireConnection(r.session, &resp.Diagnostics) {
		return
	}
	target, _ := r.read(ctx, state, &resp.Diagnostics)
	object := readObject(ctx, req.Private, state, &resp.Diagnostics)
	assumedRegion := false
	if state.ID.IsNull() { // the first read after an import or a move
		assumedRegion = state.moved() && state.Region.IsNull() && target.Function.Region == ""
		state = state.completed(target)
	}
	ctx, cancel := withTimeout(ctx, atLeast(defaultReadTimeout, state.Timeouts.Read), defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	config, err := r.session.Read(ctx, target)
	if assumedRegion && (err == nil || errors.Is(err, lambdaapi.ErrNotFound)) {
		addAssumedRegion(&resp.Diagnostics, target, config.FunctionARN)
	}
	if errors.Is(err, lambdaapi.ErrNotFound) {
		r.session.Objects.Absent(object.ARN)
		r.identify(ctx, state, resp.Identity, &resp.Diagnostics) // the framework requires an identity
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		addError(&resp.Diagnostics, "read", target, lambdaapi.Settings{}, err)
		return
	}
	if state.store(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics) {
		object.ARN = config.FunctionARN
		assigned := object.Token == ""
		if assigned {
			object.Token = session.NewToken()
		}
		writeObject(ctx, resp.Private, r.session.Objects.Refreshed(object, assigned), &resp.Diagnostics)
	}
}

// Update implements [resource.Resource].
func (r *configResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state resourceModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	target, want := r.read(ctx, plan, &resp.Diagnostics)
	_, have := r.read(ctx, state, &resp.Diagnostics)
	object := readObject(ctx, req.Private, state, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, plan.Timeouts.Update, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	changed := want.Differing(have)
	if len(changed) == 0 && req.Plan.Raw.IsFullyKnown() && !object.Shared && !object.Unsure { // a change of timeouts alone
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		r.identify(ctx, plan, resp.Identity, &resp.Diagnostics)
		return
	}
	if !requireConnection(r.session, &resp.Diagnostics) {
		return
	}
	if object.Token == "" || object.Repeated != "" { // then another object may have the token
		object.Token = session.NewToken()
	}
	config, err := r.session.Update(ctx, target, want, changed, object.Token)
	if err != nil {
		addError(&resp.Diagnostics, "update", target, want, err)
	} else {
		addDrift(&resp.Diagnostics, config, want)
		config.Settings = want // Terraform accepts no other values
	}
	if plan.store(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics) {
		writeObject(ctx, resp.Private, session.Object{Token: object.Token, ARN: config.FunctionARN}, &resp.Diagnostics)
	}
}

// Delete implements [resource.Resource].
func (r *configResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state resourceModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	target, _ := r.read(ctx, state, &resp.Diagnostics)
	object := readObject(ctx, req.Private, state, &resp.Diagnostics)
	ctx, cancel := withTimeout(ctx, state.Timeouts.Delete, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() || !requireConnection(r.session, &resp.Diagnostics) {
		return
	}
	if err := r.session.Delete(ctx, target, object); err != nil {
		addError(&resp.Diagnostics, "delete", target, lambdaapi.Settings{}, err)
	}
}

// read returns the configuration that m identifies, and the settings of m.
func (r *configResource) read(ctx context.Context, m resourceModel, diags *diag.Diagnostics) (lambdaapi.Target, lambdaapi.Settings) {
	resolved, d := m.reference().resolve(providerRegion(r.session))
	diags.Append(d...)
	settings, d := m.settings(ctx)
	diags.Append(d...)
	return resolved.target(), settings
}

// identify sets the identity to that of m.
func (r *configResource) identify(ctx context.Context, m resourceModel, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	target, _ := r.read(ctx, m, diags)
	identify(ctx, target, identity, diags)
}

// store sets state to m with the values of config, and the identity to that of
// config. After an error config may be empty: then store changes nothing and
// returns false.
func (m resourceModel) store(
	ctx context.Context, config lambdaapi.Config, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) bool {
	if config.FunctionARN == "" {
		return false
	}
	m.set(config)
	diags.Append(state.Set(ctx, &m)...)
	resolved, d := m.reference().resolve(m.Region)
	diags.Append(d...)
	identify(ctx, resolved.target(), identity, diags)
	return true
}

// timeout returns the value of a timeouts attribute, or the default.
type timeout func(ctx context.Context, otherwise time.Duration) (time.Duration, diag.Diagnostics)

// atLeast returns t without smaller values than least. A refresh uses the value
// of state, and a value that is too short would fail each run that could raise
// it.
func atLeast(least time.Duration, t timeout) timeout {
	return func(ctx context.Context, otherwise time.Duration) (time.Duration, diag.Diagnostics) {
		d, diags := t(ctx, otherwise)
		return max(d, least), diags
	}
}

// withTimeout returns ctx with the deadline of the timeouts attribute, or of
// the default. A timeout of zero or less, which state of an earlier version may
// have, is the default.
func withTimeout(
	ctx context.Context, timeout timeout, otherwise time.Duration, diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	d, errs := timeout(ctx, otherwise)
	diags.Append(errs...)
	if d <= 0 {
		d = otherwise
	}
	return context.WithTimeout(ctx, d)
}
