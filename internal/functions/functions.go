// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package functions implements the provider-defined functions. They need no
// configured provider, and return null for a null argument.
package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
)

// parseFunction is a function of one string. It implements [function.Function].
type parseFunction struct {
	name       string
	definition function.Definition
	null       attr.Value // the result for a null argument

	// parse returns the result for an argument. The CLI ends the text of an
	// error with a period.
	parse func(argument string) (result any, err error)
}

func (f parseFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f parseFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = f.definition
}

func (f parseFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument *string
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	if argument == nil { // so that can() alone validates an optional variable
		resp.Error = resp.Result.Set(ctx, f.null)
		return
	}
	result, err := f.parse(*argument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error())
		return
	}
	resp.Error = resp.Result.Set(ctx, result)
}

// parameters returns the one parameter of a function.
func parameters(name, description string) []function.Parameter {
	return []function.Parameter{function.StringParameter{
		Name: name, AllowNullValue: true, MarkdownDescription: description,
	}}
}
