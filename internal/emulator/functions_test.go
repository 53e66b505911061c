// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func createInput(name string) *lambda.CreateFunctionInput {
	return &lambda.CreateFunctionInput{
		FunctionName: &name,
		Code:         &types.FunctionCode{ZipFile: []byte("zip")},
		Role:         new("arn:aws:iam::123456789012:role/role"),
		Handler:      new("index.handler"),
		Runtime:      types.RuntimeNodejs22x,
	}
}

func TestCreateFunction(t *testing.T) {
	s := start(t, emulator.Options{})
	created, err := s.client.CreateFunction(t.Context(), createInput(prefix+"new"))
	must(t, err)
	equal(t, "name", *created.FunctionName, "new")
	equal(t, "ARN", *created.FunctionArn, prefix+"new")
	equal(t, "version", *created.Version, "$LATEST")
	equal(t, "handler", *created.Handler, "index.handler")
	equal(t, "runtime", created.Runtime, types.RuntimeNodejs22x)
	equal(t, "state", created.State, types.StateActive)

	_, err = s.client.CreateFunction(t.Context(), createInput("new"))
	if !errors.As(err, new(*types.ResourceConflictException)) {
		t.Errorf("got %v, want a conflict", err)
	}
	wantError(t, err, "ResourceConflictException", "Function already exist: new")
	in := createInput("published")
	in.Publish = true
	published, err := s.client.CreateFunction(t.Context(), in)
	must(t, err)
	equal(t, "ARN", *published.FunctionArn, prefix+"published")
	equal(t, "version", *published.Version, "1")

	equal(t, "statuses", statuses(s), []int{201, 409, 201})
	equal(t, "function", s.Requests()[0].Function, "new")
	equal(t, "trailing slash", s.send(t, "POST", "/2015-03-31/functions/", `{"FunctionName":"slash"}`).status, 201)
}

func statuses(s *server) []int {
	var all []int
	for _, r := range s.Requests() {
		all = append(all, r.Status)
	}
	return all
}

func TestGetFunction(t *testing.T) {
	s := start(t, emulator.Options{})
	for qualifier, want := range map[string]struct{ arn, version string }{
		"":        {prefix + "fn", "$LATEST"},
		"$LATEST": {prefix + "fn:$LATEST", "$LATEST"},
		"1":       {prefix + "fn:1", "1"},
		"live":    {prefix + "fn:live", "1"},
	} {
		in := &lambda.GetFunctionInput{FunctionName: new("fn")}
		if qualifier != "" {
			in.Qualifier = &qualifier
		}
		got, err := s.client.GetFunction(t.Context(), in)
		must(t, err)
		equal(t, qualifier, *got.Configuration.FunctionArn, want.arn)
		equal(t, qualifier, *got.Configuration.Version, want.version)
	}
	for _, name := range []string{"missing", "missing:live", "fn:missing", "function", strings.Repeat("n", 65)} {
		_, err := s.client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: &name})
		if !errors.As(err, new(*types.ResourceNotFoundException)) {
			t.Errorf("got %v, want ResourceNotFoundException", err)
		}
		wantError(t, err, "ResourceNotFoundException", "Function not found: "+prefix+name)
	}
}

