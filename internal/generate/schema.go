// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// providerName is the name of the provider for tfplugindocs.
const providerName = "awslambda"

type object = map[string]any

// schemas returns the schemas of the provider in the format of "terraform providers schema
// -json". It gets them from the provider, since many CLIs print neither list resources nor
// identities.
func schemas(ctx context.Context) ([]byte, error) {
	server := serve.Server(provider.New("dev"))()
	all, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range append(all.Diagnostics, identities.Diagnostics...) {
		return nil, fmt.Errorf("cannot read the schema: %s: %s", d.Summary, d.Detail)
	}
	return json.Marshal(object{
		"format_version": "1.0",
		"provider_schemas": object{providerName: object{
			"provider":                  schemaJSON(all.Provider),
			"resource_schemas":          convertMap(all.ResourceSchemas, schemaJSON),
			"data_source_schemas":       convertMap(all.DataSourceSchemas, schemaJSON),
			"list_resource_schemas":     convertMap(all.ListResourceSchemas, schemaJSON),
			"resource_identity_schemas": convertMap(identities.IdentitySchemas, identityJSON),
			"functions":                 convertMap(all.Functions, functionJSON),
		}},
	})
}

func convertMap[T any](values map[string]T, toJSON func(T) object) object {
	converted := object{}
	for name, v := range values {
		converted[name] = toJSON(v)
	}
	return converted
}

func schemaJSON(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": blockJSON(s.Block)}
}

func blockJSON(b *tfprotov6.SchemaBlock) object {
	blocks := object{}
	for _, nested := range b.BlockTypes {
		blocks[nested.TypeName] = object{
			"nesting_mode": strings.ToLower(nested.Nesting.String()),
			"min_items":    nested.MinItems,
			"max_items":    nested.MaxItems,
			"block":        blockJSON(nested.Block),
		}
	}
	return object{
		"attributes":       attributesJSON(b.Attributes),
		"block_types":      blocks,
		"description":      b.Description,
		"description_kind": kindJSON(b.DescriptionKind),
		"deprecated":       b.Deprecated,
	}
}

func attributesJSON(attributes []*tfprotov6.SchemaAttribute) object {
	converted := object{}
	for _, a := range attributes {
		attribute := object{
			"description":      a.Description,
			"description_kind": kindJSON(a.DescriptionKind),
			"deprecated":       a.Deprecated,
			"required":         a.Required,
			"optional":         a.Optional,
			"computed":         a.Computed,
			"sensitive":        a.Sensitive,
			"write_only":       a.WriteOnly,
		}
		if a.NestedType != nil {
			attribute["nested_type"] = object{
				"attributes":   attributesJSON(a.NestedType.Attributes),
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
			}
		} else {
			attribute["type"] = a.Type
		}
		converted[a.Name] = attribute
	}
	return converted
}

func identityJSON(s *tfprotov6.ResourceIdentitySchema) object {
	attributes := object{}
	for _, a := range s.IdentityAttributes {
		attributes[a.Name] = object{
			"type":                a.Type,
			"description":         a.Description,
			"required_for_import": a.RequiredForImport,
			"optional_for_import": a.OptionalForImport,
		}
	}
	return object{"version": s.Version, "attributes": attributes}
}

// functionJSON returns f without a variadic parameter, which no function of the provider has.
func functionJSON(f *tfprotov6.Function) object {
	parameters := []object{}
	for _, p := range f.Parameters {
		parameters = append(parameters, object{
			"name": p.Name, "description": p.Description, "is_nullable": p.AllowNullValue, "type": p.Type,
		})
	}
	return object{
		"summary":             f.Summary,
		"description":         f.Description,
		"deprecation_message": f.DeprecationMessage,
		"parameters":          parameters,
		"return_type":         f.Return.Type,
	}
}

func kindJSON(k tfprotov6.StringKind) string { return strings.ToLower(k.String()) }
