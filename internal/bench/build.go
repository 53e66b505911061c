// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// The packages of the provider and of the empty provider.
const (
	module        = "github.com/lambda-async/terraform-provider-awslambda"
	emptyProvider = module + "/internal/bench/empty"
)

// The file names of the executables.
var (
	ourExecutable   = executable("terraform-provider-awslambda")
	emptyExecutable = executable("terraform-provider-empty")
)

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// buildProviders builds both providers into dir.
func buildProviders(ctx context.Context, dir string) error {
	if err := build(ctx, filepath.Join(dir, ourExecutable), module); err != nil {
		return err
	}
	return build(ctx, filepath.Join(dir, emptyExecutable), emptyProvider)
}

// build builds a program with the flags of a release and additional environment variables.
func build(ctx context.Context, path, pkg string, env ...string) error {
	// Without -buildvcs=false, the build fails if Git does not trust the work tree.
	//nolint:gosec // the arguments are constants and paths of temporary files
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", path, pkg)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// writeOverrides writes a CLI configuration file into dir with development overrides for
// both providers, and returns its path.
func writeOverrides(dir, providers string) (path string, err error) {
	path = filepath.Join(dir, "cli.tfrc")
	configuration := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "lambda-async/awslambda" = %[1]q
    "lambda-async/empty"     = %[1]q
  }
  direct {}
}
`, providers)
	return path, os.WriteFile(path, []byte(configuration), 0o600)
}
