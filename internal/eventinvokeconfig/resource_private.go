// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// objectKey is the key of the object in private state.
const objectKey = "object"

// privateObject is the format of a [session.Object] in private state.
type privateObject struct {
	Token    session.Token `json:"token"`
	ARN      string        `json:"arn"`
	Shared   bool          `json:"shared,omitempty"`
	Repeated session.Token `json:"repeated,omitempty"`
	Unsure   bool          `json:"unsure,omitempty"`
}

// privateState is the private state of a request or response. The framework does
// not export its type.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// readObject returns the object in private state, with the ARN of state if it has
// one. If private state contains no object, the token is empty.
func readObject(
	ctx context.Context, private privateState, state resourceModel, diags *diag.Diagnostics,
) session.Object {
	data, d := private.GetKey(ctx, objectKey)
	diags.Append(d...)
	var object privateObject
	if data != nil {
		if err := json.Unmarshal(data, &object); err != nil {
			object = privateObject{} // of another version: the object gets a new token
		}
	}
	if arn := state.ID.ValueString(); arn != "" {
		object.ARN = arn
	}
	return session.Object(object)
}

// writeObject sets the object in private state.
func writeObject(ctx context.Context, private privateState, object session.Object, diags *diag.Diagnostics) {
	data, _ := json.Marshal(privateObject(object)) // only strings and bools: Marshal cannot fail
	diags.Append(private.SetKey(ctx, objectKey, data)...)
}
