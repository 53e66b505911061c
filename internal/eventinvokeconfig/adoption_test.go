// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// What an estate has that was made without Terraform.
const (
	adoptedFunctions = 60
	adoptedConfigs   = 150
)

// newAccount is that estate, in every variety of settings: numbers that are
// set and that never were, and no destination, either and both.
func newAccount(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{})
	n := 0
	add := func(function, qualifier string) {
		var config emulator.Config
		if n%3 == 1 {
			config.MaximumRetryAttempts = new(n % 2)
		}
		if n%5 != 0 {
			config.MaximumEventAgeInSeconds = new(60 + n)
		}
		if n%4 == 1 || n%4 == 3 {
			config.OnSuccess = []string{queue, topic, eventBus, "arn:aws:lambda:us-east-1:123456789012:function:worker-00"}[n/4%4]
		}
		if n%4 >= 2 {
			config.OnFailure = []string{queue, topic, eventBus, bucket}[n/4%4]
		}
		api.Must(api.PutConfig(acctest.Region, function, qualifier, config))
		n++
	}
	for i := range adoptedFunctions {
		f := fmt.Sprintf("worker-%02d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		_, err := api.PublishVersion(acctest.Region, f)
		api.Must(err)
		api.Must(api.CreateAlias(acctest.Region, f, "live", "1"))
		add(f, "")
		add(f, "live")
		if i < adoptedConfigs-2*adoptedFunctions {
			add(f, "1")
		}
	}
	if there := len(api.Configs()); there != adoptedConfigs {
		t.Fatalf("%d configurations", there)
	}
	return api
}

// generate returns what `terraform query -generate-config-out` makes of a
// result: a resource block with what can be configured, and an import block.
// A CLI that knows no identities in import blocks is given the ID.
func generate(t *testing.T, server *acctest.Server, name string, result tfprotov6.ListResourceResult, byIdentity bool) string {
	t.Helper()
	resource := acctest.ObjectAttributes(t, server.Resource.ValueType(), result.Resource)
	var text strings.Builder
	fmt.Fprintf(&text, "resource %q %q {\n  provider = awslambda\n", acctest.Type, name)
	writeAttributes(t, &text, server.Resource.Block.Attributes, resource)
	fmt.Fprintf(&text, "}\nimport {\n  to       = %s.%s\n  provider = awslambda\n", acctest.Type, name)
	if byIdentity {
		text.WriteString("  identity = {\n")
		for attribute, value := range acctest.ObjectAttributes(t, server.Identity.ValueType(), result.Identity.IdentityData) {
			fmt.Fprintf(&text, "    %s = %q\n", attribute, acctest.GoValue(t, value))
		}
		text.WriteString("  }\n}\n")
	} else {
		fmt.Fprintf(&text, "  id       = %q\n}\n", acctest.GoValue(t, resource["id"]))
	}
	return text.String()
}

// writeAttributes writes those that can be configured. Terraform leaves out a
// null that the provider would compute, and no other.
func writeAttributes(t *testing.T, text *strings.Builder, schema []*tfprotov6.SchemaAttribute, values map[string]tftypes.Value) {
	t.Helper()
	for _, a := range schema {
		v := values[a.Name]
		if !a.Optional && !a.Required || a.Computed && v.IsNull() {
			continue
		}
		if a.NestedType == nil || v.IsNull() {
			literal, err := json.Marshal(acctest.GoValue(t, v))
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(text, "%s = %s\n", a.Name, literal)
			continue
		}
		var nested map[string]tftypes.Value
		if err := v.As(&nested); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(text, "%s = {\n", a.Name)
		writeAttributes(t, text, a.NestedType.Attributes, nested)
		text.WriteString("}\n")
	}
}

