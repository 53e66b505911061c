// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"os"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

// TestAccSchemas_equalOutputOfCLI compares the schemas that every CLI prints.
func TestAccSchemas_equalOutputOfCLI(t *testing.T) {
	t.Parallel()
	text, err := schemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var ours tfjson.ProviderSchemas
	if err := json.Unmarshal(text, &ours); err != nil {
		t.Fatal(err)
	}
	printed, err := acctest.Workspace(t, "").ProvidersSchema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got := ours.Schemas[providerName]
	for name, want := range printed.Schemas { // one provider
		for kind, both := range map[string][2]any{
			"provider":     {got.ConfigSchema, want.ConfigSchema},
			"resources":    {got.ResourceSchemas, want.ResourceSchemas},
			"data sources": {got.DataSourceSchemas, want.DataSourceSchemas},
			"functions":    {got.Functions, want.Functions},
		} {
			if got, want := asJSON(t, both[0]), asJSON(t, both[1]); got != want {
				t.Errorf("%s of %s:\n%s\nwant:\n%s", kind, name, got, want)
			}
		}
	}
	// Not every CLI prints these.
	if got.ListResourceSchemas[acctest.Type] == nil || got.ResourceIdentitySchemas[acctest.Type] == nil {
		t.Errorf("no list resource or no identity: %s", text)
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
