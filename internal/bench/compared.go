// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// medians runs two measurements alternately, so that other load on the machine affects
// both, and returns their medians.
func medians(
	ctx context.Context, runs int, a, b func(context.Context) (float64, error),
) (medianA, medianB float64, err error) {
	var as, bs []float64
	for range runs {
		x, err := a(ctx)
		if err != nil {
			return 0, 0, err
		}
		y, err := b(ctx)
		if err != nil {
			return 0, 0, err
		}
		as, bs = append(as, x), append(bs, y)
	}
	return median(as), median(bs), nil
}

// createdPair returns a workspace with n configurations, each on another function, and a
// workspace with n resources of the empty provider. Both have been applied.
func (b *bench) createdPair(ctx context.Context, n int) (*configWorkspace, *workspace, error) {
	ours, err := b.plannedConfigs(ctx, emulator.Options{}, n, 1)
	if err != nil {
		return nil, nil, err
	}
	empty, err := b.emptyResources(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	// Concurrently, since a CLI writes the whole state after each resource, which takes
	// more than a minute for 2,000.
	var applies errgroup.Group
	applies.Go(func() error { return ours.tf.Apply(ctx) })
	applies.Go(func() error { return empty.tf.Apply(ctx) })
	return ours, empty, applies.Wait()
}

func (b *bench) latency(ctx context.Context) ([]figure, error) {
	const (
		n           = 400
		latency     = 20 * time.Millisecond
		parallelism = 10 // the default of the CLIs
		runs        = 5
	)
	ours, empty, err := b.createdPair(ctx, n)
	if err != nil {
		return nil, err
	}
	ours.api.latency.Store(int64(latency))
	duration, emptyDuration, err := medians(ctx, runs, ours.refresh, empty.refresh)
	if err != nil {
		return nil, err
	}
	waiting := n * latency.Seconds() / parallelism
	return []figure{{
		"duration ÷ (400 × 20 ms ÷ 10 + duration with the empty provider)",
		duration / (waiting + emptyDuration), ratio, limit{"≤", 1.25},
		fmt.Sprintf("medians of %d: %.2f s, with the empty provider %.2f s", runs, duration, emptyDuration),
	}}, nil
}

// planOne compares the start of the provider with the start of the empty provider.
func (b *bench) planOne(ctx context.Context) ([]figure, error) {
	const durationRuns, peakRuns = 30, 5
	ours, err := b.plannedConfigs(ctx, emulator.Options{}, 1, 1)
	if err != nil {
		return nil, err
	}
	empty, err := b.emptyResources(ctx, 1)
	if err != nil {
		return nil, err
	}
	duration, emptyDuration, err := medians(ctx, durationRuns, ours.plan, empty.plan)
	if err != nil {
		return nil, err
	}
	figures := []figure{{
		"duration ÷ duration with the empty provider", duration / emptyDuration, ratio, limit{"≤", 1.10},
		fmt.Sprintf("medians of %d: %.3f s ÷ %.3f s", durationRuns, duration, emptyDuration),
	}}
	peak, emptyPeak, err := medians(ctx, peakRuns, ours.peakMemory, empty.peakMemory)
	if err != nil {
		return figures, err
	}
	return append(figures, figure{
		"peak memory ÷ peak memory of the empty provider", peak / emptyPeak, ratio, limit{"≤", 1.6},
		fmt.Sprintf("medians of %d: %.1f MiB ÷ %.1f MiB", peakRuns, peak, emptyPeak),
	}), nil
}

func (b *bench) growth(ctx context.Context) ([]figure, error) {
	const runs = 3
	small, err := b.createdConfigs(ctx, 200, 1)
	if err != nil {
		return nil, err
	}
	var largest *configWorkspace
	var ratios []float64
	var details []string
	for _, n := range []int{500, 1000, 2000} {
		ours, empty, err := b.createdPair(ctx, n)
		if err != nil {
			return nil, err
		}
		duration, emptyDuration, err := medians(ctx, runs, ours.refresh, empty.refresh)
		if err != nil {
			return nil, err
		}
		ratios = append(ratios, duration/emptyDuration)
		details = append(details, fmt.Sprintf("%d: %.2f s ÷ %.2f s", n, duration, emptyDuration))
		largest = ours
	}
	figures := []figure{{
		"maximum growth of (duration ÷ duration with the empty provider) per doubling",
		maxGrowth(ratios), ratio, limit{"≤", 1.1},
		fmt.Sprintf("medians of %d: %s", runs, strings.Join(details, ", ")),
	}}
	peak, smallPeak, err := medians(ctx, runs, largest.peakMemory, small.peakMemory)
	if err != nil {
		return figures, err
	}
	return append(figures, figure{
		"peak memory with 2,000 configs ÷ peak memory with 200 configs", peak / smallPeak, ratio, limit{"≤", 1.5},
		fmt.Sprintf("medians of %d: %.1f MiB ÷ %.1f MiB", runs, peak, smallPeak),
	}), nil
}

func (b *bench) regionMemory(ctx context.Context) ([]figure, error) {
	const functions, qualifiers = 5000, 4
	w, err := b.plannedConfigs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	for f := range functions {
		for q := range qualifiers {
			qualifier := ""
			if q > 0 {
				qualifier = fmt.Sprintf("a%d", q)
			}
			err := w.api.PutConfig(region, fmt.Sprintf("f%d", f), qualifier, emulator.Config{
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
	peak, err := w.peakMemory(ctx)
	if err != nil {
		return nil, err
	}
	details := fmt.Sprintf("%d calls", len(w.api.Requests()))
	return []figure{{"peak memory of the provider", peak, mebibytes, limit{"≤", 200}, details}}, nil
}

func (b *bench) binarySize(ctx context.Context) ([]figure, error) {
	path := filepath.Join(b.dir, "linux-amd64")
	if err := build(ctx, path, module, "GOOS=linux", "GOARCH=amd64"); err != nil {
		return nil, err
	}
	file, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	size := float64(file.Size())
	return []figure{{"size", size / (1 << 20), mebibytes, limit{"≤", 28}, fmt.Sprintf("%.0f bytes", size)}}, nil
}
