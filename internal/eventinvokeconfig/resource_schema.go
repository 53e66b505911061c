// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Descriptions that the resource and the data sources share.
const (
	functionNameDescription = "Name, partial ARN or full ARN of the Lambda function, with or without a qualifier."
	regionDefault           = " Defaults to the region of the ARN in `function_name`, or else the provider's region."
	idDescription           = "Qualified ARN of the function, version or alias. Same as `function_arn`."
	functionARNDescription  = "ARN of the function, including the qualifier."
	modifiedDescription     = "Date and time of the last modification, in RFC 3339 format (UTC)."
	eventAgeDescription     = "Maximum age, in seconds, of a request that Lambda sends to the function for processing."
	retriesDescription      = "Maximum number of retries after the function returns an error."
	onSuccessDescription    = "Destination for the records of successful invocations."
	onFailureDescription    = "Destination for the records of requests that exhausted their retries or exceeded the " +
		"maximum age."
	forcesNew = " Changing this forces a new resource to be created."
)

// Schema implements [resource.Resource]. The attributes have no plan modifiers:
// ModifyPlan in resource_plan.go decides which changes require a replacement and
// which show no diff, because the decision depends on several attributes.
func (r *configResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the asynchronous invocation configuration of a Lambda function, version or alias: " +
			"retries, the maximum age of events, and destinations for invocation records.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: functionNameDescription + " A reference to the same function in another format shows no " +
					"diff. Changing this to another function forces a new resource to be created.",
				Validators: []validator.String{functionNameValidator},
			},
			"qualifier": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: fmt.Sprintf("Version, alias or `%[1]s`. Defaults to the qualifier in `function_name`, "+
					"or else `%[1]s`.", functionref.Latest) + forcesNew,
				Validators: []validator.String{qualifierValidator},
			},
			"region": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				MarkdownDescription: "AWS region of the function." + regionDefault + forcesNew,
				Validators:          []validator.String{regionValidator},
			},
			"maximum_event_age_in_seconds": schema.NumberAttribute{
				Optional: true,
				Computed: true,
				Default:  numberdefault.StaticBigFloat(big.NewFloat(lambdaapi.DefaultEventAgeSeconds)),
				MarkdownDescription: fmt.Sprintf("%s Valid values: `%d` to `%d`. Defaults to `%d`.", eventAgeDescription,
					lambdaapi.MinEventAgeSeconds, lambdaapi.MaxEventAgeSeconds, lambdaapi.DefaultEventAgeSeconds),
				Validators: []validator.Number{WholeNumber{lambdaapi.MinEventAgeSeconds, lambdaapi.MaxEventAgeSeconds}},
			},
			"maximum_retry_attempts": schema.NumberAttribute{
				Optional: true,
				Computed: true,
				Default:  numberdefault.StaticBigFloat(big.NewFloat(lambdaapi.DefaultRetryAttempts)),
				MarkdownDescription: fmt.Sprintf("%s Valid values: `%d` to `%d`. Defaults to `%d`.", retriesDescription,
					lambdaapi.MinRetryAttempts, lambdaapi.MaxRetryAttempts, lambdaapi.DefaultRetryAttempts),
				Validators: []validator.Number{WholeNumber{lambdaapi.MinRetryAttempts, lambdaapi.MaxRetryAttempts}},
			},
			"destination_config": schema.SingleNestedAttribute{
				Optional:            true,
				Computed:            true,
				Default:             objectdefault.StaticValue(noDestinations),
				MarkdownDescription: "Destinations for invocation records. If omitted, Lambda sends no records.",
				Attributes: map[string]schema.Attribute{
					"on_success": destinationAttribute(destination.OnSuccess, onSuccessDescription,
						"an SQS queue, an SNS topic, a Lambda function or an EventBridge event bus"),
					"on_failure": destinationAttribute(destination.OnFailure, onFailureDescription,
						"an SQS queue, an SNS topic, a Lambda function, an EventBridge event bus or an S3 bucket"),
				},
			},
			"overwrite_existing": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether creating this resource may overwrite a different configuration that already " +
					"exists. Applies only when the resource is created: changing it later shows no diff. Defaults to `false`.",
			},
			"timeouts": schema.SingleNestedAttribute{
				Optional:   true,
				CustomType: timeouts.Type{ObjectType: types.ObjectType{AttrTypes: timeoutTypes}},
				MarkdownDescription: "Maximum duration of each operation, including waiting and retries. If omitted, each " +
					"default applies.",
				Validators: []validator.Object{timeoutsValidator{}},
				Attributes: map[string]schema.Attribute{
					"create": timeoutAttribute("Maximum duration of creating the resource, such as `30s` or `2m`. Defaults to `%s`."),
					"update": timeoutAttribute("Maximum duration of updating the resource, such as `30s` or `2m`. Defaults to `%s`."),
					"delete": timeoutAttribute("Maximum duration of deleting the resource, such as `30s` or `2m`. Defaults to `%s`."),
					"read": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: fmt.Sprintf("Maximum duration of a refresh, such as `5m`. Values below the default have no "+
							"effect, because a refresh uses the value in state. Defaults to `%s`.", minutes(defaultReadTimeout)),
					},
				},
			},
			"id":            schema.StringAttribute{Computed: true, MarkdownDescription: idDescription},
			"function_arn":  schema.StringAttribute{Computed: true, MarkdownDescription: functionARNDescription},
			"last_modified": schema.StringAttribute{Computed: true, MarkdownDescription: modifiedDescription},
		},
	}
}

// timeoutAttribute returns the attribute for the timeout of a write. The
// description has a verb for the default.
func timeoutAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional:            true,
		MarkdownDescription: fmt.Sprintf(description, minutes(defaultWriteTimeout)),
	}
}

// destinationAttribute returns on_success or on_failure.
func destinationAttribute(side destination.Side, description, kinds string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description + " If omitted, Lambda sends no such records.",
		Attributes: map[string]schema.Attribute{
			"destination": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: fmt.Sprintf("ARN of %s. Maximum length: %d characters.", kinds, destination.MaxLength),
				Validators:          []validator.String{destinationValidator{side}},
			},
		},
	}
}
