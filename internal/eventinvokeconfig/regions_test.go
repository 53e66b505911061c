// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccTwoRegions has functions of one name in two regions, the region given in
// each way there is.
func TestAccTwoRegions(t *testing.T) {
	acctest.SkipShared(t, "a CLI cannot use two reattached providers of one address")
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f", "g", "h", "i")
	for _, f := range []string{"f", "g", "h"} {
		api.Must(api.CreateFunction("eu-west-1", f))
	}
	tf := acctest.Workspace(t, api.ProviderBlock("", acctest.Region)+api.ProviderBlock("europe", "eu-west-1")+
		acctest.Config("here", "f")+
		acctest.Config("there", "f", `region = "eu-west-1"`)+
		acctest.Config("aliased", "g", "provider = awslambda.europe")+
		acctest.Config("arn", "arn:aws:lambda:eu-west-1:123456789012:function:h")+
		acctest.Config("arn_back", "arn:aws:lambda:us-east-1:123456789012:function:i", "provider = awslambda.europe"))
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
	if err := acctest.CompareUnordered(api.Configs(), want); err != nil {
		t.Error(err)
	}
	if changes, err := tf.Plan(t.Context()); err != nil || changes {
		t.Errorf("planned changes = %t, %v", changes, err)
	}
	if err := tf.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := acctest.CompareUnordered(api.Configs(), nil); err != nil {
		t.Error(err)
	}
}

// inRegion stands before the emulator as a deployment in a region that the
// emulator does not have: it gives Region that name.
func inRegion(region string) func(http.Handler) http.Handler {
	return func(lambda http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			inEmulator := strings.NewReplacer(region, acctest.Region)
			r.Header.Set("Authorization", inEmulator.Replace(r.Header.Get("Authorization")))
			r.URL.Path, r.URL.RawPath = inEmulator.Replace(r.URL.Path), inEmulator.Replace(r.URL.RawPath)
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body = io.NopCloser(strings.NewReader(inEmulator.Replace(string(body))))
			response := httptest.NewRecorder()
			lambda.ServeHTTP(response, r)
			for name, values := range response.Header() {
				if name != "Content-Length" {
					w.Header()[name] = values
				}
			}
			w.WriteHeader(response.Code)
			_, _ = w.Write(bytes.ReplaceAll(response.Body.Bytes(), []byte(acctest.Region), []byte(region)))
		})
	}
}

// skippingValidation gives the provider block of a configuration
// skip_region_validation, and another region unless it is empty.
func skippingValidation(configuration, region string) string {
	configuration = strings.Replace(configuration, "access_key", "skip_region_validation = true\n  access_key", 1)
	if region != "" {
		configuration = strings.Replace(configuration, `"us-east-1"`, `"`+region+`"`, 1)
	}
	return configuration
}

// TestAccRegionOfAnotherForm names regions that Lambda's model does not match, in each
// argument that can name a region.
func TestAccRegionOfAnotherForm(t *testing.T) {
	for _, region := range []string{"ap-southeast-10", "local", "us-gov-central1"} {
		arn := strings.Replace(functionARN, acctest.Region, region, 1)
		own := strings.Replace(queue, acctest.Region, region, 1)
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
				api.WrapHandler(inRegion(region))
				skipping := func(step resource.TestStep) resource.TestStep {
					step.Config = skippingValidation(step.Config, test.provider)
					return step
				}
				created := acctest.Config("x", test.function, test.argument, `qualifier = "live"`, acctest.DestinationConfig("", own))
				changed := acctest.Config("x", test.function, test.argument, `qualifier = "live"`, "maximum_retry_attempts = 0")
				read := skipping(api.NoOpStep(changed +
					data("", "one", test.function, test.argument, `qualifier = "live"`, "depends_on = ["+acctest.Type+".x]") +
					data("s", "all", test.function, test.argument, "depends_on = ["+acctest.Type+".x]")))
				read.ConfigPlanChecks.PreApply = nil
				read.ConfigStateChecks = []statecheck.StateCheck{
					reads("one", "function_arn", knownvalue.StringExact(arn+":live")),
					statecheck.ExpectKnownValue("data."+acctest.Type+"s.all", tfjsonpath.New("configs"), knownvalue.ListSizeExact(1)),
				}
				api.ParallelTest(t,
					skipping(api.ApplyStep(created, acctest.PutRequest("f:live", 21600, 2, "", queue))),
					skipping(api.NoOpStep(created)),
					skipping(api.ApplyStep(changed, `Update f:live {"DestinationConfig":`+acctest.DestinationJSON("", "")+`,"MaximumRetryAttempts":0}`)),
					resource.TestStep{ResourceName: acctest.Type + ".x", ImportState: true, ImportStateId: arn + ":live", ImportStateVerify: true,
						ImportStateVerifyIgnore: []string{"function_name"}},
					read,
				)
			})
		}
	}
}

