// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// Error codes of Lambda.
const (
	codeNotFound         = "ResourceNotFoundException"
	codeConflict         = "ResourceConflictException"
	codeInvalidParameter = "InvalidParameterValueException"
	codeAccessDenied     = "AccessDeniedException"
	codeThrottled        = "TooManyRequestsException"
	codeNone             = "UnknownError" // the SDK's, for a response without a code
)

// ErrNoConfig means that a configuration does not exist. The session returns it to
// Read after two "not found" responses, and to Create after one.
var ErrNoConfig = errors.New("no event invoke config")

// ErrNoFunction is the [ErrNoConfig] of a function that does not exist.
var ErrNoFunction = fmt.Errorf("no function, and so %w", ErrNoConfig)

// The reasons for which the context of a call ended before a request was sent.
// The session uses the exported ones.
var (
	// ErrQueued means that the call was waiting for other writes to the same
	// function.
	ErrQueued = errors.New("it waited for other writes to the same function, which Lambda accepts one after another")

	// ErrShared means that the call was waiting for the response to the same
	// call by another caller.
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

// PropagationTime is the maximum time in which a new destination or permission
// propagates to Lambda. Callers retry an error that [IsPropagationError] for that
// long.
const PropagationTime = 2 * time.Minute

// CallError is the error of a call. Its text names the operation, the target, the
// response with its request ID, and the next step.
type CallError struct {
	Operation string
	Target    Target
	Err       error // of the last attempt, or the reason for which there was none

	// Ended is context.Canceled or context.DeadlineExceeded if the context of
	// the call ended, nil otherwise.
	Ended error

	// NoTimeouts reports that the user cannot configure a timeout, as in a list
	// block.
	NoTimeouts bool

	// OutcomeUnknown reports that Lambda may have carried out a write although
	// it failed, since a response was lost or cannot be read.
	OutcomeUnknown bool

	// Repeated reports that Err is a [*CredentialsError] that the error of an
	// earlier call has explained.
	Repeated bool

	secrets *redact.Secrets // redacted from the text
}

// unexpectedStatusError is a 2xx status that Lambda does not send.
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
	text := fmt.Sprintf("%s of %s %s.\n\n%s", e.Operation, e.Target, outcome, e.cause())
	if advice := e.advice(); advice != "" {
		text += "\n\n" + advice
	}
	return text
}

// cause describes the last attempt, with excerpts of the texts of the service,
// the SDK and the transport.
func (e *CallError) cause() string {
	excerpt := func(err error) string { return e.secrets.Excerpt(err.Error()) }
	var api smithy.APIError
	var unreadable *smithy.DeserializationError
	var request *url.Error
	var timeout *noResponseError
	var dial *net.OpError
	var status unexpectedStatusError
	var redirect *RedirectError
	credentials := credentialsOf(e.Err)
	switch {
	case credentials != nil && e.Repeated:
		return credentials.Summary + ". Another error of this run has the details."
	case credentials != nil:
		return credentials.Error()
	case !isLambdaError(e.Err):
		return excerpt(e.Err)
	case errors.As(e.Err, &status):
		return fmt.Sprintf("The service responded with status %d, which Lambda does not send.", int(status))
	case errors.As(e.Err, &api):
		return fmt.Sprintf("The service responded with %d %s: %s\nRequest ID: %s", statusOf(e.Err),
			e.secrets.Excerpt(api.ErrorCode()), e.secrets.Excerpt(api.ErrorMessage()), e.secrets.Excerpt(requestID(e.Err)))
	case errors.As(e.Err, &unreadable):
		return fmt.Sprintf("The service responded with %d, and the response cannot be read: %s\nRequest ID: %s",
			statusOf(e.Err), excerpt(unreadable.Err), e.secrets.Excerpt(requestID(e.Err)))
	case errors.Is(e.Err, ErrNotStarted) && errors.Is(e.Ended, context.Canceled):
		return "The run had been canceled before."
	case errors.Is(e.Err, ErrNotStarted):
		return "Its timeout had ended before."
	case isUnsent(e.Err):
		return "No request was sent: " + e.Err.Error() + "."
	case isContextError(e.Err):
		return "No response had come by then."
	case errors.As(e.Err, &redirect):
		return fmt.Sprintf("The service responded with %s.", redirect)
	case errors.As(e.Err, &request):
		return fmt.Sprintf("No response from %s: %s", hostOf(request.URL), excerpt(request.Err))
	case errors.As(e.Err, &dial):
		return "No response: " + excerpt(dial)
	case errors.As(e.Err, &timeout):
		return "The last attempt ended with " + timeout.Error() + "."
	}
	return excerpt(e.Err)
}

