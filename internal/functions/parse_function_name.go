// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// referenceModel is the result of parse_function_name. A part that the
// reference omits is nil.
type referenceModel struct {
	Partition    *string `tfsdk:"partition"`
	Region       *string `tfsdk:"region"`
	AccountID    *string `tfsdk:"account_id"`
	FunctionName *string `tfsdk:"function_name"`
	Qualifier    *string `tfsdk:"qualifier"`
}

var referenceTypes = map[string]attr.Type{
	"partition": types.StringType, "region": types.StringType, "account_id": types.StringType,
	"function_name": types.StringType, "qualifier": types.StringType,
}

// NewParseFunctionName returns the function parse_function_name.
func NewParseFunctionName() function.Function {
	return parseFunction{
		name: "parse_function_name",
		definition: function.Definition{
			Summary: "Parses a Lambda function reference",
			MarkdownDescription: "Parses a Lambda function reference: a name, a partial ARN or a full ARN, " +
				"each optionally followed by a qualifier. Returns an object with `partition`, `region`, `account_id`, " +
				"`function_name` and `qualifier`. A part that the reference omits is null. If the argument is null, returns " +
				"null. Fails for any other value.",
			Parameters: parameters("function_name", "Function reference, in any format of the resource's `function_name`."),
			Return:     function.ObjectReturn{AttributeTypes: referenceTypes},
		},
		null: types.ObjectNull(referenceTypes),
		parse: func(s string) (any, error) {
			if err := functionref.Validate(s); err != nil {
				return nil, err
			}
			ref, err := functionref.Parse(s)
			return referenceModel{
				Partition:    nilIfEmpty(ref.Partition),
				Region:       nilIfEmpty(ref.Region),
				AccountID:    nilIfEmpty(ref.AccountID),
				FunctionName: &ref.Name,
				Qualifier:    nilIfEmpty(ref.Qualifier),
			}, err
		},
	}
}

func nilIfEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
