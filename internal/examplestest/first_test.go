// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

// registries are the hosts for which the README's command installs the provider.
var registries = []string{"registry.terraform.io", "registry.opentofu.org"}

// newUser is a user with an empty home directory, in a clone.
type newUser struct {
	*testing.T

	clone, home string
	env         []string
}

// TestAccFirst_followsTheREADME runs the commands of the README's section "A first
// configuration". It then adds the provider to a project that uses a stand-in of
// hashicorp/aws.
func TestAccFirst_followsTheREADME(t *testing.T) {
	acctest.SkipShared(t, "the CLI installs the provider and starts it")
	t.Parallel()
	u := newUser{T: t, clone: cloned(t), home: t.TempDir()}
	path := t.TempDir()
	if err := os.Symlink(acctest.CLI.Path, filepath.Join(path, "terraform")); err != nil { // also if it is OpenTofu
		t.Fatal(err)
	}
	u.env = append(os.Environ(), "PATH="+path+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+u.home,
		"TF_CLI_CONFIG_FILE=", "TF_CLI_ARGS=-no-color",
		"TF_CLI_ARGS_apply=-auto-approve -input=false", "TF_CLI_ARGS_destroy=-auto-approve")
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOENV"} { // their defaults are in the home directory
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		u.env = append(u.env, name+"="+strings.TrimSpace(string(out)))
	}

	readme := u.read("README.md")
	_, section, _ := strings.Cut(readme, "\n## A first configuration\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var scripts []string
	for _, block := range regexp.MustCompile("(?s)\n```sh\n(.*?)```\n").FindAllStringSubmatch(section, -1) {
		scripts = append(scripts, block[1])
	}
	if len(scripts) != 3 {
		t.Fatalf("the section has the commands %q", scripts)
	}
	install, runEmulator, apply := scripts[0], scripts[1], scripts[2]
	directories := regexp.MustCompile(`terraform\.d/plugins/[^ \n]+`).FindAllString(section, -1)
	if len(directories) != 2 || directories[0] != directories[1] {
		t.Errorf("for Windows and for other systems, the section has the directories %q", directories)
	}
	const destroy = "terraform -chdir=first destroy -var=function_name=my-function"
	if !strings.Contains(section, "`"+destroy+"`") {
		t.Errorf("the section does not have %q", destroy)
	}

	project := filepath.Join(u.clone, "project")
	const aws, awslambda = `aws = { source = "hashicorp/aws" }`, `awslambda = { source = "lambda-async/awslambda" }`
	write := func(providers, resources string) {
		t.Helper()
		u.write(filepath.Join(project, "main.tf"), "terraform {\n  required_providers {\n"+providers+"\n  }\n}\n"+resources)
	}
	const thing = "resource \"empty_thing\" \"x\" {\n  provider = aws\n  name     = \"x\"\n}\n"
	write(aws, thing)
	u.installAWS()
	u.run("terraform -chdir=project init\nterraform -chdir=project apply")

	u.run(install)
	api := u.emulator(runEmulator)
	provider := filepath.Join(u.clone, "examples", "first", "provider.tf")
	u.write(provider, strings.Replace(u.read("examples/first/provider.tf"), "http://127.0.0.1:4566", api, 1))
	u.run(apply)
	put := `PutFunctionEventInvokeConfig my-function {"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},` +
		`"MaximumEventAgeInSeconds":3600,"MaximumRetryAttempts":1}`
	if got := u.writes(api); !slices.Equal(got, []string{put}) {
		t.Errorf("sent %q, want %q", got, put)
	}
	u.run(destroy)
	if got := u.writes(api); len(got) != 2 || got[1] != "DeleteFunctionEventInvokeConfig my-function null" {
		t.Errorf("sent %q", got)
	}

	write(aws+"\n"+awslambda, thing+u.read("examples/first/provider.tf")+
		`resource "awslambda_function_event_invoke_config" "x" { function_name = "my-function" }`)
	u.run("terraform -chdir=project init\nterraform -chdir=project apply")
	if got := u.writes(api); len(got) != 3 || !strings.HasPrefix(got[2], "PutFunctionEventInvokeConfig my-function ") {
		t.Errorf("sent %q", got)
	}

	// Other providers come from their registry.
	u.uninstallAWS()
	got := strings.Join(u.requested("terraform -chdir=project init -upgrade"), " ")
	if !strings.Contains(got, "/v1/providers/hashicorp/aws/versions") || strings.Contains(got, "lambda-async") {
		t.Errorf("requested from the registry: %s, want hashicorp/aws and not lambda-async", got)
	}
}

