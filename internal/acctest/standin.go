// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/lambda-async/terraform-provider-awslambda/internal/destination"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
)

// BesideAWS is a test case with a stand-in for the provider hashicorp/aws. It
// has the resources that the documentation shows beside this provider's, with
// no more arguments than are shown there. A function and an alias are made on
// the API, a policy is the role's; whatever else there is, is in state alone.
func (a *API) BesideAWS(role *Role, steps ...acc.TestStep) acc.TestCase {
	test := a.testCase(steps)
	test.ProtoV6ProviderFactories["aws"] = providerserver.NewProtocol6WithError(&aws{a, role})
	return test
}

type aws struct {
	api  *API
	role *Role
}

func (*aws) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (*aws) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema.Attributes = map[string]providerschema.Attribute{"region": providerschema.StringAttribute{Optional: true}}
}

func (*aws) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (s *aws) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return policySimulation{s.role} }}
}

func (s *aws) Resources(context.Context) []func() resource.Resource {
	required, optional := schema.StringAttribute{Required: true}, schema.StringAttribute{Optional: true}
	computed := schema.StringAttribute{Computed: true}
	// An ARN is unknown only while its resource is created or replaced.
	arn := schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}}
	var resources []func() resource.Resource
	for _, r := range []awsResource{
		{typeName: "aws_sqs_queue", attributes: map[string]schema.Attribute{
			"name": required, "message_retention_seconds": schema.NumberAttribute{Optional: true},
			"region": schema.StringAttribute{Optional: true, Computed: true}, "arn": arn,
		}, change: func(_, after texts) (texts, error) {
			region := cmp.Or(after["region"], Region)
			return texts{"region": region, "arn": fmt.Sprintf("arn:aws:sqs:%s:%s:%s", region, Account, after["name"])}, nil
		}},
		{typeName: "aws_sns_topic", attributes: map[string]schema.Attribute{
			"name": required, "arn": arn,
		}, change: func(_, after texts) (texts, error) {
			return texts{"arn": fmt.Sprintf("arn:aws:sns:%s:%s:%s", Region, Account, after["name"])}, nil
		}},
		{typeName: "aws_iam_role", attributes: map[string]schema.Attribute{
			"name": required, "assume_role_policy": required, "arn": arn,
		}, change: func(_, after texts) (texts, error) {
			return texts{"arn": fmt.Sprintf("arn:aws:iam::%s:role/%s", Account, after["name"])}, nil
		}},
		{typeName: "aws_cloudwatch_event_bus", attributes: map[string]schema.Attribute{
			"name": required, "arn": arn,
		}, change: func(_, after texts) (texts, error) {
			return texts{"arn": fmt.Sprintf("arn:aws:events:%s:%s:event-bus/%s", Region, Account, after["name"])}, nil
		}},
		{typeName: "aws_s3_bucket", attributes: map[string]schema.Attribute{
			"bucket": required, "arn": arn,
		}, change: func(_, after texts) (texts, error) {
			return texts{"arn": "arn:aws:s3:::" + after["bucket"]}, nil
		}},
		{typeName: "aws_iam_role_policy", attributes: map[string]schema.Attribute{
			"name": optional, "role": required, "policy": required,
		}, change: s.role.change},
		{typeName: "aws_lambda_function", attributes: map[string]schema.Attribute{
			"function_name": required, "role": required, "package_type": optional, "image_uri": optional,
			"filename": optional, "handler": optional, "runtime": optional, "description": optional, "region": optional,
			"publish": schema.BoolAttribute{Optional: true}, "version": computed, "arn": arn,
		}, blocks: map[string]schema.Block{
			"dead_letter_config": block(map[string]schema.Attribute{"target_arn": required}),
			"durable_config": block(map[string]schema.Attribute{
				"execution_timeout": schema.NumberAttribute{Required: true}, "retention_period": schema.NumberAttribute{Optional: true},
			}),
		}, change: s.changeFunction},
		{typeName: "aws_lambda_alias", attributes: map[string]schema.Attribute{
			"name": required, "function_name": required, "function_version": required, "arn": arn,
		}, change: s.changeAlias},
		{typeName: "aws_cloudwatch_metric_alarm", attributes: map[string]schema.Attribute{
			"alarm_name": required, "alarm_description": optional, "namespace": optional, "metric_name": optional,
			"dimensions": schema.MapAttribute{Optional: true, ElementType: types.StringType}, "statistic": optional,
			"period": schema.NumberAttribute{Optional: true}, "evaluation_periods": schema.NumberAttribute{Required: true},
			"comparison_operator": required, "threshold": schema.NumberAttribute{Optional: true}, "treat_missing_data": optional,
			"alarm_actions": schema.SetAttribute{Optional: true, ElementType: types.StringType}, "arn": arn,
		}, change: func(_, after texts) (texts, error) {
			return texts{"arn": fmt.Sprintf("arn:aws:cloudwatch:%s:%s:alarm:%s", Region, Account, after["alarm_name"])}, nil
		}},
	} {
		r.t = s.api.t
		resources = append(resources, func() resource.Resource { return r })
	}
	return resources
}

