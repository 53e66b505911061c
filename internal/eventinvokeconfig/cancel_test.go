// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccCancelStopsAWait interrupts the CLI while the service goes on refusing,
// long before the wait would end by itself.
func TestAccCancelStopsAWait(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f", `timeouts = { create = "1h" }`))
	var output strings.Builder
	tf.SetStderr(&output)
	api.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Times: 1_000_000, Status: 409, Code: "ResourceConflictException", Message: "busy"})

	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- tf.Apply(ctx) }()
	for refused := 0; refused < 2; { // a second attempt shows that the client has the first response
		select {
		case err := <-done:
			t.Fatalf("ended before it was interrupted: %v\n%s", err, output.String())
		case <-time.After(10 * time.Millisecond):
		}
		refused = 0
		for _, r := range api.Requests() {
			if r.Status == 409 {
				refused++
			}
		}
	}
	interrupt()
	select {
	case err := <-done:
		if err == nil {
			t.Error("the apply that was interrupted succeeded")
		}
	case <-time.After(time.Minute):
		t.Fatal("the wait went on after the interrupt")
	}
	if !strings.Contains(output.String(), "was canceled") || !strings.Contains(output.String(), "409 ResourceConflictException: busy") {
		t.Errorf("the CLI does not say what was canceled:\n%s", output.String())
	}
	if len(api.Configs()) != 0 || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("left: %q", api.Configs())
	}

	// The next run goes on as if nothing had been.
	api.ClearFaults()
	if err := tf.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
}
