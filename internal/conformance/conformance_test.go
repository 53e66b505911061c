// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const account = "210987654321" // not recordedAccount

func TestMain(m *testing.M) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// start serves api, wrapped by wrap if it is not nil, and returns options for it.
func start(t *testing.T, api *emulator.Emulator, wrap func(http.Handler) http.Handler) options {
	t.Helper()
	var h http.Handler = api
	if wrap != nil {
		h = wrap(api)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return options{
		region: "eu-central-1", role: "arn:aws:iam::" + account + ":role/service/lambda",
		endpoint: server.URL, limit: rate.Inf,
	}
}

func newEmulator(o emulator.Options) *emulator.Emulator {
	o.AccountID = account
	return emulator.New(o)
}

// expectEmpty fails if a function that was created still exists.
func expectEmpty(t *testing.T, api *emulator.Emulator) {
	t.Helper()
	if configs := api.Configs(); len(configs) > 0 {
		t.Errorf("configurations remain: %q", configs)
	}
	created := 0
	for _, r := range api.Requests() {
		if r.Operation != "CreateFunction" || r.Status != http.StatusCreated {
			continue
		}
		created++
		if err := api.DeleteFunction(r.Region, r.Function, ""); err == nil {
			t.Errorf("the function %s remains", r.Function)
		}
		if !strings.HasPrefix(r.Function, namePrefix) {
			t.Errorf("the name %s does not begin with the prefix", r.Function)
		}
	}
	if created == 0 {
		t.Error("no function was created")
	}
}

func TestRun_emulatorDoesNotDiffer(t *testing.T) {
	t.Parallel()
	for _, update := range []emulator.UpdateDestinations{emulator.Replace, emulator.Merge} {
		t.Run(string(update), func(t *testing.T) {
			t.Parallel()
			api := newEmulator(emulator.Options{UpdateDestinations: update})
			o := start(t, api, nil)
			o.destinations = []string{"arn:aws:s3:::records", "arn:aws:sqs:eu-central-1:" + account + ":q"}
			var out strings.Builder
			if err := run(t.Context(), o, &out); err != nil {
				t.Errorf("%v\n%s", err, &out)
			}
			want := map[emulator.UpdateDestinations]string{emulator.Replace: "clears", emulator.Merge: "keeps"}[update]
			for _, side := range []string{"OnSuccess", "OnFailure"} {
				if line := "observed: " + want + " " + side + "\n"; !strings.Contains(out.String(), line) {
					t.Errorf("no line %q in:\n%s", line, &out)
				}
			}
			expectEmpty(t, api)
		})
	}
}

// TestScript_coversEveryFact fails if a numbered fact has no step. Every step shows fact
// 17 (error bodies and request IDs).
func TestScript_coversEveryFact(t *testing.T) {
	t.Parallel()
	var facts []string
	for _, s := range script(fixture{}, []string{"arn:aws:s3:::records"}) {
		numbers, _, _ := strings.Cut(s.fact, ": ")
		facts = append(facts, strings.Split(numbers, ", ")...)
	}
	for fact := range strings.FieldsSeq("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 18 19") {
		if !slices.Contains(facts, fact) {
			t.Errorf("no step for fact %s", fact)
		}
	}
}

// rewrite returns a middleware that changes the responses to requests with that method and
// path suffix.
func rewrite(method, suffix string, change func(*httptest.ResponseRecorder)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			recorded := httptest.NewRecorder()
			next.ServeHTTP(recorded, r)
			if r.Method == method && strings.HasSuffix(r.URL.Path, suffix) {
				change(recorded)
			}
			for name, values := range recorded.Header() {
				if name != "Content-Length" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(recorded.Code)
			_, _ = w.Write(recorded.Body.Bytes())
		})
	}
}

// replaceBody returns a function that replaces all matches in a body.
func replaceBody(pattern, with string) func(*httptest.ResponseRecorder) {
	re := regexp.MustCompile(pattern)
	return func(r *httptest.ResponseRecorder) {
		text := re.ReplaceAllString(r.Body.String(), with)
		r.Body.Reset()
		r.Body.WriteString(text)
	}
}

