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
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// queries passes where `terraform query` is.
var queries = NotOpenTofu{TerraformVersionCheck: tfversion.SkipBelow(tfversion.Version1_14_0), Lacks: `command "query"`}

// queried is a step that runs list blocks. It follows one that leaves a
// provider block.
func queried(api *API, blocks string, checks ...querycheck.QueryResultCheck) resource.TestStep {
	return resource.TestStep{Query: true, PreConfig: api.ClearRequests, Config: blocks, QueryResultChecks: checks}
}

func identityOf(function, qualifier, region string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"function_name": knownvalue.StringExact(function), "qualifier": knownvalue.StringExact(qualifier),
		"region": knownvalue.StringExact(region), "account_id": knownvalue.StringExact(Account),
	}
}

// named is the result with a display name.
func named(name string) queryfilter.QueryFilter {
	return queryfilter.ByDisplayName(knownvalue.StringExact(name))
}

func TestQuery(t *testing.T) {
	api := NewAPI(t, emulator.Options{}, "f", "g")
	api.Must(api.CreateAlias(Region, "f", "live", "$LATEST"))
	configuration := Config("latest", "f", "maximum_retry_attempts = 1") +
		Config("live", "f:live", "maximum_event_age_in_seconds = 60", destinations(topic, queue)) + Config("other", "g")
	created := api.Apply(configuration)
	created.Check = nil
	number := func(n float64) knownvalue.Check { return knownvalue.NumberExact(big.NewFloat(n)) }
	api.RunWhere(t, queries, created,
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
`, Type, arnOfF),
			querycheck.ExpectLength(Type+".all", 3),
			querycheck.ExpectIdentity(Type+".all", identityOf("f", "$LATEST", Region)),
			querycheck.ExpectIdentity(Type+".all", identityOf("f", "live", Region)),
			querycheck.ExpectIdentity(Type+".all", identityOf("g", "$LATEST", Region)),
			querycheck.ExpectResourceDisplayName(Type+".all", queryfilter.ByResourceIdentity(identityOf("f", "live", Region)), knownvalue.StringExact("f:live")),
			querycheck.ExpectResourceKnownValues(Type+".all", named("f:live"), []querycheck.KnownValueCheck{
				{Path: tfjsonpath.New("id"), KnownValue: knownvalue.StringExact(arnOfF + ":live")},
				{Path: tfjsonpath.New("function_name"), KnownValue: knownvalue.StringExact("f")},
				{Path: tfjsonpath.New("maximum_event_age_in_seconds"), KnownValue: number(60)},
				{Path: tfjsonpath.New("maximum_retry_attempts"), KnownValue: number(2)},
				{Path: tfjsonpath.New("destination_config").AtMapKey("on_failure").AtMapKey("destination"), KnownValue: knownvalue.StringExact(queue)},
			}),
			querycheck.ExpectLength(Type+".one", 1),
			querycheck.ExpectIdentity(Type+".one", identityOf("f", "live", Region)),
			querycheck.ExpectLength(Type+".limited", 2),
		),
		api.Unchanged(configuration),
	)
}

// TestQueryExample runs what the documentation shows.
func TestQueryExample(t *testing.T) {
	example, err := os.ReadFile("../../examples/list-resources/" + Type + "/list-resource.tfquery.hcl")
	if err != nil {
		t.Fatal(err)
	}
	api := NewAPI(t, emulator.Options{}, "orders-worker", "f")
	api.Must(api.CreateFunction("eu-west-1", "f"))
	api.Must(api.CreateAlias(Region, "orders-worker", "live", "$LATEST"))
	configuration := Config("live", "orders-worker:live") + Config("latest", "orders-worker") + Config("here", "f") +
		Config("there", "f", `region = "eu-west-1"`)
	created := api.Apply(configuration)
	created.Check = nil
	api.RunWhere(t, queries, created, queried(api, string(example),
		querycheck.ExpectLength(Type+".region", 3),
		querycheck.ExpectLength(Type+".orders", 2),
		querycheck.ExpectLength(Type+".europe", 1),
		querycheck.ExpectIdentity(Type+".europe", identityOf("f", "$LATEST", "eu-west-1")),
	))
}
