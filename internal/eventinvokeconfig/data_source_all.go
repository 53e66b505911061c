// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/largelist"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// allConfigsDataSource is the data source for the configurations of all
// qualifiers of a function, or of all functions in a region.
type allConfigsDataSource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ datasource.DataSourceWithConfigure      = (*allConfigsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*allConfigsDataSource)(nil)
)

// NewAllDataSource returns an unconfigured data source for several
// configurations.
func NewAllDataSource() datasource.DataSource { return &allConfigsDataSource{} }

func (d *allConfigsDataSource) Metadata(
	_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = typeName + "s"
}

func (d *allConfigsDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.session = providerSession(req.ProviderData, &resp.Diagnostics)
}

// allConfigsModel is the data source in configuration and state. Package
// largelist sets Functions and Configs in the response.
type allConfigsModel struct {
	FunctionName types.String        `tfsdk:"function_name"`
	NamePrefix   types.String        `tfsdk:"name_prefix"`
	Region       types.String        `tfsdk:"region"`
	Timeouts     timeouts.Value      `tfsdk:"timeouts"`
	Functions    []functionModel     `tfsdk:"functions"`
	Configs      []listedConfigModel `tfsdk:"configs"`
	Unreadable   []types.String      `tfsdk:"unreadable"`
}

// functionModel is an element of functions.
type functionModel struct {
	FunctionName        types.String   `tfsdk:"function_name"`
	FunctionARN         types.String   `tfsdk:"function_arn"`
	DeadLetterTargetARN types.String   `tfsdk:"dead_letter_target_arn"`
	Qualifiers          []types.String `tfsdk:"qualifiers"`
}

// listedConfigModel is an element of configs.
type listedConfigModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Qualifier    types.String `tfsdk:"qualifier"`
	configModel
}

// Descriptions that the data source and the list resource share.
const (
	unqualifiedDescription = "Name, partial ARN or full ARN of the Lambda function, without a qualifier. " +
		"Defaults to all functions in the region."
	qualifierDescription = "Version, alias or `" + functionref.Latest + "`."
)

func (d *allConfigsDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	name := schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the function."}
	config := configAttributes()
	config["function_name"] = name
	config["qualifier"] = schema.StringAttribute{Computed: true, MarkdownDescription: qualifierDescription}
	function := map[string]schema.Attribute{
		"function_name": name,
		"function_arn": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "ARN of the function, without a qualifier. Null if `function_name` is a bare name and the " +
				"function has no configuration.",
		},
		"dead_letter_target_arn": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "ARN of the dead-letter queue or topic of the function. Null if there is none, and always " +
				"null if `function_name` is set.",
		},
		"qualifiers": schema.ListAttribute{
			Computed:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Qualifiers that have a configuration.",
		},
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Reads the asynchronous invocation configurations of all qualifiers of a Lambda function, or " +
			"of all functions in a region. A function may have none. If `function_name` is set, the function must " +
			"exist.\n\nReading a region takes one call for each 50 functions, and one call for each function whose name " +
			"begins with `name_prefix`. At Lambda's quota of 15 calls per second, 1,000 functions take about 68 seconds.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: unqualifiedDescription,
				Validators:          []validator.String{unqualifiedValidator},
			},
			"name_prefix": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Prefix of the names of the functions to read. The provider makes no call for other " +
					"functions. Conflicts with `function_name`. Defaults to all functions in the region.",
				Validators: []validator.String{namePrefixValidator},
			},
			"region": regionAttribute("AWS region of the functions."),
			"timeouts": timeoutsAttribute(fmt.Sprintf(", or `%s` if `function_name` is not set",
				minutes(defaultRegionTimeout))),
			"functions": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "Functions whose configurations were read, sorted by name. Includes functions without a " +
					"configuration.",
				NestedObject: schema.NestedAttributeObject{Attributes: function},
			},
			"configs": schema.ListNestedAttribute{
				Computed: true,
				MarkdownDescription: "Configurations, sorted by function name and ARN. Includes the configurations of deleted " +
					"aliases and versions.",
				NestedObject: schema.NestedAttributeObject{Attributes: config},
			},
			"unreadable": schema.ListAttribute{
				Computed:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Sorted names of the functions whose configurations Lambda denied to list. `functions` and " +
					"`configs` do not include them, and a warning names them. Always empty if `function_name` is set: the read then " +
					"fails.",
			},
		},
	}
}

