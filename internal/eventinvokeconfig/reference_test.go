// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// equivalentArguments are groups of arguments, each of one configuration. FN stands
// for the name of the function. The key is the qualifier.
var equivalentArguments = map[string][][]string{
	"$LATEST": {
		{"FN"},
		{"function:FN"},
		{"123456789012:FN"},
		{"123456789012:function:FN"},
		{"us-east-1:FN"},
		{arnOfFunctions + "FN"},
		{"FN:$LATEST"},
		{"123456789012:function:FN:$LATEST"},
		{arnOfFunctions + "FN:$LATEST"},
		{"FN", `qualifier = "$LATEST"`},
		{arnOfFunctions + "FN", `qualifier = "$LATEST"`},
		{arnOfFunctions + "FN:$LATEST", `qualifier = "$LATEST"`},
		{"FN", `region = "us-east-1"`},
		{arnOfFunctions + "FN", `region = "us-east-1"`},
		{"FN", "destination_config = {}"},
		{"FN", "destination_config = { on_failure = null }"},
		{"FN", "destination_config = { on_success = null, on_failure = null }"},
		{"FN", "destination_config = null"},
		{"FN", "maximum_retry_attempts = 2", "maximum_event_age_in_seconds = 21600"},
		{"FN", "overwrite_existing = true"},
	},
	"live": {
		{"FN", `qualifier = "live"`},
		{"FN:live"},
		{"FN:live", `qualifier = "live"`},
		{"123456789012:function:FN:live"},
		{"123456789012:function:FN", `qualifier = "live"`, `region = "us-east-1"`},
		{arnOfFunctions + "FN:live"},
		{arnOfFunctions + "FN", `qualifier = "live"`},
	},
	"1": {
		{"FN", `qualifier = "1"`},
		{"FN:1", `qualifier = "1"`},
		{arnOfFunctions + "FN", `qualifier = "1"`},
	},
}

// Each resource has the first arguments of a group and others of the group in turn.
func TestAccReference_equivalentFormatsHaveNoDiff(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{})
	var first, second strings.Builder
	var writes []string
	var checks []statecheck.StateCheck
	for qualifier, group := range equivalentArguments {
		for i, other := range group[1:] {
			for j, pair := range [][2][]string{{group[0], other}, {other, group[0]}} {
				f := fmt.Sprintf("fn_%s_%d_%d", strings.ToLower(strings.TrimPrefix(qualifier, "$")), i, j)
				api.Must(api.CreateFunction(acctest.Region, f))
				_, err := api.PublishVersion(acctest.Region, f)
				api.Must(err)
				api.Must(api.CreateAlias(acctest.Region, f, "live", "$LATEST"))
				for k, configuration := range []*strings.Builder{&first, &second} {
					configuration.WriteString(strings.ReplaceAll(acctest.Config(f, pair[k][0], pair[k][1:]...), "FN", f))
				}
				writes = append(writes, acctest.PutDefaults(f+":"+qualifier))
				checks = append(checks, acctest.ExpectStrings(acctest.Type+"."+f,
					"qualifier", qualifier, "id", arnOfFunctions+f+":"+qualifier)...)
			}
		}
	}
	api.ParallelTest(t,
		acctest.WithStateChecks(api.WithUnorderedWrites(api.ApplyStep(first.String()), writes...), checks...),
		acctest.WithStateChecks(api.NoOpStep(second.String()), checks...),
		api.NoOpStep(first.String()),
	)
}

// Another format of the reference does not add to an update.
func TestAccReference_otherFormatWithUpdate(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	update := api.ApplyStep(acctest.Config("x", functionARN+":$LATEST", "maximum_retry_attempts = 0"),
		`Update f:$LATEST {"MaximumRetryAttempts":0}`)
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		acctest.WithStateChecks(update, acctest.ExpectStrings(resourceX, "id", functionARN+":$LATEST")...),
	)
}
