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
)

// rule is a validator of one string. The empty string passes: as in
// hashicorp/aws, it is the same as leaving the argument out.
type rule struct {
	summary string
	expects string // "expected …" in the error
	holds   func(string) bool

	// shows reports whether the error may show the value; nil for always. If not,
	// it has no attribute path either: the CLI shows the line of an attribute.
	shows func(string) bool
}

// never is for values of which no error may show any.
func never(string) bool { return false }

// oneOf returns the rule that a value is one of these, in whatever case.
func oneOf(values ...string) rule {
	return rule{summary: "Invalid value", expects: strings.Join(values, " or "), holds: func(s string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(s, v) })
	}}
}

// needs is the rule that an argument requires another one.
type needs struct {
	other  string
	secret bool // whether the CLI must not show the argument's line
}

func (n needs) Description(context.Context) string         { return "needs " + n.other }
func (n needs) MarkdownDescription(context.Context) string { return fmt.Sprintf("needs `%s`", n.other) }

// ValidateString implements [validator.String].
func (n needs) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var other types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(n.other), &other)...)
	if req.ConfigValue.ValueString() == "" || other.IsUnknown() || other.ValueString() != "" {
		return
	}
	detail := fmt.Sprintf("%s is of no use without %s: set both, or neither.", argument(req.Path), n.other)
	if n.secret {
		resp.Diagnostics.AddError("Incomplete credentials", detail)
	} else {
		resp.Diagnostics.AddAttributeError(req.Path, "Incomplete credentials", detail)
	}
}

// wholeNumber is the rule of max_retries and of the capacity of the retry token
// bucket.
var wholeNumber = eventinvokeconfig.WholeNumber{Least: 0, Most: math.MaxInt32}

// plainURL matches an address that has no place for a password, not even a wrong
// one.
var plainURL = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9+.-]*:/?/?)?[a-zA-Z0-9.-]*(:[0-9]*)?(/[^?#@%:]*)?$`)

var (
	urlRule = rule{summary: "Invalid URL", expects: `an http or https URL without user information, such as "http://127.0.0.1:4566"`, holds: func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
	}, shows: plainURL.MatchString}
	// What can be a proxy is Go's business.
	proxyRule = rule{summary: "Invalid URL", expects: "the URL of a proxy", holds: func(s string) bool {
		_, err := url.Parse(s)
		return err == nil
	}, shows: never}
	externalIDRule = rule{summary: "Invalid external ID", expects: "2 to 1224 characters", holds: func(s string) bool {
		n := utf8.RuneCountInString(s)
		return n >= 2 && n <= 1224
	}, shows: never}
	roleARNRule   = arnRule("arn:aws:iam::123456789012:role/deploy")
	policyARNRule = arnRule("arn:aws:iam::aws:policy/ReadOnlyAccess")
	durationRule  = rule{summary: "Invalid duration", expects: `15 minutes to 12 hours, such as "1h30m"`, holds: func(s string) bool {
		d, err := time.ParseDuration(s)
		return err == nil && d >= 15*time.Minute && d <= 12*time.Hour
	}}
)

func arnRule(example string) rule {
	return rule{summary: "Invalid ARN", expects: fmt.Sprintf("an ARN of IAM, such as %q", example), holds: func(s string) bool {
		a, err := arn.Parse(s)
		return err == nil && a.Service == "iam" && a.Resource != ""
	}}
}

func (r rule) Description(context.Context) string         { return "value must be " + r.expects }
func (r rule) MarkdownDescription(context.Context) string { return "value must be " + r.expects }

// ValidateString implements [validator.String].
func (r rule) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	s := req.ConfigValue.ValueString() // empty where null or unknown
	r.check(argument(req.Path), s, req.Path, &resp.Diagnostics)
}

