// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"testing"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestTwoRegions has functions of one name in two regions, the region given in
// each way there is.
func TestTwoRegions(t *testing.T) {
	SkipShared(t, "a CLI cannot use two reattached providers of one address")
	t.Parallel()
	api := NewAPI(t, emulator.Options{}, "f", "g", "h", "i")
	for _, f := range []string{"f", "g", "h"} {
		api.Must(api.CreateFunction("eu-west-1", f))
	}
	tf := Workspace(t, api.ProviderBlock("", Region)+api.ProviderBlock("europe", "eu-west-1")+
		Config("here", "f")+
		Config("there", "f", `region = "eu-west-1"`)+
		Config("aliased", "g", "provider = awslambda.europe")+
		Config("arn", "arn:aws:lambda:eu-west-1:123456789012:function:h")+
		Config("arn_back", "arn:aws:lambda:us-east-1:123456789012:function:i", "provider = awslambda.europe"))
	if err := tf.Apply(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST",
		"arn:aws:lambda:eu-west-1:123456789012:function:g:$LATEST",
		"arn:aws:lambda:eu-west-1:123456789012:function:h:$LATEST",
		"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
		"arn:aws:lambda:us-east-1:123456789012:function:i:$LATEST",
	}
	if err := sameLines(api.Configs(), want); err != nil {
		t.Error(err)
	}
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Errorf("planned changes = %t, %v", changes, err)
	}
	if err := tf.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := sameLines(api.Configs(), nil); err != nil {
		t.Error(err)
	}
}
