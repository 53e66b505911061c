// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package provider implements the provider: its configuration, authentication,
// and the registration of resources, data sources, list resources and functions.
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
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/lambda-async/terraform-provider-awslambda/internal/eventinvokeconfig"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functions"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// Address is the provider's address in Terraform's registry.
const Address = "registry.terraform.io/lambda-async/awslambda"

// awslambda is the provider.
type awslambda struct {
	version string
	secrets redact.Secrets
}

// Secrets returns the secret values that the provider uses. Package serve
// redacts them in diagnostics.
func (p *awslambda) Secrets() *redact.Secrets { return &p.secrets }

var (
	_ provider.ProviderWithFunctions     = (*awslambda)(nil)
	_ provider.ProviderWithListResources = (*awslambda)(nil)
)

// New returns a function that creates a provider of the given version.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &awslambda{version: version} }
}

// Metadata implements [provider.Provider].
func (p *awslambda) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "awslambda"
	resp.Version = p.version
}

// Configure implements [provider.Provider]. It makes a network call only for
// allowed_account_ids and forbidden_account_ids. Otherwise the first call to
// Lambda retrieves the credentials.
func (p *awslambda) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	if unknown := unknownArguments(req.Config.Raw); len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		resp.Diagnostics.AddWarning(summaries.UnknownProviderConfig, fmt.Sprintf(
			"Known only after apply: %s. Until then the provider does not read from Lambda. "+
				"Existing resources are planned from their state, and drift is not detected.",
			strings.Join(unknown, ", ")))
		setSession(resp, session.New(nil))
		return
	}
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	endpoints := model.mergedEndpoints()
	base := model.baseConfig(endpoints, &resp.Diagnostics)
	addSecrets(&p.secrets, base, endpoints)
	checkEnvironmentURLs(base, &resp.Diagnostics)
	base.UserAgent = p.userAgent(req.TerraformVersion, model.UserAgent)
	if resp.Diagnostics.HasError() {
		return
	}
	validateRegion := !model.SkipRegionValidation.ValueBool()
	cfg, diags := loadAWSConfig(ctx, base, &p.secrets, validateRegion)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	client := lambdaapi.New(cfg, lambdaapi.Options{
		Endpoint:    endpoints.Lambda.ValueString(),
		RetryTokens: base.TokenBucketRateLimiterCapacity,
		Log:         logAttempts(&p.secrets),
		Secrets:     &p.secrets,
	})
	if checkEndpoint("Lambda", "lambda", client.Endpoint(), &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	s := session.New(client)
	if validateRegion {
		s.RegionProblem = regionProblem
	}
	setSession(resp, s)
}

// regionProblem returns the detail of the error for a region that the AWS SDK
// does not know, or the empty string for a known region.
func regionProblem(region string) string {
	if validation.SupportedRegion(region) == nil {
		return ""
	}
	return fmt.Sprintf("The AWS SDK does not know the region %q. Correct it. If the region exists, "+
		"set skip_region_validation = true in the provider block.", region)
}

// logAttempts returns a function that logs an attempt of a call at level DEBUG.
// It does not log headers and bodies, which contain credentials.
func logAttempts(secrets *redact.Secrets) func(context.Context, lambdaapi.Attempt) {
	return func(ctx context.Context, a lambdaapi.Attempt) {
		fields := map[string]any{
			"operation":   a.Operation,
			"function":    a.Target.Function.Name,
			"qualifier":   a.Target.Qualifier,
			"region":      a.Target.Region,
			"attempt":     a.Number,
			"duration_ms": a.Duration.Milliseconds(),
			"status":      a.Status,
			"request_id":  secrets.Excerpt(a.RequestID),
		}
		if a.Err != nil {
			fields["error"] = secrets.Excerpt(a.Err.Error())
		}
		tflog.Debug(ctx, "Lambda call", fields)
	}
}

// setSession sets the session of resources, data sources and list resources.
func setSession(resp *provider.ConfigureResponse, s *session.Session) {
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData = s, s, s
}

// unknownArguments returns the sorted names of the arguments and blocks with an
// unknown value. It ignores those without effect.
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
	slices.Sort(names)
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
	return []func() function.Function{
		functions.NewParseFunctionName, functions.NewDestinationKind, functions.NewDestinationPermissions,
	}
}

// ListResources implements [provider.ProviderWithListResources].
func (p *awslambda) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{eventinvokeconfig.NewListResource}
}
