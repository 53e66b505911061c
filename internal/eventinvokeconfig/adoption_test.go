// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Size of [newLargeAPI].
const (
	largeFunctions = 60
	largeConfigs   = 150
)

// newLargeAPI returns an API with many configurations. They differ in their
// members, which may be unset.
func newLargeAPI(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{})
	n := 0
	create := func(function, qualifier string) {
		var config emulator.Config
		if n%3 == 1 {
			config.MaximumRetryAttempts = new(n % 2)
		}
		if n%5 != 0 {
			config.MaximumEventAgeInSeconds = new(60 + n)
		}
		if n%4 == 1 || n%4 == 3 {
			config.OnSuccess = []string{queue, topic, eventBus, arnOfFunctions + "worker-00"}[n/4%4]
		}
		if n%4 >= 2 {
			config.OnFailure = []string{queue, topic, eventBus, bucket}[n/4%4]
		}
		api.Must(api.PutConfig(acctest.Region, function, qualifier, config))
		n++
	}
	for i := range largeFunctions {
		f := fmt.Sprintf("worker-%02d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		_, err := api.PublishVersion(acctest.Region, f)
		api.Must(err)
		api.Must(api.CreateAlias(acctest.Region, f, "live", "1"))
		create(f, "")
		create(f, "live")
		if i < largeConfigs-2*largeFunctions {
			create(f, "1")
		}
	}
	return api
}

// newOrdersAPI returns an API with the function of the examples, and with
// configurations that Terraform does not manage.
func newOrdersAPI(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{}, "orders-worker", "bystander")
	api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "orders-worker", "", emulator.Config{MaximumRetryAttempts: new(0)}))
	api.Must(api.PutConfig(acctest.Region, "orders-worker", "live", emulator.Config{
		MaximumEventAgeInSeconds: new(3600), OnFailure: "arn:aws:sqs:us-east-1:123456789012:orders-failed",
	}))
	api.Must(api.PutConfig(acctest.Region, "bystander", "", emulator.Config{}))
	return api
}

// expectOnlyImports fails the test unless a saved plan imports n resources and
// changes none.
func expectOnlyImports(t *testing.T, tf *tfexec.Terraform, file string, n int) {
	t.Helper()
	plan, err := tf.ShowPlanFile(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	imports := 0
	for _, c := range plan.ResourceChanges {
		if c.Mode != tfjson.ManagedResourceMode {
			continue
		}
		if !c.Change.Actions.NoOp() {
			t.Errorf("%s: %v planned: %v to %v", c.Address, c.Change.Actions, c.Change.Before, c.Change.After)
		}
		if c.Change.Importing != nil {
			imports++
		}
	}
	if imports != n {
		t.Errorf("%d imports, want %d", imports, n)
	}
}

// takeCallCounts returns the number of calls by operation, and clears the requests.
func takeCallCounts(api *acctest.API) map[string]int {
	calls := map[string]int{}
	for _, r := range api.Requests() {
		calls[r.Operation]++
	}
	api.ClearRequests()
	return calls
}

// expectListCalls fails the test unless the only calls were the given numbers of
// ListFunctions and ListFunctionEventInvokeConfigs. It clears the requests.
func expectListCalls(t *testing.T, api *acctest.API, phase string, functions, configs int) {
	t.Helper()
	want := map[string]int{"ListFunctions": functions, listOperation: configs}
	maps.DeleteFunc(want, func(_ string, n int) bool { return n == 0 })
	if got := takeCallCounts(api); !maps.Equal(got, want) {
		t.Errorf("%s: got %v, want %v", phase, got, want)
	}
}

// expectNoChanges fails the test if a plan has changes.
func expectNoChanges(t *testing.T, tf *tfexec.Terraform) {
	t.Helper()
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Errorf("planned changes = %t, %v", changes, err)
	}
}

