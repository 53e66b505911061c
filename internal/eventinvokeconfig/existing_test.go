// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestAccCreateAdoptsWhatIsEqual(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	api.ParallelTest(t, api.ActionStep(plancheck.ResourceActionCreate, "x", acctest.Config("x", "f", "maximum_retry_attempts = 0", acctest.DestinationConfig("", queue))))
}

func TestAccCreateRefusesWhatDiffers(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	there := emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}
	api.Must(api.PutConfig(acctest.Region, "f", "", there))
	mine := acctest.Config("x", "f", "maximum_retry_attempts = 1", acctest.DestinationConfig("", queue))
	imports := fmt.Sprintf("import {\n  to = %s.x\n  id = %q\n}\n", acctest.Type, functionARN+":$LATEST")
	refused := api.ErrorStep(mine, "has an event invoke config already, and it differs from this resource")
	api.ParallelTest(t,
		refused,
		api.ErrorStep(mine, "maximum_retry_attempts: is 0, wanted 1"),
		api.ErrorStep(mine, `import { to = ADDRESS id = "`+functionARN+`:$LATEST" }`),
		// The error's two ways out.
		api.UpdateStep(imports+mine, `Update f:$LATEST {"MaximumRetryAttempts":1}`),
	)
}

func TestAccCreateOverwritesWhenAsked(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f", "overwrite_existing = true", acctest.DestinationConfig("", topic)), acctest.PutRequest("f:$LATEST", 21600, 2, "", topic)),
		// Later on it plans nothing.
		api.NoOpStep(acctest.Config("x", "f", "overwrite_existing = false", acctest.DestinationConfig("", topic))),
		api.NoOpStep(acctest.Config("x", "f", acctest.DestinationConfig("", topic))),
	)
}

// TestAccCreateBeforeDestroyKeeps has Terraform destroy the old object after it
// has made the new one, which is the same configuration.
func TestAccCreateBeforeDestroyKeeps(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	configuration := func(trigger string) string {
		return acctest.TerraformData("t", trigger) +
			acctest.Config("x", "f", "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.t.output]\n  }")
	}
	api.ParallelTest(t,
		api.ApplyStep(configuration("1"), acctest.PutDefaults("f:$LATEST")),
		api.ActionStep(plancheck.ResourceActionCreateBeforeDestroy, "x", configuration("2")),
	)
}

