// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	"github.com/hashicorp/aws-sdk-go-base/v2/diag"
)

// signIn turns a provider block into the SDK's configuration, without a
// network call: aws-sdk-go-base, which would retrieve the credentials at once,
// is given placeholders, and asked again with the real settings when a call
// needs to be signed.
func signIn(ctx context.Context, config block, at endpoints, agent awsbase.UserAgentProducts) (aws.Config, diag.Diagnostics) {
	base := awsbase.Config{
		// What an error about missing credentials refers to.
		CallerName:             "the awslambda provider",
		CallerDocumentationURL: "https://registry.terraform.io/providers/lambda-async/awslambda/latest/docs",
		Region:                 config.Region.ValueString(),
		AccessKey:              config.AccessKey.ValueString(),
		SecretKey:              config.SecretKey.ValueString(),
		Token:                  config.Token.ValueString(),
		Profile:                config.Profile.ValueString(),
		StsEndpoint:            at.STS.ValueString(),
		MaxRetries:             int(config.MaxRetries.ValueInt32()),
		SkipCredsValidation:    true,
		// It would print session tokens.
		SuppressDebugLog: true,
		UserAgent:        agent,
	}
	placeholder := base
	placeholder.AccessKey, placeholder.SecretKey, placeholder.Token = "placeholder", "placeholder", ""
	_, cfg, diags := awsbase.GetAwsConfig(ctx, &placeholder)
	if diags.HasError() {
		return aws.Config{}, diags
	}
	cfg.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		_, signed, diags := awsbase.GetAwsConfig(ctx, &base)
		if diags.HasError() {
			return aws.Credentials{}, asError(diags)
		}
		return signed.Credentials.Retrieve(ctx)
	}))
	return cfg, diags
}

// userAgent names the provider and the CLI to the service.
func (p *awslambda) userAgent(terraformVersion string) awsbase.UserAgentProducts {
	return awsbase.UserAgentProducts{
		{Name: "Terraform", Version: terraformVersion},
		{Name: "terraform-provider-awslambda", Version: p.version, Comment: "+https://registry.terraform.io/providers/lambda-async/awslambda"},
	}
}

func asError(diags diag.Diagnostics) error {
	var texts []string
	for _, d := range diags.Errors() {
		texts = append(texts, strings.TrimSpace(d.Summary()+": "+d.Detail()))
	}
	return errors.New(strings.Join(texts, "\n"))
}
