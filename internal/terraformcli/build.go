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

	_, _ = fmt.Fprintf(progress, "building %s %s, once; this takes a few minutes\n", p.title, version)
	unfinished := filepath.Join(cache, name+".unfinished")
	if err := os.RemoveAll(unfinished); err != nil { // of a build that was killed
		return "", err
	}
	// As its releases are linked. Without the flag it calls itself a development
	// version, which no version constraint admits.
	ldflags := "-ldflags=-s -w -X " + p.module + "/version.dev=no"
	cmd := exec.CommandContext(ctx, "go", "build", "-o", unfinished, ldflags, p.pkg)
	cmd.Dir = source
	cmd.Env = append(cmd.Environ(), "GOWORK=off") // a workspace around the checkout does not know this module
	if err := runGo(cmd); err != nil {
		return "", err
	}
	return path, os.Rename(unfinished, path)
}

// runGo runs a go command; what it prints becomes part of the error.
func runGo(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s in %s: %w\n%s", strings.Join(cmd.Args, " "), cmd.Dir, err, out)
	}
	return nil
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
