// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// configListResource is the list resource for the configurations of a function or
// a region.
type configListResource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ list.ListResourceWithConfigure      = (*configListResource)(nil)
	_ list.ListResourceWithValidateConfig = (*configListResource)(nil)
)

// NewListResource returns an unconfigured list resource.
func NewListResource() list.ListResource { return &configListResource{} }

func (l *configListResource) Metadata(
	_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = typeName
}

func (l *configListResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	l.session = providerSession(req.ProviderData, &resp.Diagnostics)
}

// listModel is the config block of a list block.
type listModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Qualifiers   types.List   `tfsdk:"qualifiers"`
	Region       types.String `tfsdk:"region"`
}

func (l *configListResource) ListResourceConfigSchema(
	_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists the asynchronous invocation configurations of a Lambda function, or of all functions " +
			"in a region. Listing a region takes one call for each 50 functions, and one call for each function.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: unqualifiedDescription,
				Validators:          []validator.String{unqualifiedValidator},
			},
			"qualifiers": schema.ListAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: "Versions, aliases or `" + functionref.Latest + "` to list. " +
					"Defaults to all qualifiers.",
				Validators: []validator.List{
					listvalidator.SizeAtLeast(1),
					listvalidator.NoNullValues(),
					listvalidator.ValueStringsAre(qualifierValidator),
				},
			},
			"region": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "AWS region of the functions." + regionDefault,
				Validators:          []validator.String{regionValidator},
			},
		},
	}
}

func (l *configListResource) ValidateListResourceConfig(
	ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse,
) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	checkConflicts(reference{FunctionName: config.FunctionName, Region: config.Region}, &resp.Diagnostics)
}

// List implements [list.ListResource]. It makes calls as Terraform takes results,
// so that a limit also limits the calls. In a region, it skips a function that was
// deleted meanwhile, and adds a warning if Lambda denies to list a function.
func (l *configListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	var qualifiers []string
	diags := req.Config.Get(ctx, &config)
	if !config.Qualifiers.IsNull() {
		diags.Append(config.Qualifiers.ElementsAs(ctx, &qualifiers, false)...)
	}
	var target lambdaapi.Target
	if requireClient(l.session, &diags) {
		target = listTarget(l.session, config.FunctionName, config.Region, &diags)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	isRegion := target.Function.Name == ""
	stream.Results = func(yield func(list.ListResult) bool) {
		var results int64
		for function, err := range l.functions(ctx, target) {
			if err != nil {
				yield(errorResult(target, err))
				return
			}
			t := lambdaapi.Target{Region: target.Region, Function: function.Ref}
			for config, err := range l.session.Configs(ctx, t) { // an error ends the sequence
				switch {
				case isRegion && errors.Is(err, lambdaapi.ErrNoFunction):
					continue
				case isRegion && lambdaapi.IsAccessDenied(err):
					if !yield(deniedResult(err)) {
						return
					}
					continue
				case err != nil:
					yield(errorResult(t, err))
					return
				}
				result, qualifier := configResult(ctx, req, t, config)
				if qualifiers != nil && !slices.Contains(qualifiers, qualifier) {
					continue
				}
				if !yield(result) {
					return
				}
				if results++; results == req.Limit {
					return
				}
			}
		}
	}
}

// listTarget returns the function to list configurations of, or the region if
// name is null. s can call Lambda.
func listTarget(s *session.Session, name, region types.String, diags *diag.Diagnostics) lambdaapi.Target {
	ref := reference{FunctionName: name, Region: region}
	if name.IsNull() {
		checkRegion(s, ref, region, diags)
		if region.IsNull() {
			region = providerRegion(s)
		}
		if region.ValueString() == "" {
			addMissingRegionError(diags)
		}
		return lambdaapi.Target{Region: region.ValueString()}
	}
	resolved, d := ref.resolve(providerRegion(s))
	diags.Append(d...)
	checkRegion(s, ref, resolved.Region, diags)
	return lambdaapi.Target{Region: resolved.Region.ValueString(), Function: resolved.Function}
}

// functions returns the function that t identifies, or all functions of its
// region.
func (l *configListResource) functions(
	ctx context.Context, t lambdaapi.Target,
) iter.Seq2[lambdaapi.Function, error] {
	if t.Function.Name == "" {
		return l.session.Functions(ctx, t.Region)
	}
	return func(yield func(lambdaapi.Function, error) bool) { yield(lambdaapi.Function{Ref: t.Function}, nil) }
}

// configResult returns the result for a configuration of t, and its qualifier.
func configResult(
	ctx context.Context, req list.ListRequest, t lambdaapi.Target, config lambdaapi.Config,
) (result list.ListResult, qualifier string) {
	if ref, err := functionref.Parse(config.FunctionARN); err == nil {
		t.Qualifier = ref.Qualifier
	}
	m := newResourceModel(t)
	m.setConfig(config)
	result = req.NewListResult(ctx)
	result.DisplayName = t.Function.Name + ":" + t.Qualifier
	setIdentity(ctx, t, result.Identity, &result.Diagnostics)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
	}
	return result, t.Qualifier
}

// deniedResult returns a warning for a function that Lambda denied to list.
func deniedResult(err error) list.ListResult {
	return list.ListResult{Diagnostics: diag.Diagnostics{
		diag.NewWarningDiagnostic(summaries.ConfigsNotRead, err.Error()),
	}}
}

// errorResult returns the error that ends the list.
func errorResult(t lambdaapi.Target, err error) list.ListResult {
	detail := err.Error()
	if errors.Is(err, lambdaapi.ErrNoFunction) {
		detail = functionNotFoundDetail(t)
	}
	return list.ListResult{Diagnostics: diag.Diagnostics{diag.NewErrorDiagnostic(summaries.CannotList, detail)}}
}
