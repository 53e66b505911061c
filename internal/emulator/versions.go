// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"strconv"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// versionNumber returns the number that a published version's qualifier is.
func versionNumber(qualifier string) (int, bool) {
	n, err := strconv.Atoi(qualifier)
	return n, err == nil && n > 0 && strconv.Itoa(n) == qualifier
}

// version returns the version that a qualifier means which is no alias.
func (f *function) version(qualifier string) (functionConfiguration, bool) {
	if qualifier == functionref.Latest {
		return f.latest, true
	}
	n, ok := versionNumber(qualifier)
	if !ok {
		return functionConfiguration{}, false
	}
	v, ok := f.versions[n]
	return v, ok
}

func (f *function) hasVersion(qualifier string) bool {
	_, ok := f.version(qualifier)
	return ok
}

// publish makes a version of $LATEST. Unlike the service it does so even if
// nothing has changed since the last one: here, nothing ever changes.
func (f *function) publish(description string) functionConfiguration {
	f.published++
	v := f.latest
	v.Version = strconv.Itoa(f.published)
	v.Description = description
	v.RevisionID = newID()
	f.versions[f.published] = v
	return f.configuration(v, v.Version)
}

// everyVersion returns $LATEST and all published versions as the entries of a
// list, in no order.
func (f *function) everyVersion() []functionConfiguration {
	all := []functionConfiguration{f.configuration(f.latest, functionref.Latest).listed()}
	for _, v := range f.versions {
		all = append(all, f.configuration(v, v.Version).listed())
	}
	return all
}

// versionKey sorts $LATEST first and then the versions by their numbers.
func versionKey(v functionConfiguration) string {
	n, _ := versionNumber(v.Version)
	return fmt.Sprintf("%019d", n)
}

func (e *Emulator) publishVersion(c *call) (any, error) {
	var in struct{ Description *string }
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	_, f, err := e.resolveFunction(c, nil)
	if err != nil {
		return nil, err
	}
	if in.Description == nil {
		in.Description = &f.latest.Description
	}
	return f.publish(*in.Description), nil
}

func (e *Emulator) listVersions(c *call) (any, error) {
	var v violations
	size, err := c.pageSize(&v, 10000)
	if err != nil {
		return nil, err
	}
	_, f, err := e.resolveFunction(c, v)
	if err != nil {
		return nil, err
	}
	list, marker, err := page(c, f.everyVersion(), size, versionKey)
	if err != nil {
		return nil, err
	}
	return struct {
		Versions   []functionConfiguration
		NextMarker string `json:",omitempty"`
	}{list, marker}, nil
}
