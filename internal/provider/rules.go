// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// rule is a validator of one string. The empty string passes: as in
// hashicorp/aws, it is the same as leaving the argument out.
type rule struct {
	summary string
	expects string // "expected …" in the error
	holds   func(string) bool
	secret  bool // whether the error must not show the value
}

// oneOf returns the rule that a value is one of these, in whatever case.
func oneOf(values ...string) rule {
	return rule{summary: "Invalid value", expects: strings.Join(values, " or "), holds: func(s string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(s, v) })
	}}
}

// needs is the rule that an argument is of no use without another one.
type needs string

func (n needs) Description(context.Context) string { return fmt.Sprintf("needs %s", string(n)) }
func (n needs) MarkdownDescription(context.Context) string {
	return fmt.Sprintf("needs `%s`", string(n))
}

// ValidateString implements [validator.String].
func (n needs) ValidateString(ctx context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	var other types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(string(n)), &other)...)
	if req.ConfigValue.ValueString() != "" && !other.IsUnknown() && other.ValueString() == "" {
		resp.Diagnostics.AddAttributeError(req.Path, "Incomplete credentials", fmt.Sprintf("%s is of no use without %s: set both, or neither.", argument(req.Path), string(n)))
	}
}

var (
	urlRule = rule{summary: "Invalid URL", expects: `an http or https URL, such as "http://127.0.0.1:4566"`, holds: func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	}}
	// What can be a proxy is Go's business. The error does not show the value,
	// which may have a password.
	proxyRule = rule{summary: "Invalid URL", expects: "the URL of a proxy", holds: func(s string) bool {
		_, err := url.Parse(s)
		return err == nil
	}, secret: true}
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
	if s != "" && !r.holds(s) {
		got := ""
		if !r.secret && !strings.Contains(s, "@") { // a URL may have a password, too
			got = fmt.Sprintf("got %q, ", s)
		}
		resp.Diagnostics.AddAttributeError(req.Path, r.summary, fmt.Sprintf("%s: %sexpected %s.", argument(req.Path), got, r.expects))
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
