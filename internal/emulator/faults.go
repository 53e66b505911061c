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

// Fault is something other than the right answer, for the next Times requests
// that match it. Of several that match, the one queued first strikes. Requests
// that are refused for their authorization or by the rate limit meet none.
//
// In the JSON of /_emulator/faults the names are those of the tags, and delay
// is a string as time.ParseDuration takes it: "2s". There a status that is left
// out is 0, and 200 beside a delay with nothing applied: a slow answer.
type Fault struct {
	// Operation, Function and Qualifier are what a request must have in its
	// [Request] to match. One that is empty matches anything.
	Operation string `json:"operation"`
	Function  string `json:"function"`
	Qualifier string `json:"qualifier"`

	// Times is how many requests the fault strikes. 0 means 1.
	Times int `json:"times"`

	// Status is what is answered:
	//
	//   - 0: nothing. The connection is closed. Note that Go's http.Transport
	//     repeats a GET by itself when that happens to a connection that it
	//     has used before, and that the repetition is a request of its own.
	//   - 200 to 299: the operation is carried out and answered as it would
	//     be without the fault, its own status included, only after Delay.
	//     With a Body, that is answered instead, and the operation is carried
	//     out only if Applied.
	//   - 400 to 599: the error that Code and Message say, in a body of the
	//     form that the service has for it, or the Body if there is one.
	Status int `json:"status"`

	// Code is the X-Amzn-Errortype of an error. Without it the answer has no
	// such header, like one of a proxy on the way.
	Code    string `json:"code"`
	Message string `json:"message"`

	// Delay passes before the answer, or before the connection is closed.
	Delay time.Duration `json:"-"`

	// Applied carries the operation out before the delay, even if the answer
	// then denies it or is lost. Without it, an error or a closed connection
	// means that nothing has been changed.
	Applied bool `json:"applied"`

	// Body is answered as it is, JSON or not, instead of the body that Status
	// would have: an answer that cannot be read, or another deployment's.
	Body string `json:"body"`

	// Truncate announces the whole length of the answer, sends half of it and
	// closes the connection. An answer without a body is not sent at all.
	Truncate bool `json:"truncate"`
}

// AddFault queues f. It panics where f can never strike or contradicts itself,
// for which POST /_emulator/faults answers 400.
func (e *Emulator) AddFault(f Fault) {
	if err := f.check(); err != nil {
		panic("emulator: " + err.Error())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f.Times = max(1, f.Times)
	e.faults = append(e.faults, &f)
}

// ClearFaults forgets the faults that have not struck yet.
func (e *Emulator) ClearFaults() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.faults = nil
}

// takeFault returns the fault that strikes r, nil for none. It is called under
// the lock.
func (e *Emulator) takeFault(r *Request) *Fault {
	matches := func(want, is string) bool { return want == "" || want == is }
	for i, f := range e.faults {
		if matches(f.Operation, r.Operation) && matches(f.Function, r.Function) && matches(f.Qualifier, r.Qualifier) {
			if f.Times--; f.Times == 0 {
				e.faults = slices.Delete(e.faults, i, i+1)
			}
			struck := *f // the original may strike others meanwhile
			return &struck
		}
	}
	if e.options.FaultFunc == nil {
		return nil
	}
	return e.options.FaultFunc(*r)
}

// check returns an error that says what f contradicts itself in.
func (f Fault) check() error {
	named := func(op operation) bool { return op.name == f.Operation }
	switch {
	case f.Operation != "" && !slices.ContainsFunc(operations, named):
		return fmt.Errorf("operation: there is no %q", f.Operation)
	case strings.Contains(f.Function, ":"):
		return fmt.Errorf("function: %q is not the bare name of a function", f.Function)
	case f.Times < 0:
		return fmt.Errorf("times: %d is negative", f.Times)
	case f.Delay < 0:
		return fmt.Errorf("delay: %s is negative", f.Delay)
	case f.Status != 0 && (f.Status < 200 || f.Status > 599 || f.Status > 299 && f.Status < 400):
		return fmt.Errorf("status: %d is neither 0 (close the connection) nor from 200 to 299 nor from 400 to 599", f.Status)
	case f.Status == 0 && (f.Body != "" || f.Truncate):
		return errors.New("body, truncate: status 0 answers nothing")
	case f.Body != "" && f.Message != "":
		return errors.New("body, message: only one of them can be answered")
	}
	return nil
}

// parseFault reads the JSON of one fault.
func parseFault(data []byte) (Fault, error) {
	var f struct {
		Fault
		Status *int   `json:"status"`
		Delay  string `json:"delay"`
	}
	if err := unmarshal(data, &f, true); err != nil {
		return Fault{}, fmt.Errorf("not the JSON object of a fault: %w", err)
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
