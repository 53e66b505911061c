// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"golang.org/x/time/rate"
)

// callTimeout is the time limit of one step. An interrupt does not cancel a call, since
// the run could not know then whether it has to delete a function.
const callTimeout = 2 * time.Minute

// response is a recorded response.
type response struct {
	Status    int             `json:"status"`
	Code      string          `json:"code,omitempty"` // error code
	RequestID bool            `json:"requestId"`      // whether the response has a request ID
	Body      json.RawMessage `json:"body,omitempty"`
}

// endpoint is a Lambda API. It records responses.
type endpoint struct {
	client   *lambda.Client
	recorder *recorder
}

// newEndpoint returns an endpoint that makes at most limit calls per second. It retries
// throttled calls only.
func newEndpoint(cfg aws.Config, url string, limit rate.Limit) *endpoint {
	e := &endpoint{recorder: &recorder{limiter: rate.NewLimiter(limit, 1)}}
	e.client = lambda.NewFromConfig(cfg, func(o *lambda.Options) {
		o.HTTPClient = e.recorder
		o.BaseEndpoint = optional(url)
		o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
			s.MaxAttempts = 8
			s.Retryables = []retry.IsErrorRetryable{retry.RetryableErrorCode{
				Codes: map[string]struct{}{"TooManyRequestsException": {}},
			}}
		})
	})
	return e
}

// do makes the calls of a step and returns their responses. It returns an error if there
// is no response.
func (e *endpoint) do(ctx context.Context, s step) ([]response, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	e.recorder.take()
	err := s.call(ctx, e.client)
	responses := e.recorder.take()
	if len(responses) == 0 {
		return nil, fmt.Errorf("no response: %w", err)
	}
	for i := range responses {
		responses[i] = responses[i].selectMembers(s.members)
	}
	return responses, nil
}

// recorder is an HTTP client with a rate limit. It records all responses except for
// throttling errors.
type recorder struct {
	limiter *rate.Limiter

	mu        sync.Mutex
	responses []response
}

// Do implements [lambda.HTTPClient].
func (r *recorder) Do(req *http.Request) (*http.Response, error) {
	if err := r.limiter.Wait(req.Context()); err != nil {
		return nil, err
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if resp.StatusCode == http.StatusTooManyRequests {
		return resp, nil
	}
	if !json.Valid(body) && len(body) > 0 {
		body = marshal(string(body))
	}
	code, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":") // the header may end in ":" and a namespace
	r.mu.Lock()
	defer r.mu.Unlock()
	hasRequestID := resp.Header.Get("X-Amzn-Requestid") != ""
	r.responses = append(r.responses, response{resp.StatusCode, code, hasRequestID, body})
	return resp, nil
}

// take returns the responses since its last call.
func (r *recorder) take() []response {
	r.mu.Lock()
	defer r.mu.Unlock()
	responses := r.responses
	r.responses = nil
	return responses
}

// variable are the members that differ in every response. Only their JSON types are
// compared.
var variable = []string{"LastModified", "NextMarker"}

// lists are the members of list responses with the entries.
var lists = []string{"FunctionEventInvokeConfigs", "Functions", "Versions"}

// selectMembers returns r with only the given members of the body, or of each entry of a
// list. It returns error responses, and r if members is nil, unchanged.
func (r response) selectMembers(members []string) response {
	var body any
	if members == nil || r.Code != "" || json.Unmarshal(r.Body, &body) != nil {
		return r
	}
	r.Body = marshal(selectIn(body, members))
	return r
}

func selectIn(v any, members []string) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	selected := map[string]any{}
	for name, member := range object {
		entries, isList := member.([]any)
		switch {
		case isList && slices.Contains(lists, name):
			for i := range entries {
				entries[i] = selectIn(entries[i], members)
			}
			selected[name] = entries
		case name == "NextMarker" || slices.Contains(members, name):
			selected[name] = member
		}
	}
	return selected
}

// marshal returns a decoded JSON value or a string as JSON.
func marshal(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// normalize returns r as text. The text is equal for equal responses, regardless of the
// values of variable members and of the order of list entries.
func (r response) normalize() string {
	var body any
	if json.Unmarshal(r.Body, &body) == nil {
		body = normalizeValue(body)
	}
	line := fmt.Sprint(r.Status)
	if r.Code != "" {
		line += " " + r.Code
	}
	if !r.RequestID {
		line += " (no request ID)"
	}
	if len(r.Body) > 0 {
		line += " " + string(marshal(body))
	}
	return line
}

func normalizeValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if slices.Contains(variable, name) {
				v[name] = fmt.Sprintf("a %T", member)
			} else {
				v[name] = normalizeValue(member)
			}
		}
	case []any:
		for i := range v {
			v[i] = normalizeValue(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) }) // fmt sorts maps
	}
	return v
}
