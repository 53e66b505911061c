// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// Other deployments of the API answer differently from Lambda. Each handler
// below stands before the emulator and answers as one of them was seen to.

// withoutUpdate has no Update operation, answers an ARN without qualifier where
// none was sent, and cannot List by ARN.
func withoutUpdate(lambda http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/event-invoke-config"),
			strings.HasSuffix(r.URL.Path, "/list") && strings.Contains(r.URL.Path, "arn:"):
			w.Header().Set("X-Amzn-Errortype", "ResourceNotFoundException")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"Type":"User","Message":"Unknown path"}`)
			return
		}
		answer := httptest.NewRecorder()
		lambda.ServeHTTP(answer, r)
		body := answer.Body.String()
		if r.URL.Query().Get("Qualifier") == "" {
			body = strings.ReplaceAll(body, `:$LATEST"`, `"`)
		}
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(answer.Code)
		_, _ = io.WriteString(w, body)
	})
}

var lastModified = regexp.MustCompile(`"LastModified":[0-9.]+`)

// withoutQualifiers keeps one configuration a function, says no
// DestinationConfig where none was set, has an Update that replaces, and
// answers List and Update with a time that is text.
func withoutQualifiers(lambda http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		query.Del("Qualifier")
		r.URL.RawQuery = query.Encode()
		updates := r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/event-invoke-config")
		if updates {
			r.Method = http.MethodPut
		}
		answer := httptest.NewRecorder()
		lambda.ServeHTTP(answer, r)
		body := bytes.ReplaceAll(answer.Body.Bytes(), []byte(`:$LATEST"`), []byte(`"`))
		var config map[string]any
		if json.Unmarshal(body, &config) == nil && strings.Contains(string(body), `"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}`) {
			body = bytes.ReplaceAll(body, []byte(`"DestinationConfig":{"OnFailure":{},"OnSuccess":{}},`), nil)
			body = bytes.ReplaceAll(body, []byte(`,"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}`), nil)
		}
		if updates || strings.HasSuffix(r.URL.Path, "/list") {
			body = lastModified.ReplaceAll(body, []byte(`"LastModified":"2026-11-24T04:25:12.995356000Z"`))
		}
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(body)
	})
}

// withoutOperations has neither Update nor lists: it answers like web servers
// without such a route, or like implementations that lack the operations.
func withoutOperations(update, list http.HandlerFunc) func(http.Handler) http.Handler {
	return func(lambda http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodPost:
				update(w, r)
			case strings.HasSuffix(r.URL.Path, "/list"), strings.HasSuffix(r.URL.Path, "/functions/"):
				list(w, r)
			default:
				lambda.ServeHTTP(w, r)
			}
		})
	}
}

// answer answers every request alike.
func answer(status int, contentType, code, body string) http.HandlerFunc {
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
	withoutRoutes = withoutOperations(answer(405, "text/html", "", "<!doctype html><title>405</title>"),
		answer(404, "text/html", "", "<!doctype html><title>404 Not Found</title>"))
	notImplemented = withoutOperations(answer(501, "application/json", "InternalFailure", `{"message":"not yet implemented"}`),
		answer(200, "application/json", "", "{}"))
)

