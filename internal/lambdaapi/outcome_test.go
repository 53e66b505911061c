// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
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

// A write that was sent goes on after Terraform cancels it, for ten seconds. A
// read and a retry end at once.
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

// A call that was not sent when Terraform cancels it is not sent afterwards.
func TestClient_sendsNothingAfterCancel(t *testing.T) {
	t.Parallel()
	server := &network{do: func(int, *http.Request) (*http.Response, error) { return success() }}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := server.client().Put(ctx, target(t, "f"), defaults); !errors.Is(err, context.Canceled) || lambdaapi.IsOutcomeUnknown(err) || server.n != 0 {
		t.Errorf("got %v, %d requests", err, server.n)
	}
}

// The outcome is known if Lambda refused each attempt, or if none reached it.
func TestClient_outcomeUnknown(t *testing.T) {
	t.Parallel()
	refusal := func(status int, code string) func() (*http.Response, error) {
		return func() (*http.Response, error) {
			r, err := response(status, strings.NewReader(`{"Message":"no"}`))
			r.Header.Set("X-Amzn-Errortype", code)
			return r, err
		}
	}
	denied := refusal(403, "AccessDeniedException")
	body := func(status int, body string) func() (*http.Response, error) {
		return func() (*http.Response, error) { return response(status, strings.NewReader(body)) }
	}
	fails := func(err error) func() (*http.Response, error) {
		return func() (*http.Response, error) { return nil, err }
	}
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, test := range map[string]struct {
		first   func() (*http.Response, error)
		unknown bool
	}{
		"denied":                     {denied, false},
		"throttled":                  {refusal(429, "TooManyRequestsException"), false},
		"conflict":                   {refusal(409, "ResourceConflictException"), false},
		"no such operation":          {body(501, "<html>"), false},
		"connection refused":         {fails(dial(syscall.ECONNREFUSED)), false},
		"dial that times out":        {fails(dial(timeout{})), false},
		"service error":              {refusal(500, "ServiceException"), true},
		"error of a proxy":           {body(502, "<html>"), true},
		"refusal of a proxy":         {body(403, "<html>"), true},
		"refusal without a code":     {body(403, "{}"), true},
		"connection closed":          {fails(io.ErrUnexpectedEOF), true},
		"connection reset":           {fails(&net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}), true},
		"success that is unreadable": {body(200, "<html>"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(n int, _ *http.Request) (*http.Response, error) {
					if n == 1 {
						return test.first()
					}
					return denied()
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
