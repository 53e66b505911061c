// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package serve

import (
	"os"
	"runtime"
	"time"
)

// endWith ends the process when its parent, the CLI, is gone without having
// said so, as when it was killed: what is still queued must not be written
// behind the back of whoever applies next.
func endWith(parent int) {
	if runtime.GOOS == "windows" {
		// A process keeps the ID of its parent there, but may wait for it.
		if p, err := os.FindProcess(parent); err == nil {
			_, err = p.Wait()
			if err != nil {
				return // it may not; then it ends when the CLI says so
			}
		}
		os.Exit(1)
	}
	for os.Getppid() == parent {
		time.Sleep(100 * time.Millisecond)
	}
	os.Exit(1)
}
