// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// network replaces the network and Lambda, for tests in a synctest bubble. It
// counts requests.
type network struct {
	do func(n int, r *http.Request) (*http.Response, error) // n from 1

	mu sync.Mutex
	n  int
}

// Do implements [aws.HTTPClient], with the errors of a [http.Client].
func (n *network) Do(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	n.n++
	number := n.n
	n.mu.Unlock()
	response, err := n.do(number, r)
	if err != nil {
		err = &url.Error{Op: r.Method, URL: r.URL.String(), Err: err}
	}
	return response, err
}

func (n *network) client(configure ...func(*aws.Config)) *lambdaapi.Client {
	cfg := aws.Config{
		Region: region, HTTPClient: n, Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}
	for _, f := range configure {
		f(&cfg)
	}
	const endpoint = "http://user:hunter2@lambda.test:4566" //nolint:gosec // wantText checks that no error contains it
	return lambdaapi.New(cfg, lambdaapi.Options{Endpoint: endpoint})
}

// response returns a response with a body.
func response(status int, body io.Reader) (*http.Response, error) {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body)}, nil
}

// successBody is a response to any operation.
const successBody = `{"FunctionArn":"` + arn + `","FunctionEventInvokeConfigs":[],"Functions":[]}`

func success() (*http.Response, error) {
	return response(http.StatusOK, strings.NewReader(successBody))
}

// get calls Get with a timeout, and returns how long it took.
func get(t *testing.T, client *lambdaapi.Client, timeout time.Duration) (time.Duration, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	start := time.Now()
	_, err := client.Get(ctx, target(t, "f"))
	return time.Since(start), err
}

func wantText(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want %q", want)
		return
	}
	for _, text := range want {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not contain %q:\n%s", text, err)
		}
	}
	for _, text := range []string{"StatusCode: 0", "hunter2", "Apply again", "this resource"} {
		if strings.Contains(err.Error(), text) {
			t.Errorf("the error contains %q:\n%s", text, err)
		}
	}
}

func dialError(err error) error {
	return &net.OpError{Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 4566}, Err: err}
}

// outages are the errors of a connection that cannot be made.
var outages = map[string]error{
	"dial tcp 127.0.0.1:4566: connect: connection refused": dialError(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
	"dial tcp 127.0.0.1:4566: connect: no route to host":   dialError(os.NewSyscallError("connect", syscall.EHOSTUNREACH)),
	"lookup lambda.test: no such host":                     &net.DNSError{Err: "no such host", Name: "lambda.test"},
	"lookup lambda.test: server misbehaving":               &net.DNSError{Err: "server misbehaving", Name: "lambda.test"},
	"proxyconnect tcp: dial tcp 127.0.0.1:4566: connect: connection refused": &net.OpError{
		Op: "proxyconnect", Net: "tcp", Err: dialError(os.NewSyscallError("connect", syscall.ECONNREFUSED)),
	},
}

func TestClient_retriesForTenSecondsWithoutConnection(t *testing.T) {
	t.Parallel()
	for text, outage := range outages {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var down atomic.Bool
				down.Store(true)
				server := &network{do: func(int, *http.Request) (*http.Response, error) {
					if down.Load() {
						return nil, outage
					}
					return success()
				}}
				client := server.client()
				took, err := get(t, client, 5*time.Minute)
				wantText(t, err, "GetFunctionEventInvokeConfig of f:$LATEST in us-east-1 failed.\n\n"+
					"No response from http://lambda.test:4566: ", text, "Check the region, the provider's endpoints and the network.")
				if took < 10*time.Second || took > 12*time.Second || server.n < 10 {
					t.Errorf("took %s and %d attempts", took, server.n)
				}
				// The other resources of the run do not wait again.
				if took, err := get(t, client, 5*time.Minute); err == nil || took > time.Second {
					t.Errorf("next call: got %v after %s", err, took)
				}
				// A later run of a long-lived provider does.
				time.Sleep(time.Hour)
				go func() {
					time.Sleep(8 * time.Second)
					down.Store(false)
				}()
				if took, err := get(t, client, 5*time.Minute); err != nil || took < 8*time.Second {
					t.Errorf("end of the outage: got %v after %s", err, took)
				}
				// So does an outage after a success.
				down.Store(true)
				if took, err := get(t, client, 5*time.Minute); err == nil || took < 10*time.Second {
					t.Errorf("next outage: got %v after %s", err, took)
				}
			})
		})
	}
}

