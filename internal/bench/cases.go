// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// benchCase is a case of the benchmark. If measure fails, it also returns the figures
// that it has measured before.
type benchCase struct {
	name    string
	measure func(*bench, context.Context) ([]figure, error)
}

// Most cases have 400 configurations: 4 qualifiers on each of 100 functions.
const (
	functions  = 100
	qualifiers = 4
)

var cases = []benchCase{
	{"Refresh 400 configs on 100 functions", (*bench).refreshCalls},
	{"Create 400 configs on 100 functions", (*bench).createCalls},
	{"Update one member of each of 400 configs", (*bench).updateCalls},
	{"Create 400 configs at 15 requests/s, parallelism 10", func(b *bench, ctx context.Context) ([]figure, error) {
		return b.throttled(ctx, 10, limit{"≤", 1.05}, limit{"≤", 3})
	}},
	{"Create 400 configs at 15 requests/s, parallelism 50", func(b *bench, ctx context.Context) ([]figure, error) {
		return b.throttled(ctx, 50, limit{"≤", 1.10}, limit{"≤", 5})
	}},
	{"Share 15 requests/s with another client for 15 s", (*bench).shared},
	{"Refresh 400 configs on 400 functions, latency 50 ms", (*bench).latency},
	{"Plan 500 and 2,000 configs", (*bench).growth},
	{"Data source of a region with 5,000 functions and 20,000 configs", (*bench).regionMemory},
	{"Provider binary, linux/amd64", (*bench).binarySize},
}

func (b *bench) refreshCalls(ctx context.Context) ([]figure, error) {
	w, err := b.createdConfigs(ctx, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return w.countCalls("API calls", 100, func() error {
		_, err := w.refresh(ctx)
		return err
	})
}

func (b *bench) createCalls(ctx context.Context) ([]figure, error) {
	w, err := b.plannedConfigs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return w.countCalls("API calls", 500, func() error { return w.tf.Apply(ctx) })
}

func (b *bench) updateCalls(ctx context.Context) ([]figure, error) {
	w, err := b.createdConfigs(ctx, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	const plan = "saved.tfplan"
	if err := w.write(w.configuration(0)); err != nil {
		return nil, err
	}
	if _, err := w.tf.Plan(ctx, tfexec.Out(plan)); err != nil {
		return nil, err
	}
	figures, err := w.countCalls("API calls to apply a saved plan", 400, func() error {
		return w.tf.Apply(ctx, tfexec.DirOrPlan(plan))
	})
	if err != nil {
		return nil, err
	}
	if err := w.write(w.configuration(2)); err != nil {
		return figures, err
	}
	more, err := w.countCalls("API calls to refresh and apply", 500, func() error { return w.tf.Apply(ctx) })
	return append(figures, more...), err
}

// countCalls returns the number of API calls that run makes.
func (w *workspace) countCalls(name string, want float64, run func() error) ([]figure, error) {
	w.api.ClearRequests()
	if err := run(); err != nil {
		return nil, err
	}
	requests := w.api.Requests()
	byOperation := map[string]int{}
	for _, r := range requests {
		byOperation[r.Operation]++
	}
	var details []string
	for _, operation := range slices.Sorted(maps.Keys(byOperation)) {
		details = append(details, fmt.Sprintf("%d %s", byOperation[operation], operation))
	}
	return []figure{{name, float64(len(requests)), calls, limit{"=", want}, strings.Join(details, ", ")}}, nil
}

func (b *bench) latency(ctx context.Context) ([]figure, error) {
	const latency = 50 * time.Millisecond
	w, err := b.createdConfigs(ctx, 400, 1)
	if err != nil {
		return nil, err
	}
	without, err := w.refresh(ctx)
	if err != nil {
		return nil, err
	}
	w.api.latency.Store(int64(latency))
	with, err := w.refresh(ctx)
	if err != nil {
		return nil, err
	}
	const parallelism = 10 // the default of the CLIs
	delay := 400 * latency.Seconds() / parallelism
	return []figure{{
		"delay ÷ (400 × 50 ms ÷ 10)", (with - without) / delay, ratio, limit{"≤", 1.25},
		fmt.Sprintf("%.2f s, without latency %.2f s", with, without),
	}}, nil
}

// growth measures whether CPU time is linear in the number of configurations. Quadratic CPU
// time would be up to 16 times as much.
func (b *bench) growth(ctx context.Context) ([]figure, error) {
	var usages []usage
	for _, n := range []int{500, 2000} {
		w, err := b.createdConfigs(ctx, n, 1)
		if err != nil {
			return nil, err
		}
		u, err := w.planUsage(ctx)
		if err != nil {
			return nil, err
		}
		usages = append(usages, u)
	}
	small, large := usages[0], usages[1]
	return []figure{{
		"CPU time of the provider with 2,000 ÷ with 500", large.cpu.Seconds() / small.cpu.Seconds(), ratio,
		limit{"≤", 4.8}, fmt.Sprintf("%.2f s ÷ %.2f s", large.cpu.Seconds(), small.cpu.Seconds()),
	}, {
		"peak memory of the provider with 2,000 ÷ with 500", large.peak / small.peak, ratio,
		limit{"≤", 1.5}, fmt.Sprintf("%.1f MiB ÷ %.1f MiB", large.peak, small.peak),
	}}, nil
}

func (b *bench) regionMemory(ctx context.Context) ([]figure, error) {
	const functions, qualifiers = 5000, 4
	w, err := b.plannedConfigs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	for f := range functions {
		for q := range qualifiers {
			err := w.api.PutConfig(region, fmt.Sprintf("f%d", f), qualifierName(q), emulator.Config{
				MaximumRetryAttempts: new(q % 3), OnFailure: "arn:aws:sqs:us-east-1:123456789012:failed",
			})
			if err != nil {
				return nil, err
			}
		}
	}
	configuration := w.providerBlock() + "\ndata \"awslambda_function_event_invoke_configs\" \"all\" {}\n"
	if err := w.write(configuration); err != nil {
		return nil, err
	}
	u, err := w.planUsage(ctx)
	if err != nil {
		return nil, err
	}
	details := fmt.Sprintf("%d calls", len(w.api.Requests()))
	return []figure{{"peak memory of the provider", u.peak, mebibytes, limit{"≤", 200}, details}}, nil
}

func (b *bench) binarySize(ctx context.Context) ([]figure, error) {
	const module = "github.com/lambda-async/terraform-provider-awslambda"
	path := filepath.Join(b.dir, "linux-amd64")
	// Without -buildvcs=false, the build fails if Git does not trust the work tree.
	//nolint:gosec // the arguments are constants and the path of a temporary file
	cmd := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", path, module)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	size := float64(file.Size())
	return []figure{{"size", size / (1 << 20), mebibytes, limit{"≤", 28}, fmt.Sprintf("%.0f bytes", size)}}, nil
}
