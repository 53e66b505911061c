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

// TestCompatibility compares the schema with that of the last release, by the
// promise of templates/guides/compatibility.md.tmpl.
func TestCompatibility(t *testing.T) {
	t.Parallel()
	before, err := os.ReadFile(filepath.Base(released))
	if err != nil {
		t.Fatal(err)
	}
	after, err := schemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if broken := breaking(t, before, after); len(broken) > 0 {
		t.Errorf("a configuration or a state of the last release may not work any more:\n  %s\n"+
			"Where that is meant, it takes a new major version: say so in CHANGELOG.md, and record the schema with "+
			"`go run ./internal/generate -release`.", strings.Join(broken, "\n  "))
	}
}

// facts is a schema taken apart: what each path to a value has there.
type facts map[string]any

// widens reports whether a change of a value breaks nothing.
func (f facts) widens(at string, old, now any) bool {
	switch path.Base(at) {
	case "required", "required_for_import":
		// What was set must be settable still.
		return old == true && f[strings.Replace(at, "/required", "/optional", 1)] == true
	case "optional", "computed", "is_nullable", "optional_for_import":
		return now == true
	case "sensitive": // nothing refers to an argument of a provider block
		return now == true && strings.Contains(at, "/provider/block/")
	case "version": // older states can be read: other tests are about that
		was, _ := old.(float64)
		is, _ := now.(float64)
		return is > was
	}
	return false
}

// breaking returns what a user of before could miss in after, and what
// after demands that before did not.
func breaking(t *testing.T, before, after []byte) []string {
	t.Helper()
	was, is := factsOf(t, before), factsOf(t, after)
	var broken []string
	for at, old := range was {
		now, there := is[at]
		switch {
		case !there:
			broken = append(broken, fmt.Sprintf("%s is gone (it was %v)", at, old))
		case now != old && !is.widens(at, old, now):
			broken = append(broken, fmt.Sprintf("%s is %v, and was %v", at, now, old))
		}
	}
	for at, now := range is {
		// What had no such attribute or block before did not set it.
		least, _ := now.(float64)
		isNeeded := path.Base(at) == "required" && now == true || path.Base(at) == "min_items" && least > 0
		if _, there := was[at]; !there && isNeeded && was.has(path.Dir(path.Dir(at))) {
			broken = append(broken, fmt.Sprintf("%s is new, and required", path.Dir(at)))
		}
	}
	slices.Sort(broken)
	return broken
}

// has reports whether there is anything below the path.
func (f facts) has(below string) bool {
	for at := range f {
		if strings.HasPrefix(at, below+"/") {
			return true
		}
	}
	return false
}

// defaultValue is what a description says of a default.
var defaultValue = regexp.MustCompile(`Default: (.*?)\.(?:$|\s)`)

// factsOf leaves out what may change: texts, but for the defaults in them.
func factsOf(t *testing.T, schema []byte) facts {
	t.Helper()
	var all any
	if err := json.Unmarshal(schema, &all); err != nil {
		t.Fatal(err)
	}
	f := facts{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			f[at] = "" // that it is there
			for name, member := range v {
				walk(at+"/"+name, member)
			}
		case []any:
			f[at+"/length"] = len(v)
			for i, member := range v {
				walk(fmt.Sprint(at, "/", i), member)
			}
		default:
			switch path.Base(at) {
			case "description":
				text, _ := v.(string)
				if m := defaultValue.FindStringSubmatch(text); m != nil {
					f[path.Dir(at)+"/default"] = m[1]
				}
			case "description_kind", "summary", "deprecated", "deprecation_message", "format_version":
			default:
				f[at] = v
			}
		}
	}
	walk("", all)
	return f
}

func TestBreaking(t *testing.T) {
	t.Parallel()
	const was = `{"a": {"version": 0, "attributes": {
		"name": {"type": "string", "required": true, "optional": false, "computed": false, "description": "A name."},
		"age": {"type": "number", "required": false, "optional": true, "computed": true, "description": "In seconds. Default: ` + "`5`" + `. More."}}},
		"f": {"parameters": [{"name": "x", "type": "string", "is_nullable": false}]}}`
	for name, test := range map[string]struct {
		old, new string
		want     []string
	}{
		"nothing":         {"", "", nil},
		"another text":    {"A name.", "The name.", nil},
		"deprecated":      {`"type": "string", "required": true`, `"type": "string", "deprecated": true, "required": true`, nil},
		"no more needed":  {`"required": true, "optional": false`, `"required": false, "optional": true`, nil},
		"a new one":       {`"age":`, `"new": {"type": "bool", "required": false, "optional": true}, "age":`, nil},
		"a new resource":  {`{"a":`, `{"b": {"attributes": {"x": {"required": true}}}, "a":`, nil},
		"another type":    {"number", "string", []string{"/a/attributes/age/type is string, and was number"}},
		"another default": {"`5`", "`6`", []string{"/a/attributes/age/default is `6`, and was `5`"}},
		"a new name": {`"age":`, `"years":`, []string{
			"/a/attributes/age is gone (it was )", "/a/attributes/age/computed is gone (it was true)", "/a/attributes/age/default is gone (it was `5`)",
			"/a/attributes/age/optional is gone (it was true)", "/a/attributes/age/required is gone (it was false)", "/a/attributes/age/type is gone (it was number)",
		}},
		"a new one that is needed":   {`"age":`, `"new": {"type": "bool", "required": true}, "age":`, []string{"/a/attributes/new is new, and required"}},
		"a new block that is needed": {`"age":`, `"new": {"nesting_mode": "list", "min_items": 1}, "age":`, []string{"/a/attributes/new is new, and required"}},
		"no more to be set":          {`"required": true, "optional": false, "computed": false`, `"required": false, "optional": false, "computed": true`, []string{"/a/attributes/name/required is false, and was true"}},
		"a newer state":              {`"version": 0`, `"version": 1`, nil},
		"an older state":             {`"version": 0`, `"version": -1`, []string{"/a/version is -1, and was 0"}},
		"no more computed":           {`"computed": true`, `"computed": false`, []string{"/a/attributes/age/computed is false, and was true"}},
		"another parameter": {`"is_nullable": false}`, `"is_nullable": true}, {"name": "y", "type": "string", "is_nullable": false}`,
			[]string{"/f/parameters/length is 2, and was 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := breaking(t, []byte(was), []byte(strings.Replace(was, test.old, test.new, 1))); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
