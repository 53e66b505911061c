// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccImport_formsOfOtherProviders imports by the IDs that hashicorp/aws 6 and
// awscc print.
func TestAccImport_formsOfOtherProviders(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	var configuration strings.Builder
	for i, form := range []struct{ id, function, qualifier, region string }{
		{"FN@eu-west-1", "FN", "$LATEST", "eu-west-1"},
		{"FN:live@eu-west-1", "FN", "live", "eu-west-1"},
		{"FN:live@us-east-1", "FN", "live", acctest.Region},
		{"FN|live", "FN", "live", acctest.Region},
		{"FN|$LATEST", "FN", "$LATEST", acctest.Region},
		{"FN:live|live", "FN", "live", acctest.Region},
		{"arn:aws:lambda:us-east-1:123456789012:function:FN|live", "FN", "live", acctest.Region},
		{"arn:aws:lambda:eu-west-1:123456789012:function:FN:live@eu-west-1", "FN", "live", "eu-west-1"},
		{"FN|live@eu-west-1", "FN", "live", "eu-west-1"},
		{"eu-west-1:FN:live", "FN", "live", "eu-west-1"},
	} {
		name := fmt.Sprintf("fn%d", i)
		api.Must(api.CreateFunction(form.region, name))
		api.Must(api.CreateAlias(form.region, name, "live", "$LATEST"))
		api.Must(api.PutConfig(form.region, name, form.qualifier, emulator.Config{OnFailure: queue}))
		fmt.Fprintf(&configuration, "import {\n  to = %s.%s\n  id = %q\n}\n", acctest.Type, name, strings.ReplaceAll(form.id, "FN", name))
		configuration.WriteString(acctest.Config(name, name, fmt.Sprintf("qualifier = %q\n  region = %q", form.qualifier, form.region), acctest.DestinationConfig("", queue)))
	}
	imported := api.ApplyStep(configuration.String())
	imported = acctest.WithPlanCheck(expectNoOps{}, imported)
	api.ParallelTest(t, imported, api.NoOpStep(configuration.String()))
}

// TestImport_listsEveryForm has IDs in none of the forms.
func TestImport_listsEveryForm(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := api.NewServer(t)
	for id, want := range map[string]string{
		"":                                     "Invalid import ID",
		" \t\n":                                "Invalid import ID",
		"f\x1b[2J":                             "Invalid import ID",
		"f@Frankfurt":                          "Unknown AWS region",
		"f@":                                   "Invalid import ID",
		"f|":                                   "Invalid import ID",
		"f|a b":                                "Invalid import ID",
		"f|live|7":                             "Invalid import ID",
		"f@us-east-1@eu-west-1":                "Unknown AWS region",
		"@us-east-1":                           "Invalid import ID",
		"f:live|7":                             "Conflicting function qualifiers",
		"eu-west-1:f@us-east-1":                "Conflicting function regions",
		functionARN + "@eu-west-1":             "Conflicting function regions",
		"arn:aws:sqs:us-east-1:123456789012:q": "Invalid import ID",
	} {
		resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: id})
		if err != nil {
			t.Fatal(err)
		}
		if !hasDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityError, want) {
			t.Errorf("%s: got %q", id, said(resp.Diagnostics))
			continue
		}
		if want != "Invalid import ID" {
			continue
		}
		for _, form := range []string{fmt.Sprintf("%q", id), "orders:live@eu-west-1", "orders|live", "eu-west-1:orders:live", "function:orders:live"} {
			if !strings.Contains(resp.Diagnostics[0].Detail, form) {
				t.Errorf("%s: the detail lacks %s:\n%s", id, form, resp.Diagnostics[0].Detail)
			}
		}
	}
	if sent := api.RequestLines(); len(sent) > 0 {
		t.Errorf("sent %q", sent)
	}
}

