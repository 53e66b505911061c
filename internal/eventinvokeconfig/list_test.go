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

// block is the config of a list block.
type block struct {
	function, region string
	qualifiers       []string
}

func (b block) value(t *testing.T, server *acctest.Server) *tfprotov6.DynamicValue {
	t.Helper()
	of := tftypes.List{ElementType: tftypes.String}
	arguments := map[string]tftypes.Value{"qualifiers": tftypes.NewValue(of, nil)}
	for name, value := range map[string]string{"function_name": b.function, "region": b.region} {
		if value != "" {
			arguments[name] = tftypes.NewValue(tftypes.String, value)
		}
	}
	if b.qualifiers != nil {
		values := []tftypes.Value{}
		for _, q := range b.qualifiers {
			values = append(values, tftypes.NewValue(tftypes.String, q))
		}
		arguments["qualifiers"] = tftypes.NewValue(of, values)
	}
	return acctest.Object(t, server.List.ValueType(), arguments)
}

// found is what a list yields: results by their display names, and what is
// said, each in order.
type found struct {
	names   []string
	said    []string
	results []tfprotov6.ListResourceResult
}

// find lists as `terraform query` does: it validates first. each is called
// after every result; nil for nothing.
func find(t *testing.T, server *acctest.Server, b block, limit int64, includeResource bool, each func(name string)) found {
	t.Helper()
	config := b.value(t, server)
	valid, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{TypeName: acctest.Type, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	nothingSaid(t, valid.Diagnostics)
	stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: acctest.Type, Config: config, Limit: limit, IncludeResource: includeResource,
	})
	if err != nil {
		t.Fatal(err)
	}
	var all found
	for result := range stream.Results {
		all.said = append(all.said, said(result.Diagnostics)...)
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

func wantLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n  %s\nwant:\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// newRegion has the functions a, b, c and d with configurations on $LATEST
// and live of a, c and d, and none on b. They are made in another order.
func newRegion(t *testing.T) *acctest.API {
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
	everything := []string{"a:$LATEST", "a:live", "c:$LATEST", "c:live", "d:$LATEST", "d:live"}
	every := []string{"ListFunctions", "List a", "List b", "List c", "List d"}
	for name, test := range map[string]struct {
		block
		names, sent []string
	}{
		"region":           {block{}, everything, every},
		"region named":     {block{region: acctest.Region}, everything, every},
		"another region":   {block{region: "eu-west-1"}, []string{"a:$LATEST"}, []string{"ListFunctions", "List a"}},
		"empty region":     {block{region: "eu-central-1"}, nil, []string{"ListFunctions"}},
		"qualifier":        {block{qualifiers: []string{"live"}}, []string{"a:live", "c:live", "d:live"}, every},
		"$LATEST":          {block{qualifiers: []string{"$LATEST", "7"}}, []string{"a:$LATEST", "c:$LATEST", "d:$LATEST"}, every},
		"function":         {block{function: "c"}, []string{"c:$LATEST", "c:live"}, []string{"List c"}},
		"one of it":        {block{function: "c", qualifiers: []string{"live"}}, []string{"c:live"}, []string{"List c"}},
		"partial ARN":      {block{function: "123456789012:function:c"}, []string{"c:$LATEST", "c:live"}, []string{"List c"}},
		"ARN":              {block{function: "arn:aws:lambda:us-east-1:123456789012:function:c", region: acctest.Region}, []string{"c:$LATEST", "c:live"}, []string{"List c"}},
		"ARN elsewhere":    {block{function: "arn:aws:lambda:eu-west-1:123456789012:function:a"}, []string{"a:$LATEST"}, []string{"List a"}},
		"region beside":    {block{function: "a", region: "eu-west-1"}, []string{"a:$LATEST"}, []string{"List a"}},
		"function without": {block{function: "b"}, nil, []string{"List b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newRegion(t)
			got := find(t, api.NewServer(t), test.block, 100, false, nil)
			wantLines(t, "results", got.names, test.names)
			wantLines(t, "sent", api.RequestLines(), test.sent)
			wantLines(t, "said", got.said, nil)
			for _, result := range got.results {
				if result.Resource != nil {
					t.Errorf("%s comes with a resource", result.DisplayName)
				}
			}
		})
	}
}

// TestListIncludesResources has every result be what its import comes to.
func TestListIncludesResources(t *testing.T) {
	t.Parallel()
	api := newRegion(t)
	listing, importing := api.NewServer(t), api.NewServer(t)
	of := listing.Resource.ValueType()
	for _, region := range []string{acctest.Region, "eu-west-1"} {
		got := find(t, listing, block{region: region}, 100, true, nil)
		if len(got.results) == 0 || got.said != nil {
			t.Fatalf("%d results, %q", len(got.results), got.said)
		}
		for _, result := range got.results {
			function, qualifier, _ := strings.Cut(result.DisplayName, ":")
			wantIdentity(t, listing, result.Identity, identity(function, qualifier, region))
			by := map[string]string{"function_name": function, "qualifier": qualifier, "region": region, "account_id": acctest.Account}
			state := acctest.GoValues(t, acctest.ObjectAttributes(t, of, imported(t, api, importing, "", by).NewState))
			if is := acctest.GoValues(t, acctest.ObjectAttributes(t, of, result.Resource)); !reflect.DeepEqual(is, state) {
				t.Errorf("%s: listed as %v, imported as %v", result.DisplayName, is, state)
			}
		}
	}
}

// newPages has 51 functions and one configuration on each, but 51 of them on
// the first: the last of each is on a second page.
func newPages(t *testing.T) *acctest.API {
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

func TestListLimit(t *testing.T) {
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
			api := newPages(t)
			got := find(t, api.NewServer(t), block{}, limit, false, nil)
			if len(got.results) != want.results || got.said != nil {
				t.Errorf("%d results, want %d; %q", len(got.results), want.results, got.said)
			}
			if !slices.IsSorted(got.names) {
				t.Errorf("out of order: %q", got.names)
			}
			wantLines(t, "sent", api.RequestLines(), want.sent)
		})
	}
	t.Run("of what is filtered", func(t *testing.T) {
		t.Parallel()
		api := newRegion(t)
		got := find(t, api.NewServer(t), block{qualifiers: []string{"live"}}, 2, false, nil)
		wantLines(t, "results", got.names, []string{"a:live", "c:live"})
		wantLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a", "List b", "List c"})
	})
}

