// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const functionsPath = "/2015-03-31/functions"

// create creates a function in us-east-1.
func create(t *testing.T, url, name string) {
	t.Helper()
	status, body, err := send(t, "POST", url+functionsPath, `{"FunctionName":"`+name+`"}`)
	if err != nil || status != 201 {
		t.Fatalf("got %d, %v, %s", status, err, body)
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// temporaryFiles returns the temporary files of unfinished saves.
func temporaryFiles(t *testing.T, file string) []string {
	t.Helper()
	names, err := filepath.Glob(file + ".*.tmp")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestState_isSavedAndLoaded(t *testing.T) {
	const config = "/2019-09-25/functions/first/event-invoke-config"
	file := filepath.Join(t.TempDir(), "lambda.json")
	flags := []string{"-state", file, "-function", "first"}

	cmd, url := start(t, flags...)
	if got := readFile(t, file); !strings.Contains(got, `"FunctionName": "first"`) {
		t.Errorf("at start, the file has %s", got)
	}
	create(t, url, "second")
	status, put, err := send(t, "PUT", url+config, `{"MaximumRetryAttempts":0}`)
	if err != nil || status != 200 {
		t.Fatalf("got %d, %v, %s", status, err, put)
	}
	stop(t, cmd, syscall.SIGTERM)
	saved := readFile(t, file)

	cmd, url = start(t, flags...) // -function does not replace the function in the file
	if _, got, err := send(t, "GET", url+config, ""); err != nil || got != put {
		t.Errorf("got %v, %s, want %s", err, got, put)
	}
	if _, got, err := send(t, "GET", url+functionsPath, ""); err != nil || !strings.Contains(got, "function:second") {
		t.Errorf("got %v, %s", err, got)
	}
	stop(t, cmd, os.Interrupt)
	if got := readFile(t, file); got != saved {
		t.Errorf("without a change, the file became\n%s, it was\n%s", got, saved)
	}
	if got := temporaryFiles(t, file); len(got) > 0 {
		t.Errorf("%s remain", got)
	}
}

func TestState_survivesKillDuringSave(t *testing.T) {
	// The file is large, so that the kill can interrupt a save.
	file := filepath.Join(t.TempDir(), "lambda.json")
	var functions []string
	for i := range 16 {
		functions = append(functions, fmt.Sprintf(`{"Region":"us-east-1","FunctionName":"f%d","Description":"%s"}`,
			i, strings.Repeat("x", 1<<20)))
	}
	writeFile(t, file, `{"FormatVersion":1,"Functions":[`+strings.Join(functions, ",")+`]}`)

	for attempt := 1; ; attempt++ {
		cmd, url := start(t, "-state", file)
		before := readFile(t, file)
		create(t, url, fmt.Sprintf("new%d", attempt))
		exited := make(chan error, 1)
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		go func() { exited <- cmd.Wait() }()
		for len(temporaryFiles(t, file)) == 0 && len(exited) == 0 {
			time.Sleep(100 * time.Microsecond)
		}
		_ = cmd.Process.Kill() // it may have exited
		err := <-exited
		if left := temporaryFiles(t, file); len(left) == 0 {
			t.Logf("attempt %d: the save was faster than the kill (%v)", attempt, err)
			if attempt == 20 {
				t.Fatal("no save was killed")
			}
			continue
		}
		if err == nil {
			t.Error("a completed save left a temporary file")
		}
		if readFile(t, file) != before {
			t.Error("an interrupted save changed the file")
		}
		break
	}
	cmd, _ := start(t, "-state", file)
	stop(t, cmd, syscall.SIGTERM)
}

func TestState_keepsLinkAndMode(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "lambda.json"), filepath.Join(dir, "link.json")
	writeFile(t, file, `{"FormatVersion":1}`)
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	cmd, url := start(t, "-state", link)
	create(t, url, "fn")
	stop(t, cmd, os.Interrupt)
	if got := readFile(t, file); !strings.Contains(got, `"FunctionName": "fn"`) {
		t.Errorf("got %s", got)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("got %v and %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v, %v", info.Mode(), err)
	}
}

func TestState_reportsErrorAtStart(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.json")
	const half = `{"FormatVersion":1,"Functions":[{"Region":`
	writeFile(t, broken, half)
	for file, message := range map[string]string{
		broken:                                 "-state: cannot read " + broken + ": line 1: unexpected end of JSON input",
		dir:                                    "is a directory",
		filepath.Join(dir, "missing", "state"): "no such file or directory",
		filepath.Join(broken, "state"):         "not a directory",
	} {
		code, stderr := fail(t, "-listen", "127.0.0.1:0", "-state", file)
		if code != 1 || !strings.Contains(stderr, message) {
			t.Errorf("%s: got exit status %d and %q", file, code, stderr)
		}
	}
	if got := readFile(t, broken); got != half {
		t.Errorf("the file became %s", got)
	}
}

func TestState_reportsErrorAtExit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "stage")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd, _ := start(t, "-state", filepath.Join(dir, "lambda.json"))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("got %v, want exit status 1", err)
	}
}
