// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// TestAccConfigure_acceptsArgumentsOfAWSProvider has the arguments of a
// hashicorp/aws block without effect. Their values may be unknown.
func TestAccConfigure_acceptsArgumentsOfAWSProvider(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	at := endpoints("lambda", api.URL)
	first := applyStep(region, keys, at, `
		s3_use_path_style              = true
		s3_us_east_1_regional_endpoint = "regional"
		tag_policy_compliance          = "warning"
		default_tags {
			tags = { team = "a", id = terraform_data.later.id }
		}
		ignore_tags {
			keys         = ["a"]
			key_prefixes = ["kubernetes.io/"]
		}`)
	first.Config += "resource \"terraform_data\" \"later\" {}\n"
	api.ParallelTest(t, first, applyStep(region, keys, at, "default_tags {}", "ignore_tags {}"))
}

func TestConfigure_ignoresUnknownArgumentWithoutEffect(t *testing.T) {
	_, diags := configure(t, map[string]any{"region": "us-east-1", "tag_policy_compliance": tftypes.UnknownValue})
	if len(diags) != 0 {
		t.Errorf("got %v", diags)
	}
}

// TestAccUnknownRegion_plansFromState has a region that is known only after apply.
// The plan replaces no resource, and makes no call to Lambda.
func TestAccUnknownRegion_plansFromState(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	step := func(trigger string) resource.TestStep {
		s := applyStep("region = terraform_data.later.output", keys, endpoints("lambda", api.URL))
		s.Config += fmt.Sprintf("resource \"terraform_data\" \"later\" {\n"+
			"input = \"us-east-1\"\ntriggers_replace = %q\n}\n", trigger)
		return s
	}
	second := step("2")
	second.PreConfig = api.ClearRequests
	second.ConfigPlanChecks.PreApply = []plancheck.PlanCheck{
		plancheck.ExpectResourceAction(acctest.Type+".x", plancheck.ResourceActionNoop), expectNoRequests{api},
	}
	api.ParallelTest(t, step("1"), second)
}

// expectNoRequests is a plan check that no request was sent to Lambda.
type expectNoRequests struct{ api *acctest.API }

func (c expectNoRequests) CheckPlan(
	_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse,
) {
	if sent := c.api.RequestLines(); len(sent) > 0 {
		resp.Error = fmt.Errorf("sent: %q", sent)
	}
}

// TestAccUnknownRegion_failsDestroy removes the source of the region from state.
// Terraform then destroys with an unknown region.
func TestAccUnknownRegion_failsDestroy(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t, configuration("region = terraform_data.later.output", keys, endpoints("lambda", api.URL))+
		"resource \"terraform_data\" \"later\" { input = \"us-east-1\" }\n")
	if err := errors.Join(tf.Apply(t.Context()), tf.StateRm(t.Context(), "terraform_data.later")); err != nil {
		t.Fatal(err)
	}
	err := tf.Destroy(t.Context())
	if err == nil || !acctest.Wrapped("the provider cannot call Lambda in this run").MatchString(err.Error()) {
		t.Errorf("got %v", err)
	}
}

// TestUnknownRegion_defersResources calls the protocol server, because released
// CLIs support deferred actions only as an experiment.
func TestUnknownRegion_defersResources(t *testing.T) {
	t.Parallel()
	for name, allowed := range map[string]bool{"supported": true, "not supported": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve.Server(provider.New("test"))()
			schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				t.Fatal(err)
			}
			configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config: acctest.Object(t, schemas.Provider.ValueType(), map[string]tftypes.Value{
					"region": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
				}),
				ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: allowed},
			})
			if err != nil || len(configured.Diagnostics) != 1 ||
				configured.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
				!strings.Contains(configured.Diagnostics[0].Detail, "Known only after apply: region.") {
				t.Fatalf("got %v, %v", configured, err)
			}
			resourceType := schemas.ResourceSchemas[acctest.Type].ValueType()
			config := acctest.Object(t, resourceType, map[string]tftypes.Value{
				"function_name": tftypes.NewValue(tftypes.String, "f"),
			})
			null, err := tfprotov6.NewDynamicValue(resourceType, tftypes.NewValue(resourceType, nil))
			if err != nil {
				t.Fatal(err)
			}
			planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: acctest.Type, Config: config, ProposedNewState: config, PriorState: &null,
				ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed},
			})
			if err != nil || len(planned.Diagnostics) != 0 {
				t.Fatalf("got %v, %v", planned, err)
			}
			if deferred := planned.Deferred != nil; deferred != allowed {
				t.Errorf("deferred = %t", deferred)
			}
		})
	}
}
