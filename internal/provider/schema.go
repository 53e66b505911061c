// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// block is a provider block.
type block struct {
	AccessKey                      types.String `tfsdk:"access_key"`
	AllowedAccountIDs              types.Set    `tfsdk:"allowed_account_ids"`
	AssumeRole                     types.List   `tfsdk:"assume_role"`
	AssumeRoleWithWebIdentity      types.List   `tfsdk:"assume_role_with_web_identity"`
	CustomCABundle                 types.String `tfsdk:"custom_ca_bundle"`
	DefaultTags                    types.List   `tfsdk:"default_tags"`
	EC2MetadataServiceEndpoint     types.String `tfsdk:"ec2_metadata_service_endpoint"`
	EC2MetadataServiceEndpointMode types.String `tfsdk:"ec2_metadata_service_endpoint_mode"`
	Endpoints                      types.Set    `tfsdk:"endpoints"`
	ForbiddenAccountIDs            types.Set    `tfsdk:"forbidden_account_ids"`
	HTTPProxy                      types.String `tfsdk:"http_proxy"`
	HTTPSProxy                     types.String `tfsdk:"https_proxy"`
	IgnoreTags                     types.List   `tfsdk:"ignore_tags"`
	Insecure                       types.Bool   `tfsdk:"insecure"`
	MaxRetries                     types.Number `tfsdk:"max_retries"`
	NoProxy                        types.String `tfsdk:"no_proxy"`
	Profile                        types.String `tfsdk:"profile"`
	Region                         types.String `tfsdk:"region"`
	RetryMode                      types.String `tfsdk:"retry_mode"`
	S3UsePathStyle                 types.Bool   `tfsdk:"s3_use_path_style"`
	S3USEast1RegionalEndpoint      types.String `tfsdk:"s3_us_east_1_regional_endpoint"`
	SecretKey                      types.String `tfsdk:"secret_key"`
	SharedConfigFiles              types.List   `tfsdk:"shared_config_files"`
	SharedCredentialsFiles         types.List   `tfsdk:"shared_credentials_files"`
	SkipCredentialsValidation      types.Bool   `tfsdk:"skip_credentials_validation"`
	SkipMetadataAPICheck           types.String `tfsdk:"skip_metadata_api_check"`
	SkipRegionValidation           types.Bool   `tfsdk:"skip_region_validation"`
	SkipRequestingAccountID        types.Bool   `tfsdk:"skip_requesting_account_id"`
	STSRegion                      types.String `tfsdk:"sts_region"`
	TagPolicyCompliance            types.String `tfsdk:"tag_policy_compliance"`
	Token                          types.String `tfsdk:"token"`
	TokenBucketRateLimiterCapacity types.Number `tfsdk:"token_bucket_rate_limiter_capacity"`
	UseDualstackEndpoint           types.Bool   `tfsdk:"use_dualstack_endpoint"`
	UseFIPSEndpoint                types.Bool   `tfsdk:"use_fips_endpoint"`
	UserAgent                      types.List   `tfsdk:"user_agent"`
}

// assumeRole is an assume_role block.
type assumeRole struct {
	Duration          types.String `tfsdk:"duration"`
	ExternalID        types.String `tfsdk:"external_id"`
	Policy            types.String `tfsdk:"policy"`
	PolicyARNs        types.Set    `tfsdk:"policy_arns"`
	RoleARN           types.String `tfsdk:"role_arn"`
	SessionName       types.String `tfsdk:"session_name"`
	SourceIdentity    types.String `tfsdk:"source_identity"`
	Tags              types.Map    `tfsdk:"tags"`
	TransitiveTagKeys types.Set    `tfsdk:"transitive_tag_keys"`
}

// webIdentity is an assume_role_with_web_identity block.
type webIdentity struct {
	Duration             types.String `tfsdk:"duration"`
	Policy               types.String `tfsdk:"policy"`
	PolicyARNs           types.Set    `tfsdk:"policy_arns"`
	RoleARN              types.String `tfsdk:"role_arn"`
	SessionName          types.String `tfsdk:"session_name"`
	WebIdentityToken     types.String `tfsdk:"web_identity_token"`
	WebIdentityTokenFile types.String `tfsdk:"web_identity_token_file"`
}

// endpoints is an endpoints block.
type endpoints struct {
	Lambda types.String `tfsdk:"lambda"`
	SSO    types.String `tfsdk:"sso"`
	STS    types.String `tfsdk:"sts"`
}

// withoutEffect are the arguments and blocks that are accepted only because a
// provider block of hashicorp/aws may have them.
var withoutEffect = []string{
	"default_tags", "ignore_tags", "s3_us_east_1_regional_endpoint", "s3_use_path_style", "skip_credentials_validation",
	"skip_requesting_account_id", "tag_policy_compliance",
}

