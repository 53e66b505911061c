// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package terraformcli finds a Terraform or OpenTofu to run, and prepares it
// to run this provider as it is in the work tree. What it runs sees nothing of
// the AWS account of the person at the machine.
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

// PathVariable is the environment variable that names the CLI to use. It is
// terraform-plugin-testing's.
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// CLI is a Terraform or an OpenTofu that has been run once, to ask for its
// version.
type CLI struct {
	Path     string // absolute
	OpenTofu bool   // whether it is OpenTofu rather than Terraform
	Version  string // "1.11.4", "1.14.0-beta1"
}

// Find returns the CLI that [PathVariable] names, else "terraform" on PATH,
// else what [OpenTofu] returns. A CLI that is there but does not run is an
// error: the next one is not tried in its stead.
func Find(ctx context.Context, progress io.Writer) (CLI, error) {
	if path := os.Getenv(PathVariable); path != "" {
		cli, err := ask(ctx, path)
		if err != nil {
			return CLI{}, fmt.Errorf("the environment variable %s: %w", PathVariable, err)
		}
		return cli, nil
	}
	if path, err := exec.LookPath(terraform.command); err == nil {
		return ask(ctx, path)
	}
	return OpenTofu(ctx, progress)
}

// OpenTofu returns "tofu" on PATH, else an OpenTofu of the version in
// tools/opentofu, built when it is asked for the first time and kept in the
// user's cache directory. Building takes minutes and is announced on progress.
func OpenTofu(ctx context.Context, progress io.Writer) (CLI, error) {
	return opentofu.find(ctx, progress)
}

// Terraform is [OpenTofu] for "terraform" and tools/terraform.
func Terraform(ctx context.Context, progress io.Writer) (CLI, error) {
	return terraform.find(ctx, progress)
}

// BuiltTerraform is [Terraform] without regard to PATH.
func BuiltTerraform(ctx context.Context, progress io.Writer) (CLI, error) {
	return terraform.built(ctx, progress)
}

func (p product) find(ctx context.Context, progress io.Writer) (CLI, error) {
	if path, err := exec.LookPath(p.command); err == nil {
		return ask(ctx, path)
	}
	return p.built(ctx, progress)
}

func (p product) built(ctx context.Context, progress io.Writer) (CLI, error) {
	root, err := repository()
	if err != nil {
		return CLI{}, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return CLI{}, fmt.Errorf("nowhere to keep a build of %s: %w", p.title, err)
	}
	path, err := p.build(ctx, root, filepath.Join(cache, providerName), progress)
	if err != nil {
		return CLI{}, fmt.Errorf("building %s: %w", p.title, err)
	}
	return ask(ctx, path)
}

// versionLine is what both begin the output of "version" with. The JSON form
// is the same for both, and so does not tell them apart.
var versionLine = regexp.MustCompile(`(?m)^(Terraform|OpenTofu) v(\S+)`)

func ask(ctx context.Context, path string) (CLI, error) {
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
		return CLI{}, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	match := versionLine.FindSubmatch(out)
	if match == nil {
		return CLI{}, fmt.Errorf("%s is neither Terraform nor OpenTofu: asked for its version, it says %q", path, out)
	}
	return CLI{Path: path, OpenTofu: string(match[1]) == opentofu.title, Version: string(match[2])}, nil
}

// repository returns the root of the work tree that the working directory is
// in: tests run in the directory of their package.
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
			return "", fmt.Errorf("%s is not inside a checkout of %s", working, providerName)
		}
	}
}

// executable returns the file name of a program.
func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}