func (d *allConfigsDataSource) ValidateConfig(
	ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse,
) {
	var name, prefix, region types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("function_name"), &name)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name_prefix"), &prefix)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &region)...)
	checkConflicts(reference{FunctionName: name, Region: region}, &resp.Diagnostics)
	if isKnown(name) && isKnown(prefix) {
		resp.Diagnostics.AddAttributeError(path.Root("name_prefix"), summaries.ConflictingFunctions, fmt.Sprintf(
			"The name prefix is %q, but function_name = %q names one function. A prefix applies to all functions of a region. "+
				"Omit one of the two.", prefix.ValueString(), name.ValueString()))
	}
}

func (d *allConfigsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config allConfigsModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() || !requireClient(d.session, &resp.Diagnostics) {
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
	functions, err := d.readFunctions(ctx, target, config.NamePrefix.ValueString())
	if errors.Is(err, lambdaapi.ErrNoFunction) {
		resp.Diagnostics.AddError(summaries.CannotRead, functionNotFoundDetail(target))
		return
	}
	if err != nil {
		resp.Diagnostics.AddError(summaries.CannotRead, err.Error())
		return
	}
	config.Unreadable = []types.String{} // not null
	var denied error
	for _, f := range functions {
		if f.Denied != nil {
			config.Unreadable = append(config.Unreadable, types.StringValue(f.Name))
			denied = cmp.Or(denied, f.Denied)
		}
	}
	if denied != nil {
		addNotReadWarning(&resp.Diagnostics, target, config.Unreadable, denied)
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &config)...)
	err = errors.Join(
		largelist.Set(ctx, resp.State, "functions", functionModels(functions, target.Region)),
		largelist.Set(ctx, resp.State, "configs", listedConfigModels(functions)))
	if err != nil {
		resp.Diagnostics.AddError(summaries.UnexpectedData, fmt.Sprintf(
			"The result does not fit the schema: %s. This is a bug in the provider. Please report it.", err))
	}
}

// readFunctions returns the function that t identifies, or all functions of its
// region whose names begin with prefix.
func (d *allConfigsDataSource) readFunctions(
	ctx context.Context, t lambdaapi.Target, prefix string,
) ([]session.FunctionConfigs, error) {
	if t.Function.Name == "" {
		return d.session.ReadRegion(ctx, t.Region, prefix)
	}
	configs, err := d.session.ReadAll(ctx, t)
	if err != nil {
		return nil, err
	}
	ref := t.Function
	if len(configs) > 0 { // their ARNs contain the account
		if first, err := functionref.Parse(configs[0].FunctionARN); err == nil {
			ref = first.Unqualified()
		}
	}
	return []session.FunctionConfigs{{Function: lambdaapi.Function{Ref: ref}, Configs: configs}}, nil
}

// functionModels returns the elements of the attribute functions.
func functionModels(functions []session.FunctionConfigs, region string) iter.Seq[functionModel] {
	return func(yield func(functionModel) bool) {
		for _, f := range functions {
			if f.Denied != nil {
				continue
			}
			m := functionModel{
				FunctionName:        types.StringValue(f.Name),
				DeadLetterTargetARN: optionalString(f.DeadLetterTargetARN),
				Qualifiers:          []types.String{},
			}
			ref := f.Ref
			ref.Region = cmp.Or(ref.Region, region)
			ref.Partition = cmp.Or(ref.Partition, functionref.Partition(ref.Region))
			if ref.IsARN() {
				m.FunctionARN = types.StringValue(ref.String())
			}
			for _, c := range f.Configs {
				m.Qualifiers = append(m.Qualifiers, parseQualifier(c))
			}
			if !yield(m) {
				return
			}
		}
	}
}

// listedConfigModels returns the elements of the attribute configs.
func listedConfigModels(functions []session.FunctionConfigs) iter.Seq[listedConfigModel] {
	return func(yield func(listedConfigModel) bool) {
		for _, f := range functions {
			for _, c := range f.Configs {
				m := listedConfigModel{FunctionName: types.StringValue(f.Name), Qualifier: parseQualifier(c)}
				m.setConfig(c)
				if !yield(m) {
					return
				}
			}
		}
	}
}

// parseQualifier returns the qualifier in the ARN of c, null if the ARN cannot be
// parsed.
func parseQualifier(c lambdaapi.Config) types.String {
	ref, err := functionref.Parse(c.FunctionARN)
	if err != nil {
		return types.StringNull()
	}
	return types.StringValue(ref.Qualifier)
}