// wantOnlyImports fails where a saved plan does anything but to import n
// resources.
func wantOnlyImports(t *testing.T, tf *tfexec.Terraform, file string, n int) {
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

// counted returns how many calls of each kind were made, and forgets them.
func counted(api *acctest.API) map[string]int {
	calls := map[string]int{}
	for _, r := range api.Requests() {
		calls[r.Operation]++
	}
	api.ClearRequests()
	return calls
}

func wantCalls(t *testing.T, api *acctest.API, doing string, functions, configs int) {
	t.Helper()
	got := counted(api)
	t.Logf("%s: %v", doing, got)
	if got["ListFunctions"] != functions || got["ListFunctionEventInvokeConfigs"] != configs || len(got) > 2 {
		t.Errorf("%s: calls: %v, want %d and %d Lists alone", doing, got, functions, configs)
	}
}

// wantSettled fails where a plan has changes.
func wantSettled(t *testing.T, tf *tfexec.Terraform) {
	t.Helper()
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Errorf("planned changes = %t, %v", changes, err)
	}
}

// TestAccAdoption takes over an account with every CLI: what only some of them
// can do, which is to list and to generate, is done in their stead.
func TestAccAdoption(t *testing.T) {
	t.Parallel()
	api := newAccount(t)
	server := api.NewServer(t)
	all := find(t, server, listBlocks(t, "guides/adopting/find.tfquery.hcl")[0].block, 10000, true, nil)
	if len(all.results) != adoptedConfigs || all.said != nil {
		t.Fatalf("%d results, %q", len(all.results), all.said)
	}
	wantCalls(t, api, "query", 2, adoptedFunctions)

	var configuration strings.Builder
	configuration.WriteString(api.ProviderBlock("", acctest.Region))
	for i, result := range all.results {
		configuration.WriteString(generate(t, server, fmt.Sprint("all_", i), result, acctest.AtLeast(1, 12)))
	}
	tf := acctest.Workspace(t, configuration.String())
	const file = "adoption.tfplan"
	_, err := tf.Plan(t.Context(), tfexec.Out(file))
	api.Must(err)
	wantOnlyImports(t, tf, file, adoptedConfigs)
	wantCalls(t, api, "plan with the imports", 0, adoptedFunctions)
	api.Must(tf.Apply(t.Context(), tfexec.DirOrPlan(file)))
	wantCalls(t, api, "apply of that plan", 0, 0)
	wantSettled(t, tf)
	wantCalls(t, api, "plan afterwards", 0, adoptedFunctions)
}

