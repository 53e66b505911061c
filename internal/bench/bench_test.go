// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"
	"time"
)

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
			t.Errorf("median of %v: %v, not %v", c.values, got, c.want)
		}
	}
}

func TestSteepestLooksAtNeighbours(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{[]float64{2, 1, 1.5}, 1.5},
		{[]float64{8, 4, 2}, 0.5},
	} {
		if got := steepest(c.values); got != c.want {
			t.Errorf("steepest of %v: %v, not %v", c.values, got, c.want)
		}
	}
}

func TestMarkdown(t *testing.T) {
	r := report{
		Date: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), OS: "linux", Arch: "arm64", CPUs: 4, CPU: "C", Go: "go1", CLI: "OpenTofu 1",
		Results: []result{
			figure{"wall ÷ least", 1.0614, ratio, bar{"≤", 1.05}, "wall 3 s"}.result("A"),
			figure{"calls", 100, calls, bar{"=", 100}, "100 List"}.result("B"),
			figure{"speed", 0.95, ratio, bar{"≥", 0.95}, ""}.result("C"),
		},
	}
	const want = `2026-01-02 03:04 UTC, linux/arm64, 4 CPUs (C), go1, OpenTofu 1

| Case | Measured | Must reach | Reached | Figures |
| --- | --- | --- | --- | --- |
| A: wall ÷ least | 1.061 | ≤ 1.05 | no | wall 3 s |
| B: calls | 100 calls | = 100 calls | yes | 100 List |
| C: speed | 0.950 | ≥ 0.95 | yes |  |
`
	var got strings.Builder
	if err := r.markdown(&got); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}
