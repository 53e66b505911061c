// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package account sets the stage of acceptance tests on a real AWS account, as
// package emulator does in memory: it makes the functions, aliases and
// destinations that the tests name, hands their calls on to Lambda, and removes
// in the end what it has made.
//
// Tests have names of their own for everything, and an account ID of their own.
// What goes to AWS is translated ("f" is "awslambda-acc-1a2b3c4d-1-f" there),
// and what comes back is translated again, so that tests are the same on either
// stage, can run beside each other, and do not meet what the account has.
package account

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"golang.org/x/time/rate"
)

// Prefix is what the names of everything begin with that is made.
const Prefix = "awslambda-acc-"

// Account is an AWS account that one run of tests is signed in to. Its methods
// may be called from several goroutines at once.
type Account struct {
	id     string // twelve digits
	played string // the ID that tests have for it
	role   string
	prefix string // of the names of this run
	config aws.Config
	lambda lambda.Options // how a client is made of config

	making sync.RWMutex // held for reading while something is made or removed, so that Close waits for it
	closed bool         // guarded by making

	mu     sync.Mutex               // guards what follows
	limits map[string]*rate.Limiter // by region
	stages int                      // counts them, for their names
	made   []thing

	destinations struct {
		sync.Mutex

		made map[string]bool // by ARN
	}
}

// thing is something that was made in the account.
type thing struct {
	name   string // as AWS has it
	stage  *Stage // nil: made for all of them
	remove remover
}

type remover func(context.Context) error

// SignIn signs in with the credentials that the AWS SDK finds in environment
// and files. The role is the ARN of the execution role of functions; it has to
// allow what Lambda asks of it for each kind of destination. played is the ID,
// twelve digits, by which tests call the account.
func SignIn(ctx context.Context, role, played string) (*Account, error) {
	parsed, err := arn.Parse(role)
	if err != nil || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "role/") {
		return nil, fmt.Errorf("%q is not the ARN of a role of IAM", role)
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion("us-east-1"), config.WithRetryMaxAttempts(10))
	if err != nil {
		return nil, err
	}
	identity, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, err
	}
	if id := aws.ToString(identity.Account); id != parsed.AccountID {
		return nil, fmt.Errorf("the credentials are of the account %s, and the role %s is not", id, role)
	}
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails, says its documentation
	a := &Account{
		id:     parsed.AccountID,
		played: played,
		role:   role,
		prefix: Prefix + hex.EncodeToString(random) + "-",
		config: cfg,
		lambda: lambda.NewFromConfig(cfg).Options(),
		limits: map[string]*rate.Limiter{},
	}
	a.destinations.made = map[string]bool{}
	return a, nil
}

// Close removes everything that was made and is still there; nothing can be
// made any more. The error names what could not be removed.
func (a *Account) Close(ctx context.Context) error {
	a.making.Lock() // until all is removed, as whoever is told that it is may end the process
	defer a.making.Unlock()
	a.closed = true
	return a.remove(ctx, func(thing) bool { return true })
}

// callsPerSecond is a little less than Lambda's quota of 15: a call that is
// refused for its rate would be one more than tests count.
const callsPerSecond = 12

// turn waits until a call may be made in a region.
func (a *Account) turn(ctx context.Context, region string) error {
	a.mu.Lock()
	limit := a.limits[region]
	if limit == nil {
		limit = rate.NewLimiter(callsPerSecond, 1)
		a.limits[region] = limit
	}
	a.mu.Unlock()
	return limit.Wait(ctx)
}

// unlessGone returns err, unless it says that what is to be removed is not there.
func unlessGone(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && slices.Contains([]string{"ResourceNotFoundException", "NoSuchBucket"}, api.ErrorCode()) {
		return nil
	}
	return err
}

// make has create make something, which is removed in the end by the function
// that create returns, if any. It may return one beside an error, where it
// cannot know that nothing was made: an answer can be lost, and names are the
// run's own.
func (a *Account) make(ctx context.Context, stage *Stage, name string, create func(context.Context) (remover, error)) error {
	a.making.RLock()
	defer a.making.RUnlock()
	if a.closed {
		return errors.New("the account is closed")
	}
	remove, err := create(ctx)
	if remove != nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.made = append(a.made, thing{name, stage, remove})
	}
	return err
}

// remove removes what is to go, the last first. What cannot be removed stays,
// for the next time.
func (a *Account) remove(ctx context.Context, goes func(thing) bool) error {
	a.mu.Lock()
	var going []thing
	a.made = slices.DeleteFunc(a.made, func(t thing) bool {
		if goes(t) {
			going = append(going, t)
			return true
		}
		return false
	})
	a.mu.Unlock()
	var errs []error
	for _, t := range slices.Backward(going) {
		if err := t.remove(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s is left in the account: %w", t.name, err))
			a.mu.Lock()
			a.made = append(a.made, t)
			a.mu.Unlock()
		}
	}
	return errors.Join(errs...)
}
