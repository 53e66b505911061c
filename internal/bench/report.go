// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// report is what the bench prints.
type report struct {
	Date    time.Time `json:"date"`
	OS      string    `json:"os"`
	Arch    string    `json:"arch"`
	CPUs    int       `json:"cpus"`
	CPU     string    `json:"cpu,omitempty"` // the model, where it is known
	Go      string    `json:"go"`
	CLI     string    `json:"cli"`
	Results []result  `json:"results"`
}

func newReport(cli terraformcli.CLI) report {
	name := "Terraform"
	if cli.OpenTofu {
		name = "OpenTofu"
	}
	return report{
		Date:    time.Now().UTC().Truncate(time.Second),
		OS:      runtime.GOOS,
		Arch:    runtime.GOARCH,
		CPUs:    runtime.NumCPU(),
		CPU:     cpuModel(),
		Go:      runtime.Version(),
		CLI:     name + " " + cli.Version,
		Results: []result{},
	}
}

// cpuModel returns what Linux says of the CPU, elsewhere nothing.
func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	model := regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`).FindSubmatch(info)
	if model == nil {
		return ""
	}
	return string(model[1])
}

func (r report) json(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func (r report) markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s/%s, %d CPUs", r.Date.Format("2006-01-02 15:04 UTC"), r.OS, r.Arch, r.CPUs)
	if r.CPU != "" {
		fmt.Fprintf(&b, " (%s)", r.CPU)
	}
	fmt.Fprintf(&b, ", %s, %s\n\n", r.Go, r.CLI)
	b.WriteString("| Case | Measured | Must reach | Reached | Figures |\n| --- | --- | --- | --- | --- |\n")
	for _, row := range r.Results {
		reached := "no"
		if row.Reached {
			reached = "yes"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.Case, row.text, row.Must, reached, row.Figures)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
