// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// The service's error codes that this package tells apart.
const (
	codeNotFound         = "ResourceNotFoundException"
	codeConflict         = "ResourceConflictException"
	codeInvalidParameter = "InvalidParameterValueException"
	codeAccessDenied     = "AccessDeniedException"
	codeThrottled        = "TooManyRequestsException"
)

// ErrNotFound means that a configuration does not exist. Only two "not found"
// responses justify it.
var ErrNotFound = errors.New("no event invoke config")

// ErrNoFunction is the [ErrNotFound] of a function that does not exist.
var ErrNoFunction = fmt.Errorf("no function, and so %w", ErrNotFound)

// ErrQueued is the cause of a call that was not made because its caller waited
// for other writes to the same function until its context ended.
var ErrQueued = errors.New("it was waiting for other changes to the same function, which Lambda takes one after another")

// PropagationTime is how long a new destination or a new permission may take
// to be known to Lambda. Callers retry an error that [IsPropagating] for that
// long.
const PropagationTime = 2 * time.Minute

// CallError is a call that failed. Its text names the operation, the target,
// what the service said with its request ID, and what to do next.
type CallError struct {
	Operation string
	Target    Target
	Err       error // the SDK's error of the last attempt

	// Ended is why the waiting ended where the call's context ended it:
	// context.Canceled or context.DeadlineExceeded; nil otherwise.
	Ended error

	// Repeated is whether Err is a [*CredentialsError] that another call's
	// error has just explained.
	Repeated bool
}

func (e *CallError) Unwrap() error { return e.Err }

func (e *CallError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s of %s ", e.Operation, e.Target)
	switch {
	case errors.Is(e.Ended, context.DeadlineExceeded):
		text.WriteString("did not succeed within its timeout.\n\n")
	case errors.Is(e.Ended, context.Canceled):
		text.WriteString("was cancelled.\n\n")
	default:
		text.WriteString("failed.\n\n")
	}

	var api smithy.APIError
	credentials := credentialsOf(e.Err)
	switch {
	case credentials != nil && e.Repeated:
		text.WriteString(credentials.Summary + ". Another error of this run has the details.")
	case credentials != nil:
		text.WriteString(credentials.Error())
	case errors.As(e.Err, &api):
		fmt.Fprintf(&text, "The service answered %d %s: %s\nRequest ID: %s",
			statusOf(e.Err), api.ErrorCode(), api.ErrorMessage(), requestID(e.Err))
	case errors.Is(e.Err, ErrQueued):
		text.WriteString("Until then " + ErrQueued.Error() + ".")
	case isEnd(e.Err):
		text.WriteString("No answer had come until then.")
	default:
		text.WriteString(e.Err.Error())
	}
	if next := e.next(); next != "" {
		text.WriteString("\n\n" + next)
	}
	return Redact(text.String())
}

// sessionToken is how a request's session token stands in the canonical
// request, which the service quotes when it refuses a signature.
var sessionToken = regexp.MustCompile(`(?i)(x-amz-security-token:)\S+`)

// Redact returns a text that came from the service without what nobody may
// read.
func Redact(s string) string { return sessionToken.ReplaceAllString(s, "${1}(not shown)") }

