// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// maxBody is the greatest number of bytes that Lambda reads of a request: that
// of a CreateFunction with its code in it.
const maxBody = 69905067

// call is what one request asks for.
type call struct {
	operation    operation
	region       string
	functionName string // as it was spelled
	name         string // of an alias
	query        url.Values
	body         []byte
}

// newCall takes apart a request to op whose body has been read. The region is
// left to the credential scope.
func newCall(op operation, r *http.Request, body []byte) *call {
	c := &call{
		operation:    op,
		functionName: r.PathValue("FunctionName"),
		name:         r.PathValue("Name"),
		query:        r.URL.Query(),
		body:         body,
	}
	if c.functionName == "" {
		// CreateFunction says the name in its body. What cannot be read here
		// is refused when the operation reads it.
		var named struct{ FunctionName string }
		if json.Unmarshal(body, &named) == nil {
			c.functionName = named.FunctionName
		}
	}
	return c
}

// request returns c as it is recorded: with the bare name of the function and
// the effective qualifier, as far as the spelling can be understood.
func (c *call) request() *Request {
	ref, err := functionref.Parse(c.functionName)
	if err != nil {
		ref = functionref.Ref{Name: c.functionName}
	}
	if q := c.query.Get("Qualifier"); q != "" {
		ref.Qualifier = q
	}
	switch c.operation.qualifier {
	case noQualifier:
		ref = ref.Unqualified()
	case orLatest:
		ref = ref.Qualified()
	case orAllVersions:
	}
	r := &Request{
		Operation: c.operation.name,
		Region:    c.region,
		Function:  ref.Name,
		Qualifier: ref.Qualifier,
		Status:    InFlight,
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(c.body, &object) == nil && object != nil {
		r.Body = c.body
	}
	return r
}

// decode reads the body into the value that to points to. No body is an empty
// object.
func (c *call) decode(to any) error {
	if len(c.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, to); err != nil {
		return &apiError{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	return nil
}

var credential = regexp.MustCompile(`^AWS4-HMAC-SHA256\s.*\bCredential=[^/,\s]+/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request\b`)

// scopedRegion returns the region that a request is signed for.
func scopedRegion(authorization string) (string, error) {
	m := credential.FindStringSubmatch(authorization)
	if m == nil {
		return "", forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	if functionref.CheckRegion(m[1]) != nil {
		return "", forbidden("InvalidSignatureException", "Credential should be scoped to a valid region.")
	}
	if m[2] != "lambda" {
		return "", forbidden("InvalidSignatureException", "Credential should be scoped to correct service: 'lambda'.")
	}
	return m[1], nil
}

// resolve returns the complete reference to the function that c is about, its
// qualifier empty where c says none. The violations that the caller has found
// are answered together with those of the name and the qualifier.
func (e *Emulator) resolve(c *call, v violations) (functionref.Ref, error) {
	v.functionName(c.functionName)
	qualifier, said := c.query.Get("Qualifier"), c.query.Has("Qualifier") && c.operation.qualifier != noQualifier
	if said {
		v.qualifier(qualifier)
	}
	if err := v.err(); err != nil {
		return functionref.Ref{}, err
	}
	ref, err := functionref.Parse(c.functionName)
	if err != nil || len(ref.Name) > functionref.MaxNameLength { // its pattern and length hold: a part of it is too long
		v.add("functionName", c.functionName, "Member must have length less than or equal to 64")
		return functionref.Ref{}, v.err()
	}

	if ref.Region != "" && ref.Region != c.region {
		return functionref.Ref{}, notFound("Functions from '%s' are not reachable in this region ('%s')", ref.Region, c.region)
	}
	home := functionref.Ref{Partition: partition(c.region), Region: c.region, AccountID: e.options.AccountID, Name: ref.Name}
	if !home.SameFunction(ref) {
		asked := functionref.Ref{Partition: home.Partition, Region: c.region, AccountID: ref.AccountID, Name: ref.Name}
		return functionref.Ref{}, accessDenied("User: arn:%s:iam::%s:user/emulator is not authorized to perform: lambda:%s on resource: %s",
			home.Partition, home.AccountID, c.operation.name, asked)
	}

	home.Qualifier = ref.Qualifier
	if said {
		if ref.Qualifier != "" && ref.Qualifier != qualifier {
			return functionref.Ref{}, invalidParameter("The derived qualifier from the function name does not match the specified qualifier.")
		}
		home.Qualifier = qualifier
	}
	return home, nil
}
