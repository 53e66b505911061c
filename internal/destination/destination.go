// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package destination parses the destinations of invocation records, and checks
// on which side of a configuration Lambda allows each kind.
//
// The pattern and the length are those of the Destination member in Lambda's
// API model; the kinds are those of Lambda's documentation.
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

// Kind is what a destination is. The documented kinds carry the name that
// users know; Other is every ARN beside them.
type Kind string

// The kinds. None is the empty destination, with which the service says and is
// told that there is none. Kafka is legal in the API's pattern, for event
// source mappings.
const (
	None        Kind = ""
	SQS         Kind = "sqs"
	SNS         Kind = "sns"
	Lambda      Kind = "lambda"
	EventBridge Kind = "eventbridge"
	S3          Kind = "s3"
	Kafka       Kind = "kafka"
	Other       Kind = "other"
)

// Side is where in a configuration a destination stands, named as the
// attribute that holds it.
type Side string

// The two sides of a destination configuration.
const (
	OnSuccess Side = "on_success"
	OnFailure Side = "on_failure"
)

// Forms says, for an error message, what a destination may be.
const Forms = `the ARN of an SQS queue ("arn:aws:sqs:REGION:ACCOUNT:NAME"), an SNS topic ` +
	`("arn:aws:sns:REGION:ACCOUNT:NAME"), a Lambda function ` +
	`("arn:aws:lambda:REGION:ACCOUNT:function:NAME"), an EventBridge bus ` +
	`("arn:aws:events:REGION:ACCOUNT:event-bus/NAME") or, on failure only, an S3 bucket ("arn:aws:s3:::NAME")`

var (
	arn   = regexp.MustCompile(`^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9-]+):([^:]*):(\d{12})?:(.*)$`)
	kafka = regexp.MustCompile(`^kafka://[^.][a-zA-Z0-9\-_.]*$`)
	url   = regexp.MustCompile(`^(?i:https?)://`)
)

// maxKafkaLength is the largest number of characters of a Kafka topic. (A
// regular expression that counts so far takes longer to compile than all the
// rest of a provider's start.)
const maxKafkaLength = len("kafka://") + 249

