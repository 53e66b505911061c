// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// maxBody is Lambda's limit for the size of a request body, in bytes. Bodies must be
// smaller. The limit was recorded for CreateFunction, whose requests contain code.
const maxBody = 70167211

// call is one API request.
type call struct {
	operation    operation
	region       string
	functionName string // in any format, as sent
	name         string // of an alias
	query        url.Values
	body         []byte

	updates    *function // whose configurations this call updates, or nil
	concurrent bool      // whether another update of the function was in progress
}

// newCall returns the call of op that r and its body describe. checkRequest sets its
// region.
func newCall(op operation, r *http.Request, body []byte) *call {
	c := &call{
		operation:    op,
		functionName: r.PathValue("FunctionName"),
		name:         r.PathValue("Name"),
		query:        query(r),
		body:         body,
	}
	if c.functionName == "" {
		// CreateFunction has the name in its body. The operation reports an
		// invalid body.
		var in struct{ FunctionName string }
		if unmarshal(body, &in, false) == nil {
			c.functionName = in.FunctionName
		}
	}
	return c
}

// query returns the valid parameters of r. Lambda accepts a semicolon in a value,
// which net/url rejects.
func query(r *http.Request) url.Values {
	values, _ := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	return values
}

// request returns the record of c. If the function reference is invalid, Function is
// the reference as sent.
func (c *call) request() *Request {
	ref, ok := parseReference(c.functionName)
	if !ok {
		ref = functionref.Ref{Name: c.functionName}
	}
	if q := c.query.Get("Qualifier"); q != "" {
		ref.Qualifier = q
	}
	switch c.operation.qualifier {
	case noQualifier:
		ref = ref.Unqualified()
	case defaultLatest:
		ref = ref.Qualified()
	case wholeFunction:
	}
	r := &Request{
		Operation: c.operation.name,
		// Without Clone, each string would keep its URL or header in memory.
		Region:    strings.Clone(c.region),
		Function:  strings.Clone(ref.Name),
		Qualifier: strings.Clone(ref.Qualifier),
		Status:    InFlight,
	}
	if c.operation.name == "CreateFunction" || c.operation.name == "" {
		return r // the body may contain up to 70 MB of code
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(c.body, &object) == nil && object != nil {
		r.Body = c.body
	}
	return r
}

// decode decodes the body into the value that to points to. An empty body is an empty
// object.
func (c *call) decode(to any) error {
	if len(c.body) == 0 {
		return nil
	}
	if err := unmarshal(c.body, to, false); err != nil {
		return serializationError("Cannot read the body: " + err.Error())
	}
	return nil
}

// checkRequest sets c.region and returns an error if r is unauthorized, too large or
// malformed.
func (c *call) checkRequest(r *http.Request) error {
	var err error
	if c.region, err = scopedRegion(r.Header.Get("Authorization")); err != nil {
		return err
	}
	if len(c.body) >= maxBody {
		return &apiError{http.StatusRequestEntityTooLarge, "RequestEntityTooLargeException",
			fmt.Sprintf("Request must be smaller than %d bytes for the %s operation", maxBody, c.operation.name)}
	}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if _, err := url.QueryUnescape(part); err != nil {
			return serializationError("The query string is not percent-encoded correctly.")
		}
	}
	return nil
}

var credential = regexp.MustCompile(
	`^AWS4-HMAC-SHA256\s.*\bCredential=[^/,\s]+/\d{8}/([^/,\s]+)/([^/,\s]+)/aws4_request\b`)

// scopedRegion returns the region in the credential scope of an Authorization header.
func scopedRegion(authorization string) (string, error) {
	m := credential.FindStringSubmatch(authorization)
	if m == nil {
		return "", forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	if !regionPattern.re.MatchString(m[1]) {
		return "", forbidden("InvalidSignatureException", "Credential should be scoped to a valid region.")
	}
	if m[2] != "lambda" {
		return "", forbidden("InvalidSignatureException", "Credential should be scoped to correct service: 'lambda'.")
	}
	return m[1], nil
}

// resolve returns the full reference to the function of c. Its qualifier is empty if c
// has none. A ValidationException includes v, which the caller has collected.
func (e *Emulator) resolve(c *call, v violations) (functionref.Ref, error) {
	if c.operation.name == "CreateFunction" {
		v.checkString("functionName", c.functionName, 1, 140, newFunctionNamePattern)
	} else {
		v.checkString("functionName", c.functionName, 1, 256, functionNamePattern)
	}
	qualifier, hasQualifier := c.query.Get("Qualifier"), c.query.Has("Qualifier") && c.operation.qualifier != noQualifier
	if hasQualifier {
		v.checkQualifier(qualifier)
	}
	if err := v.err(); err != nil {
		return functionref.Ref{}, err
	}
	ref, _ := parseReference(c.functionName)
	if err := c.checkNameLength(ref.Name); err != nil {
		return functionref.Ref{}, err
	}

	if ref.Region != "" && ref.Region != c.region {
		return functionref.Ref{}, notFound("Functions from '%s' are not reachable in this region ('%s')",
			ref.Region, c.region)
	}
	local := e.localRef(c.region, ref.Name)
	if !local.MayBeSameFunction(ref) {
		if c.operation.name == "CreateFunction" {
			return functionref.Ref{}, accessDenied("")
		}
		resource := local
		resource.AccountID = ref.AccountID
		return functionref.Ref{}, accessDenied("User: arn:%s:iam::%s:user/emulator is not authorized to perform: "+
			"lambda:%s on resource: %s", local.Partition, local.AccountID, c.operation.name, resource)
	}

	local.Qualifier = ref.Qualifier
	if hasQualifier {
		if ref.Qualifier != "" && ref.Qualifier != qualifier {
			return functionref.Ref{}, invalidParameter(
				"The derived qualifier from the function name does not match the specified qualifier.")
		}
		local.Qualifier = qualifier
	}
	return local, nil
}

// localRef returns the unqualified reference to a function of the account.
func (e *Emulator) localRef(region, name string) functionref.Ref {
	return functionref.Ref{Partition: partition(region), Region: region, AccountID: e.options.AccountID, Name: name}
}

// checkNameLength returns an error if the name is too long. For such a name, GetFunction
// and DeleteFunction report that the function does not exist instead.
func (c *call) checkNameLength(name string) error {
	if len(name) <= maxName || c.operation.name == "GetFunction" || c.operation.name == "DeleteFunction" {
		return nil
	}
	var v violations
	v.add("functionName", c.functionName, fmt.Sprintf("Member must have length less than or equal to %d", maxName))
	if c.operation.name == "CreateFunction" {
		return invalidParameter("%s", v.message())
	}
	return v.err()
}