// changeFunction publishes a version with every change.
func (s *aws) changeFunction(before, after texts) (texts, error) {
	if after == nil {
		return nil, s.api.DeleteFunction(cmp.Or(before["region"], Region), before["function_name"], "")
	}
	region := cmp.Or(after["region"], Region)
	if before == nil {
		if err := s.api.CreateFunction(region, after["function_name"]); err != nil {
			return nil, err
		}
	}
	version, err := s.api.PublishVersion(region, after["function_name"])
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", region, Account, after["function_name"])
	return texts{"version": version, "arn": arn}, err
}

// changeAlias refuses to delete an alias before its configuration, of which
// Lambda would say nothing.
func (s *aws) changeAlias(before, after texts) (texts, error) {
	if before != nil {
		if _, ok := s.api.Config(Region, before["function_name"], before["name"]); ok && after == nil {
			return nil, errors.New("the alias has a configuration still")
		}
		if err := s.api.DeleteAlias(Region, before["function_name"], before["name"]); err != nil || after == nil {
			return nil, err
		}
	}
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s:%s", Region, Account, after["function_name"], after["name"])
	return texts{"arn": arn}, s.api.CreateAlias(Region, after["function_name"], after["name"], after["function_version"])
}

// texts are the attributes that are known and text.
type texts map[string]string

// awsResource is a resource of the stand-in.
type awsResource struct {
	t          testing.TB // which fails with a change
	typeName   string
	attributes map[string]schema.Attribute
	blocks     map[string]schema.Block

	// change is given what was (nil: nothing) and what shall be (nil: nothing),
	// and returns what is computed.
	change func(before, after texts) (computed texts, err error)
}

func (r awsResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

func (r awsResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes, resp.Schema.Blocks = r.attributes, r.blocks
}

// block returns a block of which a resource has at most one, as hashicorp/aws declares it: a list.
func block(attributes map[string]schema.Attribute) schema.Block {
	return schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: attributes}}
}

// Create takes its time, so that whoever does not wait for it comes first.
func (r awsResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	time.Sleep(500 * time.Millisecond)
	resp.State.Raw = r.changed(resp.State.Raw, req.Plan.Raw)
}

func (r awsResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r awsResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.State.Raw = r.changed(req.State.Raw, req.Plan.Raw)
}

func (r awsResource) Delete(_ context.Context, req resource.DeleteRequest, _ *resource.DeleteResponse) {
	r.changed(req.State.Raw, tftypes.NewValue(req.State.Raw.Type(), nil))
}

// changed makes a change, and returns the state after it.
func (r awsResource) changed(before, after tftypes.Value) tftypes.Value {
	was, _, err := split(before)
	shall, attributes, err2 := split(after)
	var computed texts
	if err = errors.Join(err, err2); err == nil {
		computed, err = r.change(was, shall)
	}
	if err != nil {
		r.t.Errorf("stand-in for %s: %v", r.typeName, err)
		return before
	}
	if attributes == nil {
		return after
	}
	for name, v := range attributes {
		if !v.IsKnown() {
			attributes[name] = tftypes.NewValue(v.Type(), computed[name])
		}
	}
	return tftypes.NewValue(after.Type(), attributes)
}

// split returns the attributes of an object; nothing of one that is null.
func split(object tftypes.Value) (texts, map[string]tftypes.Value, error) {
	if object.IsNull() {
		return nil, nil, nil
	}
	var attributes map[string]tftypes.Value
	if err := object.As(&attributes); err != nil {
		return nil, nil, err
	}
	known := texts{}
	for name, v := range attributes {
		if !v.Type().Is(tftypes.String) || !v.IsKnown() || v.IsNull() {
			continue
		}
		var text string
		if err := v.As(&text); err != nil {
			return nil, nil, err
		}
		known[name] = text
	}
	return known, attributes, nil
}

// Role is the role that functions run as. It has the policies that the
// stand-in's aws_iam_role_policy gives it.
type Role struct {
	mu       sync.Mutex
	policies map[string]Policy
	needed   map[string]bool // by every action that was ever allowed
}

// Policy is an IAM policy as far as the documentation's go: what is allowed,
// under whatever condition.
type Policy struct{ Statement []statement }

type statement struct{ Action, Resource oneOrMore }

// oneOrMore is a string, or a list of some.
type oneOrMore []string

func (s *oneOrMore) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		*s = []string{""}
		return json.Unmarshal(data, &(*s)[0])
	}
	return json.Unmarshal(data, (*[]string)(s))
}

