// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

// instance is an object in state. Its methods call the provider's RPCs as a CLI
// does, and keep the returned state.
type instance struct {
	t      *testing.T
	server *acctest.Server

	state    tftypes.Value
	private  []byte
	identity *tfprotov6.ResourceIdentityData
}

// attributes are the known attributes of a configuration.
type attributes = map[string]tftypes.Value

func number(n int64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }
func text(s string) tftypes.Value  { return tftypes.NewValue(tftypes.String, s) }

func newInstance(t *testing.T, server *acctest.Server) *instance {
	t.Helper()
	return &instance{t: t, server: server, state: tftypes.NewValue(server.Resource.ValueType(), nil)}
}

// must fails the test if err is not nil or a diagnostic is an error.
func (i *instance) must(err error, diags []*tfprotov6.Diagnostic) {
	i.t.Helper()
	if err != nil {
		i.t.Fatal(err)
	}
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			i.t.Fatalf("%s\n%s", d.Summary, d.Detail)
		}
	}
}

func (i *instance) dynamic(v tftypes.Value) *tfprotov6.DynamicValue {
	i.t.Helper()
	d, err := tfprotov6.NewDynamicValue(i.server.Resource.ValueType(), v)
	i.must(err, nil)
	return &d
}

func (i *instance) object(values attributes) *tfprotov6.DynamicValue {
	i.t.Helper()
	return acctest.Object(i.t, i.server.Resource.ValueType(), values)
}

// null is the state of an object that does not exist.
func (i *instance) null() tftypes.Value { return tftypes.NewValue(i.server.Resource.ValueType(), nil) }

// set sets the state and the private state.
func (i *instance) set(state *tfprotov6.DynamicValue, private []byte) {
	i.t.Helper()
	v, err := state.Unmarshal(i.server.Resource.ValueType())
	i.must(err, nil)
	i.state, i.private = v, private
}

// attribute returns an attribute of the state.
func (i *instance) attribute(name string) any {
	i.t.Helper()
	return acctest.GoValue(i.t, i.state).(map[string]any)[name]
}

// planFrom plans a configuration for a prior state and private state. The proposed
// state keeps prior values of attributes that the configuration omits.
func (i *instance) planFrom(
	prior tftypes.Value, private []byte, config attributes,
) *tfprotov6.PlanResourceChangeResponse {
	i.t.Helper()
	proposed := attributes{}
	var identity *tfprotov6.ResourceIdentityData
	if !prior.IsNull() {
		var values attributes // shares memory with prior
		i.must(prior.As(&values), nil)
		maps.Copy(proposed, values)
		identity = i.identity
	}
	maps.Copy(proposed, config)
	resp, err := i.server.PlanResourceChange(i.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: acctest.Type, PriorState: i.dynamic(prior), PriorPrivate: private, PriorIdentity: identity,
		ProposedNewState: i.object(proposed), Config: i.object(config),
	})
	i.must(err, resp.Diagnostics)
	return resp
}

// plan plans a configuration for the object.
func (i *instance) plan(config attributes) *tfprotov6.PlanResourceChangeResponse {
	i.t.Helper()
	return i.planFrom(i.state, i.private, config)
}

// planDestroy plans the destruction of the object.
func (i *instance) planDestroy() *tfprotov6.PlanResourceChangeResponse {
	i.t.Helper()
	null := i.dynamic(i.null())
	resp, err := i.server.PlanResourceChange(i.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: acctest.Type, PriorState: i.dynamic(i.state), PriorPrivate: i.private, PriorIdentity: i.identity,
		ProposedNewState: null, Config: null,
	})
	i.must(err, resp.Diagnostics)
	return resp
}

// tryApply applies a plan, and returns the diagnostics. The configuration is nil
// for a destruction.
func (i *instance) tryApply(
	config attributes, plan *tfprotov6.PlanResourceChangeResponse,
) []*tfprotov6.Diagnostic {
	i.t.Helper()
	configuration := i.dynamic(i.null())
	if config != nil {
		configuration = i.object(config)
	}
	resp, err := i.server.ApplyResourceChange(i.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: acctest.Type, PriorState: i.dynamic(i.state), Config: configuration,
		PlannedState: plan.PlannedState, PlannedPrivate: plan.PlannedPrivate, PlannedIdentity: plan.PlannedIdentity,
	})
	i.must(err, nil)
	i.set(resp.NewState, resp.Private)
	i.identity = resp.NewIdentity
	return resp.Diagnostics
}

// apply applies a plan. Like Terraform, it plans a creation again, without private
// state.
func (i *instance) apply(config attributes, plan *tfprotov6.PlanResourceChangeResponse) {
	i.t.Helper()
	if i.state.IsNull() {
		plan = i.planFrom(i.null(), nil, config)
	}
	i.must(nil, i.tryApply(config, plan))
}

