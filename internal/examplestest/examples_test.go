// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

// Package examplestest runs the files below examples/ as a reader would: with
// "init", each example in a temporary directory. Examples with resources of
// hashicorp/aws run with a stand-in for that provider.
package examplestest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/terraformcli"
)

func TestMain(m *testing.M) { os.Exit(acctest.MainInBothModes(m)) }

const (
	examples = "../../examples"
	function = "orders-worker"
	queue    = "arn:aws:sqs:us-east-1:123456789012:orders-failed"
	bus      = "arn:aws:events:us-east-1:123456789012:event-bus/results"
	bucket   = "arn:aws:s3:::orders-failed"
)

// example is a temporary copy of one or more directories of examples.
type example struct {
	*testing.T

	api          *acctest.API
	dir, cliFile string
}

// TestAccExamples runs the module, the data sources and the functions. It builds the
// provider once.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	cliFile, err := terraformcli.WriteMirror(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		run  func(example)
		from []string // directories below examples
		in   string   // directory of the CLI, if it is not the first of these
	}{
		"module": {run: testModule, from: []string{"modules/async-invocation"}},
		"module, called": {
			run: testModuleCalled, from: []string{"modules/async-invocation"},
			in: "modules/async-invocation/examples/orders",
		},
		"module, for_each": {
			run: testModuleForEach, from: []string{"modules/async-invocation"},
			in: "modules/async-invocation/examples/several",
		},
		"data source": {
			run:  testDataSource,
			from: []string{"provider", "data-sources/awslambda_function_event_invoke_config"},
		},
		"data source for all": {
			run:  testAllDataSource,
			from: []string{"provider", "data-sources/awslambda_function_event_invoke_configs"},
		},
		"parse_function_name": {run: testParseFunctionName, from: []string{"functions/parse_function_name"}},
		"destination_kind":    {run: testDestinationKind, from: []string{"functions/destination_kind"}},
		"permissions":         {run: testDestinationPermissions, from: []string{"functions/destination_permissions"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := example{t, acctest.NewAPI(t, emulator.Options{}, function), t.TempDir(), cliFile}
			x.api.Must(x.api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
			for _, from := range test.from {
				x.api.Must(os.CopyFS(x.dir, os.DirFS(filepath.Join(examples, from))))
			}
			x.dir = filepath.Join(x.dir, strings.TrimPrefix(test.in, test.from[0]))
			x.cli("init", "-input=false")
			test.run(x)
		})
	}
}

// TestExamples_areFormatted runs "fmt" on all examples.
func TestExamples_areFormatted(t *testing.T) {
	t.Parallel()
	x := example{T: t, api: acctest.NewAPI(t, emulator.Options{}), dir: examples, cliFile: os.DevNull}
	x.cli("fmt", "-check", "-diff", "-recursive")
}

