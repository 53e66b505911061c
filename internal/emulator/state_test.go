// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestState_roundTrip(t *testing.T) {
	s := start(t, emulator.Options{})
	const functions = "/2015-03-31/functions"
	for _, request := range [][3]string{
		{"POST", functions, `{"FunctionName":"full","Description":"a & b","Handler":"index.handler",` +
			`"Runtime":"nodejs22.x","MemorySize":512,"Timeout":9,"Role":"arn:aws:iam::123456789012:role/r",` +
			`"Architectures":["arm64"],"DeadLetterConfig":{"TargetArn":"` + queue + `"}}`},
		{"POST", functions + "/full/versions", `{"Description":"first"}`},
		{"POST", functions + "/full/versions", `{"Description":""}`},
		{"POST", functions + "/full/versions", ""},
		{"POST", functions + "/full/aliases", `{"Name":"live","FunctionVersion":"1","Description":"an alias"}`},
		{"POST", functions + "/full/aliases", `{"Name":"deleted","FunctionVersion":"$LATEST"}`},
		{"PUT", "/2019-09-25/functions/full/event-invoke-config?Qualifier=deleted", `{"MaximumRetryAttempts":0}`},
		{"PUT", "/2019-09-25/functions/full/event-invoke-config?Qualifier=live",
			`{"DestinationConfig":{"OnFailure":{"Destination":"` + topic + `"}}}`},
		{"PUT", configPath,
			`{"MaximumRetryAttempts":1,"MaximumEventAgeInSeconds":60,"DestinationConfig":{"OnSuccess":{"Destination":"` +
				prefix + `full"}}}`},
	} {
		if got := s.send(t, request[0], request[1], request[2]); got.status > 299 {
			t.Fatalf("%s: got %d, %s", request, got.status, got.body)
		}
	}
	must(t, s.DeleteAlias(region, "full", "deleted"))
	must(t, s.DeleteFunction(region, "full", "2"))
	must(t, s.DeleteFunction(region, "full", "3"))
	must(t, s.CreateFunction("eu-west-1", "fn"))

	loaded := start(t, emulator.Options{})
	must(t, loaded.LoadState(s.State()))
	equal(t, "state", string(loaded.State()), string(s.State()))
	for _, path := range []string{
		functions + "?FunctionVersion=ALL", functions + "/full", functions + "/full?Qualifier=live",
		functions + "/full/versions", functions + "/full/aliases", configPath + "/list",
		"/2019-09-25/functions/full/event-invoke-config/list",
	} {
		equal(t, path, loaded.send(t, "GET", path, "").body, s.send(t, "GET", path, "").body)
	}
	version, err := loaded.PublishVersion(region, "full")
	must(t, err)
	equal(t, "next version", version, "4")
}

func TestLoadState_setsDefaults(t *testing.T) {
	e := emulator.New(emulator.Options{AccountID: "210987654321"})
	must(t, e.LoadState([]byte(`{"FormatVersion": 1, "Functions": [{
		"Region": "cn-north-1", "FunctionName": "fn", "Versions": [{"Version": "7"}],
		"Aliases": [{"Name": "live", "FunctionVersion": "7"}],
		"EventInvokeConfigs": [{"MaximumRetryAttempts": 0}, {"Qualifier": "live", "DestinationConfig": {}},
			{"Qualifier": "deleted"}]}]}`)))
	const arn = "arn:aws-cn:lambda:cn-north-1:210987654321:function:fn"
	equal(t, "configurations", e.Configs(), []string{arn + ":$LATEST", arn + ":deleted", arn + ":live"})
	version, err := e.PublishVersion("cn-north-1", arn)
	must(t, err)
	equal(t, "next version", version, "8")
	state := string(e.State())
	for _, member := range []string{
		`"MemorySize": 128`, `"Timeout": 3`, `"x86_64"`, `"LastModified": "20`, `"MaximumRetryAttempts": 0`,
	} {
		if !strings.Contains(state, member) {
			t.Errorf("the state lacks %s:\n%s", member, state)
		}
	}
}

func TestState_empty(t *testing.T) {
	e := emulator.New(emulator.Options{})
	equal(t, "state", string(e.State()), "{\n  \"FormatVersion\": 1,\n  \"Functions\": []\n}\n")
	must(t, e.LoadState(e.State()))
}

func TestLoadState_replacesFunctionsOfSameName(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.CreateFunction(region, "other"))
	must(t, s.LoadState([]byte(`{"FormatVersion":1,"Functions":[`+
		`{"Region":"us-east-1","FunctionName":"fn","EventInvokeConfigs":[{"Qualifier":"9"}]}]}`)))
	equal(t, "configurations", s.Configs(), []string{prefix + "fn:9"})
	equal(t, "functions", strings.Count(s.send(t, "GET", "/2015-03-31/functions", "").body, "FunctionArn"), 2)
}

