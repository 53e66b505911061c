// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package provider is what a `provider "awslambda" {}` block means. It
// registers everything else.
package provider

import (
	"context"
	"fmt"
	"net/url"

	"github.com/hashicorp/aws-sdk-go-base/v2/diag"
	"github.com/hashicorp/terraform-plugin-framework-validators/int32validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/eventinvokeconfig"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Address is where Terraform's registry has the provider.
const Address = "registry.terraform.io/lambda-async/awslambda"

// awslambda is the provider.
type awslambda struct {
	version string
}

var _ provider.Provider = (*awslambda)(nil)

// New returns a function that makes the provider of the given version, as
// [github.com/hashicorp/terraform-plugin-framework/providerserver] wants it.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &awslambda{version: version} }
}

// block is a provider block.
type block struct {
	Region     types.String `tfsdk:"region"`
	AccessKey  types.String `tfsdk:"access_key"`
	SecretKey  types.String `tfsdk:"secret_key"`
	Token      types.String `tfsdk:"token"`
	Profile    types.String `tfsdk:"profile"`
	MaxRetries types.Int32  `tfsdk:"max_retries"`
	Endpoints  types.Set    `tfsdk:"endpoints"`
}

// endpoints is an endpoints block within it.
type endpoints struct {
	Lambda types.String `tfsdk:"lambda"`
	STS    types.String `tfsdk:"sts"`
}

// Metadata implements [provider.Provider].
func (p *awslambda) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "awslambda"
	resp.Version = p.version
}

// Schema implements [provider.Provider]. Names and shapes are those of the
// hashicorp/aws provider.
func (p *awslambda) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	endpoint := func(service string) schema.Attribute {
		return schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "The URL of the " + service + " API. Default: the region's own.",
			Validators:          []validator.String{urlValidator{}},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the asynchronous invocation configuration of AWS Lambda functions, versions and aliases.",
		Attributes: map[string]schema.Attribute{
			"region": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The region of functions whose resource does not say one. Default: `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile's.",
			},
			"access_key": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The access key to sign in with. Default: what the AWS SDK finds in environment, files and instance metadata.",
				Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRoot("secret_key"))},
			},
			"secret_key": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The secret of `access_key`.",
				Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRoot("access_key"))},
			},
			"token": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "The session token of temporary credentials.",
				Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRoot("access_key"))},
			},
			"profile": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "The profile of the shared configuration files to sign in with. Default: `AWS_PROFILE`.",
			},
			"max_retries": schema.Int32Attribute{
				Optional: true,
				MarkdownDescription: "How often a call is made again at most after a throttled or failed attempt. " +
					"Default: as often as a resource's `timeouts` allow.",
				Validators: []validator.Int32{int32validator.AtLeast(0)},
			},
		},
		Blocks: map[string]schema.Block{
			"endpoints": schema.SetNestedBlock{
				MarkdownDescription: "Where the APIs are, for an emulator or a private endpoint.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"lambda": endpoint("Lambda"),
					"sts":    endpoint("STS"),
				}},
			},
		},
	}
}

// Configure implements [provider.Provider]. It makes no network call:
// credentials are retrieved when the first call to Lambda needs them.
func (p *awslambda) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var config block
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !req.Config.Raw.IsFullyKnown() {
		resp.Diagnostics.AddError("Provider configuration not known yet",
			"An argument of the provider block is known only after another resource is applied. "+
				"Apply that resource first (-target), or give the argument a value that is known when planning.")
		return
	}
	var blocks []endpoints
	resp.Diagnostics.Append(config.Endpoints.ElementsAs(ctx, &blocks, false)...)
	var at endpoints
	for _, b := range blocks { // hashicorp/aws takes several as well
		if b.Lambda.ValueString() != "" {
			at.Lambda = b.Lambda
		}
		if b.STS.ValueString() != "" {
			at.STS = b.STS
		}
	}

	cfg, diags := signIn(ctx, config, at, p.userAgent(req.TerraformVersion))
	for _, d := range diags {
		if d.Severity() == diag.SeverityError {
			resp.Diagnostics.AddError(d.Summary(), d.Detail())
		} else {
			resp.Diagnostics.AddWarning(d.Summary(), d.Detail())
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	options := lambdaapi.Options{Endpoint: at.Lambda.ValueString()}
	if !config.MaxRetries.IsNull() {
		n := int(config.MaxRetries.ValueInt32())
		options.MaxRetries = &n
	}
	resp.ResourceData = eventinvokeconfig.NewRun(lambdaapi.New(cfg, options))
}

// Resources implements [provider.Provider].
func (p *awslambda) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{eventinvokeconfig.NewResource}
}

// DataSources implements [provider.Provider].
func (p *awslambda) DataSources(context.Context) []func() datasource.DataSource { return nil }

// urlValidator checks that a string is the URL of an API.
type urlValidator struct{}

func (urlValidator) Description(context.Context) string {
	return "value must be an http or https URL"
}

func (v urlValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (urlValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	s := req.ConfigValue.ValueString()
	if s == "" { // null, unknown, or none as hashicorp/aws takes it
		return
	}
	if u, err := url.Parse(s); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid endpoint", fmt.Sprintf(
			"%q is not the URL of an API; expected one like \"http://127.0.0.1:4566\".", s))
	}
}
