// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import "golang.org/x/time/rate"

// allow takes a token from the region's bucket. It returns false if the bucket is empty.
// The caller must hold e.mu.
func (e *Emulator) allow(region string) bool {
	if e.options.RequestsPerSecond == 0 {
		return true
	}
	limit, ok := e.limits[region]
	if !ok {
		limit = rate.NewLimiter(rate.Limit(e.options.RequestsPerSecond), e.options.Burst)
		e.limits[region] = limit
	}
	return limit.AllowN(e.options.Clock(), 1)
}
