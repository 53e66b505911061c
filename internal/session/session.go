// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package session holds the state that the resources, data sources and list
// resources of one configured provider share: a read cache, a write lock for
// each function, and the owner of each configuration.
//
// A session makes no assumption about the order of Terraform's calls or about
// the lifetime of a configured provider. Terraform may plan, apply, refresh and
// destroy any number of times with one session, also concurrently.
package session

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// Session reads and writes event invoke configurations. All methods may be
// called concurrently. Every error of a call is a [*lambdaapi.CallError].
type Session struct {
	// Objects records which object in Terraform's state owns which
	// configuration.
	Objects Objects

	// RegionProblem says why a configuration may not name a region, in whole
	// sentences. It returns the empty string if a configuration may name it. If
	// nil, a configuration may name any region. State may always do.
	RegionProblem func(region string) string

	client *lambdaapi.Client // for lists of any length
	api    lambdaapi.API     // client behind a read cache
	phases phases
	locks  locks

	mu     sync.Mutex
	writes map[configuration]time.Time // when the last write ended
}

// New returns a session that calls Lambda with client. It makes no call. The
// client is nil if the provider's configuration is not wholly known; only
// Objects, Connected and Region may then be used.
func New(client *lambdaapi.Client) *Session {
	return &Session{client: client, api: &cache{API: client}}
}

// Connected reports whether the session has a client.
func (s *Session) Connected() bool { return s.client != nil }

// Region returns the provider's region, empty for none. It is not known
// without a client.
func (s *Session) Region() (region string, known bool) {
	if s.client == nil {
		return "", false
	}
	return s.client.Region(), true
}

// maxAbsenceAge is how long Create trusts a cached List that does not name a
// configuration.
const maxAbsenceAge = 30 * time.Second

// Read returns the configuration of t for a refresh. One List serves all
// configurations of a function until the refresh ends. The error is
// [lambdaapi.ErrNotFound] after two "not found" responses, and
// [lambdaapi.ErrNoFunction] if List does not know the function either.
func (s *Session) Read(ctx context.Context, t lambdaapi.Target) (lambdaapi.Config, error) {
	notBefore, done := s.phases.refresh(configurationOf(t))
	defer done()
	return s.find(ctx, t, findOptions{notBefore: notBefore, notFounds: 2})
}

// ReadNow is [Session.Read] for a data source: it reports what Lambda responds
// now. Concurrent calls may share a List that starts after they do.
func (s *Session) ReadNow(ctx context.Context, t lambdaapi.Target) (lambdaapi.Config, error) {
	return s.find(ctx, t, findOptions{notBefore: time.Now(), notFounds: 2})
}

// ReadAll returns the configurations of all qualifiers of t's function, in the
// order of their ARNs, as Lambda responds now. The error is
// [lambdaapi.ErrNoFunction] if the function does not exist.
func (s *Session) ReadAll(ctx context.Context, t lambdaapi.Target) ([]lambdaapi.Config, error) {
	listing, err := s.api.List(ctx, t, time.Now())
	switch {
	case err == nil && listing.Complete:
		return slices.SortedFunc(maps.Values(listing.Configs), byARN), nil
	case lambdaapi.IsNotFound(err):
		return nil, lambdaapi.ErrNoFunction
	case err != nil && !isUnavailable(err): // which may be about another function
		return nil, err
	}
	var configs []lambdaapi.Config
	for config, err := range s.Configs(ctx, t) {
		if err != nil {
			return nil, err
		}
		configs = append(configs, config)
	}
	slices.SortFunc(configs, byARN)
	return configs, nil
}

// Configs is [lambdaapi.Client.Configs].
func (s *Session) Configs(ctx context.Context, t lambdaapi.Target) iter.Seq2[lambdaapi.Config, error] {
	return s.client.Configs(ctx, t)
}

// Functions is [lambdaapi.Client.Functions].
func (s *Session) Functions(ctx context.Context, region string) iter.Seq2[functionref.Ref, error] {
	return s.client.Functions(ctx, region)
}

