// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"errors"
	"fmt"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
)

// ExistsError is returned by Create if a different configuration exists.
type ExistsError struct {
	Existing lambdaapi.Config
}

func (e *ExistsError) Error() string {
	return e.Existing.FunctionARN + " has an event invoke config already"
}

// OwnedError is returned by Create if another object of this session owns and keeps
// the configuration.
type OwnedError struct {
	FunctionARN string
}

func (e *OwnedError) Error() string {
	return "another resource of this run manages the event invoke config of " + e.FunctionARN
}

// NotAppliedError is returned by Create and Update if Lambda reports success but
// responds with other values than were sent.
type NotAppliedError struct {
	Operation string
	Target    lambdaapi.Target
	Members   []lambdaapi.Member // that differ, never empty
	Want, Got lambdaapi.Settings
}

func (e *NotAppliedError) Error() string {
	return fmt.Sprintf("%s of %s was accepted, but the response differs from the request:\n%s\n\n"+
		"State has the values of the response. Something may be changing this configuration at the same time. "+
		"Plan and apply again.",
		e.Operation, e.Target, e.Want.Compare(e.Got, e.Members, "%s: sent %s, received %s"))
}

// notApplied returns a [*NotAppliedError] if got differs from want.
func notApplied(operation string, t lambdaapi.Target, want lambdaapi.Settings, got lambdaapi.Config) error {
	members := got.Differing(want)
	if len(members) == 0 {
		return nil
	}
	return &NotAppliedError{Operation: operation, Target: t, Members: members, Want: want, Got: got.Settings}
}

// OutcomeError is the error of a write that Lambda may have carried out although it
// failed.
type OutcomeError struct {
	Err     error  // of the write
	Outcome string // the result of a read and its consequence, in complete sentences
	ReadErr error  // of the read, nil if a configuration exists
}

func (e *OutcomeError) Error() string { return e.Err.Error() + "\n\n" + e.Outcome }

// Unwrap returns the error of the write.
func (e *OutcomeError) Unwrap() error { return e.Err }

// hasEnded reports whether the context of the write ended.
func (e *OutcomeError) hasEnded() bool {
	call, ok := errors.AsType[*lambdaapi.CallError](e.Err)
	return ok && call.Ended != nil
}

// ContradictionError is returned by Update if two reads of a configuration
// contradict each other, so that the value to write is not known.
type ContradictionError struct {
	Target        lambdaapi.Target
	Members       []lambdaapi.Member // that differ, never empty
	First, Second lambdaapi.Settings
}

func (e *ContradictionError) Error() string {
	return fmt.Sprintf("Two reads of %s in a row returned different values, so the value to write is unknown:\n%s\n\n"+
		"Something may be changing this configuration at the same time, or a read may return an older value. "+
		"Plan and apply again.",
		e.Target, e.First.Compare(e.Second, e.Members, "%s: first %s, then %s"))
}

// contradiction returns the [*ContradictionError] for two reads.
func contradiction(t lambdaapi.Target, first, second lambdaapi.Settings) error {
	return &ContradictionError{Target: t, Members: first.Differing(second), First: first, Second: second}
}
