// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	{"Refresh 400 configs on 400 functions, latency 20 ms", (*bench).latency},
	{"Plan one config", (*bench).planOne},
	{"Refresh 500 to 2,000 configs", (*bench).growth},
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
func (w *configWorkspace) countCalls(name string, want float64, run func() error) ([]figure, error) {
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
