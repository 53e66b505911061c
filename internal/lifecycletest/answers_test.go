// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Names of operations in faults.
const (
	listConfigs  = "ListFunctionEventInvokeConfigs"
	getConfig    = "GetFunctionEventInvokeConfig"
	putConfig    = "PutFunctionEventInvokeConfig"
	updateConfig = "UpdateFunctionEventInvokeConfig"
	deleteConfig = "DeleteFunctionEventInvokeConfig"
)

// answer returns the body of a response about a function or a qualified ARN.
func answer(arn string, age, retries int, onSuccess, onFailure string) string {
	return fmt.Sprintf(`{"FunctionArn":%q,"LastModified":1.5,"MaximumEventAgeInSeconds":%d,"MaximumRetryAttempts":%d,"DestinationConfig":%s}`,
		arn, age, retries, Sides(onSuccess, onFailure))
}

// faults queues faults in order.
func faults(api *API, faults ...emulator.Fault) func() {
	return func() {
		for _, f := range faults {
			api.AddFault(f)
		}
	}
}

// The configuration is written, the response is lost, and the retry is refused.
func lost(operation string) []emulator.Fault {
	return []emulator.Fault{
		{Operation: operation, Applied: true},
		{Operation: operation, Status: 403, Code: "AccessDeniedException", Message: "denied since"},
	}
}

// A write ends without a valid response, although Lambda carried it out. State
// records the result of a read.
func TestUnknownOutcome(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	created, changed := Config("x", "f"), Config("x", "f", "maximum_retry_attempts = 0")
	api.Run(t,
		After(faults(api, lost(putConfig)...), api.Fails(created, "A read found the configuration as planned, and state records it.")),
		// The error taints the resource.
		After(api.ClearFaults, api.Planned(plancheck.ResourceActionDestroyBeforeCreate, "x", created,
			"Delete f:$LATEST", Put("f:$LATEST", 21600, 2, "", ""))),
		After(faults(api, lost(updateConfig)...), api.Fails(changed, "State records the configuration that a read has found.")),
		After(api.ClearFaults, api.Unchanged(changed)),
		// An update that Lambda did not carry out leaves state as it was.
		After(faults(api, emulator.Fault{Operation: updateConfig}, lost(updateConfig)[1]),
			api.Fails(created, "State records the configuration that a read has found.")),
		After(api.ClearFaults, api.Unchanged(changed)),
		After(faults(api, lost(deleteConfig)...), api.Apply("# nothing", "Delete f:$LATEST -> 0", "Delete f:$LATEST -> 403")),
		After(faults(api, emulator.Fault{Operation: putConfig}, lost(putConfig)[1]), api.Fails(created, "A read found no configuration.")),
		After(api.ClearFaults, api.Apply(created, Put("f:$LATEST", 21600, 2, "", ""))),
	)
}

// A write gets no response until its timeout ends. The time for the read is kept
// back from the timeout.
func TestUnknownOutcome_timeout(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	silent := func(operation string) func() {
		return faults(api, emulator.Fault{Operation: operation, Times: 1000, Applied: true, Delay: 1 << 40, Status: 200})
	}
	short := `timeouts = { create = "3s", update = "3s", delete = "3s" }`
	api.Run(t,
		After(silent(putConfig), api.Fails(Config("x", "f", short), "A read found the configuration as planned, and state records it.")),
		After(api.ClearFaults, After(silent(deleteConfig), api.Apply("# nothing", "Delete f:$LATEST -> 0"))),
		After(api.ClearFaults, api.Apply(Config("x", "f", short), Put("f:$LATEST", 21600, 2, "", ""))),
		After(silent(updateConfig), api.Fails(Config("x", "f", short, "maximum_retry_attempts = 0"), "State records the configuration that a read has found.")),
		After(api.ClearFaults, api.Unchanged(Config("x", "f", short, "maximum_retry_attempts = 0"))),
	)
}

