// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The small servers that the SDK signs in with. Each answers as the real one
// does, with the access key that its name or the role says, and writes down
// what it was asked.

// asked is a list of what a server was asked, in order.
type asked struct {
	mu    sync.Mutex
	lines []string
}

func (a *asked) add(format string, args ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines = append(a.lines, fmt.Sprintf(format, args...))
}

func (a *asked) all() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.lines)
}

// The secrets that the servers hand out. None of them may be seen anywhere.
const (
	secretOfServer = "secret-that-a-server-handed-out"
	tokenOfServer  = "session-token-that-a-server-handed-out"
)

// server starts h for as long as the test lasts.
func server(t *testing.T, h http.HandlerFunc) (url string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// signer is the access key that a request was signed with.
func signer(r *http.Request) string {
	_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	key, _, _ := strings.Cut(scope, "/")
	return key
}

// sts answers AssumeRole, AssumeRoleWithWebIdentity and GetCallerIdentity; the
// access key of a role is "of-" and the role's name.
func sts(t *testing.T) (url string, requests *asked) {
	h, requests := stsHandler()
	return server(t, h), requests
}

func stsHandler() (h http.HandlerFunc, requests *asked) {
	requests = &asked{}
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		action, role := r.Form.Get("Action"), r.Form.Get("RoleArn")
		line := action
		if key := signer(r); key != "" {
			line += " by " + key
		}
		for _, parameter := range []string{
			"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId", "SourceIdentity", "Policy", "PolicyArns.member.1.arn",
			"Tags.member.1.Key", "TransitiveTagKeys.member.1", "WebIdentityToken",
		} {
			// A session name that nobody chose is a time stamp.
			if v := r.Form.Get(parameter); v != "" && (parameter != "RoleSessionName" || strings.Contains(v, "deploy")) {
				line += fmt.Sprintf(" %s=%s", parameter, v)
			}
		}
		requests.add("%s", line)
		w.Header().Set("Content-Type", "text/xml")
		if action == "GetCallerIdentity" {
			_, _ = fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>`+
				`<UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
			return
		}
		//nolint:gosec // to a client of this test
		_, _ = fmt.Fprintf(w, `<%[1]sResponse><%[1]sResult><Credentials><AccessKeyId>of-%[2]s</AccessKeyId><SecretAccessKey>%[3]s</SecretAccessKey>`+
			`<SessionToken>%[4]s</SessionToken><Expiration>%[5]s</Expiration></Credentials>`+
			`<AssumedRoleUser><Arn>%[6]s</Arn><AssumedRoleId>R</AssumedRoleId></AssumedRoleUser></%[1]sResult></%[1]sResponse>`,
			action, role[strings.LastIndex(role, "/")+1:], secretOfServer, tokenOfServer, time.Now().Add(time.Hour).UTC().Format(time.RFC3339), role)
	}, requests
}

// container answers as the endpoint of a container's credentials.
func container(t *testing.T) (url string) { return server(t, containerHandler()) }

func containerHandler() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"AccessKeyId": "of-container", "SecretAccessKey": secretOfServer, "Token": tokenOfServer, "Expiration": time.Now().Add(time.Hour).UTC(),
		})
	}
}

// metadata answers as an instance's metadata service.
func metadata(t *testing.T) (url string) { return server(t, metadataHandler()) }

func metadataHandler() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/latest/api/token":
			w.Header().Set("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "300")
			_, _ = fmt.Fprint(w, "metadata-token")
		case "/latest/meta-data/iam/security-credentials/":
			_, _ = fmt.Fprint(w, "role")
		case "/latest/meta-data/iam/security-credentials/role":
			answer(w, map[string]any{
				"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "of-instance", "SecretAccessKey": secretOfServer,
				"Token": tokenOfServer, "LastUpdated": time.Now().UTC(), "Expiration": time.Now().Add(time.Hour).UTC(),
			})
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}
}

// sso answers as the IAM Identity Center portal.
func sso(t *testing.T) (url string) { return server(t, ssoHandler()) }

func ssoHandler() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/federation/credentials" || r.Header.Get("X-Amz-Sso_bearer_token") != "sso-token" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		answer(w, map[string]any{"roleCredentials": map[string]any{
			"accessKeyId": "of-sso", "secretAccessKey": secretOfServer, "sessionToken": tokenOfServer, "expiration": time.Now().Add(time.Hour).UnixMilli(),
		}})
	}
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}