func TestAccOtherDeployments(t *testing.T) {
	for name, deployment := range map[string]func(http.Handler) http.Handler{
		"without Update": withoutUpdate, "without qualifiers": withoutQualifiers,
		"without routes": withoutRoutes, "not implemented": notImplemented,
	} {
		for spelled, function := range map[string]string{"name": "f", "ARN": functionARN} {
			if name == "without routes" && spelled == "ARN" || name == "not implemented" && spelled == "name" {
				continue // the calls are the same
			}
			t.Run(name+", by "+spelled, func(t *testing.T) {
				api := acctest.NewAPI(t, emulator.Options{}, "f")
				api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
				api.WrapHandler(deployment)
				live := acctest.Config("x", function, `qualifier = "live"`, acctest.DestinationConfig(topic, queue))
				latest := acctest.Config("x", function, "maximum_retry_attempts = 0")
				changed := acctest.Config("x", function, "maximum_event_age_in_seconds = 21600", "maximum_retry_attempts = 1", acctest.DestinationConfig("", queue))
				steps := []resource.TestStep{
					api.ApplyStep(latest), api.NoOpStep(latest), api.ApplyStep(changed), api.NoOpStep(changed), api.ApplyStep(latest),
					{ResourceName: acctest.Type + ".x", ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"function_name"}},
					api.ApplyStep("# nothing"), api.ApplyStep(live), api.NoOpStep(live),
				}
				for i := range steps {
					if steps[i].Check != nil {
						steps[i].Check = nil // what is sent is another deployment's business
					}
				}
				api.ParallelTest(t, steps...)
			})
		}
	}
}

// TestAccReadsWithoutList reads without List. The data source for all and the list
// resource need List, and fail with an error about the missing operation.
func TestAccReadsWithoutList(t *testing.T) {
	t.Parallel()
	const missing = "The API at this endpoint does not have this operation, which AWS has."
	for name, deployment := range map[string]func(http.Handler) http.Handler{"without routes": withoutRoutes, "not implemented": notImplemented} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{MaximumRetryAttempts: new(0)}))
			api.WrapHandler(deployment)
			if _, err := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+data("", "x", "f")).Plan(t.Context()); err != nil {
				t.Error(err)
			}
			_, err := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+data("s", "x", "f")).Plan(t.Context())
			if err == nil || !acctest.Wrapped(missing).MatchString(err.Error()) {
				t.Errorf("data source of all: got %v", err)
			}
			for _, b := range []block{{function: "f"}, {}} {
				got := find(t, api.NewServer(t), b, 100, false, nil)
				if len(got.said) != 1 || !strings.HasPrefix(got.said[0], "ERROR: ") || !strings.Contains(got.said[0], missing) {
					t.Errorf("list block %+v: said %q", b, got.said)
				}
			}
		})
	}
}

// TestAccStateIsKeptWithoutGet has a refresh meet responses that are not Lambda's
// "not found".
func TestAccStateIsKeptWithoutGet(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		acctest.WithPreConfig(func() {
			api.AddFault(emulator.Fault{Times: 10, Status: 404, Body: "<!doctype html><title>404 Not Found</title>"})
		}, api.ErrorStep(acctest.Config("x", "f"), "The API at this endpoint does not have this operation")),
		acctest.WithPreConfig(api.ClearFaults, api.NoOpStep(acctest.Config("x", "f"))),
	)
}

// TestAccAdviceOfReads has reads fail whose retries are limited. A list block has
// no timeouts, and no apply follows a query.
func TestAccAdviceOfReads(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.AddFault(emulator.Fault{Times: 100, Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"})
	server := api.NewServer(t, map[string]tftypes.Value{"max_retries": number(2)})
	texts := slices.Concat(find(t, server, block{function: "f"}, 100, false, nil).said, find(t, server, block{}, 100, false, nil).said)
	for _, plural := range []string{"", "s"} {
		provider := strings.Replace(api.ProviderBlock("", acctest.Region), "region ", "max_retries = 2\n  region ", 1)
		_, err := acctest.Workspace(t, provider+data(plural, "x", "f")).Plan(t.Context())
		if err == nil {
			t.Fatal("no error")
		}
		texts = append(texts, err.Error())
	}
	if len(texts) != 4 {
		t.Fatalf("said: %q", texts)
	}
	for _, text := range texts {
		if !acctest.Wrapped("Run Terraform again when others need less of it, or raise or remove max_retries").MatchString(text) ||
			acctest.Wrapped("Apply again").MatchString(text) || acctest.Wrapped("timeouts").MatchString(text) {
			t.Errorf("said: %s", text)
		}
	}
}
