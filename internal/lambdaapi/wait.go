// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
)

// maxBackoff bounds the delay between two attempts.
const maxBackoff = 5 * time.Second

// The messages of the two errors that may end within minutes. Lambda responds
// with the same error whether a destination or permission does not exist or has
// not propagated yet. Operations of Lambda word the second one differently:
// "The provided execution role does not have permissions to call Publish on SNS".
var (
	destinationInvalid = regexp.MustCompile(`^The destination ARN .* is invalid\.`)
	permissionMissing  = regexp.MustCompile(`(?i)\bexecution role (does not|doesn't) have (the )?permissions? to\b`)
)

// waiter is the SDK's retryer for one call. It retries transient errors until
// the call's context ends.
type waiter struct {
	aws.RetryerV2
	in *region

	attempts  int   // 0: no limit; conflicts do not count
	failed    int   // how many attempts that count have failed
	lastError error // of the last attempt that did not just end with the context

	mayHaveWritten bool // whether an attempt at a write may have been carried out although it failed

	asked, admitted bool // whether an attempt has asked the rate limiter, and was admitted
}

// newRetryer returns what all calls of a client have in common: how long they
// back off, and the quota of retries, which users may ask for.
func newRetryer(mode aws.RetryMode, quota int) aws.RetryerV2 {
	standard := func(o *retry.StandardOptions) {
		// A retry quota turns a long throttle into a failure.
		o.RateLimiter = ratelimit.None
		if quota > 0 {
			o.RateLimiter = ratelimit.NewTokenRateLimit(uint(quota))
		}
		o.MaxBackoff = maxBackoff
	}
	if mode == aws.RetryModeAdaptive {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, standard) })
	}
	return retry.NewStandard(standard)
}

// newWaiter returns the retryer of one call with at most the given number of
// attempts; 0 means unlimited. Conflicts do not count as attempts.
func newWaiter(in *region, attempts int) *waiter {
	return &waiter{RetryerV2: in.retryer, in: in, attempts: attempts}
}

// GetAttemptToken implements [aws.RetryerV2]: every attempt waits for its turn.
func (w *waiter) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	w.asked = true
	release, err := w.RetryerV2.GetAttemptToken(ctx)
	if err != nil {
		return nil, err
	}
	answered, err := w.in.pace.wait(ctx)
	if err != nil {
		return nil, err
	}
	w.admitted = true
	return func(err error) error {
		w.in.outage.record(err)
		switch {
		case isThrottled(err):
			answered(refused)
		case err == nil || statusOf(err) != 0:
			answered(granted)
		default:
			answered(noAnswer)
		}
		return release(err)
	}, nil
}

// RetryDelay implements [aws.Retryer]. A throttled call has no delay: the rate
// limiter is slower by then. The delay is short if nothing accepts connections,
// so that calls continue soon after an outage.
func (w *waiter) RetryDelay(attempt int, err error) (time.Duration, error) {
	if isThrottled(err) {
		return 0, nil
	}
	delay, delayErr := w.RetryerV2.RetryDelay(attempt, err)
	if isUnreachable(err) {
		delay = min(delay, time.Second)
	}
	return delay, delayErr
}

// isThrottled reports whether an attempt was refused for Lambda's rate.
func isThrottled(err error) bool {
	if !isLambdas(err) {
		return false
	}
	_, code := retry.DefaultThrottleErrorCodes[codeOf(err)]
	return code || statusOf(err) == http.StatusTooManyRequests
}

// MaxAttempts implements [aws.Retryer]: no limit, for IsErrorRetryable counts.
func (w *waiter) MaxAttempts() int { return 0 }

// IsErrorRetryable implements [aws.Retryer].
func (w *waiter) IsErrorRetryable(err error) bool {
	if !isEnd(err) {
		w.lastError = err
	}
	switch {
	case IsPropagating(err): // the caller retries it, without its lock
		return false
	case codeOf(err) == codeConflict:
		return true
	case isPermanent(err):
		return false
	}
	if w.failed++; w.attempts > 0 && w.failed >= w.attempts {
		return false
	}
	if isUnreachable(err) {
		return !w.in.outage.lasts()
	}
	return httpStatus(err) >= http.StatusInternalServerError ||
		isThrottled(err) ||
		isLostAnswer(err) ||
		w.RetryerV2.IsErrorRetryable(err)
}

// isPermanent reports whether err is permanent although the SDK, or this
// package by its status, takes errors like it for transient.
func isPermanent(err error) bool {
	if credentials := credentialsOf(err); credentials != nil {
		return !credentials.Transient
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return IsUnsupported(err) || certificate || noTLS || errors.Is(err, http.ErrSchemeMismatch)
}

// reason returns why a call has failed whose context ended with err. It is the
// error of the last attempt that did not just end with the context, if any.
func (w *waiter) reason(err error, sent bool) error {
	switch {
	case w.lastError != nil:
		return w.lastError
	case sent:
		return err
	case w.admitted:
		return errAuthenticating
	case w.asked:
		return errLimited
	}
	return ErrNotStarted
}

// isLambdas reports whether err is about the call to Lambda, and not about a
// call to another service, such as STS, that retrieves its credentials.
func isLambdas(err error) bool {
	if credentialsOf(err) != nil {
		return false
	}
	for op, ok := errors.AsType[*smithy.OperationError](err); ok; op, ok = errors.AsType[*smithy.OperationError](op.Err) {
		if op.ServiceID != lambda.ServiceID {
			return false
		}
	}
	return true
}

// IsPropagating reports whether err may end by itself, because a new
// destination or a new permission of the function's role propagates. Nothing
// was written. The client does not retry it: see [PropagationTime].
func IsPropagating(err error) bool {
	return isInvalidParameter(err, destinationInvalid) || isInvalidParameter(err, permissionMissing)
}

// isInvalidParameter reports whether err is an invalid parameter with a message
// that matches.
func isInvalidParameter(err error, message *regexp.Regexp) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && codeOf(err) == codeInvalidParameter && message.MatchString(api.ErrorMessage())
}

// isLostAnswer reports whether the service answered, but nobody can tell what:
// the answer broke off, or a success cannot be read. Every call of this
// package can be made again. A refusal that cannot be read is none: it comes
// from something other than Lambda, such as a proxy, and stays.
func isLostAnswer(err error) bool {
	if _, ok := errors.AsType[*smithy.DeserializationError](err); !ok {
		return false
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || statusOf(err) < http.StatusBadRequest
}
