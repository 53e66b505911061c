// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import "github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"

// NewWithoutCache returns a session without a read cache.
func NewWithoutCache(client *lambdaapi.Client) *Session {
	return &Session{client: client, api: client}
}
