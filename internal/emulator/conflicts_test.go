// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package emulator_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// serve returns e's response to a request with one retry in its body. The status is 0 if
// e closes the connection.
func serve(ctx context.Context, e *emulator.Emulator, method, path string) response {
	r := httptest.NewRequestWithContext(ctx, method, "http://localhost"+path,
		strings.NewReader(`{"MaximumRetryAttempts":1}`))
	r.Header.Set("Authorization", scope)
	w := httptest.NewRecorder()
	defer func() {
		if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
			panic(p)
		}
	}()
	e.ServeHTTP(w, r)
	return response{w.Code, w.Header(), w.Body.String()}
}

func TestUpdate_conflictsWithConcurrentUpdate(t *testing.T) {
	const latency = 20 * time.Millisecond
	const (
		live     = configPath + "?Qualifier=live"
		put      = "PUT " + configPath
		putLive  = "PUT " + live
		putOther = "PUT /2019-09-25/functions/other/event-invoke-config"
		putARN   = "PUT /2019-09-25/functions/" + prefix + "fn:live/event-invoke-config"
		foreign  = "PUT /2019-09-25/functions/999999999999:fn/event-invoke-config"
		get      = "GET " + configPath
		remove   = "DELETE " + configPath
		update   = "POST " + configPath
	)
	slow := emulator.Fault{Status: 200, Delay: 2 * time.Second}
	lost := emulator.Fault{Applied: true, Delay: 2 * time.Second}
	for name, test := range map[string]struct {
		first, second string // method and path
		after         time.Duration
		fault         *emulator.Fault // of the first request
		conflict      string          // qualifier in the error, or empty
	}{
		"Put and Put of another qualifier": {put, putLive, 1, nil, "live"},
		"Put and Put of the same":          {putLive, putLive, 1, nil, "live"},
		"Put and Update":                   {putLive, update, 1, nil, "$LATEST"},
		"Put and Delete":                   {putLive, remove, 1, nil, "$LATEST"},
		"Update and Put":                   {update, putLive, 1, nil, "live"},
		"Delete and Put":                   {remove, putLive, 1, nil, "live"},
		"just before the response":         {put, putLive, latency - 1, nil, "live"},
		"in another format":                {put, putARN, 1, nil, "live"},
		"during the delay of a fault":      {put, putLive, time.Second, &slow, "live"},
		"before a lost response":           {put, putLive, time.Second, &lost, "live"},
		"after the response":               {put, putLive, latency + 1, nil, ""},
		"Get and Put":                      {get, putLive, 1, nil, ""},
		"Put and Get":                      {putLive, get, 1, nil, ""},
		"Put and List":                     {putLive, get + "/list", 1, nil, ""},
		"Puts of two functions":            {putOther, putLive, 1, nil, ""},
		"Put of another account":           {foreign, putLive, 1, nil, ""},
		"during an error of a fault":       {put, putLive, 1, &emulator.Fault{Status: 500}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := emulator.New(emulator.Options{Latency: latency})
				must(t, e.CreateFunction(region, "fn"))
				must(t, e.CreateFunction(region, "other"))
				must(t, e.CreateAlias(region, "fn", "live", "$LATEST"))
				must(t, e.PutConfig(region, "fn", "", emulator.Config{}))
				if test.fault != nil {
					e.AddFault(*test.fault)
				}
				send := func(request string) response {
					method, path, _ := strings.Cut(request, " ")
					return serve(t.Context(), e, method, path)
				}
				var first sync.WaitGroup
				first.Go(func() { send(test.first) })
				time.Sleep(test.after)

				began := time.Now()
				a := send(test.second)
				equal(t, "latency", time.Since(began), latency)
				if test.conflict == "" {
					equal(t, "status", a.status/100, 2)
				} else {
					equal(t, "status", a.status, 409)
					equal(t, "code", a.errorType(), "ResourceConflictException")
					equal(t, "body", members(t, a.body), map[string]any{
						"Type": "User", "message": "The EventInvokeConfig for function " + prefix + "fn:" + test.conflict +
							" could not be updated due to a concurrent update operation.",
					})
				}
				first.Wait()
				equal(t, "afterwards", serve(t.Context(), e, "PUT", live).status, 200)
			})
		})
	}
}

func TestUpdate_onlyOneOfConcurrentUpdatesSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.New(emulator.Options{Latency: time.Second})
		must(t, e.CreateFunction(region, "fn"))
		var qualifiers []string
		for range 8 {
			version, err := e.PublishVersion(region, "fn")
			must(t, err)
			qualifiers = append(qualifiers, version)
		}
		var all sync.WaitGroup
		for _, q := range qualifiers {
			all.Go(func() { serve(t.Context(), e, "PUT", configPath+"?Qualifier="+q) })
		}
		all.Wait()
		updated := 0
		for _, r := range e.Requests() {
			switch r.Status {
			case 200:
				updated++
				equal(t, "configurations", e.Configs(), []string{prefix + "fn:" + r.Qualifier})
			default:
				equal(t, "status", r.Status, 409)
			}
		}
		equal(t, "updated", updated, 1)
	})
}

func TestUpdate_endsWhenClientDisconnects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := emulator.New(emulator.Options{})
		must(t, e.CreateFunction(region, "fn"))
		e.AddFault(emulator.Fault{Status: 200, Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		equal(t, "status", serve(ctx, e, "PUT", configPath).status, 0)
		equal(t, "status", serve(t.Context(), e, "PUT", configPath).status, 200)
	})
}
