// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// identity is a whole one, in the tests' account.
func identity(function, qualifier, region string) map[string]any {
	return map[string]any{"function_name": function, "qualifier": qualifier, "region": region, "account_id": acctest.Account}
}

// identityIn is what an answer of the server says.
func identityIn(t *testing.T, server *acctest.Server, data *tfprotov6.ResourceIdentityData) map[string]any {
	t.Helper()
	if data == nil {
		return nil
	}
	return acctest.GoValues(t, acctest.ObjectAttributes(t, server.Identity.ValueType(), data.IdentityData))
}

func wantIdentity(t *testing.T, server *acctest.Server, got *tfprotov6.ResourceIdentityData, want map[string]any) {
	t.Helper()
	if is := identityIn(t, server, got); !reflect.DeepEqual(is, want) {
		t.Errorf("identity: got %v, want %v", is, want)
	}
}

// said is every diagnostic in one line, with the attribute that it is on.
func said(diags []*tfprotov6.Diagnostic) (lines []string) {
	for _, d := range diags {
		line := d.Severity.String() + ": "
		if d.Attribute != nil {
			line += d.Attribute.String() + ": "
		}
		lines = append(lines, line+strings.Join(strings.Fields(d.Summary+": "+d.Detail), " "))
	}
	return lines
}

func nothingSaid(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if lines := said(diags); lines != nil {
		t.Fatal(lines)
	}
}

// imported imports and reads: by the identity where one is given.
func imported(t *testing.T, api *acctest.API, server *acctest.Server, id string, by map[string]string) *tfprotov6.ReadResourceResponse {
	t.Helper()
	request := &tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: id}
	if by != nil {
		request.Identity = &tfprotov6.ResourceIdentityData{IdentityData: acctest.Object(t, server.Identity.ValueType(), acctest.StringValues(by))}
	}
	stub, err := server.ImportResourceState(t.Context(), request)
	api.Must(err)
	nothingSaid(t, stub.Diagnostics)
	one := stub.ImportedResources[0]
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: acctest.Type, CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private,
	})
	api.Must(err)
	nothingSaid(t, read.Diagnostics)
	return read
}

func TestIdentitySchema(t *testing.T) {
	t.Parallel()
	got := map[string]string{}
	for _, a := range acctest.NewAPI(t, emulator.Options{}).NewServer(t).Identity.IdentityAttributes {
		got[a.Name] = fmt.Sprintf("required %t, optional %t", a.RequiredForImport, a.OptionalForImport)
	}
	const optional = "required false, optional true"
	want := map[string]string{"function_name": "required true, optional false", "qualifier": optional, "region": optional, "account_id": optional}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// TestImportByIdentity has one configuration in two regions, so that a region
// that went unheard would show.
func TestImportByIdentity(t *testing.T) {
	t.Parallel()
	const europe = "eu-west-1"
	for name, test := range map[string]struct {
		by   map[string]string
		id   string
		want map[string]any
		call string
	}{
		"name": {
			map[string]string{"function_name": "f"}, "f", identity("f", "$LATEST", acctest.Region), "List f",
		},
		"qualifier": {
			map[string]string{"function_name": "f", "qualifier": "live"}, "f:live", identity("f", "live", acctest.Region), "List f",
		},
		"region": {
			map[string]string{"function_name": "f", "region": europe}, europe + ":f", identity("f", "$LATEST", europe), "List f",
		},
		"account": {
			map[string]string{"function_name": "f", "account_id": acctest.Account}, acctest.Account + ":f", identity("f", "$LATEST", acctest.Region), "List f",
		},
		"everything": {
			map[string]string{"function_name": "f", "qualifier": "live", "region": europe, "account_id": acctest.Account},
			"arn:aws:lambda:eu-west-1:123456789012:function:f:live", identity("f", "live", europe), "List f",
		},
		"a name that looks like another part": {
			map[string]string{"function_name": "function", "qualifier": "live"}, "function:function:live", identity("function", "live", acctest.Region), "List function",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f", "function")
			api.Must(api.CreateFunction(europe, "f"))
			for i, at := range [][2]string{{acctest.Region, "f"}, {acctest.Region, "function"}, {europe, "f"}} {
				api.Must(api.CreateAlias(at[0], at[1], "live", "$LATEST"))
				api.Must(api.PutConfig(at[0], at[1], "", emulator.Config{MaximumEventAgeInSeconds: new(60 + i)}))
				api.Must(api.PutConfig(at[0], at[1], "live", emulator.Config{MaximumEventAgeInSeconds: new(70 + i), OnFailure: queue}))
			}
			server := api.NewServer(t)
			byIdentity := imported(t, api, server, "", test.by)
			wantIdentity(t, server, byIdentity.NewIdentity, test.want)
			if err := acctest.CompareUnordered(api.RequestLines(), []string{test.call}); err != nil {
				t.Error(err)
			}

			server = api.NewServer(t) // nothing remembered
			byID := imported(t, api, server, test.id, nil)
			wantIdentity(t, server, byID.NewIdentity, test.want)
			of := server.Resource.ValueType()
			got, want := acctest.GoValues(t, acctest.ObjectAttributes(t, of, byIdentity.NewState)), acctest.GoValues(t, acctest.ObjectAttributes(t, of, byID.NewState))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("state: got %v by identity, %v by ID", got, want)
			}
		})
	}
}

func TestImportByIdentityRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		by        map[string]string
		attribute string
		text      string
	}{
		"no name":          {map[string]string{"qualifier": "live"}, "function_name", "is not a Lambda function reference"},
		"name":             {map[string]string{"function_name": "f g"}, "function_name", `"f g" is not a Lambda function reference`},
		"qualifier inside": {map[string]string{"function_name": "f:live"}, "function_name", `"f:live" is not the bare name of a function`},
		"ARN":              {map[string]string{"function_name": functionARN}, "function_name", "is not the bare name of a function"},
		"qualifier":        {map[string]string{"function_name": "f", "qualifier": "a b"}, "qualifier", `"a b" is not a qualifier`},
		"empty qualifier":  {map[string]string{"function_name": "f", "qualifier": ""}, "qualifier", `"" is not a qualifier`},
		"region":           {map[string]string{"function_name": "f", "region": "Frankfurt"}, "region", `does not know the region "Frankfurt"`},
		"account":          {map[string]string{"function_name": "f", "account_id": "12"}, "account_id", `"12" is not the ID of an AWS account`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			server := api.NewServer(t)
			got, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
				TypeName: acctest.Type, Identity: &tfprotov6.ResourceIdentityData{IdentityData: acctest.Object(t, server.Identity.ValueType(), acctest.StringValues(test.by))},
			})
			api.Must(err)
			lines := said(got.Diagnostics)
			if len(lines) != 1 || !strings.HasPrefix(lines[0], `ERROR: AttributeName("`+test.attribute+`"): `) || !strings.Contains(lines[0], test.text) {
				t.Errorf("got %q", lines)
			}
			if err := acctest.CompareUnordered(api.RequestLines(), nil); err != nil {
				t.Error(err)
			}
		})
	}

	t.Run("another account's", func(t *testing.T) {
		t.Parallel()
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
		server := api.NewServer(t)
		stub, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
			TypeName: acctest.Type, Identity: &tfprotov6.ResourceIdentityData{
				IdentityData: acctest.Object(t, server.Identity.ValueType(), acctest.StringValues(map[string]string{"function_name": "f", "account_id": "210987654321"})),
			},
		})
		api.Must(err)
		nothingSaid(t, stub.Diagnostics)
		read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: acctest.Type, CurrentState: stub.ImportedResources[0].State})
		api.Must(err)
		if lines := said(read.Diagnostics); len(lines) != 1 || !strings.Contains(lines[0], "403 AccessDeniedException") {
			t.Errorf("got %q", lines)
		}
	})
}

// planFor plans config on a prior state, nil for none, as a CLI does: what
// config leaves out and the provider computes is proposed as it was.
func planFor(
	t *testing.T, api *acctest.API, server *acctest.Server, config map[string]string, prior *tfprotov6.ReadResourceResponse,
) (*tfprotov6.PlanResourceChangeRequest, *tfprotov6.PlanResourceChangeResponse) {
	t.Helper()
	of := server.Resource.ValueType()
	proposed := acctest.StringValues(config)
	null, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, nil))
	api.Must(err)
	request := &tfprotov6.PlanResourceChangeRequest{TypeName: acctest.Type, Config: acctest.Object(t, of, proposed), PriorState: &null}
	if prior != nil {
		request.PriorState, request.PriorIdentity = prior.NewState, prior.NewIdentity
		before := acctest.ObjectAttributes(t, of, prior.NewState)
		for _, a := range server.Resource.Block.Attributes {
			if _, given := proposed[a.Name]; !given && a.Computed {
				proposed[a.Name] = before[a.Name]
			}
		}
	}
	request.ProposedNewState = acctest.Object(t, of, proposed)
	plan, err := server.PlanResourceChange(t.Context(), request)
	api.Must(err)
	nothingSaid(t, plan.Diagnostics)
	return request, plan
}

