// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

const noSettings = "You must specify at least one of error handling or destination setting."

// withoutTime returns the members of an answer that do not change by the hour.
func withoutTime(t *testing.T, body string) map[string]any {
	t.Helper()
	m := members(t, body)
	if _, ok := m["LastModified"].(float64); !ok {
		t.Errorf("LastModified is no number: %s", body)
	}
	delete(m, "LastModified")
	return m
}

func none() map[string]any {
	return map[string]any{"OnFailure": map[string]any{}, "OnSuccess": map[string]any{}}
}

func TestNoQualifierAndLatestAreOneConfiguration(t *testing.T) {
	w := start(t, emulator.Options{})
	put := w.send(t, "PUT", configPath, `{"MaximumRetryAttempts":1}`)
	equal(t, "ARN", members(t, put.body)["FunctionArn"], any(prefix+"fn:$LATEST"))
	for _, path := range []string{
		configPath,
		configPath + "?Qualifier=%24LATEST",
		"/2019-09-25/functions/fn:$LATEST/event-invoke-config",
	} {
		equal(t, path, members(t, w.send(t, "GET", path, "").body), members(t, put.body))
	}
	equal(t, "configs", w.Configs(), []string{prefix + "fn:$LATEST"})
}

func TestNumbersNeverSetAreAbsent(t *testing.T) {
	w := start(t, emulator.Options{})
	a := w.send(t, "PUT", configPath, `{"DestinationConfig":{"OnSuccess":{}}}`)
	equal(t, "answer", withoutTime(t, a.body), map[string]any{"FunctionArn": prefix + "fn:$LATEST", "DestinationConfig": none()})
	got, err := w.client.GetFunctionEventInvokeConfig(t.Context(), &lambda.GetFunctionEventInvokeConfigInput{FunctionName: new("fn")})
	must(t, err)
	if got.MaximumRetryAttempts != nil || got.MaximumEventAgeInSeconds != nil {
		t.Errorf("got %v retries and %v seconds, want neither", got.MaximumRetryAttempts, got.MaximumEventAgeInSeconds)
	}
}

func TestDestinationConfigIsAlwaysAnsweredWithBothSides(t *testing.T) {
	w := start(t, emulator.Options{})
	for _, r := range []struct{ method, path, body string }{
		{"PUT", configPath, `{"MaximumRetryAttempts":1}`},
		{"POST", configPath, `{"MaximumRetryAttempts":2}`},
		{"GET", configPath, ""},
	} {
		equal(t, r.method, members(t, w.send(t, r.method, r.path, r.body).body)["DestinationConfig"], any(none()))
	}
	list := members(t, w.send(t, "GET", configPath+"/list", "").body)["FunctionEventInvokeConfigs"].([]any)
	equal(t, "list", list[0].(map[string]any)["DestinationConfig"], any(none()))

	a := w.send(t, "PUT", configPath, fmt.Sprintf(`{"DestinationConfig":{"OnFailure":{"Destination":%q}}}`, queue))
	want := none()
	want["OnFailure"] = map[string]any{"Destination": queue}
	equal(t, "one side", members(t, a.body)["DestinationConfig"], any(want))
}

func TestNoSettingIsRefusedBeforeTheFunctionIsLookedFor(t *testing.T) {
	w := start(t, emulator.Options{})
	for _, method := range []string{"PUT", "POST"} {
		for _, name := range []string{"fn", "missing"} {
			for _, body := range []string{"", "{}", `{"MaximumRetryAttempts":null,"DestinationConfig":null}`} {
				a := w.send(t, method, "/2019-09-25/functions/"+name+"/event-invoke-config", body)
				equal(t, "status", a.status, 400)
				equal(t, "code", a.errorType(), "InvalidParameterValueException")
				equal(t, "body", members(t, a.body), map[string]any{"Type": "User", "message": noSettings})
			}
		}
	}
}

func TestAnEmptySideOrDestinationIsASettingAndMeansNone(t *testing.T) {
	for _, body := range []string{
		`{"DestinationConfig":{"OnSuccess":{}}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":""}}}`,
		`{"DestinationConfig":{"OnFailure":{"Destination":null}}}`,
	} {
		w := start(t, emulator.Options{})
		a := w.send(t, "PUT", configPath, body)
		equal(t, body, a.status, 200)
		equal(t, body, members(t, a.body)["DestinationConfig"], any(none()))
	}
}