func TestClient_retriesBrokenConnectionsUntilTimeout(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]error{
		"EOF":                                  io.EOF,
		"read: connection reset by peer":       &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET},
		"dial tcp 127.0.0.1:4566: i/o timeout": dialError(os.ErrDeadlineExceeded),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(int, *http.Request) (*http.Response, error) { return nil, broken }}
				took, err := get(t, server.client(), time.Minute)
				wantText(t, err, "did not succeed within its timeout.\n\nNo response from http://lambda.test:4566: ",
					broken.Error())
				if took != time.Minute {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

func TestClient_returnsWrongProtocolImmediately(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &network{do: func(int, *http.Request) (*http.Response, error) { return nil, http.ErrSchemeMismatch }}
		took, err := get(t, server.client(), time.Minute)
		wantText(t, err, http.ErrSchemeMismatch.Error())
		if took != 0 || server.n != 1 {
			t.Errorf("took %s and %d attempts", took, server.n)
		}
	})
}

// silence sends no response.
func silence(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// silentBody is the body of a response that does not end.
type silentBody struct{ context.Context } //nolint:containedctx // the request's

func (b silentBody) Read([]byte) (int, error) {
	<-b.Done()
	return 0, b.Err()
}

func TestClient_retriesSilentAttempt(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]func(*http.Request) (*http.Response, error){
		"no headers": silence,
		"no body": func(r *http.Request) (*http.Response, error) {
			return response(http.StatusOK, silentBody{r.Context()})
		},
		"no body of an error": func(r *http.Request) (*http.Response, error) {
			return response(http.StatusBadRequest, silentBody{r.Context()})
		},
	} {
		for timeout, want := range map[time.Duration]time.Duration{
			5 * time.Minute: 30 * time.Second, 30 * time.Second: 15 * time.Second, 12 * time.Second: 10 * time.Second,
		} {
			t.Run(name+" "+timeout.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					server := &network{do: func(n int, r *http.Request) (*http.Response, error) {
						if n == 1 {
							return silent(r)
						}
						return success()
					}}
					if took, err := get(t, server.client(), timeout); err != nil || took < want || took > want+2*time.Second {
						t.Errorf("got %v after %s, want a success after %s", err, took, want)
					}
				})
			})
		}
	}
}

func TestCallError_saysWhatAttemptWaitedFor(t *testing.T) {
	t.Parallel()
	dialing := func(r *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(r.Context()).ConnectStart("tcp", "10.1.2.3:443")
		return silence(r)
	}
	resolving := func(r *http.Request) (*http.Response, error) {
		httptrace.ContextClientTrace(r.Context()).DNSStart(httptrace.DNSStartInfo{Host: "lambda.test"})
		return silence(r)
	}
	connected := func(r *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(r.Context())
		trace.ConnectStart("tcp", "10.1.2.3:443")
		trace.ConnectDone("tcp", "10.1.2.3:443", nil)
		return silence(r)
	}
	attempts := 0
	conflicting := func(r *http.Request) (*http.Response, error) {
		if attempts++; attempts == 1 {
			return errorResponse(409, "ResourceConflictException")(r)
		}
		return silence(r)
	}
	for name, test := range map[string]struct {
		do      func(*http.Request) (*http.Response, error)
		timeout time.Duration
		want    string
	}{
		"silence after a conflict":      {conflicting, 5 * time.Second, "The service responded with 409"},
		"silence":                       {silence, time.Minute, "The last attempt ended with no response within 10s."},
		"silence for the whole timeout": {connected, 5 * time.Second, "No response had come by then."},
		"dial":                          {dialing, time.Minute, "No response: dial tcp 10.1.2.3:443: i/o timeout"},
		"dial for the whole timeout":    {dialing, 5 * time.Second, "No response: dial tcp 10.1.2.3:443: i/o timeout"},
		"lookup for whole timeout":      {resolving, 5 * time.Second, "No response: dial tcp: lookup lambda.test: i/o"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(_ int, r *http.Request) (*http.Response, error) { return test.do(r) }}
				took, err := get(t, server.client(), test.timeout)
				wantText(t, err, "did not succeed within its timeout.\n\n"+test.want)
				if took != test.timeout {
					t.Errorf("took %s", took)
				}
			})
		})
	}
}

