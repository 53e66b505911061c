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

// providerName is the name that tfplugindocs looks for among the schemas.
const providerName = "awslambda"

type object = map[string]any

// schemas returns the provider's schemas in the format of `terraform providers
// schema -json`. It asks the provider itself: what a CLI prints is only what
// that version of it knows of, and many know no list resources and identities.
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
		return nil, fmt.Errorf("the provider's schema: %s: %s", d.Summary, d.Detail)
	}
	return json.Marshal(object{
		"format_version": "1.0",
		"provider_schemas": object{providerName: object{
			"provider":                  schemaJSON(all.Provider),
			"resource_schemas":          each(all.ResourceSchemas, schemaJSON),
			"data_source_schemas":       each(all.DataSourceSchemas, schemaJSON),
			"list_resource_schemas":     each(all.ListResourceSchemas, schemaJSON),
			"resource_identity_schemas": each(identities.IdentitySchemas, identityJSON),
			"functions":                 each(all.Functions, functionJSON),
		}},
	})
}

func each[T any](named map[string]T, toJSON func(T) object) object {
	converted := object{}
	for name, v := range named {
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
		one := object{
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
			one["nested_type"] = object{
				"attributes":   attributesJSON(a.NestedType.Attributes),
				"nesting_mode": strings.ToLower(a.NestedType.Nesting.String()),
			}
		} else {
			one["type"] = a.Type
		}
		converted[a.Name] = one
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

// functionJSON leaves out the variadic parameter, which no function here has.
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