// TestReadme_namesTests has every "go test -run" of the README match a test.
func TestReadme_namesTests(t *testing.T) {
	t.Parallel()
	const root = "../.."
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile("`go test (\\S+) -run '?([^'`]+)'?`").FindAllStringSubmatch(string(readme), -1)
	if len(commands) == 0 {
		t.Error("the README has no such command")
	}
	for _, c := range commands {
		files, err := filepath.Glob(filepath.Join(root, c[1], "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		runs := regexp.MustCompile(`(?m)^func Test\w*(` + c[2] + `)`)
		if !slices.ContainsFunc(files, func(name string) bool {
			text, err := os.ReadFile(name)
			return err == nil && runs.Match(text)
		}) {
			t.Errorf("%s runs no test", c[0])
		}
	}
}

// script returns a shell that runs a script in the clone, and stops at the first command
// that fails.
func (u newUser) script(script string) *exec.Cmd {
	cmd := exec.CommandContext(u.Context(), "sh", "-eu")
	cmd.Dir = u.clone
	cmd.Stdin = strings.NewReader(script)
	cmd.Env = u.env
	return cmd
}

func (u newUser) run(script string) {
	u.Helper()
	if out, err := u.script(script).CombinedOutput(); err != nil {
		u.Fatalf("%s: %v\n%s", script, err, out)
	}
}

func (u newUser) read(name string) string {
	u.Helper()
	text, err := os.ReadFile(filepath.Join(u.clone, name))
	if err != nil {
		u.Fatal(err)
	}
	return string(text)
}

func (u newUser) write(path, text string) {
	u.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		u.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		u.Fatal(err)
	}
}

// installAWS installs a stand-in of hashicorp/aws as a local provider.
func (u newUser) installAWS() {
	u.Helper()
	for _, registry := range registries {
		dir := fmt.Sprintf("%s/.terraform.d/plugins/%s/hashicorp/aws/6.0.0/%s_%s",
			u.home, registry, runtime.GOOS, runtime.GOARCH)
		u.run(fmt.Sprintf("go build -o '%s/terraform-provider-aws' ./internal/bench/empty", dir))
	}
}

func (u newUser) uninstallAWS() {
	u.Helper()
	for _, registry := range registries {
		if err := os.RemoveAll(filepath.Join(u.home, ".terraform.d", "plugins", registry, "hashicorp")); err != nil {
			u.Fatal(err)
		}
	}
}

// emulator builds and starts the program of a "go run" command on a free port, and returns
// its URL. The program ends with the test.
func (u newUser) emulator(command string) (url string) {
	u.Helper()
	args := strings.Fields(command)
	if len(args) < 3 || args[0] != "go" || args[1] != "run" {
		u.Fatalf("not go run: %q", command)
	}
	program := filepath.Join(u.TempDir(), "program")
	u.run(fmt.Sprintf("go build -o '%s' %s", program, args[2]))
	cmd := exec.CommandContext(u.Context(), program, append(args[3:], "-listen", "127.0.0.1:0")...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		u.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		u.Fatal(err)
	}
	u.Cleanup(func() { _ = cmd.Wait() }) // killed: the test's context has ended
	line, err := bufio.NewReader(stdout).ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok {
		u.Fatalf("got %q, %v", line, err)
	}
	return url
}

// writes returns the emulator's recorded requests that change a configuration.
func (u newUser) writes(api string) (writes []string) {
	u.Helper()
	req, err := http.NewRequestWithContext(u.Context(), http.MethodGet, api+"/_emulator/requests", nil)
	if err != nil {
		u.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		u.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		u.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		u.Fatal(err)
	}
	var requests []struct {
		Operation, Function string
		Body                json.RawMessage
	}
	if err := json.Unmarshal(text, &requests); err != nil {
		u.Fatal(err)
	}
	for _, r := range requests {
		if !strings.HasPrefix(r.Operation, "Get") && !strings.HasPrefix(r.Operation, "List") {
			writes = append(writes, fmt.Sprintf("%s %s %s", r.Operation, r.Function, r.Body))
		}
	}
	return writes
}

// requested runs a script with registries that have no provider, and returns the paths of
// the requests to them. The script must fail.
func (u newUser) requested(script string) (paths []string) {
	u.Helper()
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		paths = append(paths, r.URL.Path)
		http.NotFound(w, r)
	}))
	var hosts string
	for _, registry := range registries {
		hosts += fmt.Sprintf("host %q {\n  services = { \"providers.v1\" = \"%s/v1/providers/\" }\n}\n", registry, server.URL)
	}
	file := filepath.Join(u.TempDir(), "hosts.tfrc")
	u.write(file, hosts)
	cmd := u.script(script)
	cmd.Env = append(slices.Clone(cmd.Env), "TF_CLI_CONFIG_FILE="+file)
	if out, err := cmd.CombinedOutput(); err == nil {
		u.Errorf("%s: no error\n%s", script, out)
	}
	server.Close()
	return paths
}

// cloned returns a copy of the files of this work tree that Git does not ignore.
func cloned(t *testing.T) (dir string) {
	t.Helper()
	const root = "../.."
	dir = t.TempDir()
	list := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "-z",
		"--cached", "--others", "--exclude-standard")
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
