// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// configJSON returns the body of a response with the configuration of a qualified
// ARN.
func configJSON(arn string, age, retries int, onSuccess, onFailure string) string {
	return fmt.Sprintf(`{"FunctionArn":%q,"LastModified":1.5,`+
		`"MaximumEventAgeInSeconds":%d,"MaximumRetryAttempts":%d,"DestinationConfig":%s}`,
		arn, age, retries, acctest.DestinationJSON(onSuccess, onFailure))
}

// responds returns a fault that responds 200 without carrying out the request.
func responds(operation, body string) emulator.Fault {
	return emulator.Fault{Operation: operation, Status: http.StatusOK, Body: body}
}

// respondsAfter returns a fault that carries out the request and responds 200.
func respondsAfter(operation, body string) emulator.Fault {
	return emulator.Fault{Operation: operation, Status: http.StatusOK, Body: body, Applied: true}
}

// lostResponse returns faults of a write: the connection closes without a response,
// and the retry is denied. Lambda has carried out the write if applied is true.
func lostResponse(operation string, applied bool) []emulator.Fault {
	return []emulator.Fault{
		{Operation: operation, Applied: applied},
		{Operation: operation, Status: 403, Code: "AccessDeniedException", Message: "denied"},
	}
}

const (
	createdAsPlanned = "A read found the configuration as planned, and state records it."
	stateFromRead    = "State records the configuration that a read has found."
)

func TestAccUnknownOutcome_stateRecordsRead(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	created, changed := acctest.Config("x", "f"), acctest.Config("x", "f", "maximum_retry_attempts = 0")
	api.ParallelTest(t,
		withFaults(api, api.ErrorStep(created, createdAsPlanned), lostResponse(putConfig, true)...),
		// The error taints the resource.
		withFaults(api, api.ActionStep(plancheck.ResourceActionDestroyBeforeCreate, "x", created,
			"Delete f:$LATEST", acctest.PutDefaults("f:$LATEST"))),
		withFaults(api, api.ErrorStep(changed, stateFromRead), lostResponse(updateConfig, true)...),
		withFaults(api, api.NoOpStep(changed)),
		withFaults(api, api.ErrorStep(created, stateFromRead), lostResponse(updateConfig, false)...),
		withFaults(api, api.NoOpStep(changed)),
		withFaults(api, api.ApplyStep("# empty", "Delete f:$LATEST -> 0", "Delete f:$LATEST -> 403"),
			lostResponse(deleteConfig, true)...),
		withFaults(api, api.ErrorStep(created, "A read found no configuration."), lostResponse(putConfig, false)...),
		withFaults(api, api.ApplyStep(created, acctest.PutDefaults("f:$LATEST"))),
	)
}

// The read after a timeout has the time that is kept back from the timeout.
func TestAccUnknownOutcome_timeout(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	silent := func(operation string) emulator.Fault {
		return emulator.Fault{Operation: operation, Times: 1000, Applied: true, Delay: time.Hour, Status: 200}
	}
	short := `timeouts = { create = "3s", update = "3s", delete = "3s" }`
	changed := acctest.Config("x", "f", short, "maximum_retry_attempts = 0")
	api.ParallelTest(t,
		withFaults(api, api.ErrorStep(acctest.Config("x", "f", short), createdAsPlanned), silent(putConfig)),
		withFaults(api, api.ApplyStep("# empty", "Delete f:$LATEST -> 0"), silent(deleteConfig)),
		withFaults(api, api.ApplyStep(acctest.Config("x", "f", short), acctest.PutDefaults("f:$LATEST"))),
		withFaults(api, api.ErrorStep(changed, stateFromRead), silent(updateConfig)),
		withFaults(api, api.NoOpStep(changed)),
	)
}

// Responses about another function are retried.
func TestAccResponse_ofAnotherFunction(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	body := configJSON(arnOf("other", "$LATEST"), 77, 0, "", "")
	list := responds(listConfigs, `{"FunctionEventInvokeConfigs":[`+body+`]}`)
	before := acctest.Config("x", "f", "maximum_retry_attempts = 1")
	after := acctest.Config("x", "f", "maximum_retry_attempts = 0")
	put, update := acctest.PutRequest("f:$LATEST", 21600, 1, "", ""), `Update f:$LATEST {"MaximumRetryAttempts":0}`
	api.ParallelTest(t,
		withFaults(api, api.ApplyStep(before, put, put), list, responds(putConfig, body)),
		withFaults(api, api.NoOpStep(before), list),
		withFaults(api, api.ApplyStep(after, update, update), list, responds(updateConfig, body)),
	)
}

// State requires an ARN. A response to Put without an ARN is retried.
func TestAccResponse_withoutARN(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	without := func(arn string) emulator.Fault {
		return responds(putConfig, configJSON(arn, 21600, 2, "", ""))
	}
	put := acctest.PutDefaults("f:$LATEST")
	api.ParallelTest(t, withFaults(api, acctest.WithStateChecks(
		api.ApplyStep(acctest.Config("x", "f"), put, put, put),
		acctest.ExpectStrings(resourceX, "id", functionARN+":$LATEST")...,
	), without(""), without("f:$LATEST")))
}

