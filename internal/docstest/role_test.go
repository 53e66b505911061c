// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"

	. "github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	awslambda "github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

// role is the function's execution role, and the hashicorp/aws provider that
// gives it a policy: a stand-in with the one resource that the guide shows.
type role struct {
	mu   sync.Mutex
	may  policy
	used map[string]bool // the actions that a destination has needed
}

// needs is what the role must be allowed for a destination, as an action on a
// resource.
func needs(arn string) map[string]string {
	d, err := destination.Parse(arn)
	if err != nil {
		panic(err)
	}
	return map[destination.Kind]map[string]string{
		destination.SQS:         {"sqs:SendMessage": arn},
		destination.SNS:         {"sns:Publish": arn},
		destination.Lambda:      {"lambda:InvokeFunction": arn},
		destination.EventBridge: {"events:PutEvents": arn},
		destination.S3:          {"s3:PutObject": arn + "/aws/lambda/async/" + function + "/record", "s3:ListBucket": arn},
	}[d.Kind]
}

// strike refuses a destination that the role may not send to.
func (r *role) strike(request emulator.Request) *emulator.Fault {
	var body struct {
		DestinationConfig map[string]struct{ Destination string }
	}
	if request.Body == nil || json.Unmarshal(request.Body, &body) != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, side := range body.DestinationConfig {
		if side.Destination == "" {
			continue
		}
		for action, on := range needs(side.Destination) {
			r.used[action] = true
			if !r.may.allows(action, on) {
				_, call, _ := strings.Cut(action, ":")
				return &emulator.Fault{Status: 400, Code: "InvalidParameterValueException", Message: fmt.Sprintf(
					"The function's execution role does not have permissions to call %s on %s", call, side.Destination)}
			}
		}
	}
	return nil
}

func (r *role) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (r *role) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (r *role) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (r *role) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (r *role) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return rolePolicy{r} }}
}

type rolePolicy struct{ *role }

func (rolePolicy) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "aws_iam_role_policy"
}

func (rolePolicy) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"role": schema.StringAttribute{Required: true}, "policy": schema.StringAttribute{Required: true},
	}
}

// Create takes its time, so that whoever does not wait for the policy is
// refused.
func (p rolePolicy) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	time.Sleep(500 * time.Millisecond)
	var text string
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("policy"), &text)...)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := json.Unmarshal([]byte(text), &p.may); err != nil {
		resp.Diagnostics.AddError("Stand-in", err.Error())
	}
	resp.State.Raw = req.Plan.Raw
}

func (rolePolicy) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (rolePolicy) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (rolePolicy) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// TestRolePolicy applies what the guide shows, and a resource for every kind
// of destination, none of which is refused; and every action is needed.
func TestRolePolicy(t *testing.T) {
	r := &role{used: map[string]bool{}}
	api := NewAPI(t, emulator.Options{Strike: r.strike}, function, "orders-failed")
	dir := filepath.Join(root, "examples/guides/iam")
	text, err := os.ReadFile(filepath.Join(dir, "role.tf"))
	api.Must(err)
	dir, err = filepath.Abs(dir)
	api.Must(err)
	configuration := api.ProviderBlock("", Region) + strings.ReplaceAll(string(text), "${path.module}", filepath.ToSlash(dir))
	for i, arn := range []string{
		"arn:aws:sns:us-east-1:123456789012:orders-failed", "arn:aws:lambda:us-east-1:123456789012:function:orders-failed", "arn:aws:s3:::orders-failed",
	} {
		other := fmt.Sprintf("other%d", i)
		api.Must(api.CreateFunction(Region, other))
		configuration += Config(other, other, "depends_on = [aws_iam_role_policy.destinations]",
			fmt.Sprintf("destination_config = { on_failure = { destination = %q } }", arn))
	}
	acc.ParallelTest(t, acc.TestCase{
		IsUnitTest: true,
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"awslambda": func() (tfprotov6.ProviderServer, error) { return serve.Server(awslambda.New("test"))(), nil },
			"aws":       providerserver.NewProtocol6WithError(r),
		},
		Steps: []acc.TestStep{{Config: configuration}},
	})
	for _, line := range api.Writes() {
		if strings.Contains(line, "->") {
			t.Errorf("refused: %s", line)
		}
	}
	if got := readPolicy(t, "role.json").actions(); len(got) != len(r.used) || slices.ContainsFunc(got, func(a string) bool { return !r.used[a] }) {
		t.Errorf("role.json allows %q, and needed is %v", got, r.used)
	}
}
