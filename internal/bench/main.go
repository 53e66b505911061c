// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Bench measures API calls, throttling, duration and memory with Terraform or OpenTofu and
// an emulator of Lambda. It prints a table:
//
//	go run ./internal/bench [-run REGEXP]
//
// It takes about seven minutes on an idle machine. It exits with status 1 if a case could
// not be measured, but not if a figure exceeds its limit.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

func main() {
	if providers := os.Getenv(realProviders); providers != "" { // the CLI has started this program as a provider
		os.Exit(runProvider(providers))
	}
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, "Usage: go run ./internal/bench [-run REGEXP]\n\n"+
			"Measures the provider with Terraform or OpenTofu and an emulator of Lambda, and prints a table.\n"+
			"It takes about seven minutes on an idle machine. The CLI is TF_ACC_TERRAFORM_PATH, terraform or tofu.\n\n")
		flag.PrintDefaults()
		fmt.Fprintln(os.Stderr, "\nCases:")
		for _, c := range cases {
			fmt.Fprintln(os.Stderr, " ", c.name)
		}
	}
	pattern := flag.String("run", "", "run only the cases with a name that matches this `regexp`")
	flag.Parse()
	selected, err := regexp.Compile(*pattern)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, selected)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nNot all cases were measured: %v\n", err)
		os.Exit(1)
	}
}

// run runs the selected cases and prints the table, which may be incomplete after an error.
func run(ctx context.Context, selected *regexp.Regexp) (err error) {
	cli, err := terraformcli.Find(ctx, os.Stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "awslambda-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintln(os.Stderr, "Building the providers.")
	b, err := newBench(ctx, cli, dir)
	if err != nil {
		return err
	}
	var rows []string
	var errs []error
	for _, c := range cases {
		if !selected.MatchString(c.name) {
			continue
		}
		began := time.Now()
		figures, err := b.measure(ctx, c)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", c.name, err))
		}
		for _, f := range figures {
			rows = append(rows, f.row(c.name))
		}
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", c.name, time.Since(began).Seconds())
	}
	return errors.Join(append(errs, writeReport(os.Stdout, cli, rows))...)
}

// bench has the environment of all cases.
type bench struct {
	cli       terraformcli.CLI
	dir       string // of all files
	providers string // directory of the built providers
	overrides string // path of the CLI configuration file with development overrides
}

func newBench(ctx context.Context, cli terraformcli.CLI, dir string) (*bench, error) {
	b := &bench{cli: cli, dir: dir, providers: filepath.Join(dir, "providers")}
	if err := buildProviders(ctx, b.providers); err != nil {
		return nil, err
	}
	var err error
	b.overrides, err = writeOverrides(dir, b.providers)
	return b, err
}

// measure measures one case and stops its emulators.
func (b *bench) measure(ctx context.Context, c benchCase) ([]figure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.measure(b, ctx)
}
