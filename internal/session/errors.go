// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"
	"strings"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// ExistsError is returned by Create if a different configuration exists.
type ExistsError struct {
	Existing lambdaapi.Config
}

func (e *ExistsError) Error() string {
	return e.Existing.FunctionARN + " has an event invoke config already"
}

// OwnedError is returned by Create if another object of this session created or
// adopted the same configuration and keeps it.
type OwnedError struct {
	FunctionARN string
}

func (e *OwnedError) Error() string {
	return "another resource of this run manages the event invoke config of " + e.FunctionARN
}

// NotAppliedError is returned by Create and Update if Lambda reports success
// and responds with other values than were sent.
type NotAppliedError struct {
	Operation string
	Target    lambdaapi.Target
	Members   []lambdaapi.Member // that differ, never empty
	Want, Got lambdaapi.Settings
}

func (e *NotAppliedError) Error() string {
	lines := make([]string, 0, len(e.Members))
	for _, m := range e.Members {
		lines = append(lines, fmt.Sprintf("  %s: sent %s, received %s", m, e.Want.Show(m), e.Got.Show(m)))
	}
	return fmt.Sprintf("%s of %s was accepted, but the answer differs from what was sent:\n%s\n\n"+
		"The state holds what the service answered. Something may be changing this configuration at the same time: plan and apply again.",
		e.Operation, e.Target, strings.Join(lines, "\n"))
}

// notApplied returns a [*NotAppliedError] if got differs from want.
func notApplied(operation string, t lambdaapi.Target, want lambdaapi.Settings, got lambdaapi.Config) error {
	members := got.Differing(want)
	if len(members) == 0 {
		return nil
	}
	return &NotAppliedError{Operation: operation, Target: t, Members: members, Want: want, Got: got.Settings}
}
