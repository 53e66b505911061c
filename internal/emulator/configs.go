// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// Config is one configuration for asynchronous invocation.
type Config struct {
	// MaximumRetryAttempts is 0 to 2. nil: never set, Lambda retries 2 times.
	MaximumRetryAttempts *int
	// MaximumEventAgeInSeconds is 60 to 21600. nil: never set, Lambda keeps an
	// event 21600 seconds.
	MaximumEventAgeInSeconds *int
	// OnSuccess and OnFailure are the ARNs of the destinations. Empty: none.
	OnSuccess, OnFailure string
	// LastModified is when the service last changed it. Put does not read it.
	LastModified time.Time
}

// side is OnSuccess or OnFailure in a request and in an answer.
type side struct {
	Destination string `json:",omitempty"`
}

// settings is the body of a Put or an Update.
type settings struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
	DestinationConfig        *destinationConfig
}

type destinationConfig struct {
	OnFailure, OnSuccess *side
}

// configAnswer is a configuration as it is answered: a number that was never
// set is absent, a side without a destination is an empty object.
type configAnswer struct {
	FunctionArn              string
	LastModified             json.Number // Unix seconds
	MaximumRetryAttempts     *int        `json:",omitempty"`
	MaximumEventAgeInSeconds *int        `json:",omitempty"`
	DestinationConfig        destinationConfig
}

func answerConfig(ref functionref.Ref, c Config) configAnswer {
	return configAnswer{
		FunctionArn:              ref.String(),
		LastModified:             c.unixSeconds(),
		MaximumRetryAttempts:     c.MaximumRetryAttempts,
		MaximumEventAgeInSeconds: c.MaximumEventAgeInSeconds,
		DestinationConfig:        *c.settings().DestinationConfig,
	}
}

// unixSeconds returns LastModified as it is answered.
func (c Config) unixSeconds() json.Number {
	ms := c.LastModified.UnixMilli()
	return json.Number(fmt.Sprintf("%d.%03d", ms/1000, ms%1000))
}

// settings returns the body of the Put that makes c.
func (c Config) settings() settings {
	return settings{
		MaximumRetryAttempts:     c.MaximumRetryAttempts,
		MaximumEventAgeInSeconds: c.MaximumEventAgeInSeconds,
		DestinationConfig: &destinationConfig{
			OnFailure: &side{c.OnFailure},
			OnSuccess: &side{c.OnSuccess},
		},
	}
}

// set changes the members of c that s has.
func (c *Config) set(s settings) {
	if s.MaximumRetryAttempts != nil {
		c.MaximumRetryAttempts = s.MaximumRetryAttempts
	}
	if s.MaximumEventAgeInSeconds != nil {
		c.MaximumEventAgeInSeconds = s.MaximumEventAgeInSeconds
	}
	if d := s.DestinationConfig; d != nil {
		if d.OnSuccess != nil {
			c.OnSuccess = d.OnSuccess.Destination
		}
		if d.OnFailure != nil {
			c.OnFailure = d.OnFailure.Destination
		}
	}
}

// settings checks the members of s. Their paths begin with prefix.
func (v *violations) settings(prefix string, s settings) {
	v.number(prefix+"maximumRetryAttempts", s.MaximumRetryAttempts, 0, 2)
	v.number(prefix+"maximumEventAgeInSeconds", s.MaximumEventAgeInSeconds, 60, 21600)
	if d := s.DestinationConfig; d != nil {
		if d.OnSuccess != nil {
			v.text(prefix+"destinationConfig.onSuccess.destination", d.OnSuccess.Destination, 0, 350, destinationPattern)
		}
		if d.OnFailure != nil {
			v.text(prefix+"destinationConfig.onFailure.destination", d.OnFailure.Destination, 0, 350, destinationPattern)
		}
	}
}

