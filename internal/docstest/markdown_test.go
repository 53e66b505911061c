// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// document is a Markdown file as far as this repository's go: headings begin
// with "#", blocks are fenced by three backticks, and a link says where it
// goes in parentheses.
type document struct {
	name     string // its path in the repository
	text     string // without its blocks
	headings []heading
	anchors  map[string]bool
	blocks   []block
}

type heading struct {
	level int
	text  string
}

type block struct {
	language, text string
	line           int
}

var (
	fence       = regexp.MustCompile("^\\s*```(\\S*)$")
	title       = regexp.MustCompile(`^(#{1,6}) +(.+)$`)
	anchor      = regexp.MustCompile(`<a id="([^"]+)"></a>`)
	link        = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	bareURL     = regexp.MustCompile(`(?:^|[\s<])(https?://[^\s<>)]+)`)
	codeSpan    = regexp.MustCompile("`[^`]*`")
	linkText    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N}\-_ ]`)
)

// read parses a file of the repository.
func read(t *testing.T, name string) *document {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	d := &document{name: name, anchors: map[string]bool{}}
	var lines []string
	var open *block
	for i, line := range strings.Split(string(text), "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case open != nil && m != nil:
			d.blocks = append(d.blocks, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		case m != nil:
			open = &block{language: m[1], line: i + 1}
		default:
			lines = append(lines, line)
			d.addAnchors(line)
		}
	}
	if open != nil {
		t.Fatalf("%s:%d: the block has no end", name, open.line)
	}
	d.text = strings.Join(lines, "\n")
	return d
}

// addAnchors adds what of a line a link can go to. A heading's anchor is made
// as GitHub and Terraform's registry make it.
func (d *document) addAnchors(line string) {
	for _, m := range anchor.FindAllStringSubmatch(line, -1) {
		d.anchors[m[1]] = true
	}
	m := title.FindStringSubmatch(line)
	if m == nil {
		return
	}
	d.headings = append(d.headings, heading{len(m[1]), m[2]})
	slug := linkText.ReplaceAllString(m[2], "$1")
	slug = strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(slug), ""), " ", "-")
	unique := slug
	for n := 1; d.anchors[unique]; n++ {
		unique = fmt.Sprintf("%s-%d", slug, n)
	}
	d.anchors[unique] = true
}

// links returns where the links of d go to.
func (d *document) links() []string {
	text := codeSpan.ReplaceAllString(d.text, "")
	var targets []string
	for _, pattern := range []*regexp.Regexp{link, bareURL} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			targets = append(targets, m[1])
		}
	}
	return targets
}

// place is where a document is when it is read: a template is read as the page
// that is made from it.
func (d *document) place() string {
	if made, ok := strings.CutPrefix(d.name, "templates/"); ok {
		return "docs/" + strings.TrimSuffix(made, ".tmpl")
	}
	return d.name
}

// documents returns all of the repository's documents.
func documents(t *testing.T) []*document {
	t.Helper()
	var all []*document
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case name == "THIRD_PARTY_LICENSES.md": // others' texts, by a tool
		case path.Ext(name) == ".md", strings.HasSuffix(name, ".md.tmpl"):
			all = append(all, read(t, name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "DESIGN.md", "docs/index.md", "templates/index.md.tmpl", "examples/modules/async-invocation/README.md"} {
		if !slices.ContainsFunc(all, func(d *document) bool { return d.name == name }) {
			t.Fatalf("%s is not among the documents", name)
		}
	}
	return all
}
