// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestUpdate_omittedDestination(t *testing.T) {
	for _, test := range []struct {
		option             emulator.UpdateDestinations
		body               string
		onSuccess, failure string
	}{
		{"", `{"DestinationConfig":{"OnSuccess":{"Destination":"` + queue + `"}}}`, queue, ""},
		{emulator.Replace, `{"DestinationConfig":{"OnSuccess":{"Destination":"` + queue + `"}}}`, queue, ""},
		{emulator.Merge, `{"DestinationConfig":{"OnSuccess":{"Destination":"` + queue + `"}}}`, queue, topic},
		{emulator.Replace, `{"DestinationConfig":{"OnFailure":{}}}`, "", ""},
		{emulator.Merge, `{"DestinationConfig":{"OnFailure":{}}}`, topic, ""},
		{emulator.Replace, `{"MaximumRetryAttempts":1}`, topic, topic},
		{emulator.Merge, `{"DestinationConfig":{"OnFailure":{},"OnSuccess":{}}}`, "", ""},
	} {
		t.Run(string(test.option)+test.body, func(t *testing.T) {
			s := start(t, emulator.Options{UpdateDestinations: test.option})
			must(t, s.PutConfig(region, "fn", "", emulator.Config{OnSuccess: topic, OnFailure: topic}))
			equal(t, "status", s.send(t, "POST", configPath, test.body).status, 200)
			got, _ := s.Config(region, "fn", "")
			equal(t, "OnSuccess", got.OnSuccess, test.onSuccess)
			equal(t, "OnFailure", got.OnFailure, test.failure)
		})
	}
}

func TestPut_validatesDestinations(t *testing.T) {
	const (
		itself  = "You can't specify the function as a destination for itself."
		invalid = "The destination ARN %s is invalid."
		success = "The provided destination config DestinationConfig(" +
			"onSuccess=OnSuccess(destination=%s), onFailure=null) is invalid."
		failure = "The provided destination config DestinationConfig(" +
			"onSuccess=null, onFailure=OnFailure(destination=%s)) is invalid."
	)
	s := start(t, emulator.Options{})
	must(t, s.CreateFunction(region, "other"))
	must(t, s.CreateAlias(region, "other", "live", "$LATEST"))
	must(t, s.CreateFunction("eu-west-1", "far"))
	for _, test := range []struct {
		name, arn            string
		onSuccess, onFailure string // error messages, or empty
	}{
		{"queue", queue, "", ""},
		{"topic", topic, "", ""},
		{"FIFO queue", queue + ".fifo", "", ""},
		{"bus", "arn:aws:events:us-east-1:123456789012:event-bus/bus", "", ""},
		{"bucket", "arn:aws:s3:::bucket", success, ""},
		{"function", prefix + "other", "", ""},
		{"alias", prefix + "other:live", "", ""},
		{"function of another region", "arn:aws:lambda:eu-west-1:123456789012:function:far", "", ""},
		{"function of another account", "arn:aws:lambda:us-east-1:999999999999:function:far", "", ""},
		{"itself", prefix + "fn", itself, itself},
		{"itself with a qualifier", prefix + "fn:1", itself, itself},
		{"missing function", prefix + "far", invalid, invalid},
		{"missing alias", prefix + "other:missing", invalid, invalid},
		{"function of another partition", "arn:aws-cn:lambda:us-east-1:123456789012:function:other", invalid, invalid},
		{"function of another partition and account", "arn:aws-cn:lambda:cn-north-1:999999999999:function:other", invalid,
			invalid},
		{"queue of another partition", "arn:aws-cn:sqs:cn-north-1:123456789012:queue", invalid, invalid},
		{"topic of another partition", "arn:aws-us-gov:sns:us-gov-west-1:123456789012:topic", invalid, invalid},
		{"bus of another partition", "arn:aws-cn:events:cn-north-1:123456789012:event-bus/bus", invalid, invalid},
		{"bucket of another partition", "arn:aws-cn:s3:::bucket", success, invalid},
		{"queue of a region of another partition", "arn:aws:sqs:cn-north-1:123456789012:queue", invalid, invalid},
		{"partner event bus", "arn:aws:events:us-east-1:123456789012:event-bus/aws.partner/example.com/bus", invalid,
			invalid},
		{"layer", "arn:aws:lambda:us-east-1:123456789012:layer:layer:1", invalid, invalid},
		{"role", "arn:aws:iam::123456789012:role/role", success, failure},
		{"Kafka", "kafka://topic", success, failure},
	} {
		for side, message := range map[string]string{"OnSuccess": test.onSuccess, "OnFailure": test.onFailure} {
			t.Run(side+" "+test.name, func(t *testing.T) {
				a := s.send(t, "PUT", configPath, fmt.Sprintf(`{"DestinationConfig":{%q:{"Destination":%q}}}`, side, test.arn))
				if message == "" {
					equal(t, "status", a.status, 200)
					return
				}
				if strings.Contains(message, "%s") {
					message = fmt.Sprintf(message, test.arn)
				}
				equal(t, "status", a.status, 400)
				equal(t, "code", a.errorType(), "InvalidParameterValueException")
				equal(t, "body", members(t, a.body), map[string]any{"Type": "User", "message": message})
			})
		}
	}
}
