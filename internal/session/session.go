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

	mu      sync.Mutex
	writes  map[configuration]time.Time // when the last write ended
	deleted map[configuration]bool
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
func (s *Session) Functions(ctx context.Context, region string) iter.Seq2[lambdaapi.Function, error] {
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
// A [*NotAppliedError] comes with the configuration that Lambda has. So does an
// [*OutcomeError], if Lambda has the configuration that is wanted.
func (s *Session) Create(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, overwrite bool, token Token,
) (config lambdaapi.Config, adopted bool, err error) {
	err = s.write(ctx, "PutFunctionEventInvokeConfig", t, func(ctx context.Context, applying time.Time) error {
		now := time.Now()
		existing, err := s.find(ctx, t, findOptions{notBefore: applying, presentSince: now, notFounds: 1})
		if err == nil && s.hasDeleted(t) {
			existing, err = s.api.Get(ctx, t) // the first answer may be older than the deletion
		}
		if err != nil && !errors.Is(err, lambdaapi.ErrNotFound) && !lambdaapi.IsNotFound(err) {
			return err
		}
		if err == nil {
			admitted := s.Objects.admit(t, existing)
			if admitted == owned {
				return &OwnedError{FunctionARN: existing.FunctionARN}
			}
			if existing.Settings == want {
				config, adopted = existing, true
				s.own(t, config, token)
				return nil
			}
			if !overwrite && admitted != removed {
				return &ExistsError{Existing: existing}
			}
		}
		config, err = s.put(ctx, t, want)
		s.own(t, config, token)
		return err
	}, func(there lambdaapi.Config) string {
		if there.Settings != want {
			return "A read found a configuration that differs from the planned one. State does not record it."
		}
		config = there
		s.own(t, config, token)
		return "A read found the configuration as planned, and state records it. Terraform marks the resource as tainted, " +
			"and the next apply replaces it. To keep the configuration, run terraform untaint before."
	})
	return config, adopted, err
}

// Update sends the given members of want for the object with the given token,
// and returns the configuration that Lambda then has. Lambda keeps the other
// members, which may have changed since want was planned. An update of one
// destination sends both, so Update first reads the other one.
//
// Without members, Update makes sure that the configuration exists: it sends
// want if there is none.
//
// If the response has other values than were sent, a read decides. If that has
// them as well, one Put follows, of the given members and of the other members
// as read. If Lambda has no configuration, one Put of want follows. If the API
// has no Update, one Put follows, of the given members and of the other members
// that Get returns. A difference after that is a [*NotAppliedError]. Reads that
// contradict each other are a [*ContradictionError]. A Config that comes with an
// error is the configuration that Lambda has; its FunctionARN is empty if it is
// not known.
func (s *Session) Update(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member, token Token,
) (config lambdaapi.Config, err error) {
	err = s.write(ctx, "UpdateFunctionEventInvokeConfig", t, func(ctx context.Context, _ time.Time) error {
		config, err = s.update(ctx, t, want, members)
		s.own(t, config, token)
		return err
	}, func(there lambdaapi.Config) string {
		config = there
		s.own(t, config, token)
		return "State records the configuration that a read has found."
	})
	return config, err
}

// own records that the object with the given token has the configuration of t,
// unless config, which Lambda has, is not known.
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
	if other := otherSide(members); other != nil {
		send, readErr = s.readMembers(ctx, t, want, other)
		if readErr != nil && !lambdaapi.IsNotFound(readErr) && !lambdaapi.IsAccessDenied(readErr) {
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
	case !lambdaapi.IsNotFound(err) && !lambdaapi.IsUnsupported(err):
		return lambdaapi.Config{}, err
	}
	// Some deployments without Update respond as if there were no configuration.
	if readErr == nil {
		send, readErr = s.readMembers(ctx, t, want, lambdaapi.OtherMembers(members))
	}
	if readErr != nil && !lambdaapi.IsNotFound(readErr) && !(lambdaapi.IsNotFound(err) && lambdaapi.IsAccessDenied(readErr)) {
		return lambdaapi.Config{}, readErr
	}
	return s.put(ctx, t, send)
}

// readMembers returns want with the given members as Lambda has them. They are
// values to write again, and an answer may be older than the last write: if they
// are not as planned, a second read must confirm them. With an error, it returns
// want.
func (s *Session) readMembers(
	ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings, members []lambdaapi.Member,
) (lambdaapi.Settings, error) {
	seen := []lambdaapi.Settings{want}
	for range 2 {
		there, err := s.api.Get(ctx, t)
		if err != nil {
			return want, err
		}
		value := want.With(there.Settings, members)
		if slices.Contains(seen, value) {
			return value, nil
		}
		seen = append(seen, value)
	}
	return want, contradiction(t, seen[1], seen[2])
}

// updateAgain follows an update of t whose response, first, differs from what
// was sent in the given members. A read may show that the response was older
// than the update. If a read has the values of the response, or two reads have
// the same values, one Put of the members follows, with the other members as
// read.
func (s *Session) updateAgain(
	ctx context.Context, t lambdaapi.Target, first lambdaapi.Config, send lambdaapi.Settings, sent []lambdaapi.Member,
) (lambdaapi.Config, error) {
	seen := []lambdaapi.Settings{first.Settings}
	for range 2 {
		there, err := s.api.Get(ctx, t)
		switch {
		case err != nil:
			return first, errors.Join(notApplied("UpdateFunctionEventInvokeConfig", t, first.With(send, sent), first), err)
		case there.Settings == there.With(send, sent):
			return there, nil
		case slices.Contains(seen, there.Settings):
			config, err := s.put(ctx, t, there.With(send, sent))
			if config.FunctionARN == "" {
				config = there
			}
			return config, err
		}
		first, seen = there, append(seen, there.Settings)
	}
	return first, contradiction(t, seen[1], seen[2])
}

// ensure sends want if there is no configuration.
func (s *Session) ensure(ctx context.Context, t lambdaapi.Target, want lambdaapi.Settings) (lambdaapi.Config, error) {
	existing, err := s.api.Get(ctx, t)
	if lambdaapi.IsNotFound(err) {
		return s.put(ctx, t, want)
	}
	return existing, err
}

// put sends one Put. If the response has other values, a read decides: the
// response may be older than the Put. The error is then a [*NotAppliedError].
func (s *Session) put(ctx context.Context, t lambdaapi.Target, send lambdaapi.Settings) (lambdaapi.Config, error) {
	config, err := s.api.Put(ctx, t, send)
	if err != nil || config.Settings == send {
		return config, err
	}
	if there, err := s.api.Get(ctx, t); err == nil {
		config = there
	}
	return config, notApplied("PutFunctionEventInvokeConfig", t, send, config)
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
// there is none. It makes no call if another object owns the configuration. A
// read confirms that the configuration is gone, unless Lambda said that it
// deleted it. If the configuration is still there, Delete sends the call once
// more.
func (s *Session) Delete(ctx context.Context, t lambdaapi.Target, object Object) error {
	err := s.delete(ctx, t, object)
	var outcome *OutcomeError
	if errors.As(err, &outcome) && outcome.ReadErr == nil && !outcome.ended() {
		err = s.delete(ctx, t, object)
	}
	if errors.As(err, &outcome) &&
		(lambdaapi.IsNotFound(outcome.ReadErr) || lambdaapi.IsNotFound(err) && lambdaapi.IsAccessDenied(outcome.ReadErr)) {
		s.recordDeletion(t, object)
		return nil
	}
	return err
}

// delete sends the call of [Session.Delete].
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
		return "A read found that the configuration is still there. State keeps it."
	})
}

