// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const importDir = "resources/awslambda_function_event_invoke_config/"

// importTargets are the resources that the examples of an import name. Their
// configuration is the defaults, as on the emulator.
const importTargets = `
resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"
}

resource "awslambda_function_event_invoke_config" "live" {
  function_name = "orders-worker"
  qualifier     = "live"
}
`

// newImport returns an API with the configurations to import, and a workspace that
// has no state.
func newImport(t *testing.T) (*acctest.API, *tfexec.Terraform) {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	for _, qualifier := range []string{"$LATEST", "live"} {
		api.Must(api.PutConfig(acctest.Region, function, qualifier, emulator.Config{}))
	}
	return api, acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+importTargets)
}

// imported returns the resources in state, as "name:qualifier".
func imported(t *testing.T, tf *tfexec.Terraform) []string {
	t.Helper()
	state, err := tf.Show(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range state.Values.RootModule.Resources {
		names = append(names, fmt.Sprint(r.Name, ":", r.AttributeValues["qualifier"]))
	}
	return slices.Sorted(slices.Values(names))
}

// TestAccImportCommand runs each command of the example with an empty state, since some
// commands import the same configuration.
func TestAccImportCommand(t *testing.T) {
	t.Parallel()
	api, tf := newImport(t)
	var got []string
	for line := range strings.Lines(readExample(t, importDir+"import.sh")) {
		args, isCommand := strings.CutPrefix(strings.TrimSpace(line), "terraform ")
		if !isCommand {
			continue
		}
		if out, err := acctest.Command(t.Context(), tf, strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		got = append(got, imported(t, tf)...)
		api.Must(os.Remove(filepath.Join(tf.WorkingDir(), "terraform.tfstate")))
	}
	if want := []string{"orders:$LATEST", "live:live", "live:live", "live:live"}; !slices.Equal(got, want) {
		t.Errorf("imported %q, want %q", got, want)
	}
}

// TestAccImportBlock_byID applies the example. Terraform and OpenTofu before 1.12 have no
// other import block.
func TestAccImportBlock_byID(t *testing.T) {
	t.Parallel()
	api, tf := newImport(t)
	file := filepath.Join(tf.WorkingDir(), "import.tf")
	api.Must(os.WriteFile(file, []byte(readExample(t, importDir+"import-by-string-id.tf")), 0o600))
	api.Must(tf.Apply(t.Context()))
	if got, want := imported(t, tf), []string{"live:live", "orders:$LATEST"}; !slices.Equal(got, want) {
		t.Errorf("imported %q, want %q", got, want)
	}
	if writes := api.WriteLines(); len(writes) > 0 {
		t.Errorf("sent %q", writes)
	}
}
