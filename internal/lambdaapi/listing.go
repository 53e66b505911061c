// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// pageTimeout limits the time of one page of a list if the context has no
// deadline. Terraform sets no deadline for a list block. The limit is for one
// page because a list has any number of pages.
const pageTimeout = 2 * time.Minute

// maxItems is the maximum number of items in a page.
const maxItems = 50

// Listing is the first page of the configurations of one function.
type Listing struct {
	Configs  map[string]Config // by qualifier
	Complete bool              // Configs has all configurations of the function
	Started  time.Time         // when the call started
}

// List implements [API]. It always makes a call.
func (c *Client) List(ctx context.Context, t Target, _ time.Time) (Listing, error) {
	started := time.Now()
	page, err := c.listConfigs(ctx, t, listInput(t), nil)
	if err != nil {
		return Listing{}, err
	}
	configs := configsOf(t, page.FunctionEventInvokeConfigs)
	return Listing{
		Configs:  configs,
		Complete: len(configs) == len(page.FunctionEventInvokeConfigs) && aws.ToString(page.NextMarker) == "",
		Started:  started,
	}, nil
}

func listInput(t Target) *lambda.ListFunctionEventInvokeConfigsInput {
	return &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: functionName(t), MaxItems: aws.Int32(maxItems)}
}

// configsOf returns the configurations of a page by qualifier.
func configsOf(t Target, items []types.FunctionEventInvokeConfig) map[string]Config {
	configs := make(map[string]Config, len(items))
	for _, item := range items {
		ref, _ := parseARN(aws.ToString(item.FunctionArn)) // listConfigs has checked it
		t.Qualifier = ref.Qualified().Qualifier
		configs[t.Qualifier] = newConfig(t, configOutput{
			FunctionArn: item.FunctionArn, LastModified: item.LastModified, DestinationConfig: item.DestinationConfig,
			MaximumEventAgeInSeconds: item.MaximumEventAgeInSeconds, MaximumRetryAttempts: item.MaximumRetryAttempts,
		})
	}
	return configs
}

// Configs returns the configurations of all qualifiers of t's function. Each page
// is sorted by ARN, and is read when its first configuration is needed. An error
// ends the sequence. It is [ErrNoFunction] if the function does not exist.
func (c *Client) Configs(ctx context.Context, t Target) iter.Seq2[Config, error] {
	input := listInput(t)
	list := func(ctx context.Context, marker *string, sent markers) ([]Config, *string, error) {
		input.Marker = marker
		page, err := c.listConfigs(ctx, t, input, sent)
		if IsNotFoundResponse(err) {
			return nil, nil, ErrNoFunction
		}
		if err != nil {
			return nil, nil, err
		}
		configs := slices.Collect(maps.Values(configsOf(t, page.FunctionEventInvokeConfigs)))
		slices.SortFunc(configs, func(a, b Config) int { return cmp.Compare(a.FunctionARN, b.FunctionARN) })
		return configs, page.NextMarker, nil
	}
	return pages(ctx, list)
}

// Function is a function of a region.
type Function struct {
	functionref.Ref // without a qualifier

	DeadLetterTargetARN string // empty for none
}

// Functions returns the functions of a region. Each page is sorted by name, since
// Lambda documents no order, and is read when its first function is needed. An
// error ends the sequence.
func (c *Client) Functions(ctx context.Context, region string) iter.Seq2[Function, error] {
	list := func(ctx context.Context, marker *string, sent markers) ([]Function, *string, error) {
		do := checkMarkers(c.api.ListFunctions, sent, func(o *lambda.ListFunctionsOutput) *string { return o.NextMarker })
		input := &lambda.ListFunctionsInput{MaxItems: aws.Int32(maxItems), Marker: marker}
		page, err := call(ctx, c, "ListFunctions", Target{Region: region}, readCall, do, input,
			func(o *lambda.ListFunctionsOutput) error {
				if o.Functions == nil {
					return errIncomplete
				}
				return nil
			})
		if err != nil {
			return nil, nil, err
		}
		return functionsOf(page.Functions), page.NextMarker, nil
	}
	return pages(ctx, list)
}

