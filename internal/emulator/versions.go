// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"strconv"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// versionNumber parses a qualifier that is a published version's number.
func versionNumber(qualifier string) (int, bool) {
	n, err := strconv.Atoi(qualifier)
	return n, err == nil && n > 0 && strconv.Itoa(n) == qualifier
}

// version returns the version with that qualifier, which must not be an alias.
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

// publish publishes a version of $LATEST. The service publishes one only if the code or
// the configuration has changed, but here neither ever changes.
func (f *function) publish(description string) functionConfiguration {
	f.published++
	v := f.latest
	v.Version = strconv.Itoa(f.published)
	v.Description = description
	v.RevisionID = newUUID()
	f.versions[f.published] = v
	return f.withQualifier(v, v.Version)
}

// allVersions returns $LATEST and all published versions as list entries, unsorted.
func (f *function) allVersions() []functionConfiguration {
	all := []functionConfiguration{f.withQualifier(f.latest, functionref.Latest).listEntry()}
	for _, v := range f.versions {
		all = append(all, f.withQualifier(v, v.Version).listEntry())
	}
	return all
}

// versionKey returns a key that sorts $LATEST first, and versions by number.
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
	list, marker, err := paginate(c, f.allVersions(), size, versionKey)
	if err != nil {
		return nil, err
	}
	return struct {
		Versions   []functionConfiguration
		NextMarker string `json:",omitempty"`
	}{list, marker}, nil
}
