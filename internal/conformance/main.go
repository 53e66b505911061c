// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Conformance compares a Lambda API, such as AWS, with the emulator:
//
//	go run ./internal/conformance -region us-east-1 -role ARN [-endpoint URL] [-destination ARN]... [-record FILE]
//
// It runs a fixed script of calls on both. For each step, it prints whether the responses
// have the same status, error code, message and members. It exits with status 1 if a
// response differs.
//
// It uses the default credential chain of the AWS SDK. It creates functions with a random
// prefix, and deletes them at the end, even if it is interrupted.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"golang.org/x/time/rate"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	// namePrefix is the prefix of all function names.
	namePrefix = "awslambda-conformance-"

	// callsPerSecond is below Lambda's quota of 15, to leave capacity for other clients.
	callsPerSecond rate.Limit = 8

	// activeTimeout is the time limit for a new function to become active.
	activeTimeout = 3 * time.Minute

	// cleanupTimeout is the time limit for deleting all functions.
	cleanupTimeout = time.Minute

	// recordedAccount replaces every account ID in a record.
	recordedAccount = "123456789012"
)

// options are the flags of the program.
type options struct {
	region       string
	role         string
	endpoint     string
	destinations []string
	record       string     // path
	limit        rate.Limit // calls per second
}

// errDifferent reports that a response differs from the emulator's.
var errDifferent = errors.New("the API differs from the emulator")

func main() {
	o := options{limit: callsPerSecond}
	flag.StringVar(&o.region, "region", "us-east-1", "`region` of the API")
	flag.StringVar(&o.role, "role", "", "`ARN` of the execution role of the functions (required)")
	flag.StringVar(&o.endpoint, "endpoint", "", "`URL` of the API (default: AWS)")
	flag.StringVar(&o.record, "record", "", "write the responses to this `file` as JSON, without account IDs")
	flag.Func("destination", "`ARN` of an existing destination that the role has permission for (repeatable)",
		func(s string) error {
			o.destinations = append(o.destinations, s)
			return nil
		})
	flag.Parse()
	if o.role == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal kills the process
	err := run(ctx, o, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs the script and deletes all functions that it created. It returns errDifferent
// if a response differs.
func run(ctx context.Context, o options, w io.Writer) (err error) {
	role, err := arn.Parse(o.role)
	if err != nil || role.Service != "iam" {
		return fmt.Errorf("%q is not the ARN of an IAM role", o.role)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(o.region))
	if err != nil {
		return err
	}
	if _, err := cfg.Credentials.Retrieve(ctx); err != nil {
		return err
	}
	prefix := namePrefix + strings.ToLower(rand.Text()[:8])
	f := fixture{
		partition: role.Partition, region: o.region, account: role.AccountID, role: o.role,
		function: prefix + "-function", target: prefix + "-target", missing: prefix + "-missing",
	}
	server := httptest.NewServer(emulator.New(emulator.Options{AccountID: role.AccountID}))
	defer server.Close()
	r := &runner{
		w:         w,
		fixture:   f,
		api:       newEndpoint(cfg, o.endpoint, o.limit),
		reference: newEndpoint(aws.Config{Region: o.region, Credentials: staticCredentials}, server.URL, rate.Inf),
	}
	_, _ = fmt.Fprintf(w, "Functions are named %s-*.\n", prefix)
	defer func() { err = errors.Join(err, r.cleanUp(ctx)) }()
	if err := r.runSteps(ctx, script(f, o.destinations)); err != nil {
		return err
	}
	if o.record != "" {
		if err := r.writeRecord(o.record); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(w, "%d steps: %d different, %d observed.\n", len(r.recorded), r.different, r.observed)
	if r.different > 0 {
		return errDifferent
	}
	return nil
}

// staticCredentials are credentials for the emulator, which does not check them.
var staticCredentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
})

// runner runs steps on the API under test and on the emulator.
type runner struct {
	w              io.Writer
	fixture        fixture
	api, reference *endpoint

	different, observed int
	recorded            []recordedStep
}

// recordedStep is a step in the file that -record writes.
type recordedStep struct {
	Fact      string     `json:"fact"`
	Responses []response `json:"responses"`
}

// runSteps runs steps until ctx is canceled, a step gets no response, or a required
// function cannot be created.
func (r *runner) runSteps(ctx context.Context, steps []step) error {
	for _, s := range steps {
		err := r.runStep(ctx, s)
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.fact, err)
		}
	}
	return nil
}

func (r *runner) runStep(ctx context.Context, s step) error {
	got, err := r.api.do(ctx, s)
	if err != nil {
		return err
	}
	r.recorded = append(r.recorded, recordedStep{s.fact, got})
	if s.observe != nil {
		r.observed++
		_, err := fmt.Fprintf(r.w, "seen  %s\n      observed: %s\n", s.fact, s.observe(got))
		return err
	}
	want, err := r.reference.do(ctx, s)
	if err != nil {
		return err
	}
	gotText, wantText := normalizeAll(got), normalizeAll(want)
	if gotText == wantText {
		_, err = fmt.Fprintf(r.w, "same  %s\n", s.fact)
	} else {
		r.different++
		_, err = fmt.Fprintf(r.w, "DIFF  %s\n      got:  %s\n      want: %s\n", s.fact, gotText, wantText)
	}
	if err != nil || s.required == "" {
		return err
	}
	if last := got[len(got)-1]; last.Status >= http.StatusMultipleChoices {
		return fmt.Errorf("the function is required: %s", last.normalize())
	}
	waiter := lambda.NewFunctionActiveV2Waiter(r.api.client)
	return waiter.Wait(ctx, &lambda.GetFunctionInput{FunctionName: &s.required}, activeTimeout)
}

func normalizeAll(responses []response) string {
	var lines []string
	for _, r := range responses {
		lines = append(lines, r.normalize())
	}
	return strings.Join(lines, "\n            ")
}

// cleanUp deletes the functions, which deletes their versions, aliases and
// configurations. The error names each function that may remain.
func (r *runner) cleanUp(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	var errs []error
	for _, name := range r.fixture.functionNames() {
		err := deleteFunction(name, "")(ctx, r.api.client)
		if _, missing := errors.AsType[*types.ResourceNotFoundException](err); err != nil && !missing {
			errs = append(errs, fmt.Errorf("the function %s may remain: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

var (
	accountID = regexp.MustCompile(`\b\d{12}\b`)
	principal = regexp.MustCompile(`User: [^\s"]+`)
)

// writeRecord writes the recorded steps to path as JSON. It replaces account IDs, the
// role, the principal and the random prefix.
func (r *runner) writeRecord(path string) error {
	text, err := json.MarshalIndent(r.recorded, "", "  ")
	if err != nil {
		return err
	}
	prefix := strings.TrimSuffix(r.fixture.function, "-function")
	record := strings.NewReplacer(
		r.fixture.role, "arn:aws:iam::"+recordedAccount+":role/role",
		prefix, strings.TrimSuffix(namePrefix, "-"),
	).Replace(string(text))
	record = principal.ReplaceAllString(record, "User: PRINCIPAL")
	record = accountID.ReplaceAllString(record, recordedAccount)
	return os.WriteFile(path, []byte(record+"\n"), 0o600)
}
