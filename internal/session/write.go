// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Create creates the configuration of t for the object with the given token,
// and returns the configuration that Lambda then has.
//
//   - If no configuration exists, Create writes want.
//   - If the existing configuration equals want, Create adopts it without a write.
//   - If it differs, Create overwrites it if overwrite is true, or if this session
//     has planned to remove the object that has it in state. Otherwise the error
//     is an [*ExistsError].
//   - If another object of this session owns and keeps it, the error is an
//     [*OwnedError].
//
// With a [*NotAppliedError], Create also returns the configuration that Lambda
// has. With an [*OutcomeError], it does so if that configuration equals want.
func (s *Session) Create(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, overwrite bool, token Token,
) (config lambdaapi.Config, adopted bool, err error) {
	err = s.write(ctx, "PutFunctionEventInvokeConfig", t, func(ctx context.Context, applying time.Time) error {
		now := time.Now()
		existing, err := s.find(ctx, t, findOptions{notBefore: applying, existedAt: now, requiredNotFound: 1})
		if err == nil && s.hasDeleted(t) {
			existing, err = s.api.Get(ctx, t) // the first response may be older than the deletion
		}
		if err != nil && !errors.Is(err, lambdaapi.ErrNoConfig) && !lambdaapi.IsNotFoundResponse(err) {
			return err
		}
		if err == nil {
			ownership := s.Objects.ownershipOf(t, existing)
			if ownership == owned {
				return &OwnedError{FunctionARN: existing.FunctionARN}
			}
			if existing.Settings == want {
				config, adopted = existing, true
				s.own(t, config, token)
				return nil
			}
			if !overwrite && ownership != removed {
				return &ExistsError{Existing: existing}
			}
		}
		config, err = s.put(ctx, t, want)
		s.own(t, config, token)
		return err
	}, func(current lambdaapi.Config) string {
		if current.Settings != want {
			return "A read found a configuration that differs from the planned one. State does not record it."
		}
		config = current
		s.own(t, config, token)
		return "A read found the configuration as planned, and state records it. Terraform marks the resource as " +
			"tainted, and the next apply replaces it. To keep the configuration, run terraform untaint before."
	})
	return config, adopted, err
}

// Update sends the given members of want for the object with the given token,
// and returns the configuration that Lambda then has. Lambda keeps the other
// members, which may have changed since want was planned. An update of one
// destination sends both, so Update first reads the other one.
//
// Without members, Update only ensures that the configuration exists: it sends
// want if it does not.
//
// Update calls Put once in these cases:
//
//   - The response and a read after it have other values than were sent: the given
//     members, and the other members as read.
//   - Lambda has no configuration: want.
//   - The API lacks Update: the given members, and the other members as read.
//
// If the values differ after that, the error is a [*NotAppliedError]. If two reads
// contradict each other, it is a [*ContradictionError]. With an error, Update also
// returns the configuration that Lambda has; its FunctionARN is empty if that is
// unknown.
func (s *Session) Update(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member, token Token,
) (config lambdaapi.Config, err error) {
	err = s.write(ctx, "UpdateFunctionEventInvokeConfig", t, func(ctx context.Context, _ time.Time) error {
		config, err = s.update(ctx, t, want, members)
		s.own(t, config, token)
		return err
	}, func(current lambdaapi.Config) string {
		config = current
		s.own(t, config, token)
		return "State records the configuration that a read has found."
	})
	return config, err
}

// own records that the object with the given token owns the configuration of t.
// It does nothing if config, the configuration that Lambda has, is unknown.
func (s *Session) own(t lambdaapi.Target, config lambdaapi.Config, token Token) {
	if config.FunctionARN == "" {
		return
	}
	s.Objects.own(t, config.FunctionARN, token)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.deleted, configurationOf(t))
}

// hasDeleted reports whether this session deleted the configuration of t, and
// has not created it since.
func (s *Session) hasDeleted(t lambdaapi.Target) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.deleted[configurationOf(t)]
}

// recordDeletion records that the configuration of t, which object had, was deleted.
func (s *Session) recordDeletion(t lambdaapi.Target, object Object) {
	s.Objects.deleted(object)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deleted == nil {
		s.deleted = map[configuration]bool{}
	}
	s.deleted[configurationOf(t)] = true
}

