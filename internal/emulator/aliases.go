// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

// alias is an alias in requests and responses.
type alias struct {
	AliasArn        string
	Name            string
	FunctionVersion string
	Description     string
	RevisionID      string `json:"RevisionId"`
}

func (e *Emulator) createAlias(c *call) (any, error) {
	var a alias
	if err := c.decode(&a); err != nil {
		return nil, err
	}
	var v violations
	v.checkString("name", a.Name, 1, 128, aliasPattern)
	v.checkString("functionVersion", a.FunctionVersion, 1, 1024, versionPattern)
	ref, err := e.resolve(c, v)
	if err != nil {
		return nil, err
	}
	f := e.function(ref)
	if f == nil || !f.hasVersion(a.FunctionVersion) {
		ref.Qualifier = a.FunctionVersion
		return nil, functionNotFound(ref)
	}
	ref.Qualifier = a.Name
	if _, ok := f.aliases[a.Name]; ok {
		return nil, conflict("Alias already exists: %s", ref)
	}
	a.AliasArn = ref.String()
	a.RevisionID = newUUID()
	f.aliases[a.Name] = a
	return a, nil
}

func (e *Emulator) listAliases(c *call) (any, error) {
	var v violations
	size, err := c.pageSize(&v, 10000)
	if err != nil {
		return nil, err
	}
	version := c.query.Get("FunctionVersion")
	if c.query.Has("FunctionVersion") {
		v.checkString("functionVersion", version, 1, 1024, versionPattern)
	}
	_, f, err := e.resolveFunction(c, v)
	if err != nil {
		return nil, err
	}
	list := []alias{}
	for _, a := range f.aliases {
		if version == "" || version == a.FunctionVersion {
			list = append(list, a)
		}
	}
	list, marker, err := paginate(c, list, size, func(a alias) string { return a.Name })
	if err != nil {
		return nil, err
	}
	return struct {
		Aliases    []alias
		NextMarker string `json:",omitempty"`
	}{list, marker}, nil
}

// deleteAlias deletes an alias but not its configuration. Deleting a missing alias
// succeeds.
func (e *Emulator) deleteAlias(c *call) (any, error) {
	var v violations
	v.checkString("name", c.name, 1, 128, aliasPattern)
	ref, err := e.resolve(c, v)
	if err != nil {
		return nil, err
	}
	if f := e.function(ref); f != nil {
		delete(f.aliases, c.name)
	}
	return nil, nil
}
