// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"cmp"
	"context"
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

// All returns the configurations of all qualifiers of t's function, in the
// order of the qualifiers. It is [ErrNoFunction] that there is no such
// function.
func (c *Client) All(ctx context.Context, t Target) ([]Config, error) {
	if _, err := c.list(ctx, t); err != nil {
		return nil, err
	}
	if configs, complete := c.memory.all(t); complete {
		return configs, nil
	}
	var configs []Config
	for config, err := range c.Configs(ctx, t) {
		if err != nil {
			return nil, err
		}
		configs = append(configs, config)
	}
	slices.SortFunc(configs, byARN)
	return configs, nil
}

// Configs asks for the configurations of all qualifiers of t's function, page
// by page as they are taken, each page in the order of the qualifiers. What it
// returns last may be an error: [ErrNoFunction] where there is no such function.
func (c *Client) Configs(ctx context.Context, t Target) iter.Seq2[Config, error] {
	return func(yield func(Config, error) bool) {
		input := &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: functionName(t), MaxItems: aws.Int32(maxPage)}
		for {
			page, err := onePage(ctx, func(ctx context.Context) (*lambda.ListFunctionEventInvokeConfigsOutput, error) {
				return c.listPage(ctx, t, input)
			})
			if codeOf(err) == codeNotFound {
				err = ErrNoFunction
			}
			if err != nil {
				yield(Config{}, err)
				return
			}
			read, _ := entries(t, page.FunctionEventInvokeConfigs)
			for _, e := range sorted(read) {
				if !yield(e, nil) {
					return
				}
			}
			if input.Marker = page.NextMarker; aws.ToString(input.Marker) == "" {
				return
			}
		}
	}
}

// Functions asks for the functions of a region, page by page as they are taken,
// each page in the order of the names: Lambda promises none. What it returns
// last may be an error.
func (c *Client) Functions(ctx context.Context, region string) iter.Seq2[functionref.Ref, error] {
	return func(yield func(functionref.Ref, error) bool) {
		input := &lambda.ListFunctionsInput{MaxItems: aws.Int32(maxPage)}
		for {
			page, err := onePage(ctx, func(ctx context.Context) (*lambda.ListFunctionsOutput, error) {
				return call(ctx, c, "ListFunctions", Target{Region: region}, c.listFunctions, input,
					func(o *lambda.ListFunctionsOutput) bool { return o.Functions != nil })
			})
			if err != nil {
				yield(functionref.Ref{}, err)
				return
			}
			for _, ref := range references(page.Functions) {
				if !yield(ref, nil) {
					return
				}
			}
			if input.Marker = page.NextMarker; aws.ToString(input.Marker) == "" {
				return
			}
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

// references returns the functions of a page, by their names.
func references(page []types.FunctionConfiguration) []functionref.Ref {
	refs := make([]functionref.Ref, 0, len(page))
	for _, f := range page {
		ref, err := functionref.Parse(aws.ToString(f.FunctionArn))
		if err != nil {
			ref = functionref.Ref{Name: aws.ToString(f.FunctionName)}
		}
		refs = append(refs, ref.Unqualified())
	}
	slices.SortFunc(refs, func(a, b functionref.Ref) int { return cmp.Compare(a.Name, b.Name) })
	return refs
}

// onePage asks for a page, for no longer than pageTimeout.
func onePage[Out any](ctx context.Context, ask func(context.Context) (*Out, error)) (*Out, error) {
	if _, bounded := ctx.Deadline(); bounded {
		return ask(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, pageTimeout)
	defer cancel()
	return ask(ctx)
}

// listPage asks for one page of List.
func (c *Client) listPage(
	ctx context.Context, t Target, input *lambda.ListFunctionEventInvokeConfigsInput,
) (*lambda.ListFunctionEventInvokeConfigsOutput, error) {
	return call(ctx, c, "ListFunctionEventInvokeConfigs", t, c.api.ListFunctionEventInvokeConfigs, input,
		func(o *lambda.ListFunctionEventInvokeConfigsOutput) bool { return o.FunctionEventInvokeConfigs != nil })
}

// sorted returns the configurations that are there, by their qualifiers.
func sorted(read map[string]entry) []Config {
	var configs []Config
	for _, e := range slices.Collect(maps.Values(read)) {
		if e.there {
			configs = append(configs, e.config)
		}
	}
	slices.SortFunc(configs, byARN)
	return configs
}

func byARN(a, b Config) int { return cmp.Compare(a.FunctionARN, b.FunctionARN) }
