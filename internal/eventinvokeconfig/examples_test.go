// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// resourceExample is a file of the resource's examples.
func resourceExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/resources/awslambda_function_event_invoke_config/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAccExample applies what the documentation shows.
func TestAccExample(t *testing.T) {
	configuration := resourceExample(t, "resource.tf")
	api := acctest.NewAPI(t, emulator.Options{}, "orders-worker")
	api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
	applied := api.ApplyStep(configuration)
	applied.Check = func(*terraform.State) error {
		return acctest.CompareUnordered(api.WriteLines(), []string{
			acctest.PutRequest("orders-worker:$LATEST", 21600, 1, "", "arn:aws:sqs:us-east-1:123456789012:orders-failed"),
			acctest.PutRequest("orders-worker:live", 3600, 2, "arn:aws:events:us-east-1:123456789012:event-bus/results", "arn:aws:s3:::orders-failed"),
		})
	}
	api.ParallelTest(t, applied, api.NoOpStep(configuration))
}

// TestAccImportExample has there already what the example above makes.
func TestAccImportExample(t *testing.T) {
	skipWithoutIdentities(t)
	api := acctest.NewAPI(t, emulator.Options{}, "orders-worker")
	api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "orders-worker", "", emulator.Config{
		MaximumRetryAttempts: new(1), OnFailure: "arn:aws:sqs:us-east-1:123456789012:orders-failed",
	}))
	api.Must(api.PutConfig(acctest.Region, "orders-worker", "live", emulator.Config{
		MaximumEventAgeInSeconds: new(3600), OnSuccess: "arn:aws:events:us-east-1:123456789012:event-bus/results", OnFailure: "arn:aws:s3:::orders-failed",
	}))
	imports := api.ApplyStep(resourceExample(t, "resource.tf") + resourceExample(t, "import-by-identity.tf"))
	imports = acctest.WithPlanCheck(expectNoOps{}, imports)
	api.ParallelTest(t, imports)
}
