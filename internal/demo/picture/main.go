// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Picture draws what the demo prints, for the README:
//
//	go run ./internal/demo | go run ./internal/demo/picture -write internal/demo/demo.svg
//
// With -check instead, it passes on what it reads, and fails where the picture
// shows another run than this one (but for how long it took).
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
	write := flag.String("write", "", "`file` to draw to")
	check := flag.String("check", "", "`file` to compare with")
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
	drawn, err := os.ReadFile(check) //nolint:gosec // whoever runs this says which
	if err != nil {
		return err
	}
	took := regexp.MustCompile(`in \d+\.\d s\.`)
	if !bytes.Equal(took.ReplaceAll(picture, nil), took.ReplaceAll(drawn, nil)) {
		return fmt.Errorf("%s shows another run; draw it again with -write", check)
	}
	return nil
}

// The sizes, in pixels; a column is that of a monospaced font of this size.
const (
	columns  = 116
	fontSize = 13
	column   = 8 // a little more than it takes
	line     = 19
	margin   = 20
)

// draw returns an SVG of the steps. What stands before the first differs from
// machine to machine.
func draw(printed string) ([]byte, error) {
	_, steps, ok := strings.Cut(printed, "\n1. ")
	if !ok {
		return nil, errors.New("this is not what the demo prints")
	}
	lines := []string{"$ go run ./internal/demo", ""}
	for l := range strings.Lines("1. " + steps) {
		lines = append(lines, wrap(strings.TrimRight(l, "\n"))...)
	}
	var svg bytes.Buffer
	width, height := columns*column+2*margin, len(lines)*line+2*margin
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="%[2]d" viewBox="0 0 %[1]d %[2]d" role="img" aria-label="What the demo prints">
<rect width="100%%" height="100%%" rx="8" fill="#16181d"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%[3]d" xml:space="preserve">
`, width, height, fontSize)
	for i, l := range lines {
		if l != "" {
			fmt.Fprintf(&svg, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n", margin, margin+(i+1)*line-5, colour(l), html.EscapeString(l))
		}
	}
	svg.WriteString("</g>\n</svg>\n")
	return svg.Bytes(), nil
}

// wrap breaks a line that is too long, and indents the rest.
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

// colour tells the steps, and what was promised, from what they show.
func colour(l string) string {
	switch {
	case strings.HasPrefix(l, "$"):
		return "#9aa4b2"
	case strings.HasPrefix(l, "Everything"):
		return "#7ee2a8"
	case strings.HasPrefix(l, " "):
		return "#b9c2cf"
	default:
		return "#ffffff"
	}
}
