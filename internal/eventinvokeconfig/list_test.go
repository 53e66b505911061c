// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// listConfig is the config block of a list block. An empty member is null.
type listConfig struct {
	function, region string
	qualifiers       []string
}

func (c listConfig) value(t *testing.T, server *acctest.Server) *tfprotov6.DynamicValue {
	t.Helper()
	listType := tftypes.List{ElementType: tftypes.String}
	arguments := attributes{"qualifiers": tftypes.NewValue(listType, nil)}
	for name, value := range map[string]string{"function_name": c.function, "region": c.region} {
		if value != "" {
			arguments[name] = text(value)
		}
	}
	if c.qualifiers != nil {
		values := []tftypes.Value{}
		for _, q := range c.qualifiers {
			values = append(values, text(q))
		}
		arguments["qualifiers"] = tftypes.NewValue(listType, values)
	}
	return acctest.Object(t, server.List.ValueType(), arguments)
}

// listed has the results of a list block and all diagnostics, in order.
type listed struct {
	names       []string // display names
	diagnostics []string
	results     []tfprotov6.ListResourceResult
}

// list validates and runs a list block, as the command "query" does. It calls each,
// unless nil, with the name of each result before it takes the next one.
func list(
	t *testing.T, server *acctest.Server, c listConfig, limit int64, includeResource bool, each func(name string),
) listed {
	t.Helper()
	config := c.value(t, server)
	validated, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: acctest.Type, Config: config,
	})
	if err != nil {
		t.Fatal(err)
	}
	failOnDiagnostics(t, validated.Diagnostics)
	stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: acctest.Type, Config: config, Limit: limit, IncludeResource: includeResource,
	})
	if err != nil {
		t.Fatal(err)
	}
	var all listed
	for result := range stream.Results {
		all.diagnostics = append(all.diagnostics, diagnosticLines(result.Diagnostics)...)
		if result.Identity == nil {
			continue
		}
		all.names = append(all.names, result.DisplayName)
		all.results = append(all.results, result)
		if each != nil {
			each(result.DisplayName)
		}
	}
	return all
}

// newListAPI returns an API with the functions a, b, c and d. All but b have
// configurations of $LATEST and live.
func newListAPI(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{}, "d", "b", "c", "a")
	api.Must(api.CreateFunction("eu-west-1", "a"))
	api.Must(api.PutConfig("eu-west-1", "a", "", emulator.Config{OnFailure: bucket}))
	for _, f := range []string{"c", "a", "d"} {
		api.Must(api.CreateAlias(acctest.Region, f, "live", "$LATEST"))
		api.Must(api.PutConfig(acctest.Region, f, "live", emulator.Config{MaximumRetryAttempts: new(0), OnFailure: queue}))
		api.Must(api.PutConfig(acctest.Region, f, "", emulator.Config{OnSuccess: topic}))
	}
	return api
}

func TestList(t *testing.T) {
	t.Parallel()
	all := []string{"a:$LATEST", "a:live", "c:$LATEST", "c:live", "d:$LATEST", "d:live"}
	ofC := []string{"c:$LATEST", "c:live"}
	allCalls := []string{"ListFunctions", "List a", "List b", "List c", "List d"}
	const europe, arnInEurope = "eu-west-1", "arn:aws:lambda:eu-west-1:123456789012:function:a"
	for name, test := range map[string]struct {
		config      listConfig
		names, sent []string
	}{
		"region of provider": {listConfig{}, all, allCalls},
		"same region":        {listConfig{region: acctest.Region}, all, allCalls},
		"other region":       {listConfig{region: europe}, []string{"a:$LATEST"}, []string{"ListFunctions", "List a"}},
		"empty region":       {listConfig{region: "eu-central-1"}, nil, []string{"ListFunctions"}},
		"qualifier":          {listConfig{qualifiers: []string{"live"}}, []string{"a:live", "c:live", "d:live"}, allCalls},
		"qualifiers": {
			listConfig{qualifiers: []string{"$LATEST", "7"}}, []string{"a:$LATEST", "c:$LATEST", "d:$LATEST"}, allCalls,
		},
		"function": {listConfig{function: "c"}, ofC, []string{"List c"}},
		"function and qualifier": {
			listConfig{function: "c", qualifiers: []string{"live"}}, []string{"c:live"}, []string{"List c"},
		},
		"partial ARN": {listConfig{function: "123456789012:function:c"}, ofC, []string{"List c"}},
		"ARN and region": {
			listConfig{function: arnOfFunctions + "c", region: acctest.Region}, ofC, []string{"List c"},
		},
		"ARN in other region":    {listConfig{function: arnInEurope}, []string{"a:$LATEST"}, []string{"List a"}},
		"name and region":        {listConfig{function: "a", region: europe}, []string{"a:$LATEST"}, []string{"List a"}},
		"without configurations": {listConfig{function: "b"}, nil, []string{"List b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newListAPI(t)
			got := list(t, api.NewServer(t), test.config, 100, false, nil)
			expectLines(t, "results", got.names, test.names)
			expectLines(t, "sent", api.RequestLines(), test.sent)
			expectLines(t, "diagnostics", got.diagnostics, nil)
			for _, result := range got.results {
				if result.Resource != nil {
					t.Errorf("%s includes a resource", result.DisplayName)
				}
			}
		})
	}
}

