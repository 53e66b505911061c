// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	ordersQueue   = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
	ordersBucket  = "arn:aws:s3:::orders-failed"
	ordersResults = "arn:aws:events:us-east-1:123456789012:event-bus/results"
)

// readResourceExample reads a file of the resource's examples, with names instead of
// references to resources of hashicorp/aws.
func readResourceExample(t *testing.T, name string) string {
	t.Helper()
	return strings.NewReplacer(
		"aws_lambda_function.orders.arn", `"orders-worker"`, "aws_lambda_alias.live.arn", `"orders-worker:live"`,
	).Replace(readExample(t, "resources/"+acctest.Type+"/"+name))
}

// newOrdersExampleAPI returns an API with the configurations of the resource's
// example.
func newOrdersExampleAPI(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{}, "orders-worker")
	api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "orders-worker", "", emulator.Config{
		MaximumRetryAttempts: new(1), OnFailure: ordersQueue,
	}))
	api.Must(api.PutConfig(acctest.Region, "orders-worker", "live", emulator.Config{
		MaximumEventAgeInSeconds: new(3600), OnSuccess: ordersResults, OnFailure: ordersBucket,
	}))
	return api
}

func TestAccImportExample_byIdentity(t *testing.T) {
	skipWithoutIdentities(t)
	api := newOrdersExampleAPI(t)
	configuration := readResourceExample(t, "resource.tf") +
		readResourceExample(t, "import-by-identity.tf")
	api.ParallelTest(t, acctest.WithPlanCheck(expectNoOps{}, api.ApplyStep(configuration)))
}
