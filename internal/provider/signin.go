// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
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
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// connections is how many idle connections to the API are kept. Each of
// Terraform's concurrent operations has at most one, and 50 at a time is what
// large configurations are run with.
const connections = 64

// settings returns what aws-sdk-go-base is to be asked for.
func (b block) settings(ctx context.Context, at endpoints, diags *diag.Diagnostics) awsbase.Config {
	settings := awsbase.Config{
		CallerName: "the awslambda provider",
		// What an error about missing credentials refers to.
		CallerDocumentationURL: "https://registry.terraform.io/providers/lambda-async/awslambda/latest/docs",

		AccessKey:                      b.AccessKey.ValueString(),
		AllowedAccountIds:              elements[string](ctx, b.AllowedAccountIDs, diags),
		CustomCABundle:                 b.CustomCABundle.ValueString(),
		EC2MetadataServiceEnableState:  metadataService(b.SkipMetadataAPICheck.ValueString()),
		EC2MetadataServiceEndpoint:     b.EC2MetadataServiceEndpoint.ValueString(),
		EC2MetadataServiceEndpointMode: b.EC2MetadataServiceEndpointMode.ValueString(),
		ForbiddenAccountIds:            elements[string](ctx, b.ForbiddenAccountIDs, diags),
		HTTPProxy:                      b.HTTPProxy.ValueStringPointer(),
		HTTPSProxy:                     b.HTTPSProxy.ValueStringPointer(),
		HTTPProxyMode:                  awsbase.HTTPProxyModeLegacy, // as hashicorp/aws has it
		Insecure:                       b.Insecure.ValueBool(),
		MaxRetries:                     integer(b.MaxRetries),
		NoProxy:                        b.NoProxy.ValueString(),
		Profile:                        b.Profile.ValueString(),
		Region:                         b.Region.ValueString(),
		RetryMode:                      aws.RetryMode(strings.ToLower(b.RetryMode.ValueString())),
		SecretKey:                      b.SecretKey.ValueString(),
		SharedConfigFiles:              elements[string](ctx, b.SharedConfigFiles, diags),
		SharedCredentialsFiles:         elements[string](ctx, b.SharedCredentialsFiles, diags),
		SsoEndpoint:                    at.SSO.ValueString(),
		StsEndpoint:                    at.STS.ValueString(),
		StsRegion:                      b.STSRegion.ValueString(),
		Token:                          b.Token.ValueString(),
		TokenBucketRateLimiterCapacity: integer(b.TokenBucketRateLimiterCapacity),
		UseDualStackEndpoint:           b.UseDualstackEndpoint.ValueBool(),
		UseFIPSEndpoint:                b.UseFIPSEndpoint.ValueBool(),

		SkipCredsValidation: true,
		SuppressDebugLog:    true, // it would print tokens
	}
	if settings.HTTPSProxy == nil && os.Getenv("HTTPS_PROXY") == "" && os.Getenv("https_proxy") == "" {
		// What legacy means, without the warning, which would print a password.
		settings.HTTPSProxy = settings.HTTPProxy
	}
	roles := elements[assumeRole](ctx, b.AssumeRole, diags)
	for i, role := range roles {
		if role.RoleARN.ValueString() == "" {
			if len(roles) > 1 { // alone, an empty block is none, as in hashicorp/aws
				diags.AddAttributeError(path.Root("assume_role").AtListIndex(i).AtName("role_arn"), "Missing role", fmt.Sprintf(
					"assume_role[%d].role_arn is empty. In a chain of roles it would be left out unnoticed: give the role, or remove the block.", i))
			}
			continue
		}
		tags := map[string]string{}
		diags.Append(role.Tags.ElementsAs(ctx, &tags, false)...)
		settings.AssumeRole = append(settings.AssumeRole, awsbase.AssumeRole{
			RoleARN:           role.RoleARN.ValueString(),
			Duration:          duration(role.Duration),
			ExternalID:        role.ExternalID.ValueString(),
			Policy:            role.Policy.ValueString(),
			PolicyARNs:        elements[string](ctx, role.PolicyARNs, diags),
			SessionName:       role.SessionName.ValueString(),
			SourceIdentity:    role.SourceIdentity.ValueString(),
			Tags:              tags,
			TransitiveTagKeys: elements[string](ctx, role.TransitiveTagKeys, diags),
		})
	}
	for _, role := range elements[webIdentity](ctx, b.AssumeRoleWithWebIdentity, diags) {
		if role.RoleARN.ValueString()+role.WebIdentityToken.ValueString()+role.WebIdentityTokenFile.ValueString() == "" {
			continue // then the SDK goes by the environment
		}
		at := path.Root("assume_role_with_web_identity").AtListIndex(0)
		settings.AssumeRoleWithWebIdentity = &awsbase.AssumeRoleWithWebIdentity{
			RoleARN:              either(role.RoleARN, "AWS_ROLE_ARN"),
			Duration:             duration(role.Duration),
			Policy:               role.Policy.ValueString(),
			PolicyARNs:           elements[string](ctx, role.PolicyARNs, diags),
			SessionName:          either(role.SessionName, "AWS_ROLE_SESSION_NAME"),
			WebIdentityToken:     role.WebIdentityToken.ValueString(),
			WebIdentityTokenFile: role.WebIdentityTokenFile.ValueString(),
		}
		role := settings.AssumeRoleWithWebIdentity
		if !role.HasValidTokenSource() {
			role.WebIdentityToken = os.Getenv("TF_AWS_WEB_IDENTITY_TOKEN")
		}
		if !role.HasValidTokenSource() {
			role.WebIdentityTokenFile = os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE")
		}
		if !role.HasValidTokenSource() {
			diags.AddAttributeError(at, "Missing web identity token",
				"assume_role_with_web_identity needs a token: set web_identity_token_file or web_identity_token, or AWS_WEB_IDENTITY_TOKEN_FILE in the environment.")
		}
		if role.RoleARN == "" {
			diags.AddAttributeError(at.AtName("role_arn"), "Missing role",
				"assume_role_with_web_identity needs a role: set role_arn, or AWS_ROLE_ARN in the environment.")
		}
	}
	return settings
}

