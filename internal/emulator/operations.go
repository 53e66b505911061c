// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import "net/http"

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
	patterns  []string // as http.ServeMux takes them
	success   int      // the status of its answer
	qualifier qualifierRule
	run       func(*Emulator, *call) (any, error)
}

const (
	functionsPath = "/2015-03-31/functions"
	functionPath  = functionsPath + "/{FunctionName}"
	configPath    = "/2019-09-25/functions/{FunctionName}/event-invoke-config"
)

var operations = []operation{
	{
		"PutFunctionEventInvokeConfig", []string{"PUT " + configPath},
		http.StatusOK, orLatest, (*Emulator).putConfig,
	},
	{
		"UpdateFunctionEventInvokeConfig", []string{"POST " + configPath},
		http.StatusOK, orLatest, (*Emulator).updateConfig,
	},
	{
		"GetFunctionEventInvokeConfig", []string{"GET " + configPath},
		http.StatusOK, orLatest, (*Emulator).getConfig,
	},
	{
		"DeleteFunctionEventInvokeConfig", []string{"DELETE " + configPath},
		http.StatusNoContent, orLatest, (*Emulator).deleteConfig,
	},
	{
		"ListFunctionEventInvokeConfigs", []string{"GET " + configPath + "/list"},
		http.StatusOK, noQualifier, (*Emulator).listConfigs,
	},
	{
		"CreateFunction", []string{"POST " + functionsPath, "POST " + functionsPath + "/{$}"},
		http.StatusCreated, noQualifier, (*Emulator).createFunction,
	},
	{
		"GetFunction", []string{"GET " + functionPath},
		http.StatusOK, orLatest, (*Emulator).getFunction,
	},
	{
		"ListFunctions", []string{"GET " + functionsPath, "GET " + functionsPath + "/{$}"},
		http.StatusOK, noQualifier, (*Emulator).listFunctions,
	},
	{
		"DeleteFunction", []string{"DELETE " + functionPath},
		http.StatusNoContent, orAllVersions, (*Emulator).deleteFunction,
	},
	{
		"PublishVersion", []string{"POST " + functionPath + "/versions"},
		http.StatusCreated, noQualifier, (*Emulator).publishVersion,
	},
	{
		"ListVersionsByFunction", []string{"GET " + functionPath + "/versions"},
		http.StatusOK, noQualifier, (*Emulator).listVersions,
	},
	{
		"CreateAlias", []string{"POST " + functionPath + "/aliases"},
		http.StatusCreated, noQualifier, (*Emulator).createAlias,
	},
	{
		"ListAliases", []string{"GET " + functionPath + "/aliases"},
		http.StatusOK, noQualifier, (*Emulator).listAliases,
	},
	{
		"DeleteAlias", []string{"DELETE " + functionPath + "/aliases/{Name}"},
		http.StatusNoContent, noQualifier, (*Emulator).deleteAlias,
	},
}

// unknownOperation answers what none of the operations is.
func (e *Emulator) unknownOperation(*call) (any, error) {
	return nil, accessDenied("Unable to determine service/operation name to be authorized")
}