func TestPutOnWhatDoesNotExist(t *testing.T) {
	w := start(t, emulator.Options{})
	for _, name := range []string{"missing", "fn:missing", "fn:2", prefix + "fn:missing"} {
		_, err := w.client.PutFunctionEventInvokeConfig(t.Context(), &lambda.PutFunctionEventInvokeConfigInput{
			FunctionName: &name, MaximumRetryAttempts: new(int32(1)),
		})
		wantError(t, err, "ResourceNotFoundException", "The function doesn't exist.")
	}
	a := w.send(t, "PUT", configPath+"?Qualifier=$LATEST.PUBLISHED", `{"MaximumRetryAttempts":1}`)
	equal(t, "$LATEST.PUBLISHED", a.status, 404)
	equal(t, "body", members(t, a.body), map[string]any{"Type": "User", "Message": "The function doesn't exist."})
}

func TestMissingConfigurationAndMissingFunction(t *testing.T) {
	const gone = "The function doesn't exist."
	lacks := func(name, qualifier string) string {
		return "The function " + prefix + name + ":" + qualifier + " doesn't have an EventInvokeConfig"
	}
	w := start(t, emulator.Options{})
	for _, test := range []struct{ method, name, path, message string }{
		{"GET", "fn", "?Qualifier=live", lacks("fn", "live")},
		{"DELETE", "fn", "", lacks("fn", "$LATEST")},
		{"POST", "fn", "?Qualifier=1", lacks("fn", "1")},
		{"GET", "missing", "", lacks("missing", "$LATEST")},
		{"DELETE", "missing", "?Qualifier=live", lacks("missing", "live")},
		{"POST", "missing", "", gone},
		{"POST", "fn", "?Qualifier=missing", gone},
		{"GET", "missing", "/list", gone},
	} {
		t.Run(test.method+" "+test.name+test.path, func(t *testing.T) {
			body := ""
			if test.method == "POST" {
				body = `{"MaximumRetryAttempts":1}`
			}
			a := w.send(t, test.method, "/2019-09-25/functions/"+test.name+"/event-invoke-config"+test.path, body)
			equal(t, "status", a.status, 404)
			equal(t, "code", a.errorType(), "ResourceNotFoundException")
			equal(t, "body", members(t, a.body), map[string]any{"Type": "User", "Message": test.message})
		})
	}
	equal(t, "list of a function without any", w.send(t, "GET", configPath+"/list", "").body, `{"FunctionEventInvokeConfigs":[]}`)
}

func TestPublishingAVersionCopiesNoConfiguration(t *testing.T) {
	w := start(t, emulator.Options{})
	must(t, w.PutConfig(region, "fn", "", emulator.Config{MaximumRetryAttempts: new(1)}))
	version, err := w.PublishVersion(region, "fn")
	must(t, err)
	if _, ok := w.Config(region, "fn", version); ok {
		t.Errorf("version %s has a configuration", version)
	}
}

func TestPutReplacesAndUpdateKeepsNumbers(t *testing.T) {
	w := start(t, emulator.Options{})
	const whole = `{"MaximumRetryAttempts":2,"MaximumEventAgeInSeconds":60}`
	want := map[string]any{"FunctionArn": prefix + "fn:$LATEST", "DestinationConfig": none(), "MaximumRetryAttempts": 0.0}

	w.send(t, "PUT", configPath, whole)
	equal(t, "Put", withoutTime(t, w.send(t, "PUT", configPath, `{"MaximumRetryAttempts":0}`).body), want)

	w.send(t, "PUT", configPath, whole)
	want["MaximumEventAgeInSeconds"] = 60.0
	equal(t, "Update", withoutTime(t, w.send(t, "POST", configPath, `{"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":null}`).body), want)
	equal(t, "Get", withoutTime(t, w.send(t, "GET", configPath, "").body), want)
}

func TestARefusedUpdateChangesNothing(t *testing.T) {
	w := start(t, emulator.Options{})
	must(t, w.PutConfig(region, "fn", "", emulator.Config{MaximumRetryAttempts: new(2), OnFailure: queue}))
	before, _ := w.Config(region, "fn", "")
	w.send(t, "POST", configPath, `{"MaximumRetryAttempts":0,"DestinationConfig":{"OnSuccess":{"Destination":"kafka://topic"}}}`)
	after, _ := w.Config(region, "fn", "")
	equal(t, "configuration", after, before)
}