// endpoint returns the endpoints blocks as one; hashicorp/aws takes several.
func (b block) endpoint(ctx context.Context, diags *diag.Diagnostics) endpoints {
	var at endpoints
	for _, e := range elements[endpoints](ctx, b.Endpoints, diags) {
		for to, from := range map[*types.String]types.String{&at.Lambda: e.Lambda, &at.SSO: e.SSO, &at.STS: e.STS} {
			if from.ValueString() != "" {
				*to = from
			}
		}
	}
	return at
}

// signIn turns settings into the SDK's configuration, without a network call
// unless the settings limit the accounts: aws-sdk-go-base, which would
// retrieve the credentials at once, is given placeholders, and asked again
// with the real settings when a call needs to be signed.
func signIn(ctx context.Context, settings awsbase.Config, secrets *redact.Secrets, checkRegion bool) (aws.Config, diag.Diagnostics) {
	var diags diag.Diagnostics
	placeholder := settings
	placeholder.AccessKey, placeholder.SecretKey, placeholder.Token = "placeholder", "placeholder", ""
	placeholder.AssumeRole, placeholder.AssumeRoleWithWebIdentity = nil, nil
	_, cfg, found := awsbase.GetAwsConfig(ctx, &placeholder)
	if missing := missingProfile(found); missing != "" {
		diags.AddAttributeError(path.Root("profile"), "Profile not found", fmt.Sprintf(
			"None of the shared configuration and credentials files has a profile %q. Correct profile or AWS_PROFILE, or say where "+
				"the files are with shared_config_files and shared_credentials_files.", missing))
		return aws.Config{}, diags
	}
	if add(&diags, found, secrets); diags.HasError() {
		return aws.Config{}, diags
	}
	addEndpoints(&settings, cfg)
	checkEndpoint("STS", "sts", settings.StsEndpoint, &diags)
	checkEndpoint("SSO", "sso", settings.SsoEndpoint, &diags)
	if diags.HasError() {
		return aws.Config{}, diags
	}
	cfg.Credentials = aws.NewCredentialsCache(newRetriever(settings, cfg, secrets))
	if client, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = lambdaapi.NewHTTPClient(client.WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = connections }))
	}

	if checkRegion && cfg.Region != "" {
		if problem := regionProblem(cfg.Region); problem != "" {
			diags.AddAttributeError(path.Root("region"), "Unknown region", problem)
			return aws.Config{}, diags
		}
	}
	diags.Append(checkAccount(ctx, cfg, settings, secrets)...)
	return cfg, diags
}

// addEndpoints completes settings with the endpoints of STS and SSO that the
// environment or the profile gives. The SDK resolves credentials before it
// resolves AWS_ENDPOINT_URL and the profile's endpoint_url, and refuses any
// endpoint with FIPS or dual-stack, except one from these settings.
func addEndpoints(settings *awsbase.Config, cfg aws.Config) {
	if settings.StsEndpoint == "" {
		settings.StsEndpoint = aws.ToString(sts.NewFromConfig(cfg).Options().BaseEndpoint)
	}
	if settings.SsoEndpoint == "" {
		settings.SsoEndpoint = aws.ToString(sso.NewFromConfig(cfg).Options().BaseEndpoint)
	}
}

// accountTime limits the call that checkAccount makes: configuring a provider
// has no timeout of its own.
var accountTime = 30 * time.Second