// Create creates the configuration of t for the object with the given token,
// and returns the configuration that Lambda then has.
//
//   - If there is none, Create writes want.
//   - If the existing one equals want, Create adopts it without a write.
//   - If the existing one differs, Create overwrites it if overwrite is true, or
//     if this session has planned to remove the object that has it in state.
//     Otherwise the error is an [*ExistsError].
//   - If another object of this session owns it and keeps it, the error is an
//     [*OwnedError].
//
// A [*NotAppliedError] comes with the configuration that Lambda has.
func (s *Session) Create(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, overwrite bool, token Token,
) (config lambdaapi.Config, err error) {
	err = s.write(ctx, "PutFunctionEventInvokeConfig", t, func(applying time.Time) error {
		now := time.Now()
		existing, err := s.find(ctx, t, findOptions{notBefore: applying, presentSince: now, notFounds: 1})
		if err != nil && !errors.Is(err, lambdaapi.ErrNotFound) {
			return err
		}
		if err == nil {
			admitted := s.Objects.admit(t, existing)
			if admitted == owned {
				return &OwnedError{FunctionARN: existing.FunctionARN}
			}
			if existing.Settings == want {
				config = existing
				s.Objects.own(t, config.FunctionARN, token)
				return nil
			}
			if !overwrite && admitted != removed {
				return &ExistsError{Existing: existing}
			}
		}
		if config, err = s.api.Put(ctx, t, want); err != nil {
			return err
		}
		s.Objects.own(t, config.FunctionARN, token)
		return notApplied("PutFunctionEventInvokeConfig", t, want, config)
	})
	return config, err
}

// Update sends the given members of want for the object with the given token,
// and returns the configuration with the settings that are wanted. Lambda keeps
// the other members, which may have changed since want was planned. An update
// of one destination sends both, so Update first reads the other one.
//
// Without members, Update makes sure that the configuration exists: it sends
// want if there is none.
//
// If Lambda responds with other values than were sent, one Put follows, of the
// given members and of the response's other members. If Lambda has no
// configuration, one Put of want follows. If the API has no Update, one Put
// follows, of the given members and of the other members that Get returns. A
// difference after that is a [*NotAppliedError]. A Config that comes with an error is the configuration
// that Lambda has; its FunctionARN is empty if it is not known.
func (s *Session) Update(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member, token Token,
) (config lambdaapi.Config, err error) {
	err = s.write(ctx, "UpdateFunctionEventInvokeConfig", t, func(time.Time) error {
		config, err = s.update(ctx, t, want, members)
		if config.FunctionARN != "" {
			s.Objects.own(t, config.FunctionARN, token)
		}
		return err
	})
	return config, err
}

// update is [Session.Update] under the function's lock.
func (s *Session) update(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member,
) (lambdaapi.Config, error) {
	if len(members) == 0 {
		return s.ensure(ctx, t, want)
	}
	var existing lambdaapi.Config
	var getErr error
	send, other := want, otherSide(members)
	if other != nil {
		existing, getErr = s.api.Get(ctx, t)
		switch {
		case getErr == nil:
			send = want.With(existing.Settings, other)
		case !lambdaapi.IsNotFound(getErr) && !lambdaapi.IsAccessDenied(getErr):
			return lambdaapi.Config{}, getErr
		}
	}
	config, err := s.api.Update(ctx, t, send, members)
	switch {
	case err == nil:
		s.wrote(t)
		send = config.With(send, slices.Concat(members, other))
		if config.Settings == send {
			config.Settings = want
			return config, nil
		}
		after, err := s.put(ctx, t, send, want)
		if after.FunctionARN == "" {
			after = config
		}
		return after, err
	case !lambdaapi.IsNotFound(err) && !lambdaapi.IsUnsupported(err):
		return lambdaapi.Config{}, err
	}
	// Some deployments without Update respond as if there were no configuration.
	if other == nil {
		existing, getErr = s.api.Get(ctx, t)
	}
	switch {
	case getErr == nil:
		send = existing.With(want, members)
	case lambdaapi.IsNotFound(getErr), lambdaapi.IsNotFound(err) && lambdaapi.IsAccessDenied(getErr):
		send = want
	default:
		return lambdaapi.Config{}, getErr
	}
	return s.put(ctx, t, send, want)
}

// ensure sends want if there is no configuration.
func (s *Session) ensure(ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings) (lambdaapi.Config, error) {
	existing, err := s.api.Get(ctx, t)
	switch {
	case lambdaapi.IsNotFound(err):
		return s.put(ctx, t, want, want)
	case err != nil:
		return lambdaapi.Config{}, err
	}
	existing.Settings = want
	return existing, nil
}

// put sends one Put and returns the response with the settings that are wanted,
// or with a [*NotAppliedError].
func (s *Session) put(ctx context.Context, t lambdaapi.Target, send, want lambdaapi.Settings) (lambdaapi.Config, error) {
	config, err := s.api.Put(ctx, t, send)
	if err == nil {
		err = notApplied("PutFunctionEventInvokeConfig", t, send, config)
	}
	if err == nil {
		config.Settings = want
	}
	return config, err
}

// otherSide returns the destination that is not among members, if the other one
// is.
func otherSide(members []lambdaapi.Member) []lambdaapi.Member {
	switch onSuccess, onFailure := slices.Contains(members, lambdaapi.OnSuccess), slices.Contains(members, lambdaapi.OnFailure); {
	case onSuccess && !onFailure:
		return []lambdaapi.Member{lambdaapi.OnFailure}
	case onFailure && !onSuccess:
		return []lambdaapi.Member{lambdaapi.OnSuccess}
	}
	return nil
}

