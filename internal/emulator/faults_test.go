// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// put sends a Put of one retry and returns the error.
func put(t *testing.T, s *server) error {
	t.Helper()
	_, err := s.client.PutFunctionEventInvokeConfig(t.Context(), &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName: new("fn"), MaximumRetryAttempts: new(int32(1)),
	})
	return err
}

func TestFault_losesResponse(t *testing.T) {
	for name, test := range map[string]struct {
		fault   emulator.Fault
		status  int // of the record
		applied bool
	}{
		"closed":                {emulator.Fault{}, 0, false},
		"closed, applied":       {emulator.Fault{Applied: true}, 0, true},
		"truncated":             {emulator.Fault{Status: 200, Truncate: true}, 200, true},
		"not JSON":              {emulator.Fault{Status: 200, Body: "<html>"}, 200, false},
		"not JSON, applied":     {emulator.Fault{Status: 200, Body: "<html>", Applied: true}, 200, true},
		"truncated, error":      {emulator.Fault{Status: 500, Code: "ServiceException", Truncate: true}, 500, false},
		"server error, applied": {emulator.Fault{Status: 503, Applied: true}, 503, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			s.AddFault(test.fault)
			if err := put(t, s); err == nil {
				t.Error("got no error")
			}
			_, applied := s.Config(region, "fn", "")
			equal(t, "applied", applied, test.applied)
			equal(t, "statuses", statuses(s), []int{test.status})
			must(t, put(t, s)) // the fault applies once
		})
	}
}

func TestFault_truncateSendsFullContentLength(t *testing.T) {
	s := start(t, emulator.Options{})
	s.AddFault(emulator.Fault{Status: 200, Truncate: true, Body: "0123456789"})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+configPath, nil)
	must(t, err)
	r.Header.Set("Authorization", scope)
	resp, err := http.DefaultClient.Do(r)
	must(t, err)
	body, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want io.ErrUnexpectedEOF", err)
	}
	must(t, resp.Body.Close())
	equal(t, "length", resp.ContentLength, int64(10))
	equal(t, "body", string(body), "01234")

	// The response to a Delete has no body to truncate.
	must(t, s.PutConfig(region, "fn", "", emulator.Config{}))
	s.ClearRequests()
	s.AddFault(emulator.Fault{Status: 200, Truncate: true})
	_, err = s.client.DeleteFunctionEventInvokeConfig(t.Context(),
		&lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: new("fn")})
	if err == nil {
		t.Error("Delete: got no error")
	}
	equal(t, "statuses", statuses(s), []int{0})
	equal(t, "configs", s.Configs(), []string{})
}

func TestFault_respondsWithError(t *testing.T) {
	for name, test := range map[string]struct{ fault, body string }{
		"400": {
			`{"status":400,"code":"InvalidParameterValueException","message":"m"}`,
			`{"Type":"User","message":"m"}`,
		},
		"validation": {`{"status":400,"code":"ValidationException","message":"m"}`, `{"message":"m"}`},
		"403":        {`{"status":403,"code":"AccessDeniedException","message":"m"}`, `{"Message":"m"}`},
		"token":      {`{"status":403,"code":"ExpiredTokenException","message":"m"}`, `{"message":"m"}`},
		"404":        {`{"status":404,"code":"ResourceNotFoundException","message":"m"}`, `{"Message":"m","Type":"User"}`},
		"409":        {`{"status":409,"code":"ResourceConflictException","message":"m"}`, `{"Type":"User","message":"m"}`},
		"429": {
			`{"status":429,"code":"TooManyRequestsException","message":"Rate exceeded"}`,
			`{"Reason":"CallerRateLimitExceeded","Type":"User","message":"Rate exceeded"}`,
		},
		"500":   {`{"status":500,"code":"ServiceException","message":"m"}`, `{"Message":"m","Type":"Service"}`},
		"proxy": {`{"status":502,"body":"<html>Bad Gateway</html>"}`, `<html>Bad Gateway</html>`},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{})
			equal(t, "status", s.raw(t, "", "POST", "/_emulator/faults", test.fault).status, 204)
			a := s.send(t, "GET", configPath, "")
			want := members(t, test.fault)
			equal(t, "status", float64(a.status), want["status"].(float64))
			code, _ := want["code"].(string)
			equal(t, "code", a.errorType(), code)
			equal(t, "body", a.body, test.body)
			equal(t, "after the fault", s.send(t, "GET", configPath, "").status, 404)
		})
	}
}

func TestFault_appliesToMatchingRequests(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.CreateFunction(region, "other"))
	for _, fault := range []string{
		`{"operation":"PutFunctionEventInvokeConfig","function":"fn","qualifier":"live","times":2,` +
			`"status":400,"code":"First"}`,
		`{"function":"fn","qualifier":"live","status":400,"code":"Second"}`,
		`{"qualifier":"$LATEST","status":400,"code":"Third"}`,
	} {
		equal(t, fault, s.raw(t, "", "POST", "/_emulator/faults", fault).status, 204)
	}
	const body = `{"MaximumRetryAttempts":1}`
	const other = "/2019-09-25/functions/other/event-invoke-config"
	for i, test := range []struct{ method, path, code string }{
		{"PUT", "/2019-09-25/functions/other:1/event-invoke-config", "ResourceNotFoundException"},
		{"GET", configPath + "/list", ""},
		{"PUT", configPath + "?Qualifier=live", "First"},
		{"POST", configPath + "?Qualifier=live", "Second"},
		{"PUT", strings.Replace(configPath, "fn", prefix+"fn:live", 1), "First"},
		{"PUT", configPath + "?Qualifier=live", ""},
		{"PUT", other, "Third"},
		{"PUT", other, ""},
	} {
		if got := s.send(t, test.method, test.path, body).errorType(); got != test.code {
			t.Errorf("request %d: got %q, want %q", i, got, test.code)
		}
	}
}

