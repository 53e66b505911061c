// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// TestAccLostEventsCheck_warnsOfUnprotectedFunctions runs the check of the guide "Finding lost
// events".
func TestAccLostEventsCheck_warnsOfUnprotectedFunctions(t *testing.T) {
	t.Parallel()
	var isDenied atomic.Bool
	api := acctest.NewAPI(t, emulator.Options{FaultFunc: func(r emulator.Request) *emulator.Fault {
		if !isDenied.Load() || r.Function != "reports" {
			return nil
		}
		return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"}
	}})
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+readExample(t, "guides/lost-events/check.tf"))
	plan := func(calls int, warnings ...string) {
		t.Helper()
		api.ClearRequests()
		out, err := acctest.Command(t.Context(), tf, "plan", "-no-color", "-detailed-exitcode").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		for _, w := range warnings {
			if !acctest.Wrapped(w).Match(out) {
				t.Errorf("want %q in\n%s", w, out)
			}
		}
		if failed := strings.Count(string(out), "Check block assertion failed"); failed != len(warnings) {
			t.Errorf("%d assertions failed, want %d\n%s", failed, len(warnings), out)
		}
		if sent := api.RequestLines(); len(sent) != calls {
			t.Errorf("sent %q, want %d calls", sent, calls)
		}
	}
	plan(1) // no function
	api.CreateDeadLetterFunction("queued", queue)
	api.Must(api.CreateFunction(acctest.Region, "reports"))
	api.Must(api.CreateFunction(acctest.Region, "payments"))
	plan(4, "No on-failure destination and no dead-letter queue: payments, reports.")
	api.Must(api.PutConfig(acctest.Region, "reports", "", emulator.Config{OnFailure: queue}))
	api.Must(api.PutConfig(acctest.Region, "payments", "", emulator.Config{OnSuccess: bus}))
	plan(4, "No on-failure destination and no dead-letter queue: payments.")
	api.Must(api.PutConfig(acctest.Region, "payments", "", emulator.Config{OnFailure: queue}))
	plan(4)
	isDenied.Store(true)
	plan(4, "Not checked, because Lambda denied it: reports.")
}

// TestAccLostEventsPolicy_isFormatted has the CLI parse the policy of the guide. No test
// evaluates it, which requires Terraform 1.17.
func TestAccLostEventsPolicy_isFormatted(t *testing.T) {
	t.Parallel()
	policy := readExample(t, "guides/lost-events/on-failure.policy.hcl")
	if !strings.Contains(policy, `resource_policy "`+acctest.Type+`"`) {
		t.Errorf("not about %s:\n%s", acctest.Type, policy)
	}
	cmd := terraformcli.Command(t.Context(), acctest.CLI, t.TempDir(), os.DevNull, "fmt", "-check", "-")
	cmd.Stdin = strings.NewReader(policy)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
