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
	"strconv"
	"strings"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// The kernel reports the peak memory of a process to its parent, and the parent of a
// provider is the CLI. Therefore the CLI starts this program as the provider, through a
// symbolic link, with these environment variables. This program then runs the provider of
// the same name in the directory realProviders, and appends its peak memory to peakFile. On
// Linux, the peak includes the memory of the parent at the start of the process. This
// program needs half as much as the provider.
const (
	realProviders = "BENCH_REAL_PROVIDERS"
	peakFile      = "BENCH_PEAK_FILE"
)

// peakMemory returns the peak memory of the provider during a plan, in MiB.
func (w *workspace) peakMemory(ctx context.Context) (float64, error) {
	dir, err := os.MkdirTemp(w.bench.dir, "peak-")
	if err != nil {
		return 0, err
	}
	if err := linkProviders(dir); err != nil {
		return 0, err
	}
	overrides, err := writeOverrides(dir, dir)
	if err != nil {
		return 0, err
	}
	peaks := filepath.Join(dir, "peaks")
	// Providers inherit the environment of the CLI.
	if err := errors.Join(os.Setenv(realProviders, w.bench.providers), os.Setenv(peakFile, peaks)); err != nil {
		return 0, err
	}
	tf, err := terraformcli.New(w.bench.cli, w.dir, overrides)
	if err != nil {
		return 0, err
	}
	if _, err := tf.Plan(ctx); err != nil {
		return 0, err
	}
	bytes, err := readMaximum(peaks)
	return bytes / (1 << 20), err
}

// linkProviders creates links to this program in dir, with the names of the providers.
func linkProviders(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return errors.Join(
		os.Symlink(self, filepath.Join(dir, ourExecutable)),
		os.Symlink(self, filepath.Join(dir, emptyExecutable)),
	)
}

// runProvider runs the provider in the directory and returns its exit status. It forwards no
// signals, since a CLI stops a provider with a call.
func runProvider(providers string) int {
	path := filepath.Join(providers, filepath.Base(os.Args[0]))
	cmd := exec.Command(path, os.Args[1:]...) //nolint:gosec,noctx // a built provider, which the CLI stops
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if err == nil {
		err = recordPeak(cmd.ProcessState)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func recordPeak(state *os.ProcessState) error {
	peak, err := peakMemory(state)
	if err != nil {
		return err
	}
	//nolint:gosec // the path of a temporary file
	file, err := os.OpenFile(os.Getenv(peakFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, peak)
	return errors.Join(err, file.Close())
}

// readMaximum returns the maximum of the numbers in a file, one per line. A CLI starts a
// provider several times for one command.
func readMaximum(path string) (float64, error) {
	lines, err := os.ReadFile(path) //nolint:gosec // the path of a temporary file
	if err != nil {
		return 0, err
	}
	maximum := 0.0
	for line := range strings.Lines(string(lines)) {
		n, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			return 0, err
		}
		maximum = max(maximum, n)
	}
	return maximum, nil
}
