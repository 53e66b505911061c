// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package emulator is Lambda's control plane in memory: an http.Handler that
// answers the operations on asynchronous invocation configurations, and those
// on functions, versions and aliases that set their stage, as the service was
// recorded to answer them, headers and error bodies included.
//
// Every Emulator is one account with all of its regions. It checks no
// signature; it reads the region from the request's SigV4 credential scope.
// It does not invoke functions and does not evaluate IAM policies. A [Fault]
// simulates a missing permission. A change of a function's configurations is in
// progress until its response, which Options.Latency or a Fault delays. Meanwhile
// the emulator rejects every other change of that function's configurations, as
// Lambda does.
//
// The emulator answers only requests to a host of its own, see Options.Hosts, and
// none that a web page of another origin makes. The response to any other request
// is 403. Such a request has no effect and is not recorded.
//
// Below /_emulator/ it is controlled over HTTP, without authorization:
//
//	GET    /_emulator/health     succeeds, with status 204
//	GET    /_emulator/requests   the requests received, a JSON array of [Request]
//	DELETE /_emulator/requests   forgets them
//	POST   /_emulator/faults     queues one [Fault]
//	DELETE /_emulator/faults     forgets all of them
package emulator

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// UpdateDestinations says what UpdateFunctionEventInvokeConfig does with a
// side of DestinationConfig that is left out while the other one is sent. No
// recording of the service shows it, and deployments of the API differ.
type UpdateDestinations string

const (
	// Replace clears the side that is left out.
	Replace UpdateDestinations = "replace"
	// Merge keeps the side that is left out.
	Merge UpdateDestinations = "merge"
)

// Options are what one Emulator differs in from another. The zero value is a
// fast account without a rate limit.
type Options struct {
	// AccountID is the account that everything belongs to, twelve digits.
	// Default: 123456789012.
	AccountID string

	// RequestsPerSecond is the rate at which every region of the account may
	// be called, all operations together; what exceeds it is answered with 429
	// TooManyRequestsException. 0: no limit. Lambda's own quota is 15.
	RequestsPerSecond float64

	// Burst is how many requests may come at once before the rate counts.
	// Default: RequestsPerSecond rounded down, at least 1.
	Burst int

	// Hosts are names that the emulator is reached by, without a port. It always
	// answers requests to localhost and to an IP address. A web page reaches the
	// emulator under a name of its own if DNS resolves that name to the emulator
	// (DNS rebinding), which takes a name.
	Hosts []string

	// RequestLog is the largest number of requests that Requests returns.
	// Default: 100,000.
	RequestLog int

	// Latency passes before every answer, except those to control requests.
	Latency time.Duration

	// UpdateDestinations is Replace or Merge. Default: Replace.
	UpdateDestinations UpdateDestinations

	// Clock tells the time for the rate limit and for LastModified. Default:
	// time.Now.
	Clock func() time.Time

	// FaultFunc, if not nil, returns the fault for a request that no queued Fault
	// matches. If it returns nil, the emulator responds normally. The Operation,
	// Function, Qualifier and Times of the returned Fault are ignored.
	//
	// The emulator makes one call at a time, in the order of Requests, and holds its
	// lock meanwhile. FaultFunc must not block or call methods of the Emulator.
	FaultFunc func(Request) *Fault
}

// Emulator is an account on Lambda, and the http.Handler that its API is
// reached by. Its methods may be called from several goroutines at once.
//
// A connection that is to be closed instead of answered is closed by a panic
// with http.ErrAbortHandler, which http.Server expects of a handler.
//
// Delays and the latency end early with the request's context. http.Server
// ends it when the client leaves; give the server a BaseContext that ends with
// it, where a shutdown must not wait for them.
type Emulator struct {
	options Options

	mu        sync.Mutex // guards what follows
	functions map[functionKey]*function
	requests  []*Request
	logged    int // bytes of text in requests
	faults    []*Fault
	limits    map[string]*rate.Limiter // by region
}

// New returns an empty account.
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

// ServeHTTP answers one request to the API or to /_emulator/.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := e.checkAccess(r); err != nil {
		errorReply(err).write(w)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPath) {
		e.serveControl(w, r)
		return
	}
	e.serveAPI(w, r)
}

// partitions are the ARN partitions of the regions whose names begin so.
// Every other region is in "aws".
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
