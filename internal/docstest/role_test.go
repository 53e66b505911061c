// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// everyKind has a destination of each kind, by the name of a function that has
// the destination.
var everyKind = map[string]string{
	"queue":    queue,
	"topic":    "arn:aws:sns:us-east-1:123456789012:orders-failed",
	"function": "arn:aws:lambda:us-east-1:123456789012:function:orders-failed",
	"alias":    "arn:aws:lambda:us-east-1:123456789012:function:orders-failed:live",
	"bus":      bus,
	"bucket":   "arn:aws:s3:::orders-failed",
}

// guide returns an example of the guide, to be run with the providers of the
// test's process.
func guide(t *testing.T, api *API, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/guides/iam", name))
	api.Must(err)
	return api.ProviderBlock("", Region) + strings.ReplaceAll(string(text), `"lambda-async/awslambda"`, `"hashicorp/awslambda"`)
}

// TestRolePolicy applies the policy that the guide shows. Then it applies the
// same policy for a destination of every kind. Lambda denies no destination,
// and needs every action.
func TestRolePolicy(t *testing.T) {
	role := &Role{}
	api := NewAPI(t, emulator.Options{FaultFunc: role.Strike}, "orders-failed")
	api.Must(api.CreateAlias(Region, "orders-failed", "live", "$LATEST"))
	configuration := guide(t, api, "role.tf")
	others := configuration
	for name, arn := range everyKind {
		api.Must(api.CreateFunction(Region, name))
		others = strings.Replace(others, "in [", fmt.Sprintf("in [%q, ", arn), 1)
		others += Config(name, name, "depends_on = [aws_iam_role_policy.destinations]",
			fmt.Sprintf("destination_config = { on_failure = { destination = %q } }", arn))
	}
	acc.ParallelTest(t, api.BesideAWS(role, acc.TestStep{Config: configuration}, acc.TestStep{Config: others}))
	for _, line := range api.Writes() {
		if strings.Contains(line, "->") {
			t.Errorf("refused: %s", line)
		}
	}
	if unneeded := role.Unneeded(); len(unneeded) > 0 {
		t.Errorf("the policy allows %q, which nothing needs", unneeded)
	}
}

// TestPrecondition fails the plan that the guide shows while the role has no
// permission for a destination of any kind, and applies it afterwards.
func TestPrecondition(t *testing.T) {
	for name, arn := range everyKind {
		t.Run(name, func(t *testing.T) {
			role := &Role{}
			api := NewAPI(t, emulator.Options{FaultFunc: role.Strike}, "orders-failed")
			api.Must(api.CreateAlias(Region, "orders-failed", "live", "$LATEST"))
			configuration := strings.Replace(guide(t, api, "precondition.tf"), queue, arn, 1)
			required, rest, _ := strings.Cut(configuration, "data ")
			policy := `resource "aws_iam_role_policy" "destinations" {
  role = "orders-worker"
  policy = jsonencode({ Statement = [{ Action = local.needed.actions, Resource = local.needed.resources }] })
}
`
			fails := acc.TestStep{Config: configuration, PlanOnly: true, ExpectError: Wrapped("The execution role needs")}
			nothingSent := func() {
				if sent := api.Writes(); len(sent) > 0 && slices.ContainsFunc(sent, func(s string) bool { return !strings.HasPrefix(s, "Create") }) {
					t.Errorf("sent before the role had the permission: %q", sent)
				}
			}
			acc.ParallelTest(t, api.BesideAWS(role, fails,
				acc.TestStep{PreConfig: nothingSent, Config: required + policy},
				acc.TestStep{PreConfig: nothingSent, Config: required + policy + "data " + rest},
			))
			if got := api.Writes(); len(got) == 0 {
				t.Error("nothing was sent with the permission")
			}
		})
	}
}

// TestActionsStandOnce has every action of a destination stand in one document
// for users: the page of destination_permissions.
func TestActionsStandOnce(t *testing.T) {
	t.Parallel()
	const page = "docs/functions/destination_permissions.md"
	said := map[string]int{}
	for _, d := range documents(t) {
		if d.name == "CONTRIBUTING.md" { // about a role on which a program for contributors runs
			continue
		}
		text := d.text
		for _, b := range d.blocks {
			text += b.text
		}
		for _, arn := range everyKind {
			parsed, err := destination.Parse(arn)
			if err != nil {
				t.Fatal(err)
			}
			actions, _, err := parsed.Permissions()
			if err != nil {
				t.Fatal(err)
			}
			for _, action := range actions {
				n := strings.Count(text, action)
				if d.name == page {
					said[action] = n
				} else if n > 0 {
					t.Errorf("%s says %s, which only %s may say", d.name, action, page)
				}
			}
		}
	}
	for action, n := range said {
		if n != 1 {
			t.Errorf("%s says %s %d times", page, action, n)
		}
	}
	if len(said) != 6 {
		t.Errorf("got the actions %v of all destinations", said)
	}
}