// example returns a file of the guide.
func example(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../examples", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs a script of the guide by a shell in the workspace, where the CLI
// is called terraform whichever it is.
func run(t *testing.T, tf *tfexec.Terraform, script string) {
	t.Helper()
	runWith(t, tf, acctest.CLI.Path, script)
}

// runWith is [run] with another program for the CLI. It returns what the script
// prints.
func runWith(t *testing.T, tf *tfexec.Terraform, cli, script string) string {
	t.Helper()
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell to run ", script)
	}
	bin := t.TempDir()
	if err := os.Symlink(cli, filepath.Join(bin, "terraform")); err != nil {
		t.Skip(err)
	}
	cmd := acctest.Command(t.Context(), tf)
	cmd.Path, cmd.Args = shell, []string{shell, "-euc", example(t, script)}
	cmd.Env = append(cmd.Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// add writes a further file into the workspace.
func add(t *testing.T, tf *tfexec.Terraform, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(tf.WorkingDir(), name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAccAdoptionByQuery takes over an account as the guide says.
func TestAccAdoptionByQuery(t *testing.T) {
	t.Parallel()
	skipWithoutQuery(t)
	api := newAccount(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	add(t, tf, "find.tfquery.hcl", example(t, "guides/adopting/find.tfquery.hcl"))
	run(t, tf, "guides/adopting/adopt.sh")
	wantCalls(t, api, "query, plan and apply", 2, 2*adoptedFunctions)
	wantOnlyImports(t, tf, "adoption.tfplan", adoptedConfigs)
	wantSettled(t, tf)
	wantCalls(t, api, "plan afterwards", 0, adoptedFunctions)
}

// listBlock is one of a query file.
type listBlock struct {
	block

	limit int64
}

// listBlocks reads a query file, for the CLIs that cannot. It knows no more of
// the language than the examples use.
func listBlocks(t *testing.T, name string) []listBlock {
	t.Helper()
	var blocks []listBlock
	for line := range strings.Lines(example(t, name)) {
		line, _, _ = strings.Cut(line, " #")
		argument, value, isArgument := strings.Cut(strings.TrimSpace(line), "=")
		if strings.HasPrefix(line, "list ") {
			blocks = append(blocks, listBlock{limit: 100})
		}
		if !isArgument {
			continue
		}
		last := &blocks[len(blocks)-1]
		to, known := map[string]any{
			"function_name": &last.function, "region": &last.region, "qualifiers": &last.qualifiers, "limit": &last.limit,
			"include_resource": new(bool), "provider": nil,
		}[strings.TrimSpace(argument)]
		if !known {
			t.Fatalf("%s: %q is no argument of a list block", name, line)
		}
		if to == nil {
			continue
		}
		if err := json.Unmarshal([]byte(value), to); err != nil {
			t.Fatalf("%s: %q: %v", name, line, err)
		}
	}
	return blocks
}

// newOrders is the function of the examples, with configurations that were
// made without Terraform.
func newOrders(t *testing.T) *acctest.API {
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

// TestGuideQueryFiles has the list blocks of the documentation be valid, and
// find what they say.
func TestGuideQueryFiles(t *testing.T) {
	t.Parallel()
	api := newOrders(t)
	api.Must(api.CreateFunction("eu-west-1", "f"))
	api.Must(api.PutConfig("eu-west-1", "f", "", emulator.Config{}))
	everything := []string{"bystander:$LATEST", "orders-worker:$LATEST", "orders-worker:live"}
	for name, want := range map[string][][]string{
		"guides/adopting/find.tfquery.hcl":                              {everything},
		"guides/lost-events/find.tfquery.hcl":                           {everything},
		"list-resources/" + acctest.Type + "/list-resource.tfquery.hcl": {everything, everything[1:], {"f:$LATEST"}},
	} {
		blocks := listBlocks(t, name)
		if len(blocks) != len(want) {
			t.Fatalf("%s: %d blocks", name, len(blocks))
		}
		for i, b := range blocks {
			got := find(t, api.NewServer(t), b.block, b.limit, false, nil)
			wantLines(t, name, got.names, want[i])
			wantLines(t, name, got.said, nil)
		}
	}
}

// TestGuidePolicy has the permissions of the guide be those that are used.
func TestGuidePolicy(t *testing.T) {
	t.Parallel()
	var policy struct{ Statement []struct{ Action []string } }
	decoder := json.NewDecoder(strings.NewReader(example(t, "guides/adopting/policy.json")))
	if err := decoder.Decode(&policy); err != nil {
		t.Fatal(err)
	}
	api := newOrders(t)
	server := api.NewServer(t)
	find(t, server, block{}, 100, true, nil)
	imported(t, api, server, "orders-worker:live", nil)
	used := []string{}
	for operation := range counted(api) {
		used = append(used, "lambda:"+operation)
	}
	if err := acctest.CompareUnordered(policy.Statement[0].Action, used); err != nil {
		t.Error(err)
	}
}

// TestAccGuideGenerated has what the guide shows of a generated file import, and
// plan nothing else.
func TestAccGuideGenerated(t *testing.T) {
	t.Parallel()
	if !acctest.AtLeast(1, 12) {
		t.Skip("identities in import blocks come with 1.12")
	}
	api := newOrders(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+example(t, "guides/adopting/generated.tf"))
	adopt(t, api, tf, 1, 0, 1)
}

// adopt plans, expects n imports and nothing else, applies, and expects nothing
// to be left to do or to have been written. The plan makes the given numbers of
// calls.
func adopt(t *testing.T, api *acctest.API, tf *tfexec.Terraform, n, listFunctions, lists int) {
	t.Helper()
	api.ClearRequests()
	const file = "adoption.tfplan"
	_, err := tf.Plan(t.Context(), tfexec.Out(file))
	api.Must(err)
	wantOnlyImports(t, tf, file, n)
	wantCalls(t, api, "plan with the imports", listFunctions, lists)
	api.Must(tf.Apply(t.Context(), tfexec.DirOrPlan(file)))
	wantSettled(t, tf)
	wantLines(t, "written", api.WriteLines(), []string{})
}

// TestAccGuideImportsOne has a CLI generate configuration for an import block,
// where it can do no more. (Terraform 1.17-dev takes the provider of such a
// block for one of hashicorp's.)
func TestAccGuideImportsOne(t *testing.T) {
	t.Parallel()
	if hasQuery() {
		t.Skip("the guide has the command \"query\" for this CLI")
	}
	api := newOrders(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+example(t, "guides/adopting/import-one.tf"))
	run(t, tf, "guides/adopting/generate.sh")
	adopt(t, api, tf, 1, 0, 1)
}

// TestAccGuideImportsAll takes over all configurations of a function, is told
// then what they are to be, and gives them up again.
func TestAccGuideImportsAll(t *testing.T) {
	t.Parallel()
	api := newOrders(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	add(t, tf, "orders.tf", example(t, "guides/adopting/import-all.tf"))
	adopt(t, api, tf, 2, 0, 2) // the data source reads as well
	add(t, tf, "orders.tf", example(t, "guides/adopting/orders.tf"))
	wantSettled(t, tf)

	before := api.Configs()
	add(t, tf, "orders.tf", example(t, "guides/adopting/removed.tf"))
	api.Must(tf.Apply(t.Context()))
	wantLines(t, "left in the API", api.Configs(), before)
	wantLines(t, "written", api.WriteLines(), []string{})
	state, err := tf.Show(t.Context())
	api.Must(err)
	if state.Values != nil && state.Values.RootModule != nil && len(state.Values.RootModule.Resources) != 0 {
		t.Errorf("left in state: %v", state.Values.RootModule.Resources)
	}
}

// TestAccGuideImportsRegion takes over all configurations of a region.
func TestAccGuideImportsRegion(t *testing.T) {
	t.Parallel()
	api := newAccount(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+example(t, "guides/adopting/import-region.tf"))
	adopt(t, api, tf, adoptedConfigs, 2, 2*adoptedFunctions) // the data source and the imports
}

// TestAccGuideFindsLostEvents runs the script of the guide. For a CLI without the
// command "query", it gets the messages that Terraform would print.
func TestAccGuideFindsLostEvents(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip(err)
	}
	api := newOrders(t)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	add(t, tf, "find.tfquery.hcl", example(t, "guides/lost-events/find.tfquery.hcl"))
	path := acctest.CLI.Path
	if !hasQuery() {
		server := api.NewServer(t)
		messages := `{"type":"version","terraform":"1.14.0"}` + "\n"
		for _, result := range find(t, server, listBlocks(t, "guides/lost-events/find.tfquery.hcl")[0].block, 10000, true, nil).results {
			message, err := json.Marshal(map[string]any{"type": "list_resource_found", "list_resource_found": map[string]any{
				"display_name": result.DisplayName, "resource_object": acctest.GoValues(t, acctest.ObjectAttributes(t, server.Resource.ValueType(), result.Resource)),
			}})
			api.Must(err)
			messages += string(message) + "\n"
		}
		add(t, tf, "messages", messages)
		path = filepath.Join(tf.WorkingDir(), "query")
		api.Must(os.WriteFile(path, []byte("#!/bin/sh\ntest \"$*\" = 'query -json' && exec cat messages\n"), 0o700))
	}
	out := runWith(t, tf, path, "guides/lost-events/find.sh")
	wantLines(t, "found", strings.Fields(out), []string{"bystander:$LATEST", "orders-worker:$LATEST"})
}

// TestGuideFiles has the guide show every file of its directory, and no block
// that comes from elsewhere.
func TestGuideFiles(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../../templates/guides/adopting-an-account.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("../../examples/guides/adopting")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, f := range files {
		want = append(want, f.Name())
	}
	var shown []string
	for _, part := range bytes.Split(guide, []byte(`"examples/guides/adopting/`))[1:] {
		name, _, _ := bytes.Cut(part, []byte(`"`))
		shown = append(shown, string(name))
	}
	slices.Sort(shown)
	wantLines(t, "shown", slices.Compact(shown), want)
	if bytes.Contains(guide, []byte("```")) {
		t.Error("the guide has a block of its own")
	}
}