// A response to Delete may be wrong. State keeps the resource until a read finds
// no configuration.
func TestAccDelete_isConfirmed(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	put := acctest.PutDefaults("f:$LATEST")
	var steps []resource.TestStep
	for _, wrong := range []emulator.Fault{
		responds(deleteConfig, "<html>Sign in</html>"),
		{Operation: deleteConfig, Status: 404, Code: "ResourceNotFoundException", Message: "no"},
	} {
		secondDelete := acctest.WithCheck(api.ApplyStep("# empty"), func() error {
			if writes := api.WriteLines(); len(writes) != 2 || len(api.Configs()) != 0 {
				return fmt.Errorf("sent %q", writes)
			}
			return nil
		})
		steps = append(steps,
			api.ApplyStep(acctest.Config("x", "f"), put),
			withFaults(api, api.ErrorStep("# empty", "A read found that the configuration still exists."), wrong, wrong),
			api.ApplyStep("# empty", "Delete f:$LATEST"),
			api.ApplyStep(acctest.Config("x", "f"), put),
			withFaults(api, secondDelete, wrong))
	}
	api.ParallelTest(t, steps...)
}

// Reads and responses may be older than the last write.
func TestAccUpdate_olderResponses(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	queue2 := strings.Replace(queue, ":q", ":two", 1)
	old := configJSON(functionARN+":$LATEST", 21600, 2, "", queue)
	contradicting := configJSON(functionARN+":$LATEST", 21600, 2, eventBus, queue2)
	both := acctest.Config("x", "f", acctest.DestinationConfig(topic, queue))
	changed := acctest.Config("x", "f", acctest.DestinationConfig(topic, queue2))
	retries := acctest.Config("x", "f", acctest.DestinationConfig(topic, queue2), "maximum_retry_attempts = 0")
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f", acctest.DestinationConfig("", queue)),
			acctest.PutRequest("f:$LATEST", 21600, 2, "", queue)),
		api.ApplyStep(both, updateDestinations(topic, queue)),
		// An update of one destination reads the other one first.
		withFaults(api, api.ApplyStep(changed, updateDestinations(topic, queue2)), responds(getConfig, old)),
		withFaults(api, api.ErrorStep(both, "destination_config.on_success: first none, then "+eventBus),
			responds(getConfig, old), responds(getConfig, contradicting)),
		api.NoOpStep(changed),
		withFaults(api, api.ApplyStep(retries, `Update f:$LATEST {"MaximumRetryAttempts":0}`),
			respondsAfter(updateConfig, old)),
	)
}

// The Get after the Delete of a tainted resource, and the response to the Put, are
// older.
func TestAccReplacement_olderResponses(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	configuration := acctest.Config("x", "f", "maximum_retry_attempts = 0")
	put := acctest.PutRequest("f:$LATEST", 21600, 0, "", "")
	replace := api.ActionStep(plancheck.ResourceActionDestroyBeforeCreate, "x", configuration, "Delete f:$LATEST", put)
	replace.Taint = []string{resourceX}
	api.ParallelTest(t, api.ApplyStep(configuration, put), withFaults(api, replace,
		responds(getConfig, configJSON(functionARN+":$LATEST", 21600, 0, "", "")),
		respondsAfter(putConfig, configJSON(functionARN+":$LATEST", 21600, 1, "", ""))))
}

func TestAccUpdate_warnsOfChangesAfterPlan(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	tf := acctest.Workspace(t,
		api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f", "maximum_retry_attempts = 0"))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(1)}))
	api.Must(tf.Import(t.Context(), resourceX, "f"))
	_, err := tf.Plan(t.Context(), tfexec.Out("plan"))
	api.Must(err)
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{
		MaximumRetryAttempts: new(1), MaximumEventAgeInSeconds: new(60), OnFailure: queue,
	}))
	output, err := acctest.Command(t.Context(), tf, "apply", "-input=false", "-no-color", "plan").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	for _, want := range []string{
		"Changed outside of Terraform after plan",
		"The event invoke config of " + functionARN + ":$LATEST has other values",
		"maximum_event_age_in_seconds: is 60, planned 21600",
		"destination_config.on_failure: is " + queue + ", planned none",
		"The next plan shows the difference",
	} {
		if !acctest.Wrapped(want).Match(output) {
			t.Errorf("no %q in:\n%s", want, output)
		}
	}
	if changes, err := tf.Plan(t.Context()); err != nil || !changes {
		t.Errorf("next plan: changes = %t, %v", changes, err)
	}
}

func TestAccCreate_warnsOfAdoption(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+acctest.Config("x", "f"))
	apply := func() string {
		t.Helper()
		output, err := acctest.Command(t.Context(), tf, "apply", "-no-color", "-auto-approve").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return string(output)
	}
	const summary = "Existing configuration adopted"
	detail := acctest.Wrapped(functionARN + ":$LATEST existed before this run, last modified at 20")
	if output := apply(); !strings.Contains(output, summary) || !detail.MatchString(output) {
		t.Errorf("no warning in:\n%s", output)
	}
	api.Must(api.DeleteConfig(acctest.Region, "f", ""))
	if output := apply(); strings.Contains(output, summary) {
		t.Errorf("warning about a new configuration:\n%s", output)
	}
}

// A refresh uses the timeout in state. If that timeout is too short, an apply must
// be able to make it longer.
func TestAccTimeouts_shortReadTimeoutCanBeChanged(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	longer := acctest.Config("x", "f", `timeouts = { read = "5m" }`)
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f", `timeouts = { read = "1ms" }`), acctest.PutDefaults("f:$LATEST")),
		withFaults(api, api.ApplyStep(longer),
			emulator.Fault{Operation: listConfigs, Times: 10, Status: 200, Delay: 50 * time.Millisecond}),
		withFaults(api, api.NoOpStep(longer)),
	)
}
