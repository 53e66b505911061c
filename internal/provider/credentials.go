// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"
	awsbase "github.com/hashicorp/aws-sdk-go-base/v2"
	basediag "github.com/hashicorp/aws-sdk-go-base/v2/diag"

	"github.com/lambda-async/terraform-provider-awslambda/internal/lambdaapi"
	"github.com/lambda-async/terraform-provider-awslambda/internal/redact"
)

// retrievalTimeout limits one retrieval of credentials, so that a service that
// does not respond does not use up the timeout of the operation. It exceeds the
// minute that the SDK allows a credential_process.
const retrievalTimeout = 90 * time.Second

// missingTTL is how long a retriever returns the error of a retrieval that found
// no credentials. To find that there is no metadata service can take seconds.
var missingTTL = time.Minute

// retriever retrieves credentials when a call requires them. Its errors are
// [*lambdaapi.CredentialsError]. Its methods may be called concurrently.
type retriever struct {
	base    awsbase.Config
	profile *config.SharedConfig // nil without a profile
	secrets *redact.Secrets

	succeeded atomic.Bool                        // whether any retrieval succeeded
	missing   atomic.Pointer[missingCredentials] // of the last retrieval, nil for another result
}

// missingCredentials is the result of a retrieval without any source of
// credentials. It expires, because a long-lived provider may get credentials.
type missingCredentials struct {
	err   *lambdaapi.CredentialsError
	until time.Time
}

// newRetriever returns a retriever for base and the profile of cfg.
func newRetriever(base awsbase.Config, cfg aws.Config, secrets *redact.Secrets) *retriever {
	r := &retriever{base: base, secrets: secrets}
	for _, source := range cfg.ConfigSources {
		if profile, ok := source.(config.SharedConfig); ok {
			r.profile = &profile
		}
	}
	return r
}

// Retrieve implements [aws.CredentialsProvider].
func (r *retriever) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if missing := r.missing.Load(); missing != nil && time.Now().Before(missing.until) {
		return aws.Credentials{}, missing.err
	}
	ctx, cancel := context.WithTimeout(ctx, retrievalTimeout)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.addSecrets()
	trace := retrievalTrace{secrets: r.secrets, stop: stop}
	ctx = httptrace.WithClientTrace(ctx, trace.hooks())
	_, cfg, diags := awsbase.GetAwsConfig(ctx, &r.base)
	if !diags.HasError() {
		credentials, err := cfg.Credentials.Retrieve(ctx)
		if err == nil {
			r.succeeded.Store(true)
			r.secrets.Add(credentials.SecretAccessKey, credentials.SessionToken)
			return credentials, nil
		}
		diags = diags.AddSimpleError(err)
	}
	if redirect, ok := errors.AsType[*lambdaapi.RedirectError](context.Cause(ctx)); ok {
		return aws.Credentials{}, &lambdaapi.CredentialsError{
			Summary: cannotRetrieve,
			Detail: fmt.Sprintf("The service of the credentials (SSO, the container's credentials or the metadata service) "+
				"responded with %s. Check the endpoint of the service, and any proxy.", redirect),
			Err: redirect,
		}
	}
	return aws.Credentials{}, r.newError(diags, ctx.Err() != nil, trace.hasReachedService())
}

const cannotRetrieve = "The provider cannot retrieve credentials"

// retrievalTrace observes the HTTP requests of one retrieval. aws-sdk-go-base
// makes the HTTP clients of a retrieval, so that only a trace can change them.
type retrievalTrace struct {
	secrets *redact.Secrets
	stop    context.CancelCauseFunc

	mu      sync.Mutex
	dialed  string // host and port
	conn    net.Conn
	host    string // of the request
	reached bool
}

// hasReachedService reports whether a request was sent to its host without a
// proxy. A proxy also responds for a metadata service that does not exist.
func (r *retrievalTrace) hasReachedService() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reached
}

