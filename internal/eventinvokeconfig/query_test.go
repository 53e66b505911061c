// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"math/big"
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// queried is a step that runs list blocks. It follows one that leaves a
// provider block.
func queried(api *acctest.API, blocks string, checks ...querycheck.QueryResultCheck) resource.TestStep {
	return resource.TestStep{Query: true, PreConfig: api.ClearRequests, Config: blocks, QueryResultChecks: checks}
}

func identityOf(function, qualifier, region string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"function_name": knownvalue.StringExact(function), "qualifier": knownvalue.StringExact(qualifier),
		"region": knownvalue.StringExact(region), "account_id": knownvalue.StringExact(acctest.Account),
	}
}

// named is the result with a display name.
func named(name string) queryfilter.QueryFilter {
	return queryfilter.ByDisplayName(knownvalue.StringExact(name))
}

func TestAccQuery(t *testing.T) {
	skipWithoutQuery(t)
	api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	configuration := acctest.Config("latest", "f", "maximum_retry_attempts = 1") +
		acctest.Config("live", "f:live", "maximum_event_age_in_seconds = 60", acctest.DestinationConfig(topic, queue)) + acctest.Config("other", "g")
	created := api.ApplyStep(configuration)
	created.Check = nil
	number := func(n float64) knownvalue.Check { return knownvalue.NumberExact(big.NewFloat(n)) }
	api.ParallelTest(t, created,
		queried(api, fmt.Sprintf(`
list %[1]q "all" {
  provider         = awslambda
  include_resource = true
}
list %[1]q "one" {
  provider = awslambda
  config {
    function_name = %[2]q
    qualifiers    = ["live"]
  }
}
list %[1]q "limited" {
  provider = awslambda
  limit    = 2
}
`, acctest.Type, functionARN),
			querycheck.ExpectLength(acctest.Type+".all", 3),
			querycheck.ExpectIdentity(acctest.Type+".all", identityOf("f", "$LATEST", acctest.Region)),
			querycheck.ExpectIdentity(acctest.Type+".all", identityOf("f", "live", acctest.Region)),
			querycheck.ExpectIdentity(acctest.Type+".all", identityOf("g", "$LATEST", acctest.Region)),
			querycheck.ExpectResourceDisplayName(acctest.Type+".all", queryfilter.ByResourceIdentity(identityOf("f", "live", acctest.Region)), knownvalue.StringExact("f:live")),
			querycheck.ExpectResourceKnownValues(acctest.Type+".all", named("f:live"), []querycheck.KnownValueCheck{
				{Path: tfjsonpath.New("id"), KnownValue: knownvalue.StringExact(functionARN + ":live")},
				{Path: tfjsonpath.New("function_name"), KnownValue: knownvalue.StringExact("f")},
				{Path: tfjsonpath.New("maximum_event_age_in_seconds"), KnownValue: number(60)},
				{Path: tfjsonpath.New("maximum_retry_attempts"), KnownValue: number(2)},
				{Path: tfjsonpath.New("destination_config").AtMapKey("on_failure").AtMapKey("destination"), KnownValue: knownvalue.StringExact(queue)},
			}),
			querycheck.ExpectLength(acctest.Type+".one", 1),
			querycheck.ExpectIdentity(acctest.Type+".one", identityOf("f", "live", acctest.Region)),
			querycheck.ExpectLength(acctest.Type+".limited", 2),
		),
		api.NoOpStep(configuration),
	)
}

// TestAccQueryExample runs what the documentation shows.
func TestAccQueryExample(t *testing.T) {
	skipWithoutQuery(t)
	example, err := os.ReadFile("../../examples/list-resources/" + acctest.Type + "/list-resource.tfquery.hcl")
	if err != nil {
		t.Fatal(err)
	}
	api := acctest.NewAPI(t, emulator.Options{}, "orders-worker", "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
	configuration := acctest.Config("live", "orders-worker:live") + acctest.Config("latest", "orders-worker") + acctest.Config("here", "f") +
		acctest.Config("there", "f", `region = "eu-west-1"`)
	created := api.ApplyStep(configuration)
	created.Check = nil
	api.ParallelTest(t, created, queried(api, string(example),
		querycheck.ExpectLength(acctest.Type+".region", 3),
		querycheck.ExpectLength(acctest.Type+".orders", 2),
		querycheck.ExpectLength(acctest.Type+".europe", 1),
		querycheck.ExpectIdentity(acctest.Type+".europe", identityOf("f", "$LATEST", "eu-west-1")),
	))
}
