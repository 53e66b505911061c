// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

const (
	queue  = "arn:aws:sqs:us-east-1:123456789012:q"
	topic  = "arn:aws:sns:us-east-1:123456789012:t"
	bucket = "arn:aws:s3:::failures"
	bus    = "arn:aws:events:us-east-1:123456789012:event-bus/results"
	arnOfF = "arn:aws:lambda:us-east-1:123456789012:function:f"
)

// destinations returns destination_config with the sides that are not empty.
func destinations(onSuccess, onFailure string) string {
	side := func(name, arn string) string {
		if arn == "" {
			return ""
		}
		return fmt.Sprintf("%s = { destination = %q }\n", name, arn)
	}
	return "destination_config = {\n" + side("on_success", onSuccess) + side("on_failure", onFailure) + "}"
}

// put is the line that a Put of everything is printed as.
func put(target string, age, retries int, onSuccess, onFailure string) string {
	return fmt.Sprintf(`Put %s {"DestinationConfig":%s,"MaximumEventAgeInSeconds":%d,"MaximumRetryAttempts":%d}`,
		target, sides(onSuccess, onFailure), age, retries)
}

// sides is DestinationConfig as it is sent.
func sides(onSuccess, onFailure string) string {
	side := func(arn string) string {
		if arn == "" {
			return "{}"
		}
		return fmt.Sprintf(`{"Destination":%q}`, arn)
	}
	return fmt.Sprintf(`{"OnFailure":%s,"OnSuccess":%s}`, side(onFailure), side(onSuccess))
}

// bothUpdates runs a test against both things that Update may do with a side
// that is not sent.
func bothUpdates(t *testing.T, test func(*testing.T, *acctest.API)) {
	t.Helper()
	for _, mode := range []emulator.UpdateDestinations{emulator.Replace, emulator.Merge} {
		t.Run(string(mode), func(t *testing.T) {
			test(t, acctest.NewAPI(t, emulator.Options{UpdateDestinations: mode}, "f"))
		})
	}
}

type terraformState = terraform.State

// sameLines compares what was sent without regard to order: Terraform works
// on resources that do not depend on each other at the same time.
func sameLines(got, want []string) error {
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("sent:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
}

// expectNoOps is a plan check that every resource, imported or not, stays as
// it is.
type expectNoOps struct{}

func (expectNoOps) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if !change.Change.Actions.NoOp() {
			resp.Error = errors.Join(resp.Error, fmt.Errorf("%s: %v planned", change.Address, change.Change.Actions))
		}
	}
}

// eachUpdated returns step with a check that an update is planned for each of
// the named resources.
func eachUpdated(step resource.TestStep, names []string) resource.TestStep {
	for _, name := range names {
		step.ConfigPlanChecks.PreApply = append(step.ConfigPlanChecks.PreApply,
			plancheck.ExpectResourceAction(acctest.Type+"."+name, plancheck.ResourceActionUpdate))
	}
	return step
}

// behind is a plan check that does something between plan and apply.
type behind func()

func (do behind) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	do()
}