// kinds has the documented services. Each has the form in which its ARN goes on
// after the service, the greatest length of the name, 0 for none, and the
// actions that Lambda calls with the function's execution role.
var kinds = map[string]struct {
	kind    Kind
	form    *regexp.Regexp // its first group is the name
	most    int
	says    string
	actions []string
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

// Destination is a parsed destination. Its parts are empty for None and Kafka.
type Destination struct {
	Kind      Kind
	Partition string // "aws"
	Service   string // as in the ARN, such as "sqs"
	Region    string // of any form; empty for S3, for example

	text string
}

// Parse returns the parts of any destination that Lambda's pattern accepts, None
// and Kafka included. It accepts any region, because the provider may be older
// than the region. [Destination.Check] says whether a configuration may have it.
// The error says which rule s breaks.
func Parse(s string) (Destination, error) {
	n := utf8.RuneCountInString(s)
	if n > MaxLength {
		return Destination{}, fmt.Errorf("the destination %q has %d characters; at most %d are allowed", s, n, MaxLength)
	}
	if s == "" {
		return Destination{}, nil
	}
	if n <= maxKafkaLength && kafka.MatchString(s) {
		return Destination{Kind: Kafka, text: s}, nil
	}
	if url.MatchString(s) {
		return Destination{}, fmt.Errorf("%q is a URL, and a destination is an ARN. The ARN of an SQS queue is the attribute arn of "+
			"aws_sqs_queue; the attributes id and url are the URL. Give %s", s, Forms)
	}
	m := arn.FindStringSubmatch(s)
	if m == nil {
		return Destination{}, fmt.Errorf("%q is not a destination; expected %s", s, Forms)
	}
	kind := Other
	if k, ok := kinds[m[2]]; ok {
		kind = k.kind
	}
	return Destination{Kind: kind, Partition: m[1], Service: m[2], Region: m[3], text: s}, nil
}

// String returns the destination as it is sent to the service.
func (d Destination) String() string { return d.text }

// Check returns an error if d can never be a destination on side. Otherwise it
// returns a warning, a sentence for the user, if Lambda does not document d as a
// destination, and the empty string if it does.
func (d Destination) Check(side Side) (warning string, err error) {
	switch {
	case d.Kind == None:
		return "", fmt.Errorf("the destination is empty; leave %s out, or set it to null, for none; otherwise give %s", side, Forms)
	case d.Kind == Kafka:
		return "", fmt.Errorf("%q is a Kafka topic, which Lambda takes as the destination of an event source mapping only, "+
			"never of an asynchronous invocation; give %s", d, Forms)
	case d.Kind == S3 && side == OnSuccess:
		return "", errors.New("an S3 bucket can be a destination on failure only; move it to on_failure, " +
			"or give on_success an SQS queue, an SNS topic, a Lambda function or an EventBridge bus")
	case d.Kind == Other:
		return fmt.Sprintf("Lambda does not document %q (the service %q) as a destination and will probably refuse it. "+
			"Documented is %s.", d, d.Service, Forms), nil
	}
	return d.unfamiliar(), nil
}

// Permissions returns what a function's execution role needs for d: the actions,
// and the resources that a policy allows them on. The kind of d must be a
// documented one. It returns an error if a policy reads d as a pattern.
func (d Destination) Permissions() (actions, resources []string, err error) {
	if strings.ContainsAny(d.text, "*?") || strings.Contains(d.text, "${") {
		return nil, nil, fmt.Errorf(`%q has "*", "?" or "${", which a policy reads as a pattern. Give the ARN of one destination`, d)
	}
	resources = []string{d.text}
	switch parts := strings.Split(d.text, ":"); {
	case d.Kind == S3: // an object, and the bucket
		resources = []string{d.text + "/*", d.text}
	case d.Kind == Lambda && len(parts) == 8 && parts[5] == "function":
		// A policy with the ARN of a function does not allow a request with a
		// qualifier, and the reverse. AWS does not document which of the two
		// requests Lambda makes for a destination with a qualifier.
		resources = append(resources, strings.Join(parts[:7], ":"))
	}
	return kinds[d.Service].actions, resources, nil
}

// unfamiliar returns a warning if d, which is of a documented kind, is not as
// Lambda documents it, else the empty string. Services extend their ARNs, so that
// an unfamiliar ARN is no error.
func (d Destination) unfamiliar() string {
	documented := kinds[d.Service]
	parts := documented.form.FindStringSubmatch(strings.SplitN(d.text, ":", 4)[3])
	if parts == nil {
		return fmt.Sprintf("%q does not have the form %q, which Lambda documents. Check the ARN: Lambda may refuse it.", d, documented.says)
	}
	if n := len(parts[1]); documented.most > 0 && n > documented.most {
		return fmt.Sprintf("%q has a name of %d characters, and at most %d are documented. Check the ARN: Lambda may refuse it.",
			d, n, documented.most)
	}
	switch {
	case d.Kind == Lambda:
		if err := functionref.Validate(d.text); err != nil {
			return fmt.Sprintf("%q is not a function that Lambda documents: %s. Check the ARN: Lambda may refuse it.", d, err)
		}
	case d.Kind == EventBridge && strings.HasPrefix(parts[1], "aws.partner/"):
		return fmt.Sprintf("%q is a partner event bus, and Lambda refuses partner event buses as destinations. "+
			"Give the default event bus or a custom event bus.", d)
	case strings.HasSuffix(d.text, ".fifo"):
		return fmt.Sprintf("%q is a FIFO queue or topic, which Lambda documents as unsupported: "+
			"it takes standard queues and topics only.", d)
	}
	return ""
}
