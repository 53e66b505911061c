// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/eventinvokeconfig"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// formatValidator validates the format of a string. The empty string is valid:
// as in hashicorp/aws, it means the same as null.
type formatValidator struct {
	summary  string
	expected string // a valid value, after "It must be" in the error
	isValid  func(string) bool

	// isPublic reports whether the error may show an invalid value. If nil, it may
	// show all values. If a value is not public, the error has no attribute path,
	// because the CLI prints the line of an attribute.
	isPublic func(string) bool
}

func neverPublic(string) bool { return false }

// oneOf returns a validator that accepts values in upper and lower case.
func oneOf(values ...string) formatValidator {
	expected := strings.Join(values, " or ")
	return formatValidator{summary: summaries.InvalidValue, expected: expected, isValid: func(s string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(s, v) })
	}}
}

// validCount validates max_retries and token_bucket_rate_limiter_capacity.
var validCount = eventinvokeconfig.WholeNumber{Least: 0, Most: math.MaxInt32}

// urlWithoutSecret matches a string without a place for a password. The string
// may be an invalid URL.
var urlWithoutSecret = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9+.-]*:/?/?)?[a-zA-Z0-9.-]*(:[0-9]*)?(/[^?#@%:]*)?$`)

var (
	validURL = formatValidator{
		summary:  summaries.InvalidURL,
		expected: `an http or https URL without user information, such as "http://127.0.0.1:4566"`,
		isValid: func(s string) bool {
			u, err := url.Parse(s)
			return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
		},
		isPublic: urlWithoutSecret.MatchString,
	}
	// validProxy leaves it to Go which URLs can be a proxy.
	validProxy = formatValidator{
		summary:  summaries.InvalidURL,
		expected: "the URL of a proxy",
		isValid:  func(s string) bool { _, err := url.Parse(s); return err == nil },
		isPublic: neverPublic,
	}
	validExternalID = formatValidator{
		summary:  summaries.InvalidExternalID,
		expected: "2 to 1224 characters long",
		isValid:  func(s string) bool { n := utf8.RuneCountInString(s); return n >= 2 && n <= 1224 },
		isPublic: neverPublic,
	}
	validDuration = formatValidator{
		summary:  summaries.InvalidDuration,
		expected: `15 minutes to 12 hours, such as "1h30m"`,
		isValid: func(s string) bool {
			d, err := time.ParseDuration(s)
			return err == nil && d >= 15*time.Minute && d <= 12*time.Hour
		},
	}
	validRoleARN   = iamARN("arn:aws:iam::123456789012:role/deploy")
	validPolicyARN = iamARN("arn:aws:iam::aws:policy/ReadOnlyAccess")
)

// iamARN returns a validator of ARNs of IAM, with an example for the error.
func iamARN(example string) formatValidator {
	return formatValidator{
		summary:  summaries.InvalidARN,
		expected: fmt.Sprintf("an ARN of IAM, such as %q", example),
		isValid: func(s string) bool {
			a, err := arn.Parse(s)
			return err == nil && a.Service == "iam" && a.Resource != ""
		},
	}
}

func (v formatValidator) Description(context.Context) string { return "value must be " + v.expected }

func (v formatValidator) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements [validator.String].
func (v formatValidator) ValidateString(
	_ context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	// The value of null and of unknown is the empty string, which is valid.
	v.check(argumentName(req.Path), req.ConfigValue.ValueString(), req.Path, &resp.Diagnostics)
}

// check adds an error if value is invalid. The name is that of an argument or an
// environment variable. The error has the path only if the value is public.
func (v formatValidator) check(name, value string, at path.Path, diags *diag.Diagnostics) {
	switch detail := v.errorDetail(name, value); {
	case detail == "":
	case v.mayShow(value):
		diags.AddAttributeError(at, v.summary, detail)
	default:
		diags.AddError(v.summary, detail)
	}
}

// errorDetail returns the detail of the error for an invalid value, or the empty
// string for a valid value.
func (v formatValidator) errorDetail(name, value string) string {
	switch {
	case value == "" || v.isValid(value):
		return ""
	case v.mayShow(value):
		return fmt.Sprintf("%s is %q. It must be %s.", name, value, v.expected)
	}
	return fmt.Sprintf("%s is invalid. It must be %s. "+
		"The value is not shown, because it may contain a secret.", name, v.expected)
}

func (v formatValidator) mayShow(value string) bool { return v.isPublic == nil || v.isPublic(value) }

// requiredWith is the name of an argument that the validated argument requires.
// The error has no attribute path, because the CLI would print the line of a
// secret argument.
type requiredWith string

func (other requiredWith) Description(context.Context) string { return "requires " + string(other) }

func (other requiredWith) MarkdownDescription(context.Context) string {
	return fmt.Sprintf("requires `%s`", string(other))
}

// ValidateString implements [validator.String].
func (other requiredWith) ValidateString(
	ctx context.Context, req validator.StringRequest, resp *validator.StringResponse,
) {
	var value types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(string(other)), &value)...)
	if req.ConfigValue.ValueString() != "" && !value.IsUnknown() && value.ValueString() == "" {
		resp.Diagnostics.AddError(summaries.IncompleteCredentials,
			fmt.Sprintf("%s is set, but %s is not. Set both, or neither.", req.Path, string(other)))
	}
}

