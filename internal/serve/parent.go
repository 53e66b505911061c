// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"
)

// exitAfter ends the process when its parent, the CLI, has ended. A CLI that is
// killed does not stop its providers. Their queued writes would then overlap with
// the next apply.
func exitAfter(parent int) {
	if runtime.GOOS == "windows" {
		// The ID of the parent does not change there, but a process can wait for
		// any other process.
		p, err := os.FindProcess(parent)
		if err == nil {
			_, err = p.Wait()
		}
		if err != nil && !isMissingProcess(err) {
			return // access denied: only the CLI can end this process
		}
		os.Exit(1)
	}
	for os.Getppid() == parent {
		time.Sleep(100 * time.Millisecond)
	}
	os.Exit(1)
}

// isMissingProcess reports whether an error of OpenProcess on Windows means that
// the process does not exist.
func isMissingProcess(err error) bool {
	const errorInvalidParameter = syscall.Errno(87)
	return errors.Is(err, errorInvalidParameter)
}