func applyOf(
	t *testing.T, api *acctest.API, server *acctest.Server, request *tfprotov6.PlanResourceChangeRequest, plan *tfprotov6.PlanResourceChangeResponse,
) *tfprotov6.ReadResourceResponse {
	t.Helper()
	answer, err := server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: acctest.Type, PriorState: request.PriorState, PlannedState: plan.PlannedState, Config: request.Config,
		PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	})
	api.Must(err)
	nothingSaid(t, answer.Diagnostics)
	return &tfprotov6.ReadResourceResponse{NewState: answer.NewState, NewIdentity: answer.NewIdentity, Private: answer.Private}
}

// TestIdentityOfEverySpelling creates in every spelling, reads, and plans
// every other spelling of the same configuration.
func TestIdentityOfEverySpelling(t *testing.T) {
	t.Parallel()
	spelled := func(a arguments) map[string]string {
		config := map[string]string{"function_name": strings.ReplaceAll(a.function, "FN", "f")}
		if a.qualifier != "" {
			config["qualifier"] = a.qualifier
		}
		if a.region != "" {
			config["region"] = a.region
		}
		return config
	}
	for i, pair := range spellings {
		t.Run(fmt.Sprint(i, " ", pair), func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
			server := api.NewServer(t)
			request, plan := planFor(t, api, server, spelled(pair[0]), nil)
			created := applyOf(t, api, server, request, plan)
			want := identity("f", "$LATEST", acctest.Region)
			if strings.Contains(pair[0].function+pair[0].qualifier, "live") {
				want = identity("f", "live", acctest.Region)
			}
			wantIdentity(t, server, created.NewIdentity, want)

			server = api.NewServer(t)
			read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
				TypeName: acctest.Type, CurrentState: created.NewState, CurrentIdentity: created.NewIdentity, Private: created.Private,
			})
			api.Must(err)
			nothingSaid(t, read.Diagnostics)
			wantIdentity(t, server, read.NewIdentity, want)

			_, plan = planFor(t, api, server, spelled(pair[1]), read)
			wantIdentity(t, server, plan.PlannedIdentity, want)
			if len(plan.RequiresReplace) != 0 {
				t.Errorf("replaced for %v", plan.RequiresReplace)
			}
		})
	}
}

// TestIdentityThroughChanges has an update of a member, and one that only
// changes how long to wait.
func TestIdentityThroughChanges(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	server := api.NewServer(t)
	request, plan := planFor(t, api, server, map[string]string{"function_name": "f"}, nil)
	created := applyOf(t, api, server, request, plan)
	of := server.Resource.ValueType().(tftypes.Object)
	timeouts := of.AttributeTypes["timeouts"].(tftypes.Object)
	waits := map[string]tftypes.Value{}
	for operation := range timeouts.AttributeTypes {
		waits[operation] = tftypes.NewValue(tftypes.String, "1m")
	}
	for _, test := range []struct {
		attribute string
		value     tftypes.Value
		write     string
	}{
		{"maximum_retry_attempts", tftypes.NewValue(tftypes.Number, 1), `Update f:$LATEST {"MaximumRetryAttempts":1}`},
		{"timeouts", tftypes.NewValue(timeouts, waits), ""},
	} {
		api.ClearRequests()
		server = api.NewServer(t)
		after := acctest.ObjectAttributes(t, of, created.NewState)
		after[test.attribute] = test.value
		proposed := acctest.Object(t, of, after)
		request := &tfprotov6.PlanResourceChangeRequest{
			TypeName: acctest.Type, PriorState: created.NewState, PriorIdentity: created.NewIdentity, ProposedNewState: proposed,
			Config: acctest.Object(t, of, map[string]tftypes.Value{"function_name": after["function_name"], test.attribute: test.value}),
		}
		plan, err := server.PlanResourceChange(t.Context(), request)
		api.Must(err)
		nothingSaid(t, plan.Diagnostics)
		changed := applyOf(t, api, server, request, plan)
		wantIdentity(t, server, changed.NewIdentity, identity("f", "$LATEST", acctest.Region))
		if got := strings.Join(api.RequestLines(), "\n"); got != test.write {
			t.Errorf("%s: sent %q, want %q", test.attribute, got, test.write)
		}
	}
}

