// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// The ranges of the two numbers, from Lambda's API model, and the defaults that
// Lambda documents.
const (
	MinEventAgeSeconds     = 60
	MaxEventAgeSeconds     = 21600
	DefaultEventAgeSeconds = 21600

	MinRetryAttempts     = 0
	MaxRetryAttempts     = 2
	DefaultRetryAttempts = 2
)

// Target identifies the configuration that a call is about.
type Target struct {
	// Region is the region of the function. It is never empty.
	Region string

	// Function is sent in the format that it has, without its qualifier. It is
	// zero for a call about all functions of the region.
	Function functionref.Ref

	// Qualifier is functionref.Latest for the unpublished version. It is empty
	// for a call about all qualifiers.
	Qualifier string
}

// String returns the target as errors name it: "orders-worker:live in
// us-east-1".
func (t Target) String() string {
	switch {
	case t.Function.Name == "":
		return "the functions in " + t.Region
	case t.Qualifier == "":
		return t.Function.Name + " in " + t.Region
	}
	return t.Function.Name + ":" + t.Qualifier + " in " + t.Region
}

// Settings are the members of a configuration that can be set.
type Settings struct {
	MaximumEventAgeInSeconds int32
	MaximumRetryAttempts     int32

	// OnSuccess and OnFailure are ARNs, empty for no destination.
	OnSuccess string
	OnFailure string
}

// Config is an event invoke configuration. A number that was never set has its
// default, and each form of "no destination" is the empty string.
type Config struct {
	FunctionARN  string // always qualified
	LastModified time.Time
	Settings
}

// Member is a member of Settings. Its value is the path of the resource's
// attribute.
type Member string

// The members of Settings.
const (
	EventAge      Member = "maximum_event_age_in_seconds"
	RetryAttempts Member = "maximum_retry_attempts"
	OnSuccess     Member = "destination_config.on_success"
	OnFailure     Member = "destination_config.on_failure"
)

// OtherMembers returns the members that are not in members.
func OtherMembers(members []Member) []Member {
	all := []Member{EventAge, RetryAttempts, OnSuccess, OnFailure}
	return slices.DeleteFunc(all, func(m Member) bool { return slices.Contains(members, m) })
}

// Differing returns the members in which s and other differ, in a fixed order.
func (s Settings) Differing(other Settings) []Member {
	return slices.DeleteFunc(OtherMembers(nil), func(m Member) bool { return s.value(m) == other.value(m) })
}

// value returns the value of a member, an int32 or a string.
func (s Settings) value(m Member) any {
	switch m {
	case EventAge:
		return s.MaximumEventAgeInSeconds
	case RetryAttempts:
		return s.MaximumRetryAttempts
	case OnSuccess:
		return s.OnSuccess
	default:
		return s.OnFailure
	}
}

// With returns s with the values that other has in members.
func (s Settings) With(other Settings, members []Member) Settings {
	for _, m := range members {
		switch m {
		case EventAge:
			s.MaximumEventAgeInSeconds = other.MaximumEventAgeInSeconds
		case RetryAttempts:
			s.MaximumRetryAttempts = other.MaximumRetryAttempts
		case OnSuccess:
			s.OnSuccess = other.OnSuccess
		case OnFailure:
			s.OnFailure = other.OnFailure
		}
	}
	return s
}

// destinationConfig returns both destinations, since implementations of the API
// differ in whether an update without one of them removes it.
func (s Settings) destinationConfig() *types.DestinationConfig {
	pointer := func(arn string) *string {
		if arn == "" {
			return nil
		}
		return aws.String(arn)
	}
	return &types.DestinationConfig{
		OnSuccess: &types.OnSuccess{Destination: pointer(s.OnSuccess)},
		OnFailure: &types.OnFailure{Destination: pointer(s.OnFailure)},
	}
}

// configOutput has the members of the responses to Get, Put and Update, which
// convert to it.
type configOutput = lambda.GetFunctionEventInvokeConfigOutput

