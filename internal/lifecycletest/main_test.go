// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package lifecycletest has acceptance tests of the life of resources: create,
// change, drift, replacement and removal, with faults and a CLI that is killed.
// The acceptance tests of eventinvokeconfig are two packages, so that go test
// runs them at the same time.
package lifecycletest

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestMain(m *testing.M) { os.Exit(MainInBothModes(m)) }

// bothUpdates runs a test against both things that Update may do with a side
// that is not sent. The API has the function f.
func bothUpdates(t *testing.T, test func(*testing.T, *API)) {
	t.Helper()
	for _, mode := range []emulator.UpdateDestinations{emulator.Replace, emulator.Merge} {
		t.Run(string(mode), func(t *testing.T) {
			test(t, NewAPI(t, emulator.Options{UpdateDestinations: mode}, "f"))
		})
	}
}

// eachUpdated returns step with a check that an update is planned for each of
// the named resources.
func eachUpdated(step resource.TestStep, names []string) resource.TestStep {
	for _, name := range names {
		step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply,
			plancheck.ExpectResourceAction(Type+"."+name, plancheck.ResourceActionUpdate))
	}
	return step
}
