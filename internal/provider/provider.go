// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package provider is what a `provider "awslambda" {}` block means. It
// registers everything else.
package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/aws-sdk-go-base/v2/validation"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/eventinvokeconfig"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functions"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// Address is where Terraform's registry has the provider.
const Address = "registry.terraform.io/lambda-async/awslambda"

// awslambda is the provider.
type awslambda struct {
	version string
	secrets redact.Secrets
}

// Secrets returns the secret values that the provider uses, as
// [github.com/lambda-async/terraform-provider-awslambda/internal/serve.Server]
// redacts them.
func (p *awslambda) Secrets() *redact.Secrets { return &p.secrets }

var (
	_ provider.ProviderWithFunctions     = (*awslambda)(nil)
	_ provider.ProviderWithListResources = (*awslambda)(nil)
)

// New returns a function that makes the provider of the given version, as
// [github.com/hashicorp/terraform-plugin-framework/providerserver] wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &awslambda{version: version} }
}

// Metadata implements [provider.Provider].
func (p *awslambda) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "awslambda"
	resp.Version = p.version
}

// Configure implements [provider.Provider]. It makes no network call, except
// the one that answers allowed_account_ids or forbidden_account_ids:
// credentials are retrieved when the first call needs them.
func (p *awslambda) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if unknown := unknownArguments(req.Config.Raw); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		resp.Diagnostics.AddWarning("Provider configuration not known yet", fmt.Sprintf(
			"Known only after apply: %s. Until then nothing is read from Lambda: what exists is planned from its state, and drift does not show.",
			strings.Join(unknown, ", ")))
		hand(resp, session.New(nil))
		return
	}
	var config block
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	at := config.endpoint(ctx, &resp.Diagnostics)
	settings := config.settings(ctx, at, &resp.Diagnostics)
	addSecrets(&p.secrets, settings, at)
	checkAddresses(settings, &resp.Diagnostics)
	settings.UserAgent = p.userAgent(req.TerraformVersion, elements[string](ctx, config.UserAgent, &resp.Diagnostics))
	if resp.Diagnostics.HasError() {
		return
	}
	cfg, diags := signIn(ctx, settings, &p.secrets, !config.SkipRegionValidation.ValueBool())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client := lambdaapi.New(cfg, lambdaapi.Options{
		Endpoint:   at.Lambda.ValueString(),
		RetryQuota: settings.TokenBucketRateLimiterCapacity,
		Log:        logAttempts(&p.secrets),
		Secrets:    &p.secrets,
	})
	if checkEndpoint("Lambda", "lambda", client.Endpoint(), &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	s := session.New(client)
	if !config.SkipRegionValidation.ValueBool() {
		s.RegionProblem = regionProblem
	}
	hand(resp, s)
}

// regionProblem returns the detail of the error for a region that the SDK does not
// know. It returns the empty string for a known region.
func regionProblem(region string) string {
	if validation.SupportedRegion(region) == nil {
		return ""
	}
	return fmt.Sprintf("The AWS SDK does not know the region %q. Correct it. If the region exists, set skip_region_validation = true "+
		"in the provider block.", region)
}

// hand gives resources, data sources and list resources one session.
func hand(resp *provider.ConfigureResponse, s *session.Session) {
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = s, s, s
}

// unknownArguments returns the names of the arguments of a provider block
// that are not wholly known, sorted. It ignores arguments without effect.
func unknownArguments(config tftypes.Value) []string {
	var arguments map[string]tftypes.Value
	if err := config.As(&arguments); err != nil {
		return nil
	}
	var names []string
	for name, value := range arguments {
		if !value.IsFullyKnown() && !slices.Contains(withoutEffect, name) {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, strings.Compare)
	return names
}

// Resources implements [provider.Provider].
func (p *awslambda) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{eventinvokeconfig.NewResource}
}

// DataSources implements [provider.Provider].
func (p *awslambda) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{eventinvokeconfig.NewDataSource, eventinvokeconfig.NewAllDataSource}
}

// Functions implements [provider.ProviderWithFunctions].
func (p *awslambda) Functions(context.Context) []func() function.Function {
	return []func() function.Function{functions.NewParseFunctionName, functions.NewDestinationKind, functions.NewDestinationPermissions}
}

// ListResources implements [provider.ProviderWithListResources].
func (p *awslambda) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{eventinvokeconfig.NewListResource}
}
