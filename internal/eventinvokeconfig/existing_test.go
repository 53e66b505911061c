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

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestCreateAdoptsWhatIsEqual(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	api.Run(t, api.Planned(plancheck.ResourceActionCreate, "x", Config("x", "f", "maximum_retry_attempts = 0", destinations("", queue))))
}

func TestCreateRefusesWhatDiffers(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	there := emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}
	api.Must(api.PutConfig(Region, "f", "", there))
	mine := Config("x", "f", "maximum_retry_attempts = 1", destinations("", queue))
	imports := fmt.Sprintf("import {\n  to = %s.x\n  id = %q\n}\n", Type, arnOfF+":$LATEST")
	refused := api.Fails(mine, "has an event invoke config already, and it differs from this resource")
	api.Run(t,
		refused,
		api.Fails(mine, "maximum_retry_attempts: is 0, wanted 1"),
		api.Fails(mine, `import { to = ADDRESS id = "`+arnOfF+`:$LATEST" }`),
		// The error's two ways out.
		api.Planned(plancheck.ResourceActionUpdate, "x", imports+mine, `Update f:$LATEST {"MaximumRetryAttempts":1}`),
	)
}

func TestCreateOverwritesWhenAsked(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
	api.Run(t,
		api.Apply(Config("x", "f", "overwrite_existing = true", destinations("", topic)), put("f:$LATEST", 21600, 2, "", topic)),
		// Later on it plans nothing.
		api.Unchanged(Config("x", "f", "overwrite_existing = false", destinations("", topic))),
		api.Unchanged(Config("x", "f", destinations("", topic))),
	)
}

// TestCreateBeforeDestroyKeeps has Terraform destroy the old object after it
// has made the new one, which is the same configuration.
func TestCreateBeforeDestroyKeeps(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	configuration := func(trigger string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"t\" { input = %q }\n", trigger) +
			Config("x", "f", "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.t.output]\n  }")
	}
	api.Run(t,
		api.Apply(configuration("1"), put("f:$LATEST", 21600, 2, "", "")),
		api.Planned(plancheck.ResourceActionCreateBeforeDestroy, "x", configuration("2")),
	)
}

// A replacement with create_before_destroy that also changes a member, and a
// swap of two qualifiers, create a configuration that another object still has.
// If Terraform plans and applies with two providers, the second provider does not
// know that object, and the error says what to do.
func TestCreateBeforeDestroy_existingConfigurationOfTheSameState(t *testing.T) {
	const way = "set overwrite_existing = true in the resource that is created, and apply again"
	before := func(lines ...string) []string {
		return append(lines, "lifecycle {\n    create_before_destroy = true\n    replace_triggered_by  = [terraform_data.t.output]\n  }")
	}
	trigger := func(value string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"t\" { input = %q }\n", value)
	}
	for name, test := range map[string]struct {
		from, to  string
		overwrite string
		writes    []string
	}{
		"changed": {
			trigger("1") + Config("x", "f", before()...),
			trigger("2") + Config("x", "f", before("maximum_retry_attempts = 0")...),
			trigger("3") + Config("x", "f", before("maximum_retry_attempts = 0", "overwrite_existing = true")...),
			[]string{put("f:$LATEST", 21600, 0, "", "")},
		},
		"swapped": {
			trigger("1") + Config("x", "f:a", before("maximum_retry_attempts = 0")...) + Config("y", "f:b", before("maximum_retry_attempts = 1")...),
			trigger("1") + Config("x", "f:b", before("maximum_retry_attempts = 0")...) + Config("y", "f:a", before("maximum_retry_attempts = 1")...),
			trigger("1") + Config("x", "f:b", before("maximum_retry_attempts = 0", "overwrite_existing = true")...) +
				Config("y", "f:a", before("maximum_retry_attempts = 1", "overwrite_existing = true")...),
			[]string{put("f:b", 21600, 0, "", ""), put("f:a", 21600, 1, "", "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI(t, emulator.Options{}, "f")
			api.Must(api.CreateAlias(Region, "f", "a", "$LATEST"))
			api.Must(api.CreateAlias(Region, "f", "b", "$LATEST"))
			created := api.Apply(test.from)
			created.Check = nil
			steps, to := []resource.TestStep{created}, test.to
			if !OneProvider() {
				steps, to = append(steps, api.Fails(test.to, way)), test.overwrite
			}
			replaced := api.Apply(to)
			replaced.Check = func(*terraformState) error { return sameLines(withoutRestored(api.Writes()), test.writes) }
			api.Run(t, append(steps, replaced, api.Unchanged(to))...)
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

func TestDestroyBeforeCreateWritesAgain(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	configuration := func(trigger string) string {
		return fmt.Sprintf("resource \"terraform_data\" \"t\" { input = %q }\n", trigger) +
			Config("x", "f", "lifecycle { replace_triggered_by = [terraform_data.t.output] }")
	}
	api.Run(t,
		api.Apply(configuration("1"), put("f:$LATEST", 21600, 2, "", "")),
		api.Planned(plancheck.ResourceActionDestroyBeforeCreate, "x", configuration("2"), "Delete f:$LATEST", put("f:$LATEST", 21600, 2, "", "")),
	)
}

// TestRenamedWithoutMoved has one run destroy the resource under its old name
// and create it under the new one, in either order.
func TestRenamedWithoutMoved(t *testing.T) {
	for name, dependency := range map[string]string{
		"created first": "lifecycle { create_before_destroy = true }",
		"in any order":  "",
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI(t, emulator.Options{}, "f")
			renamed := api.Planned(plancheck.ResourceActionCreate, "new", Config("new", "f", dependency))
			renamed.Check = func(*terraformState) error { return sameLines(api.Configs(), []string{arnOfF + ":$LATEST"}) }
			api.Run(t, api.Apply(Config("old", "f", dependency), put("f:$LATEST", 21600, 2, "", "")), renamed)
		})
	}
}

// TestRemovingOneOfTwoKeepsTheOther has pairs of resources in state, each pair
// for one configuration. Which resource of a pair Terraform refreshes and plans
// first differs from pair to pair.
func TestRemovingOneOfTwoKeepsTheOther(t *testing.T) {
	SkipShared(t, "one provider refuses to create the second resource of a pair")
	t.Parallel()
	for name, refresh := range map[string]bool{"with a refresh": true, "without a refresh": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const pairs = 12
			api := NewAPI(t, emulator.Options{})
			var first, second strings.Builder
			first.WriteString(api.ProviderBlock("", Region))
			second.WriteString("resource \"terraform_data\" \"later\" { input = \"f\" }\n")
			var want []string
			for i := range pairs {
				f := fmt.Sprintf("f%02d", i)
				api.Must(api.CreateFunction(Region, f))
				want = append(want, "arn:aws:lambda:us-east-1:123456789012:function:"+f+":$LATEST")
				first.WriteString(Config("stays_"+f, f))
				fmt.Fprintf(&second, "resource %q \"goes_%s\" {\n  function_name = replace(terraform_data.later.output, \"f\", %q)\n}\n", Type, f, f)
			}
			tf := Workspace(t, first.String())
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
			if err := sameLines(api.Configs(), want); err != nil {
				t.Error(err)
			}
			if changes, err := tf.Plan(t.Context()); err != nil || changes {
				t.Errorf("planned changes = %t, %v", changes, err)
			}
		})
	}
}

