// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// newExistingAPI returns an API with an event invoke configuration of f.
func newExistingAPI(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	return api
}

func TestAccCreate_adoptsEqualConfiguration(t *testing.T) {
	api := newExistingAPI(t)
	api.ParallelTest(t, api.ActionStep(plancheck.ResourceActionCreate, "x",
		acctest.Config("x", "f", "maximum_retry_attempts = 0", acctest.DestinationConfig("", queue))))
}

func TestAccCreate_failsIfConfigurationDiffers(t *testing.T) {
	api := newExistingAPI(t)
	config := acctest.Config("x", "f", "maximum_retry_attempts = 1", acctest.DestinationConfig("", queue))
	api.ParallelTest(t,
		api.ErrorStep(config, "has an event invoke config already, and it differs from this resource"),
		api.ErrorStep(config, "maximum_retry_attempts: is 0, wanted 1"),
		api.ErrorStep(config, `import { to = ADDRESS id = "`+functionARN+`:$LATEST" }`),
		// The import block of the error.
		api.UpdateStep(importBlock("x", functionARN+":$LATEST")+config, `Update f:$LATEST {"MaximumRetryAttempts":1}`),
	)
}

func TestAccCreate_overwriteExisting(t *testing.T) {
	api := newExistingAPI(t)
	toTopic := acctest.DestinationConfig("", topic)
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f", "overwrite_existing = true", toTopic),
			acctest.PutRequest("f:$LATEST", 21600, 2, "", topic)),
		// A change of overwrite_existing has no diff.
		api.NoOpStep(acctest.Config("x", "f", "overwrite_existing = false", toTopic)),
		api.NoOpStep(acctest.Config("x", "f", toTopic)),
	)
}

// Arguments that replace a resource when the input of [acctest.TerraformData] of t
// changes.
const (
	replaceTriggered             = "lifecycle { replace_triggered_by = [terraform_data.t.output] }"
	createBeforeDestroyTriggered = "lifecycle {\n    create_before_destroy = true\n" +
		"    replace_triggered_by  = [terraform_data.t.output]\n  }"
)

// Both objects of the replacement have the same configuration.
func TestAccReplacement_ofSameConfiguration(t *testing.T) {
	for name, test := range map[string]struct {
		argument string
		action   plancheck.ResourceActionType
		writes   []string
	}{
		"create before destroy": {createBeforeDestroyTriggered, plancheck.ResourceActionCreateBeforeDestroy, nil},
		"destroy before create": {
			replaceTriggered, plancheck.ResourceActionDestroyBeforeCreate,
			[]string{"Delete f:$LATEST", acctest.PutDefaults("f:$LATEST")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			config := acctest.Config("x", "f", test.argument)
			api.ParallelTest(t,
				api.ApplyStep(acctest.TerraformData("t", "1")+config, acctest.PutDefaults("f:$LATEST")),
				api.ActionStep(test.action, "x", acctest.TerraformData("t", "2")+config, test.writes...),
			)
		})
	}
}

