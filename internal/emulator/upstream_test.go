// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// upstream sends requests to a host, and keeps the IDs that it answers.
type upstream struct {
	host string
	ids  []string
}

// RoundTrip implements [http.RoundTripper].
func (u *upstream) RoundTrip(r *http.Request) (*http.Response, error) {
	r.URL.Scheme, r.URL.Host = "http", u.host
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		u.ids = append(u.ids, answer.Header.Get("X-Amzn-Requestid"))
	}
	return answer, err
}

// before returns a world whose emulator stands before that host.
func before(t *testing.T, host string) (world, *upstream) {
	t.Helper()
	u := &upstream{host: host}
	front := emulator.New(emulator.Options{Upstream: u})
	server := httptest.NewServer(front)
	t.Cleanup(server.Close)
	return world{front, server.URL, newClient(server.URL, region)}, u
}

func TestUpstream(t *testing.T) {
	behind := start(t, emulator.Options{AccountID: "210987654321"})
	front, u := before(t, strings.TrimPrefix(behind.url, "http://"))

	got := front.send(t, "PUT", configPath, `{"MaximumRetryAttempts":1}`)
	if got.status != 200 || !strings.Contains(got.body, "arn:aws:lambda:us-east-1:210987654321:function:fn:$LATEST") {
		t.Errorf("not the answer from behind: %+v", got)
	}
	got = front.send(t, "GET", "/2019-09-25/functions/fn/event-invoke-config?Qualifier=gone", "")
	equal(t, "code", got.header.Get("X-Amzn-Errortype"), "ResourceNotFoundException")
	equal(t, "request ID", got.header.Get("X-Amzn-Requestid"), u.ids[1])

	front.AddFault(emulator.Fault{Status: 503})
	equal(t, "struck", front.send(t, "DELETE", configPath, "").status, 503)
	front.AddFault(emulator.Fault{Status: 503, Applied: true})
	equal(t, "struck when it was carried out", front.send(t, "DELETE", configPath, "").status, 503)
	equal(t, "deleted", front.send(t, "DELETE", configPath, "").status, 404)

	recorded := func(w world) (all []string) {
		for _, r := range w.Requests() {
			all = append(all, fmt.Sprint(strings.TrimSuffix(r.Operation, "FunctionEventInvokeConfig"), r.Status))
		}
		return all
	}
	equal(t, "recorded in front", recorded(front), []string{"Put200", "Get404", "Delete503", "Delete503", "Delete404"})
	equal(t, "recorded behind", recorded(behind), []string{"Put200", "Get404", "Delete204", "Delete404"})
}

func TestUpstreamIsDown(t *testing.T) {
	closed := httptest.NewServer(nil)
	closed.Close()
	front, _ := before(t, strings.TrimPrefix(closed.URL, "http://"))
	got := front.send(t, "GET", configPath, "")
	if got.status != 502 || !strings.Contains(got.body, "refused") {
		t.Errorf("got %+v", got)
	}
}
