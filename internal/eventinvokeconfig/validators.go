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
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// stringValidator validates one string. The error of check is the detail of the
// diagnostic.
type stringValidator struct {
	summary string
	check   func(string) error
}

var (
	functionNameValidator = stringValidator{summaries.InvalidFunctionReference, functionref.Validate}
	unqualifiedValidator  = stringValidator{
		summaries.InvalidFunctionReference,
		func(s string) error {
			if err := functionref.Validate(s); err != nil {
				return err
			}
			if ref, _ := functionref.Parse(s); ref.Qualifier != "" {
				return fmt.Errorf("%q contains the qualifier %q; use the function without it", s, ref.Qualifier)
			}
			return nil
		},
	}
	bareNameValidator = stringValidator{
		summaries.InvalidFunctionReference,
		func(s string) error {
			if err := functionref.Validate(s); err != nil {
				return err
			}
			if ref, _ := functionref.Parse(s); ref != (functionref.Ref{Name: ref.Name}) {
				return fmt.Errorf("%q is not the bare name of a function; set the other parts of the reference as qualifier, "+
					"region and account_id, or import by id instead", s)
			}
			return nil
		},
	}
	namePrefixValidator = stringValidator{summaries.InvalidNamePrefix, functionref.CheckNamePrefix}
	qualifierValidator  = stringValidator{summaries.InvalidQualifier, functionref.CheckQualifier}
	// regionValidator accepts a region of any form: only a configured provider
	// knows skip_region_validation (see checkRegion).
	regionValidator = stringValidator{
		summaries.InvalidRegion,
		func(s string) error {
			if s == "" {
				return errors.New("the region is empty; use a region such as \"us-east-1\", or omit it for the default")
			}
			return nil
		},
	}
	accountValidator = stringValidator{summaries.InvalidAccount, functionref.CheckAccountID}
)

// Description is not shown to users.
func (v stringValidator) Description(context.Context) string         { return v.summary }
func (v stringValidator) MarkdownDescription(context.Context) string { return v.summary }

// ValidateString implements [validator.String].
func (v stringValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	v.validate(req.ConfigValue, req.Path, &resp.Diagnostics)
}

// validate adds an error if value is known and invalid.
func (v stringValidator) validate(value types.String, at path.Path, diags *diag.Diagnostics) {
	if !isKnown(value) {
		return
	}
	if err := v.check(value.ValueString()); err != nil {
		diags.AddAttributeError(at, v.summary, asSentence(err.Error()))
	}
}

// WholeNumber validates that a number is whole and between Least and Most, which
// are valid values.
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
		resp.Diagnostics.AddAttributeError(req.Path, summaries.InvalidNumber, fmt.Sprintf(
			"%s: %s, got: %s. Correct it, or remove it for the default.", req.Path, v.Description(ctx), formatNumber(n)))
	}
}

// formatNumber formats n with at most 15 significant digits. Terraform's numbers
// can have millions of digits, which take minutes to format.
func formatNumber(n *big.Float) string {
	switch f, _ := n.Float64(); {
	case math.IsInf(f, 1):
		return "more than 1e308"
	case math.IsInf(f, -1):
		return "less than -1e308"
	case f == 0 && n.Sign() != 0:
		return "nearly 0"
	}
	text := n.Text('g', 15)
	if rounded, _, err := big.ParseFloat(text, 10, n.Prec(), n.Mode()); err != nil || rounded.Cmp(n) != 0 {
		text = "about " + text
	}
	return text
}

// timeoutsValidator validates the timeouts attribute. The validators of
// terraform-plugin-framework-timeouts do not name the attribute, and accept zero.
type timeoutsValidator struct{}

func (timeoutsValidator) Description(context.Context) string {
	return "each timeout must be a duration greater than zero"
}

