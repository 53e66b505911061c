// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package account_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lambda-async/terraform-provider-awslambda/internal/account"
	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

func TestMain(m *testing.M) { os.Exit(acctest.Main(m)) }

const (
	region = "us-east-1"
	played = "123456789012"
	id     = "111122223333"
	role   = "arn:aws:iam::" + id + ":role/functions"
	queue  = "arn:aws:sqs:us-east-1:" + played + ":q"
	topic  = "arn:aws:sns:us-east-1:" + played + ":t"
	bus    = "arn:aws:events:us-east-1:" + played + ":event-bus/results"
	bucket = "arn:aws:s3:::failures"
)

// standIn is an AWS account: the emulator, and as much of the other services
// as a stage asks for.
type standIn struct {
	*emulator.Emulator

	url string

	mu    sync.Mutex
	there map[string]bool // by kind and name
	made  int
}

func newStandIn(t *testing.T) *standIn {
	t.Helper()
	s := &standIn{Emulator: emulator.New(emulator.Options{AccountID: id, RequestsPerSecond: 15}), there: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.serveQueries)
	mux.HandleFunc("PUT /{bucket}", func(_ http.ResponseWriter, r *http.Request) { s.make("bucket", r.PathValue("bucket")) })
	mux.HandleFunc("DELETE /{bucket}", func(w http.ResponseWriter, r *http.Request) {
		s.remove("bucket", r.PathValue("bucket"))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("PUT /2015-03-31/functions/{name}/configuration", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "{}") })
	mux.Handle("/", s.Emulator)
	server := httptest.NewUnstartedServer(mux)
	s.url = "http://" + server.Listener.Addr().String()
	server.Start()
	t.Cleanup(server.Close)
	return s
}

// serveQueries answers SQS and EventBridge in JSON, SNS and STS in XML.
func (s *standIn) serveQueries(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what is cut off is an unknown action
	asked := string(body)
	member := func(name string) string { // of a flat object of JSON
		_, rest, _ := strings.Cut(asked, `"`+name+`":"`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	parameter := func(name string) string { // of a form
		_, rest, _ := strings.Cut(asked, name+"=")
		value, _, _ := strings.Cut(rest, "&")
		return value
	}
	action := r.Header.Get("X-Amz-Target")
	if action == "" {
		action = parameter("Action")
	}
	answer := "{}"
	switch action {
	case "AmazonSQS.CreateQueue":
		answer = fmt.Sprintf(`{"QueueUrl":"%s/%s"}`, s.url, s.make("queue", member("QueueName")))
	case "AmazonSQS.DeleteQueue":
		s.remove("queue", strings.TrimPrefix(member("QueueUrl"), s.url+"/"))
	case "AWSEvents.CreateEventBus":
		s.make("bus", member("Name"))
	case "AWSEvents.DeleteEventBus":
		s.remove("bus", member("Name"))
	case "CreateTopic":
		name := s.make("topic", parameter("Name"))
		answer = "<CreateTopicResponse><CreateTopicResult><TopicArn>" + name + "</TopicArn></CreateTopicResult></CreateTopicResponse>"
	case "DeleteTopic":
		s.remove("topic", parameter("TopicArn"))
		answer = "<DeleteTopicResponse/>"
	case "GetCallerIdentity":
		answer = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>" + id + "</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
	default:
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = fmt.Fprint(w, answer)
}

func (s *standIn) make(kind, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.there[kind+" "+name] = true
	s.made++
	return name
}

func (s *standIn) remove(kind, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.there, kind+" "+name)
}

// destinations returns what is there beside functions, sorted.
func (s *standIn) destinations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	there := []string{}
	for what := range s.there {
		there = append(there, what)
	}
	slices.Sort(there)
	return there
}

// functions returns the functions that were created, without those that were
// deleted again, in the order of their creation.
func (s *standIn) functions() []string {
	there := []string{}
	for _, r := range s.Requests() {
		switch {
		case r.Operation == "CreateFunction" && r.Status == http.StatusCreated:
			there = append(there, r.Function)
		case r.Operation == "DeleteFunction" && r.Status == http.StatusNoContent && r.Qualifier == "":
			there = slices.DeleteFunc(there, func(f string) bool { return f == r.Function })
		}
	}
	return there
}

// environment is how the account's owner has signed in.
func (s *standIn) environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + s.url, "AWS_ACCESS_KEY_ID=owner", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=" + region,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
	}
}

func (s *standIn) signIn(t *testing.T) *account.Account {
	t.Helper()
	for _, entry := range s.environment() {
		name, value, _ := strings.Cut(entry, "=")
		t.Setenv(name, value)
	}
	a, err := account.SignIn(t.Context(), role, played)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSignInRefuses(t *testing.T) {
	newStandIn(t).signIn(t)
	for _, bad := range []struct{ role, want string }{
		{"functions", `"functions" is not the ARN of a role of IAM`},
		{"arn:aws:iam::" + id + ":user/functions", "is not the ARN of a role of IAM"},
		{"arn:aws:iam::999999999999:role/functions", "the credentials are of the account " + id},
	} {
		if _, err := account.SignIn(t.Context(), bad.role, played); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: %v", bad.role, err)
		}
	}
}

