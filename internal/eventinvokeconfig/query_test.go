// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// queryStep returns a step that runs list blocks. The step before must have a
// provider block.
func queryStep(api *acctest.API, blocks string, checks ...querycheck.QueryResultCheck) resource.TestStep {
	return resource.TestStep{Query: true, PreConfig: api.ClearRequests, Config: blocks, QueryResultChecks: checks}
}

func identityChecks(function, qualifier, region string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"function_name": knownvalue.StringExact(function), "qualifier": knownvalue.StringExact(qualifier),
		"region": knownvalue.StringExact(region), "account_id": knownvalue.StringExact(acctest.Account),
	}
}

func TestAccQuery(t *testing.T) {
	skipWithoutQuery(t)
	api := acctest.NewAPI(t, emulator.Options{}, "f", "g")
	api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
	configuration := acctest.Config("latest", "f", "maximum_retry_attempts = 1") + acctest.Config("live", "f:live",
		"maximum_event_age_in_seconds = 60", acctest.DestinationConfig(topic, queue)) + acctest.Config("other", "g")
	create := api.ApplyStep(configuration)
	create.Check = nil
	const all, one, limited = acctest.Type + ".all", acctest.Type + ".one", acctest.Type + ".limited"
	live, number := identityChecks("f", "live", acctest.Region), func(n float64) knownvalue.Check {
		return knownvalue.NumberExact(big.NewFloat(n))
	}
	onFailure := tfjsonpath.New("destination_config").AtMapKey("on_failure").AtMapKey("destination")
	api.ParallelTest(t, create,
		queryStep(api, fmt.Sprintf(`
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
			querycheck.ExpectLength(all, 3),
			querycheck.ExpectIdentity(all, identityChecks("f", "$LATEST", acctest.Region)),
			querycheck.ExpectIdentity(all, live),
			querycheck.ExpectIdentity(all, identityChecks("g", "$LATEST", acctest.Region)),
			querycheck.ExpectResourceDisplayName(all,
				queryfilter.ByResourceIdentity(live), knownvalue.StringExact("f:live")),
			querycheck.ExpectResourceKnownValues(all,
				queryfilter.ByDisplayName(knownvalue.StringExact("f:live")), []querycheck.KnownValueCheck{
					{Path: tfjsonpath.New("id"), KnownValue: knownvalue.StringExact(functionARN + ":live")},
					{Path: tfjsonpath.New("function_name"), KnownValue: knownvalue.StringExact("f")},
					{Path: tfjsonpath.New("maximum_event_age_in_seconds"), KnownValue: number(60)},
					{Path: tfjsonpath.New("maximum_retry_attempts"), KnownValue: number(2)},
					{Path: onFailure, KnownValue: knownvalue.StringExact(queue)},
				}),
			querycheck.ExpectLength(one, 1),
			querycheck.ExpectIdentity(one, live),
			querycheck.ExpectLength(limited, 2),
		),
		api.NoOpStep(configuration),
	)
}

func TestAccQueryExample(t *testing.T) {
	skipWithoutQuery(t)
	api := acctest.NewAPI(t, emulator.Options{}, "orders-worker", "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
	create := api.ApplyStep(acctest.Config("live", "orders-worker:live") + acctest.Config("latest", "orders-worker") +
		acctest.Config("here", "f") + acctest.Config("there", "f", `region = "eu-west-1"`))
	create.Check = nil
	api.ParallelTest(t, create, queryStep(api, readExample(t, "list-resources/"+acctest.Type+"/list-resource.tfquery.hcl"),
		querycheck.ExpectLength(acctest.Type+".region", 3),
		querycheck.ExpectLength(acctest.Type+".orders", 2),
		querycheck.ExpectLength(acctest.Type+".europe", 1),
		querycheck.ExpectIdentity(acctest.Type+".europe", identityChecks("f", "$LATEST", "eu-west-1")),
	))
}
