// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const (
	region  = "us-east-1"
	address = "awslambda_function_event_invoke_config."
)

// configuration is the configuration of all steps. %q is the emulator's URL.
const configuration = `terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}

provider "awslambda" {
  region     = "us-east-1"
  access_key = "demo"
  secret_key = "demo"
  endpoints { lambda = %q }
}

# The function: failed events go to a queue.
resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  destination_config = {
    on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed" }
  }
}

# Its alias "live": one retry, events expire after an hour, results go to an event bus.
resource "awslambda_function_event_invoke_config" "live" {
  function_name                = "orders-worker"
  qualifier                    = "live"
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 3600

  destination_config = {
    on_success = { destination = "arn:aws:events:us-east-1:123456789012:event-bus/results" }
    on_failure = { destination = "arn:aws:s3:::orders-failed" }
  }
}
`

// imported is the part of the configuration that the import step adds.
const imported = `
# Created in the console.
import {
  to = awslambda_function_event_invoke_config.billing
  id = "billing-worker"
}

resource "awslambda_function_event_invoke_config" "billing" {
  function_name          = "billing-worker"
  maximum_retry_attempts = 0
}
`

// demo is a working directory and the API that its provider uses.
type demo struct {
	tf  *tfexec.Terraform
	api *emulator.Emulator
	dir string
	url string

	// version is the version of the package, or empty without a package.
	version string
}

// run runs the steps until one fails.
func (d demo) run(ctx context.Context) error {
	if err := errors.Join(
		d.api.CreateFunction(region, "orders-worker"),
		d.api.CreateAlias(region, "orders-worker", "live", "$LATEST"),
		d.api.CreateFunction(region, "billing-worker"),
	); err != nil {
		return err
	}
	for i, step := range []struct {
		title string
		run   func(context.Context) error
	}{
		{"apply: create configurations for a function and for its alias", d.apply},
		{"plan: no changes", d.planNoChanges},
		{"plan: show the drift after an out-of-band change of the alias's retries to 2", d.planDrift},
		{"apply: repair the drift with one request that has only the drifted member", d.repairDrift},
		{"apply: import an existing configuration without a write", d.importExisting},
		{"destroy: delete all configurations", d.destroy},
	} {
		fmt.Printf("\n%d. %s\n", i+1, step.title)
		d.api.ClearRequests()
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, step.title, err)
		}
	}
	return nil
}

func (d demo) apply(ctx context.Context) error {
	if err := d.writeConfiguration(fmt.Sprintf(configuration, d.url)); err != nil {
		return err
	}
	if d.version != "" {
		if err := d.tf.Init(ctx); err != nil {
			return err
		}
	}
	if err := d.tf.Apply(ctx); err != nil {
		return err
	}
	for _, arn := range d.api.Configs() {
		show("created: %s", arn)
	}
	live, _ := d.api.Config(region, "orders-worker", "live")
	if n := len(d.api.Configs()); n != 2 || live.OnFailure != "arn:aws:s3:::orders-failed" {
		return fmt.Errorf("the API has %d configurations; the alias has %+v", n, live)
	}
	return d.expectWrites("Put", "Put")
}

func (d demo) planNoChanges(ctx context.Context) error {
	changes, err := d.tf.Plan(ctx)
	if err != nil {
		return err
	}
	if changes {
		return errors.New("plan shows changes")
	}
	show("API calls: %d", len(d.api.Requests()))
	return d.expectWrites()
}

func (d demo) planDrift(ctx context.Context) error {
	live, _ := d.api.Config(region, "orders-worker", "live")
	live.MaximumRetryAttempts = new(2)
	if err := d.api.PutConfig(region, "orders-worker", "live", live); err != nil {
		return err
	}
	const file = "drift.tfplan"
	if _, err := d.tf.Plan(ctx, tfexec.Out(file)); err != nil {
		return err
	}
	plan, err := d.tf.ShowPlanFile(ctx, file)
	if err != nil {
		return err
	}
	changes := plannedChanges(plan)
	for _, c := range changes {
		show("%s", c)
	}
	if want := []string{address + "live: maximum_retry_attempts = 2 -> 1"}; !slices.Equal(changes, want) {
		return fmt.Errorf("plan shows %q, want %q", changes, want)
	}
	return d.expectWrites()
}

