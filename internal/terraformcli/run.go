// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package terraformcli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// providerName is the name of the repository and of the provider's executable.
const providerName = "terraform-provider-awslambda"

// BuildProvider builds the provider of the work tree into dir, where
// [WriteDevOverrides] lets a CLI find it.
func BuildProvider(ctx context.Context, dir string) error {
	root, err := repository()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	// Stamping the commit takes a Git that trusts the checkout, and nobody asks.
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", filepath.Join(dir, executable(providerName)), ".")
	cmd.Dir = root
	return runGo(cmd)
}

// WriteDevOverrides writes a CLI configuration file into dir that makes both
// CLIs take the provider from providerDir, and returns its path. With it no
// "init" is needed, nor is it possible without a network.
func WriteDevOverrides(dir, providerDir string) (path string, err error) {
	providerDir, err = filepath.Abs(providerDir)
	if err != nil {
		return "", err
	}
	path, err = filepath.Abs(filepath.Join(dir, "cli.tfrc"))
	if err != nil {
		return "", err
	}
	// Each CLI reads the key with its own registry's host before it. Quoted as
	// in Go, a path is quoted as in HCL: backslashes and quotes are escaped.
	configuration := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "lambda-async/awslambda" = %q
  }
  direct {}
}
`, providerDir)
	return path, os.WriteFile(path, []byte(configuration), 0o600)
}

// WriteMirror builds the provider into a mirror of both CLIs' registries below
// dir, writes a CLI configuration file into dir that makes "init" take providers
// from there and from nowhere else, and returns the file's path. It is for what
// needs "init", such as a configuration with modules.
func WriteMirror(ctx context.Context, dir string) (path string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	target := func(host string) string {
		return filepath.Join(dir, "mirror", host, "lambda-async", "awslambda", "0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
	}
	hosts := []string{target("registry.terraform.io"), target("registry.opentofu.org")}
	for _, host := range hosts {
		if err := os.MkdirAll(host, 0o700); err != nil {
			return "", err
		}
	}
	if err := BuildProvider(ctx, hosts[0]); err != nil {
		return "", err
	}
	built := executable(providerName)
	if err := os.Link(filepath.Join(hosts[0], built), filepath.Join(hosts[1], built)); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "mirror.tfrc")
	configuration := fmt.Sprintf(`provider_installation {
  filesystem_mirror {
    path = %q
  }
}
`, filepath.Join(dir, "mirror"))
	return path, os.WriteFile(path, []byte(configuration), 0o600)
}

// New returns a runner of the CLI in workingDir with the CLI configuration
// file at cliConfigFile, which must exist. Of the caller's environment it keeps
// nothing that would change what the CLI does or lead to an AWS account: no
// TF_* and no AWS_* variable, no file with credentials and no metadata service
// of an instance.
func New(cli CLI, workingDir, cliConfigFile string) (*tfexec.Terraform, error) {
	tf, err := tfexec.NewTerraform(workingDir, cli.Path)
	if err != nil {
		return nil, err
	}
	if err := tf.SetEnv(environment(cliConfigFile)); err != nil {
		return nil, err
	}
	return tf, nil
}

// Command is for what the runner that [New] returns cannot do, such as to kill
// the CLI: it returns a command of it with the same environment. When ctx ends
// the CLI is killed, and what it has started is left to itself.
func Command(ctx context.Context, cli CLI, workingDir, cliConfigFile string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, cli.Path, args...)
	cmd.Dir = workingDir
	for name, value := range environment(cliConfigFile) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// environment is all that a CLI sees of the environment.
func environment(cliConfigFile string) map[string]string {
	env := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		// Windows does not tell upper from lower case.
		if upper := strings.ToUpper(name); name != "" && !strings.HasPrefix(upper, "TF_") && !strings.HasPrefix(upper, "AWS_") {
			env[name] = value
		}
	}
	env["TF_CLI_CONFIG_FILE"] = cliConfigFile
	env["CHECKPOINT_DISABLE"] = "1" // no look for a newer version
	env["AWS_CONFIG_FILE"] = os.DevNull
	env["AWS_SHARED_CREDENTIALS_FILE"] = os.DevNull
	env["AWS_EC2_METADATA_DISABLED"] = "true"
	return env
}
