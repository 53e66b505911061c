// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error that the API answers with.
type apiError struct {
	status  int
	code    string // the X-Amzn-Errortype header
	message string // empty: null
}

// Error returns the code and the message.
func (e *apiError) Error() string {
	return e.code + ": " + e.message
}

// body returns the body that the service answers the error with. Its form
// depends on where in the service the error comes from.
func (e *apiError) body() any {
	switch {
	case e.status == http.StatusTooManyRequests:
		return map[string]string{"Reason": "CallerRateLimitExceeded", "Type": "User", "message": e.message}
	case e.status == http.StatusNotFound:
		return map[string]string{"Type": "User", "Message": e.message}
	case e.status >= http.StatusInternalServerError:
		return map[string]string{"Type": "Service", "Message": e.message}
	case e.code == "AccessDeniedException" && e.message == "":
		return map[string]any{"Message": nil}
	case e.code == "AccessDeniedException", e.status == http.StatusRequestEntityTooLarge:
		return map[string]string{"Message": e.message}
	case e.status == http.StatusForbidden, e.code == "ValidationException", e.code == "SerializationException":
		return map[string]string{"message": e.message}
	default:
		return map[string]string{"Type": "User", "message": e.message}
	}
}

// errorReply returns the answer that err is. What is no *apiError cannot
// happen, and would be a failure of the service.
func errorReply(err error) reply {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{http.StatusInternalServerError, "ServiceException", err.Error()}
	}
	return reply{status: e.status, code: e.code, body: mustMarshal(e.body())}
}

func invalidParameter(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "InvalidParameterValueException", fmt.Sprintf(format, args...)}
}

// unreadable is the error for a request that is malformed.
func unreadable(message string) error {
	return &apiError{http.StatusBadRequest, "SerializationException", message}
}

func notFound(format string, args ...any) error {
	return &apiError{http.StatusNotFound, "ResourceNotFoundException", fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &apiError{http.StatusConflict, "ResourceConflictException", fmt.Sprintf(format, args...)}
}

func accessDenied(format string, args ...any) error {
	return forbidden("AccessDeniedException", fmt.Sprintf(format, args...))
}

// refused is the error for a request that the emulator, other than Lambda, does not
// answer.
func refused(format string, args ...any) error {
	return forbidden("ForbiddenException", fmt.Sprintf(format, args...))
}

func forbidden(code, message string) error {
	return &apiError{http.StatusForbidden, code, message}
}
