// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccCloudFormation_importsRetainedConfig runs the guide "From CloudFormation, CDK
// and SAM" from the physical ID on. The emulator has the configuration that the
// templates deploy.
func TestAccCloudFormation_importsRetainedConfig(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	config := emulator.Config{MaximumRetryAttempts: new(1), OnFailure: queue}
	api.Must(api.PutConfig(acctest.Region, function, "live", config))
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+readExample(t, "guides/cloudformation/import.tf"))
	changes, err := tf.Plan(t.Context(), tfexec.Out("import.tfplan"))
	api.Must(err)
	plan, err := tf.ShowPlanFile(t.Context(), "import.tfplan")
	api.Must(err)
	for _, r := range plan.ResourceChanges {
		if !changes || r.Change.Importing == nil || !r.Change.Actions.NoOp() {
			t.Errorf("%s: %s, importing: %v", r.Address, r.Change.Actions, r.Change.Importing)
		}
	}
	api.Must(tf.Apply(t.Context(), tfexec.DirOrPlan("import.tfplan")))
	if writes := api.WriteLines(); len(writes) > 0 {
		t.Errorf("sent %q", writes)
	}
}

// TestCloudFormation_templatesAgree compares the templates with the configuration
// that is imported. No test deploys the templates.
func TestCloudFormation_templatesAgree(t *testing.T) {
	t.Parallel()
	imported := readExample(t, "guides/cloudformation/import.tf")
	for name, texts := range map[string][]string{
		"template.yml": {
			"Type: AWS::Lambda::EventInvokeConfig\n    DeletionPolicy: Retain\n",
			"FunctionName: orders-worker\n", "Qualifier: live\n",
			"MaximumRetryAttempts: 1\n", "Destination: " + queue + "\n",
		},
		"sam.yml": {
			"Type: AWS::Serverless::Function\n    DeletionPolicy: Retain\n",
			"FunctionName: orders-worker\n", "AutoPublishAlias: live\n",
			"MaximumRetryAttempts: 1\n", "Destination: " + queue + "\n",
		},
		"retain.ts": {"applyRemovalPolicy(RemovalPolicy.RETAIN)"},
		"ids.sh":    {"list-stack-resources", "AWS::Lambda::EventInvokeConfig"},
	} {
		text := readExample(t, "guides/cloudformation/"+name)
		for _, want := range texts {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q", name, want)
			}
		}
	}
	for _, want := range []string{
		`id = "orders-worker|live"`, `"orders-worker"`, `"live"`, "maximum_retry_attempts = 1\n", `"` + queue + `"`,
	} {
		if !strings.Contains(imported, want) {
			t.Errorf("import.tf: no %q", want)
		}
	}
}
