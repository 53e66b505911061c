// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package releasetest tests files that a release is made from against each other and
// against the programs.
package releasetest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// read returns the text of the file at path, which is relative to the root.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// find returns the first submatch of the pattern in text.
func find(t *testing.T, text, pattern string) string {
	t.Helper()
	match := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if match == nil {
		t.Fatalf("no match for %s in:\n%s", pattern, text)
	}
	return match[1]
}

// setting returns the first value of the key in .goreleaser.yml.
func setting(t *testing.T, key string) string {
	t.Helper()
	return find(t, read(t, ".goreleaser.yml"), `(?m)^ +`+key+`: (.*)$`)
}

// build builds a program with the linker flags of a release, and compares the version
// that it prints.
func build(t *testing.T, directory, program string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", program,
		"-ldflags="+strings.ReplaceAll(setting(t, "ldflags"), "{{ .Version }}", "1.2.3"), ".")
	cmd.Dir = directory
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := exec.CommandContext(t.Context(), program, "-version").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.TrimSpace(string(out)), "1.2.3"; got != want {
		t.Errorf("-version prints %q, want %q", got, want)
	}
}

func TestProvider_versionAndProtocol(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "provider.exe") // Windows requires the suffix
	build(t, root, program)

	// A CLI that supports protocols 5 and 6 starts the provider.
	cmd := exec.CommandContext(t.Context(), program) // killed at the end of the test
	cmd.Env = append(os.Environ(), "PLUGIN_PROTOCOL_VERSIONS=5,6",
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // returns that it was killed
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	protocol := find(t, line, `^\d+\|(\d+)\|`) // go-plugin's handshake: version of go-plugin, protocol, network, …
	manifest := find(t, read(t, "terraform-registry-manifest.json"), `"protocol_versions": \["(.*)"\]`)
	if want := protocol + ".0"; manifest != want {
		t.Errorf("the manifest has protocol %q, want %q", manifest, want)
	}
}
