// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// AllDataSource reads the configurations of all qualifiers of a function.
type AllDataSource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ datasource.DataSourceWithConfigure      = (*AllDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*AllDataSource)(nil)
)

// NewAllDataSource returns the data source, not yet configured.
func NewAllDataSource() datasource.DataSource { return &AllDataSource{} }

// Metadata implements [datasource.DataSource].
func (d *AllDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName + "s"
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *AllDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = sessionOf(req.ProviderData, &resp.Diagnostics)
}

// allModel is the data source in configuration and state.
type allModel struct {
	FunctionName types.String    `tfsdk:"function_name"`
	Region       types.String    `tfsdk:"region"`
	Timeouts     timeouts.Value  `tfsdk:"timeouts"`
	Configs      []oneOfAllModel `tfsdk:"configs"`
}

// oneOfAllModel is one of the configurations.
type oneOfAllModel struct {
	Qualifier types.String `tfsdk:"qualifier"`
	answer
}

// Schema implements [datasource.DataSource].
func (d *AllDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := answerAttributes()
	attributes["qualifier"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "The version, the alias or `" + functionref.Latest + "` that is configured.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the asynchronous invocation configurations of all qualifiers of a Lambda function. " +
			"There may be none; it is an error that there is no such function.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "The function: its name, a partial ARN or a full ARN, without a qualifier.",
				Validators:          []validator.String{unqualifiedValidator},
			},
			"region":   regionAttribute(),
			"timeouts": timeoutsAttribute(ctx),
			"configs": schema.ListNestedAttribute{
				Computed:            true,
				MarkdownDescription: "The configurations, in the order of their ARNs. Those of aliases and versions that are deleted are among them.",
				NestedObject:        schema.NestedAttributeObject{Attributes: attributes},
			},
		},
	}
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *AllDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var name, region types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("function_name"), &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &region)...)
	checkContradictions(name, types.StringNull(), region, &resp.Diagnostics)
}

// Read implements [datasource.DataSource].
func (d *AllDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config allModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !requireConnection(d.session, &resp.Diagnostics) {
		return
	}
	reference := reference{FunctionName: config.FunctionName, Region: config.Region}
	resolved, diags := reference.resolve(providerRegion(d.session))
	resp.Diagnostics.Append(diags...)
	checkRegion(d.session, reference, resolved.Region, &resp.Diagnostics)
	config.Region = resolved.Region
	target := resolved.target()
	target.Qualifier = ""
	ctx, cancel := withTimeout(ctx, config.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.session.ReadAll(ctx, target)
	if err != nil {
		text := err.Error()
		if errors.Is(err, lambdaapi.ErrNoFunction) {
			text = noFunction(target)
		}
		addReadError(&resp.Diagnostics, target, text)
		return
	}
	config.Configs = []oneOfAllModel{} // none is an empty list, not null
	for _, c := range found {
		var one oneOfAllModel
		one.set(c)
		if ref, err := functionref.Parse(c.FunctionARN); err == nil {
			one.Qualifier = types.StringValue(ref.Qualifier)
		}
		config.Configs = append(config.Configs, one)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}
