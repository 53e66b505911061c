// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package account

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

var (
	// functionPath has, in its second group, the function that a path names.
	functionPath = regexp.MustCompile(`^(/[0-9-]+/functions/)([^/]+)(.*)$`)
	// credentialRegion has the region that a request was signed for.
	credentialRegion = regexp.MustCompile(`Credential=[^/]+/\d{8}/([^/]+)/lambda/`)
)

// RoundTrip implements [http.RoundTripper]: it sends a request that a test has
// made, translated and signed, to the Lambda of the region that it was signed
// for, and returns the answer in the test's words.
func (s *Stage) RoundTrip(r *http.Request) (*http.Response, error) {
	request, err := s.toAWS(r)
	if err != nil {
		return nil, err
	}
	answer, err := s.account.lambda.HTTPClient.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if err := answer.Body.Close(); err != nil {
		return nil, err
	}
	body = s.fromAWS(r, body)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer.Header.Del("Content-Length")
	return answer, nil
}

func (s *Stage) toAWS(r *http.Request) (*http.Request, error) {
	ctx := r.Context()
	scope := credentialRegion.FindStringSubmatch(r.Header.Get("Authorization"))
	if scope == nil {
		return nil, fmt.Errorf("%s is not signed for a region", r.URL.Path)
	}
	region := scope[1]
	endpoint, err := lambda.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, lambda.EndpointParameters{
		Region:   &region,
		Endpoint: s.account.lambda.BaseEndpoint,
	})
	if err != nil {
		return nil, err
	}
	path := r.URL.EscapedPath()
	if m := functionPath.FindStringSubmatch(path); m != nil {
		name, err := url.PathUnescape(m[2])
		if err != nil {
			return nil, err
		}
		path = m[1] + httpbinding.EscapePath(s.function(name), true) + m[3] // as the SDK does it, which the signature is about
	}
	body, err := s.translate(r)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, endpoint.URI.String()+path, bytes.NewReader(body)) //nolint:gosec // to the host that the SDK names
	if err != nil {
		return nil, err
	}
	request.URL.RawQuery = r.URL.RawQuery
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if err := s.account.turn(ctx, region); err != nil {
		return nil, err
	}
	keys, err := s.account.lambda.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return request, v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), "lambda", region, time.Now())
}

// translate returns the body of a request in AWS's words. What is no JSON is
// for Lambda to refuse.
func (s *Stage) translate(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return body, nil //nolint:nilerr // it stays as it is
	}
	if name, ok := text(members["FunctionName"]); ok {
		members["FunctionName"] = quoted(s.function(name))
	}
	var sides map[string]map[string]json.RawMessage
	if json.Unmarshal(members["DestinationConfig"], &sides) == nil {
		for _, side := range sides {
			to, ok := text(side["Destination"])
			if !ok {
				continue
			}
			if to, err = s.destination(r.Context(), to); err != nil {
				return nil, err
			}
			side["Destination"] = quoted(to)
		}
		if members["DestinationConfig"], err = json.Marshal(sides); err != nil {
			return nil, err
		}
	}
	return json.Marshal(members)
}

// text returns the string that JSON is, and whether it is one.
func text(value json.RawMessage) (s string, ok bool) {
	return s, json.Unmarshal(value, &s) == nil
}

func quoted(s string) json.RawMessage {
	value, _ := json.Marshal(s) // a string always can be
	return value
}

// function returns what AWS has for a test's reference to a function. One of
// another account, and what is no reference, stays as it is.
func (s *Stage) function(reference string) string {
	ref, err := functionref.Parse(reference)
	if err != nil || ref.AccountID != "" && ref.AccountID != s.account.played {
		return reference
	}
	ref.Name = s.prefix + ref.Name
	ref.AccountID = strings.ReplaceAll(ref.AccountID, s.account.played, s.account.id)
	return ref.String()
}

// destination is the same for a destination.
func (s *Stage) destination(ctx context.Context, text string) (string, error) {
	if ref, err := functionref.Parse(text); err == nil && ref.IsARN() {
		return s.function(text), nil
	}
	return s.account.destination(ctx, text)
}

// fromAWS returns an answer in the test's words. Of all functions of a region,
// the test is told of its own.
func (s *Stage) fromAWS(r *http.Request, body []byte) []byte {
	var list map[string]json.RawMessage
	var functions []struct{ FunctionName string }
	var all []json.RawMessage
	if r.Method == http.MethodGet && strings.HasSuffix(strings.TrimSuffix(r.URL.Path, "/"), "/functions") &&
		json.Unmarshal(body, &list) == nil && json.Unmarshal(list["Functions"], &functions) == nil && json.Unmarshal(list["Functions"], &all) == nil {
		own := []json.RawMessage{}
		for i, f := range functions {
			if strings.HasPrefix(f.FunctionName, s.prefix) {
				own = append(own, all[i])
			}
		}
		list["Functions"], _ = json.Marshal(own) // it was read as JSON
		body, _ = json.Marshal(list)
	}
	return []byte(strings.NewReplacer(s.prefix, "", s.account.prefix, "", s.account.id, s.account.played).Replace(string(body)))
}

// doer is a stage as the SDK's HTTP client.
type doer struct{ *Stage }

// Do implements [lambda.HTTPClient].
func (d doer) Do(r *http.Request) (*http.Response, error) { return d.RoundTrip(r) }
