// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig

import (
	"context"
	"crypto/rand"
	"strconv"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/functionref"
)

// claims finds two objects that are planned for one configuration: two
// resources, or a resource and what is left of it or of another one in state.
// Terraform does not say which resource a plan is for, and plans one that it
// replaces twice: with its state, and then without. The private state, which
// goes from the first of these plans into the second, says that they are one
// resource.
type claims struct {
	mu         sync.Mutex
	taken      map[claimed][]claim
	kept       map[string]bool // by ID: what stays, by a plan of this run
	destroying map[string]bool // by ID: what goes, by a plan of this run
}

// claimed is a configuration as far as every spelling of it says.
type claimed struct{ region, function, qualifier string }

type claim struct{ account, owner string }

// What the private state says, from one call about a resource to the next.
const (
	ownerKey    = "owner"    // which resource is being planned
	survivesKey = "survives" // that another object keeps what is destroyed
)

// keep notes that the configuration of an ID stays, and reports whether the
// destruction of another object of it has already been planned, which can no
// longer be told to leave it alone: then whoever keeps it has to make it anew.
func (c *claims) keep(id string) (threatened bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]bool{}
	}
	c.kept[id] = true
	return c.destroying[id]
}

// destroy notes that an object is to be destroyed, and reports whether another
// one keeps its configuration. Such a pair is what an interrupted
// create_before_destroy leaves, or two resources that adopted one
// configuration.
func (c *claims) destroy(id string) (survives bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.destroying == nil {
		c.destroying = map[string]bool{}
	}
	c.destroying[id] = true
	return c.kept[id]
}

// check claims a configuration for the resource that is planned, and adds an
// error to resp where another one has claimed it. A resource whose account is
// not known is taken to be in any account.
func (c *claims) check(
	ctx context.Context, function functionref.Ref, qualifier string, hasState bool,
	req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	owner := strconv.Quote(rand.Text()) // private state is JSON
	if hasState {
		resp.Diagnostics.Append(resp.Private.SetKey(ctx, ownerKey, []byte(owner))...)
	} else {
		planned, diags := req.Private.GetKey(ctx, ownerKey)
		resp.Diagnostics.Append(diags...)
		if planned != nil {
			owner = string(planned)
			resp.Diagnostics.Append(resp.Private.SetKey(ctx, ownerKey, nil)...)
		}
	}

	key := claimed{function.Region, function.Name, qualifier}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, other := range c.taken[key] {
		sameAccount := other.account == function.AccountID || other.account == "" || function.AccountID == ""
		if sameAccount && other.owner != owner {
			addTwice(&resp.Diagnostics, function.Name+":"+qualifier+" in "+function.Region)
			return
		}
	}
	if c.taken == nil {
		c.taken = map[claimed][]claim{}
	}
	c.taken[key] = append(c.taken[key], claim{function.AccountID, owner})
}