// endpointsValidator validates the URLs in the endpoints blocks. It validates the
// whole set, because the framework logs the path of a validated attribute, and
// the path of a set element contains its value.
type endpointsValidator struct{ formatValidator }

// ValidateSet implements [validator.Set].
func (v endpointsValidator) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		object, ok := element.(types.Object)
		if !ok {
			continue
		}
		for _, name := range []string{"lambda", "sso", "sts"} {
			if s, ok := object.Attributes()[name].(types.String); ok {
				v.check("endpoints."+name, s.ValueString(), req.Path, &resp.Diagnostics)
			}
		}
	}
}

// checkEndpoint adds an error for an invalid endpoint from the environment or a
// shared file. An error of the SDK would show the endpoint, which may contain a
// password.
func checkEndpoint(service, name, endpoint string, diags *diag.Diagnostics) {
	if detail := validURL.errorDetail("The endpoint of "+service, endpoint); detail != "" {
		diags.AddError(validURL.summary, fmt.Sprintf(
			"%s Correct endpoints.%s, AWS_ENDPOINT_URL_%s, AWS_ENDPOINT_URL, or endpoint_url of the profile.",
			detail, name, strings.ToUpper(name)))
	}
}

// checkEnvironmentURLs adds an error for an invalid proxy, and for any other
// invalid URL that may contain a password: Go's errors show the URL.
func checkEnvironmentURLs(config awsbase.Config, diags *diag.Diagnostics) {
	for _, proxy := range []struct {
		argument *string
		variable string
	}{{config.HTTPProxy, "HTTP_PROXY"}, {config.HTTPSProxy, "HTTPS_PROXY"}} {
		lower := strings.ToLower(proxy.variable)
		if proxy.argument != nil {
			validProxy.check(lower, *proxy.argument, path.Empty(), diags)
			continue
		}
		value := cmp.Or(os.Getenv(proxy.variable), os.Getenv(lower))
		if !validProxy.isValid("http://" + value) { // Go also tries the value with this prefix
			validProxy.check(proxy.variable+" in the environment", value, path.Empty(), diags)
		}
	}
	for _, variable := range []string{
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_METADATA_URL",
	} {
		// The SDK reports any other invalid URL, if it uses the URL.
		if value := os.Getenv(variable); !validURL.mayShow(value) {
			validURL.check(variable+" in the environment", value, path.Empty(), diags)
		}
	}
}

// argumentName returns a path in the format of a configuration, such as
// "assume_role[0].policy_arns". It cuts off a set element, because the path of a
// set element contains its value.
func argumentName(p path.Path) string {
	name, _, _ := strings.Cut(p.String(), "[Value(")
	return name
}
