// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// The region of a resource is that of its ARN, its argument, or its provider.
func TestAccRegion_twoRegions(t *testing.T) {
	acctest.SkipShared(t, "a CLI cannot use two reattached providers of one address")
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f", "g", "h", "i")
	for _, f := range []string{"f", "g", "h"} {
		api.Must(api.CreateFunction("eu-west-1", f))
	}
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+api.ProviderBlock("europe", "eu-west-1")+
		acctest.Config("default", "f")+
		acctest.Config("argument", "f", `region = "eu-west-1"`)+
		acctest.Config("alias", "g", "provider = awslambda.europe")+
		acctest.Config("arn", "arn:aws:lambda:eu-west-1:123456789012:function:h")+
		acctest.Config("arn_and_alias", arnOfFunctions+"i", "provider = awslambda.europe"))
	api.Must(tf.Apply(t.Context()))
	expectLines(t, "in the API", api.Configs(), []string{
		"arn:aws:lambda:eu-west-1:123456789012:function:f:$LATEST",
		"arn:aws:lambda:eu-west-1:123456789012:function:g:$LATEST",
		"arn:aws:lambda:eu-west-1:123456789012:function:h:$LATEST",
		arnOfFunctions + "f:$LATEST",
		arnOfFunctions + "i:$LATEST",
	})
	expectNoChanges(t, tf)
	api.Must(tf.Destroy(t.Context()))
	expectLines(t, "left in the API", api.Configs(), nil)
}

// renameRegion returns a wrapper that gives [acctest.Region] another name, which
// the emulator does not accept.
func renameRegion(region string) func(http.Handler) http.Handler {
	toEmulator := strings.NewReplacer(region, acctest.Region)
	return func(lambda http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Authorization", toEmulator.Replace(r.Header.Get("Authorization")))
			r.URL.Path, r.URL.RawPath = toEmulator.Replace(r.URL.Path), toEmulator.Replace(r.URL.RawPath)
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body = io.NopCloser(strings.NewReader(toEmulator.Replace(string(body))))
			modifyBody(lambda, w, r, func(body string) string {
				return strings.ReplaceAll(body, acctest.Region, region)
			})
		})
	}
}

// skipRegionValidation adds skip_region_validation to the provider block of a
// configuration, and replaces its region unless the given region is empty.
func skipRegionValidation(configuration, region string) string {
	configuration = strings.Replace(configuration, "access_key", "skip_region_validation = true\n  access_key", 1)
	if region != "" {
		configuration = strings.Replace(configuration, `"us-east-1"`, `"`+region+`"`, 1)
	}
	return configuration
}

// Lambda's API model does not match these regions.
func TestAccRegion_skipRegionValidation(t *testing.T) {
	for _, region := range []string{"ap-southeast-10", "local", "us-gov-central1"} {
		arn := strings.Replace(functionARN, acctest.Region, region, 1)
		queueInRegion := strings.Replace(queue, acctest.Region, region, 1)
		for place, test := range map[string]struct {
			function, argument, provider string
		}{
			"provider": {"f", "", region},
			"argument": {"f", `region = "` + region + `"`, "us-east-1"},
			"ARN":      {arn, "", "us-east-1"},
		} {
			t.Run(region+" in "+place, func(t *testing.T) {
				api := acctest.NewAPI(t, emulator.Options{}, "f")
				api.Must(api.CreateAlias(acctest.Region, "f", "live", "$LATEST"))
				api.WrapHandler(renameRegion(region))
				skip := func(step resource.TestStep) resource.TestStep {
					step.Config = skipRegionValidation(step.Config, test.provider)
					return step
				}
				const live, afterResource = `qualifier = "live"`, "depends_on = [" + resourceX + "]"
				create := acctest.Config("x", test.function, test.argument, live, acctest.DestinationConfig("", queueInRegion))
				update := acctest.Config("x", test.function, test.argument, live, "maximum_retry_attempts = 0")
				api.ParallelTest(t,
					skip(api.ApplyStep(create, acctest.PutRequest("f:live", 21600, 2, "", queue))), // with the emulator's region
					skip(api.NoOpStep(create)),
					skip(api.ApplyStep(update,
						`Update f:live {"DestinationConfig":`+acctest.DestinationJSON("", "")+`,"MaximumRetryAttempts":0}`)),
					resource.TestStep{
						ResourceName: resourceX, ImportState: true, ImportStateId: arn + ":live", ImportStateVerify: true,
						ImportStateVerifyIgnore: []string{"function_name"},
					},
					skip(acctest.WithStateChecks(api.ApplyStep(update+
						dataBlock("", "x", test.function, test.argument, live, afterResource)+
						dataBlock("s", "x", test.function, test.argument, afterResource)),
						expectConfigData("x", "function_arn", knownvalue.StringExact(arn+":live")),
						expectConfigsData("x", "configs", knownvalue.ListSizeExact(1)))),
				)
			})
		}
	}
}