func TestList_resourcesEqualImports(t *testing.T) {
	t.Parallel()
	api := newListAPI(t)
	server := api.NewServer(t)
	for _, region := range []string{acctest.Region, "eu-west-1"} {
		got := list(t, server, listConfig{region: region}, 100, true, nil)
		if len(got.results) == 0 || got.diagnostics != nil {
			t.Fatalf("%d results, %q", len(got.results), got.diagnostics)
		}
		for _, result := range got.results {
			function, qualifier, _ := strings.Cut(result.DisplayName, ":")
			expectIdentity(t, server, result.Identity, identityOf(function, qualifier, region))
			x := newInstance(t, api.NewServer(t))
			x.importByIdentity(map[string]string{
				"function_name": function, "qualifier": qualifier, "region": region, "account_id": acctest.Account,
			})
			listed := acctest.GoValues(t, acctest.ObjectAttributes(t, server.Resource.ValueType(), result.Resource))
			if imported := acctest.GoValue(t, x.state); !reflect.DeepEqual(listed, imported) {
				t.Errorf("%s: listed %v, imported %v", result.DisplayName, listed, imported)
			}
		}
	}
}

// newPagedAPI returns an API with 51 functions that have one configuration each,
// except f00 with 51. A page has 50 functions or configurations.
func newPagedAPI(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{})
	for i := range 51 {
		f := fmt.Sprintf("f%02d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		api.Must(api.PutConfig(acctest.Region, f, "", emulator.Config{}))
		if i > 0 {
			alias := fmt.Sprintf("alias%02d", i)
			api.Must(api.CreateAlias(acctest.Region, "f00", alias, "$LATEST"))
			api.Must(api.PutConfig(acctest.Region, "f00", alias, emulator.Config{}))
		}
	}
	return api
}

func TestList_limitSavesCalls(t *testing.T) {
	t.Parallel()
	first := []string{"ListFunctions", "List f00"}
	second := append(slices.Clone(first), "List f00")
	page := slices.Clone(second)
	for i := 1; i < 50; i++ {
		page = append(page, fmt.Sprintf("List f%02d", i))
	}
	all := append(slices.Clone(page), "ListFunctions", "List f50")
	for limit, want := range map[int64]struct {
		results int
		sent    []string
	}{
		1:   {1, first},
		49:  {49, first},
		50:  {50, first}, // the end of a page of configurations
		51:  {51, second},
		52:  {52, append(slices.Clone(second), "List f01")},
		100: {100, page}, // the end of a page of functions
		101: {101, all},
		102: {101, all},
		0:   {101, all},
	} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			t.Parallel()
			api := newPagedAPI(t)
			got := list(t, api.NewServer(t), listConfig{}, limit, false, nil)
			if len(got.results) != want.results || got.diagnostics != nil {
				t.Errorf("%d results, want %d; %q", len(got.results), want.results, got.diagnostics)
			}
			if !slices.IsSorted(got.names) {
				t.Errorf("not sorted: %q", got.names)
			}
			expectLines(t, "sent", api.RequestLines(), want.sent)
		})
	}
	t.Run("with qualifiers", func(t *testing.T) {
		t.Parallel()
		api := newListAPI(t)
		got := list(t, api.NewServer(t), listConfig{qualifiers: []string{"live"}}, 2, false, nil)
		expectLines(t, "results", got.names, []string{"a:live", "c:live"})
		expectLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a", "List b", "List c"})
	})
}

