// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// The service's error codes that this package tells apart.
const (
	codeNotFound         = "ResourceNotFoundException"
	codeConflict         = "ResourceConflictException"
	codeInvalidParameter = "InvalidParameterValueException"
	codeAccessDenied     = "AccessDeniedException"
	codeThrottled        = "TooManyRequestsException"
	codeNone             = "UnknownError" // the SDK's, of a response without a code
)

// ErrNotFound means that a configuration does not exist. Only two "not found"
// responses justify it.
var ErrNotFound = errors.New("no event invoke config")

// ErrNoFunction is the [ErrNotFound] of a function that does not exist.
var ErrNoFunction = fmt.Errorf("no function, and so %w", ErrNotFound)

// The reasons why the context of a call ended before a request was sent.
// Callers of this package use the exported ones.
var (
	// ErrQueued means that the caller waited for other writes to the same
	// function.
	ErrQueued = errors.New("it waited for other writes to the same function, which Lambda accepts one after another")

	// ErrShared means that the caller waited for the response to the same call
	// by another caller.
	ErrShared = errors.New("it waited for the response to the same request of another resource")

	// ErrNotStarted means that the context had ended before.
	ErrNotStarted = errors.New("its time had ended before")

	errLimited        = errors.New("it waited for the provider's rate limiter, which keeps calls within Lambda's quota")
	errAuthenticating = errors.New("it waited for credentials")
)

// isUnsent reports whether err is one of these reasons.
func isUnsent(err error) bool {
	return slices.ContainsFunc([]error{ErrQueued, ErrShared, ErrNotStarted, errLimited, errAuthenticating},
		func(reason error) bool { return errors.Is(err, reason) })
}

// PropagationTime is how long a new destination or a new permission may take
// to be known to Lambda. Callers retry an error that [IsPropagating] for that
// long.
const PropagationTime = 2 * time.Minute

// CallError is a call that failed. Its text names the operation, the target,
// what the service said with its request ID, and what to do next.
type CallError struct {
	Operation string
	Target    Target
	Err       error // of the last attempt, or why there was none

	// Ended is why the waiting ended where the call's context ended it:
	// context.Canceled or context.DeadlineExceeded; nil otherwise.
	Ended error

	// Fixed is whether the caller cannot allow more time: a list block has no
	// timeouts.
	Fixed bool

	// OutcomeUnknown is whether Lambda may have carried out the call, which is a
	// write, although it failed: a response was lost or cannot be read.
	OutcomeUnknown bool

	// Repeated is whether Err is a [*CredentialsError] that another call's
	// error has just explained.
	Repeated bool

	secrets *redact.Secrets // that its text must not have
}

// unexpectedStatusError is the status of a success that is not that of Lambda.
type unexpectedStatusError int

func (s unexpectedStatusError) Error() string { return fmt.Sprintf("unexpected status %d", int(s)) }

// Unwrap returns Err and Ended.
func (e *CallError) Unwrap() []error { return []error{e.Err, e.Ended} }

func (e *CallError) Error() string {
	outcome := "failed"
	switch {
	case errors.Is(e.Err, ErrNotStarted):
		outcome = "was not sent"
	case errors.Is(e.Ended, context.DeadlineExceeded):
		outcome = "did not succeed within its timeout"
	case errors.Is(e.Ended, context.Canceled):
		outcome = "was canceled"
	}
	text := fmt.Sprintf("%s of %s %s.\n\n%s", e.Operation, e.Target, outcome, e.reason())
	if next := e.next(); next != "" {
		text += "\n\n" + next
	}
	return text
}

// reason describes the outcome of the last attempt. It quotes excerpts of what
// the service, the SDK and the transport say.
func (e *CallError) reason() string {
	excerpt := func(err error) string { return e.secrets.Excerpt(err.Error()) }
	var api smithy.APIError
	var unreadable *smithy.DeserializationError
	var request *url.Error
	var silent *noResponseError
	var dial *net.OpError
	var status unexpectedStatusError
	var redirect *RedirectError
	credentials := credentialsOf(e.Err)
	switch {
	case credentials != nil && e.Repeated:
		return credentials.Summary + ". Another error of this run has the details."
	case credentials != nil:
		return credentials.Error()
	case !isLambdas(e.Err):
		return excerpt(e.Err)
	case errors.As(e.Err, &status):
		return fmt.Sprintf("The service answered %d, which Lambda does not.", int(status))
	case errors.As(e.Err, &api):
		return fmt.Sprintf("The service answered %d %s: %s\nRequest ID: %s",
			statusOf(e.Err), e.secrets.Excerpt(api.ErrorCode()), e.secrets.Excerpt(api.ErrorMessage()), e.secrets.Excerpt(requestID(e.Err)))
	case errors.As(e.Err, &unreadable):
		return fmt.Sprintf("The service answered %d, and the response cannot be read: %s\nRequest ID: %s",
			statusOf(e.Err), excerpt(unreadable.Err), e.secrets.Excerpt(requestID(e.Err)))
	case errors.Is(e.Err, ErrNotStarted) && errors.Is(e.Ended, context.Canceled):
		return "The run was canceled before."
	case errors.Is(e.Err, ErrNotStarted):
		return "Its timeout had ended before."
	case isUnsent(e.Err):
		return "No request was sent: " + e.Err.Error() + "."
	case isEnd(e.Err):
		return "No response had come by then."
	case errors.As(e.Err, &redirect):
		return fmt.Sprintf("The service answered with %s.", redirect)
	case errors.As(e.Err, &request):
		return fmt.Sprintf("No response from %s: %s", hostOf(request.URL), excerpt(request.Err))
	case errors.As(e.Err, &dial):
		return "No response: " + excerpt(dial)
	case errors.As(e.Err, &silent):
		return "The last attempt ended with " + silent.Error() + "."
	}
	return excerpt(e.Err)
}