func TestList_skipRegionValidation(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: queue}))
	api.WrapHandler(renameRegion("local"))
	arn := strings.Replace(functionARN, acctest.Region, "local", 1)
	configs := []listConfig{{region: "local"}, {function: "f", region: "local"}, {function: arn}}

	server := api.NewServer(t, attributes{"skip_region_validation": tftypes.NewValue(tftypes.Bool, true)})
	for _, config := range configs {
		all := list(t, server, config, 100, true, nil)
		expectLines(t, "diagnostics", all.diagnostics, nil)
		expectLines(t, "results", all.names, []string{"f:$LATEST"})
		if got := identityValues(t, server, all.results[0].Identity); got["region"] != "local" {
			t.Errorf("got identity %v", got)
		}
	}
	x := newInstance(t, server)
	x.importByIdentity(map[string]string{"function_name": "f", "region": "local"})
	expectIdentity(t, server, x.identity, identityOf("f", "$LATEST", "local"))

	api.ClearRequests()
	server = api.NewServer(t)
	const unknown = `The AWS SDK does not know the region "local".`
	for _, config := range configs {
		expectDiagnostic(t, list(t, server, config, 100, false, nil).diagnostics, "ERROR: ", "Unknown AWS region: "+unknown)
	}
	imported, err := server.ImportResourceState(t.Context(),
		&tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: arn})
	api.Must(err)
	expectDiagnostic(t, diagnosticLines(imported.Diagnostics), "ERROR: ", unknown)
	expectLines(t, "sent", api.RequestLines(), nil)
}

// Without skip_region_validation, the SDK must know the region of a configuration.
// State may have an unknown region: a refresh and a destroy succeed.
func TestAccRegion_unknown(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.WrapHandler(renameRegion("local"))
	const text = `The AWS SDK does not know the region "local". Correct it. ` +
		`If the region exists, set skip_region_validation = true`
	const local = `region = "local"`
	arn := strings.Replace(functionARN, acctest.Region, "local", 1)
	nothingSent := func() { expectLines(t, "sent", api.RequestLines(), nil) }
	nothingWritten := func() { expectLines(t, "sent", api.WriteLines(), nil) }
	create := api.ApplyStep(acctest.Config("x", "f", local), acctest.PutDefaults("f:$LATEST"))
	create.Config = skipRegionValidation(create.Config, "")
	var steps []resource.TestStep
	for _, configuration := range []string{
		acctest.Config("x", "f", local), acctest.Config("x", arn),
		dataBlock("", "x", "f", local), dataBlock("", "x", arn),
		dataBlock("s", "x", "f", local), dataBlock("s", "x", arn),
	} {
		steps = append(steps, acctest.WithPreConfig(nothingSent, api.ErrorStep(configuration, text)))
	}
	toLocal := acctest.DestinationConfig("", "arn:aws:sqs:local:123456789012:q")
	steps = append(steps,
		acctest.WithPreConfig(nothingSent, api.ErrorStep(acctest.Config("x", "f", toLocal),
			`is in an invalid region: "local" does not have the form of an AWS region`)),
		acctest.WithPreConfig(nothingSent, create),
		api.ErrorStep(acctest.Config("x", "f", local), text),
		acctest.WithPreConfig(nothingWritten, api.ApplyStep("# empty", "Delete f:$LATEST")),
	)
	api.ParallelTest(t, steps...)
}
