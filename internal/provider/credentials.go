// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
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

// retrieveTime limits one retrieval of credentials: a service that does not
// respond must not use up the timeout of the operation. A credential_process
// may take one minute.
const retrieveTime = 90 * time.Second

// retriever retrieves the credentials when a call needs them. Its errors are
// [*lambdaapi.CredentialsError].
type retriever struct {
	settings awsbase.Config
	profile  *config.SharedConfig // nil for none
	secrets  *redact.Secrets

	had atomic.Bool // whether any were retrieved

	none atomic.Pointer[noCredentials] // of the last retrieval, nil for another outcome
}

// noCredentials is the result of a retrieval that tried every source. It is kept
// for noneTime, because it can take seconds to find that there is no metadata
// service. A long-lived provider may get credentials later.
type noCredentials struct {
	err   *lambdaapi.CredentialsError
	until time.Time
}

var noneTime = time.Minute

// newRetriever returns a retriever for the settings and the profile of cfg.
func newRetriever(settings awsbase.Config, cfg aws.Config, secrets *redact.Secrets) *retriever {
	r := &retriever{settings: settings, secrets: secrets}
	for _, source := range cfg.ConfigSources {
		if profile, ok := source.(config.SharedConfig); ok {
			r.profile = &profile
		}
	}
	return r
}

// Retrieve implements [aws.CredentialsProvider].
func (r *retriever) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if none := r.none.Load(); none != nil && time.Now().Before(none.until) {
		return aws.Credentials{}, none.err
	}
	ctx, cancel := context.WithTimeout(ctx, retrieveTime)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.addSecrets()
	var reached reachedHosts
	ctx = httptrace.WithClientTrace(httptrace.WithClientTrace(ctx, reached.trace()), traceSecrets(r.secrets))
	ctx = httptrace.WithClientTrace(ctx, refuseRedirects(stop))
	_, cfg, found := awsbase.GetAwsConfig(ctx, &r.settings)
	if !found.HasError() {
		credentials, err := cfg.Credentials.Retrieve(ctx)
		if err == nil {
			r.had.Store(true)
			r.secrets.Add(credentials.SecretAccessKey, credentials.SessionToken)
			return credentials, nil
		}
		found = found.AddSimpleError(err)
	}
	if redirect, ok := errors.AsType[*lambdaapi.RedirectError](context.Cause(ctx)); ok {
		return aws.Credentials{}, &lambdaapi.CredentialsError{
			Summary: "The provider cannot retrieve credentials",
			Detail: fmt.Sprintf("The service of the credentials (SSO, the container's credentials or the metadata service) answered with %s. "+
				"Check the endpoint of that service, and proxies on the way.", redirect),
			Err: redirect,
		}
	}
	return aws.Credentials{}, r.explain(found, ctx.Err() != nil, reached.any.Load())
}

// refuseRedirects returns a trace that closes the connection, and calls stop
// with a [*lambdaapi.RedirectError], before a redirect is followed.
// aws-sdk-go-base makes the HTTP clients of a retrieval, which follow a redirect
// (307 or 308) of a request without a body: without end, and with the tokens of
// SSO and of the metadata service. Only a request that follows a redirect has
// the header Referer.
func refuseRedirects(stop context.CancelCauseFunc) *httptrace.ClientTrace {
	var mu sync.Mutex
	var host string
	var connection net.Conn
	return &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			mu.Lock()
			defer mu.Unlock()
			connection = info.Conn
		},
		WroteHeaderField: func(key string, value []string) {
			mu.Lock()
			defer mu.Unlock()
			switch strings.ToLower(key) {
			case "host", ":authority":
				host = strings.Join(value, "")
			case "referer":
				_ = connection.Close() // with the header still in its buffer
				stop(&lambdaapi.RedirectError{Host: host})
			}
		},
	}
}

// reachedHosts finds out whether any service was connected to, other than
// through a proxy, which answers for a metadata service that does not exist.
type reachedHosts struct {
	dialed atomic.Value // host and port, a string
	any    atomic.Bool
}

func (h *reachedHosts) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(hostPort string) { h.dialed.Store(hostPort) },
		WroteHeaderField: func(key string, value []string) {
			dialed, _ := h.dialed.Load().(string)
			if key == "Host" && len(value) == 1 && hostname(value[0]) == hostname(dialed) {
				h.any.Store(true)
			}
		},
	}
}

// hostname returns the host of a host with or without a port.
func hostname(hostPort string) string { return (&url.URL{Host: hostPort}).Hostname() }

