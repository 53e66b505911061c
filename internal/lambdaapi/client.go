// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package lambdaapi calls the Lambda API: the five operations on event invoke
// configurations, and ListFunctions. It retries transient errors, stays within
// Lambda's rate limit, and describes errors.
//
// Arguments and results are plain structs; the SDK's types stay in this
// package. A Client keeps nothing that it has read or written.
package lambdaapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// API is the operations on event invoke configurations. [Client] implements it
// with one call to Lambda for each method. Every error of a call is a
// [*CallError]. Methods may be called concurrently.
type API interface {
	// List returns the first page of the configurations of t's function, from a
	// call that started at notBefore or later. It ignores t's qualifier.
	List(ctx context.Context, t Target, notBefore time.Time) (Listing, error)

	// Get returns the configuration of t.
	Get(ctx context.Context, t Target) (Config, error)

	// Put replaces the configuration of t with want and returns the response.
	Put(ctx context.Context, t Target, want Settings) (Config, error)

	// Update sends the given members of want and returns the response. An
	// update of one destination sends both.
	Update(ctx context.Context, t Target, want Settings, members []Member) (Config, error)

	// Delete removes the configuration of t. It succeeds only if the response is
	// that of Lambda. The outcome of any other success is unknown.
	Delete(ctx context.Context, t Target) error
}

// Options configure a Client beside the SDK's configuration.
type Options struct {
	// Endpoint is the URL of the API, empty for that of the SDK's
	// configuration.
	Endpoint string

	// RetryQuota is the capacity of the SDK's retry token bucket, which all
	// calls share. 0 means unlimited.
	RetryQuota int

	// Log is called after every attempt at a call; nil for no log.
	Log func(context.Context, Attempt)

	// Secrets are redacted from the texts of errors; nil for none.
	Secrets *redact.Secrets
}

// Attempt describes one attempt at a call, for a log.
type Attempt struct {
	Operation string
	Target    Target
	Number    int // from 1
	Duration  time.Duration
	Status    int    // HTTP status of the response, 0 for none
	RequestID string // from the response, empty for none
	Err       error  // nil for a successful response
}

// Client calls Lambda with one set of credentials.
type Client struct {
	api      *lambda.Client
	region   string
	attempts int // 0 means unlimited
	log      func(context.Context, Attempt)
	secrets  *redact.Secrets

	newRegion   func() *region
	regions     sync.Map // *region by name
	repetitions repetitions
}

var _ API = (*Client)(nil)

// region is shared by all calls in one region, because Lambda's quota is per
// account and region.
type region struct {
	retryer aws.RetryerV2
	pace    *pace
	outage  outage
}

func newRegion(mode aws.RetryMode, quota int) *region {
	return &region{retryer: newRetryer(mode, quota), pace: newPace()}
}

// New returns a Client. It makes no call. It takes RetryMode and
// RetryMaxAttempts from cfg, 0 attempts for as many as a call's context allows.
// The HTTP client of cfg should come from [NewHTTPClient].
func New(cfg aws.Config, options Options) *Client {
	return &Client{
		region:   cfg.Region,
		attempts: cfg.RetryMaxAttempts,
		log:      options.Log,
		secrets:  options.Secrets,

		newRegion: func() *region { return newRegion(cfg.RetryMode, options.RetryQuota) },
		api: lambda.NewFromConfig(cfg, func(o *lambda.Options) {
			if options.Endpoint != "" {
				o.BaseEndpoint = aws.String(options.Endpoint)
			}
			if o.BaseEndpoint != nil { // from any source: the SDK refuses such an endpoint with either setting
				o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
				o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
			}
		}),
	}
}

// Endpoint returns the URL of the API that the options, the environment or the
// profile give, empty for the region's own.
func (c *Client) Endpoint() string { return aws.ToString(c.api.Options().BaseEndpoint) }

// Region returns the region of the SDK's configuration, empty for none.
func (c *Client) Region() string { return c.region }

// Get implements [API].
func (c *Client) Get(ctx context.Context, t Target) (Config, error) {
	o, err := call(ctx, c, "GetFunctionEventInvokeConfig", t, c.api.GetFunctionEventInvokeConfig,
		&lambda.GetFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)},
		false, func(o *lambda.GetFunctionEventInvokeConfigOutput) error { return checkARN(t, o.FunctionArn) })
	if err != nil {
		return Config{}, err
	}
	return flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig), nil
}

// Put implements [API].
func (c *Client) Put(ctx context.Context, t Target, want Settings) (Config, error) {
	o, err := call(ctx, c, "PutFunctionEventInvokeConfig", t, c.api.PutFunctionEventInvokeConfig, put(t, want),
		true, func(o *lambda.PutFunctionEventInvokeConfigOutput) error { return checkARN(t, o.FunctionArn) })
	if err != nil {
		return Config{}, err
	}
	return flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig), nil
}

