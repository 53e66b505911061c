// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"errors"
	"regexp"
	"sync"
	"time"
)

// CredentialsError is a call that was not sent because its credentials could
// not be retrieved. A credentials provider returns it. Its cause, such as an
// error of STS, says nothing about Lambda.
type CredentialsError struct {
	Summary   string // what failed, without a full stop
	Detail    string // the reason and what to do
	Transient bool   // whether a retry may succeed
	Err       error  // the cause, nil for none
}

func (e *CredentialsError) Error() string { return e.Summary + ".\n\n" + e.Detail }

func (e *CredentialsError) Unwrap() error { return e.Err }

// RetryableError makes the SDK's retryer retry a transient error.
func (e *CredentialsError) RetryableError() bool { return e.Transient }

// credentialsOf returns the [*CredentialsError] in err, nil for none.
func credentialsOf(err error) *CredentialsError {
	failed, _ := errors.AsType[*CredentialsError](err)
	return failed
}

// repeatTime is how long after an error of the credentials the same error is a
// repetition. A longer pause separates two runs of a long-lived provider.
const repeatTime = time.Minute

// requestIDs matches the only part of the SDK's texts that differs between two
// responses for the same reason.
var requestIDs = regexp.MustCompile(`(?i)request ?id: [^,\s]*`)

// repetitions finds the errors of credentials that repeat the one before.
type repetitions struct {
	mu   sync.Mutex
	last string // empty for none
	at   time.Time
}

// add records the outcome of a call, and reports whether it repeats the error
// of the credentials of the call before.
func (r *repetitions) add(err error) bool {
	failed := credentialsOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if failed == nil {
		if !isEnd(err) && !isUnsent(err) { // then the credentials were retrieved
			r.last = ""
		}
		return false
	}
	text, now := requestIDs.ReplaceAllString(failed.Error(), ""), time.Now()
	repeated := text == r.last && now.Sub(r.at) < repeatTime
	r.last, r.at = text, now
	return repeated
}
