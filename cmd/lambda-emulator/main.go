// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Command lambda-emulator serves Lambda's control plane from memory, for trying
// out and testing what manages asynchronous invocation configurations. See
// package emulator for what it does and how it is controlled.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit status: 0 when ctx has ended or for -help and -version, 1
// where it cannot listen or serve, 2 for bad flags.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case a.version:
		_, _ = fmt.Fprintln(stdout, version())
		return 0
	}
	if err := serve(ctx, a, stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, "lambda-emulator:", err)
		return 1
	}
	return 0
}

// version returns the version of the module that the program was built from, or
// "(devel)".
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(devel)"
	}
	return info.Main.Version
}

var accountID = regexp.MustCompile(`^\d{12}$`)

// arguments are the values of the flags.
type arguments struct {
	listen    string
	functions []string // to create in functionRegion
	version   bool     // whether to print the version instead

	// readTimeout is how long a client may take to send one request.
	readTimeout time.Duration

	emulator.Options
}

// functionRegion is the region of the functions that a flag creates.
const functionRegion = "us-east-1"

// parse reads the flags. It writes the reason for an error to stderr.
func parse(args []string, stderr io.Writer) (a arguments, err error) {
	a.readTimeout = 10 * time.Second
	options := &a.Options
	flags := flag.NewFlagSet("lambda-emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprint(stderr, "Usage: lambda-emulator [flags]\n\n"+
			"Serves the part of Lambda's API that manages functions, versions, aliases and their event invoke\n"+
			"configurations, from memory, until it is interrupted.\n\n")
		flags.PrintDefaults()
	}
	flags.BoolVar(&a.version, "version", false, "print the version and exit")
	flags.StringVar(&a.listen, "listen", "127.0.0.1:4566",
		"`address` to listen on; port 0 takes a free one. Any client that reaches the address controls the emulator: there are no passwords")
	flags.Func("host", "answer requests to this host `name`, too (may be repeated). Requests to localhost, IP addresses and the name\n"+
		"in -listen are always answered", func(name string) error {
		if name == "" || strings.ContainsAny(name, ":/[]") {
			return errors.New("not the name of a host, without scheme and port")
		}
		options.Hosts = append(options.Hosts, name)
		return nil
	})
	flags.IntVar(&options.RequestLog, "request-log", 10_000, "largest `number` of requests that GET /_emulator/requests returns, the newest ones")
	flags.Func("function", "create a function with this `name` in "+functionRegion+" (may be repeated)", func(name string) error {
		a.functions = append(a.functions, name)
		return nil
	})
	flags.StringVar(&options.AccountID, "account", "123456789012", "`ID` of the account, twelve digits")
	flags.Float64Var(&options.RequestsPerSecond, "requests-per-second", 0, "`rate` limit of each region; 0 for none")
	flags.IntVar(&options.Burst, "burst", 0, "`requests` that may come at once before the rate limit counts (default: the rate, at least 1)")
	flags.DurationVar(&options.Latency, "latency", 0, "`time` that passes before every answer, like 20ms")
	update := flags.String("update-destinations", string(emulator.Replace),
		"replace or merge: what an update that sends one side of DestinationConfig does to the other")
	if err := flags.Parse(args); err != nil {
		return a, err
	}
	options.UpdateDestinations = emulator.UpdateDestinations(*update)
	if host, _, err := net.SplitHostPort(a.listen); err == nil && host != "" {
		options.Hosts = append(options.Hosts, host)
	}

	switch {
	case flags.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case !accountID.MatchString(options.AccountID):
		err = fmt.Errorf("-account %q: not twelve digits", options.AccountID)
	case options.RequestsPerSecond < 0 || math.IsNaN(options.RequestsPerSecond):
		err = fmt.Errorf("-requests-per-second %v: not 0 or more", options.RequestsPerSecond)
	case options.Burst < 0:
		err = fmt.Errorf("-burst %d: not 0 or more", options.Burst)
	case options.RequestLog < 1:
		err = fmt.Errorf("-request-log %d: not 1 or more", options.RequestLog)
	case options.Latency < 0:
		err = fmt.Errorf("-latency %s: not 0 or more", options.Latency)
	case options.UpdateDestinations != emulator.Replace && options.UpdateDestinations != emulator.Merge:
		err = fmt.Errorf("-update-destinations %q: neither %q nor %q", *update, emulator.Replace, emulator.Merge)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "lambda-emulator:", err)
	}
	return a, err
}

// serve serves until ctx ends.
func serve(ctx context.Context, a arguments, stdout io.Writer) error {
	lambda := emulator.New(a.Options)
	for _, name := range a.functions {
		if err := lambda.CreateFunction(functionRegion, name); err != nil {
			return fmt.Errorf("-function %q: %w", name, err)
		}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.listen)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: lambda,
		// Until the last byte of the request. A WriteTimeout would end delayed responses.
		ReadTimeout: a.readTimeout,
		// Clients in Go close their idle connections after 90 seconds. If the server closed
		// them earlier, a request on its way could get lost.
		IdleTimeout: 2 * time.Minute,
		// Requests end with ctx, so that no delay holds up the shutdown.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if _, err := fmt.Fprintf(stdout, "listening on http://%s\n", listener.Addr()); err != nil {
		return errors.Join(err, server.Close())
	}

	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
