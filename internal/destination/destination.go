// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package destination parses the destinations of invocation records. It checks
// on which side of a configuration Lambda allows each kind.
//
// Lambda's API model defines the pattern and the length of a destination.
// Lambda's documentation defines the kinds.
package destination

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// MaxLength is the largest number of characters of a destination.
const MaxLength = 350

// Kind is the kind of a destination, as the function destination_kind returns
// it.
type Kind string

// The kinds of destinations. Other is an ARN of a service that Lambda does not
// document as a destination. None is the empty destination, which Lambda sends
// and accepts for a side without a destination.
const (
	None        Kind = ""
	SQS         Kind = "sqs"
	SNS         Kind = "sns"
	Lambda      Kind = "lambda"
	EventBridge Kind = "eventbridge"
	S3          Kind = "s3"
	Other       Kind = "other"
)

// Side is the name of the attribute of a destination configuration that has the
// destination.
type Side string

// The sides of a destination configuration.
const (
	OnSuccess Side = "on_success"
	OnFailure Side = "on_failure"
)

// Forms lists the forms of a destination for an error message.
const Forms = `the ARN of an SQS queue ("arn:aws:sqs:REGION:ACCOUNT:NAME"), an SNS topic ` +
	`("arn:aws:sns:REGION:ACCOUNT:NAME"), a Lambda function ` +
	`("arn:aws:lambda:REGION:ACCOUNT:function:NAME"), an EventBridge bus ` +
	`("arn:aws:events:REGION:ACCOUNT:event-bus/NAME") or, on failure only, an S3 bucket ("arn:aws:s3:::NAME")`

var (
	arn = regexp.MustCompile(`^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-]+):([^:]*):(\d{12})?:(.*)$`)
	url = regexp.MustCompile(`^(?i:https?)://`)
)

// services has the documented destinations by the service in their ARN.
var services = map[string]struct {
	kind          Kind
	pattern       *regexp.Regexp // of the ARN after the service; its first group is the name
	maxNameLength int            // 0 for no limit
	form          string         // of the ARN, for a message
	actions       []string       // that Lambda calls with the function's execution role
}{
	"sqs": {SQS, regexp.MustCompile(`^[^:]+:\d+:([a-zA-Z0-9_-]+)(?:\.fifo)?$`), 80,
		"arn:aws:sqs:REGION:ACCOUNT:NAME", []string{"sqs:SendMessage"}},
	"sns": {SNS, regexp.MustCompile(`^[^:]+:\d+:([a-zA-Z0-9_-]+)(?:\.fifo)?$`), 256,
		"arn:aws:sns:REGION:ACCOUNT:NAME", []string{"sns:Publish"}},
	"lambda": {Lambda, regexp.MustCompile(`^[^:]+:\d+:function:([^:]+)(?::[^:]+)?$`), 0,
		"arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]", []string{"lambda:InvokeFunction"}},
	"events": {EventBridge, regexp.MustCompile(`^[^:]+:\d+:event-bus/([a-zA-Z0-9._/-]+)$`), 0,
		"arn:aws:events:REGION:ACCOUNT:event-bus/NAME", []string{"events:PutEvents"}},
	"s3": {S3, regexp.MustCompile(`^::([a-zA-Z0-9._-]+)$`), 0,
		"arn:aws:s3:::NAME", []string{"s3:PutObject", "s3:ListBucket"}},
}

// Destination is a parsed destination. Its zero value is the empty destination.
type Destination struct {
	Kind      Kind
	Partition string // "aws"
	Service   string // as in the ARN, such as "sqs"
	Region    string // of any form; empty for S3, for example

	text string
}

