// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
)

// Type is the type of the resource under test.
const Type = "awslambda_function_event_invoke_config"

// ParallelTest runs [resource.ParallelTest] with steps. After the destroy at
// the end of the test, the API must have no configuration.
func (a *API) ParallelTest(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.ParallelTest(t, a.testCase(steps))
}

// Test is [API.ParallelTest] for a test that sets environment variables, which
// cannot be parallel.
func (a *API) Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, a.testCase(steps))
}

// ParallelReadOnlyTest is [API.ParallelTest] for data sources. At the end of
// the test, the API must have the same configurations as at the start.
func (a *API) ParallelReadOnlyTest(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	existing := a.Configs()
	test := a.testCase(steps)
	test.CheckDestroy = func(*terraform.State) error { return compare("left in the API", a.Configs(), existing) }
	resource.ParallelTest(t, test)
}

func (a *API) testCase(steps []resource.TestStep) resource.TestCase {
	return resource.TestCase{
		IsUnitTest: true, // runs without TF_ACC
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"awslambda": ProviderFactory(),
		},
		Steps:        steps,
		CheckDestroy: func(*terraform.State) error { return compare("left in the API", a.Configs(), nil) },
	}
}

// ApplyStep returns a step that applies a configuration. The apply must send
// exactly the given writes, in this order, as [API.WriteLines] returns them.
// The next plan must be empty.
func (a *API) ApplyStep(configuration string, writes ...string) resource.TestStep {
	return resource.TestStep{
		PreConfig: a.ClearRequests,
		Config:    a.ProviderBlock("", Region) + configuration,
		Check:     func(*terraform.State) error { return compare("sent", a.WriteLines(), writes) },
	}
}

// NoOpStep returns a step that plans no change and sends no write.
func (a *API) NoOpStep(configuration string) resource.TestStep {
	return WithPlanCheck(plancheck.ExpectEmptyPlan(), a.ApplyStep(configuration))
}

// ActionStep is [API.ApplyStep] with the action that must be planned for the
// resource of a name.
func (a *API) ActionStep(
	action plancheck.ResourceActionType, name, configuration string, writes ...string,
) resource.TestStep {
	return WithPlanCheck(plancheck.ExpectResourceAction(Type+"."+name, action), a.ApplyStep(configuration, writes...))
}

// UpdateStep is [API.ActionStep] with an in-place update of the resource x.
func (a *API) UpdateStep(configuration string, writes ...string) resource.TestStep {
	return a.ActionStep(plancheck.ResourceActionUpdate, "x", configuration, writes...)
}

// ErrorStep returns a step that fails with an error that contains text. The CLI
// may break its lines anywhere.
func (a *API) ErrorStep(configuration, text string) resource.TestStep {
	step := a.ApplyStep(configuration)
	step.ExpectError = Wrapped(text)
	return step
}

// WithPreConfig returns step with a function that is called before it.
func WithPreConfig(do func(), step resource.TestStep) resource.TestStep {
	former := step.PreConfig
	step.PreConfig = func() {
		do()
		former()
	}
	return step
}

// WithPlanCheck returns step with a further check of its plan.
func WithPlanCheck(check plancheck.PlanCheck, step resource.TestStep) resource.TestStep {
	step.ConfigPlanChecks.PreApply = append(slices.Clip(step.ConfigPlanChecks.PreApply), check)
	return step
}

// WithStateChecks returns step with further checks of the state after its apply.
func WithStateChecks(step resource.TestStep, checks ...statecheck.StateCheck) resource.TestStep {
	step.ConfigStateChecks = append(slices.Clip(step.ConfigStateChecks), checks...)
	return step
}

// WithCheck returns step with a check instead of the check of its writes.
func WithCheck(step resource.TestStep, check func() error) resource.TestStep {
	step.Check = func(*terraform.State) error { return check() }
	return step
}

// WithUnorderedWrites returns step with the writes that it must send, in any
// order: Terraform applies independent resources in parallel.
func (a *API) WithUnorderedWrites(step resource.TestStep, writes ...string) resource.TestStep {
	return WithCheck(step, func() error { return CompareUnordered(a.WriteLines(), writes) })
}

// BeforeApply is a plan check that calls a function between plan and apply.
type BeforeApply func()

// CheckPlan implements [plancheck.PlanCheck].
func (do BeforeApply) CheckPlan(context.Context, plancheck.CheckPlanRequest, *plancheck.CheckPlanResponse) {
	do()
}

// Wrapped returns a pattern that matches text even if the CLI breaks it into
// lines and draws a border beside them.
func Wrapped(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

// CompareUnordered returns an error if two lists of lines differ other than in
// their order.
func CompareUnordered(got, want []string) error {
	return compare("sorted", slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want)))
}

func compare(name string, got, want []string) error {
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("%s:\n  %s\nwant:\n  %s", name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
}
