// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"context"
	"encoding/json"
	"net"

	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestKilled kills the CLI at four moments each of runs that create, change and
// destroy 24 configurations. The next run always completes the work.
func TestKilled(t *testing.T) {
	t.Parallel()
	var left atomic.Int64 // requests until the CLI is killed
	reached := make(chan struct{}, 1)
	api := NewAPI(t, emulator.Options{Latency: 5 * time.Millisecond, Strike: func(emulator.Request) *emulator.Fault {
		if left.Add(-1) == 0 {
			reached <- struct{}{}
		}
		return nil
	}})
	stage(api, 6)
	tf := Workspace(t, "")
	required, err := os.ReadFile(filepath.Join(tf.WorkingDir(), "main.tf"))
	api.Must(err)

	runs := []planned{newPlan(6, first), newPlan(6, second), nil}
	for round := range 12 {
		want := runs[round%len(runs)]
		configuration := string(required) + api.ProviderBlock("", Region) + want.configuration()
		api.Must(os.WriteFile(filepath.Join(tf.WorkingDir(), "main.tf"), []byte(configuration), 0o600))

		// A run makes 30 requests: a List for each function, and 24 writes.
		at := 3 + round*2
		left.Store(int64(at))
		api.ClearRequests()
		kill(t, tf, reached)
		t.Logf("round %d, killed at request %d: %d requests, %d configurations", round, at, len(api.Requests()), len(api.Configs()))
		mendState(t, tf)

		api.Must(tf.Apply(t.Context()))
		if err := want.isHeld(api); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if changes, err := tf.Plan(t.Context()); err != nil || changes {
			t.Fatalf("round %d: planned changes = %t, %v", round, changes, err)
		}
		state, err := tf.Show(t.Context())
		api.Must(err)
		resources := 0
		if state.Values != nil {
			resources = len(state.Values.RootModule.Resources)
		}
		if resources != len(want) {
			t.Fatalf("round %d: %d resources in state, want %d", round, resources, len(want))
		}
	}
}

// kill starts an apply and kills the CLI, not what it has started, when
// reached says so.
func kill(t *testing.T, tf *tfexec.Terraform, reached <-chan struct{}) {
	t.Helper()
	ctx, kill := context.WithCancel(t.Context())
	defer kill()
	var output strings.Builder
	cmd := Command(ctx, tf, "apply", "-auto-approve", "-input=false", "-no-color")
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-reached:
	case err := <-ended:
		t.Fatalf("ended before it was killed: %v\n%s", err, output.String())
	}
	kill()
	if err := <-ended; err == nil {
		t.Fatal("the CLI that was killed succeeded")
	}
}

// mendState does what Terraform leaves to its users: it truncates the state
// before it writes it, and when it is killed in between, all that is left of
// it is the backup.
func mendState(t *testing.T, tf *tfexec.Terraform) {
	t.Helper()
	file := filepath.Join(tf.WorkingDir(), "terraform.tfstate")
	state, err := os.ReadFile(file)
	if os.IsNotExist(err) || json.Valid(state) {
		return
	}
	t.Logf("Terraform was killed while it wrote its state, and left %d bytes of it", len(state))
	if err := os.Rename(file+".backup", file); err != nil && !os.IsNotExist(err) { // none: there was no state before
		t.Fatal(err)
	}
}

// TestProviderEndsWithTheCLI kills the CLI and waits until the provider's
// connections are closed. Those on which it waits for an answer are when the
// CLI no longer asks; one that it keeps for later is only when the process
// ends, or after a minute and a half.
func TestProviderEndsWithTheCLI(t *testing.T) {
	SkipShared(t, "the CLI does not start the provider")
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f", "held")
	held, kept := make(chan struct{}), make(chan struct{}, 100)
	left := make(chan int, 100)
	// Nothing is answered before there are two connections.
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "held") {
			close(held)
			<-r.Context().Done()
			return
		}
		<-held
		api.ServeHTTP(w, r)
	}))
	var mu sync.Mutex
	open := 0
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			open++
		case http.StateIdle:
			if len(api.Configs()) == 1 {
				kept <- struct{}{}
			}
		case http.StateActive, http.StateHijacked:
		case http.StateClosed:
			open--
			left <- open
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	api.URL = server.URL

	kill(t, Workspace(t, api.ProviderBlock("", Region)+Config("f", "f")+Config("held", "held")), kept)
	for n := -1; n != 0; {
		select {
		case n = <-left:
		case <-time.After(30 * time.Second):
			t.Fatal("the provider outlives the CLI")
		}
	}
}