func (d demo) repairDrift(ctx context.Context) error {
	if err := d.tf.Apply(ctx); err != nil {
		return err
	}
	if err := d.expectWrites("Update"); err != nil {
		return err
	}
	body := string(d.writes()[0].Body)
	if want := `{"MaximumRetryAttempts":1}`; body != want {
		return fmt.Errorf("the update has %s, want %s", body, want)
	}
	return nil
}

func (d demo) importExisting(ctx context.Context) error {
	if err := d.api.PutConfig(region, "billing-worker", "", emulator.Config{MaximumRetryAttempts: new(0)}); err != nil {
		return err
	}
	if err := d.writeConfiguration(fmt.Sprintf(configuration, d.url) + imported); err != nil {
		return err
	}
	if err := d.tf.Apply(ctx); err != nil {
		return err
	}
	state, err := d.tf.Show(ctx)
	if err != nil {
		return err
	}
	for _, r := range state.Values.RootModule.Resources {
		if r.Address == address+"billing" {
			show("imported: %s", r.AttributeValues["id"])
			return d.expectWrites()
		}
	}
	return errors.New("the state does not have the imported resource")
}

func (d demo) destroy(ctx context.Context) error {
	if err := d.tf.Destroy(ctx); err != nil {
		return err
	}
	if left := d.api.Configs(); len(left) != 0 {
		return fmt.Errorf("the API still has %q", left)
	}
	if err := d.expectWrites("Delete", "Delete", "Delete"); err != nil {
		return err
	}
	// For -keep: the next apply cannot import the deleted configuration.
	return d.writeConfiguration(fmt.Sprintf(configuration, d.url))
}

func (d demo) writeConfiguration(configuration string) error {
	if d.version != "" {
		const source = `source = "lambda-async/awslambda"`
		configuration = strings.Replace(configuration, source, fmt.Sprintf("%s, version = %q", source, d.version), 1)
	}
	return os.WriteFile(filepath.Join(d.dir, "main.tf"), []byte(configuration), 0o600)
}

// writes returns the requests other than reads.
func (d demo) writes() []emulator.Request {
	return slices.DeleteFunc(d.api.Requests(), func(r emulator.Request) bool {
		return strings.HasPrefix(r.Operation, "List") || strings.HasPrefix(r.Operation, "Get")
	})
}

// expectWrites prints the writes. It returns an error unless want are their operations,
// without "FunctionEventInvokeConfig".
func (d demo) expectWrites(want ...string) error {
	var got, lines []string
	for _, r := range d.writes() {
		line := fmt.Sprintf("sent: %s %s:%s %s", r.Operation, r.Function, r.Qualifier, r.Body)
		lines = append(lines, strings.TrimSpace(line))
		got = append(got, strings.TrimSuffix(r.Operation, "FunctionEventInvokeConfig"))
	}
	slices.Sort(lines) // Terraform applies resources concurrently
	for _, line := range lines {
		show("%s", line)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("sent %q, want %q", got, want)
	}
	return nil
}

// plannedChanges returns a line for each attribute that the plan changes to a known value.
func plannedChanges(plan *tfjson.Plan) []string {
	var lines []string
	for _, r := range plan.ResourceChanges {
		before, _ := r.Change.Before.(map[string]any)
		after, _ := r.Change.After.(map[string]any)
		unknown, _ := r.Change.AfterUnknown.(map[string]any)
		for name := range before {
			if unknown[name] != true && !reflect.DeepEqual(before[name], after[name]) {
				lines = append(lines, fmt.Sprintf("%s: %s = %v -> %v", r.Address, name, before[name], after[name]))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func show(format string, args ...any) { fmt.Printf("   "+format+"\n", args...) }