// newConfig returns the configuration in a response.
func newConfig(t Target, o configOutput) Config {
	config := Config{
		FunctionARN:  withQualifier(aws.ToString(o.FunctionArn), t.Qualifier),
		LastModified: aws.ToTime(o.LastModified),
		Settings: Settings{
			MaximumEventAgeInSeconds: DefaultEventAgeSeconds,
			MaximumRetryAttempts:     DefaultRetryAttempts,
		},
	}
	if o.MaximumEventAgeInSeconds != nil {
		config.MaximumEventAgeInSeconds = *o.MaximumEventAgeInSeconds
	}
	if o.MaximumRetryAttempts != nil {
		config.MaximumRetryAttempts = *o.MaximumRetryAttempts
	}
	if d := o.DestinationConfig; d != nil {
		if d.OnSuccess != nil {
			config.OnSuccess = destination(d.OnSuccess.Destination)
		}
		if d.OnFailure != nil {
			config.OnFailure = destination(d.OnFailure.Destination)
		}
	}
	return config
}

// destination returns the destination in a response, empty for none. Older
// versions of LocalStack send the text "None" for none.
func destination(arn *string) string {
	if s := aws.ToString(arn); s != "None" {
		return s
	}
	return ""
}

// parseARN parses the function ARN in a response. Unlike a function reference,
// it must be a full ARN. Its parts are not validated.
func parseARN(arn string) (functionref.Ref, error) {
	ref, err := functionref.Parse(arn)
	if err == nil && (ref.Region == "" || ref.AccountID == "") {
		err = fmt.Errorf("%q is not the ARN of a function", arn)
	}
	return ref, err
}

// checkARN returns an error if the ARN in a response does not identify t. It
// accepts an ARN without a qualifier and the account of an emulator, which other
// implementations of the API send. If t has no qualifier, checkARN accepts any.
func checkARN(t Target, arn *string) error {
	if arn == nil {
		return errIncomplete
	}
	ref, err := parseARN(*arn)
	if err != nil {
		return err
	}
	if ref.Name != t.Function.Name || ref.Region != t.Region ||
		t.Qualifier != "" && ref.Qualifier != "" && ref.Qualifier != t.Qualifier ||
		t.Function.AccountID != "" && ref.AccountID != t.Function.AccountID &&
			!slices.Contains(emulatorAccounts, ref.AccountID) {
		return fmt.Errorf("it is about %q, and not about %s", *arn, t)
	}
	return nil
}

// emulatorAccounts are the accounts in the responses of other implementations of
// the API, which ignore the account of the request.
var emulatorAccounts = []string{"000000000000", "123456789012"}

// withQualifier returns arn with the qualifier of the request. Some
// implementations of the API respond without a qualifier.
func withQualifier(arn, qualifier string) string {
	ref, err := parseARN(arn)
	if err != nil {
		return arn
	}
	ref.Qualifier = qualifier
	return ref.String()
}

func putInput(t Target, s Settings) *lambda.PutFunctionEventInvokeConfigInput {
	return &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName:             functionName(t),
		Qualifier:                qualifierMember(t),
		MaximumEventAgeInSeconds: aws.Int32(s.MaximumEventAgeInSeconds),
		MaximumRetryAttempts:     aws.Int32(s.MaximumRetryAttempts),
		DestinationConfig:        s.destinationConfig(),
	}
}

// updateInput returns a request with the given members of s, and with both
// destinations if members contains one of them.
func updateInput(t Target, s Settings, members []Member) *lambda.UpdateFunctionEventInvokeConfigInput {
	input := &lambda.UpdateFunctionEventInvokeConfigInput{
		FunctionName: functionName(t),
		Qualifier:    qualifierMember(t),
	}
	for _, m := range members {
		switch m {
		case EventAge:
			input.MaximumEventAgeInSeconds = aws.Int32(s.MaximumEventAgeInSeconds)
		case RetryAttempts:
			input.MaximumRetryAttempts = aws.Int32(s.MaximumRetryAttempts)
		case OnSuccess, OnFailure:
			input.DestinationConfig = s.destinationConfig()
		}
	}
	return input
}

func functionName(t Target) *string {
	return aws.String(t.Function.Unqualified().String())
}

// qualifierMember omits $LATEST. To Lambda, $LATEST and no qualifier are the
// same, and other clients send no qualifier. Some implementations of the API
// store the two as separate configurations.
func qualifierMember(t Target) *string {
	if t.Qualifier == functionref.Latest {
		return nil
	}
	return aws.String(t.Qualifier)
}