func TestValuesOutsideTheModel(t *testing.T) {
	const pattern = "Member must satisfy regular expression pattern: "
	const qualifierPattern = pattern + `\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`
	const destinationPattern = pattern + `$|kafka://([^.]([a-zA-Z0-9\-_.]{0,248}))|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:` +
		`((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1})?:(\d{12})?:(.*)`
	const namePattern = pattern + `(arn:(aws[a-zA-Z-]*)?:lambda:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:\d{12}:|` +
		`(((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?))` +
		`(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`
	long := strings.Repeat("n", 65)
	longARN := queue + strings.Repeat("q", 350)
	w := start(t, emulator.Options{})
	for _, test := range []struct{ name, path, body, constraints string }{
		{"name", "a%20b", `{}`, "Value 'a b' at 'functionName' failed to satisfy constraint: " + namePattern},
		{"ARN without region and account", "arn:aws:lambda:f", `{}`, "Value 'arn:aws:lambda:f' at 'functionName' failed to satisfy constraint: " + namePattern},
		{"ARN without account", "arn:aws:lambda:us-east-1:f", `{}`, "Value 'arn:aws:lambda:us-east-1:f' at 'functionName' failed to satisfy constraint: " + namePattern},
		{"long name", long, `{}`, "Value '" + long + "' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{"qualifier", "fn?Qualifier=a.b", `{}`, "Value 'a.b' at 'qualifier' failed to satisfy constraint: " + qualifierPattern},
		{"few retries", "fn", `{"MaximumRetryAttempts":-1}`, "Value '-1' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"many retries", "fn", `{"MaximumRetryAttempts":3}`, "Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2"},
		{"young", "fn", `{"MaximumEventAgeInSeconds":59}`, "Value '59' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"},
		{"old", "fn", `{"MaximumEventAgeInSeconds":21601}`, "Value '21601' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value less than or equal to 21600"},
		{"on success", "fn", `{"DestinationConfig":{"OnSuccess":{"Destination":"queue"}}}`, "Value 'queue' at 'destinationConfig.onSuccess.destination' failed to satisfy constraint: " + destinationPattern},
		{"on failure", "fn", `{"DestinationConfig":{"OnFailure":{"Destination":"queue"}}}`, "Value 'queue' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: " + destinationPattern},
		{"long ARN", "fn", `{"DestinationConfig":{"OnFailure":{"Destination":"` + longARN + `"}}}`, "Value '" + longARN + "' at 'destinationConfig.onFailure.destination' failed to satisfy constraint: Member must have length less than or equal to 350"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, query, _ := strings.Cut(test.path, "?")
			a := w.send(t, "PUT", "/2019-09-25/functions/"+name+"/event-invoke-config?"+query, test.body)
			equal(t, "status", a.status, 400)
			equal(t, "code", a.errorType(), "ValidationException")
			equal(t, "body", members(t, a.body), map[string]any{"message": "1 validation error detected: " + test.constraints})
		})
	}

	t.Run("several", func(t *testing.T) {
		a := w.send(t, "PUT", configPath, `{"MaximumRetryAttempts":3,"MaximumEventAgeInSeconds":0}`)
		equal(t, "body", members(t, a.body), map[string]any{"message": "2 validation errors detected: " +
			"Value '3' at 'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 2; " +
			"Value '0' at 'maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"})
	})
	t.Run("empty qualifier", func(t *testing.T) {
		a := w.send(t, "GET", configPath+"?Qualifier=", "")
		equal(t, "body", members(t, a.body), map[string]any{"message": "2 validation errors detected: " +
			"Value '' at 'qualifier' failed to satisfy constraint: Member must have length greater than or equal to 1; " +
			"Value '' at 'qualifier' failed to satisfy constraint: " + qualifierPattern})
	})
	t.Run("not of the type", func(t *testing.T) {
		for body, message := range map[string]string{
			`{"MaximumRetryAttempts":"1"}`:           "unexpected string in MaximumRetryAttempts",
			`{"MaximumRetryAttempts":0.5}`:           "unexpected number 0.5 in MaximumRetryAttempts",
			`{"DestinationConfig":{"OnFailure":[]}}`: "unexpected array in DestinationConfig.OnFailure",
			`[]`:                                     "unexpected array instead of an object",
			`{`:                                      "unexpected end of JSON input",
		} {
			a := w.send(t, "PUT", configPath, body)
			equal(t, "status", a.status, 400)
			equal(t, "code", a.errorType(), "SerializationException")
			equal(t, "body", members(t, a.body), map[string]any{"message": "Cannot read the body: " + message})
		}
	})
}

func TestMissingPermissionIsPlayedByAFault(t *testing.T) {
	w := start(t, emulator.Options{})
	message := "The function's execution role does not have permissions to call SendMessage on " + queue
	w.AddFault(emulator.Fault{Status: 400, Code: "InvalidParameterValueException", Message: message})
	a := w.send(t, "PUT", configPath, `{"MaximumRetryAttempts":0}`)
	equal(t, "status", a.status, 400)
	equal(t, "code", a.errorType(), "InvalidParameterValueException")
	equal(t, "body", members(t, a.body), map[string]any{"Type": "User", "message": message})
}

func TestQualifierWithinFunctionName(t *testing.T) {
	w := start(t, emulator.Options{})
	for _, test := range []struct{ name, qualifier, means string }{
		{"fn:live", "", "live"},
		{"fn:1", "", "1"},
		{"fn:$LATEST", "", "$LATEST"},
		{prefix + "fn:live", "", "live"},
		{prefix + "fn:live", "live", "live"},
		{"fn:$LATEST", "$LATEST", "$LATEST"},
		{"fn:live", "1", ""},
		{"fn:live", "$LATEST", ""},
		{"missing:$LATEST", "live", ""},
	} {
		t.Run(test.name+" "+test.qualifier, func(t *testing.T) {
			in := &lambda.PutFunctionEventInvokeConfigInput{FunctionName: &test.name, MaximumRetryAttempts: new(int32(1))}
			if test.qualifier != "" {
				in.Qualifier = &test.qualifier
			}
			got, err := w.client.PutFunctionEventInvokeConfig(t.Context(), in)
			if test.means == "" {
				wantError(t, err, "InvalidParameterValueException",
					"The derived qualifier from the function name does not match the specified qualifier.")
				return
			}
			must(t, err)
			equal(t, "ARN", *got.FunctionArn, prefix+"fn:"+test.means)
		})
	}
}

func TestConfigurationsOutliveTheirQualifierButNotTheFunction(t *testing.T) {
	w := start(t, emulator.Options{})
	must(t, w.PutConfig(region, "fn", "", emulator.Config{}))
	must(t, w.PutConfig(region, "fn", "1", emulator.Config{}))
	must(t, w.PutConfig(region, "fn", "live", emulator.Config{}))
	must(t, w.DeleteAlias(region, "fn", "live"))
	must(t, w.DeleteFunction(region, "fn", "1"))

	all := []string{prefix + "fn:$LATEST", prefix + "fn:1", prefix + "fn:live"}
	list, err := w.client.ListFunctionEventInvokeConfigs(t.Context(), &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: new("fn")})
	must(t, err)
	var listed []string
	for _, c := range list.FunctionEventInvokeConfigs {
		listed = append(listed, *c.FunctionArn)
	}
	equal(t, "List", listed, all)
	for _, q := range []string{"1", "live"} {
		equal(t, "Get "+q, w.send(t, "GET", configPath+"?Qualifier="+q, "").status, 200)
		equal(t, "Put "+q, w.send(t, "PUT", configPath+"?Qualifier="+q, `{"MaximumRetryAttempts":1}`).status, 404)
		equal(t, "Delete "+q, w.send(t, "DELETE", configPath+"?Qualifier="+q, "").status, 204)
	}

	must(t, w.DeleteFunction(region, "fn", ""))
	equal(t, "configs", w.Configs(), []string{})
	must(t, w.CreateFunction(region, "fn"))
	equal(t, "configs of a new function of that name", w.Configs(), []string{})
}

