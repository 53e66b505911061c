// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package redact prepares texts of services, the SDK and the transport for
// diagnostics and logs. It removes secrets, escapes control characters and limits
// the length.
package redact

import (
	"fmt"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	// MinSecret is the minimum length of a value that is redacted, in bytes. A
	// shorter value, such as the "test" of an emulator's credentials, is part of
	// words and names that are not secret.
	MinSecret = 8

	// MaxExcerpt is the maximum length of the text that [Secrets.Excerpt] keeps,
	// in characters.
	MaxExcerpt = 2000
)

// placeholder replaces a secret.
const placeholder = "(not shown)"

// accountID matches the ID of an AWS account. Every ARN contains one, so it is not
// redacted, even if it is the external ID of a role.
var accountID = regexp.MustCompile(`^\d{12}$`)

// Secrets is the set of secret values that a configured provider uses. The zero
// value and nil are empty. Methods may be called concurrently.
type Secrets struct {
	mu     sync.Mutex
	values []string
}

// Add adds values, both as they are and without surrounding white space, since a
// value may be the content of a file. It ignores account IDs and values shorter
// than [MinSecret].
func (s *Secrets) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		for _, v := range []string{v, strings.TrimSpace(v)} {
			if len(v) >= MinSecret && !accountID.MatchString(v) && !slices.Contains(s.values, v) {
				s.values = append(s.values, v)
			}
		}
	}
}

// AddURL adds the user information of URLs, which need not be valid.
func (s *Secrets) AddURL(addresses ...string) {
	for _, address := range addresses {
		rest := address[strings.Index(address, "//")+1:]
		at := strings.LastIndexByte(rest, '@')
		if at < 0 {
			continue
		}
		user := strings.TrimPrefix(rest[:at], "/")
		_, password, _ := strings.Cut(user, ":")
		for _, part := range []string{user, password} {
			s.Add(part)
			if plain, err := url.PathUnescape(part); err == nil {
				s.Add(plain)
			}
		}
	}
}

// Redact returns text with a placeholder for each secret, and for the user
// information of each URL. It finds a secret unencoded, base64-encoded, and with
// any characters escaped as in URLs, JSON, Go and XML. It replaces control and
// format characters, except line breaks and tabs, with Unicode escapes: control
// characters have effects in a terminal, and format characters change how a text
// looks.
func (s *Secrets) Redact(text string) string { return s.redact(text, math.MaxInt) }

// Excerpt is [Secrets.Redact], except that it returns at most [MaxExcerpt]
// characters and the number of bytes that it cut.
func (s *Secrets) Excerpt(text string) string { return s.redact(text, MaxExcerpt) }

func (s *Secrets) redact(text string, limit int) string {
	needles := s.needles()
	var b strings.Builder
	for count := 0; text != ""; {
		next, size := needles.next(text)
		if count += utf8.RuneCountInString(next); count > limit {
			fmt.Fprintf(&b, "… (cut here, before %d more bytes)", len(text))
			break
		}
		b.WriteString(next)
		text = text[size:]
	}
	return b.String()
}

// next returns the replacement of the start of text, and the length of the part
// that it replaces.
func (n needles) next(text string) (replacement string, size int) {
	if size := n.match(text); size > 0 {
		return placeholder, size
	}
	if size := userInformation(text); size > 0 {
		return "//" + placeholder, size
	}
	if name, value, ok := tokenHeader(text); ok {
		return name + placeholder, len(name) + len(value)
	}
	r, size := utf8.DecodeRuneInString(text)
	switch {
	case strings.HasPrefix(text, "\r\n"):
		return "\n", 2
	case r == '\n' || r == '\t':
	case r > 0xffff && unicode.Is(unicode.Cf, r):
		return fmt.Sprintf(`\U%08x`, r), size
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp):
		return fmt.Sprintf(`\u%04x`, r), size
	}
	return string(r), size
}

// tokenHeader returns the header of a session token at the start of text. A
// service that rejects a signature quotes the canonical request, which has this
// header. The token may be shorter than [MinSecret], or that of an earlier
// request.
func tokenHeader(text string) (name, value string, ok bool) {
	const header = "x-amz-security-token:"
	if len(text) < len(header) || !strings.EqualFold(text[:len(header)], header) {
		return "", "", false
	}
	name, value = text[:len(header)], text[len(header):]
	if end := strings.IndexFunc(value, unicode.IsSpace); end >= 0 {
		value = value[:end]
	}
	return name, value, value != ""
}

// userInformation returns the length of "//" and the user information before the
// "@" of a URL at the start of text, 0 for none.
func userInformation(text string) int {
	if !strings.HasPrefix(text, "//") {
		return 0
	}
	authority := text
	if end := strings.IndexAny(text[2:], "/?# \t\r\n\"'<>"); end >= 0 {
		authority = text[:2+end]
	}
	return max(0, strings.LastIndexByte(authority, '@'))
}
