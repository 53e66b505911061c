// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Licenses writes THIRD_PARTY_LICENSES.md: the modules that are linked into the released
// programs, their licenses, and the texts of the licenses. It fails if a license is
// unknown or not allowed. Run it in the directory tools:
//
//	go -C tools run ./licenses
//
// The list has no versions, so that it changes only with a license. The SBOM of a release
// has the versions.
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

	// ours is the license of the provider, in the file LICENSE.
	ours = "MPL-2.0"

	// standardLibrary is used as the module of packages in the standard library.
	standardLibrary = "Go's standard library"
)

// allowed are the licenses of modules that may be linked into the programs.
var allowed = []string{"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", ours}

// fileName matches the names of license and notice files.
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
	files := map[string]string{} // module by path of a license or notice file
	for _, platform := range platforms {
		if err := addFiles(ctx, files, platform); err != nil {
			return err
		}
	}
	text, err := report(files)
	if err != nil {
		return err
	}
	return os.WriteFile(output, text, 0o644) //nolint:gosec // a public file
}

// releasedPlatforms returns the targets in a GoReleaser configuration.
func releasedPlatforms(path string) ([]string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the path is a constant
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

// addFiles adds the license and notice files of the modules in the programs for a
// platform.
func addFiles(ctx context.Context, files map[string]string, platform string) error {
	goos, goarch, _ := strings.Cut(platform, "_")
	goarch, _, _ = strings.Cut(goarch, "_") // a variant may follow
	// For the standard library, this is the license in its root. Packages there with
	// another license (BoringSSL) are linked only with cgo.
	const format = "{{if .Standard}}{{.Root}}\t" + standardLibrary + "\t{{.Root}}" +
		"{{else if not .Module.Main}}{{.Dir}}\t{{.Module.Path}}\t{{.Module.Dir}}{{end}}"
	cmd := exec.CommandContext(ctx, "go", "list", "-deps", "-f", format, ".", "./cmd/...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	cmd.Stderr = os.Stderr
	packages, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go list for %s: %w", platform, err)
	}
	modules := map[string]bool{} // whether a license was found
	for line := range strings.Lines(string(packages)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(columns) != 3 { // a package of this module
			continue
		}
		dir, module, moduleDir := columns[0], columns[1], columns[2]
		// A directory may have a license in addition to the module's.
		for {
			entries, err := os.ReadDir(dir)
			if err != nil {
				return err
			}
			for _, entry := range entries {
				name := entry.Name()
				if entry.Type().IsRegular() && fileName.MatchString(name) && filepath.Ext(name) != ".go" {
					files[filepath.Join(dir, name)] = module
					modules[module] = modules[module] || !isNotice(name)
				}
			}
			if dir == moduleDir || dir == filepath.Dir(dir) {
				break
			}
			dir = filepath.Dir(dir)
		}
		if !modules[module] {
			return fmt.Errorf("%s has no license", module)
		}
	}
	return nil
}

// isNotice reports whether the file is a notice rather than a license.
func isNotice(path string) bool {
	return strings.HasPrefix(strings.ToLower(filepath.Base(path)), "notice")
}

// report returns the text of THIRD_PARTY_LICENSES.md.
func report(files map[string]string) ([]byte, error) {
	licenses := map[string][]string{} // by module
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
			licenses[module] = append(licenses[module], names...)
			text = rest
		}
		normal := normalize(text)
		modules[normal] = unique(append(modules[normal], module))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}

	var b bytes.Buffer
	b.WriteString("<!-- Written by tools/licenses. -->\n\n# Third-party licenses\n\n" +
		"The following modules are linked into the released programs on at least one platform. The source code of each\n" +
		"is the Go module of that name, in the version in the SBOM of the release. The license texts follow the list.\n\n" +
		"| Module | License |\n| --- | --- |\n")
	for _, module := range slices.Sorted(maps.Keys(licenses)) {
		fmt.Fprintf(&b, "| %s | %s |\n", module, strings.Join(unique(licenses[module]), ", "))
	}
	texts := slices.SortedFunc(maps.Keys(modules), func(x, y string) int {
		return cmp.Or(strings.Compare(modules[x][0], modules[y][0]), strings.Compare(x, y))
	})
	for _, text := range texts {
		fmt.Fprintf(&b, "\n## %s\n\n```text\n%s\n```\n", strings.Join(modules[text], ", "), text)
	}
	return b.Bytes(), nil
}

// classify returns the licenses in a text, and the text without the text of our license. It
// returns an error if a license is not allowed, or if more than a tenth of the text is not
// part of a license.
func classify(text []byte) (names []string, rest []byte, err error) {
	found := licensecheck.Scan(text)
	for _, match := range found.Match {
		if !slices.Contains(allowed, match.ID) {
			return nil, nil, fmt.Errorf("license %s is not allowed; allowed are %s",
				match.ID, strings.Join(allowed, ", "))
		}
		names = append(names, match.ID)
	}
	if found.Percent < 90 {
		return nil, nil, fmt.Errorf("only %.0f %% of the text is part of known licenses (%s)",
			found.Percent, strings.Join(names, ", "))
	}
	names = unique(names)
	if slices.Equal(names, []string{ours}) {
		text = append(text[:found.Match[0].Start:found.Match[0].Start], "The text of "+ours+" is in LICENSE."...)
	}
	return names, text, nil
}

// normalize returns a text without insignificant white space, so that equal licenses are
// printed once.
func normalize(text []byte) string {
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t\f")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }
