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

// peakMemory returns the peak memory of a process that has exited, in bytes.
func peakMemory(of *os.ProcessState) (int64, error) {
	usage, ok := of.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("peak memory is not available")
	}
	peak := int64(usage.Maxrss) //nolint:unconvert // int32 on 32-bit platforms
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	return peak, nil
}
