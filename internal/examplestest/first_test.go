// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestFirst is somebody who does what the README says, in a clone, with the
// emulator as the account.
func TestFirst(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "my-function")
	clone := cloned(t)

	// The README's own text, in a shell that stops at what fails.
	readme, err := os.ReadFile(filepath.Join(clone, "README.md"))
	api.Must(err)
	script, err := os.ReadFile(filepath.Join(examples, "first", "apply.sh"))
	api.Must(err)
	if !strings.Contains(string(readme), "```sh\n"+string(script)+"```\n") {
		t.Errorf("the README does not have this:\n%s", script)
	}
	path := t.TempDir()
	api.Must(os.Symlink(acctest.CLI.Path, filepath.Join(path, "terraform"))) // also where it is OpenTofu
	run := func(script string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "sh", "-eu")
		cmd.Dir = clone
		cmd.Stdin = strings.NewReader(script)
		cmd.Env = append(os.Environ(), "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"),
			"AWS_ENDPOINT_URL_LAMBDA="+api.URL, "AWS_ACCESS_KEY_ID=mine", "AWS_SECRET_ACCESS_KEY=secret",
			"TF_CLI_ARGS_apply=-auto-approve -input=false", "TF_CLI_ARGS_destroy=-auto-approve")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	run(string(script))
	put := `Put my-function:$LATEST {"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},"MaximumEventAgeInSeconds":3600,"MaximumRetryAttempts":1}`
	if got := api.Writes(); !slices.Equal(got, []string{put}) {
		t.Errorf("sent %q", got)
	}

	setup, _, _ := strings.Cut(string(script), "terraform ")
	const destroy = "terraform -chdir=first destroy -var=function_name=my-function"
	if !strings.Contains(string(readme), "`"+destroy+"`") {
		t.Errorf("the README does not have %q", destroy)
	}
	run(setup + destroy)
	if left := api.Configs(); len(left) > 0 {
		t.Errorf("left in the API: %q", left)
	}
}

// cloned returns a copy of what a clone has of this work tree.
func cloned(t *testing.T) (dir string) {
	t.Helper()
	const root = "../.."
	dir = t.TempDir()
	list := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
