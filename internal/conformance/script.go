// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// step is one entry of the script.
type step struct {
	fact string // fact number, and a description of the step
	call call

	// members are the members of a successful response, or of each entry of a list,
	// to compare and record. nil means all.
	members []string

	// observe, if not nil, describes the response to an open question. The call is
	// made on the API under test only, and does not count as a difference.
	observe func([]response) string

	// required is the name of a function that the next steps need. The run waits until
	// it is active, and fails if it cannot be created.
	required string
}

// functionMembers are the members of a function that Lambda and the emulator share.
var functionMembers = []string{"FunctionName", "FunctionArn", "Version", "Runtime", "Handler"}

// fixture has the account and the names that a run uses.
type fixture struct {
	partition, region, account, role string

	function, target, missing string // function names; the function missing is not created
}

// functionNames returns the functions that a run may create. An API with fewer checks than
// Lambda creates missing, dotted and tooLong, too.
func (f fixture) functionNames() []string {
	return []string{f.function, f.target, f.missing, f.dotted(), f.tooLong()}
}

// dotted, tooLong and foreign are function names that CreateFunction rejects.
func (f fixture) dotted() string  { return f.missing + ".dotted" }
func (f fixture) tooLong() string { return f.missing + strings.Repeat("n", 65-len(f.missing)) }
func (f fixture) foreign() string {
	return strings.Replace(f.functionARN(f.missing), ":"+f.account+":", ":"+otherAccount+":", 1)
}

// otherAccount is an account ID that AWS uses in examples.
const otherAccount = "111122223333"

func (f fixture) arn(service, resource string) string {
	return arn.ARN{
		Partition: f.partition, Service: service, Region: f.region, AccountID: f.account, Resource: resource,
	}.String()
}

func (f fixture) functionARN(name string) string { return f.arn("lambda", "function:"+name) }