func TestListPages(t *testing.T) {
	w := start(t, emulator.Options{})
	must(t, w.PutConfig(region, "fn", "", emulator.Config{}))
	for range 60 {
		version, err := w.PublishVersion(region, "fn")
		must(t, err)
		must(t, w.PutConfig(region, "fn", version, emulator.Config{}))
	}
	for size, pages := range map[int32]int{0: 2, 1: 61, 20: 4, 50: 2} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			in := &lambda.ListFunctionEventInvokeConfigsInput{FunctionName: new(prefix + "fn")}
			if size > 0 {
				in.MaxItems = &size
			}
			seen, count := map[string]bool{}, 0
			for p := lambda.NewListFunctionEventInvokeConfigsPaginator(w.client, in); p.HasMorePages(); count++ {
				got, err := p.NextPage(t.Context())
				must(t, err)
				for _, c := range got.FunctionEventInvokeConfigs {
					seen[*c.FunctionArn] = true
				}
			}
			equal(t, "pages", count, pages)
			equal(t, "configurations", len(seen), 61)
		})
	}
	for _, size := range []string{"0", "51"} {
		equal(t, size, w.send(t, "GET", configPath+"/list?MaxItems="+size, "").errorType(), "ValidationException")
	}
	equal(t, "words", w.send(t, "GET", configPath+"/list?MaxItems=all", "").errorType(), "SerializationException")
	equal(t, "marker", w.send(t, "GET", configPath+"/list?Marker=!", "").errorType(), "InvalidParameterValueException")
}
