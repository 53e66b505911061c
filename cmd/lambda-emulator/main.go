// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Lambda-emulator serves Lambda's control plane from memory, to try out and test
// programs that manage event invoke configurations. Package emulator documents its
// behavior and the requests that control it.
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

// run runs the command with args and returns its exit status: 0 after ctx is canceled,
// for -help and -version, and for -health if the emulator is healthy; 2 for invalid
// flags; otherwise 1.
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

// version is the version of a release, set by the linker.
var version string

// programVersion returns version or, if the program was built by "go run" or "go
// install", the version of its module.
func programVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "(devel)"
}

// checkHealth returns an error unless the emulator at url responds within five seconds.
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

// arguments are the parsed flags.
type arguments struct {
	listen    string
	functions []string // names of functions to create in functionRegion
	state     string   // path of the state file, or empty
	version   bool     // print the version and exit
	health    string   // check the emulator at this URL and exit

	// readTimeout is the time limit for receiving one request.
	readTimeout time.Duration

	emulator.Options
}

// functionRegion is the region of functions created by -function.
const functionRegion = "us-east-1"

// parse parses the flags. It prints errors to stderr.
func parse(args []string, stderr io.Writer) (a arguments, err error) {
	a.readTimeout = 10 * time.Second
	options := &a.Options
	flags := flag.NewFlagSet("lambda-emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprint(stderr, `Usage: lambda-emulator [flags]

Serves Lambda's API for functions, versions, aliases and their event invoke
configurations from memory, until interrupted (SIGINT or SIGTERM).

`)
		flags.PrintDefaults()
	}
	flags.BoolVar(&a.version, "version", false, "print the version and exit")
	flags.StringVar(&a.health, "health", "",
		"check the emulator at this `URL` and exit: status 0 if it is healthy, 1 if not")
	flags.StringVar(&a.state, "state", "",
		"`file` to load functions and configurations from at start, and to save them to at exit.\n"+
			"It is created if it does not exist")
	flags.StringVar(&a.listen, "listen", "127.0.0.1:4566",
		"`address` to listen on; port 0 selects a free port. There is no authentication: any client\n"+
			"that can connect can control the emulator")
	flags.Func("host", "host `name` to accept requests for, in addition to localhost, IP addresses and the host in\n"+
		"-listen (repeatable)", func(name string) error {
		if name == "" || strings.ContainsAny(name, ":/[]") {
			return errors.New("must be a host name without scheme and port")
		}
		options.Hosts = append(options.Hosts, name)
		return nil
	})
	flags.IntVar(&options.RequestLog, "request-log", 10_000,
		"maximum `number` of recorded requests; the oldest ones are dropped")
	flags.Func("function", "`name` of a function to create in "+functionRegion+", unless -state has it (repeatable)",
		func(name string) error {
			a.functions = append(a.functions, name)
			return nil
		})
	flags.StringVar(&options.AccountID, "account", "123456789012", "account `ID`, twelve digits")
	flags.Float64Var(&options.RequestsPerSecond, "requests-per-second", 0,
		"`rate` limit of each region; 0 means no limit")
	flags.IntVar(&options.Burst, "burst", 0,
		"`number` of requests that may exceed the rate limit at once (default: the rate limit, at least 1)")
	flags.DurationVar(&options.Latency, "latency", 0, "`duration` to delay each response by, such as 20ms")
	update := flags.String("update-destinations", string(emulator.Replace),
		"`effect` of an update with only OnSuccess or only OnFailure on the other one: \"replace\" clears it,\n"+
			"\"merge\" keeps it")
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
		err = fmt.Errorf("-account %q: must be twelve digits", options.AccountID)
	case options.RequestsPerSecond < 0 || math.IsNaN(options.RequestsPerSecond):
		err = fmt.Errorf("-requests-per-second %v: must not be negative", options.RequestsPerSecond)
	case options.Burst < 0:
		err = fmt.Errorf("-burst %d: must not be negative", options.Burst)
	case options.RequestLog < 1:
		err = fmt.Errorf("-request-log %d: must be at least 1", options.RequestLog)
	case options.Latency < 0:
		err = fmt.Errorf("-latency %s: must not be negative", options.Latency)
	case *update != string(emulator.Replace) && *update != string(emulator.Merge):
		err = fmt.Errorf("-update-destinations %q: must be %q or %q", *update, emulator.Replace, emulator.Merge)
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "lambda-emulator:", err)
	}
	return a, err
}

// serve serves until ctx is canceled.
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
	// A file that cannot be written is an error before the emulator is used.
	if err := saveState(lambda, a.state); err != nil {
		return errors.Join(fmt.Errorf("-state: %w", err), listener.Close())
	}
	defer func() {
		if saveErr := saveState(lambda, a.state); saveErr != nil {
			err = errors.Join(err, fmt.Errorf("-state: %w", saveErr))
		}
	}()
	server := &http.Server{
		Handler: lambda,
		// For the whole request. A WriteTimeout would end delayed responses.
		ReadTimeout: a.readTimeout,
		// Go clients close idle connections after 90 seconds. If the server closed them
		// first, it could drop a request in flight.
		IdleTimeout: 2 * time.Minute,
		// Delays end with ctx, so that they do not delay the shutdown.
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
