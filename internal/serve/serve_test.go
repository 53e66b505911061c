// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
)

func TestDisableSDKLogs_keepsLogsIfVariableIsSet(t *testing.T) {
	const logger = "TF_LOG_SDK"
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TF_LOG") {
			t.Setenv(name, "")
		}
	}
	for _, variable := range []string{"", "TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_AWSLAMBDA", "TF_LOG_SDK_PROTO"} {
		t.Run("variable "+variable, func(t *testing.T) {
			want := "OFF"
			t.Setenv(logger, "")
			if variable != "" {
				t.Setenv(variable, "DEBUG")
				want = ""
			}
			disableSDKLogs()
			if got := os.Getenv(logger); got != want {
				t.Errorf("%s = %q, want %q", logger, got, want)
			}
		})
	}
}

func TestDelayGC_keepsGOGC(t *testing.T) {
	const before = 50
	for gogc, want := range map[string]int{"50": before, "off": before, "": 1000} {
		t.Run("GOGC="+gogc, func(t *testing.T) {
			t.Setenv("GOGC", gogc)
			defer debug.SetGCPercent(debug.SetGCPercent(before))
			delayGC()
			if got := debug.SetGCPercent(before); got != want {
				t.Errorf("GC percent %d, want %d", got, want)
			}
		})
	}
}

func TestIsMissingProcess(t *testing.T) {
	t.Parallel()
	for code, want := range map[syscall.Errno]bool{ // error codes of Windows
		87: true,  // ERROR_INVALID_PARAMETER
		5:  false, // ERROR_ACCESS_DENIED
		6:  false, // ERROR_INVALID_HANDLE
	} {
		if got := isMissingProcess(os.NewSyscallError("OpenProcess", code)); got != want {
			t.Errorf("code %d: got %t", code, got)
		}
	}
}
