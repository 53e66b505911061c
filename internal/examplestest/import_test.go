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

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestImport runs each command of the script on a new state, because several
// commands import the same configuration.
func TestImport(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(examples, "resources/awslambda_function_event_invoke_config")
	api := acctest.NewAPI(t, emulator.Options{}, function)
	api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	configuration, err := os.ReadFile(filepath.Join(dir, "resource.tf"))
	api.Must(err)
	script, err := os.ReadFile(filepath.Join(dir, "import.sh"))
	api.Must(err)
	byName := strings.NewReplacer(
		"aws_lambda_function.orders.arn", `"orders-worker"`, "aws_lambda_alias.live.arn", `"orders-worker:live"`,
	)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+byName.Replace(string(configuration)))
	for _, qualifier := range []string{"$LATEST", "live"} {
		api.Must(api.PutConfig(acctest.Region, function, qualifier, emulator.Config{}))
	}
	var imported []string
	for line := range strings.Lines(string(script)) {
		args, isCommand := strings.CutPrefix(strings.TrimSpace(line), "terraform ")
		if !isCommand {
			continue
		}
		if out, err := acctest.Command(t.Context(), tf, strings.Fields(args)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		state, err := tf.Show(t.Context())
		api.Must(err)
		for _, r := range state.Values.RootModule.Resources {
			imported = append(imported, fmt.Sprint(r.Name, ":", r.AttributeValues["qualifier"]))
		}
		api.Must(os.Remove(filepath.Join(tf.WorkingDir(), "terraform.tfstate")))
	}
	if want := []string{"orders:$LATEST", "live:live", "live:live", "live:live"}; !slices.Equal(imported, want) {
		t.Errorf("imported %q, want %q", imported, want)
	}
}
