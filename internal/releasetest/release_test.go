// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package releasetest keeps what a release says of the provider true: the
// files that it is made with know neither Go nor each other.
package releasetest

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// setting returns the first value of a key in .goreleaser.yml.
func setting(t *testing.T, key string) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^ +` + key + `: (.*)$`).FindStringSubmatch(read(t, ".goreleaser.yml"))
	if match == nil {
		t.Fatalf(".goreleaser.yml has no %s", key)
	}
	return match[1]
}

// build builds a program as the release does, except for the platform, and compares
// the version that it prints.
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

// TestProgram builds the provider with the release's flags of the linker.
func TestProgram(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "provider.exe") // Windows wants the suffix, others do not mind
	build(t, root, program)

	t.Run("protocol", func(t *testing.T) {
		t.Parallel()
		var manifest struct {
			Metadata struct {
				Versions []string `json:"protocol_versions"`
			}
		}
		if err := json.Unmarshal([]byte(read(t, "terraform-registry-manifest.json")), &manifest); err != nil {
			t.Fatal(err)
		}
		want := []string{protocol(t, program) + ".0"}
		if !slices.Equal(manifest.Metadata.Versions, want) {
			t.Errorf("the manifest says protocol %q, the provider %q", manifest.Metadata.Versions, want)
		}
	})
}

// protocol returns the version of the protocol that a provider offers to a
// CLI which speaks both that there are.
func protocol(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program) // killed when the test ends
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
		_ = cmd.Wait() // says that it was killed
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	// CORE-PROTOCOL | APP-PROTOCOL | NETWORK | ADDRESS | …
	columns := strings.Split(line, "|")
	if len(columns) < 4 {
		t.Fatalf("the provider says %q", line)
	}
	return columns[1]
}

// TestDependabot compares the tools that Dependabot is told of with those that
// there are: it takes none by itself.
func TestDependabot(t *testing.T) {
	t.Parallel()
	configuration := read(t, ".github/dependabot.yml")
	modules, err := filepath.Glob(filepath.Join(root, "tools", "*", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(modules, filepath.Join(root, "tools", "go.mod")) {
		out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		var module struct {
			Tool    []struct{ Path string }
			Require []struct{ Path string }
		}
		if err := json.Unmarshal(out, &module); err != nil {
			t.Fatal(err)
		}
		for _, tool := range module.Tool {
			i := slices.IndexFunc(module.Require, func(require struct{ Path string }) bool {
				return tool.Path == require.Path || strings.HasPrefix(tool.Path, require.Path+"/")
			})
			if i < 0 {
				t.Fatalf("%s requires no module with the tool %s", path, tool.Path)
			}
			name := module.Require[i].Path
			// From 1.14 on it cannot be built from its Go module.
			if told := strings.Contains(configuration, `"`+name+`"`); told == (name == "github.com/hashicorp/terraform") {
				t.Errorf("Dependabot is told of %s: %t", name, told)
			}
		}
	}
}

// read returns the text of a file in the root.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