const deleteOperation = "DeleteFunctionEventInvokeConfig"

// confirmTime is how long a read may take that follows a write whose outcome is
// unknown. The time is kept back from the timeout of the write.
const confirmTime = 10 * time.Second

// write calls do with the lock of t's function. It calls do again for as long
// as a destination or a permission propagates, and leaves the lock to other
// writes between the attempts. The time that do gets is the start of the
// current sequence of writes: older reads belong to a refresh.
//
// If the outcome of do is unknown, one read follows, also if ctx was canceled.
// If it finds a configuration, write calls found, which returns what follows
// from it, for the error. The error is an [*OutcomeError] then.
func (s *Session) write(
	ctx context.Context, operation string, t lambdaapi.Target,
	do func(ctx context.Context, applying time.Time) error, found func(lambdaapi.Config) string,
) error {
	deadline, hasDeadline := ctx.Deadline()
	writing, cancel := ctx, func() {}
	if hasDeadline {
		writing, cancel = context.WithDeadline(ctx, deadline.Add(-min(confirmTime, time.Until(deadline)/4)))
	}
	defer cancel()
	err := s.writeUntil(writing, operation, t, do)
	if !lambdaapi.IsOutcomeUnknown(err) && !(operation == deleteOperation && lambdaapi.IsNotFound(err)) {
		return err
	}
	end := time.Now().Add(confirmTime)
	if hasDeadline && deadline.Before(end) {
		end = deadline
	}
	confirming, cancelRead := context.WithDeadline(context.WithoutCancel(ctx), end)
	defer cancelRead()
	outcome := &OutcomeError{Err: err}
	var there lambdaapi.Config
	switch there, outcome.ReadErr = s.api.Get(confirming, t); {
	case outcome.ReadErr == nil:
		outcome.Outcome = found(there)
	case lambdaapi.IsNotFound(outcome.ReadErr):
		outcome.Outcome = "A read found no configuration."
	default:
		outcome.Outcome = "Whether Lambda carried out the call is not known, because the read that should show it failed as well."
	}
	return outcome
}

// writeUntil is [Session.write] without the read.
func (s *Session) writeUntil(
	ctx context.Context, operation string, t lambdaapi.Target, do func(context.Context, time.Time) error,
) error {
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

func (s *Session) writeOnce(
	ctx context.Context, operation string, t lambdaapi.Target, do func(context.Context, time.Time) error,
) error {
	unlock, err := s.locks.lock(ctx, operation, t)
	if err != nil {
		return err
	}
	defer unlock()
	err = do(ctx, s.phases.apply())
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