// A replacement with create_before_destroy that also changes a member, and a
// swap of two qualifiers, create a configuration that another object still has.
// If Terraform plans and applies with two providers, the second provider does not
// know that object, and the error says what to do.
func TestAccCreateBeforeDestroy_existingConfigurationOfTheSameState(t *testing.T) {
	const way = "set overwrite_existing = true in the resource that is created, and apply again"
	before := func(lines ...string) []string {
		return append(lines, "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.t.output]\n  }")
	}
	trigger := func(value string) string {
		return acctest.TerraformData("t", value)
	}
	for name, test := range map[string]struct {
		from, to  string
		overwrite string
		writes    []string
	}{
		"changed": {
			trigger("1") + acctest.Config("x", "f", before()...),
			trigger("2") + acctest.Config("x", "f", before("maximum_retry_attempts = 0")...),
			trigger("3") + acctest.Config("x", "f", before("maximum_retry_attempts = 0", "overwrite_existing = true")...),
			[]string{acctest.PutRequest("f:$LATEST", 21600, 0, "", "")},
		},
		"swapped": {
			trigger("1") + acctest.Config("x", "f:a", before("maximum_retry_attempts = 0")...) + acctest.Config("y", "f:b", before("maximum_retry_attempts = 1")...),
			trigger("1") + acctest.Config("x", "f:b", before("maximum_retry_attempts = 0")...) + acctest.Config("y", "f:a", before("maximum_retry_attempts = 1")...),
			trigger("1") + acctest.Config("x", "f:b", before("maximum_retry_attempts = 0", "overwrite_existing = true")...) +
				acctest.Config("y", "f:a", before("maximum_retry_attempts = 1", "overwrite_existing = true")...),
			[]string{acctest.PutRequest("f:b", 21600, 0, "", ""), acctest.PutRequest("f:a", 21600, 1, "", "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.CreateAlias(acctest.Region, "f", "a", "$LATEST"))
			api.Must(api.CreateAlias(acctest.Region, "f", "b", "$LATEST"))
			created := api.ApplyStep(test.from)
			created.Check = nil
			steps, to := []resource.TestStep{created}, test.to
			if !acctest.IsShared() {
				steps, to = append(steps, api.ErrorStep(test.to, way)), test.overwrite
			}
			replaced := api.ApplyStep(to)
			replaced = acctest.WithCheck(replaced, func() error { return acctest.CompareUnordered(withoutRestored(api.WriteLines()), test.writes) })
			api.ParallelTest(t, append(steps, replaced, api.NoOpStep(to))...)
		})
	}
}

// withoutRestored returns writes without each Delete that a Put of the same
// configuration follows. TestSequence_swappedQualifiers shows the order of calls
// that causes one.
func withoutRestored(writes []string) []string {
	var kept []string
	for i, write := range writes {
		target, deletes := strings.CutPrefix(write, "Delete ")
		if !deletes || !slices.ContainsFunc(writes[i:], func(later string) bool { return strings.HasPrefix(later, "Put "+target+" ") }) {
			kept = append(kept, write)
		}
	}
	return kept
}

func TestAccDestroyBeforeCreateWritesAgain(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	configuration := func(trigger string) string {
		return acctest.TerraformData("t", trigger) +
			acctest.Config("x", "f", "lifecycle { replace_triggered_by = [terraform_data.t.output] }")
	}
	api.ParallelTest(t,
		api.ApplyStep(configuration("1"), acctest.PutDefaults("f:$LATEST")),
		api.ActionStep(plancheck.ResourceActionDestroyBeforeCreate, "x", configuration("2"), "Delete f:$LATEST", acctest.PutDefaults("f:$LATEST")),
	)
}

// TestAccRenamedWithoutMoved has one run destroy the resource under its old name
// and create it under the new one, in either order.
func TestAccRenamedWithoutMoved(t *testing.T) {
	for name, dependency := range map[string]string{
		"created first": "lifecycle { create_before_destroy = true }",
		"in any order":  "",
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			renamed := api.ActionStep(plancheck.ResourceActionCreate, "new", acctest.Config("new", "f", dependency))
			renamed = acctest.WithCheck(renamed, func() error { return acctest.CompareUnordered(api.Configs(), []string{functionARN + ":$LATEST"}) })
			api.ParallelTest(t, api.ApplyStep(acctest.Config("old", "f", dependency), acctest.PutDefaults("f:$LATEST")), renamed)
		})
	}
}

// TestAccRemovingOneOfTwoKeepsTheOther has pairs of resources in state, each pair
// for one configuration. Which resource of a pair Terraform refreshes and plans
// first differs from pair to pair.
func TestAccRemovingOneOfTwoKeepsTheOther(t *testing.T) {
	acctest.SkipShared(t, "one provider refuses to create the second resource of a pair")
	t.Parallel()
	for name, refresh := range map[string]bool{"with a refresh": true, "without a refresh": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const pairs = 12
			api := acctest.NewAPI(t, emulator.Options{})
			var first, second strings.Builder
			first.WriteString(api.ProviderBlock("", acctest.Region))
			second.WriteString("resource \"terraform_data\" \"later\" { input = \"f\" }\n")
			var want []string
			for i := range pairs {
				f := fmt.Sprintf("f%02d", i)
				api.Must(api.CreateFunction(acctest.Region, f))
				want = append(want, "arn:aws:lambda:us-east-1:123456789012:function:"+f+":$LATEST")
				first.WriteString(acctest.Config("stays_"+f, f))
				fmt.Fprintf(&second, "resource %q \"goes_%s\" {\n  function_name = replace(terraform_data.later.output, \"f\", %q)\n}\n", acctest.Type, f, f)
			}
			tf := acctest.Workspace(t, first.String())
			main := filepath.Join(tf.WorkingDir(), "main.tf")
			one, err := os.ReadFile(main)
			api.Must(err)
			api.Must(tf.Apply(t.Context()))
			api.Must(os.WriteFile(main, append(bytes.Clone(one), second.String()...), 0o600))
			api.Must(tf.Apply(t.Context()))
			if changes, err := tf.Plan(t.Context()); err != nil || !changes {
				t.Errorf("planned changes = %t, %v; want an update of one resource of each pair", changes, err)
			}
			api.Must(os.WriteFile(main, one, 0o600))
			api.Must(tf.Apply(t.Context(), tfexec.Refresh(refresh)))
			if err := acctest.CompareUnordered(api.Configs(), want); err != nil {
				t.Error(err)
			}
			if changes, err := tf.Plan(t.Context()); err != nil || changes {
				t.Errorf("planned changes = %t, %v", changes, err)
			}
		})
	}
}