// Delete removes the configuration of t for object, and returns no error if
// there is none. It makes no call if another object owns the configuration.
func (s *Session) Delete(ctx context.Context, t lambdaapi.Target, object Object) error {
	return s.write(ctx, "DeleteFunctionEventInvokeConfig", t, func(time.Time) error {
		if !s.Objects.mayDelete(object) {
			return nil
		}
		if err := s.api.Delete(ctx, t); err != nil && !lambdaapi.IsNotFound(err) {
			return err
		}
		s.Objects.deleted(object)
		return nil
	})
}

// write calls do with the lock of t's function. It calls do again for as long
// as a destination or a permission propagates, and leaves the lock to other
// writes between the attempts. The time that do gets is the start of the
// current sequence of writes: older reads belong to a refresh.
func (s *Session) write(ctx context.Context, operation string, t lambdaapi.Target, do func(applying time.Time) error) error {
	const firstDelay, maxDelay = 500 * time.Millisecond, 5 * time.Second
	var since time.Time
	var last error
	for delay := firstDelay; ; delay = min(2*delay, maxDelay) {
		err := s.writeOnce(ctx, operation, t, do)
		if last != nil && (errors.Is(err, lambdaapi.ErrQueued) || errors.Is(err, lambdaapi.ErrNotStarted)) {
			return ended(last, ctx.Err())
		}
		if !lambdaapi.IsPropagating(err) {
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
			return ended(last, ctx.Err())
		}
	}
}

func (s *Session) writeOnce(ctx context.Context, operation string, t lambdaapi.Target, do func(time.Time) error) error {
	unlock, err := s.locks.lock(ctx, operation, t)
	if err != nil {
		return err
	}
	defer unlock()
	err = do(s.phases.apply())
	if !lambdaapi.IsPropagating(err) {
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

// ended returns the error of a call whose retries ended with its context.
func ended(last, cause error) error {
	call, ok := errors.AsType[*lambdaapi.CallError](last)
	if !ok {
		return last
	}
	withCause := *call
	withCause.Ended = cause
	return &withCause
}

// findOptions limits the cached results that find uses.
type findOptions struct {
	notBefore    time.Time // a List that started earlier does not count
	presentSince time.Time // a List that started earlier only shows that a configuration is absent
	notFounds    int       // "not found" responses required before find reports absence
}

// find returns the configuration of t. It uses List, and Get where List does
// not say enough: because the function has further pages of configurations,
// List is unavailable, or, for some deployments of the API, List does not know
// a function that Get knows. A List older than [maxAbsenceAge] does not count as
// a "not found" response.
func (s *Session) find(ctx context.Context, t lambdaapi.Target, o findOptions) (lambdaapi.Config, error) {
	listing, err := s.api.List(ctx, t, o.notBefore)
	noFunction := lambdaapi.IsNotFound(err)
	if err != nil && !noFunction && !isUnavailable(err) {
		return lambdaapi.Config{}, err
	}
	notFounds := 0
	if err == nil && !s.wroteSince(t, listing.Started) {
		config, ok := listing.Configs[t.Qualifier]
		switch {
		case ok && !listing.Started.Before(o.presentSince):
			return config, nil
		case !ok && listing.Complete && time.Since(listing.Started) <= maxAbsenceAge:
			notFounds = 1
		}
	} else if noFunction && o.notFounds > 1 {
		notFounds = 1
	}
	for ; notFounds < o.notFounds; notFounds++ {
		config, err := s.api.Get(ctx, t)
		if !lambdaapi.IsNotFound(err) {
			return config, err
		}
	}
	if noFunction {
		return lambdaapi.Config{}, lambdaapi.ErrNoFunction
	}
	return lambdaapi.Config{}, lambdaapi.ErrNotFound
}

// wroteSince reports whether this session wrote the configuration of t, or
// tried to, after the given time.
func (s *Session) wroteSince(t lambdaapi.Target, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.writes[configurationOf(t)].Before(at) && !s.writes[configurationOf(t)].IsZero()
}

// configuration identifies an event invoke configuration without its account:
// a function reference may leave the account out.
type configuration struct{ region, function, qualifier string }

func configurationOf(t lambdaapi.Target) configuration {
	return configuration{t.Region, t.Function.Name, t.Qualifier}
}

func byARN(a, b lambdaapi.Config) int {
	switch {
	case a.FunctionARN < b.FunctionARN:
		return -1
	case a.FunctionARN > b.FunctionARN:
		return 1
	}
	return 0
}
