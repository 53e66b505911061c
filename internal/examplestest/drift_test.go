// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	noDrift = "No drift."
	drifted = "Drift: see the plan above."
	failed  = "The plan failed, and says nothing about drift."
)

// pipeline is a directory with an applied configuration of the guide "Drift detection".
type pipeline struct {
	*testing.T

	api *acctest.API
	tf  *tfexec.Terraform
}

// newPipeline applies files of the guide, and clears the API's requests.
func newPipeline(t *testing.T, api *acctest.API, files ...string) pipeline {
	t.Helper()
	configuration := api.ProviderBlock("", acctest.Region)
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(examples, "guides/drift", name))
		api.Must(err)
		configuration += string(text)
	}
	p := pipeline{t, api, acctest.Workspace(t, configuration)}
	api.Must(p.tf.Apply(t.Context()))
	api.ClearRequests()
	return p
}

// detect runs the guide's script in a shell with "set -e", as a pipeline does. The script
// must exit with the status, and print the last line. detect returns its output.
func (p pipeline) detect(status int, lastLine string) (out string) {
	p.Helper()
	script, err := os.ReadFile(filepath.Join(examples, "guides/drift/drift.sh"))
	p.api.Must(err)
	cmd := shell(p.T, p.tf.WorkingDir(), string(script), acctest.Command(p.Context(), p.tf).Env)
	text, err := cmd.CombinedOutput()
	out = string(text)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != status || !strings.HasSuffix(out, lastLine+"\n") {
		p.Fatalf("got %v, want exit status %d and %q\n%s", err, status, lastLine, out)
	}
	return out
}

// wantSent compares all requests since the last call, and clears them.
func (p pipeline) wantSent(want ...string) {
	p.Helper()
	if got := p.api.RequestLines(); !slices.Equal(got, want) {
		p.Errorf("sent %q, want %q", got, want)
	}
	p.api.ClearRequests()
}

// TestAccDriftScript_detectsAndRepairs makes every change of the guide's table, and repairs
// the drift with the script's plan.
func TestAccDriftScript_detectsAndRepairs(t *testing.T) {
	t.Parallel()
	var isDenied atomic.Bool
	api := acctest.NewAPI(t, emulator.Options{FaultFunc: func(emulator.Request) *emulator.Fault {
		if !isDenied.Load() {
			return nil
		}
		return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"}
	}}, function)
	api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	p := newPipeline(t, api, "orders.tf")
	p.detect(0, noDrift)
	p.wantSent("List orders-worker")

	applied := func() emulator.Config {
		return emulator.Config{MaximumRetryAttempts: new(1), MaximumEventAgeInSeconds: new(21600), OnFailure: queue}
	}
	updateRetries := []string{`Update orders-worker:live {"MaximumRetryAttempts":1}`}
	updateAge := []string{`Update orders-worker:live {"MaximumEventAgeInSeconds":21600}`}
	updateDestinations := []string{
		"Get orders-worker:live",
		`Update orders-worker:live {"DestinationConfig":{"OnFailure":{"Destination":"` + queue + `"},"OnSuccess":{}}}`,
	}
	for _, drift := range []struct {
		change func(*emulator.Config)
		repair []string
	}{
		{func(c *emulator.Config) { c.MaximumRetryAttempts = new(0) }, updateRetries},
		{func(c *emulator.Config) { c.MaximumRetryAttempts = nil }, updateRetries},
		{func(c *emulator.Config) { c.MaximumEventAgeInSeconds = new(60) }, updateAge},
		{func(c *emulator.Config) { c.OnFailure = "" }, updateDestinations},
		{func(c *emulator.Config) { c.OnSuccess = bus }, updateDestinations},
		{func(*emulator.Config) {}, nil}, // only last_modified differs
		{func(c *emulator.Config) { c.MaximumEventAgeInSeconds = nil }, nil},
	} {
		config := applied()
		drift.change(&config)
		api.Must(api.PutConfig(acctest.Region, function, "live", config))
		if drift.repair == nil {
			p.detect(0, noDrift)
			p.wantSent("List orders-worker")
			continue
		}
		p.detect(2, drifted)
		p.wantSent("List orders-worker")
		api.Must(p.tf.Apply(t.Context(), tfexec.DirOrPlan("drift.tfplan")))
		p.wantSent(drift.repair...)
	}

	api.Must(api.PutConfig(acctest.Region, function, "", emulator.Config{OnSuccess: bus}))
	p.detect(0, noDrift)
	api.Must(api.DeleteAlias(acctest.Region, function, "live"))
	p.detect(0, noDrift)
	api.Must(api.DeleteConfig(acctest.Region, function, "live"))
	wantCreate := func() {
		t.Helper()
		if out := p.detect(2, drifted); !strings.Contains(out, "Plan: 1 to add, 0 to change, 0 to destroy.") {
			t.Errorf("got %s", out)
		}
	}
	wantCreate()
	api.Must(api.DeleteFunction(acctest.Region, function, ""))
	wantCreate()

	isDenied.Store(true)
	p.detect(1, failed)
}

