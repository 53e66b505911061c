// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// described collects what is wrong with the descriptions in a schema.
type described struct {
	*testing.T

	seen int
}

var (
	numbers = regexp.MustCompile(`\d+ to \d+|\d+ or more`)
	// What a number counts, or what it is measured in.
	unit = regexp.MustCompile(`in (seconds|tokens)|How (often|many)|[Nn]umber of`)
	// A duration is text, and the unit is in its value.
	duration = regexp.MustCompile("`\\d+[hms]")
	// Where an omitted argument gets its value.
	defaultValue = regexp.MustCompile("Default: |Defaults to|no effect")
)

// TestDescriptions has everything in the schema say what it does, in
// sentences; what is optional, what happens without it; and what is a number
// or a duration, its unit and its range.
func TestDescriptions(t *testing.T) {
	t.Parallel()
	server := serve.Server(provider.New("test"))()
	all, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	identities, err := server.GetResourceIdentitySchemas(t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		t.Fatal(err)
	}
	d := &described{T: t}
	d.block("provider", all.Provider.Block)
	for what, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resource": all.ResourceSchemas, "data source": all.DataSourceSchemas, "list resource": all.ListResourceSchemas,
	} {
		if len(schemas) == 0 {
			t.Errorf("there is no %s", what)
		}
		for name, schema := range schemas {
			d.block(what+" "+name, schema.Block)
		}
	}
	for name, identity := range identities.IdentitySchemas {
		for _, a := range identity.IdentityAttributes {
			at := "identity " + name + "." + a.Name
			d.sentences(at, a.Description)
			if a.OptionalForImport && !strings.Contains(a.Description, "Default when importing: ") {
				t.Errorf("%s: no default when importing: %q", at, a.Description)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(all.Functions)) {
		f := all.Functions[name]
		d.sentences("function "+name, f.Description)
		if f.Summary == "" {
			t.Errorf("function %s: no summary", name)
		}
		for _, p := range f.Parameters {
			d.sentences("function "+name+"("+p.Name+")", p.Description)
		}
	}
	if d.seen < 80 {
		t.Errorf("only %d descriptions were looked at", d.seen)
	}
}

func (d *described) block(at string, b *tfprotov6.SchemaBlock) {
	d.sentences(at, b.Description)
	d.attributes(at, b.Attributes)
	for _, nested := range b.BlockTypes {
		d.block(at+"."+nested.TypeName, nested.Block)
		if at != "provider" {
			d.hasDefault(at+"."+nested.TypeName, nested.Block.Description)
		}
	}
}

func (d *described) attributes(at string, attributes []*tfprotov6.SchemaAttribute) {
	for _, a := range attributes {
		at := at + "." + a.Name
		d.sentences(at, a.Description)
		// An omitted string or collection of the provider block has no value.
		if a.Optional && (!strings.HasPrefix(at, "provider.") || a.Type.Is(tftypes.Bool) || a.Type.Is(tftypes.Number)) {
			d.hasDefault(at, a.Description)
		}
		switch {
		case a.NestedType != nil:
			d.attributes(at, a.NestedType.Attributes)
		case a.Type.Is(tftypes.Number):
			if !numbers.MatchString(a.Description) || !unit.MatchString(a.Description) {
				d.Errorf("%s: no range, or nothing that it counts: %q", at, a.Description)
			}
		case a.Name == "duration" || strings.Contains(at, ".timeouts."):
			if !duration.MatchString(a.Description) {
				d.Errorf("%s: no example with a unit: %q", at, a.Description)
			}
		}
	}
}

func (d *described) hasDefault(at, description string) {
	d.Helper()
	if !defaultValue.MatchString(description) {
		d.Errorf("%s: no default: %q", at, description)
	}
}

// sentences has a description be whole sentences.
func (d *described) sentences(at, description string) {
	d.Helper()
	d.seen++
	if end := strings.TrimSuffix(description, ")"); !strings.HasSuffix(end, ".") || strings.Contains(description, "..") {
		d.Errorf("%s: %q is not made of sentences", at, description)
	}
}
