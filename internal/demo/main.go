// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// The demo shows the provider's main job, start to end, with a real Terraform
// or OpenTofu on an emulator of Lambda:
//
//	go run ./internal/demo [-keep] [-package dist/terraform-provider-awslambda_VERSION_OS_ARCH.zip]
//
// It ends 0 only when every step was as promised.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

func main() {
	keep := flag.Bool("keep", false, "leave the emulator and the working directory up afterwards, to play with")
	zip := flag.String("package", "", "install the provider from this `file` of a release, through a mirror, instead of building it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *keep, *zip)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nNot as promised: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, keep bool, zip string) (err error) {
	cli, err := terraformcli.Find(ctx, os.Stdout)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "awslambda-demo-")
	if err != nil {
		return err
	}
	if !keep {
		defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	}
	cliFile, version, err := provide(ctx, dir, zip)
	if err != nil {
		return err
	}
	api, url, err := serve(ctx)
	if err != nil {
		return err
	}
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		return err
	}
	tf, err := terraformcli.New(cli, work, cliFile)
	if err != nil {
		return err
	}

	began := time.Now()
	fmt.Printf("Lambda's API is emulated at %s; the CLI is %s %s.\n", url, cli.Path, cli.Version)
	d := demo{tf: tf, api: api, dir: work, url: url, version: version}
	if err := d.run(ctx); err != nil {
		return err
	}
	fmt.Printf("\nEverything was as promised, in %.1f s.\n", time.Since(began).Seconds())
	if keep {
		return play(ctx, cli, work, cliFile, url)
	}
	return nil
}

// provide builds the provider, or puts the package into a mirror, and returns
// the CLI configuration that has it found, and the package's version.
func provide(ctx context.Context, dir, zip string) (cliFile, version string, err error) {
	if zip != "" {
		fmt.Println("Installing the provider from", zip)
		return terraformcli.WritePackageMirror(dir, zip)
	}
	fmt.Println("Building the provider.")
	if err := terraformcli.BuildProvider(ctx, dir); err != nil {
		return "", "", err
	}
	cliFile, err = terraformcli.WriteDevOverrides(dir, dir)
	return cliFile, "", err
}

// serve starts an emulator that lasts as long as ctx.
func serve(ctx context.Context) (api *emulator.Emulator, url string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	api = emulator.New(emulator.Options{})
	server := &http.Server{Handler: api, ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() { _ = server.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return api, "http://" + listener.Addr().String(), nil
}

// play says how to go on by hand, and waits for the interrupt.
func play(ctx context.Context, cli terraformcli.CLI, work, cliFile, url string) error {
	set := "export TF_CLI_CONFIG_FILE="
	if runtime.GOOS == "windows" {
		set = "set TF_CLI_CONFIG_FILE="
	}
	fmt.Printf(`
The emulator and the working directory stay. In another terminal:

  cd %s
  %s%s
  %s apply                        # "init" is neither needed nor possible with a development override
  curl %s/_emulator/requests     # what the provider sent
  curl -X POST -d '{"status":429,"code":"TooManyRequestsException","times":3}' %s/_emulator/faults

Ctrl-C here ends the emulator; the directory is yours.
`, work, set, cliFile, cli.Path, url, url)
	<-ctx.Done()
	return nil
}
