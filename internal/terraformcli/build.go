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

// product is a CLI that can be built from its Go module.
type product struct {
	title     string // as it calls itself
	command   string
	directory string // of the module here that pins it, from the root
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

// build returns the path of the product in the cache directory, where it is
// built first unless a build of that version is there.
//
// Test processes come here at the same time. One builds and the others wait:
// Go's build cache would let each of them compile everything for itself.
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
		_, _ = fmt.Fprintf(progress, "waiting for another process that builds %s %s\n", p.title, version)
	})
	if err != nil {
		return "", err
	}
	defer unlock()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return path, err
	}

	_, _ = fmt.Fprintf(progress, "building %s %s, once; this takes some minutes, "+
		"and about 1.6 GB of Go's module cache and 1.9 GB of its build cache\n", p.title, version)
	unfinished := filepath.Join(cache, name+".unfinished")
	if err := os.RemoveAll(unfinished); err != nil { // of a build that was killed
		return "", err
	}
	// As its releases are linked. Without the flag it calls itself a development
	// version, which no version constraint admits.
	ldflags := "-ldflags=-s -w -X " + p.module + "/version.dev=no"
	cmd := exec.CommandContext(ctx, "go", "build", "-v", "-o", unfinished, ldflags, p.pkg)
	cmd.Dir = source
	cmd.Env = append(cmd.Environ(), "GOWORK=off") // a workspace around the checkout does not know this module
	out := new(buildOutput)
	stop := every(10*time.Second, func(passed time.Duration) {
		_, _ = fmt.Fprintf(progress, "building %s %s: %s after %s\n", p.title, version, out.counts(), passed.Round(time.Second))
	})
	err = runGo(cmd, out)
	stop()
	if err != nil {
		return "", err
	}
	return path, os.Rename(unfinished, path)
}

// runGo runs a go command that writes to out. The text of out becomes part of
// the error.
func runGo(cmd *exec.Cmd, out interface {
	io.Writer
	fmt.Stringer
}) error {
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s in %s: %w\n%s", strings.Join(cmd.Args, " "), cmd.Dir, err, out)
	}
	return nil
}

// every calls f once in each interval, with the time since the start, until
// stop is called. f does not run after stop has returned.
func every(interval time.Duration, f func(passed time.Duration)) (stop func()) {
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

// buildOutput is an [io.Writer] for the output of "go build -v". It counts
// the lines that report progress and keeps the others.
type buildOutput struct {
	mu                   sync.Mutex
	unfinished           string // line
	kept                 strings.Builder
	downloaded, compiled int
}

func (o *buildOutput) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := strings.SplitAfter(o.unfinished+string(p), "\n")
	o.unfinished = lines[len(lines)-1]
	for _, line := range lines[:len(lines)-1] {
		switch {
		case strings.HasPrefix(line, "go: downloading "):
			o.downloaded++
		case line != "\n" && !strings.ContainsAny(line, " \t"): // -v prints import paths
			o.compiled++
		default:
			o.kept.WriteString(line)
		}
	}
	return len(p), nil
}

// counts returns how far the build is.
func (o *buildOutput) counts() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return fmt.Sprintf("%d modules downloaded, %d packages compiled", o.downloaded, o.compiled)
}

// String returns the lines that do not report progress.
func (o *buildOutput) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kept.String() + o.unfinished
}

// version returns the version that the module in dir requires of the product,
// with its "v".
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

// errLocked is tryLock's answer when another process holds the lock.
var errLocked = errors.New("locked")

// lock waits until nobody else holds the file at path; waiting is called once
// if that takes time. The operating system unlocks the file when the process
// ends, however it ends, so that a lock is never left behind.
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
