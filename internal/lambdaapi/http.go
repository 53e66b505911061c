// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The limits of a response, in bytes. Lambda's greatest response is a page of
// 50 functions with their environment variables: about 2 MiB.
const (
	maxBody    = 16 << 20 // decompressed
	maxHeaders = 64 << 10
)

// maxValues is the greatest number of values, such as numbers, texts and
// objects, in the JSON of a response. The SDK takes up to 2 KiB of memory for a
// value of three bytes. A page of 50 functions has 35,000 values at most.
const maxValues = 100_000

// NewHTTPClient returns an HTTP client for services of AWS, with the transport
// settings of client. The client limits the size of a response. It does not
// follow redirects: a redirect is a [*RedirectError].
func NewHTTPClient(client *awshttp.BuildableClient) *http.Client {
	transport := client.GetTransport()
	transport.MaxResponseHeaderBytes = maxHeaders
	return &http.Client{Transport: boundedTransport{transport}}
}

// boundedTransport is the transport of [NewHTTPClient].
type boundedTransport struct{ http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t boundedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := t.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= http.StatusMultipleChoices && response.StatusCode < http.StatusBadRequest {
		_ = response.Body.Close()
		return nil, newRedirectError(response)
	}
	response.Body = &boundedBody{response.Body, maxBody}
	return response, nil
}

// RedirectError is a response with a status of 3xx, which no service of AWS
// sends to the provider. The SDK's HTTP client would follow some redirects,
// with the headers of the request, outside of the rate limit, and without end.
type RedirectError struct {
	Status int // 0 if unknown

	// Host is the host of the target, with its scheme if that is known. It is
	// empty if the response does not name a host. The rest of the URL may
	// contain secrets.
	Host string
}

func newRedirectError(response *http.Response) *RedirectError {
	e := &RedirectError{Status: response.StatusCode}
	if target, err := response.Location(); err == nil && target.Host != "" {
		e.Host = target.Scheme + "://" + target.Host
	}
	return e
}

func (e *RedirectError) Error() string {
	text := "a redirect"
	if e.Status != 0 {
		text += fmt.Sprintf(" (%d)", e.Status)
	}
	if e.Host != "" {
		text += " to " + e.Host
	}
	return text + ", which the provider does not follow"
}

// RetryableError makes the SDK's retryers take the error for permanent.
func (*RedirectError) RetryableError() bool { return false }

// tooLargeError is a body that is larger than maxBody.
type tooLargeError struct{}

func (tooLargeError) Error() string { return fmt.Sprintf("it is larger than %d MiB", maxBody>>20) }

// boundedBody is the body of a response. Reading more than left bytes of the
// body is a [tooLargeError].
type boundedBody struct {
	io.ReadCloser
	left int
}

// Read implements [io.Reader].
func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, tooLargeError{}
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return 0, tooLargeError{}
	}
	return n, err
}

// rewriteBody returns a middleware that gives the SDK another body to read, or
// a body that cannot be read.
func rewriteBody(id string, rewrite func([]byte) ([]byte, error)) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc(id, func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err != nil || !ok {
			return out, metadata, err
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // it has been read to its end, or has failed
		if err == nil {
			body, err = rewrite(body)
		}
		if err != nil {
			response.Body = http.NoBody // the SDK reads the body of an error again
			return out, metadata, &smithy.DeserializationError{Err: err}
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		return out, metadata, nil
	})
}

// limitValues is a middleware for a body with more than maxValues values.
var limitValues = rewriteBody("LimitValues", func(body []byte) ([]byte, error) {
	if countValues(body) > maxValues {
		return nil, fmt.Errorf("it has more than %d values", maxValues)
	}
	return body, nil
})

// countValues returns the number of values in a JSON text. Each value follows a
// comma or an opening bracket, except for the value of a member, which is not
// counted.
func countValues(text []byte) (n int) {
	inString := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++ // the next character is escaped
		case !inString && (c == ',' || c == '[' || c == '{'):
			n++
		}
	}
	return n
}