// The list resource makes a call only when the CLI takes a result that requires it.
func TestList_streams(t *testing.T) {
	t.Parallel()
	api := newListAPI(t)
	var calls []int
	list(t, api.NewServer(t), listConfig{}, 100, true, func(string) { calls = append(calls, len(api.Requests())) })
	if want := []int{2, 2, 4, 4, 5, 5}; !slices.Equal(calls, want) {
		t.Errorf("calls at each result: %v, want %v", calls, want)
	}

	api.ClearRequests()
	server := api.NewServer(t)
	stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: acctest.Type, Config: listConfig{}.value(t, server), Limit: 100,
	})
	api.Must(err)
	expectLines(t, "sent before the first result", api.RequestLines(), nil)
	for range stream.Results {
		break
	}
	expectLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a"})
}

func TestList_sortsPages(t *testing.T) {
	t.Parallel()
	api := newListAPI(t)
	item := func(q string) string { return fmt.Sprintf(`{"FunctionArn":"%sa:%s"}`, arnOfFunctions, q) }
	api.AddFault(emulator.Fault{Operation: "ListFunctions", Status: 200,
		Body: fmt.Sprintf(`{"Functions":[{"FunctionName":"c","FunctionArn":"%sc"},{"FunctionName":"a"}]}`, arnOfFunctions)})
	api.AddFault(emulator.Fault{Operation: listOperation, Function: "a", Status: 200,
		Body: `{"FunctionEventInvokeConfigs":[` + item("z") + `,` + item("7") + `,` + item("live") + `]}`})
	got := list(t, api.NewServer(t), listConfig{}, 100, false, nil)
	expectLines(t, "results", got.names, []string{"a:7", "a:live", "a:z", "c:$LATEST", "c:live"})
}

func TestList_skipsDeletedFunctions(t *testing.T) {
	t.Parallel()
	t.Run("before the first page", func(t *testing.T) {
		t.Parallel()
		api := newListAPI(t)
		got := list(t, api.NewServer(t), listConfig{}, 100, true, func(name string) {
			if name == "a:live" {
				api.Must(api.DeleteFunction(acctest.Region, "c", ""))
			}
		})
		expectLines(t, "results", got.names, []string{"a:$LATEST", "a:live", "d:$LATEST", "d:live"})
		expectLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a", "List b", "List c -> 404", "List d"})
		expectLines(t, "diagnostics", got.diagnostics, nil)
	})
	t.Run("between pages", func(t *testing.T) {
		t.Parallel()
		api := newPagedAPI(t)
		got := list(t, api.NewServer(t), listConfig{}, 51, false, func(name string) {
			if name == "f00:alias01" {
				api.Must(api.DeleteFunction(acctest.Region, "f00", ""))
			}
		})
		if len(got.names) != 51 || got.names[50] != "f01:$LATEST" {
			t.Errorf("results: %q", got.names)
		}
		expectLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List f00", "List f00 -> 404", "List f01"})
		expectLines(t, "diagnostics", got.diagnostics, nil)
	})
}

// accessDenied returns a fault that denies an operation on a function, or on all
// functions if the name is empty.
func accessDenied(operation, function string) emulator.Fault {
	return emulator.Fault{
		Operation: operation, Function: function, Times: 9,
		Status: 403, Code: "AccessDeniedException", Message: "not authorized",
	}
}

func TestList_warnsOfDeniedFunctions(t *testing.T) {
	t.Parallel()
	for _, includeResource := range []bool{false, true} {
		api := newListAPI(t)
		api.AddFault(accessDenied(listOperation, "c"))
		got := list(t, api.NewServer(t), listConfig{}, 3, includeResource, nil) // the limit does not count a warning
		expectLines(t, "results", got.names, []string{"a:$LATEST", "a:live", "d:$LATEST"})
		expectLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a", "List b", "List c -> 403", "List d"})
		if len(got.diagnostics) != 1 ||
			!strings.HasPrefix(got.diagnostics[0], "WARNING: Event invoke configs not read: ") ||
			!strings.Contains(got.diagnostics[0], "Allow the action lambda:"+listOperation+" on the resources "+
				arnOfFunctions+"c and "+arnOfFunctions+"c:* to") {
			t.Errorf("diagnostics: %q", got.diagnostics)
		}
	}
}

