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

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
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

// expectNoOps is a plan check that no resource changes. Unlike an empty plan, it
// allows imports and moves.
type expectNoOps struct{}

func (expectNoOps) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if !change.Change.Actions.NoOp() {
			resp.Error = errors.Join(resp.Error, fmt.Errorf("%s: %v planned", change.Address, change.Change.Actions))
		}
	}
}

// hasQuery reports whether the CLI has the command "query".
func hasQuery() bool { return !acctest.CLI.OpenTofu && acctest.AtLeast(1, 14) }

func skipWithoutQuery(t *testing.T) {
	t.Helper()
	if !hasQuery() {
		t.Skip(`requires the command "query" of Terraform 1.14`)
	}
}

func skipWithoutIdentities(t *testing.T) {
	t.Helper()
	if !acctest.AtLeast(1, 12) {
		t.Skip("requires a CLI with resource identities")
	}
}
