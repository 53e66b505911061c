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

// Only the parent of a process learns from the kernel how much memory it had
// at its peak, and the parent of a provider is the CLI. So a stand-in is put
// between the two, and that is the bench's own program: started with
// realProviders in its environment, it runs the provider of its own name from
// there, and adds the provider's peak to the file that peakFile names. Linux
// counts in a process's peak what its parent had when it was started; the
// stand-in has half of what the smaller provider comes to.
const (
	realProviders = "BENCH_REAL_PROVIDERS"
	peakFile      = "BENCH_PEAK_FILE"
)

// peak returns the peak memory of the provider while the CLI plans, in MiB.
func (w *workspace) peak(ctx context.Context) (float64, error) {
	dir, err := os.MkdirTemp(w.bench.dir, "peak-")
	if err != nil {
		return 0, err
	}
	if err := linkStandIns(dir); err != nil {
		return 0, err
	}
	overrides, err := writeOverrides(dir, dir)
	if err != nil {
		return 0, err
	}
	peaks := filepath.Join(dir, "peaks")
	// The CLI hands its environment on to what it starts as a provider.
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
	bytes, err := greatest(peaks)
	return bytes / (1 << 20), err
}

// linkStandIns puts a stand-in for each provider into dir.
func linkStandIns(dir string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return errors.Join(
		os.Symlink(self, filepath.Join(dir, ourExecutable)),
		os.Symlink(self, filepath.Join(dir, emptyExecutable)),
	)
}

// standIn returns the exit status. It needs no signals: a CLI ends a provider
// by a call.
func standIn(providers string) int {
	cmd := exec.Command(filepath.Join(providers, filepath.Base(os.Args[0])), os.Args[1:]...) //nolint:gosec,noctx // it is there to run it, for as long as it takes
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if err == nil {
		err = notePeak(cmd.ProcessState)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func notePeak(of *os.ProcessState) error {
	peak, err := peakMemory(of)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(os.Getenv(peakFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the bench names it
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, peak)
	return errors.Join(err, file.Close())
}

// greatest returns the greatest of the numbers that are the lines of a file:
// a CLI starts a provider several times for one command.
func greatest(path string) (float64, error) {
	lines, err := os.ReadFile(path) //nolint:gosec // the bench names it
	if err != nil {
		return 0, err
	}
	most := 0.0
	for line := range strings.Lines(string(lines)) {
		n, err := strconv.ParseFloat(strings.TrimSpace(line), 64)
		if err != nil {
			return 0, err
		}
		most = max(most, n)
	}
	return most, nil
}
