// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// What it means for an operation that its request says no qualifier.
type qualifierRule int

const (
	noQualifier   qualifierRule = iota // the operation takes none
	orLatest                           // $LATEST is meant
	orAllVersions                      // the function as a whole is meant
)

// operation is one operation of the API. Its run is called under the lock and
// returns what is answered as JSON, nil for no body, or an *apiError.
type operation struct {
	name      string
	method    string
	path      string // with placeholders in braces
	success   int    // the status of its answer
	qualifier qualifierRule

	// changesConfig reports whether the operation changes a configuration. Changes
	// of one function's configurations must not overlap.
	changesConfig bool

	run func(*Emulator, *call) (any, error)
}

const (
	functionsPath = "/2015-03-31/functions"
	functionPath  = functionsPath + "/{FunctionName}"
	configPath    = "/2019-09-25/functions/{FunctionName}/event-invoke-config"
)

var operations = []operation{
	{
		"PutFunctionEventInvokeConfig", http.MethodPut, configPath,
		http.StatusOK, orLatest, true, (*Emulator).putConfig,
	},
	{
		"UpdateFunctionEventInvokeConfig", http.MethodPost, configPath,
		http.StatusOK, orLatest, true, (*Emulator).updateConfig,
	},
	{
		"GetFunctionEventInvokeConfig", http.MethodGet, configPath,
		http.StatusOK, orLatest, false, (*Emulator).getConfig,
	},
	{
		"DeleteFunctionEventInvokeConfig", http.MethodDelete, configPath,
		http.StatusNoContent, orLatest, true, (*Emulator).deleteConfig,
	},
	{
		"ListFunctionEventInvokeConfigs", http.MethodGet, configPath + "/list",
		http.StatusOK, noQualifier, false, (*Emulator).listConfigs,
	},
	{
		"CreateFunction", http.MethodPost, functionsPath,
		http.StatusCreated, noQualifier, false, (*Emulator).createFunction,
	},
	{
		"GetFunction", http.MethodGet, functionPath,
		http.StatusOK, orLatest, false, (*Emulator).getFunction,
	},
	{
		"ListFunctions", http.MethodGet, functionsPath,
		http.StatusOK, noQualifier, false, (*Emulator).listFunctions,
	},
	{
		"DeleteFunction", http.MethodDelete, functionPath,
		http.StatusNoContent, orAllVersions, false, (*Emulator).deleteFunction,
	},
	{
		"PublishVersion", http.MethodPost, functionPath + "/versions",
		http.StatusCreated, noQualifier, false, (*Emulator).publishVersion,
	},
	{
		"ListVersionsByFunction", http.MethodGet, functionPath + "/versions",
		http.StatusOK, noQualifier, false, (*Emulator).listVersions,
	},
	{
		"CreateAlias", http.MethodPost, functionPath + "/aliases",
		http.StatusCreated, noQualifier, false, (*Emulator).createAlias,
	},
	{
		"ListAliases", http.MethodGet, functionPath + "/aliases",
		http.StatusOK, noQualifier, false, (*Emulator).listAliases,
	},
	{
		"DeleteAlias", http.MethodDelete, functionPath + "/aliases/{Name}",
		http.StatusNoContent, noQualifier, false, (*Emulator).deleteAlias,
	},
}

// findOperation returns the operation that r is a request for, and gives r the
// values of the segments in braces. Lambda does not clean paths: an empty
// segment, "." and ".." are no values.
func findOperation(r *http.Request) operation {
	path := r.URL.EscapedPath()
	if path == functionsPath+"/" { // as the API reference writes it
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

// unknownOperation answers what none of the operations is.
func (e *Emulator) unknownOperation(*call) (any, error) {
	return nil, accessDenied("Unable to determine service/operation name to be authorized")
}
