// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestRequests_haveFunctionQualifierBodyAndStatus(t *testing.T) {
	s := start(t, emulator.Options{})
	equal(t, "none", s.raw(t, "", "GET", "/_emulator/requests", "").body, "[]")
	s.AddFault(emulator.Fault{Operation: "DeleteFunctionEventInvokeConfig", Status: 503})
	for _, r := range [][3]string{
		{"PUT", "/2019-09-25/functions/" + prefix + "fn/event-invoke-config?Qualifier=live", `{"MaximumRetryAttempts": 1}`},
		{"GET", "/2019-09-25/functions/fn:1/event-invoke-config", ""},
		{"POST", configPath, `[1]`},
		{"DELETE", configPath, ""},
		{"GET", "/2019-09-25/functions/fn:live/event-invoke-config/list", ""},
		{"GET", "/2015-03-31/functions", ""},
		{"GET", "/2015-03-31/functions/fn", ""},
		{"DELETE", "/2015-03-31/functions/fn?Qualifier=2", ""},
		{"DELETE", "/2015-03-31/functions/fn", ""},
		{"GET", "/nowhere", ""},
	} {
		s.send(t, r[0], r[1], r[2])
	}
	record := func(operation, function, qualifier, body string, status int) string {
		return fmt.Sprintf(`{"operation":%q,"region":"us-east-1","function":%q,"qualifier":%q,"body":%s,"status":%d}`,
			operation, function, qualifier, body, status)
	}
	want := "[" + record("PutFunctionEventInvokeConfig", "fn", "live", `{"MaximumRetryAttempts":1}`, 200) +
		"," + record("GetFunctionEventInvokeConfig", "fn", "1", "null", 404) +
		"," + record("UpdateFunctionEventInvokeConfig", "fn", "$LATEST", "null", 400) +
		"," + record("DeleteFunctionEventInvokeConfig", "fn", "$LATEST", "null", 503) +
		"," + record("ListFunctionEventInvokeConfigs", "fn", "", "null", 200) +
		"," + record("ListFunctions", "", "", "null", 200) +
		"," + record("GetFunction", "fn", "$LATEST", "null", 200) +
		"," + record("DeleteFunction", "fn", "2", "null", 204) +
		"," + record("DeleteFunction", "fn", "", "null", 204) +
		"," + record("", "", "", "null", 403) + "]"
	equal(t, "requests", s.raw(t, "", "GET", "/_emulator/requests", "").body, want)

	equal(t, "status", s.raw(t, "", "DELETE", "/_emulator/requests", "").status, 204)
	equal(t, "after clearing", s.Requests(), []emulator.Request{})
	equal(t, "unknown control request", s.raw(t, "", "GET", "/_emulator/faults", "").status, 404)
}

func TestRequests_keepsNewest(t *testing.T) {
	s := start(t, emulator.Options{RequestLog: 3})
	for i := range 10 {
		s.send(t, "GET", fmt.Sprintf("/2015-03-31/functions/f%d", i), "")
	}
	var got []string
	for _, r := range s.Requests() {
		got = append(got, r.Function)
	}
	equal(t, "recorded", got, []string{"f7", "f8", "f9"})
	s.ClearRequests()
	s.send(t, "GET", configPath, "")
	equal(t, "after clearing", statuses(s), []int{404})
}

