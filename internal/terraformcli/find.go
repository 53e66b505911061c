// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package terraformcli finds a Terraform or OpenTofu CLI, and runs it with the provider of
// the work tree. The CLI has no access to AWS credentials of the user.
package terraformcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
)

// PathVariable is the environment variable with the path of the CLI. It has the name
// that terraform-plugin-testing uses.
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// CLI is a Terraform or OpenTofu executable.
type CLI struct {
	Path     string // absolute
	OpenTofu bool   // false for Terraform
	Version  string // such as "1.11.4" or "1.14.0-beta1"
}

// Find returns the first of: the CLI in [PathVariable], "terraform" on PATH, and the result
// of [OpenTofu]. If the first CLI cannot be run, Find returns an error.
func Find(ctx context.Context, progress io.Writer) (CLI, error) {
	if path := os.Getenv(PathVariable); path != "" {
		cli, err := newCLI(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("the environment variable %s: %w", PathVariable, err)
		}
		return cli, nil
	}
	if path, err := exec.LookPath(terraform.command); err == nil {
		return newCLI(ctx, path)
	}
	return OpenTofu(ctx, progress)
}

// OpenTofu returns "tofu" on PATH or else an OpenTofu of the version in tools/opentofu. The
// first call builds it, which takes minutes, into the user's cache directory. Progress is
// reported to progress.
func OpenTofu(ctx context.Context, progress io.Writer) (CLI, error) {
	return opentofu.find(ctx, progress)
}

// Terraform is like [OpenTofu], for "terraform" and tools/terraform.
func Terraform(ctx context.Context, progress io.Writer) (CLI, error) {
	return terraform.find(ctx, progress)
}

// BuiltTerraform is like [Terraform], but ignores PATH.
func BuiltTerraform(ctx context.Context, progress io.Writer) (CLI, error) {
	return terraform.findBuilt(ctx, progress)
}

func (p product) find(ctx context.Context, progress io.Writer) (CLI, error) {
	if path, err := exec.LookPath(p.command); err == nil {
		return newCLI(ctx, path)
	}
	return p.findBuilt(ctx, progress)
}

func (p product) findBuilt(ctx context.Context, progress io.Writer) (CLI, error) {
	root, err := repository()
	if err != nil {
		return CLI{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return CLI{}, fmt.Errorf("no cache directory for %s: %w", p.title, err)
	}
	path, err := p.build(ctx, root, filepath.Join(cache, providerName), progress)
	if err != nil {
		return CLI{}, fmt.Errorf("building %s: %w", p.title, err)
	}
	return newCLI(ctx, path)
}

// versionLine matches the first line of the output of "version". The JSON output does not
// tell the CLIs apart.
var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`)

// newCLI returns the CLI at path. It runs "version".
func newCLI(ctx context.Context, path string) (CLI, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return CLI{}, err
	}
	cmd := exec.CommandContext(ctx, path, "version")
	for name, value := range environment(os.DevNull) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = fmt.Errorf("%w\n%s", err, exit.Stderr)
	}
	if err != nil {
		return CLI{}, fmt.Errorf("%s version: %w", path, err)
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return CLI{}, fmt.Errorf("%s is neither Terraform nor OpenTofu: \"version\" prints %q", path, out)
	}
	return CLI{Path: path, OpenTofu: string(match[1]) == opentofu.title, Version: string(match[2])}, nil
}

// repository returns the root of the work tree that contains the working directory. Tests
// run in the directory of their package.
func repository() (string, error) {
	working, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := working; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, opentofu.directory, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not in a clone of %s", working, providerName)
		}
	}
}

// executable returns the file name of a program on this platform.
func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
