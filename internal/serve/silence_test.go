// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"os"
	"strings"
	"testing"
)

// Every variable that asks for a log keeps the loggers as they are.
func TestSilenceEndsWhereALogIsAskedFor(t *testing.T) {
	const logger = "TF_LOG_SDK"
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TF_LOG") {
			t.Setenv(name, "")
		}
	}
	for _, asked := range []string{"", "TF_LOG", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_AWSLAMBDA", "TF_LOG_SDK_PROTO"} {
		t.Run("asked by "+asked, func(t *testing.T) {
			want := "OFF"
			t.Setenv(logger, "")
			if asked != "" {
				t.Setenv(asked, "DEBUG")
				want = ""
			}
			silence()
			if got := os.Getenv(logger); got != want {
				t.Errorf("%s = %q, want %q", logger, got, want)
			}
		})
	}
}
