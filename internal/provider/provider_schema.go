// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

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

// providerModel is a provider block. Only arguments without effect can have
// unknown values, because Configure stops at any other unknown argument.
type providerModel struct {
	AccessKey                      types.String           `tfsdk:"access_key"`
	AllowedAccountIDs              []string               `tfsdk:"allowed_account_ids"`
	AssumeRole                     []assumeRoleModel      `tfsdk:"assume_role"`
	AssumeRoleWithWebIdentity      []webIdentityRoleModel `tfsdk:"assume_role_with_web_identity"`
	CustomCABundle                 types.String           `tfsdk:"custom_ca_bundle"`
	DefaultTags                    types.List             `tfsdk:"default_tags"`
	EC2MetadataServiceEndpoint     types.String           `tfsdk:"ec2_metadata_service_endpoint"`
	EC2MetadataServiceEndpointMode types.String           `tfsdk:"ec2_metadata_service_endpoint_mode"`
	Endpoints                      []endpointsModel       `tfsdk:"endpoints"`
	ForbiddenAccountIDs            []string               `tfsdk:"forbidden_account_ids"`
	HTTPProxy                      types.String           `tfsdk:"http_proxy"`
	HTTPSProxy                     types.String           `tfsdk:"https_proxy"`
	IgnoreTags                     types.List             `tfsdk:"ignore_tags"`
	Insecure                       types.Bool             `tfsdk:"insecure"`
	MaxRetries                     types.Number           `tfsdk:"max_retries"`
	NoProxy                        types.String           `tfsdk:"no_proxy"`
	Profile                        types.String           `tfsdk:"profile"`
	Region                         types.String           `tfsdk:"region"`
	RetryMode                      types.String           `tfsdk:"retry_mode"`
	S3UsePathStyle                 types.Bool             `tfsdk:"s3_use_path_style"`
	S3USEast1RegionalEndpoint      types.String           `tfsdk:"s3_us_east_1_regional_endpoint"`
	SecretKey                      types.String           `tfsdk:"secret_key"`
	SharedConfigFiles              []string               `tfsdk:"shared_config_files"`
	SharedCredentialsFiles         []string               `tfsdk:"shared_credentials_files"`
	SkipCredentialsValidation      types.Bool             `tfsdk:"skip_credentials_validation"`
	SkipMetadataAPICheck           types.String           `tfsdk:"skip_metadata_api_check"`
	SkipRegionValidation           types.Bool             `tfsdk:"skip_region_validation"`
	SkipRequestingAccountID        types.Bool             `tfsdk:"skip_requesting_account_id"`
	STSRegion                      types.String           `tfsdk:"sts_region"`
	TagPolicyCompliance            types.String           `tfsdk:"tag_policy_compliance"`
	Token                          types.String           `tfsdk:"token"`
	TokenBucketRateLimiterCapacity types.Number           `tfsdk:"token_bucket_rate_limiter_capacity"`
	UseDualstackEndpoint           types.Bool             `tfsdk:"use_dualstack_endpoint"`
	UseFIPSEndpoint                types.Bool             `tfsdk:"use_fips_endpoint"`
	UserAgent                      []string               `tfsdk:"user_agent"`
}

// assumeRoleModel is an assume_role block.
type assumeRoleModel struct {
	Duration          types.String      `tfsdk:"duration"`
	ExternalID        types.String      `tfsdk:"external_id"`
	Policy            types.String      `tfsdk:"policy"`
	PolicyARNs        []string          `tfsdk:"policy_arns"`
	RoleARN           types.String      `tfsdk:"role_arn"`
	SessionName       types.String      `tfsdk:"session_name"`
	SourceIdentity    types.String      `tfsdk:"source_identity"`
	Tags              map[string]string `tfsdk:"tags"`
	TransitiveTagKeys []string          `tfsdk:"transitive_tag_keys"`
}

// webIdentityRoleModel is an assume_role_with_web_identity block.
type webIdentityRoleModel struct {
	Duration             types.String `tfsdk:"duration"`
	Policy               types.String `tfsdk:"policy"`
	PolicyARNs           []string     `tfsdk:"policy_arns"`
	RoleARN              types.String `tfsdk:"role_arn"`
	SessionName          types.String `tfsdk:"session_name"`
	WebIdentityToken     types.String `tfsdk:"web_identity_token"`
	WebIdentityTokenFile types.String `tfsdk:"web_identity_token_file"`
}

