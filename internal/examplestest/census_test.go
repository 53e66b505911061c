// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

// TestEveryExample has every file below examples/ be named by a test, or by a
// script there: where it is read, it is run.
func TestEveryExample(t *testing.T) {
	t.Parallel()
	var files, runners []string
	comment := regexp.MustCompile(`(?m)^\s*(//|#).*$`)
	for _, dir := range []string{examples, ".."} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			if dir == examples && path.Ext(name) != ".md" {
				files = append(files, name)
			}
			if path.Ext(name) != ".sh" && !strings.HasSuffix(name, "_test.go") {
				return nil
			}
			text, err := fs.ReadFile(os.DirFS(dir), name)
			runner := comment.ReplaceAllString(string(text), "")
			runners = append(runners, strings.ReplaceAll(runner, `" + Type + "`, acctest.Type))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range files {
		if !slices.ContainsFunc(runners, func(runner string) bool { return names(runner, file) }) {
			t.Errorf("no test runs examples/%s", file)
		}
	}
}

// names reports whether a test or a script has an example's path, in one piece
// or as its directory and its name. Where it copies the directory, a CLI loads
// what is a configuration or a test without being told its name; so a file that
// copies directories is to have the paths of no others.
func names(runner, file string) bool {
	has := func(part string) bool {
		return regexp.MustCompile(`["/]` + regexp.QuoteMeta(part) + `["/\s]`).MatchString(runner)
	}
	dir, name := path.Split(file)
	isLoaded := path.Ext(name) == ".tf"
	if tested, isTest := strings.CutSuffix(dir, "/tests/"); isTest {
		dir, isLoaded = tested, strings.HasSuffix(name, ".tftest.hcl")
	}
	return has(strings.TrimSuffix(dir, "/")) && (has(name) || isLoaded && strings.Contains(runner, "os.CopyFS("))
}
