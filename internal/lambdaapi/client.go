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
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
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
// has read and written, so it is to be made anew for each run.
type Client struct {
	api      *lambda.Client
	region   string
	attempts int // 0: no limit
	log      func(context.Context, Attempt)

	memory     memory
	listDenied atomic.Bool // then nothing is asked by List any more

	newRegion func() *region
	regions   sync.Map // by name: *region
}

// region is what all calls in a region have in common, as the service's quota
// is for an account's calls in one region.
type region struct {
	retryer aws.RetryerV2
	pace    *pace
}

// New returns a Client. It makes no call. It takes RetryMode and
// RetryMaxAttempts from cfg, 0 attempts for as many as a call's context allows.
func New(cfg aws.Config, options Options) *Client {
	return &Client{
		region:   cfg.Region,
		attempts: cfg.RetryMaxAttempts,
		log:      options.Log,

		newRegion: func() *region { return &region{newRetryer(cfg.RetryMode, options.RetryQuota), newPace()} },
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

// Read returns the configuration of t. One List serves all configurations of a
// function; what it does not answer is asked by Get. The error is [ErrNotFound]
// after the service has said twice that there is none, and [ErrNoFunction]
// where List has said that there is no such function either.
func (c *Client) Read(ctx context.Context, t Target) (Config, error) {
	if _, err := c.list(ctx, t); err != nil {
		return Config{}, err
	}
	before := c.memory.recall(t)
	if before.known && before.there {
		return before.config, nil
	}
	gets := 1 // List has said that it is absent, or this has been found out before
	if before.listing == partial && !before.known {
		gets = 2
	}
	for range gets {
		config, err := c.get(ctx, t)
		if err == nil {
			c.memory.saw(t, before.writes, config)
		}
		if !isAbsent(err) {
			return config, err
		}
	}
	if before.listing == unknownFunction {
		return Config{}, ErrNoFunction
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
	ctx, done, err := c.turn(ctx, "PutFunctionEventInvokeConfig", t)
	if err != nil {
		return Config{}, err
	}
	defer done()

	there, err := c.look(ctx, t)
	switch {
	case err == nil && c.memory.holds(there.FunctionARN):
		return Config{}, &HeldError{FunctionARN: there.FunctionARN}
	case err == nil && there.Settings == want:
		c.memory.hold(there.FunctionARN)
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
	return config, applied("PutFunctionEventInvokeConfig", t, want, config, config.Differing(want))
}

// Update sends the given members of want and returns the configuration as
// wanted. What the service has in the other members stays, though it may have
// changed since want was made. An update sends both destinations, so that the
// one that is not given is asked for first.
//
// Where the service keeps something else than it was sent, one Put follows, of
// the given members and of what it says of the others; where it answers that
// there is nothing to update, one of all of want. What differs after that is a
// [*NotAppliedError]. A Config that is returned beside an error says what the
// service has; its FunctionARN is empty where that is not known.
func (c *Client) Update(ctx context.Context, t Target, want Settings, members []Member) (Config, error) {
	ctx, done, err := c.turn(ctx, "UpdateFunctionEventInvokeConfig", t)
	if err != nil {
		return Config{}, err
	}
	defer done()

	send := want
	if other := otherSide(members); other != nil {
		there, err := c.get(ctx, t)
		switch {
		case err == nil:
			send = want.With(there.Settings, other)
		case !isAbsent(err) && !IsAccessDenied(err):
			return Config{}, err
		}
	}
	config, err := c.update(ctx, t, send, members)
	if err != nil && codeOf(err) != codeNotFound {
		return Config{}, err
	}
	if err == nil {
		send = config.With(send, sent(members))
		if config.Settings == send {
			config.Settings = want
			return config, nil
		}
	}
	after, err := c.put(ctx, t, send)
	if err != nil {
		return config, err
	}
	if err := applied("PutFunctionEventInvokeConfig", t, send, after, after.Differing(send)); err != nil {
		return after, err
	}
	after.Settings = want
	return after, nil
}

// Delete removes the configuration of t; one that is not there is a success.
// It leaves alone what this client wrote or adopted: then t was created anew
// before its old state was destroyed, and both are the same configuration.
func (c *Client) Delete(ctx context.Context, t Target) error {
	ctx, done, err := c.turn(ctx, "DeleteFunctionEventInvokeConfig", t)
	if err != nil {
		return err
	}
	defer done()

	arn := t.Function
	arn.Qualifier = t.Qualifier
	if c.memory.holds(arn.String()) {
		return nil
	}
	_, err = call(ctx, c, "DeleteFunctionEventInvokeConfig", t, c.api.DeleteFunctionEventInvokeConfig,
		&lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)},
		func(*lambda.DeleteFunctionEventInvokeConfigOutput) bool { return true })
	if err != nil && codeOf(err) != codeNotFound {
		c.memory.forget(t)
		return err
	}
	c.memory.set(t, entry{})
	return nil
}

// turn is the memory's, with an error of the operation that waits for it. The
// calls of the turn are to be made with the context that it returns.
func (c *Client) turn(ctx context.Context, operation string, t Target) (turn context.Context, done func(), err error) {
	asked := time.Now()
	done, err = c.memory.turn(ctx, t)
	if err != nil {
		return nil, nil, &CallError{Operation: operation, Target: t, Err: errQueued, Ended: err}
	}
	return context.WithValue(ctx, askedKey{}, asked), done, nil
}

// askedKey is that of the time from when on a call has been waiting, if it had
// to wait for its turn first.
type askedKey struct{}

// sent adds to members the other side where one side of the destinations is
// among them: an update sends both.
func sent(members []Member) []Member {
	return append(slices.Clone(members), otherSide(members)...)
}

// otherSide is the side of the destinations that is not among members where
// the other one is.
func otherSide(members []Member) []Member {
	switch onSuccess, onFailure := slices.Contains(members, OnSuccess), slices.Contains(members, OnFailure); {
	case onSuccess && !onFailure:
		return []Member{OnFailure}
	case onFailure && !onSuccess:
		return []Member{OnSuccess}
	}
	return nil
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

// look is how Create, in its turn, finds out what is there. A complete List is
// trusted where it does not name the configuration. One that is remembered to
// be there is confirmed by Get, as somebody may have changed it since.
func (c *Client) look(ctx context.Context, t Target) (Config, error) {
	justNow, err := c.list(ctx, t)
	if err != nil {
		return Config{}, err
	}
	known := c.memory.recall(t)
	switch {
	case known.there && justNow:
		return known.config, nil
	case known.known && !known.there, !known.known && known.listing == complete:
		return Config{}, ErrNotFound
	}
	config, err := c.get(ctx, t)
	if err == nil || isAbsent(err) {
		c.memory.set(t, entry{config: config, there: err == nil})
	}
	return config, err
}

// list has List asked about t's function, once in a run by whoever comes first,
// and reports whether it was asked just now. The memory has the answer then:
// of further pages, that there are some. An error is not remembered, and those
// who have waited for the answer ask again, each within a context of its own.
func (c *Client) list(ctx context.Context, t Target) (justNow bool, err error) {
	asking := c.memory.asking(t)
	if err := asking.Acquire(ctx, 1); err != nil {
		return false, &CallError{Operation: "ListFunctionEventInvokeConfigs", Target: t, Err: err, Ended: err}
	}
	defer asking.Release(1)

	for before := c.memory.recall(t); before.listing == notAsked; before = c.memory.recall(t) {
		if c.listDenied.Load() {
			c.memory.learn(t, before.writes, partial, nil)
			continue
		}
		page, err := c.listPage(ctx, t, &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: functionName(t), MaxItems: aws.Int32(maxPage)})
		switch {
		case codeOf(err) == codeAccessDenied:
			c.listDenied.Store(true)
		case codeOf(err) == codeNotFound:
			c.memory.learn(t, before.writes, unknownFunction, nil)
		case err != nil:
			return false, err
		default:
			read, all := entries(t, page.FunctionEventInvokeConfigs)
			says := complete
			if !all || aws.ToString(page.NextMarker) != "" {
				says = partial
			}
			c.memory.learn(t, before.writes, says, read)
		}
		justNow = true
	}
	return justNow, nil
}

// maxPage is the greatest number of items in a page of List.
const maxPage = 50

// entries returns what a page of List says, by qualifier, and whether all of
// it can be understood.
func entries(t Target, items []types.FunctionEventInvokeConfig) (read map[string]entry, all bool) {
	read = make(map[string]entry, len(items))
	for _, item := range items {
		ref, err := functionref.Parse(aws.ToString(item.FunctionArn))
		if err != nil {
			continue
		}
		t.Qualifier = ref.Qualified().Qualifier
		read[t.Qualifier] = entry{there: true, config: flatten(t, item.FunctionArn, item.LastModified,
			item.MaximumEventAgeInSeconds, item.MaximumRetryAttempts, item.DestinationConfig)}
	}
	return read, len(read) == len(items)
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
		c.memory.forget(t)
		return Config{}, err
	}
	return c.wrote(t, flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig)), nil
}