// readExample returns a file below examples.
func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// runExampleScript runs a script below examples in the workspace, and returns its
// output. The command terraform of the script is the given CLI.
func runExampleScript(t *testing.T, tf *tfexec.Terraform, cli, script string) string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell for ", script)
	}
	bin := t.TempDir()
	if err := os.Symlink(cli, filepath.Join(bin, "terraform")); err != nil {
		t.Skip(err)
	}
	cmd := acctest.Command(t.Context(), tf)
	cmd.Path, cmd.Args = shell, []string{shell, "-euc", readExample(t, script)}
	cmd.Env = append(cmd.Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// writeFile writes a file into the workspace.
func writeFile(t *testing.T, tf *tfexec.Terraform, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(tf.WorkingDir(), name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// applyImports plans n imports with the given numbers of calls. The apply of the
// plan makes no calls, and the next plan has no changes.
func applyImports(t *testing.T, api *acctest.API, tf *tfexec.Terraform, n, listFunctions, lists int) {
	t.Helper()
	api.ClearRequests()
	const file = "adoption.tfplan"
	_, err := tf.Plan(t.Context(), tfexec.Out(file))
	api.Must(err)
	expectOnlyImports(t, tf, file, n)
	expectListCalls(t, api, "plan with the imports", listFunctions, lists)
	api.Must(tf.Apply(t.Context(), tfexec.DirOrPlan(file)))
	expectListCalls(t, api, "apply of the plan", 0, 0)
	expectNoChanges(t, tf)
}

func TestAccAdoptionGuide_query(t *testing.T) {
	t.Parallel()
	skipWithoutQuery(t)
	api := newLargeAPI(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	writeFile(t, tf, "find.tfquery.hcl", readExample(t, "guides/adopting/find.tfquery.hcl"))
	runExampleScript(t, tf, acctest.CLI.Path, "guides/adopting/adopt.sh")
	expectListCalls(t, api, "query, plan and apply", 2, 2*largeFunctions)
	expectOnlyImports(t, tf, "adoption.tfplan", largeConfigs)
	expectNoChanges(t, tf)
	expectListCalls(t, api, "next plan", 0, largeFunctions)
}

// A query and an import require exactly the actions of the guide's policy.
func TestAdoptionGuide_policy(t *testing.T) {
	t.Parallel()
	var policy struct{ Statement []struct{ Action []string } }
	if err := json.Unmarshal([]byte(readExample(t, "guides/adopting/policy.json")), &policy); err != nil {
		t.Fatal(err)
	}
	api := newOrdersAPI(t)
	server := api.NewServer(t)
	list(t, server, listConfig{}, 100, true, nil)
	newInstance(t, server).importByID("orders-worker:live")
	var used []string
	for operation := range takeCallCounts(api) {
		used = append(used, "lambda:"+operation)
	}
	if err := acctest.CompareUnordered(policy.Statement[0].Action, used); err != nil {
		t.Error(err)
	}
}

func TestAccAdoptionGuide_generatedConfiguration(t *testing.T) {
	t.Parallel()
	skipWithoutIdentities(t)
	api := newOrdersAPI(t)
	tf := acctest.Workspace(t,
		api.ProviderBlock("", acctest.Region)+readExample(t, "guides/adopting/generated.tf"))
	applyImports(t, api, tf, 1, 0, 1)
}

// Without the command "query", the guide generates the configuration of an import
// block.
func TestAccAdoptionGuide_importOne(t *testing.T) {
	t.Parallel()
	if hasQuery() {
		t.Skip("the guide uses the command \"query\" for this CLI")
	}
	api := newOrdersAPI(t)
	tf := acctest.Workspace(t,
		api.ProviderBlock("", acctest.Region)+readExample(t, "guides/adopting/import-one.tf"))
	runExampleScript(t, tf, acctest.CLI.Path, "guides/adopting/generate.sh")
	applyImports(t, api, tf, 1, 0, 1)
}

func TestAccAdoptionGuide_importFunction(t *testing.T) {
	t.Parallel()
	api := newOrdersAPI(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	writeFile(t, tf, "orders.tf", readExample(t, "guides/adopting/import-all.tf"))
	applyImports(t, api, tf, 2, 0, 2) // the data source and the imports
	writeFile(t, tf, "orders.tf", readExample(t, "guides/adopting/orders.tf"))
	expectNoChanges(t, tf)

	before := api.Configs()
	writeFile(t, tf, "orders.tf", readExample(t, "guides/adopting/removed.tf"))
	api.Must(tf.Apply(t.Context()))
	expectLines(t, "left in the API", api.Configs(), before)
	expectLines(t, "sent", api.WriteLines(), nil)
	state, err := tf.Show(t.Context())
	api.Must(err)
	if state.Values != nil && state.Values.RootModule != nil && len(state.Values.RootModule.Resources) != 0 {
		t.Errorf("left in state: %v", state.Values.RootModule.Resources)
	}
}

func TestAccAdoptionGuide_importRegion(t *testing.T) {
	t.Parallel()
	api := newLargeAPI(t)
	tf := acctest.Workspace(t,
		api.ProviderBlock("", acctest.Region)+readExample(t, "guides/adopting/import-region.tf"))
	applyImports(t, api, tf, largeConfigs, 2, 2*largeFunctions) // the data source and the imports
}

// For a CLI without the command "query", the test writes the messages that
// Terraform would print.
func TestAccLostEventsGuide_query(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip(err)
	}
	api := newOrdersAPI(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	writeFile(t, tf, "find.tfquery.hcl", readExample(t, "guides/lost-events/find.tfquery.hcl"))
	cli := acctest.CLI.Path
	if !hasQuery() {
		server := api.NewServer(t)
		messages := `{"type":"version","terraform":"1.14.0"}` + "\n"
		for _, result := range list(t, server, listConfig{}, 10000, true, nil).results {
			resource := acctest.ObjectAttributes(t, server.Resource.ValueType(), result.Resource)
			message, err := json.Marshal(map[string]any{"type": "list_resource_found", "list_resource_found": map[string]any{
				"display_name": result.DisplayName, "resource_object": acctest.GoValues(t, resource),
			}})
			api.Must(err)
			messages += string(message) + "\n"
		}
		writeFile(t, tf, "messages", messages)
		cli = filepath.Join(tf.WorkingDir(), "query")
		api.Must(os.WriteFile(cli, []byte("#!/bin/sh\ntest \"$*\" = 'query -json' && exec cat messages\n"), 0o700))
	}
	out := runExampleScript(t, tf, cli, "guides/lost-events/find.sh")
	expectLines(t, "output", strings.Fields(out), []string{"bystander:$LATEST", "orders-worker:$LATEST"})
}
