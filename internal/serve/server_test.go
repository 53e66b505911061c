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

type key struct{}

// The framework's server would keep everything that the context of an RPC has.
func TestServerLetsGoOfContexts(t *testing.T) {
	t.Parallel()
	const none = "none" // is enough: the context is kept before anything is looked up
	for name, rpc := range map[string]func(context.Context, tfprotov6.ProviderServer) error{
		"ValidateResourceConfig": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{TypeName: none})
			return err
		},
		"UpgradeResourceState": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: none})
			return err
		},
		"UpgradeResourceIdentity": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{TypeName: none})
			return err
		},
		"ReadResource": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: none})
			return err
		},
		"PlanResourceChange": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{TypeName: none})
			return err
		},
		"ApplyResourceChange": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{TypeName: none})
			return err
		},
		"ImportResourceState": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: none})
			return err
		},
		"MoveResourceState": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.MoveResourceState(ctx, &tfprotov6.MoveResourceStateRequest{TargetTypeName: none})
			return err
		},
		"ValidateDataResourceConfig": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.ValidateDataResourceConfig(ctx, &tfprotov6.ValidateDataResourceConfigRequest{TypeName: none})
			return err
		},
		"ReadDataSource": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: none})
			return err
		},
		"CallFunction": func(ctx context.Context, s tfprotov6.ProviderServer) error {
			_, err := s.CallFunction(ctx, &tfprotov6.CallFunctionRequest{Name: none})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve.Server(provider.New("test"))()
			gone, err := call(t.Context(), server, rpc)
			if err != nil {
				t.Fatal(err)
			}
			runtime.GC()
			if gone.Value() != nil {
				t.Error("what the context of an RPC had is still held after it")
			}
			runtime.KeepAlive(server)
		})
	}
}

// call makes an RPC with a context that has a value, and returns a pointer to
// that which does not hold it.
func call(
	ctx context.Context, server tfprotov6.ProviderServer, rpc func(context.Context, tfprotov6.ProviderServer) error,
) (weak.Pointer[[1 << 10]byte], error) {
	value := new([1 << 10]byte)
	return weak.Make(value), rpc(context.WithValue(ctx, key{}, value), server)
}
