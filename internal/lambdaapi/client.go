// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package lambdaapi is the only room that talks to Lambda. It reads and writes
// event invoke configs, waits for what passes by itself, checks that an answer
// says what was asked for, and puts what fails into words.
//
// A caller gives plain structs and gets plain structs: the SDK's types stay
// here. Every method may be called concurrently.
package lambdaapi

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// Options are what a Client is made with beside the SDK's configuration.
type Options struct {
	// Endpoint is the URL of the API, empty for the region's own.
	Endpoint string

	// RetryQuota is how many tokens all calls together have to pay their
	// retries with, as the SDK counts them; 0 for no limit.
	RetryQuota int

	// Log is called after every attempt at a call; nil for no log.
	Log func(context.Context, Attempt)
}

// Attempt is one attempt at a call: what went out and what came of it.
type Attempt struct {
	Operation string
	Target    Target
	Number    int // from 1
	Duration  time.Duration
	Status    int    // of the answer, 0 where there was none
	RequestID string // the service's, empty where there was none
	Err       error  // nil where the answer was a success
}

// Client talks to Lambda with one set of credentials. It remembers what it
// wrote and adopted, so it is to be made anew for each run.
type Client struct {
	api      *lambda.Client
	region   string
	attempts int // 0: no limit
	log      func(context.Context, Attempt)
	run      run

	newRetryer func() aws.RetryerV2
	retryers   sync.Map // by region, as throttling is: aws.RetryerV2
}

// New returns a Client. It makes no call. It takes RetryMode and
// RetryMaxAttempts from cfg, 0 attempts for as many as a call's context allows.
func New(cfg aws.Config, options Options) *Client {
	return &Client{
		region:   cfg.Region,
		attempts: cfg.RetryMaxAttempts,
		log:      options.Log,

		newRetryer: func() aws.RetryerV2 { return newRetryer(cfg.RetryMode, options.RetryQuota) },
		api: lambda.NewFromConfig(cfg, func(o *lambda.Options) {
			if options.Endpoint != "" {
				o.BaseEndpoint = aws.String(options.Endpoint)
				o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled // the SDK takes only one of the two
			}
		}),
	}
}

// Region is the region that the credentials' configuration names, empty where
// it names none.
func (c *Client) Region() string { return c.region }

// Read returns the configuration of t, or [ErrNotFound] after the service has
// said so twice: by List and by Get, or by two Gets where List is denied.
func (c *Client) Read(ctx context.Context, t Target) (Config, error) {
	config, err := c.list(ctx, t)
	gets := 1
	switch {
	case err == nil:
		return config, nil
	case codeOf(err) == codeAccessDenied:
		gets = 2
	case !isAbsent(err):
		return Config{}, err
	}
	for range gets {
		config, err = c.get(ctx, t)
		if !isAbsent(err) {
			return config, err
		}
	}
	return Config{}, ErrNotFound
}

// Create makes the configuration of t be want, and returns it as the service
// has it. It writes where there is none, and where a different one is there
// and overwrite is true. One that equals want is adopted without writing. A
// different one is an [*ExistsError], and one that this client wrote or
// adopted before a [*HeldError]. With a [*NotAppliedError] comes what the
// service has.
func (c *Client) Create(ctx context.Context, t Target, want Settings, overwrite bool) (Config, error) {
	unlock, err := c.run.lock(ctx, t)
	if err != nil {
		return Config{}, &CallError{Operation: "PutFunctionEventInvokeConfig", Target: t, Err: err, Ended: err}
	}
	defer unlock()

	there, err := c.look(ctx, t)
	switch {
	case err == nil && c.run.holds(there.FunctionARN):
		return Config{}, &HeldError{FunctionARN: there.FunctionARN}
	case err == nil && there.Settings == want:
		c.run.hold(there.FunctionARN)
		return there, nil
	case err == nil && !overwrite:
		return Config{}, &ExistsError{There: there}
	case err != nil && !isAbsent(err):
		return Config{}, err
	}
	config, err := c.put(ctx, t, want)
	if err != nil {
		return Config{}, err
	}
	c.run.hold(config.FunctionARN)
	return config, applied("PutFunctionEventInvokeConfig", t, want, config, config.Differing(want))
}

