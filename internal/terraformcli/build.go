// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package terraformcli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// product is a CLI that can be built from a Go module.
type product struct {
	title     string // in the output of "version"
	command   string
	directory string // of the module that pins its version, relative to the root
	module    string
	pkg       string
}

var (
	opentofu = product{
		title:     "OpenTofu",
		command:   "tofu",
		directory: filepath.Join("tools", "opentofu"),
		module:    "github.com/opentofu/opentofu",
		pkg:       "github.com/opentofu/opentofu/cmd/tofu",
	}
	terraform = product{
		title:     "Terraform",
		command:   "terraform",
		directory: filepath.Join("tools", "terraform"),
		module:    "github.com/hashicorp/terraform",
		pkg:       "github.com/hashicorp/terraform",
	}
)

// build returns the path of the product in the cache directory. It builds the product if
// the cache does not have this version.
//
// Test processes call build concurrently. A lock lets one of them build, since Go's
// build cache would let each compile everything.
func (p product) build(ctx context.Context, root, cache string, progress io.Writer) (string, error) {
	source := filepath.Join(root, p.directory)
	version, err := p.version(source)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-%s-%s-%s", p.command, version, runtime.GOOS, runtime.GOARCH)
	path := filepath.Join(cache, executable(name))

	unlock, err := lock(ctx, filepath.Join(cache, name+".lock"), func() {
		_, _ = fmt.Fprintf(progress, "waiting for another process to build %s %s\n", p.title, version)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return path, err
	}

	_, _ = fmt.Fprintf(progress, "building %s %s once, which takes some minutes, "+
		"1.6 GB of Go's module cache and 1.9 GB of its build cache\n", p.title, version)
	unfinished := filepath.Join(cache, name+".unfinished")
	if err := os.RemoveAll(unfinished); err != nil { // left by a killed build
		return "", err
	}
	// Releases are linked with this flag. Without it, the version is a development
	// version, which satisfies no version constraint.
	ldflags := "-ldflags=-s -w -X " + p.module + "/version.dev=no"
	cmd := exec.CommandContext(ctx, "go", "build", "-o", unfinished, ldflags, p.pkg)
	cmd.Dir = source
	cmd.Env = append(cmd.Environ(), "GOWORK=off") // the module is not in a workspace that contains the clone
	stop := every(10*time.Second, func(elapsed time.Duration) {
		_, _ = fmt.Fprintf(progress, "building %s %s: %s so far\n", p.title, version, elapsed.Round(time.Second))
	})
	err = runGo(cmd)
	stop()
	if err != nil {
		return "", err
	}
	return path, os.Rename(unfinished, path)
}

// runGo runs a go command. The error includes its output.
func runGo(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s in %s: %w\n%s", strings.Join(cmd.Args, " "), cmd.Dir, err, out)
	}
	return nil
}

// every calls f after each interval, with the time since the start, until stop is called.
// When stop returns, f is not running.
func every(interval time.Duration, f func(elapsed time.Duration)) (stop func()) {
	start, ticker, done := time.Now(), time.NewTicker(interval), make(chan struct{})
	var running sync.WaitGroup
	running.Go(func() {
		for {
			select {
			case <-ticker.C:
				f(time.Since(start))
			case <-done:
				return
			}
		}
	})
	return func() {
		ticker.Stop()
		close(done)
		running.Wait()
	}
}

// version returns the version that the module in dir requires, such as "v1.12.6".
func (p product) version(dir string) (string, error) {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return "", err
	}
	match := regexp.MustCompile(`(?m)^(?:require)?\s+` + regexp.QuoteMeta(p.module) + ` (v\S+)`).FindSubmatch(mod)
	if match == nil {
		return "", fmt.Errorf("%s requires no version of %s", filepath.Join(dir, "go.mod"), p.module)
	}
	return string(match[1]), nil
}

// errLocked is tryLock's error if another process has the lock.
var errLocked = errors.New("locked")

// lock locks the file at path. If another process has locked it, lock calls waiting once
// and waits. The operating system unlocks the file when the process exits.
func lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	for first := true; ; first = false {
		unlock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		if first {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