func TestListFunctions(t *testing.T) {
	s := start(t, emulator.Options{})
	for i := range 60 {
		must(t, s.CreateFunction(region, fmt.Sprintf("fn-%02d", i)))
	}
	must(t, s.CreateFunction("eu-west-1", "far"))
	list := func(in *lambda.ListFunctionsInput) (arns []string, pages int) {
		for p := lambda.NewListFunctionsPaginator(s.client, in); p.HasMorePages(); pages++ {
			got, err := p.NextPage(t.Context())
			must(t, err)
			for _, f := range got.Functions {
				arns = append(arns, *f.FunctionArn)
			}
		}
		return arns, pages
	}

	arns, pages := list(&lambda.ListFunctionsInput{})
	equal(t, "pages", pages, 2)
	equal(t, "functions", len(arns), 61)
	equal(t, "first", arns[0], prefix+"fn-00")
	_, pages = list(&lambda.ListFunctionsInput{MaxItems: new(int32(1000))})
	equal(t, "pages of at most 1000", pages, 2)
	_, pages = list(&lambda.ListFunctionsInput{MaxItems: new(int32(25))})
	equal(t, "pages of at most 25", pages, 3)

	all, _ := list(&lambda.ListFunctionsInput{FunctionVersion: types.FunctionVersionAll, MaxItems: new(int32(7))})
	equal(t, "versions", len(all), 62)
	equal(t, "first version", all[0], prefix+"fn-00:$LATEST")
	equal(t, "last versions", all[60:], []string{prefix + "fn:$LATEST", prefix + "fn:1"})

	equal(t, "trailing slash", s.send(t, "GET", "/2015-03-31/functions/?MaxItems=1", "").status, 200)
	for _, version := range []string{"SOME", "all", ""} {
		a := s.send(t, "GET", "/2015-03-31/functions?FunctionVersion="+version, "")
		equal(t, "code", a.errorType(), "ValidationException")
		equal(t, "body", members(t, a.body), map[string]any{"message": "1 validation error detected: Value '" + version +
			"' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]"})
	}
	equal(t, "no items", s.send(t, "GET", "/2015-03-31/functions?MaxItems=0", "").errorType(), "ValidationException")
}

func TestCreateFunction_validatesName(t *testing.T) {
	const (
		pattern = `Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?` +
			`((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?` +
			`([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?`
		length = "Member must have length less than or equal to "
	)
	long := strings.Repeat("n", 65)
	longARN := prefix + strings.Repeat("n", 141-len(prefix))
	invalid := func(name string, constraints ...string) string {
		for i, c := range constraints {
			constraints[i] = fmt.Sprintf("Value '%s' at 'functionName' failed to satisfy constraint: %s", name, c)
		}
		detected := "1 validation error detected: "
		if n := len(constraints); n > 1 {
			detected = fmt.Sprintf("%d validation errors detected: ", n)
		}
		return detected + strings.Join(constraints, "; ")
	}
	s := start(t, emulator.Options{})
	for name, test := range map[string]struct {
		status int
		code   string
		body   map[string]any
	}{
		"a b": {400, "ValidationException", map[string]any{"message": invalid("a b", pattern)}},
		"a.b": {400, "ValidationException", map[string]any{"message": invalid("a.b", pattern)}},
		"new:$LATEST.PUBLISHED": {400, "ValidationException",
			map[string]any{"message": invalid("new:$LATEST.PUBLISHED", pattern)}},
		longARN: {400, "ValidationException", map[string]any{"message": invalid(longARN, length+"140")}},
		longARN +
			".": {400, "ValidationException", map[string]any{"message": invalid(longARN+".", length+"140", pattern)}},
		long: {400, "InvalidParameterValueException",
			map[string]any{"Type": "User", "message": invalid(long, length+"64")}},
		"999999999999:fn": {403, "AccessDeniedException", map[string]any{"Message": nil}},
		"eu-west-1:123456789012:fn": {404, "ResourceNotFoundException", map[string]any{
			"Type": "User", "Message": "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.send(t, "POST", "/2015-03-31/functions", fmt.Sprintf(`{"FunctionName":%q}`, name))
			equal(t, "status", a.status, test.status)
			equal(t, "code", a.errorType(), test.code)
			equal(t, "body", members(t, a.body), test.body)
		})
	}
	// The older pattern requires neither region nor account of an ARN.
	for _, name := range []string{"arn:aws:lambda:short", prefix[:len(prefix)-1]} {
		equal(t, name, s.send(t, "POST", "/2015-03-31/functions", fmt.Sprintf(`{"FunctionName":%q}`, name)).status, 201)
	}
	equal(t, "the function named function", s.send(t, "GET", "/2015-03-31/functions/function", "").status, 200)
}

