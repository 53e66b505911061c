// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Generate writes docs/ from the schema of the provider, templates/ and examples/. "go
// generate" runs it in the root of the repository. With -release, it writes the schema
// that later versions are compared with instead.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

// released is the path of the schema of the last release, relative to the root.
const released = "internal/generate/released.json"

func main() {
	release := flag.Bool("release", false, "write "+released+" instead of the documentation")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	run := writeDocs
	if *release {
		run = writeReleased
	}
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func writeReleased(ctx context.Context) error {
	text, err := schemas(ctx)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, text, "", "  "); err != nil {
		return err
	}
	return os.WriteFile(released, append(indented.Bytes(), '\n'), 0o600)
}

func writeDocs(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "generate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	text, err := schemas(ctx)
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "schema.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"generate", "--rendered-provider-name=" + providerName},
		{"validate"}, // front matter, file names, and a page for each resource
	} {
		args = append([]string{"tool", "-modfile=tools/go.mod", "tfplugindocs"}, args...)
		args = append(args, "--provider-name="+providerName, "--providers-schema="+file)
		cmd := exec.CommandContext(ctx, "go", args...)    //nolint:gosec // args are constants and a path in dir
		if out, err := cmd.CombinedOutput(); err != nil { // the tool logs every step
			return fmt.Errorf("tfplugindocs %s: %w\n%s", args[3], err, out)
		}
	}
	return nil
}
