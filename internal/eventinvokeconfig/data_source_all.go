// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/largelist"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// allConfigsDataSource reads the configurations of all qualifiers of a function, or of
// all functions of a region.
type allConfigsDataSource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ datasource.DataSourceWithConfigure      = (*allConfigsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*allConfigsDataSource)(nil)
)

// NewAllDataSource returns the data source, not yet configured.
func NewAllDataSource() datasource.DataSource { return &allConfigsDataSource{} }

// Metadata implements [datasource.DataSource].
func (d *allConfigsDataSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = typeName + "s"
}

// Configure implements [datasource.DataSourceWithConfigure].
func (d *allConfigsDataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.session = sessionOf(req.ProviderData, &resp.Diagnostics)
}

// allConfigsModel is the data source in configuration and state. In state, package
// largelist sets Functions and Configs.
type allConfigsModel struct {
	FunctionName types.String    `tfsdk:"function_name"`
	NamePrefix   types.String    `tfsdk:"name_prefix"`
	Region       types.String    `tfsdk:"region"`
	Timeouts     timeouts.Value  `tfsdk:"timeouts"`
	Functions    []functionModel `tfsdk:"functions"`
	Configs      []listedConfigModel `tfsdk:"configs"`
	Unreadable   []types.String  `tfsdk:"unreadable"`
}

// functionModel is one of the functions.
type functionModel struct {
	FunctionName        types.String   `tfsdk:"function_name"`
	FunctionARN         types.String   `tfsdk:"function_arn"`
	DeadLetterTargetARN types.String   `tfsdk:"dead_letter_target_arn"`
	Qualifiers          []types.String `tfsdk:"qualifiers"`
}

// listedConfigModel is one of the configurations.
type listedConfigModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Qualifier    types.String `tfsdk:"qualifier"`
	configModel
}

// Schema implements [datasource.DataSource].
func (d *allConfigsDataSource) Schema(ctx context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	config := configAttributes()
	config["function_name"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "The name of the function.",
	}
	config["qualifier"] = schema.StringAttribute{
		Computed:            true,
		MarkdownDescription: "The version, the alias or `" + functionref.Latest + "` that is configured.",
	}
	function := map[string]schema.Attribute{
		"function_name": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The name of the function.",
		},
		"function_arn": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The ARN of the function, without a qualifier. Null if `function_name` is a bare name and the " +
				"function has no configuration.",
		},
		"dead_letter_target_arn": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "The ARN of the function's dead-letter queue or topic. Null if there is none, and always null if " +
				"`function_name` is set.",
		},
		"qualifiers": schema.ListAttribute{
			Computed:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "The qualifiers that have a configuration.",
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the asynchronous invocation configurations of all qualifiers of a Lambda function, or of all functions " +
			"of a region. A function may have none. If `function_name` is set, the function must exist.\n\n" +
			"A whole region costs one call for 50 functions, and one for each function whose name begins with `name_prefix`. At Lambda's " +
			"quota of 15 calls per second, 1,000 functions take about 68 seconds.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The function: its name, a partial ARN or a full ARN, without a qualifier. " +
					"Default: every function of the region.",
				Validators: []validator.String{unqualifiedValidator},
			},
			"name_prefix": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The beginning of the names of the functions to read. The provider makes no call for any other function. " +
					"Conflicts with `function_name`. Default: every function of the region.",
				Validators: []validator.String{namePrefixValidator},
			},
			"region": regionAttribute("The region of the functions."),
			"timeouts": timeoutsAttribute(ctx, fmt.Sprintf(" If `function_name` is not set: `%dm`.",
				int(defaultRegionTimeout.Minutes()))),
			"functions": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "The functions whose configurations were read, in the order of their names. A function without a " +
					"configuration is among them.",
				NestedObject: schema.NestedAttributeObject{Attributes: function},
			},
			"configs": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "The configurations, in the order of the functions' names, and of one function in the order of their " +
					"ARNs. Those of aliases and versions that are deleted are among them.",
				NestedObject: schema.NestedAttributeObject{Attributes: config},
			},
			"unreadable": schema.ListAttribute{
				Computed:    true,
				ElementType: types.StringType,
				MarkdownDescription: "The names, sorted, of the functions whose configurations Lambda denied to list. They are neither in " +
					"`functions` nor in `configs`, and a warning names them. Always empty if `function_name` is set: reading fails then.",
			},
		},
	}
}

// ValidateConfig implements [datasource.DataSourceWithValidateConfig].
func (d *allConfigsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var name, prefix, region types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("function_name"), &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name_prefix"), &prefix)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &region)...)
	checkContradictions(name, types.StringNull(), region, &resp.Diagnostics)
	if known(name) && known(prefix) {
		resp.Diagnostics.AddAttributeError(path.Root("name_prefix"), "Contradicting functions", fmt.Sprintf(
			"The name prefix is %q, but function_name = %q names one function. A prefix is for all functions of a region: "+
				"leave one of the two out.", prefix.ValueString(), name.ValueString()))
	}
}