// endpointsModel is an endpoints block. An empty string means the same as null.
type endpointsModel struct {
	Lambda types.String `tfsdk:"lambda"`
	SSO    types.String `tfsdk:"sso"`
	STS    types.String `tfsdk:"sts"`
}

// withoutEffect has the arguments and blocks that the provider accepts and
// ignores, so that a provider block of hashicorp/aws can be copied.
var withoutEffect = []string{
	"default_tags", "ignore_tags", "s3_us_east_1_regional_endpoint", "s3_use_path_style",
	"skip_credentials_validation", "skip_requesting_account_id", "tag_policy_compliance",
}

const (
	noEffect         = "Accepted for compatibility with the `hashicorp/aws` provider. Has no effect"
	noEffectOnTags   = noEffect + ": event invoke configurations have no tags."
	noEffectOnS3     = noEffect + ": the provider does not call S3."
	policyText       = "IAM policy, as JSON, that further restricts the permissions of the session."
	policyARNsText   = "ARNs of IAM policies that further restrict the permissions of the session."
	durationText     = "Duration of the session, such as `1h30m`. Valid values: `15m` to `12h`."
	endpointTemplate = "URL of the %[1]s API. Can also be set with the `AWS_ENDPOINT_URL_%[2]s` or `AWS_ENDPOINT_URL` " +
		"environment variable, or with `endpoint_url` in the shared config file. Defaults to the endpoint of the region."
)

