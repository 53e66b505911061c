// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// configDataSource reads one configuration.
type configDataSource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ datasource.DataSourceWithConfigure      = (*configDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*configDataSource)(nil)
)

// NewDataSource returns the data source, not yet configured.
func NewDataSource() datasource.DataSource { return &configDataSource{} }

// Metadata implements [datasource.DataSource].
func (d *configDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *configDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = sessionOf(req.ProviderData, &resp.Diagnostics)
}

// dataSourceModel is the data source in configuration and state.
type dataSourceModel struct {
	FunctionName types.String   `tfsdk:"function_name"`
	Qualifier    types.String   `tfsdk:"qualifier"`
	Region       types.String   `tfsdk:"region"`
	Required     types.Bool     `tfsdk:"required"`
	Exists       types.Bool     `tfsdk:"exists"`
	Timeouts     timeouts.Value `tfsdk:"timeouts"`
	configModel
}

// Schema implements [datasource.DataSource].
func (d *configDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := configAttributes()
	attributes["function_name"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "The function: its name, a partial ARN or a full ARN, each with or without a qualifier behind it.",
		Validators:          []validator.String{functionNameValidator},
	}
	attributes["qualifier"] = schema.StringAttribute{
		Optional: true,
		Computed: true,
		MarkdownDescription: fmt.Sprintf("The version, the alias or `%[1]s`. Default: the qualifier inside `function_name`, else `%[1]s`.",
			functionref.Latest),
		Validators: []validator.String{qualifierValidator},
	}
	attributes["region"] = regionAttribute("The region of the function.")
	attributes["required"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether the configuration must exist. If `false`, a missing configuration is not an error: `exists` is " +
			"`false`, and all attributes that describe the configuration are null. Default: `true`.",
	}
	attributes["exists"] = schema.BoolAttribute{
		Computed: true,
		MarkdownDescription: "Whether the configuration exists. It is `false` only with `required = false`, also if the function, the " +
			"version or the alias does not exist.",
	}
	attributes["timeouts"] = timeoutsAttribute(ctx, "")
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the asynchronous invocation configuration of a Lambda function, version or alias. " +
			"If there is none, reading fails, unless `required` is `false`.",
		Attributes: attributes,
	}
}

// regionAttribute returns the attribute region. The text says whose region it is.
func regionAttribute(text string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		Computed:            true,
		MarkdownDescription: text + " Default: the region inside the ARN in `function_name`, else the provider's.",
		Validators:          []validator.String{regionValidator},
	}
}

// timeoutsAttribute returns the attribute timeouts. The text follows the default.
func timeoutsAttribute(ctx context.Context, text string) schema.Attribute {
	limits := timeouts.AttributesWithOpts(ctx, timeouts.Opts{ReadDescription: fmt.Sprintf(
		"How long to wait for the service, such as `30s` or `2m`. Default: `%s`.", defaultReadTimeout) + text})
	if a, ok := limits.(schema.SingleNestedAttribute); ok { // its library describes what is inside only
		a.MarkdownDescription = "How long reading may take in all, its waiting and its retries included. Default: that of `read`, below."
		a.Validators = []validator.Object{timeoutsValidator{}}
		for name, attribute := range a.Attributes {
			if s, ok := attribute.(schema.StringAttribute); ok {
				s.Validators = nil
				a.Attributes[name] = s
			}
		}
		limits = a
	}
	return limits
}

// configAttributes returns the attributes of configModel.
func configAttributes() map[string]schema.Attribute {
	side := func(description string) schema.SingleNestedAttribute {
		return schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: description + " Null where there is none.",
			Attributes: map[string]schema.Attribute{
				"destination": schema.StringAttribute{Computed: true, MarkdownDescription: "The ARN of the destination."},
			},
		}
	}
	return map[string]schema.Attribute{
		"maximum_event_age_in_seconds": schema.NumberAttribute{
			Computed: true,
			MarkdownDescription: fmt.Sprintf("How long, in seconds, Lambda keeps an event that it could not yet process: %d to %d, and `%d` where it was never set.",
				lambdaapi.MinEventAgeSeconds, lambdaapi.MaxEventAgeSeconds, lambdaapi.DefaultEventAgeSeconds),
		},
		"maximum_retry_attempts": schema.NumberAttribute{
			Computed: true,
			MarkdownDescription: fmt.Sprintf("How often Lambda invokes the function again after it returned an error: %d to %d, and `%d` where it was never set.",
				lambdaapi.MinRetryAttempts, lambdaapi.MaxRetryAttempts, lambdaapi.DefaultRetryAttempts),
		},
		"destination_config": schema.SingleNestedAttribute{
			Computed:            true,
			MarkdownDescription: "Where Lambda sends the record of an asynchronous invocation.",
			Attributes: map[string]schema.Attribute{
				"on_success": side("The destination of the records of invocations that succeeded."),
				"on_failure": side("The destination of the records of invocations that failed for good."),
			},
		},
		"id": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The qualified ARN of what is configured, the same as `function_arn`.",
		},
		"function_arn": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The ARN of the function, always with its qualifier.",
		},
		"last_modified": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "When the configuration was last changed: RFC 3339, UTC.",
		},
	}
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *configDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var config dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	checkContradictions(config.FunctionName, config.Qualifier, config.Region, &resp.Diagnostics)
}

// Read implements [datasource.DataSource].
func (d *configDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !requireConnection(d.session, &resp.Diagnostics) {
		return
	}
	reference := reference{config.FunctionName, config.Qualifier, config.Region}
	resolved, diags := reference.resolve(providerRegion(d.session))
	resp.Diagnostics.Append(diags...)
	checkRegion(d.session, reference, resolved.Region, &resp.Diagnostics)
	config.Qualifier, config.Region = resolved.Qualifier, resolved.Region
	target := resolved.target()
	ctx, cancel := withTimeout(ctx, config.Timeouts.Read, defaultReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.session.ReadNow(ctx, target)
	isMissing := errors.Is(err, lambdaapi.ErrNoFunction) || errors.Is(err, lambdaapi.ErrNotFound)
	isRequired := config.Required.IsNull() || config.Required.ValueBool()
	config.Exists = types.BoolValue(err == nil)
	switch {
	case err == nil:
		config.set(found)
	case isMissing && !isRequired:
		config.DestinationConfig = types.ObjectNull(destinationConfigType)
	case errors.Is(err, lambdaapi.ErrNoFunction):
		addReadError(&resp.Diagnostics, target, noFunction(target))
		return
	case isMissing:
		addReadError(&resp.Diagnostics, target, noConfig(target))
		return
	default:
		addReadError(&resp.Diagnostics, target, err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
}

// noConfig is the detail for a configuration that does not exist. Lambda's
// response to Get does not tell whether the function exists.
func noConfig(t lambdaapi.Target) string {
	return fmt.Sprintf("Lambda has no event invoke config of %s: the function, the version or the alias may not exist, or it has "+
		"no configuration, so that Lambda's defaults apply. Correct the function's name, the qualifier or the region, or create the "+
		"configuration, for example with the resource %s. If the configuration may be missing, set required = false.", t, typeName)
}

func addReadError(diags *diag.Diagnostics, t lambdaapi.Target, text string) {
	diags.AddError("Cannot read the event invoke config of "+t.String(), text)
}
