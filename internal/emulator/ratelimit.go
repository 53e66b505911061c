// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import "time"

// bucket is the token bucket of a region.
type bucket struct {
	tokens float64
	at     time.Time // when tokens was right
}

// admit takes a token from the region's bucket and returns false where there
// is none. It is called under the lock.
func (e *Emulator) admit(region string) bool {
	rate, burst := e.options.RequestsPerSecond, float64(e.options.Burst)
	if rate == 0 {
		return true
	}
	now := e.options.Clock()
	b, ok := e.buckets[region]
	if !ok {
		b = &bucket{tokens: burst, at: now}
		e.buckets[region] = b
	}
	b.tokens = min(burst, b.tokens+rate*now.Sub(b.at).Seconds())
	b.at = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