// The responses to a refresh and to writes are about another function. The calls
// are retried, and the other function's configuration stays.
func TestAnswerAboutAnotherFunction(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f", "stranger")
	stranger := emulator.Config{MaximumEventAgeInSeconds: new(77), MaximumRetryAttempts: new(0)}
	api.Must(api.PutConfig(Region, "stranger", "", stranger))
	body := answer(strings.TrimSuffix(ARNOfF, ":f")+":stranger:$LATEST", 77, 0, "", "")
	list := emulator.Fault{Operation: listConfigs, Status: 200, Body: `{"FunctionEventInvokeConfigs":[` + body + `]}`}
	other := func(operation string) emulator.Fault {
		return emulator.Fault{Operation: operation, Status: 200, Body: body}
	}
	one, none := Config("x", "f", "maximum_retry_attempts = 1"), Config("x", "f", "maximum_retry_attempts = 0")
	api.Run(t,
		After(faults(api, list, other(putConfig)), api.Apply(one, Put("f:$LATEST", 21600, 1, "", ""), Put("f:$LATEST", 21600, 1, "", ""))),
		After(faults(api, list), api.Unchanged(one)),
		After(faults(api, list, other(updateConfig)), api.Apply(none,
			`Update f:$LATEST {"MaximumRetryAttempts":0}`, `Update f:$LATEST {"MaximumRetryAttempts":0}`)),
		Checked(api.Unchanged(none), func(*terraform.State) error {
			if config, ok := api.Config(Region, "stranger", ""); !ok || *config.MaximumEventAgeInSeconds != 77 {
				return fmt.Errorf("the other configuration is %+v", config)
			}
			return nil
		}),
		After(func() { api.Must(api.DeleteFunction(Region, "stranger", "")) }, api.Unchanged(none)),
	)
}

// TestAnswerWithoutARN has a Put answered without the ARN that state needs.
func TestAnswerWithoutARN(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	bad := func(arn string) emulator.Fault {
		return emulator.Fault{Operation: putConfig, Status: 200, Body: answer(arn, 21600, 2, "", "")}
	}
	put := Put("f:$LATEST", 21600, 2, "", "")
	api.Run(t, After(faults(api, bad(""), bad("f:$LATEST")), Checked(api.Apply(Config("x", "f"), put, put, put), Has("x", "id", ARNOfF+":$LATEST"))))
}

// A proxy answers a Delete, or the response is wrong. State keeps the resource
// until the configuration is deleted.
func TestDeleteIsConfirmed(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	html := emulator.Fault{Operation: deleteConfig, Status: 200, Body: "<html>Sign in</html>"}
	gone := emulator.Fault{Operation: deleteConfig, Status: 404, Code: "ResourceNotFoundException", Message: "no"}
	const destroyed = "Delete f:$LATEST"
	put := Put("f:$LATEST", 21600, 2, "", "")
	var steps []resource.TestStep
	for _, wrong := range []emulator.Fault{html, gone} {
		steps = append(steps,
			api.Apply(Config("x", "f"), put),
			After(faults(api, wrong, wrong), api.Fails("# nothing", "A read found that the configuration is still there.")),
			api.Apply("# nothing", destroyed),
			api.Apply(Config("x", "f"), put),
			After(faults(api, wrong), resource.TestStep{
				PreConfig: api.ClearRequests, Config: api.ProviderBlock("", Region) + "# nothing",
				Check: func(*terraform.State) error {
					if writes := api.Writes(); len(writes) != 2 || len(api.Configs()) != 0 {
						return fmt.Errorf("sent %q", writes)
					}
					return nil
				},
			}))
	}
	api.Run(t, steps...)
}

// TestOlderAnswers has reads and responses that are older than the last write.
func TestOlderAnswers(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	two := strings.Replace(Queue, ":q", ":two", 1)
	old := answer(ARNOfF+":$LATEST", 21600, 2, "", Queue)
	older := func(operation, body string, applied bool) emulator.Fault {
		return emulator.Fault{Operation: operation, Status: 200, Body: body, Applied: applied}
	}
	both, three := Config("x", "f", Destinations(Topic, Queue)), Config("x", "f", Destinations(Topic, two))
	retries := Config("x", "f", Destinations(Topic, two), "maximum_retry_attempts = 0")
	update := func(onSuccess, onFailure string) string {
		return `Update f:$LATEST {"DestinationConfig":` + Sides(onSuccess, onFailure) + `}`
	}
	api.Run(t,
		api.Apply(Config("x", "f", Destinations("", Queue)), Put("f:$LATEST", 21600, 2, "", Queue)),
		api.Apply(both, update(Topic, Queue)),
		// The Get before an update of one destination.
		After(faults(api, older(getConfig, old, false)), api.Apply(three, update(Topic, two))),
		// Two reads that contradict each other and the plan.
		After(faults(api, older(getConfig, old, false), older(getConfig, answer(ARNOfF+":$LATEST", 21600, 2, Bus, two), false)),
			api.Fails(both, "destination_config.on_success: first none, then "+Bus)),
		api.Unchanged(three),
		// The response of an update.
		After(faults(api, older(updateConfig, old, true)), api.Apply(retries, `Update f:$LATEST {"MaximumRetryAttempts":0}`)),
	)
}

