// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
)

// InFlight is the Status of a request that is not answered yet.
const InFlight = -1

// maxLogged is the largest number of bytes of text, bodies included, in the
// recorded requests.
const maxLogged = 64 << 20

// Request is one request that the API received. A request to /_emulator/ is
// none, and neither is a call of an Emulator's own methods.
type Request struct {
	// Operation is the API's name of it, "PutFunctionEventInvokeConfig". It is
	// empty where the API has no such operation.
	Operation string `json:"operation"`

	// Region is that of the credential scope, empty where there was none.
	Region string `json:"region"`

	// Function is the bare name of the function, however it was spelled, and
	// empty for ListFunctions. A spelling that is none is left as it is.
	Function string `json:"function"`

	// Qualifier is the effective one, from the Qualifier parameter or from
	// within FunctionName, "$LATEST" where neither says one. It is empty for
	// operations that take none, and for a DeleteFunction of the whole function.
	Qualifier string `json:"qualifier"`

	// Body is the JSON object that was sent, nil (null) for none, for
	// CreateFunction and without an Operation: such bodies contain code. It must
	// not be modified.
	Body json.RawMessage `json:"body"`

	// Status is the one that was answered, 0 where the connection was closed
	// instead or the client left, InFlight where neither has happened yet. An
	// answer that breaks off in its middle has the status that it began with.
	Status int `json:"status"`
}

// Requests returns the requests received since the beginning or the last
// ClearRequests, in order of arrival. A request is there as soon as it has
// been read; its Status is there before its answer is out.
//
// The oldest requests are dropped if there are more than Options.RequestLog, or
// if their text, bodies included, exceeds 64 MiB.
func (e *Emulator) Requests() []Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	requests := make([]Request, 0, len(e.requests))
	for _, r := range e.requests {
		requests = append(requests, *r)
	}
	return requests
}

// ClearRequests forgets the requests received so far, those in flight too.
func (e *Emulator) ClearRequests() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests, e.logged = nil, 0
}

// record appends r to the requests and drops the oldest that exceed the limits. It
// is called under the lock.
func (e *Emulator) record(r *Request) {
	e.requests = append(e.requests, r)
	e.logged += r.size()
	drop := 0
	for ; len(e.requests)-drop > e.options.RequestLog || e.logged > maxLogged; drop++ {
		e.logged -= e.requests[drop].size()
	}
	clear(e.requests[:drop]) // the array behind the slice must not keep them
	e.requests = e.requests[drop:]
}

// size returns the number of bytes of text in r.
func (r *Request) size() int {
	return len(r.Operation) + len(r.Region) + len(r.Function) + len(r.Qualifier) + len(r.Body)
}

// finish records the status of the response to c in r, and ends the change that c
// makes.
func (e *Emulator) finish(c *call, r *Request, status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.Status = status
	if c.writing != nil {
		c.writing.changing = false
	}
}
