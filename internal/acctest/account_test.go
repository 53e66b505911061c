// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest_test

import (
	"archive/zip"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// TestMain keeps the environment if TF_ACC is set, since it has the credentials.
func TestMain(m *testing.M) {
	if os.Getenv(resource.EnvTfAcc) != "" {
		os.Exit(m.Run())
	}
	os.Exit(acctest.MainInBothModes(m))
}

// The tests TestAccAWS run on an AWS account, and are skipped without TF_ACC.
func TestAccAWS_queueAndTopic(t *testing.T)    { runOnAWS(t, queueAndTopic) }
func TestAccAWS_eventBusOfAlias(t *testing.T)  { runOnAWS(t, eventBusOfAlias) }
func TestAccAWS_bucket(t *testing.T)           { runOnAWS(t, bucket) }
func TestAccAWS_updateOfVersion(t *testing.T)  { runOnAWS(t, updateOfVersion) }
func TestAccAWS_import(t *testing.T)           { runOnAWS(t, importByReference) }
func TestAccAWS_outOfBandChanges(t *testing.T) { runOnAWS(t, outOfBandChanges) }

// TestAccEmulator runs the steps of TestAccAWS on the emulator, with a stand-in
// for hashicorp/aws. The stand-in has only the arguments that the steps use, so
// the test does not show that hashicorp/aws has them.
func TestAccEmulator(t *testing.T) {
	t.Parallel()
	if os.Getenv(resource.EnvTfAcc) != "" {
		t.Skip("TF_ACC is set")
	}
	for name, steps := range map[string]scenario{
		"queueAndTopic":    queueAndTopic,
		"eventBusOfAlias":  eventBusOfAlias,
		"bucket":           bucket,
		"updateOfVersion":  updateOfVersion,
		"import":           importByReference,
		"outOfBandChanges": outOfBandChanges,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			role := &acctest.Role{}
			api := acctest.NewAPI(t, emulator.Options{FaultFunc: role.RejectDestination})
			a := newAccount(t, acctest.Region)
			a.provider = api.ProviderBlock("", acctest.Region)
			a.client = lambda.New(lambda.Options{
				Region: acctest.Region, BaseEndpoint: &api.URL,
				Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
					return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
				}),
			})
			resource.Test(t, api.TestCaseWithAWS(role, steps(a)...))
			if unused := role.UnusedActions(); len(unused) > 0 {
				t.Errorf("a policy allows %q, which no destination requires", unused)
			}
		})
	}
}

// runOnAWS runs a scenario in AWS_REGION on the account of the credentials in the
// environment.
func runOnAWS(t *testing.T, steps scenario) {
	t.Helper()
	if os.Getenv(resource.EnvTfAcc) == "" {
		t.Skip("requires TF_ACC and an AWS account")
	}
	a := newAccount(t, cmp.Or(os.Getenv("AWS_REGION"), acctest.Region))
	a.provider = fmt.Sprintf("provider \"awslambda\" {\n  region = %q\n}\n", a.region)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(a.region))
	if err != nil {
		t.Fatal(err)
	}
	a.client = lambda.NewFromConfig(cfg)
	resource.ParallelTest(t, resource.TestCase{
		ExternalProviders: map[string]resource.ExternalProvider{
			"aws": {Source: "hashicorp/aws", VersionConstraint: "~> 6.0"},
		},
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"awslambda": func() (tfprotov6.ProviderServer, error) { return serve.Server(provider.New("test"))(), nil },
		},
		Steps:        steps(a),
		CheckDestroy: a.checkDestroyed,
	})
}

// account is an AWS account or the emulator.
type account struct {
	t        *testing.T
	name     string // of all resources of a scenario
	region   string
	provider string // provider block of this provider
	code     string // path of a function's deployment package
	client   *lambda.Client
}

// scenario returns the steps of one acceptance test.
type scenario func(*account) []resource.TestStep