// warningOf returns the detail of the only diagnostic of a plan, which must be
// the warning about a replacement elsewhere.
func warningOf(t *testing.T, plan *tfprotov6.PlanResourceChangeResponse) string {
	t.Helper()
	noErrors(t, "plan", plan.Diagnostics)
	if len(plan.Diagnostics) != 1 || plan.Diagnostics[0].Summary != elsewhere {
		t.Fatalf("got %q, want the warning %q", said(plan.Diagnostics), elsewhere)
	}
	return plan.Diagnostics[0].Detail
}

// wantWords fails if text lacks one of the words.
func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is not in:\n%s", word, text)
		}
	}
}

const elsewhere = "Replacement in another region or account"

// TestImport_fromTheWrongRegion imports by name into a resource of another
// region. The plan destroys the configuration that was imported.
func TestImport_fromTheWrongRegion(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	x := newInstance(t, api.NewServer(t))
	x.importByID("f:$LATEST@us-east-1")
	plan := x.plan(attributes{"function_name": text("f"), "region": text("eu-west-1")})
	wantWords(t, warningOf(t, plan), functionARN+":$LATEST", "in region us-east-1", "in region eu-west-1",
		"The region of the resource is eu-west-1.", "NAME:QUALIFIER@REGION")

	plan = x.plan(attributes{"function_name": text("arn:aws:lambda:us-east-1:210987654321:function:f")})
	wantWords(t, warningOf(t, plan), functionARN+":$LATEST", "in account 123456789012", "in account 210987654321")

	plan = x.plan(attributes{"function_name": text("f"), "qualifier": text("live")})
	if len(plan.Diagnostics) > 0 {
		t.Errorf("a replacement in the same region: %q", said(plan.Diagnostics))
	}
}

// TestPlan_providerInAnelsewhere plans with a provider whose region is another
// one than in the run before.
func TestPlan_providerInAnelsewhere(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	config := attributes{"function_name": text("f")}
	x := newInstance(t, api.NewServer(t))
	x.create(config)
	x.server = api.NewServer(t, acctest.StringValues(map[string]string{"region": "eu-west-1"}))
	x.read()
	plan := x.plan(config)
	if len(plan.RequiresReplace) == 0 {
		t.Fatal("no replacement")
	}
	wantWords(t, warningOf(t, plan), functionARN+":$LATEST", "in region us-east-1", "in region eu-west-1",
		"The resource does not set region, and the provider's region is eu-west-1 now. It was us-east-1",
		`set region = "us-east-1"`, "AWS_REGION")
}

// TestAccImport_emptyID imports with an empty ID, by the command and by a block.
func TestAccImport_emptyID(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f"))
	for _, id := range []string{"", "  "} {
		if err := tf.Import(t.Context(), acctest.Type+".x", id); err == nil || !acctest.Wrapped(fmt.Sprintf("The import ID is %q.", id)).MatchString(err.Error()) {
			t.Errorf("%q: got %v", id, err)
		}
	}
	tf = acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f")+fmt.Sprintf("import {\n  to = %s.x\n  id = \"\"\n}\n", acctest.Type))
	// No CLI gives the provider the empty ID of a block: Terraform refuses it, and
	// OpenTofu plans as if there were no block.
	if _, err := tf.Plan(t.Context()); (err != nil) == acctest.CLI.OpenTofu || err != nil && strings.Contains(err.Error(), "always an error") {
		t.Errorf("got %v", err)
	}
	if sent := api.RequestLines(); len(sent) > 0 {
		t.Errorf("sent %q", sent)
	}
}

// TestAccControlCharacters_inValues has a destination with an escape sequence in
// Lambda. State has it unchanged, and no text has the escape.
func TestAccControlCharacters_inValues(t *testing.T) {
	const hostile = queue + "\x1b[2J\u202e"
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: hostile}))
	x := newInstance(t, api.NewServer(t))
	x.importByID("f")
	if got := fmt.Sprint(acctest.GoValue(t, x.state)); !strings.Contains(got, hostile) {
		t.Errorf("state has %q", got)
	}
	err := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f")).Apply(t.Context())
	if err == nil || !acctest.Wrapped(`is `+queue+`\u001b[2J\u202e, wanted none`).MatchString(err.Error()) || strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("got %q", err)
	}
}
