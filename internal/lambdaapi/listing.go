// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

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
			page, err := c.listPage(ctx, t, input)
			if codeOf(err) == codeNotFound {
				err = ErrNoFunction
			}
			if err != nil {
				yield(Config{}, err)
				return
			}
			for _, e := range sorted(entries(t, page.FunctionEventInvokeConfigs)) {
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

// Functions asks for the functions of a region, page by page as they are taken.
// What it returns last may be an error.
func (c *Client) Functions(ctx context.Context, region string) iter.Seq2[functionref.Ref, error] {
	return func(yield func(functionref.Ref, error) bool) {
		input := &lambda.ListFunctionsInput{MaxItems: aws.Int32(maxPage)}
		for {
			page, err := call(ctx, c, "ListFunctions", Target{Region: region}, c.api.ListFunctions, input,
				func(o *lambda.ListFunctionsOutput) bool { return o.Functions != nil })
			if err != nil {
				yield(functionref.Ref{}, err)
				return
			}
			for _, f := range page.Functions {
				ref, err := functionref.Parse(aws.ToString(f.FunctionArn))
				if err != nil {
					ref = functionref.Ref{Name: aws.ToString(f.FunctionName)}
				}
				if !yield(ref.Unqualified(), nil) {
					return
				}
			}
			if input.Marker = page.NextMarker; aws.ToString(input.Marker) == "" {
				return
			}
		}
	}
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