// Update sends the given members of want and returns the configuration: the
// sent members as the service has them, the others as wanted. Where the
// service answers that there is nothing to update, or keeps something else
// than it was sent, one Put of all of want follows. What differs after that is
// a [*NotAppliedError]. A Config that is returned beside an error says what
// the service has; its FunctionARN is empty where that is not known.
func (c *Client) Update(ctx context.Context, t Target, want Settings, members []Member) (Config, error) {
	unlock, err := c.run.lock(ctx, t)
	if err != nil {
		return Config{}, &CallError{Operation: "UpdateFunctionEventInvokeConfig", Target: t, Err: err, Ended: err}
	}
	defer unlock()

	config, err := c.update(ctx, t, want, members)
	if err != nil && codeOf(err) != codeNotFound {
		return Config{}, err
	}
	if err == nil {
		c.run.hold(config.FunctionARN)
		config.Settings = want.With(config.Settings, sent(members))
		if config.Settings == want {
			return config, nil
		}
	}
	after, err := c.put(ctx, t, want)
	if err != nil {
		return config, err
	}
	c.run.hold(after.FunctionARN)
	return after, applied("PutFunctionEventInvokeConfig", t, want, after, after.Differing(want))
}

// Delete removes the configuration of t; one that is not there is a success.
// It leaves alone what this client wrote or adopted: then t was created anew
// before its old state was destroyed, and both are the same configuration.
func (c *Client) Delete(ctx context.Context, t Target) error {
	unlock, err := c.run.lock(ctx, t)
	if err != nil {
		return &CallError{Operation: "DeleteFunctionEventInvokeConfig", Target: t, Err: err, Ended: err}
	}
	defer unlock()

	arn := t.Function
	arn.Qualifier = t.Qualifier
	if c.run.holds(arn.String()) {
		return nil
	}
	_, err = call(ctx, c, "DeleteFunctionEventInvokeConfig", t, c.api.DeleteFunctionEventInvokeConfig,
		&lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)},
		func(*lambda.DeleteFunctionEventInvokeConfigOutput) bool { return true })
	if codeOf(err) == codeNotFound {
		return nil
	}
	return err
}

// sent adds to members the other side where one side of the destinations is
// among them: an update sends both.
func sent(members []Member) []Member {
	if slices.Contains(members, OnSuccess) || slices.Contains(members, OnFailure) {
		return append(slices.Clone(members), OnSuccess, OnFailure)
	}
	return members
}

func applied(operation string, t Target, want Settings, got Config, differing []Member) error {
	if len(differing) == 0 {
		return nil
	}
	return &NotAppliedError{Operation: operation, Target: t, Members: differing, Want: want, Got: got.Settings}
}

// isAbsent reports whether err says that the configuration is not there.
func isAbsent(err error) bool {
	return errors.Is(err, ErrNotFound) || codeOf(err) == codeNotFound
}

// look is how Create finds out what is there. List alone is trusted where it
// answers a list; a List that does not know the function, or is denied, is
// followed by a Get: some deployments of the API cannot List by ARN.
func (c *Client) look(ctx context.Context, t Target) (Config, error) {
	config, err := c.list(ctx, t)
	if codeOf(err) == codeNotFound || codeOf(err) == codeAccessDenied {
		return c.get(ctx, t)
	}
	return config, err
}

// list finds t in the list of its function's configurations. The error is
// [ErrNotFound] where the list is complete without it.
func (c *Client) list(ctx context.Context, t Target) (Config, error) {
	input := &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: functionName(t)}
	for {
		page, err := call(ctx, c, "ListFunctionEventInvokeConfigs", t, c.api.ListFunctionEventInvokeConfigs, input,
			func(o *lambda.ListFunctionEventInvokeConfigsOutput) bool { return o.FunctionEventInvokeConfigs != nil })
		if err != nil {
			return Config{}, err
		}
		for _, item := range page.FunctionEventInvokeConfigs {
			ref, err := functionref.Parse(aws.ToString(item.FunctionArn))
			if err == nil && ref.Qualified().Qualifier == t.Qualifier {
				return flatten(t, item.FunctionArn, item.LastModified, item.MaximumEventAgeInSeconds, item.MaximumRetryAttempts, item.DestinationConfig), nil
			}
		}
		if aws.ToString(page.NextMarker) == "" {
			return Config{}, ErrNotFound
		}
		input.Marker = page.NextMarker
	}
}

