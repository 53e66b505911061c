// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Generate writes docs/ from the provider's schema, templates/ and examples/.
// It is what `go generate ./...` runs, in the root of the repository.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "generate")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "schema.json")
	if err := writeSchema(ctx, dir, file); err != nil {
		return err
	}
	//nolint:gosec // a path of this function's making
	cmd := exec.CommandContext(ctx, "go", "tool", "-modfile=tools/go.mod", "tfplugindocs", "generate",
		"--provider-name=awslambda", "--rendered-provider-name=awslambda", "--providers-schema="+file)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// writeSchema asks a CLI for the schema of the provider in the work tree, and
// writes it to file under the name that tfplugindocs looks for.
func writeSchema(ctx context.Context, dir, file string) error {
	cli, err := terraformcli.Find(ctx, os.Stderr)
	if err != nil {
		return err
	}
	if err := terraformcli.BuildProvider(ctx, dir); err != nil {
		return err
	}
	overrides, err := terraformcli.WriteDevOverrides(dir, dir)
	if err != nil {
		return err
	}
	const configuration = `terraform {
  required_providers {
    awslambda = { source = "lambda-async/awslambda" }
  }
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(configuration), 0o600); err != nil {
		return err
	}
	tf, err := terraformcli.New(cli, dir, overrides)
	if err != nil {
		return err
	}
	schemas, err := tf.ProvidersSchema(ctx)
	if err != nil {
		return err
	}
	for address, schema := range schemas.Schemas { // there is but one
		delete(schemas.Schemas, address)
		schemas.Schemas["awslambda"] = schema
	}
	text, err := json.Marshal(schemas)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
