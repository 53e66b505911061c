// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

const (
	queue, topic, bucket, bus = acctest.Queue, acctest.Topic, acctest.Bucket, acctest.Bus
	arnOfF                    = acctest.ARNOfF
	later                     = acctest.Later
)

var destinations, put, sameLines = acctest.Destinations, acctest.Put, acctest.SameLines

type terraformState = terraform.State

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
