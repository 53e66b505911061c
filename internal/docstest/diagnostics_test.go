// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guide = "templates/guides/troubleshooting.md.tmpl"

// sourceFiles returns the Go files below dir that are not tests.
func sourceFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := readFiles(t, dir, ".go")
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasSuffix(name, "_test.go") })
	return files
}

// TestSummaries_areInTheGuide compares the constants in package summaries with the
// headings of the guide, and checks that the code uses each constant.
func TestSummaries_areInTheGuide(t *testing.T) {
	t.Parallel()
	sources := sourceFiles(t, "internal")
	code := strings.Join(slices.Collect(maps.Values(sources)), "")
	var summaries []string
	constant := regexp.MustCompile(`(?m)^\t(\w+) += "(.+?)"`)
	for _, m := range constant.FindAllStringSubmatch(sources["internal/summaries/summaries.go"], -1) {
		summaries = append(summaries, m[2])
		if !strings.Contains(code, "summaries."+m[1]) {
			t.Errorf("no code uses the summary %s", m[1])
		}
		if n := len(strings.Fields(m[2])); n < 3 || n > 6 {
			t.Errorf("the summary %q has %d words, want 3 to 6", m[2], n)
		}
	}
	summaries = append(summaries, "Invalid function argument") // by the CLI, for an error of a function
	compare(t, summaries, regexp.MustCompile(`(?m)^### (.+)$`))
}

// TestSummaries_areConstants finds diagnostics with a summary that is not in
// package summaries.
func TestSummaries_areConstants(t *testing.T) {
	t.Parallel()
	literal := regexp.MustCompile(`(Add(Attribute)?|New(Attribute)?)(Error|Warning)(Diagnostic)?\([^()"]*` +
		`(\([^()]*\)[^()"]*)*(fmt\.Sprintf\()?"|summary: +"`)
	for name, text := range sourceFiles(t, "internal") {
		for _, m := range literal.FindAllString(text, -1) {
			if !strings.Contains(m, "summaries.") {
				t.Errorf("%s: %s… has a summary that is not a constant of package summaries", name, m)
			}
		}
	}
}

// TestErrorCodes_areInTheGuide compares the error codes that the provider gives
// advice for with the codes in the guide.
func TestErrorCodes_areInTheGuide(t *testing.T) {
	t.Parallel()
	const code = `([A-Z][A-Za-z]+(?:Exception|TokenId))`
	var codes []string
	for _, text := range sourceFiles(t, "internal/lambdaapi") {
		for _, m := range regexp.MustCompile(`"`+code+`"`).FindAllStringSubmatch(text, -1) {
			codes = append(codes, m[1])
		}
	}
	compare(t, codes, regexp.MustCompile("`"+code+"`"))
}

// compare compares the texts in the code with the matches in the guide.
func compare(t *testing.T, code []string, inGuide *regexp.Regexp) {
	t.Helper()
	var documented []string
	for _, m := range inGuide.FindAllStringSubmatch(readFiles(t, "templates", ".tmpl")[guide], -1) {
		documented = append(documented, m[1])
	}
	for _, texts := range []*[]string{&code, &documented} {
		slices.Sort(*texts)
		*texts = slices.Compact(*texts)
	}
	for _, s := range code {
		if !slices.Contains(documented, s) {
			t.Errorf("%s does not explain %q", guide, s)
		}
	}
	for _, s := range documented {
		if !slices.Contains(code, s) {
			t.Errorf("%s explains %q, which is not in the code", guide, s)
		}
	}
}
