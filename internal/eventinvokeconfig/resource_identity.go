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

// identityModel is what tells one configuration from every other. It is taken
// from the ARN that the service answers, so that no spelling changes it.
type identityModel struct {
	FunctionName types.String `tfsdk:"function_name"`
	Qualifier    types.String `tfsdk:"qualifier"`
	Region       types.String `tfsdk:"region"`
	AccountID    types.String `tfsdk:"account_id"`
}

// IdentitySchema implements [resource.ResourceWithIdentity].
func (r *configResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"function_name": identityschema.StringAttribute{
				RequiredForImport: true,
				Description:       "The name of the function.",
			},
			"qualifier": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       fmt.Sprintf("The version, the alias or `%[1]s`. Default when importing: `%[1]s`.", functionref.Latest),
			},
			"region": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "The region of the function. Default when importing: the provider's.",
			},
			"account_id": identityschema.StringAttribute{
				OptionalForImport: true,
				Description:       "The account of the function. Default when importing: that of the credentials.",
			},
		},
	}
}

// identify sets the identity to that of a configuration. A CLI that does not
// support identities passes nil.
func identify(ctx context.Context, t lambdaapi.Target, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	own := identityModel{
		FunctionName: types.StringValue(t.Function.Name),
		Qualifier:    types.StringValue(t.Qualifier),
		Region:       types.StringValue(t.Region),
		AccountID:    types.StringNull(),
	}
	if t.Function.AccountID != "" {
		own.AccountID = types.StringValue(t.Function.AccountID)
	}
	diags.Append(identity.Set(ctx, own)...)
}
