// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package lifecycletest has acceptance tests of create, update, drift, replacement
// and removal of the resource, with faults of the API and a CLI that is killed.
// They are apart from the tests of eventinvokeconfig so that go test runs the two
// packages in parallel.
package lifecycletest

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

const (
	functionARN = acctest.FunctionARN
	queue       = acctest.QueueARN
	topic       = acctest.TopicARN
	bucket      = acctest.BucketARN
	eventBus    = acctest.EventBusARN

	resourceX = acctest.Type + ".x"
)

// Operations of faults.
const (
	listConfigs  = "ListFunctionEventInvokeConfigs"
	getConfig    = "GetFunctionEventInvokeConfig"
	putConfig    = "PutFunctionEventInvokeConfig"
	updateConfig = "UpdateFunctionEventInvokeConfig"
	deleteConfig = "DeleteFunctionEventInvokeConfig"
)

// inBothUpdateModes runs a test twice: with an Update that removes a destination
// that is not sent, and with an Update that keeps it. The API has the function f.
func inBothUpdateModes(t *testing.T, test func(*testing.T, *acctest.API)) {
	t.Helper()
	for _, mode := range []emulator.UpdateDestinations{emulator.Replace, emulator.Merge} {
		t.Run(string(mode), func(t *testing.T) {
			test(t, acctest.NewAPI(t, emulator.Options{UpdateDestinations: mode}, "f"))
		})
	}
}

// withUpdates returns step with checks that updates of the named resources are
// planned.
func withUpdates(step resource.TestStep, names []string) resource.TestStep {
	for _, name := range names {
		step = acctest.WithPlanCheck(
			plancheck.ExpectResourceAction(acctest.Type+"."+name, plancheck.ResourceActionUpdate), step)
	}
	return step
}

// updateDestinations returns the line of an Update of both destinations of f.
func updateDestinations(onSuccess, onFailure string) string {
	return `Update f:$LATEST {"DestinationConfig":` + acctest.DestinationJSON(onSuccess, onFailure) + `}`
}

// withFaults returns step with faults that the next requests meet, in order.
func withFaults(api *acctest.API, step resource.TestStep, faults ...emulator.Fault) resource.TestStep {
	return acctest.WithPreConfig(func() {
		api.ClearFaults()
		for _, f := range faults {
			api.AddFault(f)
		}
	}, step)
}
