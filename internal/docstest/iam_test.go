// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	function = "orders-worker"
	queue    = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
	bus      = "arn:aws:events:us-east-1:123456789012:event-bus/results"
)

// readPolicy returns a policy of the guide.
func readPolicy(t *testing.T, name string) *Policy {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "examples/guides/iam", name))
	if err != nil {
		t.Fatal(err)
	}
	p := &Policy{}
	if err := json.Unmarshal(text, p); err != nil {
		t.Fatal(err)
	}
	return p
}

// caller is who the provider signs in as.
type caller struct {
	may     atomic.Pointer[Policy]
	refused atomic.Int32
}

// strike refuses what the policy does not allow. Lambda does not document for
// these actions whether it looks for the function with or without the
// qualifier; so both have to be allowed.
func (c *caller) strike(r emulator.Request) *emulator.Fault {
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", r.Region, Account, r.Function)
	for _, on := range []string{arn, arn + ":" + r.Qualifier} {
		if !c.may.Load().Allows("lambda:"+r.Operation, strings.TrimSuffix(on, ":")) {
			c.refused.Add(1)
			return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"}
		}
	}
	return nil
}

// as returns step with the policy in force from there on.
func (c *caller) as(p *Policy, step acc.TestStep) acc.TestStep {
	return After(func() { c.may.Store(p) }, step)
}

// newCaller returns an API with a function that has an alias, and who is
// signed in to it.
func newCaller(t *testing.T) (*API, *caller) {
	t.Helper()
	c := &caller{}
	api := NewAPI(t, emulator.Options{FaultFunc: c.strike}, function)
	api.Must(api.CreateAlias(Region, function, "live", "$LATEST"))
	return api, c
}

// live is the configuration of the alias.
func live(retries int, onFailure string) string {
	return Config("live", function, `qualifier = "live"`, fmt.Sprintf("maximum_retry_attempts = %d", retries),
		fmt.Sprintf("destination_config = { on_failure = { destination = %q } }", onFailure))
}

// TestPipelinePolicies takes a resource through its life with what the guide
// allows the pipeline, and has nothing be refused.
func TestPipelinePolicies(t *testing.T) {
	api, c := newCaller(t)
	apply, plan := readPolicy(t, "apply.json"), readPolicy(t, "plan.json")
	const topic = "arn:aws:sns:us-east-1:123456789012:orders-failed"
	const dataSources = `
data "awslambda_function_event_invoke_config" "live" {
  function_name = "orders-worker"
  qualifier     = "live"
}

data "awslambda_function_event_invoke_configs" "all" {
  function_name = "orders-worker"
}
`
	drifts := acc.TestStep{PreConfig: api.ClearRequests, Config: api.ProviderBlock("", Region) + live(0, topic), PlanOnly: true, ExpectNonEmptyPlan: true}
	create := api.Apply(live(1, queue), `Put orders-worker:live {"DestinationConfig":{"OnFailure":{"Destination":"`+queue+`"},"OnSuccess":{}},`+
		`"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":1}`)
	changeNumber := api.Apply(live(0, queue), `Update orders-worker:live {"MaximumRetryAttempts":0}`)
	changeDestination := api.Apply(live(0, topic), `Update orders-worker:live {"DestinationConfig":{"OnFailure":{"Destination":"`+topic+`"},"OnSuccess":{}}}`)

	api.Run(t,
		c.as(apply, create),
		c.as(apply, changeNumber),
		c.as(apply, changeDestination),
		c.as(apply, acc.TestStep{
			PreConfig: api.ClearRequests, Config: api.ProviderBlock("", Region) + live(0, topic),
			ResourceName: Type + ".live", ImportState: true, ImportStateVerify: true,
		}),
		c.as(plan, api.Unchanged(live(0, topic)+dataSources)),
		c.as(plan, After(func() { api.Must(api.PutConfig(Region, function, "live", emulator.Config{OnFailure: queue})) }, drifts)),
		c.as(plan, After(func() { api.Must(api.DeleteConfig(Region, function, "live")) }, drifts)),
		c.as(apply, api.Apply(live(0, topic), `Put orders-worker:live {"DestinationConfig":{"OnFailure":{"Destination":"`+topic+`"},"OnSuccess":{}},`+
			`"MaximumEventAgeInSeconds":21600,"MaximumRetryAttempts":0}`)),
	)
	if n := c.refused.Load(); n > 0 {
		t.Errorf("%d calls were refused", n)
	}
}

// TestPipelineActionsAreNeeded leaves out one action after the other.
func TestPipelineActionsAreNeeded(t *testing.T) {
	api, c := newCaller(t)
	apply := readPolicy(t, "apply.json")
	needed := map[string]bool{}
	without := func(action string, step acc.TestStep) acc.TestStep {
		needed["lambda:"+action] = true
		return c.as(apply.Without("lambda:"+action), step)
	}
	fails := func(action, configuration string) acc.TestStep {
		return without(action, api.Fails(configuration, "Allow the action lambda:"+action+" on the resources"))
	}
	written := api.Apply(live(1, queue))
	written.Check = nil
	gone := func() { api.Must(api.DeleteConfig(Region, function, "live")) }
	// Without List nothing fails: it is asked once, and then Get for each
	// configuration.
	refreshed := api.Unchanged(live(1, queue))
	refreshed.Check = func(*terraform.State) error {
		if got := api.Sent(); len(got) < 2 || got[0] != "List orders-worker -> 403" || got[1] != "Get orders-worker:live" {
			return fmt.Errorf("sent: %q", got)
		}
		return nil
	}
	api.Run(t,
		fails("PutFunctionEventInvokeConfig", live(1, queue)),
		c.as(apply, written),
		without("ListFunctionEventInvokeConfigs", refreshed),
		fails("UpdateFunctionEventInvokeConfig", live(0, queue)),
		fails("DeleteFunctionEventInvokeConfig", "# nothing"),
		// That it is gone is believed only when Get says so, too.
		After(gone, fails("GetFunctionEventInvokeConfig", live(1, queue))),
		c.as(apply, written),
	)
	for _, action := range apply.Actions() {
		if !needed[action] {
			t.Errorf("nothing shows that %s is needed", action)
		}
	}
	plan := slices.DeleteFunc(apply.Actions(), func(a string) bool {
		return !strings.HasPrefix(a, "lambda:List") && !strings.HasPrefix(a, "lambda:Get")
	})
	if got := readPolicy(t, "plan.json").Actions(); !slices.Equal(got, plan) {
		t.Errorf("plan.json allows %q, and apply.json %q to read", got, plan)
	}
}