func TestTwoResourcesForOneConfig(t *testing.T) {
	const text = "Configuration managed by two resources"
	const later = `resource "terraform_data" "later" { input = "f" }` + "\n"
	t.Run("both new", func(t *testing.T) {
		api := NewAPI(t, emulator.Options{}, "f")
		api.Run(t, api.Fails(Config("a", "f")+Config("b", arnOfF, `qualifier = "$LATEST"`), text))
	})
	t.Run("one in state", func(t *testing.T) {
		api := NewAPI(t, emulator.Options{}, "f")
		second := api.Apply(Config("a", "f") + Config("b", "f:$LATEST"))
		second.ExpectNonEmptyPlan = true // one of the two is updated until the other one is removed
		one := api.Apply(Config("b", "f:$LATEST"))
		one.Check = func(*terraformState) error { return sameLines(api.Configs(), []string{arnOfF + ":$LATEST"}) }
		api.Run(t,
			api.Apply(Config("a", "f"), put("f:$LATEST", 21600, 2, "", "")),
			api.Fails(Config("a", "f")+Config("b", "f:$LATEST", "maximum_retry_attempts = 1"), "has an event invoke config already"),
			second,
			one,
		)
	})
	t.Run("not known until apply", func(t *testing.T) {
		api := NewAPI(t, emulator.Options{}, "f")
		api.Run(t, api.Fails(later+Config("a", "f")+fmt.Sprintf("resource %q \"b\" {\n  function_name = terraform_data.later.output\n}\n", Type), text))
	})
	t.Run("replaced while another stays", func(t *testing.T) {
		// No error: two qualifiers, one of them replaced by force.
		api := NewAPI(t, emulator.Options{}, "f")
		api.Must(api.CreateAlias(Region, "f", "live", "$LATEST"))
		configuration := func(trigger string) string {
			return fmt.Sprintf("resource \"terraform_data\" \"t\" { input = %q }\n", trigger) +
				Config("a", "f", "lifecycle { replace_triggered_by = [terraform_data.t.output] }") + Config("b", "f:live")
		}
		both := api.Apply(configuration("1"))
		both.Check = func(*terraformState) error {
			return sameLines(api.Writes(), []string{put("f:$LATEST", 21600, 2, "", ""), put("f:live", 21600, 2, "", "")})
		}
		api.Run(t,
			both,
			api.Planned(plancheck.ResourceActionReplace, "a", configuration("2"), "Delete f:$LATEST", put("f:$LATEST", 21600, 2, "", "")),
		)
	})
}

// TestInterruptedReplacement has state as an interrupted replacement with
// create_before_destroy leaves it: each instance has a deposed object of the same
// configuration. The next apply destroys the deposed objects.
func TestInterruptedReplacement(t *testing.T) {
	SkipShared(t, "a new provider applies what another one planned")
	t.Parallel()
	const count = 20
	api := NewAPI(t, emulator.Options{})
	var configuration strings.Builder
	configuration.WriteString(api.ProviderBlock("", Region))
	var want []string
	for i := range count {
		f := fmt.Sprintf("f%02d", i)
		api.Must(api.CreateFunction(Region, f))
		want = append(want, "arn:aws:lambda:us-east-1:123456789012:function:"+f+":$LATEST")
		configuration.WriteString(Config(f, f, "lifecycle {\n    create_before_destroy = true\n  }"))
	}
	tf := Workspace(t, configuration.String())
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
	if err := sameLines(api.Configs(), want); err != nil {
		t.Error(err)
	}
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Errorf("planned changes = %t, %v", changes, err)
	}
	api.Must(tf.Destroy(t.Context()))
	wantLines(t, "left in the API", api.Configs(), nil)
}
