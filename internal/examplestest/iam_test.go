// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const topic = "arn:aws:sns:us-east-1:123456789012:orders-failed"

// destinations has a destination of each kind, by the name of a function that
// has the destination.
var destinations = map[string]string{
	"queue":    queue,
	"topic":    topic,
	"function": "arn:aws:lambda:us-east-1:123456789012:function:orders-failed",
	"alias":    "arn:aws:lambda:us-east-1:123456789012:function:orders-failed:live",
	"bus":      bus,
	"bucket":   "arn:aws:s3:::orders-failed",
}

// readPolicy returns a policy of the guide "IAM permissions".
func readPolicy(t *testing.T, name string) *acctest.Policy {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, "guides/iam", name))
	if err != nil {
		t.Fatal(err)
	}
	p := &acctest.Policy{}
	if err := json.Unmarshal(text, p); err != nil {
		t.Fatal(err)
	}
	return p
}

// identity is the IAM identity of the provider.
type identity struct {
	policy atomic.Pointer[acctest.Policy]
	denied atomic.Int32
}

// denyCall denies a call unless the policy allows it both with and without the
// qualifier: Lambda does not document which of the two ARNs it checks.
func (i *identity) denyCall(r emulator.Request) *emulator.Fault {
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", r.Region, acctest.Account, r.Function)
	for _, function := range []string{arn, arn + ":" + r.Qualifier} {
		if !i.policy.Load().Allows("lambda:"+r.Operation, strings.TrimSuffix(function, ":")) {
			i.denied.Add(1)
			return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"}
		}
	}
	return nil
}

// withPolicy returns step with p in effect from its start.
func (i *identity) withPolicy(p *acctest.Policy, step resource.TestStep) resource.TestStep {
	return acctest.WithPreConfig(func() { i.policy.Store(p) }, step)
}

// newAPIWithIdentity returns an API with a function and its alias "live".
func newAPIWithIdentity(t *testing.T) (*acctest.API, *identity) {
	t.Helper()
	i := &identity{}
	api := acctest.NewAPI(t, emulator.Options{FaultFunc: i.denyCall}, function)
	api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	return api, i
}

// liveConfig returns the resource for the alias.
func liveConfig(retries int, onFailure string) string {
	return acctest.Config("live", function, `qualifier = "live"`, fmt.Sprintf("maximum_retry_attempts = %d", retries),
		fmt.Sprintf("destination_config = { on_failure = { destination = %q } }", onFailure))
}

func TestAccPipelinePolicies_allowEveryCall(t *testing.T) {
	api, i := newAPIWithIdentity(t)
	apply, plan := readPolicy(t, "apply.json"), readPolicy(t, "plan.json")
	const dataSources = `
data "awslambda_function_event_invoke_config" "live" {
  function_name = "orders-worker"
  qualifier     = "live"
}

data "awslambda_function_event_invoke_configs" "all" {
  function_name = "orders-worker"
}
`
	const put = `Put orders-worker:live {"DestinationConfig":{"OnFailure":{"Destination":%q},"OnSuccess":{}},` +
		`"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":%d}`
	const updateDestination = `Update orders-worker:live ` +
		`{"DestinationConfig":{"OnFailure":{"Destination":%q},"OnSuccess":{}}}`
	config := api.ProviderBlock("", acctest.Region) + liveConfig(0, topic)
	drift := resource.TestStep{
		PreConfig: api.ClearRequests, Config: config, PlanOnly: true, ExpectNonEmptyPlan: true,
	}
	changeConfig := func() {
		api.Must(api.PutConfig(acctest.Region, function, "live", emulator.Config{OnFailure: queue}))
	}
	deleteConfig := func() { api.Must(api.DeleteConfig(acctest.Region, function, "live")) }
	api.ParallelTest(t,
		i.withPolicy(apply, api.ApplyStep(liveConfig(1, queue), fmt.Sprintf(put, queue, 1))),
		api.ApplyStep(liveConfig(0, queue), `Update orders-worker:live {"MaximumRetryAttempts":0}`),
		api.ApplyStep(liveConfig(0, topic), fmt.Sprintf(updateDestination, topic)),
		resource.TestStep{
			Config: config, ResourceName: acctest.Type + ".live", ImportState: true, ImportStateVerify: true,
		},
		i.withPolicy(plan, api.NoOpStep(liveConfig(0, topic)+dataSources)),
		acctest.WithPreConfig(changeConfig, drift),
		acctest.WithPreConfig(deleteConfig, drift),
		i.withPolicy(apply, api.ApplyStep(liveConfig(0, topic), fmt.Sprintf(put, topic, 0))),
	)
	if n := i.denied.Load(); n > 0 {
		t.Errorf("%d calls were denied", n)
	}
}

