// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package emulator implements Lambda's control plane in memory: the operations on
// event invoke configurations, and the operations on functions, versions and
// aliases that tests need. Responses, including headers and error bodies, follow
// recordings of the service.
//
// An [Emulator] is one account with all of its regions. It reads the region from
// the SigV4 credential scope of a request and does not check the signature. It does
// not invoke functions or evaluate IAM policies. Use a [Fault] to simulate a missing
// permission.
//
// An update of a function's configurations is in progress until its response is
// sent. Options.Latency and Fault.Delay prolong it. Meanwhile the emulator rejects
// all other updates of that function's configurations, as Lambda does.
//
// The emulator responds with status 403 to requests for a host that is not in
// Options.Hosts, and to requests from a web page of another origin. It neither
// carries out nor records them.
//
// Requests below /_emulator/ control the emulator. They need no authorization:
//
//	GET    /_emulator/health     returns status 204
//	GET    /_emulator/requests   returns the recorded requests, a JSON array of [Request]
//	DELETE /_emulator/requests   clears the recorded requests
//	POST   /_emulator/faults     queues one [Fault]
//	DELETE /_emulator/faults     clears the queued faults
package emulator

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// UpdateDestinations selects how UpdateFunctionEventInvokeConfig treats OnSuccess if
// the request has only OnFailure, and vice versa. No recording of the service shows
// it, and other implementations of the API differ.
type UpdateDestinations string

const (
	// Replace clears the omitted destination.
	Replace UpdateDestinations = "replace"
	// Merge keeps the omitted destination.
	Merge UpdateDestinations = "merge"
)

// Options configure an Emulator. The zero value has no rate limit and no latency.
type Options struct {
	// AccountID is the account ID, twelve digits. Defaults to 123456789012.
	AccountID string

	// RequestsPerSecond is the rate limit of each region, for all operations
	// together. The emulator throttles requests above it with status 429 and
	// TooManyRequestsException. 0 means no limit. Lambda's quota is 15.
	RequestsPerSecond float64

	// Burst is the capacity of each region's token bucket. Defaults to
	// RequestsPerSecond, rounded down, and to at least 1.
	Burst int

	// Hosts are the names, without a port, of the hosts to accept in addition to
	// localhost and IP addresses. A web page can reach the emulator by DNS rebinding
	// only under a host name of that page.
	Hosts []string

	// RequestLog is the maximum number of recorded requests. Defaults to 100,000.
	RequestLog int

	// Latency delays every response, except to requests below /_emulator/.
	Latency time.Duration

	// UpdateDestinations is Replace or Merge. Defaults to Replace.
	UpdateDestinations UpdateDestinations

	// Clock returns the current time, for the rate limit and LastModified. Defaults
	// to time.Now.
	Clock func() time.Time

	// FaultFunc, if not nil, returns the fault for a request that no queued Fault
	// matches. If it returns nil, the emulator responds normally. The Operation,
	// Function, Qualifier and Times of the returned Fault are ignored.
	//
	// The emulator makes one call at a time, in the order of Requests, and holds its
	// lock meanwhile. FaultFunc must not block or call methods of the Emulator.
	FaultFunc func(Request) *Fault
}

// Emulator is an account on Lambda and an http.Handler for its API. Its methods are
// safe for concurrent use.
//
// To close a connection without a response, the handler panics with
// http.ErrAbortHandler, which http.Server expects.
//
// Delays end early if the request's context is canceled. For a fast shutdown, give
// http.Server a BaseContext that is canceled at shutdown.
type Emulator struct {
	options Options

	mu            sync.Mutex // guards the fields below
	functions     map[functionKey]*function
	requests      []*Request
	recordedBytes int // sum of Request.size
	faults        []*Fault
	limits        map[string]*rate.Limiter // by region
}

// New returns an Emulator without functions.
func New(options Options) *Emulator {
	if options.AccountID == "" {
		options.AccountID = "123456789012"
	}
	if options.Burst == 0 {
		options.Burst = max(1, int(options.RequestsPerSecond))
	}
	if options.RequestLog == 0 {
		options.RequestLog = 100_000
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	return &Emulator{
		options:   options,
		functions: map[functionKey]*function{},
		limits:    map[string]*rate.Limiter{},
	}
}

// ServeHTTP implements [http.Handler].
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := e.checkAccess(r); err != nil {
		errorResponse(err).write(w)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPath) {
		e.serveControl(w, r)
		return
	}
	e.serveAPI(w, r)
}

// partitions maps prefixes of region names to ARN partitions. All other regions are
// in "aws".
var partitions = map[string]string{
	"cn-":      "aws-cn",
	"us-gov-":  "aws-us-gov",
	"us-iso-":  "aws-iso",
	"us-isob-": "aws-iso-b",
	"eu-isoe-": "aws-iso-e",
	"us-isof-": "aws-iso-f",
	"eusc-":    "aws-eusc",
}

func partition(region string) string {
	for prefix, p := range partitions {
		if strings.HasPrefix(region, prefix) {
			return p
		}
	}
	return "aws"
}
