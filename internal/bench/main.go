// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// The bench measures what the provider costs, with a real Terraform or
// OpenTofu on an emulator of Lambda, and prints one table:
//
//	go run ./internal/bench [-json] [-run REGEXP]
//
// It takes about six minutes, and a machine that has nothing else to do. It
// fails where it could not measure, not where a bar is missed.
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
	if providers := os.Getenv(realProviders); providers != "" { // the CLI has started it as a provider
		os.Exit(standIn(providers))
	}
	asJSON := flag.Bool("json", false, "print JSON instead of Markdown")
	pick := flag.String("run", "", "measure only the cases whose names match the regular expression")
	flag.Parse()
	picked, err := regexp.Compile(*pick)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, *asJSON, picked)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nCould not measure: %v\n", err)
		os.Exit(1)
	}
}

// run prints the table also when some of it is missing.
func run(ctx context.Context, asJSON bool, picked *regexp.Regexp) (err error) {
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
	table := newReport(cli)
	var missing []error
	for _, c := range cases {
		if !picked.MatchString(c.name) {
			continue
		}
		began := time.Now()
		figures, err := b.measure(ctx, c)
		if err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", c.name, err))
		}
		for _, f := range figures {
			table.Results = append(table.Results, f.result(c.name))
		}
		if ctx.Err() != nil {
			break
		}
		fmt.Fprintf(os.Stderr, "%s: %.0f s\n", c.name, time.Since(began).Seconds())
	}
	write := table.markdown
	if asJSON {
		write = table.json
	}
	return errors.Join(append(missing, write(os.Stdout))...)
}

// bench is what the cases share.
type bench struct {
	cli       terraformcli.CLI
	dir       string // for all that is written
	providers string // the directory of the built providers
	overrides string // the CLI configuration that takes them from there
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

// measure measures one case; its emulators end with it.
func (b *bench) measure(ctx context.Context, c benchCase) ([]figure, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return c.measure(b, ctx)
}
