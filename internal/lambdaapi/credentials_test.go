// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"
)

func TestRepetitions_add(t *testing.T) {
	t.Parallel()
	denied := func(requestID string) error {
		return fmt.Errorf("get identity: %w", &CredentialsError{
			Summary: "Denied", Detail: "403, RequestID: " + requestID + ", AccessDenied",
		})
	}
	other := &CredentialsError{Summary: "Expired"}
	synctest.Test(t, func(t *testing.T) {
		var r repetitions
		for i, step := range []struct {
			after time.Duration
			err   error
			want  bool
		}{
			{0, denied("1"), false},
			{time.Second, denied("2"), true},
			{repetitionTime - time.Second, denied("3"), true},
			{repetitionTime, denied("4"), false}, // a later run
			{0, other, false},
			{0, denied("5"), false},
			{0, nil, false}, // the credentials were retrieved
			{0, denied("6"), false},
			{0, errors.New("500"), false}, // as they were here
			{0, denied("7"), false},
		} {
			time.Sleep(step.after)
			if got := r.add(step.err); got != step.want {
				t.Errorf("step %d: repeated = %t", i, got)
			}
		}
	})
}

// SSO and STS have error codes of the same names.
func TestCodeOf_ignoresOtherServices(t *testing.T) {
	t.Parallel()
	cause := &smithy.GenericAPIError{Code: codeNotFound, Message: "no such role"}
	err := fmt.Errorf("get identity: %w", &CredentialsError{Summary: "No role", Err: cause})
	if IsNotFoundResponse(err) {
		t.Error("an error of SSO counts as an error of Lambda")
	}
	throttled := &smithy.GenericAPIError{Code: "Throttling"}
	if !isThrottled(throttled) || isThrottled(&smithy.OperationError{ServiceID: "STS", Err: throttled}) {
		t.Error("throttling by STS counts as throttling by Lambda, or throttling by Lambda does not count")
	}
	if api := (smithy.APIError)(nil); !errors.As(err, &api) {
		t.Error("the cause is lost")
	}
	text := (&CallError{Operation: "GetFunctionEventInvokeConfig", Err: err, Repeated: true}).Error()
	if !strings.HasSuffix(text, "No role. Another error of this run has the details.") {
		t.Errorf("got %q", text)
	}
}
