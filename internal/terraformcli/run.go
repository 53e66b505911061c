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

// providerName is the name of the repository and the provider's executable.
const providerName = "terraform-provider-awslambda"

// BuildProvider builds the provider of the work tree into dir, for [WriteDevOverrides].
func BuildProvider(ctx context.Context, dir string) error {
	root, err := repository()
	if err != nil {
		return err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	// Without -buildvcs=false, the build fails if Git does not trust the work tree.
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false",
		"-o", filepath.Join(dir, executable(providerName)), ".")
	cmd.Dir = root
	return runGo(cmd)
}

// WriteDevOverrides writes a CLI configuration file into dir with a development override
// for the provider in providerDir, and returns its path. Configurations then do not need
// "init".
func WriteDevOverrides(dir, providerDir string) (path string, err error) {
	providerDir, err = filepath.Abs(providerDir)
	if err != nil {
		return "", err
	}
	path, err = filepath.Abs(filepath.Join(dir, "cli.tfrc"))
	if err != nil {
		return "", err
	}
	// Each CLI adds the host of its registry to the source. For a path, the syntax of a
	// quoted string is the same in Go and HCL.
	configuration := fmt.Sprintf(`provider_installation {
  dev_overrides {
    "lambda-async/awslambda" = %q
  }
  direct {}
}
`, providerDir)
	return path, os.WriteFile(path, []byte(configuration), 0o600)
}

// WriteMirror builds the provider into a mirror below dir, and writes a CLI configuration
// file into dir that installs providers only from the mirror. It returns the path of the
// file. Use it for configurations that need "init", such as configurations with modules.
func WriteMirror(ctx context.Context, dir string) (path string, err error) {
	built := filepath.Join(dir, "built")
	if err := os.MkdirAll(built, 0o700); err != nil {
		return "", err
	}
	if err := BuildProvider(ctx, built); err != nil {
		return "", err
	}
	return writeMirror(dir, filepath.Join(built, executable(providerName)),
		filepath.Join("0.0.1", runtime.GOOS+"_"+runtime.GOARCH))
}

// packageName matches the file name of a package of a release.
var packageName = regexp.MustCompile(`^` + providerName + `_(.+)_[a-z]+_[a-z0-9]+\.zip$`)

// WritePackageMirror is like [WriteMirror] for a package of a release, a zip file. It also
// returns the version of the package. CLIs install a prerelease only if the configuration
// requires exactly that version.
func WritePackageMirror(dir, zip string) (path, version string, err error) {
	m := packageName.FindStringSubmatch(filepath.Base(zip))
	if m == nil {
		return "", "", fmt.Errorf("%s must have the name %s_VERSION_OS_ARCH.zip", zip, providerName)
	}
	path, err = writeMirror(dir, zip, "")
	return path, m[1], err
}

// writeMirror copies the file into the directory below of the provider in a mirror, for the
// registries of both CLIs, and returns the path of the CLI configuration file.
func writeMirror(dir, file, below string) (path string, err error) {
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

// New returns a runner of the CLI in workingDir with the CLI configuration file, which must
// exist. The CLI gets the environment without TF_* and AWS_* variables, and uses neither
// shared AWS files nor the instance metadata service.
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

// Command returns a command of the CLI with the environment of [New]. Canceling ctx kills
// the CLI, but not the processes that it has started.
func Command(ctx context.Context, cli CLI, workingDir, cliConfigFile string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, cli.Path, args...)
	cmd.Dir = workingDir
	for name, value := range environment(cliConfigFile) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// environment returns the environment variables of a CLI.
func environment(cliConfigFile string) map[string]string {
	env := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		// On Windows, names are case-insensitive.
		upper := strings.ToUpper(name)
		if name != "" && !strings.HasPrefix(upper, "TF_") && !strings.HasPrefix(upper, "AWS_") {
			env[name] = value
		}
	}
	env["TF_CLI_CONFIG_FILE"] = cliConfigFile
	env["CHECKPOINT_DISABLE"] = "1" // do not check for new versions
	env["AWS_CONFIG_FILE"] = os.DevNull
	env["AWS_SHARED_CREDENTIALS_FILE"] = os.DevNull
	env["AWS_EC2_METADATA_DISABLED"] = "true"
	return env
}
