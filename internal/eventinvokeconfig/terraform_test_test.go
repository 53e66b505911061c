// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Since Terraform 1.13, the command "test" configures the provider block of a test
// file once for all run blocks and the teardown.
func TestAccTerraformTest(t *testing.T) {
	t.Parallel()
	const later = `
resource "terraform_data" "later" {
  input = var.function
}
`
	configuration := func(function string) string {
		return `
variable "function" {
  default = "f"
}
variable "names" {
  default = ["x"]
}
variable "retries" {
  default = 2
}
` + fmt.Sprintf(`
resource %q "all" {
  for_each               = toset(var.names)
  function_name          = %s
  maximum_retry_attempts = var.retries
}
output "retries" {
  value = [for c in %[1]s.all : c.maximum_retry_attempts]
}
`, acctest.Type, function)
	}
	for name, test := range map[string]struct {
		main, runs string
		minor      int // minor version of the first Terraform 1 with the language features
		writes     []string
	}{
		"planned, created, updated, destroyed": {configuration("var.function"), `
run "plans" {
  command = plan
}
run "creates" {}
run "updates" {
  variables {
    retries = 0
  }
  assert {
    condition     = one(output.retries) == 0
    error_message = "Got ${jsonencode(output.retries)}."
  }
}
run "plans_again" {
  command = plan
  variables {
    retries = 1
  }
}
`, 6, []string{acctest.PutDefaults("f:$LATEST"), `Update f:$LATEST {"MaximumRetryAttempts":0}`, "Delete f:$LATEST"}},
		"function unknown until apply": {later + configuration("terraform_data.later.output"), `
run "creates" {}
run "refreshes" {
  command = plan
}
`, 6, []string{acctest.PutDefaults("f:$LATEST"), "Delete f:$LATEST"}},
		"renamed between run blocks": {configuration("var.function"), `
run "creates" {}
run "plans" {
  command = plan
}
run "plans_renamed" {
  command = plan
  variables {
    names = ["y"]
  }
}
`, 6, []string{acctest.PutDefaults("f:$LATEST"), "Delete f:$LATEST"}},
		"in parallel": {configuration("var.function"), `
test {
  parallel = true
}
run "f" {
  state_key = "f"
}
run "g" {
  state_key = "g"
  variables {
    function = "g"
  }
}
`, 12, []string{
			acctest.PutDefaults("f:$LATEST"), acctest.PutDefaults("g:$LATEST"), "Delete f:$LATEST", "Delete g:$LATEST",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.minor > 6 && (acctest.CLI.OpenTofu || !acctest.AtLeast(1, test.minor)) {
				t.Skip("requires parallel run blocks")
			}
			api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
			tf := acctest.Workspace(t, test.main)
			writeFile(t, tf, "x.tftest.hcl", api.ProviderBlock("", acctest.Region)+test.runs)
			out, err := acctest.Command(t.Context(), tf, "test", "-no-color").CombinedOutput()
			if err != nil || !strings.Contains(string(out), "0 failed") {
				t.Errorf("%v\n%s", err, out)
			}
			expectLines(t, "left in the API", api.Configs(), nil)
			if err := acctest.CompareUnordered(api.WriteLines(), test.writes); err != nil {
				t.Error(err)
			}
		})
	}
}
