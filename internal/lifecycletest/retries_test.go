// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Lambda's message for concurrent writes to the configurations of one function.
const conflict = "The EventInvokeConfig for function " + functionARN + ":$LATEST could not be updated " +
	"due to a concurrent update operation."

// Create, update and delete each meet one transient error.
func TestAccRetry_transientErrorsOfWrites(t *testing.T) {
	invalid := func(message string) emulator.Fault {
		return emulator.Fault{Status: 400, Code: "InvalidParameterValueException", Message: message}
	}
	for name, fault := range map[string]emulator.Fault{
		"throttled":         {Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"},
		"500":               {Status: 500, Code: "ServiceException", Message: "no"},
		"connection closed": {},
		"conflict":          {Status: 409, Code: "ResourceConflictException", Message: conflict},
		"destination":       invalid("The destination ARN " + queue + " is invalid."),
		"permission, SQS": invalid(
			"The function's execution role does not have permissions to call SendMessage on " + queue),
		"permission, S3":  invalid("The function execution role does not have permissions to call PutObject on S3"),
		"permission, SNS": invalid("The provided execution role does not have permissions to call Publish on SNS"),
		"lost response":   {Applied: true},
		"truncated":       {Status: 200, Truncate: true},
		"HTML":            {Status: 200, Body: "<html>", Applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			on := func(operation string) emulator.Fault {
				f := fault
				f.Operation = operation
				return f
			}
			retries := func(step resource.TestStep, want int64) resource.TestStep {
				step.Check = nil
				return acctest.WithStateChecks(step, acctest.ExpectAttributes(resourceX, map[string]knownvalue.Check{
					"maximum_retry_attempts": knownvalue.Int64Exact(want),
				})...)
			}
			toQueue := acctest.DestinationConfig("", queue)
			create := api.ActionStep(plancheck.ResourceActionCreate, "x", acctest.Config("x", "f", toQueue))
			update := api.UpdateStep(acctest.Config("x", "f", "maximum_retry_attempts = 0", toQueue))
			destroy := acctest.WithCheck(api.ApplyStep("# empty"), func() error {
				return acctest.CompareUnordered(api.Configs(), nil)
			})
			api.ParallelTest(t,
				withFaults(api, retries(create, 2), on(putConfig)),
				withFaults(api, retries(update, 0), on(updateConfig)),
				withFaults(api, destroy, on(deleteConfig)),
			)
		})
	}
}

func TestAccRetry_transientErrorsOfRefresh(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		withFaults(api, api.NoOpStep(acctest.Config("x", "f")),
			emulator.Fault{Operation: listConfigs, Status: 429, Code: "TooManyRequestsException"},
			emulator.Fault{Operation: listConfigs, Status: 503},
			emulator.Fault{Operation: listConfigs},
			emulator.Fault{Operation: listConfigs, Status: 200, Truncate: true},
			emulator.Fault{Operation: listConfigs, Status: 200, Body: "{}"}),
	)
}

func TestAccRetry_endsWithTimeout(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	busy := func(operation string) emulator.Fault {
		return emulator.Fault{
			Operation: operation, Times: 1000, Status: 409, Code: "ResourceConflictException", Message: conflict,
		}
	}
	const short = `timeouts = { create = "2s", update = "2s", delete = "2s" }`
	message := func(operation string) string {
		return operation + " of f:$LATEST in us-east-1 did not succeed within its timeout. " +
			"The service responded with 409 ResourceConflictException: " + conflict
	}
	created, changed := acctest.Config("x", "f", short), acctest.Config("x", "f", short, "maximum_retry_attempts = 0")
	api.ParallelTest(t,
		withFaults(api, api.ErrorStep(created, message(putConfig)), busy(putConfig)),
		withFaults(api, api.ApplyStep(created, acctest.PutDefaults("f:$LATEST"))),
		withFaults(api, api.ErrorStep(changed, message(updateConfig)), busy(updateConfig)),
		withFaults(api, api.UpdateStep(changed, `Update f:$LATEST {"MaximumRetryAttempts":0}`)),
		withFaults(api, api.ErrorStep("# empty", message(deleteConfig)), busy(deleteConfig)),
		withFaults(api, api.ApplyStep("# empty", "Delete f:$LATEST")),
	)
}

