// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestPaths_areNotCleaned(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, path := range []string{
		"/", "//", "/2015-03-31//functions", "//2015-03-31/functions", "/2015-03-31/functions//",
		"/2015-03-31/./functions", "/2015-03-31/x/../functions", "/2015-03-31/functions/.", "/2015-03-31/functions/..",
		"/2015-03-31/functions/%2E%2E", "/2015-03-31/functions/fn/", "/2019-09-25/functions//event-invoke-config",
		"/2019-09-25/functions/fn/../fn/event-invoke-config", "/2019-09-25/functions/fn/event-invoke-config/",
		"//_emulator/requests",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			s.ClearRequests()
			r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
			must(t, err)
			r.Header.Set("Authorization", scope)
			resp, err := http.DefaultTransport.RoundTrip(r) // follows no redirect
			must(t, err)
			must(t, resp.Body.Close())
			equal(t, method+" "+path, resp.StatusCode, 403)
			equal(t, "code", resp.Header.Get("X-Amzn-Errortype"), "AccessDeniedException")
			equal(t, "operation", s.Requests()[0].Operation, "")
		}
	}
	equal(t, "a name with dots", s.send(t, "GET", "/2019-09-25/functions/a../event-invoke-config", "").status, 404)
	equal(t, "control", s.raw(t, "", "GET", "/_emulator/../requests", "").status, 404)
}

func TestMemberNames_areCaseSensitive(t *testing.T) {
	s := start(t, emulator.Options{})
	a := s.send(t, "PUT", configPath, `{"maximumRetryAttempts":1,"MAXIMUMEVENTAGEINSECONDS":60,"destinationConfig":{}}`)
	equal(t, "body", members(t, a.body)["message"], any(noSettings))
	s.send(t, "PUT", configPath,
		`{"MaximumRetryAttempts":2,"maximumRetryAttempts":1,"DestinationConfig":{"onFailure":{"Destination":"`+queue+`"}}}`)
	got, _ := s.Config(region, "fn", "")
	equal(t, "retries", *got.MaximumRetryAttempts, 2)
	equal(t, "destination", got.OnFailure, "")
	a = s.send(t, "POST", "/2015-03-31/functions", `{"functionName":"new"}`)
	equal(t, "code", a.errorType(), "ValidationException")
}

func TestQuery_mustBePercentEncoded(t *testing.T) {
	s := start(t, emulator.Options{})
	for _, query := range []string{"Qualifier=%", "Qualifier=%zz", "x=%2", "%zz=1", "Qualifier=live&%"} {
		a := s.send(t, "GET", configPath+"?"+query, "")
		equal(t, query, a.status, 400)
		equal(t, "code", a.errorType(), "SerializationException")
		equal(t, "body", members(t, a.body), map[string]any{"message": "The query string is not percent-encoded correctly."})
	}
	equal(t, "a semicolon", s.send(t, "GET", configPath+"?Qualifier=a;b", "").errorType(), "ValidationException")
	equal(t, "an unknown parameter", s.send(t, "GET", configPath+"/list?x=;&Qualifier", "").status, 200)
}

// endless is an io.Reader of infinite white space.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	return copy(p, whiteSpace), nil
}

var whiteSpace = bytes.Repeat([]byte(" "), 1<<15)

func TestBody_isLimited(t *testing.T) {
	const limit = 70167211
	s := start(t, emulator.Options{})
	for size, want := range map[int64]struct {
		status        int
		code, message string
	}{
		limit - 1: {400, "SerializationException", `"message":`},
		limit: {413, "RequestEntityTooLargeException",
			`{"Message":"Request must be smaller than 70167211 bytes for the CreateFunction operation"}`},
		limit * 2: {413, "RequestEntityTooLargeException",
			`{"Message":"Request must be smaller than 70167211 bytes for the CreateFunction operation"}`},
	} {
		body := io.MultiReader(strings.NewReader("?"), io.LimitReader(endless{}, size-1))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/2015-03-31/functions", body)
		must(t, err)
		r.Header.Set("Authorization", scope)
		resp, err := http.DefaultClient.Do(r)
		must(t, err)
		text, err := io.ReadAll(resp.Body)
		must(t, errors.Join(err, resp.Body.Close()))
		equal(t, "status", resp.StatusCode, want.status)
		equal(t, "code", resp.Header.Get("X-Amzn-Errortype"), want.code)
		if !strings.Contains(string(text), want.message) {
			t.Errorf("got %s, want %s", text, want.message)
		}
	}
}
