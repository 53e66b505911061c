// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/url"
	"slices"
)

// The methods in this file do the same as the API operations of that name, and return
// the same errors. They are not recorded, throttled or delayed, and faults do not apply.
// The function parameter accepts every format of a function reference. An empty
// qualifier is the same as no qualifier.

// CreateFunction creates a function without code.
func (e *Emulator) CreateFunction(region, function string) error {
	_, err := e.runOperation("CreateFunction", newDirectCall(region, function, ""), nil)
	return err
}

// DeleteFunction deletes a function or, if qualifier is not empty, one of its versions.
func (e *Emulator) DeleteFunction(region, function, qualifier string) error {
	_, err := e.runOperation("DeleteFunction", newDirectCall(region, function, qualifier), nil)
	return err
}

// PublishVersion publishes a version and returns its number, such as "1".
func (e *Emulator) PublishVersion(region, function string) (string, error) {
	v, err := e.runOperation("PublishVersion", newDirectCall(region, function, ""), nil)
	if err != nil {
		return "", err
	}
	return v.(functionConfiguration).Version, nil //nolint:forcetypeassert // the result of the operation
}

// CreateAlias creates an alias of a version, which may be "$LATEST".
func (e *Emulator) CreateAlias(region, function, name, version string) error {
	in := alias{Name: name, FunctionVersion: version}
	_, err := e.runOperation("CreateAlias", newDirectCall(region, function, ""), in)
	return err
}

// DeleteAlias deletes an alias.
func (e *Emulator) DeleteAlias(region, function, name string) error {
	c := newDirectCall(region, function, "")
	c.name = name
	_, err := e.runOperation("DeleteAlias", c, nil)
	return err
}

// PutConfig replaces a configuration, as PutFunctionEventInvokeConfig does. It always
// sends DestinationConfig, so that the zero Config makes a configuration without
// settings.
func (e *Emulator) PutConfig(region, function, qualifier string, config Config) error {
	_, err := e.runOperation("PutFunctionEventInvokeConfig", newDirectCall(region, function, qualifier), config.settings())
	return err
}

// DeleteConfig deletes a configuration.
func (e *Emulator) DeleteConfig(region, function, qualifier string) error {
	_, err := e.runOperation("DeleteFunctionEventInvokeConfig", newDirectCall(region, function, qualifier), nil)
	return err
}

// Config returns a configuration and whether it exists.
func (e *Emulator) Config(region, function, qualifier string) (Config, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ref, f, err := e.findConfig(newDirectCall(region, function, qualifier))
	if err != nil {
		return Config{}, false
	}
	config := f.configs[ref.Qualifier]
	for _, n := range []**int{&config.MaximumRetryAttempts, &config.MaximumEventAgeInSeconds} {
		if *n != nil {
			*n = new(**n) // the caller may modify it
		}
	}
	return config, true
}

// Configs returns the qualified ARNs of all configurations of the account, in
// all regions, sorted.
func (e *Emulator) Configs() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	arns := []string{}
	for _, f := range e.functions {
		ref := f.ref
		for ref.Qualifier = range f.configs {
			arns = append(arns, ref.String())
		}
	}
	slices.Sort(arns)
	return arns
}

func newDirectCall(region, function, qualifier string) *call {
	c := &call{operation: operation{qualifier: defaultLatest}, region: region, functionName: function, query: url.Values{}}
	if qualifier != "" {
		c.query.Set("Qualifier", qualifier)
	}
	return c
}

// runOperation runs the operation of that name with in as its body.
func (e *Emulator) runOperation(name string, c *call, in any) (any, error) {
	if in != nil {
		c.body = mustMarshal(in)
	}
	i := slices.IndexFunc(operations, func(op operation) bool { return op.name == name })
	c.operation = operations[i]
	e.mu.Lock()
	defer e.mu.Unlock()
	return c.operation.run(e, c)
}
