// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type destinationPermissions struct{}

// NewDestinationPermissions returns destination_permissions.
func NewDestinationPermissions() function.Function { return destinationPermissions{} }

// Metadata implements [function.Function].
func (destinationPermissions) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "destination_permissions"
}

// permissions is one statement of an IAM policy.
type permissions struct {
	Actions   []string `tfsdk:"actions"`
	Resources []string `tfsdk:"resources"`
}

var permissionTypes = map[string]attr.Type{
	"actions":   types.ListType{ElemType: types.StringType},
	"resources": types.ListType{ElemType: types.StringType},
}

// Definition implements [function.Function].
func (destinationPermissions) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Permissions that a destination requires",
		MarkdownDescription: "Returns the permissions that a function's execution role needs for a destination: an object with `actions` " +
			"and `resources`, for one statement of an IAM policy.\n\n" +
			"| Destination | `actions` | `resources` |\n" +
			"| --- | --- | --- |\n" +
			"| SQS queue | `sqs:SendMessage` | the queue |\n" +
			"| SNS topic | `sns:Publish` | the topic |\n" +
			"| Lambda function | `lambda:InvokeFunction` | the ARN; if it has a qualifier, also the ARN without it |\n" +
			"| EventBridge bus | `events:PutEvents` | the bus |\n" +
			"| S3 bucket | `s3:PutObject`, `s3:ListBucket` | all objects of the bucket, and the bucket |\n\n" +
			"The partition of the ARN is kept. Null returns null. Any other value that is not the ARN of a destination is an error. " +
			"So is an ARN with a wildcard or a policy variable.",
		Parameters: []function.Parameter{function.StringParameter{
			Name:                "destination_arn",
			AllowNullValue:      true,
			MarkdownDescription: "ARN, as for `destination` of the resource.",
		}},
		Return: function.ObjectReturn{AttributeTypes: permissionTypes},
	}
}

// Run implements [function.Function].
func (destinationPermissions) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument *string
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	if argument == nil { // so that try() guards an optional variable
		resp.Error = resp.Result.Set(ctx, types.ObjectNull(permissionTypes))
		return
	}
	var p permissions
	d, err := parseDestination(*argument)
	if err == nil {
		p.Actions, p.Resources, err = d.Permissions()
	}
	if err != nil {
		resp.Error = function.NewArgumentFuncError(0, err.Error()) // the CLI ends the sentence
		return
	}
	resp.Error = resp.Result.Set(ctx, p)
}
