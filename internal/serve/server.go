// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"context"
	"reflect"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/largelist"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// Server returns a function that makes the protocol server of a provider, for
// [tf6server.Serve] and terraform-plugin-testing. The server differs from the
// framework's in four ways:
//
//   - It releases the context of an RPC when the RPC ends. The framework keeps
//     each context, and with it the request, until the server stops.
//   - It redacts every diagnostic, since any of them may contain a text of a
//     service: see [redact.Secrets.Redact].
//   - It adds the large lists of a data source to its response: see package
//     largelist.
//   - It accepts null arguments of functions from OpenTofu, which have no data.
func Server(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := newProvider()
		framework := providerserver.NewProtocol6(p)().(frameworkServer) //nolint:forcetypeassert // its type does not vary
		s := server{frameworkServer: framework}
		if p, ok := p.(interface{ Secrets() *redact.Secrets }); ok {
			s.secrets = p.Secrets()
		}
		return s
	}
}

// frameworkServer has all interfaces of the framework's server.
// [tf6server.Serve] finds the newer ones by a type assertion.
type frameworkServer interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server is the server that [Server] returns. A method forwards each RPC about an
// object, and each other RPC that returns diagnostics about values.
type server struct {
	frameworkServer

	secrets *redact.Secrets
}

func (s server) ValidateProviderConfig(
	ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest,
) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return handle(ctx, s, s.frameworkServer.ValidateProviderConfig, req)
}

func (s server) ValidateResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return handle(ctx, s, s.frameworkServer.ValidateResourceConfig, req)
}

func (s server) UpgradeResourceState(
	ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return handle(ctx, s, s.frameworkServer.UpgradeResourceState, req)
}

func (s server) UpgradeResourceIdentity(
	ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return handle(ctx, s, s.frameworkServer.UpgradeResourceIdentity, req)
}

func (s server) ReadResource(
	ctx context.Context, req *tfprotov6.ReadResourceRequest,
) (*tfprotov6.ReadResourceResponse, error) {
	return handle(ctx, s, s.frameworkServer.ReadResource, req)
}

func (s server) PlanResourceChange(
	ctx context.Context, req *tfprotov6.PlanResourceChangeRequest,
) (*tfprotov6.PlanResourceChangeResponse, error) {
	return handle(ctx, s, s.frameworkServer.PlanResourceChange, req)
}

func (s server) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return handle(ctx, s, s.frameworkServer.ApplyResourceChange, req)
}

func (s server) ImportResourceState(
	ctx context.Context, req *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return handle(ctx, s, s.frameworkServer.ImportResourceState, req)
}

func (s server) MoveResourceState(
	ctx context.Context, req *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return handle(ctx, s, s.frameworkServer.MoveResourceState, req)
}

func (s server) ValidateDataResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest,
) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return handle(ctx, s, s.frameworkServer.ValidateDataResourceConfig, req)
}

func (s server) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return handle(ctx, s, s.frameworkServer.ValidateListResourceConfig, req)
}

// ConfigureProvider does not replace the context, which the configured provider
// may keep.
func (s server) ConfigureProvider(
	ctx context.Context, req *tfprotov6.ConfigureProviderRequest,
) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.frameworkServer.ConfigureProvider(ctx, req)
	s.redact(diagnosticsOf(resp))
	return resp, err
}

// ReadDataSource adds the large lists of a data source, which do not pass through
// the framework: see package largelist.
func (s server) ReadDataSource(
	ctx context.Context, req *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, lists := largelist.Collect(ctx)
	resp, err := handle(ctx, s, s.frameworkServer.ReadDataSource, req)
	if err == nil {
		err = lists.AddTo(resp)
	}
	return resp, err
}

// CallFunction accepts a null argument of OpenTofu, which is a value without data.
// The framework rejects it.
func (s server) CallFunction(
	ctx context.Context, req *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	for _, argument := range req.Arguments {
		if len(argument.MsgPack) == 0 && len(argument.JSON) == 0 {
			argument.JSON = []byte("null")
		}
	}
	resp, err := handle(ctx, s, s.frameworkServer.CallFunction, req)
	if resp != nil && resp.Error != nil {
		resp.Error.Text = s.secrets.Redact(resp.Error.Text)
	}
	return resp, err
}

// ListResource does not replace the context, because results follow after the RPC.
func (s server) ListResource(
	ctx context.Context, req *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.frameworkServer.ListResource(ctx, req)
	if err != nil || stream == nil || stream.Results == nil {
		return stream, err
	}
	return &tfprotov6.ListResourceServerStream{Results: func(yield func(tfprotov6.ListResourceResult) bool) {
		for result := range stream.Results {
			s.redact(result.Diagnostics)
			if !yield(result) {
				return
			}
		}
	}}, nil
}

// diagnosticsOf returns the diagnostics of a response. It returns none for the
// response to a function call, and for nil.
func diagnosticsOf(response any) []*tfprotov6.Diagnostic {
	v := reflect.ValueOf(response)
	if v.IsNil() {
		return nil
	}
	member := v.Elem().FieldByName("Diagnostics")
	if !member.IsValid() {
		return nil
	}
	diagnostics, _ := reflect.TypeAssert[[]*tfprotov6.Diagnostic](member)
	return diagnostics
}

func (s server) redact(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		d.Summary, d.Detail = s.secrets.Redact(d.Summary), s.secrets.Redact(d.Detail)
	}
}

// handle calls do with a context that does not refer to ctx after the RPC, and
// redacts the diagnostics of the response.
//
//nolint:contextcheck // the framework keeps the context
func handle[Req, Resp any](
	ctx context.Context, s server, do func(context.Context, Req) (Resp, error), req Req,
) (Resp, error) {
	own, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	rpc := &rpcContext{Context: own}
	rpc.values.Store(&ctx)
	defer rpc.values.Store(nil)
	resp, err := do(rpc, req)
	s.redact(diagnosticsOf(resp))
	return resp, err
}

// rpcContext ends with the RPC, and has the values of the RPC's context until
// then.
type rpcContext struct {
	context.Context //nolint:containedctx // a context wraps another one

	values atomic.Pointer[context.Context]
}

// Value implements [context.Context]. The embedded context comes first: package
// context looks there for a parent that it can cancel without a goroutine.
func (c *rpcContext) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	if values := c.values.Load(); values != nil {
		return (*values).Value(key)
	}
	return nil
}
