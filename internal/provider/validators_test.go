// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestAccConfigure_rejectsInvalidBlocks(t *testing.T) {
	url, _ := newSTS(t)
	block := region + keys
	const wholeNumber = "value must be a whole number from 0 to 2147483647, got: "
	for name, test := range map[string]struct{ block, want string }{
		"no credentials": {region, "No valid credential sources found"},
		"search order": {region, "Tried in this order: access_key and secret_key of the provider block; " +
			"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"},
		"missing profile": {region + `profile = "missing"`,
			`The shared config and credentials files have no profile "missing"`},
		"access_key alone": {`access_key = "k"`,
			"access_key is set, but secret_key is not. Set both, or neither."},
		"secret_key alone": {`secret_key = "s"`,
			"secret_key is set, but access_key is not. Set both, or neither."},
		"negative retries":      {"max_retries = -1", "max_retries: " + wholeNumber + "-1. Correct it"},
		"fraction of a retry":   {"max_retries = 1.5", "max_retries: " + wholeNumber + "1.5."},
		"too many retries":      {"max_retries = 99999999999", "got: 99999999999."},
		"number of many digits": {"max_retries = 1e999999", "got: more than 1e308."},
		"fraction of a token": {"token_bucket_rate_limiter_capacity = 0.5",
			"token_bucket_rate_limiter_capacity: " + wholeNumber + "0.5."},
		"too many tokens": {"token_bucket_rate_limiter_capacity = 2147483648", "got: 2147483648."},
		"retry mode":      {`retry_mode = "eager"`, `retry_mode is "eager". It must be standard or adaptive.`},
		"external ID": {assumeRole("r", `external_id = "x"`),
			"assume_role[0].external_id is invalid. It must be 2 to 1224 characters long."},
		"duration":   {assumeRole("r", `duration = "1m"`), `is "1m". It must be 15 minutes to 12 hours`},
		"policy ARN": {assumeRole("r", `policy_arns = ["p"]`), `assume_role[0].policy_arns is "p".`},
		"role ARN": {`assume_role { role_arn = "deploy" }`,
			`assume_role[0].role_arn is "deploy". It must be an ARN of IAM`},
		"empty role of a chain": {block + assumeRole("r") + `assume_role { role_arn = "" }`,
			"assume_role[1].role_arn is empty"},
		"endpoint with a user": {endpoints("lambda", "http://user@127.0.0.1:4566"),
			"endpoints.lambda is invalid. It must be an http or https URL without user"},
		"endpoint without a scheme": {endpoints("sts", "localhost:4566"),
			`endpoints.sts is "localhost:4566". It must be an http or https URL`},
		"proxy": {`https_proxy = "::proxy"`, "https_proxy is invalid. It must be the URL of a proxy."},
		"two web identity tokens": {region + webIdentity(`web_identity_token = "t"`, `web_identity_token_file = "f"`),
			"cannot be specified when"},
		"no web identity token": {region + webIdentity(), "assume_role_with_web_identity requires a token. " +
			"Set web_identity_token_file or web_identity_token"},
		"missing CA": {block + `custom_ca_bundle = "/nowhere/ca.pem"`,
			"open /nowhere/ca.pem: no such file or directory"},
		"unknown region": {`region = "us-east-9"` + "\n" + keys, `The AWS SDK does not know the region "us-east-9"`},
		"both account lists": {"allowed_account_ids = [\"123456789012\"]\nforbidden_account_ids = [\"210987654321\"]",
			`Attribute "forbidden_account_ids" cannot be specified when "allowed_account_ids" is specified`},
		"account not allowed": {block + `allowed_account_ids = ["210987654321"]` + "\n" + endpoints("sts", url),
			"The credentials belong to the account 123456789012, which is not allowed. Allowed accounts: 210987654321."},
		"account forbidden": {block + `forbidden_account_ids = ["123456789012"]` + "\n" + endpoints("sts", url),
			"The credentials belong to the account 123456789012, which is forbidden."},
		"null in a set":  {block + "allowed_account_ids = [null]", "Null Set Value"},
		"null in a list": {block + "user_agent = [null]", "Null List Value"},
		"null in a map":  {block + assumeRole("r", "tags = { a = null }"), "Null Map Value"},
	} {
		t.Run(name, func(t *testing.T) {
			acctest.NewAPI(t, emulator.Options{}, "f").ParallelTest(t, failStep(test.want, test.block))
		})
	}
}
