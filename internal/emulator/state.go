// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// stateFormat is the FormatVersion of saved states.
const stateFormat = 1

// savedState is the JSON format of a state, documented in the guide "Local development".
// Members have the names of the Lambda API. The state does not include the account ID.
type savedState struct {
	FormatVersion int
	Functions     []savedFunction
}

type savedFunction struct {
	Region       string
	FunctionName string
	functionSettings
	LastModified       string         `json:",omitempty"`
	RevisionID         string         `json:"RevisionId,omitempty"`
	LastVersion        int            `json:",omitempty"` // numbers are not reused
	Versions           []savedVersion `json:",omitempty"`
	Aliases            []savedAlias   `json:",omitempty"`
	EventInvokeConfigs []savedConfig  `json:",omitempty"`
}

// savedVersion has the members of a version that differ from its function.
type savedVersion struct {
	Version     string
	Description string
	RevisionID  string `json:"RevisionId,omitempty"`
}

type savedAlias struct {
	Name            string
	FunctionVersion string
	Description     string
	RevisionID      string `json:"RevisionId,omitempty"`
}

type savedConfig struct {
	Qualifier string
	settings
	LastModified json.Number `json:",omitempty"` // Unix seconds
}

// State returns the functions of the account, with their versions, aliases and
// configurations, as JSON. The output is deterministic. It does not include faults and
// recorded requests.
func (e *Emulator) State() []byte {
	e.mu.Lock()
	saved := savedState{FormatVersion: stateFormat, Functions: []savedFunction{}}
	for _, f := range e.functions {
		saved.Functions = append(saved.Functions, f.save())
	}
	e.mu.Unlock()
	slices.SortFunc(saved.Functions, func(a, b savedFunction) int {
		return cmp.Or(strings.Compare(a.Region, b.Region), strings.Compare(a.FunctionName, b.FunctionName))
	})

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(saved); err != nil {
		panic(err) // LastModified is not a number
	}
	return text.Bytes()
}

func (f *function) save() savedFunction {
	s := savedFunction{
		Region:           f.ref.Region,
		FunctionName:     f.ref.Name,
		functionSettings: f.latest.functionSettings,
		LastModified:     f.latest.LastModified,
		RevisionID:       f.latest.RevisionID,
		LastVersion:      f.published,
	}
	for _, number := range slices.Sorted(maps.Keys(f.versions)) {
		v := f.versions[number]
		s.Versions = append(s.Versions, savedVersion{v.Version, v.Description, v.RevisionID})
	}
	for _, name := range slices.Sorted(maps.Keys(f.aliases)) {
		a := f.aliases[name]
		s.Aliases = append(s.Aliases, savedAlias{a.Name, a.FunctionVersion, a.Description, a.RevisionID})
	}
	for _, qualifier := range slices.Sorted(maps.Keys(f.configs)) {
		c := f.configs[qualifier]
		s.EventInvokeConfigs = append(s.EventInvokeConfigs, savedConfig{qualifier, c.settings(), c.unixSeconds()})
	}
	return s
}

// LoadState adds the functions of a state to the account. They replace functions of the
// same name. If any part of the state is invalid, LoadState returns an error and adds
// none. It does not check that destinations exist, since they may have been deleted
// before the state was saved.
func (e *Emulator) LoadState(data []byte) error {
	var format struct{ FormatVersion int }
	if err := unmarshal(data, &format, false); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:syntax.Offset], []byte("\n")), err)
		}
		return err
	}
	if format.FormatVersion != stateFormat {
		return fmt.Errorf("FormatVersion is %d, but must be %d", format.FormatVersion, stateFormat)
	}
	var saved savedState
	if err := unmarshal(data, &saved, true); err != nil {
		return err
	}
	functions := map[functionKey]*function{}
	for i, s := range saved.Functions {
		f, err := e.restore(s)
		key := functionKey{s.Region, s.FunctionName}
		if err == nil && functions[key] != nil {
			err = errors.New("duplicate function")
		}
		if err != nil {
			return fmt.Errorf("function %q in %q (Functions[%d]): %w", s.FunctionName, s.Region, i, err)
		}
		functions[key] = f
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	maps.Copy(e.functions, functions)
	return nil
}

// restore returns the function of a saved state.
func (e *Emulator) restore(s savedFunction) (*function, error) {
	var v violations
	v.checkString("Region", s.Region, 1, 64, regionPattern)
	v.checkString("FunctionName", s.FunctionName, 1, maxName, bareNamePattern)
	f := e.newFunction(e.localRef(s.Region, s.FunctionName), s.functionSettings)
	if s.LastModified != "" {
		if _, err := time.Parse(functionTime, s.LastModified); err != nil {
			return nil, fmt.Errorf("LastModified: %w", err)
		}
		f.latest.LastModified = s.LastModified
	}
	f.latest.RevisionID = cmp.Or(s.RevisionID, f.latest.RevisionID)

	f.published = s.LastVersion
	for _, version := range s.Versions {
		number, ok := versionNumber(version.Version)
		if !ok || f.hasVersion(version.Version) {
			return nil, fmt.Errorf("version %q is a duplicate or not a positive integer", version.Version)
		}
		latest := f.latest
		latest.Version = version.Version
		latest.Description = version.Description
		latest.RevisionID = cmp.Or(version.RevisionID, newUUID())
		f.versions[number] = latest
		f.published = max(f.published, number)
	}

	ref := f.ref
	for i, a := range s.Aliases {
		v.checkString(fmt.Sprintf("Aliases[%d].Name", i), a.Name, 1, 128, aliasPattern)
		if _, ok := f.aliases[a.Name]; ok {
			return nil, fmt.Errorf("duplicate alias %q", a.Name)
		}
		if !f.hasVersion(a.FunctionVersion) {
			return nil, fmt.Errorf("alias %q refers to version %q, which is not in Versions", a.Name, a.FunctionVersion)
		}
		ref.Qualifier = a.Name
		f.aliases[a.Name] = alias{ref.String(), a.Name, a.FunctionVersion, a.Description, cmp.Or(a.RevisionID, newUUID())}
	}

	for i, c := range s.EventInvokeConfigs {
		qualifier := cmp.Or(c.Qualifier, functionref.Latest)
		path := fmt.Sprintf("EventInvokeConfigs[%d].", i)
		v.checkString(path+"Qualifier", qualifier, 1, 128, qualifierPattern)
		v.checkSettings(path, c.settings)
		if _, ok := f.configs[qualifier]; ok {
			return nil, fmt.Errorf("duplicate qualifier %q in EventInvokeConfigs", qualifier)
		}
		config := Config{LastModified: e.options.Clock()}
		config.set(c.settings)
		if c.LastModified != "" {
			seconds, err := strconv.ParseFloat(string(c.LastModified), 64)
			if err != nil || seconds < 0 || seconds > 1e11 {
				return nil, fmt.Errorf("%sLastModified: %s is not a time in Unix seconds", path, c.LastModified)
			}
			config.LastModified = time.UnixMilli(int64(seconds*1000 + 0.5))
		}
		f.configs[qualifier] = config
	}
	if len(v) > 0 {
		return nil, errors.New(v.message())
	}
	return f, nil
}