// TestAccDriftRefreshOnly_exitStatus compares the exit status with the guide's table.
func TestAccDriftRefreshOnly_exitStatus(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	p := newPipeline(t, api, "orders.tf")
	refreshOnly := func() (int, string) {
		cmd := acctest.Command(t.Context(), p.tf, "plan", "-refresh-only", "-detailed-exitcode", "-no-color")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	want := []int{0}
	if !acctest.CLI.OpenTofu && !acctest.AtLeast(1, 15) { // https://github.com/hashicorp/terraform/issues/37406
		want = []int{2}
		if !acctest.AtLeast(1, 11) {
			want = []int{0, 2} // not measured
		}
	}
	if status, out := refreshOnly(); !slices.Contains(want, status) || !strings.Contains(out, "No changes.") {
		t.Errorf("got %d, want one of %d\n%s", status, want, out)
	}

	api.Must(api.PutConfig(acctest.Region, function, "live", emulator.Config{OnFailure: queue}))
	if status, out := refreshOnly(); status != 2 || !strings.Contains(out, "maximum_retry_attempts       = 1 -> 2") {
		t.Errorf("got %d\n%s", status, out)
	}
	accept := acctest.Command(t.Context(), p.tf, "apply", "-refresh-only", "-auto-approve")
	if out, err := accept.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p.detect(2, drifted)
	if got := api.WriteLines(); len(got) > 0 {
		t.Errorf("sent %q", got)
	}
}

// TestAccDriftChecks_keepExitStatus has the checks fail. They warn, and the exit status of the
// plan stays.
func TestAccDriftChecks_keepExitStatus(t *testing.T) {
	t.Parallel()
	const other = "payments-worker"
	api := acctest.NewAPI(t, emulator.Options{}, function, other)
	for _, f := range []string{function, other} {
		api.Must(api.CreateAlias(acctest.Region, f, "live", "$LATEST"))
	}
	api.Must(api.PutConfig(acctest.Region, other, "live", emulator.Config{OnFailure: queue}))
	p := newPipeline(t, api, "orders.tf", "checks.tf")
	checks := func(wantPayments, wantOrders tfjson.CheckStatus) {
		t.Helper()
		plan, err := p.tf.ShowPlanFile(t.Context(), "drift.tfplan")
		api.Must(err)
		got := map[string]tfjson.CheckStatus{}
		for _, c := range plan.Checks {
			got[c.Address.ToDisplay] = c.Status
		}
		if got["check.payments_are_not_lost"] != wantPayments || got["check.orders_have_nothing_else"] != wantOrders {
			t.Errorf("got %v", got)
		}
	}
	if out := p.detect(0, noDrift); strings.Contains(out, "Check block") {
		t.Errorf("got %s", out)
	}
	checks(tfjson.CheckStatusPass, tfjson.CheckStatusPass)
	got := api.RequestLines()
	slices.Sort(got)
	// The session may list a function twice: by name, and by the ARN in state.
	want := []string{"List orders-worker", "List payments-worker"}
	if len(got) > 3 || !slices.Equal(slices.Compact(got), want) {
		t.Errorf("sent %q, want %q, and perhaps the first twice", got, want)
	}

	warns := func(out, text string) {
		t.Helper()
		if !acctest.Wrapped(text).MatchString(out) {
			t.Errorf("want %q in\n%s", text, out)
		}
	}
	api.Must(api.PutConfig(acctest.Region, other, "live", emulator.Config{}))
	warns(p.detect(0, noDrift), "Failed events of payments-worker:live are lost.")
	checks(tfjson.CheckStatusFail, tfjson.CheckStatusPass)

	api.Must(api.PutConfig(acctest.Region, function, "", emulator.Config{}))
	api.Must(api.DeleteConfig(acctest.Region, other, "live"))
	out := p.detect(0, noDrift)
	warns(out, "Failed events of payments-worker:live are lost.")
	warns(out, "Configured on orders-worker: $LATEST, live.")
	checks(tfjson.CheckStatusFail, tfjson.CheckStatusFail)

	api.Must(api.PutConfig(acctest.Region, function, "live", emulator.Config{}))
	warns(p.detect(2, drifted), "Configured on orders-worker: $LATEST, live.")

	api.Must(api.DeleteFunction(acctest.Region, other, ""))
	p.detect(1, failed)
}

// TestAccDriftChecks_oneRunLate shows that a data source outside of the check is read before
// the apply changes the configuration.
func TestAccDriftChecks_oneRunLate(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+retriesCheck)
	apply := func(retries string, warns bool) {
		t.Helper()
		cmd := acctest.Command(t.Context(), tf, "apply", "-auto-approve", "-no-color", "-var=retries="+retries)
		out, err := cmd.CombinedOutput()
		if err != nil || strings.Contains(string(out), "Another number.") != warns {
			t.Errorf("retries = %s: want a warning: %t, got %v\n%s", retries, warns, err, out)
		}
	}
	api.Must(api.PutConfig(acctest.Region, function, "", emulator.Config{MaximumRetryAttempts: new(0)}))
	apply("0", true) // adopts the configuration
	apply("1", true)
	apply("1", false)
	apply("0", false)
	apply("0", true)
}

