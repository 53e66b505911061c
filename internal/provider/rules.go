// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// rule is a validator of one string. The empty string passes: as in
// hashicorp/aws, it is the same as leaving the argument out.
type rule struct {
	summary string
	expects string // "expected …" in the error
	holds   func(string) bool
}

var (
	urlRule = rule{"Invalid URL", `an http or https URL, such as "http://127.0.0.1:4566"`, func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
	}}
	roleARNRule   = arnRule("arn:aws:iam::123456789012:role/deploy")
	policyARNRule = arnRule("arn:aws:iam::aws:policy/ReadOnlyAccess")
	durationRule  = rule{"Invalid duration", `15 minutes to 12 hours, such as "1h30m"`, func(s string) bool {
		d, err := time.ParseDuration(s)
		return err == nil && d >= 15*time.Minute && d <= 12*time.Hour
	}}
)

func arnRule(example string) rule {
	return rule{"Invalid ARN", fmt.Sprintf("an ARN of IAM, such as %q", example), func(s string) bool {
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
		resp.Diagnostics.AddAttributeError(req.Path, r.summary, fmt.Sprintf("%s: got %q, expected %s.", req.Path, s, r.expects))
	}
}
