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

// Server is the provider's server, for tests that call it as a CLI does which
// knows of more than the CLI at hand: identities, and list resources.
type Server struct {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer

	Resource *tfprotov6.Schema // of Type
	List     *tfprotov6.Schema // of a list block's config
	Identity *tfprotov6.ResourceIdentitySchema
}

// NewServer returns a server that is configured with the arguments of a
// provider block. What they are warned about is not looked at.
func NewServer(t *testing.T, arguments map[string]tftypes.Value) *Server {
	t.Helper()
	server := serve.Server(provider.New("test"))()
	lists, ok := server.(tfprotov6.ListResourceServer)
	if !ok {
		t.Fatal("the server knows no list resources")
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
	return &Server{server, lists, schemas.ResourceSchemas[Type], schemas.ListResourceSchemas[Type], identities.IdentitySchemas[Type]}
}

// Server returns a server that is configured as by [API.ProviderBlock], with more
// arguments.
func (a *API) Server(t *testing.T, more ...map[string]tftypes.Value) *Server {
	t.Helper()
	endpoint := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"lambda": tftypes.String, "sso": tftypes.String, "sts": tftypes.String}}
	arguments := Texts(map[string]string{"region": Region, "access_key": "test", "secret_key": "test"})
	arguments["endpoints"] = tftypes.NewValue(tftypes.Set{ElementType: endpoint}, []tftypes.Value{tftypes.NewValue(endpoint, map[string]tftypes.Value{
		"lambda": tftypes.NewValue(tftypes.String, a.URL), "sso": tftypes.NewValue(tftypes.String, nil), "sts": tftypes.NewValue(tftypes.String, nil),
	})})
	for _, m := range more {
		maps.Copy(arguments, m)
	}
	return NewServer(t, arguments)
}

// Texts returns strings as attributes.
func Texts(values map[string]string) map[string]tftypes.Value {
	attributes := map[string]tftypes.Value{}
	for name, v := range values {
		attributes[name] = tftypes.NewValue(tftypes.String, v)
	}
	return attributes
}

// Attributes takes apart an object of a schema's type; nil is one that is null.
func Attributes(t *testing.T, of tftypes.Type, object *tfprotov6.DynamicValue) map[string]tftypes.Value {
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

// Plain returns a known value as Go has it: nil, a string, a bool, a float64,
// or a map of these.
func Plain(t *testing.T, v tftypes.Value) any {
	t.Helper()
	var err error
	var text string
	var number *big.Float
	var yes bool
	var object map[string]tftypes.Value
	switch {
	case v.IsNull():
		return nil
	case v.Type().Is(tftypes.String):
		err = v.As(&text)
	case v.Type().Is(tftypes.Number):
		err = v.As(&number)
	case v.Type().Is(tftypes.Bool):
		err = v.As(&yes)
	default:
		err = v.As(&object)
	}
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case object != nil:
		return PlainObject(t, object)
	case number != nil:
		f, _ := number.Float64()
		return f
	case v.Type().Is(tftypes.Bool):
		return yes
	}
	return text
}

// PlainObject is [Plain] for the attributes of an object.
func PlainObject(t *testing.T, attributes map[string]tftypes.Value) map[string]any {
	t.Helper()
	plain := map[string]any{}
	for name, v := range attributes {
		plain[name] = Plain(t, v)
	}
	return plain
}

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