func TestLists_omitStateAndLastUpdateStatus(t *testing.T) {
	s := start(t, emulator.Options{})
	const queueConfig = `{"TargetArn":"` + queue + `"}`
	s.send(t, "POST", "/2015-03-31/functions",
		`{"FunctionName":"queued","Publish":true,"DeadLetterConfig":`+queueConfig+`}`)
	s.send(t, "POST", "/2015-03-31/functions", `{"FunctionName":"unqueued","DeadLetterConfig":{"TargetArn":""}}`)
	for _, path := range []string{"/2015-03-31/functions", "/2015-03-31/functions?FunctionVersion=ALL",
		"/2015-03-31/functions/queued/versions"} {
		for _, list := range members(t, s.send(t, "GET", path, "").body) {
			for _, entry := range list.([]any) {
				entry := entry.(map[string]any)
				for _, name := range []string{"State", "LastUpdateStatus"} {
					if value, ok := entry[name]; ok {
						t.Errorf("%s: %s is %v", path, name, value)
					}
				}
				var want any
				if entry["FunctionName"] == "queued" {
					want = map[string]any{"TargetArn": queue}
				}
				equal(t, path+": DeadLetterConfig", entry["DeadLetterConfig"], want)
			}
		}
	}
	configuration := members(t,
		s.send(t, "GET", "/2015-03-31/functions/queued", "").body)["Configuration"].(map[string]any)
	equal(t, "State of GetFunction", configuration["State"], any("Active"))
}

func TestDeleteFunction(t *testing.T) {
	s := start(t, emulator.Options{})
	_, err := s.client.PublishVersion(t.Context(), &lambda.PublishVersionInput{FunctionName: new("fn")})
	must(t, err)
	for _, test := range []struct{ qualifier, message string }{
		{"$LATEST", "$LATEST version cannot be deleted without deleting the function."},
		{"live", "Deletion of aliases is not currently supported."},
		{"1", "Unable to delete version because the following aliases reference it: [live]"},
		{"2", ""},
		{"2", ""},
	} {
		_, err := s.client.DeleteFunction(t.Context(),
			&lambda.DeleteFunctionInput{FunctionName: new("fn"), Qualifier: &test.qualifier})
		if test.message == "" {
			must(t, err)
		} else if err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: got %v, want %q", test.qualifier, err, test.message)
		}
	}
	equal(t, "the deleted version", s.send(t, "GET", "/2015-03-31/functions/fn?Qualifier=2", "").status, 404)
	version, err := s.PublishVersion(region, "fn")
	must(t, err)
	equal(t, "the next version", version, "3")

	_, err = s.client.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: new("fn")})
	must(t, err)
	_, err = s.client.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: new("fn")})
	wantError(t, err, "ResourceNotFoundException", "Function not found: "+prefix+"fn")

	long := strings.Repeat("n", 65)
	for name, missing := range map[string]string{
		"fn:live": "fn", "fn?Qualifier=1": "fn", "function:function:live": "function",
		prefix[:len(prefix)-1]: "function", long: long,
	} {
		a := s.send(t, "DELETE", "/2015-03-31/functions/"+name, "")
		equal(t, name, a.status, 404)
		equal(t, name, members(t, a.body),
			map[string]any{"Type": "User", "Message": "Function not found: " + prefix + missing})
	}
	a := s.send(t, "DELETE", "/2015-03-31/functions/missing?Qualifier=$LATEST", "")
	equal(t, "code", a.errorType(), "InvalidParameterValueException")
}

func TestVersions(t *testing.T) {
	s := start(t, emulator.Options{})
	published, err := s.client.PublishVersion(t.Context(),
		&lambda.PublishVersionInput{FunctionName: new("fn"), Description: new("second")})
	must(t, err)
	equal(t, "ARN", *published.FunctionArn, prefix+"fn:2")
	equal(t, "description", *published.Description, "second")
	for range 10 {
		_, err := s.PublishVersion(region, "fn")
		must(t, err)
	}
	var versions []string
	in := &lambda.ListVersionsByFunctionInput{FunctionName: new("fn"), MaxItems: new(int32(5))}
	for p := lambda.NewListVersionsByFunctionPaginator(s.client, in); p.HasMorePages(); {
		got, err := p.NextPage(t.Context())
		must(t, err)
		for _, v := range got.Versions {
			versions = append(versions, *v.Version)
		}
	}
	equal(t, "versions", strings.Join(versions, " "), "$LATEST 1 2 3 4 5 6 7 8 9 10 11 12")
	for _, method := range []string{"POST", "GET"} {
		equal(t, method, s.send(t, method, "/2015-03-31/functions/missing/versions", "").status, 404)
	}
}

