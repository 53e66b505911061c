// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package releasetest

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestImage builds the program of the emulator's image, and runs the image's
// commands. If the test is root's, they run in a root directory that has only the
// program, and as the image's user, as in a container.
func TestImage(t *testing.T) {
	t.Parallel()
	dockerfile := read(t, setting(t, "dockerfile"))
	instruction := func(name string) string {
		t.Helper()
		match := regexp.MustCompile(`(?m)^`+name+` (.*)$`).FindAllStringSubmatch(dockerfile, -1)
		if len(match) != 1 {
			t.Fatalf("the Dockerfile has %d instructions %s", len(match), name)
		}
		return match[0][1]
	}
	if got := instruction("FROM"); got != "scratch" {
		t.Errorf("the image is from %s", got)
	}
	user, err := strconv.ParseUint(strings.Split(instruction("USER"), ":")[0], 10, 31)
	if err != nil || user == 0 {
		t.Fatalf("the image's user is %d, %v", user, err)
	}
	_, program, _ := strings.Cut(instruction("COPY"), " ")

	image := filepath.Join(t.TempDir(), "image")
	if err := os.MkdirAll(filepath.Join(image, "stage"), 0o755); err != nil { //nolint:gosec // the image's user must read it
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(image, "stage"), 0o777); err != nil { //nolint:gosec // a volume that any user may write
		t.Fatal(err)
	}
	build(t, filepath.Dir(filepath.Join(root, setting(t, "dockerfile"))), filepath.Join(image, program))
	file, err := elf.Open(filepath.Join(image, program))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for _, segment := range file.Progs {
		if segment.Type == elf.PT_INTERP {
			t.Error("the program is linked dynamically, but the image has no libraries")
		}
	}

	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	_ = listener.Close()
	// command returns a command of the image, on a free port.
	command := func(text string, args ...string) *exec.Cmd {
		t.Helper()
		exposed := ":" + instruction("EXPOSE")
		if strings.Count(text, exposed) != 1 {
			t.Errorf("%s does not name the port that is exposed", text)
		}
		var argv []string
		if err := json.Unmarshal([]byte(strings.ReplaceAll(text, exposed, ":"+port)), &argv); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if argv[0] != program {
			t.Errorf("the image runs %s, but has %s", argv[0], program)
		}
		inImage := ""
		if os.Getuid() != 0 {
			inImage = image
		}
		cmd := exec.CommandContext(t.Context(), inImage+program, append(argv[1:], args...)...)
		cmd.Env = []string{}
		if inImage == "" {
			cmd.Dir = "/"
			id := uint32(user) //nolint:gosec // parsed with 31 bits
			cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: image, Credential: &syscall.Credential{Uid: id, Gid: id}}
		}
		return cmd
	}
	health := regexp.MustCompile(`^(--\S+ )*CMD `).ReplaceAllString(instruction("HEALTHCHECK"), "")

	if out, err := command(health).CombinedOutput(); err == nil {
		t.Errorf("before the start, the image is healthy: %s", out)
	}
	args := documented(t, image, instruction("EXPOSE"))
	if os.Getuid() != 0 {
		for i, arg := range args {
			args[i] = strings.Replace(arg, "/stage/", image+"/stage/", 1)
		}
	}
	server := command(instruction("ENTRYPOINT"), args...)
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	server.Stderr = os.Stderr
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || !strings.HasSuffix(line, ":"+port+"\n") {
		t.Fatalf("got %q and %v", line, err)
	}
	if out, err := command(health).CombinedOutput(); err != nil {
		t.Errorf("after the start, the image is not healthy: %v, %s", err, out)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil { // as "docker stop" does
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Error(err)
	}
	saved, err := os.ReadFile(filepath.Join(image, "stage", "lambda.json"))
	if err != nil || !strings.Contains(string(saved), `"RevisionId"`) || !strings.Contains(string(saved), `"orders-worker"`) {
		t.Errorf("saved %s, %v", saved, err)
	}
}

// documented runs the commands for a container of the guide "Local development", in
// dir and with stand-ins of the programs, and returns the arguments for the program
// in the container. It compares the image and the port, and those of the workflow,
// with the release.
func documented(t *testing.T, dir, port string) []string {
	t.Helper()
	name := strings.Trim(setting(t, "images"), "[]")
	stage, err := filepath.Abs(filepath.Join(root, "examples/guides/local/stage.json"))
	if err != nil {
		t.Fatal(err)
	}
	script := strings.Replace(read(t, "examples/guides/local/container.sh"), "mkdir stage", "mkdir -p stage", 1)
	cmd := exec.CommandContext(t.Context(), "sh", "-eu", "-c",
		"docker() { printf '%s\n' \"$@\"; }\nterraform() { :; }\ncp() { command cp '"+stage+"' \"$2\" && chmod 666 \"$2\"; }\n"+script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	run, _, _ := strings.Cut(string(out), "\nstop\n")
	flags, args, found := strings.Cut(run, "\n"+name+"\n")
	if !found || !strings.Contains(flags, "\n127.0.0.1:"+port+":"+port+"\n") || !strings.Contains(flags, "\n"+dir+"/stage:/stage") {
		t.Errorf("got %s", run)
	}
	workflow := read(t, "examples/guides/local/workflow.yml")
	for _, line := range []string{"image: " + name + "\n", `ports: ["` + port + ":" + port + `"]`, "http://127.0.0.1:" + port + "\n"} {
		if !strings.Contains(workflow, line) {
			t.Errorf("the workflow does not have %q", line)
		}
	}
	// Its commands are those that the guide gives for any shell, which a test runs.
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	_, create, _ := strings.Cut(read(t, "examples/guides/local/function.sh"), "aws ")
	create, _, _ = strings.Cut(create, "aws ")
	if !strings.Contains(words(workflow), words(create)) {
		t.Errorf("the workflow creates the function in another way than %s", create)
	}
	return strings.Fields(args)
}