// functionsOf returns the functions of a page, sorted by name.
func functionsOf(page []types.FunctionConfiguration) []Function {
	functions := make([]Function, 0, len(page))
	for _, f := range page {
		ref, err := parseARN(aws.ToString(f.FunctionArn))
		if err != nil {
			ref = functionref.Ref{Name: aws.ToString(f.FunctionName)}
		}
		function := Function{Ref: ref.Unqualified()}
		if f.DeadLetterConfig != nil {
			function.DeadLetterTargetARN = aws.ToString(f.DeadLetterConfig.TargetArn)
		}
		functions = append(functions, function)
	}
	slices.SortFunc(functions, func(a, b Function) int { return cmp.Compare(a.Name, b.Name) })
	return functions
}

// pages returns the items of all pages of a list. The function list returns the
// page with the given marker, and the marker of the next page.
func pages[Item any](
	ctx context.Context, list func(ctx context.Context, marker *string, sent markers) ([]Item, *string, error),
) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		sent := markers{}
		for marker := (*string)(nil); ; sent.add(marker) {
			items, next, err := withPageTimeout(ctx, func(ctx context.Context) ([]Item, *string, error) {
				return list(ctx, marker, sent)
			})
			if err != nil {
				yield(*new(Item), err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if marker = next; aws.ToString(marker) == "" {
				return
			}
		}
	}
}

// withPageTimeout calls list with pageTimeout if ctx has no deadline.
func withPageTimeout[Item any](
	ctx context.Context, list func(context.Context) ([]Item, *string, error),
) (items []Item, next *string, err error) {
	if _, ok := ctx.Deadline(); ok {
		return list(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	items, next, err = list(ctx)
	if call, ok := errors.AsType[*CallError](err); ok {
		call.NoTimeouts = true
	}
	return items, next, err
}

// listConfigs returns one page of List, after the pages with the markers in sent.
func (c *Client) listConfigs(
	ctx context.Context, t Target, input *lambda.ListFunctionEventInvokeConfigsInput, sent markers,
) (*lambda.ListFunctionEventInvokeConfigsOutput, error) {
	do := checkMarkers(c.api.ListFunctionEventInvokeConfigs, sent,
		func(o *lambda.ListFunctionEventInvokeConfigsOutput) *string { return o.NextMarker })
	return call(ctx, c, "ListFunctionEventInvokeConfigs", t, readCall, do, input,
		func(o *lambda.ListFunctionEventInvokeConfigsOutput) error {
			if o.FunctionEventInvokeConfigs == nil {
				return errIncomplete
			}
			t.Qualifier = ""
			for _, item := range o.FunctionEventInvokeConfigs {
				if err := checkARN(t, aws.String(aws.ToString(item.FunctionArn))); err != nil {
					return err
				}
			}
			return nil
		})
}

// maxPages is the maximum number of pages of a list. At the quota of 15 requests
// per second, reading them takes 11 minutes.
const maxPages = 10_000

// The errors of a page with a marker that does not lead to the rest of the list.
var (
	errRepeatedMarker = errors.New("its NextMarker is that of an earlier page, so that the list would never end")
	errTooManyPages   = fmt.Errorf("the list does not end with page %d, the last page that the provider reads", maxPages)
)

// markers has the hashes of the markers that were sent for one list. A marker can
// be as long as a response.
type markers map[[sha256.Size]byte]bool

func (m markers) add(marker *string) { m[sha256.Sum256([]byte(*marker))] = true }

// check returns an error if next, the NextMarker of a page, must not be sent.
func (m markers) check(next *string) error {
	switch {
	case aws.ToString(next) == "":
		return nil
	case m[sha256.Sum256([]byte(*next))]:
		return errRepeatedMarker
	case len(m) == maxPages-1:
		return errTooManyPages
	}
	return nil
}

// checkMarkers returns do with a check of the NextMarker of each response. The
// check runs inside the retry loop.
func checkMarkers[In, Out any](
	do func(context.Context, *In, ...func(*lambda.Options)) (*Out, error), sent markers, next func(*Out) *string,
) func(context.Context, *In, ...func(*lambda.Options)) (*Out, error) {
	check := rejectResponse("CheckMarker", func(o *Out) error { return sent.check(next(o)) })
	return func(ctx context.Context, input *In, options ...func(*lambda.Options)) (*Out, error) {
		return do(ctx, input, append(options, func(o *lambda.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Deserialize.Insert(check, "OperationDeserializer", middleware.Before)
			})
		})...)
	}
}