// create plans and applies a new object.
func (i *instance) create(config attributes) {
	i.t.Helper()
	i.apply(config, i.plan(config))
}

// destroy plans and applies the destruction of the object.
func (i *instance) destroy() {
	i.t.Helper()
	i.must(nil, i.tryApply(nil, i.planDestroy()))
}

// read refreshes the object, and returns the diagnostics.
func (i *instance) read() []*tfprotov6.Diagnostic {
	i.t.Helper()
	resp, err := i.server.ReadResource(i.t.Context(), &tfprotov6.ReadResourceRequest{
		TypeName: acctest.Type, CurrentState: i.dynamic(i.state), Private: i.private, CurrentIdentity: i.identity,
	})
	i.must(err, resp.Diagnostics)
	i.set(resp.NewState, resp.Private)
	i.identity = resp.NewIdentity
	return resp.Diagnostics
}

// importByID imports and refreshes the object.
func (i *instance) importByID(id string) {
	i.t.Helper()
	i.importObject(&tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: id})
}

// importByIdentity imports and refreshes the object.
func (i *instance) importByIdentity(identity map[string]string) {
	i.t.Helper()
	i.importObject(importRequest(i.t, i.server, identity))
}

func (i *instance) importObject(req *tfprotov6.ImportResourceStateRequest) {
	i.t.Helper()
	resp, err := i.server.ImportResourceState(i.t.Context(), req)
	i.must(err, resp.Diagnostics)
	imported := resp.ImportedResources[0]
	i.set(imported.State, imported.Private)
	i.identity = imported.Identity
	i.read()
}

// importRequest returns a request to import by identity.
func importRequest(
	t *testing.T, server *acctest.Server, identity map[string]string,
) *tfprotov6.ImportResourceStateRequest {
	t.Helper()
	data := acctest.Object(t, server.Identity.ValueType(), acctest.StringValues(identity))
	return &tfprotov6.ImportResourceStateRequest{
		TypeName: acctest.Type, Identity: &tfprotov6.ResourceIdentityData{IdentityData: data},
	}
}

// isNoOp reports whether a plan is a no-op.
func (i *instance) isNoOp(plan *tfprotov6.PlanResourceChangeResponse) bool {
	i.t.Helper()
	v, err := plan.PlannedState.Unmarshal(i.server.Resource.ValueType())
	i.must(err, nil)
	return v.Equal(i.state)
}

// expectNoOp fails the test unless the plan of a configuration is a no-op.
func (i *instance) expectNoOp(config attributes) {
	i.t.Helper()
	if !i.isNoOp(i.plan(config)) {
		i.t.Error("the plan is not a no-op")
	}
}

// identityOf returns an identity in the account of the tests.
func identityOf(function, qualifier, region string) map[string]any {
	return map[string]any{
		"function_name": function, "qualifier": qualifier, "region": region, "account_id": acctest.Account,
	}
}

func identityValues(t *testing.T, server *acctest.Server, data *tfprotov6.ResourceIdentityData) map[string]any {
	t.Helper()
	if data == nil {
		return nil
	}
	return acctest.GoValues(t, acctest.ObjectAttributes(t, server.Identity.ValueType(), data.IdentityData))
}

func expectIdentity(
	t *testing.T, server *acctest.Server, data *tfprotov6.ResourceIdentityData, want map[string]any,
) {
	t.Helper()
	if got := identityValues(t, server, data); !reflect.DeepEqual(got, want) {
		t.Errorf("identity: got %v, want %v", got, want)
	}
}

// diagnosticLines returns one line for each diagnostic: severity, attribute,
// summary and detail.
func diagnosticLines(diags []*tfprotov6.Diagnostic) (lines []string) {
	for _, d := range diags {
		line := d.Severity.String() + ": "
		if d.Attribute != nil {
			line += d.Attribute.String() + ": "
		}
		lines = append(lines, line+strings.Join(strings.Fields(d.Summary+": "+d.Detail), " "))
	}
	return lines
}

func failOnDiagnostics(t *testing.T, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	if lines := diagnosticLines(diags); lines != nil {
		t.Fatal(lines)
	}
}

// expectDiagnostic fails the test unless the only line has a prefix and a text.
func expectDiagnostic(t *testing.T, lines []string, prefix, text string) {
	t.Helper()
	if len(lines) != 1 || !strings.HasPrefix(lines[0], prefix) || !strings.Contains(lines[0], text) {
		t.Errorf("diagnostics: got %q, want %q, %q", lines, prefix, text)
	}
}

func hasDiagnostic(diags []*tfprotov6.Diagnostic, severity tfprotov6.DiagnosticSeverity, summary string) bool {
	return slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool {
		return d.Severity == severity && d.Summary == summary
	})
}

func expectLines(t *testing.T, name string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  %s\nwant:\n  %s", name, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
