// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package terraformcli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// TestMain lets copies of the test program act as CLIs. The name of the copy selects the
// CLI.
func TestMain(m *testing.M) {
	switch strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") {
	case "terraform":
		fmt.Println("Terraform v1.11.4\non some_machine")
	case "tofu":
		fmt.Println("OpenTofu v1.12.6\non some_machine")
	case "environment":
		fmt.Println("Terraform v0.0.0-" + os.Getenv("TF_CLI_ARGS") + os.Getenv("TF_CLI_CONFIG_FILE"))
	case "other":
		fmt.Println("Packer v1.11.2")
	case "broken":
		fmt.Fprintln(os.Stderr, "cannot run here")
		os.Exit(1)
	default:
		os.Exit(m.Run())
	}
}

// fake returns a directory with fake CLIs of these names.
func fake(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(dir, executable(name)), program, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFind_order(t *testing.T) {
	dir := fake(t, "terraform", "tofu")
	both, onlyTofu, none := dir, fake(t, "tofu"), t.TempDir()
	terraform := CLI{Path: filepath.Join(dir, executable("terraform")), Version: "1.11.4"}
	tofu := CLI{Path: filepath.Join(dir, executable("tofu")), OpenTofu: true, Version: "1.12.6"}
	tofuAlone := CLI{Path: filepath.Join(onlyTofu, executable("tofu")), OpenTofu: true, Version: "1.12.6"}
	for name, test := range map[string]struct {
		variable, path string
		want           CLI
	}{
		"variable before PATH":        {variable: tofu.Path, path: both, want: tofu},
		"variable without PATH":       {variable: terraform.Path, path: none, want: terraform},
		"terraform before tofu":       {path: both, want: terraform},
		"tofu without terraform":      {path: onlyTofu, want: tofuAlone},
		"directories in PATH's order": {path: none + string(os.PathListSeparator) + onlyTofu, want: tofuAlone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(PathVariable, test.variable)
			t.Setenv("PATH", test.path)
			got, err := Find(t.Context(), io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestFind_buildsIfNotOnPath(t *testing.T) {
	t.Setenv(PathVariable, "")
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	t.Chdir(dir)
	// Outside of a clone, a build fails.
	wantError(t, "not in a clone of terraform-provider-awslambda", dir)
}

func TestFind_reportsBrokenCLI(t *testing.T) {
	dir := fake(t, "terraform", "tofu", "other", "broken")
	t.Setenv("PATH", dir)
	for name, test := range map[string]struct{ file, want string }{
		"missing": {file: "missing", want: "no such file"},
		"other":   {file: "other", want: "neither Terraform nor OpenTofu"},
		"broken":  {file: "broken", want: "cannot run here"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, executable(test.file))
			t.Setenv(PathVariable, path)
			wantError(t, PathVariable, path, test.want)
		})
	}
}

// wantError fails unless Find returns an error that contains all texts.
func wantError(t *testing.T, texts ...string) {
	t.Helper()
	cli, err := Find(t.Context(), io.Discard)
	if err == nil {
		t.Fatalf("got %+v, want an error", cli)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not contain %q: %v", text, err)
		}
	}
}

func TestFind_ignoresVariablesOfCLI(t *testing.T) {
	t.Setenv("TF_CLI_ARGS", "-no-color")
	t.Setenv("TF_CLI_CONFIG_FILE", "missing")
	t.Setenv(PathVariable, filepath.Join(fake(t, "environment"), executable("environment")))
	cli, err := Find(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if want := "0.0.0-" + os.DevNull; cli.Version != want {
		t.Errorf("got %q, want %q", cli.Version, want)
	}
}

// pinned creates a repository with a minimal OpenTofu.
func pinned(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module tools\n\ngo 1.26.0\n\n" +
			"replace github.com/opentofu/opentofu => ./source\n\n" +
			"tool github.com/opentofu/opentofu/cmd/tofu\n\n" +
			"require github.com/opentofu/opentofu v1.12.6\n",
		"source/go.mod":             "module github.com/opentofu/opentofu\n\ngo 1.26.0\n",
		"source/version/version.go": "package version\n\nvar dev = \"yes\"\n\nfunc Dev() string { return dev }\n",
		"source/cmd/tofu/main.go": "package main\n\nimport \"github.com/opentofu/opentofu/version\"\n\n" +
			"func main() { print(\"dev: \" + version.Dev()) }\n",
	} {
		path := filepath.Join(root, opentofu.directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestBuild_concurrentCallsBuildOnce(t *testing.T) {
	t.Setenv("GOWORK", filepath.Join(t.TempDir(), "missing.work"))
	root, cache := pinned(t), filepath.Join(t.TempDir(), "cache")
	// The lock belongs to an open file, so that it also excludes goroutines.
	var (
		wait     sync.WaitGroup
		progress [4]bytes.Buffer
		paths    [4]string
	)
	for i := range paths {
		wait.Go(func() {
			path, err := opentofu.build(t.Context(), root, cache, &progress[i])
			if err != nil {
				t.Error(err)
			}
			paths[i] = path
		})
	}
	wait.Wait()
	if t.Failed() {
		return
	}

	var printed string
	for i := range progress {
		printed += progress[i].String()
	}
	if strings.Count(printed, "building OpenTofu v1.12.6 once") != 1 {
		t.Errorf("not built once:\n%s", printed)
	}
	if len(slices.Compact(paths[:])) != 1 || !strings.HasPrefix(paths[0], filepath.Join(cache, "tofu-v1.12.6-")) {
		t.Errorf("paths: %q", paths)
	}
	out, err := exec.CommandContext(t.Context(), paths[0]).CombinedOutput()
	if err != nil || string(out) != "dev: no" {
		t.Errorf("the build prints %q, %v", out, err)
	}
}

func TestBuiltTerraform_ignoresPATH(t *testing.T) {
	t.Setenv("PATH", fake(t, "terraform"))
	t.Chdir(t.TempDir())
	// Outside of a clone, a build fails.
	cli, err := BuiltTerraform(t.Context(), io.Discard)
	if err == nil || !strings.Contains(err.Error(), "not in a clone") {
		t.Errorf("got %+v, %v", cli, err)
	}
}

func TestBuild_reportsCompilerErrors(t *testing.T) {
	root, cache := pinned(t), t.TempDir()
	main := filepath.Join(root, opentofu.directory, "source", "cmd", "tofu", "main.go")
	working, err := os.ReadFile(main)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(main, []byte("package main\n\nfunc main() { undefined() }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := opentofu.build(t.Context(), root, cache, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "undefined: undefined") {
		t.Errorf("built %q, error %v", path, err)
	}
	// The next build succeeds.
	if err := os.WriteFile(main, working, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := opentofu.build(t.Context(), root, cache, io.Discard); err != nil {
		t.Error(err)
	}
}

func TestLock_stopsWaitingWhenCanceled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, func() { t.Error("waited for a free lock") })
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := lock(ctx, path, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPinnedVersions_areDocumented(t *testing.T) {
	root, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "templates", "guides", "compatibility.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []product{opentofu, terraform} {
		version, err := p.version(filepath.Join(root, p.directory))
		if err != nil {
			t.Fatal(err)
		}
		if want := "| " + strings.TrimPrefix(version, "v") + " |"; !strings.Contains(string(page), want) {
			t.Errorf("the guide \"Compatibility\" does not contain %q for %s", want, p.title)
		}
	}
}

func TestBuildProvider(t *testing.T) {
	dir := t.TempDir()
	if err := BuildProvider(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	provider := filepath.Join(dir, executable("terraform-provider-awslambda"))
	if out, err := exec.CommandContext(t.Context(), provider, "-version").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestWriteDevOverrides(t *testing.T) {
	dir := t.TempDir()
	path, err := WriteDevOverrides(dir, filepath.Join(dir, `back\slash "quoted"`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(filepath.Join(dir, `back\slash "quoted"`))
	want := `provider_installation {
  dev_overrides {
    "lambda-async/awslambda" = "` + quoted + `"
  }
  direct {}
}
`
	if string(got) != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestWritePackageMirror(t *testing.T) {
	dir := t.TempDir()
	zip := filepath.Join(t.TempDir(), "terraform-provider-awslambda_0.1.1-snapshot_linux_amd64.zip")
	if err := os.WriteFile(zip, []byte("zipped"), 0o600); err != nil {
		t.Fatal(err)
	}
	path, version, err := WritePackageMirror(dir, zip)
	if err != nil || version != "0.1.1-snapshot" {
		t.Fatalf("version %q, %v", version, err)
	}
	configuration, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(configuration), "filesystem_mirror") {
		t.Errorf("configuration: %s, %v", configuration, err)
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		got, err := os.ReadFile(filepath.Join(dir, "mirror", host, "lambda-async", "awslambda", filepath.Base(zip)))
		if err != nil || string(got) != "zipped" {
			t.Errorf("for %s: %q, %v", host, got, err)
		}
	}
	const form = "terraform-provider-awslambda_VERSION_OS_ARCH.zip"
	if _, _, err := WritePackageMirror(dir, path); err == nil || !strings.Contains(err.Error(), form) {
		t.Errorf("got %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	for _, name := range []string{
		"AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE",
		"TF_CLI_ARGS_plan", "TF_VAR_name", "TF_LOG", "TF_DATA_DIR", "TF_CLI_CONFIG_FILE", "CHECKPOINT_DISABLE",
	} {
		t.Setenv(name, "set by the user")
	}
	t.Setenv("OTHER", "kept")
	env := environment("cli.tfrc")
	got := map[string]string{}
	for name, value := range env {
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "TF_") ||
			name == "CHECKPOINT_DISABLE" || name == "OTHER" {
			got[name] = value
		}
	}
	want := map[string]string{
		"AWS_CONFIG_FILE":             os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
		"AWS_EC2_METADATA_DISABLED":   "true",
		"TF_CLI_CONFIG_FILE":          "cli.tfrc",
		"CHECKPOINT_DISABLE":          "1",
		"OTHER":                       "kept",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := New(CLI{Path: "terraform"}, t.TempDir(), "cli.tfrc"); err != nil {
		t.Error(err)
	}
}
