// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// unmarshal reads JSON into the value that to points to. Other than with
// encoding/json, the names of members are case-sensitive, as Lambda's are, and
// no error names a Go type. Members that the value does not have are ignored,
// or refused if strict.
func unmarshal(data []byte, to any, strict bool) error {
	return unmarshalMember(data, reflect.ValueOf(to).Elem(), "", strict)
}

// unmarshalMember reads the member at path, which is empty for the whole JSON.
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
		names := make([]string, 0, len(members))
		for name := range members {
			names = append(names, name)
		}
		return fmt.Errorf("unknown member %q", strings.TrimPrefix(path+"."+slices.Min(names), "."))
	}
	return nil
}

// describeJSON returns err without the name of a Go type.
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
