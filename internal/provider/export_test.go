// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"
	"time"
)

// SetAccountTimeout sets the timeout of the call for the account during a test.
func SetAccountTimeout(t *testing.T, d time.Duration) { set(t, &accountTimeout, d) }

// SetMissingTTL sets how long missing credentials are cached during a test.
func SetMissingTTL(t *testing.T, d time.Duration) { set(t, &missingTTL, d) }

func set(t *testing.T, variable *time.Duration, d time.Duration) {
	t.Helper()
	before := *variable
	*variable = d
	t.Cleanup(func() { *variable = before })
}
