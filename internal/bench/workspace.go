// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

// workspace is a working directory of the CLI.
type workspace struct {
	bench *bench
	dir   string
	tf    *tfexec.Terraform
}

func (b *bench) workspace(ctx context.Context, configuration string) (*workspace, error) {
	dir, err := os.MkdirTemp(b.dir, "work-")
	if err != nil {
		return nil, err
	}
	tf, err := terraformcli.New(b.cli, dir, b.overrides)
	if err != nil {
		return nil, err
	}
	// tfexec runs "version" before some commands. This call keeps it out of measurements.
	if _, _, err := tf.Version(ctx, false); err != nil {
		return nil, err
	}
	w := &workspace{bench: b, dir: dir, tf: tf}
	return w, w.write(configuration)
}

func (w *workspace) write(configuration string) error {
	return os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(configuration), 0o600)
}

// refresh runs a refresh-only plan and returns its duration. It ignores whether the plan has
// changes: Terraform reports changes for every resource with a number.
func (w *workspace) refresh(ctx context.Context) (seconds float64, err error) {
	start := time.Now()
	_, err = w.tf.Plan(ctx, tfexec.RefreshOnly(true))
	return time.Since(start).Seconds(), err
}

// plan runs a plan and returns its duration.
func (w *workspace) plan(ctx context.Context) (seconds float64, err error) {
	start := time.Now()
	_, err = w.tf.Plan(ctx)
	return time.Since(start).Seconds(), err
}

// emptyResources returns a workspace with n resources of the empty provider, which have not
// been applied.
func (b *bench) emptyResources(ctx context.Context, n int) (*workspace, error) {
	return b.workspace(ctx, fmt.Sprintf(`terraform {
  required_providers {
    empty = { source = "lambda-async/empty" }
  }
}

resource "empty_thing" "all" {
  count = %d
  name  = "f${count.index}"
}
`, n))
}

// configWorkspace is a workspace with configurations, and the API that they are on.
type configWorkspace struct {
	*workspace

	api                   *lambda
	functions, qualifiers int // qualifiers per function
}

// plannedConfigs returns a workspace with functions × qualifiers configurations, which have
// not been applied. The functions and aliases exist.
func (b *bench) plannedConfigs(
	ctx context.Context, options emulator.Options, functions, qualifiers int,
) (*configWorkspace, error) {
	api, err := listen(ctx, options)
	if err != nil {
		return nil, err
	}
	for f := range functions {
		name := fmt.Sprintf("f%d", f)
		if err := api.CreateFunction(region, name); err != nil {
			return nil, err
		}
		for q := 1; q < qualifiers; q++ {
			if err := api.CreateAlias(region, name, fmt.Sprintf("a%d", q), "$LATEST"); err != nil {
				return nil, err
			}
		}
	}
	w := &configWorkspace{api: api, functions: functions, qualifiers: qualifiers}
	w.workspace, err = b.workspace(ctx, w.configuration(1))
	return w, err
}

// providerBlock returns the configuration of the provider.
func (w *configWorkspace) providerBlock() string {
	return fmt.Sprintf(`terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "awslambda" {
  region     = %q
  access_key = "bench"
  secret_key = "bench"
  endpoints { lambda = %q }
}
`, region, w.api.url)
}

// configuration returns a Terraform configuration with that maximum_retry_attempts.
func (w *configWorkspace) configuration(retries int) string {
	return w.providerBlock() + fmt.Sprintf(`
resource "awslambda_function_event_invoke_config" "all" {
  count                  = %[1]d
  function_name          = "f${floor(count.index / %[2]d)}"
  qualifier              = count.index %% %[2]d == 0 ? "$LATEST" : "a${count.index %% %[2]d}"
  maximum_retry_attempts = %[3]d

  destination_config = {
    on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:failed" }
  }
}
`, w.functions*w.qualifiers, w.qualifiers, retries)
}

// createdConfigs returns the workspace of [bench.plannedConfigs] without a rate limit, after
// an apply.
func (b *bench) createdConfigs(ctx context.Context, functions, qualifiers int) (*configWorkspace, error) {
	w, err := b.plannedConfigs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return w, w.tf.Apply(ctx)
}
