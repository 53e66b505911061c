// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// The kernel reports the CPU time and the peak memory of a process to its parent, and the
// parent of a provider is the CLI. Therefore the CLI starts this program as the provider,
// through a symbolic link, with these environment variables. This program then runs
// realProvider and appends its usage to usageFile. On Linux, the peak includes the memory
// of the parent at the start of the process. This program needs half as much as the provider.
const (
	realProvider = "BENCH_REAL_PROVIDER"
	usageFile    = "BENCH_USAGE_FILE"
)

// usage is the resource usage of the provider in one command of the CLI, which starts the
// provider several times.
type usage struct {
	cpu  time.Duration // in all processes
	peak float64       // maximum memory of a process, in MiB
}

// planUsage plans and returns the usage of the provider.
func (w *workspace) planUsage(ctx context.Context) (usage, error) {
	dir, err := os.MkdirTemp(w.bench.dir, "usage-")
	if err != nil {
		return usage{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return usage{}, err
	}
	if err := os.Symlink(self, filepath.Join(dir, filepath.Base(w.bench.provider))); err != nil {
		return usage{}, err
	}
	overrides, err := terraformcli.WriteDevOverrides(dir, dir)
	if err != nil {
		return usage{}, err
	}
	file := filepath.Join(dir, "usage")
	// Providers inherit the environment of the CLI.
	if err := errors.Join(os.Setenv(realProvider, w.bench.provider), os.Setenv(usageFile, file)); err != nil {
		return usage{}, err
	}
	tf, err := terraformcli.New(w.bench.cli, w.dir, overrides)
	if err != nil {
		return usage{}, err
	}
	if _, err := tf.Plan(ctx); err != nil {
		return usage{}, err
	}
	return readUsage(file)
}

func readUsage(file string) (usage, error) {
	text, err := os.ReadFile(file) //nolint:gosec // the path of a temporary file
	if err != nil {
		return usage{}, err
	}
	var sum usage
	for line := range strings.Lines(string(text)) {
		var cpu time.Duration
		var peak float64
		if _, err := fmt.Sscan(line, &cpu, &peak); err != nil {
			return usage{}, err
		}
		sum.cpu += cpu
		sum.peak = max(sum.peak, peak/(1<<20))
	}
	return sum, nil
}

// runProvider runs the provider and returns its exit status. It forwards no signals, since a
// CLI stops a provider with a call.
func runProvider(path string) int {
	cmd := exec.Command(path, os.Args[1:]...) //nolint:gosec,noctx // the built provider, which the CLI stops
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if err == nil {
		err = recordUsage(cmd.ProcessState)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func recordUsage(state *os.ProcessState) error {
	peak, err := peakMemory(state)
	if err != nil {
		return err
	}
	//nolint:gosec // the path of a temporary file
	file, err := os.OpenFile(os.Getenv(usageFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, int64(state.UserTime()+state.SystemTime()), peak)
	return errors.Join(err, file.Close())
}
