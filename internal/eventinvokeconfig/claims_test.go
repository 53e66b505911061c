// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// TestTwoObjectsInEitherOrder calls the provider's server as a CLI does that
// keeps one and destroys another object of one configuration: in which order
// it plans the two is up to the CLI.
func TestTwoObjectsInEitherOrder(t *testing.T) {
	t.Parallel()
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	for name, keptFirst := range map[string]bool{"kept first": true, "destroyed first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := NewAPI(t, emulator.Options{}, "f")
			api.Must(api.PutConfig(Region, "f", "", emulator.Config{}))
			server := serve.Server(provider.New("test"))()
			schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			api.Must(err)
			block, ok := schemas.Provider.ValueType().(tftypes.Object)
			if !ok {
				t.Fatal("the provider block is no object")
			}
			endpoints := block.AttributeTypes["endpoints"]
			endpoint := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"lambda": tftypes.String, "sso": tftypes.String, "sts": tftypes.String}}
			_, err = server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: Object(t, block, map[string]tftypes.Value{
				"region": text(Region), "access_key": text("k"), "secret_key": text("s"),
				"endpoints": tftypes.NewValue(endpoints, []tftypes.Value{tftypes.NewValue(endpoint, map[string]tftypes.Value{
					"lambda": text(api.URL), "sso": tftypes.NewValue(tftypes.String, nil), "sts": tftypes.NewValue(tftypes.String, nil),
				})}),
			})})
			api.Must(err)

			object := schemas.ResourceSchemas[Type].ValueType()
			null, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, nil))
			api.Must(err)
			imported, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: Type, ID: "f"})
			api.Must(err)
			read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: Type, CurrentState: imported.ImportedResources[0].State})
			api.Must(err)
			state := read.NewState

			var kept, destroyed *tfprotov6.PlanResourceChangeResponse
			keep := func() {
				kept, err = server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: Type, PriorState: state, ProposedNewState: state, Config: Object(t, object, map[string]tftypes.Value{"function_name": text("f")}),
				})
				api.Must(err)
			}
			destroy := func() {
				destroyed, err = server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: Type, PriorState: state, ProposedNewState: &null, Config: &null,
				})
				api.Must(err)
			}
			if keptFirst {
				keep()
				destroy()
			} else {
				destroy()
				keep()
			}
			if replaced := len(kept.RequiresReplace) > 0; replaced == keptFirst {
				t.Errorf("replaced = %t", replaced)
			}
			_, err = server.ApplyResourceChange(t.Context(), &tfprotov6.ApplyResourceChangeRequest{
				TypeName: Type, PriorState: state, PlannedState: &null, Config: &null, PlannedPrivate: destroyed.PlannedPrivate,
			})
			api.Must(err)
			if left := len(api.Configs()) == 1; left != keptFirst {
				t.Errorf("left in the API: %q", api.Configs())
			}
		})
	}
}
