// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Object returns an object of a schema's type with the given attributes, for
// tests that call the provider's server themselves. The other attributes are
// null, and the other blocks empty.
func Object(t *testing.T, of tftypes.Type, known map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := of.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", of)
	}
	attributes := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(attribute, nil)
		if attribute.Is(tftypes.List{}) {
			attributes[name] = tftypes.NewValue(attribute, []tftypes.Value{})
		}
		if attribute.Is(tftypes.Set{}) {
			attributes[name] = tftypes.NewValue(attribute, []tftypes.Value{})
		}
		if v, ok := known[name]; ok {
			attributes[name] = v
		}
	}
	v, err := tfprotov6.NewDynamicValue(of, tftypes.NewValue(of, attributes))
	if err != nil {
		t.Fatal(err)
	}
	return &v
}