// next is the next thing for the user to do.
func (e *CallError) next() string {
	if credentialsOf(e.Err) != nil {
		if e.Ended != nil {
			return "Apply again, or raise this resource's timeouts."
		}
		return "" // the error says it itself
	}
	var api smithy.APIError
	if !errors.As(e.Err, &api) {
		return e.nextWithoutAnswer()
	}
	switch api.ErrorCode() {
	case codeAccessDenied:
		return fmt.Sprintf("Allow the action lambda:%s on %s to the identity that the provider signs in as.",
			e.Operation, policyResources(e.Target))
	case codeNotFound:
		return fmt.Sprintf("A configuration needs its function, version or alias first: create %s, "+
			"or refer to the resource that creates it, so that it is created before.", e.Target)
	case codeConflict:
		return "Another change to the function is in progress. Apply again when it is done, or raise this resource's timeouts."
	case codeThrottled:
		return "Lambda grants 15 control-plane requests per second to everyone in the account and region together. " +
			"Apply again when others need less of it, or raise this resource's timeouts (and max_retries, where the provider block sets it)."
	case codeInvalidParameter:
		if IsPropagating(e.Err) {
			return fmt.Sprintf("A new destination or permission may take up to %.0f minutes to propagate to Lambda. "+
				"The provider retries this error for that long if timeouts allow. Check that the destination exists, and that a policy of the function's "+
				"execution role allows the action.", PropagationTime.Minutes())
		}
		return "Correct the value that the service names."
	case "ValidationException":
		return "Correct the value that the service names."
	case "MissingAuthenticationTokenException", "UnrecognizedClientException", "InvalidSignatureException",
		"ExpiredTokenException", "InvalidClientTokenId":
		return "Check the credentials that the provider signs in with, and whether they have expired."
	}
	if statusOf(e.Err) >= 500 {
		return "The service failed. Apply again later, or raise this resource's timeouts."
	}
	return "This is not an answer that Lambda documents. Check the region, the provider's endpoints and what stands between."
}

func (e *CallError) nextWithoutAnswer() string {
	var unreadable *smithy.DeserializationError
	switch {
	case errors.As(e.Err, &unreadable):
		return "What answered does not seem to be Lambda. Check the provider's endpoints, and proxies on the way."
	case statusOf(e.Err) == 0 && isSent(e.Err):
		return "Check the region, the provider's endpoints and the network."
	case isEnd(e.Err), errors.Is(e.Err, ErrQueued):
		return "Apply again, or raise this resource's timeouts."
	}
	return ""
}

// policyResources are the function's ARNs as the resources of an IAM policy.
// AWS documents both that the qualifier of a request counts and that it does
// not.
func policyResources(t Target) string {
	or := func(part, other string) string {
		if part == "" {
			return other
		}
		return part
	}
	f := t.Function
	if f.Name == "" {
		return "the resource *"
	}
	arn := functionref.Ref{
		Partition: or(f.Partition, "*"), Region: or(f.Region, t.Region), AccountID: or(f.AccountID, "ACCOUNT"), Name: f.Name,
	}
	return fmt.Sprintf("the resources %[1]s and %[1]s:*", arn)
}

// Show prints a member's value for an error.
func (s Settings) Show(m Member) string {
	arn := func(s string) string {
		if s == "" {
			return "none"
		}
		return s
	}
	switch m {
	case EventAge:
		return fmt.Sprint(s.MaximumEventAgeInSeconds)
	case RetryAttempts:
		return fmt.Sprint(s.MaximumRetryAttempts)
	case OnSuccess:
		return arn(s.OnSuccess)
	default:
		return arn(s.OnFailure)
	}
}

// IsNotFound reports whether err is a "not found" response. For Get and Delete
// it means that the configuration or its function does not exist, for Update
// the same, and for List and Put that the function does not exist.
func IsNotFound(err error) bool { return codeOf(err) == codeNotFound }

// IsAccessDenied reports whether err is a call that the credentials may not
// make.
func IsAccessDenied(err error) bool { return codeOf(err) == codeAccessDenied }

// codeOf returns the service's error code, "" where err is none of its errors.
// SSO has a ResourceNotFoundException as well, which says nothing about Lambda.
func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok && credentialsOf(err) == nil {
		return api.ErrorCode()
	}
	return ""
}

// statusOf returns the HTTP status of the answer, 0 where there was none.
func statusOf(err error) int {
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

func requestID(err error) string {
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.ServiceRequestID() != "" {
		return response.ServiceRequestID()
	}
	return "none"
}

// isSent reports whether err is about sending the request.
func isSent(err error) bool {
	var send *smithyhttp.RequestSendError
	var dns *net.DNSError
	return errors.As(err, &send) || errors.As(err, &dns)
}

// isEnd reports whether err says no more than that the context ended.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
