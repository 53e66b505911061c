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

// lambda is an emulator that is listening, and what the emulator does not do
// itself: a latency that can change, and the times of its answers.
type lambda struct {
	*emulator.Emulator

	url     string
	latency atomic.Int64 // a time.Duration

	mu      sync.Mutex
	answers []answer
}

// answer is one that was given to a client.
type answer struct {
	at     time.Time
	status int
	other  bool // whether it was given to otherClient
}

// otherClient is the User-Agent of the client that is not the provider.
const otherClient = "other"

// listen starts a Lambda that lasts as long as ctx.
func listen(ctx context.Context, options emulator.Options) (*lambda, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &lambda{Emulator: emulator.New(options), url: "http://" + listener.Addr().String()}
	server := &http.Server{Handler: l, ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
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
	l.answers = append(l.answers, answer{time.Now(), recorder.status, r.UserAgent() == otherClient})
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

// granted returns when calls were granted to the provider, or to the other
// client, in order.
func (l *lambda) granted(other bool) []time.Time { return l.answered(other, false) }

// refused returns how many calls the rate limit has refused to one of the two.
func (l *lambda) refused(other bool) int { return len(l.answered(other, true)) }

func (l *lambda) answered(other, refused bool) []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	var times []time.Time
	for _, a := range l.answers {
		if a.other == other && refused == (a.status == http.StatusTooManyRequests) {
			times = append(times, a.at)
		}
	}
	return times
}

// disturb is another client in the same account: it lists the configurations
// of one function, at a rate per second, until ctx ends.
func (l *lambda) disturb(ctx context.Context, function string, rate float64) error {
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
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=other/20260101/"+region+"/lambda/aws4_request, SignedHeaders=host, Signature=0")
		response, err := http.DefaultClient.Do(r)
		if ctx.Err() != nil {
			return nil // the end came while it was asking
		}
		if err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
	}
}