// explain returns the error for diagnostics of aws-sdk-go-base.
func (r *retriever) explain(found basediag.Diagnostics, timedOut, reached bool) *lambdaapi.CredentialsError {
	failed := &lambdaapi.CredentialsError{}
	var details []string
	for _, d := range found.Errors() {
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
		failed.Err = nil // the SDK takes it for a call that was canceled
		details = append(details, fmt.Sprintf("No credentials were received within %.0f seconds.", retrieveTime.Seconds()))
	}
	switch ssoProfile, mfaProfile := r.source(hasSSO), r.source(hasMFA); {
	case !failed.Transient && ssoProfile != nil && isSessionMissing(cause):
		failed.Summary = fmt.Sprintf("The SSO session of the profile %q is missing or has expired", ssoProfile.Profile)
		details = []string{fmt.Sprintf("Start a session, and run the command again:\n\n  aws sso login --profile %s\n\n%s", shellWord(ssoProfile.Profile), excerpt(r.secrets, cause.Error()))}
	case mfaProfile != nil && errors.As(cause, &config.AssumeRoleTokenProviderNotSetError{}):
		failed.Summary = fmt.Sprintf("The profile %q requires an MFA code", mfaProfile.Profile)
		details = []string{mfaDetail(mfaProfile, r.settings.Profile != "")}
	case awsbase.ContainsNoValidCredentialSourcesError(found):
		details = append(details, "Tried in this order: "+strings.Join(sources(r.settings), "; ")+".")
		if isMetadata(cause) && !failed.Transient {
			failed.Err = nil // a metadata service that cannot be reached is none, and not a transient error
			if !r.had.Load() {
				defer r.none.Store(&noCredentials{failed, time.Now().Add(noneTime)})
			}
		}
	case failed.Summary == "":
		failed.Summary = "The provider cannot retrieve credentials"
	}
	failed.Detail = strings.Join(details, "\n\n")
	return failed
}

// isTransient reports whether another retrieval may succeed. Reached is whether
// any service was connected to.
func (r *retriever) isTransient(err error, reached bool) bool {
	if isMetadata(err) {
		if !reached {
			return r.had.Load() // without a first success, this is no instance
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return true // the SDK's own limit, which hides what the service responded
		}
	}
	var response interface{ HTTPStatusCode() int }
	return retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary ||
		errors.As(err, &response) && response.HTTPStatusCode() == http.StatusTooManyRequests
}

// isMetadata reports whether err is about the instance's metadata service,
// which is the last source that is tried.
func isMetadata(err error) bool { return serviceOf(err) == imds.ServiceID }

// serviceOf returns the ID of the service that failed, empty for none: that of
// SSO, if STS could not be called without its credentials.
func serviceOf(err error) (id string) {
	for {
		operation, ok := errors.AsType[*smithy.OperationError](err)
		if !ok {
			return id
		}
		id, err = operation.ServiceID, operation.Err
	}
}

// isSessionMissing reports whether an SSO session has no valid token.
func isSessionMissing(err error) bool {
	status := 0
	if response := (interface{ HTTPStatusCode() int })(nil); errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch serviceOf(err) {
	case "SSO": // which does not accept the token
		return status == http.StatusUnauthorized
	case "SSO OIDC": // which does not renew it
		return status >= http.StatusBadRequest && status < http.StatusInternalServerError
	}
	_, ok := errors.AsType[*ssocreds.InvalidTokenError](err)
	return ok || err != nil && strings.Contains(err.Error(), "cached SSO token") // the SDK has no type for a session's
}

// source returns the first matching profile, nil for none. It starts with the
// profile in use and follows source_profile.
func (r *retriever) source(matches func(*config.SharedConfig) bool) *config.SharedConfig {
	for profile := r.profile; profile != nil; profile = profile.Source {
		if matches(profile) {
			return profile
		}
	}
	return nil
}

func hasSSO(p *config.SharedConfig) bool { return p.SSOSession != nil || p.SSOStartURL != "" }
func hasMFA(p *config.SharedConfig) bool { return p.MFASerial != "" }

// mfaDetail returns the advice for a profile that requires an MFA code.
func mfaDetail(profile *config.SharedConfig, isArgument bool) string {
	detail := fmt.Sprintf("The role %s has mfa_serial = %s, and the provider cannot ask for the code: it has no terminal. "+
		"Let the AWS CLI ask for it, and run Terraform with the credentials that it prints (on Windows with --format powershell):\n\n"+
		"  eval \"$(aws configure export-credentials --profile %s --format env)\"\n\n",
		profile.RoleARN, profile.MFASerial, shellWord(profile.Profile))
	if isArgument {
		detail += "Remove profile from the provider block, because it takes precedence over these environment variables. "
	}
	return detail + "Or use a profile without mfa_serial."
}

// shellWord returns s as one word of a command line.
func shellWord(s string) string {
	if strings.ContainsAny(s, " \t'\"$`\\&|;<>()*?") {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

// sources lists the sources of credentials in the order of the search. The list of
// the documentation is in templates/index.md.tmpl.
func sources(settings awsbase.Config) []string {
	tried := []string{"access_key and secret_key of the provider block"}
	if settings.AssumeRoleWithWebIdentity != nil {
		return append(tried, "assume_role_with_web_identity of the provider block")
	}
	profile := settings.Profile
	if profile == "" {
		tried = append(tried, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment",
			"AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN in the environment")
		if profile = os.Getenv("AWS_PROFILE"); profile == "" {
			profile = "default"
		}
	}
	return append(tried, fmt.Sprintf("the profile %q of the shared configuration and credentials files (keys, SSO, credential_process, roles)", profile),
		"the container's credentials (AWS_CONTAINER_CREDENTIALS_*)", "the instance's metadata service")
}
