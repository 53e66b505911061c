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

// maxBody is Lambda's limit for the bytes of a request. A request must be smaller.
// The limit was recorded for CreateFunction, whose requests contain code.
const maxBody = 70167211

// call is what one request asks for.
type call struct {
	operation    operation
	region       string
	functionName string // as the request writes it
	name         string // of an alias
	query        url.Values
	body         []byte

	writing     *function // whose configurations are held for this change, nil for none
	overlapping bool      // with another change of the same function
}

// newCall takes apart a request to op whose body has been read. The region is
// left to the credential scope.
func newCall(op operation, r *http.Request, body []byte) *call {
	c := &call{
		operation:    op,
		functionName: r.PathValue("FunctionName"),
		name:         r.PathValue("Name"),
		query:        query(r),
		body:         body,
	}
	if c.functionName == "" {
		// CreateFunction says the name in its body. What cannot be read here
		// is refused when the operation reads it.
		var named struct{ FunctionName string }
		if unmarshal(body, &named, false) == nil {
			c.functionName = named.FunctionName
		}
	}
	return c
}

// query returns the parameters of r that can be read. A semicolon is a part of
// a value, which net/url rejects.
func query(r *http.Request) url.Values {
	values, _ := url.ParseQuery(strings.ReplaceAll(r.URL.RawQuery, ";", "%3B"))
	return values
}

// request returns c as it is recorded: with the bare name of the function and
// the effective qualifier, as far as the spelling can be understood.
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
	case orLatest:
		ref = ref.Qualified()
	case orAllVersions:
	}
	r := &Request{
		Operation: c.operation.name,
		// A substring would keep its whole URL or header in memory.
		Region:    strings.Clone(c.region),
		Function:  strings.Clone(ref.Name),
		Qualifier: strings.Clone(ref.Qualifier),
		Status:    InFlight,
	}
	if c.operation.name == "CreateFunction" || c.operation.name == "" {
		return r // its body may contain code, up to 70 MB of it
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
	if err := unmarshal(c.body, to, false); err != nil {
		return unreadable("Cannot read the body: " + err.Error())
	}
	return nil
}

// checkRequest reads from r the region that c is for, and returns the error of a
// request that is not authorized or cannot be read.
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
			return unreadable("The query string is not percent-encoded correctly.")
		}
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
	if !regionPattern.re.MatchString(m[1]) {
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
	if c.operation.name == "CreateFunction" {
		v.text("functionName", c.functionName, 1, 140, newFunctionNamePattern)
	} else {
		v.text("functionName", c.functionName, 1, 256, functionNamePattern)
	}
	qualifier, said := c.query.Get("Qualifier"), c.query.Has("Qualifier") && c.operation.qualifier != noQualifier
	if said {
		v.qualifier(qualifier)
	}
	if err := v.err(); err != nil {
		return functionref.Ref{}, err
	}
	ref, _ := parseReference(c.functionName)
	if err := c.checkNameLength(ref.Name); err != nil {
		return functionref.Ref{}, err
	}

	if ref.Region != "" && ref.Region != c.region {
		return functionref.Ref{}, notFound("Functions from '%s' are not reachable in this region ('%s')", ref.Region, c.region)
	}
	home := e.home(c.region, ref.Name)
	if !home.SameFunction(ref) {
		if c.operation.name == "CreateFunction" {
			return functionref.Ref{}, accessDenied("")
		}
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

// home returns the unqualified reference to a function of the account.
func (e *Emulator) home(region, name string) functionref.Ref {
	return functionref.Ref{Partition: partition(region), Region: region, AccountID: e.options.AccountID, Name: name}
}

// checkNameLength returns the error for a function's name that is too long.
// GetFunction and DeleteFunction do not find such a function.
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
