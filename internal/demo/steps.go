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

// configuration is what the demo applies; %s is the emulator's URL.
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

# The function itself: failures go to a queue.
resource "awslambda_function_event_invoke_config" "orders" {
  function_name = "orders-worker"

  destination_config = {
    on_failure = { destination = "arn:aws:sqs:us-east-1:123456789012:orders-failed" }
  }
}

# Its alias "live": one retry, an hour at most, results to a bus.
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

// imported is what the import step adds.
const imported = `
# Made in the console, before Terraform came.
import {
  to = awslambda_function_event_invoke_config.billing
  id = "billing-worker"
}

resource "awslambda_function_event_invoke_config" "billing" {
  function_name          = "billing-worker"
  maximum_retry_attempts = 0
}
`

// demo is a working directory and the API that its provider talks to.
type demo struct {
	tf  *tfexec.Terraform
	api *emulator.Emulator
	dir string
	url string

	// version is that of a package to install, "" where none is.
	version string
}

// run goes through the steps and stops at the first that is not as promised.
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
		do    func(context.Context) error
	}{
		{"apply: a configuration for a function, and one for its alias", d.apply},
		{"plan: nothing to do", d.planNothing},
		{"somebody sets the alias's retries to 2 elsewhere; plan shows exactly that drift", d.drift},
		{"apply repairs it with one call that carries only the drifted member", d.repair},
		{"import of a configuration that somebody made by hand: no write", d.importExisting},
		{"destroy: the API is empty again", d.destroy},
	} {
		fmt.Printf("\n%d. %s\n", i+1, step.title)
		d.api.ClearRequests()
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("step %d (%s): %w", i+1, step.title, err)
		}
	}
	return nil
}

func (d demo) apply(ctx context.Context) error {
	if err := d.write(fmt.Sprintf(configuration, d.url)); err != nil {
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
		say("the API now has %s", arn)
	}
	live, _ := d.api.Config(region, "orders-worker", "live")
	if n := len(d.api.Configs()); n != 2 || live.OnFailure != "arn:aws:s3:::orders-failed" {
		return fmt.Errorf("the API has %d configurations, the alias's is %+v", n, live)
	}
	return d.sent("Put", "Put")
}

func (d demo) planNothing(ctx context.Context) error {
	changes, err := d.tf.Plan(ctx)
	if err != nil {
		return err
	}
	if changes {
		return errors.New("plan shows changes")
	}
	say("no changes; calls made to find out: %d", len(d.api.Requests()))
	return d.sent()
}

func (d demo) drift(ctx context.Context) error {
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
	changes := planned(plan)
	for _, c := range changes {
		say("%s", c)
	}
	if want := []string{address + "live: maximum_retry_attempts = 2 -> 1"}; !slices.Equal(changes, want) {
		return fmt.Errorf("plan shows %q, not %q", changes, want)
	}
	return d.sent()
}

func (d demo) repair(ctx context.Context) error {
	if err := d.tf.Apply(ctx); err != nil {
		return err
	}
	if err := d.sent("Update"); err != nil {
		return err
	}
	body := string(d.writes()[0].Body)
	if want := `{"MaximumRetryAttempts":1}`; body != want {
		return fmt.Errorf("the update carries %s, not %s", body, want)
	}
	return nil
}

func (d demo) importExisting(ctx context.Context) error {
	if err := d.api.PutConfig(region, "billing-worker", "", emulator.Config{MaximumRetryAttempts: new(0)}); err != nil {
		return err
	}
	if err := d.write(fmt.Sprintf(configuration, d.url) + imported); err != nil {
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
			say("imported %s", r.AttributeValues["id"])
			return d.sent()
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
	if err := d.sent("Delete", "Delete", "Delete"); err != nil {
		return err
	}
	// To play with: what is gone cannot be imported again.
	return d.write(fmt.Sprintf(configuration, d.url))
}

func (d demo) write(configuration string) error {
	if d.version != "" {
		const source = `source = "lambda-async/awslambda"`
		configuration = strings.Replace(configuration, source, fmt.Sprintf("%s, version = %q", source, d.version), 1)
	}
	return os.WriteFile(filepath.Join(d.dir, "main.tf"), []byte(configuration), 0o600)
}

// writes returns the requests that are no reads.
func (d demo) writes() []emulator.Request {
	return slices.DeleteFunc(d.api.Requests(), func(r emulator.Request) bool {
		return strings.HasPrefix(r.Operation, "List") || strings.HasPrefix(r.Operation, "Get")
	})
}

// sent prints the requests that were no reads, and fails where their
// operations are not those, given without "FunctionEventInvokeConfig".
func (d demo) sent(want ...string) error {
	var got, lines []string
	for _, r := range d.writes() {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("sent: %s of %s:%s %s", r.Operation, r.Function, r.Qualifier, r.Body)))
		got = append(got, strings.TrimSuffix(r.Operation, "FunctionEventInvokeConfig"))
	}
	slices.Sort(lines) // Terraform works on resources at the same time
	for _, line := range lines {
		say("%s", line)
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("sent %q, not %q", got, want)
	}
	return nil
}

// planned returns what a plan changes, a line for each attribute whose new
// value is known.
func planned(plan *tfjson.Plan) []string {
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

func say(format string, args ...any) { fmt.Printf("   "+format+"\n", args...) }
