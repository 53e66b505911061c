// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestUpdate_rejectedKeepsConfiguration(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.PutConfig(region, "fn", "", emulator.Config{MaximumRetryAttempts: new(2), OnFailure: queue}))
	before, _ := s.Config(region, "fn", "")
	s.send(t, "POST", configPath,
		`{"MaximumRetryAttempts":0,"DestinationConfig":{"OnSuccess":{"Destination":"kafka://topic"}}}`)
	after, _ := s.Config(region, "fn", "")
	equal(t, "configuration", after, before)
}

func TestPut_validatesMembers(t *testing.T) {
	const (
		atLeast = "Member must have value greater than or equal to "
		atMost  = "Member must have value less than or equal to "
		length  = "Member must have length less than or equal to "
		pattern = "Member must satisfy regular expression pattern: "

		regionPattern    = `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`
		qualifierPattern = pattern + `\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`
		arnPattern       = pattern + `$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|` +
			`arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:(` + regionPattern + `)?:(\d{12})?:(.*)`
		namePattern = pattern + `(arn:(aws[a-zA-Z-]*)?:lambda:` + regionPattern + `:\d{12}:|((` + regionPattern +
			`:)?(\d{12}:)?))(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`
		onSuccess = "destinationConfig.onSuccess.destination"
		onFailure = "destinationConfig.onFailure.destination"
	)
	long := strings.Repeat("n", 65)
	longARN := queue + strings.Repeat("q", 350)
	s := start(t, emulator.Options{})
	for _, test := range []struct{ path, body, value, member, constraint string }{
		{"a%20b", `{}`, "a b", "functionName", namePattern},
		{"arn:aws:lambda:f", `{}`, "arn:aws:lambda:f", "functionName", namePattern},
		{"arn:aws:lambda:us-east-1:f", `{}`, "arn:aws:lambda:us-east-1:f", "functionName", namePattern},
		{long, `{}`, long, "functionName", length + "64"},
		{"fn?Qualifier=a.b", `{}`, "a.b", "qualifier", qualifierPattern},
		{"fn", `{"MaximumRetryAttempts":-1}`, "-1", "maximumRetryAttempts", atLeast + "0"},
		{"fn", `{"MaximumRetryAttempts":3}`, "3", "maximumRetryAttempts", atMost + "2"},
		{"fn", `{"MaximumEventAgeInSeconds":59}`, "59", "maximumEventAgeInSeconds", atLeast + "60"},
		{"fn", `{"MaximumEventAgeInSeconds":21601}`, "21601", "maximumEventAgeInSeconds", atMost + "21600"},
		{"fn", `{"DestinationConfig":{"OnSuccess":{"Destination":"queue"}}}`, "queue", onSuccess, arnPattern},
		{"fn", `{"DestinationConfig":{"OnFailure":{"Destination":"queue"}}}`, "queue", onFailure, arnPattern},
		{"fn", `{"DestinationConfig":{"OnFailure":{"Destination":"` + longARN + `"}}}`, longARN, onFailure, length + "350"},
	} {
		t.Run(test.value, func(t *testing.T) {
			name, query, _ := strings.Cut(test.path, "?")
			a := s.send(t, "PUT", "/2019-09-25/functions/"+name+"/event-invoke-config?"+query, test.body)
			equal(t, "status", a.status, 400)
			equal(t, "code", a.errorType(), "ValidationException")
			equal(t, "body", members(t, a.body), map[string]any{"message": fmt.Sprintf("1 validation error detected: "+
				"Value '%s' at '%s' failed to satisfy constraint: %s", test.value, test.member, test.constraint)})
		})
	}

	t.Run("several", func(t *testing.T) {
		a := s.send(t, "PUT", configPath, `{"MaximumRetryAttempts":3,"MaximumEventAgeInSeconds":0}`)
		equal(t, "body", members(t, a.body), map[string]any{"message": "2 validation errors detected: " +
			"Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: " + atMost + "2; " +
			"Value '0' at 'maximumEventAgeInSeconds' failed to satisfy constraint: " + atLeast + "60"})
	})
	t.Run("empty qualifier", func(t *testing.T) {
		a := s.send(t, "GET", configPath+"?Qualifier=", "")
		equal(t, "body", members(t, a.body), map[string]any{"message": "2 validation errors detected: " +
			"Value '' at 'qualifier' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
			"Value '' at 'qualifier' failed to satisfy constraint: " + qualifierPattern})
	})
	t.Run("wrong type", func(t *testing.T) {
		for body, message := range map[string]string{
			`{"MaximumRetryAttempts":"1"}`:           "unexpected string in MaximumRetryAttempts",
			`{"MaximumRetryAttempts":0.5}`:           "unexpected number 0.5 in MaximumRetryAttempts",
			`{"DestinationConfig":{"OnFailure":[]}}`: "unexpected array in DestinationConfig.OnFailure",
			`[]`:                                     "unexpected array instead of an object",
			`{`:                                      "unexpected end of JSON input",
		} {
			a := s.send(t, "PUT", configPath, body)
			equal(t, "status", a.status, 400)
			equal(t, "code", a.errorType(), "SerializationException")
			equal(t, "body", members(t, a.body), map[string]any{"message": "Cannot read the body: " + message})
		}
	})
}

func TestList_returnsPages(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.PutConfig(region, "fn", "", emulator.Config{}))
	for range 60 {
		version, err := s.PublishVersion(region, "fn")
		must(t, err)
		must(t, s.PutConfig(region, "fn", version, emulator.Config{}))
	}
	for size, pages := range map[int32]int{0: 2, 1: 61, 20: 4, 50: 2} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			in := &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: new(prefix + "fn")}
			if size > 0 {
				in.MaxItems = &size
			}
			seen, count := map[string]bool{}, 0
			for p := lambda.NewListFunctionEventInvokeConfigsPaginator(s.client, in); p.HasMorePages(); count++ {
				got, err := p.NextPage(t.Context())
				must(t, err)
				for _, c := range got.FunctionEventInvokeConfigs {
					seen[*c.FunctionArn] = true
				}
			}
			equal(t, "pages", count, pages)
			equal(t, "configurations", len(seen), 61)
		})
	}
	for _, size := range []string{"0", "51"} {
		equal(t, size, s.send(t, "GET", configPath+"/list?MaxItems="+size, "").errorType(), "ValidationException")
	}
	equal(t, "words", s.send(t, "GET", configPath+"/list?MaxItems=all", "").errorType(), "SerializationException")
	equal(t, "marker", s.send(t, "GET", configPath+"/list?Marker=!", "").errorType(), "InvalidParameterValueException")
}