func (c *Client) get(ctx context.Context, t Target) (Config, error) {
	o, err := call(ctx, c, "GetFunctionEventInvokeConfig", t, c.api.GetFunctionEventInvokeConfig,
		&lambda.GetFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)},
		func(o *lambda.GetFunctionEventInvokeConfigOutput) bool { return o.FunctionArn != nil })
	if err != nil {
		return Config{}, err
	}
	return flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig), nil
}

func (c *Client) put(ctx context.Context, t Target, want Settings) (Config, error) {
	o, err := call(ctx, c, "PutFunctionEventInvokeConfig", t, c.api.PutFunctionEventInvokeConfig, put(t, want),
		func(o *lambda.PutFunctionEventInvokeConfigOutput) bool { return o.FunctionArn != nil })
	if err != nil {
		return Config{}, err
	}
	return flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig), nil
}

func (c *Client) update(ctx context.Context, t Target, want Settings, members []Member) (Config, error) {
	o, err := call(ctx, c, "UpdateFunctionEventInvokeConfig", t, c.api.UpdateFunctionEventInvokeConfig, update(t, want, members),
		func(o *lambda.UpdateFunctionEventInvokeConfigOutput) bool { return o.FunctionArn != nil })
	if err != nil {
		return Config{}, err
	}
	return flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig), nil
}

// call makes one call and waits as long as ctx lasts while what is answered
// can pass by itself. An answer that is not whole counts as lost. The error is
// a [*CallError].
func call[In, Out any](
	ctx context.Context, c *Client, operation string, t Target,
	do func(context.Context, *In, ...func(*lambda.Options)) (*Out, error), input *In, whole func(*Out) bool,
) (*Out, error) {
	wait := newWaiter(c.retryer(t.Region), c.attempts, time.Now)
	number := 0
	output, err := do(ctx, input, func(o *lambda.Options) {
		o.Region = t.Region
		o.Retryer = wait
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return errors.Join(
				stack.Deserialize.Add(readTextTimes, middleware.After),
				stack.Deserialize.Add(checkWhole(whole), middleware.Before),
				stack.Deserialize.Add(c.logged(operation, t, &number), middleware.Before))
		})
	})
	if err == nil {
		return output, nil
	}
	failed := &CallError{Operation: operation, Target: t, Err: err}
	if ended := ctx.Err(); ended != nil {
		failed.Ended = ended
		// The SDK then returns the end of the context alone.
		if wait.lastError != nil {
			failed.Err = wait.lastError
		}
	}
	return nil, failed
}

// retryer returns what all calls in a region have in common.
func (c *Client) retryer(region string) aws.RetryerV2 {
	retryer, ok := c.retryers.Load(region)
	if !ok {
		retryer, _ = c.retryers.LoadOrStore(region, c.newRetryer())
	}
	return retryer.(aws.RetryerV2) //nolint:forcetypeassert // nothing else is stored
}

// logged returns a middleware that gives each attempt to the client's log.
func (c *Client) logged(operation string, t Target, number *int) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("Log", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		*number++
		began := time.Now()
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if c.log != nil {
			attempt := Attempt{Operation: operation, Target: t, Number: *number, Duration: time.Since(began), Err: err}
			if response, ok := out.RawResponse.(*smithyhttp.Response); ok {
				attempt.Status = response.StatusCode
			}
			attempt.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
			c.log(ctx, attempt)
		}
		return out, metadata, err
	})
}

// checkWhole returns a middleware that turns a success without its required
// members into the error of an answer that cannot be read, inside of the retry
// loop.
func checkWhole[Out any](whole func(*Out) bool) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("CheckWhole", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if result, ok := out.Result.(*Out); err == nil && ok && !whole(result) {
			err = &smithy.DeserializationError{Err: errors.New("the answer lacks members that it must have")}
		}
		return out, metadata, err
	})
}