func TestRun_reportsDifferentStep(t *testing.T) {
	t.Parallel()
	const config = "-function/event-invoke-config"
	tests := map[string]struct {
		method, path string
		change       func(*httptest.ResponseRecorder)
		step         string
		alone        bool // whether no other step differs
	}{
		"status": {
			"DELETE", "/aliases/live",
			func(r *httptest.ResponseRecorder) { r.Code = http.StatusOK },
			"16: DeleteAlias deletes the alias", false,
		},
		"code": {
			"POST", "-missing/event-invoke-config",
			func(r *httptest.ResponseRecorder) {
				r.Header().Set("X-Amzn-Errortype", "NotFoundException")
			},
			"6: Update on a missing function", true,
		},
		"message": {
			"PUT", config, replaceBody("for itself", "of itself"),
			"9: The function itself as destination", false,
		},
		"member that is absent": {
			"PUT", config, replaceBody(`("MaximumRetryAttempts":0),"Dest`, `$1,"MaximumEventAgeInSeconds":60,"Dest`),
			"7: Put replaces the whole configuration", false,
		},
		"type of a member": {
			"PUT", config, replaceBody(`"LastModified":([0-9.]+)`, `"LastModified":"$1"`),
			"1, 2, 3: Put of one number; the ARN is qualified, the other number absent", false,
		},
		"entries of a list": {
			"GET", "-function/event-invoke-config/list", replaceBody(`\{"FunctionArn":"[^"]*:live".*?\}\}\},?`, ""),
			"List returns the configurations of all qualifiers", false,
		},
		"request ID": {
			"POST", "/versions",
			func(r *httptest.ResponseRecorder) { r.Header().Del("X-Amzn-Requestid") },
			"6: PublishVersion publishes version 1", true,
		},
		"body that is not JSON": {
			"GET", "/list", replaceBody(`^.*doesn't exist.*$`, "<html>"),
			"6: List on a missing function", true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newEmulator(emulator.Options{})
			var out strings.Builder
			err := run(t.Context(), start(t, api, rewrite(test.method, test.path, test.change)), &out)
			if !errors.Is(err, errDifferent) {
				t.Errorf("error: %v", err)
			}
			if !strings.Contains(out.String(), "DIFF  "+test.step+"\n") {
				t.Errorf("%q does not differ:\n%s", test.step, &out)
			}
			if n := strings.Count(out.String(), "DIFF"); test.alone && n != 1 {
				t.Errorf("%d steps differ:\n%s", n, &out)
			}
			expectEmpty(t, api)
		})
	}
}

func TestRun_retriesThrottling(t *testing.T) {
	t.Parallel()
	api := newEmulator(emulator.Options{})
	api.AddFault(emulator.Fault{
		Operation: "PutFunctionEventInvokeConfig", Times: 2, Status: 429, Code: "TooManyRequestsException",
	})
	var out strings.Builder
	if err := run(t.Context(), start(t, api, nil), &out); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
}

func TestRun_doesNotRetryServerErrors(t *testing.T) {
	t.Parallel()
	api := newEmulator(emulator.Options{})
	api.AddFault(emulator.Fault{Operation: "ListVersionsByFunction", Status: 500, Code: "ServiceException"})
	var out strings.Builder
	if err := run(t.Context(), start(t, api, nil), &out); !errors.Is(err, errDifferent) {
		t.Errorf("error: %v\n%s", err, &out)
	}
	calls := slices.DeleteFunc(api.Requests(), func(r emulator.Request) bool {
		return r.Operation != "ListVersionsByFunction"
	})
	if len(calls) != 1 {
		t.Errorf("%d calls; want 1", len(calls))
	}
}

func TestRun_stopsIfFunctionCannotBeCreated(t *testing.T) {
	t.Parallel()
	api := newEmulator(emulator.Options{})
	api.AddFault(emulator.Fault{
		Operation: "CreateFunction", Status: 403, Code: "AccessDeniedException", Message: "not authorized",
	})
	err := run(t.Context(), start(t, api, nil), new(strings.Builder))
	if err == nil || !strings.Contains(err.Error(), "not authorized") {
		t.Errorf("error: %v", err)
	}
	if n := len(api.Requests()); n != 6 { // CreateFunction and five deletions
		t.Errorf("%d requests", n)
	}
}

