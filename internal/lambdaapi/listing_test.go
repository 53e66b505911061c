// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// functions returns the names of the functions of a region.
func functions(ctx context.Context, client *lambdaapi.Client) (names []string, err error) {
	var f lambdaapi.Function
	for f, err = range client.Functions(ctx, region) {
		if err == nil {
			names = append(names, f.Name)
		}
	}
	return names, err
}

func TestFunctions_callsAPagePerFiftyFunctions(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	var want []string
	for i := range 60 {
		name := fmt.Sprintf("e%02d", i)
		if err := api.CreateFunction(region, name); err != nil {
			t.Fatal(err)
		}
		want = append(want, name)
	}
	names, err := functions(t.Context(), client)
	if want = append(want, "f"); err != nil || !slices.Equal(names, want) {
		t.Errorf("got %q, %v", names, err)
	}
	wantCalls(t, api, "ListFunctions", "ListFunctions")

	api.ClearRequests()
	for _, err := range client.Functions(t.Context(), region) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	wantCalls(t, api, "ListFunctions") // no second page
}

// The response is not sorted. It has a qualified ARN, an invalid ARN, and no ARN.
func TestFunctions_sortsAndReadsEveryFormOfARN(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	api.AddFault(emulator.Fault{Status: 200, Body: `{"Functions":[{"FunctionName":"g","DeadLetterConfig":{}},` +
		`{"FunctionName":"f","FunctionArn":"` + arn + `:$LATEST","DeadLetterConfig":{"TargetArn":"` + queue + `"}},` +
		`{"FunctionName":"b","FunctionArn":"?"}]}`})
	var got []lambdaapi.Function
	for f, err := range client.Functions(t.Context(), region) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, f)
	}
	want := []lambdaapi.Function{
		{Ref: functionref.Ref{Name: "b"}},
		{Ref: target(t, arn).Function, DeadLetterTargetARN: queue},
		{Ref: functionref.Ref{Name: "g"}},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestConfigs_returnsEveryPageInOrder(t *testing.T) {
	t.Parallel()
	client, api := start(t)
	var want []string
	for i := range 60 {
		alias := fmt.Sprintf("a%02d", i)
		if err := api.CreateAlias(region, "f", alias, "$LATEST"); err != nil {
			t.Fatal(err)
		}
		stage(t, api, alias, emulator.Config{})
		want = append(want, arn+":"+alias)
	}
	var got []string
	for config, err := range client.Configs(t.Context(), target(t, "f")) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, config.FunctionARN)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	wantCalls(t, api, "List", "List")
}

func TestConfigs_reportsMissingFunction(t *testing.T) {
	t.Parallel()
	client, _ := start(t)
	var last error
	for _, err := range client.Configs(t.Context(), target(t, "missing")) {
		last = err
	}
	if !errors.Is(last, lambdaapi.ErrNoFunction) {
		t.Errorf("got %v", last)
	}
}

