// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

const tooLarge = "it is larger than 16 MiB"

// serve returns a client of h, and the number of requests that h received.
func serve(
	t *testing.T, h func(n int32, w http.ResponseWriter, r *http.Request), configure ...func(*aws.Config),
) (*lambdaapi.Client, *atomic.Int32) {
	t.Helper()
	var n atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h(n.Add(1), w, r) }))
	t.Cleanup(server.Close)
	client, _ := start(t, func(cfg *aws.Config, options *lambdaapi.Options) {
		options.Endpoint = server.URL
		for _, f := range configure {
			f(cfg)
		}
	})
	return client, &n
}

// operations are calls with each kind of request and response.
var operations = map[string]func(context.Context, *testing.T, *lambdaapi.Client) error{
	getConfig: func(ctx context.Context, t *testing.T, client *lambdaapi.Client) error {
		t.Helper()
		_, err := client.Get(ctx, target(t, "f"))
		return err
	},
	putConfig: func(ctx context.Context, t *testing.T, client *lambdaapi.Client) error {
		t.Helper()
		_, err := client.Put(ctx, target(t, "f"), defaults)
		return err
	},
	deleteConfig: func(ctx context.Context, t *testing.T, client *lambdaapi.Client) error {
		t.Helper()
		return client.Delete(ctx, target(t, "f"))
	},
	listConfigs: func(ctx context.Context, t *testing.T, client *lambdaapi.Client) error {
		t.Helper()
		_, err := list(ctx, t, client)
		return err
	},
	"ListFunctions": func(ctx context.Context, _ *testing.T, client *lambdaapi.Client) error {
		_, err := functions(ctx, client)
		return err
	},
}

// operationsWithoutBody returns the operations without a request body. smithy-go
// closes the body of a request when the response arrives. If net/http has not yet
// read the end of the body, it closes the connection.
func operationsWithoutBody() map[string]func(context.Context, *testing.T, *lambdaapi.Client) error {
	all := maps.Clone(operations)
	delete(all, putConfig)
	return all
}

// gzipBomb returns a compressed success with size bytes of white space.
func gzipBomb(t *testing.T, size int) []byte {
	t.Helper()
	member := func(content []byte) []byte {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	const block = 16 << 20
	blank := member(bytes.Repeat([]byte(" "), block)) // a stream may consist of several members
	return append(bytes.Repeat(blank, size/block), member([]byte(successBody))...)
}

// allocated returns the memory that f allocates, in MiB. Its callers are not
// parallel, because TotalAlloc counts the whole process.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return (after.TotalAlloc - before.TotalAlloc) >> 20
}

func TestClient_limitsMemoryOfResponse(t *testing.T) {
	items := `{"Functions":[` + strings.Repeat("{},", 5<<20) + "{}]}"
	const tooMany = "it has more than 100000 values"
	for name, test := range map[string]struct {
		encoding string
		body     []byte
		want     string
	}{
		"gzip bomb":      {"gzip", gzipBomb(t, 2<<30), tooLarge},
		"functions":      {"", []byte(items), tooMany},
		"configurations": {"", []byte(strings.ReplaceAll(items, "Functions", "FunctionEventInvokeConfigs")), tooMany},
	} {
		for operation, do := range operationsWithoutBody() {
			for _, status := range []int{200, 400, 503} {
				t.Run(fmt.Sprint(name, operation, status), func(t *testing.T) {
					client, n := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) {
						if test.encoding != "" {
							w.Header().Set("Content-Encoding", test.encoding)
						}
						w.WriteHeader(status)
						_, _ = w.Write(test.body)
					}, func(cfg *aws.Config) { cfg.RetryMaxAttempts = 1 })
					var err error
					if mib := allocated(func() { err = do(t.Context(), t, client) }); mib > 256 {
						t.Errorf("allocated %d MiB", mib)
					}
					wantText(t, err, operation+" of ",
						fmt.Sprintf("responded with %d, and the response cannot be read: %s\n", status, test.want),
						"The response does not come from Lambda.")
					if n.Load() != 1 {
						t.Errorf("%d requests", n.Load())
					}
				})
			}
		}
	}
}

// A function can have 4 KB of environment variables, and texts with any
// character.
func TestFunctions_readsGreatestPage(t *testing.T) {
	t.Parallel()
	variables := make([]string, 600)
	for i := range variables {
		variables[i] = fmt.Sprintf(`"v%d":""`, i)
	}
	function := fmt.Sprintf(`{"FunctionName":"f","FunctionArn":%q,"Description":"%s","Environment":{"Variables":{%s}}}`,
		arn, `\"`+strings.Repeat(",[{", 1000)+`\\`, strings.Join(variables, ","))
	page := `{"Functions":[` + strings.Repeat(function+",", 49) + function + "]}"
	client, _ := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
	if names, err := functions(t.Context(), client); err != nil || len(names) != 50 {
		t.Errorf("got %d functions, %v", len(names), err)
	}
}

