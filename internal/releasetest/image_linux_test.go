// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package releasetest

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestImage runs the commands of the emulator's image without a container: the
// ENTRYPOINT with the arguments in the guide "Local development", and the HEALTHCHECK.
func TestImage(t *testing.T) {
	t.Parallel()
	const guide = "examples/guides/local/"
	dockerfile, script := read(t, setting(t, "dockerfile")), read(t, guide+"container.sh")
	image := strings.Trim(setting(t, "images"), "[]")
	port := find(t, dockerfile, `EXPOSE (\d+)`)

	dir := t.TempDir()
	program := filepath.Join(dir, "lambda-emulator")
	build(t, filepath.Dir(filepath.Join(root, setting(t, "dockerfile"))), program)
	if err := os.WriteFile(filepath.Join(dir, "lambda.json"), []byte(read(t, guide+"state.json")), 0o600); err != nil {
		t.Fatal(err)
	}
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, freePort, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	command := func(instruction string, args ...string) *exec.Cmd {
		t.Helper()
		text := find(t, dockerfile, instruction+` (\["/lambda-emulator", .*:`+port+`"\])`)
		var argv []string
		if err := json.Unmarshal([]byte(strings.ReplaceAll(text, ":"+port, ":"+freePort)), &argv); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return exec.CommandContext(t.Context(), program, append(argv[1:], args...)...)
	}

	const health = `HEALTHCHECK .* CMD`
	if err := command(health).Run(); err == nil {
		t.Error("the health check succeeds before the start")
	}
	args := strings.ReplaceAll(find(t, script, regexp.QuoteMeta(image)+` (.*)`), "/state/", dir+"/")
	server := command(`ENTRYPOINT`, strings.Fields(args)...)
	server.Stderr = os.Stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("got %q and %v", line, err)
	}
	if out, err := command(health).CombinedOutput(); err != nil {
		t.Errorf("%v, %s", err, out)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil { // as "docker stop" does
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
	saved, err := os.ReadFile(filepath.Join(dir, "lambda.json"))
	if err != nil {
		t.Fatal(err)
	}
	find(t, string(saved), `("FunctionName": "orders-worker")`)
	find(t, string(saved), `("RevisionId")`) // state.json has none

	// The documentation has the same image, port and function.
	workflow := strings.Join(strings.Fields(read(t, guide+"workflow.yml")), " ")
	createFunction := strings.Join(strings.Fields(find(t, read(t, guide+"function.sh"), `(?s)\n(aws .*?)\naws`)), " ")
	for _, text := range []string{
		"image: " + image + " ", `ports: ["127.0.0.1:` + port + ":" + port + `"]`,
		"http://127.0.0.1:" + port + " ", createFunction,
	} {
		if !strings.Contains(workflow, text) {
			t.Errorf("workflow.yml does not contain %q", text)
		}
	}
	find(t, script, `( --publish 127\.0\.0\.1:`+port+`:`+port+` )`)
	find(t, script, `( --volume "\$PWD/state:/state" )`)
}
