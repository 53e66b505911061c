// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"maps"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// Server is a configured server of the provider. Tests call its RPCs in the order
// of a CLI that may be newer than [CLI].
type Server struct {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer

	Resource *tfprotov6.Schema // of Type
	List     *tfprotov6.Schema // of the config block in a list block
	Identity *tfprotov6.ResourceIdentitySchema
}

// NewServer returns a server that is configured with the arguments of a provider
// block. It ignores warnings.
func NewServer(t *testing.T, arguments map[string]tftypes.Value) *Server {
	t.Helper()
	server := serve.Server(provider.New("test"))()
	lists, ok := server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the server does not implement ListResourceServer")
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
		Config: Object(t, schemas.Provider.ValueType(), arguments),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range configured.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			t.Fatal(d.Summary, d.Detail)
		}
	}
	return &Server{
		server, lists,
		schemas.ResourceSchemas[Type], schemas.ListResourceSchemas[Type], identities.IdentitySchemas[Type],
	}
}

// NewServer returns a server that is configured like [API.ProviderBlock], with
// further arguments.
func (a *API) NewServer(t *testing.T, more ...map[string]tftypes.Value) *Server {
	t.Helper()
	endpoints := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"lambda": tftypes.String, "sso": tftypes.String, "sts": tftypes.String,
	}}
	arguments := StringValues(map[string]string{"region": Region, "access_key": "test", "secret_key": "test"})
	arguments["endpoints"] = tftypes.NewValue(tftypes.Set{ElementType: endpoints}, []tftypes.Value{
		tftypes.NewValue(endpoints, map[string]tftypes.Value{
			"lambda": tftypes.NewValue(tftypes.String, a.URL),
			"sso":    tftypes.NewValue(tftypes.String, nil),
			"sts":    tftypes.NewValue(tftypes.String, nil),
		}),
	})
	for _, m := range more {
		maps.Copy(arguments, m)
	}
	return NewServer(t, arguments)
}

// StringValues returns strings as values of attributes.
func StringValues(values map[string]string) map[string]tftypes.Value {
	attributes := map[string]tftypes.Value{}
	for name, v := range values {
		attributes[name] = tftypes.NewValue(tftypes.String, v)
	}
	return attributes
}

// ObjectAttributes returns the attributes of an object, nil for a null object.
func ObjectAttributes(t *testing.T, of tftypes.Type, object *tfprotov6.DynamicValue) map[string]tftypes.Value {
	t.Helper()
	v, err := object.Unmarshal(of)
	if err != nil {
		t.Fatal(err)
	}
	var attributes map[string]tftypes.Value
	if err := v.As(&attributes); err != nil {
		t.Fatal(err)
	}
	return attributes
}

// GoValue returns a known value as nil, a string, a bool, a float64, or a map of
// these.
func GoValue(t *testing.T, v tftypes.Value) any {
	t.Helper()
	if v.IsNull() {
		return nil
	}
	var err error
	var value any
	switch {
	case v.Type().Is(tftypes.String):
		var text string
		err = v.As(&text)
		value = text
	case v.Type().Is(tftypes.Number):
		var number big.Float
		err = v.As(&number)
		value, _ = number.Float64()
	case v.Type().Is(tftypes.Bool):
		var boolean bool
		err = v.As(&boolean)
		value = boolean
	default:
		var object map[string]tftypes.Value
		err = v.As(&object)
		value = GoValues(t, object)
	}
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// GoValues is [GoValue] for the attributes of an object.
func GoValues(t *testing.T, attributes map[string]tftypes.Value) map[string]any {
	t.Helper()
	values := map[string]any{}
	for name, v := range attributes {
		values[name] = GoValue(t, v)
	}
	return values
}

// Object returns an object of a schema's type with the given attributes. Other
// attributes are null, and other blocks are empty.
func Object(t *testing.T, of tftypes.Type, known map[string]tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := of.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", of)
	}
	attributes := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		attributes[name] = tftypes.NewValue(attribute, nil)
		if attribute.Is(tftypes.List{}) || attribute.Is(tftypes.Set{}) {
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
