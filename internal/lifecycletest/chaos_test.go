// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package lifecycletest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// TestChaos has every fifth request meet something that passes by itself, and
// asserts that nobody could tell from what the API holds in the end.
func TestChaos(t *testing.T) {
	faults := []emulator.Fault{
		{Status: http.StatusTooManyRequests, Code: "TooManyRequestsException", Message: "Rate exceeded"},
		{Status: http.StatusInternalServerError, Code: "ServiceException", Message: "no"},
		{Status: http.StatusConflict, Code: "ResourceConflictException", Message: "busy"},
		{Applied: true}, // the answer is lost
		{},              // the connection breaks
		{Status: http.StatusOK, Delay: 500 * time.Millisecond},
	}
	requests, struck := 0, make([]int, len(faults))
	chance := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same chances every time
	api := NewAPI(t, emulator.Options{Strike: func(emulator.Request) *emulator.Fault {
		if requests++; chance.IntN(5) > 0 {
			return nil
		}
		i := chance.IntN(len(faults))
		struck[i]++
		return &faults[i]
	}})
	stage(api, 15)
	step := func(p planned) resource.TestStep {
		s := api.Apply(p.configuration())
		s.Check = func(*terraform.State) error { return p.isHeld(api) }
		return s
	}
	api.Run(t, step(newPlan(15, first)), step(newPlan(15, second)), step(nil))

	t.Logf("of %d requests, faults struck %v", requests, struck)
	for i, times := range struck {
		if times < 5 {
			t.Errorf("the fault %+v struck %d times only", faults[i], times)
		}
	}
}

// planned is what is to be there, by qualified ARN.
type planned map[string]emulator.Config

var plannedQualifiers = []string{"$LATEST", "1", "live", "next"}

// stage creates the functions of a plan, with a version and two aliases each.
func stage(api *API, functions int) {
	for i := range functions {
		f := fmt.Sprintf("f%02d", i)
		api.Must(api.CreateFunction(Region, f))
		_, err := api.PublishVersion(Region, f)
		api.Must(err)
		api.Must(api.CreateAlias(Region, f, "live", "1"))
		api.Must(api.CreateAlias(Region, f, "next", "$LATEST"))
	}
}

// newPlan returns a plan with a configuration for every qualifier of the functions.
func newPlan(functions int, variant func(int) emulator.Config) planned {
	p := planned{}
	for i := range functions * len(plannedQualifiers) {
		ref := fmt.Sprintf("f%02d:%s", i/len(plannedQualifiers), plannedQualifiers[i%len(plannedQualifiers)])
		p["arn:aws:lambda:us-east-1:123456789012:function:"+ref] = variant(i)
	}
	return p
}

// first and second differ in something for every i: in one number, in the
// other, in one destination or in both.
func first(i int) emulator.Config {
	return emulator.Config{
		MaximumRetryAttempts:     new(i % 3),
		MaximumEventAgeInSeconds: new(60 + i),
		OnFailure:                []string{Queue, Topic, Bucket, ""}[i/7%4],
	}
}

func second(i int) emulator.Config {
	config := first(i)
	switch i % 5 {
	case 0:
		*config.MaximumRetryAttempts = (i + 1) % 3
	case 1:
		*config.MaximumEventAgeInSeconds = 3600 + i
	case 2:
		config.OnSuccess = Bus
	case 3:
		config.OnSuccess, config.OnFailure = config.OnFailure, Bus
		if config.OnSuccess == Bucket { // which cannot be one on success
			config.OnSuccess = ""
		}
	default:
		*config.MaximumRetryAttempts = (i + 2) % 3
		config.OnFailure = Bus
	}
	return config
}

// configuration is the plan's, with a resource for every configuration.
func (p planned) configuration() string {
	var b strings.Builder
	b.WriteString("# generated\n")
	for arn, c := range p {
		name := strings.NewReplacer(":", "_", "$", "").Replace(arn)
		b.WriteString(Config(name, arn,
			fmt.Sprintf("maximum_retry_attempts = %d", *c.MaximumRetryAttempts),
			fmt.Sprintf("maximum_event_age_in_seconds = %d", *c.MaximumEventAgeInSeconds),
			Destinations(c.OnSuccess, c.OnFailure)))
	}
	return b.String()
}

// isHeld returns an error where the API does not hold the plan, or more.
func (p planned) isHeld(api *API) error {
	line := func(arn string, c emulator.Config) string {
		c.LastModified = time.Time{}
		members, err := json.Marshal(c)
		api.Must(err)
		return arn + " " + string(members)
	}
	var got, want []string
	for _, arn := range api.Configs() {
		config, _ := api.Config(Region, arn, "")
		got = append(got, line(arn, config))
	}
	for arn, config := range p {
		want = append(want, line(arn, config))
	}
	slices.Sort(want)
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("the API holds:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
}
