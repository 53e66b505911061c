// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func importBlock(name, id string) string {
	return fmt.Sprintf("import {\n  to = %s.%s\n  id = %q\n}\n", acctest.Type, name, id)
}

// Import IDs may be any function reference, or an ID of hashicorp/aws 6 or awscc.
// The resource references the function in another format than the ID.
func TestAccImport_idFormats(t *testing.T) {
	type importID struct{ id, qualifier, region string } // with FN for the name of the function
	var ids []importID
	for suffix, qualifier := range map[string]string{
		"": "$LATEST", ":$LATEST": "$LATEST", ":live": "live", ":1": "1",
	} {
		for _, reference := range []string{
			"FN", "function:FN", "123456789012:FN", "123456789012:function:FN", "us-east-1:FN", arnOfFunctions + "FN",
		} {
			ids = append(ids, importID{reference + suffix, qualifier, acctest.Region})
		}
	}
	const europe = "eu-west-1"
	ids = append(ids,
		importID{"FN@eu-west-1", "$LATEST", europe},
		importID{"FN:live@eu-west-1", "live", europe},
		importID{"FN:live@us-east-1", "live", acctest.Region},
		importID{"FN|live", "live", acctest.Region},
		importID{"FN|$LATEST", "$LATEST", acctest.Region},
		importID{"FN:live|live", "live", acctest.Region},
		importID{arnOfFunctions + "FN|live", "live", acctest.Region},
		importID{"arn:aws:lambda:eu-west-1:123456789012:function:FN:live@eu-west-1", "live", europe},
		importID{"FN|live@eu-west-1", "live", europe},
		importID{"eu-west-1:FN:live", "live", europe},
	)
	api := acctest.NewAPI(t, emulator.Options{}, "bystander")
	var configuration strings.Builder
	for i, test := range ids {
		name := fmt.Sprintf("fn%02d", i)
		api.Must(api.CreateFunction(test.region, name))
		_, err := api.PublishVersion(test.region, name)
		api.Must(err)
		api.Must(api.CreateAlias(test.region, name, "live", "1"))
		api.Must(api.PutConfig(test.region, name, test.qualifier,
			emulator.Config{MaximumRetryAttempts: new(1), OnFailure: queue}))
		configuration.WriteString(importBlock(name, strings.ReplaceAll(test.id, "FN", name)))
		arguments := []string{"maximum_retry_attempts = 1", acctest.DestinationConfig("", queue)}
		if i%2 == 0 {
			configuration.WriteString(acctest.Config(name, fmt.Sprintf(
				"arn:aws:lambda:%s:123456789012:function:%s:%s", test.region, name, test.qualifier), arguments...))
		} else {
			configuration.WriteString(acctest.Config(name, name, append(arguments,
				fmt.Sprintf("qualifier = %q", test.qualifier), fmt.Sprintf("region = %q", test.region))...))
		}
	}
	api.ParallelTest(t, acctest.WithPlanCheck(expectNoOps{}, api.ApplyStep(configuration.String())),
		api.NoOpStep(configuration.String()))
}

func TestAccImport_stateEqualsCreatedState(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	steps := []resource.TestStep{api.ApplyStep(
		acctest.Config("x", "f", `qualifier = "live"`, "maximum_event_age_in_seconds = 60",
			acctest.DestinationConfig(topic, bucket)),
		acctest.PutRequest("f:live", 60, 2, topic, bucket))}
	for _, id := range []string{"", "f:live", "123456789012:function:f:live", functionARN + ":live"} {
		steps = append(steps, resource.TestStep{
			ResourceName: resourceX, ImportState: true, ImportStateId: id, ImportStateVerify: true,
		})
	}
	api.ParallelTest(t, steps...)
}

func TestAccImport_errors(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	importStep := func(id, text string) resource.TestStep {
		return resource.TestStep{
			Config:       api.ProviderBlock("", acctest.Region) + acctest.Config("x", "f"),
			ResourceName: resourceX, ImportState: true, ImportStateId: id, ExpectError: acctest.Wrapped(text),
		}
	}
	api.ParallelTest(t,
		importStep("f live", `"f live" is not a Lambda function reference`),
		importStep(strings.Repeat("n", 65), "at most 64 are allowed"),
		importStep("f", "Cannot import non-existent remote object"),
	)
}