func (v timeoutsValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateObject implements [validator.Object].
func (timeoutsValidator) ValidateObject(
	_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse,
) {
	for name, value := range req.ConfigValue.Attributes() {
		s, ok := value.(types.String)
		if !ok || !isKnown(s) {
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
		resp.Diagnostics.AddAttributeError(at, summaries.InvalidTimeout, withPath(at, fmt.Sprintf(
			"%q %s Correct it, or remove it for the default.", s.ValueString(), problem)))
	}
}

// destinationValidator validates the destination of one side.
type destinationValidator struct{ side destination.Side }

func (destinationValidator) Description(context.Context) string { return summaries.InvalidDestination }

func (v destinationValidator) MarkdownDescription(ctx context.Context) string {
	return v.Description(ctx)
}

// ValidateString implements [validator.String].
func (v destinationValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	if !isKnown(req.ConfigValue) {
		return
	}
	d, err := destination.Parse(req.ConfigValue.ValueString())
	var warning string
	if err == nil {
		warning, err = d.Check(v.side)
	}
	if err != nil {
		resp.Diagnostics.AddAttributeError(
			req.Path, summaries.InvalidDestination, withPath(req.Path, err.Error()+"."))
	}
	if warning != "" {
		resp.Diagnostics.AddAttributeWarning(req.Path, summaries.UndocumentedDestination, withPath(req.Path, warning))
	}
}

// ValidateConfig implements [resource.ResourceWithValidateConfig]. It compares
// arguments with each other, as far as this needs neither the provider's region
// nor state.
func (r *configResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var config resourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	ref, regionsConflict := checkConflicts(
		reference{config.FunctionName, config.Qualifier, config.Region}, &resp.Diagnostics)
	if isKnown(config.Region) {
		ref.Region = config.Region.ValueString()
	}
	if !regionsConflict && ref.Region != "" {
		checkDestinations(ctx, config, ref, nil, &resp.Diagnostics)
	}
}

// checkConflicts adds an error if the function reference in r contradicts the
// qualifier or the region in r. It returns the parsed function reference, zero if
// it is unknown or invalid, and whether the regions conflict.
func checkConflicts(r reference, diags *diag.Diagnostics) (ref functionref.Ref, regionsConflict bool) {
	name := r.FunctionName.ValueString()
	if !isKnown(r.FunctionName) || functionref.Validate(name) != nil { // the attribute's validator adds an error
		return functionref.Ref{}, false
	}
	ref, _ = functionref.Parse(name)
	if isKnown(r.Qualifier) && ref.Qualifier != "" && r.Qualifier.ValueString() != ref.Qualifier {
		diags.AddAttributeError(path.Root("qualifier"), summaries.ConflictingQualifiers, fmt.Sprintf(
			"The qualifier is %q, but function_name = %q contains the qualifier %q. Omit one of the two, or make them equal.",
			r.Qualifier.ValueString(), name, ref.Qualifier))
	}
	if isKnown(r.Region) && ref.Region != "" && r.Region.ValueString() != ref.Region {
		diags.AddAttributeError(path.Root("region"), summaries.ConflictingRegions, fmt.Sprintf(
			"The region is %q, but function_name = %q contains the region %q. Omit the region, or make the two equal.",
			r.Region.ValueString(), name, ref.Region))
		return ref, true
	}
	return ref, false
}

// checkRegion adds an error if the provider does not accept the region that
// config resolves to. It is for configuration: state may have any region.
func checkRegion(s *session.Session, config reference, region types.String, diags *diag.Diagnostics) {
	if s.RegionProblem == nil || !isKnown(region) {
		return
	}
	if problem := s.RegionProblem(region.ValueString()); problem != "" {
		at := path.Root("region")
		if config.Region.IsNull() {
			at = path.Root("function_name")
		}
		diags.AddAttributeError(at, summaries.UnknownRegion, problem)
	}
}

// checkDestinations adds an error for each destination that Lambda never accepts
// for the function ref, which has a region. The Name of ref is empty if the
// function is unknown. During validation, s is nil: checkDestinations then skips
// checks that depend on the provider's settings, and warnings, which the plan
// adds.
func checkDestinations(
	ctx context.Context, m resourceModel, ref functionref.Ref, s *session.Session, diags *diag.Diagnostics,
) {
	onSuccess, onFailure, d := m.destinations(ctx)
	diags.Append(d...)
	for _, side := range []struct {
		name  destination.Side
		value types.String
	}{{destination.OnSuccess, onSuccess}, {destination.OnFailure, onFailure}} {
		if !isKnown(side.value) {
			continue
		}
		d, err := destination.Parse(side.value.ValueString())
		if err != nil {
			continue
		}
		at := path.Root("destination_config").AtName(string(side.name)).AtName("destination")
		checkOwnDestination(d, ref, s, at, diags)
		partition := cmp.Or(ref.Partition, functionref.Partition(ref.Region))
		if partition != "" && d.Partition != "" && d.Partition != partition {
			diags.AddAttributeError(at, summaries.OtherPartition, withPath(at, fmt.Sprintf(
				"%q is in the partition %q, and the function in %s is in the partition %q. Lambda sends records only within a "+
					"partition. Use a destination whose ARN "+
					"begins with \"arn:%s:\".", d, d.Partition, ref.Region, partition, partition)))
		}
		if s == nil || s.RegionProblem == nil || d.Region == "" {
			continue
		}
		if err := functionref.CheckRegion(d.Region); err != nil {
			diags.AddAttributeError(at, summaries.InvalidDestination, withPath(at, fmt.Sprintf(
				"%q is in an invalid region: %s. Correct it, or set skip_region_validation = true in the provider block.", d, err)))
		}
	}
}

// checkOwnDestination adds an error if d is the function ref, with any qualifier.
// If the account of ref is unknown, it adds a warning.
func checkOwnDestination(
	d destination.Destination, ref functionref.Ref, s *session.Session, at path.Path, diags *diag.Diagnostics,
) {
	if d.Kind != destination.Lambda {
		return
	}
	function, err := functionref.Parse(d.String())
	if err != nil || !function.MayBeSameFunction(ref) {
		return
	}
	if ref.AccountID != "" {
		diags.AddAttributeError(at, summaries.OwnDestination, withPath(at, fmt.Sprintf(
			"%q is the configured function. Lambda rejects a function as a destination for itself. "+
				"Use another function, a queue, a topic or an event bus.", d)))
	} else if s != nil {
		diags.AddAttributeWarning(at, summaries.OwnDestination, withPath(at, fmt.Sprintf(
			"%q has the name and region of the configured function. Unless it is in another account, "+
				"Lambda will reject it, because a function cannot be its own destination.", d)))
	}
}

// withPath returns text after the path of the attribute it is about. For a nested
// attribute, the CLI shows only the line of the resource.
func withPath(at path.Path, text string) string { return at.String() + ": " + text }
