// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// resourceExample is a file of the resource's examples, with names instead of
// references to resources of hashicorp/aws.
func resourceExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/resources/awslambda_function_event_invoke_config/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(
		"aws_lambda_function.orders.arn", `"orders-worker"`, "aws_lambda_alias.live.arn", `"orders-worker:live"`,
	).Replace(string(text))
}

// TestExample applies what the documentation shows.
func TestExample(t *testing.T) {
	configuration := resourceExample(t, "resource.tf")
	api := NewAPI(t, emulator.Options{}, "orders-worker")
	api.Must(api.CreateAlias(Region, "orders-worker", "live", "$LATEST"))
	applied := api.Apply(configuration)
	applied.Check = func(*terraformState) error {
		return sameLines(api.Writes(), []string{
			put("orders-worker:$LATEST", 21600, 1, "", "arn:aws:sqs:us-east-1:123456789012:orders-failed"),
			put("orders-worker:live", 3600, 2, "arn:aws:events:us-east-1:123456789012:event-bus/results", "arn:aws:s3:::orders-failed"),
		})
	}
	api.Run(t, applied, api.Unchanged(configuration))
}

// TestImportExample has there already what the example above makes.
func TestImportExample(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "orders-worker")
	api.Must(api.CreateAlias(Region, "orders-worker", "live", "$LATEST"))
	api.Must(api.PutConfig(Region, "orders-worker", "", emulator.Config{
		MaximumRetryAttempts: new(1), OnFailure: "arn:aws:sqs:us-east-1:123456789012:orders-failed",
	}))
	api.Must(api.PutConfig(Region, "orders-worker", "live", emulator.Config{
		MaximumEventAgeInSeconds: new(3600), OnSuccess: "arn:aws:events:us-east-1:123456789012:event-bus/results", OnFailure: "arn:aws:s3:::orders-failed",
	}))
	imports := api.Apply(resourceExample(t, "resource.tf") + resourceExample(t, "import-by-identity.tf"))
	imports.ConfigPlanChecks.PreApply = append(imports.ConfigPlanChecks.PreApply, expectNoOps{})
	api.RunWhere(t, tfversion.SkipBelow(tfversion.Version1_12_0), imports)
}