// A replacement with create_before_destroy that also changes a member, and a
// swap of two qualifiers, create a configuration that another object still has.
// If Terraform plans and applies with two providers, the second provider does not
// know that object, and the error says what to do.
func TestAccCreateBeforeDestroy_configurationOfOtherObject(t *testing.T) {
	const advice = "set overwrite_existing = true in the resource that is created, and apply again"
	const retries0, retries1 = "maximum_retry_attempts = 0", "maximum_retry_attempts = 1"
	const overwrite = "overwrite_existing = true"
	config := func(name, function string, arguments ...string) string {
		return acctest.Config(name, function, append(arguments, createBeforeDestroyTriggered)...)
	}
	for name, test := range map[string]struct {
		from, to, withOverwrite string
		writes                  []string
	}{
		"change": {
			acctest.TerraformData("t", "1") + config("x", "f"),
			acctest.TerraformData("t", "2") + config("x", "f", retries0),
			acctest.TerraformData("t", "3") + config("x", "f", retries0, overwrite),
			[]string{acctest.PutRequest("f:$LATEST", 21600, 0, "", "")},
		},
		"swap": {
			acctest.TerraformData("t", "1") + config("x", "f:a", retries0) + config("y", "f:b", retries1),
			acctest.TerraformData("t", "1") + config("x", "f:b", retries0) + config("y", "f:a", retries1),
			acctest.TerraformData("t", "1") + config("x", "f:b", retries0, overwrite) +
				config("y", "f:a", retries1, overwrite),
			[]string{acctest.PutRequest("f:b", 21600, 0, "", ""), acctest.PutRequest("f:a", 21600, 1, "", "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.CreateAlias(acctest.Region, "f", "a", "$LATEST"))
			api.Must(api.CreateAlias(acctest.Region, "f", "b", "$LATEST"))
			create := api.ApplyStep(test.from)
			create.Check = nil
			steps, to := []resource.TestStep{create}, test.to
			if !acctest.IsShared() {
				steps, to = append(steps, api.ErrorStep(test.to, advice)), test.withOverwrite
			}
			replace := acctest.WithCheck(api.ApplyStep(to), func() error {
				return acctest.CompareUnordered(withoutRestored(api.WriteLines()), test.writes)
			})
			api.ParallelTest(t, append(steps, replace, api.NoOpStep(to))...)
		})
	}
}

// withoutRestored returns writes without each Delete that a Put of the same
// configuration follows. TestSequence_swappedQualifiers shows the order of calls
// that causes one.
func withoutRestored(writes []string) []string {
	var kept []string
	for i, write := range writes {
		target, isDelete := strings.CutPrefix(write, "Delete ")
		if !isDelete || !slices.ContainsFunc(writes[i:], func(later string) bool {
			return strings.HasPrefix(later, "Put "+target+" ")
		}) {
			kept = append(kept, write)
		}
	}
	return kept
}

// One run destroys the resource of the old name and creates that of the new name,
// in any order.
func TestAccRename_withoutMovedBlock(t *testing.T) {
	for name, argument := range map[string]string{
		"create first": "lifecycle { create_before_destroy = true }",
		"any order":    "",
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			rename := api.ActionStep(plancheck.ResourceActionCreate, "new", acctest.Config("new", "f", argument))
			api.ParallelTest(t,
				api.ApplyStep(acctest.Config("old", "f", argument), acctest.PutDefaults("f:$LATEST")),
				acctest.WithCheck(rename, func() error {
					return acctest.CompareUnordered(api.Configs(), []string{functionARN + ":$LATEST"})
				}))
		})
	}
}

// State has pairs of resources for one configuration. The resource of a pair that
// Terraform refreshes and plans first differs between pairs.
func TestAccTwoResources_removingOneKeepsConfiguration(t *testing.T) {
	acctest.SkipShared(t, "one provider refuses to create the second resource of a pair")
	t.Parallel()
	for name, refresh := range map[string]bool{"with refresh": true, "without refresh": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const pairs = 12
			api := acctest.NewAPI(t, emulator.Options{})
			var first, second strings.Builder
			second.WriteString(acctest.TerraformData("later", "f"))
			var want []string
			for i := range pairs {
				f := fmt.Sprintf("f%02d", i)
				api.Must(api.CreateFunction(acctest.Region, f))
				want = append(want, arnOfFunctions+f+":$LATEST")
				first.WriteString(acctest.Config("stays_"+f, f))
				fmt.Fprintf(&second, `
resource %q "goes_%s" {
  function_name = replace(terraform_data.later.output, "f", %q)
}
`, acctest.Type, f, f)
			}
			tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+first.String())
			api.Must(tf.Apply(t.Context()))
			writeFile(t, tf, "second.tf", second.String())
			api.Must(tf.Apply(t.Context()))
			if changes, err := tf.Plan(t.Context()); err != nil || !changes {
				t.Errorf("planned changes = %t, %v; want an update of one resource of each pair", changes, err)
			}
			writeFile(t, tf, "second.tf", "")
			api.Must(tf.Apply(t.Context(), tfexec.Refresh(refresh)))
			expectLines(t, "in the API", api.Configs(), want)
			expectNoChanges(t, tf)
		})
	}
}