func TestAccTwoResourcesForOneConfig(t *testing.T) {
	const text = "Configuration managed by two resources"
	const later = `resource "terraform_data" "later" { input = "f" }` + "\n"
	t.Run("both new", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.ParallelTest(t, api.ErrorStep(acctest.Config("a", "f")+acctest.Config("b", functionARN, `qualifier = "$LATEST"`), text))
	})
	t.Run("one in state", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		second := api.ApplyStep(acctest.Config("a", "f") + acctest.Config("b", "f:$LATEST"))
		second.ExpectNonEmptyPlan = true // one of the two is updated until the other one is removed
		one := api.ApplyStep(acctest.Config("b", "f:$LATEST"))
		one = acctest.WithCheck(one, func() error { return acctest.CompareUnordered(api.Configs(), []string{functionARN + ":$LATEST"}) })
		api.ParallelTest(t,
			api.ApplyStep(acctest.Config("a", "f"), acctest.PutDefaults("f:$LATEST")),
			api.ErrorStep(acctest.Config("a", "f")+acctest.Config("b", "f:$LATEST", "maximum_retry_attempts = 1"), "has an event invoke config already"),
			second,
			one,
		)
	})
	t.Run("not known until apply", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.ParallelTest(t, api.ErrorStep(later+acctest.Config("a", "f")+fmt.Sprintf("resource %q \"b\" {\n  function_name = terraform_data.later.output\n}\n", acctest.Type), text))
	})
	t.Run("replaced while another stays", func(t *testing.T) {
		// No error: two qualifiers, one of them replaced by force.
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
		configuration := func(trigger string) string {
			return acctest.TerraformData("t", trigger) +
				acctest.Config("a", "f", "lifecycle { replace_triggered_by = [terraform_data.t.output] }") + acctest.Config("b", "f:live")
		}
		both := api.ApplyStep(configuration("1"))
		both.Check = func(*terraform.State) error {
			return acctest.CompareUnordered(api.WriteLines(), []string{acctest.PutDefaults("f:$LATEST"), acctest.PutDefaults("f:live")})
		}
		api.ParallelTest(t,
			both,
			api.ActionStep(plancheck.ResourceActionReplace, "a", configuration("2"), "Delete f:$LATEST", acctest.PutDefaults("f:$LATEST")),
		)
	})
}

// TestAccInterruptedReplacement has state as an interrupted replacement with
// create_before_destroy leaves it: each instance has a deposed object of the same
// configuration. The next apply destroys the deposed objects.
func TestAccInterruptedReplacement(t *testing.T) {
	acctest.SkipShared(t, "a new provider applies what another one planned")
	t.Parallel()
	const count = 20
	api := acctest.NewAPI(t, emulator.Options{})
	var configuration strings.Builder
	configuration.WriteString(api.ProviderBlock("", acctest.Region))
	var want []string
	for i := range count {
		f := fmt.Sprintf("f%02d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		want = append(want, "arn:aws:lambda:us-east-1:123456789012:function:"+f+":$LATEST")
		configuration.WriteString(acctest.Config(f, f, "lifecycle {\n    create_before_destroy = true\n  }"))
	}
	tf := acctest.Workspace(t, configuration.String())
	api.Must(tf.Apply(t.Context()))

	editState(t, tf, func(resources []any) {
		for i, r := range resources {
			of := r.(map[string]any)
			current := of["instances"].([]any)[0].(map[string]any)
			deposed := maps.Clone(current) // with the same token
			deposed["deposed"] = fmt.Sprintf("%08x", i+1)
			of["instances"] = []any{current, deposed}
		}
	})

	api.Must(tf.Apply(t.Context()))
	if err := acctest.CompareUnordered(api.Configs(), want); err != nil {
		t.Error(err)
	}
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Errorf("planned changes = %t, %v", changes, err)
	}
	api.Must(tf.Destroy(t.Context()))
	wantLines(t, "left in the API", api.Configs(), nil)
}
