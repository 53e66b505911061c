// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// checkAccess returns an error if a web page may have made the request. The emulator
// does not check signatures. Without this check, any web page in a local browser
// could read recorded requests and queue faults.
func (e *Emulator) checkAccess(r *http.Request) error {
	host := (&url.URL{Host: r.Host}).Hostname()
	if !e.isAllowedHost(host) {
		return forbidden("ForbiddenException", fmt.Sprintf("The emulator does not accept requests for the host %q. "+
			"To prevent DNS rebinding, it accepts only localhost, IP addresses and the hosts that it was started with. "+
			"Use one of these, or start lambda-emulator with -host %s.", host, host))
	}
	crossOrigin := r.WithContext(r.Context())
	crossOrigin.Method = http.MethodPost // Check allows every GET, but recorded requests must not be readable either
	if err := new(http.CrossOriginProtection).Check(crossOrigin); err != nil {
		return forbidden("ForbiddenException", fmt.Sprintf("The emulator does not accept requests from a web page of "+
			"another origin (Origin %q, Sec-Fetch-Site %q), which could control it or read recorded requests. Use a "+
			"program, such as the AWS CLI or curl, or open a new browser tab and enter the URL.",
			r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")))
	}
	return nil
}

// isAllowedHost reports whether the emulator accepts requests for host, a name or an IP
// address without a port.
func (e *Emulator) isAllowedHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return strings.EqualFold(host, "localhost") ||
		slices.ContainsFunc(e.options.Hosts, func(allowed string) bool { return strings.EqualFold(host, allowed) })
}
