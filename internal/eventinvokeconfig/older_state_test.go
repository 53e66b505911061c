// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// olderInstance is the state of an object that a version with fewer attributes has
// written. Do not add new attributes: they are null in this prior state.
const olderInstance = `{
  "schema_version": 0,
  "attributes": {
    "id": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
    "function_name": "f",
    "maximum_event_age_in_seconds": 60,
    "maximum_retry_attempts": 1,
    "destination_config": null
  },
  "sensitive_attributes": []
}`

// An apply without a refresh plans with null for each attribute that an older
// version did not have.
func TestAccOlderState_newAttributesAreNull(t *testing.T) {
	t.Parallel()
	const age, retries = "maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1"
	updateRetries := []string{`Update f:$LATEST {"MaximumRetryAttempts":2}`}
	for name, test := range map[string]struct {
		arguments []string
		writes    []string
	}{
		"no change":          {[]string{age, retries}, nil},
		"member":             {[]string{age}, updateRetries},
		"other reference":    {[]string{`qualifier = "$LATEST"`, age}, updateRetries},
		"timeouts":           {[]string{age, retries, `timeouts = { update = "2m" }`}, nil},
		"overwrite_existing": {[]string{age, retries, "overwrite_existing = true"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f", test.arguments...))
			api.Must(tf.Apply(t.Context())) // writes a state with the CLI's provider address
			editState(t, tf, func(resources []any) {
				resources[0].(map[string]any)["instances"] = []json.RawMessage{json.RawMessage(olderInstance)}
			})
			api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{
				MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(1),
			}))
			api.ClearRequests()

			api.Must(tf.Apply(t.Context(), tfexec.Refresh(false)))
			expectLines(t, "sent", api.WriteLines(), test.writes)
			expectNoChanges(t, tf)
			api.Must(tf.Destroy(t.Context()))
			expectLines(t, "left in the API", api.Configs(), nil)
		})
	}
}

// State may have values that earlier versions accepted in a configuration and this
// version rejects. A refresh shows no drift, and a destroy succeeds.
func TestAccOlderState_invalidValues(t *testing.T) {
	t.Parallel()
	timeouts := func(d string) map[string]any {
		return map[string]any{"create": nil, "read": d, "update": d, "delete": d}
	}
	for name, test := range map[string]struct {
		attribute   string
		value       any
		plansChange bool
	}{
		"timeout of zero":     {"timeouts", timeouts("0s"), true},
		"negative timeout":    {"timeouts", timeouts("-1s"), true},
		"ARN without account": {"function_name", "arn:aws:lambda:us-east-1:f", false},
		"invalid ID":          {"id", "f in us-east-1", false},
		"invalid name":        {"function_name", "f in us-east-1", false},
		"ARN with only name":  {"function_name", "arn:aws:lambda:f", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f"))
			api.Must(tf.Apply(t.Context()))
			editState(t, tf, func(resources []any) { // keeps the identity that newer CLIs write
				instance := resources[0].(map[string]any)["instances"].([]any)[0].(map[string]any)
				instance["attributes"].(map[string]any)[test.attribute] = test.value
			})
			api.Must(tf.Refresh(t.Context()))
			if changes, err := tf.Plan(t.Context()); err != nil || changes != test.plansChange {
				t.Errorf("planned changes = %t, %v", changes, err)
			}
			api.Must(tf.Destroy(t.Context()))
			expectLines(t, "left in the API", api.Configs(), nil)
		})
	}
}

// editState changes the resources in the local state of a workspace.
func editState(t *testing.T, tf *tfexec.Terraform, edit func(resources []any)) {
	t.Helper()
	file := filepath.Join(tf.WorkingDir(), "terraform.tfstate")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	edit(state["resources"].([]any))
	if data, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
