// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// access sends every kind of request with the headers in pairs, "Host" among them.
// It returns the answers by method and path.
func (w world) access(t *testing.T, pairs ...string) map[string]answer {
	t.Helper()
	answers := map[string]answer{}
	for _, request := range [][3]string{
		{"GET", "/_emulator/requests", ""},
		{"POST", "/_emulator/faults", `{"status":500,"times":1000}`},
		{"DELETE", "/_emulator/faults", ""},
		{"OPTIONS", "/_emulator/requests", ""},
		{"GET", "/_emulator/nowhere", ""},
		{"GET", "/2015-03-31/functions", ""},
		{"PUT", configPath, `{"MaximumRetryAttempts":1}`},
		{"POST", "/2015-03-31/functions", `{"FunctionName":"other"}`},
		{"DELETE", "/_emulator/requests", ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), request[0], w.url+request[1], strings.NewReader(request[2]))
		must(t, err)
		r.Header.Set("Authorization", scope)
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == "Host" {
				r.Host = pairs[i+1]
			} else {
				r.Header.Set(pairs[i], pairs[i+1])
			}
		}
		answers[request[0]+" "+request[1]] = do(t, r)
	}
	return answers
}

func TestRequestsOfWebPages_areRefused(t *testing.T) {
	const origin = "web page of another origin"
	for name, test := range map[string]struct {
		headers []string
		reason  string
	}{
		"another site":                {[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, origin},
		"a link on another site":      {[]string{"Sec-Fetch-Site", "cross-site"}, origin},
		"another port of localhost":   {[]string{"Sec-Fetch-Site", "same-site"}, origin},
		"a browser of before 2023":    {[]string{"Origin", "https://evil.example"}, origin},
		"a file, or a sandboxed page": {[]string{"Origin", "null"}, origin},
		"DNS rebinding":               {[]string{"Host", "evil.example", "Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"}, `-host evil.example`},
		"a foreign host":              {[]string{"Host", "evil.example"}, `-host evil.example`},
		"a foreign host and a port":   {[]string{"Host", "evil.example:4566"}, `-host evil.example`},
		"a host of localhost":         {[]string{"Host", "localhost.evil.example"}, `-host localhost.evil.example`},
		"a host like an address":      {[]string{"Host", "127.0.0.1.evil.example"}, `-host 127.0.0.1.evil.example`},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, emulator.Options{Hosts: []string{"lambda"}})
			w.send(t, "GET", configPath, "")
			for request, a := range w.access(t, test.headers...) {
				equal(t, request, a.status, 403)
				if !strings.Contains(a.body, test.reason) {
					t.Errorf("%s: got %s, want %s", request, a.body, test.reason)
				}
			}
			// Nothing was recorded or forgotten, no fault was queued, and nothing was created.
			equal(t, "recorded", statuses(w), []int{404})
			equal(t, "no fault", w.send(t, "GET", "/2015-03-31/functions/other", "").status, 404)
		})
	}
}

func TestOwnHosts_areAnswered(t *testing.T) {
	w := start(t, emulator.Options{Hosts: []string{"lambda", "host.docker.internal"}})
	for _, headers := range [][]string{
		{},
		{"Host", "localhost"},
		{"Host", "LocalHost:4566"},
		{"Host", "127.0.0.1"},
		{"Host", "127.8.9.1:80"},
		{"Host", "[::1]"},
		{"Host", "[::1]:4566"},
		{"Host", "[fe80::1%25eth0]:4566"},
		{"Host", "192.0.2.7:4566"}, // DNS rebinding requires a name
		{"Host", "lambda"},
		{"Host", "host.docker.internal:4566"},
		{"Sec-Fetch-Site", "none"}, // from the address bar
		{"Host", "localhost:4566", "Origin", "http://localhost:4566"},
		{"Host", "localhost:4566", "Origin", "http://localhost:4566", "Sec-Fetch-Site", "same-origin"},
	} {
		must(t, w.DeleteFunction(region, "fn", ""))
		must(t, w.CreateFunction(region, "fn"))
		for request, a := range w.access(t, headers...) {
			if a.status == 403 || a.status > 499 {
				t.Errorf("%q: %s: got %d and %s", headers, request, a.status, a.body)
			}
		}
		_ = w.DeleteFunction(region, "other", "")
	}
}
