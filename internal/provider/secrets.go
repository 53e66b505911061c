// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"encoding/json"
	"net/http/httptrace"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"

	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// addSecrets adds the secrets of a provider block and of the environment.
func addSecrets(secrets *redact.Secrets, settings awsbase.Config, at endpoints) {
	secrets.Add(settings.SecretKey, settings.Token)
	for _, role := range settings.AssumeRole {
		secrets.Add(role.ExternalID, role.Policy)
	}
	if role := settings.AssumeRoleWithWebIdentity; role != nil {
		secrets.Add(role.WebIdentityToken, role.Policy)
	}
	for _, proxy := range []*string{settings.HTTPProxy, settings.HTTPSProxy} {
		if proxy != nil {
			secrets.AddURL(*proxy)
		}
	}
	secrets.AddURL(settings.EC2MetadataServiceEndpoint, at.Lambda.ValueString(), at.SSO.ValueString(), at.STS.ValueString())
	for _, entry := range os.Environ() {
		switch name, value, _ := strings.Cut(entry, "="); strings.ToUpper(name) {
		case "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN", "TF_AWS_WEB_IDENTITY_TOKEN":
			secrets.Add(value)
		case "HTTP_PROXY", "HTTPS_PROXY", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_METADATA_URL":
			secrets.AddURL(value)
		default:
			if strings.HasPrefix(name, "AWS_ENDPOINT_URL") {
				secrets.AddURL(value)
			}
		}
	}
}

// addSecrets adds the secrets of the profile, and those that files hold, which
// may change.
func (r *retriever) addSecrets() {
	files := []string{os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")}
	if role := r.settings.AssumeRoleWithWebIdentity; role != nil {
		if token, err := role.GetIdentityToken(); err == nil { // which expands "~" in the name of the file
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
		if content, err := os.ReadFile(file); err == nil { //nolint:gosec // the SDK reads it, too, and has the error
			r.secrets.Add(string(content))
		}
	}
}

// addSSO adds the tokens of a profile's SSO session.
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
	content, err := os.ReadFile(file) //nolint:gosec // as the SDK
	if err != nil {
		return
	}
	var session struct{ AccessToken, RefreshToken, ClientSecret string }
	if json.Unmarshal(content, &session) == nil {
		r.secrets.Add(session.AccessToken, session.RefreshToken, session.ClientSecret)
	}
}

// traceSecrets returns a trace that adds the credentials of every request, such
// as those of the roles in the middle of a chain, which only the SDK has.
func traceSecrets(secrets *redact.Secrets) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{WroteHeaderField: func(key string, values []string) {
		switch strings.ToLower(key) {
		case "x-amz-security-token", "x-amz-sso_bearer_token", "x-aws-ec2-metadata-token":
			secrets.Add(values...)
		case "authorization":
			if len(values) == 1 && !strings.HasPrefix(values[0], "AWS4-") { // a container's token
				secrets.Add(values...)
			}
		}
	}}
}