func TestFaultFunc(t *testing.T) {
	var called []string
	faultFunc := func(r emulator.Request) *emulator.Fault {
		called = append(called, r.Operation)
		if r.Qualifier != "live" {
			return nil
		}
		return &emulator.Fault{Function: "other", Status: 503, Applied: true}
	}
	s := start(t, emulator.Options{RequestsPerSecond: 1e-6, Burst: 4, FaultFunc: faultFunc})
	s.AddFault(emulator.Fault{Operation: "DeleteFunctionEventInvokeConfig", Status: 400})
	for _, test := range []struct {
		method, query string
		status        int
	}{
		{"DELETE", "", 400}, // the queued fault
		{"PUT", "?Qualifier=live", 503},
		{"GET", "?Qualifier=live", 503},
		{"PUT", "", 200},
		{"POST", "", 429},
	} {
		got := s.send(t, test.method, configPath+test.query, `{"MaximumRetryAttempts":1}`)
		equal(t, test.method+test.query, got.status, test.status)
	}
	equal(t, "configs", s.Configs(), []string{prefix + "fn:$LATEST", prefix + "fn:live"})
	equal(t, "calls", called,
		[]string{"PutFunctionEventInvokeConfig", "GetFunctionEventInvokeConfig", "PutFunctionEventInvokeConfig"})
}

func TestClearFaults(t *testing.T) {
	s := start(t, emulator.Options{})
	s.AddFault(emulator.Fault{Times: 3})
	equal(t, "status", s.raw(t, "", "DELETE", "/_emulator/faults", "").status, 204)
	must(t, put(t, s))
}

func TestAddFault_rejectsInvalidFault(t *testing.T) {
	s := start(t, emulator.Options{})
	for fault, message := range map[string]string{
		`[]`:                        "unexpected array instead of an object",
		`{"status":"400"}`:          "unexpected string in status",
		`{"statuscode":400}`:        `unknown member "statuscode"`,
		`{"Status":400}`:            `unknown member "Status"`,
		`{} {}`:                     "after top-level value",
		`{"operation":"PutConfig"}`: `operation: unknown operation "PutConfig"`,
		`{"function":"fn:live"}`:    `function: "fn:live" must be a function name`,
		`{"times":-1}`:              "times: -1 must not be negative",
		`{"delay":"2"}`:             `delay: time: missing unit in duration "2"`,
		`{"delay":"-2s"}`:           "delay: -2s must not be negative",
		`{"status":302}`:            "status: 302 must be 0",
		`{"truncate":true}`:         "body, truncate: must not be set with status 0",
		`{"status":500,"message":"m","body":"b"}`: "body, message: must not both be set",
	} {
		a := s.raw(t, "", "POST", "/_emulator/faults", fault)
		equal(t, fault, a.status, 400)
		if !strings.Contains(a.body, message) {
			t.Errorf("%s: got %q, want %q in it", fault, a.body, message)
		}
	}
	must(t, put(t, s)) // none of them was queued

	defer func() {
		if recover() == nil {
			t.Error("AddFault did not panic")
		}
	}()
	s.AddFault(emulator.Fault{Operation: "PutConfig"})
}

func TestFault_delaysResponse(t *testing.T) {
	const latency, delay = 20 * time.Millisecond, 2 * time.Second
	for name, test := range map[string]struct {
		fault  *emulator.Fault
		took   time.Duration
		status int  // 0 if the connection is closed
		early  bool // whether the operation is carried out before the delay
	}{
		"latency":             {nil, latency, 200, false},
		"slow":                {&emulator.Fault{Status: 200, Delay: delay}, latency + delay, 200, false},
		"slow, applied":       {&emulator.Fault{Status: 200, Delay: delay, Applied: true}, latency + delay, 200, true},
		"late close":          {&emulator.Fault{Delay: delay}, latency + delay, 0, false},
		"late close, applied": {&emulator.Fault{Delay: delay, Applied: true}, latency + delay, 0, true},
		"late server error":   {&emulator.Fault{Status: 500, Delay: delay}, latency + delay, 500, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := emulator.New(emulator.Options{Latency: latency})
				must(t, e.CreateFunction(region, "fn"))
				if test.fault != nil {
					e.AddFault(*test.fault)
				}
				begin := time.Now()
				go func() {
					time.Sleep(latency + delay/2)
					equal(t, "applied halfway", len(e.Configs()) == 1, test.early || test.fault == nil)
				}()
				equal(t, "status", serve(t.Context(), e, "PUT", configPath).status, test.status)
				equal(t, "took", time.Since(begin), test.took)
				time.Sleep(delay)
			})
		})
	}
}

func TestDelay_endsWhenClientDisconnects(t *testing.T) {
	for name, options := range map[string]emulator.Options{"latency": {Latency: time.Hour}, "fault": {}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := emulator.New(options)
				must(t, e.CreateFunction(region, "fn"))
				if options.Latency == 0 {
					e.AddFault(emulator.Fault{Status: 200, Delay: time.Hour})
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				begin := time.Now()
				go func() {
					time.Sleep(time.Millisecond)
					equal(t, "status in flight", e.Requests()[0].Status, emulator.InFlight)
				}()
				equal(t, "response", serve(ctx, e, "PUT", configPath), response{})
				equal(t, "took", time.Since(begin), time.Second)
				equal(t, "status", e.Requests()[0].Status, 0)
				equal(t, "configs", e.Configs(), []string{})
			})
		})
	}
}