// Schema implements [provider.Provider]. Names, types and blocks are the same as
// in the hashicorp/aws provider, so that its provider block can be copied.
func (p *awslambda) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	ignoredSet := schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: noEffectOnTags}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the asynchronous invocation configuration of AWS Lambda functions, versions and " +
			"aliases. Authentication uses the same arguments as the `hashicorp/aws` provider, or the standard AWS SDK " +
			"credential chain. Arguments take precedence over environment variables, which take precedence over shared files.",
		Attributes: map[string]schema.Attribute{
			"region": stringAttribute("AWS region of functions whose resource has no `region`. Can also be set with the " +
				"`AWS_REGION` or `AWS_DEFAULT_REGION` environment variable, or with `region` in the shared config file."),

			"access_key": stringAttribute("AWS access key ID. Requires `secret_key`. Can also be set with the "+
				"`AWS_ACCESS_KEY_ID` environment variable, or in the shared config or credentials file.",
				requiredWith("secret_key")),
			"secret_key": sensitiveAttribute("AWS secret access key. Requires `access_key`. Can also be set with the "+
				"`AWS_SECRET_ACCESS_KEY` environment variable, or in the shared config or credentials file.",
				requiredWith("access_key")),
			"token": sensitiveAttribute("Session token of temporary credentials. Requires `access_key`. Can also be set with "+
				"the `AWS_SESSION_TOKEN` environment variable, or in the shared config or credentials file.",
				requiredWith("access_key")),
			"profile": stringAttribute("Profile of the shared config and credentials files. Can also be set with the " +
				"`AWS_PROFILE` environment variable. Defaults to `default`."),
			"shared_config_files": stringListAttribute("Paths of shared config files. One path can also be set with the " +
				"`AWS_CONFIG_FILE` environment variable. Defaults to `~/.aws/config`."),
			"shared_credentials_files": stringListAttribute("Paths of shared credentials files. One path can also be set " +
				"with the `AWS_SHARED_CREDENTIALS_FILE` environment variable. Defaults to `~/.aws/credentials`."),
			"allowed_account_ids": stringSetAttribute("IDs of the AWS accounts that the provider may use. With any other "+
				"account, all operations fail. Requires one call to STS. Conflicts with `forbidden_account_ids`.",
				setvalidator.ConflictsWith(path.MatchRoot("forbidden_account_ids"))),
			"forbidden_account_ids": stringSetAttribute("IDs of the AWS accounts that the provider must not use. With one of " +
				"them, all operations fail. Requires one call to STS. Conflicts with `allowed_account_ids`."),
			"sts_region": stringAttribute("AWS region of STS, which assumes roles and identifies the account. Defaults to " +
				"`region`."),

			"custom_ca_bundle": stringAttribute("Path of a PEM file with root and intermediate certificates, which replace " +
				"the certificates of the system. Can also be set with the `AWS_CA_BUNDLE` environment variable."),
			"ec2_metadata_service_endpoint": stringAttribute("URL of the EC2 instance metadata service. Can also be set with "+
				"the `AWS_EC2_METADATA_SERVICE_ENDPOINT` environment variable.", validURL),
			"ec2_metadata_service_endpoint_mode": stringAttribute("Address family of the EC2 instance metadata service. "+
				"Valid values: `IPv4`, `IPv6`. Can also be set with the `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` environment "+
				"variable. Defaults to `IPv4`.", oneOf("IPv4", "IPv6")),
			"http_proxy": sensitiveAttribute("URL of the proxy for HTTP requests, and for HTTPS requests if neither "+
				"`https_proxy` nor the `HTTPS_PROXY` environment variable is set. Can also be set with the `HTTP_PROXY` "+
				"environment variable, for HTTP requests only.", validProxy),
			"https_proxy": sensitiveAttribute("URL of the proxy for HTTPS requests. Can also be set with the `HTTPS_PROXY` "+
				"environment variable.", validProxy),
			"no_proxy": stringAttribute("Comma-separated list of hosts that are accessed without a proxy. Can also be set " +
				"with the `NO_PROXY` environment variable."),
			"insecure": boolAttribute("Whether to skip the verification of TLS certificates. Defaults to `false`."),
			"use_dualstack_endpoint": boolAttribute("Whether to use dual-stack endpoints (IPv4 and IPv6). Has no effect on " +
				"custom endpoints. Can also be set with the `AWS_USE_DUALSTACK_ENDPOINT` environment variable, or with " +
				"`use_dualstack_endpoint` in the shared config file. Defaults to `false`."),
			"use_fips_endpoint": boolAttribute("Whether to use FIPS endpoints. Has no effect on custom endpoints. Can also " +
				"be set with the `AWS_USE_FIPS_ENDPOINT` environment variable, or with `use_fips_endpoint` in the shared config " +
				"file. Defaults to `false`."),

			"max_retries": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "Maximum number of attempts of an API call, including the first, 0 or more. Attempts that " +
					"fail because of a conflict, or because a destination or permission has not propagated, do not count. Can also " +
					"be set with the `AWS_MAX_ATTEMPTS` environment variable, or with `max_attempts` in the shared config file. " +
					"Defaults to `0`, with which calls are retried until the resource's `timeouts` end.",
				Validators: []validator.Number{validCount},
			},
			"retry_mode": stringAttribute("Retry mode of the AWS SDK. Valid values: `standard`, `adaptive`. Can also be set "+
				"with the `AWS_RETRY_MODE` environment variable, or with `retry_mode` in the shared config file. Defaults to "+
				"`standard`.", oneOf("standard", "adaptive")),
			"token_bucket_rate_limiter_capacity": schema.NumberAttribute{
				Optional: true,
				MarkdownDescription: "Capacity, in tokens, of the bucket that the retries of all calls share, 0 or more. If the " +
					"bucket is empty, a call fails without a retry. Defaults to `0`, which means unlimited.",
				Validators: []validator.Number{validCount},
			},

			"skip_credentials_validation": boolAttribute(noEffect + ": the provider makes no call to validate credentials."),
			"skip_metadata_api_check": stringAttribute("Whether to skip the EC2 instance metadata service in the search for "+
				"credentials. Valid values: `true`, `false`. Can also be set with the `AWS_EC2_METADATA_DISABLED` environment "+
				"variable. Defaults to `false`.", oneOf("true", "false", "1", "0")),
			"skip_region_validation": boolAttribute("Whether to accept regions that the AWS SDK does not know, in the " +
				"provider block, resources, data sources, `list` blocks and imports. Defaults to `false`."),
			"skip_requesting_account_id": boolAttribute(noEffect + ": the provider requests the account ID only for " +
				"`allowed_account_ids` and `forbidden_account_ids`."),

			"s3_use_path_style":              boolAttribute(noEffectOnS3),
			"s3_us_east_1_regional_endpoint": stringAttribute(noEffectOnS3),
			"tag_policy_compliance":          stringAttribute(noEffectOnTags),

			"user_agent": stringListAttribute("Products to append to the User-Agent header of every request, in the format " +
				"`product/version (comment)`. Products in the `TF_APPEND_USER_AGENT` environment variable are also appended."),
		},
		Blocks: map[string]schema.Block{
			"assume_role": schema.ListNestedBlock{
				MarkdownDescription: "IAM role to assume. Several blocks form a chain: the provider assumes each role with the " +
					"credentials of the previous one.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"duration": stringAttribute(durationText+" Defaults to `15m`.", validDuration),
					"external_id": stringAttribute("External ID that the role's trust policy requires, 2 to 1224 characters.",
						validExternalID),
					"policy":      stringAttribute(policyText),
					"policy_arns": stringSetAttribute(policyARNsText, setvalidator.ValueStringsAre(validPolicyARN)),
					"role_arn": stringAttribute("ARN of the role. If omitted in the only `assume_role` block, the block is ignored.",
						validRoleARN),
					"session_name": stringAttribute("Session name, 2 to 64 characters. If omitted, the AWS SDK generates a name.",
						stringvalidator.LengthBetween(2, 64)),
					"source_identity": stringAttribute("Source identity of the session, 2 to 64 characters.",
						stringvalidator.LengthBetween(2, 64)),
					"tags": schema.MapAttribute{
						Optional: true, ElementType: types.StringType, MarkdownDescription: "Session tags.",
						Validators: []validator.Map{mapvalidator.NoNullValues()},
					},
					"transitive_tag_keys": stringSetAttribute("Keys of the session tags that the next roles of a chain inherit."),
				}},
			},
			"assume_role_with_web_identity": schema.ListNestedBlock{
				MarkdownDescription: "IAM role to assume with an OpenID Connect token. At most one block. If omitted, the " +
					"provider uses the `AWS_ROLE_ARN` and `AWS_WEB_IDENTITY_TOKEN_FILE` environment variables, if set.",
				Validators: []validator.List{listvalidator.SizeAtMost(1)},
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"duration":    stringAttribute(durationText+" Defaults to `1h`.", validDuration),
					"policy":      stringAttribute(policyText),
					"policy_arns": stringSetAttribute(policyARNsText, setvalidator.ValueStringsAre(validPolicyARN)),
					"role_arn": stringAttribute("ARN of the role. Can also be set with the `AWS_ROLE_ARN` environment variable.",
						validRoleARN),
					"session_name": stringAttribute("Session name, 2 to 64 characters. Can also be set with the "+
						"`AWS_ROLE_SESSION_NAME` environment variable. If omitted, the AWS SDK generates a name.",
						stringvalidator.LengthBetween(2, 64)),
					"web_identity_token": sensitiveAttribute("OpenID Connect token. Conflicts with `web_identity_token_file`. Can " +
						"also be set with the `TF_AWS_WEB_IDENTITY_TOKEN` environment variable."),
					// The validator is at the file, because the CLI prints the line of the attribute.
					"web_identity_token_file": stringAttribute("Path of a file with an OpenID Connect token. Conflicts with "+
						"`web_identity_token`. Can also be set with the `AWS_WEB_IDENTITY_TOKEN_FILE` environment variable.",
						stringvalidator.ConflictsWith(path.MatchRelative().AtParent().AtName("web_identity_token"))),
				}},
			},
			"default_tags": schema.ListNestedBlock{
				MarkdownDescription: noEffectOnTags,
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"tags": schema.MapAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: noEffectOnTags},
				}},
			},
			"ignore_tags": schema.ListNestedBlock{
				MarkdownDescription: noEffectOnTags,
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{"keys": ignoredSet, "key_prefixes": ignoredSet},
				},
			},
			"endpoints": schema.SetNestedBlock{
				Validators: []validator.Set{endpointsValidator{validURL}},
				MarkdownDescription: "Custom endpoints, such as an emulator or a VPC endpoint. Take precedence over " +
					"`use_fips_endpoint` and `use_dualstack_endpoint`.",
				NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
					"lambda": stringAttribute(fmt.Sprintf(endpointTemplate, "Lambda", "LAMBDA")),
					"sso":    stringAttribute(fmt.Sprintf(endpointTemplate, "IAM Identity Center portal", "SSO")),
					"sts":    stringAttribute(fmt.Sprintf(endpointTemplate, "STS", "STS")),
				}},
			},
		},
	}
}

func stringAttribute(description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: validators}
}

func sensitiveAttribute(description string, validators ...validator.String) schema.StringAttribute {
	a := stringAttribute(description, validators...)
	a.Sensitive = true
	return a
}

func boolAttribute(description string) schema.BoolAttribute {
	return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
}

func stringListAttribute(description string) schema.ListAttribute {
	return schema.ListAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.List{listvalidator.NoNullValues()},
	}
}

func stringSetAttribute(description string, validators ...validator.Set) schema.SetAttribute {
	return schema.SetAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: append([]validator.Set{setvalidator.NoNullValues()}, validators...),
	}
}
