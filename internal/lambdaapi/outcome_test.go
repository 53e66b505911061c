// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// A write that was sent continues for ten seconds after it was canceled. A read and
// a retry end immediately.
func TestClient_finishesWriteAfterCancel(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read    bool
		takes   time.Duration
		status  int // of the response, default 200
		succeed bool
		unknown bool
		ends    time.Duration // after the cancelation
	}{
		"write, response in time":     {takes: 6 * time.Second, succeed: true, ends: 5 * time.Second},
		"write, response too late":    {takes: 20 * time.Second, unknown: true, ends: 10 * time.Second},
		"write, transient error":      {takes: 6 * time.Second, status: 503, unknown: true, ends: 5 * time.Second},
		"write, canceled in backoff":  {takes: 0, status: 503, unknown: true},
		"write, throttled":            {takes: 6 * time.Second, status: 429, ends: 5 * time.Second},
		"read":                        {read: true, takes: 6 * time.Second},
		"read, response too late":     {read: true, takes: 20 * time.Second},
		"read, canceled in a backoff": {read: true, status: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(_ int, r *http.Request) (*http.Response, error) {
					select {
					case <-time.After(test.takes):
					case <-r.Context().Done():
						return nil, r.Context().Err()
					}
					switch test.status {
					case 0:
						return success()
					case http.StatusTooManyRequests:
						throttled, err := response(test.status, strings.NewReader("{}"))
						throttled.Header.Set("X-Amzn-Errortype", "TooManyRequestsException")
						return throttled, err
					}
					return response(test.status, strings.NewReader("{}"))
				}}
				client := server.client()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				var canceled time.Time
				time.AfterFunc(time.Second, func() {
					canceled = time.Now()
					cancel()
				})
				var err error
				if test.read {
					_, err = client.Get(ctx, target(t, "f"))
				} else {
					_, err = client.Put(ctx, target(t, "f"), defaults)
				}
				if (err == nil) != test.succeed || err != nil && !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				if lambdaapi.IsOutcomeUnknown(err) != test.unknown {
					t.Errorf("outcome unknown = %t: %v", !test.unknown, err)
				}
				if after := time.Since(canceled); after != test.ends {
					t.Errorf("ended %s after it was canceled, want %s", after, test.ends)
				}
				time.Sleep(time.Minute) // timers of the attempt
			})
		})
	}
}

// The outcome is known if Lambda rejected each attempt, or if no attempt reached it.
func TestClient_outcomeUnknown(t *testing.T) {
	t.Parallel()
	const code = "X-Amzn-Errortype"
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, test := range map[string]struct {
		status     int
		code, body string
		err        error // instead of a response
		unknown    bool
	}{
		"denied":                     {status: 403, code: "AccessDeniedException"},
		"throttled":                  {status: 429, code: "TooManyRequestsException"},
		"conflict":                   {status: 409, code: "ResourceConflictException"},
		"no such operation":          {status: 501, body: "<html>"},
		"connection refused":         {err: dial(syscall.ECONNREFUSED)},
		"dial that times out":        {err: dial(timeout{})},
		"service error":              {status: 500, code: "ServiceException", unknown: true},
		"error of a proxy":           {status: 502, body: "<html>", unknown: true},
		"refusal of a proxy":         {status: 403, body: "<html>", unknown: true},
		"refusal without a code":     {status: 403, body: "{}", unknown: true},
		"connection closed":          {err: io.ErrUnexpectedEOF, unknown: true},
		"connection reset":           {err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}, unknown: true},
		"success that is unreadable": {status: 200, body: "<html>", unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 && test.err != nil {
						return nil, test.err
					}
					status, header, body := 403, "AccessDeniedException", `{"Message":"no"}`
					if n == 1 {
						status, header, body = test.status, test.code, cmp.Or(test.body, body)
					}
					r, err := response(status, strings.NewReader(body))
					r.Header.Set(code, header)
					return r, err
				}}
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				client := server.client(func(cfg *aws.Config) { cfg.RetryMaxAttempts = 2 })
				_, err := client.Put(ctx, target(t, "f"), defaults)
				if err == nil || lambdaapi.IsOutcomeUnknown(err) != test.unknown {
					t.Errorf("outcome unknown = %t, %d requests: %v", lambdaapi.IsOutcomeUnknown(err), server.n, err)
				}
				if _, err = client.Get(ctx, target(t, "f")); lambdaapi.IsOutcomeUnknown(err) {
					t.Errorf("of a read: %v", err)
				}
			})
		})
	}
}

// timeout is the error of a system call that timed out.
type timeout struct{}

func (timeout) Error() string { return "i/o timeout" }
func (timeout) Timeout() bool { return true }
