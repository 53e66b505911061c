// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestClassify(t *testing.T) {
	own, err := os.ReadFile("../../LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	const zero = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee
is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS
SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE
AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE
OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS
SOFTWARE.`
	for name, test := range map[string]struct {
		text string
		want []string
		err  string
	}{
		"ours":        {text: string(own), want: []string{ours}},
		"not allowed": {text: zero, err: "license 0BSD is not allowed; allowed are " + strings.Join(allowed, ", ")},
		"unknown":     {text: "All rights reserved. Ask us.", err: "only 0 % of the text is part of known licenses ()"},
		"with a condition": {
			text: string(own) + strings.Repeat("Who sells a copy owes us a tenth.\n", 100),
			err:  "only 75 % of the text is part of known licenses (MPL-2.0)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			names, _, err := classify([]byte(test.text))
			if test.err == "" && err != nil || test.err != "" && (err == nil || err.Error() != test.err) {
				t.Fatalf("got error %v, want %q", err, test.err)
			}
			if !slices.Equal(names, test.want) {
				t.Errorf("got %q, want %q", names, test.want)
			}
		})
	}
}
