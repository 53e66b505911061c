// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// local is the directory of the guide "Local development".
const local = examples + "/guides/local"

// TestAccLocal_followsTheGuide runs the guide's scripts in one shell, in their order. Without
// the AWS CLI or curl, the test makes their requests.
func TestAccLocal_followsTheGuide(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	dir := t.TempDir()
	api.Must(os.CopyFS(dir, os.DirFS(local)))
	var script strings.Builder
	script.WriteString(withURL(t, api, "dev-overrides.sh"))
	script.WriteString("cd '" + dir + "'\n")

	if !isInstalled(t, "aws") {
		script.WriteString("aws() { :; }\n")
		api.Must(api.CreateFunction(acctest.Region, function))
		api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
	}
	script.WriteString(withURL(t, api, "function.sh"))

	script.WriteString("terraform test\n") // with the environment alone
	script.WriteString("unset AWS_ENDPOINT_URL_LAMBDA AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION\n")
	providerBlock := withURL(t, api, "../../first/provider.tf")
	script.WriteString("cat >provider.tf <<'END'\n" + providerBlock + "END\nterraform test\n")

	hasCurl := isInstalled(t, "curl")
	if !hasCurl {
		script.WriteString("curl() { :; }\n")
		api.AddFault(emulator.Fault{
			Operation: "PutFunctionEventInvokeConfig", Qualifier: "live", Times: 3, // the tests before are of $LATEST
			Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded",
		})
	}
	script.WriteString(withURL(t, api, "faults.sh"))
	cmd := shell(t, "../..", script.String(), append(os.Environ(), "TMPDIR="+t.TempDir(),
		"GOFLAGS=-buildvcs=false", // Git may not trust the checkout
		"TF_CLI_ARGS_apply=-auto-approve -input=false"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	if n := bytes.Count(out, []byte("Success! 3 passed, 0 failed.")); n != 2 {
		t.Errorf("the tests passed %d times\n%s", n, out)
	}
	put := acctest.PutRequest("orders-worker:live", 21600, 1, "", "")
	tested := []string{acctest.PutRequest("orders-worker:$LATEST", 21600, 0, "", ""), "Delete orders-worker:$LATEST"}
	want := slices.Concat(tested, tested, []string{put + " -> 429", put + " -> 429", put + " -> 429", put})
	got := slices.DeleteFunc(api.WriteLines(), func(line string) bool { return strings.HasPrefix(line, "Create") })
	if !slices.Equal(got, want) {
		t.Errorf("sent:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	requests, err := json.Marshal(api.Requests())
	api.Must(err)
	if hasCurl && !bytes.Contains(out, requests) {
		t.Errorf("curl does not print %s\n%s", requests, out)
	}
}

// withURL returns a file of the guide, with the URL of api in place of the emulator's default.
func withURL(t *testing.T, api *acctest.API, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(local, name))
	api.Must(err)
	return strings.ReplaceAll(string(text), "http://127.0.0.1:4566", api.URL)
}

// isInstalled reports whether a program runs.
func isInstalled(t *testing.T, program string) bool {
	t.Helper()
	return exec.CommandContext(t.Context(), program, "--version").Run() == nil
}

// shell returns a shell that runs a script in a directory, and stops at the first command
// that fails. Its command "terraform" is the CLI under test, also if that is OpenTofu.
func shell(t *testing.T, dir, script string, env []string) *exec.Cmd {
	t.Helper()
	path := t.TempDir()
	if err := os.Symlink(acctest.CLI.Path, filepath.Join(path, "terraform")); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-eu")
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(script)
	path += string(os.PathListSeparator) + os.Getenv("PATH")
	cmd.Env = slices.Concat(env, []string{"PATH=" + path, "TF_CLI_ARGS=-no-color"})
	return cmd
}
