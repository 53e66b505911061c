// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// settings are the members of a configuration. Unset numbers are defaults.
type settings struct {
	age, retries         int
	onSuccess, onFailure string
}

func settingsOf(c emulator.Config) settings {
	s := settings{21600, 2, c.OnSuccess, c.OnFailure}
	if c.MaximumEventAgeInSeconds != nil {
		s.age = *c.MaximumEventAgeInSeconds
	}
	if c.MaximumRetryAttempts != nil {
		s.retries = *c.MaximumRetryAttempts
	}
	return s
}

// config returns s in the type of the emulator.
func (s settings) config() emulator.Config {
	return emulator.Config{
		MaximumEventAgeInSeconds: &s.age, MaximumRetryAttempts: &s.retries, OnSuccess: s.onSuccess, OnFailure: s.onFailure,
	}
}

// isBetween reports whether each member of s equals the member of a or b.
func (s settings) isBetween(a, b settings) bool {
	return (s.age == a.age || s.age == b.age) && (s.retries == a.retries || s.retries == b.retries) &&
		(s.onSuccess == a.onSuccess || s.onSuccess == b.onSuccess) &&
		(s.onFailure == a.onFailure || s.onFailure == b.onFailure)
}

// written returns s after an Update, or after a Put if s has the defaults.
func (s settings) written(body json.RawMessage, update emulator.UpdateDestinations) settings {
	type side struct{ Destination string }
	var sent struct {
		MaximumEventAgeInSeconds, MaximumRetryAttempts *int
		DestinationConfig                              *struct{ OnSuccess, OnFailure *side }
	}
	_ = json.Unmarshal(body, &sent) // the emulator rejects invalid JSON
	s.age = *cmp.Or(sent.MaximumEventAgeInSeconds, &s.age)
	s.retries = *cmp.Or(sent.MaximumRetryAttempts, &s.retries)
	if d := sent.DestinationConfig; d != nil {
		if update != emulator.Merge {
			s.onSuccess, s.onFailure = "", ""
		}
		if d.OnSuccess != nil {
			s.onSuccess = d.OnSuccess.Destination
		}
		if d.OnFailure != nil {
			s.onFailure = d.OnFailure.Destination
		}
	}
	return s
}

// version is a configuration between two writes.
type version struct {
	settings

	modified time.Time
}

// json returns the body of a response with v.
func (v version) json(arn string) string {
	body := configJSON(arn, v.age, v.retries, v.onSuccess, v.onFailure)
	modified := fmt.Sprintf(`"LastModified":%d.%03d`, v.modified.Unix(), v.modified.Nanosecond()/1e6)
	return strings.Replace(body, `"LastModified":1.5`, modified, 1)
}

// model has the versions of each configuration since its creation, by ARN. The
// last version is the current one.
type model map[string][]version

func (m model) current(arn string) (version, bool) {
	versions := m[arn]
	if len(versions) == 0 {
		return version{}, false
	}
	return versions[len(versions)-1], true
}

func (m model) set(arn string, s settings) {
	if current, ok := m.current(arn); !ok || current.settings != s {
		m[arn] = append(m[arn], version{s, time.Now()})
	}
}

// list returns the body of a response to a List of a function. It has the given
// JSON for the configuration of an ARN.
func (m model) list(function, arn, configuration string) string {
	entries := []string{configuration}
	for at := range m {
		if current, ok := m.current(at); ok && at != arn && strings.HasPrefix(at, arnOf(function, "")) {
			entries = append(entries, current.json(at))
		}
	}
	return `{"FunctionEventInvokeConfigs":[` + strings.Join(entries, ",") + `]}`
}

// faultKind makes faults for requests of some operations.
type faultKind struct {
	name       string
	operations []string
	make       func(*campaignRun, emulator.Request, *rand.Rand) *emulator.Fault // nil for no fault
}

// mayMislead reports whether a run may get a plausible but wrong response about a
// configuration. It may once, so that a second call gets the right response.
func (r *campaignRun) mayMislead(arn string) bool {
	before := r.misled[arn]
	r.misled[arn] = true
	return !before
}

const unmanagedFunction = "unmanaged"

var (
	writes = []string{putConfig, updateConfig, deleteConfig}
	bodies = []string{putConfig, updateConfig, getConfig, listConfigs} // operations that respond with a configuration
	all    = []string{putConfig, updateConfig, getConfig, deleteConfig, listConfigs}
)

// always returns a function that makes the same fault for each request.
func always(f emulator.Fault) func(*campaignRun, emulator.Request, *rand.Rand) *emulator.Fault {
	return func(*campaignRun, emulator.Request, *rand.Rand) *emulator.Fault { return &f }
}

