// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The limits of a response, in bytes. Lambda's largest response is a page of 50
// functions with their environment variables: about 2 MiB.
const (
	maxBody    = 16 << 20 // decompressed
	maxHeaders = 64 << 10
)

// maxValues is the maximum number of values, such as numbers, texts and objects,
// in the JSON of a response. The SDK allocates up to 2 KiB for a value of three
// bytes. A page of 50 functions has at most 35,000 values.
const maxValues = 100_000

// NewHTTPClient returns an HTTP client for AWS services, with the transport
// settings of client. It limits the size of a response. It does not follow
// redirects, but returns a [*RedirectError].
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

// RedirectError is a response with a 3xx status, which no AWS service sends to
// the provider. The SDK's HTTP client would follow some redirects, with the
// headers of the request, without the rate limiter, and any number of times.
type RedirectError struct {
	Status int // 0 if unknown

	// Host is the scheme, if known, and the host of the target. It is empty if
	// the response does not name a host. The rest of the URL may contain secrets.
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

// RetryableError makes the error permanent for the SDK's retryers.
func (*RedirectError) RetryableError() bool { return false }

// tooLargeError is the error of a body that is larger than maxBody.
type tooLargeError struct{}

func (tooLargeError) Error() string { return fmt.Sprintf("it is larger than %d MiB", maxBody>>20) }

// boundedBody is the body of a response. Read returns a [tooLargeError] after
// left bytes.
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

// readBody returns a middleware that reads the body of a response before the SDK
// does. It rejects a body with more than maxValues values, and converts times
// that are texts.
func readBody(operation string) middleware.DeserializeMiddleware {
	return middleware.DeserializeMiddlewareFunc("ReadBody", func(
		ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler,
	) (middleware.DeserializeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleDeserialize(ctx, in)
		response, ok := out.RawResponse.(*smithyhttp.Response)
		if err != nil || !ok {
			return out, metadata, err
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // nothing more is read from it
		if err == nil && countValues(body) > maxValues {
			err = fmt.Errorf("it has more than %d values", maxValues)
		}
		if err != nil {
			response.Body = http.NoBody // the SDK reads the body of an error again
			return out, metadata, &smithy.DeserializationError{Err: err}
		}
		if operation != "ListFunctions" { // where the SDK expects texts
			body = timeText.ReplaceAllFunc(body, timeNumber)
		}
		response.Body = io.NopCloser(bytes.NewReader(body))
		return out, metadata, nil
	})
}

// timeText matches a LastModified that is a text, as in moto's responses to List
// and Update. Lambda responds with the number of seconds, and the SDK cannot
// read a text.
var timeText = regexp.MustCompile(`("LastModified"\s*:\s*)"([^"]*)"`)

// timeNumber returns a match of timeText with the number of seconds, or with null
// if the text is not a time.
func timeNumber(member []byte) []byte {
	parts := timeText.FindSubmatch(member)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999-0700"} {
		if at, err := time.Parse(layout, string(parts[2])); err == nil {
			return strconv.AppendFloat(bytes.Clone(parts[1]), float64(at.UnixMilli())/1000, 'f', 3, 64)
		}
	}
	return append(bytes.Clone(parts[1]), "null"...)
}

// countValues returns the number of values in a JSON text. The value of a member
// counts as one with its name.
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