func newAccount(t *testing.T, region string) *account {
	t.Helper()
	a := &account{
		t: t, name: "awslambda-acc-" + strings.ToLower(rand.Text()[:8]), region: region,
		code: filepath.Join(t.TempDir(), "function.zip"),
	}
	file, err := os.Create(a.code)
	if err != nil {
		t.Fatal(err)
	}
	archive := zip.NewWriter(file)
	code, err := archive.Create("index.mjs")
	if err == nil {
		_, err = code.Write([]byte("export const handler = async () => {};\n"))
	}
	if err := errors.Join(err, archive.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	return a
}

// configuration returns HCL with a function, its execution role, and the given
// resources. The policy of the role has a statement for each pair of an action and
// a resource in HCL.
func (a *account) configuration(statements [][2]string, resources ...string) string {
	base := fmt.Sprintf(`
provider "aws" {
  region = %[1]q
}

resource "aws_iam_role" "test" {
  name = %[2]q
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "test" {
  function_name = %[2]q
  role          = aws_iam_role.test.arn
  filename      = %[3]q
  handler       = "index.handler"
  runtime       = "nodejs22.x"
  publish       = true
}
`, a.region, a.name, filepath.ToSlash(a.code))
	if len(statements) > 0 {
		var list []string
		for _, s := range statements {
			list = append(list, fmt.Sprintf("{ Effect = \"Allow\", Action = %q, Resource = %s }", s[0], s[1]))
		}
		base += fmt.Sprintf(`
resource "aws_iam_role_policy" "test" {
  name   = "destinations"
  role   = aws_iam_role.test.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
`, strings.Join(list, ", "))
	}
	return a.provider + base + strings.Join(resources, "\n")
}

// eventInvokeConfig returns a configuration of the resource under test.
func eventInvokeConfig(arguments string) string {
	return fmt.Sprintf(`
resource %q "test" {
  function_name = aws_lambda_function.test.function_name
%s
}
`, acctest.Type, arguments)
}

func queueAndTopic(a *account) []resource.TestStep {
	return []resource.TestStep{{
		Config: a.configuration(
			[][2]string{{"sqs:SendMessage", "aws_sqs_queue.test.arn"}, {"sns:Publish", "aws_sns_topic.test.arn"}},
			fmt.Sprintf(`
resource "aws_sqs_queue" "test" {
  name = %[1]q
}

resource "aws_sns_topic" "test" {
  name = %[1]q
}
`, a.name),
			eventInvokeConfig(`
  maximum_retry_attempts       = 1
  maximum_event_age_in_seconds = 600

  destination_config = {
    on_failure = { destination = aws_sqs_queue.test.arn }
    on_success = { destination = aws_sns_topic.test.arn }
  }

  depends_on = [aws_iam_role_policy.test]
`)),
		ConfigStateChecks: []statecheck.StateCheck{
			expectDestination("on_failure", "aws_sqs_queue.test"), expectDestination("on_success", "aws_sns_topic.test"),
		},
		Check: a.expectConfig("$LATEST", 1, 600),
	}}
}

func eventBusOfAlias(a *account) []resource.TestStep {
	return []resource.TestStep{{
		Config: a.configuration(
			[][2]string{{"events:PutEvents", "aws_cloudwatch_event_bus.test.arn"}},
			fmt.Sprintf(`
resource "aws_cloudwatch_event_bus" "test" {
  name = %q
}

resource "aws_lambda_alias" "test" {
  name             = "live"
  function_name    = aws_lambda_function.test.function_name
  function_version = aws_lambda_function.test.version
}
`, a.name),
			eventInvokeConfig(`
  qualifier = aws_lambda_alias.test.name

  destination_config = {
    on_success = { destination = aws_cloudwatch_event_bus.test.arn }
  }

  depends_on = [aws_iam_role_policy.test]
`)),
		ConfigStateChecks: []statecheck.StateCheck{expectDestination("on_success", "aws_cloudwatch_event_bus.test")},
		Check:             a.expectConfig("live", 2, 21600),
	}}
}

func bucket(a *account) []resource.TestStep {
	return []resource.TestStep{{
		Config: a.configuration(
			[][2]string{{"s3:PutObject", `"${aws_s3_bucket.test.arn}/*"`}, {"s3:ListBucket", "aws_s3_bucket.test.arn"}},
			fmt.Sprintf(`
resource "aws_s3_bucket" "test" {
  bucket = %q
}
`, a.name),
			eventInvokeConfig(`
  destination_config = {
    on_failure = { destination = aws_s3_bucket.test.arn }
  }

  depends_on = [aws_iam_role_policy.test]
`)),
		ConfigStateChecks: []statecheck.StateCheck{expectDestination("on_failure", "aws_s3_bucket.test")},
	}}
}

func updateOfVersion(a *account) []resource.TestStep {
	version := func(retries int) string {
		return a.configuration(nil, eventInvokeConfig(fmt.Sprintf(`
  qualifier                    = aws_lambda_function.test.version
  maximum_retry_attempts       = %d
  maximum_event_age_in_seconds = 60
`, retries)))
	}
	return []resource.TestStep{
		{Config: version(2), Check: a.expectConfig("1", 2, 60)},
		acctest.WithPlanCheck(expectAction(plancheck.ResourceActionUpdate), resource.TestStep{
			Config: version(0), Check: a.expectConfig("1", 0, 60),
		}),
	}
}

func importByReference(a *account) []resource.TestStep {
	return []resource.TestStep{
		{Config: a.configuration(nil, eventInvokeConfig("maximum_retry_attempts = 0"))},
		{ResourceName: acctest.Type + ".test", ImportState: true, ImportStateId: a.name, ImportStateVerify: true},
	}
}

func outOfBandChanges(a *account) []resource.TestStep {
	text := a.configuration(nil, eventInvokeConfig("maximum_retry_attempts = 0"))
	changed := func() {
		_, err := a.client.UpdateFunctionEventInvokeConfig(a.t.Context(), &lambda.UpdateFunctionEventInvokeConfigInput{
			FunctionName: &a.name, MaximumRetryAttempts: new(int32(1)),
		})
		a.must(err)
	}
	removed := func() {
		_, err := a.client.DeleteFunctionEventInvokeConfig(a.t.Context(),
			&lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: &a.name})
		a.must(err)
	}
	restored := a.expectConfig("$LATEST", 0, 21600)
	return []resource.TestStep{
		{Config: text, Check: restored},
		acctest.WithPlanCheck(expectAction(plancheck.ResourceActionUpdate), resource.TestStep{
			PreConfig: changed, Config: text, Check: restored,
		}),
		acctest.WithPlanCheck(expectAction(plancheck.ResourceActionCreate), resource.TestStep{
			PreConfig: removed, Config: text, Check: restored,
		}),
	}
}