// next is the next thing for the user to do.
func (e *CallError) next() string {
	var api smithy.APIError
	switch {
	case credentialsOf(e.Err) != nil && e.Ended == nil:
		return "" // the error says it itself
	case credentialsOf(e.Err) != nil:
		return e.again("") + "."
	case IsUnsupported(e.Err):
		return "The API at this endpoint does not have this operation, which AWS has. Check the provider's endpoints, and proxies on the way."
	case !isLambdas(e.Err) || !errors.As(e.Err, &api):
		return e.nextWithoutAnswer()
	}
	switch api.ErrorCode() {
	case codeAccessDenied:
		return fmt.Sprintf("Allow the action lambda:%s on %s to the identity that the provider authenticates as.",
			e.Operation, policyResources(e.Target))
	case codeNotFound:
		return fmt.Sprintf("A configuration needs its function, version or alias first: create %s, "+
			"or refer to the resource that creates it, so that it is created before.", e.Target)
	case codeConflict:
		return "Another change to the function is in progress. " + e.again(" when it has ended") + "."
	case codeThrottled:
		return "Lambda grants 15 control-plane requests per second to everyone in the account and region together. " +
			e.again(" when others need less of it") + "."
	case codeInvalidParameter:
		const propagation = "%s may take up to %.0f minutes to propagate to Lambda. The provider retries this error for that long if timeouts allow."
		switch {
		case isInvalidParameter(e.Err, destinationInvalid):
			return "Check that the destination exists. " + fmt.Sprintf(propagation, "A new destination", PropagationTime.Minutes())
		case isInvalidParameter(e.Err, permissionMissing):
			return "Check that a policy of the function's execution role allows the action on the destination. " +
				fmt.Sprintf(propagation, "A new policy", PropagationTime.Minutes())
		}
		return "Correct the value that the service names."
	case "ValidationException":
		return "Correct the value that the service names."
	case "MissingAuthenticationTokenException", "UnrecognizedClientException", "InvalidSignatureException",
		"ExpiredTokenException", "InvalidClientTokenId":
		return "Check the credentials that the provider uses, and whether they have expired."
	}
	if statusOf(e.Err) >= http.StatusInternalServerError {
		return "The service failed. " + e.again(" later") + "."
	}
	return "This is not a response that Lambda documents. Check the region, the provider's endpoints, and proxies on the way."
}

func (e *CallError) nextWithoutAnswer() string {
	var unreadable *smithy.DeserializationError
	var redirect *RedirectError
	switch {
	case errors.As(e.Err, &unreadable), errors.As(e.Err, &redirect):
		return "The response does not come from Lambda. Check the provider's endpoints, and proxies on the way."
	case isSent(e.Err):
		return "Check the region, the provider's endpoints and the network."
	case e.Ended != nil:
		return e.again("") + "."
	}
	return ""
}

// again is the advice to repeat a call whose error is transient. It is true for
// a resource, a data source and a list block.
func (e *CallError) again(when string) string {
	advice := "Run Terraform again" + when
	switch {
	case e.Ended == nil: // a limit of the retries ended them
		advice += ", or raise or remove max_retries and token_bucket_rate_limiter_capacity in the provider block"
	case errors.Is(e.Ended, context.DeadlineExceeded) && !e.Fixed:
		advice += ", or raise timeouts"
	}
	return advice
}

// hostOf returns a URL without its path, and without a password.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the endpoint"
	}
	return u.Scheme + "://" + u.Host
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

// Show prints a member's value for an error. The value may be any text that a
// service responded.
func (s Settings) Show(m Member) string {
	arn := func(s string) string {
		if s == "" {
			return "none"
		}
		return (*redact.Secrets)(nil).Excerpt(s)
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

// IsOutcomeUnknown reports whether err is a write that Lambda may have carried
// out.
func IsOutcomeUnknown(err error) bool {
	call, ok := errors.AsType[*CallError](err)
	return ok && call.OutcomeUnknown
}

// IsUnsupported reports whether err says that the API at the endpoint does not
// have the operation, as deployments of the API other than AWS respond. It is
// no "not found" response: it says nothing about the configuration.
func IsUnsupported(err error) bool {
	switch status := statusOf(err); status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return codeOf(err) != codeNotFound && !errors.Is(err, io.ErrUnexpectedEOF) // of the body that has the code
	}
	return errors.Is(err, errNoOperation)
}

// codeOf returns Lambda's error code, "" if err is none of its errors. SSO has
// a ResourceNotFoundException as well, which says nothing about Lambda.
func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok && isLambdas(err) {
		return api.ErrorCode()
	}
	return ""
}

// statusOf returns the HTTP status of Lambda's response, 0 for none.
func statusOf(err error) int {
	if !isLambdas(err) {
		return 0
	}
	return httpStatus(err)
}

// httpStatus returns the HTTP status of the response of any service, 0 for
// none.
func httpStatus(err error) int {
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

// isSent reports whether err is about sending the request, or about a response
// that does not come.
func isSent(err error) bool {
	_, send := errors.AsType[*smithyhttp.RequestSendError](err)
	_, dial := errors.AsType[*net.OpError](err)
	_, silent := errors.AsType[*noResponseError](err)
	return send || dial || silent
}

// isEnd reports whether err says no more than that the context ended.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