func TestClient_retriesTooLargeBodyOfSuccess(t *testing.T) {
	t.Parallel()
	body := bytes.Repeat([]byte(" "), 16<<20+1)
	for name, do := range operationsWithoutBody() {
		for status, retried := range map[int]bool{200: true, 503: true, 400: false} {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				t.Parallel()
				client, n := serve(t, func(n int32, w http.ResponseWriter, r *http.Request) {
					switch {
					case n == 1:
						w.WriteHeader(status)
						_, _ = w.Write(body)
						return
					case r.Method == http.MethodDelete:
						w.WriteHeader(http.StatusNoContent)
						return
					}
					_, _ = io.WriteString(w, successBody)
				})
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				err := do(ctx, t, client)
				if retried && (err != nil || n.Load() != 2) {
					t.Errorf("got %v after %d requests", err, n.Load())
				}
				if !retried {
					wantText(t, err, name+" of ", "responded with 400", tooLarge)
					if n.Load() != 1 {
						t.Errorf("%d requests", n.Load())
					}
				}
			})
		}
	}
}

func TestClient_readsBodyUpToLimit(t *testing.T) {
	t.Parallel()
	body := `{"FunctionArn":"` + arn + `"}`
	body += strings.Repeat(" ", 16<<20-len(body))
	client, _ := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
	if got, err := client.Get(t.Context(), target(t, "f")); err != nil || got.FunctionARN != arn+":$LATEST" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestClient_limitsHeaders(t *testing.T) {
	t.Parallel()
	client, n := serve(t, func(n int32, w http.ResponseWriter, _ *http.Request) {
		if n > 1 {
			w.Header().Set("X-Padding", strings.Repeat("x", 1<<20))
		}
		_, _ = io.WriteString(w, `{"FunctionArn":"`+arn+`"}`)
	}, func(cfg *aws.Config) { cfg.RetryMaxAttempts = 2 })
	if _, err := client.Get(t.Context(), target(t, "f")); err != nil {
		t.Error(err)
	}
	_, err := client.Get(t.Context(), target(t, "f"))
	wantText(t, err, "No response from http://127.0.0.1:", "server response headers exceeded 65536 bytes")
	if n.Load() != 3 {
		t.Errorf("%d requests, want 3", n.Load())
	}
}

// pipes listens for the connections of a client in the same synctest bubble.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error { close(p); return nil }

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

// The server sends the body slowly and without end, through the SDK's transport.
// [TestClient_retriesSilentAttempt] has bodies without any byte.
func TestClient_endsAttemptWhileBodyIsRead(t *testing.T) {
	t.Parallel()
	for name, encoding := range map[string]string{"plain": "", "gzip": "gzip"} {
		for _, status := range []int{200, 400, 503} {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					listener := make(pipes)
					var n atomic.Int32
					handler := func(w http.ResponseWriter, r *http.Request) {
						if n.Add(1) > 1 {
							_, _ = io.WriteString(w, `{"FunctionArn":"`+arn+`"}`)
							return
						}
						var body io.Writer = w
						flush := w.(http.Flusher).Flush
						if encoding != "" {
							w.Header().Set("Content-Encoding", encoding)
							compressed := gzip.NewWriter(w)
							body, flush = compressed, func() { _ = compressed.Flush(); w.(http.Flusher).Flush() }
						}
						w.WriteHeader(status)
						for r.Context().Err() == nil {
							_, _ = io.WriteString(body, " ")
							flush()
							time.Sleep(time.Second)
						}
					}
					server := &http.Server{ReadHeaderTimeout: time.Hour, Handler: http.HandlerFunc(handler)}
					go func() { _ = server.Serve(listener) }()
					httpClient := lambdaapi.NewHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(
						func(t *http.Transport) { t.DialContext = listener.dial }))
					client := (&network{}).client(func(cfg *aws.Config) { cfg.HTTPClient = httpClient })
					if took, err := get(t, client, 5*time.Minute); err != nil || took < 30*time.Second || took > 35*time.Second {
						t.Errorf("got %v after %s", err, took)
					}
					n.Store(0)
					took, err := get(t, client, 5*time.Second)
					wantText(t, err, "did not succeed within its timeout.\n\nNo response had come by then.")
					if took != 5*time.Second {
						t.Errorf("took %s", took)
					}
					httpClient.CloseIdleConnections()
					_ = server.Close()
					time.Sleep(time.Minute) // the handlers end
				})
			})
		}
	}
}

func TestClient_followsNoRedirect(t *testing.T) {
	t.Parallel()
	for name, do := range operations {
		for status := 300; status <= 308; status++ {
			t.Run(fmt.Sprint(name, status), func(t *testing.T) {
				t.Parallel()
				other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
					t.Errorf("the target of the redirect received %s %s with %v", r.Method, r.URL, r.Header)
				}))
				defer other.Close()
				withSecrets := strings.Replace(other.URL, "://", "://user:hunter2@", 1) +
					"/hunter2?X-Amz-Security-Token=hunter2#hunter2"
				for location, to := range map[string]string{
					withSecrets:         " to " + other.URL + ",",
					"/loop?hunter2":     " to http://127.0.0.1:", // of the API itself
					"":                  ",",
					"http://[::hunter2": ",",
					"mailto:hunter2":    ",",
				} {
					client, n := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) {
						w.Header()["Location"] = []string{location}
						w.WriteHeader(status)
					})
					wantText(t, do(t.Context(), t, client), name+" of ",
						fmt.Sprintf(" failed.\n\nThe service responded with a redirect (%d)%s", status, to),
						", which the provider does not follow.\n\n", "Check the provider's endpoints, and proxies on the way.")
					if n.Load() != 1 {
						t.Errorf("%q: %d requests", location, n.Load())
					}
				}
			})
		}
	}
}
