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
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
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

// identity is that of the configuration in state; what is not known is null.
func (m model) identity() (identityModel, error) {
	target, err := m.target()
	if err != nil {
		return identityModel{}, err
	}
	identity := identityModel{
		FunctionName: types.StringValue(target.Function.Name),
		Qualifier:    types.StringValue(target.Qualifier),
		Region:       types.StringValue(target.Region),
		AccountID:    types.StringNull(),
	}
	if target.Function.AccountID != "" {
		identity.AccountID = types.StringValue(target.Function.AccountID)
	}
	return identity, nil
}

// identify sets the identity to that of m. CLIs that know no identities have
// none to set.
func (m model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity, diags *diag.Diagnostics) {
	if identity == nil {
		return
	}
	own, err := m.identity()
	if err != nil {
		diags.AddError("Unreadable function reference", sentence(err.Error()))
		return
	}
	diags.Append(identity.Set(ctx, own)...)
}
