// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/url"
	"slices"
)

// The methods below set the stage and look behind it. They do what the
// operations of the same name do, and fail with the same errors, but are not
// recorded, limited, delayed or met by faults. A function may be named in any
// spelling; a qualifier that is empty is one that is not said.

// CreateFunction creates a function without code.
func (e *Emulator) CreateFunction(region, function string) error {
	_, err := e.stage("CreateFunction", stagedCall(region, function, ""), nil)
	return err
}

// DeleteFunction deletes a function with everything on it or, with a
// qualifier, one version of it.
func (e *Emulator) DeleteFunction(region, function, qualifier string) error {
	_, err := e.stage("DeleteFunction", stagedCall(region, function, qualifier), nil)
	return err
}

// PublishVersion publishes a version and returns its number: "1", "2" ….
func (e *Emulator) PublishVersion(region, function string) (string, error) {
	v, err := e.stage("PublishVersion", stagedCall(region, function, ""), nil)
	if err != nil {
		return "", err
	}
	return v.(functionConfiguration).Version, nil //nolint:forcetypeassert // it is what the operation answers
}

// CreateAlias creates an alias of a version, which may be "$LATEST".
func (e *Emulator) CreateAlias(region, function, name, version string) error {
	_, err := e.stage("CreateAlias", stagedCall(region, function, ""), alias{Name: name, FunctionVersion: version})
	return err
}

// DeleteAlias deletes an alias.
func (e *Emulator) DeleteAlias(region, function, name string) error {
	c := stagedCall(region, function, "")
	c.name = name
	_, err := e.stage("DeleteAlias", c, nil)
	return err
}

// PutConfig replaces a configuration by config, as PutFunctionEventInvokeConfig
// does. It always sends both sides of DestinationConfig: the zero Config is
// one in which nothing is set.
func (e *Emulator) PutConfig(region, function, qualifier string, config Config) error {
	_, err := e.stage("PutFunctionEventInvokeConfig", stagedCall(region, function, qualifier), config.settings())
	return err
}

// DeleteConfig deletes a configuration.
func (e *Emulator) DeleteConfig(region, function, qualifier string) error {
	_, err := e.stage("DeleteFunctionEventInvokeConfig", stagedCall(region, function, qualifier), nil)
	return err
}

// Config returns a configuration as the service holds it, and whether there
// is one.
func (e *Emulator) Config(region, function, qualifier string) (Config, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ref, f, err := e.findConfig(stagedCall(region, function, qualifier))
	if err != nil {
		return Config{}, false
	}
	config := f.configs[ref.Qualifier]
	for _, n := range []**int{&config.MaximumRetryAttempts, &config.MaximumEventAgeInSeconds} {
		if *n != nil {
			*n = new(**n) // what the caller does to it stays with the caller
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

func stagedCall(region, function, qualifier string) *call {
	c := &call{operation: operation{qualifier: orLatest}, region: region, functionName: function, query: url.Values{}}
	if qualifier != "" {
		c.query.Set("Qualifier", qualifier)
	}
	return c
}

// stage carries out the operation of that name with the body in.
func (e *Emulator) stage(name string, c *call, in any) (any, error) {
	if in != nil {
		c.body = mustMarshal(in)
	}
	i := slices.IndexFunc(operations, func(op operation) bool { return op.name == name })
	c.operation = operations[i]
	e.mu.Lock()
	defer e.mu.Unlock()
	return c.operation.run(e, c)
}
