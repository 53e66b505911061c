// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator

import (
	"fmt"
	"strings"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// checkDestinations returns the error that a configuration of the function
// self gets for d. Only functions of this account are known to exist or not;
// every other destination of a documented kind is taken to be there.
func (e *Emulator) checkDestinations(self functionref.Ref, d destinationConfig) error {
	for _, s := range []*side{d.OnSuccess, d.OnFailure} {
		if s == nil || s.Destination == "" {
			continue
		}
		switch service(s.Destination) {
		case "lambda":
			if err := e.checkFunctionDestination(self, s.Destination); err != nil {
				return err
			}
		case "sqs", "sns", "events":
		case "s3":
			if s == d.OnSuccess {
				return invalidDestinations(d)
			}
		default:
			return invalidDestinations(d)
		}
	}
	return nil
}

func (e *Emulator) checkFunctionDestination(self functionref.Ref, arn string) error {
	ref, err := functionref.Parse(arn)
	if err != nil || !ref.IsARN() {
		return invalidParameter("The destination ARN %s is invalid.", arn)
	}
	if ref.SameFunction(self) {
		return invalidParameter("You can't specify the function as a destination for itself.")
	}
	if ref.AccountID != e.options.AccountID {
		return nil
	}
	f := e.function(ref)
	if f == nil || ref.Partition != partition(ref.Region) || !f.has(ref.Qualified().Qualifier) {
		return invalidParameter("The destination ARN %s is invalid.", arn)
	}
	return nil
}

// service returns the service in an ARN, "" for what is none.
func service(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[2]
}

func invalidDestinations(d destinationConfig) error {
	show := func(name string, s *side) string {
		if s == nil || s.Destination == "" {
			return "null"
		}
		return fmt.Sprintf("%s(destination=%s)", name, s.Destination)
	}
	return invalidParameter("The provided destination config DestinationConfig(onSuccess=%s, onFailure=%s) is invalid.",
		show("OnSuccess", d.OnSuccess), show("OnFailure", d.OnFailure))
}
