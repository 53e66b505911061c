// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// permissionsModel is the result of destination_permissions.
type permissionsModel struct {
	Actions   []string `tfsdk:"actions"`
	Resources []string `tfsdk:"resources"`
}

var permissionsTypes = map[string]attr.Type{
	"actions":   types.ListType{ElemType: types.StringType},
	"resources": types.ListType{ElemType: types.StringType},
}

// NewDestinationPermissions returns the function destination_permissions.
func NewDestinationPermissions() function.Function {
	return parseFunction{
		name: "destination_permissions",
		definition: function.Definition{
			Summary: "Returns the permissions that a destination requires",
			MarkdownDescription: "Returns the permissions on a destination that a function's execution role requires: " +
				"an object with `actions` and `resources`, for one statement of an IAM policy.\n\n| Destination | `actions` | " +
				"`resources` |\n| --- | --- | --- |\n| SQS queue | `sqs:SendMessage` | the queue |\n| SNS topic | " +
				"`sns:Publish` | the topic |\n| Lambda function | `lambda:InvokeFunction` | the ARN; if it has a qualifier, " +
				"also the ARN without it |\n| EventBridge bus | `events:PutEvents` | the bus |\n| S3 bucket | `s3:PutObject`, " +
				"`s3:ListBucket` | all objects of the bucket, and the bucket |\n\nThe resources are in the partition of the " +
				"ARN. If the argument is null, returns null. Fails for any other value that is not a destination ARN, and for " +
				"an ARN with a wildcard or a policy variable.",
			Parameters: parameters("destination_arn", destinationParameter),
			Return:     function.ObjectReturn{AttributeTypes: permissionsTypes},
		},
		null: types.ObjectNull(permissionsTypes),
		parse: func(s string) (any, error) {
			d, err := parseDestination(s)
			if err != nil {
				return nil, err
			}
			var p permissionsModel
			p.Actions, p.Resources, err = d.Permissions()
			return p, err
		},
	}
}