// hooks returns a trace that adds the credentials in the headers of requests to
// the secrets: only the SDK has the credentials of the first roles of a chain.
//
// The trace also rejects redirects. The SDK's HTTP client follows a 307 or 308 of
// a request without a body, without end and with the tokens of SSO or the
// metadata service. Only a request that follows a redirect has a Referer header.
// The trace then closes the connection before the header is sent, and stops the
// retrieval with a [*lambdaapi.RedirectError].
func (r *retrievalTrace) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(hostPort string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.dialed = hostPort
		},
		GotConn: func(info httptrace.GotConnInfo) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.conn = info.Conn
		},
		WroteHeaderField: func(key string, values []string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			switch strings.ToLower(key) {
			case "host", ":authority":
				r.host = strings.Join(values, "")
				r.reached = r.reached || hostname(r.host) == hostname(r.dialed)
			case "referer":
				_ = r.conn.Close()
				r.stop(&lambdaapi.RedirectError{Host: r.host})
			case "x-amz-security-token", "x-amz-sso_bearer_token", "x-aws-ec2-metadata-token":
				r.secrets.Add(values...)
			case "authorization":
				if len(values) == 1 && !strings.HasPrefix(values[0], "AWS4-") { // the token of a container
					r.secrets.Add(values...)
				}
			}
		},
	}
}

// hostname returns the host of an address with or without a port.
func hostname(hostPort string) string { return (&url.URL{Host: hostPort}).Hostname() }

// newError returns the error for diagnostics of aws-sdk-go-base. Reached is
// whether any service was reached without a proxy.
func (r *retriever) newError(diags basediag.Diagnostics, timedOut, reached bool) *lambdaapi.CredentialsError {
	failed := &lambdaapi.CredentialsError{}
	var details []string
	for _, d := range diags.Errors() {
		if e, ok := d.(basediag.DiagnosticWithErr); ok {
			failed.Err = errors.Join(failed.Err, e.Err())
		}
		if failed.Summary == "" && d.Detail() != "" {
			failed.Summary = excerpt(r.secrets, d.Summary())
			details = append(details, excerpt(r.secrets, strings.TrimSpace(d.Detail())))
		} else {
			details = append(details, excerpt(r.secrets, strings.TrimSpace(d.Summary()+"\n"+d.Detail())))
		}
	}
	cause := failed.Err
	failed.Transient = timedOut || r.isTransient(cause, reached)
	if timedOut {
		failed.Err = nil // otherwise the SDK takes the deadline for a canceled call
		details = append(details,
			fmt.Sprintf("No credentials were received within %.0f seconds.", retrievalTimeout.Seconds()))
	}
	switch ssoProfile, mfaProfile := r.findProfile(hasSSO), r.findProfile(hasMFA); {
	case !failed.Transient && ssoProfile != nil && isSSOSessionInvalid(cause):
		failed.Summary = fmt.Sprintf("The SSO session of the profile %q is missing or has expired", ssoProfile.Profile)
		details = []string{fmt.Sprintf("Start a session, and run the command again:\n\n  aws sso login --profile %s\n\n%s",
			shellWord(ssoProfile.Profile), excerpt(r.secrets, cause.Error()))}
	case mfaProfile != nil && errors.As(cause, &config.AssumeRoleTokenProviderNotSetError{}):
		failed.Summary = fmt.Sprintf("The profile %q requires an MFA code", mfaProfile.Profile)
		details = []string{mfaDetail(mfaProfile, r.base.Profile != "")}
	case awsbase.ContainsNoValidCredentialSourcesError(diags):
		details = append(details, "Tried in this order: "+strings.Join(credentialSources(r.base), "; ")+".")
		if isMetadataError(cause) && !failed.Transient {
			failed.Err = nil // the SDK would retry the error of a metadata service that does not exist
			if !r.succeeded.Load() {
				defer r.missing.Store(&missingCredentials{failed, time.Now().Add(missingTTL)})
			}
		}
	case failed.Summary == "":
		failed.Summary = cannotRetrieve
	}
	failed.Detail = strings.Join(details, "\n\n")
	return failed
}

