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
	"github.com/aws/smithy-go"
)

// maxBackoff bounds the delay between two attempts.
const maxBackoff = 5 * time.Second

// propagating matches the two errors that may end within minutes. Lambda
// responds with the same error whether a destination or permission does not exist
// or has not propagated yet.
var propagating = regexp.MustCompile(`^(The destination ARN .* is invalid\.|The function's execution role does not have permissions to call )`)

// waiter is the SDK's retryer for one call. It goes on for as long as the
// call's context lasts, as long as what was answered can pass by itself.
type waiter struct {
	aws.RetryerV2
	pace *pace

	attempts  int   // 0: no limit; conflicts do not count
	failed    int   // how many attempts that count have failed
	lastError error // what the last attempt came to
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
	return &waiter{RetryerV2: in.retryer, pace: in.pace, attempts: attempts}
}

// GetAttemptToken implements [aws.RetryerV2]: every attempt waits for its turn.
func (w *waiter) GetAttemptToken(ctx context.Context) (func(error) error, error) {
	release, err := w.RetryerV2.GetAttemptToken(ctx)
	if err != nil {
		return nil, err
	}
	answered, err := w.pace.wait(ctx)
	if err != nil {
		return nil, err
	}
	return func(err error) error {
		switch {
		case isThrottled(err):
			answered(refused)
		case err == nil || statusOf(err) != 0 && isLambdas(err):
			answered(granted)
		default:
			answered(noAnswer)
		}
		return release(err)
	}, nil
}

// RetryDelay implements [aws.Retryer]. What was throttled waits for its turn
// alone: the pace is slower by then.
func (w *waiter) RetryDelay(attempt int, err error) (time.Duration, error) {
	if isThrottled(err) {
		return 0, nil
	}
	return w.RetryerV2.RetryDelay(attempt, err)
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
	if w.lastError == nil || !isEnd(err) {
		w.lastError = err
	}
	if IsPropagating(err) {
		return false // the caller retries it, without its lock
	}
	if codeOf(err) == codeConflict {
		return true
	}
	if certificate := (*tls.CertificateVerificationError)(nil); errors.As(err, &certificate) {
		return false // the SDK takes it for a broken connection
	}
	if w.failed++; w.attempts > 0 && w.failed >= w.attempts {
		return false
	}
	return statusOf(err) >= http.StatusInternalServerError ||
		isThrottled(err) ||
		isLostAnswer(err) ||
		w.RetryerV2.IsErrorRetryable(err)
}

// isLambdas reports whether the error of an attempt is about the call itself,
// and not about another service's on the way to it: STS is asked for
// credentials inside of the attempt.
func isLambdas(err error) bool {
	var other *smithy.OperationError // Lambda's own has none yet
	return !errors.As(err, &other)
}

// IsPropagating reports whether err may end by itself, because a new
// destination or a new permission of the function's role propagates. Nothing
// was written. The client does not retry it: see [PropagationTime].
func IsPropagating(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == codeInvalidParameter && propagating.MatchString(api.ErrorMessage())
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
