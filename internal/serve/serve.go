// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package serve runs the provider as a plugin process of Terraform. It saves CPU
// and memory, redacts diagnostics, and ends the process together with the CLI
// that started it.
package serve

import (
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
)

// Options configure [Run].
type Options struct {
	// Address is the provider's address in the registry.
	Address string

	// Debug serves the provider for a debugger, and prints the value of
	// TF_REATTACH_PROVIDERS. The process then outlives the CLIs that use it.
	Debug bool
}

// Run serves the provider until the CLI stops it or exits.
func Run(newProvider func() provider.Provider, options Options) error {
	parent := os.Getppid()
	disableSDKLogs()
	delayGC()
	var serveOptions []tf6server.ServeOpt
	if options.Debug {
		serveOptions = append(serveOptions, tf6server.WithManagedDebug())
	} else {
		go exitAfter(parent)
	}
	return tf6server.Serve(options.Address, Server(newProvider), serveOptions...)
}

// disableSDKLogs turns off the loggers of the SDK, the framework and the provider,
// unless a TF_LOG* variable is set. Without such a variable, the CLI discards the
// log, which takes about half of the CPU time of a refresh.
func disableSDKLogs() {
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "TF_LOG") && value != "" {
			return
		}
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO", "TF_LOG_PROVIDER_AWSLAMBDA"} {
		_ = os.Setenv(name, "OFF") // an error leaves the logger on
	}
}

// delayGC delays the first garbage collection to a heap of 40 MiB, ten times the
// default. Most runs end before. It has no effect if GOGC is set.
func delayGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(1000)
	// The first collection frees this object, which restores the default.
	runtime.AddCleanup(new([64]byte), func(percent int) { debug.SetGCPercent(percent) }, 100)
}
