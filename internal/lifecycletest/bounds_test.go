// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// The API responds to all requests with a response that AWS never sends.
func TestAccResponse_isBounded(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 64 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	resource := acctest.Config("x", "f", "maximum_retry_attempts = 0", `timeouts = { create = "2s" }`)
	const list = `
data "awslambda_function_event_invoke_configs" "all" {
  function_name = "f"
  timeouts      = { read = "2s" }
}
`
	for name, test := range map[string]struct {
		configuration string
		respond       http.HandlerFunc
		maxRequests   int32
		want          string
	}{
		"gzip bomb": {resource, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb.Bytes())
		}, 20, "The service responded with 200, and the response cannot be read: it is larger than 16 MiB"},
		"redirect loop": {resource, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.String())
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, 1, "The service responded with a redirect (307) to http://127.0.0.1:"},
		"repeated marker": {list, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `{"FunctionEventInvokeConfigs":[],"NextMarker":"again"}`)
		}, 20, "The service responded with 200, and the response cannot be read: its NextMarker is that of an earlier page"},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "f")
			var n atomic.Int32
			api.WrapHandler(func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n.Add(1)
					if r.Method != http.MethodGet {
						t.Errorf("%s %s", r.Method, r.URL)
					}
					test.respond(w, r)
				})
			})
			api.ParallelTest(t, api.ErrorStep(test.configuration, test.want))
			if n.Load() == 0 || n.Load() > test.maxRequests {
				t.Errorf("%d requests", n.Load())
			}
		})
	}
}