// blockingCredentials never returns credentials.
var blockingCredentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
	<-ctx.Done()
	return aws.Credentials{}, ctx.Err()
})

func TestCallError_saysThatNothingWasSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &network{do: func(int, *http.Request) (*http.Response, error) { return success() }}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		const canceled = " of f:$LATEST in us-east-1 was not sent.\n\n" +
			"The run had been canceled before.\n\nRun Terraform again."
		_, err := server.client().Get(over, target(t, "f"))
		wantText(t, err, getConfig+canceled)
		_, err = server.client().Put(over, target(t, "f"), defaults)
		wantText(t, err, putConfig+canceled)
		if lambdaapi.IsOutcomeUnknown(err) {
			t.Errorf("the outcome is unknown: %v", err)
		}
		ctx, cancelLater := context.WithCancel(t.Context())
		canceling := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			cancelLater()
			return aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}, nil
		})
		_, err = server.client(func(cfg *aws.Config) { cfg.Credentials = canceling }).Put(ctx, target(t, "f"), defaults)
		if !errors.Is(err, context.Canceled) || lambdaapi.IsOutcomeUnknown(err) {
			t.Errorf("canceled while credentials are retrieved: got %v", err)
		}
		_, err = get(t, server.client(), 0)
		wantText(t, err, "was not sent.\n\nIts timeout had ended before.\n\nRun Terraform again, or raise timeouts.")
		_, err = get(t, server.client(func(cfg *aws.Config) { cfg.Credentials = blockingCredentials }), time.Second)
		wantText(t, err, "did not succeed within its timeout.\n\nNo request was sent: it waited for credentials.")
		if server.n != 0 {
			t.Errorf("%d requests", server.n)
		}
	})
}

// At most ten calls are in progress at the start.
func TestCallError_saysThatCallWaitedForRateLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &network{do: func(_ int, r *http.Request) (*http.Response, error) { return silence(r) }}
		client := server.client()
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if _, err := client.Get(ctx, target(t, "f")); !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
			})
		}
		synctest.Wait()
		_, err := get(t, client, time.Millisecond)
		wantText(t, err, "No request was sent: it waited for the provider's rate limiter")
		cancel()
		group.Wait()
	})
}

// stsError is the error of a call to another service.
func stsError(service string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: "AssumeRole", Err: err}
}

func statusError(status int, err error) error {
	response := &smithyhttp.Response{Response: &http.Response{StatusCode: status}}
	return &smithyhttp.ResponseError{Response: response, Err: err}
}

func TestClient_retriesTransientErrorsOfCredentials(t *testing.T) {
	t.Parallel()
	code := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: "of the other service"} }
	send := func(err error) error {
		return &smithyhttp.RequestSendError{Err: &url.Error{Op: "Post", URL: "https://sts.test/", Err: err}}
	}
	for name, test := range map[string]struct {
		err     error
		retried bool
	}{
		"unavailable":         {stsError("STS", statusError(503, code("ServiceUnavailable"))), true},
		"other 5xx":           {stsError("SSO", statusError(599, code("?"))), true},
		"throttled":           {stsError("STS", statusError(400, code("Throttling"))), true},
		"too many requests":   {stsError("SSO", statusError(429, code("TooManyRequestsException"))), true},
		"connection broken":   {stsError("STS", send(io.EOF)), true},
		"access denied":       {stsError("STS", statusError(403, code("AccessDenied"))), false},
		"Lambda's code":       {stsError("SSO", statusError(404, code("ResourceNotFoundException"))), false},
		"Lambda's other code": {stsError("SSO", statusError(403, code("AccessDeniedException"))), false},
		"conflict":            {stsError("SSO", statusError(409, code("ResourceConflictException"))), false},
		"expired token":       {stsError("STS", statusError(403, code("ExpiredToken"))), false},
		"explained, transient": {&lambdaapi.CredentialsError{
			Summary: "Cannot assume IAM Role", Transient: true, Err: stsError("STS", statusError(503, code("Unavailable"))),
		}, true},
		"explained, permanent": {&lambdaapi.CredentialsError{
			Summary: "No valid credential sources found", Err: stsError("ec2imds", send(dialError(os.ErrDeadlineExceeded))),
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(int, *http.Request) (*http.Response, error) { return success() }}
				start := time.Now()
				retrieved := 0
				retrieve := func(context.Context) (aws.Credentials, error) {
					retrieved++
					if time.Since(start) < time.Minute {
						return aws.Credentials{}, test.err
					}
					return aws.Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}, nil
				}
				client := server.client(func(cfg *aws.Config) {
					cfg.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(retrieve))
				})
				_, err := get(t, client, 5*time.Minute)
				switch {
				case test.retried && (err != nil || server.n != 1):
					t.Errorf("got %v and %d requests", err, server.n)
				case !test.retried:
					if err == nil || retrieved != 1 || server.n != 0 {
						t.Errorf("got %v after %d retrievals and %d requests", err, retrieved, server.n)
					}
					// The error says nothing about Lambda's configuration.
					if lambdaapi.IsNotFoundResponse(err) || lambdaapi.IsAccessDenied(err) ||
						lambdaapi.IsUnsupported(err) || lambdaapi.IsPropagationError(err) {
						t.Errorf("%v counts as an error of Lambda", err)
					}
					if strings.Contains(err.Error(), "The service responded") || strings.Contains(err.Error(), "Allow the action") {
						t.Errorf("got %v", err)
					}
				}
			})
		})
	}
}

