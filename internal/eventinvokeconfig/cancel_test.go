// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// An interrupt ends retries that would continue for an hour.
func TestAccCancel_endsRetries(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t,
		api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f", `timeouts = { create = "1h" }`))
	var output strings.Builder
	tf.SetStderr(&output)
	api.AddFault(emulator.Fault{
		Operation: "PutFunctionEventInvokeConfig", Times: 1_000_000,
		Status: 409, Code: "ResourceConflictException", Message: "busy",
	})

	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tf.Apply(ctx) }()
	for conflicts := 0; conflicts < 2; { // the second request shows that the client has the first response
		select {
		case err := <-done:
			t.Fatalf("ended before the interrupt: %v\n%s", err, output.String())
		case <-time.After(10 * time.Millisecond):
		}
		conflicts = 0
		for _, r := range api.Requests() {
			if r.Status == 409 {
				conflicts++
			}
		}
	}
	interrupt()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the interrupted apply succeeded")
		}
	case <-time.After(time.Minute):
		t.Fatal("the retries continue after the interrupt")
	}
	expectWords(t, output.String(), "was canceled", "409 ResourceConflictException: busy")
	expectLines(t, "in the API", api.Configs(), nil)

	api.ClearFaults()
	api.Must(tf.Apply(t.Context()))
}
