// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package account_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/account"
)

// suite returns a command that runs acceptance tests as CONTRIBUTING.md says,
// on the stand-in.
func (s *standIn) suite(t *testing.T, tests string) *exec.Cmd {
	t.Helper()
	program := filepath.Join(t.TempDir(), "suite.test.exe") // the suffix is for Windows
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", program, "../eventinvokeconfig").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.v", "-test.run", tests, "-aws", role)
	cmd.Dir = filepath.Join("..", "eventinvokeconfig") // as go test does
	cmd.Env = append(os.Environ(), s.environment()...)
	return cmd
}

// TestSuite runs acceptance tests that need every kind of thing in an account,
// and one in which the emulator before it plays a fault.
func TestSuite(t *testing.T) {
	s := newStandIn(t)
	tests := []string{"TestBasic", "TestQualifiers", "TestDestinationKinds", "TestReplacement", "TestCreateRefusesWhatDiffers", "TestFailuresLeaveState"}
	out, err := s.suite(t, "^("+strings.Join(tests, "|")+")$").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range tests {
		if !bytes.Contains(out, []byte("--- PASS: "+test+" ")) {
			t.Errorf("%s did not pass:\n%s", test, out)
		}
	}
	created, sent := 0, map[string]int{}
	for _, r := range s.Requests() {
		sent[r.Operation]++
		if r.Operation == "CreateFunction" {
			created++
		}
		if r.Status == http.StatusTooManyRequests {
			t.Errorf("refused for the rate: %+v", r)
		}
		if r.Function != "" && !strings.HasPrefix(r.Function, account.Prefix) && r.Status != 403 { // 403: another account's
			t.Errorf("not the tests' own: %+v", r)
		}
	}
	if created < 20 || sent["PutFunctionEventInvokeConfig"] < 20 {
		t.Errorf("too little has reached the account: %v", sent)
	}
	if s.made == 0 {
		t.Error("no destination was made")
	}
	s.wantNothing(t)
}

// TestSuiteInterrupted ends the tests while their functions are there.
func TestSuiteInterrupted(t *testing.T) {
	s := newStandIn(t)
	cmd := s.suite(t, "^TestReplacement$")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(s.functions()) < 4 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Errorf("passed:\n%s", out.String())
	}
	s.wantNothing(t)
}

// wantNothing fails the test where the account has anything left.
func (s *standIn) wantNothing(t *testing.T) {
	t.Helper()
	if functions, destinations := s.functions(), s.destinations(); len(functions)+len(destinations) > 0 {
		t.Errorf("left in the account: %q and %q", functions, destinations)
	}
}
