// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Other implementations of the API differ from Lambda. Each handler below wraps the
// emulator and responds like one of them.

// modifyBody serves a request with a handler, and writes its response with another
// body.
func modifyBody(handler http.Handler, w http.ResponseWriter, r *http.Request, modify func(string) string) {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, r)
	for name, values := range recorder.Header() {
		if name != "Content-Length" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(recorder.Code)
	_, _ = io.WriteString(w, modify(recorder.Body.String()))
}

func isUpdate(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/event-invoke-config")
}

func isList(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/list") }

// withoutUpdate has no Update, responds with an unqualified ARN if the request has
// no qualifier, and does not accept an ARN in List.
func withoutUpdate(lambda http.Handler) http.Handler {
	notFound := respondWith(404, "application/json", "ResourceNotFoundException",
		`{"Type":"User","Message":"Unknown path"}`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isUpdate(r) || isList(r) && strings.Contains(r.URL.Path, "arn:") {
			notFound(w, r)
			return
		}
		isQualified := r.URL.Query().Get("Qualifier") != ""
		modifyBody(lambda, w, r, func(body string) string {
			if isQualified {
				return body
			}
			return strings.ReplaceAll(body, `:$LATEST"`, `"`)
		})
	})
}

var lastModified = regexp.MustCompile(`"LastModified":[0-9.]+`)

// withoutQualifiers has one configuration for each function, omits an empty
// DestinationConfig, has an Update that replaces, and has a LastModified of type
// string in responses to List and Update.
func withoutQualifiers(lambda http.Handler) http.Handler {
	const empty = `"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}`
	omit := strings.NewReplacer(`:$LATEST"`, `"`, empty+",", "", ","+empty, "")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		query.Del("Qualifier")
		r.URL.RawQuery = query.Encode()
		hasText := isUpdate(r) || isList(r)
		if isUpdate(r) {
			r.Method = http.MethodPut
		}
		modifyBody(lambda, w, r, func(body string) string {
			body = omit.Replace(body)
			if hasText {
				body = lastModified.ReplaceAllString(body, `"LastModified":"2026-11-24T04:25:12.995356000Z"`)
			}
			return body
		})
	})
}

// withoutOperations has neither Update nor lists. The handlers respond like a web
// server without these routes or like an incomplete implementation.
func withoutOperations(update, list http.HandlerFunc) func(http.Handler) http.Handler {
	return func(lambda http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				update(w, r)
			case isList(r), strings.HasSuffix(r.URL.Path, "/functions/"):
				list(w, r)
			default:
				lambda.ServeHTTP(w, r)
			}
		})
	}
}

// respondWith returns a handler with one response. An empty error code means no
// X-Amzn-Errortype.
func respondWith(status int, contentType, code, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		if code != "" {
			w.Header().Set("X-Amzn-Errortype", code)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

var (
	withoutRoutes = withoutOperations(respondWith(405, "text/html", "", "<!doctype html><title>405</title>"),
		respondWith(404, "text/html", "", "<!doctype html><title>404 Not Found</title>"))
	notImplemented = withoutOperations(
		respondWith(501, "application/json", "InternalFailure", `{"message":"not yet implemented"}`),
		respondWith(200, "application/json", "", "{}"))
)

func TestAccOtherImplementations(t *testing.T) {
	for name, test := range map[string]struct {
		wrap     func(http.Handler) http.Handler
		function string
	}{
		"without Update, by name":     {withoutUpdate, "f"},
		"without Update, by ARN":      {withoutUpdate, functionARN},
		"without qualifiers, by name": {withoutQualifiers, "f"},
		"without qualifiers, by ARN":  {withoutQualifiers, functionARN},
		"without routes":              {withoutRoutes, "f"},
		"not implemented":             {notImplemented, functionARN},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
			api.WrapHandler(test.wrap)
			live := acctest.Config("x", test.function, `qualifier = "live"`, acctest.DestinationConfig(topic, queue))
			latest := acctest.Config("x", test.function, "maximum_retry_attempts = 0")
			changed := acctest.Config("x", test.function,
				"maximum_event_age_in_seconds = 21600", "maximum_retry_attempts = 1", acctest.DestinationConfig("", queue))
			steps := []resource.TestStep{
				api.ApplyStep(latest), api.NoOpStep(latest),
				api.ApplyStep(changed), api.NoOpStep(changed), api.ApplyStep(latest),
				{
					ResourceName: resourceX, ImportState: true, ImportStateVerify: true,
					ImportStateVerifyIgnore: []string{"function_name"},
				},
				api.ApplyStep("# empty"), api.ApplyStep(live), api.NoOpStep(live),
			}
			for i := range steps {
				steps[i].Check = nil // the requests depend on the implementation
			}
			api.ParallelTest(t, steps...)
		})
	}
}

