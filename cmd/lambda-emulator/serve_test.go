// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// startServer calls serve and returns its address. A test can wait for readTimeout.
func startServer(t *testing.T, readTimeout time.Duration, options emulator.Options) string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	stdout, w := io.Pipe()
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx, arguments{listen: "127.0.0.1:0", readTimeout: readTimeout, Options: options}, w)
	}()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(strings.TrimSpace(line), "listening on http://")
}

func TestServe_closesUnfinishedRequests(t *testing.T) {
	t.Parallel()
	const (
		head = " HTTP/1.1\r\nHost: localhost\r\n"
		put  = "PUT /2019-09-25/functions/fn/event-invoke-config" + head
	)
	address := startServer(t, 200*time.Millisecond, emulator.Options{})
	for name, sent := range map[string]string{
		"nothing":                           "",
		"half of a line":                    "GET /2015",
		"half of the headers":               put,
		"half of a body":                    put + "Content-Length: 100\r\n\r\n{",
		"half of a chunked body":            put + "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
		"a request, and half of the second": "GET /_emulator/requests" + head + "\r\n" + put,
		"half of a fault":                   "POST /_emulator/faults" + head + "Content-Length: 100\r\n\r\n{",
		"half of a body that is not read":   "GET /_emulator/requests" + head + "Content-Length: 100\r\n\r\n{",
		"half of a body that is rejected":   "PUT / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 100\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := io.WriteString(conn, sent); err != nil {
				t.Fatal(err)
			}
			if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the connection is still open: %v", err)
			}
		})
	}
}

func TestServe_delayedResponseMayExceedReadTimeout(t *testing.T) {
	const readTimeout = 100 * time.Millisecond
	address := startServer(t, readTimeout, emulator.Options{Latency: 5 * readTimeout})
	for _, request := range [][3]string{
		{http.MethodGet, "/2015-03-31/functions", ""},
		{http.MethodPost, "/2015-03-31/functions", `{"FunctionName":"fn"}`},
		{http.MethodPut, "/2019-09-25/functions/fn/event-invoke-config", `{"MaximumRetryAttempts":1}`},
	} {
		url := "http://" + address + request[1]
		r, err := http.NewRequestWithContext(t.Context(), request[0], url, strings.NewReader(request[2]))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251107/us-east-1/lambda/aws4_request")
		begin := time.Now()
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Errorf("%s %s: %v", request[0], request[1], err)
			continue
		}
		_ = resp.Body.Close()
		if took := time.Since(begin); resp.StatusCode > 299 || took < 5*readTimeout {
			t.Errorf("%s %s: got %s after %s", request[0], request[1], resp.Status, took)
		}
	}
}

func TestParse_defaults(t *testing.T) {
	a, err := parse(nil, io.Discard)
	if err != nil || a.readTimeout != 10*time.Second || a.RequestLog != 10_000 ||
		!strings.HasPrefix(a.listen, "127.0.0.1:") {
		t.Errorf("got %+v and %v", a, err)
	}
}

func TestParse_acceptsRequestsForListenHost(t *testing.T) {
	a, err := parse([]string{"-host", "lambda", "-listen", "emulator.test:4566"}, io.Discard)
	if want := []string{"lambda", "emulator.test"}; err != nil || !slices.Equal(a.Hosts, want) {
		t.Errorf("got %q and %v, want %q", a.Hosts, err, want)
	}
}
