// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// Destinations in Account and Region.
const (
	Queue  = "arn:aws:sqs:us-east-1:123456789012:q"
	Topic  = "arn:aws:sns:us-east-1:123456789012:t"
	Bucket = "arn:aws:s3:::failures"
	Bus    = "arn:aws:events:us-east-1:123456789012:event-bus/results"
)

// ARNOfF is the ARN of the function f.
const ARNOfF = "arn:aws:lambda:us-east-1:123456789012:function:f"

// Unreachable is a URL where nothing accepts connections. The system assigns its
// port to no server of another test, as it may do with the port of a server that
// was closed.
const Unreachable = "http://127.0.0.1:1"

// Later is HCL for [fmt.Sprintf]: terraform_data.later.output is known only
// after apply.
const Later = `
resource "terraform_data" "later" { input = %q }
`

// Destinations returns destination_config with the sides that are not empty.
func Destinations(onSuccess, onFailure string) string {
	side := func(name, arn string) string {
		if arn == "" {
			return ""
		}
		return fmt.Sprintf("%s = { destination = %q }\n", name, arn)
	}
	return "destination_config = {\n" + side("on_success", onSuccess) + side("on_failure", onFailure) + "}"
}

// Put is the line of [API.Sent] for a Put of every member.
func Put(target string, age, retries int, onSuccess, onFailure string) string {
	return fmt.Sprintf(`Put %s {"DestinationConfig":%s,"MaximumEventAgeInSeconds":%d,"MaximumRetryAttempts":%d}`,
		target, Sides(onSuccess, onFailure), age, retries)
}

// Sides is the DestinationConfig of a request.
func Sides(onSuccess, onFailure string) string {
	side := func(arn string) string {
		if arn == "" {
			return "{}"
		}
		return fmt.Sprintf(`{"Destination":%q}`, arn)
	}
	return fmt.Sprintf(`{"OnFailure":%s,"OnSuccess":%s}`, side(onFailure), side(onSuccess))
}

// SameLines compares lines without regard to order: Terraform works on
// resources that do not depend on each other at the same time.
func SameLines(got, want []string) error {
	got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("sent:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
}

// BeforeApply is a plan check that does something between plan and apply.
type BeforeApply func()

// CheckPlan implements [plancheck.PlanCheck].
func (do BeforeApply) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	do()
}
