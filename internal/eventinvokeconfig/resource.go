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
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// typeName is the resource's name in a configuration.
const typeName = "awslambda_function_event_invoke_config"

// Run is what the provider hands to its resources: a client, and what is
// remembered while Terraform plans or applies. The provider makes a new one
// each time it is configured.
type Run struct {
	client *lambdaapi.Client // nil for a Run without one
	claims claims
}

// NewRun returns a Run that has nothing to remember yet. The client is nil
// while planning with a provider block that is not wholly known yet: then
// nothing is read, and what the provider's region decides is unknown.
func NewRun(client *lambdaapi.Client) *Run { return &Run{client: client} }

// region is the provider's: unknown without a client, and empty where the
// provider is told none.
func (r *Run) region() types.String {
	if r.client == nil {
		return types.StringUnknown()
	}
	return types.StringValue(r.client.Region())
}

// Resource is awslambda_function_event_invoke_config.
type Resource struct {
	run *Run // nil until the provider is configured
}

// The interfaces that Terraform's features come through.
var (
	_ resource.ResourceWithConfigure      = (*Resource)(nil)
	_ resource.ResourceWithValidateConfig = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan     = (*Resource)(nil)
	_ resource.ResourceWithImportState    = (*Resource)(nil)
	_ resource.ResourceWithIdentity       = (*Resource)(nil)
	_ resource.ResourceWithMoveState      = (*Resource)(nil)
)

// NewResource returns the resource, not yet configured.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements [resource.Resource].
func (r *Resource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

// Configure implements [resource.ResourceWithConfigure].
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.run = runOf(req.ProviderData, &resp.Diagnostics)
}

// runOf is what the provider has handed over: nil before it is configured, for
// Terraform validates first.
func runOf(providerData any, diags *diag.Diagnostics) *Run {
	run, ok := providerData.(*Run)
	if providerData != nil && !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf(
			"The provider handed over %T. This is an error in the provider: please report it.", providerData))
	}
	return run
}

// Create implements [resource.Resource].
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	target, want := plan.ask(ctx, &resp.Diagnostics)
	ctx, cancel := bounded(ctx, plan.Timeouts.Create, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if !r.run.connected(&resp.Diagnostics) {
		return
	}
	config, err := r.run.client.Create(ctx, target, want, plan.OverwriteExisting.ValueBool())
	if err != nil {
		addError(&resp.Diagnostics, "create", target, want, err)
	}
	plan.store(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Read implements [resource.Resource].
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if r.run.client == nil && !state.ID.IsNull() { // the provider has said so, once for all resources
		state.identify(ctx, resp.Identity, &resp.Diagnostics)
		return
	}
	if resp.Diagnostics.HasError() || !r.run.connected(&resp.Diagnostics) {
		return
	}
	var target lambdaapi.Target
	if state.ID.IsNull() { // the first read after an import or a move
		target = r.run.resolve(&state.Qualifier, &state.Region, state.FunctionName, &resp.Diagnostics)
		state = imported(target)
	} else {
		target, _ = state.ask(ctx, &resp.Diagnostics)
	}
	ctx, cancel := bounded(ctx, state.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	config, err := r.run.client.Read(ctx, target)
	if errors.Is(err, lambdaapi.ErrNotFound) {
		state.identify(ctx, resp.Identity, &resp.Diagnostics) // the framework insists on one all the same
		resp.State.RemoveResource(ctx)
		return
	}
	if err != nil {
		addError(&resp.Diagnostics, "read", target, lambdaapi.Settings{}, err)
		return
	}
	state.store(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Update implements [resource.Resource].
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, ownerKey, nil)...)
	target, want := plan.ask(ctx, &resp.Diagnostics)
	_, have := state.ask(ctx, &resp.Diagnostics)
	ctx, cancel := bounded(ctx, plan.Timeouts.Update, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	changed := want.Differing(have)
	if len(changed) == 0 { // a change of timeouts alone
		resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
		plan.identify(ctx, resp.Identity, &resp.Diagnostics)
		return
	}
	if !r.run.connected(&resp.Diagnostics) {
		return
	}
	config, err := r.run.client.Update(ctx, target, want, changed)
	if err != nil {
		addError(&resp.Diagnostics, "update", target, want, err)
	}
	plan.store(ctx, config, &resp.State, resp.Identity, &resp.Diagnostics)
}

// Delete implements [resource.Resource].
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	target, _ := state.ask(ctx, &resp.Diagnostics)
	ctx, cancel := bounded(ctx, state.Timeouts.Delete, defaultWriteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	survives, diags := req.Private.GetKey(ctx, survivesKey)
	resp.Diagnostics.Append(diags...)
	if survives != nil || !r.run.connected(&resp.Diagnostics) {
		return
	}
	if err := r.run.client.Delete(ctx, target); err != nil {
		addError(&resp.Diagnostics, "delete", target, lambdaapi.Settings{}, err)
	}
}

// connected adds an error where the provider block is not wholly known: that
// is so even when applying, where what its arguments come from is gone.
func (r *Run) connected(diags *diag.Diagnostics) bool {
	if r.client == nil {
		diags.AddError("Provider configuration not known yet",
			"The provider block has arguments that are known only after apply, so that Lambda cannot be called in this run. "+
				"Apply what the arguments come from first, or give them values that are known.")
	}
	return r.client != nil
}

// ask returns which configuration m is about and what m says of it.
func (m model) ask(ctx context.Context, diags *diag.Diagnostics) (lambdaapi.Target, lambdaapi.Settings) {
	target, err := m.target()
	if err != nil {
		diags.AddError("Unreadable function reference", sentence(err.Error()))
	}
	settings, d := m.settings(ctx)
	diags.Append(d...)
	return target, settings
}

// store sets the state to m with what the service has, and the identity with
// it. Where that is not known, after an error, both stay as they were.
func (m model) store(ctx context.Context, config lambdaapi.Config, state *tfsdk.State, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if config.FunctionARN == "" {
		return
	}
	m.set(config)
	diags.Append(state.Set(ctx, &m)...)
	m.identify(ctx, identity, diags)
}

// bounded returns ctx with the deadline that the timeouts attribute, or else
// the default, gives an operation.
func bounded(
	ctx context.Context, timeout func(context.Context, time.Duration) (time.Duration, diag.Diagnostics),
	otherwise time.Duration, diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	d, errs := timeout(ctx, otherwise)
	diags.Append(errs...)
	return context.WithTimeout(ctx, d)
}
