// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
)

// destinationParameter describes the parameter of the functions about destinations.
const destinationParameter = "Destination ARN, as in the resource's `destination`."

// NewDestinationKind returns the function destination_kind.
func NewDestinationKind() function.Function {
	return parseFunction{
		name: "destination_kind",
		definition: function.Definition{
			Summary: "Returns the kind of a destination",
			MarkdownDescription: "Returns the kind of a destination ARN: `sqs`, `sns`, `lambda`, `eventbridge` or `s3`. " +
				"If the argument is null, returns null. Fails for any other value.",
			Parameters: parameters("arn", destinationParameter),
			Return:     function.StringReturn{},
		},
		null: types.StringNull(),
		parse: func(s string) (any, error) {
			d, err := parseDestination(s)
			return string(d.Kind), err
		},
	}
}

// parseDestination parses a destination of a documented service. The form of
// the ARN may be undocumented, because services extend their ARNs.
func parseDestination(s string) (destination.Destination, error) {
	d, err := destination.Parse(s)
	if err == nil && (d.Kind == destination.None || d.Kind == destination.Other) {
		err = fmt.Errorf("%q is none of the documented destinations; expected %s", s, destination.Forms)
	}
	return d, err
}
