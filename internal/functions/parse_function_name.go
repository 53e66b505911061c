// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package functions is the provider's functions: what Lambda's references and
// destinations say, for use in a configuration. None of them needs a
// configured provider.
package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

type parseFunctionName struct{}

// NewParseFunctionName returns parse_function_name.
func NewParseFunctionName() function.Function { return parseFunctionName{} }

// Metadata implements [function.Function].
func (parseFunctionName) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "parse_function_name"
}

// parts is what a function reference says; null where the spelling has nothing.
type parts struct {
	Partition    types.String `tfsdk:"partition"`
	Region       types.String `tfsdk:"region"`
	AccountID    types.String `tfsdk:"account_id"`
	FunctionName types.String `tfsdk:"function_name"`
	Qualifier    types.String `tfsdk:"qualifier"`
}

// Definition implements [function.Function].
func (parseFunctionName) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Takes a Lambda function reference apart",
		MarkdownDescription: "Takes a Lambda function reference apart: a name, a partial ARN or a full ARN, each with or without a qualifier behind it. " +
			"Returns an object with `partition`, `region`, `account_id`, `function_name` and `qualifier`. A part that the reference omits is null. " +
			"Null returns null. Any other value is an error.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "function_name",
			AllowNullValue:      true,
			MarkdownDescription: "Function reference, in any format of `function_name` of the resource.",
		}},
		Return: function.ObjectReturn{AttributeTypes: partTypes},
	}
}

var partTypes = map[string]attr.Type{
	"partition": types.StringType, "region": types.StringType, "account_id": types.StringType,
	"function_name": types.StringType, "qualifier": types.StringType,
}

// Run implements [function.Function].
func (parseFunctionName) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument *string
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	if argument == nil { // so that can() guards an optional variable
		resp.Error = resp.Result.Set(ctx, types.ObjectNull(partTypes))
		return
	}
	if err := functionref.Validate(*argument); err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error()) // the CLI ends the sentence
		return
	}
	ref, _ := functionref.Parse(*argument)
	optional := func(s string) types.String {
		if s == "" {
			return types.StringNull()
		}
		return types.StringValue(s)
	}
	resp.Error = resp.Result.Set(ctx, parts{
		Partition:    optional(ref.Partition),
		Region:       optional(ref.Region),
		AccountID:    optional(ref.AccountID),
		FunctionName: types.StringValue(ref.Name),
		Qualifier:    optional(ref.Qualifier),
	})
}
