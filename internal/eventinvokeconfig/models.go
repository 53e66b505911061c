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

// resourceModel is the resource in configuration, plan and state. Read and writes
// set both numbers and destination_config in state. Imported state and state of
// earlier versions may have nulls, which mean the defaults.
type resourceModel struct {
	FunctionName      types.String   `tfsdk:"function_name"`
	Qualifier         types.String   `tfsdk:"qualifier"`
	Region            types.String   `tfsdk:"region"`
	OverwriteExisting types.Bool     `tfsdk:"overwrite_existing"`
	Timeouts          timeouts.Value `tfsdk:"timeouts"`
	configModel
}

// configModel is the attributes that Lambda's response sets.
type configModel struct {
	MaximumEventAgeInSeconds types.Number `tfsdk:"maximum_event_age_in_seconds"`
	MaximumRetryAttempts     types.Number `tfsdk:"maximum_retry_attempts"`
	DestinationConfig        types.Object `tfsdk:"destination_config"`
	ID                       types.String `tfsdk:"id"`
	FunctionARN              types.String `tfsdk:"function_arn"`
	LastModified             types.String `tfsdk:"last_modified"`
}

// destinationConfigModel is the value of destination_config.
type destinationConfigModel struct {
	OnSuccess types.Object `tfsdk:"on_success"`
	OnFailure types.Object `tfsdk:"on_failure"`
}

// destinationModel is the value of on_success and on_failure.
type destinationModel struct {
	Destination types.String `tfsdk:"destination"`
}

var (
	destinationType       = map[string]attr.Type{"destination": types.StringType}
	destinationConfigType = map[string]attr.Type{
		"on_success": types.ObjectType{AttrTypes: destinationType},
		"on_failure": types.ObjectType{AttrTypes: destinationType},
	}
	timeoutTypes = map[string]attr.Type{
		"create": types.StringType, "read": types.StringType, "update": types.StringType, "delete": types.StringType,
	}
)

// noDestinations is a destination_config without destinations.
var noDestinations = types.ObjectValueMust(destinationConfigType, map[string]attr.Value{
	"on_success": types.ObjectNull(destinationType),
	"on_failure": types.ObjectNull(destinationType),
})

// noTimeouts is an omitted timeouts attribute.
var noTimeouts = timeouts.Value{Object: types.ObjectNull(timeoutTypes)}

// destinations returns the destinations of m: null for none, unknown if it is
// unknown whether there is one.
func (m resourceModel) destinations(
	ctx context.Context,
) (onSuccess, onFailure types.String, diags diag.Diagnostics) {
	if m.DestinationConfig.IsUnknown() {
		return types.StringUnknown(), types.StringUnknown(), nil
	}
	var config destinationConfigModel
	if !m.DestinationConfig.IsNull() {
		diags.Append(m.DestinationConfig.As(ctx, &config, basetypes.ObjectAsOptions{})...)
	}
	arn := func(o types.Object) types.String {
		switch {
		case o.IsUnknown():
			return types.StringUnknown()
		case o.IsNull():
			return types.StringNull()
		}
		var d destinationModel
		diags.Append(o.As(ctx, &d, basetypes.ObjectAsOptions{})...)
		return d.Destination
	}
	return arn(config.OnSuccess), arn(config.OnFailure), diags
}

// settings returns the settings of m, which has no unknown values.
func (m resourceModel) settings(ctx context.Context) (lambdaapi.Settings, diag.Diagnostics) {
	onSuccess, onFailure, diags := m.destinations(ctx)
	return lambdaapi.Settings{
		MaximumEventAgeInSeconds: toInt32(m.MaximumEventAgeInSeconds),
		MaximumRetryAttempts:     toInt32(m.MaximumRetryAttempts),
		OnSuccess:                onSuccess.ValueString(),
		OnFailure:                onFailure.ValueString(),
	}, diags
}

// reference returns the attributes that identify the configuration of m. The ARN
// takes precedence over function_name: with credentials of another account,
// Lambda then denies the call instead of using a function of the same name there.
// An ARN that cannot be parsed, as other implementations of the API may return, is
// ignored.
func (m resourceModel) reference() reference {
	ref := reference{m.FunctionName, m.Qualifier, m.Region}
	if _, err := functionref.Parse(m.ID.ValueString()); err == nil {
		ref.FunctionName = m.ID
	}
	return ref
}

// setConfig sets m to the values of config.
func (m *configModel) setConfig(config lambdaapi.Config) {
	m.MaximumEventAgeInSeconds = toNumber(config.MaximumEventAgeInSeconds)
	m.MaximumRetryAttempts = toNumber(config.MaximumRetryAttempts)
	object := func(arn string) types.Object {
		if arn == "" {
			return types.ObjectNull(destinationType)
		}
		return types.ObjectValueMust(destinationType, map[string]attr.Value{"destination": types.StringValue(arn)})
	}
	m.DestinationConfig = types.ObjectValueMust(destinationConfigType, map[string]attr.Value{
		"on_success": object(config.OnSuccess),
		"on_failure": object(config.OnFailure),
	})
	m.ID = types.StringValue(config.FunctionARN)
	m.FunctionARN = m.ID
	m.LastModified = types.StringNull()
	if !config.LastModified.IsZero() {
		m.LastModified = types.StringValue(config.LastModified.UTC().Format(time.RFC3339Nano))
	}
}

// The attributes are Numbers: the framework's Int32 reports a fraction or a large
// number as a conversion error, without the rule of the attribute.

// toInt32 returns n, or 0 if n is null or unknown.
func toInt32(n types.Number) int32 {
	if n.IsNull() || n.IsUnknown() {
		return 0
	}
	i, _ := n.ValueBigFloat().Int64()
	return int32(i) //nolint:gosec // validators and Lambda limit n
}

func toNumber(n int32) types.Number { return types.NumberValue(big.NewFloat(float64(n))) }

// optionalString returns s, or null if s is empty.
func optionalString(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// isKnown reports whether v is neither null nor unknown.
func isKnown(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }
