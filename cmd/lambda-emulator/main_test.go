// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "lambda-emulator")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		program = filepath.Join(dir, "lambda-emulator")
		out, err := exec.CommandContext(context.Background(), "go", "build", "-o", program, ".").CombinedOutput()
		if err != nil {
			panic(string(out))
		}
		return m.Run()
	}())
}

// start starts the program and returns it with the URL that it prints.
func start(t *testing.T, args ...string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-listen", "127.0.0.1:0"}, args...)...)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if !ok || !strings.HasPrefix(url, "http://127.0.0.1:") {
		t.Fatalf("got %q", line)
	}
	return cmd, url
}

// stop sends the signal and fails unless the program exits with status 0 within 4 seconds.
func stop(t *testing.T, cmd *exec.Cmd, signal os.Signal) {
	t.Helper()
	begin := time.Now()
	if err := cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("got %v, want exit status 0", err)
	}
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("took %s", took)
	}
}

const authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20251107/us-east-1/lambda/aws4_request, " +
	"SignedHeaders=host, Signature=00"

func send(t *testing.T, method, url, body string) (int, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", authorization)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), errors.Join(err, resp.Body.Close())
}

func TestServe_appliesFlags(t *testing.T) {
	cmd, url := start(t, "-account", "210987654321", "-requests-per-second", "0.001", "-burst", "4",
		"-latency", "1ms", "-update-destinations", "merge")
	const (
		config = "/2019-09-25/functions/fn/event-invoke-config"
		queue  = `{"Destination":"arn:aws:sqs:us-east-1:210987654321:queue"}`
	)
	for _, test := range []struct {
		method, path, body string
		status             int
		contains           string
	}{
		{"POST", "/2015-03-31/functions", `{"FunctionName":"fn"}`, 201, "arn:aws:lambda:us-east-1:210987654321:function:fn"},
		{"PUT", config, `{"DestinationConfig":{"OnFailure":` + queue + `}}`, 200, `"OnFailure":` + queue},
		{"POST", config, `{"DestinationConfig":{"OnSuccess":{}}}`, 200, `"OnFailure":` + queue},
		{"GET", config, "", 200, `"OnSuccess":{}`},
		{"GET", config, "", 429, "Rate exceeded"},
		{"GET", "/_emulator/requests", "", 200, `"status":429`},
	} {
		status, body, err := send(t, test.method, url+test.path, test.body)
		if err != nil || status != test.status || !strings.Contains(body, test.contains) {
			t.Errorf("%s %s: got %d, %v, %s", test.method, test.path, status, err, body)
		}
	}
	stop(t, cmd, os.Interrupt)
}

func TestFunctionFlag(t *testing.T) {
	cmd, url := start(t, "-function", "first", "-function", "second")
	status, body, err := send(t, "GET", url+"/2015-03-31/functions", "")
	if err != nil || status != 200 || !strings.Contains(body, "us-east-1:123456789012:function:first") ||
		!strings.Contains(body, "function:second") {
		t.Errorf("got %d, %v, %s", status, err, body)
	}
	stop(t, cmd, os.Interrupt)
	code, stderr := fail(t, "-function", "no/name")
	if code != 1 || !strings.Contains(stderr, `-function "no/name": ValidationException`) {
		t.Errorf("got exit status %d and %q", code, stderr)
	}
}

func TestHostFlag(t *testing.T) {
	cmd, url := start(t, "-host", "lambda", "-host", "emulator.test", "-request-log", "1")
	for host, want := range map[string]int{"lambda": 200, "emulator.test:4566": 200, "localhost": 200, "other.test": 403} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/_emulator/requests", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: got %s, want %d", host, resp.Status, want)
		}
	}
	stop(t, cmd, os.Interrupt)
}

func TestHelpAndVersion(t *testing.T) {
	for flag, want := range map[string]string{
		"-help":    `^Usage: lambda-emulator \[flags\]\n`,
		"-version": `^(\(devel\)|\d+\.\S+)\n$`,
	} {
		out, err := exec.CommandContext(t.Context(), program, flag).CombinedOutput()
		if err != nil || !regexp.MustCompile(want).Match(out) {
			t.Errorf("%s: got %v and %s", flag, err, out)
		}
	}
}

func TestHealthFlag(t *testing.T) {
	cmd, url := start(t)
	for _, url := range []string{url, url + "/"} {
		out, err := exec.CommandContext(t.Context(), program, "-health", url).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: got %v and %s", url, err, out)
		}
	}
	code, stderr := fail(t, "-health", url+"/missing")
	if code != 1 || !strings.Contains(stderr, "responded with 403 Forbidden") {
		t.Errorf("got exit status %d and %q", code, stderr)
	}
	if code, stderr := fail(t, "-health", strings.TrimPrefix(url, "http://")); code != 1 || stderr == "" {
		t.Errorf("got exit status %d and %q", code, stderr)
	}
	stop(t, cmd, os.Interrupt)
	if code, stderr := fail(t, "-health", url); code != 1 || !strings.Contains(stderr, "connection refused") {
		t.Errorf("got exit status %d and %q", code, stderr)
	}
}

func TestShutdown_endsDelays(t *testing.T) {
	cmd, url := start(t, "-latency", "1h")
	result := make(chan error, 1)
	go func() {
		_, _, err := send(t, "GET", url+"/2015-03-31/functions", "")
		result <- err
	}()
	for {
		_, requests, err := send(t, "GET", url+"/_emulator/requests", "")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(requests, `"status":-1`) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	stop(t, cmd, syscall.SIGTERM)
	if err := <-result; err == nil {
		t.Error("the request in flight got a response")
	}
}

func TestFlags_rejectsInvalidValues(t *testing.T) {
	for args, message := range map[string]string{
		"-port 1":                   "flag provided but not defined: -port",
		"-latency 20":               `invalid value "20" for flag -latency`,
		"-latency -1s":              "-latency -1s: must not be negative",
		"-account 42":               `-account "42": must be twelve digits`,
		"-requests-per-second -1":   "-requests-per-second -1: must not be negative",
		"-requests-per-second NaN":  "-requests-per-second NaN: must not be negative",
		"-burst -1":                 "-burst -1: must not be negative",
		"-request-log 0":            "-request-log 0: must be at least 1",
		"-host http://lambda":       `invalid value "http://lambda" for flag -host: must be a host name`,
		"-host lambda:4566":         `invalid value "lambda:4566" for flag -host: must be a host name`,
		"-update-destinations keep": `-update-destinations "keep": must be "replace" or "merge"`,
		"serve":                     `unexpected argument "serve"`,
	} {
		code, stderr := fail(t, strings.Fields(args)...)
		if code != 2 || !strings.Contains(stderr, message) {
			t.Errorf("%s: got exit status %d and %q, want 2 and %q", args, code, stderr, message)
		}
	}
}

func TestListen_addressInUse(t *testing.T) {
	cmd, url := start(t)
	defer stop(t, cmd, os.Interrupt)
	code, stderr := fail(t, "-listen", strings.TrimPrefix(url, "http://"))
	if code != 1 || !strings.Contains(stderr, "address already in use") {
		t.Errorf("got exit status %d and %q", code, stderr)
	}
}

// fail runs the program, which must fail, and returns its exit status and stderr.
func fail(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Stderr = &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) {
		t.Fatalf("%v: got %v, want an exit status", args, err)
	}
	return exit.ExitCode(), stderr.String()
}