func TestClient_retriesForTenSecondsWithoutConnectionToSTS(t *testing.T) {
	t.Parallel()
	for text, outage := range outages {
		synctest.Test(t, func(t *testing.T) {
			server := &network{do: func(int, *http.Request) (*http.Response, error) { return success() }}
			client := server.client(func(cfg *aws.Config) {
				cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
					return aws.Credentials{}, &lambdaapi.CredentialsError{
						Summary: "Cannot assume IAM Role", Detail: text, Transient: true,
						Err: stsError("STS", &smithyhttp.RequestSendError{Err: outage}),
					}
				})
			})
			took, err := get(t, client, 5*time.Minute)
			wantText(t, err, "failed.\n\nCannot assume IAM Role", text)
			if took < 10*time.Second || took > 12*time.Second {
				t.Errorf("%s: took %s", text, took)
			}
		})
	}
}

// The responses of an API that does not have an operation.
var unsupported = map[string]emulator.Fault{
	"HTML":                {Status: 404, Body: "<!doctype html><title>404 Not Found</title>"},
	"XML":                 {Status: 404, Body: "<Error><Code>NoSuchBucket</Code></Error>"},
	"no route":            {Status: 404, Body: `{"message":"no route"}`},
	"unknown operation":   {Status: 404, Code: "UnknownOperationException"},
	"empty":               {Status: 404, Body: " "},
	"method not allowed":  {Status: 405, Body: "<html>"},
	"not implemented":     {Status: 501, Code: "NotImplemented", Message: "not yet implemented"},
	"internal failure":    {Status: 501, Code: "InternalFailure", Message: "not yet implemented or pro feature"},
	"not implemented XML": {Status: 501, Body: "<xml/>"},
}

func TestClient_returnsUnsupportedImmediately(t *testing.T) {
	t.Parallel()
	for name, fault := range unsupported {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, api := start(t)
			fault.Times = 6
			api.AddFault(fault)
			at := target(t, "f")
			_, listErr := list(t.Context(), t, client)
			_, getErr := client.Get(t.Context(), at)
			_, putErr := client.Put(t.Context(), at, defaults)
			_, updateErr := client.Update(t.Context(), at, defaults, []lambdaapi.Member{lambdaapi.EventAge})
			_, functionsErr := functions(t.Context(), client)
			for _, err := range []error{listErr, getErr, putErr, updateErr, client.Delete(t.Context(), at), functionsErr} {
				if !lambdaapi.IsUnsupported(err) || lambdaapi.IsNotFoundResponse(err) {
					t.Errorf("got %v", err)
				}
				wantText(t, err, "The API at this endpoint does not have this operation, which AWS has.")
			}
			if n := len(calls(api)); n != 6 {
				t.Errorf("calls: got %q, want six", calls(api))
			}
		})
	}
}

