// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// overrides is a CLI configuration that uses a provider built from the work tree.
// The provider is built once for the tests of a package.
var overrides struct {
	once sync.Once
	dir  string // set by Main
	file string
	err  error
}

// Workspace returns a runner of the CLI in a directory with the configuration. The
// CLI starts a provider process for each provider block. In the mode with one
// configured provider, it uses a server in the test's process instead.
func Workspace(t *testing.T, configuration string) *tfexec.Terraform {
	t.Helper()
	overrides.once.Do(func() {
		if overrides.err = terraformcli.BuildProvider(t.Context(), overrides.dir); overrides.err == nil {
			overrides.file, overrides.err = terraformcli.WriteDevOverrides(overrides.dir, overrides.dir)
		}
	})
	if overrides.err != nil {
		t.Fatal(overrides.err)
	}
	dir := t.TempDir()
	const required = `terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(required+configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	cli := CLI
	if shared {
		cli.Path = reattached(t)
	}
	tf, err := terraformcli.New(cli, dir, overrides.file)
	if err != nil {
		t.Fatal(err)
	}
	return tf
}

// Command returns a command of the CLI in a [Workspace]. The end of ctx kills the
// CLI's process only.
func Command(ctx context.Context, workspace *tfexec.Terraform, args ...string) *exec.Cmd {
	cli := CLI
	cli.Path = workspace.ExecPath()
	return terraformcli.Command(ctx, cli, workspace.WorkingDir(), overrides.file, args...)
}

// AtLeast reports whether the CLI, Terraform or OpenTofu, has at least a version.
func AtLeast(major, minor int) bool {
	var isMajor, isMinor int
	_, err := fmt.Sscanf(CLI.Version, "%d.%d", &isMajor, &isMinor)
	return err == nil && (isMajor > major || isMajor == major && isMinor >= minor)
}
