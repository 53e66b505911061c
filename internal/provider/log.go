// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// logAttempt writes one attempt at a call to Terraform's log, at DEBUG. It says
// nothing of headers and bodies: those carry credentials.
func logAttempt(ctx context.Context, a lambdaapi.Attempt) {
	fields := map[string]any{
		"operation":   a.Operation,
		"function":    a.Target.Function.Name,
		"qualifier":   a.Target.Qualifier,
		"region":      a.Target.Region,
		"attempt":     a.Number,
		"duration_ms": a.Duration.Milliseconds(),
		"status":      a.Status,
		"request_id":  a.RequestID,
	}
	if a.Err != nil {
		fields["error"] = lambdaapi.Redact(a.Err.Error())
	}
	tflog.Debug(ctx, "Lambda call", fields)
}
