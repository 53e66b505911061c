// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"errors"
	"fmt"
	"net/http"
)

// apiError is an error response of the API.
type apiError struct {
	status  int
	code    string // the X-Amzn-Errortype header
	message string // AccessDeniedException sends an empty message as null
}

// Error implements the error interface.
func (e *apiError) Error() string {
	return e.code + ": " + e.message
}

// body returns the response body. Its members depend on the part of the service that
// raises the error.
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

// errorResponse returns the response for err. An error other than an *apiError is a bug
// in the emulator, and becomes status 500.
func errorResponse(err error) response {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{http.StatusInternalServerError, "ServiceException", err.Error()}
	}
	return response{status: e.status, code: e.code, body: mustMarshal(e.body())}
}

func invalidParameter(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, "InvalidParameterValueException", fmt.Sprintf(format, args...)}
}

// serializationError is the error for a malformed request.
func serializationError(message string) error {
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

func forbidden(code, message string) error {
	return &apiError{http.StatusForbidden, code, message}
}
