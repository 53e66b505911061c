// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package largelist sets list attributes of a data source without the framework's
// values. The framework stores a state as several trees of maps, with a type for
// each object: half a gigabyte for 20,000 objects with ten attributes. [Set]
// encodes the elements one by one, and [Lists.AddTo] adds the encoded lists to the
// framework's response.
package largelist

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/vmihailenco/msgpack/v5"
)

// Lists contains the encoded lists of one response by attribute name. It is not
// safe for concurrent use.
type Lists map[string][]byte

// contextKey is the key of Lists in a context.
type contextKey struct{}

// Collect returns the context for one RPC, and the lists that [Set] stores in it.
func Collect(ctx context.Context) (context.Context, Lists) {
	lists := Lists{}
	return context.WithValue(ctx, contextKey{}, lists), lists
}

// Set sets the list attribute name of the response to elements. ctx comes from
// [Collect]. The attribute is null in the state that the data source returns. T is
// a struct as for [tfsdk.State.Set].
func Set[T any](ctx context.Context, state tfsdk.State, name string, elements iter.Seq[T]) error {
	lists, ok := ctx.Value(contextKey{}).(Lists)
	if !ok {
		return errors.New("the context has no lists")
	}
	list, ok := state.Schema.GetAttributes()[name].GetType().(attr.TypeWithElementType)
	if !ok {
		return fmt.Errorf("%s is not a list", name)
	}
	elementType := list.ElementType().TerraformType(ctx)
	var body bytes.Buffer
	count := 0
	for element := range elements {
		var v attr.Value
		if diags := tfsdk.ValueFrom(ctx, element, list.ElementType(), &v); diags.HasError() {
			return fmt.Errorf("%s: %v", name, diags)
		}
		value, err := v.ToTerraformValue(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		encoded, err := tfprotov6.NewDynamicValue(elementType, value)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		body.Write(encoded.MsgPack)
		count++
	}
	var head bytes.Buffer
	if err := msgpack.NewEncoder(&head).EncodeArrayLen(count); err != nil {
		return err
	}
	lists[name] = append(head.Bytes(), body.Bytes()...)
	return nil
}

// AddTo replaces the attributes in the state of response by the lists in l. It
// does nothing without lists or without a state.
func (l Lists) AddTo(response *tfprotov6.ReadDataSourceResponse) error {
	if len(l) == 0 || response == nil || response.State == nil {
		return nil
	}
	var state bytes.Buffer
	decoder, encoder := msgpack.NewDecoder(bytes.NewReader(response.State.MsgPack)), msgpack.NewEncoder(&state)
	count, err := decoder.DecodeMapLen()
	if err != nil {
		return err
	}
	if err := encoder.EncodeMapLen(count); err != nil {
		return err
	}
	for range count {
		name, err := decoder.DecodeString()
		if err != nil {
			return err
		}
		value, err := decoder.DecodeRaw()
		if err != nil {
			return err
		}
		if list, ok := l[name]; ok {
			value = list
		}
		if err := encoder.EncodeString(name); err != nil {
			return err
		}
		state.Write(value)
	}
	response.State = &tfprotov6.DynamicValue{MsgPack: state.Bytes()}
	return nil
}
