// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"
)

// Type is the resource under test.
const Type = "awslambda_function_event_invoke_config"

// Run runs steps on one state, in parallel with other tests, destroys what
// they leave, and fails where the API then still has a configuration.
func (a *API) Run(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.ParallelTest(t, a.testCase(steps))
}

// RunAlone is Run for a test that sets the environment: not in parallel.
func (a *API) RunAlone(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, a.testCase(steps))
}

// RunWhere is Run, but skipped where the version check says so.
func (a *API) RunWhere(t *testing.T, check tfversion.TerraformVersionCheck, steps ...resource.TestStep) {
	t.Helper()
	where := a.testCase(steps)
	where.TerraformVersionChecks = []tfversion.TerraformVersionCheck{check}
	resource.ParallelTest(t, where)
}

// NotOpenTofu is a version check that OpenTofu does not pass, whatever its
// version: it counts versions of its own, and lacks what is named here.
type NotOpenTofu struct {
	tfversion.TerraformVersionCheck

	Lacks string
}

// CheckTerraformVersion implements [tfversion.TerraformVersionCheck].
func (c NotOpenTofu) CheckTerraformVersion(ctx context.Context, req tfversion.CheckTerraformVersionRequest, resp *tfversion.CheckTerraformVersionResponse) {
	if CLI.OpenTofu {
		resp.Skip = "OpenTofu has no " + c.Lacks
		return
	}
	c.TerraformVersionCheck.CheckTerraformVersion(ctx, req, resp)
}

// RunReading is Run for steps that only read: what the API has beforehand must
// be there afterwards.
func (a *API) RunReading(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	staged := a.Configs()
	test := a.testCase(steps)
	test.CheckDestroy = func(*terraform.State) error { return differ("left in the API", a.Configs(), staged) }
	resource.ParallelTest(t, test)
}

func (a *API) testCase(steps []resource.TestStep) resource.TestCase {
	return resource.TestCase{
		IsUnitTest: true, // no TF_ACC
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"awslambda": ProviderFactory(),
		},
		Steps:        steps,
		CheckDestroy: func(*terraform.State) error { return differ("left in the API", a.Configs(), nil) },
	}
}

// Apply is a step that applies configuration, after which no change must be
// planned. The writes are what it must send, as [API.Writes] prints them.
func (a *API) Apply(configuration string, writes ...string) resource.TestStep {
	return resource.TestStep{
		PreConfig: a.ClearRequests,
		Config:    a.ProviderBlock("", Region) + configuration,
		Check:     func(*terraform.State) error { return differ("sent", a.Writes(), writes) },
	}
}

// Unchanged is a step whose configuration must plan nothing and send nothing
// but reads.
func (a *API) Unchanged(configuration string) resource.TestStep {
	step := a.Apply(configuration)
	step.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	return step
}

// Planned is Apply with what must be planned for one resource, by its name.
func (a *API) Planned(action plancheck.ResourceActionType, name, configuration string, writes ...string) resource.TestStep {
	step := a.Apply(configuration, writes...)
	step.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{plancheck.ExpectResourceAction(Type+"."+name, action)}
	return step
}

// Fails is a step that must end in an error with the given text, however the
// CLI breaks it into lines.
func (a *API) Fails(configuration, text string) resource.TestStep {
	step := a.Apply(configuration)
	step.ExpectError = Wrapped(text)
	return step
}

// After returns step with something done before it, behind Terraform's back.
func After(do func(), step resource.TestStep) resource.TestStep {
	prepare := step.PreConfig
	step.PreConfig = func() {
		do()
		prepare()
	}
	return step
}

// Checked returns step with another check.
func Checked(step resource.TestStep, checks ...resource.TestCheckFunc) resource.TestStep {
	step.Check = resource.ComposeAggregateTestCheckFunc(append(checks, step.Check)...)
	return step
}

// Has checks attributes of the resource of that name, given as pairs of a path
// and a value. The value "" means that the attribute is null.
func Has(name string, pairs ...string) resource.TestCheckFunc {
	var checks []resource.TestCheckFunc
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			checks = append(checks, resource.TestCheckNoResourceAttr(Type+"."+name, pairs[i]))
		} else {
			checks = append(checks, resource.TestCheckResourceAttr(Type+"."+name, pairs[i], pairs[i+1]))
		}
	}
	return resource.ComposeAggregateTestCheckFunc(checks...)
}

// Config returns a configuration of the resource, for the function and with
// the arguments.
func Config(name, function string, arguments ...string) string {
	return fmt.Sprintf("resource %q %q {\n  function_name = %q\n  %s\n}\n", Type, name, function, strings.Join(arguments, "\n  "))
}

// Wrapped returns a pattern of text that lets the CLI break it into lines and
// draw a border along them.
func Wrapped(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

func differ(what string, got, want []string) error {
	if strings.Join(got, "\n") == strings.Join(want, "\n") {
		return nil
	}
	return fmt.Errorf("%s:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
}