// script returns the steps in order. Each step depends on the steps before it. The
// destinations are ARNs of further destinations, which must exist.
func script(f fixture, destinations []string) []step {
	var (
		fn, target      = f.function, f.functionARN(f.target)
		self            = f.functionARN(fn)
		none            = settings{}
		one, both       = settings{retries: new(int32(1))}, settings{retries: new(int32(2)), age: new(int32(60))}
		zero            = settings{retries: new(int32(0))}
		otherRegion     = "eu-west-1"
		missingQueue    = f.arn("sqs", f.missing)
		partnerEventBus = f.arn("events", "event-bus/aws.partner/example.com/"+f.missing)
		iamRole         = "arn:" + f.partition + ":iam::" + f.account + ":role/" + f.missing
	)
	if f.region == otherRegion {
		otherRegion = "us-east-1"
	}
	otherRegionARN := strings.Replace(self, ":"+f.region+":", ":"+otherRegion+":", 1)

	steps := []step{
		{fact: "CreateFunction with Publish", call: createFunction(f.target, f.role, true), members: functionMembers,
			required: f.target},
		{fact: "CreateFunction creates a second function", call: createFunction(fn, f.role, false), members: functionMembers,
			required: fn},
		{fact: "CreateFunction with a dot in the name", call: createFunction(f.dotted(), f.role, false)},
		{fact: "CreateFunction with a name that is too long", call: createFunction(f.tooLong(), f.role, false)},
		{fact: "CreateFunction for another account", call: createFunction(f.foreign(), f.role, false)},
		{fact: "4: Put without any setting is an error", call: putConfig(fn, "", none)},
		{fact: "4: Put without any setting is an error before the function is looked up",
			call: putConfig(f.missing, "", none)},
		{fact: "4: Update without any setting is an error", call: updateConfig(fn, "", none)},
		{fact: "6: Get without a configuration", call: getConfig(fn, "")},
		{fact: "6: Delete without a configuration", call: deleteConfig(fn, "")},
		{fact: "6: Update without a configuration", call: updateConfig(fn, "", one)},
		{fact: "6: List without a configuration", call: listConfigs(fn, 50)},

		{fact: "1, 2, 3: Put of one number; the ARN is qualified, the other number absent", call: putConfig(fn, "", one)},
		{fact: "1: Get without a qualifier", call: getConfig(fn, "")},
		{fact: "1: Get of $LATEST", call: getConfig(fn, "$LATEST")},
		{fact: "6: PublishVersion publishes version 1", call: publishVersion(fn),
			members: []string{"Version", "FunctionName"}},
		{fact: "6: PublishVersion copies no configuration", call: getConfig(fn, "1")},
		{fact: "ListVersionsByFunction lists both versions", call: listVersions(fn),
			members: []string{"Version", "FunctionArn"}},
		{fact: "CreateAlias creates an alias", call: createAlias(fn, "live", "1"),
			members: []string{"AliasArn", "Name", "FunctionVersion"}},
		{fact: "CreateAlias of an existing alias", call: createAlias(fn, "live", "1")},
		{fact: "CreateAlias of a missing version", call: createAlias(fn, "next", "99")},
		{fact: "CreateAlias on a missing function", call: createAlias(f.missing, "live", "1")},
		{fact: "CreateAlias with a name of digits", call: createAlias(fn, "99", "1")},
		{fact: "CreateAlias of $LATEST", call: createAlias(fn, "latest", "$LATEST"),
			members: []string{"AliasArn", "Name", "FunctionVersion"}},

		{fact: "7: Put of both numbers", call: putConfig(fn, "", both)},
		{fact: "7: Put replaces the whole configuration", call: putConfig(fn, "", zero)},
		{fact: "7: Put of both numbers again", call: putConfig(fn, "", both)},
		{fact: "7: Update keeps the number that it does not send", call: updateConfig(fn, "", zero)},
		{fact: "3, 4: Put of one empty side", call: putConfig(fn, "", settings{onSuccess: emptySide})},
		{fact: "3: Get of a configuration without settings", call: getConfig(fn, "")},

		{fact: "5: Put on a missing function", call: putConfig(f.missing, "", one)},
		{fact: "5: Put on a missing alias", call: putConfig(fn, "next", one)},
		{fact: "5: Put on a missing version", call: putConfig(fn, "99", one)},
		{fact: "6: Get on a missing function", call: getConfig(f.missing, "")},
		{fact: "6: Delete on a missing function", call: deleteConfig(f.missing, "")},
		{fact: "6: Update on a missing function", call: updateConfig(f.missing, "", one)},
		{fact: "6: List on a missing function", call: listConfigs(f.missing, 50)},

		{fact: "8: Put of both sides",
			call: putConfig(fn, "", settings{retries: new(int32(1)), onSuccess: target, onFailure: target})},
		{fact: "7: Update of a number keeps both sides", call: updateConfig(fn, "", zero)},
		{fact: "8: Update with only on_failure", call: updateConfig(fn, "", settings{onFailure: target}),
			observe: describeOmittedSide("OnSuccess")},
		{fact: "8: Put of both sides again", call: putConfig(fn, "", settings{onSuccess: target, onFailure: target})},
		{fact: "8: Update with only on_success", call: updateConfig(fn, "", settings{onSuccess: target}),
			observe: describeOmittedSide("OnFailure")},
		{fact: "8: Update with both sides", call: updateConfig(fn, "", settings{onSuccess: emptySide, onFailure: target})},
		{fact: "9: The function itself as destination", call: putConfig(fn, "", settings{onFailure: self})},
		{fact: "9: An alias of the function itself as destination",
			call: putConfig(fn, "1", settings{onSuccess: self + ":live"})},
		{fact: "10: A missing function as destination",
			call: putConfig(fn, "", settings{onFailure: f.functionARN(f.missing)})},
		{fact: "10: A missing alias as destination", call: putConfig(fn, "", settings{onFailure: target + ":next"})},
		{fact: "10, 13: A missing queue as destination", call: putConfig(fn, "", settings{onFailure: missingQueue}),
			observe: describe},
		{fact: "11: A role as on_success", call: putConfig(fn, "", settings{onSuccess: iamRole})},
		{fact: "11: A role as on_failure", call: putConfig(fn, "", settings{onFailure: iamRole})},
		{fact: "19: A partner event bus as destination", call: putConfig(fn, "", settings{onFailure: partnerEventBus}),
			observe: describe},

		{fact: "12: Retries below the range", call: putConfig(fn, "", settings{retries: new(int32(-1))})},
		{fact: "12: Retries above the range", call: updateConfig(fn, "", settings{retries: new(int32(3))})},
		{fact: "12: Age below the range", call: updateConfig(fn, "", settings{age: new(int32(59))})},
		{fact: "12: Age above the range", call: putConfig(fn, "", settings{age: new(int32(21601))})},
		{fact: "12: A destination that is no ARN", call: putConfig(fn, "", settings{onFailure: "queue"})},
		{fact: "12: A function name outside the pattern", call: getConfig("a b", "")},
		{fact: "12: A function name that is too long", call: getConfig(f.tooLong(), "")},
		{fact: "12: A qualifier outside the pattern", call: getConfig(fn, "a b")},
		{fact: "12: ListFunctions with an unknown FunctionVersion", call: listFunctions("NONE")},

		{fact: "14: Put with the alias in the function name", call: putConfig(fn+":live", "", zero)},
		{fact: "14: Get with the alias in the ARN", call: getConfig(self+":live", "")},
		{fact: "14: Get with the alias in a partial ARN", call: getConfig(f.account+":function:"+fn+":live", "")},
		{fact: "14: Get with the same alias in both places", call: getConfig(fn+":live", "live")},
		{fact: "14: Get with different qualifiers", call: getConfig(fn+":live", "1")},
		{fact: "18: Get with another region in the ARN", call: getConfig(otherRegionARN, "")},

		{fact: "Put on a version", call: putConfig(fn, "1", zero)},
		{fact: "Put on $LATEST", call: putConfig(fn, "$LATEST", zero)},
		{fact: "List returns the configurations of all qualifiers", call: listConfigs(fn, 50)},
		{fact: "List returns pages of MaxItems configurations", call: listConfigs(fn, 2),
			members: []string{"MaximumRetryAttempts"}},
		{fact: "12: List with MaxItems below the range", call: listConfigs(fn, 0)},
		{fact: "12: List with MaxItems above the range", call: listConfigs(fn, 51)},
		{fact: "15: Put on two qualifiers at the same time",
			call: concurrently(putConfig(fn, "live", one), putConfig(fn, "1", one)), observe: describe},
		{fact: "15: Put on the alias after that", call: putConfig(fn, "live", one)},

		{fact: "7: Update on an alias", call: updateConfig(fn, "live", both)},

		{fact: "16: DeleteAlias deletes the alias", call: deleteAlias(fn, "live")},
		{fact: "DeleteAlias of a missing alias", call: deleteAlias(fn, "live")},
		{fact: "16: The configuration of a deleted alias remains", call: getConfig(fn, "live")},
		{fact: "5: Put on a deleted alias", call: putConfig(fn, "live", one)},
		{fact: "Delete deletes a configuration", call: deleteConfig(fn, "live")},
		{fact: "6: Get after Delete", call: getConfig(fn, "live")},
		{fact: "DeleteFunction of $LATEST", call: deleteFunction(fn, "$LATEST")},
		{fact: "DeleteFunction of $LATEST of a missing function", call: deleteFunction(f.missing, "$LATEST")},
		{fact: "DeleteFunction of a version that was never published", call: deleteFunction(fn, "99")},
		{fact: "16: DeleteFunction deletes the version", call: deleteFunction(fn, "1")},
		{fact: "16: Put on a deleted version", call: putConfig(fn, "1", one)},
		{fact: "16: Delete of the configuration of a deleted version", call: deleteConfig(fn, "1")},
	}
	for _, d := range destinations {
		steps = append(steps, step{fact: "on_failure " + d, call: putConfig(fn, "", settings{onFailure: d})})
		prefix := ""
		if parsed, err := arn.Parse(d); err == nil && parsed.Service == "s3" {
			prefix = "11: "
		}
		steps = append(steps, step{fact: prefix + "on_success " + d, call: putConfig(fn, "", settings{onSuccess: d})})
	}
	return append(steps,
		step{fact: "16: DeleteFunction deletes the function", call: deleteFunction(fn, "")},
		step{fact: "GetFunction of a missing function", call: getFunction(fn, "live")},
		step{fact: "GetFunction of a name that is too long", call: getFunction(f.tooLong(), "")},
		step{fact: "GetFunction of an ARN that ends in function", call: getFunction(f.arn("lambda", "function"), "")},
		step{fact: "DeleteFunction of a missing function", call: deleteFunction(fn, "1")},
		step{fact: "DeleteFunction of a name that is too long", call: deleteFunction(f.tooLong(), "")},
		step{fact: "16: CreateFunction with the name of a deleted function", call: createFunction(fn, f.role, false),
			members: functionMembers, required: fn},
		step{fact: "16: DeleteFunction deleted the configurations", call: listConfigs(fn, 50)},
	)
}

// describe returns the status and the error of each response.
func describe(responses []response) string {
	var lines []string
	for _, r := range responses {
		line := fmt.Sprint(r.Status)
		if r.Code != "" {
			line += fmt.Sprintf(" %s %s", r.Code, r.Body)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

// describeOmittedSide returns a function that describes whether an Update without side,
// which is OnSuccess or OnFailure, kept or cleared it.
func describeOmittedSide(side string) func([]response) string {
	return func(responses []response) string {
		var body struct {
			DestinationConfig map[string]struct{ Destination string }
		}
		last := responses[len(responses)-1]
		switch {
		case last.Status != 200 || json.Unmarshal(last.Body, &body) != nil:
			return describe(responses)
		case body.DestinationConfig[side].Destination == "":
			return "clears " + side
		default:
			return "keeps " + side
		}
	}
}