// Parse parses a destination, which may be empty. It accepts every ARN that
// Lambda's pattern accepts, and any region, because the provider may be older
// than the region. Otherwise it returns an error that names the broken rule.
// Use [Destination.Check] for configuration.
func Parse(s string) (Destination, error) {
	n := utf8.RuneCountInString(s)
	if n > MaxLength {
		return Destination{}, fmt.Errorf("the destination %q has %d characters; at most %d are allowed", s, n, MaxLength)
	}
	if s == "" {
		return Destination{}, nil
	}
	if strings.HasPrefix(s, "kafka://") {
		return Destination{}, fmt.Errorf("%q is a Kafka topic, which Lambda takes as "+
			"the destination of an event source mapping only, never of an asynchronous invocation; use %s", s, Forms)
	}
	if url.MatchString(s) {
		return Destination{}, fmt.Errorf("%q is a URL, and a destination is an ARN. The ARN of an SQS queue is "+
			"the attribute arn of aws_sqs_queue; the attributes id and url are the URL. Use %s", s, Forms)
	}
	m := arn.FindStringSubmatch(s)
	if m == nil {
		return Destination{}, fmt.Errorf("%q is not a destination; expected %s", s, Forms)
	}
	kind := Other
	if service, ok := services[m[2]]; ok {
		kind = service.kind
	}
	return Destination{Kind: kind, Partition: m[1], Service: m[2], Region: m[3], text: s}, nil
}

// String returns the text that d was parsed from.
func (d Destination) String() string { return d.text }

// Check returns an error if Lambda never accepts d on side. It returns a warning,
// in complete sentences, if Lambda does not document d as a destination, and
// otherwise the empty string.
func (d Destination) Check(side Side) (warning string, err error) {
	switch {
	case d.Kind == None:
		return "", fmt.Errorf("the destination is empty; leave %s out, or set it to null, for none; "+
			"otherwise use %s", side, Forms)
	case d.Kind == S3 && side == OnSuccess:
		return "", errors.New("an S3 bucket can be a destination on failure only; move it to on_failure, " +
			"or set on_success to an SQS queue, an SNS topic, a Lambda function or an EventBridge bus")
	case d.Kind == Other:
		return fmt.Sprintf("Lambda does not document %q (the service %q) as a destination and will probably reject it. "+
			"A documented destination is %s.", d, d.Service, Forms), nil
	}
	return d.checkARN(), nil
}

// Permissions returns the actions that a function's execution role needs for d,
// and the resources of a policy statement that allows them. The service of d
// must be a documented one. Permissions returns an error if IAM would read d as
// a pattern.
func (d Destination) Permissions() (actions, resources []string, err error) {
	if strings.ContainsAny(d.text, "*?") || strings.Contains(d.text, "${") {
		return nil, nil, fmt.Errorf(
			`%q has "*", "?" or "${", which a policy reads as a pattern. Use the ARN of one destination`, d)
	}
	resources = []string{d.text}
	switch parts := strings.Split(d.text, ":"); {
	case d.Kind == S3: // PutObject is about objects, ListBucket about the bucket
		resources = []string{d.text + "/*", d.text}
	case d.Kind == Lambda && len(parts) == 8 && parts[5] == "function":
		// IAM does not match the ARN of a function with a request that has a
		// qualifier, or the reverse. AWS does not document which of the two
		// requests Lambda makes for a destination with a qualifier.
		resources = append(resources, strings.Join(parts[:7], ":"))
	}
	return services[d.Service].actions, resources, nil
}

// checkARN returns a warning if the ARN of d does not have the form that Lambda
// documents for the service, and otherwise the empty string. It returns no
// error, because services extend their ARNs.
func (d Destination) checkARN() string {
	const advice = "Check the ARN: Lambda may reject it."
	service := services[d.Service]
	parts := service.pattern.FindStringSubmatch(strings.SplitN(d.text, ":", 4)[3])
	if parts == nil {
		return fmt.Sprintf("%q does not have the form %q, which Lambda documents. %s", d, service.form, advice)
	}
	if n := len(parts[1]); service.maxNameLength > 0 && n > service.maxNameLength {
		return fmt.Sprintf("%q has a name of %d characters, and at most %d are documented. %s",
			d, n, service.maxNameLength, advice)
	}
	switch {
	case d.Kind == Lambda:
		if err := functionref.Validate(d.text); err != nil {
			return fmt.Sprintf("%q is not a function that Lambda documents: %s. %s", d, err, advice)
		}
	case d.Kind == EventBridge && strings.HasPrefix(parts[1], "aws.partner/"):
		return fmt.Sprintf("%q is a partner event bus, and Lambda rejects partner event buses as destinations. "+
			"Use the default event bus or a custom event bus.", d)
	case strings.HasSuffix(d.text, ".fifo"):
		return fmt.Sprintf("%q is a FIFO queue or topic, which Lambda documents as unsupported. "+
			"Use a standard queue or topic.", d)
	}
	return ""
}
