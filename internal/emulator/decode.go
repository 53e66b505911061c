// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// unmarshal decodes JSON into the value that to points to. Unlike with encoding/json,
// member names are case-sensitive, as in Lambda, and errors do not contain Go types.
// Unknown members are ignored, or an error if strict is true.
func unmarshal(data []byte, to any, strict bool) error {
	return unmarshalMember(data, reflect.ValueOf(to).Elem(), "", strict)
}

// unmarshalMember decodes the member at path. An empty path is the whole JSON text.
func unmarshalMember(data []byte, to reflect.Value, path string, strict bool) error {
	if to.Kind() == reflect.Pointer && string(data) != "null" {
		to.Set(reflect.New(to.Type().Elem()))
		return unmarshalMember(data, to.Elem(), path, strict)
	}
	if to.Kind() == reflect.Slice && to.Type().Elem().Kind() == reflect.Struct {
		var elements []json.RawMessage
		if err := json.Unmarshal(data, &elements); err != nil {
			return describeJSON(err, path)
		}
		to.Set(reflect.MakeSlice(to.Type(), len(elements), len(elements)))
		for i, element := range elements {
			if err := unmarshalMember(element, to.Index(i), fmt.Sprintf("%s[%d]", path, i), strict); err != nil {
				return err
			}
		}
		return nil
	}
	if to.Kind() != reflect.Struct {
		return describeJSON(json.Unmarshal(data, to.Addr().Interface()), path)
	}

	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return describeJSON(err, path)
	}
	for _, field := range reflect.VisibleFields(to.Type()) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		member, ok := members[name]
		if !ok || field.Anonymous {
			continue
		}
		delete(members, name)
		if err := unmarshalMember(member, to.FieldByIndex(field.Index), path+"."+name, strict); err != nil {
			return err
		}
	}
	if strict && len(members) > 0 {
		name := slices.Sorted(maps.Keys(members))[0]
		return fmt.Errorf("unknown member %q", strings.TrimPrefix(path+"."+name, "."))
	}
	return nil
}

// describeJSON returns err without Go types.
func describeJSON(err error, path string) error {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return err
	}
	if path == "" {
		return fmt.Errorf("unexpected %s instead of an object", wrong.Value)
	}
	return fmt.Errorf("unexpected %s in %s", wrong.Value, path[1:])
}