// TestAccDriftChecks_failTerraformTest shows that a failing check fails its run of
// terraform test, unless the run expects the failure.
func TestAccDriftChecks_failTerraformTest(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	api.Must(api.PutConfig(acctest.Region, function, "", emulator.Config{MaximumRetryAttempts: new(0)}))
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+retriesCheck)
	for name, run := range map[string]struct{ body, want string }{
		"fails.tftest.hcl":    {"command = plan", "Check block assertion failed"},
		"expected.tftest.hcl": {"command = plan\n  expect_failures = [check.retries]", "Success! 1 passed, 0 failed."},
	} {
		text := "variables {\n  retries = 0\n}\nrun \"check\" {\n  " + run.body + "\n}\n"
		api.Must(os.WriteFile(filepath.Join(tf.WorkingDir(), name), []byte(text), 0o600))
		out, err := acctest.Command(t.Context(), tf, "test", "-no-color", "-filter="+name).CombinedOutput()
		if !strings.Contains(string(out), run.want) || (err == nil) != strings.HasPrefix(run.want, "Success") {
			t.Errorf("%s: got %v, want %q\n%s", name, err, run.want, out)
		}
	}
}

// retriesCheck is a configuration and its check, with a data source outside of the check.
const retriesCheck = `
variable "retries" {
  type = number
}

resource "awslambda_function_event_invoke_config" "x" {
  function_name          = "orders-worker"
  maximum_retry_attempts = var.retries
}

data "awslambda_function_event_invoke_config" "x" {
  function_name = "orders-worker"
}

check "retries" {
  assert {
    condition     = data.awslambda_function_event_invoke_config.x.maximum_retry_attempts == 1
    error_message = "Another number."
  }
}
`

// TestAccMovedOnly_exitStatus shows the exit status and the summary of a plan that the migration
// guide documents. It moves within one type, which needs no second provider.
func TestAccMovedOnly_exitStatus(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	configuration := acctest.Config("NAME", function)
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region))
	resource := filepath.Join(tf.WorkingDir(), "resource.tf")
	api.Must(os.WriteFile(resource, []byte(strings.Replace(configuration, "NAME", "old", 1)), 0o600))
	api.Must(tf.Apply(t.Context()))
	const moved = "moved {\n  from = " + acctest.Type + ".old\n  to   = " + acctest.Type + ".new\n}\n"
	api.Must(os.WriteFile(resource, []byte(moved+strings.Replace(configuration, "NAME", "new", 1)), 0o600))
	for _, want := range []struct {
		status int
		text   string
	}{
		{2, "0 to add, 0 to change, 0 to destroy."},
		{0, "No changes."},
	} {
		cmd := acctest.Command(t.Context(), tf, "plan", "-detailed-exitcode", "-no-color", "-out=move.tfplan")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != want.status ||
			!strings.Contains(string(out), want.text) {
			t.Errorf("got %v, want exit status %d and %q\n%s", err, want.status, want.text, out)
		}
		api.Must(tf.Apply(t.Context(), tfexec.DirOrPlan("move.tfplan")))
	}
}

// TestAccDriftChecks_innerDataSource shows that the exit status is always 2 if a data source is
// inside of the check. The guide's data sources are outside.
func TestAccDriftChecks_innerDataSource(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, function)
	api.Must(api.PutConfig(acctest.Region, function, "", emulator.Config{}))
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+`
check "inner" {
  data "awslambda_function_event_invoke_config" "x" {
    function_name = "orders-worker"
  }
  assert {
    condition     = data.awslambda_function_event_invoke_config.x.maximum_retry_attempts == 2
    error_message = "Another number."
  }
}
`)
	api.Must(tf.Apply(t.Context()))
	wantChanges := func() {
		t.Helper()
		if changes, err := tf.Plan(t.Context()); !changes || err != nil {
			t.Errorf("planned changes: %t, %v", changes, err)
		}
	}
	wantChanges()
	api.Must(api.DeleteFunction(acctest.Region, function, ""))
	wantChanges() // a failed read is a warning
}

// TestAccDriftIgnored_isNotRepaired changes an ignored member and another one. The repair sends
// only the other one.
func TestAccDriftIgnored_isNotRepaired(t *testing.T) {
	t.Parallel()
	const reports = "reports-worker"
	api := acctest.NewAPI(t, emulator.Options{}, reports)
	p := newPipeline(t, api, "ignored.tf")
	put := func(retries, age int) {
		config := emulator.Config{MaximumRetryAttempts: &retries, MaximumEventAgeInSeconds: &age}
		api.Must(api.PutConfig(acctest.Region, reports, "", config))
	}
	put(0, 21600)
	p.detect(0, noDrift)
	put(0, 60)
	p.detect(2, drifted)
	p.api.ClearRequests()
	api.Must(p.tf.Apply(t.Context(), tfexec.DirOrPlan("drift.tfplan")))
	p.wantSent(`Update reports-worker:$LATEST {"MaximumEventAgeInSeconds":21600}`)
}
