// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Licences writes THIRD_PARTY_LICENSES.md: what is linked into the released
// programs, the provider and the emulator, under which licence, and the licences' texts. It
// fails where a licence is unknown or not among those that may be linked. It
// is run in the directory tools, and needs nothing but the module cache:
//
//	go -C tools run ./licences
//
// Versions are not in the file, so that it changes only when a licence does.
// Those of a release are in its SBOM.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
	"go.yaml.in/yaml/v3"
)

const (
	root   = ".."
	output = root + "/THIRD_PARTY_LICENSES.md"

	// ours is the licence of the provider itself, whose text is in LICENSE.
	ours = "MPL-2.0"

	// standardLibrary stands for a module's path.
	standardLibrary = "Go's standard library"
)

// allowed are the licences that may be linked into a program under ours.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", ours}

// fileName matches what a licence or a notice is called.
var fileName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice)([-_.].*)?$`)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	platforms, err := releasedPlatforms(root + "/.goreleaser.yml")
	if err != nil {
		return err
	}
	files := map[string]string{} // module by the path of a licence or notice
	for _, platform := range platforms {
		if err := addFiles(ctx, files, platform); err != nil {
			return err
		}
	}
	text, err := report(files)
	if err != nil {
		return err
	}
	return os.WriteFile(output, text, 0o644) //nolint:gosec // everybody may read it
}

// releasedPlatforms returns the targets in a configuration of GoReleaser.
func releasedPlatforms(path string) ([]string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the repository's own
	if err != nil {
		return nil, err
	}
	var configuration struct {
		Builds []struct{ Targets []string }
	}
	if err := yaml.Unmarshal(text, &configuration); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var platforms []string
	for _, build := range configuration.Builds {
		platforms = append(platforms, build.Targets...)
	}
	if len(platforms) == 0 {
		return nil, fmt.Errorf("%s has no targets", path)
	}
	return platforms, nil
}

// addFiles adds the licences and notices of all that is compiled into the
// programs for a platform.
func addFiles(ctx context.Context, files map[string]string, platform string) error {
	goos, goarch, _ := strings.Cut(platform, "_")
	goarch, _, _ = strings.Cut(goarch, "_") // a variant may follow
	// Of the standard library, the whole's licence: what has one of its own there
	// (BoringSSL) is linked into nothing that is built without cgo.
	const format = "{{if .Standard}}{{.Root}}\t" + standardLibrary + "\t{{.Root}}{{else if not .Module.Main}}{{.Dir}}\t{{.Module.Path}}\t{{.Module.Dir}}{{end}}"
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", format, ".", "./cmd/...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	cmd.Stderr = os.Stderr
	packages, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list for %s: %w", platform, err)
	}
	modules := map[string]bool{} // whether a licence was found
	for line := range strings.Lines(string(packages)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) != 3 { // one of our own
			continue
		}
		dir, module, moduleDir := columns[0], columns[1], columns[2]
		// What a directory holds may have a licence beside the module's.
		for {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return err
			}
			for _, entry := range entries {
				if entry.Type().IsRegular() && fileName.MatchString(entry.Name()) && filepath.Ext(entry.Name()) != ".go" {
					files[filepath.Join(dir, entry.Name())] = module
					modules[module] = modules[module] || !isNotice(entry.Name())
				}
			}
			if dir == moduleDir || dir == filepath.Dir(dir) {
				break
			}
			dir = filepath.Dir(dir)
		}
		if !modules[module] {
			return fmt.Errorf("%s has no licence", module)
		}
	}
	return nil
}

// isNotice tells a notice from a licence.
func isNotice(path string) bool {
	return strings.HasPrefix(strings.ToLower(filepath.Base(path)), "notice")
}

// report returns the text of the list.
func report(files map[string]string) ([]byte, error) {
	licences := map[string][]string{} // by module
	modules := map[string][]string{}  // by text
	var errs []error
	for _, path := range slices.Sorted(maps.Keys(files)) {
		text, err := os.ReadFile(path) //nolint:gosec // in the module cache
		if err != nil {
			return nil, err
		}
		module := files[path]
		if !isNotice(path) {
			names, rest, err := classify(text)
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", module, path, err))
			}
			licences[module] = append(licences[module], names...)
			text = rest
		}
		normal := normalise(text)
		modules[normal] = unique(append(modules[normal], module))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}

	var b bytes.Buffer
	b.WriteString("<!-- Written by tools/licences. -->\n\n# Third-party licences\n\n" +
		"What is linked into the released programs of this provider, on one platform or more. The source of each is the Go\n" +
		"module of that name, in the version that the release's SBOM says. The texts follow the list.\n\n" +
		"| Module | Licence |\n| --- | --- |\n")
	for _, module := range slices.Sorted(maps.Keys(licences)) {
		fmt.Fprintf(&b, "| %s | %s |\n", module, strings.Join(unique(licences[module]), ", "))
	}
	texts := slices.SortedFunc(maps.Keys(modules), func(x, y string) int {
		return cmp.Or(strings.Compare(modules[x][0], modules[y][0]), strings.Compare(x, y))
	})
	for _, text := range texts {
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s\n```\n", strings.Join(modules[text], ", "), text)
	}
	return b.Bytes(), nil
}

// classify returns the licences that a text consists of, and the text without
// our own. One that is not allowed, and a text that is more than licences and
// who holds the copyright, are errors.
func classify(text []byte) (names []string, rest []byte, err error) {
	found := licensecheck.Scan(text)
	for _, match := range found.Match {
		if !slices.Contains(allowed, match.ID) {
			return nil, nil, fmt.Errorf("%s is not among the licences that may be linked: %s", match.ID, strings.Join(allowed, ", "))
		}
		names = append(names, match.ID)
	}
	if found.Percent < 90 {
		return nil, nil, fmt.Errorf("only %.0f %% of the text are known licences (%s)", found.Percent, strings.Join(names, ", "))
	}
	names = unique(names)
	if slices.Equal(names, []string{ours}) {
		text = append(text[:found.Match[0].Start:found.Match[0].Start], "The text of "+ours+" is in LICENSE."...)
	}
	return names, text, nil
}

// normalise returns a text without what does not change its meaning, so that
// the same licence is printed once.
func normalise(text []byte) string {
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\f")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
