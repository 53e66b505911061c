// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// moveSource is a resource type of another provider whose state can be moved to
// the resource.
type moveSource struct {
	typeName     string
	versions     []int64 // schema versions of the same shape
	hasQualifier bool    // whether state always contains a qualifier
}

// moveSources are identified by type name alone, which no other provider uses.
// Terraform may name any provider as the source: after a move of one instance, it
// names the target's provider for the other instances. OpenTofu before 1.12.4
// names no registry.
var moveSources = []moveSource{
	{"aws_lambda_function_event_invoke_config", []int64{0}, false},
	{"awscc_lambda_event_invoke_config", []int64{0, 1}, true},
}

// MoveState implements [resource.ResourceWithMoveState]. Terraform calls it
// without configuring the provider. The Read that follows adds the region and the
// account if the source state contains none, and the ARN.
func (r *configResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveState}}
}

func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	i := slices.IndexFunc(moveSources, func(m moveSource) bool { return m.typeName == req.SourceTypeName })
	if i < 0 {
		return // Terraform reports that the move is not supported
	}
	source, err := moveSources[i].parseState(req)
	if err != nil {
		resp.Diagnostics.AddError(summaries.CannotMove, fmt.Sprintf(
			"The state of %s cannot be moved. %s\n\nTo manage the configuration with this resource, remove the old resource "+
				"from state without destroying it (a removed block with lifecycle { destroy = false }), and import the "+
				"configuration.",
			req.SourceTypeName, asSentence(err.Error())))
		return
	}
	state := source.resourceModel()
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, &state)...)
}

// parseState returns the source state, or an error if a part is missing or
// invalid.
func (m moveSource) parseState(req resource.MoveStateRequest) (sourceState, error) {
	var s sourceState
	if !slices.Contains(m.versions, req.SourceSchemaVersion) {
		return s, fmt.Errorf("it has the schema version %d, and this provider reads only %s",
			req.SourceSchemaVersion, strings.Trim(fmt.Sprint(m.versions), "[]"))
	}
	if req.SourceRawState == nil || req.SourceRawState.JSON == nil {
		return s, errors.New("it is not in the JSON form that Terraform 0.12 and later write")
	}
	err := json.Unmarshal(req.SourceRawState.JSON, &s)
	if err == nil {
		err = s.parseDestinations()
	}
	if err != nil {
		return s, fmt.Errorf("it cannot be read: %w", err)
	}
	switch {
	case s.FunctionName == "":
		return s, errors.New("it has no function_name")
	case s.Qualifier == "" && m.hasQualifier:
		return s, errors.New("it has no qualifier")
	}
	ref, err := functionref.Parse(s.FunctionName)
	if err != nil {
		return s, fmt.Errorf("its function_name cannot be read: %w", err)
	}
	return s, s.checkConsistency(ref)
}

// sourceState is the state of a move source.
type sourceState struct {
	ID                       string          `json:"id"`
	FunctionName             string          `json:"function_name"`
	Qualifier                string          `json:"qualifier"`
	Region                   string          `json:"region"`
	MaximumEventAgeInSeconds int32           `json:"maximum_event_age_in_seconds"` // hashicorp/aws: 0 if never set
	MaximumRetryAttempts     *int32          `json:"maximum_retry_attempts"`
	DestinationConfig        json.RawMessage `json:"destination_config"`

	onSuccess, onFailure string // from DestinationConfig
}

// parseDestinations sets onSuccess and onFailure.
func (s *sourceState) parseDestinations() error {
	var config struct {
		OnSuccess json.RawMessage `json:"on_success"`
		OnFailure json.RawMessage `json:"on_failure"`
	}
	var onSuccess, onFailure struct {
		Destination string `json:"destination"`
	}
	if err := parseNested("destination_config", s.DestinationConfig, &config); err != nil {
		return err
	}
	err := errors.Join(
		parseNested("on_success", config.OnSuccess, &onSuccess),
		parseNested("on_failure", config.OnFailure, &onFailure))
	s.onSuccess, s.onFailure = onSuccess.Destination, onFailure.Destination
	return err
}

// parseNested parses an optional nested object: a list of at most one object in
// the state of hashicorp/aws, the object itself or null in that of awscc.
func parseNested(name string, data json.RawMessage, object any) error {
	list := []json.RawMessage{data}
	if bytes.HasPrefix(data, []byte("[")) {
		if err := json.Unmarshal(data, &list); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(list) > 1 {
		return fmt.Errorf("%s has %d blocks instead of at most one", name, len(list))
	}
	if len(list) == 0 || list[0] == nil {
		return nil
	}
	if err := json.Unmarshal(list[0], object); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// checkConsistency returns an error if two parts of s contradict each other. ref
// is its function_name.
func (s sourceState) checkConsistency(ref functionref.Ref) error {
	qualifier := cmp.Or(s.Qualifier, ref.Qualified().Qualifier)
	if ref.Qualifier != "" && ref.Qualifier != qualifier {
		return fmt.Errorf("its qualifier is %q, but its function_name is %q", s.Qualifier, s.FunctionName)
	}
	if s.Region != "" && ref.Region != "" && s.Region != ref.Region {
		return fmt.Errorf("its region is %q, but its function_name is %q", s.Region, s.FunctionName)
	}
	// The separator in id is a colon for hashicorp/aws, and a bar for awscc.
	if own := strings.Replace(s.ID, "|", ":", 1); own != s.FunctionName+":"+s.Qualifier {
		id, err := functionref.Parse(own)
		if err == nil && (!id.MayBeSameFunction(ref) || id.Qualified().Qualifier != qualifier) {
			return fmt.Errorf("its id is %q, but its function_name is %q and its qualifier is "+
				"%q", s.ID, s.FunctionName, s.Qualifier)
		}
	}
	return nil
}

// resourceModel returns the state of the moved object before its first read. The
// ID is null.
func (s sourceState) resourceModel() resourceModel {
	m := newResourceModel(lambdaapi.Target{})
	settings := lambdaapi.Settings{
		MaximumEventAgeInSeconds: cmp.Or(s.MaximumEventAgeInSeconds, lambdaapi.DefaultEventAgeSeconds),
		MaximumRetryAttempts:     lambdaapi.DefaultRetryAttempts,
		OnSuccess:                s.onSuccess,
		OnFailure:                s.onFailure,
	}
	if s.MaximumRetryAttempts != nil {
		settings.MaximumRetryAttempts = *s.MaximumRetryAttempts
	}
	m.setConfig(lambdaapi.Config{Settings: settings})
	m.ID, m.FunctionARN = types.StringNull(), types.StringNull()
	m.FunctionName = types.StringValue(s.FunctionName)
	m.Qualifier, m.Region = optionalString(s.Qualifier), optionalString(s.Region)
	return m
}
