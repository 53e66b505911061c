// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
)

func testRetryer(attempts int) *retryer {
	return newRetryer(newRegion(aws.RetryModeStandard, 0), attempts)
}

func TestRetryer_countsOnlyFailuresAsAttempts(t *testing.T) {
	t.Parallel()
	wait := testRetryer(2)
	for i, step := range []struct {
		code string
		want bool
	}{
		{codeConflict, true},
		{codeConflict, true},
		{codeThrottled, true},
		{codeConflict, true},
		{codeThrottled, false},
	} {
		if got := wait.IsErrorRetryable(&smithy.GenericAPIError{Code: step.code}); got != step.want {
			t.Errorf("attempt %d, %s: got retryable = %t, want %t", i+1, step.code, got, step.want)
		}
	}
}

func TestRetryer_retriesConflictsWithoutLimit(t *testing.T) {
	t.Parallel()
	wait := testRetryer(1)
	for i := range 100 {
		if !wait.IsErrorRetryable(&smithy.GenericAPIError{Code: codeConflict}) {
			t.Fatalf("attempt %d is not retried", i+1)
		}
	}
}

// The session retries a propagating error, because it can release the
// function's lock between the attempts.
func TestRetryer_leavesInvalidParametersToCaller(t *testing.T) {
	t.Parallel()
	for message, propagates := range map[string]bool{
		"The destination ARN arn:aws:sqs:us-east-1:123456789012:q is invalid.":                      true,
		"The function's execution role does not have permissions to call SendMessage on q":          true,
		"You can't specify the function as a destination for itself.":                               false,
		"The derived qualifier from the function name does not match the specified qualifier.":      false,
		"The provided destination config DestinationConfig(onSuccess=null, onFailure=) is invalid.": false,
	} {
		err := &smithy.GenericAPIError{Code: codeInvalidParameter, Message: message}
		if testRetryer(0).IsErrorRetryable(err) {
			t.Errorf("%q is retried", message)
		}
		if got := IsPropagating(fmt.Errorf("call: %w", err)); got != propagates {
			t.Errorf("%q: got IsPropagating = %t, want %t", message, got, propagates)
		}
		if other := (&smithy.GenericAPIError{Code: "ValidationException", Message: message}); IsPropagating(other) {
			t.Errorf("%q with another code: got IsPropagating = true", message)
		}
	}
	if IsPropagating(nil) {
		t.Error("nil: got IsPropagating = true")
	}
}

func TestRetryer_ignoresThrottlingOfOtherServices(t *testing.T) {
	t.Parallel()
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	if !isThrottled(throttled) {
		t.Error("throttling by Lambda is not recognized")
	}
	if err := (&smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: throttled}); isThrottled(err) || isLambdaError(err) {
		t.Error("throttling by STS counts as throttling by Lambda")
	}
}