// TestIdentityOfWhatIsGone has the framework, which insists on an identity,
// be given one with a resource that is to be removed.
func TestIdentityOfWhatIsGone(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	server := api.NewServer(t)
	there := imported(t, api, server, "f", nil)
	api.Must(api.DeleteConfig(acctest.Region, "f", ""))
	server = api.NewServer(t)
	read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: acctest.Type, CurrentState: there.NewState, CurrentIdentity: there.NewIdentity, Private: there.Private,
	})
	api.Must(err)
	nothingSaid(t, read.Diagnostics)
	wantIdentity(t, server, read.NewIdentity, identity("f", "$LATEST", acctest.Region))
	if gone, err := read.NewState.IsNull(); err != nil || !gone {
		t.Errorf("the resource is still there: %v", err)
	}
}

// TestIdentityWithoutAClient has a provider block that is not wholly known:
// what is in state keeps its identity, and nothing can be imported.
func TestIdentityWithoutAClient(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	there := imported(t, api, api.NewServer(t), "f", nil)
	api.ClearRequests()
	server := acctest.NewServer(t, map[string]tftypes.Value{"region": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)})
	// A state of an older version of the provider has no identity yet.
	for _, before := range []*tfprotov6.ResourceIdentityData{there.NewIdentity, nil} {
		read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: acctest.Type, CurrentState: there.NewState, CurrentIdentity: before})
		api.Must(err)
		nothingSaid(t, read.Diagnostics)
		wantIdentity(t, server, read.NewIdentity, identity("f", "$LATEST", acctest.Region))
	}
	got, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{
		TypeName: acctest.Type, Identity: &tfprotov6.ResourceIdentityData{
			IdentityData: acctest.Object(t, server.Identity.ValueType(), acctest.StringValues(map[string]string{"function_name": "f"})),
		},
	})
	api.Must(err)
	if lines := said(got.Diagnostics); len(lines) != 1 || !strings.HasPrefix(lines[0], "ERROR: Provider configuration not known yet") {
		t.Errorf("got %q", lines)
	}
	if err := acctest.CompareUnordered(api.RequestLines(), nil); err != nil {
		t.Error(err)
	}
}

// TestAccImportBlockByIdentity is through a CLI. Terraform and OpenTofu have
// identities from the same version on, 1.12.
func TestAccImportBlockByIdentity(t *testing.T) {
	skipWithoutIdentities(t)
	api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
	api.Must(api.CreateAlias(acctest.Region, "g", "live", "$LATEST"))
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: queue}))
	api.Must(api.PutConfig(acctest.Region, "g", "live", emulator.Config{MaximumRetryAttempts: new(0)}))
	configuration := fmt.Sprintf(`
import {
  to       = %[1]s.f
  identity = { function_name = "f" }
}
import {
  to       = %[1]s.g
  identity = { function_name = "g", qualifier = "live", region = "us-east-1", account_id = "123456789012" }
}
`, acctest.Type) + acctest.Config("f", functionARN, acctest.DestinationConfig("", queue)) + acctest.Config("g", "g:live", "maximum_retry_attempts = 0")
	imports := api.ApplyStep(configuration)
	imports = acctest.WithPlanCheck(expectNoOps{}, imports)
	api.ParallelTest(t, imports, api.NoOpStep(configuration))
}

// TestAccIdentityInState is through a CLI, and imports by what it finds in state.
func TestAccIdentityInState(t *testing.T) {
	skipWithoutIdentities(t)
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	whole := statecheck.ExpectIdentity(acctest.Type+".x", map[string]knownvalue.Check{
		"function_name": knownvalue.StringExact("f"), "qualifier": knownvalue.StringExact("live"),
		"region": knownvalue.StringExact(acctest.Region), "account_id": knownvalue.StringExact(acctest.Account),
	})
	created := api.ApplyStep(acctest.Config("x", functionARN, `qualifier = "live"`, acctest.DestinationConfig(topic, bucket)), acctest.PutRequest("f:live", 21600, 2, topic, bucket))
	created.ConfigStateChecks = append(created.ConfigStateChecks, whole)
	respelled := api.NoOpStep(acctest.Config("x", "f:live", acctest.DestinationConfig(topic, bucket)))
	respelled.ConfigStateChecks = append(respelled.ConfigStateChecks, whole)
	api.ParallelTest(t,
		created, respelled,
		resource.TestStep{ResourceName: acctest.Type + ".x", ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
	)
}
