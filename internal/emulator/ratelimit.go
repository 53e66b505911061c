// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import "golang.org/x/time/rate"

// admit takes a token from the region's bucket and returns false where there
// is none. It is called under the lock.
func (e *Emulator) admit(region string) bool {
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