func (c *Client) update(ctx context.Context, t Target, want Settings, members []Member) (Config, error) {
	o, err := call(ctx, c, "UpdateFunctionEventInvokeConfig", t, c.api.UpdateFunctionEventInvokeConfig, update(t, want, members),
		func(o *lambda.UpdateFunctionEventInvokeConfigOutput) bool { return o.FunctionArn != nil })
	if err != nil {
		c.memory.forget(t)
		return Config{}, err
	}
	return c.wrote(t, flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig)), nil
}

// wrote remembers what a write has answered, and returns it.
func (c *Client) wrote(t Target, config Config) Config {
	c.memory.hold(config.FunctionARN)
	c.memory.set(t, entry{config: config, there: true})
	return config
}

// call makes one call and waits as long as ctx lasts while what is answered
// can pass by itself. An answer that is not whole counts as lost. The error is
// a [*CallError].
func call[In, Out any](
	ctx context.Context, c *Client, operation string, t Target,
	do func(context.Context, *In, ...func(*lambda.Options)) (*Out, error), input *In, whole func(*Out) bool,
) (*Out, error) {
	wait := newWaiter(c.in(t.Region), c.attempts, time.Now)
	wait.firstRefused = c.firstRefused(ctx)
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

// firstRefused returns a waiter's: a call that has waited for its turn counts
// from when the refusal was first seen by anybody, but from no earlier than
// when it was asked for itself.
func (c *Client) firstRefused(ctx context.Context) func(string, time.Time) time.Time {
	return func(text string, now time.Time) time.Time {
		first := c.memory.firstRefused(text, now)
		asked, waited := ctx.Value(askedKey{}).(time.Time)
		switch {
		case !waited:
			return now
		case asked.After(first):
			return asked
		}
		return first
	}
}

// in returns what all calls in the region of that name have in common.
func (c *Client) in(name string) *region {
	r, ok := c.regions.Load(name)
	if !ok {
		r, _ = c.regions.LoadOrStore(name, c.newRegion())
	}
	return r.(*region) //nolint:forcetypeassert // nothing else is stored
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
