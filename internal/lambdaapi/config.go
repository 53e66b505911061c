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

// The ranges of the two numbers, from Lambda's API model, and the values that
// apply where a number was never set, from its documentation.
const (
	MinEventAgeSeconds     = 60
	MaxEventAgeSeconds     = 21600
	DefaultEventAgeSeconds = 21600

	MinRetryAttempts     = 0
	MaxRetryAttempts     = 2
	DefaultRetryAttempts = 2
)

// Target names one configuration in a call.
type Target struct {
	// Region is where the function is. Never empty.
	Region string

	// Function is sent as it is spelled, without its qualifier. It is zero for
	// a call about all functions of the region.
	Function functionref.Ref

	// Qualifier is the effective qualifier, functionref.Latest for the function
	// itself. It is empty for a call about all qualifiers.
	Qualifier string
}

// String names the target in errors: "orders-worker:live in us-east-1".
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

	// OnSuccess and OnFailure are ARNs; empty for none.
	OnSuccess string
	OnFailure string
}

// Config is one event invoke config as it is in effect: a number that was
// never set has its default, and every way of saying that there is no
// destination is the empty string.
type Config struct {
	// FunctionARN always ends in the qualifier, whatever form the answer had.
	FunctionARN  string
	LastModified time.Time
	Settings
}

// Member is a member of Settings, named as the resource's attribute.
type Member string

// The members.
const (
	EventAge      Member = "maximum_event_age_in_seconds"
	RetryAttempts Member = "maximum_retry_attempts"
	OnSuccess     Member = "destination_config.on_success"
	OnFailure     Member = "destination_config.on_failure"
)

// OtherMembers returns the members that are not among the given ones.
func OtherMembers(members []Member) []Member {
	all := []Member{EventAge, RetryAttempts, OnSuccess, OnFailure}
	return slices.DeleteFunc(all, func(m Member) bool { return slices.Contains(members, m) })
}

// Differing returns the members in which s and other differ, in a fixed order.
func (s Settings) Differing(other Settings) []Member {
	var members []Member
	if s.MaximumEventAgeInSeconds != other.MaximumEventAgeInSeconds {
		members = append(members, EventAge)
	}
	if s.MaximumRetryAttempts != other.MaximumRetryAttempts {
		members = append(members, RetryAttempts)
	}
	if s.OnSuccess != other.OnSuccess {
		members = append(members, OnSuccess)
	}
	if s.OnFailure != other.OnFailure {
		members = append(members, OnFailure)
	}
	return members
}

// With returns s with the given members taken from other.
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

// destinations returns both sides, an empty one for a side that is to be none:
// what the service does with a side that is left out of an update is not
// documented, and differs between deployments.
func (s Settings) destinations() *types.DestinationConfig {
	side := func(arn string) *string {
		if arn == "" {
			return nil
		}
		return aws.String(arn)
	}
	return &types.DestinationConfig{
		OnSuccess: &types.OnSuccess{Destination: side(s.OnSuccess)},
		OnFailure: &types.OnFailure{Destination: side(s.OnFailure)},
	}
}

// flatten turns the members of an answer into a Config. Get, Put, Update and an
// item of List have the same members, in types of their own.
func flatten(t Target, arn *string, modified *time.Time, age, retries *int32, destinations *types.DestinationConfig) Config {
	config := Config{
		FunctionARN:  qualify(aws.ToString(arn), t.Qualifier),
		LastModified: aws.ToTime(modified),
		Settings: Settings{
			MaximumEventAgeInSeconds: DefaultEventAgeSeconds,
			MaximumRetryAttempts:     DefaultRetryAttempts,
		},
	}
	if age != nil {
		config.MaximumEventAgeInSeconds = *age
	}
	if retries != nil {
		config.MaximumRetryAttempts = *retries
	}
	if d := destinations; d != nil {
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

// parseARN returns the parts of the function ARN in a response. Unlike a
// reference, it must be a full ARN. Its parts can have any form.
func parseARN(arn string) (functionref.Ref, error) {
	ref, err := functionref.Parse(arn)
	if err == nil && (ref.Region == "" || ref.AccountID == "") {
		err = fmt.Errorf("%q is not the ARN of a function", arn)
	}
	return ref, err
}

// checkARN returns an error if arn, of a response, does not identify t. Some
// implementations of the API respond without a qualifier, or with an account of
// their own. If t has no qualifier, any qualifier is accepted.
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
		t.Function.AccountID != "" && ref.AccountID != t.Function.AccountID && !slices.Contains(emulatorAccounts, ref.AccountID) {
		return fmt.Errorf("it is about %q, and not about %s", *arn, t)
	}
	return nil
}

// emulatorAccounts are the accounts in the responses of other implementations of
// the API, which ignore the account of the request.
var emulatorAccounts = []string{"000000000000", "123456789012"}

// qualify returns arn with the qualifier of the request: some implementations of
// the API respond without a qualifier.
func qualify(arn, qualifier string) string {
	ref, err := parseARN(arn)
	if err != nil {
		return arn
	}
	ref.Qualifier = qualifier
	return ref.String()
}

func put(t Target, s Settings) *lambda.PutFunctionEventInvokeConfigInput {
	return &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName:             functionName(t),
		Qualifier:                qualifierMember(t),
		MaximumEventAgeInSeconds: aws.Int32(s.MaximumEventAgeInSeconds),
		MaximumRetryAttempts:     aws.Int32(s.MaximumRetryAttempts),
		DestinationConfig:        s.destinations(),
	}
}

// update carries the given members of s, and both destinations where one of
// them is given.
func update(t Target, s Settings, members []Member) *lambda.UpdateFunctionEventInvokeConfigInput {
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
			input.DestinationConfig = s.destinations()
		}
	}
	return input
}

func functionName(t Target) *string {
	return aws.String(t.Function.Unqualified().String())
}

// qualifierMember leaves the member out for $LATEST, which means the same to
// Lambda and is what every other client sends: deployments of the API that
// tell the two apart keep what those clients made under "no qualifier".
func qualifierMember(t Target) *string {
	if t.Qualifier == functionref.Latest {
		return nil
	}
	return aws.String(t.Qualifier)
}