// isTransient reports whether a retry of the retrieval may succeed.
func (r *retriever) isTransient(err error, reached bool) bool {
	if isMetadataError(err) {
		if !reached { // the machine is no instance, unless a retrieval succeeded before
			return r.succeeded.Load()
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return true // a timeout of the SDK, which hides the response of the service
		}
	}
	var response interface{ HTTPStatusCode() int }
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary ||
		errors.As(err, &response) && response.HTTPStatusCode() == http.StatusTooManyRequests
}

// isMetadataError reports whether err is an error of the instance metadata
// service, which is the last source of credentials.
func isMetadataError(err error) bool { return failedService(err) == imds.ServiceID }

// failedService returns the ID of the service that failed, or the empty string.
// If STS was not called because SSO failed, it returns the ID of SSO.
func failedService(err error) (id string) {
	for {
		operation, ok := errors.AsType[*smithy.OperationError](err)
		if !ok {
			return id
		}
		id, err = operation.ServiceID, operation.Err
	}
}

// isSSOSessionInvalid reports whether err means that an SSO session has no valid
// token.
func isSSOSessionInvalid(err error) bool {
	status := 0
	if response := (interface{ HTTPStatusCode() int })(nil); errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch failedService(err) {
	case "SSO": // rejects the token
		return status == http.StatusUnauthorized
	case "SSO OIDC": // does not renew the token
		return status >= http.StatusBadRequest && status < http.StatusInternalServerError
	}
	_, ok := errors.AsType[*ssocreds.InvalidTokenError](err)
	// The SDK has no type for the error of an sso_session.
	return ok || err != nil && strings.Contains(err.Error(), "cached SSO token")
}

// findProfile returns the first matching profile, or nil. It starts with the
// profile in use and follows source_profile.
func (r *retriever) findProfile(matches func(*config.SharedConfig) bool) *config.SharedConfig {
	for profile := r.profile; profile != nil; profile = profile.Source {
		if matches(profile) {
			return profile
		}
	}
	return nil
}

func hasSSO(p *config.SharedConfig) bool { return p.SSOSession != nil || p.SSOStartURL != "" }
func hasMFA(p *config.SharedConfig) bool { return p.MFASerial != "" }

// mfaDetail returns the detail of the error for a profile that requires an MFA
// code. IsArgument is whether the provider block names a profile.
func mfaDetail(profile *config.SharedConfig, isArgument bool) string {
	detail := fmt.Sprintf("The role %s has mfa_serial = %s, and the provider cannot prompt for an MFA code. "+
		"Export credentials with the AWS CLI, which prompts for the code, and run Terraform with them (on Windows with "+
		"--format powershell):\n\n  eval \"$(aws configure export-credentials --profile %s --format env)\"\n\n",
		profile.RoleARN, profile.MFASerial, shellWord(profile.Profile))
	if isArgument {
		detail += "Remove profile from the provider block, because it takes precedence over these environment variables. "
	}
	return detail + "Or use a profile without mfa_serial."
}

// shellWord quotes s, if necessary, as one word of a command line.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t'\"$`\\&|;<>()*?") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// credentialSources returns the sources of credentials in the order of the search.
// templates/index.md.tmpl documents them.
func credentialSources(base awsbase.Config) []string {
	sources := []string{"access_key and secret_key of the provider block"}
	if base.AssumeRoleWithWebIdentity != nil {
		return append(sources, "assume_role_with_web_identity of the provider block")
	}
	profile := base.Profile
	if profile == "" {
		sources = append(sources, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
			"AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN in the environment")
		profile = cmp.Or(os.Getenv("AWS_PROFILE"), "default")
	}
	return append(sources,
		fmt.Sprintf("the profile %q of the shared config and credentials files (keys, SSO, credential_process, roles)",
			profile),
		"the container's credentials (AWS_CONTAINER_CREDENTIALS_*)", "the instance metadata service")
}