// check adds an error for a wrong value of name, at a path if it may be shown.
func (r rule) check(name, s string, at path.Path, diags *diag.Diagnostics) {
	switch problem := r.problem(name, s); {
	case problem == "":
	case r.isShown(s):
		diags.AddAttributeError(at, r.summary, problem)
	default:
		diags.AddError(r.summary, problem)
	}
}

// problem returns what is wrong with the value of name, empty for nothing.
func (r rule) problem(name, s string) string {
	switch {
	case s == "" || r.holds(s):
		return ""
	case r.isShown(s):
		return fmt.Sprintf("%s: got %q, expected %s.", name, s, r.expects)
	}
	return fmt.Sprintf("%s: expected %s. The value is not shown, because it may contain a secret.", name, r.expects)
}

func (r rule) isShown(s string) bool { return r.shows == nil || r.shows(s) }

// endpointRules is the validator of the endpoints blocks. It stands at the whole
// set, because the framework logs the path of a validated attribute, and the
// path of an element of a set is its value.
type endpointRules struct{}

func (endpointRules) Description(ctx context.Context) string { return urlRule.Description(ctx) }

func (endpointRules) MarkdownDescription(ctx context.Context) string {
	return urlRule.MarkdownDescription(ctx)
}

// ValidateSet implements [validator.Set].
func (endpointRules) ValidateSet(_ context.Context, req validator.SetRequest, resp *validator.SetResponse) {
	for _, element := range req.ConfigValue.Elements() {
		block, ok := element.(types.Object)
		if !ok {
			continue
		}
		for _, name := range []string{"lambda", "sso", "sts"} {
			if s, ok := block.Attributes()[name].(types.String); ok {
				urlRule.check("endpoints."+name, s.ValueString(), req.Path, &resp.Diagnostics)
			}
		}
	}
}

// checkEndpoint adds an error for a wrong endpoint that the environment or a shared
// file gives. The SDK would print it.
func checkEndpoint(service, name, endpoint string, diags *diag.Diagnostics) {
	if problem := urlRule.problem("Endpoint of "+service, endpoint); problem != "" {
		diags.AddError(urlRule.summary, fmt.Sprintf("%s Correct endpoints.%s, AWS_ENDPOINT_URL_%s, AWS_ENDPOINT_URL, or endpoint_url of the profile.",
			problem, name, strings.ToUpper(name)))
	}
}

// checkAddresses adds an error for each proxy that Go cannot parse, and for wrong
// addresses that may contain a password: the errors of Go quote them.
func checkAddresses(settings awsbase.Config, diags *diag.Diagnostics) {
	for _, proxy := range []struct {
		argument *string
		variable string
	}{{settings.HTTPProxy, "HTTP_PROXY"}, {settings.HTTPSProxy, "HTTPS_PROXY"}} {
		lower := strings.ToLower(proxy.variable)
		if proxy.argument != nil {
			proxyRule.check(lower, *proxy.argument, path.Empty(), diags)
			continue
		}
		value := cmp.Or(os.Getenv(proxy.variable), os.Getenv(lower))
		if !proxyRule.holds("http://" + value) { // as Go tries it, too
			proxyRule.check(proxy.variable+" in the environment", value, path.Empty(), diags)
		}
	}
	for _, variable := range []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_METADATA_URL"} {
		if value := os.Getenv(variable); !urlRule.isShown(value) { // another wrong one is no secret, and perhaps not used
			urlRule.check(variable+" in the environment", value, path.Empty(), diags)
		}
	}
}

// argument returns p as a configuration writes it, such as "endpoints.lambda". It
// omits the elements of sets, which have no name.
func argument(p path.Path) string {
	named := path.Empty()
	for _, step := range p.Steps() {
		switch step := step.(type) {
		case path.PathStepAttributeName:
			named = named.AtName(string(step))
		case path.PathStepElementKeyInt:
			named = named.AtListIndex(int(step))
		case path.PathStepElementKeyString:
			named = named.AtMapKey(string(step))
		}
	}
	return named.String()
}
