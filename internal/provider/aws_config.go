// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sso"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	basediag "github.com/hashicorp/aws-sdk-go-base/v2/diag"
	"github.com/hashicorp/aws-sdk-go-base/v2/useragent"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
	"github.com/lambda-async/terraform-provider-awslambda/internal/summaries"
)

// maxIdleConnections is the number of idle connections to Lambda that are kept.
// Each concurrent operation of Terraform uses at most one, and large
// configurations are applied with -parallelism=50.
const maxIdleConnections = 64

// accountTimeout limits the call of checkAccount, because Terraform has no
// timeout for the configuration of a provider.
var accountTimeout = 30 * time.Second

// baseConfig returns the input of aws-sdk-go-base for a provider block.
func (m providerModel) baseConfig(endpoints endpointsModel, diags *diag.Diagnostics) awsbase.Config {
	c := awsbase.Config{
		CallerName:             "the awslambda provider",
		CallerDocumentationURL: "https://registry.terraform.io/providers/lambda-async/awslambda/latest/docs",

		AccessKey:                      m.AccessKey.ValueString(),
		AllowedAccountIds:              m.AllowedAccountIDs,
		AssumeRole:                     m.assumeRoles(diags),
		AssumeRoleWithWebIdentity:      m.webIdentityRole(diags),
		CustomCABundle:                 m.CustomCABundle.ValueString(),
		EC2MetadataServiceEnableState:  metadataServiceState(m.SkipMetadataAPICheck.ValueString()),
		EC2MetadataServiceEndpoint:     m.EC2MetadataServiceEndpoint.ValueString(),
		EC2MetadataServiceEndpointMode: m.EC2MetadataServiceEndpointMode.ValueString(),
		ForbiddenAccountIds:            m.ForbiddenAccountIDs,
		HTTPProxy:                      m.HTTPProxy.ValueStringPointer(),
		HTTPSProxy:                     m.HTTPSProxy.ValueStringPointer(),
		HTTPProxyMode:                  awsbase.HTTPProxyModeLegacy, // the mode of hashicorp/aws
		Insecure:                       m.Insecure.ValueBool(),
		MaxRetries:                     intValue(m.MaxRetries),
		NoProxy:                        m.NoProxy.ValueString(),
		Profile:                        m.Profile.ValueString(),
		Region:                         m.Region.ValueString(),
		RetryMode:                      aws.RetryMode(strings.ToLower(m.RetryMode.ValueString())),
		SecretKey:                      m.SecretKey.ValueString(),
		SharedConfigFiles:              m.SharedConfigFiles,
		SharedCredentialsFiles:         m.SharedCredentialsFiles,
		SsoEndpoint:                    endpoints.SSO.ValueString(),
		StsEndpoint:                    endpoints.STS.ValueString(),
		StsRegion:                      m.STSRegion.ValueString(),
		Token:                          m.Token.ValueString(),
		TokenBucketRateLimiterCapacity: intValue(m.TokenBucketRateLimiterCapacity),
		UseDualStackEndpoint:           m.UseDualstackEndpoint.ValueBool(),
		UseFIPSEndpoint:                m.UseFIPSEndpoint.ValueBool(),

		SkipCredsValidation: true, // validation is a network call
		SuppressDebugLog:    true, // the debug log shows web identity tokens
	}
	if c.HTTPSProxy == nil && os.Getenv("HTTPS_PROXY") == "" && os.Getenv("https_proxy") == "" {
		// HTTPProxyModeLegacy has the same effect, but warns, and the warning shows
		// the password of the proxy.
		c.HTTPSProxy = c.HTTPProxy
	}
	return c
}

// assumeRoles returns the chain of roles of the assume_role blocks. As in
// hashicorp/aws, a single block without a role is ignored.
func (m providerModel) assumeRoles(diags *diag.Diagnostics) (roles []awsbase.AssumeRole) {
	for i, role := range m.AssumeRole {
		if role.RoleARN.ValueString() == "" {
			if len(m.AssumeRole) > 1 {
				at := path.Root("assume_role").AtListIndex(i).AtName("role_arn")
				diags.AddAttributeError(at, summaries.MissingRole, fmt.Sprintf(
					"assume_role[%d].role_arn is empty. Each assume_role block of a chain requires a role. "+
						"Set role_arn, or remove the block.", i))
			}
			continue
		}
		roles = append(roles, awsbase.AssumeRole{
			RoleARN:           role.RoleARN.ValueString(),
			Duration:          durationValue(role.Duration),
			ExternalID:        role.ExternalID.ValueString(),
			Policy:            role.Policy.ValueString(),
			PolicyARNs:        role.PolicyARNs,
			SessionName:       role.SessionName.ValueString(),
			SourceIdentity:    role.SourceIdentity.ValueString(),
			Tags:              role.Tags,
			TransitiveTagKeys: role.TransitiveTagKeys,
		})
	}
	return roles
}

