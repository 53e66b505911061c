// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// call makes the API calls of one step, usually one, and returns the first error.
type call func(context.Context, *lambda.Client) error

// settings are the members of a Put or an Update request.
type settings struct {
	retries, age         *int32 // nil if omitted
	onSuccess, onFailure string // an ARN, emptySide, or empty if omitted
}

// emptySide makes OnSuccess or OnFailure an empty object.
const emptySide = "{}"

func (s settings) destinationConfig() *types.DestinationConfig {
	if s.onSuccess == "" && s.onFailure == "" {
		return nil
	}
	d := &types.DestinationConfig{}
	if s.onSuccess != "" {
		d.OnSuccess = &types.OnSuccess{Destination: sideDestination(s.onSuccess)}
	}
	if s.onFailure != "" {
		d.OnFailure = &types.OnFailure{Destination: sideDestination(s.onFailure)}
	}
	return d
}

func sideDestination(side string) *string {
	if side == emptySide {
		return nil
	}
	return &side
}

// optional returns nil if s is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// request returns a call of an operation of the client.
func request[In, Out any](
	operation func(*lambda.Client, context.Context, *In, ...func(*lambda.Options)) (Out, error), in In,
) call {
	return func(ctx context.Context, c *lambda.Client) error {
		_, err := operation(c, ctx, &in)
		return err
	}
}

func putConfig(function, qualifier string, s settings) call {
	return request((*lambda.Client).PutFunctionEventInvokeConfig, lambda.PutFunctionEventInvokeConfigInput{
		FunctionName: &function, Qualifier: optional(qualifier),
		MaximumRetryAttempts: s.retries, MaximumEventAgeInSeconds: s.age, DestinationConfig: s.destinationConfig(),
	})
}

func updateConfig(function, qualifier string, s settings) call {
	return request((*lambda.Client).UpdateFunctionEventInvokeConfig, lambda.UpdateFunctionEventInvokeConfigInput{
		FunctionName: &function, Qualifier: optional(qualifier),
		MaximumRetryAttempts: s.retries, MaximumEventAgeInSeconds: s.age, DestinationConfig: s.destinationConfig(),
	})
}

func getConfig(function, qualifier string) call {
	return request((*lambda.Client).GetFunctionEventInvokeConfig,
		lambda.GetFunctionEventInvokeConfigInput{FunctionName: &function, Qualifier: optional(qualifier)})
}

func deleteConfig(function, qualifier string) call {
	return request((*lambda.Client).DeleteFunctionEventInvokeConfig,
		lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: &function, Qualifier: optional(qualifier)})
}

// listConfigs gets all pages, each with at most maxItems configurations.
func listConfigs(function string, maxItems int32) call {
	return func(ctx context.Context, c *lambda.Client) error {
		in := &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: &function, MaxItems: &maxItems}
		for {
			out, err := c.ListFunctionEventInvokeConfigs(ctx, in)
			if err != nil || out.NextMarker == nil {
				return err
			}
			in.Marker = out.NextMarker
		}
	}
}

// concurrently makes calls concurrently.
func concurrently(calls ...call) call {
	return func(ctx context.Context, c *lambda.Client) error {
		results := make(chan error)
		for _, f := range calls {
			go func() { results <- f(ctx, c) }()
		}
		var errs []error
		for range calls {
			errs = append(errs, <-results)
		}
		return errors.Join(errs...)
	}
}

func createFunction(function, role string, publish bool) call {
	return request((*lambda.Client).CreateFunction, lambda.CreateFunctionInput{
		FunctionName: &function, Role: &role, Code: &types.FunctionCode{ZipFile: zipCode()},
		Runtime: types.RuntimeNodejs22x, Handler: new("index.handler"), Publish: publish,
	})
}

// zipCode returns the deployment package of a function without effect.
func zipCode() []byte {
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	if file, err := archive.Create("index.mjs"); err == nil { // writing to memory does not fail
		_, _ = file.Write([]byte("export const handler = async () => {};\n"))
	}
	_ = archive.Close()
	return b.Bytes()
}

func getFunction(function, qualifier string) call {
	return request((*lambda.Client).GetFunction,
		lambda.GetFunctionInput{FunctionName: &function, Qualifier: optional(qualifier)})
}

func deleteFunction(function, qualifier string) call {
	return request((*lambda.Client).DeleteFunction,
		lambda.DeleteFunctionInput{FunctionName: &function, Qualifier: optional(qualifier)})
}

func listFunctions(version string) call {
	return request((*lambda.Client).ListFunctions,
		lambda.ListFunctionsInput{FunctionVersion: types.FunctionVersion(version), MaxItems: new(int32(1))})
}

func publishVersion(function string) call {
	return request((*lambda.Client).PublishVersion, lambda.PublishVersionInput{FunctionName: &function})
}

func listVersions(function string) call {
	return request((*lambda.Client).ListVersionsByFunction, lambda.ListVersionsByFunctionInput{FunctionName: &function})
}

func createAlias(function, name, version string) call {
	return request((*lambda.Client).CreateAlias,
		lambda.CreateAliasInput{FunctionName: &function, Name: &name, FunctionVersion: &version})
}

func deleteAlias(function, name string) call {
	return request((*lambda.Client).DeleteAlias, lambda.DeleteAliasInput{FunctionName: &function, Name: &name})
}
