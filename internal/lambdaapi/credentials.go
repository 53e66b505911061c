// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"errors"
	"regexp"
	"sync"
	"time"
)

// CredentialsError is the error of a call that was not sent because its
// credentials could not be retrieved. A credentials provider returns it. Its
// cause, such as an error of STS, is not an error of Lambda.
type CredentialsError struct {
	Summary   string // of the failure, without a period
	Detail    string // the reason and the next step
	Transient bool   // a retry may succeed
	Err       error  // the cause, nil for none
}

func (e *CredentialsError) Error() string { return e.Summary + ".\n\n" + e.Detail }

func (e *CredentialsError) Unwrap() error { return e.Err }

// RetryableError makes the SDK's retryer retry a transient error.
func (e *CredentialsError) RetryableError() bool { return e.Transient }

// credentialsOf returns the [*CredentialsError] in err, or nil.
func credentialsOf(err error) *CredentialsError {
	failed, _ := errors.AsType[*CredentialsError](err)
	return failed
}

// repetitionTime is how long after a [CredentialsError] the same error counts as
// a repetition. A longer pause separates two runs of a long-lived provider.
const repetitionTime = time.Minute

// requestIDs matches the part of the SDK's texts that differs between two
// responses for the same reason.
var requestIDs = regexp.MustCompile(`(?i)request ?id: [^,\s]*`)

// repetitions finds each [CredentialsError] that repeats the previous one.
type repetitions struct {
	mu   sync.Mutex
	last string // text of the previous error, empty for none
	at   time.Time
}

// add records the outcome of a call, and reports whether it is a
// [CredentialsError] that repeats the previous one.
func (r *repetitions) add(err error) bool {
	failed := credentialsOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	if failed == nil {
		if !isContextError(err) && !isUnsent(err) { // the credentials were retrieved
			r.last = ""
		}
		return false
	}
	text, now := requestIDs.ReplaceAllString(failed.Error(), ""), time.Now()
	repeated := text == r.last && now.Sub(r.at) < repetitionTime
	r.last, r.at = text, now
	return repeated
}
