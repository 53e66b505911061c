// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lambdaapi

import (
	"fmt"
	"io"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// The limits of a response, in bytes. Lambda's greatest response is a page of
// 50 functions with their environment variables: about 2 MiB.
const (
	maxBody    = 16 << 20 // decompressed
	maxHeaders = 64 << 10
)

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
	Status int

	// Host is the scheme and the host of the target, empty if the response does
	// not name one. The rest of the URL may contain secrets.
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
	target := ""
	if e.Host != "" {
		target = " to " + e.Host
	}
	return fmt.Sprintf("a redirect (%d)%s, which the provider does not follow", e.Status, target)
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
