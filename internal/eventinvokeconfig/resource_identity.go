// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// identityModel is the resource identity. Its values come from the ARN in
// Lambda's response, so they do not depend on the format of function_name.
type identityModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Qualifier    types.String `tfsdk:"qualifier"`
	Region       types.String `tfsdk:"region"`
	AccountID    types.String `tfsdk:"account_id"`
}

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *configResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"function_name": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "Name of the function.",
			},
			"qualifier": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       fmt.Sprintf("Version, alias or `%[1]s`. Defaults to `%[1]s`.", functionref.Latest),
			},
			"region": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "AWS region of the function. Defaults to the provider's region.",
			},
			"account_id": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "ID of the AWS account of the function. Defaults to the account of the credentials.",
			},
		},
	}
}

// setIdentity sets identity to that of t. It does nothing if identity is nil, as
// for a CLI that does not support identities.
func setIdentity(
	ctx context.Context, t lambdaapi.Target, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics,
) {
	if identity == nil {
		return
	}
	diags.Append(identity.Set(ctx, identityModel{
		FunctionName: types.StringValue(t.Function.Name),
		Qualifier:    types.StringValue(t.Qualifier),
		Region:       types.StringValue(t.Region),
		AccountID:    optionalString(t.Function.AccountID),
	})...)
}
