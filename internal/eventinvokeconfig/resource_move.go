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
)

// moveSource is a resource type of another provider for the same configurations,
// whose state can be moved to the resource.
type moveSource struct {
	typeName  string
	versions  []int64 // of its schema, all with the same shape
	qualified bool    // whether its state always has a qualifier
}

// Terraform may name any provider as the source of a move: after a move of one
// instance it names the target's provider for the other instances, and OpenTofu
// before 1.12.4 names no registry. The type name is enough, since no other
// provider has a type of these names.
var moveSources = []moveSource{
	{"aws_lambda_function_event_invoke_config", []int64{0}, false},
	{"awscc_lambda_event_invoke_config", []int64{0, 1}, true},
}

// MoveState implements [resource.ResourceWithMoveState]. The provider is not
// configured then: a region or an account that the source does not say is
// filled in by the Read that follows, and so is what the service has.
func (r *configResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveState}}
}

func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	i := slices.IndexFunc(moveSources, func(m moveSource) bool { return m.typeName == req.SourceTypeName })
	if i < 0 {
		return // then Terraform says that there is no such move
	}
	source, err := moveSources[i].read(req)
	if err != nil {
		resp.Diagnostics.AddError("Cannot move the state of "+req.SourceTypeName, sentence(err.Error())+
			"\n\nTo bring the configuration under this resource all the same, take the old one out of the state without destroying it "+
			"(a removed block with lifecycle { destroy = false }), and import it.")
		return
	}
	state := source.model()
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, &state)...)
}

// read returns the source's state, or what of it is missing or not to be read.
func (m moveSource) read(req resource.MoveStateRequest) (sourceState, error) {
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
		err = s.readDestinations()
	}
	if err != nil {
		return s, fmt.Errorf("it cannot be read: %w", err)
	}
	switch {
	case s.FunctionName == "":
		return s, errors.New("it has no function_name")
	case s.Qualifier == "" && m.qualified:
		return s, errors.New("it has no qualifier")
	}
	ref, err := functionref.Parse(s.FunctionName)
	if err != nil {
		return s, fmt.Errorf("its function_name cannot be read: %w", err)
	}
	return s, s.check(ref)
}

// sourceState is the state of either of the move sources, as far as it matters.
type sourceState struct {
	ID                       string          `json:"id"`
	FunctionName             string          `json:"function_name"`
	Qualifier                string          `json:"qualifier"`
	Region                   string          `json:"region"`
	MaximumEventAgeInSeconds int32           `json:"maximum_event_age_in_seconds"` // 0 for never set, as hashicorp/aws keeps it
	MaximumRetryAttempts     *int32          `json:"maximum_retry_attempts"`
	DestinationConfig        json.RawMessage `json:"destination_config"`

	onSuccess, onFailure string // what DestinationConfig says
}

// readDestinations reads DestinationConfig.
func (s *sourceState) readDestinations() error {
	var both struct {
		OnSuccess json.RawMessage `json:"on_success"`
		OnFailure json.RawMessage `json:"on_failure"`
	}
	var onSuccess, onFailure struct {
		Destination string `json:"destination"`
	}
	if err := nested("destination_config", s.DestinationConfig, &both); err != nil {
		return err
	}
	err := errors.Join(nested("on_success", both.OnSuccess, &onSuccess), nested("on_failure", both.OnFailure, &onFailure))
	s.onSuccess, s.onFailure = onSuccess.Destination, onFailure.Destination
	return err
}

// nested reads a nested object, which may be none: hashicorp/aws keeps a list
// of at most one, and awscc the object itself, or null.
func nested(name string, data json.RawMessage, object any) error {
	list := []json.RawMessage{data}
	if bytes.HasPrefix(data, []byte("[")) {
		if err := json.Unmarshal(data, &list); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(list) > 1 {
		return fmt.Errorf("%s stands %d times where it may stand once", name, len(list))
	}
	if len(list) == 0 || list[0] == nil {
		return nil
	}
	if err := json.Unmarshal(list[0], object); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// check returns an error where two parts of the state say different things;
// ref is its function_name.
func (s sourceState) check(ref functionref.Ref) error {
	qualifier := cmp.Or(s.Qualifier, ref.Qualified().Qualifier)
	if ref.Qualifier != "" && ref.Qualifier != qualifier {
		return fmt.Errorf("its qualifier is %q, but its function_name %q carries another one", s.Qualifier, s.FunctionName)
	}
	if s.Region != "" && ref.Region != "" && s.Region != ref.Region {
		return fmt.Errorf("its region is %q, but its function_name %q carries another one", s.Region, s.FunctionName)
	}
	// hashicorp/aws joins the two by a colon, and awscc by a bar.
	if own := strings.Replace(s.ID, "|", ":", 1); own != s.FunctionName+":"+s.Qualifier {
		id, err := functionref.Parse(own)
		if err == nil && (!id.SameFunction(ref) || id.Qualified().Qualifier != qualifier) {
			return fmt.Errorf("its id %q is not that of function_name = %q with qualifier = %q", s.ID, s.FunctionName, s.Qualifier)
		}
	}
	return nil
}

// model is the state to begin with. Its ID is null: the first read fills it in.
func (s sourceState) model() resourceModel {
	m := imported(lambdaapi.Target{})
	var answered lambdaapi.Config
	answered.MaximumEventAgeInSeconds = cmp.Or(s.MaximumEventAgeInSeconds, lambdaapi.DefaultEventAgeSeconds)
	answered.MaximumRetryAttempts = lambdaapi.DefaultRetryAttempts
	if s.MaximumRetryAttempts != nil {
		answered.MaximumRetryAttempts = *s.MaximumRetryAttempts
	}
	answered.OnSuccess, answered.OnFailure = s.onSuccess, s.onFailure
	m.set(answered)
	m.ID, m.FunctionARN = types.StringNull(), types.StringNull()

	optional := func(s string) types.String {
		if s == "" {
			return types.StringNull()
		}
		return types.StringValue(s)
	}
	m.FunctionName, m.Qualifier, m.Region = types.StringValue(s.FunctionName), optional(s.Qualifier), optional(s.Region)
	return m
}
