// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-exec/tfexec"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// quota is Lambda's own, in requests per second. So many may come at once, too.
const quota = 15

var throttling = emulator.Options{RequestsPerSecond: quota, Burst: quota}

// throttled measures creating under the quota.
func (b *bench) throttled(ctx context.Context, parallelism int, wall, share bar) ([]figure, error) {
	c, err := b.configs(ctx, throttling, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	failed, err := c.create(ctx, parallelism)
	if err != nil {
		return nil, err
	}
	took := time.Since(began).Seconds()
	granted, refused := len(c.api.granted(false)), c.api.refused(false)
	raw := fmt.Sprintf("wall %.1f s, %d calls, %d more refused", took, granted, refused)
	return []figure{
		{"wall ÷ (calls ÷ 15/s)", took * quota / float64(granted), ratio, wall, raw},
		{"refused calls", 100 * float64(refused) / float64(granted+refused), percent, share, raw},
		{"failures", float64(failed), failures, bar{"=", 0}, raw},
	}, nil
}

// create applies, and returns how many configs that failed for.
func (c *configs) create(ctx context.Context, parallelism int) (failed int, err error) {
	err = c.tf.Apply(ctx, tfexec.Parallelism(parallelism))
	failed = c.functions*c.qualifiers - len(c.api.Configs())
	if err == nil {
		return failed, nil
	}
	if ctx.Err() != nil || len(c.api.granted(false)) == 0 {
		return 0, err
	}
	fmt.Fprintln(os.Stderr, err)
	return max(1, failed), nil
}

// When the other client comes and goes, and when the provider must have
// noticed that it has gone.
const (
	comesAfter = 150 // granted calls
	staysFor   = 15 * time.Second
	noticed    = 10 * time.Second
	measured   = 8 * time.Second
)

// disturbed measures how the provider gives way to another client, and comes
// back when that has gone.
func (b *bench) disturbed(ctx context.Context) ([]figure, error) {
	c, err := b.configs(ctx, throttling, 200, qualifiers)
	if err != nil {
		return nil, err
	}
	visit, end := context.WithCancel(ctx)
	defer end()
	var came, left time.Time
	gone := make(chan error, 1)
	go func() {
		var err error
		came, left, err = c.api.visit(visit)
		gone <- err
	}()
	failed, err := c.create(ctx, 10)
	end()
	if err := errors.Join(err, <-gone); err != nil {
		return nil, err
	}

	ours := c.api.granted(false)
	from := left.Add(noticed)
	to := from.Add(measured)
	if ours[len(ours)-1].Before(to) {
		return nil, errors.New("the run was over before the provider could be seen to be back to full speed")
	}
	visited := left.Sub(came).Seconds()
	raw := fmt.Sprintf("%d calls in the %.0f s that began %.0f s after it had left; while it was there, %.1f/s, and the other client %.1f/s of its %.1f/s; %d calls in all, %d more refused",
		between(ours, from, to), measured.Seconds(), noticed.Seconds(),
		float64(between(ours, came, left))/visited, float64(len(c.api.granted(true)))/visited, quota/2.0,
		len(ours), c.api.refused(false))
	return []figure{
		{"speed 10 s later ÷ 15/s", float64(between(ours, from, to)) / measured.Seconds() / quota, ratio, bar{"≥", 0.95}, raw},
		{"failures", float64(failed), failures, bar{"=", 0}, raw},
	}, nil
}

// visit is the other client's stay. It ends early with ctx.
func (l *lambda) visit(ctx context.Context) (came, left time.Time, err error) {
	for len(l.granted(false)) < comesAfter && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
	stay, end := context.WithTimeout(ctx, staysFor)
	defer end()
	came = time.Now()
	err = l.disturb(stay, "f0", quota/2.0)
	return came, time.Now(), err
}

// between returns how many of times are in [from, to).
func between(times []time.Time, from, to time.Time) int {
	n := 0
	for _, t := range times {
		if !t.Before(from) && t.Before(to) {
			n++
		}
	}
	return n
}