// The data source of several configurations and the list resource require List.
func TestAccOtherImplementations_withoutList(t *testing.T) {
	t.Parallel()
	const missing = "The API at this endpoint does not have this operation, which AWS has."
	for name, wrap := range map[string]func(http.Handler) http.Handler{
		"without routes": withoutRoutes, "not implemented": notImplemented,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0)}))
			api.WrapHandler(wrap)
			provider := api.ProviderBlock("", acctest.Region)
			if _, err := acctest.Workspace(t, provider+dataBlock("", "x", "f")).Plan(t.Context()); err != nil {
				t.Error(err)
			}
			_, err := acctest.Workspace(t, provider+dataBlock("s", "x", "f")).Plan(t.Context())
			if err == nil || !acctest.Wrapped(missing).MatchString(err.Error()) {
				t.Errorf("data source: got %v", err)
			}
			for _, config := range []listConfig{{function: "f"}, {}} {
				got := list(t, api.NewServer(t), config, 100, false, nil)
				expectDiagnostic(t, got.diagnostics, "ERROR: ", missing)
			}
		})
	}
}

// A 404 that is not Lambda's does not remove an object from state.
func TestAccRead_keepsStateAfterOther404(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	notFound := emulator.Fault{Times: 10, Status: 404, Body: "<!doctype html><title>404 Not Found</title>"}
	configuration := acctest.Config("x", "f")
	api.ParallelTest(t,
		api.ApplyStep(configuration, acctest.PutDefaults("f:$LATEST")),
		acctest.WithPreConfig(func() { api.AddFault(notFound) },
			api.ErrorStep(configuration, "The API at this endpoint does not have this operation")),
		acctest.WithPreConfig(api.ClearFaults, api.NoOpStep(configuration)),
	)
}

// The advice after too many retries of a read does not mention an apply or
// timeouts. A list block has no timeouts, and no apply follows a query.
func TestAccRead_adviceAfterMaxRetries(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.AddFault(emulator.Fault{Times: 100, Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"})
	server := api.NewServer(t, attributes{"max_retries": number(2)})
	errors := slices.Concat(
		list(t, server, listConfig{function: "f"}, 100, false, nil).diagnostics,
		list(t, server, listConfig{}, 100, false, nil).diagnostics)
	provider := strings.Replace(api.ProviderBlock("", acctest.Region), "region ", "max_retries = 2\n  region ", 1)
	for _, plural := range []string{"", "s"} {
		_, err := acctest.Workspace(t, provider+dataBlock(plural, "x", "f")).Plan(t.Context())
		if err == nil {
			t.Fatal("no error")
		}
		errors = append(errors, err.Error())
	}
	if len(errors) != 4 {
		t.Fatalf("got %q", errors)
	}
	const advice = "Run Terraform again when others need less of it, or raise or remove max_retries"
	for _, text := range errors {
		if !acctest.Wrapped(advice).MatchString(text) || acctest.Wrapped("Apply again").MatchString(text) ||
			acctest.Wrapped("timeouts").MatchString(text) {
			t.Errorf("got %s", text)
		}
	}
}
