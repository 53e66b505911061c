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

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// settings are the members of a configuration, with defaults for numbers that
// are not set.
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

// config returns s as the emulator has it.
func (s settings) config() emulator.Config {
	return emulator.Config{
		MaximumEventAgeInSeconds: &s.age, MaximumRetryAttempts: &s.retries, OnSuccess: s.onSuccess, OnFailure: s.onFailure,
	}
}

// isBetween reports whether each member of s is that of a or that of b.
func (s settings) isBetween(a, b settings) bool {
	return (s.age == a.age || s.age == b.age) && (s.retries == a.retries || s.retries == b.retries) &&
		(s.onSuccess == a.onSuccess || s.onSuccess == b.onSuccess) && (s.onFailure == a.onFailure || s.onFailure == b.onFailure)
}

// written returns s after a Put, for which s is empty, or an Update.
func (s settings) written(body json.RawMessage, update emulator.UpdateDestinations) settings {
	type side struct{ Destination string }
	var sent struct {
		MaximumEventAgeInSeconds, MaximumRetryAttempts *int
		DestinationConfig                              *struct{ OnSuccess, OnFailure *side }
	}
	_ = json.Unmarshal(body, &sent) // the emulator rejects it
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

// version is a configuration at one time of its life.
type version struct {
	settings

	modified time.Time
}

// answer returns v as the service responds with it.
func (v version) answer(arn string) string {
	body := answer(arn, v.age, v.retries, v.onSuccess, v.onFailure)
	return strings.Replace(body, `"LastModified":1.5`, fmt.Sprintf(`"LastModified":%d.%03d`, v.modified.Unix(), v.modified.Nanosecond()/1e6), 1)
}

// model is what the service has, as far as requests and the test itself tell:
// the versions of each configuration since it was created, the current one last.
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

// list returns the answer to a List of a function, with another answer for one
// of its configurations.
func (m model) list(function, arn, instead string) string {
	entries := []string{instead}
	for at := range m {
		if current, ok := m.current(at); ok && at != arn && strings.HasPrefix(at, arnOf(function, "")) {
			entries = append(entries, current.answer(at))
		}
	}
	return `{"FunctionEventInvokeConfigs":[` + strings.Join(entries, ",") + `]}`
}

// fault is a kind of fault. Its function make returns nil if a request cannot
// meet it.
type fault struct {
	name       string
	operations []string
	make       func(*campaignRun, emulator.Request, *rand.Rand) *emulator.Fault
}

// mislead reports whether a run may get an answer about a configuration that
// looks true and is not: once, so that a second call shows it.
func (r *campaignRun) mislead(arn string) bool {
	before := r.misled[arn]
	r.misled[arn] = true
	return !before
}

const stranger = "stranger"

var (
	writes = []string{putConfig, updateConfig, deleteConfig}
	bodies = []string{putConfig, updateConfig, getConfig, listConfigs} // the operations that respond with a configuration
	all    = []string{putConfig, updateConfig, getConfig, deleteConfig, listConfigs}
)

// always returns the same fault for each request.
func always(f emulator.Fault) func(*campaignRun, emulator.Request, *rand.Rand) *emulator.Fault {
	return func(*campaignRun, emulator.Request, *rand.Rand) *emulator.Fault { return &f }
}

// body returns the fault that a configuration is answered in the place of the
// one of a request, which is carried out or not.
func (r *campaignRun) body(request emulator.Request, applied bool, answer string) *emulator.Fault {
	if request.Operation == listConfigs {
		answer = r.model.list(request.Function, r.listed(request), answer)
	}
	return &emulator.Fault{Status: http.StatusOK, Applied: applied, Body: answer}
}

// listed returns the configuration that a fault of a request is about: for List,
// one of those that the function has.
func (r *campaignRun) listed(request emulator.Request) string {
	if request.Operation != listConfigs {
		return arnOf(request.Function, request.Qualifier)
	}
	for _, q := range plannedQualifiers {
		if _, ok := r.model.current(arnOf(request.Function, q)); ok {
			return arnOf(request.Function, q)
		}
	}
	return arnOf(request.Function, plannedQualifiers[0])
}

// campaignFaults are all kinds. Later ones are more frequent, as fewer requests
// can meet them.
var campaignFaults = []fault{
	{"throttled", all, always(emulator.Fault{Status: 429, Code: "TooManyRequestsException", Message: "Rate exceeded"})},
	{"500", all, always(emulator.Fault{Status: 500, Code: "ServiceException", Message: "no"})},
	{"503", all, always(emulator.Fault{Status: 503})},
	{"conflict", writes, always(emulator.Fault{Status: 409, Code: "ResourceConflictException", Message: conflict})},
	{"connection closed", all, always(emulator.Fault{})},
	{"applied, connection closed", writes, always(emulator.Fault{Applied: true})},
	{"truncated", all, always(emulator.Fault{Status: 200, Truncate: true})},
	{"slow", all, always(emulator.Fault{Status: 200, Applied: true, Delay: 300 * time.Millisecond})},
	{"HTML", all, func(r *campaignRun, request emulator.Request, chance *rand.Rand) *emulator.Fault {
		if request.Operation == deleteConfig && !r.mislead(arnOf(request.Function, request.Qualifier)) {
			return nil
		}
		return &emulator.Fault{Status: 200, Applied: chance.IntN(2) == 0, Body: "<html>Sign in</html>"}
	}},
	{"another configuration", bodies, func(r *campaignRun, request emulator.Request, chance *rand.Rand) *emulator.Fault {
		arn := strings.SplitAfter(r.listed(request), ":")
		switch part := chance.IntN(4); {
		case part == 0:
			arn[3] = "eu-west-1:"
		case part == 1 && request.Operation == updateConfig: // the account is known from state
			arn[4] = "999999999999:"
		case part == 2 && request.Operation != listConfigs: // which may have any qualifier
			arn[7] = "another"
		default:
			arn[6] = stranger + ":"
		}
		other := version{settings{77, 0, "", ""}, time.Unix(1, 0)}
		return r.body(request, chance.IntN(2) == 0, other.answer(strings.Join(arn, "")))
	}},
	{"no ARN", bodies, func(r *campaignRun, request emulator.Request, chance *rand.Rand) *emulator.Fault {
		current, _ := r.model.current(r.listed(request))
		return r.body(request, chance.IntN(2) == 0, current.answer([]string{"", "function", "arn:aws:lambda"}[chance.IntN(3)]))
	}},
	{"501", []string{updateConfig}, always(emulator.Fault{Status: 501, Code: "NotImplemented", Message: "no"})},
	{"404", []string{getConfig, deleteConfig}, func(r *campaignRun, request emulator.Request, _ *rand.Rand) *emulator.Fault {
		arn := arnOf(request.Function, request.Qualifier)
		if r.signal != nil || !r.mislead(arn) { // the read after an interrupted write is the last one
			return nil
		}
		return &emulator.Fault{Status: 404, Code: "ResourceNotFoundException", Message: "The function " + arn + " doesn't have an EventInvokeConfig"}
	}},
	{"older", []string{getConfig, listConfigs, updateConfig}, func(r *campaignRun, request emulator.Request, chance *rand.Rand) *emulator.Fault {
		for _, q := range plannedQualifiers {
			arn := arnOf(request.Function, q)
			if versions := r.model[arn]; (request.Operation == listConfigs || q == request.Qualifier) && len(versions) > 1 && r.inState[arn] && r.mislead(arn) {
				r.stale[arn] = true
				answer := versions[chance.IntN(len(versions)-1)].answer(arn)
				if request.Operation == listConfigs {
					answer = r.model.list(request.Function, arn, answer)
				}
				return &emulator.Fault{Status: http.StatusOK, Applied: true, Body: answer}
			}
		}
		return nil
	}},
	{"applied, response lost, then refused", writes, func(r *campaignRun, request emulator.Request, _ *rand.Rand) *emulator.Fault {
		arn := arnOf(request.Function, request.Qualifier)
		if !r.mislead(arn) {
			return nil
		}
		r.refuses[request.Operation+arn], r.refused = true, true
		return &emulator.Fault{Applied: true}
	}},
}

// choose returns the fault that a request meets, nil for none. It depends on the
// seed, the run, and how often the run has made the same call, and not on the
// order of calls about other configurations.
func (r *campaignRun) choose(request emulator.Request) *emulator.Fault {
	key := strings.TrimSpace(request.Operation + " " + request.Function + " " + request.Qualifier)
	r.calls[key]++
	h := fnv.New64()
	_, _ = fmt.Fprintf(h, "%d %s %d", r.number, key, r.calls[key])
	chance := rand.New(rand.NewPCG(r.seed, h.Sum64())) //nolint:gosec // the same faults every time
	if refused := request.Operation + r.listed(request); r.refuses[refused] {
		delete(r.refuses, refused)
		return &emulator.Fault{Status: 403, Code: "AccessDeniedException", Message: "not authorized"}
	}
	if !r.faulty || chance.IntN(100) >= 30 {
		return nil
	}
	kinds := slices.DeleteFunc(slices.Clone(campaignFaults), func(f fault) bool {
		return !slices.Contains(f.operations, request.Operation)
	})
	kind := kinds[max(chance.IntN(len(kinds)), chance.IntN(len(kinds)))]
	f := kind.make(r, request, chance)
	if f != nil {
		r.met = append(r.met, fmt.Sprintf("%s #%d: %s", key, r.calls[key], kind.name))
		r.struck[kind.name]++
	}
	return f
}

// strike checks a request, and returns the fault that it meets.
func (r *campaignRun) strike(request emulator.Request) *emulator.Fault {
	if r == nil {
		return nil // between runs
	}
	if r.requests++; r.requests == r.signalAt {
		r.stop <- r.signal
		r.faulty = false // the run has one read to find out what it has written
	}
	f := r.choose(request)
	if f == nil && r.signal != nil && !isRead(request) { // so that it is in progress when the signal comes
		f = &emulator.Fault{Status: http.StatusOK, Applied: true, Delay: 60 * time.Millisecond}
	}
	if isRead(request) {
		return f
	}
	arn := arnOf(request.Function, request.Qualifier)
	before, there := r.model.current(arn)
	want, wanted := r.wanted[arn]
	if r.readOnly {
		r.violate("%s of %s in a run that only reads", request.Operation, arn)
	}
	if request.Operation == deleteConfig {
		if !r.inState[arn] {
			r.violate("deletes %s, which is not in state", arn)
		}
		if r.stable[arn] {
			r.violate("deletes %s, which is in state and wanted", arn)
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
	case there:
		after = before.written(request.Body, r.updates)
	default:
		return f // the emulator responds that there is none
	}
	switch {
	case !wanted:
		r.violate("writes %s, which is not wanted", arn)
	case !there && after != want:
		r.violate("creates %s with %+v, wanted %+v", arn, after, want)
	case there && !after.isBetween(before.settings, want):
		r.violate("changes %s from %+v to %+v, wanted %+v", arn, before.settings, after, want)
	}
	if applies(f) {
		r.model.set(arn, after)
		r.updated[arn] = true
	}
	return f
}

// applies reports whether a request that meets f is carried out.
func applies(f *emulator.Fault) bool {
	return f == nil || f.Applied || f.Status == http.StatusOK && f.Body == ""
}

func (r *campaignRun) violate(format string, args ...any) {
	r.violations = append(r.violations, fmt.Sprintf(format, args...))
}
