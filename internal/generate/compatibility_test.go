// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSchema_isCompatibleWithLastRelease tests the promise in
// templates/guides/compatibility.md.tmpl.
func TestSchema_isCompatibleWithLastRelease(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile(filepath.Base(released))
	if err != nil {
		t.Fatal(err)
	}
	after, err := schemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if broken := breakingChanges(t, before, after); len(broken) > 0 {
		t.Errorf("the schema is not compatible with the last release:\n  %s\n"+
			"If this is intended, release a new major version: describe the change in CHANGELOG.md and run "+
			"`go run ./internal/generate -release`.", strings.Join(broken, "\n  "))
	}
}

// flatSchema has the values of a schema by path, such as "/a/attributes/age/type".
type flatSchema map[string]any

// isCompatible reports whether a changed value is compatible.
func (s flatSchema) isCompatible(at string, old, now any) bool {
	switch path.Base(at) {
	case "required", "required_for_import":
		// A configuration that sets the attribute must remain valid.
		return old == true && s[strings.Replace(at, "/required", "/optional", 1)] == true
	case "optional", "computed", "is_nullable", "optional_for_import":
		return now == true
	case "sensitive": // no expression refers to an argument of a provider block
		return now == true && strings.Contains(at, "/provider/block/")
	case "version": // other tests read older states
		was, _ := old.(float64)
		is, _ := now.(float64)
		return is > was
	}
	return false
}

// breakingChanges returns the incompatible changes from before to after.
func breakingChanges(t *testing.T, before, after []byte) []string {
	t.Helper()
	was, is := flatten(t, before), flatten(t, after)
	var broken []string
	for at, old := range was {
		now, ok := is[at]
		switch {
		case !ok:
			broken = append(broken, fmt.Sprintf("%s was removed (it was %v)", at, old))
		case now != old && !is.isCompatible(at, old, now):
			broken = append(broken, fmt.Sprintf("%s is %v, and was %v", at, now, old))
		}
	}
	for at, now := range is {
		// Configurations of the last release do not set a new attribute or block.
		least, _ := now.(float64)
		isRequired := path.Base(at) == "required" && now == true || path.Base(at) == "min_items" && least > 0
		if _, ok := was[at]; !ok && isRequired && was.has(path.Dir(path.Dir(at))) {
			broken = append(broken, fmt.Sprintf("%s is new, and required", path.Dir(at)))
		}
	}
	slices.Sort(broken)
	return broken
}

// has reports whether the schema has a value below the path.
func (s flatSchema) has(below string) bool {
	for at := range s {
		if strings.HasPrefix(at, below+"/") {
			return true
		}
	}
	return false
}

// defaultValue matches the default in a description.
var defaultValue = regexp.MustCompile(`Default(?:: |s to )(.*?)\.(?:$|\s)`)

// flatten returns the schema without texts, which may change, except for defaults in them.
func flatten(t *testing.T, schema []byte) flatSchema {
	t.Helper()
	var all any
	if err := json.Unmarshal(schema, &all); err != nil {
		t.Fatal(err)
	}
	s := flatSchema{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			s[at] = "" // that the object exists
			for name, member := range v {
				walk(at+"/"+name, member)
			}
		case []any:
			s[at+"/length"] = len(v)
			for i, member := range v {
				walk(fmt.Sprint(at, "/", i), member)
			}
		default:
			switch path.Base(at) {
			case "description":
				text, _ := v.(string)
				if m := defaultValue.FindStringSubmatch(text); m != nil {
					s[path.Dir(at)+"/default"] = m[1]
				}
			case "description_kind", "summary", "deprecated", "deprecation_message", "format_version":
			default:
				s[at] = v
			}
		}
	}
	walk("", all)
	return s
}

func TestBreakingChanges(t *testing.T) {
	t.Parallel()
	const was = `{"a": {"version": 0, "attributes": {
		"name": {"type": "string", "required": true, "optional": false, "computed": false, "description": "A name."},
		"age": {"type": "number", "required": false, "optional": true, "computed": true,
			"description": "In seconds. Defaults to ` + "`5`" + `. More."}}},
		"f": {"parameters": [{"name": "x", "type": "string", "is_nullable": false}]}}`
	for name, test := range map[string]struct {
		old, new string
		want     []string
	}{
		"no change": {"", "", nil},
		"text":      {"A name.", "The name.", nil},
		"deprecated": {
			`"type": "string", "required": true`, `"type": "string", "deprecated": true, "required": true`, nil,
		},
		"optional":      {`"required": true, "optional": false`, `"required": false, "optional": true`, nil},
		"new attribute": {`"age":`, `"new": {"type": "bool", "required": false, "optional": true}, "age":`, nil},
		"new resource":  {`{"a":`, `{"b": {"attributes": {"x": {"required": true}}}, "a":`, nil},
		"type":          {"number", "string", []string{"/a/attributes/age/type is string, and was number"}},
		"default":       {"`5`", "`6`", []string{"/a/attributes/age/default is `6`, and was `5`"}},
		"name": {`"age":`, `"years":`, []string{
			"/a/attributes/age was removed (it was )", "/a/attributes/age/computed was removed (it was true)",
			"/a/attributes/age/default was removed (it was `5`)", "/a/attributes/age/optional was removed (it was true)",
			"/a/attributes/age/required was removed (it was false)", "/a/attributes/age/type was removed (it was number)",
		}},
		"new required attribute": {`"age":`, `"new": {"type": "bool", "required": true}, "age":`,
			[]string{"/a/attributes/new is new, and required"}},
		"new required block": {`"age":`, `"new": {"nesting_mode": "list", "min_items": 1}, "age":`,
			[]string{"/a/attributes/new is new, and required"}},
		"read-only": {
			`"required": true, "optional": false, "computed": false`,
			`"required": false, "optional": false, "computed": true`,
			[]string{"/a/attributes/name/required is false, and was true"},
		},
		"newer state version": {`"version": 0`, `"version": 1`, nil},
		"older state version": {`"version": 0`, `"version": -1`, []string{"/a/version is -1, and was 0"}},
		"not computed": {`"computed": true`, `"computed": false`,
			[]string{"/a/attributes/age/computed is false, and was true"}},
		"parameter": {`"is_nullable": false}`, `"is_nullable": true}, {"name": "y", "type": "string", "is_nullable": false}`,
			[]string{"/f/parameters/length is 2, and was 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := breakingChanges(t, []byte(was), []byte(strings.Replace(was, test.old, test.new, 1)))
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
