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

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestBounds answers every request with a response that AWS never sends.
func TestBounds(t *testing.T) {
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
	resource := Config("this", "f", "maximum_retry_attempts = 0", `timeouts = { create = "2s" }`)
	list := fmt.Sprintf("data \"%ss\" \"all\" {\n  function_name = \"f\"\n  timeouts = { read = \"2s\" }\n}\n", Type)
	for name, test := range map[string]struct {
		configuration string
		respond       http.HandlerFunc
		most          int32 // of requests
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
			api := NewAPI(t, emulator.Options{}, "f")
			var n atomic.Int32
			api.Behind(func(http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					n.Add(1)
					if r.Method != http.MethodGet {
						t.Errorf("%s %s", r.Method, r.URL)
					}
					test.respond(w, r)
				})
			})
			api.Run(t, api.Fails(test.configuration, test.want))
			if n.Load() == 0 || n.Load() > test.most {
				t.Errorf("%d requests", n.Load())
			}
		})
	}
}
