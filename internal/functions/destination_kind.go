// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
)

type destinationKind struct{}

// NewDestinationKind returns destination_kind.
func NewDestinationKind() function.Function { return destinationKind{} }

// Metadata implements [function.Function].
func (destinationKind) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "destination_kind"
}

// Definition implements [function.Function].
func (destinationKind) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Says what a destination ARN is",
		MarkdownDescription: "Returns the kind of a destination by its ARN: `sqs`, `sns`, `lambda`, `eventbridge` or `s3`. " +
			"Null returns null. Any other value is an error.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "arn",
			AllowNullValue:      true,
			MarkdownDescription: "ARN, as for `destination` of the resource.",
		}},
		Return: function.StringReturn{},
	}
}

// Run implements [function.Function].
func (destinationKind) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument *string
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	if argument == nil { // so that can() guards an optional variable
		resp.Error = resp.Result.Set(ctx, types.StringNull())
		return
	}
	d, err := parseDestination(*argument)
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error()) // the CLI ends the sentence
		return
	}
	resp.Error = resp.Result.Set(ctx, string(d.Kind))
}

// parseDestination parses a destination of a documented kind. Its ARN may be
// unfamiliar: services extend their ARNs.
func parseDestination(s string) (destination.Destination, error) {
	d, err := destination.Parse(s)
	switch {
	case err == nil && (d.Kind == destination.None || d.Kind == destination.Other):
		err = fmt.Errorf("%q is none of the documented destinations; expected %s", s, destination.Forms)
	case err == nil:
		_, err = d.Check(destination.OnFailure) // which accepts every kind
	}
	return d, err
}