// webIdentityRole returns the role of the assume_role_with_web_identity block,
// completed from the environment. It returns nil if there is no block, or if the
// block has no role and no token. Then the AWS SDK uses the environment.
func (m providerModel) webIdentityRole(diags *diag.Diagnostics) *awsbase.AssumeRoleWithWebIdentity {
	if len(m.AssumeRoleWithWebIdentity) == 0 {
		return nil
	}
	configured := m.AssumeRoleWithWebIdentity[0] // the schema allows one
	arn := configured.RoleARN.ValueString()
	token, file := configured.WebIdentityToken.ValueString(), configured.WebIdentityTokenFile.ValueString()
	if arn+token+file == "" {
		return nil
	}
	if token+file == "" {
		token = os.Getenv("TF_AWS_WEB_IDENTITY_TOKEN")
	}
	if token+file == "" {
		file = os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE")
	}
	role := &awsbase.AssumeRoleWithWebIdentity{
		RoleARN:              cmp.Or(arn, os.Getenv("AWS_ROLE_ARN")),
		Duration:             durationValue(configured.Duration),
		Policy:               configured.Policy.ValueString(),
		PolicyARNs:           configured.PolicyARNs,
		SessionName:          cmp.Or(configured.SessionName.ValueString(), os.Getenv("AWS_ROLE_SESSION_NAME")),
		WebIdentityToken:     token,
		WebIdentityTokenFile: file,
	}
	at := path.Root("assume_role_with_web_identity").AtListIndex(0)
	if token+file == "" {
		diags.AddAttributeError(at, summaries.MissingWebIdentity, "assume_role_with_web_identity requires a token. "+
			"Set web_identity_token_file or web_identity_token, or AWS_WEB_IDENTITY_TOKEN_FILE in the environment.")
	}
	if role.RoleARN == "" {
		diags.AddAttributeError(at.AtName("role_arn"), summaries.MissingRole,
			"assume_role_with_web_identity requires a role. "+
				"Set role_arn, or AWS_ROLE_ARN in the environment.")
	}
	return role
}

// mergedEndpoints merges the endpoints blocks. As in hashicorp/aws, there may be
// several.
func (m providerModel) mergedEndpoints() (merged endpointsModel) {
	for _, endpoints := range m.Endpoints {
		for to, from := range map[*types.String]types.String{
			&merged.Lambda: endpoints.Lambda, &merged.SSO: endpoints.SSO, &merged.STS: endpoints.STS,
		} {
			if from.ValueString() != "" {
				*to = from
			}
		}
	}
	return merged
}

// loadAWSConfig returns the configuration of the AWS SDK. It makes a network call
// only if base limits the accounts. aws-sdk-go-base retrieves credentials when it
// makes a configuration. Therefore loadAWSConfig passes placeholder keys to it,
// and the credentials of the result are retrieved with the first call.
func loadAWSConfig(
	ctx context.Context, base awsbase.Config, secrets *redact.Secrets, validateRegion bool,
) (aws.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	placeholder := base
	placeholder.AccessKey, placeholder.SecretKey, placeholder.Token = "placeholder", "placeholder", ""
	placeholder.AssumeRole, placeholder.AssumeRoleWithWebIdentity = nil, nil
	_, cfg, baseDiags := awsbase.GetAwsConfig(ctx, &placeholder)
	if profile := missingProfile(baseDiags); profile != "" {
		diags.AddAttributeError(path.Root("profile"), summaries.ProfileNotFound, fmt.Sprintf(
			"The shared config and credentials files have no profile %q. Correct profile or AWS_PROFILE, or set "+
				"shared_config_files and shared_credentials_files to the files that have the profile.", profile))
		return aws.Config{}, diags
	}
	if appendBase(&diags, baseDiags, secrets); diags.HasError() {
		return aws.Config{}, diags
	}
	addEndpoints(&base, cfg)
	checkEndpoint("STS", "sts", base.StsEndpoint, &diags)
	checkEndpoint("SSO", "sso", base.SsoEndpoint, &diags)
	if diags.HasError() {
		return aws.Config{}, diags
	}
	cfg.Credentials = aws.NewCredentialsCache(newRetriever(base, cfg, secrets))
	if client, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = lambdaapi.NewHTTPClient(client.WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConnsPerHost = maxIdleConnections
		}))
	}

	if validateRegion && cfg.Region != "" {
		if problem := regionProblem(cfg.Region); problem != "" {
			diags.AddAttributeError(path.Root("region"), summaries.UnknownRegion, problem)
			return aws.Config{}, diags
		}
	}
	checkAccount(ctx, cfg, base, secrets, &diags)
	return cfg, diags
}

// addEndpoints adds the endpoints of STS and SSO from the environment or the
// profile to base. The AWS SDK resolves credentials before it resolves
// AWS_ENDPOINT_URL and endpoint_url. It also rejects any endpoint together with
// FIPS or dual-stack, unless base has the endpoint.
func addEndpoints(base *awsbase.Config, cfg aws.Config) {
	if base.StsEndpoint == "" {
		base.StsEndpoint = aws.ToString(sts.NewFromConfig(cfg).Options().BaseEndpoint)
	}
	if base.SsoEndpoint == "" {
		base.SsoEndpoint = aws.ToString(sso.NewFromConfig(cfg).Options().BaseEndpoint)
	}
}

