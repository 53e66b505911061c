// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import "testing"

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{3}, 3},
		{[]float64{9, 1, 2}, 2},
		{[]float64{4, 1, 9, 2}, 3},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: got %v, want %v", c.values, got, c.want)
		}
	}
}

func TestMaxGrowth_comparesNeighbors(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{2, 1, 1.5}, 1.5},
		{[]float64{8, 4, 2}, 0.5},
	} {
		if got := maxGrowth(c.values); got != c.want {
			t.Errorf("maximum growth of %v: got %v, want %v", c.values, got, c.want)
		}
	}
}

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