// TestListStreams has each result be there before the next call is made, and
// no call be made for who does not want the next one.
func TestListStreams(t *testing.T) {
	t.Parallel()
	api := newRegion(t)
	var calls []int
	find(t, api.NewServer(t), block{}, 100, true, func(string) { calls = append(calls, len(api.Requests())) })
	if want := []int{2, 2, 4, 4, 5, 5}; !slices.Equal(calls, want) {
		t.Errorf("calls at each result: %v, want %v", calls, want)
	}

	api.ClearRequests()
	server := api.NewServer(t)
	stream, err := server.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: acctest.Type, Config: block{}.value(t, server), Limit: 100})
	api.Must(err)
	wantLines(t, "sent before a result is wanted", api.RequestLines(), []string{})
	for range stream.Results {
		break
	}
	wantLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a"})
}

// TestListOrder has pages that are in no order.
func TestListOrder(t *testing.T) {
	t.Parallel()
	api := newRegion(t)
	functions := `{"Functions":[{"FunctionName":"c","FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:c"},{"FunctionName":"a"}]}`
	item := func(q string) string {
		return `{"FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:a:` + q + `"}`
	}
	for range 2 {
		api.AddFault(emulator.Fault{Operation: "ListFunctions", Status: 200, Body: functions})
		api.AddFault(emulator.Fault{Operation: "ListFunctionEventInvokeConfigs", Function: "a", Status: 200,
			Body: `{"FunctionEventInvokeConfigs":[` + item("z") + `,` + item("7") + `,` + item("live") + `]}`})
		got := find(t, api.NewServer(t), block{}, 100, false, nil)
		wantLines(t, "results", got.names, []string{"a:7", "a:live", "a:z", "c:$LATEST", "c:live"})
	}
}

