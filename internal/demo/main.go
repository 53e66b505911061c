// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Demo shows the life of a configuration, from create to destroy, with Terraform or
// OpenTofu and an emulator of Lambda:
//
//	go run ./internal/demo [-keep] [-package dist/terraform-provider-awslambda_VERSION_OS_ARCH.zip]
//
// It exits with status 1 if a step has an unexpected result.
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
	keep := flag.Bool("keep", false, "keep the emulator running and the working directory in place, until interrupted")
	zip := flag.String("package", "", "install the provider from this package `file` of a release instead of building it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *keep, *zip)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
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
	cliFile, version, err := installProvider(ctx, dir, zip)
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
	fmt.Printf("The emulator listens on %s. The CLI is %s %s.\n", url, cli.Path, cli.Version)
	d := demo{tf: tf, api: api, dir: work, url: url, version: version}
	if err := d.run(ctx); err != nil {
		return err
	}
	fmt.Printf("\nAll steps succeeded in %.1f s.\n", time.Since(began).Seconds())
	if keep {
		waitForInterrupt(ctx, cli, work, cliFile, url)
	}
	return nil
}

// installProvider builds the provider, or copies the package into a mirror. It returns
// the path of the CLI configuration file and, for a package, its version.
func installProvider(ctx context.Context, dir, zip string) (cliFile, version string, err error) {
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

// serve starts an emulator. It stops when ctx is canceled.
func serve(ctx context.Context) (api *emulator.Emulator, url string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	api = emulator.New(emulator.Options{})
	server := &http.Server{
		Handler:           api,
		ReadHeaderTimeout: time.Minute,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	go func() { _ = server.Serve(listener) }()
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return api, "http://" + listener.Addr().String(), nil
}

// waitForInterrupt prints how to use the emulator and the working directory, and waits
// until ctx is canceled.
func waitForInterrupt(ctx context.Context, cli terraformcli.CLI, work, cliFile, url string) {
	set := "export TF_CLI_CONFIG_FILE="
	if runtime.GOOS == "windows" {
		set = "set TF_CLI_CONFIG_FILE="
	}
	fmt.Printf(`
The emulator keeps running. In another terminal:

  cd %s
  %s%s
  %s apply                        # with a development override, do not run "init"
  curl %s/_emulator/requests     # the provider's requests
  curl -X POST -d '{"status":429,"code":"TooManyRequestsException","times":3}' %s/_emulator/faults

Press Ctrl-C to stop the emulator. The working directory remains.
`, work, set, cliFile, cli.Path, url, url)
	<-ctx.Done()
}
