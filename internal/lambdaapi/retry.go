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

// maxBackoff is the maximum delay between two attempts.
const maxBackoff = 5 * time.Second

// The messages of the two errors that propagation may end. Lambda responds with
// the same error whether a destination or permission does not exist or has not
// propagated yet. Operations of Lambda word the second one differently: "The
// provided execution role does not have permissions to call Publish on SNS".
var (
	destinationInvalid = regexp.MustCompile(`^The destination ARN .* is invalid\.`)
	permissionMissing  = regexp.MustCompile(`(?i)\bexecution role (does not|doesn't) have (the )?permissions? to\b`)
)

// newSDKRetryer returns the SDK's retryer for all calls in one region. If
// retryTokens is 0, retries are unlimited: with the SDK's default of tokens, calls
// fail after long throttling.
func newSDKRetryer(mode aws.RetryMode, retryTokens int) aws.RetryerV2 {
	standard := func(o *retry.StandardOptions) {
		o.RateLimiter = ratelimit.None
		if retryTokens > 0 {
			o.RateLimiter = ratelimit.NewTokenRateLimit(uint(retryTokens))
		}
		o.MaxBackoff = maxBackoff
	}
	if mode == aws.RetryModeAdaptive {
		return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) {
			o.StandardOptions = append(o.StandardOptions, standard)
		})
	}
	return retry.NewStandard(standard)
}

// retryer is the SDK's retryer of one call. It retries transient errors until
// the context of the call ends.
type retryer struct {
	aws.RetryerV2
	region *region

	maxAttempts int   // 0 means unlimited; conflicts do not count
	failures    int   // failed attempts that count
	lastError   error // last error other than the end of the context

	mayHaveWritten bool // Lambda may have carried out an attempt at a write that failed

	queued, admitted bool // an attempt has entered, and has passed, the rate limiter
}

func newRetryer(region *region, maxAttempts int) *retryer {
	return &retryer{RetryerV2: region.retryer, region: region, maxAttempts: maxAttempts}
}

// GetAttemptToken implements [aws.RetryerV2]. It blocks in the rate limiter.
func (r *retryer) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	r.queued = true
	release, err := r.RetryerV2.GetAttemptToken(ctx)
	if err != nil {
		return nil, err
	}
	done, err := r.region.limiter.wait(ctx)
	if err != nil {
		return nil, err
	}
	r.admitted = true
	return func(err error) error {
		r.region.outage.record(err)
		switch {
		case isThrottled(err):
			done(throttled)
		case err == nil || statusOf(err) != 0:
			done(accepted)
		default:
			done(noResponse)
		}
		return release(err)
	}, nil
}

// RetryDelay implements [aws.Retryer]. It returns 0 for a throttled call, which the
// rate limiter delays. Without a connection, the delay is short, so that calls
// continue soon after an outage.
func (r *retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	if isThrottled(err) {
		return 0, nil
	}
	delay, delayErr := r.RetryerV2.RetryDelay(attempt, err)
	if isUnreachable(err) {
		delay = min(delay, time.Second)
	}
	return delay, delayErr
}

// isThrottled reports whether Lambda throttled an attempt.
func isThrottled(err error) bool {
	_, code := retry.DefaultThrottleErrorCodes[codeOf(err)]
	return code || statusOf(err) == http.StatusTooManyRequests
}

// MaxAttempts implements [aws.Retryer]. It returns 0 for unlimited, because
// IsErrorRetryable counts the attempts.
func (r *retryer) MaxAttempts() int { return 0 }

// IsErrorRetryable implements [aws.Retryer].
func (r *retryer) IsErrorRetryable(err error) bool {
	if !isContextError(err) {
		r.lastError = err
	}
	switch {
	case codeOf(err) == codeConflict:
		return true
	case isPermanent(err):
		return false
	}
	if r.failures++; r.maxAttempts > 0 && r.failures >= r.maxAttempts {
		return false
	}
	if isUnreachable(err) {
		return !r.region.outage.hasTimedOut()
	}
	return httpStatus(err) >= http.StatusInternalServerError ||
		isThrottled(err) ||
		isUnreadable(err) ||
		r.RetryerV2.IsErrorRetryable(err)
}

// isPermanent reports whether err is a permanent error that the SDK or
// IsErrorRetryable would retry.
func isPermanent(err error) bool {
	if credentials := credentialsOf(err); credentials != nil {
		return !credentials.Transient
	}
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, noTLS := errors.AsType[tls.RecordHeaderError](err)
	return IsUnsupported(err) || certificate || noTLS || errors.Is(err, http.ErrSchemeMismatch)
}

// cause returns the error of a call after the end of its context: the last error
// other than that end, if any, or the reason for which no request was sent.
func (r *retryer) cause(err error, sent bool) error {
	switch {
	case r.lastError != nil:
		return r.lastError
	case sent:
		return err
	case r.admitted:
		return errAuthenticating
	case r.queued:
		return errLimited
	}
	return ErrNotStarted
}

// isLambdaError reports whether err is about the call to Lambda, and not about a
// call to another service, such as STS, that retrieves credentials.
func isLambdaError(err error) bool {
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

// IsPropagationError reports whether Lambda rejected a call with an error that may
// end when a new destination, or a new permission of the execution role, has
// propagated. Nothing was written. The client does not retry the call, so that the
// caller can release its lock: see [PropagationTime].
func IsPropagationError(err error) bool {
	return isInvalidParameter(err, destinationInvalid) || isInvalidParameter(err, permissionMissing)
}

// isInvalidParameter reports whether err is about an invalid parameter and has a
// message that matches.
func isInvalidParameter(err error, message *regexp.Regexp) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && codeOf(err) == codeInvalidParameter && message.MatchString(api.ErrorMessage())
}

// isUnreadable reports whether err is a truncated response, or a success that
// cannot be read. An error response that cannot be read is permanent: it comes
// from a proxy, for example, and not from Lambda.
func isUnreadable(err error) bool {
	if _, ok := errors.AsType[*smithy.DeserializationError](err); !ok {
		return false
	}
	return errors.Is(err, io.ErrUnexpectedEOF) || statusOf(err) < http.StatusBadRequest
}
