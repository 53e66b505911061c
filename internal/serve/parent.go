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

// endWith ends the process when its parent, the CLI, is gone without having
// said so, as when it was killed: what is still queued must not be written
// behind the back of whoever applies next.
func endWith(parent int) {
	if runtime.GOOS == "windows" {
		// A process keeps the ID of its parent there, but may wait for it.
		p, err := os.FindProcess(parent)
		if err == nil {
			_, err = p.Wait()
		}
		if err != nil && !isMissing(err) {
			return // access denied: the process then ends only when the CLI asks for it
		}
		os.Exit(1)
	}
	for os.Getppid() == parent {
		time.Sleep(100 * time.Millisecond)
	}
	os.Exit(1)
}

// isMissing reports whether an error of OpenProcess on Windows means that there
// is no such process. Others, such as "access denied", say nothing about that.
func isMissing(err error) bool {
	const errorInvalidParameter = syscall.Errno(87)
	return errors.Is(err, errorInvalidParameter)
}