// TestList_regionOfAnotherForm lists a function and a whole region.
func TestList_regionOfAnotherForm(t *testing.T) {
	t.Parallel()
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{OnFailure: queue}))
	api.WrapHandler(inRegion("local"))
	skipping := api.NewServer(t, map[string]tftypes.Value{"skip_region_validation": tftypes.NewValue(tftypes.Bool, true)})
	arn := strings.Replace(functionARN, acctest.Region, "local", 1)
	for _, b := range []block{{region: "local"}, {function: "f", region: "local"}, {function: arn}} {
		all := find(t, skipping, b, 100, true, nil)
		wantLines(t, "said", all.said, nil)
		wantLines(t, "found", all.names, []string{"f:$LATEST"})
		if is := identityIn(t, skipping, all.results[0].Identity); is["region"] != "local" {
			t.Errorf("got the identity %v", is)
		}
	}
	imported := imported(t, api, skipping, "", map[string]string{"function_name": "f", "region": "local"})
	if is := identityIn(t, skipping, imported.NewIdentity); is["region"] != "local" {
		t.Errorf("got the identity %v", is)
	}

	api.ClearRequests()
	validating := api.NewServer(t)
	for _, b := range []block{{region: "local"}, {function: "f", region: "local"}, {function: arn}} {
		all := find(t, validating, b, 100, false, nil)
		if len(all.said) != 1 || !strings.Contains(all.said[0], `Unknown AWS region: The AWS SDK does not know the region "local".`) {
			t.Errorf("said: %q", all.said)
		}
	}
	stub, err := validating.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: acctest.Type, ID: arn})
	api.Must(err)
	if lines := said(stub.Diagnostics); len(lines) != 1 || !strings.Contains(lines[0], `does not know the region "local"`) {
		t.Errorf("said: %q", lines)
	}
	wantLines(t, "sent", api.RequestLines(), []string{})
}

// TestAccUnknownRegion plans configurations that name a region that the SDK does not
// know, without skip_region_validation. State may have such a region: it is
// refreshed and destroyed.
func TestAccUnknownRegion(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.WrapHandler(inRegion("local"))
	const text = `The AWS SDK does not know the region "local". Correct it. If the region exists, set skip_region_validation = true`
	local, arn := `region = "local"`, strings.Replace(functionARN, acctest.Region, "local", 1)
	nothingSent := func() { wantLines(t, "sent", api.RequestLines(), []string{}) }
	nothingWritten := func() { wantLines(t, "sent", api.WriteLines(), nil) }
	created := api.ApplyStep(acctest.Config("x", "f", local), acctest.PutDefaults("f:$LATEST"))
	created.Config = skippingValidation(created.Config, "")
	created.Check = nil // the provider's region is another one, and nothing is to be read in it
	var steps []resource.TestStep
	for _, configuration := range []string{
		acctest.Config("x", "f", local), acctest.Config("x", arn), data("", "x", "f", local), data("", "x", arn), data("s", "x", "f", local), data("s", "x", arn),
	} {
		steps = append(steps, acctest.WithPreConfig(nothingSent, api.ErrorStep(configuration, text)))
	}
	steps = append(steps,
		acctest.WithPreConfig(nothingSent, api.ErrorStep(acctest.Config("x", "f", acctest.DestinationConfig("", "arn:aws:sqs:local:123456789012:q")),
			`is in an invalid region: "local" does not have the form of an AWS region`)),
		acctest.WithPreConfig(nothingSent, created),
		api.ErrorStep(acctest.Config("x", "f", local), text),
		acctest.WithPreConfig(nothingWritten, api.ApplyStep("# nothing", "Delete f:$LATEST")),
	)
	api.ParallelTest(t, steps...)
}
