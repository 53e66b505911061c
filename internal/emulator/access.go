// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// checkAccess returns the error for a request that a web page may have made. The
// emulator checks no signatures, so that without this check any page that a browser
// on this machine shows could read requests and queue faults.
func (e *Emulator) checkAccess(r *http.Request) error {
	host := (&url.URL{Host: r.Host}).Hostname()
	if !e.isOwnHost(host) {
		return refused("The emulator refused a request to the host %q. It answers requests to localhost, to IP addresses and to the names that it was "+
			"started with, so that no web page can reach it by DNS rebinding. Use one of them, or start lambda-emulator with -host %s.", host, host)
	}
	crossOrigin := r.WithContext(r.Context())
	crossOrigin.Method = http.MethodPost // Check allows every GET, but a GET of the emulator returns requests of others
	if err := new(http.CrossOriginProtection).Check(crossOrigin); err != nil {
		return refused("The emulator refused a request that a web page of another origin made (Origin %q, Sec-Fetch-Site %q), so that no web page can "+
			"control it or read what it received. Send the request from a program, such as the AWS CLI or curl, or open a new browser tab and enter the URL.",
			r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site"))
	}
	return nil
}

// isOwnHost reports whether clients reach the emulator by host, which has no
// port.
func (e *Emulator) isOwnHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return strings.EqualFold(host, "localhost") ||
		slices.ContainsFunc(e.options.Hosts, func(own string) bool { return strings.EqualFold(host, own) })
}
