// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// reference is the attributes that identify a configuration.
type reference struct{ FunctionName, Qualifier, Region types.String }

// resolvedReference is a reference with its defaults. The zero Function means
// that the function is unknown.
type resolvedReference struct {
	Function  functionref.Ref // without qualifier
	Qualifier types.String    // never null
	Region    types.String    // never null
}

// resolve returns r with its defaults. Qualifier and region default to those in
// the function reference, or else to $LATEST and the provider's region, which may
// be unknown. resolve accepts every value, because r may come from state:
// validators check configuration.
func (r reference) resolve(providerRegion types.String) (resolvedReference, diag.Diagnostics) {
	var diags diag.Diagnostics
	resolved := resolvedReference{Qualifier: r.Qualifier, Region: r.Region}

	var ref functionref.Ref
	if !r.FunctionName.IsUnknown() {
		var err error
		if ref, err = functionref.Parse(r.FunctionName.ValueString()); err != nil {
			ref = functionref.Ref{Name: r.FunctionName.ValueString()}
		}
		resolved.Function = ref.Unqualified()
	}
	if resolved.Qualifier.IsNull() {
		resolved.Qualifier = types.StringUnknown()
		if ref.Name != "" {
			resolved.Qualifier = types.StringValue(ref.Qualified().Qualifier)
		}
	}
	if resolved.Region.IsNull() {
		resolved.Region = types.StringUnknown()
		if ref.Name != "" {
			resolved.Region = providerRegion
			if ref.Region != "" {
				resolved.Region = types.StringValue(ref.Region)
			}
			if resolved.Region.Equal(types.StringValue("")) {
				addMissingRegionError(&diags)
			}
		}
	}
	return resolved, diags
}

// isKnown reports whether no part of r is unknown.
func (r resolvedReference) isKnown() bool {
	return r.Function.Name != "" && isKnown(r.Qualifier) && isKnown(r.Region)
}

// target returns the configuration that r identifies. No part of r is unknown.
func (r resolvedReference) target() lambdaapi.Target {
	return lambdaapi.Target{
		Region: r.Region.ValueString(), Function: r.Function, Qualifier: r.Qualifier.ValueString(),
	}
}

// isPrior reports whether r, which config resolves to, identifies the
// configuration in state.
func (r resolvedReference) isPrior(config, prior resourceModel, providerRegion types.String) bool {
	if !r.isKnown() {
		return false
	}
	p, diags := prior.reference().resolve(providerRegion)
	if !diags.HasError() && p.isKnown() &&
		r.Function.MayBeSameFunction(p.Function) && r.Qualifier.Equal(p.Qualifier) && r.Region.Equal(p.Region) {
		return true
	}
	// Other implementations of the API may respond with another account than the
	// reference contains.
	return len(r.differingPaths(config, prior)) == 0
}

// differingPaths returns the attributes in which r, which config resolves to,
// differs from state.
func (r resolvedReference) differingPaths(config, prior resourceModel) path.Paths {
	var paths path.Paths
	if !config.FunctionName.Equal(prior.FunctionName) {
		paths.Append(path.Root("function_name"))
	}
	if !r.Qualifier.Equal(prior.Qualifier) {
		paths.Append(path.Root("qualifier"))
	}
	if !r.Region.Equal(prior.Region) {
		paths.Append(path.Root("region"))
	}
	return paths
}

func addMissingRegionError(diags *diag.Diagnostics) {
	diags.AddAttributeError(path.Root("region"), summaries.MissingRegion,
		"No region is set in this block, in the ARN of its function, or in the provider. "+
			"Set region here or in the provider block, or AWS_REGION in the environment.")
}
