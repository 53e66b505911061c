// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"encoding/base64"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// needles are the forms of secrets to look for, by their first byte.
type needles map[byte][]string

// needles returns the values and their base64 forms. It is called only when
// there is a text to redact.
func (s *Secrets) needles() needles {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := needles{}
	for _, v := range s.values {
		for _, form := range append(base64Forms(v), v) {
			all[form[0]] = append(all[form[0]], form)
		}
	}
	return all
}

// base64Forms returns the characters that only v determines in an encoded text,
// for each of the three places that v can have in a group of three bytes.
func base64Forms(v string) (forms []string) {
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + v))
			if (before+len(v))%3 != 0 {
				encoded = encoded[:len(encoded)-1] // of which the next byte determines a part
			}
			if before > 0 {
				encoded = encoded[before+1:]
			}
			if len(encoded) >= MinSecret {
				forms = append(forms, encoded)
			}
		}
	}
	return forms
}

// match returns the length of the longest secret at the start of text, 0 for
// none.
func (n needles) match(text string) (size int) {
	var tried [256]bool
	for _, start := range spellings(text) {
		if first := start.of[0]; !tried[first] {
			tried[first] = true
			for _, needle := range n[first] {
				size = max(size, spelled(text, needle))
			}
		}
	}
	return size
}

// minPrefix is how many bytes of a secret are redacted where the rest is missing:
// a service, or Go's error about a URL, may quote a part. A value with a colon in
// them begins like others, as ARNs, URLs and policies do.
const minPrefix = 16

// spelled returns the length of the longest prefix of text that spells secret,
// or its first [minPrefix] bytes and more, 0 for none. Escapes are ambiguous, because a secret may contain an escape: it
// follows every reading, and each pair of places once.
func spelled(text, secret string) (size int) {
	type places struct{ text, secret int }
	least := len(secret)
	if least > minPrefix && !strings.Contains(secret[:minPrefix], ":") {
		least = minPrefix
	}
	var seen map[places]bool
	for pending := []places{{}}; len(pending) > 0; {
		at := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if at.secret >= least {
			size = max(size, at.text)
		}
		if at.secret == len(secret) {
			continue
		}
		if len(pending) > 0 && seen == nil {
			seen = map[places]bool{}
		}
		if seen[at] {
			continue
		}
		if seen != nil {
			seen[at] = true
		}
		for _, s := range spellings(text[at.text:]) {
			if strings.HasPrefix(secret[at.secret:], s.of) {
				pending = append(pending, places{at.text + s.size, at.secret + len(s.of)})
			}
		}
	}
	return size
}

// spelling is a reading of the start of a text: size bytes stand for of.
type spelling struct {
	of   string
	size int
}

// spellings returns the readings of the start of a text. The first byte stands
// for itself, or begins an escape, which may be escaped again, as in "%253D".
func spellings(text string) []spelling {
	if text == "" {
		return nil
	}
	all := []spelling{{text[:1], 1}}
	switch text[0] {
	case '+':
		all = append(all, spelling{" ", 1})
	case '%':
		for rest := text[1:]; ; rest = rest[2:] {
			if b, ok := hexByte(rest); ok {
				size := len(text) - len(rest) + 2
				all = append(all, spelling{b, size})
				if b == "+" {
					all = append(all, spelling{" ", size})
				}
			}
			if !strings.HasPrefix(rest, "25") {
				break
			}
		}
	case '&':
		if end := strings.IndexByte(text[:min(len(text), 10)], ';'); end > 0 {
			if s := html.UnescapeString(text[:end+1]); s != text[:end+1] {
				all = append(all, spelling{s, end + 1})
			}
		}
	case '\\':
		rest := strings.TrimLeft(text, `\`)
		backslashes := len(text) - len(rest)
		for size := 2; size <= backslashes; size *= 2 {
			all = append(all, spelling{`\`, size})
		}
		if rest == "" {
			break
		}
		_, size := utf8.DecodeRuneInString(rest)
		all = append(all, spelling{rest[:size], backslashes + size})
		if i := strings.IndexByte("ntrbf", rest[0]); i >= 0 {
			all = append(all, spelling{"\n\t\r\b\f"[i : i+1], backslashes + 1})
		}
		if b, ok := hexByte(rest[1:]); ok && rest[0] == 'x' {
			all = append(all, spelling{b, backslashes + 3})
		}
		if rest[0] == 'u' && len(rest) >= 5 {
			if code, err := strconv.ParseUint(rest[1:5], 16, 16); err == nil {
				all = append(all, spelling{string(rune(code)), backslashes + 5})
			}
		}
	}
	return all
}

// hexByte returns the byte that two hexadecimal digits at the start of s stand
// for.
func hexByte(s string) (b string, ok bool) {
	if len(s) < 2 {
		return "", false
	}
	code, err := strconv.ParseUint(s[:2], 16, 8)
	return string([]byte{byte(code)}), err == nil
}
