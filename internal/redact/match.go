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

// needles are the forms of the secret values to find, by their first byte.
type needles map[byte][]string

// needles returns the secret values and their base64 forms.
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

// base64Forms returns the characters that v alone determines in the base64 form
// of a longer text, for each of the three offsets of v in a group of three bytes.
func base64Forms(v string) (forms []string) {
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", before) + v))
			if (before+len(v))%3 != 0 {
				encoded = encoded[:len(encoded)-1] // the last character depends on the byte after v
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
	for _, d := range decodings(text) {
		if first := d.decoded[0]; !tried[first] {
			tried[first] = true
			for _, needle := range n[first] {
				size = max(size, matchSecret(text, needle))
			}
		}
	}
	return size
}

// minPrefix is the minimum length of a prefix of a secret that is redacted, in
// bytes. A service, or Go's error about a URL, may quote a part of a secret. A
// prefix with a colon is not redacted, since other ARNs, URLs and policies begin
// like it.
const minPrefix = 16

// matchSecret returns the length of the longest start of text that decodes to
// secret, or to at least [minPrefix] bytes of its start; 0 for none. Decoding is
// ambiguous, because a secret may contain an escape sequence. matchSecret tries
// all decodings, and each pair of offsets once.
func matchSecret(text, secret string) (size int) {
	type offsets struct{ text, secret int }
	least := len(secret)
	if least > minPrefix && !strings.Contains(secret[:minPrefix], ":") {
		least = minPrefix
	}
	var seen map[offsets]bool
	for pending := []offsets{{}}; len(pending) > 0; {
		at := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		if at.secret >= least {
			size = max(size, at.text)
		}
		if at.secret == len(secret) {
			continue
		}
		if len(pending) > 0 && seen == nil {
			seen = map[offsets]bool{}
		}
		if seen[at] {
			continue
		}
		if seen != nil {
			seen[at] = true
		}
		for _, d := range decodings(text[at.text:]) {
			if strings.HasPrefix(secret[at.secret:], d.decoded) {
				pending = append(pending, offsets{at.text + d.size, at.secret + len(d.decoded)})
			}
		}
	}
	return size
}

// decoding is a possible meaning of the start of a text.
type decoding struct {
	decoded string
	size    int // of the encoded form in the text
}

// decodings returns the possible meanings of the start of a text: its first byte,
// or an escape sequence, which may itself be escaped, as in "%253D".
func decodings(text string) []decoding {
	if text == "" {
		return nil
	}
	all := []decoding{{text[:1], 1}}
	switch text[0] {
	case '+':
		all = append(all, decoding{" ", 1})
	case '%':
		for rest := text[1:]; ; rest = rest[2:] {
			if b, ok := hexByte(rest); ok {
				size := len(text) - len(rest) + 2
				all = append(all, decoding{b, size})
				if b == "+" {
					all = append(all, decoding{" ", size})
				}
			}
			if !strings.HasPrefix(rest, "25") {
				break
			}
		}
	case '&':
		if end := strings.IndexByte(text[:min(len(text), 10)], ';'); end > 0 {
			if s := html.UnescapeString(text[:end+1]); s != text[:end+1] {
				all = append(all, decoding{s, end + 1})
			}
		}
	case '\\':
		rest := strings.TrimLeft(text, `\`)
		backslashes := len(text) - len(rest)
		for size := 2; size <= backslashes; size *= 2 {
			all = append(all, decoding{`\`, size})
		}
		if rest == "" {
			break
		}
		_, size := utf8.DecodeRuneInString(rest)
		all = append(all, decoding{rest[:size], backslashes + size})
		if i := strings.IndexByte("ntrbf", rest[0]); i >= 0 {
			all = append(all, decoding{"\n\t\r\b\f"[i : i+1], backslashes + 1})
		}
		if b, ok := hexByte(rest[1:]); ok && rest[0] == 'x' {
			all = append(all, decoding{b, backslashes + 3})
		}
		if rest[0] == 'u' && len(rest) >= 5 {
			if code, err := strconv.ParseUint(rest[1:5], 16, 16); err == nil {
				all = append(all, decoding{string(rune(code)), backslashes + 5})
			}
		}
	}
	return all
}

// hexByte returns the byte that the first two hexadecimal digits of s encode.
func hexByte(s string) (b string, ok bool) {
	if len(s) < 2 {
		return "", false
	}
	code, err := strconv.ParseUint(s[:2], 16, 8)
	return string([]byte{byte(code)}), err == nil
}
