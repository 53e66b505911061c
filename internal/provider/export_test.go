// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"
	"time"
)

// SetAccountTime sets the limit of the call for the account during a test.
func SetAccountTime(t *testing.T, d time.Duration) {
	t.Helper()
	before := accountTime
	accountTime = d
	t.Cleanup(func() { accountTime = before })
}

// SetNoneTime sets how long missing credentials are remembered, for the test.
func SetNoneTime(t *testing.T, d time.Duration) {
	t.Helper()
	before := noneTime
	noneTime = d
	t.Cleanup(func() { noneTime = before })
}
