// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

var lastModified = regexp.MustCompile(`"LastModified":\d{10}\.\d{3},`)

// TestFacts shows that the emulator answers as each numbered fact about the
// service says, to the byte except for LastModified. The requests are made in
// order on one account.
func TestFacts(t *testing.T) {
	const (
		invalid  = "InvalidParameterValueException"
		notFound = "ResourceNotFoundException"
		versions = "/2015-03-31/functions/fn/versions"
		role     = "arn:aws:iam::123456789012:role/r"
		denied   = "The function's execution role does not have permissions to call SendMessage on " + queue
	)
	user := func(message string) string { return `{"Type":"User","message":"` + message + `"}` }
	gone := func(message string) string { return `{"Message":"` + message + `","Type":"User"}` }
	config := func(qualifier, members string) string {
		return `{"FunctionArn":"` + prefix + "fn:" + qualifier + `",` + members + `"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`
	}
	lacks := func(function string) string {
		return gone("The function " + prefix + function + " doesn't have an EventInvokeConfig")
	}
	put := func(side, arn string) string {
		return `{"DestinationConfig":{"` + side + `":{"Destination":"` + arn + `"}}}`
	}
	path := func(function string) string { return strings.Replace(configPath, "fn", function, 1) }

	w := start(t, emulator.Options{})
	var facts []int
	for _, test := range []struct {
		fact               int
		method, path, body string
		status             int
		code, answer       string
	}{
		{6, "GET", configPath, "", 404, notFound, lacks("fn:$LATEST")},
		{6, "DELETE", configPath, "", 404, notFound, lacks("fn:$LATEST")},
		{6, "POST", configPath, `{"MaximumRetryAttempts":0}`, 404, notFound, lacks("fn:$LATEST")},
		{6, "GET", path("missing"), "", 404, notFound, lacks("missing:$LATEST")},
		{6, "DELETE", path("missing"), "", 404, notFound, lacks("missing:$LATEST")},
		{6, "POST", path("missing"), `{"MaximumRetryAttempts":0}`, 404, notFound, gone("The function doesn't exist.")},
		{6, "GET", path("missing") + "/list", "", 404, notFound, gone("The function doesn't exist.")},
		{1, "PUT", configPath, `{"MaximumRetryAttempts":2}`, 200, "", config("$LATEST", `"MaximumRetryAttempts":2,`)},
		{1, "GET", configPath + "?Qualifier=$LATEST", "", 200, "", config("$LATEST", `"MaximumRetryAttempts":2,`)},
		{6, "POST", versions, "", 201, "", ""},
		{6, "GET", configPath + "?Qualifier=2", "", 404, notFound, lacks("fn:2")},
		{2, "PUT", configPath, `{"MaximumEventAgeInSeconds":60}`, 200, "", config("$LATEST", `"MaximumEventAgeInSeconds":60,`)},
		{3, "PUT", configPath, `{"DestinationConfig":{}}`, 200, "", config("$LATEST", "")},
		{3, "GET", configPath + "/list", "", 200, "", `{"FunctionEventInvokeConfigs":[` + config("$LATEST", "") + `]}`},
		{4, "PUT", path("missing"), `{}`, 400, invalid, user(noSettings)},
		{4, "POST", configPath, `{}`, 400, invalid, user(noSettings)},
		{4, "PUT", configPath, `{"DestinationConfig":{"OnSuccess":{}}}`, 200, "", config("$LATEST", "")},
		{5, "PUT", path("missing"), `{"MaximumRetryAttempts":0}`, 404, notFound, gone("The function doesn't exist.")},
		{5, "PUT", configPath + "?Qualifier=next", `{"MaximumRetryAttempts":0}`, 404, notFound, gone("The function doesn't exist.")},
		{
			7, "PUT", configPath, `{"MaximumRetryAttempts":2,"MaximumEventAgeInSeconds":60}`, 200, "",
			config("$LATEST", `"MaximumRetryAttempts":2,"MaximumEventAgeInSeconds":60,`),
		},
		{
			7, "POST", configPath, `{"MaximumRetryAttempts":0}`, 200, "",
			config("$LATEST", `"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60,`),
		},
		{7, "PUT", configPath, `{"MaximumRetryAttempts":0}`, 200, "", config("$LATEST", `"MaximumRetryAttempts":0,`)},
		{8, "POST", configPath, `{"DestinationConfig":{"OnSuccess":{},"OnFailure":{}}}`, 200, "", config("$LATEST", `"MaximumRetryAttempts":0,`)},
		{9, "PUT", configPath, put("OnFailure", prefix+"fn"), 400, invalid, user("You can't specify the function as a destination for itself.")},
		{10, "PUT", configPath, put("OnFailure", prefix+"x"), 400, invalid, user("The destination ARN " + prefix + "x is invalid.")},
		{
			11, "PUT", configPath, put("OnSuccess", role), 400, invalid,
			user("The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=" + role + "), onFailure=null) is invalid."),
		},
		{
			12, "PUT", configPath, `{"MaximumEventAgeInSeconds":59}`, 400, "ValidationException",
			`{"message":"1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: ` +
				`Member must have value greater than or equal to 60"}`,
		},
		{13, "PUT", configPath, put("OnFailure", queue), 400, invalid, user(denied)}, // by a fault
		{14, "PUT", path("fn:live"), `{"MaximumRetryAttempts":0}`, 200, "", config("live", `"MaximumRetryAttempts":0,`)},
		{14, "GET", path(prefix+"fn:live") + "?Qualifier=live", "", 200, "", config("live", `"MaximumRetryAttempts":0,`)},
		{
			14, "GET", path("fn:live") + "?Qualifier=1", "", 400, invalid,
			user("The derived qualifier from the function name does not match the specified qualifier."),
		},
		// TestOverlappingChangesOfOneFunctionConflict shows fact 15.
		{16, "DELETE", "/2015-03-31/functions/fn/aliases/live", "", 204, "", ""},
		{16, "GET", path("fn:live"), "", 200, "", config("live", `"MaximumRetryAttempts":0,`)},
		{16, "DELETE", "/2015-03-31/functions/fn", "", 204, "", ""},
		{16, "POST", "/2015-03-31/functions", `{"FunctionName":"fn"}`, 201, "", ""},
		{16, "GET", configPath + "/list", "", 200, "", `{"FunctionEventInvokeConfigs":[]}`},
		// Every answer shows fact 17.
		{
			18, "GET", path("arn:aws:lambda:eu-west-1:123456789012:function:fn"), "", 404, notFound,
			gone("Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"),
		},
		{
			19, "PUT", configPath, put("OnFailure", "arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/a/b"), 400, invalid,
			user("The destination ARN arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/a/b is invalid."),
		},
	} {
		if test.fact == 13 {
			w.AddFault(emulator.Fault{Status: 400, Code: invalid, Message: denied})
		}
		a := w.send(t, test.method, test.path, test.body)
		body := lastModified.ReplaceAllString(a.body, "")
		if a.status != test.status || a.errorType() != test.code || test.answer != "" && body != test.answer {
			t.Errorf("fact %d: %s %s %s: got %d %s %s, want %d %s %s", test.fact, test.method, test.path, test.body,
				a.status, a.errorType(), body, test.status, test.code, test.answer)
		}
		if !uuid.MatchString(a.header.Get("X-Amzn-Requestid")) {
			t.Errorf("fact 17: %s %s: no request ID", test.method, test.path)
		}
		facts = append(facts, test.fact)
	}
	slices.Sort(facts)
	equal(t, "facts", slices.Compact(facts), []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 18, 19})
}
