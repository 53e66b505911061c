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

// interleaved runs two measurements in turns, so that whatever else the
// machine does strikes both, and returns their medians.
func interleaved(ctx context.Context, runs int, a, b func(context.Context) (float64, error)) (ofA, ofB float64, err error) {
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

// pair returns n configs, each on a function of its own, and as many
// resources of the empty provider, all of which are there.
func (b *bench) pair(ctx context.Context, n int) (*configs, *workspace, error) {
	ours, empty, err := b.unplannedPair(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	// Both at once: a CLI that creates writes all of its state after each
	// resource, and takes more than a minute for 2,000.
	var applies errgroup.Group
	applies.Go(func() error { return ours.tf.Apply(ctx) })
	applies.Go(func() error { return empty.tf.Apply(ctx) })
	return ours, empty, applies.Wait()
}

// unplannedPair is a pair of n resources, none of which is there yet.
func (b *bench) unplannedPair(ctx context.Context, n int) (*configs, *workspace, error) {
	ours, err := b.configs(ctx, emulator.Options{}, n, 1)
	if err != nil {
		return nil, nil, err
	}
	empty, err := b.emptyThings(ctx, n)
	return ours, empty, err
}

func (b *bench) latency(ctx context.Context) ([]figure, error) {
	const (
		n           = 400
		latency     = 20 * time.Millisecond
		parallelism = 10 // the CLIs' default
		runs        = 5
	)
	ours, empty, err := b.pair(ctx, n)
	if err != nil {
		return nil, err
	}
	ours.api.latency.Store(int64(latency))
	wall, least, err := interleaved(ctx, runs, ours.refresh, empty.refresh)
	if err != nil {
		return nil, err
	}
	waiting := n * latency.Seconds() / parallelism
	return []figure{{
		"wall ÷ (400 × 20 ms ÷ 10 + empty provider's wall)", wall / (waiting + least), ratio, bar{"≤", 1.25},
		fmt.Sprintf("medians of %d: wall %.2f s, empty provider's %.2f s; 400 × 20 ms ÷ 10 = %.2f s", runs, wall, least, waiting),
	}}, nil
}

func (b *bench) planWall(ctx context.Context) ([]figure, error) {
	const runs = 30
	ours, empty, err := b.unplannedPair(ctx, 1)
	if err != nil {
		return nil, err
	}
	wall, least, err := interleaved(ctx, runs, ours.plan, empty.plan)
	if err != nil {
		return nil, err
	}
	return []figure{{
		"wall ÷ empty provider's", wall / least, ratio, bar{"≤", 1.10},
		fmt.Sprintf("medians of %d: wall %.3f s, empty provider's %.3f s", runs, wall, least),
	}}, nil
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
	return []figure{{
		"size", float64(file.Size()) / (1 << 20), mebibytes, bar{"≤", 28},
		fmt.Sprintf("%d bytes", file.Size()),
	}}, nil
}

func (b *bench) planMemory(ctx context.Context) ([]figure, error) {
	const runs = 5
	ours, empty, err := b.unplannedPair(ctx, 1)
	if err != nil {
		return nil, err
	}
	peak, least, err := interleaved(ctx, runs, ours.peak, empty.peak)
	if err != nil {
		return nil, err
	}
	return []figure{{
		"peak ÷ empty provider's", peak / least, ratio, bar{"≤", 1.6},
		fmt.Sprintf("medians of %d: %.1f MiB, empty provider's %.1f MiB", runs, peak, least),
	}}, nil
}

func (b *bench) growth(ctx context.Context) ([]figure, error) {
	const runs = 3
	few, err := b.created(ctx, 200, 1)
	if err != nil {
		return nil, err
	}
	var most *configs
	var ratios []float64
	var raw []string
	for _, n := range []int{250, 500, 1000, 2000} {
		ours, empty, err := b.pair(ctx, n)
		if err != nil {
			return nil, err
		}
		wall, least, err := interleaved(ctx, runs, ours.refresh, empty.refresh)
		if err != nil {
			return nil, err
		}
		ratios = append(ratios, wall/least)
		raw = append(raw, fmt.Sprintf("%.3f at %d (%.2f s ÷ %.2f s)", wall/least, n, wall, least))
		most = ours
	}
	figures := []figure{{
		"greatest rise of wall ÷ empty provider's from one to the next", steepest(ratios), ratio, bar{"≤", 1.1},
		fmt.Sprintf("medians of %d: %s", runs, strings.Join(raw, ", ")),
	}}
	peak, least, err := interleaved(ctx, runs, most.peak, few.peak)
	if err != nil {
		return figures, err
	}
	return append(figures, figure{
		"provider's peak memory at 2,000 ÷ at 200", peak / least, ratio, bar{"≤", 1.5},
		fmt.Sprintf("medians of %d: %.1f MiB, at 200 %.1f MiB", runs, peak, least),
	}), nil
}

func (b *bench) regionMemory(ctx context.Context) ([]figure, error) {
	const functions, qualifiers = 5000, 4
	c, err := b.configs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	for f := range functions {
		for q := range qualifiers {
			qualifier := ""
			if q > 0 {
				qualifier = fmt.Sprintf("a%d", q)
			}
			err := c.api.PutConfig(region, fmt.Sprintf("f%d", f), qualifier, emulator.Config{
				MaximumRetryAttempts: new(q % 3), OnFailure: "arn:aws:sqs:us-east-1:123456789012:failed",
			})
			if err != nil {
				return nil, err
			}
		}
	}
	if err := c.write(c.provider() + "\ndata \"awslambda_function_event_invoke_configs\" \"all\" {}\n"); err != nil {
		return nil, err
	}
	peak, err := c.peak(ctx)
	if err != nil {
		return nil, err
	}
	return []figure{{"provider's peak memory", peak, mebibytes, bar{"≤", 200}, fmt.Sprintf("%d calls", len(c.api.Requests()))}}, nil
}
