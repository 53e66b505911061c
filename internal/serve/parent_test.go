// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"os"
	"syscall"
	"testing"
)

// The numbers are those of Windows' errors.
func TestIsMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code syscall.Errno
		want bool
	}{
		"ERROR_INVALID_PARAMETER": {87, true},
		"ERROR_ACCESS_DENIED":     {5, false},
		"ERROR_INVALID_HANDLE":    {6, false},
	} {
		if got := isMissing(os.NewSyscallError("OpenProcess", test.code)); got != test.want {
			t.Errorf("%s: missing = %t", name, got)
		}
	}
}
