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

// run returns the exit status: 0 when ctx has ended, for -help and -version, and for
// -health if the emulator responds; 2 for bad flags; otherwise 1.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case a.version:
		_, _ = fmt.Fprintln(stdout, programVersion())
		return 0
	case a.health != "":
		err = checkHealth(ctx, a.health)
	default:
		err = serve(ctx, a, stdout)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "lambda-emulator:", err)
		return 1
	}
	return 0
}

// version is set by the release build.
var version string

// programVersion returns version or, for a program that "go run" or "go install" has
// built, the version of its module.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "(devel)"
}

// checkHealth returns an error if no emulator responds at url within five seconds.
func checkHealth(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(url, "/")+"/_emulator/health", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s responded with %s", r.URL, resp.Status)
	}
	return nil
}

var accountID = regexp.MustCompile(`^\d{12}$`)

// arguments are the values of the flags.
type arguments struct {
	listen    string
	functions []string // to create in functionRegion
	state     string   // the file to load at start and to save at exit, if any
	version   bool     // whether to print the version instead
	health    string   // the URL of an emulator to check instead

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
			"configurations, from memory, until it is interrupted (SIGINT or SIGTERM).\n\n")
		flags.PrintDefaults()
	}
	flags.BoolVar(&a.version, "version", false, "print the version and exit")
	flags.StringVar(&a.health, "health", "", "exit with status 0 if the emulator at this `URL` responds, and with 1 if not")
	flags.StringVar(&a.state, "state", "",
		"load functions and configurations from this `file` at start, and save them there at exit. The file is created if it does not exist")
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
	flags.Func("function", "create a function with this `name` in "+functionRegion+", unless -state has it (may be repeated)", func(name string) error {
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
func serve(ctx context.Context, a arguments, stdout io.Writer) (err error) {
	lambda := emulator.New(a.Options)
	for _, name := range a.functions {
		if err := lambda.CreateFunction(functionRegion, name); err != nil {
			return fmt.Errorf("-function %q: %w", name, err)
		}
	}
	if err := loadState(lambda, a.state); err != nil {
		return fmt.Errorf("-state: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", a.listen)
	if err != nil {
		return err
	}
	if err := saveState(lambda, a.state); err != nil { // rather than after hours of use
		return errors.Join(fmt.Errorf("-state: %w", err), listener.Close())
	}
	defer func() {
		if saveErr := saveState(lambda, a.state); saveErr != nil {
			err = errors.Join(err, fmt.Errorf("-state: %w", saveErr))
		}
	}()
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
