// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// conflict is Lambda's message for overlapping writes to the configurations of
// one function.
const conflict = "The EventInvokeConfig for function " + ARNOfF + ":$LATEST could not be updated due to a concurrent update operation."

// TestWaits has every operation of a resource's life meet one transient
// error.
func TestWaits(t *testing.T) {
	for name, fault := range map[string]emulator.Fault{
		"throttled":           {Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"},
		"service failed":      {Status: 500, Code: "ServiceException", Message: "no"},
		"connection broken":   {},
		"conflict":            {Status: 409, Code: "ResourceConflictException", Message: conflict},
		"destination unknown": {Status: 400, Code: "InvalidParameterValueException", Message: "The destination ARN " + Queue + " is invalid."},
		"permission unknown":  {Status: 400, Code: "InvalidParameterValueException", Message: "The function's execution role does not have permissions to call SendMessage on " + Queue},
		"permission, S3":      {Status: 400, Code: "InvalidParameterValueException", Message: "The function execution role does not have permissions to call PutObject on S3"},
		"permission, SNS":     {Status: 400, Code: "InvalidParameterValueException", Message: "The provided execution role does not have permissions to call Publish on SNS"},
		"answer lost":         {Applied: true},
		"answer broken off":   {Status: 200, Truncate: true},
		"answer unreadable":   {Status: 200, Body: "<html>", Applied: true},
	} {
		t.Run(name, func(t *testing.T) {
			api := NewAPI(t, emulator.Options{}, "f")
			meet := func(operations ...string) func() {
				return func() {
					for _, operation := range operations {
						f := fault
						f.Operation = operation + "FunctionEventInvokeConfig"
						api.AddFault(f)
					}
				}
			}
			created := api.Planned(plancheck.ResourceActionCreate, "x", Config("x", "f", Destinations("", Queue)))
			updated := api.Planned(plancheck.ResourceActionUpdate, "x", Config("x", "f", "maximum_retry_attempts = 0", Destinations("", Queue)))
			destroyed := api.Apply("# nothing")
			created.Check = Has("x", "maximum_retry_attempts", "2")
			updated.Check = Has("x", "maximum_retry_attempts", "0")
			destroyed.Check = func(*terraform.State) error { return SameLines(api.Configs(), nil) }
			api.Run(t,
				After(meet("Put"), created),
				After(meet("Update"), updated),
				After(meet("Delete"), destroyed),
			)
		})
	}
}

// TestReadWaits has a refresh meet transient errors.
func TestReadWaits(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	api.Run(t,
		api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
		After(func() {
			for _, f := range []emulator.Fault{
				{Status: 429, Code: "TooManyRequestsException"}, {Status: 503}, {}, {Status: 200, Truncate: true}, {Status: 200, Body: "{}"},
			} {
				f.Operation = "ListFunctionEventInvokeConfigs"
				api.AddFault(f)
			}
		}, api.Unchanged(Config("x", "f"))),
	)
}

func TestWaitsEndWithTimeouts(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	busy := func(operation string) func() {
		return func() {
			api.AddFault(emulator.Fault{Operation: operation, Times: 1000, Status: 409, Code: "ResourceConflictException", Message: conflict})
		}
	}
	short := `timeouts = { create = "2s", update = "2s", delete = "2s" }`
	const text = "did not succeed within its timeout. The service responded with 409 ResourceConflictException: " + conflict
	changed := Config("x", "f", short, "maximum_retry_attempts = 0")
	api.Run(t,
		After(busy("PutFunctionEventInvokeConfig"), api.Fails(Config("x", "f", short), "PutFunctionEventInvokeConfig of f:$LATEST in us-east-1 "+text)),
		After(api.ClearFaults, api.Apply(Config("x", "f", short), Put("f:$LATEST", 21600, 2, "", ""))),
		After(busy("UpdateFunctionEventInvokeConfig"), api.Fails(changed, "UpdateFunctionEventInvokeConfig of f:$LATEST in us-east-1 "+text)),
		// Nothing was lost.
		After(api.ClearFaults, api.Planned(plancheck.ResourceActionUpdate, "x", changed, `Update f:$LATEST {"MaximumRetryAttempts":0}`)),
		After(busy("DeleteFunctionEventInvokeConfig"), api.Fails("# nothing", "DeleteFunctionEventInvokeConfig of f:$LATEST in us-east-1 "+text)),
		After(api.ClearFaults, api.Apply("# nothing", "Delete f:$LATEST")),
	)
}

// TestUnreachableEndpoint ends long before the timeouts, and once for all
// resources.
func TestUnreachableEndpoint(t *testing.T) {
	t.Parallel()
	api := NewAPI(t, emulator.Options{})
	api.URL = Unreachable
	configuration := api.ProviderBlock("", Region)
	for i := range 30 { // more than Terraform creates at a time
		configuration += Config(fmt.Sprintf("x%d", i), fmt.Sprintf("f%d", i))
	}
	start := time.Now()
	err := Workspace(t, configuration).Apply(t.Context())
	if err == nil || !Wrapped("connect: connection refused").MatchString(err.Error()) || strings.Contains(err.Error(), "StatusCode: 0") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took < 10*time.Second || took > 40*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestFailuresLeaveState has what never passes fail at once, with the state as
// it was.
func TestFailuresLeaveState(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	deny := func(operation string) func() {
		return func() {
			api.AddFault(emulator.Fault{Operation: operation, Times: 10, Status: 403, Code: "AccessDeniedException", Message: "User is not authorized"})
		}
	}
	const text = "The service responded with 403 AccessDeniedException: User is not authorized Request ID: "
	changed := Config("x", "f", "maximum_retry_attempts = 0")
	both := func() {
		deny("ListFunctionEventInvokeConfigs")()
		deny("GetFunctionEventInvokeConfig")()
	}
	api.Run(t,
		After(deny("PutFunctionEventInvokeConfig"), api.Fails(Config("x", "f"), text)),
		After(api.ClearFaults, After(deny("PutFunctionEventInvokeConfig"), api.Fails(Config("x", "f"),
			"Allow the action lambda:PutFunctionEventInvokeConfig on the resources arn:*:lambda:us-east-1:ACCOUNT:function:f and arn:*:lambda:us-east-1:ACCOUNT:function:f:* to"))),
		After(api.ClearFaults, api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", ""))),
		After(deny("UpdateFunctionEventInvokeConfig"), api.Fails(changed,
			"Allow the action lambda:UpdateFunctionEventInvokeConfig on the resources "+ARNOfF+" and "+ARNOfF+":* to")),
		After(both, api.Fails(changed, "Allow the action lambda:GetFunctionEventInvokeConfig on the resources "+ARNOfF+" and "+ARNOfF+":* to")),
		After(api.ClearFaults, After(deny("DeleteFunctionEventInvokeConfig"), api.Fails("# nothing",
			"Allow the action lambda:DeleteFunctionEventInvokeConfig on the resources "+ARNOfF+" and "+ARNOfF+":* to"))),
		After(api.ClearFaults, api.Unchanged(Config("x", "f"))),
	)
}

// TestServiceKeepsAnotherValue has Update and Put answer success with
// something else than was sent.
func TestServiceKeepsAnotherValue(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	changed := Config("x", "f", "maximum_retry_attempts = 0")
	kept := `{"FunctionArn":"` + ARNOfF + `:$LATEST","LastModified":1.5,"MaximumRetryAttempts":1,"MaximumEventAgeInSeconds":21600}`
	answer := func(operations ...string) func() {
		return func() {
			api.Must(api.PutConfig(Region, "f", "", emulator.Config{MaximumRetryAttempts: new(1)}))
			for _, operation := range operations {
				api.AddFault(emulator.Fault{Operation: operation, Status: 200, Body: kept})
			}
		}
	}
	api.Run(t,
		api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")),
		After(answer("UpdateFunctionEventInvokeConfig", "PutFunctionEventInvokeConfig"), api.Fails(changed, "maximum_retry_attempts: sent 0, received 1")),
		// One Put mends what Update did not do.
		After(answer("UpdateFunctionEventInvokeConfig"), api.Planned(plancheck.ResourceActionUpdate, "x", changed,
			`Update f:$LATEST {"MaximumRetryAttempts":0}`, Put("f:$LATEST", 21600, 0, "", ""))),
	)
}

// TestUpdateOfWhatIsGone has the configuration vanish between plan and apply.
func TestUpdateOfWhatIsGone(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f")
	changed := api.Planned(plancheck.ResourceActionUpdate, "x", Config("x", "f", "maximum_retry_attempts = 0"),
		`Update f:$LATEST {"MaximumRetryAttempts":0} -> 404`, Put("f:$LATEST", 21600, 0, "", ""))
	changed.ConfigPlanChecks.PreApply = append(changed.ConfigPlanChecks.PreApply,
		BeforeApply(func() { api.Must(api.DeleteConfig(Region, "f", "")) }))
	api.Run(t, api.Apply(Config("x", "f"), Put("f:$LATEST", 21600, 2, "", "")), changed)
}