func TestImport_invalidIDs(t *testing.T) {
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
		resp, err := server.ImportResourceState(t.Context(),
			&tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: id})
		api.Must(err)
		if !hasDiagnostic(resp.Diagnostics, tfprotov6.DiagnosticSeverityError, want) {
			t.Errorf("%s: got %q", id, diagnosticLines(resp.Diagnostics))
			continue
		}
		if want == "Invalid import ID" {
			expectWords(t, resp.Diagnostics[0].Detail, fmt.Sprintf("%q", id),
				"orders:live@eu-west-1", "orders|live", "eu-west-1:orders:live", "function:orders:live")
		}
	}
	expectLines(t, "sent", api.RequestLines(), nil)
}

const otherRegionWarning = "Replacement in another region or account"

// replacementWarning returns the detail of the warning about a replacement, which
// must be the only diagnostic of a plan.
func replacementWarning(t *testing.T, plan *tfprotov6.PlanResourceChangeResponse) string {
	t.Helper()
	if len(plan.Diagnostics) != 1 || plan.Diagnostics[0].Summary != otherRegionWarning {
		t.Fatalf("got %q, want the warning %q", diagnosticLines(plan.Diagnostics), otherRegionWarning)
	}
	return plan.Diagnostics[0].Detail
}

func expectWords(t *testing.T, text string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("no %q in:\n%s", word, text)
		}
	}
}

// An import by name into a resource of another region plans a replacement, which
// would delete the imported configuration.
func TestImport_warnsOfOtherRegionOrAccount(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	x := newInstance(t, api.NewServer(t))
	x.importByID("f:$LATEST@us-east-1")
	plan := x.plan(attributes{"function_name": text("f"), "region": text("eu-west-1")})
	expectWords(t, replacementWarning(t, plan), functionARN+":$LATEST", "in region us-east-1", "in region eu-west-1",
		"The region of the resource is eu-west-1.", "NAME:QUALIFIER@REGION")

	plan = x.plan(attributes{"function_name": text("arn:aws:lambda:us-east-1:210987654321:function:f")})
	expectWords(t, replacementWarning(t, plan),
		functionARN+":$LATEST", "in account 123456789012", "in account 210987654321")

	plan = x.plan(attributes{"function_name": text("f"), "qualifier": text("live")})
	failOnDiagnostics(t, plan.Diagnostics) // a replacement in the same region
}

func TestPlan_warnsOfChangedProviderRegion(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	config := attributes{"function_name": text("f")}
	x := newInstance(t, api.NewServer(t))
	x.create(config)
	x.server = api.NewServer(t, attributes{"region": text("eu-west-1")})
	x.read()
	plan := x.plan(config)
	if len(plan.RequiresReplace) == 0 {
		t.Fatal("no replacement")
	}
	expectWords(t, replacementWarning(t, plan), functionARN+":$LATEST", "in region us-east-1", "in region eu-west-1",
		"The resource does not set region, and the provider's region is eu-west-1 now. It was us-east-1",
		`set region = "us-east-1"`, "AWS_REGION")
}

func TestAccImport_emptyID(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	configuration := api.ProviderBlock("", acctest.Region) + acctest.Config("x", "f")
	tf := acctest.Workspace(t, configuration)
	for _, id := range []string{"", "  "} {
		err := tf.Import(t.Context(), resourceX, id)
		if err == nil || !acctest.Wrapped(fmt.Sprintf("The import ID is %q.", id)).MatchString(err.Error()) {
			t.Errorf("%q: got %v", id, err)
		}
	}
	// The provider does not get the empty ID of an import block. Terraform rejects the
	// ID, and OpenTofu ignores the block.
	_, err := acctest.Workspace(t, configuration+importBlock("x", "")).Plan(t.Context())
	if (err != nil) == acctest.CLI.OpenTofu || err != nil && strings.Contains(err.Error(), "always an error") {
		t.Errorf("got %v", err)
	}
	expectLines(t, "sent", api.RequestLines(), nil)
}

// State has control characters of a destination unchanged. Errors have them
// escaped.
func TestAccErrors_escapeControlCharacters(t *testing.T) {
	const destination = queue + "\x1b[2J\u202e"
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: destination}))
	x := newInstance(t, api.NewServer(t))
	x.importByID("f")
	expectWords(t, fmt.Sprint(acctest.GoValue(t, x.state)), destination)
	err := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f")).Apply(t.Context())
	if err == nil || !acctest.Wrapped(`is `+queue+`\u001b[2J\u202e, wanted none`).MatchString(err.Error()) ||
		strings.ContainsAny(err.Error(), "\x1b\u202e") {
		t.Errorf("got %q", err)
	}
}