func TestAccPipelinePolicies_allowNothingElse(t *testing.T) {
	api, i := newAPIWithIdentity(t)
	apply := readPolicy(t, "apply.json")
	tested := map[string]bool{}
	without := func(action string, step resource.TestStep) resource.TestStep {
		tested["lambda:"+action] = true
		return i.withPolicy(apply.Without("lambda:"+action), step)
	}
	fails := func(action, configuration string) resource.TestStep {
		return without(action, api.ErrorStep(configuration, "Allow the action lambda:"+action+" on the resources"))
	}
	create := i.withPolicy(apply, api.ApplyStep(liveConfig(1, queue)))
	create.Check = nil
	// A refresh without List succeeds, but needs a Get for each configuration.
	refresh := acctest.WithCheck(api.NoOpStep(liveConfig(1, queue)), func() error {
		sent := strings.Join(api.RequestLines(), "\n")
		if !strings.HasPrefix(sent, "List orders-worker -> 403\nGet orders-worker:live") {
			return fmt.Errorf("sent: %s", sent)
		}
		return nil
	})
	deleteConfig := func() { api.Must(api.DeleteConfig(acctest.Region, function, "live")) }
	api.ParallelTest(t,
		fails("PutFunctionEventInvokeConfig", liveConfig(1, queue)),
		create,
		without("ListFunctionEventInvokeConfigs", refresh),
		fails("UpdateFunctionEventInvokeConfig", liveConfig(0, queue)),
		fails("DeleteFunctionEventInvokeConfig", "# empty"),
		acctest.WithPreConfig(deleteConfig, fails("GetFunctionEventInvokeConfig", liveConfig(1, queue))),
		create,
	)
	var reads []string
	for _, action := range apply.Actions() {
		if !tested[action] {
			t.Errorf("apply.json allows %s, which no step requires", action)
		}
		if strings.HasPrefix(action, "lambda:List") || strings.HasPrefix(action, "lambda:Get") {
			reads = append(reads, action)
		}
	}
	if got := readPolicy(t, "plan.json").Actions(); !slices.Equal(got, reads) {
		t.Errorf("plan.json allows %q, want the reads of apply.json %q", got, reads)
	}
}

// roleExample returns an example for the execution role, an API with the function
// of a destination, and the role, which has no permissions yet.
func roleExample(t *testing.T, name string) (*acctest.API, *acctest.Role, string) {
	t.Helper()
	role := &acctest.Role{}
	api := acctest.NewAPI(t, emulator.Options{FaultFunc: role.RejectDestination}, "orders-failed")
	api.Must(api.CreateAlias(acctest.Region, "orders-failed", "live", "$LATEST"))
	return api, role, api.ProviderBlock("", acctest.Region) + inProcess(t, "guides/iam/"+name)
}

// TestAccRolePolicy_allowsEveryDestination applies role.tf, and then its policy
// with a destination of each kind.
func TestAccRolePolicy_allowsEveryDestination(t *testing.T) {
	api, role, config := roleExample(t, "role.tf")
	all := config
	for name, arn := range destinations {
		api.Must(api.CreateFunction(acctest.Region, name))
		all = strings.Replace(all, "in [", fmt.Sprintf("in [%q, ", arn), 1)
		all += acctest.Config(name, name, "depends_on = [aws_iam_role_policy.destinations]",
			fmt.Sprintf("destination_config = { on_failure = { destination = %q } }", arn))
	}
	resource.ParallelTest(t, api.TestCaseWithAWS(role, resource.TestStep{Config: config}, resource.TestStep{Config: all}))
	for _, line := range api.WriteLines() {
		if strings.Contains(line, "->") {
			t.Errorf("rejected: %s", line)
		}
	}
	if unused := role.UnusedActions(); len(unused) > 0 {
		t.Errorf("no destination requires %q", unused)
	}
}

// TestAccPrecondition_requiresPermission plans precondition.tf for a destination
// of each kind, without and with the permission.
func TestAccPrecondition_requiresPermission(t *testing.T) {
	for name, arn := range destinations {
		t.Run(name, func(t *testing.T) {
			api, role, config := roleExample(t, "precondition.tf")
			config = strings.Replace(config, queue, arn, 1)
			start, rest, _ := strings.Cut(config, "data ")
			start += `resource "aws_iam_role_policy" "destinations" {
  role = "orders-worker"
  policy = jsonencode({ Statement = [{ Action = local.needed.actions, Resource = local.needed.resources }] })
}
`
			failingPlan := resource.TestStep{
				Config: config, PlanOnly: true, ExpectError: acctest.Wrapped("The execution role requires"),
			}
			expectNoPut := func() {
				if strings.Contains(strings.Join(api.WriteLines(), "\n"), "Put ") {
					t.Errorf("sent without the permission: %q", api.WriteLines())
				}
			}
			resource.ParallelTest(t, api.TestCaseWithAWS(role, failingPlan,
				resource.TestStep{PreConfig: expectNoPut, Config: start},
				resource.TestStep{PreConfig: expectNoPut, Config: start + "data " + rest},
			))
			if !strings.Contains(strings.Join(api.WriteLines(), "\n"), "Put ") {
				t.Error("no Put with the permission")
			}
		})
	}
}
