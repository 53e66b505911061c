// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestIdentity_schema(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, a := range acctest.NewAPI(t, emulator.Options{}).NewServer(t).Identity.IdentityAttributes {
		got[a.Name] = fmt.Sprintf("required %t, optional %t", a.RequiredForImport, a.OptionalForImport)
	}
	const optional = "required false, optional true"
	want := map[string]string{
		"function_name": "required true, optional false", "qualifier": optional, "region": optional, "account_id": optional,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// An import by identity has the same state as an import by ID. The function f
// exists in two regions.
func TestIdentity_import(t *testing.T) {
	t.Parallel()
	const europe = "eu-west-1"
	for name, test := range map[string]struct {
		identity map[string]string
		id       string
		want     map[string]any
	}{
		"name": {map[string]string{"function_name": "f"}, "f", identityOf("f", "$LATEST", acctest.Region)},
		"qualifier": {
			map[string]string{"function_name": "f", "qualifier": "live"}, "f:live", identityOf("f", "live", acctest.Region),
		},
		"region": {
			map[string]string{"function_name": "f", "region": europe}, europe + ":f", identityOf("f", "$LATEST", europe),
		},
		"account": {
			map[string]string{"function_name": "f", "account_id": acctest.Account},
			acctest.Account + ":f", identityOf("f", "$LATEST", acctest.Region),
		},
		"all": {
			map[string]string{"function_name": "f", "qualifier": "live", "region": europe, "account_id": acctest.Account},
			"arn:aws:lambda:eu-west-1:123456789012:function:f:live", identityOf("f", "live", europe),
		},
		"name like part of an ARN": {
			map[string]string{"function_name": "function", "qualifier": "live"},
			"function:function:live", identityOf("function", "live", acctest.Region),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f", "function")
			api.Must(api.CreateFunction(europe, "f"))
			for i, at := range [][2]string{{acctest.Region, "f"}, {acctest.Region, "function"}, {europe, "f"}} {
				latest := emulator.Config{MaximumEventAgeInSeconds: new(60 + i)}
				live := emulator.Config{MaximumEventAgeInSeconds: new(70 + i), OnFailure: queue}
				api.Must(api.CreateAlias(at[0], at[1], "live", "$LATEST"))
				api.Must(api.PutConfig(at[0], at[1], "", latest))
				api.Must(api.PutConfig(at[0], at[1], "live", live))
			}
			byIdentity := newInstance(t, api.NewServer(t))
			byIdentity.importByIdentity(test.identity)
			expectIdentity(t, byIdentity.server, byIdentity.identity, test.want)
			expectLines(t, "sent", api.RequestLines(), []string{"List " + test.identity["function_name"]})

			byID := newInstance(t, api.NewServer(t))
			byID.importByID(test.id)
			expectIdentity(t, byID.server, byID.identity, test.want)
			if !byIdentity.state.Equal(byID.state) {
				t.Errorf("state: got %v by identity, %v by ID", byIdentity.state, byID.state)
			}
		})
	}
}

func TestIdentity_invalidImport(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := api.NewServer(t)
	for _, test := range []struct{ attribute, value, text string }{
		{"function_name", "", "is not a Lambda function reference"},
		{"function_name", "f g", `"f g" is not a Lambda function reference`},
		{"function_name", "f:live", `"f:live" is not the bare name of a function`},
		{"function_name", functionARN, "is not the bare name of a function"},
		{"qualifier", "a b", `"a b" is not a qualifier`},
		{"qualifier", "", `"" is not a qualifier`},
		{"region", "Frankfurt", `does not know the region "Frankfurt"`},
		{"account_id", "12", `"12" is not the ID of an AWS account`},
	} {
		identity := map[string]string{"function_name": "f"}
		maps.Copy(identity, map[string]string{test.attribute: test.value})
		got, err := server.ImportResourceState(t.Context(), importRequest(t, server, identity))
		api.Must(err)
		expectDiagnostic(t, diagnosticLines(got.Diagnostics), `ERROR: AttributeName("`+test.attribute+`"): `, test.text)
	}
	expectLines(t, "sent", api.RequestLines(), nil)
}

func TestIdentity_importFromOtherAccount(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	server := api.NewServer(t)
	imported, err := server.ImportResourceState(t.Context(),
		importRequest(t, server, map[string]string{"function_name": "f", "account_id": "210987654321"}))
	api.Must(err)
	failOnDiagnostics(t, imported.Diagnostics)
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: acctest.Type, CurrentState: imported.ImportedResources[0].State,
	})
	api.Must(err)
	expectDiagnostic(t, diagnosticLines(read.Diagnostics), "ERROR: ", "403 AccessDeniedException")
}

