// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestRolePolicy applies what the guide shows, and a resource for every kind
// of destination, none of which is refused; and every action is needed.
func TestRolePolicy(t *testing.T) {
	role := &Role{}
	api := NewAPI(t, emulator.Options{Strike: role.Strike}, function, "orders-failed")
	dir := filepath.Join(root, "examples/guides/iam")
	text, err := os.ReadFile(filepath.Join(dir, "role.tf"))
	api.Must(err)
	dir, err = filepath.Abs(dir)
	api.Must(err)
	configuration := api.ProviderBlock("", Region) + strings.ReplaceAll(string(text), "${path.module}", filepath.ToSlash(dir))
	for i, arn := range []string{
		"arn:aws:sns:us-east-1:123456789012:orders-failed", "arn:aws:lambda:us-east-1:123456789012:function:orders-failed", "arn:aws:s3:::orders-failed",
	} {
		other := fmt.Sprintf("other%d", i)
		api.Must(api.CreateFunction(Region, other))
		configuration += Config(other, other, "depends_on = [aws_iam_role_policy.destinations]",
			fmt.Sprintf("destination_config = { on_failure = { destination = %q } }", arn))
	}
	acc.ParallelTest(t, api.BesideAWS(role, acc.TestStep{Config: configuration}))
	for _, line := range api.Writes() {
		if strings.Contains(line, "->") {
			t.Errorf("refused: %s", line)
		}
	}
	if unneeded := role.Unneeded(); len(unneeded) > 0 {
		t.Errorf("role.json allows %q, which nothing needs", unneeded)
	}
}
