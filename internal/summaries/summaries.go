// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package summaries lists the summary of every diagnostic of the provider. The
// guide "Troubleshooting" has a section for each, and docstest compares the two.
package summaries

// Operations of the resource, the data sources and the list resource.
const (
	CannotCreate = "Cannot create event invoke config"
	CannotRead   = "Cannot read event invoke config"
	CannotUpdate = "Cannot update event invoke config"
	CannotDelete = "Cannot delete event invoke config"
	CannotList   = "Cannot list event invoke configs"
	CannotMove   = "Cannot move resource state"

	ChangedOutside         = "Changed outside of Terraform after plan"
	ConfigsNotRead         = "Event invoke configs not read"
	ExistingAdopted        = "Existing configuration adopted"
	ManagedTwice           = "Configuration managed by two resources"
	TrackedTwice           = "Configuration is tracked twice in state"
	CrossRegionReplacement = "Replacement in another region or account"
	AssumedRegion          = "Region of a moved resource assumed"
	UnexpectedData         = "Unexpected provider data"
)

// Values of the resource, the data sources, the list resource and imports.
const (
	InvalidFunctionReference = "Invalid function reference"
	InvalidNamePrefix        = "Invalid name prefix"
	InvalidQualifier         = "Invalid function qualifier"
	InvalidRegion            = "Invalid AWS region"
	UnknownRegion            = "Unknown AWS region"
	MissingRegion            = "Missing AWS region"
	InvalidAccount           = "Invalid AWS account ID"
	InvalidNumber            = "Invalid whole number"
	InvalidTimeout           = "Invalid timeout duration"
	InvalidImportID          = "Invalid import ID"

	InvalidDestination      = "Invalid destination ARN"
	UndocumentedDestination = "Undocumented destination ARN"
	OtherPartition          = "Destination in another partition"
	OwnDestination          = "Function as its own destination"

	ConflictingFunctions  = "Conflicting function arguments"
	ConflictingQualifiers = "Conflicting function qualifiers"
	ConflictingRegions    = "Conflicting function regions"
)

// The provider block and authentication. Summaries of aws-sdk-go-base are passed
// on and are not among them.
const (
	UnknownProviderConfig  = "Provider configuration not known yet"
	ProfileNotFound        = "Profile not found"
	AccountNotAllowed      = "Account not allowed"
	CannotDetermineAccount = "Cannot determine AWS account"
	IncompleteCredentials  = "Incomplete static credentials"
	MissingRole            = "Missing role ARN"
	MissingWebIdentity     = "Missing web identity token"
	InvalidValue           = "Invalid argument value"
	InvalidURL             = "Invalid endpoint or proxy URL"
	InvalidExternalID      = "Invalid external ID"
	InvalidDuration        = "Invalid session duration"
	InvalidARN             = "Invalid IAM ARN"
)
