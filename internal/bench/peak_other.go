// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package main

import (
	"errors"
	"os"
)

func peakMemory(*os.ProcessState) (int64, error) {
	return 0, errors.New("peak memory is not available on this operating system")
}
