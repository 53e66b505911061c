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

// quota is Lambda's quota, in requests per second, and the burst.
const quota = 15

var throttling = emulator.Options{RequestsPerSecond: quota, Burst: quota}

// throttled measures a create at the quota.
func (b *bench) throttled(ctx context.Context, parallelism int, duration, share limit) ([]figure, error) {
	w, err := b.plannedConfigs(ctx, throttling, functions, qualifiers)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	failed, err := w.create(ctx, parallelism)
	if err != nil {
		return nil, err
	}
	seconds := time.Since(start).Seconds()
	succeeded, throttled := len(w.api.succeeded(false)), w.api.throttled()
	details := fmt.Sprintf("%.1f s, %d calls, %d more throttled", seconds, succeeded, throttled)
	return []figure{
		{"duration ÷ (calls ÷ 15/s)", seconds * quota / float64(succeeded), ratio, duration, details},
		{"throttled calls", 100 * float64(throttled) / float64(succeeded+throttled), percent, share, details},
		{"failures", float64(failed), configs, limit{"=", 0}, details},
	}, nil
}

// create applies, and returns the number of configurations that could not be created.
func (w *configWorkspace) create(ctx context.Context, parallelism int) (failed int, err error) {
	err = w.tf.Apply(ctx, tfexec.Parallelism(parallelism))
	failed = w.functions*w.qualifiers - len(w.api.Configs())
	if err == nil {
		return failed, nil
	}
	if ctx.Err() != nil || len(w.api.succeeded(false)) == 0 {
		return 0, err
	}
	fmt.Fprintln(os.Stderr, err)
	return max(1, failed), nil
}

// The other client starts after startAfter calls and makes calls for callDuration. The
// provider must be at full speed for measureDuration, beginning recoveryTime later.
const (
	startAfter      = 150
	callDuration    = 15 * time.Second
	recoveryTime    = 10 * time.Second
	measureDuration = 8 * time.Second
)

// shared measures how the provider shares the quota with another client.
func (b *bench) shared(ctx context.Context) ([]figure, error) {
	w, err := b.plannedConfigs(ctx, throttling, 200, qualifiers)
	if err != nil {
		return nil, err
	}
	otherCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	var start, end time.Time
	result := make(chan error, 1)
	go func() {
		var err error
		start, end, err = w.api.runOtherClient(otherCtx)
		result <- err
	}()
	failed, err := w.create(ctx, 10)
	cancel()
	if err := errors.Join(err, <-result); err != nil {
		return nil, err
	}

	times := w.api.succeeded(false)
	from := end.Add(recoveryTime)
	to := from.Add(measureDuration)
	if times[len(times)-1].Before(to) {
		return nil, errors.New("the run ended before the end of the measurement")
	}
	seconds := end.Sub(start).Seconds()
	details := fmt.Sprintf("%d calls in %.0f s; before, the provider made %.1f/s and the other client %.1f/s of %.1f/s; "+
		"%d calls in all, %d more throttled", between(times, from, to), measureDuration.Seconds(),
		float64(between(times, start, end))/seconds, float64(len(w.api.succeeded(true)))/seconds, quota/2.0,
		len(times), w.api.throttled())
	rate := float64(between(times, from, to)) / measureDuration.Seconds()
	return []figure{
		{"call rate from 10 s after it stops ÷ 15/s", rate / quota, ratio, limit{"≥", 0.95}, details},
		{"failures", float64(failed), configs, limit{"=", 0}, details},
	}, nil
}

// runOtherClient waits for startAfter calls of the provider and then makes calls as the
// other client. It returns early if ctx is canceled.
func (l *lambda) runOtherClient(ctx context.Context) (start, end time.Time, err error) {
	for len(l.succeeded(false)) < startAfter && ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
	}
	callCtx, cancel := context.WithTimeout(ctx, callDuration)
	defer cancel()
	start = time.Now()
	err = l.callAsOther(callCtx, "f0", quota/2.0)
	return start, time.Now(), err
}

// between returns the number of times in [from, to).
func between(times []time.Time, from, to time.Time) int {
	n := 0
	for _, t := range times {
		if !t.Before(from) && t.Before(to) {
			n++
		}
	}
	return n
}
