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

// pageTimeout is how long one page of a list is waited for where the caller's
// context has no deadline: Terraform gives a list none, and no list block has
// timeouts. It is for each page, as an account may have any number of them.
const pageTimeout = 2 * time.Minute

// Listing is the first page of the configurations of one function.
type Listing struct {
	Configs  map[string]Config // by qualifier
	Complete bool              // whether a configuration that is not in Configs does not exist
	Started  time.Time         // when the call started
}

// List implements [API]. It always makes a call.
func (c *Client) List(ctx context.Context, t Target, _ time.Time) (Listing, error) {
	started := time.Now()
	page, err := c.listPage(ctx, t, &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: functionName(t), MaxItems: aws.Int32(maxPage)}, nil)
	if err != nil {
		return Listing{}, err
	}
	configs := readPage(t, page.FunctionEventInvokeConfigs)
	return Listing{
		Configs:  configs,
		Complete: len(configs) == len(page.FunctionEventInvokeConfigs) && aws.ToString(page.NextMarker) == "",
		Started:  started,
	}, nil
}

// maxPage is the greatest number of items in a page of List.
const maxPage = 50

// readPage returns the configurations of a page by qualifier.
func readPage(t Target, items []types.FunctionEventInvokeConfig) map[string]Config {
	configs := make(map[string]Config, len(items))
	for _, item := range items {
		ref, _ := parseARN(aws.ToString(item.FunctionArn)) // listPage has checked it
		t.Qualifier = ref.Qualified().Qualifier
		configs[t.Qualifier] = flatten(t, item.FunctionArn, item.LastModified,
			item.MaximumEventAgeInSeconds, item.MaximumRetryAttempts, item.DestinationConfig)
	}
	return configs
}

// Configs asks for the configurations of all qualifiers of t's function, page
// by page as they are taken, each page in the order of the qualifiers. What it
// returns last may be an error: [ErrNoFunction] where there is no such function.
func (c *Client) Configs(ctx context.Context, t Target) iter.Seq2[Config, error] {
	return func(yield func(Config, error) bool) {
		input := &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: functionName(t), MaxItems: aws.Int32(maxPage)}
		sent := markers{}
		for {
			page, err := onePage(ctx, func(ctx context.Context) (*lambda.ListFunctionEventInvokeConfigsOutput, error) {
				return c.listPage(ctx, t, input, sent)
			})
			if IsNotFound(err) {
				err = ErrNoFunction
			}
			if err != nil {
				yield(Config{}, err)
				return
			}
			for _, config := range sorted(readPage(t, page.FunctionEventInvokeConfigs)) {
				if !yield(config, nil) {
					return
				}
			}
			if input.Marker = page.NextMarker; aws.ToString(input.Marker) == "" {
				return
			}
			sent.add(input.Marker)
		}
	}
}

// Function is a function as ListFunctions returns it.
type Function struct {
	functionref.Ref // without a qualifier

	DeadLetterTargetARN string // empty for none
}

// Functions asks for the functions of a region, page by page as they are taken,
// each page in the order of the names: Lambda promises none. What it returns
// last may be an error.
func (c *Client) Functions(ctx context.Context, region string) iter.Seq2[Function, error] {
	return func(yield func(Function, error) bool) {
		input := &lambda.ListFunctionsInput{MaxItems: aws.Int32(maxPage)}
		sent := markers{}
		do := checkMarkers(c.listFunctions, sent, func(o *lambda.ListFunctionsOutput) *string { return o.NextMarker })
		for {
			page, err := onePage(ctx, func(ctx context.Context) (*lambda.ListFunctionsOutput, error) {
				return call(ctx, c, "ListFunctions", Target{Region: region}, do, input,
					false, func(o *lambda.ListFunctionsOutput) error {
						if o.Functions == nil {
							return errIncomplete
						}
						return nil
					})
			})
			if err != nil {
				yield(Function{}, err)
				return
			}
			for _, f := range readFunctions(page.Functions) {
				if !yield(f, nil) {
					return
				}
			}
			if input.Marker = page.NextMarker; aws.ToString(input.Marker) == "" {
				return
			}
			sent.add(input.Marker)
		}
	}
}

// listFunctions is the API's call. The times of functions are text, and the SDK
// reads them as such.
func (c *Client) listFunctions(
	ctx context.Context, input *lambda.ListFunctionsInput, options ...func(*lambda.Options),
) (*lambda.ListFunctionsOutput, error) {
	return c.api.ListFunctions(ctx, input, append(options, func(o *lambda.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			_, err := stack.Deserialize.Remove(readTextTimes.ID())
			return err
		})
	})...)
}

// readFunctions returns the functions of a page, by their names.
func readFunctions(page []types.FunctionConfiguration) []Function {
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

// onePage asks for a page, for no longer than pageTimeout.
func onePage[Out any](ctx context.Context, ask func(context.Context) (*Out, error)) (*Out, error) {
	if _, bounded := ctx.Deadline(); bounded {
		return ask(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	page, err := ask(ctx)
	if call, ok := errors.AsType[*CallError](err); ok {
		call.Fixed = true
	}
	return page, err
}

// listPage asks for one page of List, after pages with the given markers.
func (c *Client) listPage(
	ctx context.Context, t Target, input *lambda.ListFunctionEventInvokeConfigsInput, sent markers,
) (*lambda.ListFunctionEventInvokeConfigsOutput, error) {
	do := checkMarkers(c.api.ListFunctionEventInvokeConfigs, sent,
		func(o *lambda.ListFunctionEventInvokeConfigsOutput) *string { return o.NextMarker })
	return call(ctx, c, "ListFunctionEventInvokeConfigs", t, do, input,
		false, func(o *lambda.ListFunctionEventInvokeConfigsOutput) error {
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

// maxPages is the greatest number of pages of a list. At the quota of 15
// requests per second, so many pages take 11 minutes.
const maxPages = 10_000

// The errors of a page whose marker does not lead to the rest of the list.
var (
	errRepeatedMarker = errors.New("its NextMarker is that of an earlier page, so that the list would never end")
	errTooManyPages   = fmt.Errorf("the list does not end with page %d, the last page that the provider reads", maxPages)
)

// markers are the hashes of the markers that were sent for one list. A marker
// can be as long as a response.
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

// checkMarkers returns do with a check of its responses' NextMarker, inside of
// the retry loop.
func checkMarkers[In, Out any](
	do func(context.Context, *In, ...func(*lambda.Options)) (*Out, error), sent markers, next func(*Out) *string,
) func(context.Context, *In, ...func(*lambda.Options)) (*Out, error) {
	return func(ctx context.Context, input *In, options ...func(*lambda.Options)) (*Out, error) {
		return do(ctx, input, append(options, func(o *lambda.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Deserialize.Insert(
					check("CheckMarker", func(o *Out) error { return sent.check(next(o)) }), "OperationDeserializer", middleware.Before)
			})
		})...)
	}
}

// sorted returns configurations in the order of their ARNs.
func sorted(configs map[string]Config) []Config {
	return slices.SortedFunc(maps.Values(configs), func(a, b Config) int { return cmp.Compare(a.FunctionARN, b.FunctionARN) })
}
