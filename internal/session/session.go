// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package session has the state that the resources, data sources and list resources
// of one configured provider share: a read cache, a write lock for each function,
// and the owner of each configuration.
//
// A session makes no assumption about the order of Terraform's calls or about
// the lifetime of a configured provider. Terraform may plan, apply, refresh and
// destroy any number of times with one session, also concurrently.
package session

import (
	"cmp"
	"context"
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

	// RegionProblem returns the reason for which a configuration may not name a
	// region, in complete sentences, or an empty string if it may. If RegionProblem
	// is nil, a configuration may name any region. State may name any region.
	RegionProblem func(region string) string

	client *lambdaapi.Client // for lists of any length
	api    lambdaapi.API     // client with a read cache
	phases phases
	locks  locks

	mu      sync.Mutex
	writes  map[configuration]time.Time // end of the last write
	deleted map[configuration]bool      // by this session
}

// New returns a session that calls Lambda with client. It makes no call. If the
// provider's configuration has unknown values, client is nil. Only Objects, HasClient
// and Region may then be used.
func New(client *lambdaapi.Client) *Session {
	return &Session{client: client, api: &cache{API: client}}
}

// HasClient reports whether the session has a client.
func (s *Session) HasClient() bool { return s.client != nil }

// Region returns the provider's region, empty for none. It is unknown without a
// client.
func (s *Session) Region() (region string, known bool) {
	if s.client == nil {
		return "", false
	}
	return s.client.Region(), true
}

// maxAbsenceAge is the maximum age of a List that shows that a configuration does
// not exist.
const maxAbsenceAge = 30 * time.Second

// Read returns the configuration of t for a refresh. One List serves all
// configurations of a function until the refresh ends. The error is
// [lambdaapi.ErrNoConfig] after two "not found" responses, and
// [lambdaapi.ErrNoFunction] if List does not know the function either.
func (s *Session) Read(ctx context.Context, t lambdaapi.Target) (lambdaapi.Config, error) {
	notBefore, done := s.phases.refresh(configurationOf(t))
	defer done()
	return s.find(ctx, t, findOptions{notBefore: notBefore, requiredNotFound: 2})
}

// ReadNow is [Session.Read] for a data source. It uses no earlier List. Concurrent
// calls may share a List that starts later.
func (s *Session) ReadNow(ctx context.Context, t lambdaapi.Target) (lambdaapi.Config, error) {
	return s.find(ctx, t, findOptions{notBefore: time.Now(), requiredNotFound: 2})
}

// ReadAll returns the configurations of all qualifiers of t's function, sorted by
// ARN. It uses no earlier List. The error is [lambdaapi.ErrNoFunction] if the function
// does not exist.
func (s *Session) ReadAll(ctx context.Context, t lambdaapi.Target) ([]lambdaapi.Config, error) {
	listing, err := s.api.List(ctx, t, time.Now())
	switch {
	case err == nil && listing.Complete:
		return slices.SortedFunc(maps.Values(listing.Configs), byARN), nil
	case lambdaapi.IsNotFoundResponse(err):
		return nil, lambdaapi.ErrNoFunction
	case err != nil && !isUnavailable(err): // List may have been denied for another function
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

// findOptions configure find.
type findOptions struct {
	notBefore        time.Time // earlier Lists are not used
	existedAt        time.Time // earlier Lists show only that a configuration does not exist
	requiredNotFound int       // number of "not found" responses that is required
}

// find returns the configuration of t. It calls Get if List is not sufficient: the
// function has further pages of configurations, List is unavailable, or, in some
// implementations of the API, List does not find a function that Get finds. A List
// older than [maxAbsenceAge] does not count as a "not found" response.
func (s *Session) find(ctx context.Context, t lambdaapi.Target, o findOptions) (lambdaapi.Config, error) {
	listing, err := s.api.List(ctx, t, o.notBefore)
	noFunction := lambdaapi.IsNotFoundResponse(err)
	if err != nil && !noFunction && !isUnavailable(err) {
		return lambdaapi.Config{}, err
	}
	requiredNotFound := 0
	if err == nil && !s.wroteSince(t, listing.Started) {
		config, ok := listing.Configs[t.Qualifier]
		switch {
		case ok && !listing.Started.Before(o.existedAt):
			return config, nil
		case !ok && listing.Complete && time.Since(listing.Started) <= maxAbsenceAge:
			requiredNotFound = 1
		}
	} else if noFunction && o.requiredNotFound > 1 {
		requiredNotFound = 1
	}
	for ; requiredNotFound < o.requiredNotFound; requiredNotFound++ {
		config, err := s.api.Get(ctx, t)
		if !lambdaapi.IsNotFoundResponse(err) {
			return config, err
		}
	}
	if noFunction {
		return lambdaapi.Config{}, lambdaapi.ErrNoFunction
	}
	return lambdaapi.Config{}, lambdaapi.ErrNoConfig
}

// wroteSince reports whether this session wrote the configuration of t, or
// tried to, after the given time.
func (s *Session) wroteSince(t lambdaapi.Target, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.writes[configurationOf(t)]
	return !last.IsZero() && !last.Before(at)
}

// configuration identifies an event invoke configuration without its account, since
// a function reference may omit the account.
type configuration struct{ region, function, qualifier string }

func configurationOf(t lambdaapi.Target) configuration {
	return configuration{t.Region, t.Function.Name, t.Qualifier}
}

func byARN(a, b lambdaapi.Config) int { return cmp.Compare(a.FunctionARN, b.FunctionARN) }
