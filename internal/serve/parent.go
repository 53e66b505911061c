// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"os"
	"runtime"
	"time"
)

// endWithParent ends the process when the CLI that started it is gone without
// having said so, as when it was killed: what is still queued must not be
// written behind the back of whoever applies next.
func endWithParent() {
	parent := os.Getppid()
	if runtime.GOOS == "windows" {
		// A process keeps the ID of its parent there, but may wait for it.
		if p, err := os.FindProcess(parent); err == nil {
			if _, err := p.Wait(); err == nil {
				os.Exit(1)
			}
		}
		return
	}
	for os.Getppid() == parent {
		time.Sleep(100 * time.Millisecond)
	}
	os.Exit(1)
}
