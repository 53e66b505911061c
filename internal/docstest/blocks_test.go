// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// notFromAFile are the blocks that no file below examples/ has, by document and
// first line, with the reason.
var notFromAFile = map[[2]string]string{
	{"README.md", "go run ./internal/demo   # the main job, start to end, on an emulator of Lambda"}:                                         "commands that CI runs",
	{"README.md", "3. plan: show the drift after an out-of-band change of the alias's retries to 2"}:                                         "CI compares it with the demo",
	{"README.md", "for registry in registry.terraform.io registry.opentofu.org; do"}:                                                         "TestFirst runs it",
	{"README.md", `foreach ($registry in "registry.terraform.io", "registry.opentofu.org") {`}:                                               "needs Windows",
	{"README.md", "go run ./cmd/lambda-emulator -function my-function"}:                                                                      "TestFirst runs it",
	{"README.md", "cp -r examples/first first"}:                                                                                              "TestFirst runs it",
	{"SECURITY.md", "version=1.2.3"}:                                                                                                         "needs a release",
	{"SECURITY.md", `CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -trimpath -buildvcs=true -ldflags="-s -w -X main.version=${version}"`}:   "needs a tag",
	{"CONTRIBUTING.md", "go tool -modfile=tools/release/go.mod goreleaser release --snapshot --clean --skip=sign"}:                           "takes too long for a test",
	{"CONTRIBUTING.md", "go run ./internal/conformance -region us-east-1 -role arn:aws:iam::123456789012:role/conformance -record aws.json"}: "needs an AWS account",
	{"CONTRIBUTING.md", "TF_ACC=1 AWS_REGION=us-east-1 go test -timeout 30m -run TestAcc ./internal/acctest"}:                                "needs an AWS account",
}

// TestBlocks has every block be a file below examples/, byte for byte: those
// are run by tests.
func TestBlocks(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	examples := os.DirFS(filepath.Join(root, "examples"))
	err := fs.WalkDir(examples, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(examples, name)
		files[strings.TrimRight(string(text), "\n")] = name
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	met := map[[2]string]bool{}
	for _, d := range documents(t) {
		for _, b := range d.blocks {
			text := strings.TrimRight(b.text, "\n")
			first, _, _ := strings.Cut(text, "\n")
			key := [2]string{d.name, first}
			switch {
			case d.name == "DESIGN.md": // it is about this repository
			case b.language == "text" && strings.HasPrefix(d.name, "docs/functions/"): // the signature, made from the schema
			case files[text] != "":
			case notFromAFile[key] != "":
				met[key] = true
			default:
				t.Errorf("%s:%d: no file below examples/ is this block:\n%s", d.name, b.line, text)
			}
		}
	}
	for key := range notFromAFile {
		if !met[key] {
			t.Errorf("%s has no block (or one from a file) that begins with %q", key[0], key[1])
		}
	}
}