// Schema implements [provider.Provider]. Names, types and the shapes of blocks
// are those of the hashicorp/aws provider, so that its settings can be pasted.
func (p *awslambda) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the asynchronous invocation configuration of AWS Lambda functions, versions and aliases. " +
			"It is told how to sign in with the names of the `hashicorp/aws` provider, or finds out as every AWS SDK does. " +
			"An argument goes before the environment, and the environment before a file.",
		Attributes: map[string]schema.Attribute{
			"region": text("The region of functions whose resource does not say one. Default: `AWS_REGION`, else `AWS_DEFAULT_REGION`, else the profile's."),

			"access_key":               text("The access key to sign in with. Default: what the AWS SDK finds in environment, files and metadata services.", needs{other: "secret_key"}),
			"secret_key":               secret("The secret of `access_key`. Default: what is found with it.", needs{other: "access_key", secret: true}),
			"token":                    secret("The session token, where `access_key` is of temporary credentials. Default: none.", needs{other: "access_key", secret: true}),
			"profile":                  text("The profile of the shared files to sign in with. Default: `AWS_PROFILE`, else `default`."),
			"shared_config_files":      texts("The shared configuration files. Default: `AWS_CONFIG_FILE`, else `~/.aws/config`."),
			"shared_credentials_files": texts("The shared credentials files. Default: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`."),
			"allowed_account_ids": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "The accounts that may be worked on. With it, the provider asks STS once which account it signs in to. Default: every account.",
				Validators:          []validator.Set{setvalidator.NoNullValues(), setvalidator.ConflictsWith(path.MatchRoot("forbidden_account_ids"))},
			},
			"forbidden_account_ids": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "The accounts that must not be worked on. With it, the provider asks STS once which account it signs in to. Default: none.",
				Validators:          []validator.Set{setvalidator.NoNullValues()},
			},
			"sts_region": text("The region whose STS is asked for the credentials of a role. Default: `region`."),

			"custom_ca_bundle":                   text("A file with certificates of further certificate authorities, PEM. Default: `AWS_CA_BUNDLE`."),
			"ec2_metadata_service_endpoint":      text("The URL of the instance metadata service. Default: `AWS_EC2_METADATA_SERVICE_ENDPOINT`.", urlRule),
			"ec2_metadata_service_endpoint_mode": text("`IPv4` or `IPv6`. Default: `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`.", oneOf("IPv4", "IPv6")),
			"http_proxy":                         secret("The proxy of requests over HTTP, and of those over HTTPS unless `https_proxy` is set. Default: `HTTP_PROXY`.", proxyRule),
			"https_proxy":                        secret("The proxy of requests over HTTPS. Default: `HTTPS_PROXY`.", proxyRule),
			"no_proxy":                           text("The hosts that are reached without a proxy, separated by commas. Default: `NO_PROXY`."),
			"insecure":                           flag("Whether to accept certificates that cannot be verified. Default: `false`."),
			"use_dualstack_endpoint":             flag("Whether to use endpoints that have IPv6 as well, where no endpoint is given. Default: `AWS_USE_DUALSTACK_ENDPOINT`, else `false`."),
			"use_fips_endpoint":                  flag("Whether to use FIPS endpoints, where no endpoint is given. Default: `AWS_USE_FIPS_ENDPOINT`, else `false`."),

			"max_retries": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "How many attempts are made at a call at most: 0 or more. Default: `AWS_MAX_ATTEMPTS`, else as many as a resource's `timeouts` allow. Conflicts, and permissions that take their time to spread, do not count. " +
					"(As in `hashicorp/aws`, the first attempt counts, and 0 is the default.)",
				Validators: []validator.Number{wholeNumber},
			},
			"retry_mode": text("`standard` or `adaptive`. Default: `AWS_RETRY_MODE`, else `standard`.", oneOf("standard", "adaptive")),
			"token_bucket_rate_limiter_capacity": schema.NumberAttribute{
				Optional:            true,
				MarkdownDescription: "How many tokens all calls together have to pay their retries with, and fail without: 0 or more. Default: no such limit, and so has `0`.",
				Validators:          []validator.Number{wholeNumber},
			},

			"skip_credentials_validation": flag("Accepted, and without effect: the provider never validates credentials by a call of its own. Default: `false`."),
			"skip_metadata_api_check":     text("`true` to leave the instance metadata service out of the search for credentials. Default: `AWS_EC2_METADATA_DISABLED`.", oneOf("true", "false", "1", "0")),
			"skip_region_validation":      flag("Whether to accept regions that the SDK does not know, here and in resources, data sources, lists and imports. Default: `false`."),
			"skip_requesting_account_id":  flag("Accepted, and without effect: the provider asks for the account only where `allowed_account_ids` or `forbidden_account_ids` need it. Default: `false`."),

			"s3_use_path_style":              flag("Accepted from a block of `hashicorp/aws`, and without effect: the provider does not call S3. Default: none."),
			"s3_us_east_1_regional_endpoint": text("Accepted from a block of `hashicorp/aws`, and without effect: the provider does not call S3. Default: none."),
			"tag_policy_compliance":          text("Accepted from a block of `hashicorp/aws`, and without effect: event invoke configurations have no tags. Default: none."),

			"user_agent": texts("Products to add to the User-Agent of every request: `product/version (comment)`. `TF_APPEND_USER_AGENT` is added as well. Default: none."),
		},
		Blocks: map[string]schema.Block{
			"assume_role": schema.ListNestedBlock{
				MarkdownDescription: "A role to assume with the credentials found. Several blocks are a chain: each role is assumed with the credentials of the one before. Default: none is assumed, unless the profile names one.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"duration":        text("How long the session lasts, such as `1h30m`: 15 minutes to 12 hours. Default: `15m`.", durationRule),
					"external_id":     text("The external ID that the role's trust policy asks for: 2 to 1224 characters. Default: none.", externalIDRule),
					"policy":          text("A policy, as JSON, that restricts the session further. Default: none."),
					"policy_arns":     arns("The ARNs of policies that restrict the session further. Default: none."),
					"role_arn":        text("The ARN of the role. Default: none, which makes a block that stands alone no block.", roleARNRule),
					"session_name":    text("The name of the session: 2 to 64 characters. Default: one that the AWS SDK makes.", stringvalidator.LengthBetween(2, 64)),
					"source_identity": text("The source identity of the session: 2 to 64 characters. Default: none.", stringvalidator.LengthBetween(2, 64)),
					"tags": schema.MapAttribute{
						Optional: true, ElementType: types.StringType, MarkdownDescription: "The tags of the session. Default: none.",
						Validators: []validator.Map{mapvalidator.NoNullValues()},
					},
					"transitive_tag_keys": schema.SetAttribute{
						Optional: true, ElementType: types.StringType,
						MarkdownDescription: "The keys of the tags that go on to sessions that are assumed with this one. Default: none.",
						Validators:          []validator.Set{setvalidator.NoNullValues()},
					},
				}},
			},
			"assume_role_with_web_identity": schema.ListNestedBlock{
				MarkdownDescription: "A role to assume with the token of an OpenID Connect provider. Default: none is assumed, unless the environment names one.",
				Validators:          []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"duration":           text("How long the session lasts, such as `1h30m`: 15 minutes to 12 hours. Default: that of STS, which is one hour.", durationRule),
					"policy":             text("A policy, as JSON, that restricts the session further. Default: none."),
					"policy_arns":        arns("The ARNs of policies that restrict the session further. Default: none."),
					"role_arn":           text("The ARN of the role. Default: `AWS_ROLE_ARN`.", roleARNRule),
					"session_name":       text("The name of the session: 2 to 64 characters. Default: `AWS_ROLE_SESSION_NAME`, else one that the AWS SDK makes.", stringvalidator.LengthBetween(2, 64)),
					"web_identity_token": secret("The token. Default: `TF_AWS_WEB_IDENTITY_TOKEN`, where no file is given."),
					// The error about both is at the file: the CLI shows the line that an error is about.
					"web_identity_token_file": text("A file with the token. Default: `AWS_WEB_IDENTITY_TOKEN_FILE`.",
						stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("web_identity_token"))),
				}},
			},
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: "Accepted from a block of `hashicorp/aws`, and without effect: event invoke configurations have no tags. Default: none.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Without effect. Default: none."},
				}},
			},
			"ignore_tags": schema.ListNestedBlock{
				MarkdownDescription: "Accepted from a block of `hashicorp/aws`, and without effect: event invoke configurations have no tags. Default: none.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"keys":         schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Without effect. Default: none."},
					"key_prefixes": schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Without effect. Default: none."},
				}},
			},
			"endpoints": schema.SetNestedBlock{
				Validators:          []validator.Set{endpointRules{}},
				MarkdownDescription: "Where the APIs are, for an emulator or a private endpoint. An endpoint is used as given, whatever `use_fips_endpoint` and `use_dualstack_endpoint` say. Default: the environment and the profile, else the region's own.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"lambda": text("The URL of the Lambda API. Default: `AWS_ENDPOINT_URL_LAMBDA`, else `AWS_ENDPOINT_URL`, else the region's own."),
					"sso":    text("The URL of the IAM Identity Center portal API. Default: `AWS_ENDPOINT_URL_SSO`, else `AWS_ENDPOINT_URL`, else the region's own."),
					"sts":    text("The URL of the STS API. Default: `AWS_ENDPOINT_URL_STS`, else `AWS_ENDPOINT_URL`, else the region's own."),
				}},
			},
		},
	}
}

func text(description string, rules ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: rules}
}

func secret(description string, rules ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: description, Validators: rules}
}

func flag(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func texts(description string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.List{listvalidator.NoNullValues()},
	}
}

func arns(description string) schema.SetAttribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.Set{setvalidator.NoNullValues(), setvalidator.ValueStringsAre(policyARNRule)},
	}
}
