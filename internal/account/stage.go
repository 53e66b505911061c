// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package account

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Stage is what one test has of the account: functions of its own, and the
// destinations of the run. Its methods do what those of [emulator.Emulator] of
// the same name do.
type Stage struct {
	account   *Account
	ctx       context.Context //nolint:containedctx // the test's: the methods are the emulator's, which need none
	prefix    string          // of the names of its functions
	functions []function      // guarded by the account's lock
}

// function is one that was made, by the name that the test has for it.
type function struct{ region, name string }

// Stage returns a stage that lasts as long as ctx, and is to be closed.
func (a *Account) Stage(ctx context.Context) *Stage {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.stages++
	return &Stage{account: a, ctx: ctx, prefix: fmt.Sprintf("%s%d-", a.prefix, a.stages)}
}

// Close removes the functions. It may be called when the stage's context has
// ended.
func (s *Stage) Close(ctx context.Context) error {
	s.account.making.RLock()
	defer s.account.making.RUnlock()
	return s.account.remove(ctx, func(t thing) bool { return t.stage == s })
}

// client returns a client whose calls go through [Stage.RoundTrip].
func (s *Stage) client(region string) *lambda.Client {
	return lambda.NewFromConfig(s.account.config, func(o *lambda.Options) {
		o.Region = region
		o.HTTPClient = doer{s}
	})
}

// CreateFunction creates a function that can be configured, but not invoked,
// and waits until it is active.
func (s *Stage) CreateFunction(region, name string) error {
	code, err := emptyCode()
	if err != nil {
		return err
	}
	client := s.client(region)
	err = s.account.make(s.ctx, s, s.prefix+name, func(ctx context.Context) (remover, error) {
		_, err := client.CreateFunction(ctx, &lambda.CreateFunctionInput{
			FunctionName: &name,
			Role:         &s.account.role,
			Runtime:      types.RuntimeProvidedal2023,
			Handler:      aws.String("bootstrap"),
			Code:         &types.FunctionCode{ZipFile: code},
		})
		return func(ctx context.Context) error {
			_, err := client.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
			return unlessGone(err) // the test may have done it
		}, err
	})
	if err != nil {
		return err
	}
	s.account.mu.Lock()
	s.functions = append(s.functions, function{region, name})
	s.account.mu.Unlock()
	return lambda.NewFunctionActiveV2Waiter(client).Wait(s.ctx, &lambda.GetFunctionInput{FunctionName: &name}, 2*time.Minute)
}

// emptyCode returns a deployment package without a program in it.
func emptyCode() ([]byte, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	if _, err := w.Create("bootstrap"); err != nil {
		return nil, err
	}
	err := w.Close()
	return archive.Bytes(), err
}

// DeleteFunction deletes a function or, with a qualifier, one version of it.
func (s *Stage) DeleteFunction(region, name, qualifier string) error {
	_, err := s.client(region).DeleteFunction(s.ctx, &lambda.DeleteFunctionInput{FunctionName: &name, Qualifier: optional(qualifier)})
	return err
}

// PublishVersion publishes a version and returns its number.
func (s *Stage) PublishVersion(region, name string) (string, error) {
	// Lambda publishes nothing where nothing has changed since the last time.
	client := s.client(region)
	description := fmt.Sprint("at ", time.Now().UnixNano())
	if _, err := client.UpdateFunctionConfiguration(s.ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: &name, Description: &description}); err != nil {
		return "", err
	}
	if err := lambda.NewFunctionUpdatedV2Waiter(client).Wait(s.ctx, &lambda.GetFunctionInput{FunctionName: &name}, 2*time.Minute); err != nil {
		return "", err
	}
	version, err := client.PublishVersion(s.ctx, &lambda.PublishVersionInput{FunctionName: &name})
	if err != nil {
		return "", err
	}
	return aws.ToString(version.Version), nil
}

// CreateAlias creates an alias of a version, which may be "$LATEST".
func (s *Stage) CreateAlias(region, function, name, version string) error {
	_, err := s.client(region).CreateAlias(s.ctx, &lambda.CreateAliasInput{FunctionName: &function, Name: &name, FunctionVersion: &version})
	return err
}

// DeleteAlias deletes an alias.
func (s *Stage) DeleteAlias(region, function, name string) error {
	_, err := s.client(region).DeleteAlias(s.ctx, &lambda.DeleteAliasInput{FunctionName: &function, Name: &name})
	return err
}

// PutConfig replaces a configuration, with both sides of its destinations.
func (s *Stage) PutConfig(region, function, qualifier string, c emulator.Config) error {
	number := func(n *int) *int32 {
		if n == nil {
			return nil
		}
		return new(int32(*n)) //nolint:gosec // a limit of Lambda's
	}
	_, err := s.client(region).PutFunctionEventInvokeConfig(s.ctx, &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName:             &function,
		Qualifier:                optional(qualifier),
		MaximumRetryAttempts:     number(c.MaximumRetryAttempts),
		MaximumEventAgeInSeconds: number(c.MaximumEventAgeInSeconds),
		DestinationConfig: &types.DestinationConfig{
			OnFailure: &types.OnFailure{Destination: optional(c.OnFailure)},
			OnSuccess: &types.OnSuccess{Destination: optional(c.OnSuccess)},
		},
	})
	return err
}

// DeleteConfig deletes a configuration.
func (s *Stage) DeleteConfig(region, function, qualifier string) error {
	_, err := s.client(region).DeleteFunctionEventInvokeConfig(s.ctx, &lambda.DeleteFunctionEventInvokeConfigInput{
		FunctionName: &function, Qualifier: optional(qualifier),
	})
	return err
}

// Config returns a configuration, and whether there is one. What cannot be
// read is not there, and fails the test by that.
func (s *Stage) Config(region, function, qualifier string) (emulator.Config, bool) {
	got, err := s.client(region).GetFunctionEventInvokeConfig(s.ctx, &lambda.GetFunctionEventInvokeConfigInput{
		FunctionName: &function, Qualifier: optional(qualifier),
	})
	if err != nil {
		return emulator.Config{}, false
	}
	number := func(n *int32) *int {
		if n == nil {
			return nil
		}
		return new(int(*n))
	}
	c := emulator.Config{
		MaximumRetryAttempts:     number(got.MaximumRetryAttempts),
		MaximumEventAgeInSeconds: number(got.MaximumEventAgeInSeconds),
		LastModified:             aws.ToTime(got.LastModified),
	}
	if d := got.DestinationConfig; d != nil {
		if d.OnFailure != nil {
			c.OnFailure = aws.ToString(d.OnFailure.Destination)
		}
		if d.OnSuccess != nil {
			c.OnSuccess = aws.ToString(d.OnSuccess.Destination)
		}
	}
	return c, true
}

// Configs returns the qualified ARNs of all configurations of the stage's
// functions, sorted. What cannot be read stands there as an error, and fails
// the test by that.
func (s *Stage) Configs() []string {
	s.account.mu.Lock()
	functions := slices.Clone(s.functions)
	s.account.mu.Unlock()
	arns := []string{}
	for _, f := range functions {
		pages := lambda.NewListFunctionEventInvokeConfigsPaginator(s.client(f.region), &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: &f.name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(s.ctx)
			if errors.As(err, new(*types.ResourceNotFoundException)) {
				break
			}
			if err != nil {
				arns = append(arns, err.Error())
				break
			}
			for _, c := range page.FunctionEventInvokeConfigs {
				arns = append(arns, aws.ToString(c.FunctionArn))
			}
		}
	}
	slices.Sort(arns)
	return slices.Compact(arns) // a function may have been made twice
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
