// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"cmp"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

type functionKey struct{ region, name string }

// function is a function with its versions, aliases and configurations.
type function struct {
	ref       functionref.Ref // unqualified
	latest    functionConfiguration
	versions  map[int]functionConfiguration
	published int // number of the last version; numbers are not reused
	aliases   map[string]alias
	configs   map[string]Config // by qualifier, which may have been deleted
	updating  bool              // whether a call is updating configs
}

// functionConfiguration is a function or a version in responses.
type functionConfiguration struct {
	FunctionName string
	FunctionArn  string
	Version      string
	functionSettings
	LastModified     string
	RevisionID       string `json:"RevisionId"`
	State            string `json:",omitempty"`
	LastUpdateStatus string `json:",omitempty"`
}

// functionSettings are the members of a function that CreateFunction sets.
type functionSettings struct {
	Architectures    []string
	DeadLetterConfig *deadLetterConfig `json:",omitempty"`
	Description      string
	Handler          string
	MemorySize       int
	PackageType      string
	Role             string
	Runtime          string
	Timeout          int
}

type deadLetterConfig struct {
	TargetArn string
}

// listEntry returns v without the members that lists omit.
func (v functionConfiguration) listEntry() functionConfiguration {
	v.State, v.LastUpdateStatus = "", ""
	return v
}

// function returns the function that ref identifies, or nil.
func (e *Emulator) function(ref functionref.Ref) *function {
	return e.functions[functionKey{ref.Region, ref.Name}]
}

// resolveFunction returns the function of c. Operations on configurations do not use it:
// their error for a missing function has another message.
func (e *Emulator) resolveFunction(c *call, v violations) (functionref.Ref, *function, error) {
	ref, err := e.resolve(c, v)
	if err != nil {
		return ref, nil, err
	}
	f := e.function(ref)
	if f == nil {
		return ref, nil, functionNotFound(ref)
	}
	return ref, f, nil
}

func functionNotFound(ref functionref.Ref) error {
	return notFound("Function not found: %s", ref)
}

// hasQualifier reports whether f has a version or an alias with that name.
func (f *function) hasQualifier(qualifier string) bool {
	_, isAlias := f.aliases[qualifier]
	return isAlias || f.hasVersion(qualifier)
}

// withQualifier returns v with an ARN that ends in the qualifier, if not empty.
func (f *function) withQualifier(v functionConfiguration, qualifier string) functionConfiguration {
	ref := f.ref
	ref.Qualifier = qualifier
	v.FunctionArn = ref.String()
	return v
}

// functionTime is the layout of a function's LastModified. Configurations have Unix
// seconds instead.
const functionTime = "2006-01-02T15:04:05.000-0700"

// newFunction returns a function without versions, aliases and configurations.
func (e *Emulator) newFunction(ref functionref.Ref, s functionSettings) *function {
	if s.Architectures == nil {
		s.Architectures = []string{"x86_64"}
	}
	s.MemorySize = cmp.Or(s.MemorySize, 128)
	s.PackageType = cmp.Or(s.PackageType, "Zip")
	s.Timeout = cmp.Or(s.Timeout, 3)
	if d := s.DeadLetterConfig; d != nil && d.TargetArn == "" {
		s.DeadLetterConfig = nil
	}
	return &function{
		ref: ref.Unqualified(),
		latest: functionConfiguration{
			FunctionName:     ref.Name,
			Version:          functionref.Latest,
			functionSettings: s,
			LastModified:     e.options.Clock().UTC().Format(functionTime),
			RevisionID:       newUUID(),
			State:            "Active",
			LastUpdateStatus: "Successful",
		},
		versions: map[int]functionConfiguration{},
		aliases:  map[string]alias{},
		configs:  map[string]Config{},
	}
}

func (e *Emulator) createFunction(c *call) (any, error) {
	var in struct {
		functionSettings
		Publish bool
	}
	if err := c.decode(&in); err != nil {
		return nil, err
	}
	ref, err := e.resolve(c, nil)
	if err != nil {
		return nil, err
	}
	if e.function(ref) != nil {
		return nil, conflict("Function already exist: %s", ref.Name)
	}

	f := e.newFunction(ref, in.functionSettings)
	e.functions[functionKey{ref.Region, ref.Name}] = f
	if in.Publish {
		return f.withQualifier(f.publish(f.latest.Description), ""), nil
	}
	return f.withQualifier(f.latest, ""), nil
}

func (e *Emulator) getFunction(c *call) (any, error) {
	ref, f, err := e.resolveFunction(c, nil)
	if err != nil {
		return nil, err
	}
	qualifier := ref.Qualified().Qualifier
	if a, ok := f.aliases[qualifier]; ok {
		qualifier = a.FunctionVersion
	}
	v, ok := f.version(qualifier)
	if !ok {
		return nil, functionNotFound(ref)
	}
	return map[string]any{
		"Configuration": f.withQualifier(v, ref.Qualifier),
		"Code":          map[string]string{"RepositoryType": "S3"},
	}, nil
}

func (e *Emulator) listFunctions(c *call) (any, error) {
	var v violations
	size, err := c.pageSize(&v, 10000)
	if err != nil {
		return nil, err
	}
	all := c.query.Has("FunctionVersion")
	if version := c.query.Get("FunctionVersion"); all && version != "ALL" {
		v.add("functionVersion", version, "Member must satisfy enum value set: [ALL]")
	}
	if err := v.err(); err != nil {
		return nil, err
	}

	list := []functionConfiguration{}
	for key, f := range e.functions {
		switch {
		case key.region != c.region:
		case all:
			list = append(list, f.allVersions()...)
		default:
			list = append(list, f.withQualifier(f.latest, "").listEntry())
		}
	}
	list, marker, err := paginate(c, list, size, func(v functionConfiguration) string {
		return v.FunctionName + ":" + versionKey(v)
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Functions  []functionConfiguration
		NextMarker string `json:",omitempty"`
	}{list, marker}, nil
}

// deleteFunction deletes the function with its versions, aliases and configurations. With
// a qualifier it deletes only a version.
func (e *Emulator) deleteFunction(c *call) (any, error) {
	ref, err := e.resolve(c, nil)
	if err != nil {
		return nil, err
	}
	if ref.Qualifier == functionref.Latest {
		return nil, invalidParameter("$LATEST version cannot be deleted without deleting the function.")
	}
	f := e.function(ref)
	if f == nil {
		return nil, functionNotFound(ref.Unqualified())
	}
	if ref.Qualifier == "" {
		delete(e.functions, functionKey{ref.Region, ref.Name})
		return nil, nil
	}
	number, ok := versionNumber(ref.Qualifier)
	if !ok {
		return nil, invalidParameter("Deletion of aliases is not currently supported.")
	}
	for _, a := range f.aliases {
		if a.FunctionVersion == ref.Qualifier {
			return nil, conflict("Unable to delete version because the following aliases reference it: [%s]", a.Name)
		}
	}
	delete(f.versions, number) // deleting a missing version succeeds
	return nil, nil
}
