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

// Config is an event invoke configuration.
type Config struct {
	// MaximumRetryAttempts is from 0 to 2, or nil if it was never set. Lambda then
	// retries twice.
	MaximumRetryAttempts *int
	// MaximumEventAgeInSeconds is from 60 to 21600, or nil if it was never set.
	// Lambda then keeps events for 21600 seconds.
	MaximumEventAgeInSeconds *int
	// OnSuccess and OnFailure are the ARNs of the destinations, or empty.
	OnSuccess, OnFailure string
	// LastModified is the time of the last update. PutConfig ignores it.
	LastModified time.Time
}

// destination is OnSuccess or OnFailure in requests and responses.
type destination struct {
	Destination string `json:",omitempty"`
}

// settings is the body of a Put or Update request.
type settings struct {
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
	DestinationConfig        *destinationConfig
}

type destinationConfig struct {
	OnFailure, OnSuccess *destination
}

// configResponse is a configuration in responses. A number that was never set is absent.
// A destination that is not set is an empty object.
type configResponse struct {
	FunctionArn              string
	LastModified             json.Number // Unix seconds
	MaximumRetryAttempts     *int        `json:",omitempty"`
	MaximumEventAgeInSeconds *int        `json:",omitempty"`
	DestinationConfig        destinationConfig
}

func newConfigResponse(ref functionref.Ref, c Config) configResponse {
	return configResponse{
		FunctionArn:              ref.String(),
		LastModified:             c.unixSeconds(),
		MaximumRetryAttempts:     c.MaximumRetryAttempts,
		MaximumEventAgeInSeconds: c.MaximumEventAgeInSeconds,
		DestinationConfig:        *c.settings().DestinationConfig,
	}
}

// unixSeconds returns LastModified in the format of responses.
func (c Config) unixSeconds() json.Number {
	ms := c.LastModified.UnixMilli()
	return json.Number(fmt.Sprintf("%d.%03d", ms/1000, ms%1000))
}

// settings returns the body of a Put request for c.
func (c Config) settings() settings {
	return settings{
		MaximumRetryAttempts:     c.MaximumRetryAttempts,
		MaximumEventAgeInSeconds: c.MaximumEventAgeInSeconds,
		DestinationConfig: &destinationConfig{
			OnFailure: &destination{c.OnFailure},
			OnSuccess: &destination{c.OnSuccess},
		},
	}
}

// set sets the members of c that s has.
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

// checkSettings checks the members of s. prefix begins their paths.
func (v *violations) checkSettings(prefix string, s settings) {
	v.checkNumber(prefix+"maximumRetryAttempts", s.MaximumRetryAttempts, 0, 2)
	v.checkNumber(prefix+"maximumEventAgeInSeconds", s.MaximumEventAgeInSeconds, 60, 21600)
	if d := s.DestinationConfig; d != nil {
		if d.OnSuccess != nil {
			v.checkString(prefix+"destinationConfig.onSuccess.destination", d.OnSuccess.Destination, 0, 350, destinationPattern)
		}
		if d.OnFailure != nil {
			v.checkString(prefix+"destinationConfig.onFailure.destination", d.OnFailure.Destination, 0, 350, destinationPattern)
		}
	}
}

// parseUpdate does the common part of Put and Update: it decodes and checks the
// settings, and finds the function and the qualifier.
func (e *Emulator) parseUpdate(c *call) (functionref.Ref, *function, settings, error) {
	var s settings
	if err := c.decode(&s); err != nil {
		return functionref.Ref{}, nil, s, err
	}
	var v violations
	v.checkSettings("", s)
	ref, err := e.resolve(c, v)
	if err != nil {
		return ref, nil, s, err
	}
	if s.MaximumRetryAttempts == nil && s.MaximumEventAgeInSeconds == nil && s.DestinationConfig == nil {
		return ref, nil, s, invalidParameter("You must specify at least one of error handling or destination setting.")
	}
	ref = ref.Qualified()
	f := e.function(ref)
	if f == nil || !f.hasQualifier(ref.Qualifier) {
		return ref, nil, s, notFound("The function doesn't exist.")
	}
	return ref, f, s, nil
}

func (e *Emulator) putConfig(c *call) (any, error) {
	ref, f, s, err := e.parseUpdate(c)
	if err != nil {
		return nil, err
	}
	return e.storeConfig(c, ref, f, Config{}, s)
}

func (e *Emulator) updateConfig(c *call) (any, error) {
	ref, f, s, err := e.parseUpdate(c)
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
	return e.storeConfig(c, ref, f, config, s)
}

// storeConfig checks the destinations of s, and stores config with the members of s.
func (e *Emulator) storeConfig(c *call, ref functionref.Ref, f *function, config Config, s settings) (any, error) {
	if s.DestinationConfig != nil {
		if err := e.checkDestinations(ref, *s.DestinationConfig); err != nil {
			return nil, err
		}
	}
	if c.concurrent {
		return nil, concurrentUpdate(ref)
	}
	config.set(s)
	config.LastModified = e.options.Clock()
	f.configs[ref.Qualifier] = config
	return newConfigResponse(ref, config), nil
}

// findConfig returns the function whose configuration a Get or Delete names. The error
// for a missing function equals the error for a missing configuration.
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
	return newConfigResponse(ref, f.configs[ref.Qualifier]), nil
}

func (e *Emulator) deleteConfig(c *call) (any, error) {
	ref, f, err := e.findConfig(c)
	if err != nil {
		return nil, err
	}
	if c.concurrent {
		return nil, concurrentUpdate(ref)
	}
	delete(f.configs, ref.Qualifier)
	return nil, nil
}

// listConfigs returns the configurations of all qualifiers. It ignores a qualifier in
// the function reference.
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
	qualifiers, marker, err := paginate(c, slices.Collect(maps.Keys(f.configs)), size, func(q string) string { return q })
	if err != nil {
		return nil, err
	}
	out := struct {
		FunctionEventInvokeConfigs []configResponse
		NextMarker                 string `json:",omitempty"`
	}{[]configResponse{}, marker}
	for _, q := range qualifiers {
		ref.Qualifier = q
		out.FunctionEventInvokeConfigs = append(out.FunctionEventInvokeConfigs, newConfigResponse(ref, f.configs[q]))
	}
	return out, nil
}

func noConfig(ref functionref.Ref) error {
	return notFound("The function %s doesn't have an EventInvokeConfig", ref)
}

func concurrentUpdate(ref functionref.Ref) error {
	return conflict("The EventInvokeConfig for function %s could not be updated "+
		"due to a concurrent update operation.", ref)
}
