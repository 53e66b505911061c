// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
)

var (
	codeBlock   = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	inlineCode  = regexp.MustCompile("`[^`\n]*`")
	link        = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	anchor      = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	linkedText  = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`)
)

// TestLinks_lead checks every link to a file or a heading of the repository. The
// registries publish only docs/, so its links must not lead out of it.
func TestLinks_lead(t *testing.T) {
	t.Parallel()
	pages := readPages(t)
	for name, text := range pages {
		text = inlineCode.ReplaceAllString(codeBlock.ReplaceAllString(text, ""), "")
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			target, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := name
			if target != "" {
				file = path.Join(path.Dir(name), target)
			}
			_, err := os.Stat(filepath.Join(root, file))
			isPublished := !strings.HasPrefix(name, "docs/") || strings.HasPrefix(file, "docs/")
			if err != nil || !isPublished || fragment != "" && !slices.Contains(anchors(pages[file]), fragment) {
				t.Errorf("%s: broken link %s", name, m[1])
			}
		}
	}
}

// anchors returns the anchors of a page, as GitHub and Terraform's registry make
// them of its headings.
func anchors(text string) []string {
	var found []string
	for _, m := range anchor.FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	for _, m := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		slug := notInAnchor.ReplaceAllString(strings.ToLower(linkedText.ReplaceAllString(m[1], "$1")), "")
		found = append(found, strings.ReplaceAll(slug, " ", "-"))
	}
	return found
}

// TestCodeBlocks_areExamples checks that each block of HCL is an example, which
// tests run. Templates include examples with tffile and codefile.
func TestCodeBlocks_areExamples(t *testing.T) {
	t.Parallel()
	for name, text := range readFiles(t, "templates", ".tmpl") {
		if strings.Contains(text, "```") {
			t.Errorf("%s has a code block that is not an example", name)
		}
	}
	examples := map[string]bool{}
	for _, text := range readFiles(t, "examples", ".tf", ".hcl") {
		examples[strings.TrimSpace(text)] = true
	}
	for name, text := range readPages(t) {
		for _, m := range codeBlock.FindAllStringSubmatch(text, -1) {
			if language, block := m[1], m[2]; language == "terraform" && !examples[strings.TrimSpace(block)] {
				t.Errorf("%s: no example has the code\n%s", name, block)
			}
		}
	}
}

// TestDescriptions_areComplete checks the attributes' descriptions in docs/, which
// tfplugindocs makes of the schemas: sentences, a range for numbers, and a default
// for optional attributes, of which some of the provider have none.
func TestDescriptions_areComplete(t *testing.T) {
	t.Parallel()
	item := regexp.MustCompile("^- `(\\w+)` \\((\\w+).*?\\) ?(.*?)(?: \\(see \\[below.*)?$")
	numberRange := regexp.MustCompile("`?\\d+`? (to|or more)")
	defaultValue := regexp.MustCompile("Default|If omitted")
	count := 0
	for name, text := range readFiles(t, "docs", ".md") {
		isOptional := false
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			switch strings.Trim(line, "# :") {
			case "Optional":
				isOptional = true
			case "Required", "Read-Only", "Nested Schema":
				isOptional = false
			}
			m := item.FindStringSubmatch(line)
			if m == nil || strings.HasPrefix(name, "docs/guides/") {
				continue
			}
			count++
			kind, description := m[2], m[3]
			if !strings.HasSuffix(description, ".") && !strings.HasSuffix(description, ".)") {
				t.Errorf("%s: not a sentence: %s", name, line)
			}
			if isOptional && name != "docs/index.md" && !defaultValue.MatchString(description) {
				t.Errorf("%s: no default: %s", name, line)
			}
			if kind == "Number" && !numberRange.MatchString(description) {
				t.Errorf("%s: no range: %s", name, line)
			}
		}
	}
	if count < 80 {
		t.Errorf("found only %d attributes", count)
	}
}

// TestDestinationActions_areDocumentedOnce checks that only one page lists the IAM
// actions of destinations. CONTRIBUTING.md lists the actions of a role for tests.
func TestDestinationActions_areDocumentedOnce(t *testing.T) {
	t.Parallel()
	const home = "docs/functions/destination_permissions.md"
	pages := readPages(t)
	delete(pages, "CONTRIBUTING.md")
	for _, arn := range []string{
		"arn:aws:sqs:us-east-1:123456789012:queue",
		"arn:aws:sns:us-east-1:123456789012:topic",
		"arn:aws:lambda:us-east-1:123456789012:function:function",
		"arn:aws:events:us-east-1:123456789012:event-bus/bus",
		"arn:aws:s3:::bucket",
	} {
		d, err := destination.Parse(arn)
		if err != nil {
			t.Fatal(err)
		}
		actions, _, err := d.Permissions()
		if err != nil || len(actions) == 0 {
			t.Fatalf("%s: %q, %v", arn, actions, err)
		}
		for _, action := range actions {
			for name, text := range pages {
				if n := strings.Count(text, action); n > 1 || (n == 1) != (name == home) {
					t.Errorf("%s has %s %d times; only %s lists it, once", name, action, n, home)
				}
			}
		}
	}
}
