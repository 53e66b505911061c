// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Clipath prints the path of a CLI, for TF_ACC_TERRAFORM_PATH. If the CLI is not on PATH,
// clipath builds it. The argument "terraform-built" ignores PATH.
//
//	TF_ACC_TERRAFORM_PATH=$(go run ./internal/terraformcli/cmd/clipath tofu) go test ./...
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

func main() {
	finders := map[string]func(context.Context, io.Writer) (terraformcli.CLI, error){
		"terraform":       terraformcli.Terraform,
		"terraform-built": terraformcli.BuiltTerraform,
		"tofu":            terraformcli.OpenTofu,
	}
	if len(os.Args) != 2 || finders[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: clipath terraform|terraform-built|tofu")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	cli, err := finders[os.Args[1]](ctx, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(cli.Path)
}
