// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// configDataSource is the data source for one configuration.
type configDataSource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ datasource.DataSourceWithConfigure      = (*configDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*configDataSource)(nil)
)

// NewDataSource returns an unconfigured data source for one configuration.
func NewDataSource() datasource.DataSource { return &configDataSource{} }

func (d *configDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = typeName
}

func (d *configDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.session = providerSession(req.ProviderData, &resp.Diagnostics)
}

// configDataSourceModel is the data source in configuration and state.
type configDataSourceModel struct {
	FunctionName types.String   `tfsdk:"function_name"`
	Qualifier    types.String   `tfsdk:"qualifier"`
	Region       types.String   `tfsdk:"region"`
	Required     types.Bool     `tfsdk:"required"`
	Exists       types.Bool     `tfsdk:"exists"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
	configModel
}

func (d *configDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := configAttributes()
	attributes["function_name"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: functionNameDescription,
		Validators:          []validator.String{functionNameValidator},
	}
	attributes["qualifier"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: fmt.Sprintf(
			"Version, alias or `%[1]s`. Defaults to the qualifier in `function_name`, or else `%[1]s`.", functionref.Latest),
		Validators: []validator.String{qualifierValidator},
	}
	attributes["region"] = regionAttribute("AWS region of the function.")
	attributes["required"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether the configuration must exist. If `false`, a missing configuration is not an error: " +
			"`exists` is `false`, and all attributes that describe the configuration are null. Defaults to `true`.",
	}
	attributes["exists"] = schema.BoolAttribute{
		Computed: true,
		MarkdownDescription: "Whether the configuration exists. `false` only if `required` is `false`. It is also `false` " +
			"if the function, the version or the alias does not exist.",
	}
	attributes["timeouts"] = timeoutsAttribute("")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the asynchronous invocation configuration of a Lambda function, version or alias. " +
			"If it does not exist, the read fails unless `required` is `false`.",
		Attributes: attributes,
	}
}

// regionAttribute returns the attribute region.
func regionAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: description + regionDefault,
		Validators:          []validator.String{regionValidator},
	}
}

// timeoutsAttribute returns the attribute timeouts. otherDefault is appended to
// the description of read.
func timeoutsAttribute(otherDefault string) schema.SingleNestedAttribute {
	readTypes := map[string]attr.Type{"read": types.StringType}
	return schema.SingleNestedAttribute{
		Optional:            true,
		CustomType:          timeouts.Type{ObjectType: types.ObjectType{AttrTypes: readTypes}},
		MarkdownDescription: "Maximum duration of the read, including waiting and retries. If omitted, the default applies.",
		Validators:          []validator.Object{timeoutsValidator{}},
		Attributes: map[string]schema.Attribute{
			"read": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("Maximum duration of the read, such as `30s` or `2m`. Defaults to `%s`",
					minutes(defaultReadTimeout)) + otherDefault + ".",
			},
		},
	}
}

// configAttributes returns the attributes of configModel.
func configAttributes() map[string]schema.Attribute {
	computedDestination := func(description string) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: description + " Null if there is none.",
			Attributes: map[string]schema.Attribute{
				"destination": schema.StringAttribute{Computed: true, MarkdownDescription: "ARN of the destination."},
			},
		}
	}
	return map[string]schema.Attribute{
		"maximum_event_age_in_seconds": schema.NumberAttribute{
			Computed: true,
			MarkdownDescription: fmt.Sprintf("%s Values: `%d` to `%d`. `%d` if the configuration does not set "+
				"it.", eventAgeDescription,
				lambdaapi.MinEventAgeSeconds, lambdaapi.MaxEventAgeSeconds, lambdaapi.DefaultEventAgeSeconds),
		},
		"maximum_retry_attempts": schema.NumberAttribute{
			Computed: true,
			MarkdownDescription: fmt.Sprintf("%s Values: `%d` to `%d`. `%d` if the configuration does not set "+
				"it.", retriesDescription,
				lambdaapi.MinRetryAttempts, lambdaapi.MaxRetryAttempts, lambdaapi.DefaultRetryAttempts),
		},
		"destination_config": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Destinations for invocation records.",
			Attributes: map[string]schema.Attribute{
				"on_success": computedDestination(onSuccessDescription),
				"on_failure": computedDestination(onFailureDescription),
			},
		},
		"id":            schema.StringAttribute{Computed: true, MarkdownDescription: idDescription},
		"function_arn":  schema.StringAttribute{Computed: true, MarkdownDescription: functionARNDescription},
		"last_modified": schema.StringAttribute{Computed: true, MarkdownDescription: modifiedDescription},
	}
}

func (d *configDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var config configDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	checkConflicts(reference{config.FunctionName, config.Qualifier, config.Region}, &resp.Diagnostics)
}

func (d *configDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config configDataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !requireClient(d.session, &resp.Diagnostics) {
		return
	}
	ref := reference{config.FunctionName, config.Qualifier, config.Region}
	resolved, diags := ref.resolve(providerRegion(d.session))
	resp.Diagnostics.Append(diags...)
	checkRegion(d.session, ref, resolved.Region, &resp.Diagnostics)
	config.Qualifier, config.Region = resolved.Qualifier, resolved.Region
	target := resolved.target()
	ctx, cancel := withTimeout(ctx, config.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.session.ReadNow(ctx, target)
	isMissing := errors.Is(err, lambdaapi.ErrNoFunction) || errors.Is(err, lambdaapi.ErrNoConfig)
	isRequired := config.Required.IsNull() || config.Required.ValueBool()
	config.Exists = types.BoolValue(err == nil)
	switch {
	case err == nil:
		config.setConfig(found)
	case isMissing && !isRequired:
		config.DestinationConfig = types.ObjectNull(destinationConfigType)
	case errors.Is(err, lambdaapi.ErrNoFunction):
		resp.Diagnostics.AddError(summaries.CannotRead, functionNotFoundDetail(target))
		return
	case isMissing:
		resp.Diagnostics.AddError(summaries.CannotRead, configNotFoundDetail(target))
		return
	default:
		resp.Diagnostics.AddError(summaries.CannotRead, err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}