// update is [Session.Update] under the function's lock.
func (s *Session) update(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member,
) (lambdaapi.Config, error) {
	if len(members) == 0 {
		return s.ensure(ctx, t, want)
	}
	var readErr error
	send, sent := want, members
	if other := otherDestination(members); other != nil {
		send, readErr = s.readMembers(ctx, t, want, other)
		if readErr != nil && !lambdaapi.IsNotFoundResponse(readErr) && !lambdaapi.IsAccessDenied(readErr) {
			return lambdaapi.Config{}, readErr
		}
		sent = slices.Concat(members, other)
	}
	config, err := s.api.Update(ctx, t, send, members)
	switch {
	case err == nil:
		s.wrote(t)
		if config.Settings == config.With(send, sent) {
			return config, nil
		}
		return s.updateAgain(ctx, t, config, send, sent)
	case !lambdaapi.IsNotFoundResponse(err) && !lambdaapi.IsUnsupported(err):
		return lambdaapi.Config{}, err
	}
	// Some implementations without Update respond "not found".
	if readErr == nil {
		send, readErr = s.readMembers(ctx, t, want, lambdaapi.OtherMembers(members))
	}
	if readErr != nil && !lambdaapi.IsNotFoundResponse(readErr) &&
		!(lambdaapi.IsNotFoundResponse(err) && lambdaapi.IsAccessDenied(readErr)) {
		return lambdaapi.Config{}, readErr
	}
	return s.put(ctx, t, send)
}

// readMembers returns want with the values that Lambda has in the given members.
// The caller writes them again, and a response may be older than the last write. If
// the values are not as planned, a second read must therefore return the same
// values. With an error, readMembers returns want.
func (s *Session) readMembers(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member,
) (lambdaapi.Settings, error) {
	seen := []lambdaapi.Settings{want}
	for range 2 {
		current, err := s.api.Get(ctx, t)
		if err != nil {
			return want, err
		}
		value := want.With(current.Settings, members)
		if slices.Contains(seen, value) {
			return value, nil
		}
		seen = append(seen, value)
	}
	return want, contradiction(t, seen[1], seen[2])
}

// updateAgain continues an update of t after a response, first, with other values
// than were sent. A read may show that the response was older than the update. If
// a read agrees with the response, or two reads agree, updateAgain sends one Put of
// the sent members, and of the other members as read.
func (s *Session) updateAgain(
	ctx context.Context, t lambdaapi.Target, first lambdaapi.Config, send lambdaapi.Settings, sent []lambdaapi.Member,
) (lambdaapi.Config, error) {
	seen := []lambdaapi.Settings{first.Settings}
	for range 2 {
		current, err := s.api.Get(ctx, t)
		switch {
		case err != nil:
			return first, errors.Join(notApplied("UpdateFunctionEventInvokeConfig", t, first.With(send, sent), first), err)
		case current.Settings == current.With(send, sent):
			return current, nil
		case slices.Contains(seen, current.Settings):
			config, err := s.put(ctx, t, current.With(send, sent))
			if config.FunctionARN == "" {
				config = current
			}
			return config, err
		}
		first, seen = current, append(seen, current.Settings)
	}
	return first, contradiction(t, seen[1], seen[2])
}

// ensure sends want if no configuration exists.
func (s *Session) ensure(ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings) (lambdaapi.Config, error) {
	existing, err := s.api.Get(ctx, t)
	if lambdaapi.IsNotFoundResponse(err) {
		return s.put(ctx, t, want)
	}
	return existing, err
}

// put sends one Put. If the response has other values, put reads the configuration,
// since the response may be older than the Put. If the values still differ, the
// error is a [*NotAppliedError].
func (s *Session) put(ctx context.Context, t lambdaapi.Target, send lambdaapi.Settings) (lambdaapi.Config, error) {
	config, err := s.api.Put(ctx, t, send)
	if err != nil || config.Settings == send {
		return config, err
	}
	if current, err := s.api.Get(ctx, t); err == nil {
		config = current
	}
	return config, notApplied("PutFunctionEventInvokeConfig", t, send, config)
}

// otherDestination returns the destination that is not in members, if members has
// the other one.
func otherDestination(members []lambdaapi.Member) []lambdaapi.Member {
	onSuccess := slices.Contains(members, lambdaapi.OnSuccess)
	onFailure := slices.Contains(members, lambdaapi.OnFailure)
	switch {
	case onSuccess && !onFailure:
		return []lambdaapi.Member{lambdaapi.OnFailure}
	case onFailure && !onSuccess:
		return []lambdaapi.Member{lambdaapi.OnSuccess}
	}
	return nil
}

// Delete removes the configuration of t for object. It succeeds if no
// configuration exists, and makes no call if another object owns it. Unless Lambda
// confirms the deletion, Delete reads the configuration. If it still exists, Delete
// sends the call once more.
func (s *Session) Delete(ctx context.Context, t lambdaapi.Target, object Object) error {
	err := s.delete(ctx, t, object)
	var outcome *OutcomeError
	if errors.As(err, &outcome) && outcome.ReadErr == nil && !outcome.hasEnded() {
		err = s.delete(ctx, t, object)
	}
	if errors.As(err, &outcome) &&
		(lambdaapi.IsNotFoundResponse(outcome.ReadErr) ||
			lambdaapi.IsNotFoundResponse(err) && lambdaapi.IsAccessDenied(outcome.ReadErr)) {
		s.recordDeletion(t, object)
		return nil
	}
	return err
}

