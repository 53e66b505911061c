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

// workspace is a directory with a configuration and its state.
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
	// What it asks the CLI before the first command that depends on it must not
	// fall into a time that is measured.
	if _, _, err := tf.Version(ctx, false); err != nil {
		return nil, err
	}
	w := &workspace{bench: b, dir: dir, tf: tf}
	return w, w.write(configuration)
}

func (w *workspace) write(configuration string) error {
	return os.WriteFile(filepath.Join(w.dir, "main.tf"), []byte(configuration), 0o600)
}

// refresh refreshes every resource and returns how long the CLI took. Whether
// something has changed is not asked: Terraform says yes for every resource
// with a number in it.
func (w *workspace) refresh(ctx context.Context) (seconds float64, err error) {
	began := time.Now()
	_, err = w.tf.Plan(ctx, tfexec.RefreshOnly(true))
	return time.Since(began).Seconds(), err
}

// plan returns how long the CLI takes to plan.
func (w *workspace) plan(ctx context.Context) (seconds float64, err error) {
	began := time.Now()
	_, err = w.tf.Plan(ctx)
	return time.Since(began).Seconds(), err
}

// emptyThings is a workspace of n resources of the empty provider.
func (b *bench) emptyThings(ctx context.Context, n int) (*workspace, error) {
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

// configs is a workspace of event invoke configs, and their Lambda.
type configs struct {
	*workspace

	api                   *lambda
	functions, qualifiers int // qualifiers of each function
}

// configs returns a workspace of functions × qualifiers configs, none of
// which is there yet.
func (b *bench) configs(ctx context.Context, options emulator.Options, functions, qualifiers int) (*configs, error) {
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
	c := &configs{api: api, functions: functions, qualifiers: qualifiers}
	c.workspace, err = b.workspace(ctx, c.configuration(1))
	return c, err
}

// provider is the configuration of the provider.
func (c *configs) provider() string {
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
`, region, c.api.url)
}

// configuration is that of all configs, with one member to change.
func (c *configs) configuration(retries int) string {
	return c.provider() + fmt.Sprintf(`
resource "awslambda_function_event_invoke_config" "all" {
  count                  = %[1]d
  function_name          = "f${floor(count.index / %[2]d)}"
  qualifier              = count.index %% %[2]d == 0 ? "$LATEST" : "a${count.index %% %[2]d}"
  maximum_retry_attempts = %[3]d

  destination_config = {
    on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:failed" }
  }
}
`, c.functions*c.qualifiers, c.qualifiers, retries)
}

// created returns [bench.configs] that are there, from a Lambda without limits.
func (b *bench) created(ctx context.Context, functions, qualifiers int) (*configs, error) {
	c, err := b.configs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return c, c.tf.Apply(ctx)
}