// TestReplacement_olderAnswers has a tainted resource replaced. The Get after the
// Delete and the response of the Put are older.
func TestReplacement_olderAnswers(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	old := answer(ARNOfF+":$LATEST", 21600, 0, "", "")
	configuration := Config("x", "f", "maximum_retry_attempts = 0")
	put := Put("f:$LATEST", 21600, 0, "", "")
	replaced := api.Planned(plancheck.ResourceActionDestroyBeforeCreate, "x", configuration, "Delete f:$LATEST", put)
	replaced.Taint = []string{Type + ".x"}
	api.Run(t,
		api.Apply(configuration, put),
		After(faults(api,
			emulator.Fault{Operation: getConfig, Status: 200, Body: old},
			emulator.Fault{Operation: putConfig, Status: 200, Body: answer(ARNOfF+":$LATEST", 21600, 1, "", ""), Applied: true},
		), replaced),
	)
}

// TestChangeAfterPlan_warns has another client change a member between plan and
// apply.
func TestChangeAfterPlan_warns(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f")
	tf := Workspace(t, api.ProviderBlock("", Region)+Config("x", "f", "maximum_retry_attempts = 0"))
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumRetryAttempts: new(1)}))
	if err := tf.Import(t.Context(), Type+".x", "f"); err != nil {
		t.Fatal(err)
	}
	if _, err := tf.Plan(t.Context(), tfexec.Out("plan")); err != nil {
		t.Fatal(err)
	}
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumRetryAttempts: new(1), MaximumEventAgeInSeconds: new(60), OnFailure: Queue}))
	output, err := Command(t.Context(), tf, "apply", "-input=false", "-no-color", "plan").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, want := range []string{
		"Changed outside of Terraform after plan",
		"The event invoke config of " + ARNOfF + ":$LATEST has other values",
		"maximum_event_age_in_seconds: is 60, planned 21600",
		"destination_config.on_failure: is " + Queue + ", planned none",
		"The next plan shows the difference",
	} {
		if !Wrapped(want).Match(output) {
			t.Errorf("no %q in:\n%s", want, output)
		}
	}
	if changes, err := tf.Plan(t.Context()); err != nil || !changes {
		t.Errorf("the next plan: changes = %t, %v", changes, err)
	}
}

// TestAdoption_warns has a configuration exist that equals a new resource.
func TestAdoption_warns(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(Region, "f", "", emulator.Config{}))
	tf := Workspace(t, api.ProviderBlock("", Region)+Config("x", "f"))
	output, err := Command(t.Context(), tf, "apply", "-input=false", "-no-color", "-auto-approve").CombinedOutput()
	want := "Existing configuration adopted"
	if err != nil || !strings.Contains(string(output), want) || !Wrapped(ARNOfF+":$LATEST existed before this run, last modified at 20").Match(output) {
		t.Errorf("%v, want %q in:\n%s", err, want, output)
	}
	api.Must(api.DeleteConfig(Region, "f", ""))
	if output, err = Command(t.Context(), tf, "apply", "-input=false", "-no-color", "-auto-approve").CombinedOutput(); err != nil ||
		strings.Contains(string(output), want) {
		t.Errorf("a new configuration: %v, unexpected %q in:\n%s", err, want, output)
	}
}

// A refresh uses the timeout in state. If state has a timeout that is too short,
// a longer one must still be applicable.
func TestShortReadTimeout_isNoTrap(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Run(t,
		api.Apply(Config("x", "f", `timeouts = { read = "1ms" }`), Put("f:$LATEST", 21600, 2, "", "")),
		After(faults(api, emulator.Fault{Operation: listConfigs, Times: 10, Status: 200, Delay: 50_000_000}),
			api.Apply(Config("x", "f", `timeouts = { read = "5m" }`))),
		After(api.ClearFaults, api.Unchanged(Config("x", "f", `timeouts = { read = "5m" }`))),
	)
}
