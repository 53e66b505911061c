// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// The awslambda provider manages the asynchronous invocation configuration of
// AWS Lambda functions, versions and aliases. Terraform and OpenTofu start it.
package main

import (
	"flag"
	"fmt"
	"log"

	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

//go:generate go run ./internal/generate
//go:generate go -C tools run ./licenses

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger to attach, and print what to set in TF_REATTACH_PROVIDERS")
	printVersion := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	if *printVersion {
		fmt.Println(version)
		return
	}
	if err := serve.Run(provider.New(version), serve.Options{Address: provider.Address, Debug: *debug}); err != nil {
		log.Fatal(err)
	}
}