func TestListSkipsDeletedFunctions(t *testing.T) {
	t.Parallel()
	t.Run("before its first page", func(t *testing.T) {
		t.Parallel()
		api := newRegion(t)
		got := find(t, api.NewServer(t), block{}, 100, true, func(name string) {
			if name == "a:live" {
				api.Must(api.DeleteFunction(acctest.Region, "c", ""))
			}
		})
		wantLines(t, "results", got.names, []string{"a:$LATEST", "a:live", "d:$LATEST", "d:live"})
		wantLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a", "List b", "List c -> 404", "List d"})
		wantLines(t, "said", got.said, nil)
	})
	t.Run("between its pages", func(t *testing.T) {
		t.Parallel()
		api := newPages(t)
		got := find(t, api.NewServer(t), block{}, 51, false, func(name string) {
			if name == "f00:alias01" {
				api.Must(api.DeleteFunction(acctest.Region, "f00", ""))
			}
		})
		if len(got.names) != 51 || got.names[50] != "f01:$LATEST" {
			t.Errorf("results: %q", got.names)
		}
		wantLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List f00", "List f00 -> 404", "List f01"})
		wantLines(t, "said", got.said, nil)
	})
}

// denies plays a permission that is missing on one function.
func denies(operation, function string) emulator.Fault {
	return emulator.Fault{Operation: operation, Function: function, Status: 403, Code: "AccessDeniedException", Message: "not authorized", Times: 9}
}

func TestListWarnsOfDeniedFunctions(t *testing.T) {
	t.Parallel()
	for _, includeResource := range []bool{false, true} {
		api := newRegion(t)
		api.AddFault(denies("ListFunctionEventInvokeConfigs", "c"))
		got := find(t, api.NewServer(t), block{}, 3, includeResource, nil) // a warning is no result
		wantLines(t, "results", got.names, []string{"a:$LATEST", "a:live", "d:$LATEST"})
		wantLines(t, "sent", api.RequestLines(), []string{"ListFunctions", "List a", "List b", "List c -> 403", "List d"})
		if len(got.said) != 1 || !strings.HasPrefix(got.said[0], "WARNING: Event invoke configs not read: ") ||
			!strings.Contains(got.said[0], "Allow the action lambda:ListFunctionEventInvokeConfigs on the resources "+
				"arn:aws:lambda:us-east-1:123456789012:function:c and arn:aws:lambda:us-east-1:123456789012:function:c:* to") {
			t.Errorf("said: %q", got.said)
		}
	}
}

func TestListFails(t *testing.T) {
	t.Parallel()
	broken := emulator.Fault{
		Operation: "ListFunctionEventInvokeConfigs", Function: "c", Status: 400, Code: "InvalidParameterValueException", Message: "no such thing",
	}
	for name, test := range map[string]struct {
		block
		fault       emulator.Fault
		names, sent []string
		text        string
	}{
		"no such function": {
			block{function: "missing"}, denies("ListFunctions", ""), nil, []string{"List missing -> 404"},
			"Cannot list event invoke configs: The function missing does not exist in us-east-1. Correct its name",
		},
		"denied function": {
			block{function: "c"}, denies("ListFunctionEventInvokeConfigs", "c"), nil, []string{"List c -> 403"},
			"Cannot list event invoke configs: ListFunctionEventInvokeConfigs of c in us-east-1 failed.",
		},
		"denied region": {
			block{}, denies("ListFunctions", ""), nil, []string{"ListFunctions -> 403"},
			"Allow the action lambda:ListFunctions on the resource *",
		},
		"in the middle": {
			block{}, broken, []string{"a:$LATEST", "a:live"}, []string{"ListFunctions", "List a", "List b", "List c -> 400"},
			"Cannot list event invoke configs: ",
		},
		"another account": {
			block{function: "210987654321:function:c"}, denies("ListFunctions", ""), nil, []string{"List c -> 403"}, "403 AccessDeniedException",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newRegion(t)
			api.AddFault(test.fault)
			got := find(t, api.NewServer(t), test.block, 100, true, nil)
			wantLines(t, "results", got.names, test.names)
			wantLines(t, "sent", api.RequestLines(), test.sent)
			if len(got.said) != 1 || !strings.HasPrefix(got.said[0], "ERROR: ") || !strings.Contains(got.said[0], test.text) {
				t.Errorf("said: %q", got.said)
			}
		})
	}
}