func TestRequests_dropsRequestInFlight(t *testing.T) {
	s := start(t, emulator.Options{RequestLog: 1})
	s.AddFault(emulator.Fault{Operation: "PutFunctionEventInvokeConfig", Delay: time.Hour, Status: 200})
	ctx, cancel := context.WithCancel(t.Context())
	status := make(chan int)
	go func() { status <- serve(ctx, s.Emulator, "PUT", configPath).status }()
	for len(s.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	s.send(t, "GET", configPath, "")
	cancel()
	equal(t, "status", <-status, 0)
	equal(t, "recorded", statuses(s), []int{404})
}

func TestRequests_limitsBytes(t *testing.T) {
	s := start(t, emulator.Options{})
	put := func(retries int) {
		body := fmt.Sprintf(`{"MaximumRetryAttempts":%d,"Other":"%s"}`, retries, strings.Repeat("x", 10<<20))
		equal(t, "status", s.send(t, "PUT", configPath, body).status, 200)
	}
	for i := range 10 {
		put(i % 3)
	}
	bodies := 0
	for _, r := range s.Requests() {
		bodies += len(r.Body)
	}
	if bodies < 50<<20 || bodies > 64<<20 {
		t.Errorf("the bodies have %d bytes, want at most 64 MiB", bodies)
	}
	s.ClearRequests()
	put(1)
	equal(t, "after clearing", len(s.Requests()), 1)
}

func TestCreateFunction_keepsNoCode(t *testing.T) {
	s := start(t, emulator.Options{})
	code := strings.Repeat("x", 4<<20)
	before := heap()
	for i := range 8 {
		body := fmt.Sprintf(`{"FunctionName":"f%d","Publish":true,"Code":{"ZipFile":"%s"}}`, i, code)
		equal(t, "status", s.send(t, "POST", "/2015-03-31/functions", body).status, 201)
		s.send(t, "PUT", fmt.Sprintf("/2015-03-31/functions/f%d/code", i), body) // an unknown operation
	}
	if after := heap(); after > before+8<<20 {
		t.Errorf("the heap has grown by %d MiB", (after-before)>>20)
	}
	for i, r := range s.Requests() {
		if r.Body != nil {
			t.Errorf("request %d (%s) has a body of %d bytes", i, r.Operation, len(r.Body))
		}
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(code)
}

func TestRequests_keepsNoURLs(t *testing.T) {
	s := start(t, emulator.Options{})
	unknown := strings.Repeat("x", 900<<10)
	before := heap()
	for range 64 {
		equal(t, "status",
			s.send(t, "GET", "/2019-09-25/functions/fn/event-invoke-config?Qualifier=live&unknown="+unknown, "").status, 404)
	}
	if after := heap(); after > before+8<<20 {
		t.Errorf("the heap has grown by %d MiB", (after-before)>>20)
	}
	runtime.KeepAlive(s)
	runtime.KeepAlive(unknown)
}

// heap returns the bytes of all reachable objects.
func heap() uint64 {
	http.DefaultClient.CloseIdleConnections()
	runtime.GC()
	runtime.GC() // a sync.Pool keeps objects for one more collection
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestFaults_applyInOrderOfRequests(t *testing.T) {
	s := start(t, emulator.Options{})
	s.AddFault(emulator.Fault{Status: 500, Times: 10})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			_ = put(t, s)
			s.Requests()
			s.Configs()
		})
	}
	all.Wait()
	got := statuses(s)
	equal(t, "requests", len(got), 20)
	for i, status := range got {
		equal(t, "failed", status == 500, i < 10)
	}
}

func TestRateLimit(t *testing.T) {
	var mu sync.Mutex
	now := time.Now()
	advance := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	s := start(t, emulator.Options{RequestsPerSecond: 2, Burst: 3, Clock: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})
	list := func(region string) error {
		_, err := newClient(s.url, region).ListFunctions(t.Context(), nil)
		return err
	}
	allowed := func(region string, n int) {
		t.Helper()
		for range n {
			must(t, list(region))
		}
		wantError(t, list(region), "TooManyRequestsException", "Rate exceeded")
	}
	allowed(region, 3)
	allowed("eu-west-1", 3)
	advance(500 * time.Millisecond)
	allowed(region, 1)
	advance(time.Hour)
	allowed(region, 3)

	s.ClearRequests()
	s.AddFault(emulator.Fault{Status: 500, Code: "ServiceException"})
	a := s.send(t, "GET", configPath, "")
	equal(t, "status", a.status, 429)
	equal(t, "code", a.errorType(), "TooManyRequestsException")
	equal(t, "body", a.body, `{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate exceeded"}`)
	equal(t, "recorded", statuses(s), []int{429})
	advance(time.Second)
	equal(t, "first request that is not throttled", s.send(t, "GET", configPath, "").status, 500)
	for range 5 {
		equal(t, "control", s.raw(t, "", "GET", "/_emulator/requests", "").status, 200)
	}
}

func TestBurst_defaultsToRate(t *testing.T) {
	for rate, burst := range map[float64]int{0.5: 1, 3: 3, 4.9: 4} {
		at := time.Now()
		s := start(t, emulator.Options{RequestsPerSecond: rate, Clock: func() time.Time { return at }})
		for range burst + 1 {
			s.send(t, "GET", "/2015-03-31/functions", "")
		}
		got := statuses(s)
		equal(t, "last allowed", got[burst-1], 200)
		equal(t, "first throttled", got[burst], 429)
	}
}
