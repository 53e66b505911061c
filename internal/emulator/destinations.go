// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// checkDestinations returns an error if d is invalid for a configuration of the function
// self. The emulator knows only the functions of its account. It assumes that every
// other destination exists if its service is supported and its partition is the
// function's.
func (e *Emulator) checkDestinations(self functionref.Ref, d destinationConfig) error {
	for _, s := range []*destination{d.OnSuccess, d.OnFailure} {
		if s == nil || s.Destination == "" {
			continue
		}
		parts := strings.SplitN(s.Destination, ":", 6)
		if len(parts) < 6 { // kafka://
			return invalidDestinations(d)
		}
		arnPartition, service, region, resource := parts[1], parts[2], parts[3], parts[5]
		if !slices.Contains([]string{"lambda", "sqs", "sns", "events", "s3"}, service) ||
			service == "s3" && s == d.OnSuccess {
			return invalidDestinations(d)
		}
		if arnPartition != self.Partition || region != "" && partition(region) != arnPartition ||
			service == "events" && strings.HasPrefix(resource, "event-bus/aws.partner/") {
			return invalidARN(s.Destination)
		}
		if service == "lambda" {
			if err := e.checkFunctionDestination(self, s.Destination); err != nil {
				return err
			}
		}
	}
	return nil
}

func (e *Emulator) checkFunctionDestination(self functionref.Ref, arn string) error {
	ref, ok := parseReference(arn)
	if !ok || !ref.IsARN() || len(ref.Name) > maxName {
		return invalidARN(arn)
	}
	if ref.MayBeSameFunction(self) {
		return invalidParameter("You can't specify the function as a destination for itself.")
	}
	if ref.AccountID != e.options.AccountID {
		return nil
	}
	f := e.function(ref)
	if f == nil || !f.hasQualifier(ref.Qualified().Qualifier) {
		return invalidARN(arn)
	}
	return nil
}

func invalidARN(arn string) error {
	return invalidParameter("The destination ARN %s is invalid.", arn)
}

func invalidDestinations(d destinationConfig) error {
	format := func(name string, s *destination) string {
		if s == nil || s.Destination == "" {
			return "null"
		}
		return fmt.Sprintf("%s(destination=%s)", name, s.Destination)
	}
	return invalidParameter("The provided destination config DestinationConfig(onSuccess=%s, onFailure=%s) is invalid.",
		format("OnSuccess", d.OnSuccess), format("OnFailure", d.OnFailure))
}