// The provider retries connections to an endpoint for 10 s in total, not for each
// resource.
func TestAccRetry_unreachableEndpoint(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	api.URL = acctest.UnreachableURL
	configuration := api.ProviderBlock("", acctest.Region)
	for i := range 30 { // more than Terraform creates in parallel
		configuration += acctest.Config(fmt.Sprintf("x%d", i), fmt.Sprintf("f%d", i))
	}
	start := time.Now()
	err := acctest.Workspace(t, configuration).Apply(t.Context())
	if err == nil || !acctest.Wrapped("connect: connection refused").MatchString(err.Error()) ||
		strings.Contains(err.Error(), "StatusCode: 0") {
		t.Errorf("got %v", err)
	}
	if duration := time.Since(start); duration < 10*time.Second || duration > 40*time.Second {
		t.Errorf("duration %s, want 10 s to 40 s", duration)
	}
}

func TestAccPermanentErrors_keepState(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	denied := func(operation string) emulator.Fault {
		return emulator.Fault{
			Operation: operation, Times: 10,
			Status: 403, Code: "AccessDeniedException", Message: "User is not authorized",
		}
	}
	allow := func(operation, arn string) string {
		return "Allow the action lambda:" + operation + " on the resources " + arn + " and " + arn + ":* to"
	}
	const anyFunctionARN = "arn:*:lambda:us-east-1:ACCOUNT:function:f"
	created, changed := acctest.Config("x", "f"), acctest.Config("x", "f", "maximum_retry_attempts = 0")
	api.ParallelTest(t,
		withFaults(api, api.ErrorStep(created,
			"The service responded with 403 AccessDeniedException: User is not authorized Request ID: "), denied(putConfig)),
		withFaults(api, api.ErrorStep(created, allow(putConfig, anyFunctionARN)), denied(putConfig)),
		withFaults(api, api.ApplyStep(created, acctest.PutDefaults("f:$LATEST"))),
		withFaults(api, api.ErrorStep(changed, allow(updateConfig, functionARN)), denied(updateConfig)),
		withFaults(api, api.ErrorStep(changed, allow(getConfig, functionARN)), denied(listConfigs), denied(getConfig)),
		withFaults(api, api.ErrorStep("# empty", allow(deleteConfig, functionARN)), denied(deleteConfig)),
		withFaults(api, api.NoOpStep(created)),
	)
}

// Update and Put respond with another value than was sent.
func TestAccUpdate_confirmsValues(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	changed := acctest.Config("x", "f", "maximum_retry_attempts = 0")
	other := configJSON(functionARN+":$LATEST", 21600, 1, "", "")
	putOther := func() {
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(1)}))
	}
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		acctest.WithPreConfig(putOther, withFaults(api, api.ErrorStep(changed, "maximum_retry_attempts: sent 0, received 1"),
			responds(updateConfig, other), responds(putConfig, other))),
		// A Put sets the value after an Update without effect.
		acctest.WithPreConfig(putOther, withFaults(api, api.UpdateStep(changed,
			`Update f:$LATEST {"MaximumRetryAttempts":0}`, acctest.PutRequest("f:$LATEST", 21600, 0, "", "")),
			responds(updateConfig, other))),
	)
}

// The configuration is deleted between plan and apply.
func TestAccUpdate_deletedConfiguration(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	update := api.UpdateStep(acctest.Config("x", "f", "maximum_retry_attempts = 0"),
		`Update f:$LATEST {"MaximumRetryAttempts":0} -> 404`, acctest.PutRequest("f:$LATEST", 21600, 0, "", ""))
	deleteConfig := acctest.BeforeApply(func() { api.Must(api.DeleteConfig(acctest.Region, "f", "")) })
	api.ParallelTest(t, api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		acctest.WithPlanCheck(deleteConfig, update))
}
