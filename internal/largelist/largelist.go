// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package largelist lets a data source return lists with tens of thousands of
// objects. The framework holds a state as several trees of maps, and each object
// with a type of its own: half a gigabyte for 20,000 objects with ten
// attributes. [Set] encodes one object after another, as the protocol needs it,
// and [Lists.AddTo] adds the result to the response of the framework.
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

// Lists are the lists of one response, encoded, by the names of their attributes.
type Lists map[string][]byte

type key struct{}

// Collect returns a context for one RPC, and the lists that [Set] adds to it.
func Collect(ctx context.Context) (context.Context, Lists) {
	lists := Lists{}
	return context.WithValue(ctx, key{}, lists), lists
}

// Set makes the elements the value of a list attribute in the response to the RPC
// of ctx. In the state that the data source returns, the attribute is null. T is
// a struct as for [tfsdk.State.Set].
func Set[T any](ctx context.Context, state tfsdk.State, name string, elements iter.Seq[T]) error {
	lists, ok := ctx.Value(key{}).(Lists)
	if !ok {
		return errors.New("the server does not collect lists")
	}
	list, ok := state.Schema.GetAttributes()[name].GetType().(attr.TypeWithElementType)
	if !ok {
		return fmt.Errorf("%s is no list", name)
	}
	of := list.ElementType().TerraformType(ctx)
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
		encoded, err := tfprotov6.NewDynamicValue(of, value)
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

// AddTo puts the lists into a response of the framework.
func (l Lists) AddTo(response *tfprotov6.ReadDataSourceResponse) error {
	if len(l) == 0 || response == nil || response.State == nil {
		return nil
	}
	var state bytes.Buffer
	from, to := msgpack.NewDecoder(bytes.NewReader(response.State.MsgPack)), msgpack.NewEncoder(&state)
	count, err := from.DecodeMapLen()
	if err != nil {
		return err
	}
	if err := to.EncodeMapLen(count); err != nil {
		return err
	}
	for range count {
		name, err := from.DecodeString()
		if err != nil {
			return err
		}
		value, err := from.DecodeRaw()
		if err != nil {
			return err
		}
		if list, ok := l[name]; ok {
			value = list
		}
		if err := to.EncodeString(name); err != nil {
			return err
		}
		state.Write(value)
	}
	response.State = &tfprotov6.DynamicValue{MsgPack: state.Bytes()}
	return nil
}
