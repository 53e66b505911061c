// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// ImportState implements [resource.ResourceWithImportState]. Every spelling of
// a function reference is an import ID, the id attribute among them. The Read
// that follows fills in what the ID does not say.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	ref, err := functionref.Parse(req.ID)
	if err != nil {
		resp.Diagnostics.AddError("Invalid import ID", fmt.Sprintf(
			"%s.\n\nThe import ID is the function, and behind it the qualifier unless %q is meant. For example:\n\n"+
				"  my-function\n  my-function:live\n  123456789012:function:my-function:7\n"+
				"  arn:aws:lambda:us-east-1:123456789012:function:my-function:live", err, functionref.Latest))
		return
	}
	if !r.connected(&resp.Diagnostics) {
		return
	}
	config := model{FunctionName: types.StringValue(req.ID)}
	want, diags := resolve(config, r.run.region())
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("function_name"), ref.Unqualified().String())...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("qualifier"), want.Qualifier)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("region"), want.Region)...)
}
