// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// The timeouts of operations without an argument in timeouts.
const (
	defaultWriteTimeout  = 5 * time.Minute
	defaultReadTimeout   = 2 * time.Minute
	defaultRegionTimeout = 20 * time.Minute // of a data source that reads a whole region
)

// minutes formats d as configurations do: 5m instead of 5m0s.
func minutes(d time.Duration) string { return fmt.Sprintf("%dm", int(d.Minutes())) }

// timeoutFunc returns the value of an argument in timeouts, or the default.
type timeoutFunc func(ctx context.Context, defaultTimeout time.Duration) (time.Duration, diag.Diagnostics)

// timeoutAtLeast returns timeout raised to at least least. A refresh uses the
// value in state. If that value is too short, every run fails, including the run
// that would raise it.
func timeoutAtLeast(least time.Duration, timeout timeoutFunc) timeoutFunc {
	return func(ctx context.Context, defaultTimeout time.Duration) (time.Duration, diag.Diagnostics) {
		d, diags := timeout(ctx, defaultTimeout)
		return max(d, least), diags
	}
}

// withTimeout returns ctx with the deadline that timeout returns. A timeout of
// zero or less, which the state of an earlier version may have, counts as the
// default.
func withTimeout(
	ctx context.Context, timeout timeoutFunc, defaultTimeout time.Duration, diags *diag.Diagnostics,
) (context.Context, context.CancelFunc) {
	d, errs := timeout(ctx, defaultTimeout)
	diags.Append(errs...)
	if d <= 0 {
		d = defaultTimeout
	}
	return context.WithTimeout(ctx, d)
}