// TestStage has two stages with a function of the same name.
func TestStage(t *testing.T) {
	s := newStandIn(t)
	a := s.signIn(t)
	one, other := a.Stage(t.Context()), a.Stage(t.Context())
	for _, stage := range []*account.Stage{one, other} {
		must(t, stage.CreateFunction(region, "f"))
	}
	version, err := one.PublishVersion(region, "f")
	must(t, err)
	must(t, one.CreateAlias(region, "f", "live", version))
	must(t, one.PutConfig(region, "f", "live", emulator.Config{MaximumRetryAttempts: new(1), OnSuccess: bus, OnFailure: bucket}))
	must(t, one.PutConfig(region, "arn:aws:lambda:us-east-1:"+played+":function:f", "", emulator.Config{OnSuccess: queue, OnFailure: topic}))
	must(t, other.PutConfig(region, "f", "", emulator.Config{MaximumEventAgeInSeconds: new(60), OnFailure: queue}))

	// In the test's words.
	const arn = "arn:aws:lambda:us-east-1:" + played + ":function:f:"
	if got := one.Configs(); !slices.Equal(got, []string{arn + "$LATEST", arn + "live"}) {
		t.Errorf("configs: %q", got)
	}
	live, ok := one.Config(region, "f", "live")
	if !ok || *live.MaximumRetryAttempts != 1 || live.MaximumEventAgeInSeconds != nil || live.OnSuccess != bus || live.OnFailure != bucket {
		t.Errorf("config of the alias: %+v, %t", live, ok)
	}
	if _, ok := other.Config(region, "f", "live"); ok {
		t.Error("the other stage has the first one's alias")
	}

	// In AWS's.
	functions := s.functions()
	if len(functions) != 2 || functions[0] == functions[1] {
		t.Fatalf("functions: %q", functions)
	}
	run := strings.TrimSuffix(functions[0], "1-f")
	if !strings.HasPrefix(run, account.Prefix) || functions[1] != run+"2-f" {
		t.Errorf("functions: %q", functions)
	}
	if got := s.destinations(); !slices.Equal(got, []string{"bucket " + run + "failures", "bus " + run + "results", "queue " + run + "q", "topic " + run + "t"}) || s.made != 4 {
		t.Errorf("destinations: %q, of %d made", got, s.made)
	}
	if got, _ := s.Config(region, functions[1], ""); got.OnFailure != "arn:aws:sqs:us-east-1:"+id+":"+run+"q" || *got.MaximumEventAgeInSeconds != 60 {
		t.Errorf("config of the other function: %+v", got)
	}

	must(t, one.DeleteConfig(region, "f", ""))
	must(t, one.DeleteAlias(region, "f", "live"))
	must(t, one.DeleteFunction(region, "f", version))
	must(t, one.Close(t.Context()))
	if got := s.functions(); !slices.Equal(got, functions[1:]) {
		t.Errorf("functions after the first stage's end: %q", got)
	}
	must(t, other.DeleteFunction(region, "f", "")) // which Close finds done
	must(t, other.Close(t.Context()))
	must(t, a.Close(t.Context()))
	if functions, destinations := s.functions(), s.destinations(); len(functions)+len(destinations) > 0 {
		t.Errorf("left: %q and %q", functions, destinations)
	}
}

// TestCloseRemovesAll has stages that were not closed, and one function that
// cannot be removed.
func TestCloseRemovesAll(t *testing.T) {
	s := newStandIn(t)
	a := s.signIn(t)
	for _, f := range []string{"f", "held", "g"} {
		stage := a.Stage(t.Context())
		must(t, stage.CreateFunction(region, f))
		must(t, stage.PutConfig(region, f, "", emulator.Config{OnFailure: queue}))
	}
	held := s.functions()[1]
	s.AddFault(emulator.Fault{Operation: "DeleteFunction", Function: held, Status: 400, Code: "InvalidParameterValueException", Message: "Held."})
	if err := a.Close(t.Context()); err == nil || !strings.Contains(err.Error(), held+" is left in the account") || !strings.Contains(err.Error(), "Held.") {
		t.Errorf("got %v", err)
	}
	if got := s.functions(); !slices.Equal(got, []string{held}) {
		t.Errorf("left: %q", got)
	}
	must(t, a.Close(t.Context())) // the next time
	if got := s.functions(); len(got) > 0 {
		t.Errorf("left in the end: %q", got)
	}
	if got := s.destinations(); len(got) > 0 {
		t.Errorf("left: %q", got)
	}
}

// TestForeignAccount has what belongs to another account stay as it is.
func TestForeignAccount(t *testing.T) {
	s := newStandIn(t)
	stage := s.signIn(t).Stage(t.Context())
	must(t, stage.CreateFunction(region, "f"))
	const foreign = "arn:aws:sqs:us-east-1:210987654321:q"
	must(t, stage.PutConfig(region, "f", "", emulator.Config{OnFailure: foreign}))
	if got, _ := s.Config(region, s.functions()[0], ""); got.OnFailure != foreign || s.made != 0 {
		t.Errorf("got %+v, %d made", got, s.made)
	}
	if err := stage.DeleteConfig(region, "210987654321:function:f", ""); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("got %v", err)
	}
}
