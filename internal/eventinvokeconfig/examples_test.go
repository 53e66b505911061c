// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"os"
	"testing"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestExample applies what the documentation shows.
func TestExample(t *testing.T) {
	example, err := os.ReadFile("../../examples/resources/awslambda_function_event_invoke_config/resource.tf")
	if err != nil {
		t.Fatal(err)
	}
	api := NewAPI(t, emulator.Options{}, "orders-worker")
	api.Must(api.CreateAlias(Region, "orders-worker", "live", "$LATEST"))
	applied := api.Apply(string(example))
	applied.Check = func(*terraformState) error {
		return sameLines(api.Writes(), []string{
			put("orders-worker:$LATEST", 21600, 1, "", "arn:aws:sqs:us-east-1:123456789012:orders-failed"),
			put("orders-worker:live", 3600, 2, "arn:aws:events:us-east-1:123456789012:event-bus/results", "arn:aws:s3:::orders-failed"),
		})
	}
	api.Run(t, applied, api.Unchanged(string(example)))
}
