// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// arguments are what a resource says of its function.
type arguments struct{ function, qualifier, region, rest string }

func (a arguments) config(name string) string {
	var lines []string
	for argument, value := range map[string]string{"qualifier": a.qualifier, "region": a.region} {
		if value != "" {
			lines = append(lines, fmt.Sprintf("%s = %q", argument, value))
		}
	}
	return acctest.Config(name, a.function, append(lines, a.rest)...)
}

// spellings are pairs of one configuration, each spelled in two ways. FN
// stands for the function's name: every pair has its own.
var spellings = func() (pairs [][2]arguments) {
	const (
		partial = "123456789012:function:FN"
		full    = "arn:aws:lambda:us-east-1:123456789012:function:FN"
	)
	name := arguments{function: "FN"}
	for _, other := range []arguments{
		{function: partial}, {function: full}, {function: "function:FN"}, {function: "123456789012:FN"},
		{function: "us-east-1:FN"},
		{function: "FN:$LATEST"}, {function: partial + ":$LATEST"}, {function: full + ":$LATEST"},
		{function: "FN", qualifier: "$LATEST"}, {function: full, qualifier: "$LATEST"}, {function: full + ":$LATEST", qualifier: "$LATEST"},
		{function: "FN", region: "us-east-1"}, {function: full, region: "us-east-1"},
		{function: "FN", rest: "destination_config = {}"},
		{function: "FN", rest: "destination_config = { on_failure = null }"},
		{function: "FN", rest: "destination_config = { on_success = null, on_failure = null }"},
		{function: "FN", rest: "destination_config = null"},
		{function: "FN", rest: "maximum_retry_attempts = 2\nmaximum_event_age_in_seconds = 21600"},
		{function: "FN", rest: "overwrite_existing = true"},
	} {
		pairs = append(pairs, [2]arguments{name, other}, [2]arguments{other, name})
	}
	alias := arguments{function: "FN", qualifier: "live"}
	for _, other := range []arguments{
		{function: "FN:live"}, {function: "FN:live", qualifier: "live"}, {function: partial + ":live"}, {function: full + ":live"},
		{function: full, qualifier: "live"}, {function: partial, qualifier: "live", region: "us-east-1"},
	} {
		pairs = append(pairs, [2]arguments{alias, other}, [2]arguments{other, alias})
	}
	return pairs
}()

// estate returns the configuration of one resource for each pair of
// spellings, spelled the first or the second way.
func estate(way int) string {
	var all strings.Builder
	for i, pair := range spellings {
		name := fmt.Sprintf("fn%02d", i)
		all.WriteString(strings.ReplaceAll(pair[way].config(name), "FN", name))
	}
	return all.String()
}

func newEstate(t *testing.T) *acctest.API {
	t.Helper()
	api := acctest.NewAPI(t, emulator.Options{})
	for i := range spellings {
		f := fmt.Sprintf("fn%02d", i)
		api.Must(api.CreateFunction(acctest.Region, f))
		api.Must(api.CreateAlias(acctest.Region, f, "live", "$LATEST"))
	}
	return api
}

func TestAccSpellingIsNotChange(t *testing.T) {
	api := newEstate(t)
	created := api.ApplyStep(estate(0))
	created.Check = nil
	api.ParallelTest(t, created, api.NoOpStep(estate(1)), api.NoOpStep(estate(0)))
}

// TestAccSpellingBesideAChange has every other spelling come with a change of a
// member: an update of that member alone.
func TestAccSpellingBesideAChange(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.ParallelTest(t,
		api.ApplyStep(acctest.Config("x", "f"), acctest.PutDefaults("f:$LATEST")),
		acctest.WithStateChecks(
			api.ApplyStep(acctest.Config("x", functionARN+":$LATEST", "maximum_retry_attempts = 0"),
				`Update f:$LATEST {"MaximumRetryAttempts":0}`),
			acctest.ExpectStrings(resourceX, "id", functionARN+":$LATEST")...),
	)
}

// TestAccImport imports configurations in every spelling that carries them, with
// import blocks; the resources are spelled in every other way.
func TestAccImport(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "bystander")
	var configuration strings.Builder
	n := 0
	for _, qualifier := range []string{"", ":$LATEST", ":live", ":1"} {
		for _, reference := range []string{
			"FN", "function:FN", "123456789012:FN", "123456789012:function:FN", "us-east-1:FN",
			"arn:aws:lambda:us-east-1:123456789012:function:FN",
		} {
			name := fmt.Sprintf("fn%02d", n)
			api.Must(api.CreateFunction(acctest.Region, name))
			_, err := api.PublishVersion(acctest.Region, name)
			api.Must(err)
			api.Must(api.CreateAlias(acctest.Region, name, "live", "1"))
			api.Must(api.PutConfig(acctest.Region, name, strings.TrimPrefix(qualifier, ":"), emulator.Config{MaximumRetryAttempts: new(1), OnFailure: queue}))
			id := strings.ReplaceAll(reference, "FN", name) + qualifier
			fmt.Fprintf(&configuration, "import {\n  to = %s.%s\n  id = %q\n}\n", acctest.Type, name, id)
			spelled := []string{name + qualifier, "arn:aws:lambda:us-east-1:123456789012:function:" + name + qualifier}[n%2]
			configuration.WriteString(acctest.Config(name, spelled, "maximum_retry_attempts = 1", acctest.DestinationConfig("", queue)))
			n++
		}
	}
	imported := api.ApplyStep(configuration.String())
	imported = acctest.WithPlanCheck(expectNoOps{}, imported)
	api.ParallelTest(t, imported, api.NoOpStep(configuration.String()))
}

// TestAccImportVerified imports by the command, and compares with the state that
// creating has left.
func TestAccImportVerified(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	steps := []resource.TestStep{
		api.ApplyStep(acctest.Config("x", "f", `qualifier = "live"`, "maximum_event_age_in_seconds = 60", acctest.DestinationConfig(topic, bucket)),
			acctest.PutRequest("f:live", 60, 2, topic, bucket)),
	}
	for _, id := range []string{"", "f:live", "123456789012:function:f:live", functionARN + ":live"} {
		steps = append(steps, resource.TestStep{ResourceName: acctest.Type + ".x", ImportState: true, ImportStateId: id, ImportStateVerify: true})
	}
	api.ParallelTest(t, steps...)
}

func TestAccImportRefuses(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	refused := func(id, text string) resource.TestStep {
		return resource.TestStep{
			Config:       api.ProviderBlock("", acctest.Region) + acctest.Config("x", "f"),
			ResourceName: acctest.Type + ".x", ImportState: true, ImportStateId: id, ExpectError: acctest.Wrapped(text),
		}
	}
	api.ParallelTest(t,
		refused("f live", `"f live" is not a Lambda function reference`),
		refused(strings.Repeat("n", 65), "at most 64 are allowed"),
		refused("f", "Cannot import non-existent remote object"),
	)
}
