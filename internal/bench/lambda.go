// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const region = "us-east-1"

// lambda is an emulator on a local port. It adds a latency that can change, and the times
// of the responses.
type lambda struct {
	*emulator.Emulator

	url     string
	latency atomic.Int64 // a time.Duration

	mu        sync.Mutex
	responses []response
}

// response is a response to the provider or to the other client.
type response struct {
	time   time.Time
	status int
	other  bool // whether the request was the other client's
}

// otherClient is the User-Agent of the client other than the provider.
const otherClient = "other"

// listen starts a lambda. It stops when ctx is canceled.
func listen(ctx context.Context, options emulator.Options) (*lambda, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &lambda{Emulator: emulator.New(options), url: "http://" + listener.Addr().String()}
	server := &http.Server{
		Handler:           l,
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() { _ = server.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return l, nil
}

// ServeHTTP implements [http.Handler].
func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(time.Duration(l.latency.Load()))
	recorder := &statusRecorder{ResponseWriter: w}
	l.Emulator.ServeHTTP(recorder, r)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.responses = append(l.responses, response{time.Now(), recorder.status, r.UserAgent() == otherClient})
}

type statusRecorder struct {
	http.ResponseWriter

	status int
}

// WriteHeader implements [http.ResponseWriter].
func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// succeeded returns the times, in order, of the calls of the provider or of the other
// client that were not throttled.
func (l *lambda) succeeded(other bool) []time.Time { return l.times(other, false) }

// throttled returns the number of throttled calls of the provider.
func (l *lambda) throttled() int { return len(l.times(false, true)) }

func (l *lambda) times(other, throttled bool) []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	var times []time.Time
	for _, r := range l.responses {
		if r.other == other && throttled == (r.status == http.StatusTooManyRequests) {
			times = append(times, r.time)
		}
	}
	return times
}

// callAsOther makes calls as another client in the account, rate per second, until ctx is
// canceled. They list the configurations of one function.
func (l *lambda) callAsOther(ctx context.Context, function string, rate float64) error {
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		url := fmt.Sprintf("%s/2019-09-25/functions/%s/event-invoke-config/list", l.url, function)
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		r.Header.Set("User-Agent", otherClient)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=other/20260101/"+region+"/lambda/aws4_request, "+
			"SignedHeaders=host, Signature=0")
		response, err := http.DefaultClient.Do(r)
		if ctx.Err() != nil {
			return nil // canceled during the call
		}
		if err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
	}
}