// Update implements [API].
func (c *Client) Update(ctx context.Context, t Target, want Settings, members []Member) (Config, error) {
	o, err := call(ctx, c, "UpdateFunctionEventInvokeConfig", t, c.api.UpdateFunctionEventInvokeConfig, update(t, want, members),
		true, func(o *lambda.UpdateFunctionEventInvokeConfigOutput) error { return checkARN(t, o.FunctionArn) })
	if err != nil {
		return Config{}, err
	}
	return flatten(t, o.FunctionArn, o.LastModified, o.MaximumEventAgeInSeconds, o.MaximumRetryAttempts, o.DestinationConfig), nil
}

// Delete implements [API].
func (c *Client) Delete(ctx context.Context, t Target) error {
	const operation = "DeleteFunctionEventInvokeConfig"
	o, err := call(ctx, c, operation, t, c.api.DeleteFunctionEventInvokeConfig,
		&lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)},
		true, func(*lambda.DeleteFunctionEventInvokeConfigOutput) error { return nil })
	if err != nil {
		return err
	}
	response, ok := awsmiddleware.GetRawResponse(o.ResultMetadata).(*smithyhttp.Response)
	if ok && response.StatusCode != http.StatusNoContent {
		return &CallError{
			Operation: operation, Target: t, OutcomeUnknown: true, secrets: c.secrets, Err: unexpectedStatusError(response.StatusCode),
		}
	}
	return nil
}

// call makes one call and retries transient errors until ctx ends. It also
// retries if check returns an error for a response. The error is a [*CallError].
// If the call is a write, an attempt goes on for [graceTime] after ctx is
// canceled.
func call[In, Out any](
	ctx context.Context, c *Client, operation string, t Target,
	do func(context.Context, *In, ...func(*lambda.Options)) (*Out, error), input *In, isWrite bool, check func(*Out) error,
) (*Out, error) {
	wait := newWaiter(c.in(t.Region), c.attempts)
	number := 0
	output, err := do(ctx, input, func(o *lambda.Options) {
		o.Region = t.Region
		o.Retryer = wait
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return errors.Join(
				stack.Deserialize.Add(readTextTimes, middleware.After),
				stack.Deserialize.Add(limitValues, middleware.After),
				stack.Deserialize.Insert(checkResponse(operation, check), "OperationDeserializer", middleware.Before),
				stack.Deserialize.Add(wait.limitAttempt(isWrite), middleware.Before),
				stack.Deserialize.Add(c.logged(operation, t, &number), middleware.Before))
		})
	})
	if err == nil {
		c.repetitions.add(nil)
		return output, nil
	}
	failed := &CallError{Operation: operation, Target: t, Err: err, OutcomeUnknown: wait.mayHaveWritten, secrets: c.secrets}
	if ended := ctx.Err(); ended != nil {
		failed.Ended = ended
		failed.Err = wait.reason(err, number > 0) // the SDK returns the end of the context alone
	}
	failed.Repeated = c.repetitions.add(failed.Err)
	return nil, failed
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

// optional are the operations that deployments of the API other than AWS may
// lack. The provider works without them, or says that they are missing.
var optional = []string{"UpdateFunctionEventInvokeConfig", "ListFunctionEventInvokeConfigs", "ListFunctions"}

// The errors of a successful response without the members that it must have.
var (
	errIncomplete  = errors.New("members are missing")
	errNoOperation = errors.New("the members of this operation are missing") // of an optional operation
)

// checkResponse returns a middleware that turns the error that fault returns for
// a response into that of an unreadable response.
func checkResponse[Out any](operation string, fault func(*Out) error) middleware.DeserializeMiddleware {
	return check("CheckResponse", func(o *Out) error {
		err := fault(o)
		if errors.Is(err, errIncomplete) && slices.Contains(optional, operation) {
			return errNoOperation
		}
		return err
	})
}

// check returns a middleware that turns a successful response for which fault
// returns an error into a response that cannot be read. The SDK reads the
// responses of all attempts into one output, and changes only the members that
// a response has. The middleware therefore empties the output of a failed
// attempt.
func check[Out any](id string, fault func(*Out) error) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc(id, func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		result, ok := out.Result.(*Out)
		if !ok {
			return out, metadata, err
		}
		if err == nil {
			if fault := fault(result); fault != nil {
				err = &smithy.DeserializationError{Err: fault}
			}
		}
		if err != nil {
			*result = *new(Out)
		}
		return out, metadata, err
	})
}
