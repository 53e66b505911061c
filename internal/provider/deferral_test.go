// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// TestDeferral calls the provider's server as a CLI does that supports
// deferred actions, with a provider block that is not wholly known: released
// CLIs do so only with experiments switched on.
func TestDeferral(t *testing.T) {
	t.Parallel()
	for name, allowed := range map[string]bool{"supported": true, "not supported": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve.Server(provider.New("test"))()
			schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
			if err != nil {
				t.Fatal(err)
			}
			config := acctest.Object(t, schemas.Provider.ValueType(), map[string]tftypes.Value{"region": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)})
			configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config: config, ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: allowed},
			})
			if err != nil || len(configured.Diagnostics) != 1 || configured.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
				!strings.Contains(configured.Diagnostics[0].Detail, "Known only after apply: region.") {
				t.Fatalf("got %v, %v", configured, err)
			}
			resourceType := schemas.ResourceSchemas[acctest.Type].ValueType()
			want := acctest.Object(t, resourceType, map[string]tftypes.Value{"function_name": tftypes.NewValue(tftypes.String, "f")})
			null, err := tfprotov6.NewDynamicValue(resourceType, tftypes.NewValue(resourceType, nil))
			if err != nil {
				t.Fatal(err)
			}
			planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
				TypeName: acctest.Type, Config: want, ProposedNewState: want, PriorState: &null,
				ClientCapabilities: &tfprotov6.PlanResourceChangeClientCapabilities{DeferralAllowed: allowed},
			})
			if err != nil || len(planned.Diagnostics) != 0 {
				t.Fatalf("got %v, %v", planned, err)
			}
			if deferred := planned.Deferred != nil; deferred != allowed {
				t.Errorf("deferred = %t", deferred)
			}
		})
	}
}
