// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// movable is a resource of another provider for the same thing, whose state
// can be taken over.
type movable struct {
	provider string // without the registry's host
	typeName string
	versions []int64 // that its schema has had; the shape is the same in all of them
}

var movables = []movable{
	{"hashicorp/aws", "aws_lambda_function_event_invoke_config", []int64{0}},
	{"hashicorp/awscc", "awscc_lambda_event_invoke_config", []int64{0, 1}},
}

// MoveState implements [resource.ResourceWithMoveState]. The provider is not
// configured then: a region or an account that the source does not say is
// filled in by the Read that follows, and so is what the service has.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{{StateMover: moveState}}
}

func moveState(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
	i := slices.IndexFunc(movables, func(m movable) bool {
		return m.typeName == req.SourceTypeName && strings.HasSuffix(req.SourceProviderAddress, "/"+m.provider)
	})
	if i < 0 {
		return // then Terraform says that there is no such move
	}
	fail := func(format string, args ...any) {
		resp.Diagnostics.AddError("Cannot move the state of "+req.SourceTypeName, fmt.Sprintf(format, args...)+
			"\n\nTo bring the configuration under this resource all the same, take the old one out of the state without destroying it "+
			"(a removed block with lifecycle { destroy = false }), and import it.")
	}
	if !slices.Contains(movables[i].versions, req.SourceSchemaVersion) {
		fail("It has the schema version %d, and only %v can be read.", req.SourceSchemaVersion, movables[i].versions)
		return
	}
	if req.SourceRawState == nil || req.SourceRawState.JSON == nil {
		fail("It is not in the JSON form that Terraform 0.12 and later write.")
		return
	}
	var source sourceState
	if err := json.Unmarshal(req.SourceRawState.JSON, &source); err != nil {
		fail("It cannot be read: %s.", err)
		return
	}
	if source.FunctionName == "" {
		fail("It has no function_name.")
		return
	}
	if _, err := functionref.Parse(source.FunctionName); err != nil {
		fail("Its function_name cannot be read: %s.", err)
		return
	}
	state := source.model()
	resp.Diagnostics.Append(resp.TargetState.Set(ctx, &state)...)
}

// sourceState is the state of either of the movables, as far as it matters.
type sourceState struct {
	FunctionName             string `json:"function_name"`
	Qualifier                string `json:"qualifier"`
	Region                   string `json:"region"`
	MaximumEventAgeInSeconds *int32 `json:"maximum_event_age_in_seconds"`
	MaximumRetryAttempts     *int32 `json:"maximum_retry_attempts"`
	DestinationConfig        block[struct {
		OnSuccess block[sourceSide] `json:"on_success"`
		OnFailure block[sourceSide] `json:"on_failure"`
	}] `json:"destination_config"`
}

type sourceSide struct {
	Destination string `json:"destination"`
}

// block is a nested object: hashicorp/aws keeps a list of at most one, and
// awscc the object itself, or null.
type block[T any] struct{ value T }

// UnmarshalJSON implements [json.Unmarshaler].
func (b *block[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, &b.value)
	}
	var list []T
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) > 1 {
		return fmt.Errorf("a block stands %d times where it may stand once", len(list))
	}
	if len(list) == 1 {
		b.value = list[0]
	}
	return nil
}

// model is the state to begin with. Its ID is null: the first read fills it in.
func (s sourceState) model() model {
	m := imported(lambdaapi.Target{})
	var answered lambdaapi.Config
	answered.MaximumEventAgeInSeconds = lambdaapi.DefaultEventAgeSeconds
	if s.MaximumEventAgeInSeconds != nil && *s.MaximumEventAgeInSeconds != 0 { // hashicorp/aws keeps 0 for never set
		answered.MaximumEventAgeInSeconds = *s.MaximumEventAgeInSeconds
	}
	answered.MaximumRetryAttempts = lambdaapi.DefaultRetryAttempts
	if s.MaximumRetryAttempts != nil {
		answered.MaximumRetryAttempts = *s.MaximumRetryAttempts
	}
	answered.OnSuccess = s.DestinationConfig.value.OnSuccess.value.Destination
	answered.OnFailure = s.DestinationConfig.value.OnFailure.value.Destination
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