// checkAccount adds an error if base does not allow the account of the
// credentials. If base limits the accounts, it makes one call to STS. It does not
// use aws-sdk-go-base, whose function for the account links all of IAM.
func checkAccount(
	ctx context.Context, cfg aws.Config, base awsbase.Config, secrets *redact.Secrets, diags *diag.Diagnostics,
) {
	if len(base.AllowedAccountIds)+len(base.ForbiddenAccountIds) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, accountTimeout)
	defer cancel()
	identity, err := sts.NewFromConfig(cfg, func(o *sts.Options) {
		o.Region = cmp.Or(base.StsRegion, o.Region)
		if base.StsEndpoint != "" {
			o.BaseEndpoint = aws.String(base.StsEndpoint)
			// The SDK rejects FIPS and dual-stack together with an endpoint.
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
			o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
		}
	}).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err == nil && aws.ToString(identity.Account) == "" {
		err = errors.New("the response has no account")
	}
	if err != nil {
		reason := excerpt(secrets, err.Error())
		if failed, ok := errors.AsType[*lambdaapi.CredentialsError](err); ok {
			reason = failed.Error()
		} else if ctx.Err() != nil {
			reason = fmt.Sprintf("STS, or the service of the credentials, did not respond within %.0f seconds.",
				accountTimeout.Seconds())
		}
		diags.AddError(summaries.CannotDetermineAccount, fmt.Sprintf(
			"The GetCallerIdentity call to STS failed:\n%s\n\n"+
				"allowed_account_ids and forbidden_account_ids require the account of the credentials. "+
				"Check the credentials, sts_region, and the endpoint of STS.", reason))
		return
	}
	account := secrets.Excerpt(aws.ToString(identity.Account))
	if base.VerifyAccountIDAllowed(account) == nil {
		return
	}
	argument := "allowed_account_ids"
	rule := "is not allowed. Allowed accounts: " + strings.Join(base.AllowedAccountIds, ", ")
	if slices.Contains(base.ForbiddenAccountIds, account) {
		argument, rule = "forbidden_account_ids", "is forbidden"
	}
	diags.AddAttributeError(path.Root(argument), summaries.AccountNotAllowed, fmt.Sprintf(
		"The credentials belong to the account %s, which %s. Use credentials of another account, or change %s.",
		account, rule, argument))
}

// missingProfile returns the name of the profile that does not exist, or the
// empty string for other diagnostics.
func missingProfile(baseDiags basediag.Diagnostics) string {
	for _, d := range baseDiags {
		var missing config.SharedConfigProfileNotExistError
		if e, ok := d.(basediag.DiagnosticWithErr); ok && errors.As(e.Err(), &missing) {
			return missing.Profile
		}
	}
	return ""
}

// processOutput matches the part of an error of the SDK that quotes the output of
// a credential_process.
var processOutput = regexp.MustCompile(`(?s)parse failed of process output: .*`)

// excerpt returns an excerpt of a text of the SDK without secrets. It removes the
// whole output of a credential_process, which may contain any secret.
func excerpt(secrets *redact.Secrets, s string) string {
	return secrets.Excerpt(processOutput.ReplaceAllString(s,
		"credential_process must print credentials as JSON, and printed something else (not shown)"))
}

// appendBase appends diagnostics of aws-sdk-go-base.
func appendBase(diags *diag.Diagnostics, baseDiags basediag.Diagnostics, secrets *redact.Secrets) {
	for _, d := range baseDiags {
		if d.Severity() == basediag.SeverityError {
			diags.AddError(excerpt(secrets, d.Summary()), excerpt(secrets, d.Detail()))
		} else {
			diags.AddWarning(excerpt(secrets, d.Summary()), excerpt(secrets, d.Detail()))
		}
	}
}

// userAgent returns the products of the User-Agent header: the CLI, the provider
// and the user's products. OpenTofu reports a version of Terraform.
func (p *awslambda) userAgent(terraformVersion string, products []string) awsbase.UserAgentProducts {
	return append(awsbase.UserAgentProducts{
		{Name: "Terraform", Version: terraformVersion},
		{
			Name: "terraform-provider-awslambda", Version: p.version,
			Comment: "+https://registry.terraform.io/providers/lambda-async/awslambda",
		},
	}, useragent.FromSlice(products)...)
}

// metadataServiceState converts skip_metadata_api_check.
func metadataServiceState(skip string) imds.ClientEnableState {
	disabled, err := strconv.ParseBool(skip)
	switch {
	case err != nil:
		return imds.ClientDefaultEnableState
	case disabled:
		return imds.ClientDisabled
	default:
		return imds.ClientEnabled
	}
}

// durationValue returns a validated duration, 0 for null.
func durationValue(s types.String) time.Duration {
	d, _ := time.ParseDuration(s.ValueString())
	return d
}

// intValue returns a validated number, 0 for null.
func intValue(n types.Number) int {
	if n.IsNull() {
		return 0
	}
	i, _ := n.ValueBigFloat().Int64()
	return int(i)
}
