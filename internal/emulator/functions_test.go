// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func statuses(s *server) []int {
	var all []int
	for _, r := range s.Requests() {
		all = append(all, r.Status)
	}
	return all
}

// TestFunctions_versionsAndAliases sends requests in order. A response must contain want.
func TestFunctions_versionsAndAliases(t *testing.T) {
	const (
		all      = "/2015-03-31/functions"
		fn       = all + "/fn"
		conflict = "ResourceConflictException"
		invalid  = "InvalidParameterValueException"
		notFound = "ResourceNotFoundException"
		unknown  = "Function not found: " + prefix
	)
	long := strings.Repeat("n", 65)
	s := start(t, emulator.Options{})
	for _, test := range []struct {
		method, path, body string
		status             int
		code, want         string
	}{
		{
			"POST", all, `{"FunctionName":"` + prefix + `new","Handler":"index.handler","Runtime":"nodejs22.x"}`, 201, "",
			`"FunctionName":"new","FunctionArn":"` + prefix + `new","Version":"$LATEST"`,
		},
		{"GET", all + "/new", "", 200, "", `"Handler":"index.handler"`},
		{"GET", all + "/new", "", 200, "", `"Runtime":"nodejs22.x"`},
		{"GET", all + "/new", "", 200, "", `"State":"Active"`},
		{"POST", all, `{"FunctionName":"new"}`, 409, conflict, "Function already exist: new"},
		{"POST", all, `{"FunctionName":"v","Publish":true}`, 201, "", `"FunctionArn":"` + prefix + `v","Version":"1"`},
		{"POST", all + "/", `{"FunctionName":"slash"}`, 201, "", ""},

		{"GET", fn, "", 200, "", `"FunctionArn":"` + prefix + `fn","Version":"$LATEST"`},
		{"GET", fn + "?Qualifier=$LATEST", "", 200, "", `"FunctionArn":"` + prefix + `fn:$LATEST","Version":"$LATEST"`},
		{"GET", fn + "?Qualifier=1", "", 200, "", `"FunctionArn":"` + prefix + `fn:1","Version":"1"`},
		{"GET", fn + "?Qualifier=live", "", 200, "", `"FunctionArn":"` + prefix + `fn:live","Version":"1"`},
		{"GET", all + "/missing", "", 404, notFound, unknown + `missing"`},
		{"GET", all + "/missing:live", "", 404, notFound, unknown + `missing:live"`},
		{"GET", fn + ":missing", "", 404, notFound, unknown + `fn:missing"`},
		{"GET", all + "/function", "", 404, notFound, unknown + `function"`},
		{"GET", all + "/" + long, "", 404, notFound, unknown + long},

		{"POST", fn + "/versions", `{"Description":"second"}`, 201, "", `"FunctionArn":"` + prefix + `fn:2","Version":"2"`},
		{"GET", fn + "?Qualifier=2", "", 200, "", `"Description":"second"`},
		{"POST", all + "/missing/versions", "", 404, notFound, unknown + `missing"`},
		{"GET", all + "/missing/versions", "", 404, notFound, unknown + `missing"`},

		{"POST", fn + "/aliases", `{"Name":"2nd_try-","FunctionVersion":"$LATEST"}`, 201, "", prefix + "fn:2nd_try-"},
		{"POST", fn + "/aliases", `{"Name":"live","FunctionVersion":"1"}`, 409, conflict, "Alias already exists: " + prefix},
		{"POST", fn + "/aliases", `{"Name":"new","FunctionVersion":"7"}`, 404, notFound, unknown + "fn:7"},
		{"POST", all + "/no/aliases", `{"Name":"live","FunctionVersion":"1"}`, 404, notFound, unknown + "no:1"},
		{
			"POST", fn + "/aliases", `{"Name":"7","FunctionVersion":"1"}`, 400, "ValidationException",
			"Value '7' at 'name' failed to satisfy constraint: " +
				"Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
		},
		{
			"POST", fn + "/aliases", `{"Name":"new","FunctionVersion":"live"}`, 400, "ValidationException",
			"Value 'live' at 'functionVersion' failed to satisfy constraint: " +
				`Member must satisfy regular expression pattern: (\\$LATEST(\\.PUBLISHED)?|[0-9]+)`,
		},
		{"GET", fn + "/aliases?MaxItems=1", "", 200, "", `"NextMarker":`},
		{"GET", fn + "/aliases?FunctionVersion=1", "", 200, "", `[{"AliasArn":"` + prefix + `fn:live"`},
		{"DELETE", fn + "?Qualifier=$LATEST", "", 400, invalid, "cannot be deleted without deleting the function."},
		{"DELETE", fn + "?Qualifier=live", "", 400, invalid, "Deletion of aliases is not currently supported."},
		{"DELETE", fn + "?Qualifier=1", "", 409, conflict, "because the following aliases reference it: [live]"},
		{"DELETE", fn + "/aliases/live", "", 204, "", ""},
		{"DELETE", fn + "/aliases/live", "", 204, "", ""},
		{"DELETE", all + "/missing/aliases/live", "", 204, "", ""},
		{"GET", fn + "/aliases", "", 200, "", `{"Aliases":[{"AliasArn":"` + prefix + `fn:2nd_try-"`},

		{"DELETE", fn + "?Qualifier=2", "", 204, "", ""},
		{"DELETE", fn + "?Qualifier=2", "", 204, "", ""},
		{"GET", fn + "?Qualifier=2", "", 404, notFound, unknown + "fn:2"},
		{"POST", fn + "/versions", "", 201, "", `"Version":"3"`},
		{"DELETE", fn, "", 204, "", ""},
		{"DELETE", fn, "", 404, notFound, unknown + `fn"`},
		{"DELETE", fn + ":live", "", 404, notFound, unknown + `fn"`},
		{"DELETE", fn + "?Qualifier=1", "", 404, notFound, unknown + `fn"`},
		{"DELETE", all + "/function:function:live", "", 404, notFound, unknown + `function"`},
		{"DELETE", all + "/" + prefix[:len(prefix)-1], "", 404, notFound, unknown + `function"`},
		{"DELETE", all + "/" + long, "", 404, notFound, unknown + long},
		{"DELETE", all + "/missing?Qualifier=$LATEST", "", 400, invalid, ""},
	} {
		got := s.send(t, test.method, test.path, test.body)
		if got.status != test.status || got.errorType() != test.code || !strings.Contains(got.body, test.want) {
			t.Errorf("%s %s %s: got %d %s %s, want %d %s %s", test.method, test.path, test.body,
				got.status, got.errorType(), got.body, test.status, test.code, test.want)
		}
	}
	equal(t, "function", s.Requests()[0].Function, "new")
}

func TestListVersions_sortsByNumber(t *testing.T) {
	s := start(t, emulator.Options{})
	for range 11 {
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
