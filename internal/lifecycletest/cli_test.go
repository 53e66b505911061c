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
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

// stopped is a workspace whose runs may be stopped.
type stopped struct {
	t    *testing.T
	api  *API
	tf   *tfexec.Terraform
	stop chan os.Signal // sends a signal to the CLI that runs

	required    string // of the configuration
	connections atomic.Int64
}

func newStopped(t *testing.T, api *API) *stopped {
	t.Helper()
	s := &stopped{t: t, api: api, stop: make(chan os.Signal, 1)}
	server := httptest.NewUnstartedServer(api.Emulator)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.connections.Add(1)
		case http.StateClosed:
			s.connections.Add(-1)
		case http.StateActive, http.StateIdle, http.StateHijacked:
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	api.URL = server.URL
	s.tf = Workspace(t, "")
	required, err := os.ReadFile(s.file("main.tf"))
	api.Must(err)
	s.required = string(required) + api.ProviderBlock("", Region)
	return s
}

func (s *stopped) file(name string) string { return filepath.Join(s.tf.WorkingDir(), name) }

// configure sets the resources of the configuration.
func (s *stopped) configure(resources string) {
	s.t.Helper()
	s.api.Must(os.WriteFile(s.file("main.tf"), []byte(s.required+resources), 0o600))
}

// run runs the CLI, sends it a signal from s.stop, and waits until it has ended.
// Of a CLI that is killed, it waits for the provider too, and mends the state.
func (s *stopped) run(args ...string) (output string, signaled bool, err error) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 4*time.Minute)
	defer cancel()
	select { // a signal that came after the last run
	case <-s.stop:
	default:
	}
	var text strings.Builder
	cmd := Command(ctx, s.tf, args...)
	cmd.Stdout, cmd.Stderr = &text, &text
	s.api.Must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var signal os.Signal
	select {
	case signal = <-s.stop:
		_ = cmd.Process.Signal(signal) // an error if it has just ended
		err = <-ended
	case err = <-ended:
	}
	if ctx.Err() != nil {
		s.t.Fatalf("%q did not end:\n%s", args, text.String())
	}
	if signal == os.Kill {
		s.waitForProvider()
		s.mendState()
	}
	return text.String(), signal != nil && err != nil, err
}

// waitForProvider waits until the provider of a CLI that was killed has ended,
// which sends nothing any more then.
func (s *stopped) waitForProvider() {
	s.t.Helper()
	for since := time.Now(); s.connections.Load() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(since) > time.Minute {
			s.t.Fatal("the provider outlives the CLI")
		}
	}
}

// mendState does what Terraform leaves to its users: it truncates the state
// before it writes it, and when it is killed in between, all that is left of
// it is the backup.
func (s *stopped) mendState() {
	s.t.Helper()
	file := s.file("terraform.tfstate")
	state, err := os.ReadFile(file)
	if os.IsNotExist(err) || json.Valid(state) {
		return
	}
	err = os.Rename(file+".backup", file)
	if os.IsNotExist(err) { // there was no state before
		err = os.Remove(file)
	}
	s.api.Must(err)
}

// object is an object in state.
type object struct {
	resource, arn    string
	tainted, deposed bool
}

// objects returns the objects in state. It ends the test if it cannot be read.
func (s *stopped) objects() []object {
	s.t.Helper()
	var state struct {
		Resources []struct {
			Name      string
			Instances []struct {
				Status, Deposed string
				Attributes      struct{ ID string }
			}
		}
	}
	data, err := os.ReadFile(s.file("terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	s.api.Must(err)
	if err := json.Unmarshal(data, &state); err != nil {
		s.t.Fatalf("the state cannot be read: %v", err)
	}
	var all []object
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			all = append(all, object{r.Name, i.Attributes.ID, i.Status == "tainted", i.Deposed != ""})
		}
	}
	return all
}

// orphans returns the configurations of the API that are not in state.
func (s *stopped) orphans() []string {
	s.t.Helper()
	objects := s.objects()
	return slices.DeleteFunc(s.api.Configs(), func(arn string) bool {
		return slices.ContainsFunc(objects, func(o object) bool { return o.arn == arn })
	})
}
