// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
)

// A refusal that may be spreading is waited for two minutes from when it was
// first seen, however long the call has waited for something else before.
func TestSpreadingIsWaitedForTwoMinutes(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	wait := newWaiter(&region{newRetryer(aws.RetryModeStandard, 0), newPace()}, 0, func() time.Time { return now })
	refused := &smithy.GenericAPIError{Code: codeInvalidParameter, Message: "The destination ARN arn:aws:sqs:us-east-1:123456789012:q is invalid."}
	conflict := &smithy.GenericAPIError{Code: codeConflict}
	for _, step := range []struct {
		at   time.Duration
		err  error
		want bool
	}{
		{0, conflict, true},
		{3 * time.Minute, conflict, true},
		{3 * time.Minute, refused, true},
		{5*time.Minute - time.Second, refused, true},
		{5 * time.Minute, refused, false},
		{5 * time.Minute, conflict, true},
	} {
		now = time.Unix(0, 0).Add(step.at)
		if got := wait.IsErrorRetryable(step.err); got != step.want {
			t.Errorf("at %s, %v: retryable = %t, want %t", step.at, step.err, got, step.want)
		}
	}
}

// Who waits in a function's queue behind a refusal that may be spreading has
// waited for it as well, but for no longer than it has been there.
func TestSpreadingIsWaitedForOnceByAQueue(t *testing.T) {
	t.Parallel()
	refused := &smithy.GenericAPIError{Code: codeInvalidParameter, Message: "The destination ARN arn:aws:sqs:us-east-1:123456789012:q is invalid."}
	start := time.Unix(0, 0)
	for name, test := range map[string]struct {
		asked, now time.Duration
		want       bool
	}{
		"asked before, at its turn after the wait": {0, 2 * time.Minute, false},
		"asked before, at its turn in between":     {0, time.Minute, true},
		"asked later":                              {time.Minute, 2 * time.Minute, true},
	} {
		c := &Client{}
		c.memory.firstRefused(refused.Message, start) // by the one before
		now := start.Add(test.now)
		wait := newWaiter(&region{newRetryer(aws.RetryModeStandard, 0), newPace()}, 0, func() time.Time { return now })
		ctx := context.WithValue(t.Context(), askedKey{}, start.Add(test.asked))
		wait.firstRefused = c.firstRefused(ctx)
		if got := wait.IsErrorRetryable(refused); got != test.want {
			t.Errorf("%s: retryable = %t", name, got)
		}
	}
}

// What STS says on the way to a call is not about Lambda's rate.
func TestOtherServicesDoNotSetThePace(t *testing.T) {
	t.Parallel()
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	if !isThrottled(throttled) {
		t.Error("Lambda's own is not seen")
	}
	if err := (&smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: throttled}); isThrottled(err) || isLambdas(err) {
		t.Error("STS's is taken for Lambda's")
	}
}

// What only takes its time is no failure, and does not use up the attempts
// that a user grants to failures.
func TestTheLimitOfAttemptsIsForFailures(t *testing.T) {
	t.Parallel()
	wait := newWaiter(&region{newRetryer(aws.RetryModeStandard, 0), newPace()}, 2, time.Now)
	for i, step := range []struct {
		code, message string
		want          bool
	}{
		{codeConflict, "busy", true},
		{codeInvalidParameter, "The function's execution role does not have permissions to call SendMessage on q", true},
		{codeConflict, "busy", true},
		{codeThrottled, "Rate exceeded", true},
		{codeConflict, "busy", true},
		{codeThrottled, "Rate exceeded", false},
	} {
		if got := wait.IsErrorRetryable(&smithy.GenericAPIError{Code: step.code, Message: step.message}); got != step.want {
			t.Errorf("attempt %d, %s: retryable = %t", i+1, step.code, got)
		}
	}
}

func TestOtherRefusalsOfAParameterAreFinal(t *testing.T) {
	t.Parallel()
	wait := newWaiter(&region{newRetryer(aws.RetryModeStandard, 0), newPace()}, 0, time.Now)
	for _, message := range []string{
		"You can't specify the function as a destination for itself.",
		"The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=arn:aws:iam::123456789012:role/r)) is invalid.",
		"The derived qualifier from the function name does not match the specified qualifier.",
	} {
		if wait.IsErrorRetryable(&smithy.GenericAPIError{Code: codeInvalidParameter, Message: message}) {
			t.Errorf("%q is waited for", message)
		}
	}
}