// cli runs the CLI on the emulator and returns its output.
func (x example) cli(args ...string) string {
	x.Helper()
	cmd := terraformcli.Command(x.Context(), acctest.CLI, x.dir, x.cliFile, args...)
	cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL_LAMBDA="+x.api.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	out, err := cmd.CombinedOutput()
	if err != nil {
		x.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

// outputs applies the example and compares its outputs, as JSON.
func (x example) outputs(want map[string]string) {
	x.Helper()
	x.cli("apply", "-auto-approve", "-input=false")
	for name, want := range want {
		if got := strings.TrimSpace(x.cli("output", "-json", name)); got != want {
			x.Errorf("%s = %s, want %s", name, got, want)
		}
	}
}

func testModule(x example) {
	out := x.cli("test", "-no-color")
	for _, want := range []string{
		"tests/unit.tftest.hcl... pass", "tests/emulator.tftest.hcl... pass", "Success! 8 passed, 0 failed.",
	} {
		if !strings.Contains(out, want) {
			x.Errorf("no %q in:\n%s", want, out)
		}
	}
	// The second run refers to the function by ARN instead of by name, so it updates.
	if err := acctest.CompareUnordered(x.api.WriteLines(), []string{
		acctest.PutRequest(latest, 21600, 2, "", ""),
		"Update " + latest + ` {"MaximumRetryAttempts":0}`,
		acctest.PutRequest(live, 3600, 2, bus, bucket),
		"Delete " + latest,
		"Update " + live + ` {"DestinationConfig":` + acctest.DestinationJSON("", bucket) +
			`,"MaximumEventAgeInSeconds":21600}`,
		"Delete " + live,
	}); err != nil {
		x.Error(err)
	}
	if left := x.api.Configs(); len(left) > 0 {
		x.Errorf("left in the API: %q", left)
	}
}

func testModuleCalled(x example) {
	x.cli("apply", "-auto-approve", "-input=false")
	x.api.Must(acctest.CompareUnordered(x.api.WriteLines(), []string{
		acctest.PutRequest(latest, 21600, 2, "", ""), acctest.PutRequest(live, 21600, 1, "", queue),
	}))
}

// testModuleForEach overwrites an existing configuration of each function.
func testModuleForEach(x example) {
	for _, f := range []string{function, "invoices-worker"} {
		if f != function {
			x.api.Must(x.api.CreateFunction(acctest.Region, f))
		}
		x.api.Must(x.api.PutConfig(acctest.Region, f, "", emulator.Config{OnFailure: bus}))
	}
	x.api.ClearRequests()
	x.cli("apply", "-auto-approve", "-input=false")
	put := func(function, queue string) string {
		return acctest.PutRequest(function+":$LATEST", 21600, 2, "", "arn:aws:sqs:us-east-1:123456789012:"+queue)
	}
	x.api.Must(acctest.CompareUnordered(x.api.WriteLines(), []string{
		put(function, "orders-failed"), put("invoices-worker", "invoices-failed"),
	}))
	policies := x.cli("output", "-json", "policies")
	for _, name := range []string{"orders", "invoices"} {
		resource := `\"Resource\":[\"arn:aws:sqs:us-east-1:123456789012:` + name + `-failed\"]`
		if !strings.Contains(policies, resource) {
			x.Errorf("no %s in %s", resource, policies)
		}
	}
	x.cli("plan", "-detailed-exitcode", "-input=false")
}

func testDataSource(x example) {
	x.api.Must(x.api.PutConfig(acctest.Region, function, "live", emulator.Config{OnFailure: queue}))
	x.outputs(map[string]string{"retries": "2", "failures_go_to": `"` + queue + `"`, "latest_is_configured": "false"})
	x.api.Must(x.api.PutConfig(acctest.Region, function, "live", emulator.Config{MaximumRetryAttempts: new(0)}))
	x.outputs(map[string]string{"retries": "0", "failures_go_to": `"nowhere"`})
}

func testAllDataSource(x example) {
	x.api.Must(x.api.PutConfig(acctest.Region, function, "live", emulator.Config{OnFailure: queue}))
	x.api.Must(x.api.PutConfig(acctest.Region, function, "", emulator.Config{OnSuccess: bus}))
	x.api.Must(x.api.CreateFunction(acctest.Region, "orders-new"))
	x.api.Must(x.api.CreateFunction(acctest.Region, "payments"))
	x.outputs(map[string]string{"without_on_failure": `["$LATEST"]`, "without_configuration": `["orders-new"]`})
}

// testParseFunctionName compares the outputs with the example's comments.
func testParseFunctionName(x example) {
	x.outputs(map[string]string{
		"alias": `{"account_id":"123456789012","function_name":"orders-worker","partition":"aws",` +
			`"qualifier":"live","region":"us-east-1"}`,
		"qualifier": `"$LATEST"`,
	})
}

func testDestinationKind(x example) {
	x.outputs(map[string]string{"kind": `"sqs"`})
	cmd := terraformcli.Command(x.Context(), acctest.CLI, x.dir, x.cliFile,
		"plan", "-input=false", "-var=on_failure="+bucket)
	message := acctest.Wrapped("on_failure must be the ARN of an SQS queue or an SNS topic.")
	if out, err := cmd.CombinedOutput(); err == nil || !message.Match(out) {
		x.Errorf("got %v\n%s", err, out)
	}
}

func testDestinationPermissions(x example) {
	const function = "arn:aws:lambda:us-east-1:123456789012:function:orders-failed"
	x.cli("apply", "-auto-approve", "-input=false")
	want := `{"Statement":[{"Action":["lambda:InvokeFunction"],"Effect":"Allow",` +
		`"Resource":["` + function + `:live","` + function + `"]}],"Version":"2012-10-17"}`
	if got := strings.TrimSpace(x.cli("output", "-raw", "policy")); got != want {
		x.Errorf("got %s, want %s", got, want)
	}
}

// readExample returns a file, by its path in examples.
func readExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
