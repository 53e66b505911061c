// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// providerSession returns the session in providerData, or nil if the provider is
// not configured yet: Terraform validates configuration first.
func providerSession(providerData any, diags *diag.Diagnostics) *session.Session {
	s, ok := providerData.(*session.Session)
	if providerData != nil && !ok {
		diags.AddError(summaries.UnexpectedData, fmt.Sprintf(
			"The provider passed %T to its resources instead of a session. "+
				"This is a bug in the provider. Please report it.", providerData))
	}
	return s
}

// requireClient reports whether s can call Lambda, and adds an error if it
// cannot because the provider block has unknown arguments. This can happen during
// apply if the source of an argument was destroyed.
func requireClient(s *session.Session, diags *diag.Diagnostics) bool {
	if !s.HasClient() {
		diags.AddError(summaries.UnknownProviderConfig,
			"The provider block has arguments that are known only after apply, so the provider cannot call Lambda in this run. "+
				"Apply the resources that the arguments depend on first, or set the arguments to known values.")
	}
	return s.HasClient()
}

// providerRegion returns the region of the provider: unknown if the provider
// block has unknown arguments, and empty if the provider has no region.
func providerRegion(s *session.Session) types.String {
	region, isKnown := s.Region()
	if !isKnown {
		return types.StringUnknown()
	}
	return types.StringValue(region)
}