// wrongBody returns a fault that responds with the given JSON of a configuration.
func (r *campaignRun) wrongBody(request emulator.Request, applied bool, configuration string) *emulator.Fault {
	if request.Operation == listConfigs {
		configuration = r.model.list(request.Function, r.affected(request), configuration)
	}
	return &emulator.Fault{Status: http.StatusOK, Applied: applied, Body: configuration}
}

// affected returns the ARN of the configuration that a fault is about. For List,
// it is one of the function's configurations.
func (r *campaignRun) affected(request emulator.Request) string {
	if request.Operation != listConfigs {
		return arnOf(request.Function, request.Qualifier)
	}
	for _, q := range qualifiers {
		if _, ok := r.model.current(arnOf(request.Function, q)); ok {
			return arnOf(request.Function, q)
		}
	}
	return arnOf(request.Function, qualifiers[0])
}

// campaignFaults are all kinds of faults. Requests meet later kinds more often,
// since fewer requests can meet them.
var campaignFaults = []faultKind{
	{"throttled", all, always(emulator.Fault{Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"})},
	{"500", all, always(emulator.Fault{Status: 500, Code: "ServiceException", Message: "no"})},
	{"503", all, always(emulator.Fault{Status: 503})},
	{"conflict", writes, always(emulator.Fault{Status: 409, Code: "ResourceConflictException", Message: conflict})},
	{"connection closed", all, always(emulator.Fault{})},
	{"applied, connection closed", writes, always(emulator.Fault{Applied: true})},
	{"truncated", all, always(emulator.Fault{Status: 200, Truncate: true})},
	{"slow", all, always(emulator.Fault{Status: 200, Applied: true, Delay: 300 * time.Millisecond})},
	{"HTML", all, func(r *campaignRun, request emulator.Request, random *rand.Rand) *emulator.Fault {
		if request.Operation == deleteConfig && !r.mayMislead(arnOf(request.Function, request.Qualifier)) {
			return nil
		}
		return &emulator.Fault{Status: 200, Applied: random.IntN(2) == 0, Body: "<html>Sign in</html>"}
	}},
	{"other configuration", bodies, func(r *campaignRun, request emulator.Request, random *rand.Rand) *emulator.Fault {
		arn := strings.SplitAfter(r.affected(request), ":")
		switch part := random.IntN(4); {
		case part == 0:
			arn[3] = "eu-west-1:"
		case part == 1 && request.Operation == updateConfig: // state has the account
			arn[4] = "999999999999:"
		case part == 2 && request.Operation != listConfigs: // a List may have any qualifier
			arn[7] = "another"
		default:
			arn[6] = unmanagedFunction + ":"
		}
		other := version{settings{77, 0, "", ""}, time.Unix(1, 0)}
		return r.wrongBody(request, random.IntN(2) == 0, other.json(strings.Join(arn, "")))
	}},
	{"no ARN", bodies, func(r *campaignRun, request emulator.Request, random *rand.Rand) *emulator.Fault {
		current, _ := r.model.current(r.affected(request))
		arn := []string{"", "function", "arn:aws:lambda"}[random.IntN(3)]
		return r.wrongBody(request, random.IntN(2) == 0, current.json(arn))
	}},
	{"501", []string{updateConfig}, always(emulator.Fault{Status: 501, Code: "NotImplemented", Message: "no"})},
	{"404", []string{getConfig, deleteConfig}, func(
		r *campaignRun, request emulator.Request, _ *rand.Rand,
	) *emulator.Fault {
		arn := arnOf(request.Function, request.Qualifier)
		if r.signal != nil || !r.mayMislead(arn) { // after an interrupted write, there is only one read
			return nil
		}
		message := "The function " + arn + " doesn't have an EventInvokeConfig"
		return &emulator.Fault{Status: 404, Code: "ResourceNotFoundException", Message: message}
	}},
	{"older", []string{getConfig, listConfigs, updateConfig}, func(
		r *campaignRun, request emulator.Request, random *rand.Rand,
	) *emulator.Fault {
		for _, q := range qualifiers {
			arn := arnOf(request.Function, q)
			versions, isAffected := r.model[arn], request.Operation == listConfigs || q == request.Qualifier
			if isAffected && len(versions) > 1 && r.inState[arn] && r.mayMislead(arn) {
				r.stale[arn] = true
				configuration := versions[random.IntN(len(versions)-1)].json(arn)
				if request.Operation == listConfigs {
					configuration = r.model.list(request.Function, arn, configuration)
				}
				return &emulator.Fault{Status: http.StatusOK, Applied: true, Body: configuration}
			}
		}
		return nil
	}},
	{"applied, response lost, retry denied", writes, func(
		r *campaignRun, request emulator.Request, _ *rand.Rand,
	) *emulator.Fault {
		arn := arnOf(request.Function, request.Qualifier)
		if !r.mayMislead(arn) {
			return nil
		}
		r.denies[request.Operation+arn], r.denied = true, true
		return &emulator.Fault{Applied: true}
	}},
}

// chooseFault returns the fault that a request meets, nil for none. It depends on
// the seed, the run, and the number of equal calls in the run before. It does not
// depend on the order of other calls.
func (r *campaignRun) chooseFault(request emulator.Request) *emulator.Fault {
	key := strings.TrimSpace(request.Operation + " " + request.Function + " " + request.Qualifier)
	r.calls[key]++
	h := fnv.New64()
	_, _ = fmt.Fprintf(h, "%d %s %d", r.number, key, r.calls[key])
	random := rand.New(rand.NewPCG(r.seed, h.Sum64())) //nolint:gosec // reproducible
	if call := request.Operation + r.affected(request); r.denies[call] {
		delete(r.denies, call)
		return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "not authorized"}
	}
	if !r.hasFaults || random.IntN(100) >= 30 {
		return nil
	}
	kinds := slices.DeleteFunc(slices.Clone(campaignFaults), func(f faultKind) bool {
		return !slices.Contains(f.operations, request.Operation)
	})
	kind := kinds[max(random.IntN(len(kinds)), random.IntN(len(kinds)))]
	f := kind.make(r, request, random)
	if f != nil {
		r.met = append(r.met, fmt.Sprintf("%s #%d: %s", key, r.calls[key], kind.name))
		r.faults[kind.name]++
	}
	return f
}

// handle checks a request of a run, nil between runs, and returns the fault that
// the request meets.
func (r *campaignRun) handle(request emulator.Request) *emulator.Fault {
	if r == nil {
		return nil
	}
	if r.requests++; r.requests == r.signalAt {
		r.signals <- r.signal
		r.hasFaults = false // the read after the write must succeed
	}
	f := r.chooseFault(request)
	if f == nil && r.signal != nil && !isRead(request) { // slow, so that the signal arrives meanwhile
		f = &emulator.Fault{Status: http.StatusOK, Applied: true, Delay: 60 * time.Millisecond}
	}
	if isRead(request) {
		return f
	}
	arn := arnOf(request.Function, request.Qualifier)
	before, exists := r.model.current(arn)
	want, isPlanned := r.planned[arn]
	if r.isReadOnly {
		r.violate("%s of %s in a run that only reads", request.Operation, arn)
	}
	if request.Operation == deleteConfig {
		if !r.inState[arn] {
			r.violate("deletes %s, which is not in state", arn)
		}
		if r.stable[arn] {
			r.violate("deletes %s, which is in state and planned", arn)
		}
		if applies(f) {
			delete(r.model, arn)
		}
		return f
	}
	var after settings
	switch {
	case request.Operation == putConfig:
		after = settingsOf(emulator.Config{}).written(request.Body, emulator.Replace)
	case exists:
		after = before.written(request.Body, r.updates)
	default:
		return f // the emulator responds "not found"
	}
	switch {
	case !isPlanned:
		r.violate("writes %s, which is not planned", arn)
	case !exists && after != want:
		r.violate("creates %s with %+v, planned %+v", arn, after, want)
	case exists && !after.isBetween(before.settings, want):
		r.violate("changes %s from %+v to %+v, planned %+v", arn, before.settings, after, want)
	}
	if applies(f) {
		r.model.set(arn, after)
		r.updated[arn] = true
	}
	return f
}

// applies reports whether the API carries out a request that meets f.
func applies(f *emulator.Fault) bool {
	return f == nil || f.Applied || f.Status == http.StatusOK && f.Body == ""
}

func (r *campaignRun) violate(format string, args ...any) {
	r.violations = append(r.violations, fmt.Sprintf(format, args...))
}

func isRead(r emulator.Request) bool {
	return strings.HasPrefix(r.Operation, "List") || strings.HasPrefix(r.Operation, "Get")
}

// qualifiers are those of each function of a campaign.
var qualifiers = []string{"$LATEST", "1", "live", "next"}

// createFunction creates a function with the qualifiers.
func createFunction(api *acctest.API, name string) {
	api.Must(api.CreateFunction(acctest.Region, name))
	_, err := api.PublishVersion(acctest.Region, name)
	api.Must(err)
	api.Must(api.CreateAlias(acctest.Region, name, "live", "1"))
	api.Must(api.CreateAlias(acctest.Region, name, "next", "$LATEST"))
}

func arnOf(function, qualifier string) string {
	return "arn:aws:lambda:" + acctest.Region + ":" + acctest.Account + ":function:" + function + ":" + qualifier
}