func TestRun_deletesFunctionsIfInterrupted(t *testing.T) {
	t.Parallel()
	for _, at := range []int{1, 3, 12, 40, 80} {
		api := newEmulator(emulator.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		var count atomic.Int32
		o := start(t, api, func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if int(count.Add(1)) == at {
					cancel()
				}
				next.ServeHTTP(w, r)
			})
		})
		if err := run(ctx, o, new(strings.Builder)); err == nil || !strings.Contains(err.Error(), "interrupted") {
			t.Errorf("call %d: error: %v", at, err)
		}
		// After the interrupt: GetFunction of the waiter, a second call of the step, and five deletions.
		if count := int(count.Load()); count > at+7 {
			t.Errorf("call %d: %d calls in all", at, count)
		}
		expectEmpty(t, api)
		cancel()
	}
}

func TestRun_reportsRemainingFunctions(t *testing.T) {
	t.Parallel()
	api := newEmulator(emulator.Options{})
	o := start(t, api, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodDelete && strings.HasSuffix(r.URL.Path, "-target") {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	err := run(t.Context(), o, new(strings.Builder))
	want := regexp.MustCompile(`the function awslambda-conformance-\w{8}-target may remain`)
	if err == nil || !want.MatchString(err.Error()) {
		t.Errorf("error: %v", err)
	}
}

func TestRun_recordsNoAccountID(t *testing.T) {
	t.Parallel()
	const user = "AWS_Alice"
	api := newEmulator(emulator.Options{})
	o := start(t, api, nil)
	api.AddFault(emulator.Fault{
		Operation: "ListVersionsByFunction", Status: 403, Code: "AccessDeniedException",
		Message: "User: arn:aws:sts::" + account + ":assumed-role/admin/" + user +
			" is not authorized to perform: iam:PassRole on resource: " + o.role,
	})
	o.destinations = []string{"arn:aws:sqs:eu-central-1:999888777666:q"}
	o.record = filepath.Join(t.TempDir(), "record.json")
	var out strings.Builder
	if err := run(t.Context(), o, &out); !errors.Is(err, errDifferent) {
		t.Errorf("%v\n%s", err, &out)
	}
	text, err := os.ReadFile(o.record)
	if err != nil {
		t.Fatal(err)
	}
	for _, private := range []string{account, "999888777666", "service/lambda", user} {
		if strings.Contains(string(text), private) {
			t.Errorf("%s is in the record", private)
		}
	}
	for _, want := range []string{
		`"arn:aws:lambda:eu-central-1:123456789012:function:awslambda-conformance-function:$LATEST"`,
		`"status": 404`, `"code": "ValidationException"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in the record", want)
		}
	}
}

func TestNewEndpoint_limitsCallRate(t *testing.T) {
	t.Parallel()
	api := newEmulator(emulator.Options{})
	o := start(t, api, nil)
	o.limit = 50
	began := time.Now()
	if err := run(t.Context(), o, new(strings.Builder)); err != nil {
		t.Error(err)
	}
	calls := len(api.Requests())
	if least := time.Duration(calls-1) * time.Second / 50; time.Since(began) < least {
		t.Errorf("%d calls took %s; want at least %s", calls, time.Since(began), least)
	}
	if callsPerSecond >= 10 {
		t.Errorf("the default is %v calls per second", callsPerSecond)
	}
}

func TestNormalize_ignoresOrderAndTimes(t *testing.T) {
	t.Parallel()
	one := response{Status: 200,
		Body: []byte(`{"Functions":[{"Name":"a","LastModified":1.5},{"Name":"b","LastModified":2}]}`)}
	other := response{Status: 200,
		Body: []byte(`{"Functions":[{"LastModified":4,"Name":"b"},{"LastModified":3,"Name":"a"}]}`)}
	if one.normalize() != other.normalize() {
		t.Errorf("%s and %s are different", one.normalize(), other.normalize())
	}
}
