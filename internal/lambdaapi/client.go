// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package lambdaapi calls the Lambda API: the five operations on event invoke
// configurations, and ListFunctions. It retries transient errors, stays within
// Lambda's rate limit, and describes errors.
//
// The SDK's types are not part of the package's API.
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

// API is the five operations on event invoke configurations. [Client] implements
// it with one call to Lambda for each method. Every error of a call is a
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

	// Delete removes the configuration of t. Only Lambda's status of a deletion
	// is a success. After any other 2xx status, the outcome is unknown.
	Delete(ctx context.Context, t Target) error
}

// Options configure a Client in addition to the SDK's configuration.
type Options struct {
	// Endpoint is the URL of the API. If empty, the client uses the endpoint of
	// the SDK's configuration.
	Endpoint string

	// RetryTokens is the capacity of the SDK's retry token bucket, which all
	// calls share. 0 means unlimited.
	RetryTokens int

	// Log is called after every attempt at a call, unless it is nil.
	Log func(context.Context, Attempt)

	// Secrets are redacted from the texts of errors. Nil means no secrets.
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

// Client calls Lambda with one set of credentials. It caches nothing.
type Client struct {
	api         *lambda.Client
	regionName  string
	maxAttempts int // 0 means unlimited
	log         func(context.Context, Attempt)
	secrets     *redact.Secrets

	newRegion   func() *region
	regions     sync.Map // *region by name
	repetitions repetitions
}

var _ API = (*Client)(nil)

// region is shared by all calls in one region, because Lambda's quota applies
// to an account and region.
type region struct {
	retryer aws.RetryerV2
	limiter *rateLimiter
	outage  outage
}

func newRegion(mode aws.RetryMode, retryTokens int) *region {
	return &region{retryer: newSDKRetryer(mode, retryTokens), limiter: newRateLimiter()}
}

// New returns a Client. It makes no call. It takes RetryMode and
// RetryMaxAttempts from cfg; 0 attempts means that only a call's context limits
// them. The HTTP client of cfg should come from [NewHTTPClient].
func New(cfg aws.Config, options Options) *Client {
	return &Client{
		regionName:  cfg.Region,
		maxAttempts: cfg.RetryMaxAttempts,
		log:         options.Log,
		secrets:     options.Secrets,

		newRegion: func() *region { return newRegion(cfg.RetryMode, options.RetryTokens) },
		api: lambda.NewFromConfig(cfg, func(o *lambda.Options) {
			if options.Endpoint != "" {
				o.BaseEndpoint = aws.String(options.Endpoint)
			}
			if o.BaseEndpoint != nil { // the SDK rejects an endpoint together with FIPS or dual-stack
				o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
				o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
			}
		}),
	}
}

// Endpoint returns the URL of the API from the options, the environment or the
// profile. It is empty if the client uses the default endpoint of the region.
func (c *Client) Endpoint() string { return aws.ToString(c.api.Options().BaseEndpoint) }

// Region returns the region of the SDK's configuration, empty for none.
func (c *Client) Region() string { return c.regionName }

// Get implements [API].
func (c *Client) Get(ctx context.Context, t Target) (Config, error) {
	input := &lambda.GetFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)}
	o, err := call(ctx, c, "GetFunctionEventInvokeConfig", t, readCall, c.api.GetFunctionEventInvokeConfig, input,
		func(o *lambda.GetFunctionEventInvokeConfigOutput) error { return checkARN(t, o.FunctionArn) })
	if err != nil {
		return Config{}, err
	}
	return newConfig(t, *o), nil
}

// Put implements [API].
func (c *Client) Put(ctx context.Context, t Target, want Settings) (Config, error) {
	o, err := call(ctx, c, "PutFunctionEventInvokeConfig", t, writeCall,
		c.api.PutFunctionEventInvokeConfig, putInput(t, want),
		func(o *lambda.PutFunctionEventInvokeConfigOutput) error { return checkARN(t, o.FunctionArn) })
	if err != nil {
		return Config{}, err
	}
	return newConfig(t, configOutput(*o)), nil
}

// Update implements [API].
func (c *Client) Update(ctx context.Context, t Target, want Settings, members []Member) (Config, error) {
	o, err := call(ctx, c, "UpdateFunctionEventInvokeConfig", t, writeCall,
		c.api.UpdateFunctionEventInvokeConfig, updateInput(t, want, members),
		func(o *lambda.UpdateFunctionEventInvokeConfigOutput) error { return checkARN(t, o.FunctionArn) })
	if err != nil {
		return Config{}, err
	}
	return newConfig(t, configOutput(*o)), nil
}