func TestList_errors(t *testing.T) {
	t.Parallel()
	invalid := emulator.Fault{
		Operation: listOperation, Function: "c", Status: 400, Code: "InvalidParameterValueException", Message: "no",
	}
	for name, test := range map[string]struct {
		config      listConfig
		fault       emulator.Fault
		names, sent []string
		text        string
	}{
		"no function": {
			listConfig{function: "missing"}, accessDenied("ListFunctions", ""), nil, []string{"List missing -> 404"},
			"Cannot list event invoke configs: " +
				"The function missing does not exist in us-east-1. Correct its name",
		},
		"denied function": {
			listConfig{function: "c"}, accessDenied(listOperation, "c"), nil, []string{"List c -> 403"},
			"Cannot list event invoke configs: " + listOperation + " of c in us-east-1 failed.",
		},
		"denied region": {
			listConfig{}, accessDenied("ListFunctions", ""), nil, []string{"ListFunctions -> 403"},
			"Allow the action lambda:ListFunctions on the resource *",
		},
		"after results": {
			listConfig{}, invalid, []string{"a:$LATEST", "a:live"},
			[]string{"ListFunctions", "List a", "List b", "List c -> 400"},
			"Cannot list event invoke configs: ",
		},
		"other account": {
			listConfig{function: "210987654321:function:c"}, accessDenied("ListFunctions", ""), nil,
			[]string{"List c -> 403"}, "403 AccessDeniedException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newListAPI(t)
			api.AddFault(test.fault)
			got := list(t, api.NewServer(t), test.config, 100, true, nil)
			expectLines(t, "results", got.names, test.names)
			expectLines(t, "sent", api.RequestLines(), test.sent)
			expectDiagnostic(t, got.diagnostics, "ERROR: ", test.text)
		})
	}
}

func TestList_validation(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	server := api.NewServer(t)
	listType := tftypes.List{ElementType: tftypes.String}
	unknown := tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	nullQualifier := tftypes.NewValue(listType, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})
	object := func(arguments attributes) *tfprotov6.DynamicValue {
		return acctest.Object(t, server.List.ValueType(), arguments)
	}
	for name, test := range map[string]struct {
		config *tfprotov6.DynamicValue
		text   string // empty for no diagnostics
	}{
		"qualifier in name": {
			listConfig{function: "f:live"}.value(t, server),
			`AttributeName("function_name"): Invalid function reference: "f:live" contains the qualifier "live"`,
		},
		"function": {
			listConfig{function: "f g"}.value(t, server), `AttributeName("function_name"): Invalid function reference`,
		},
		"qualifier": {
			listConfig{qualifiers: []string{"live", "a b"}}.value(t, server),
			`AttributeName("qualifiers").ElementKeyInt(1): Invalid function qualifier`,
		},
		"no qualifiers": {
			listConfig{qualifiers: []string{}}.value(t, server), `AttributeName("qualifiers"): Invalid Attribute Value`,
		},
		"null qualifier": {
			object(attributes{"qualifiers": nullQualifier}), `AttributeName("qualifiers"): Null List Value`,
		},
		"contradicting regions": {
			listConfig{function: functionARN, region: "eu-west-1"}.value(t, server),
			`AttributeName("region"): Conflicting function regions`,
		},
		"unknown": {object(attributes{
			"function_name": unknown, "region": unknown, "qualifiers": tftypes.NewValue(listType, tftypes.UnknownValue),
		}), ""},
	} {
		got, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: acctest.Type, Config: test.config,
		})
		api.Must(err)
		lines := diagnosticLines(got.Diagnostics)
		if test.text == "" {
			expectLines(t, name, lines, nil)
		} else if len(lines) != 1 || !strings.HasPrefix(lines[0], "ERROR: "+test.text) {
			t.Errorf("%s: got %q", name, lines)
		}
	}
}

func TestList_providerConfiguration(t *testing.T) {
	t.Parallel()
	withoutRegion := acctest.StringValues(map[string]string{"access_key": "test", "secret_key": "test"})
	withRegion := acctest.StringValues(map[string]string{
		"access_key": "test", "secret_key": "test", "region": acctest.Region,
	})
	unknownRegion := attributes{"region": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}
	for want, test := range map[string]struct {
		provider attributes
		config   listConfig
	}{
		"ERROR: Provider configuration not known yet":        {unknownRegion, listConfig{}},
		`ERROR: AttributeName("region"): Missing AWS region`: {withoutRegion, listConfig{}},
		`ERROR: AttributeName("region"): Unknown AWS region: The AWS SDK does not know the region "Frankfurt"`: {
			withRegion, listConfig{region: "Frankfurt"},
		},
	} {
		got := list(t, acctest.NewServer(t, test.provider), test.config, 100, true, nil)
		if len(got.results) != 0 {
			t.Errorf("%d results", len(got.results))
		}
		expectDiagnostic(t, got.diagnostics, want, "")
	}
}
