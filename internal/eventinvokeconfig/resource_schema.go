// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/numberdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// How long an operation may wait where timeouts does not say.
const (
	defaultWriteTimeout  = 5 * time.Minute
	defaultReadTimeout   = 2 * time.Minute
	defaultRegionTimeout = 20 * time.Minute // of a data source that reads a whole region
)

// Schema implements [resource.Resource]. Its attributes have no plan modifiers:
// ModifyPlan in resource_plan.go decides which changes require a replacement and
// which show no diff, because both depend on several attributes together.
func (r *configResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	writes := fmt.Sprintf("How long to wait for the service, such as `30s` or `2m`. Default: `%s`.", defaultWriteTimeout)
	reads := fmt.Sprintf("How long to wait for the service during a refresh, such as `5m`. A shorter value than "+
		"the default counts as the default, because a refresh uses the value in state. Default: `%s`.", defaultReadTimeout)
	limits := timeouts.Attributes(ctx, timeouts.Opts{
		Create: true, CreateDescription: writes,
		Read: true, ReadDescription: reads,
		Update: true, UpdateDescription: writes,
		Delete: true, DeleteDescription: writes,
	})
	if a, ok := limits.(schema.SingleNestedAttribute); ok { // its library describes what is inside only
		a.MarkdownDescription = "How long each operation may take in all, its waiting and its retries included. " +
			"Default: that of each, below."
		a.Validators = []validator.Object{timeoutsValidator{}}
		for name, attribute := range a.Attributes {
			if s, ok := attribute.(schema.StringAttribute); ok {
				s.Validators = nil
				a.Attributes[name] = s
			}
		}
		limits = a
	}

	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the asynchronous invocation configuration of a Lambda function, version or alias: " +
			"how often Lambda tries a failing invocation again, how long it keeps an event, and where it sends the record of a result.",
		Attributes: map[string]schema.Attribute{
			"function_name": schema.StringAttribute{
				Required: true,
				MarkdownDescription: "The function: its name, a partial ARN or a full ARN, each with or without a qualifier behind it. " +
					"Another spelling of the same function changes nothing; another function replaces the resource.",
				Validators: []validator.String{functionNameValidator},
			},
			"qualifier": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: fmt.Sprintf("The version, the alias or `%[1]s` that is configured. "+
					"Default: the qualifier inside `function_name`, else `%[1]s`. Another qualifier replaces the resource.", functionref.Latest),
				Validators: []validator.String{qualifierValidator},
			},
			"region": schema.StringAttribute{
				Optional: true,
				Computed: true,
				MarkdownDescription: "The region of the function. Default: the region inside the ARN in `function_name`, " +
					"else the provider's. Another region replaces the resource.",
				Validators: []validator.String{regionValidator},
			},
			"maximum_event_age_in_seconds": schema.NumberAttribute{
				Optional: true,
				Computed: true,
				Default:  numberdefault.StaticBigFloat(big.NewFloat(lambdaapi.DefaultEventAgeSeconds)),
				MarkdownDescription: fmt.Sprintf("How long, in seconds, Lambda keeps an event that it could not yet process: %d to %d. Default: `%d`.",
					lambdaapi.MinEventAgeSeconds, lambdaapi.MaxEventAgeSeconds, lambdaapi.DefaultEventAgeSeconds),
				Validators: []validator.Number{WholeNumber{lambdaapi.MinEventAgeSeconds, lambdaapi.MaxEventAgeSeconds}},
			},
			"maximum_retry_attempts": schema.NumberAttribute{
				Optional: true,
				Computed: true,
				Default:  numberdefault.StaticBigFloat(big.NewFloat(lambdaapi.DefaultRetryAttempts)),
				MarkdownDescription: fmt.Sprintf("How often Lambda invokes the function again after it returned an error: %d to %d. Default: `%d`.",
					lambdaapi.MinRetryAttempts, lambdaapi.MaxRetryAttempts, lambdaapi.DefaultRetryAttempts),
				Validators: []validator.Number{WholeNumber{lambdaapi.MinRetryAttempts, lambdaapi.MaxRetryAttempts}},
			},
			"destination_config": schema.SingleNestedAttribute{
				Optional:            true,
				Computed:            true,
				Default:             objectdefault.StaticValue(noDestinations),
				MarkdownDescription: "Where Lambda sends the record of an asynchronous invocation. Default: nowhere.",
				Attributes: map[string]schema.Attribute{
					"on_success": sideAttribute(destination.OnSuccess, "The destination of the records of invocations that succeeded. Default: none."),
					"on_failure": sideAttribute(destination.OnFailure, "The destination of the records of invocations that failed for good. Default: none."),
				},
			},
			"overwrite_existing": schema.BoolAttribute{
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
				MarkdownDescription: "Whether creating this resource may overwrite a different configuration that is there already. " +
					"It is looked at when the resource is created, and never later: changing it plans nothing. Default: `false`.",
			},
			"timeouts": limits,
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The qualified ARN of what is configured, the same as `function_arn`.",
			},
			"function_arn": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The ARN of the function, always with its qualifier.",
			},
			"last_modified": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "When the configuration was last changed: RFC 3339, UTC.",
			},
		},
	}
}

func sideAttribute(side destination.Side, description string) schema.Attribute {
	kinds := "an SQS queue, an SNS topic, a Lambda function or an EventBridge bus"
	if side == destination.OnFailure {
		kinds = "an SQS queue, an SNS topic, a Lambda function, an EventBridge bus or an S3 bucket"
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description,
		Attributes: map[string]schema.Attribute{
			"destination": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: fmt.Sprintf("The ARN of %s: at most %d characters.", kinds, destination.MaxLength),
				Validators:          []validator.String{destinationValidator{side}},
			},
		},
	}
}
