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

// Server returns a function that makes the protocol server of a provider, as
// [tf6server.Serve] and terraform-plugin-testing want it.
//
// The framework's server keeps the context of every RPC until it is stopped,
// and with it all that the RPC was about. This one gives it contexts that let
// go of that when the RPC is over.
//
// Server also redacts every diagnostic, since a text of a service may be part of
// any of them: see [redact.Secrets.Redact].
func Server(newProvider func() provider.Provider) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		p := newProvider()
		s := server{everyRPC: providerserver.NewProtocol6(p)().(everyRPC)} //nolint:forcetypeassert // a test would see it
		if p, ok := p.(interface{ Secrets() *redact.Secrets }); ok {
			s.secrets = p.Secrets()
		}
		return s
	}
}

// everyRPC is all that the framework's server can do. (What is newer than
// ProviderServer is found by the type of the server.)
type everyRPC interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
	tfprotov6.StateStoreServer
}

// server has a context of its own for each of the RPCs that come once or more
// for every resource, data source or call of a function. It redacts the
// diagnostics of all RPCs that have any with this provider.
type server struct {
	everyRPC

	secrets *redact.Secrets
}

// ValidateProviderConfig implements [tfprotov6.ProviderServer].
func (s server) ValidateProviderConfig(ctx context.Context, req *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ValidateProviderConfig, req)
}

// ConfigureProvider implements [tfprotov6.ProviderServer]. What it configures may
// keep its context.
func (s server) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.everyRPC.ConfigureProvider(ctx, req)
	s.redact(diagnosticsOf(resp))
	return resp, err
}

// ValidateResourceConfig implements [tfprotov6.ResourceServer].
func (s server) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ValidateResourceConfig, req)
}

// UpgradeResourceState implements [tfprotov6.ResourceServer].
func (s server) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.UpgradeResourceState, req)
}

// UpgradeResourceIdentity implements [tfprotov6.ResourceServer].
func (s server) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.UpgradeResourceIdentity, req)
}

// ReadResource implements [tfprotov6.ResourceServer].
func (s server) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ReadResource, req)
}

// PlanResourceChange implements [tfprotov6.ResourceServer].
func (s server) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.PlanResourceChange, req)
}

// ApplyResourceChange implements [tfprotov6.ResourceServer].
func (s server) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ApplyResourceChange, req)
}

// ImportResourceState implements [tfprotov6.ResourceServer].
func (s server) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ImportResourceState, req)
}

// ValidateDataResourceConfig implements [tfprotov6.DataSourceServer].
func (s server) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ValidateDataResourceConfig, req)
}

// ReadDataSource implements [tfprotov6.DataSourceServer]. Large lists of the data
// source do not pass through the framework: see package largelist.
func (s server) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	ctx, lists := largelist.Collect(ctx)
	resp, err := lettingGo(ctx, s, s.everyRPC.ReadDataSource, req)
	if err == nil {
		err = lists.AddTo(resp)
	}
	return resp, err
}

// CallFunction implements [tfprotov6.FunctionServer]. OpenTofu sends a null
// argument as a value without data, which the framework rejects.
func (s server) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	for _, argument := range req.Arguments {
		if len(argument.MsgPack) == 0 && len(argument.JSON) == 0 {
			argument.JSON = []byte("null")
		}
	}
	resp, err := lettingGo(ctx, s, s.everyRPC.CallFunction, req)
	if resp != nil && resp.Error != nil {
		resp.Error.Text = s.secrets.Redact(resp.Error.Text)
	}
	return resp, err
}

// MoveResourceState implements [tfprotov6.ResourceServer].
func (s server) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.MoveResourceState, req)
}

// ValidateListResourceConfig implements [tfprotov6.ListResourceServer].
func (s server) ValidateListResourceConfig(
	ctx context.Context, req *tfprotov6.ValidateListResourceConfigRequest,
) (*tfprotov6.ValidateListResourceConfigResponse, error) {
	return lettingGo(ctx, s, s.everyRPC.ValidateListResourceConfig, req)
}

// ListResource implements [tfprotov6.ListResourceServer]. The results come after
// the RPC, with its context.
func (s server) ListResource(ctx context.Context, req *tfprotov6.ListResourceRequest) (*tfprotov6.ListResourceServerStream, error) {
	stream, err := s.everyRPC.ListResource(ctx, req)
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

// diagnosticsOf returns the diagnostics of a response. It returns none for a
// function's response, and for one that is nil because its RPC failed.
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

// redact redacts diagnostics.
func (s server) redact(diagnostics []*tfprotov6.Diagnostic) {
	for _, d := range diagnostics {
		d.Summary, d.Detail = s.secrets.Redact(d.Summary), s.secrets.Redact(d.Detail)
	}
}

// lettingGo answers one RPC with a context that lets go of ctx afterwards, and
// redacts the response.
//
//nolint:contextcheck // that it is another one is the point
func lettingGo[Req, Resp any](ctx context.Context, s server, answer func(context.Context, Req) (Resp, error), req Req) (Resp, error) {
	own, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer context.AfterFunc(ctx, cancel)()
	rpc := &rpcContext{Context: own}
	rpc.values.Store(&ctx)
	defer rpc.values.Store(nil)
	resp, err := answer(rpc, req)
	s.redact(diagnosticsOf(resp))
	return resp, err
}

// rpcContext ends with the RPC, and has its values until then.
type rpcContext struct {
	context.Context //nolint:containedctx // it is one

	values atomic.Pointer[context.Context]
}

// Value implements [context.Context].
func (c *rpcContext) Value(key any) any {
	// First its own: it is how package context finds out whom it can tell of
	// the end without a goroutine.
	if v := c.Context.Value(key); v != nil {
		return v
	}
	if values := c.values.Load(); values != nil {
		return (*values).Value(key)
	}
	return nil
}
