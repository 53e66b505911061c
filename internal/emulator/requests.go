// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import "encoding/json"

// InFlight is the Status of a request before its response is sent.
const InFlight = -1

// maxRecordedBytes is the maximum of recordedBytes.
const maxRecordedBytes = 64 << 20

// Request is a request that the API received. Requests below /_emulator/ and calls of
// methods of Emulator are not recorded.
type Request struct {
	// Operation is the name of the API operation, such as
	// "PutFunctionEventInvokeConfig", or empty if the operation is unknown.
	Operation string `json:"operation"`

	// Region is the region of the credential scope, or empty without a valid one.
	Region string `json:"region"`

	// Function is the function name without ARN and qualifier, or the reference as
	// sent if it is invalid. It is empty for ListFunctions.
	Function string `json:"function"`

	// Qualifier is the qualifier in the Qualifier parameter or in the function
	// reference, and defaults to "$LATEST". It is empty for operations without a
	// qualifier and for a DeleteFunction of the whole function.
	Qualifier string `json:"qualifier"`

	// Body is the JSON object in the request body, or nil. It is nil for
	// CreateFunction and unknown operations, whose bodies contain code. Do not
	// modify it.
	Body json.RawMessage `json:"body"`

	// Status is the status of the response, even if the response was truncated. It
	// is 0 if the connection was closed without a response, and InFlight before.
	Status int `json:"status"`
}

// Requests returns the requests since the last ClearRequests, in order of arrival. A
// client that has received a response finds its Status here.
//
// The emulator drops the oldest requests if there are more than Options.RequestLog, or
// if their text, including bodies, exceeds 64 MiB.
func (e *Emulator) Requests() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	requests := make([]Request, 0, len(e.requests))
	for _, r := range e.requests {
		requests = append(requests, *r)
	}
	return requests
}

// ClearRequests removes all recorded requests, including requests in flight.
func (e *Emulator) ClearRequests() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests, e.recordedBytes = nil, 0
}

// record appends r to the recorded requests and drops the oldest ones above the limits.
// The caller must hold e.mu.
func (e *Emulator) record(r *Request) {
	e.requests = append(e.requests, r)
	e.recordedBytes += r.size()
	drop := 0
	for ; len(e.requests)-drop > e.options.RequestLog || e.recordedBytes > maxRecordedBytes; drop++ {
		e.recordedBytes -= e.requests[drop].size()
	}
	clear(e.requests[:drop]) // lets the garbage collector free them
	e.requests = e.requests[drop:]
}

// size returns the number of bytes of text in r, which includes its body.
func (r *Request) size() int {
	return len(r.Operation) + len(r.Region) + len(r.Function) + len(r.Qualifier) + len(r.Body)
}

// finish records the status of the response to c, and ends the update that c makes.
func (e *Emulator) finish(c *call, r *Request, status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.Status = status
	if c.updates != nil {
		c.updates.updating = false
	}
}
