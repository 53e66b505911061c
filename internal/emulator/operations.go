// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// qualifierRule is the meaning of a request without a qualifier.
type qualifierRule int

const (
	noQualifier   qualifierRule = iota // the operation has no qualifier
	defaultLatest                      // the qualifier is $LATEST
	wholeFunction                      // the operation applies to the function
)

// operation is one operation of the API. run is called with the lock held. It returns
// the value to send as JSON, nil for an empty body, or an *apiError.
type operation struct {
	name      string
	method    string
	path      string // with parameters in braces
	success   int    // status of a successful response
	qualifier qualifierRule

	// updatesConfig reports whether the operation updates a configuration. Updates of
	// one function's configurations must not overlap.
	updatesConfig bool

	run func(*Emulator, *call) (any, error)
}

const (
	functionsPath = "/2015-03-31/functions"
	functionPath  = functionsPath + "/{FunctionName}"
	configPath    = "/2019-09-25/functions/{FunctionName}/event-invoke-config"
)

var operations = []operation{
	{"PutFunctionEventInvokeConfig", "PUT", configPath, 200, defaultLatest, true, (*Emulator).putConfig},
	{"UpdateFunctionEventInvokeConfig", "POST", configPath, 200, defaultLatest, true, (*Emulator).updateConfig},
	{"GetFunctionEventInvokeConfig", "GET", configPath, 200, defaultLatest, false, (*Emulator).getConfig},
	{"DeleteFunctionEventInvokeConfig", "DELETE", configPath, 204, defaultLatest, true, (*Emulator).deleteConfig},
	{"ListFunctionEventInvokeConfigs", "GET", configPath + "/list", 200, noQualifier, false, (*Emulator).listConfigs},
	{"CreateFunction", "POST", functionsPath, 201, noQualifier, false, (*Emulator).createFunction},
	{"GetFunction", "GET", functionPath, 200, defaultLatest, false, (*Emulator).getFunction},
	{"ListFunctions", "GET", functionsPath, 200, noQualifier, false, (*Emulator).listFunctions},
	{"DeleteFunction", "DELETE", functionPath, 204, wholeFunction, false, (*Emulator).deleteFunction},
	{"PublishVersion", "POST", functionPath + "/versions", 201, noQualifier, false, (*Emulator).publishVersion},
	{"ListVersionsByFunction", "GET", functionPath + "/versions", 200, noQualifier, false, (*Emulator).listVersions},
	{"CreateAlias", "POST", functionPath + "/aliases", 201, noQualifier, false, (*Emulator).createAlias},
	{"ListAliases", "GET", functionPath + "/aliases", 200, noQualifier, false, (*Emulator).listAliases},
	{"DeleteAlias", "DELETE", functionPath + "/aliases/{Name}", 204, noQualifier, false, (*Emulator).deleteAlias},
}

// findOperation returns the operation of r and sets the path values of its parameters.
// Like Lambda, it does not clean paths: empty segments, "." and ".." do not match a
// parameter.
func findOperation(r *http.Request) operation {
	path := r.URL.EscapedPath()
	if path == functionsPath+"/" { // the form in the API reference
		path = functionsPath
	}
	segments := strings.Split(path, "/")
	i := slices.IndexFunc(operations, func(op operation) bool {
		pattern := strings.Split(op.path, "/")
		return op.method == r.Method && slices.EqualFunc(pattern, segments, matchSegment)
	})
	if i < 0 {
		return operation{run: (*Emulator).unknownOperation}
	}
	for i, name := range strings.Split(operations[i].path, "/") {
		if name, ok := strings.CutPrefix(name, "{"); ok {
			value, _ := url.PathUnescape(segments[i]) // EscapedPath is valid
			r.SetPathValue(strings.TrimSuffix(name, "}"), value)
		}
	}
	return operations[i]
}

func matchSegment(pattern, segment string) bool {
	value, _ := url.PathUnescape(segment)
	if strings.HasPrefix(pattern, "{") {
		return value != "" && value != "." && value != ".."
	}
	return value == pattern
}

// unknownOperation responds to requests that match no operation.
func (e *Emulator) unknownOperation(*call) (any, error) {
	return nil, accessDenied("Unable to determine service/operation name to be authorized")
}
