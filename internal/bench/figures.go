// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strconv"
	"strings"
)

// unit is what a figure is counted in, empty for a ratio, and with how many
// decimals it is printed.
type unit struct {
	name     string
	decimals int
}

var (
	ratio     = unit{"", 3}
	calls     = unit{"calls", 0}
	failures  = unit{"failures", 0}
	percent   = unit{"%", 1}
	mebibytes = unit{"MiB", 1}
)

// text returns v in the unit; -1 decimals are as many as there are.
func (u unit) text(v float64, decimals int) string {
	return strings.TrimSpace(strconv.FormatFloat(v, 'f', decimals, 64) + " " + u.name)
}

// bar is what a figure must reach.
type bar struct {
	relation string // "=", "≤" or "≥"
	value    float64
}

func (b bar) reachedBy(v float64) bool {
	switch b.relation {
	case "≤":
		return v <= b.value
	case "≥":
		return v >= b.value
	default:
		return v == b.value
	}
}

// figure is one measured value and the bar that it must reach.
type figure struct {
	what     string
	measured float64
	unit     unit
	must     bar
	raw      string // the figures behind it
}

// result is a figure as it is printed.
type result struct {
	Case     string  `json:"case"`
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit,omitempty"`
	Must     string  `json:"must_reach"`
	Reached  bool    `json:"reached"`
	Figures  string  `json:"figures"`

	text string // Measured with its unit
}

func (f figure) result(of string) result {
	return result{
		Case:     of + ": " + f.what,
		Measured: f.measured,
		Unit:     f.unit.name,
		Must:     f.must.relation + " " + f.unit.text(f.must.value, -1),
		Reached:  f.must.reachedBy(f.measured),
		Figures:  f.raw,
		text:     f.unit.text(f.measured, f.unit.decimals),
	}
}

// median returns the middle of values, of which there must be one or more.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// steepest returns the greatest ratio of a value to the one before it.
func steepest(values []float64) float64 {
	most := 0.0
	for i := 1; i < len(values); i++ {
		most = max(most, values[i]/values[i-1])
	}
	return most
}