func TestAliases(t *testing.T) {
	s := start(t, emulator.Options{})
	create := func(name, version string) (*lambda.CreateAliasOutput, error) {
		return s.client.CreateAlias(t.Context(),
			&lambda.CreateAliasInput{FunctionName: new("fn"), Name: &name, FunctionVersion: &version})
	}
	created, err := create("2nd_try-", "$LATEST")
	must(t, err)
	equal(t, "ARN", *created.AliasArn, prefix+"fn:2nd_try-")
	equal(t, "version", *created.FunctionVersion, "$LATEST")

	_, err = create("live", "1")
	wantError(t, err, "ResourceConflictException", "Alias already exists: "+prefix+"fn:live")
	_, err = create("new", "7")
	wantError(t, err, "ResourceNotFoundException", "Function not found: "+prefix+"fn:7")
	_, err = s.client.CreateAlias(t.Context(),
		&lambda.CreateAliasInput{FunctionName: new("missing"), Name: new("live"), FunctionVersion: new("1")})
	wantError(t, err, "ResourceNotFoundException", "Function not found: "+prefix+"missing:1")
	_, err = create("7", "1")
	wantError(t, err, "ValidationException",
		"1 validation error detected: Value '7' at 'name' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)")
	_, err = create("new", "live")
	wantError(t, err, "ValidationException",
		"1 validation error detected: Value 'live' at 'functionVersion' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: (\$LATEST(\.PUBLISHED)?|[0-9]+)`)

	list := func(version *string) string {
		var names []string
		in := &lambda.ListAliasesInput{FunctionName: new("fn"), FunctionVersion: version, MaxItems: new(int32(1))}
		for p := lambda.NewListAliasesPaginator(s.client, in); p.HasMorePages(); {
			got, err := p.NextPage(t.Context())
			must(t, err)
			for _, a := range got.Aliases {
				names = append(names, *a.Name)
			}
		}
		return strings.Join(names, " ")
	}
	equal(t, "aliases", list(nil), "2nd_try- live")
	equal(t, "aliases of 1", list(new("1")), "live")

	for range 2 { // deleting a missing alias succeeds
		_, err = s.client.DeleteAlias(t.Context(), &lambda.DeleteAliasInput{FunctionName: new("fn"), Name: new("live")})
		must(t, err)
	}
	equal(t, "aliases", list(nil), "2nd_try-")
	_, err = s.client.DeleteAlias(t.Context(), &lambda.DeleteAliasInput{FunctionName: new("missing"), Name: new("live")})
	must(t, err)
}

func TestMethods_returnErrorsOfAPI(t *testing.T) {
	s := start(t, emulator.Options{})
	const conflict, notFound = "ResourceConflictException: ", "ResourceNotFoundException: "
	_, publish := s.PublishVersion(region, "missing")
	_, found := s.Config(region, "missing", "")
	equal(t, "found", found, false)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"CreateFunction": {s.CreateFunction(region, "fn"), conflict + "Function already exist: fn"},
		"PublishVersion": {publish, notFound + "Function not found: " + prefix + "missing"},
		"CreateAlias": {
			s.CreateAlias(region, "fn", "live", "1"), conflict + "Alias already exists: " + prefix + "fn:live",
		},
		"DeleteFunction": {s.DeleteFunction(region, "missing", ""), notFound + "Function not found: " + prefix + "missing"},
		"PutConfig":      {s.PutConfig(region, "fn", "2", emulator.Config{}), notFound + "The function doesn't exist."},
		"DeleteConfig": {
			s.DeleteConfig(region, "fn", "1"),
			notFound + "The function " + prefix + "fn:1 doesn't have an EventInvokeConfig",
		},
	} {
		if test.err == nil || test.err.Error() != test.want {
			t.Errorf("%s: got %v, want %s", name, test.err, test.want)
		}
	}
	equal(t, "recorded", s.Requests(), []emulator.Request{})
}

func TestConfig_returnsCopy(t *testing.T) {
	s := start(t, emulator.Options{})
	must(t, s.PutConfig(region, "fn", "", emulator.Config{MaximumRetryAttempts: new(1)}))
	got, _ := s.Config(region, "fn", "")
	*got.MaximumRetryAttempts = 2
	stored, _ := s.Config(region, "fn", "$LATEST")
	equal(t, "retries", *stored.MaximumRetryAttempts, 1)
}