func TestLoadState_rejectsInvalidState(t *testing.T) {
	function := func(members string) string {
		return `{"FormatVersion":1,"Functions":[{"Region":"us-east-1","FunctionName":"fn"},` +
			`{"Region":"us-east-1","FunctionName":"x",` + members + `}]}`
	}
	const second = `function "x" in "us-east-1" (Functions[1]): `
	for _, test := range []struct{ state, message string }{
		{"", "line 1: unexpected end of JSON input"},
		{"{\n\"FormatVersion\": 1,\n\"Functions\": [}", "line 3: invalid character '}'"},
		{`{"FormatVersion":1,"Functions":[]}{}`, "line 1: invalid character '{' after top-level value"},
		{`[]`, "unexpected array instead of an object"},
		{`null`, "FormatVersion is 0, but must be 1"},
		{`{"Functions":[]}`, "FormatVersion is 0, but must be 1"},
		{`{"FormatVersion":2,"Modules":[]}`, "FormatVersion is 2, but must be 1"},
		{`{"FormatVersion":"1"}`, "unexpected string in FormatVersion"},
		{`{"FormatVersion":1,"functions":[]}`, `unknown member "functions"`},
		{`{"FormatVersion":1,"Functions":{}}`, "unexpected object in Functions"},
		{`{"FormatVersion":1,"Functions":["fn"]}`, "unexpected string in Functions[0]"},
		{`{"FormatVersion":1,"Functions":[null]}`, `function "" in "" (Functions[0]): 4 validation errors detected`},
		{`{"FormatVersion":1,"Functions":[{"Region":"us-east-1","FunctionName":"` + prefix + `fn"}]}`,
			"at 'FunctionName' failed to satisfy constraint"},
		{`{"FormatVersion":1,"Functions":[{"Region":"us-east-1","FunctionName":"` + strings.Repeat("x", 65) + `"}]}`,
			"less than or equal to 64"},
		{`{"FormatVersion":1,"Functions":[{"Region":"moon","FunctionName":"fn"}]}`, "Value 'moon' at 'Region'"},
		{function(`"Memory":1`), `unknown member "Functions[1].Memory"`},
		{function(`"MemorySize":"1"`), "unexpected string in Functions[1].MemorySize"},
		{function(`"DeadLetterConfig":{"Arn":""}`), `unknown member "Functions[1].DeadLetterConfig.Arn"`},
		{function(`"LastModified":"now"`), second + "LastModified: parsing time"},
		{function(`"Versions":[{"Version":"1"},{"Version":"1"}]`), second +
			`version "1" is a duplicate or not a positive integer`},
		{function(`"Versions":[{"Version":"$LATEST"}]`), second + `version "$LATEST" is a duplicate or not`},
		{function(`"Versions":[{"Version":1}]`), "unexpected number in Functions[1].Versions[0].Version"},
		{function(`"Aliases":[{"Name":"live","FunctionVersion":"1"}]`), second +
			`alias "live" refers to version "1", which is not in Versions`},
		{function(`"Aliases":[{"Name":"5","FunctionVersion":"$LATEST"}]`), "Value '5' at 'Aliases[0].Name'"},
		{function(`"Aliases":[{"Name":"a","FunctionVersion":"$LATEST"},{"Name":"a","FunctionVersion":"$LATEST"}]`), second +
			`duplicate alias "a"`},
		{function(`"EventInvokeConfigs":[{},{"Qualifier":"$LATEST"}]`), second +
			`duplicate qualifier "$LATEST" in EventInvokeConfigs`},
		{function(`"EventInvokeConfigs":[{"Qualifier":"a b"}]`), "Value 'a b' at 'EventInvokeConfigs[0].Qualifier'"},
		{function(`"EventInvokeConfigs":[{"MaximumRetryAttempts":3}]`),
			"Value '3' at 'EventInvokeConfigs[0].maximumRetryAttempts'"},
		{function(`"EventInvokeConfigs":[{"MaximumRetryAttempts":0.5}]`),
			"unexpected number 0.5 in Functions[1].EventInvokeConfigs[0].MaximumRetryAttempts"},
		{function(`"EventInvokeConfigs":[{"DestinationConfig":{"OnFailure":{"Destination":"queue"}}}]`), "Value 'queue' at"},
		{function(`"EventInvokeConfigs":[{"LastModified":1e12}]`), second +
			"EventInvokeConfigs[0].LastModified: 1e12 is not a time in Unix seconds"},
		{
			`{"FormatVersion":1,"Functions":[{"Region":"us-east-1","FunctionName":"x"},` +
				`{"Region":"us-east-1","FunctionName":"x"}]}`, second + "duplicate function",
		},
	} {
		e := emulator.New(emulator.Options{})
		empty := string(e.State())
		if err := e.LoadState([]byte(test.state)); err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s:\n got %v\nwant %s", test.state, err, test.message)
		}
		equal(t, test.state, string(e.State()), empty)
	}
}