// change does what Put and Update have in common: it reads and checks the
// settings, finds the function and the qualifier, and returns which one it is.
func (e *Emulator) change(c *call) (functionref.Ref, *function, settings, error) {
	var s settings
	if err := c.decode(&s); err != nil {
		return functionref.Ref{}, nil, s, err
	}
	var v violations
	v.settings("", s)
	ref, err := e.resolve(c, v)
	if err != nil {
		return ref, nil, s, err
	}
	if s.MaximumRetryAttempts == nil && s.MaximumEventAgeInSeconds == nil && s.DestinationConfig == nil {
		return ref, nil, s, invalidParameter("You must specify at least one of error handling or destination setting.")
	}
	ref = ref.Qualified()
	f := e.function(ref)
	if f == nil || !f.has(ref.Qualifier) {
		return ref, nil, s, notFound("The function doesn't exist.")
	}
	return ref, f, s, nil
}

func (e *Emulator) putConfig(c *call) (any, error) {
	ref, f, s, err := e.change(c)
	if err != nil {
		return nil, err
	}
	return e.store(c, ref, f, Config{}, s)
}

func (e *Emulator) updateConfig(c *call) (any, error) {
	ref, f, s, err := e.change(c)
	if err != nil {
		return nil, err
	}
	config, ok := f.configs[ref.Qualifier]
	if !ok {
		return nil, noConfig(ref)
	}
	if s.DestinationConfig != nil && e.options.UpdateDestinations != Merge {
		config.OnSuccess, config.OnFailure = "", ""
	}
	return e.store(c, ref, f, config, s)
}

// store checks the destinations of s, and keeps config with what s sets.
func (e *Emulator) store(c *call, ref functionref.Ref, f *function, config Config, s settings) (any, error) {
	if s.DestinationConfig != nil {
		if err := e.checkDestinations(ref, *s.DestinationConfig); err != nil {
			return nil, err
		}
	}
	if c.overlapping {
		return nil, concurrentUpdate(ref)
	}
	config.set(s)
	config.LastModified = e.options.Clock()
	f.configs[ref.Qualifier] = config
	return answerConfig(ref, config), nil
}

// findConfig finds the configuration that a Get or a Delete is about. Both
// answer the same whether the function or only its configuration is missing.
func (e *Emulator) findConfig(c *call) (functionref.Ref, *function, error) {
	ref, err := e.resolve(c, nil)
	if err != nil {
		return ref, nil, err
	}
	ref = ref.Qualified()
	f := e.function(ref)
	if f == nil {
		return ref, nil, noConfig(ref)
	}
	if _, ok := f.configs[ref.Qualifier]; !ok {
		return ref, nil, noConfig(ref)
	}
	return ref, f, nil
}

func (e *Emulator) getConfig(c *call) (any, error) {
	ref, f, err := e.findConfig(c)
	if err != nil {
		return nil, err
	}
	return answerConfig(ref, f.configs[ref.Qualifier]), nil
}

func (e *Emulator) deleteConfig(c *call) (any, error) {
	ref, f, err := e.findConfig(c)
	if err != nil {
		return nil, err
	}
	if c.overlapping {
		return nil, concurrentUpdate(ref)
	}
	delete(f.configs, ref.Qualifier)
	return nil, nil
}

// listConfigs answers the configurations of all qualifiers; one that stands
// within FunctionName restricts nothing.
func (e *Emulator) listConfigs(c *call) (any, error) {
	var v violations
	size, err := c.pageSize(&v, maxPage)
	if err != nil {
		return nil, err
	}
	ref, err := e.resolve(c, v)
	if err != nil {
		return nil, err
	}
	f := e.function(ref)
	if f == nil {
		return nil, notFound("The function doesn't exist.")
	}
	qualifiers, marker, err := page(c, slices.Collect(maps.Keys(f.configs)), size, func(q string) string { return q })
	if err != nil {
		return nil, err
	}
	answer := struct {
		FunctionEventInvokeConfigs []configAnswer
		NextMarker                 string `json:",omitempty"`
	}{[]configAnswer{}, marker}
	for _, q := range qualifiers {
		ref.Qualifier = q
		answer.FunctionEventInvokeConfigs = append(answer.FunctionEventInvokeConfigs, answerConfig(ref, f.configs[q]))
	}
	return answer, nil
}

func noConfig(ref functionref.Ref) error {
	return notFound("The function %s doesn't have an EventInvokeConfig", ref)
}

func concurrentUpdate(ref functionref.Ref) error {
	return conflict("The EventInvokeConfig for function %s could not be updated due to a concurrent update operation.", ref)
}
