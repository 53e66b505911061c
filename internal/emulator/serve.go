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

// response is an HTTP response of the API.
type response struct {
	status   int    // 0 closes the connection without a response
	code     string // X-Amzn-Errortype, or empty
	body     []byte
	truncate bool // send half of body and close the connection
}

// serveAPI serves a request to the API.
func (e *Emulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil { // the client disconnected
		panic(http.ErrAbortHandler)
	}
	c := newCall(findOperation(r), r, body)
	requestErr := c.checkRequest(r)

	record, fault, requestErr := e.receive(c, requestErr)
	resp := e.respond(r.Context(), c, fault, requestErr)
	if resp.truncate && len(resp.body) == 0 {
		resp = response{}
	}
	// Before the response is sent, so that the client finds its status in Requests.
	e.finish(c, record, resp.status)
	resp.write(w)
}

// readBody returns at most maxBody bytes of the body of r. It reads the whole body, since
// a client that is still sending may not receive the response.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return body, err
}

// receive records c, applies the rate limit and takes a fault. It holds the lock for all
// three, so that faults apply in the order of Requests.
func (e *Emulator) receive(c *call, requestErr error) (*Request, *Fault, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	record := c.request()
	e.record(record)
	if requestErr != nil {
		return record, nil, requestErr
	}
	if !e.allow(c.region) {
		return record, nil, &apiError{http.StatusTooManyRequests, "TooManyRequestsException", "Rate exceeded"}
	}
	fault := e.nextFault(record)
	if fault == nil || fault.Applied || fault.Status >= 200 && fault.Status < 300 && fault.Body == "" {
		e.beginUpdate(c)
	}
	return record, fault, nil
}

// beginUpdate marks the function of c as being updated, or c as concurrent if it already
// is. The caller must hold e.mu.
func (e *Emulator) beginUpdate(c *call) {
	if !c.operation.updatesConfig {
		return
	}
	ref, err := e.resolve(c, nil)
	if err != nil {
		return
	}
	switch f := e.function(ref); {
	case f == nil:
	case f.updating:
		c.concurrent = true
	default:
		f.updating = true
		c.updates = f
	}
}

// respond waits for the latency and returns the response to c: requestErr if not nil, or
// the response of fault, or the result of the operation.
func (e *Emulator) respond(ctx context.Context, c *call, fault *Fault, requestErr error) response {
	if !sleep(ctx, e.options.Latency) {
		return response{}
	}
	if requestErr != nil {
		return errorResponse(requestErr)
	}
	if fault == nil {
		return e.run(c)
	}

	var resp response
	if fault.Applied {
		resp = e.run(c)
	}
	if !sleep(ctx, fault.Delay) {
		return response{}
	}
	switch {
	case fault.Status == 0:
		return response{}
	case fault.Body != "":
		resp = response{status: fault.Status, code: fault.Code, body: []byte(fault.Body)}
	case fault.Status > 299:
		resp = errorResponse(&apiError{fault.Status, fault.Code, fault.Message})
	case !fault.Applied:
		resp = e.run(c)
	}
	resp.truncate = fault.Truncate
	return resp
}

// run carries out the operation of c.
func (e *Emulator) run(c *call) response {
	e.mu.Lock()
	defer e.mu.Unlock()
	out, err := c.operation.run(e, c)
	if err != nil {
		return errorResponse(err)
	}
	resp := response{status: c.operation.success}
	if out != nil {
		resp.body = mustMarshal(out)
	}
	return resp
}

// write sends the response or closes the connection.
func (r response) write(w http.ResponseWriter) {
	if r.status == 0 {
		panic(http.ErrAbortHandler)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Requestid", newUUID())
	if r.code != "" {
		h.Set("X-Amzn-Errortype", r.code)
	}
	if len(r.body) > 0 {
		h.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
	if r.truncate {
		r.body = r.body[:len(r.body)/2]
	}
	_, err := io.Copy(w, bytes.NewReader(r.body))
	if r.truncate && err == nil {
		err = http.NewResponseController(w).Flush()
	}
	if r.truncate || err != nil {
		panic(http.ErrAbortHandler)
	}
}

// sleep waits for d. It returns false if ctx is canceled before.
func sleep(ctx context.Context, d time.Duration) bool {
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

// newUUID returns a random UUID, the format of request IDs.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never returns an error
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// mustMarshal returns v as JSON. It panics if v cannot be encoded.
func mustMarshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
