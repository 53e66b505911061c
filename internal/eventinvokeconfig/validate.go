// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// stringRule is a validator of one string by a function that returns what is
// wrong with it.
type stringRule struct {
	summary, description string
	check                func(string) error
}

var (
	functionNameValidator = stringRule{
		"Invalid function reference", "value must be " + functionref.Forms,
		func(s string) error { _, err := functionref.Parse(s); return err },
	}
	unqualifiedValidator = stringRule{
		"Invalid function reference", "value must be " + functionref.Forms + ", but without a qualifier",
		func(s string) error {
			ref, err := functionref.Parse(s)
			if err == nil && ref.Qualifier != "" {
				err = fmt.Errorf("%q carries the qualifier %q; give the function without it, and the qualifier as an argument of its own", s, ref.Qualifier)
			}
			return err
		},
	}
	qualifierValidator = stringRule{
		"Invalid qualifier", "value must be a version, an alias or " + functionref.Latest, functionref.CheckQualifier,
	}
	regionValidator = stringRule{
		"Invalid region", "value must have the form of an AWS region", functionref.CheckRegion,
	}
	accountValidator = stringRule{
		"Invalid account", "value must be the twelve digits of an AWS account", functionref.CheckAccountID,
	}
)

func (r stringRule) Description(context.Context) string         { return r.description }
func (r stringRule) MarkdownDescription(context.Context) string { return r.description }

// ValidateString implements [validator.String].
func (r stringRule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	if err := r.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, r.summary, sentence(err.Error()))
	}
}

// wholeNumber is a validator of a number's range, both ends in it.
type wholeNumber struct{ least, most int64 }

func (v wholeNumber) Description(context.Context) string {
	return fmt.Sprintf("value must be a whole number from %d to %d", v.least, v.most)
}

func (v wholeNumber) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateNumber implements [validator.Number].
func (v wholeNumber) ValidateNumber(ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n := req.ConfigValue.ValueBigFloat()
	if i, exact := n.Int64(); exact != big.Exact || i < v.least || i > v.most {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number",
			fmt.Sprintf("%s: %s, got: %s.", req.Path, v.Description(ctx), n.Text('f', -1)))
	}
}

// destinationValidator checks the destination of one side.
type destinationValidator struct{ side destination.Side }

func (v destinationValidator) Description(context.Context) string {
	return "value must be " + destination.Forms
}

func (v destinationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString implements [validator.String].
func (v destinationValidator) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !known(req.ConfigValue) {
		return
	}
	d, err := destination.Parse(req.ConfigValue.ValueString())
	var warning string
	if err == nil {
		warning, err = d.Check(v.side)
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid destination", located(req.Path, err.Error()+"."))
	}
	if warning != "" {
		resp.Diagnostics.AddAttributeWarning(req.Path, "Undocumented destination", located(req.Path, warning))
	}
}

// ValidateConfig implements [resource.ResourceWithValidateConfig]: values of
// the configuration against each other, as far as they are known without the
// provider's region and without state.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref, contradicts := checkContradictions(config.FunctionName, config.Qualifier, config.Region, &resp.Diagnostics)
	if contradicts || ref.Name == "" {
		return
	}
	region := config.Region
	if region.IsNull() && ref.Region != "" {
		region = types.StringValue(ref.Region)
	}
	if known(region) {
		ref.Region = region.ValueString()
		// What is only likely is said by the plan, which knows more.
		checkNotItself(ctx, config, ref, &resp.Diagnostics, nil)
	}
}

// checkContradictions adds an error where a function reference says another
// qualifier or region than the argument of its own, and returns the reference,
// zero where it is not known or not readable, and whether the regions differ.
func checkContradictions(name, qualifier, region types.String, diags *diag.Diagnostics) (ref functionref.Ref, contradicts bool) {
	if !known(name) {
		return functionref.Ref{}, false
	}
	ref, err := functionref.Parse(name.ValueString())
	if err != nil {
		return functionref.Ref{}, false // the attribute's validator has said so
	}
	if known(qualifier) && ref.Qualifier != "" && qualifier.ValueString() != ref.Qualifier {
		diags.AddAttributeError(path.Root("qualifier"), "Contradicting qualifiers", fmt.Sprintf(
			"The qualifier is %q, but function_name = %q carries the qualifier %q. Leave one of the two out, or make them the same.",
			qualifier.ValueString(), name.ValueString(), ref.Qualifier))
	}
	if known(region) && ref.Region != "" && region.ValueString() != ref.Region {
		diags.AddAttributeError(path.Root("region"), "Contradicting regions", fmt.Sprintf(
			"The region is %q, but function_name = %q carries the region %q. Leave the region out, or make the two the same.",
			region.ValueString(), name.ValueString(), ref.Region))
		return ref, true
	}
	return ref, false
}

// checkNotItself adds an error to errs for a destination that is the function
// itself, with whatever qualifier, and a warning to warns (where not nil) for
// one that is unless the function's account, which is not known, is another.
// The region of ref is known.
func checkNotItself(ctx context.Context, m model, ref functionref.Ref, errs, warns *diag.Diagnostics) {
	onSuccess, onFailure, diags := m.sides(ctx)
	errs.Append(diags...)
	for _, s := range []struct {
		side  destination.Side
		value types.String
	}{{destination.OnSuccess, onSuccess}, {destination.OnFailure, onFailure}} {
		if !known(s.value) {
			continue
		}
		d, err := destination.Parse(s.value.ValueString())
		if err != nil || d.Kind != destination.Lambda {
			continue
		}
		to, err := functionref.Parse(d.String())
		if err != nil || !to.SameFunction(ref) {
			continue
		}
		at := path.Root("destination_config").AtName(string(s.side)).AtName("destination")
		if ref.AccountID != "" {
			errs.AddAttributeError(at, "Function as its own destination", located(at, fmt.Sprintf(
				"%q is the function that is configured. Lambda refuses a function as a destination for itself: give another function, "+
					"a queue, a topic or a bus.", d)))
		} else if warns != nil {
			warns.AddAttributeWarning(at, "Function as its own destination", located(at, fmt.Sprintf(
				"%q has the name and the region of the function that is configured. Unless that function is in another account, "+
					"Lambda will refuse it as a destination for itself.", d)))
		}
	}
}

// located puts the attribute in front of a text about it: the CLI shows the
// line of an attribute, but of the resource where the attribute is nested.
func located(at path.Path, text string) string { return at.String() + ": " + text }

// known reports whether v is neither null nor unknown.
func known(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }
