// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// access sends requests of every kind with the given header names and values, and returns
// the responses by method and path. The header "Host" sets the host.
func (s *server) access(t *testing.T, headers ...string) map[string]response {
	t.Helper()
	responses := map[string]response{}
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
		r, err := http.NewRequestWithContext(t.Context(), request[0], s.url+request[1], strings.NewReader(request[2]))
		must(t, err)
		r.Header.Set("Authorization", scope)
		for i := 0; i < len(headers); i += 2 {
			if headers[i] == "Host" {
				r.Host = headers[i+1]
			} else {
				r.Header.Set(headers[i], headers[i+1])
			}
		}
		responses[request[0]+" "+request[1]] = roundTrip(t, r)
	}
	return responses
}

func TestAccess_rejectsWebPages(t *testing.T) {
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
		"DNS rebinding": {
			[]string{"Host", "evil.example", "Origin", "http://evil.example", "Sec-Fetch-Site", "same-origin"},
			`-host evil.example`,
		},
		"another host":             {[]string{"Host", "evil.example"}, `-host evil.example`},
		"another host and a port":  {[]string{"Host", "evil.example:4566"}, `-host evil.example`},
		"a domain below localhost": {[]string{"Host", "localhost.evil.example"}, `-host localhost.evil.example`},
		"a domain like an address": {[]string{"Host", "127.0.0.1.evil.example"}, `-host 127.0.0.1.evil.example`},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, emulator.Options{Hosts: []string{"lambda"}})
			s.send(t, "GET", configPath, "")
			for request, a := range s.access(t, test.headers...) {
				equal(t, request, a.status, 403)
				if !strings.Contains(a.body, test.reason) {
					t.Errorf("%s: got %s, want %s", request, a.body, test.reason)
				}
			}
			// No request was recorded or cleared, no fault was queued, and no function was created.
			equal(t, "recorded", statuses(s), []int{404})
			equal(t, "function", s.send(t, "GET", "/2015-03-31/functions/other", "").status, 404)
		})
	}
}

func TestAccess_acceptsAllowedHosts(t *testing.T) {
	s := start(t, emulator.Options{Hosts: []string{"lambda", "host.docker.internal"}})
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
		must(t, s.DeleteFunction(region, "fn", ""))
		must(t, s.CreateFunction(region, "fn"))
		for request, a := range s.access(t, headers...) {
			if a.status == 403 || a.status > 499 {
				t.Errorf("%q: %s: got %d and %s", headers, request, a.status, a.body)
			}
		}
		_ = s.DeleteFunction(region, "other", "")
	}
}