// A list block has no timeouts, and a data source has its own.
func TestCallError_adviceFitsEveryCaller(t *testing.T) {
	t.Parallel()
	const limits = "or raise or remove max_retries and token_bucket_rate_limiter_capacity in the provider block."
	for name, test := range map[string]struct {
		status int // 0 for no response
		code   string
		want   string // after the timeout
	}{
		"conflict":    {409, "ResourceConflictException", "is in progress. Run Terraform again when it has ended"},
		"throttled":   {429, "TooManyRequestsException", "Run Terraform again when others need less of it"},
		"failed":      {500, "ServiceException", "The service failed. Run Terraform again later"},
		"no response": {0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &network{do: func(_ int, r *http.Request) (*http.Response, error) {
					if test.status == 0 {
						return silence(r)
					}
					return errorResponse(test.status, test.code)(r)
				}}
				listErr := func(client *lambdaapi.Client) (last error) {
					for _, err := range client.Configs(t.Context(), target(t, "f")) {
						last = err
					}
					return last
				}
				_, readErr := get(t, server.client(), time.Minute)
				_, functionsErr := functions(t.Context(), server.client())
				for _, err := range []error{listErr(server.client()), functionsErr} {
					wantText(t, err, "did not succeed within its timeout", test.want)
					if strings.Contains(err.Error(), "raise") {
						t.Errorf("a list block has no timeouts: %v", err)
					}
				}
				wantText(t, readErr, test.want)
				if test.want == "" {
					return
				}
				wantText(t, readErr, test.want+", or raise timeouts.")
				if name != "conflict" {
					_, err := get(t, server.client(func(cfg *aws.Config) { cfg.RetryMaxAttempts = 2 }), time.Minute)
					wantText(t, err, " failed.\n\nThe service responded", test.want+", "+limits)
				}
			})
		})
	}
}

// Lambda rejects overlapping writes to the configurations of one function.
func TestClient_retriesConflictsUntilTimeout(t *testing.T) {
	t.Parallel()
	const message = "The EventInvokeConfig for function " + arn + ":live could not be updated " +
		"due to a concurrent update operation."
	for operation, write := range map[string]func(context.Context, *lambdaapi.Client, lambdaapi.Target) error{
		putConfig: func(ctx context.Context, client *lambdaapi.Client, at lambdaapi.Target) error {
			_, err := client.Put(ctx, at, defaults)
			return err
		},
		updateConfig: func(ctx context.Context, client *lambdaapi.Client, at lambdaapi.Target) error {
			_, err := client.Update(ctx, at, defaults, []lambdaapi.Member{lambdaapi.EventAge})
			return err
		},
		deleteConfig: func(ctx context.Context, client *lambdaapi.Client, at lambdaapi.Target) error {
			return client.Delete(ctx, at)
		},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ends := 4 * time.Minute
				start := time.Now()
				server := &network{do: func(_ int, r *http.Request) (*http.Response, error) {
					switch after := time.Since(start) > ends; {
					case after && r.Method == http.MethodDelete:
						return response(http.StatusNoContent, strings.NewReader(""))
					case after:
						return success()
					}
					conflict, err := response(http.StatusConflict, strings.NewReader(`{"Type":"User","Message":"`+message+`"}`))
					conflict.Header.Set("X-Amzn-Errortype", "ResourceConflictException")
					return conflict, err
				}}
				client := server.client(func(cfg *aws.Config) { cfg.RetryMaxAttempts = 2 }) // conflicts do not count
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
				defer cancel()
				if err := write(ctx, client, target(t, "f:live")); err != nil || time.Since(start) < ends {
					t.Errorf("got %v after %s", err, time.Since(start))
				}
				ends = time.Hour
				err := write(ctx, client, target(t, "f:live"))
				wantText(t, err, operation+" of f:live in us-east-1 did not succeed within its timeout.\n\n"+
					"The service responded with 409 ResourceConflictException: "+message+"\nRequest ID: ",
					"Another change to the function is in progress. Run Terraform again when it has ended, or raise timeouts.")
				if took := time.Since(start); took != 5*time.Minute {
					t.Errorf("ended after %s", took)
				}
			})
		})
	}
}

func errorResponse(status int, code string) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) {
		r, err := response(status, strings.NewReader(`{"Message":"no"}`))
		r.Header.Set("X-Amzn-Errortype", code)
		return r, err
	}
}
