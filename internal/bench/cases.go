// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// benchCase is one case of the bench. Its figures are what it could measure,
// also where it returns an error.
type benchCase struct {
	name    string
	measure func(*bench, context.Context) ([]figure, error)
}

// Those that count calls have this many functions, with four qualifiers each.
const (
	functions  = 100
	qualifiers = 4
)

var cases = []benchCase{
	{"Refresh 400 configs on 100 functions", (*bench).refreshCalls},
	{"Create 400 configs on 100 functions", (*bench).createCalls},
	{"Plan 400 configs, nothing changed", (*bench).planCalls},
	{"Update one member of each of 400 configs", (*bench).updateCalls},
	{"Create 400 configs at 15 requests/s, parallelism 10", func(b *bench, ctx context.Context) ([]figure, error) {
		return b.throttled(ctx, 10, bar{"≤", 1.05}, bar{"≤", 3})
	}},
	{"Create 400 configs at 15 requests/s, parallelism 50", func(b *bench, ctx context.Context) ([]figure, error) {
		return b.throttled(ctx, 50, bar{"≤", 1.10}, bar{"≤", 5})
	}},
	{"Another client takes half of 15 requests/s for 15 s", (*bench).disturbed},
	{"Refresh 400 configs on 400 functions, latency 20 ms", (*bench).latency},
	{"Plan one config, cold", (*bench).planWall},
	{"Provider binary, linux/amd64", (*bench).binarySize},
	{"Memory, plan of one config", (*bench).planMemory},
	{"Refresh more and more configs", (*bench).growth},
	{"Data source of a region with 5,000 functions and 20,000 configs", (*bench).regionMemory},
}

func (b *bench) refreshCalls(ctx context.Context) ([]figure, error) {
	c, err := b.created(ctx, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return c.counted("API calls", 100, func() error {
		_, err := c.refresh(ctx)
		return err
	})
}

func (b *bench) createCalls(ctx context.Context) ([]figure, error) {
	c, err := b.configs(ctx, emulator.Options{}, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return c.counted("API calls", 500, func() error { return c.tf.Apply(ctx) })
}

func (b *bench) planCalls(ctx context.Context) ([]figure, error) {
	c, err := b.created(ctx, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	return c.counted("API calls", 100, func() error {
		changes, err := c.tf.Plan(ctx)
		if err == nil && changes {
			err = errors.New("the plan has changes")
		}
		return err
	})
}

func (b *bench) updateCalls(ctx context.Context) ([]figure, error) {
	c, err := b.created(ctx, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	const saved = "saved.tfplan"
	if err := c.write(c.configuration(0)); err != nil {
		return nil, err
	}
	if _, err := c.tf.Plan(ctx, tfexec.Out(saved)); err != nil {
		return nil, err
	}
	figures, err := c.counted("API calls of the saved plan", 400, func() error { return c.tf.Apply(ctx, tfexec.DirOrPlan(saved)) })
	if err != nil {
		return nil, err
	}
	if err := c.write(c.configuration(2)); err != nil {
		return figures, err
	}
	plain, err := c.counted("API calls of a plain apply", 500, func() error { return c.tf.Apply(ctx) })
	return append(figures, plain...), err
}

// counted returns the figure of how many requests do leads to.
func (c *configs) counted(what string, must float64, do func() error) ([]figure, error) {
	c.api.ClearRequests()
	if err := do(); err != nil {
		return nil, err
	}
	requests := c.api.Requests()
	byOperation := map[string]int{}
	for _, r := range requests {
		byOperation[r.Operation]++
	}
	return []figure{{what, float64(len(requests)), calls, bar{"=", must}, list(byOperation)}}, nil
}

// list returns counts by name, in the order of the names.
func list(counts map[string]int) string {
	var items []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		items = append(items, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(items, ", ")
}
