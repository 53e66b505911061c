// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// logAttempts returns a function that logs an attempt of a call at level DEBUG.
// It does not log headers and bodies, which contain credentials.
func logAttempts(secrets *redact.Secrets) func(context.Context, lambdaapi.Attempt) {
	return func(ctx context.Context, a lambdaapi.Attempt) {
		fields := map[string]any{
			"operation":   a.Operation,
			"function":    a.Target.Function.Name,
			"qualifier":   a.Target.Qualifier,
			"region":      a.Target.Region,
			"attempt":     a.Number,
			"duration_ms": a.Duration.Milliseconds(),
			"status":      a.Status,
			"request_id":  secrets.Excerpt(a.RequestID),
		}
		if a.Err != nil {
			fields["error"] = secrets.Excerpt(a.Err.Error())
		}
		tflog.Debug(ctx, "Lambda call", fields)
	}
}