// Create, updates and another reference of the same function keep the identity.
func TestIdentity_isKept(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	x := newInstance(t, api.NewServer(t))
	x.create(attributes{"function_name": text(functionARN)})
	timeouts := x.server.Resource.ValueType().(tftypes.Object).AttributeTypes["timeouts"].(tftypes.Object)
	minutes := map[string]tftypes.Value{}
	for operation := range timeouts.AttributeTypes {
		minutes[operation] = text("1m")
	}
	for _, test := range []struct {
		config attributes
		write  []string
	}{
		{attributes{"function_name": text("f:$LATEST")}, nil},
		{
			attributes{"function_name": text("f"), "maximum_retry_attempts": number(1)},
			[]string{`Update f:$LATEST {"MaximumRetryAttempts":1}`},
		},
		{
			attributes{
				"function_name": text("f"), "maximum_retry_attempts": number(1), "timeouts": tftypes.NewValue(timeouts, minutes),
			}, nil,
		},
	} {
		api.ClearRequests()
		x.server = api.NewServer(t)
		x.read()
		expectIdentity(t, x.server, x.identity, identityOf("f", "$LATEST", acctest.Region))
		plan := x.plan(test.config)
		expectIdentity(t, x.server, plan.PlannedIdentity, identityOf("f", "$LATEST", acctest.Region))
		if !x.isNoOp(plan) {
			x.apply(test.config, plan)
		}
		expectIdentity(t, x.server, x.identity, identityOf("f", "$LATEST", acctest.Region))
		expectLines(t, "sent", api.WriteLines(), test.write)
	}
}

// The framework requires an identity also for an object that Read removes.
func TestIdentity_ofDeletedConfiguration(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	x := newInstance(t, api.NewServer(t))
	x.importByID("f")
	api.Must(api.DeleteConfig(acctest.Region, "f", ""))
	x.server = api.NewServer(t)
	failOnDiagnostics(t, x.read())
	expectIdentity(t, x.server, x.identity, identityOf("f", "$LATEST", acctest.Region))
	if !x.state.IsNull() {
		t.Error("the object is still in state")
	}
}

// If the provider block is unknown, objects keep their identity, and an import
// fails.
func TestIdentity_unknownProviderRegion(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	x := newInstance(t, api.NewServer(t))
	x.importByID("f")
	api.ClearRequests()
	x.server = acctest.NewServer(t, attributes{"region": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)})
	// State of an older version of the provider has no identity.
	for _, before := range []*tfprotov6.ResourceIdentityData{x.identity, nil} {
		x.identity = before
		failOnDiagnostics(t, x.read())
		expectIdentity(t, x.server, x.identity, identityOf("f", "$LATEST", acctest.Region))
	}
	got, err := x.server.ImportResourceState(t.Context(),
		importRequest(t, x.server, map[string]string{"function_name": "f"}))
	api.Must(err)
	expectDiagnostic(t, diagnosticLines(got.Diagnostics), "ERROR: Provider configuration not known yet", "")
	expectLines(t, "sent", api.RequestLines(), nil)
}

func TestAccIdentity_importBlock(t *testing.T) {
	skipWithoutIdentities(t)
	api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
	api.Must(api.CreateAlias(acctest.Region, "g", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: queue}))
	api.Must(api.PutConfig(acctest.Region, "g", "live", emulator.Config{MaximumRetryAttempts: new(0)}))
	configuration := strings.ReplaceAll(`
import {
  to       = TYPE.f
  identity = { function_name = "f" }
}
import {
  to       = TYPE.g
  identity = { function_name = "g", qualifier = "live", region = "us-east-1", account_id = "123456789012" }
}
`, "TYPE", acctest.Type) + acctest.Config("f", functionARN, acctest.DestinationConfig("", queue)) +
		acctest.Config("g", "g:live", "maximum_retry_attempts = 0")
	api.ParallelTest(t,
		acctest.WithPlanCheck(expectNoOps{}, api.ApplyStep(configuration)), api.NoOpStep(configuration))
}

func TestAccIdentity_inState(t *testing.T) {
	skipWithoutIdentities(t)
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	destinations := acctest.DestinationConfig(topic, bucket)
	identity := statecheck.ExpectIdentity(resourceX, identityChecks("f", "live", acctest.Region))
	api.ParallelTest(t,
		acctest.WithStateChecks(api.ApplyStep(acctest.Config("x", functionARN, `qualifier = "live"`, destinations),
			acctest.PutRequest("f:live", 21600, 2, topic, bucket)), identity),
		acctest.WithStateChecks(api.NoOpStep(acctest.Config("x", "f:live", destinations)), identity),
		resource.TestStep{
			ResourceName: resourceX, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
		},
	)
}
