// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// An attempt may take attemptTime, or half of the time that its call has left
// if that is less, so that another attempt follows one without a response. It
// may always take minAttemptTime.
const (
	attemptTime    = 30 * time.Second
	minAttemptTime = 10 * time.Second
)

// noResponseError is an attempt without a whole response in time.
type noResponseError struct{ limit time.Duration }

func (e *noResponseError) Error() string { return fmt.Sprintf("no response within %s", e.limit) }

// Timeout makes the SDK's retryer retry the attempt.
func (e *noResponseError) Timeout() bool { return true }

// graceTime is how long an attempt at a write goes on after its call was
// canceled. Without the response, the outcome is unknown.
const graceTime = 10 * time.Second

// limitAttempt returns a middleware that ends an attempt after its time, the
// reading of the response included. An attempt that ends without a connection
// has the error of a dial that timed out, also if the call ends with it. The
// middleware records whether a write may have been carried out.
func (w *waiter) limitAttempt(isWrite bool) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("LimitAttempt", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		if err := ctx.Err(); err != nil {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, err
		}
		limit := attemptTime
		if deadline, ok := ctx.Deadline(); ok {
			limit = max(min(attemptTime, time.Until(deadline)/2), minAttemptTime).Round(time.Second)
		}
		bounded := context.WithTimeout
		if isWrite {
			bounded = withGrace
		}
		attempt, cancel := bounded(ctx, limit)
		defer cancel()
		var dialing atomic.Pointer[net.OpError]
		out, metadata, err := next.HandleDeserialize(httptrace.WithClientTrace(attempt, traceDial(&dialing)), in)
		timedOut := errors.Is(attempt.Err(), context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded)
		if isEnd(err) && timedOut {
			if dial := dialing.Load(); dial != nil {
				err = dial
			} else if ctx.Err() == nil {
				err = &noResponseError{limit}
			}
		}
		w.mayHaveWritten = w.mayHaveWritten || isWrite && mayHaveWritten(err)
		return out, metadata, err
	})
}

// withGrace is [context.WithTimeout], except that the context ends [graceTime]
// after ctx is canceled.
func withGrace(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			time.AfterFunc(graceTime, cancel)
			return
		}
		cancel()
	})
	return attempt, func() {
		stop()
		cancel()
	}
}

// mayHaveWritten reports whether Lambda may have carried out a write although
// the attempt ended with err. It has not if it says so with a code of its own.
func mayHaveWritten(err error) bool {
	if err == nil || isPermanent(err) || isUnreachable(err) || dialError(err) != nil {
		return false
	}
	status, code := statusOf(err), codeOf(err)
	return status < http.StatusBadRequest || status >= http.StatusInternalServerError || code == "" || code == codeNone
}

// traceDial returns a trace that stores the dial in progress as the error of
// its timeout, and nil while a request has a connection. The transport dials in
// the background, and does not return that error if the context ends first.
func traceDial(dialing *atomic.Pointer[net.OpError]) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(info httptrace.DNSStartInfo) {
			dialing.Store(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: os.ErrDeadlineExceeded.Error(), Name: info.Host, IsTimeout: true}})
		},
		ConnectStart: func(network, address string) {
			dial := &net.OpError{Op: "dial", Net: network, Err: os.ErrDeadlineExceeded}
			if a, err := netip.ParseAddrPort(address); err == nil {
				dial.Addr = net.TCPAddrFromAddrPort(a)
			}
			dialing.Store(dial)
		},
		ConnectDone: func(_, _ string, err error) {
			if err == nil {
				dialing.Store(nil)
			}
		},
		GotConn: func(httptrace.GotConnInfo) { dialing.Store(nil) },
	}
}

// outageTime is how long calls are retried while nothing accepts connections.
const outageTime = 10 * time.Second

// outage records since when no connection could be made. Calls share it, so
// that a run without Lambda waits once and not once for each resource.
type outage struct {
	mu    sync.Mutex
	since time.Time // zero for no outage
	last  time.Time // when the last attempt failed
}

// record takes in the outcome of an attempt.
func (o *outage) record(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch now := time.Now(); {
	case isEnd(err): // the outcome is unknown
	case !isUnreachable(err):
		o.since = time.Time{}
	default:
		if o.since.IsZero() || now.Sub(o.last) > outageTime { // a long-lived provider may have made no call in between
			o.since = now
		}
		o.last = now
	}
}

// lasts reports whether calls are no longer retried.
func (o *outage) lasts() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Since(o.since) >= outageTime
}

// isUnreachable reports whether err is a connection that could not be made,
// because it was refused, or because there is no route or no such host. A dial
// that timed out is another error: packets may have been lost.
func isUnreachable(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	dial := dialError(err)
	return dial != nil && !dial.Timeout()
}

// dialError returns the error of a connection that could not be made, nil for
// another error. That of a proxy has one inside.
func dialError(err error) *net.OpError {
	for op, ok := errors.AsType[*net.OpError](err); ok; op, ok = errors.AsType[*net.OpError](op.Err) {
		if op.Op == "dial" {
			return op
		}
	}
	return nil
}
