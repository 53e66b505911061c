// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package terraformcli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	return runGo(cmd, new(strings.Builder))
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
	built := filepath.Join(dir, "built")
	if err := os.MkdirAll(built, 0o700); err != nil {
		return "", err
	}
	if err := BuildProvider(ctx, built); err != nil {
		return "", err
	}
	return mirror(dir, filepath.Join(built, executable(providerName)), filepath.Join("0.0.1", runtime.GOOS+"_"+runtime.GOARCH))
}

// packageName is what a package of a release is called.
var packageName = regexp.MustCompile(`^` + providerName + `_(.+)_[a-z]+_[a-z0-9]+\.zip$`)

// WritePackageMirror is WriteMirror with a package of a release, which is a zip
// file, and returns the package's version as well. Where that is a prerelease,
// a CLI installs it only for a configuration that asks for just this version.
func WritePackageMirror(dir, zip string) (path, version string, err error) {
	m := packageName.FindStringSubmatch(filepath.Base(zip))
	if m == nil {
		return "", "", fmt.Errorf("%s is not called %s_VERSION_OS_ARCH.zip", zip, providerName)
	}
	path, err = mirror(dir, zip, "")
	return path, m[1], err
}

// mirror copies a file to where, in a mirror below dir, each CLI looks for what
// its registry would have, and returns the CLI configuration file.
func mirror(dir, file, below string) (path string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for _, host := range []string{"registry.terraform.io", "registry.opentofu.org"} {
		target := filepath.Join(dir, "mirror", host, "lambda-async", "awslambda", below)
		if err := os.MkdirAll(target, 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(target, filepath.Base(file)), content, 0o700); err != nil {
			return "", err
		}
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
