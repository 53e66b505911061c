// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package serve runs the provider as the program that Terraform starts: lean,
// silent where nobody listens, and no longer than the CLI that started it.
package serve

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Options are what the program is told by its flags.
type Options struct {
	// Address is where Terraform's registry has the provider.
	Address string

	// Debug serves for a debugger to attach, and prints what to set in
	// TF_REATTACH_PROVIDERS. The process then outlives the CLIs that use it.
	Debug bool
}

// Run serves the providers that newProvider makes until the CLI has no more
// use for them.
func Run(newProvider func() provider.Provider, options Options) error {
	parent := os.Getppid() // before it can be gone
	silence()
	delayCollection()
	var serveOptions []tf6server.ServeOpt
	if options.Debug {
		serveOptions = append(serveOptions, tf6server.WithManagedDebug())
	} else {
		go endWith(parent)
	}
	return tf6server.Serve(options.Address, Server(newProvider), serveOptions...)
}

// silence turns off the loggers that write everything for the CLI to throw
// away, which costs both more than the work itself. As soon as a user sets
// one of the variables that ask for a log, they stay as they are.
func silence() {
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_AWSLAMBDA"} {
		_ = os.Setenv(name, "OFF") // where it cannot be set, they are not silent
	}
}

// delayCollection has the first garbage collection come at ten times the size
// at which it usually does (40 MiB), which most runs never reach. A user's
// GOGC stays.
func delayCollection() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(1000)
	// A collection finds this object unused.
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, 100)
}