// expectDestination returns a check that a destination is the ARN of a resource.
func expectDestination(side, address string) statecheck.StateCheck {
	destination := tfjsonpath.New("destination_config").AtMapKey(side).AtMapKey("destination")
	return statecheck.CompareValuePairs(
		acctest.Type+".test", destination, address, tfjsonpath.New("arn"), compare.ValuesSame())
}

func expectAction(action plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(acctest.Type+".test", action)
}

func (a *account) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// expectConfig checks the numbers of the configuration in Lambda.
func (a *account) expectConfig(qualifier string, retries, age int32) resource.TestCheckFunc {
	return func(*terraform.State) error {
		got, err := a.client.GetFunctionEventInvokeConfig(a.t.Context(),
			&lambda.GetFunctionEventInvokeConfigInput{FunctionName: &a.name, Qualifier: &qualifier})
		if err != nil {
			return err
		}
		gotRetries, gotAge := aws.ToInt32(got.MaximumRetryAttempts), aws.ToInt32(got.MaximumEventAgeInSeconds)
		if gotRetries != retries || gotAge != age {
			return fmt.Errorf("%s:%s has %d retries and an age of %d s; want %d and %d",
				a.name, qualifier, gotRetries, gotAge, retries, age)
		}
		return nil
	}
}

// checkDestroyed returns an error if the function still exists. A configuration
// exists only with its function.
func (a *account) checkDestroyed(*terraform.State) error {
	_, err := a.client.ListFunctionEventInvokeConfigs(a.t.Context(),
		&lambda.ListFunctionEventInvokeConfigsInput{FunctionName: &a.name})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil
	}
	return cmp.Or(err, fmt.Errorf("the function %s remains", a.name))
}
