// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package main

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// peakMemory returns the peak memory of a process that has ended, in bytes.
func peakMemory(of *os.ProcessState) (int64, error) {
	usage, ok := of.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the system does not tell a process's peak memory")
	}
	peak := int64(usage.Maxrss) //nolint:unconvert // it is 32 bits wide where int is
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	return peak, nil
}
