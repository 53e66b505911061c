// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/sha1" //nolint:gosec // how the SDK names the file of an SSO token
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	"github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// services starts one server that is Lambda, STS and SSO, and returns a list of
// the services that were called.
func services(t *testing.T) (url string, called *asked) {
	called = &asked{}
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	stsHandler, _ := stsHandler()
	ssoHandler := ssoHandler()
	return server(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/2019-09-25/"):
			called.add("lambda")
			api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/federation/"):
			called.add("sso")
			ssoHandler(w, r)
		default:
			called.add("sts")
			stsHandler(w, r)
		}
	}), called
}

// refuseOthers sets a proxy that refuses every request that leaves the machine,
// and returns their hosts.
func refuseOthers(t *testing.T) *asked {
	refused := &asked{}
	proxy := server(t, func(w http.ResponseWriter, r *http.Request) {
		refused.add("%s", r.Host)
		w.WriteHeader(http.StatusForbidden)
	})
	t.Setenv("HTTPS_PROXY", proxy)
	t.Setenv("HTTP_PROXY", proxy)
	return refused
}

// ssoHome makes a home directory with a valid token of an SSO session.
func ssoHome(t *testing.T) string { return ssoHomeUntil(t, time.Now().Add(time.Hour)) }

// ssoHomeUntil makes a home directory with tokens of the SSO session "corp" and
// of the start URL that a profile without a session has.
func ssoHomeUntil(t *testing.T, expires time.Time) string {
	home := t.TempDir()
	cache := filepath.Join(home, ".aws", "sso", "cache")
	cached := fmt.Sprintf(`{"startUrl": "https://sso.test/start", "region": "us-east-1", "accessToken": "sso-token", "expiresAt": %q}`,
		expires.UTC().Format(time.RFC3339))
	err := os.MkdirAll(cache, 0o700)
	for _, key := range []string{"https://sso.test/start", "corp"} {
		name := sha1.Sum([]byte(key)) //nolint:gosec // see above
		err = errors.Join(err, os.WriteFile(filepath.Join(cache, hex.EncodeToString(name[:])+".json"), []byte(cached), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return home
}

// readF configures a provider with a block, as of [providerBlock], and reads the
// configuration of the function f. It returns the errors; there always is one,
// because f has none.
func readF(t *testing.T, block map[string]any) []string {
	t.Helper()
	s, errs := configure(t, block)
	if len(errs) > 0 {
		return errs
	}
	return readWith(t, s)
}

// configure configures a provider with a block, as of [providerBlock], and
// returns its server and the errors.
func configure(t *testing.T, block map[string]any) (s tfprotov6.ProviderServer, errs []string) {
	t.Helper()
	s = serve.Server(provider.New("test"))()
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := s.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: providerBlock(t, schemas.Provider, block)})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range configured.Diagnostics {
		if isError(d) {
			errs = append(errs, d.Summary+"\n"+d.Detail)
		}
	}
	return s, errs
}

// readWith reads the data source of the function f with a configured provider.
func readWith(t *testing.T, s tfprotov6.ProviderServer) (texts []string) {
	t.Helper()
	schemas, err := s.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	read, err := s.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: acctest.Type,
		Config: acctest.Object(t, schemas.DataSourceSchemas[acctest.Type].ValueType(), map[string]tftypes.Value{
			"function_name": tftypes.NewValue(tftypes.String, "f"),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range read.Diagnostics {
		texts = append(texts, d.Summary+"\n"+d.Detail)
	}
	return texts
}

func isError(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }

// providerBlock makes the configuration of a provider of Go values: strings,
// bools, lists of strings, and blocks as a map.
func providerBlock(t *testing.T, schema *tfprotov6.Schema, values map[string]any) *tfprotov6.DynamicValue {
	t.Helper()
	attributes := map[string]tftypes.Value{}
	types := schema.ValueType().(tftypes.Object).AttributeTypes
	for name, v := range values {
		attributes[name] = valueOf(types[name], v)
	}
	return acctest.Object(t, schema.ValueType(), attributes)
}

// valueOf returns v as a value of a type. A map is one block of a set or list.
func valueOf(as tftypes.Type, v any) tftypes.Value {
	switch v := v.(type) {
	case []string:
		var elements []tftypes.Value
		for _, e := range v {
			elements = append(elements, tftypes.NewValue(tftypes.String, e))
		}
		return tftypes.NewValue(as, elements)
	case map[string]string:
		var element tftypes.Object
		if list, ok := as.(tftypes.List); ok {
			element = list.ElementType.(tftypes.Object)
		} else {
			element = as.(tftypes.Set).ElementType.(tftypes.Object)
		}
		attributes := map[string]tftypes.Value{}
		for name, of := range element.AttributeTypes {
			attributes[name] = tftypes.NewValue(of, nil)
			if s, ok := v[name]; ok {
				attributes[name] = tftypes.NewValue(of, s)
			}
		}
		return tftypes.NewValue(as, []tftypes.Value{tftypes.NewValue(element, attributes)})
	default:
		return tftypes.NewValue(as, v)
	}
}

// endpointSources gives the endpoint of one service in each way there is.
var endpointSources = map[string]func(t *testing.T, s *settings, service, url string){
	"endpoints block": func(_ *testing.T, s *settings, service, url string) { s.endpoints[service] = url },
	"AWS_ENDPOINT_URL": func(t *testing.T, _ *settings, _, url string) { //nolint:thelper // is none
		t.Setenv("AWS_ENDPOINT_URL", url)
	},
	"AWS_ENDPOINT_URL_SERVICE": func(t *testing.T, _ *settings, service, url string) { //nolint:thelper // is none
		t.Setenv("AWS_ENDPOINT_URL_"+strings.ToUpper(service), url)
	},
	"endpoint_url of the profile": func(_ *testing.T, s *settings, _, url string) { s.profile += "endpoint_url = " + url + "\n" },
	"services of the profile": func(_ *testing.T, s *settings, service, url string) {
		s.profile += "services = here\n"
		s.sections += fmt.Sprintf("[services here]\n%s =\n  endpoint_url = %s\n", service, url)
	},
}

// settings are a provider block and a profile.
type settings struct {
	block             map[string]any
	endpoints         map[string]string
	profile, sections string
}

// TestEndpointIsUsedAsGiven has every source of an endpoint with every source
// of FIPS and dual-stack, for each service and each way of calling it.
func TestEndpointIsUsedAsGiven(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	home := ssoHome(t)
	token := file(t, "token", "web-identity-token")
	role := func(name string) string { return "arn:aws:iam::123456789012:role/" + name }
	variants := map[string]func(t *testing.T, s *settings){
		"none":         func(*testing.T, *settings) {},
		"FIPS block":   func(_ *testing.T, s *settings) { s.block["use_fips_endpoint"] = true },
		"FIPS env":     func(t *testing.T, _ *settings) { t.Setenv("AWS_USE_FIPS_ENDPOINT", "true") }, //nolint:thelper // is none
		"FIPS profile": func(_ *testing.T, s *settings) { s.profile += "use_fips_endpoint = true\n" },
		"dual block":   func(_ *testing.T, s *settings) { s.block["use_dualstack_endpoint"] = true },
		"dual env":     func(t *testing.T, _ *settings) { t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", "true") }, //nolint:thelper // is none
		"dual profile": func(_ *testing.T, s *settings) { s.profile += "use_dualstack_endpoint = true\n" },
		"both, block, env": func(t *testing.T, s *settings) {
			s.block["use_fips_endpoint"] = true
			t.Setenv("AWS_USE_DUALSTACK_ENDPOINT", "true")
		}, //nolint:thelper // is none
	}
	const profileKeys = "aws_access_key_id = of-profile\naws_secret_access_key = s\n"
	for chain, test := range map[string]struct {
		service string
		set     func(t *testing.T, s *settings)
		want    []string
	}{
		"lambda": {"lambda", func(_ *testing.T, s *settings) { s.profile += profileKeys }, nil},
		"role of a profile": {"sts", func(_ *testing.T, s *settings) {
			s.profile += "source_profile = base\nrole_arn = " + role("p") + "\n"
			s.sections += "[profile base]\n" + profileKeys
		}, []string{"sts"}},
		"assume_role": {"sts", func(_ *testing.T, s *settings) {
			s.profile += profileKeys
			s.block["assume_role"] = map[string]string{"role_arn": role("b")}
		}, []string{"sts"}},
		"assume_role with keys of the block": {"sts", func(_ *testing.T, s *settings) {
			s.block["access_key"], s.block["secret_key"] = "of-block", "s"
			s.block["assume_role"] = map[string]string{"role_arn": role("b")}
		}, []string{"sts"}},
		"web identity of the block": {"sts", func(_ *testing.T, s *settings) {
			s.block["assume_role_with_web_identity"] = map[string]string{"role_arn": role("w"), "web_identity_token": "t"}
		}, []string{"sts"}},
		"web identity of the environment": {"sts", func(t *testing.T, _ *settings) { //nolint:thelper // is none
			t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
			t.Setenv("AWS_ROLE_ARN", role("w"))
		}, []string{"sts"}},
		"web identity of the profile": {"sts", func(_ *testing.T, s *settings) {
			s.profile += "web_identity_token_file = " + token + "\nrole_arn = " + role("w") + "\n"
		}, []string{"sts"}},
		"account": {"sts", func(_ *testing.T, s *settings) {
			s.profile += profileKeys
			s.block["allowed_account_ids"] = []string{"123456789012"}
		}, []string{"sts"}},
		"SSO": {"sso", func(_ *testing.T, s *settings) {
			s.profile += "sso_start_url = https://sso.test/start\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n"
		}, []string{"sso"}},
	} {
		for source, give := range endpointSources {
			for variant, vary := range variants {
				t.Run(chain+"/"+source+"/"+variant, func(t *testing.T) {
					url, called := services(t)
					refused := refuseOthers(t)
					s := &settings{block: map[string]any{"region": "us-east-1", "max_retries": 1}, endpoints: map[string]string{}}
					if test.service != "lambda" {
						s.endpoints["lambda"] = url
					}
					test.set(t, s)
					vary(t, s)
					give(t, s, test.service, url)
					s.block["endpoints"] = s.endpoints
					t.Setenv("HOME", home)
					t.Setenv("AWS_CONFIG_FILE", file(t, "config", "[default]\n"+s.profile+s.sections))
					errs := readF(t, s.block)
					if got, want := slices.Compact(called.all()), append(slices.Clone(test.want), "lambda"); !slices.Equal(got, want) || len(refused.all()) != 0 {
						t.Errorf("called %q, want %q; sent elsewhere: %q; %q", got, want, refused.all(), errs)
					}
				})
			}
		}
	}
}

// TestIgnoredEndpoints has the setting that ignores configured endpoints: only
// the block's are used.
func TestIgnoredEndpoints(t *testing.T) {
	acctest.SkipShared(t, "each test configures a provider of its own")
	for name, ignore := range map[string]func(t *testing.T, s *settings){
		"environment": func(t *testing.T, _ *settings) { t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true") }, //nolint:thelper // is none
		"profile":     func(_ *testing.T, s *settings) { s.profile += "ignore_configured_endpoint_urls = true\n" },
	} {
		for source, give := range endpointSources {
			t.Run(name+"/"+source, func(t *testing.T) {
				url, called := services(t)
				refused := refuseOthers(t)
				s := &settings{
					block:     map[string]any{"region": "us-east-1", "max_retries": 1, "access_key": "k", "secret_key": "s", "use_fips_endpoint": true},
					endpoints: map[string]string{},
				}
				ignore(t, s)
				give(t, s, "lambda", url)
				s.block["endpoints"] = s.endpoints
				t.Setenv("AWS_CONFIG_FILE", file(t, "config", "[default]\n"+s.profile+s.sections))
				errs := readF(t, s.block)
				got := append(called.all(), refused.all()...)
				want := "lambda-fips.us-east-1.amazonaws.com:443"
				if source == "endpoints block" {
					want = "lambda"
				}
				if !slices.Equal(slices.Compact(got), []string{want}) {
					t.Errorf("called %q, want %q; %q", got, want, errs)
				}
			})
		}
	}
}