// delete sends one call for [Session.Delete].
func (s *Session) delete(ctx context.Context, t lambdaapi.Target, object Object) error {
	return s.write(ctx, deleteOperation, t, func(ctx context.Context, _ time.Time) error {
		if !s.Objects.mayDelete(object) {
			return nil
		}
		err := s.api.Delete(ctx, t)
		if err == nil {
			s.recordDeletion(t, object)
		}
		return err
	}, func(lambdaapi.Config) string {
		return "A read found that the configuration still exists. State keeps it."
	})
}

const deleteOperation = "DeleteFunctionEventInvokeConfig"

// outcomeTimeout is the timeout of the read after a write with an unknown outcome.
// It is reserved from the timeout of the write.
const outcomeTimeout = 10 * time.Second

// write calls do with the lock of t's function. It calls do again while a
// destination or permission propagates, and releases the lock between the attempts.
// The argument of do is the start of the current sequence of writes: older reads
// belong to a refresh.
//
// If the outcome of do is unknown, write reads the configuration, even if ctx was
// canceled, and returns an [*OutcomeError]. If the configuration exists, found
// returns the text of Outcome.
func (s *Session) write(
	ctx context.Context, operation string, t lambdaapi.Target,
	do func(ctx context.Context, applying time.Time) error, found func(lambdaapi.Config) string,
) error {
	deadline, hasDeadline := ctx.Deadline()
	writing, cancel := ctx, func() {}
	if hasDeadline {
		writing, cancel = context.WithDeadline(ctx, deadline.Add(-min(outcomeTimeout, time.Until(deadline)/4)))
	}
	defer cancel()
	err := s.writeWithRetries(writing, operation, t, do)
	if !lambdaapi.IsOutcomeUnknown(err) && !(operation == deleteOperation && lambdaapi.IsNotFoundResponse(err)) {
		return err
	}
	end := time.Now().Add(outcomeTimeout)
	if hasDeadline && deadline.Before(end) {
		end = deadline
	}
	reading, cancelRead := context.WithDeadline(context.WithoutCancel(ctx), end)
	defer cancelRead()
	outcome := &OutcomeError{Err: err}
	var current lambdaapi.Config
	switch current, outcome.ReadErr = s.api.Get(reading, t); {
	case outcome.ReadErr == nil:
		outcome.Outcome = found(current)
	case lambdaapi.IsNotFoundResponse(outcome.ReadErr):
		outcome.Outcome = "A read found no configuration."
	default:
		outcome.Outcome = "Whether Lambda carried out the call is unknown, because a read after it failed as well."
	}
	return outcome
}

// writeWithRetries is [Session.write] without the read.
func (s *Session) writeWithRetries(
	ctx context.Context, operation string, t lambdaapi.Target, do func(context.Context, time.Time) error,
) error {
	const firstDelay, maxDelay = 500 * time.Millisecond, 5 * time.Second
	var since time.Time
	var last error
	for delay := firstDelay; ; delay = min(2*delay, maxDelay) {
		err := s.writeOnce(ctx, operation, t, do)
		if last != nil && (errors.Is(err, lambdaapi.ErrQueued) || errors.Is(err, lambdaapi.ErrNotStarted)) {
			return withEnd(last, ctx.Err())
		}
		if !lambdaapi.IsPropagationError(err) {
			return err
		}
		if last = err; since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) >= lambdaapi.PropagationTime {
			return err
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return withEnd(last, ctx.Err())
		}
	}
}

func (s *Session) writeOnce(
	ctx context.Context, operation string, t lambdaapi.Target, do func(context.Context, time.Time) error,
) error {
	unlock, err := s.locks.lock(ctx, operation, t)
	if err != nil {
		return err
	}
	defer unlock()
	err = do(ctx, s.phases.apply())
	if !lambdaapi.IsPropagationError(err) {
		s.wrote(t)
	}
	return err
}

// wrote records that a call may have changed the configuration of t.
func (s *Session) wrote(t lambdaapi.Target) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writes == nil {
		s.writes = map[configuration]time.Time{}
	}
	s.writes[configurationOf(t)] = time.Now()
}

// withEnd returns the error of a call, last, with the error of the context that
// ended its retries.
func withEnd(last, cause error) error {
	call, ok := errors.AsType[*lambdaapi.CallError](last)
	if !ok {
		return last
	}
	ended := *call
	ended.Ended = cause
	return &ended
}
