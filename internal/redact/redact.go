// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package redact makes texts that others wrote fit for a diagnostic or a log:
// without secrets, printable, and of a bounded length.
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
	// MinSecret is the least number of bytes of a value that is redacted. A
	// shorter one, such as the "test" of an emulator's credentials, is part of
	// words and names that are no secrets.
	MinSecret = 8

	// MaxExcerpt is how many characters of a text [Secrets.Excerpt] returns.
	MaxExcerpt = 2000
)

// hidden replaces a secret.
const hidden = "(not shown)"

// account matches the ID of an AWS account. It is no secret, also if a role's
// external ID is one, and stands in every ARN.
var account = regexp.MustCompile(`^\d{12}$`)

// Secrets holds the secret values that a configured provider uses. The zero
// value and nil hold none. Methods may be called concurrently.
type Secrets struct {
	mu     sync.Mutex
	values []string
}

// Add adds values. A value with white space around it, such as the content of a
// file, is added without it as well. Add ignores values shorter than
// [MinSecret], and account IDs.
func (s *Secrets) Add(values ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range values {
		for _, v := range []string{v, strings.TrimSpace(v)} {
			if len(v) >= MinSecret && !account.MatchString(v) && !slices.Contains(s.values, v) {
				s.values = append(s.values, v)
			}
		}
	}
}

// AddURL adds the user information of addresses, which need not be valid URLs.
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

// Redact returns text with a note in the place of each secret, and of the user
// information of each URL. It finds a secret as it is, base64-encoded, and with
// any characters escaped as in URLs, JSON, Go and XML. Control and format
// characters, other than line breaks and tabs, become Unicode escapes: a
// terminal obeys the first, and the second make a text look like another one.
func (s *Secrets) Redact(text string) string { return s.redact(text, math.MaxInt) }

// Excerpt returns the beginning of [Secrets.Redact] of text: at most
// [MaxExcerpt] characters, and how much was cut.
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

// next returns what replaces the start of text, and the length of that start.
func (n needles) next(text string) (replacement string, size int) {
	if size := n.match(text); size > 0 {
		return hidden, size
	}
	if size := userInformation(text); size > 0 {
		return "//" + hidden, size
	}
	if name, value, ok := tokenHeader(text); ok {
		return name + hidden, len(name) + len(value)
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

// tokenHeader returns the header of a session token at the start of text, as the
// canonical request has it, which a service quotes when it refuses a signature.
// The token may be shorter than [MinSecret], or that of an earlier request.
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

// userInformation returns the length of the user information at the start of
// text, with the slashes before it, which ends before an "@"; 0 for none.
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
