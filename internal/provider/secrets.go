// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"

	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// addSecrets adds the secrets of a provider block and of the environment.
func addSecrets(secrets *redact.Secrets, base awsbase.Config, endpoints endpointsModel) {
	secrets.Add(base.SecretKey, base.Token)
	for _, role := range base.AssumeRole {
		secrets.Add(role.ExternalID, role.Policy)
	}
	if role := base.AssumeRoleWithWebIdentity; role != nil {
		secrets.Add(role.WebIdentityToken, role.Policy)
	}
	secrets.AddURL(aws.ToString(base.HTTPProxy), aws.ToString(base.HTTPSProxy), base.EC2MetadataServiceEndpoint,
		endpoints.Lambda.ValueString(), endpoints.SSO.ValueString(), endpoints.STS.ValueString())
	for _, entry := range os.Environ() {
		switch name, value, _ := strings.Cut(entry, "="); strings.ToUpper(name) {
		case "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
			"TF_AWS_WEB_IDENTITY_TOKEN":
			secrets.Add(value)
		case "HTTP_PROXY", "HTTPS_PROXY", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT",
			"AWS_METADATA_URL":
			secrets.AddURL(value)
		default:
			if strings.HasPrefix(name, "AWS_ENDPOINT_URL") {
				secrets.AddURL(value)
			}
		}
	}
}

// addSecrets adds the secrets in the profile and in files. The files may have
// changed since the last retrieval.
func (r *retriever) addSecrets() {
	files := []string{os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")}
	if role := r.base.AssumeRoleWithWebIdentity; role != nil {
		if token, err := role.GetIdentityToken(); err == nil {
			r.secrets.Add(string(token))
		}
	}
	for profile := r.profile; profile != nil; profile = profile.Source {
		r.secrets.Add(profile.Credentials.SecretAccessKey, profile.Credentials.SessionToken, profile.ExternalID)
		r.secrets.AddURL(profile.BaseEndpoint, profile.EC2IMDSEndpoint)
		files = append(files, profile.WebIdentityTokenFile)
		r.addSSO(profile)
	}
	for _, file := range files {
		if content, err := os.ReadFile(file); err == nil { //nolint:gosec // The SDK also reads it.
			r.secrets.Add(string(content))
		}
	}
}

// addSSO adds the cached tokens of a profile's SSO session.
func (r *retriever) addSSO(profile *config.SharedConfig) {
	if !hasSSO(profile) {
		return
	}
	key := profile.SSOStartURL
	if profile.SSOSession != nil {
		key = profile.SSOSession.Name
	}
	file, err := ssocreds.StandardCachedTokenFilepath(key)
	if err != nil {
		return
	}
	content, err := os.ReadFile(file) //nolint:gosec // The SDK also reads it.
	if err != nil {
		return
	}
	var session struct{ AccessToken, RefreshToken, ClientSecret string }
	if json.Unmarshal(content, &session) == nil {
		r.secrets.Add(session.AccessToken, session.RefreshToken, session.ClientSecret)
	}
}