// checkAccount makes the one call that answers whether the account is allowed,
// where the settings limit the accounts. (aws-sdk-go-base can be asked for the
// account as well, but then all of IAM is linked.)
func checkAccount(ctx context.Context, cfg aws.Config, settings awsbase.Config, secrets *redact.Secrets) (diags diag.Diagnostics) {
	if len(settings.AllowedAccountIds)+len(settings.ForbiddenAccountIds) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, accountTime)
	defer cancel()
	identity, err := sts.NewFromConfig(cfg, func(o *sts.Options) {
		if settings.StsRegion != "" {
			o.Region = settings.StsRegion
		}
		if settings.StsEndpoint != "" {
			o.BaseEndpoint = aws.String(settings.StsEndpoint)
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled // the SDK refuses them with an endpoint
			o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
		}
	}).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err == nil && aws.ToString(identity.Account) == "" {
		err = errors.New("the answer names no account")
	}
	if err != nil {
		reason := excerpt(secrets, err.Error())
		if failed, ok := errors.AsType[*lambdaapi.CredentialsError](err); ok {
			reason = failed.Error()
		} else if ctx.Err() != nil {
			reason = fmt.Sprintf("STS, or the service of the credentials, did not respond within %.0f seconds.", accountTime.Seconds())
		}
		diags.AddError("Cannot find out the account", fmt.Sprintf(
			"allowed_account_ids and forbidden_account_ids need to know which account the credentials belong to, and asking STS failed:\n%s\n\n"+
				"Check the credentials that the provider signs in with, sts_region, and the endpoint of STS.", reason))
		return diags
	}
	account := secrets.Excerpt(aws.ToString(identity.Account))
	if settings.VerifyAccountIDAllowed(account) == nil {
		return diags
	}
	at, rule := "allowed_account_ids", fmt.Sprintf("is not among the allowed ones: %s", strings.Join(settings.AllowedAccountIds, ", "))
	if slices.Contains(settings.ForbiddenAccountIds, account) {
		at, rule = "forbidden_account_ids", "is forbidden"
	}
	diags.AddAttributeError(path.Root(at), "Account not allowed", fmt.Sprintf(
		"The credentials belong to the account %s, which %s. Sign in to another account, or change %s.", account, rule, at))
	return diags
}

// missingProfile returns the name of the profile that is not there, empty for
// any other outcome.
func missingProfile(found basediag.Diagnostics) string {
	for _, d := range found {
		var missing config.SharedConfigProfileNotExistError
		if e, ok := d.(basediag.DiagnosticWithErr); ok && errors.As(e.Err(), &missing) {
			return missing.Profile
		}
	}
	return ""
}

// processOutput is how the SDK quotes what a credential_process printed.
var processOutput = regexp.MustCompile(`(?s)parse failed of process output: .*`)

// excerpt returns an excerpt of a text of the SDK, without secrets. What a
// credential_process printed is one whatever it is.
func excerpt(secrets *redact.Secrets, s string) string {
	return secrets.Excerpt(processOutput.ReplaceAllString(s, "credential_process printed something else than the JSON that it must print (not shown)"))
}

// add takes over the diagnostics of aws-sdk-go-base.
func add(diags *diag.Diagnostics, found basediag.Diagnostics, secrets *redact.Secrets) {
	for _, d := range found {
		if d.Severity() == basediag.SeverityError {
			diags.AddError(excerpt(secrets, d.Summary()), excerpt(secrets, d.Detail()))
		} else {
			diags.AddWarning(excerpt(secrets, d.Summary()), excerpt(secrets, d.Detail()))
		}
	}
}

// userAgent names the provider and the CLI to the service, and what the user
// adds.
func (p *awslambda) userAgent(terraformVersion string, products []string) awsbase.UserAgentProducts {
	return append(awsbase.UserAgentProducts{
		{Name: "Terraform", Version: terraformVersion}, // OpenTofu says that it is one
		{Name: "terraform-provider-awslambda", Version: p.version, Comment: "+https://registry.terraform.io/providers/lambda-async/awslambda"},
	}, useragent.FromSlice(products)...)
}

// metadataService turns skip_metadata_api_check into what the SDK is told.
func metadataService(skip string) imds.ClientEnableState {
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

// duration is a duration that has passed durationRule; 0 for none.
func duration(s types.String) time.Duration {
	d, _ := time.ParseDuration(s.ValueString())
	return d
}

// integer is a number that has passed its validator; 0 for none.
func integer(n types.Number) int {
	if n.IsNull() {
		return 0
	}
	i, _ := n.ValueBigFloat().Int64()
	return int(i)
}

// either is the argument, or the environment variable where that is not set.
func either(argument types.String, variable string) string {
	if s := argument.ValueString(); s != "" {
		return s
	}
	return os.Getenv(variable)
}

// elements returns the elements of a list or set.
func elements[T any](ctx context.Context, collection interface {
	attr.Value
	ElementsAs(ctx context.Context, target any, allowUnhandled bool) diag.Diagnostics
}, diags *diag.Diagnostics) []T {
	if collection.IsNull() {
		return nil
	}
	var all []T
	diags.Append(collection.ElementsAs(ctx, &all, false)...)
	return all
}
