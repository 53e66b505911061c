// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// unit is the unit of a figure. Its name is empty for a ratio.
type unit struct {
	name     string
	decimals int // to print
}

var (
	ratio     = unit{"", 3}
	calls     = unit{"calls", 0}
	configs   = unit{"configs", 0}
	percent   = unit{"%", 1}
	mebibytes = unit{"MiB", 1}
)

// format returns v with the name of the unit. If decimals is -1, it prints as many as
// needed.
func (u unit) format(v float64, decimals int) string {
	return strings.TrimSpace(strconv.FormatFloat(v, 'f', decimals, 64) + " " + u.name)
}

// limit is a limit of a figure.
type limit struct {
	relation string // "=", "≤" or "≥"
	value    float64
}

func (l limit) allows(v float64) bool {
	switch l.relation {
	case "≤":
		return v <= l.value
	case "≥":
		return v >= l.value
	default:
		return v == l.value
	}
}

// figure is a measured value with its limit.
type figure struct {
	name    string
	value   float64
	unit    unit
	limit   limit
	details string // the values that it is computed from
}

// row returns f as a row of the table.
func (f figure) row(benchCase string) string {
	within := "no"
	if f.limit.allows(f.value) {
		within = "yes"
	}
	return fmt.Sprintf("| %s: %s | %s | %s %s | %s | %s |\n", benchCase, f.name, f.unit.format(f.value, f.unit.decimals),
		f.limit.relation, f.unit.format(f.limit.value, -1), within, f.details)
}

// writeReport writes a table of the rows in Markdown. Its heading describes the machine.
func writeReport(w io.Writer, cli terraformcli.CLI, rows []string) error {
	name := "Terraform"
	if cli.OpenTofu {
		name = "OpenTofu"
	}
	cpu := ""
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil { // on Linux
		if model := regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`).FindSubmatch(info); model != nil {
			cpu = fmt.Sprintf(" (%s)", model[1])
		}
	}
	_, err := fmt.Fprintf(w, "%s, %s/%s, %d CPUs%s, %s, %s %s\n\n| Case | Measured | Limit | Within limit | Details |\n"+
		"| --- | --- | --- | --- | --- |\n%s", time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), cpu, runtime.Version(), name, cli.Version, strings.Join(rows, ""))
	return err
}

// median returns the median of values, which must not be empty.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// maxGrowth returns the maximum ratio of a value to the value before it.
func maxGrowth(values []float64) float64 {
	growth := 0.0
	for i := 1; i < len(values); i++ {
		growth = max(growth, values[i]/values[i-1])
	}
	return growth
}
