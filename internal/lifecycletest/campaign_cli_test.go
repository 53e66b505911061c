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
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

// workspace has runs of the CLI that a signal may end.
type workspace struct {
	t       *testing.T
	api     *acctest.API
	tf      *tfexec.Terraform
	signals chan os.Signal // for the CLI that runs

	header      string       // of the configuration: terraform and provider block
	connections atomic.Int64 // open connections of the API
}

func newWorkspace(t *testing.T, api *acctest.API) *workspace {
	t.Helper()
	w := &workspace{t: t, api: api, signals: make(chan os.Signal, 1)}
	server := httptest.NewUnstartedServer(api.Emulator)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			w.connections.Add(1)
		case http.StateClosed:
			w.connections.Add(-1)
		case http.StateActive, http.StateIdle, http.StateHijacked:
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	api.URL = server.URL
	w.tf = acctest.Workspace(t, "")
	terraformBlock, err := os.ReadFile(w.file("main.tf"))
	api.Must(err)
	w.header = string(terraformBlock) + api.ProviderBlock("", acctest.Region)
	return w
}

func (w *workspace) file(name string) string { return filepath.Join(w.tf.WorkingDir(), name) }

// configure sets the resources of the configuration.
func (w *workspace) configure(resources string) {
	w.t.Helper()
	w.api.Must(os.WriteFile(w.file("main.tf"), []byte(w.header+resources), 0o600))
}

// run runs the CLI until it ends, and sends it a signal from w.signals. After
// os.Kill it also waits until the provider has ended, and restores the state.
func (w *workspace) run(args ...string) (output string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 4*time.Minute)
	defer cancel()
	select { // a signal for the former run that came too late
	case <-w.signals:
	default:
	}
	var text strings.Builder
	cmd := acctest.Command(ctx, w.tf, args...)
	cmd.Stdout, cmd.Stderr = &text, &text
	w.api.Must(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var signal os.Signal
	select {
	case signal = <-w.signals:
		_ = cmd.Process.Signal(signal) // an error if the process has ended
		err = <-ended
	case err = <-ended:
	}
	if ctx.Err() != nil {
		w.t.Fatalf("%q did not end:\n%s", args, text.String())
	}
	if signal == os.Kill {
		w.waitForProvider()
		w.restoreState()
	}
	return text.String(), err
}

// waitForProvider returns when the provider of a killed CLI has closed its
// connections to the API. A provider that keeps running keeps idle connections for
// 90 s, and fails the test.
func (w *workspace) waitForProvider() {
	w.t.Helper()
	for start := time.Now(); w.connections.Load() > 0; time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > time.Minute {
			w.t.Fatal("the provider outlives the CLI")
		}
	}
}

// restoreState restores the backup of the state if necessary, as the documentation
// tells users. A CLI truncates a local state before it writes it.
func (w *workspace) restoreState() {
	w.t.Helper()
	file := w.file("terraform.tfstate")
	state, err := os.ReadFile(file)
	if os.IsNotExist(err) || json.Valid(state) {
		return
	}
	err = os.Rename(file+".backup", file)
	if os.IsNotExist(err) { // the first run was killed
		err = os.Remove(file)
	}
	w.api.Must(err)
}

// object is an object in state.
type object struct {
	resource, arn    string
	tainted, deposed bool
}

// objects returns the objects in state.
func (w *workspace) objects() []object {
	w.t.Helper()
	var state struct {
		Resources []struct {
			Name      string
			Instances []struct {
				Status, Deposed string
				Attributes      struct{ ID string }
			}
		}
	}
	data, err := os.ReadFile(w.file("terraform.tfstate"))
	if os.IsNotExist(err) {
		return nil
	}
	w.api.Must(err)
	if err := json.Unmarshal(data, &state); err != nil {
		w.t.Fatalf("the state is unreadable: %v", err)
	}
	var all []object
	for _, r := range state.Resources {
		for _, i := range r.Instances {
			all = append(all, object{r.Name, i.Attributes.ID, i.Status == "tainted", i.Deposed != ""})
		}
	}
	return all
}