// advice returns the next step for the user, empty for none.
func (e *CallError) advice() string {
	var api smithy.APIError
	switch {
	case credentialsOf(e.Err) != nil && e.Ended == nil:
		return "" // the text of the error has advice
	case credentialsOf(e.Err) != nil:
		return e.retryAdvice("") + "."
	case IsUnsupported(e.Err):
		return "The API at this endpoint does not have this operation, which AWS has. " +
			"Check the provider's endpoints, and proxies on the way."
	case !isLambdaError(e.Err) || !errors.As(e.Err, &api):
		return e.adviceWithoutCode()
	}
	switch api.ErrorCode() {
	case codeAccessDenied:
		return fmt.Sprintf("Allow the action lambda:%s on %s to the identity that the provider authenticates as.",
			e.Operation, policyResources(e.Target))
	case codeNotFound:
		return fmt.Sprintf("A configuration requires its function, version or alias: create %s, "+
			"or refer to the resource that creates it, so that Terraform creates it first.", e.Target)
	case codeConflict:
		return "Another change to the function is in progress. " + e.retryAdvice(" when it has ended") + "."
	case codeThrottled:
		return "Lambda accepts 15 control-plane requests per second from all clients of the account and region together. " +
			e.retryAdvice(" when others need less of it") + "."
	case codeInvalidParameter:
		const propagation = "%s may take up to %.0f minutes to propagate to Lambda. " +
			"The provider retries this error for that long if timeouts allow."
		switch {
		case isInvalidParameter(e.Err, destinationInvalid):
			return "Check that the destination exists. " +
				fmt.Sprintf(propagation, "A new destination", PropagationTime.Minutes())
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
		return "The service failed. " + e.retryAdvice(" later") + "."
	}
	return "This is not a response that Lambda documents. " +
		"Check the region, the provider's endpoints, and proxies on the way."
}

// adviceWithoutCode is advice for an error without an error code of Lambda.
func (e *CallError) adviceWithoutCode() string {
	var unreadable *smithy.DeserializationError
	var redirect *RedirectError
	switch {
	case errors.As(e.Err, &unreadable), errors.As(e.Err, &redirect):
		return "The response does not come from Lambda. Check the provider's endpoints, and proxies on the way."
	case isTransportError(e.Err):
		return "Check the region, the provider's endpoints and the network."
	case e.Ended != nil:
		return e.retryAdvice("") + "."
	}
	return ""
}

// retryAdvice returns the advice to run Terraform again after a transient error.
// It applies to a resource, a data source and a list block.
func (e *CallError) retryAdvice(when string) string {
	advice := "Run Terraform again" + when
	switch {
	case e.Ended == nil: // a limit of retries was reached
		advice += ", or raise or remove max_retries and token_bucket_rate_limiter_capacity in the provider block"
	case errors.Is(e.Ended, context.DeadlineExceeded) && !e.NoTimeouts:
		advice += ", or raise timeouts"
	}
	return advice
}

// hostOf returns the scheme and host of a URL, which contain no secrets.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the endpoint"
	}
	return u.Scheme + "://" + u.Host
}

// policyResources returns the resources for an IAM policy that allows calls about
// t: the function with and without a qualifier. AWS's documents contradict each
// other about whether the qualifier of a request counts.
func policyResources(t Target) string {
	f := t.Function
	if f.Name == "" {
		return "the resource *"
	}
	arn := functionref.Ref{
		Partition: cmp.Or(f.Partition, "*"), Region: cmp.Or(f.Region, t.Region),
		AccountID: cmp.Or(f.AccountID, "ACCOUNT"), Name: f.Name,
	}
	return fmt.Sprintf("the resources %[1]s and %[1]s:*", arn)
}

// Compare returns one line for each member, for an error. The format has verbs
// for the member, its value in s and its value in other.
func (s Settings) Compare(other Settings, members []Member, format string) string {
	lines := make([]string, 0, len(members))
	for _, m := range members {
		lines = append(lines, "  "+fmt.Sprintf(format, m, s.Show(m), other.Show(m)))
	}
	return strings.Join(lines, "\n")
}

// Show returns the value of a member for an error. It returns an excerpt of an
// ARN, since a service may respond with any text.
func (s Settings) Show(m Member) string {
	text := fmt.Sprint(s.value(m))
	if text == "" {
		return "none"
	}
	return (*redact.Secrets)(nil).Excerpt(text)
}

// IsNotFoundResponse reports whether err is a "not found" response. For Get, Update and
// Delete it means that the configuration or its function does not exist, for List
// and Put that the function does not exist.
func IsNotFoundResponse(err error) bool { return codeOf(err) == codeNotFound }

// IsAccessDenied reports whether the credentials are not allowed to make the
// call.
func IsAccessDenied(err error) bool { return codeOf(err) == codeAccessDenied }

// IsOutcomeUnknown reports whether err is a write that Lambda may have carried
// out.
func IsOutcomeUnknown(err error) bool {
	call, ok := errors.AsType[*CallError](err)
	return ok && call.OutcomeUnknown
}

// IsUnsupported reports whether the API at the endpoint lacks the operation, as
// other implementations of the API may. This is not a "not found" response, which
// is about the configuration.
func IsUnsupported(err error) bool {
	switch status := statusOf(err); status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return codeOf(err) != codeNotFound && !errors.Is(err, io.ErrUnexpectedEOF) // a truncated body may have had the code
	}
	return errors.Is(err, errNoOperation)
}

// codeOf returns Lambda's error code, empty for none. It ignores the codes of
// other services: SSO, for example, has a ResourceNotFoundException as well.
func codeOf(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok && isLambdaError(err) {
		return api.ErrorCode()
	}
	return ""
}

// statusOf returns the HTTP status of Lambda's response, 0 for none.
func statusOf(err error) int {
	if !isLambdaError(err) {
		return 0
	}
	return httpStatus(err)
}

// httpStatus returns the HTTP status of a response of any service, 0 for none.
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

// isTransportError reports whether the request could not be sent, or had no
// response.
func isTransportError(err error) bool {
	_, send := errors.AsType[*smithyhttp.RequestSendError](err)
	_, dial := errors.AsType[*net.OpError](err)
	_, timeout := errors.AsType[*noResponseError](err)
	return send || dial || timeout
}

// isContextError reports whether err is only the end of a context.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