// Delete implements [API].
func (c *Client) Delete(ctx context.Context, t Target) error {
	const operation = "DeleteFunctionEventInvokeConfig"
	input := &lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: functionName(t), Qualifier: qualifierMember(t)}
	o, err := call(ctx, c, operation, t, writeCall, c.api.DeleteFunctionEventInvokeConfig, input,
		func(*lambda.DeleteFunctionEventInvokeConfigOutput) error { return nil })
	if err != nil {
		return err
	}
	r, ok := awsmiddleware.GetRawResponse(o.ResultMetadata).(*smithyhttp.Response)
	if ok && r.StatusCode != http.StatusNoContent {
		return &CallError{
			Operation: operation, Target: t, OutcomeUnknown: true, secrets: c.secrets, Err: unexpectedStatusError(r.StatusCode),
		}
	}
	return nil
}

// callKind says whether a call is a write. An attempt at a write continues for
// gracePeriod after the call was canceled.
type callKind bool

const (
	readCall  callKind = false
	writeCall callKind = true
)

// call makes one call and retries transient errors until ctx ends. If check
// returns an error for a response, the response counts as unreadable. The error is
// a [*CallError].
func call[In, Out any](
	ctx context.Context, c *Client, operation string, t Target, kind callKind,
	do func(context.Context, *In, ...func(*lambda.Options)) (*Out, error), input *In, check func(*Out) error,
) (*Out, error) {
	retryer := newRetryer(c.region(t.Region), c.maxAttempts)
	attempts := 0
	output, err := do(ctx, input, func(o *lambda.Options) {
		o.Region = t.Region
		o.Retryer = retryer
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return errors.Join(
				stack.Deserialize.Add(readBody(operation), middleware.After),
				stack.Deserialize.Insert(checkResponse(operation, check), "OperationDeserializer", middleware.Before),
				stack.Deserialize.Add(retryer.limitAttempt(kind == writeCall), middleware.Before),
				stack.Deserialize.Add(c.logAttempts(operation, t, &attempts), middleware.Before))
		})
	})
	if err == nil {
		c.repetitions.add(nil)
		return output, nil
	}
	failed := &CallError{
		Operation: operation, Target: t, Err: err, OutcomeUnknown: retryer.mayHaveWritten, secrets: c.secrets,
	}
	if ended := ctx.Err(); ended != nil {
		failed.Ended = ended
		failed.Err = retryer.cause(err, attempts > 0) // the SDK returns only the end of the context
	}
	failed.Repeated = c.repetitions.add(failed.Err)
	return nil, failed
}

// region returns the region with the given name.
func (c *Client) region(name string) *region {
	r, ok := c.regions.Load(name)
	if !ok {
		r, _ = c.regions.LoadOrStore(name, c.newRegion())
	}
	return r.(*region) //nolint:forcetypeassert // the map has no other values
}

// logAttempts returns a middleware that counts the attempts at a call and passes
// each of them to the client's log.
func (c *Client) logAttempts(operation string, t Target, attempts *int) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("LogAttempts", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		*attempts++
		start := time.Now()
		out, metadata, err := next.HandleDeserialize(ctx, in)
		if c.log != nil {
			attempt := Attempt{Operation: operation, Target: t, Number: *attempts, Duration: time.Since(start), Err: err}
			if response, ok := out.RawResponse.(*smithyhttp.Response); ok {
				attempt.Status = response.StatusCode
			}
			attempt.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
			c.log(ctx, attempt)
		}
		return out, metadata, err
	})
}

// optional are the operations that other implementations of the API may lack.
// The provider replaces them with others, or reports that they are missing.
var optional = []string{"UpdateFunctionEventInvokeConfig", "ListFunctionEventInvokeConfigs", "ListFunctions"}

// The errors of a successful response without required members.
var (
	errIncomplete  = errors.New("members are missing")
	errNoOperation = errors.New("the members of this operation are missing") // of an optional operation
)

// checkResponse is [rejectResponse] for the responses of an operation.
func checkResponse[Out any](operation string, check func(*Out) error) middleware.DeserializeMiddleware {
	return rejectResponse("CheckResponse", func(o *Out) error {
		err := check(o)
		if errors.Is(err, errIncomplete) && slices.Contains(optional, operation) {
			return errNoOperation
		}
		return err
	})
}

// rejectResponse returns a middleware that returns the error of an unreadable
// response if check returns an error for a successful response. The SDK reads
// the responses of all attempts into one output, and changes only the members
// that a response has. The middleware therefore empties the output of a failed
// attempt.
func rejectResponse[Out any](id string, check func(*Out) error) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc(id, func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		result, ok := out.Result.(*Out)
		if !ok {
			return out, metadata, err
		}
		if err == nil {
			if problem := check(result); problem != nil {
				err = &smithy.DeserializationError{Err: problem}
			}
		}
		if err != nil {
			*result = *new(Out)
		}
		return out, metadata, err
	})
}
