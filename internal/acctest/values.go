// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// ARNs in Account and Region: the function f, and destinations.
const (
	FunctionARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
	QueueARN    = "arn:aws:sqs:us-east-1:123456789012:q"
	TopicARN    = "arn:aws:sns:us-east-1:123456789012:t"
	BucketARN   = "arn:aws:s3:::failures"
	EventBusARN = "arn:aws:events:us-east-1:123456789012:event-bus/results"
)

// UnreachableURL is a URL that refuses connections. The port of a server that was
// closed might belong to the server of another test by now.
const UnreachableURL = "http://127.0.0.1:1"

// Config returns HCL of the resource with a name, a function and arguments.
func Config(name, function string, arguments ...string) string {
	return fmt.Sprintf("resource %q %q {\n  function_name = %q\n  %s\n}\n",
		Type, name, function, strings.Join(arguments, "\n  "))
}

// TerraformData returns HCL of a terraform_data resource. Its output is unknown
// in a plan that creates it or changes the input.
func TerraformData(name, input string) string {
	return fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %q\n}\n", name, input)
}

// DestinationConfig returns HCL of destination_config, without the sides that
// are empty.
func DestinationConfig(onSuccess, onFailure string) string {
	side := func(name, arn string) string {
		if arn == "" {
			return ""
		}
		return fmt.Sprintf("%s = { destination = %q }\n", name, arn)
	}
	return "destination_config = {\n" + side("on_success", onSuccess) + side("on_failure", onFailure) + "}"
}

// DestinationJSON returns the member DestinationConfig of a request or a
// response, with an empty object for an empty side.
func DestinationJSON(onSuccess, onFailure string) string {
	side := func(arn string) string {
		if arn == "" {
			return "{}"
		}
		return fmt.Sprintf(`{"Destination":%q}`, arn)
	}
	return fmt.Sprintf(`{"OnFailure":%s,"OnSuccess":%s}`, side(onFailure), side(onSuccess))
}

// PutRequest returns the line of [API.RequestLines] for a Put. The target is
// FUNCTION:QUALIFIER.
func PutRequest(target string, age, retries int, onSuccess, onFailure string) string {
	return fmt.Sprintf(`Put %s {"DestinationConfig":%s,"MaximumEventAgeInSeconds":%d,"MaximumRetryAttempts":%d}`,
		target, DestinationJSON(onSuccess, onFailure), age, retries)
}

// PutDefaults is [PutRequest] with the defaults of all members.
func PutDefaults(target string) string { return PutRequest(target, 21600, 2, "", "") }

// ExpectAttributes returns checks of attributes in state. The address is that of
// a resource or a data source.
func ExpectAttributes(address string, want map[string]knownvalue.Check) []statecheck.StateCheck {
	var checks []statecheck.StateCheck
	for _, name := range slices.Sorted(maps.Keys(want)) {
		checks = append(checks, statecheck.ExpectKnownValue(address, tfjsonpath.New(name), want[name]))
	}
	return checks
}

// ExpectStrings is [ExpectAttributes] for strings: pairs of a name and a value.
func ExpectStrings(address string, pairs ...string) []statecheck.StateCheck {
	want := map[string]knownvalue.Check{}
	for pair := range slices.Chunk(pairs, 2) {
		want[pair[0]] = knownvalue.StringExact(pair[1])
	}
	return ExpectAttributes(address, want)
}

// DestinationsExact returns a check of destination_config. An empty side is null.
func DestinationsExact(onSuccess, onFailure string) knownvalue.Check {
	side := func(arn string) knownvalue.Check {
		if arn == "" {
			return knownvalue.Null()
		}
		return knownvalue.ObjectExact(map[string]knownvalue.Check{"destination": knownvalue.StringExact(arn)})
	}
	return knownvalue.ObjectExact(map[string]knownvalue.Check{
		"on_success": side(onSuccess), "on_failure": side(onFailure),
	})
}
