// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package docstest keeps the documentation to what is true: its links, its
// blocks, the descriptions in the schema, the errors that the guide
// "Troubleshooting" explains, and the policies of the guide "IAM permissions".
package docstest

import (
	"os"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

// root is the repository, seen from here.
const root = "../.."
