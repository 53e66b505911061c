// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/session"
)

// stringRule is a validator of one string by a function that returns what is
// wrong with it.
type stringRule struct {
	summary, description string
	check                func(string) error
}

var (
	functionNameValidator = stringRule{
		"Invalid function reference", "value must be " + functionref.Forms, functionref.Validate,
	}
	unqualifiedValidator = stringRule{
		"Invalid function reference", "value must be " + functionref.Forms + ", but without a qualifier",
		func(s string) error {
			if err := functionref.Validate(s); err != nil {
				return err
			}
			if ref, _ := functionref.Parse(s); ref.Qualifier != "" {
				return fmt.Errorf("%q carries the qualifier %q; give the function without it, and the qualifier as an argument of its own", s, ref.Qualifier)
			}
			return nil
		},
	}
	namePrefixValidator = stringRule{
		"Invalid name prefix", "value must be the beginning of a function's name", functionref.CheckNamePrefix,
	}
	qualifierValidator = stringRule{
		"Invalid qualifier", "value must be a version, an alias or " + functionref.Latest, functionref.CheckQualifier,
	}
	// regionValidator accepts a region of any form: only a configured provider
	// knows skip_region_validation (see checkRegion).
	regionValidator = stringRule{
		"Invalid region", "value must not be empty",
		func(s string) error {
			if s == "" {
				return errors.New("the region is empty; give a region such as \"us-east-1\", or omit it for the default")
			}
			return nil
		},
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

// WholeNumber is a validator of a number's range, both ends in it.
type WholeNumber struct{ Least, Most int64 }

// Description implements [validator.Describer].
func (v WholeNumber) Description(context.Context) string {
	return fmt.Sprintf("value must be a whole number from %d to %d", v.Least, v.Most)
}

// MarkdownDescription implements [validator.Describer].
func (v WholeNumber) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateNumber implements [validator.Number].
func (v WholeNumber) ValidateNumber(ctx context.Context, req validator.NumberRequest, resp *validator.NumberResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	n := req.ConfigValue.ValueBigFloat()
	if i, exact := n.Int64(); exact != big.Exact || i < v.Least || i > v.Most {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid number",
			fmt.Sprintf("%s: %s, got: %s. Correct it, or remove it for the default.", req.Path, v.Description(ctx), showNumber(n)))
	}
}

// showNumber prints n with at most 15 significant digits. A number of Terraform
// can have millions of digits, and takes minutes to print.
func showNumber(n *big.Float) string {
	switch f, _ := n.Float64(); {
	case math.IsInf(f, 1):
		return "more than 1e308"
	case math.IsInf(f, -1):
		return "less than -1e308"
	case f == 0 && n.Sign() != 0:
		return "nearly 0"
	}
	text := n.Text('g', 15)
	if shown, _, err := big.ParseFloat(text, 10, n.Prec(), n.Mode()); err != nil || shown.Cmp(n) != 0 {
		text = "about " + text
	}
	return text
}

// timeoutsValidator is a validator of the timeouts attribute. The validators of
// the attribute's library name no attribute, and accept a timeout of zero.
type timeoutsValidator struct{}

func (timeoutsValidator) Description(context.Context) string {
	return "each timeout must be a duration greater than zero"
}

func (v timeoutsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject implements [validator.Object].
func (timeoutsValidator) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	for name, value := range req.ConfigValue.Attributes() {
		s, ok := value.(types.String)
		if !ok || !known(s) {
			continue
		}
		d, err := time.ParseDuration(s.ValueString())
		var problem string
		switch {
		case err != nil:
			problem = "is not a duration. A timeout is a number with a unit, such as \"30s\", \"5m\" or \"1h30m\"."
		case d <= 0:
			problem = "leaves no time for the operation. A timeout is greater than zero, such as \"5m\"."
		default:
			continue
		}
		at := req.Path.AtName(name)
		resp.Diagnostics.AddAttributeError(at, "Invalid timeout", located(at, fmt.Sprintf(
			"%q %s Correct it, or remove it for the default.", s.ValueString(), problem)))
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
func (r *configResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref, contradicts := checkContradictions(config.FunctionName, config.Qualifier, config.Region, &resp.Diagnostics)
	if known(config.Region) {
		ref.Region = config.Region.ValueString()
	}
	if !contradicts && ref.Region != "" {
		checkDestinations(ctx, config, ref, nil, &resp.Diagnostics)
	}
}

// checkContradictions adds an error where a function reference says another
// qualifier or region than the argument of its own, and returns the reference,
// zero where it is not known or not readable, and whether the regions differ.
func checkContradictions(name, qualifier, region types.String, diags *diag.Diagnostics) (ref functionref.Ref, contradicts bool) {
	if !known(name) || functionref.Validate(name.ValueString()) != nil { // the attribute's validator adds an error
		return functionref.Ref{}, false
	}
	ref, _ = functionref.Parse(name.ValueString())
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

// checkRegion adds an error if a configuration names a region, in region or in an
// ARN, that the provider does not accept. State may have any region.
func checkRegion(s *session.Session, config reference, region types.String, diags *diag.Diagnostics) {
	if s.RegionProblem == nil || !known(region) {
		return
	}
	if problem := s.RegionProblem(region.ValueString()); problem != "" {
		at := path.Root("region")
		if config.Region.IsNull() {
			at = path.Root("function_name")
		}
		diags.AddAttributeError(at, "Unknown region", problem)
	}
}

// checkDestinations adds an error for each destination that Lambda can never
// accept for the function of ref, whose region is known. The Name of ref is empty
// if the function is not known. The session is nil during validation, when the
// provider's settings are not known. Then checkDestinations adds nothing that
// depends on them, and no warnings, which the plan repeats.
func checkDestinations(ctx context.Context, m resourceModel, ref functionref.Ref, s *session.Session, diags *diag.Diagnostics) {
	onSuccess, onFailure, d := m.sides(ctx)
	diags.Append(d...)
	for _, side := range []struct {
		side  destination.Side
		value types.String
	}{{destination.OnSuccess, onSuccess}, {destination.OnFailure, onFailure}} {
		if !known(side.value) {
			continue
		}
		d, err := destination.Parse(side.value.ValueString())
		if err != nil {
			continue
		}
		at := path.Root("destination_config").AtName(string(side.side)).AtName("destination")
		checkItself(d, ref, s, at, diags)
		partition := cmp.Or(ref.Partition, functionref.Partition(ref.Region))
		if partition != "" && d.Partition != "" && d.Partition != partition {
			diags.AddAttributeError(at, "Destination in another partition", located(at, fmt.Sprintf(
				"%q is in the partition %q, and the function in %s is in the partition %q. Lambda sends records only within a partition: "+
					"give a destination whose ARN begins with \"arn:%s:\".", d, d.Partition, ref.Region, partition, partition)))
		}
		if s == nil || s.RegionProblem == nil || d.Region == "" {
			continue
		}
		if err := functionref.CheckRegion(d.Region); err != nil {
			diags.AddAttributeError(at, "Invalid destination", located(at, fmt.Sprintf(
				"%q is in an invalid region: %s. Correct it, or set skip_region_validation = true in the provider block.", d, err)))
		}
	}
}

// checkItself adds an error if d is the function of ref, with any qualifier. If
// the account of ref is not known, it adds a warning.
func checkItself(d destination.Destination, ref functionref.Ref, s *session.Session, at path.Path, diags *diag.Diagnostics) {
	if d.Kind != destination.Lambda {
		return
	}
	to, err := functionref.Parse(d.String())
	if err != nil || !to.SameFunction(ref) {
		return
	}
	if ref.AccountID != "" {
		diags.AddAttributeError(at, "Function as its own destination", located(at, fmt.Sprintf(
			"%q is the function that is configured. Lambda refuses a function as a destination for itself: give another function, "+
				"a queue, a topic or a bus.", d)))
	} else if s != nil {
		diags.AddAttributeWarning(at, "Function as its own destination", located(at, fmt.Sprintf(
			"%q has the name and the region of the function that is configured. Unless that function is in another account, "+
				"Lambda will refuse it as a destination for itself.", d)))
	}
}

// located puts the attribute in front of a text about it: the CLI shows the
// line of an attribute, but of the resource where the attribute is nested.
func located(at path.Path, text string) string { return at.String() + ": " + text }

// known reports whether v is neither null nor unknown.
func known(v types.String) bool { return !v.IsNull() && !v.IsUnknown() }
