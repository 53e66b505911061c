// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"errors"
	"fmt"
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
)

// configListResource finds the configurations of a function or of a whole region,
// for `terraform query`.
type configListResource struct {
	session *session.Session // nil until the provider is configured
}

var (
	_ list.ListResourceWithConfigure      = (*configListResource)(nil)
	_ list.ListResourceWithValidateConfig = (*configListResource)(nil)
)

// NewListResource returns the list resource, not yet configured.
func NewListResource() list.ListResource { return &configListResource{} }

// Metadata implements [list.ListResource].
func (l *configListResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = typeName
}

// Configure implements [list.ListResourceWithConfigure].
func (l *configListResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	l.session = sessionOf(req.ProviderData, &resp.Diagnostics)
}

// listModel is a list block.
type listModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Qualifiers   types.List   `tfsdk:"qualifiers"`
	Region       types.String `tfsdk:"region"`
}

// ListResourceConfigSchema implements [list.ListResource].
func (l *configListResource) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Finds the asynchronous invocation configurations of a Lambda function, or of all functions of a region. " +
			"A whole region costs one call for 50 functions, and one for each function.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The function: its name, a partial ARN or a full ARN, without a qualifier. " +
					"Default: every function of the region.",
				Validators: []validator.String{unqualifiedValidator},
			},
			"qualifiers": schema.ListAttribute{
				Optional:    true,
				ElementType: types.StringType,
				MarkdownDescription: fmt.Sprintf("The versions, aliases or `%s` whose configurations are wanted. Default: all.",
					functionref.Latest),
				Validators: []validator.List{listvalidator.SizeAtLeast(1), listvalidator.NoNullValues(), listvalidator.ValueStringsAre(qualifierValidator)},
			},
			"region": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "The region of the functions. Default: the region inside the ARN in `function_name`, " +
					"else the provider's.",
				Validators: []validator.String{regionValidator},
			},
		},
	}
}

// ValidateListResourceConfig implements [list.ListResourceWithValidateConfig].
func (l *configListResource) ValidateListResourceConfig(ctx context.Context, req list.ValidateConfigRequest, resp *list.ValidateConfigResponse) {
	var config listModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	checkContradictions(config.FunctionName, types.StringNull(), config.Region, &resp.Diagnostics)
}

// List implements [list.ListResource]. Calls are made as results are taken, so
// that none is made beyond the limit. In a whole region, a function that is
// gone by the time it is asked about is passed over, and one that may not be
// asked about is a warning.
func (l *configListResource) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	var qualifiers []string
	diags := req.Config.Get(ctx, &config)
	if !config.Qualifiers.IsNull() {
		diags.Append(config.Qualifiers.ElementsAs(ctx, &qualifiers, false)...)
	}
	var asked lambdaapi.Target
	if requireConnection(l.session, &diags) {
		asked = listTarget(l.session, config.FunctionName, config.Region, &diags)
	}
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	wholeRegion := asked.Function.Name == ""
	stream.Results = func(yield func(list.ListResult) bool) {
		var results int64
		for function, err := range l.functions(ctx, asked) {
			if err != nil {
				yield(failed(asked, err))
				return
			}
			target := lambdaapi.Target{Region: asked.Region, Function: function.Ref}
			for config, err := range l.session.Configs(ctx, target) { // an error comes last
				switch {
				case wholeRegion && errors.Is(err, lambdaapi.ErrNoFunction):
					continue
				case wholeRegion && lambdaapi.IsAccessDenied(err):
					if !yield(denied(target, err)) {
						return
					}
					continue
				case err != nil:
					yield(failed(target, err))
					return
				}
				result, qualifier := found(ctx, req, target, config)
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

// listTarget returns the function whose configurations are listed, or, if name
// is null, the region. The session is connected.
func listTarget(s *session.Session, name, region types.String, diags *diag.Diagnostics) lambdaapi.Target {
	reference := reference{FunctionName: name, Region: region}
	if name.IsNull() {
		checkRegion(s, reference, region, diags)
		if region.IsNull() {
			region = providerRegion(s)
		}
		if region.ValueString() == "" {
			diags.Append(noRegion())
		}
		return lambdaapi.Target{Region: region.ValueString()}
	}
	want, d := reference.resolve(providerRegion(s))
	diags.Append(d...)
	checkRegion(s, reference, want.Region, diags)
	return lambdaapi.Target{Region: want.Region.ValueString(), Function: want.Function}
}

// functions returns the function that was asked for, or all of the region.
func (l *configListResource) functions(ctx context.Context, asked lambdaapi.Target) iter.Seq2[lambdaapi.Function, error] {
	if asked.Function.Name == "" {
		return l.session.Functions(ctx, asked.Region)
	}
	return func(yield func(lambdaapi.Function, error) bool) { yield(lambdaapi.Function{Ref: asked.Function}, nil) }
}

// found is the result for one configuration.
func found(ctx context.Context, req list.ListRequest, t lambdaapi.Target, config lambdaapi.Config) (result list.ListResult, qualifier string) {
	if ref, err := functionref.Parse(config.FunctionARN); err == nil {
		t.Qualifier = ref.Qualifier
	}
	m := imported(t)
	m.set(config)
	result = req.NewListResult(ctx)
	result.DisplayName = t.Function.Name + ":" + t.Qualifier
	identify(ctx, t, result.Identity, &result.Diagnostics)
	if req.IncludeResource {
		result.Diagnostics.Append(result.Resource.Set(ctx, &m)...)
	}
	return result, t.Qualifier
}

// denied is the warning about a function that may not be asked about.
func denied(t lambdaapi.Target, err error) list.ListResult {
	return list.ListResult{Diagnostics: diag.Diagnostics{diag.NewWarningDiagnostic(
		fmt.Sprintf("The event invoke configs of %s are not listed", t.Function.Name), err.Error())}}
}

// failed is the error that ends a list.
func failed(t lambdaapi.Target, err error) list.ListResult {
	text := err.Error()
	if errors.Is(err, lambdaapi.ErrNoFunction) {
		text = noFunction(t)
	}
	return list.ListResult{Diagnostics: diag.Diagnostics{diag.NewErrorDiagnostic("Cannot list the event invoke configs of "+t.String(), text)}}
}

// noFunction is what is said of a function that is not there.
func noFunction(t lambdaapi.Target) string {
	return fmt.Sprintf("The function %s does not exist in %s. Correct its name, or the region; or create it first.", t.Function.Name, t.Region)
}