// Terraform gives a list no deadline.
func TestIterators_boundEachPageWithoutDeadline(t *testing.T) {
	t.Parallel()
	var left []time.Duration
	client, api := start(t, func(_ *aws.Config, options *lambdaapi.Options) {
		options.Log = func(ctx context.Context, _ lambdaapi.Attempt) {
			deadline, _ := ctx.Deadline()
			left = append(left, time.Until(deadline).Round(10*time.Second))
		}
	})
	stage(t, api, "live", emulator.Config{})
	readLists := func(ctx context.Context) {
		if _, err := functions(ctx, client); err != nil {
			t.Fatal(err)
		}
		for _, err := range client.Configs(ctx, target(t, "f")) {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	readLists(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	readLists(ctx)
	if want := []time.Duration{2 * time.Minute, 2 * time.Minute, time.Hour, time.Hour}; !slices.Equal(left, want) {
		t.Errorf("deadlines: got %v, want %v", left, want)
	}
}

// markerPages returns a client of a server. Each page of the server has one item,
// and the NextMarker that next returns for the number of the request and its Marker.
// An empty text means no NextMarker.
func markerPages(t *testing.T, next func(n int32, marker string) string) (*lambdaapi.Client, *atomic.Int32) {
	t.Helper()
	return serve(t, func(n int32, w http.ResponseWriter, r *http.Request) {
		item, end := fmt.Sprintf(`{"FunctionArn":"%s:v%d"}`, arn, n), ""
		if marker := next(n, r.URL.Query().Get("Marker")); marker != "" {
			end = fmt.Sprintf(`,"NextMarker":%q`, marker)
		}
		_, _ = fmt.Fprintf(w, `{"Functions":[%[1]s],"FunctionEventInvokeConfigs":[%[1]s]%[2]s}`, item, end)
	})
}

// lists are functions that read a list and return the number of its items.
var lists = map[string]func(context.Context, *testing.T, *lambdaapi.Client) (int, error){
	"ListFunctions of the functions in us-east-1":              countFunctions,
	"ListFunctionEventInvokeConfigs of f:$LATEST in us-east-1": countConfigs,
}

func countFunctions(ctx context.Context, _ *testing.T, client *lambdaapi.Client) (int, error) {
	names, err := functions(ctx, client)
	return len(names), err
}

func countConfigs(ctx context.Context, t *testing.T, client *lambdaapi.Client) (n int, err error) {
	t.Helper()
	for _, err = range client.Configs(ctx, target(t, "f")) {
		if err == nil {
			n++
		}
	}
	return n, err
}

func TestIterators_endListWithRepeatedMarker(t *testing.T) {
	t.Parallel()
	for name, read := range lists {
		for cycle, next := range map[string]map[string]string{
			"of one marker":    {"": "a", "a": "a"},
			"of three markers": {"": "a", "a": "b", "b": "c", "c": "a"},
			"after two pages":  {"": "a", "a": "b", "b": "c", "c": "b"},
		} {
			t.Run(name+cycle, func(t *testing.T) {
				t.Parallel()
				client, n := markerPages(t, func(_ int32, marker string) string { return next[marker] })
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				items, err := read(ctx, t, client)
				wantText(t, err, name+" did not succeed within its timeout.\n\nThe service responded with 200, "+
					"and the response cannot be read: its NextMarker is that of an earlier page",
					"The response does not come from Lambda.")
				if items != len(next)-1 || n.Load() > 20 {
					t.Errorf("%d items and %d requests", items, n.Load())
				}
			})
		}
	}
}

func TestIterators_retryRepeatedMarker(t *testing.T) {
	t.Parallel()
	for name, read := range lists {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, n := markerPages(t, func(n int32, _ string) string { return []string{"a", "a", ""}[min(n, 3)-1] })
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if items, err := read(ctx, t, client); err != nil || items != 2 || n.Load() != 3 {
				t.Errorf("got %d items, %v, and %d requests", items, err, n.Load())
			}
		})
	}
}

func TestIterators_limitPages(t *testing.T) {
	t.Parallel()
	for name, read := range lists {
		for pages, fails := range map[int]bool{10_000: false, 10_001: true} {
			t.Run(fmt.Sprint(name, pages), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					api := &network{do: func(n int, _ *http.Request) (*http.Response, error) {
						page := `{"Functions":[],"FunctionEventInvokeConfigs":[]`
						if n < pages {
							page += fmt.Sprintf(`,"NextMarker":"%d"`, n)
						}
						return response(http.StatusOK, strings.NewReader(page+"}"))
					}}
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					_, err := read(ctx, t, api.client(func(cfg *aws.Config) { cfg.RetryMaxAttempts = 1 }))
					if fails {
						wantText(t, err, name+" failed.\n\nThe service responded with 200, and the response cannot be read: "+
							"the list does not end with page 10000, the last page that the provider reads")
					} else if err != nil {
						t.Error(err)
					}
					if api.n != 10_000 {
						t.Errorf("%d requests", api.n)
					}
				})
			})
		}
	}
}

// A page without items does not end the list.
func TestIterators_readOnAfterEmptyPage(t *testing.T) {
	t.Parallel()
	client, n := serve(t, func(n int32, w http.ResponseWriter, _ *http.Request) {
		if n%3 != 0 {
			_, _ = fmt.Fprintf(w, `{"Functions":[],"FunctionEventInvokeConfigs":[],"NextMarker":"%d"}`, n)
			return
		}
		_, _ = fmt.Fprintf(w, `{"Functions":[%[1]s],"FunctionEventInvokeConfigs":[%[1]s],"NextMarker":""}`,
			`{"FunctionArn":"`+arn+`"}`)
	})
	for name, read := range lists {
		if items, err := read(t.Context(), t, client); err != nil || items != 1 {
			t.Errorf("%s: got %d items, %v", name, items, err)
		}
	}
	if n.Load() != 6 {
		t.Errorf("%d requests, want 6", n.Load())
	}
}
