// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// resourceModel is the resource as Terraform's configuration, plan and state hold it.
// In state both numbers and the destination_config object are always known; a
// side without a destination is null.
type resourceModel struct {
	FunctionName      types.String   `tfsdk:"function_name"`
	Qualifier         types.String   `tfsdk:"qualifier"`
	Region            types.String   `tfsdk:"region"`
	OverwriteExisting types.Bool     `tfsdk:"overwrite_existing"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
	configModel
}

// configModel is what the service says of a configuration.
type configModel struct {
	MaximumEventAgeInSeconds types.Number `tfsdk:"maximum_event_age_in_seconds"`
	MaximumRetryAttempts     types.Number `tfsdk:"maximum_retry_attempts"`
	DestinationConfig        types.Object `tfsdk:"destination_config"`
	ID                       types.String `tfsdk:"id"`
	FunctionARN              types.String `tfsdk:"function_arn"`
	LastModified             types.String `tfsdk:"last_modified"`
}

// destinationConfigModel is what destination_config holds.
type destinationConfigModel struct {
	OnSuccess types.Object `tfsdk:"on_success"`
	OnFailure types.Object `tfsdk:"on_failure"`
}

// sideModel is what on_success and on_failure hold.
type sideModel struct {
	Destination types.String `tfsdk:"destination"`
}

var (
	sideType              = map[string]attr.Type{"destination": types.StringType}
	destinationConfigType = map[string]attr.Type{
		"on_success": types.ObjectType{AttrTypes: sideType},
		"on_failure": types.ObjectType{AttrTypes: sideType},
	}
)

// noDestinations is destination_config with both sides null.
var noDestinations = types.ObjectValueMust(destinationConfigType, map[string]attr.Value{
	"on_success": types.ObjectNull(sideType),
	"on_failure": types.ObjectNull(sideType),
})

// noTimeouts is a timeouts attribute that is left out.
var noTimeouts = timeouts.Value{Object: types.ObjectNull(map[string]attr.Type{
	"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
})}

// sides returns the destinations of both sides, null where there is none and
// unknown where it is not known whether there is one.
func (m resourceModel) sides(ctx context.Context) (onSuccess, onFailure types.String, diags diag.Diagnostics) {
	if m.DestinationConfig.IsUnknown() {
		return types.StringUnknown(), types.StringUnknown(), nil
	}
	var both destinationConfigModel
	if !m.DestinationConfig.IsNull() {
		diags.Append(m.DestinationConfig.As(ctx, &both, basetypes.ObjectAsOptions{})...)
	}
	side := func(o types.Object) types.String {
		switch {
		case o.IsUnknown():
			return types.StringUnknown()
		case o.IsNull():
			return types.StringNull()
		}
		var s sideModel
		diags.Append(o.As(ctx, &s, basetypes.ObjectAsOptions{})...)
		return s.Destination
	}
	return side(both.OnSuccess), side(both.OnFailure), diags
}

// Terraform's numbers are not the framework's integers, which meet a fraction
// or a large number with a conversion error instead of the attribute's rule.

func toInt32(n types.Number) int32 {
	if n.IsNull() || n.IsUnknown() {
		return 0
	}
	i, _ := n.ValueBigFloat().Int64()
	return int32(i) //nolint:gosec // the validators keep it small
}

func toNumber(n int32) types.Number { return types.NumberValue(big.NewFloat(float64(n))) }

// settings returns what a fully known plan or state asks of the service.
func (m resourceModel) settings(ctx context.Context) (lambdaapi.Settings, diag.Diagnostics) {
	onSuccess, onFailure, diags := m.sides(ctx)
	return lambdaapi.Settings{
		MaximumEventAgeInSeconds: toInt32(m.MaximumEventAgeInSeconds),
		MaximumRetryAttempts:     toInt32(m.MaximumRetryAttempts),
		OnSuccess:                onSuccess.ValueString(),
		OnFailure:                onFailure.ValueString(),
	}, diags
}

// set takes over what the service has. How the function is spelled, and what
// only Terraform knows, is in the model around it, and stays.
func (m *configModel) set(config lambdaapi.Config) {
	m.MaximumEventAgeInSeconds = toNumber(config.MaximumEventAgeInSeconds)
	m.MaximumRetryAttempts = toNumber(config.MaximumRetryAttempts)
	side := func(arn string) types.Object {
		if arn == "" {
			return types.ObjectNull(sideType)
		}
		return types.ObjectValueMust(sideType, map[string]attr.Value{"destination": types.StringValue(arn)})
	}
	m.DestinationConfig = types.ObjectValueMust(destinationConfigType, map[string]attr.Value{
		"on_success": side(config.OnSuccess),
		"on_failure": side(config.OnFailure),
	})
	m.ID = types.StringValue(config.FunctionARN)
	m.FunctionARN = m.ID
	m.LastModified = types.StringNull()
	if !config.LastModified.IsZero() {
		m.LastModified = types.StringValue(config.LastModified.UTC().Format(time.RFC3339Nano))
	}
}

// reference returns the attributes that identify the configuration of m. The ARN
// replaces the function reference as soon as it is known: with credentials of
// another account, Lambda then denies a call instead of using the function of the
// same name there. An ARN that cannot be read, as some service may respond, stays
// unused.
func (m resourceModel) reference() reference {
	c := reference{m.FunctionName, m.Qualifier, m.Region}
	if _, err := functionref.Parse(m.ID.ValueString()); err == nil {
		c.FunctionName = m.ID
	}
	return c
}