// Read implements [datasource.DataSource].
func (d *allConfigsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config allConfigsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !requireConnection(d.session, &resp.Diagnostics) {
		return
	}
	target := listTarget(d.session, config.FunctionName, config.Region, &resp.Diagnostics)
	config.Region = types.StringValue(target.Region)
	timeout := defaultReadTimeout
	if target.Function.Name == "" {
		timeout = defaultRegionTimeout
	}
	ctx, cancel := withTimeout(ctx, config.Timeouts.Read, timeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	found, err := d.read(ctx, target, config.NamePrefix.ValueString())
	if err != nil {
		text := err.Error()
		if errors.Is(err, lambdaapi.ErrNoFunction) {
			text = noFunction(target)
		}
		addReadError(&resp.Diagnostics, target, text)
		return
	}
	config.Unreadable = []types.String{} // not null
	var denied error
	for _, f := range found {
		if f.Denied != nil {
			config.Unreadable = append(config.Unreadable, types.StringValue(f.Name))
			denied = cmp.Or(denied, f.Denied)
		}
	}
	if denied != nil {
		addUnreadable(&resp.Diagnostics, target, config.Unreadable, denied)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
	err = errors.Join(
		largelist.Set(ctx, resp.State, "functions", functionModels(found, target.Region)),
		largelist.Set(ctx, resp.State, "configs", configModels(found)))
	if err != nil {
		resp.Diagnostics.AddError("Unexpected provider data", fmt.Sprintf(
			"The result does not fit the schema: %s. This is an error in the provider: please report it.", err))
	}
}

// read returns the function of the target, or those of its region.
func (d *allConfigsDataSource) read(ctx context.Context, t lambdaapi.Target, prefix string) ([]session.FunctionConfigs, error) {
	if t.Function.Name == "" {
		return d.session.ReadRegion(ctx, t.Region, prefix)
	}
	configs, err := d.session.ReadAll(ctx, t)
	if err != nil {
		return nil, err
	}
	ref := t.Function
	if len(configs) > 0 { // whose ARNs have the account
		if first, err := functionref.Parse(configs[0].FunctionARN); err == nil {
			ref = first.Unqualified()
		}
	}
	return []session.FunctionConfigs{{Function: lambdaapi.Function{Ref: ref}, Configs: configs}}, nil
}

// functionModels returns the functions that were read.
func functionModels(functions []session.FunctionConfigs, region string) iter.Seq[functionModel] {
	return func(yield func(functionModel) bool) {
		for _, f := range functions {
			if f.Denied != nil {
				continue
			}
			m := functionModel{FunctionName: types.StringValue(f.Name), Qualifiers: []types.String{}}
			ref := f.Ref
			ref.Region = cmp.Or(ref.Region, region)
			ref.Partition = cmp.Or(ref.Partition, functionref.Partition(ref.Region))
			if ref.IsARN() {
				m.FunctionARN = types.StringValue(ref.String())
			}
			if f.DeadLetterTargetARN != "" {
				m.DeadLetterTargetARN = types.StringValue(f.DeadLetterTargetARN)
			}
			for _, c := range f.Configs {
				m.Qualifiers = append(m.Qualifiers, qualifierOf(c))
			}
			if !yield(m) {
				return
			}
		}
	}
}

// configModels returns the configurations that were read.
func configModels(functions []session.FunctionConfigs) iter.Seq[listedConfigModel] {
	return func(yield func(listedConfigModel) bool) {
		for _, f := range functions {
			for _, c := range f.Configs {
				m := listedConfigModel{FunctionName: types.StringValue(f.Name), Qualifier: qualifierOf(c)}
				m.set(c)
				if !yield(m) {
					return
				}
			}
		}
	}
}

// qualifierOf returns the qualifier of a configuration, null if its ARN cannot be
// read.
func qualifierOf(c lambdaapi.Config) types.String {
	ref, err := functionref.Parse(c.FunctionARN)
	if err != nil {
		return types.StringNull()
	}
	return types.StringValue(ref.Qualifier)
}

// addUnreadable adds a warning about functions whose Lists were denied, the first
// with err.
func addUnreadable(diags *diag.Diagnostics, t lambdaapi.Target, functions []types.String, err error) {
	const most = 20
	var names []string
	for _, f := range functions[:min(most, len(functions))] {
		names = append(names, f.ValueString())
	}
	shown := strings.Join(names, ", ")
	if more := len(functions) - most; more > 0 {
		shown += fmt.Sprintf(" and %d more", more)
	}
	diags.AddWarning("Event invoke configs not read", fmt.Sprintf(
		"Lambda denied to list the configurations of functions in %s, %d in all: %s. The attributes functions and configs do not have "+
			"them, and the attribute unreadable names all of them. The first error:\n\n%s", t.Region, len(functions), shown, err))
}
