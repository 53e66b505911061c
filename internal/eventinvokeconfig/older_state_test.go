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

// olderInstance is an object in state as a version of the provider with fewer
// attributes recorded it: the members and the ARN. A new attribute does not belong
// in it, so that the attribute is null in the prior state.
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

// TestAccOlderState_isCompleted plans and applies against a recorded older state
// without a refresh, so that the plan sees null for every attribute that the
// older version did not have.
func TestAccOlderState_isCompleted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		arguments []string
		writes    []string
	}{
		"no change":            {[]string{"maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1"}, nil},
		"a member":             {[]string{"maximum_event_age_in_seconds = 60"}, []string{`Update f:$LATEST {"MaximumRetryAttempts":2}`}},
		"another format":       {[]string{"qualifier = \"$LATEST\"", "maximum_event_age_in_seconds = 60"}, []string{`Update f:$LATEST {"MaximumRetryAttempts":2}`}},
		"timeouts":             {[]string{"maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1", `timeouts = { update = "2m" }`}, nil},
		"an explicit argument": {[]string{"maximum_event_age_in_seconds = 60", "maximum_retry_attempts = 1", "overwrite_existing = true"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f", test.arguments...))
			api.Must(tf.Apply(t.Context())) // for a state with the CLI's provider address
			editState(t, tf, func(resources []any) {
				resources[0].(map[string]any)["instances"] = []json.RawMessage{json.RawMessage(olderInstance)}
			})
			api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(1)}))
			api.ClearRequests()

			api.Must(tf.Apply(t.Context(), tfexec.Refresh(false)))
			wantLines(t, "sent", api.WriteLines(), test.writes)
			if changes, err := tf.Plan(t.Context()); err != nil || changes {
				t.Errorf("planned changes = %t, %v", changes, err)
			}
			api.Must(tf.Destroy(t.Context()))
			wantLines(t, "left in the API", api.Configs(), nil)
		})
	}
}

// editState changes the resources of a workspace's local state.
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
