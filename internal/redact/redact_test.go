// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// forms are encodings in which a service may quote a value.
var forms = map[string]func(string) string{
	"raw":                func(s string) string { return s },
	"query":              url.QueryEscape,
	"path":               url.PathEscape,
	"lower-case query":   lowerEscapes,
	"query of a query":   func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
	"every byte escaped": func(s string) string { return "%" + strings.ReplaceAll(fmt.Sprintf("% x", s), " ", "%") },
	"JSON":               jsonOf,
	"JSON of JSON":       func(s string) string { return jsonOf(jsonOf(s)) },
	"JSON, slashes":      func(s string) string { return strings.ReplaceAll(jsonOf(s), "/", `\/`) },
	"Go":                 func(s string) string { return fmt.Sprintf("%q", s) },
	"Go, ASCII":          func(s string) string { return fmt.Sprintf("%+q", s) },
	"XML":                xmlOf,
	"HTML":               html.EscapeString,
	"base64":             base64Of(base64.StdEncoding),
	"base64, raw URL":    base64Of(base64.RawURLEncoding),
	"base64 in a query":  func(s string) string { return url.QueryEscape(base64Of(base64.StdEncoding)(s)) },
}

func jsonOf(s string) string {
	b, _ := json.Marshal(s)
	return strings.Trim(string(b), `"`)
}

func xmlOf(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func base64Of(encoding *base64.Encoding) func(string) string {
	return func(s string) string { return encoding.EncodeToString([]byte(s)) }
}

// The test looks for the second half of each secret, in its encoded form.
func TestRedact_findsEveryForm(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{
		"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
		"IQoJb3JpZ2luX2VjEHwaCXVzLWVhc3QtMSJHMEUCIQDx/+==",
		"external id=1,2@3:/",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/<a>&\"é\\"}]}
`,
		"100%25 of a%20password&amp;more",
	} {
		var secrets redact.Secrets
		secrets.Add(secret)
		for name, form := range forms {
			// The secret is at any offset in the base64 form of "user:password".
			for _, around := range [][2]string{{"", ""}, {"a", "b"}, {"user:", "@host"}, {"Bearer ", "\n"}} {
				quoted := form(around[0] + secret + around[1])
				text := "The token '" + quoted + "' is invalid"
				got := secrets.Redact(text)
				middle := form(secret[len(secret)/2:])
				if strings.HasPrefix(name, "base64") {
					middle = quoted[len(quoted)/2 : len(quoted)/2+8]
				}
				const maxLength = len("The token ''  is invalid(not shown)") + 40
				if !strings.Contains(got, "(not shown)") || strings.Contains(got, middle) || len(got) > maxLength {
					t.Errorf("%s of %q: %s\nbecame %s", name, secret, text, got)
				}
			}
		}
	}
}

func lowerEscapes(s string) string {
	escaped := []byte(url.QueryEscape(s))
	for i := range escaped {
		if i >= 1 && escaped[i-1] == '%' || i >= 2 && escaped[i-2] == '%' {
			escaped[i] = strings.ToLower(string(escaped[i]))[0]
		}
	}
	return string(escaped)
}

// A service may quote a part of a secret.
func TestRedact_findsPrefixes(t *testing.T) {
	t.Parallel()
	var secrets redact.Secrets
	secrets.Add("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "arn:aws:iam::123456789012:role/external")
	for text, want := range map[string]string{
		"'wJalrXUtnFEMI/K7MD...' is invalid":             "'(not shown)...' is invalid",
		"d0phbHJYVXRuRkVNSS9LN01ERU5HK2JQ...":            "(not shown)...",
		"arn:aws:iam::123456789012:role/another":         "arn:aws:iam::123456789012:role/another",
		"arn:aws:iam::123456789012:role/external, wJalr": "(not shown), wJalr",
	} {
		if got := secrets.Redact(text); got != want {
			t.Errorf("%s became %s", text, got)
		}
	}
}

func TestRedact_keepsOtherTexts(t *testing.T) {
	t.Parallel()
	var secrets redact.Secrets
	secrets.Add("test", "", "123456789012", "short-7")
	const text = "test of arn:aws:lambda:us-east-1:123456789012:function:test (short-7): " +
		"100 % & \\n <a@b> https://docs/@scope\n\tété"
	if got := secrets.Redact(text); got != text {
		t.Errorf("got %q", got)
	}
	if got := (*redact.Secrets)(nil).Redact(text); got != text {
		t.Errorf("without secrets: %q", got)
	}
}

// User information and tokens are redacted even if they are not in Secrets.
func TestRedact_removesUserInformationAndTokenHeader(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ //nolint:gosec // not credentials
		"'GET\nX-Amz-Security-Token:hunter2\n\nhost'":        "'GET\nX-Amz-Security-Token:(not shown)\n\nhost'",
		`parse "http://user:hunter2@proxy:3128/a@b": no`:     `parse "http://(not shown)@proxy:3128/a@b": no`,
		`socks5://u:p@ss@proxy and http://hunter2@other`:     `socks5://(not shown)@proxy and http://(not shown)@other`,
		"https://registry.terraform.io/@me user@example.com": "https://registry.terraform.io/@me user@example.com",
	} {
		if got := (*redact.Secrets)(nil).Redact(text); got != want {
			t.Errorf("got %s", got)
		}
	}
}

func TestRedact_escapesControlCharacters(t *testing.T) {
	t.Parallel()
	const text = "a\x1b[31mb\x00\x7f\u0085\u009b1m\r\nc\rd\u202e\u2066\u200b\ufeff\u2028\U000e0001\xffe\n\té\u00a0"
	const want = `a\u001b[31mb\u0000\u007f\u0085\u009b1m` + "\n" +
		`c\u000dd\u202e\u2066\u200b\ufeff\u2028\U000e0001` + "\ufffde\n\té\u00a0"
	if got := (*redact.Secrets)(nil).Redact(text); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// The secret is at the end of the excerpt.
func TestExcerpt_redactsBeforeItCuts(t *testing.T) {
	t.Parallel()
	var secrets redact.Secrets
	secrets.Add("session-token-of-this-run")
	start := time.Now()
	for before := redact.MaxExcerpt - 30; before <= redact.MaxExcerpt; before++ {
		got := secrets.Excerpt(strings.Repeat("é", before) + "session-token-of-this-run" + strings.Repeat("x", 16<<20))
		n := len([]rune(got))
		if n > redact.MaxExcerpt+50 || strings.Contains(got, "session") || !strings.Contains(got, "cut here") {
			t.Errorf("%d characters: …%s", n, got[len(got)-100:])
		}
	}
	if got := secrets.Excerpt(strings.Repeat("\x1b", 1<<20)); len(got) > redact.MaxExcerpt+50 {
		t.Errorf("%d bytes of escapes", len(got))
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s, which depends on the length of the whole text", took)
	}
	if got := secrets.Excerpt(strings.Repeat("é", redact.MaxExcerpt)); strings.Contains(got, "cut") {
		t.Error("a text of the greatest length was cut")
	}
}

func TestSecrets_allowConcurrentCalls(t *testing.T) {
	t.Parallel()
	var secrets redact.Secrets
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 100 {
				secret := fmt.Sprintf("secret-%d-%d", i, j)
				secrets.Add(secret)
				if got := secrets.Redact("x" + secret); got != "x(not shown)" {
					t.Errorf("got %s", got)
				}
			}
		})
	}
	all.Wait()
}
