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

// An attempt times out after attemptTimeout, or after half of the time that its
// call has left if that is less, so that a retry can follow. The timeout is at
// least minAttemptTimeout.
const (
	attemptTimeout    = 30 * time.Second
	minAttemptTimeout = 10 * time.Second
)

// noResponseError is the error of an attempt that timed out.
type noResponseError struct{ timeout time.Duration }

func (e *noResponseError) Error() string { return fmt.Sprintf("no response within %s", e.timeout) }

// Timeout makes the SDK's retryer retry the attempt.
func (e *noResponseError) Timeout() bool { return true }

// gracePeriod is how long an attempt at a write continues after its call was
// canceled. Without the response, the outcome would be unknown.
const gracePeriod = 10 * time.Second

// limitAttempt returns a middleware that limits the time of an attempt,
// including the time to read the response. If the attempt times out before there
// is a connection, its error is that of a dial that timed out. The middleware
// also records whether Lambda may have carried out a write.
func (r *retryer) limitAttempt(isWrite bool) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("LimitAttempt", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		if err := ctx.Err(); err != nil {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, err
		}
		timeout := attemptTimeout
		if deadline, ok := ctx.Deadline(); ok {
			timeout = max(min(attemptTimeout, time.Until(deadline)/2), minAttemptTimeout).Round(time.Second)
		}
		withTimeout := context.WithTimeout
		if isWrite {
			withTimeout = withGracePeriod
		}
		attempt, cancel := withTimeout(ctx, timeout)
		defer cancel()
		var dialing atomic.Pointer[net.OpError]
		out, metadata, err := next.HandleDeserialize(httptrace.WithClientTrace(attempt, traceDial(&dialing)), in)
		timedOut := errors.Is(attempt.Err(), context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded)
		if isContextError(err) && timedOut {
			if dial := dialing.Load(); dial != nil {
				err = dial
			} else if ctx.Err() == nil {
				err = &noResponseError{timeout}
			}
		}
		r.mayHaveWritten = r.mayHaveWritten || isWrite && mayHaveWritten(err)
		return out, metadata, err
	})
}

// withGracePeriod is [context.WithTimeout], except that the context ends
// [gracePeriod] after ctx is canceled.
func withGracePeriod(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			time.AfterFunc(gracePeriod, cancel)
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
// the attempt failed with err. It has not if it responded with one of its error
// codes.
func mayHaveWritten(err error) bool {
	if err == nil || isPermanent(err) || isUnreachable(err) || dialError(err) != nil {
		return false
	}
	status, code := statusOf(err), codeOf(err)
	return status < http.StatusBadRequest || status >= http.StatusInternalServerError || code == "" || code == codeNone
}

// traceDial returns a trace that stores the dial in progress, as the error of a
// timeout, and nil while the request has a connection. The transport dials in
// the background and does not return this error if the context ends first.
func traceDial(dialing *atomic.Pointer[net.OpError]) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart: func(info httptrace.DNSStartInfo) {
			timeout := &net.DNSError{Err: os.ErrDeadlineExceeded.Error(), Name: info.Host, IsTimeout: true}
			dialing.Store(&net.OpError{Op: "dial", Net: "tcp", Err: timeout})
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

// outageTimeout is how long calls are retried while no connection can be made.
const outageTimeout = 10 * time.Second

// outage records since when no connection could be made. All calls share it, so
// that a run without a connection waits once and not once for each resource.
type outage struct {
	mu    sync.Mutex
	since time.Time // zero if there is no outage
	last  time.Time // when the last attempt failed
}

// record records the outcome of an attempt.
func (o *outage) record(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch now := time.Now(); {
	case isContextError(err): // whether a connection could be made is unknown
	case !isUnreachable(err):
		o.since = time.Time{}
	default:
		if o.since.IsZero() || now.Sub(o.last) > outageTimeout { // the outage may have ended between two runs
			o.since = now
		}
		o.last = now
	}
}

// hasTimedOut reports whether the outage has lasted for outageTimeout. It is true
// if no outage was recorded.
func (o *outage) hasTimedOut() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return time.Since(o.since) >= outageTimeout
}

// isUnreachable reports whether no connection could be made: the host or the
// route does not exist, or the host refused the connection. A failed name lookup
// counts, even after a timeout. A dial that timed out does not count, since
// packets may have been lost.
func isUnreachable(err error) bool {
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return true
	}
	dial := dialError(err)
	return dial != nil && !dial.Timeout()
}

// dialError returns the error of a failed dial in err, or nil. An error of a proxy
// wraps it.
func dialError(err error) *net.OpError {
	for op, ok := errors.AsType[*net.OpError](err); ok; op, ok = errors.AsType[*net.OpError](op.Err) {
		if op.Op == "dial" {
			return op
		}
	}
	return nil
}
