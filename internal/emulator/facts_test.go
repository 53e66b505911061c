// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const noSettings = "You must specify at least one of error handling or destination setting."

var lastModified = regexp.MustCompile(`"LastModified":\d{10}\.\d{3},`)

// TestFacts compares responses byte for byte, except for LastModified, with the numbered
// facts about the service. Later requests depend on the results of earlier ones.
func TestFacts(t *testing.T) {
	const (
		invalid  = "InvalidParameterValueException"
		notFound = "ResourceNotFoundException"
		itself   = "You can't specify the function as a destination for itself."
		missing  = "The function doesn't exist."
		mismatch = "The derived qualifier from the function name does not match the specified qualifier."
		versions = "/2015-03-31/functions/fn/versions"
		role     = "arn:aws:iam::123456789012:role/r"
		denied   = "The function's execution role does not have permissions to call SendMessage on " + queue
	)
	user := func(message string) string { return `{"Type":"User","message":"` + message + `"}` }
	absent := func(message string) string { return `{"Message":"` + message + `","Type":"User"}` }
	config := func(qualifier, members string) string {
		return `{"FunctionArn":"` + prefix + "fn:" + qualifier + `",` + members +
			`"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`
	}
	lacks := func(function string) string {
		return absent("The function " + prefix + function + " doesn't have an EventInvokeConfig")
	}
	put := func(side, arn string) string {
		return `{"DestinationConfig":{"` + side + `":{"Destination":"` + arn + `"}}}`
	}
	path := func(function string) string { return strings.Replace(configPath, "fn", function, 1) }

	s := start(t, emulator.Options{})
	for _, test := range []struct {
		fact               int
		method, path, body string
		status             int
		code, want         string
	}{
		{6, "GET", configPath, "", 404, notFound, lacks("fn:$LATEST")},
		{6, "DELETE", configPath, "", 404, notFound, lacks("fn:$LATEST")},
		{6, "POST", configPath, `{"MaximumRetryAttempts":0}`, 404, notFound, lacks("fn:$LATEST")},
		{6, "GET", path("missing"), "", 404, notFound, lacks("missing:$LATEST")},
		{6, "DELETE", path("missing"), "", 404, notFound, lacks("missing:$LATEST")},
		{6, "POST", path("missing"), `{"MaximumRetryAttempts":0}`, 404, notFound, absent(missing)},
		{6, "POST", path("fn:missing"), `{"MaximumRetryAttempts":0}`, 404, notFound, absent(missing)},
		{6, "GET", path("missing:live"), "", 404, notFound, lacks("missing:live")},
		{6, "GET", configPath + "/list", "", 200, "", `{"FunctionEventInvokeConfigs":[]}`},
		{6, "GET", path("missing") + "/list", "", 404, notFound, absent(missing)},
		{1, "PUT", configPath, `{"MaximumRetryAttempts":2}`, 200, "", config("$LATEST", `"MaximumRetryAttempts":2,`)},
		{1, "GET", configPath + "?Qualifier=$LATEST", "", 200, "", config("$LATEST", `"MaximumRetryAttempts":2,`)},
		{1, "GET", path("fn:$LATEST"), "", 200, "", config("$LATEST", `"MaximumRetryAttempts":2,`)},
		{6, "POST", versions, "", 201, "", ""},
		{6, "GET", configPath + "?Qualifier=2", "", 404, notFound, lacks("fn:2")},
		{2, "PUT", configPath, `{"MaximumEventAgeInSeconds":60}`, 200, "",
			config("$LATEST", `"MaximumEventAgeInSeconds":60,`)},
		{3, "PUT", configPath, `{"DestinationConfig":{}}`, 200, "", config("$LATEST", "")},
		{3, "POST", configPath, `{"DestinationConfig":{"OnFailure":{"Destination":""}}}`, 200, "", config("$LATEST", "")},
		{3, "GET", configPath, "", 200, "", config("$LATEST", "")},
		{3, "GET", configPath + "/list", "", 200, "", `{"FunctionEventInvokeConfigs":[` + config("$LATEST", "") + `]}`},
		{4, "PUT", path("missing"), `{}`, 400, invalid, user(noSettings)},
		{4, "POST", configPath, `{}`, 400, invalid, user(noSettings)},
		{4, "POST", path("missing"), "", 400, invalid, user(noSettings)},
		{4, "PUT", configPath, `{"MaximumRetryAttempts":null,"DestinationConfig":null}`, 400, invalid, user(noSettings)},
		{4, "PUT", configPath, `{"DestinationConfig":{"OnSuccess":{}}}`, 200, "", config("$LATEST", "")},
		{5, "PUT", path("missing"), `{"MaximumRetryAttempts":0}`, 404, notFound, absent(missing)},
		{5, "PUT", path("fn:9"), `{"MaximumRetryAttempts":0}`, 404, notFound, absent(missing)},
		{
			5, "PUT", configPath + "?Qualifier=$LATEST.PUBLISHED", `{"MaximumRetryAttempts":0}`, 404, notFound,
			absent(missing),
		},
		{5, "PUT", configPath + "?Qualifier=next", `{"MaximumRetryAttempts":0}`, 404, notFound, absent(missing)},
		{
			7, "PUT", configPath, `{"MaximumRetryAttempts":2,"MaximumEventAgeInSeconds":60}`, 200, "",
			config("$LATEST", `"MaximumRetryAttempts":2,"MaximumEventAgeInSeconds":60,`),
		},
		{
			7, "POST", configPath, `{"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":null}`, 200, "",
			config("$LATEST", `"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60,`),
		},
		{7, "PUT", configPath, `{"MaximumRetryAttempts":0}`, 200, "", config("$LATEST", `"MaximumRetryAttempts":0,`)},
		{8, "POST", configPath, `{"DestinationConfig":{"OnSuccess":{},"OnFailure":{}}}`, 200, "",
			config("$LATEST", `"MaximumRetryAttempts":0,`)},
		{9, "PUT", configPath, put("OnFailure", prefix+"fn"), 400, invalid, user(itself)},
		{10, "PUT", configPath, put("OnFailure", prefix+"x"), 400, invalid,
			user("The destination ARN " + prefix + "x is invalid.")},
		{
			11, "PUT", configPath, put("OnSuccess", role), 400, invalid,
			user("The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=" + role +
				"), onFailure=null) is invalid."),
		},
		{
			12, "PUT", configPath, `{"MaximumEventAgeInSeconds":59}`, 400, "ValidationException",
			`{"message":"1 validation error detected: Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: ` +
				`Member must have value greater than or equal to 60"}`,
		},
		{13, "PUT", configPath, put("OnFailure", queue), 400, invalid, user(denied)}, // by a fault
		{14, "PUT", path("fn:live"), `{"MaximumRetryAttempts":0}`, 200, "", config("live", `"MaximumRetryAttempts":0,`)},
		{14, "GET", path(prefix+"fn:live") + "?Qualifier=live", "", 200, "", config("live", `"MaximumRetryAttempts":0,`)},
		{14, "GET", path("fn:live") + "?Qualifier=1", "", 400, invalid, user(mismatch)},
		{14, "GET", path("fn:live") + "?Qualifier=$LATEST", "", 400, invalid, user(mismatch)},
		{14, "PUT", path("fn:$LATEST") + "?Qualifier=$LATEST", `{"MaximumRetryAttempts":0}`, 200, "", ""},
		{14, "PUT", path("missing:$LATEST") + "?Qualifier=live", `{"MaximumRetryAttempts":0}`, 400, invalid, user(mismatch)},
		// TestUpdate_conflictsWithConcurrentUpdate covers fact 15.
		{14, "PUT", path("fn:2"), `{"MaximumRetryAttempts":0}`, 200, "", config("2", `"MaximumRetryAttempts":0,`)},
		{16, "DELETE", "/2015-03-31/functions/fn?Qualifier=2", "", 204, "", ""},
		{16, "DELETE", "/2015-03-31/functions/fn/aliases/live", "", 204, "", ""},
		{
			16, "GET", configPath + "/list", "", 200, "", `{"FunctionEventInvokeConfigs":[` +
				config("$LATEST", `"MaximumRetryAttempts":0,`) + "," + config("2", `"MaximumRetryAttempts":0,`) + "," +
				config("live", `"MaximumRetryAttempts":0,`) + `]}`,
		},
		{16, "PUT", path("fn:2"), `{"MaximumRetryAttempts":1}`, 404, notFound, absent(missing)},
		{16, "PUT", path("fn:live"), `{"MaximumRetryAttempts":1}`, 404, notFound, absent(missing)},
		{16, "DELETE", path("fn:2"), "", 204, "", ""},
		{16, "GET", path("fn:live"), "", 200, "", config("live", `"MaximumRetryAttempts":0,`)},
		{16, "DELETE", "/2015-03-31/functions/fn", "", 204, "", ""},
		{16, "POST", "/2015-03-31/functions", `{"FunctionName":"fn"}`, 201, "", ""},
		{16, "GET", configPath + "/list", "", 200, "", `{"FunctionEventInvokeConfigs":[]}`},
		// Every response shows fact 17.
		{
			18, "GET", path("arn:aws:lambda:eu-west-1:123456789012:function:fn"), "", 404, notFound,
			absent("Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"),
		},
		{
			19, "PUT", configPath, put("OnFailure",
				"arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/a/b"), 400, invalid,
			user("The destination ARN arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/a/b is invalid."),
		},
	} {
		if test.fact == 13 {
			s.AddFault(emulator.Fault{Status: 400, Code: invalid, Message: denied})
		}
		a := s.send(t, test.method, test.path, test.body)
		body := lastModified.ReplaceAllString(a.body, "")
		if a.status != test.status || a.errorType() != test.code || test.want != "" && body != test.want {
			t.Errorf("fact %d: %s %s %s: got %d %s %s, want %d %s %s", test.fact, test.method, test.path, test.body,
				a.status, a.errorType(), body, test.status, test.code, test.want)
		}
		if !uuid.MatchString(a.header.Get("X-Amzn-Requestid")) {
			t.Errorf("fact 17: %s %s: no request ID", test.method, test.path)
		}
	}
}