// TestListIsPaced lists beyond the rate that the service grants.
func TestListIsPaced(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{RequestsPerSecond: 15})
	const functions = 50
	for i := range functions {
		f := fmt.Sprintf("f%03d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		api.Must(api.PutConfig(acctest.Region, f, "", emulator.Config{}))
	}
	got := find(t, api.NewServer(t), block{}, 1000, false, nil)
	if len(got.results) != functions || got.said != nil {
		t.Errorf("%d results, %q", len(got.results), got.said)
	}
	refused := 0
	for _, r := range api.Requests() {
		if r.Status == 429 {
			refused++
		}
	}
	// Repetition with a backoff alone is refused a fifth of its calls and more.
	// The pace is refused one call on a quiet machine (30 of 30 runs); where
	// other processes take the processors, up to seven have been seen.
	if refused == 0 || refused > functions/6 {
		t.Errorf("%d of %d calls were refused", refused, len(api.Requests()))
	}
}

func TestListValidates(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{})
	server := api.NewServer(t)
	for name, test := range map[string]struct {
		block
		text string
	}{
		"qualifier inside":      {block{function: "f:live"}, `AttributeName("function_name"): Invalid function reference: "f:live" carries the qualifier "live"`},
		"function":              {block{function: "f g"}, `AttributeName("function_name"): Invalid function reference`},
		"qualifier":             {block{qualifiers: []string{"live", "a b"}}, `AttributeName("qualifiers").ElementKeyInt(1): Invalid function qualifier`},
		"no qualifiers":         {block{qualifiers: []string{}}, `AttributeName("qualifiers"): Invalid Attribute Value`},
		"contradicting regions": {block{function: functionARN, region: "eu-west-1"}, `AttributeName("region"): Conflicting function regions`},
	} {
		got, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
			TypeName: acctest.Type, Config: test.value(t, server),
		})
		api.Must(err)
		if lines := said(got.Diagnostics); len(lines) != 1 || !strings.HasPrefix(lines[0], "ERROR: "+test.text) {
			t.Errorf("%s: got %q", name, lines)
		}
	}
	got, err := server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: acctest.Type, Config: acctest.Object(t, server.List.ValueType(), map[string]tftypes.Value{
			"function_name": tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
			"region":        tftypes.NewValue(tftypes.String, tftypes.UnknownValue),
			"qualifiers":    tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, tftypes.UnknownValue),
		}),
	})
	api.Must(err)
	nothingSaid(t, got.Diagnostics)

	null := tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, []tftypes.Value{tftypes.NewValue(tftypes.String, nil)})
	got, err = server.ValidateListResourceConfig(t.Context(), &tfprotov6.ValidateListResourceConfigRequest{
		TypeName: acctest.Type, Config: acctest.Object(t, server.List.ValueType(), map[string]tftypes.Value{"qualifiers": null}),
	})
	api.Must(err)
	if found := find(t, server, block{region: "Frankfurt"}, 1, false, nil); len(found.said) != 1 ||
		!strings.HasPrefix(found.said[0], `ERROR: AttributeName("region"): Unknown AWS region: The AWS SDK does not know the region "Frankfurt"`) {
		t.Errorf("region: got %q", found.said)
	}
	if lines := said(got.Diagnostics); len(lines) != 1 || !strings.HasPrefix(lines[0], `ERROR: AttributeName("qualifiers"): Null List Value`) {
		t.Errorf("null qualifier: got %q", lines)
	}
}

// TestListWithoutAClient has provider blocks that do not say enough.
func TestListWithoutAClient(t *testing.T) {
	t.Parallel()
	for text, arguments := range map[string]map[string]tftypes.Value{
		"ERROR: Provider configuration not known yet":        {"region": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)},
		`ERROR: AttributeName("region"): Missing AWS region`: acctest.StringValues(map[string]string{"access_key": "test", "secret_key": "test"}),
	} {
		got := find(t, acctest.NewServer(t, arguments), block{}, 100, true, nil)
		if len(got.results) != 0 || len(got.said) != 1 || !strings.HasPrefix(got.said[0], text) {
			t.Errorf("%d results, %q", len(got.results), got.said)
		}
	}
}
