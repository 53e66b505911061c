// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package examplestest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestAccounts_providerForEach runs the example of the guide "Large estates" on an
// emulator for each account, and removes an account as its comment says.
func TestAccounts_providerForEach(t *testing.T) {
	if !acctest.CLI.OpenTofu {
		t.Skip("Terraform has no for_each in provider blocks")
	}
	acctest.SkipShared(t, "each account has a provider")
	t.Parallel()
	accounts := map[string]*acctest.API{}
	for _, id := range []string{"111111111111", "222222222222"} {
		accounts[id] = acctest.NewAPI(t, emulator.Options{AccountID: id}, "worker")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		key, _, _ := strings.Cut(scope, "/")
		if api := accounts[key]; api != nil {
			api.ServeHTTP(w, r)
			return
		}
		assumeRole(w, r)
	}))
	t.Cleanup(server.Close)

	tf := acctest.Workspace(t, "")
	apply := func(configuration string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(tf.WorkingDir(), "main.tf"), []byte(configuration), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, api := range accounts {
			api.ClearRequests()
		}
		cmd := acctest.Command(t.Context(), tf, "apply", "-auto-approve", "-no-color")
		cmd.Env = append(cmd.Env, "AWS_ENDPOINT_URL="+server.URL, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	sent := func(account string, want ...string) {
		t.Helper()
		if got := accounts[account].WriteLines(); !slices.Equal(got, want) {
			t.Errorf("account %s: sent %q, want %q", account, got, want)
		}
	}

	configuration := readExample(t, "guides/accounts/main.tf")
	apply(configuration)
	for id := range accounts {
		sent(id, acctest.PutRequest("worker:$LATEST", 21600, 1, "", ""))
	}
	configuration = strings.Replace(configuration, `toset(["orders", "payments"])`, `toset(["orders"])`, 1)
	apply(configuration)
	sent("111111111111")
	sent("222222222222", "Delete worker:$LATEST")
	configuration = strings.Replace(configuration, `payments = "222222222222"`, "", 1)
	apply(configuration)
	sent("111111111111")
}

// assumeRole responds to AssumeRole of STS. The access key is the account of the role.
func assumeRole(w http.ResponseWriter, r *http.Request) {
	arn := strings.Split(r.FormValue("RoleArn"), ":")
	if r.FormValue("Action") != "AssumeRole" || len(arn) != 6 {
		http.Error(w, "not AssumeRole", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	//nolint:gosec // the client is the provider of this test
	_, _ = fmt.Fprintf(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials>`+
		`<AccessKeyId>%s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>`+
		`<Expiration>%s</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
		arn[4], time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}