func TestAccTwoResources_forOneConfiguration(t *testing.T) {
	t.Run("both new", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.ParallelTest(t, api.ErrorStep(
			acctest.Config("a", "f")+acctest.Config("b", functionARN, `qualifier = "$LATEST"`), twoResourcesError))
	})
	t.Run("one in state", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		both := api.ApplyStep(acctest.Config("a", "f") + acctest.Config("b", "f:$LATEST"))
		both.ExpectNonEmptyPlan = true // an update of one resource, until the other one is removed
		api.ParallelTest(t,
			api.ApplyStep(acctest.Config("a", "f"), acctest.PutDefaults("f:$LATEST")),
			api.ErrorStep(acctest.Config("a", "f")+acctest.Config("b", "f:$LATEST", "maximum_retry_attempts = 1"),
				"has an event invoke config already"),
			both,
			acctest.WithCheck(api.ApplyStep(acctest.Config("b", "f:$LATEST")), func() error {
				return acctest.CompareUnordered(api.Configs(), []string{functionARN + ":$LATEST"})
			}),
		)
	})
	t.Run("unknown until apply", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		unknown := fmt.Sprintf("resource %q \"b\" {\n  function_name = terraform_data.later.output\n}\n", acctest.Type)
		api.ParallelTest(t, api.ErrorStep(
			acctest.TerraformData("later", "f")+acctest.Config("a", "f")+unknown, twoResourcesError))
	})
	t.Run("other qualifier", func(t *testing.T) { // no error
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
		both := acctest.Config("a", "f", replaceTriggered) + acctest.Config("b", "f:live")
		api.ParallelTest(t,
			api.WithUnorderedWrites(api.ApplyStep(acctest.TerraformData("t", "1")+both),
				acctest.PutDefaults("f:$LATEST"), acctest.PutDefaults("f:live")),
			api.ActionStep(plancheck.ResourceActionReplace, "a", acctest.TerraformData("t", "2")+both,
				"Delete f:$LATEST", acctest.PutDefaults("f:$LATEST")),
		)
	})
}

// State is that of an interrupted replacement with create_before_destroy: each
// instance has a deposed object of the same configuration, which the next apply
// destroys.
func TestAccCreateBeforeDestroy_interrupted(t *testing.T) {
	acctest.SkipShared(t, "a new provider applies the plan of another one")
	t.Parallel()
	const count = 20
	api := acctest.NewAPI(t, emulator.Options{})
	var configuration strings.Builder
	var want []string
	for i := range count {
		f := fmt.Sprintf("f%02d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		want = append(want, arnOfFunctions+f+":$LATEST")
		configuration.WriteString(acctest.Config(f, f, "lifecycle {\n    create_before_destroy = true\n  }"))
	}
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+configuration.String())
	api.Must(tf.Apply(t.Context()))

	editState(t, tf, func(resources []any) {
		for i, r := range resources {
			r := r.(map[string]any)
			current := r["instances"].([]any)[0].(map[string]any)
			deposed := maps.Clone(current) // with the same token
			deposed["deposed"] = fmt.Sprintf("%08x", i+1)
			r["instances"] = []any{current, deposed}
		}
	})

	api.Must(tf.Apply(t.Context()))
	expectLines(t, "in the API", api.Configs(), want)
	expectNoChanges(t, tf)
	api.Must(tf.Destroy(t.Context()))
	expectLines(t, "left in the API", api.Configs(), nil)
}
