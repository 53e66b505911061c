// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// reply is an answer as it goes over the wire.
type reply struct {
	status   int    // 0: the connection is closed instead
	code     string // of an error
	body     []byte
	truncate bool // the connection is closed in the middle of body
}

// serveAPI answers a request to the API.
func (e *Emulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil { // the client left before it had sent everything
		panic(http.ErrAbortHandler)
	}
	c := newCall(findOperation(r), r, body)
	refusal := c.checkRequest(r)

	record, fault, refusal := e.arrive(c, refusal)
	answer := e.answer(r.Context(), c, fault, refusal)
	if answer.truncate && len(answer.body) == 0 {
		answer = reply{}
	}
	// Before the answer is out, so that a client which has it finds it.
	e.finish(c, record, answer.status)
	answer.write(w)
}

// readBody returns the body of r, or its first maxBody bytes if it is too
// large. It reads all of it, because a client that is still sending may not
// see the answer.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return body, err
}

// arrive records c and takes from the rate limit and the faults what c gets
// of them. It is one step, so that faults strike in the order of the record.
func (e *Emulator) arrive(c *call, refusal error) (*Request, *Fault, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	record := c.request()
	e.record(record)
	if refusal != nil {
		return record, nil, refusal
	}
	if !e.admit(c.region) {
		return record, nil, &apiError{http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded"}
	}
	fault := e.takeFault(record)
	if fault == nil || fault.Applied || fault.Status >= 200 && fault.Status < 300 && fault.Body == "" {
		e.hold(c)
	}
	return record, fault, nil
}

// hold notes that c is changing a configuration of a function, or that another
// call is already doing so. It is called under the lock.
func (e *Emulator) hold(c *call) {
	if !c.operation.changesConfig {
		return
	}
	ref, err := e.resolve(c, nil)
	if err != nil {
		return
	}
	switch f := e.function(ref); {
	case f == nil:
	case f.changing:
		c.overlapping = true
	default:
		f.changing = true
		c.writing = f
	}
}

// answer does what c asks for, or what the fault or the refusal says instead,
// and returns when it is time to answer.
func (e *Emulator) answer(ctx context.Context, c *call, fault *Fault, refusal error) reply {
	if !wait(ctx, e.options.Latency) {
		return reply{}
	}
	if refusal != nil {
		return errorReply(refusal)
	}
	if fault == nil {
		return e.do(c)
	}

	var done reply
	if fault.Applied {
		done = e.do(c)
	}
	if !wait(ctx, fault.Delay) {
		return reply{}
	}
	switch {
	case fault.Status == 0:
		return reply{}
	case fault.Body != "":
		done = reply{status: fault.Status, code: fault.Code, body: []byte(fault.Body)}
	case fault.Status > 299:
		done = errorReply(&apiError{fault.Status, fault.Code, fault.Message})
	case !fault.Applied:
		done = e.do(c)
	}
	done.truncate = fault.Truncate
	return done
}

// do carries out c.
func (e *Emulator) do(c *call) reply {
	e.mu.Lock()
	defer e.mu.Unlock()
	answer, err := c.operation.run(e, c)
	if err != nil {
		return errorReply(err)
	}
	if answer == nil {
		return reply{status: c.operation.success}
	}
	return reply{status: c.operation.success, body: mustMarshal(answer)}
}

// write sends the answer, or closes the connection.
func (a reply) write(w http.ResponseWriter) {
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Requestid", newID())
	if a.code != "" {
		h.Set("X-Amzn-Errortype", a.code)
	}
	if len(a.body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if a.truncate {
		a.body = a.body[:len(a.body)/2]
	}
	_, err := io.Copy(w, bytes.NewReader(a.body))
	if a.truncate && err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if a.truncate || err != nil {
		panic(http.ErrAbortHandler)
	}
}

// wait returns false where ctx ends before d has passed.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// newID returns a random UUID, the form of a request ID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// mustMarshal returns v as JSON. Everything it is called with can be.
func mustMarshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
