// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"runtime/debug"
	"testing"
)

func TestDelayCollection_keepsGOGC(t *testing.T) {
	const before = 50
	for _, test := range []struct {
		variable string
		want     int
	}{{"50", before}, {"off", before}, {"", 1000}} {
		t.Run("GOGC="+test.variable, func(t *testing.T) {
			t.Setenv("GOGC", test.variable)
			defer debug.SetGCPercent(debug.SetGCPercent(before))
			delayCollection()
			if got := debug.SetGCPercent(before); got != test.want {
				t.Errorf("GC percent %d, want %d", got, test.want)
			}
		})
	}
}