// Allows reports whether p allows an action on a resource.
func (p Policy) Allows(action, on string) bool {
	for _, s := range p.Statement {
		if slices.Contains(s.Action, action) && slices.ContainsFunc(s.Resource, func(pattern string) bool {
			return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$").MatchString(on)
		}) {
			return true
		}
	}
	return false
}

// Actions returns what p allows, sorted.
func (p Policy) Actions() []string {
	var all []string
	for _, s := range p.Statement {
		all = append(all, s.Action...)
	}
	slices.Sort(all)
	return all
}

// Without returns p less one action.
func (p Policy) Without(action string) *Policy {
	less := &Policy{}
	for _, s := range p.Statement {
		actions := slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == action })
		less.Statement = append(less.Statement, statement{actions, s.Resource})
	}
	return less
}

// allows reports whether a policy of r allows an action on a resource. The caller
// holds the lock.
func (r *Role) allows(action, on string) bool {
	return slices.ContainsFunc(slices.Collect(maps.Values(r.policies)), func(p Policy) bool { return p.Allows(action, on) })
}

// policySimulation is aws_iam_principal_policy_simulation: every action is
// evaluated on every resource.
type policySimulation struct{ role *Role }

func (policySimulation) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "aws_iam_principal_policy_simulation"
}

func (policySimulation) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema.Attributes = map[string]datasourceschema.Attribute{
		"policy_source_arn": datasourceschema.StringAttribute{Required: true},
		"action_names":      datasourceschema.SetAttribute{Required: true, ElementType: types.StringType},
		"resource_arns":     datasourceschema.SetAttribute{Optional: true, ElementType: types.StringType},
		"all_allowed":       datasourceschema.BoolAttribute{Computed: true},
	}
}

func (d policySimulation) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var s struct {
		PolicySourceARN string   `tfsdk:"policy_source_arn"`
		ActionNames     []string `tfsdk:"action_names"`
		ResourceARNs    []string `tfsdk:"resource_arns"`
		AllAllowed      *bool    `tfsdk:"all_allowed"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &s)...)
	d.role.mu.Lock()
	defer d.role.mu.Unlock()
	all := true
	for _, action := range s.ActionNames {
		for _, on := range s.ResourceARNs {
			all = all && d.role.allows(action, on)
		}
	}
	s.AllAllowed = &all
	resp.Diagnostics.Append(resp.State.Set(ctx, s)...)
}

// change puts the policy after a change in the place of the one before it.
func (r *Role) change(before, after texts) (texts, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.policies, before["name"])
	if after == nil {
		return nil, nil
	}
	var p Policy
	if err := json.Unmarshal([]byte(after["policy"]), &p); err != nil {
		return nil, err
	}
	if r.policies == nil {
		r.policies, r.needed = map[string]Policy{}, map[string]bool{}
	}
	r.policies[after["name"]] = p
	for _, action := range p.Actions() {
		if _, known := r.needed[action]; !known {
			r.needed[action] = false
		}
	}
	return nil, nil
}

// needs is what a role must be allowed for a destination of a function, as an
// action on resources. AWS does not document whether Lambda invokes a destination
// with a qualifier by that ARN or by the ARN without it. So both have to be allowed.
func needs(function, arn string) map[string][]string {
	d, err := destination.Parse(arn)
	if err != nil {
		return nil // Lambda refuses it for what it is
	}
	return map[destination.Kind]map[string][]string{
		destination.SQS:         {"sqs:SendMessage": {arn}},
		destination.SNS:         {"sns:Publish": {arn}},
		destination.Lambda:      {"lambda:InvokeFunction": {arn, regexp.MustCompile(`(:function:[^:]+):.*`).ReplaceAllString(arn, "$1")}},
		destination.EventBridge: {"events:PutEvents": {arn}},
		destination.S3:          {"s3:PutObject": {arn + "/aws/lambda/async/" + function + "/record"}, "s3:ListBucket": {arn}},
	}[d.Kind]
}

// Strike is for [emulator.Options]: it refuses a destination that the role may
// not send to.
func (r *Role) Strike(request emulator.Request) *emulator.Fault {
	var body struct {
		DestinationConfig map[string]struct{ Destination string }
	}
	if request.Body == nil || json.Unmarshal(request.Body, &body) != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, side := range body.DestinationConfig {
		for action, on := range needs(request.Function, side.Destination) {
			if slices.ContainsFunc(on, func(resource string) bool { return !r.allows(action, resource) }) {
				_, call, _ := strings.Cut(action, ":")
				return &emulator.Fault{Status: 400, Code: "InvalidParameterValueException", Message: fmt.Sprintf(
					"The function's execution role does not have permissions to call %s on %s", call, side.Destination)}
			}
			r.needed[action] = true
		}
	}
	return nil
}

// Unneeded returns the actions that the role was allowed, and that no
// destination has needed.
func (r *Role) Unneeded() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var actions []string
	for action, needed := range r.needed {
		if !needed {
			actions = append(actions, action)
		}
	}
	return actions
}
