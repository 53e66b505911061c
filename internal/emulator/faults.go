// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault replaces or delays the responses to the next Times requests that match it. If
// several faults match, the first in the queue applies. Requests
// that are unauthorized, malformed or throttled do not use up faults.
//
// The JSON of /_emulator/faults has the member names in the tags. There delay is a
// string in the format of time.ParseDuration, such as "2s". If status is omitted, it is
// 200 if delay is set and applied is not, which makes a slow response. Otherwise it is 0.
type Fault struct {
	// Operation, Function and Qualifier must equal the fields of a [Request] for the
	// fault to match it. An empty field matches every request.
	Operation string `json:"operation"`
	Function  string `json:"function"`
	Qualifier string `json:"qualifier"`

	// Times is the number of requests that the fault applies to. 0 means 1.
	Times int `json:"times"`

	// Status selects the response:
	//
	//   - 0: none. The emulator closes the connection. On a reused connection, Go's
	//     http.Transport retries a GET then, which is another request.
	//   - 200 to 299: the normal response, with its normal status, after Delay.
	//     If Body is set, the emulator sends Body with this status instead, and
	//     carries out the operation only if Applied is set.
	//   - 400 to 599: an error with Code and Message in the format of the service,
	//     or with Body if it is set.
	Status int `json:"status"`

	// Code is the X-Amzn-Errortype header of an error. If it is empty, the response
	// has no such header, like the response of a proxy.
	Code    string `json:"code"`
	Message string `json:"message"`

	// Delay is the time before the response is sent or the connection is closed.
	Delay time.Duration `json:"-"`

	// Applied carries out the operation before Delay, even if the response is an
	// error or is lost. Otherwise an error or a closed connection means that the
	// operation was not carried out.
	Applied bool `json:"applied"`

	// Body is sent unchanged as the response body. It need not be JSON.
	Body string `json:"body"`

	// Truncate sends half of the body with the Content-Length of all of it, and
	// closes the connection. A response without a body is not sent at all.
	Truncate bool `json:"truncate"`
}

// AddFault queues f. It panics if f is invalid. POST /_emulator/faults returns status
// 400 then.
func (e *Emulator) AddFault(f Fault) {
	if err := f.check(); err != nil {
		panic("emulator: " + err.Error())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f.Times = max(1, f.Times)
	e.faults = append(e.faults, &f)
}

// ClearFaults removes all queued faults.
func (e *Emulator) ClearFaults() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

// nextFault returns the fault for r, or nil. The caller must hold e.mu.
func (e *Emulator) nextFault(r *Request) *Fault {
	matches := func(want, got string) bool { return want == "" || want == got }
	for i, f := range e.faults {
		if matches(f.Operation, r.Operation) && matches(f.Function, r.Function) && matches(f.Qualifier, r.Qualifier) {
			if f.Times--; f.Times == 0 {
				e.faults = slices.Delete(e.faults, i, i+1)
			}
			fault := *f // later requests decrement Times of the original
			return &fault
		}
	}
	if e.options.FaultFunc == nil {
		return nil
	}
	return e.options.FaultFunc(*r)
}

// check returns an error if f is invalid.
func (f Fault) check() error {
	hasName := func(op operation) bool { return op.name == f.Operation }
	switch {
	case f.Operation != "" && !slices.ContainsFunc(operations, hasName):
		return fmt.Errorf("operation: unknown operation %q", f.Operation)
	case strings.Contains(f.Function, ":"):
		return fmt.Errorf("function: %q must be a function name without ARN or qualifier", f.Function)
	case f.Times < 0:
		return fmt.Errorf("times: %d must not be negative", f.Times)
	case f.Delay < 0:
		return fmt.Errorf("delay: %s must not be negative", f.Delay)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599 || f.Status > 299 && f.Status < 400):
		return fmt.Errorf("status: %d must be 0 (close the connection), 200 to 299, or 400 to 599", f.Status)
	case f.Status == 0 && (f.Body != "" || f.Truncate):
		return errors.New("body, truncate: must not be set with status 0, which sends no response")
	case f.Body != "" && f.Message != "":
		return errors.New("body, message: must not both be set")
	}
	return nil
}

// parseFault decodes the JSON of one fault.
func parseFault(data []byte) (Fault, error) {
	var f struct {
		Fault
		Status *int   `json:"status"`
		Delay  string `json:"delay"`
	}
	if err := unmarshal(data, &f, true); err != nil {
		return Fault{}, fmt.Errorf("cannot decode the fault: %w", err)
	}
	if f.Delay != "" {
		delay, err := time.ParseDuration(f.Delay)
		if err != nil {
			return Fault{}, fmt.Errorf("delay: %w", err)
		}
		f.Fault.Delay = delay
	}
	switch {
	case f.Status != nil:
		f.Fault.Status = *f.Status
	case f.Fault.Delay > 0 && !f.Applied:
		f.Fault.Status = http.StatusOK
	}
	return f.Fault, f.check()
}
