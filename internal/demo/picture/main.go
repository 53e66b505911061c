// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Picture draws the output of the demo as an SVG for the README:
//
//	go run ./internal/demo | go run ./internal/demo/picture -write internal/demo/demo.svg
//
// With -check, it fails if the file shows other output. It ignores the duration of the
// run. It copies its input to standard output.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"os"
	"regexp"
	"strings"
)

func main() {
	write := flag.String("write", "", "write the picture to this `file`")
	check := flag.String("check", "", "compare the picture with this `file`")
	flag.Parse()
	if err := run(*write, *check); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(write, check string) error {
	printed, err := io.ReadAll(io.TeeReader(os.Stdin, os.Stdout))
	if err != nil {
		return err
	}
	picture, err := draw(string(printed))
	if err != nil {
		return err
	}
	if write != "" {
		return os.WriteFile(write, picture, 0o600)
	}
	drawn, err := os.ReadFile(check) //nolint:gosec // the path is an argument
	if err != nil {
		return err
	}
	took := regexp.MustCompile(`in \d+\.\d s\.`)
	if !bytes.Equal(took.ReplaceAll(picture, nil), took.ReplaceAll(drawn, nil)) {
		return fmt.Errorf("%s is out of date: write it with -write", check)
	}
	return nil
}

// Sizes in pixels. A column is slightly wider than a character of the monospaced font.
const (
	columns  = 116
	fontSize = 13
	column   = 8
	line     = 19
	margin   = 20
)

// draw returns an SVG of the steps. It omits the lines before them, which depend on the
// machine.
func draw(printed string) ([]byte, error) {
	_, steps, ok := strings.Cut(printed, "\n1. ")
	if !ok {
		return nil, errors.New("standard input is not the output of the demo")
	}
	lines := []string{"$ go run ./internal/demo", ""}
	for l := range strings.Lines("1. " + steps) {
		lines = append(lines, wrap(strings.TrimRight(l, "\n"))...)
	}
	var svg bytes.Buffer
	width, height := columns*column+2*margin, len(lines)*line+2*margin
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d"
  role="img" aria-label="Output of the demo">
<rect width="100%%" height="100%%" rx="8" fill="#16181d"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%[3]d"
  xml:space="preserve">
`, width, height, fontSize)
	for i, l := range lines {
		if l != "" {
			fmt.Fprintf(&svg, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n",
				margin, margin+(i+1)*line-5, color(l), html.EscapeString(l))
		}
	}
	svg.WriteString("</g>\n</svg>\n")
	return svg.Bytes(), nil
}

// wrap breaks long lines and indents the continuation.
func wrap(l string) []string {
	var lines []string
	for len(l) > columns {
		at := columns
		if space := strings.LastIndexAny(l[:columns], " ,"); space > columns/2 {
			at = space + 1
		}
		lines, l = append(lines, l[:at]), "      "+l[at:]
	}
	return append(lines, l)
}

// color returns the color of a line: of the command, a step, its output or the result.
func color(l string) string {
	switch {
	case strings.HasPrefix(l, "$"):
		return "#9aa4b2"
	case strings.HasPrefix(l, "All steps"):
		return "#7ee2a8"
	case strings.HasPrefix(l, " "):
		return "#b9c2cf"
	default:
		return "#ffffff"
	}
}
