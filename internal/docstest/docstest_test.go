// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package docstest compares the documentation with the code: links, code blocks,
// attribute descriptions, diagnostics and IAM actions.
package docstest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root is the path of the repository.
const root = "../.."

// readFiles returns the text of the files below dir with one of the suffixes, by
// their paths in the repository. It skips hidden directories.
func readFiles(t *testing.T, dir string, suffixes ...string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS(root), dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && strings.HasPrefix(entry.Name(), ".") && name != "." {
			return fs.SkipDir
		}
		for _, suffix := range suffixes {
			if err == nil && strings.HasSuffix(name, suffix) {
				var text []byte
				text, err = os.ReadFile(filepath.Join(root, name))
				files[name] = string(text)
			}
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files below %s: %v", len(files), dir, err)
	}
	return files
}

// readPages returns the repository's Markdown files as users read them: without
// templates, and without texts of others.
func readPages(t *testing.T) map[string]string {
	t.Helper()
	pages := readFiles(t, ".", ".md")
	maps.DeleteFunc(pages, func(name, _ string) bool { return name == "THIRD_PARTY_LICENSES.md" })
	return pages
}
