// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve_test

import (
	"context"
	"runtime"
	"testing"
	"weak"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

type (
	contextKey   struct{}
	contextValue [1 << 10]byte
)

// rpc returns a function that makes an RPC with a context that has a value, and
// returns a weak pointer to the value.
func rpc[Req, Resp any](
	do func(tfprotov6.ProviderServer, context.Context, *Req) (*Resp, error), req *Req,
) func(context.Context, tfprotov6.ProviderServer) (weak.Pointer[contextValue], error) {
	return func(ctx context.Context, server tfprotov6.ProviderServer) (weak.Pointer[contextValue], error) {
		value := new(contextValue)
		_, err := do(server, context.WithValue(ctx, contextKey{}, value), req)
		return weak.Make(value), err
	}
}

// The framework's server keeps the context of every RPC.
func TestServer_releasesContextsOfRPCs(t *testing.T) {
	t.Parallel()
	type server = tfprotov6.ProviderServer
	const none = "none" // the framework keeps the context also if the type does not exist
	for name, do := range map[string]func(context.Context, server) (weak.Pointer[contextValue], error){
		"ValidateResourceConfig": rpc(
			server.ValidateResourceConfig, &tfprotov6.ValidateResourceConfigRequest{TypeName: none}),
		"UpgradeResourceState": rpc(
			server.UpgradeResourceState, &tfprotov6.UpgradeResourceStateRequest{TypeName: none}),
		"UpgradeResourceIdentity": rpc(
			server.UpgradeResourceIdentity, &tfprotov6.UpgradeResourceIdentityRequest{TypeName: none}),
		"ReadResource":        rpc(server.ReadResource, &tfprotov6.ReadResourceRequest{TypeName: none}),
		"PlanResourceChange":  rpc(server.PlanResourceChange, &tfprotov6.PlanResourceChangeRequest{TypeName: none}),
		"ApplyResourceChange": rpc(server.ApplyResourceChange, &tfprotov6.ApplyResourceChangeRequest{TypeName: none}),
		"ImportResourceState": rpc(server.ImportResourceState, &tfprotov6.ImportResourceStateRequest{TypeName: none}),
		"MoveResourceState":   rpc(server.MoveResourceState, &tfprotov6.MoveResourceStateRequest{TargetTypeName: none}),
		"ValidateDataResourceConfig": rpc(
			server.ValidateDataResourceConfig, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: none}),
		"ReadDataSource": rpc(server.ReadDataSource, &tfprotov6.ReadDataSourceRequest{TypeName: none}),
		"CallFunction":   rpc(server.CallFunction, &tfprotov6.CallFunctionRequest{Name: none}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve.Server(provider.New("test"))()
			value, err := do(t.Context(), server)
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			if value.Value() != nil {
				t.Error("the server still refers to the context of the RPC")
			}
			runtime.KeepAlive(server)
		})
	}
}
