// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import "testing"

func TestFigure_row(t *testing.T) {
	for _, c := range []struct {
		figure figure
		want   string
	}{
		{figure{"ratio", 1.0614, ratio, limit{"≤", 1.05}, "3 s"}, "| A: ratio | 1.061 | ≤ 1.05 | no | 3 s |\n"},
		{figure{"calls", 100, calls, limit{"=", 100}, "x"}, "| A: calls | 100 calls | = 100 calls | yes | x |\n"},
		{figure{"rate", 0.95, ratio, limit{"≥", 0.95}, ""}, "| A: rate | 0.950 | ≥ 0.95 | yes |  |\n"},
	} {
		if got := c.figure.row("A"); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
