// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// TestCaseWithAWS returns a test case with a stand-in for the provider
// hashicorp/aws. The stand-in has the resources and arguments that the
// documentation uses. Functions and aliases exist in the API, and policies in the
// role. Other resources exist only in state.
func (a *API) TestCaseWithAWS(role *Role, steps ...acc.TestStep) acc.TestCase {
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
	arn := schema.StringAttribute{
		Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
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
				"execution_timeout": schema.NumberAttribute{Required: true},
				"retention_period":  schema.NumberAttribute{Optional: true},
			}),
		}, change: s.changeFunction},
		{typeName: "aws_lambda_alias", attributes: map[string]schema.Attribute{
			"name": required, "function_version": required, "arn": arn,
			"function_name": schema.StringAttribute{
				Required: true, PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
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

// changeFunction publishes a version with each change.
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

// changeAlias fails if an alias is deleted before its configuration, which Lambda would
// accept. Like Lambda, it fails to update an alias that does not exist, such as an alias
// that was deleted with its function.
func (s *aws) changeAlias(before, after texts) (texts, error) {
	if before != nil {
		if _, ok := s.api.Config(Region, before["function_name"], before["name"]); ok && after == nil {
			return nil, errors.New("the alias still has a configuration")
		}
		if after != nil && s.api.CreateAlias(Region, before["function_name"], before["name"], "$LATEST") == nil {
			return nil, errors.New("status 404: the alias does not exist")
		}
		if err := s.api.DeleteAlias(Region, before["function_name"], before["name"]); err != nil || after == nil {
			return nil, err
		}
	}
	// The function's name or ARN
	name := after["function_name"][strings.LastIndex(after["function_name"], ":")+1:]
	arn := fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s:%s", Region, Account, name, after["name"])
	return texts{"arn": arn}, s.api.CreateAlias(Region, name, after["name"], after["function_version"])
}

// texts are the known attributes of type string.
type texts map[string]string

// awsResource is a resource type of the stand-in.
type awsResource struct {
	t          testing.TB
	typeName   string
	attributes map[string]schema.Attribute
	blocks     map[string]schema.Block

	// change creates (before is nil), updates or deletes (after is nil) a resource. It
	// returns the computed attributes.
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

// Create is slow, so that a resource without a dependency on this one is created
// first.
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

// changed changes a resource and returns its new state.
func (r awsResource) changed(before, after tftypes.Value) tftypes.Value {
	textsBefore, _, err := attributesOf(before)
	textsAfter, attributes, err2 := attributesOf(after)
	var computed texts
	if err = errors.Join(err, err2); err == nil {
		computed, err = r.change(textsBefore, textsAfter)
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

// attributesOf returns the attributes of an object, nil for a null object.
func attributesOf(object tftypes.Value) (texts, map[string]tftypes.Value, error) {
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

// Role is the execution role of the functions. Its policies are those of the
// stand-in's aws_iam_role_policy. It is safe for concurrent use.
type Role struct {
	mu       sync.Mutex
	policies map[string]Policy
	used     map[string]bool // by action: whether a destination has required it
}

// Policy is an IAM policy of Allow statements. Conditions are ignored.
type Policy struct{ Statement []statement }

type statement struct{ Action, Resource stringOrList }

// stringOrList is a string or a list of strings in JSON.
type stringOrList []string

func (s *stringOrList) UnmarshalJSON(data []byte) error {
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

// Actions returns the actions that p allows, sorted.
func (p Policy) Actions() []string {
	var all []string
	for _, s := range p.Statement {
		all = append(all, s.Action...)
	}
	slices.Sort(all)
	return all
}

// Without returns a copy of p without an action.
func (p Policy) Without(action string) *Policy {
	less := &Policy{}
	for _, s := range p.Statement {
		actions := slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == action })
		less.Statement = append(less.Statement, statement{actions, s.Resource})
	}
	return less
}

// allows reports whether a policy of r allows an action on a resource. The caller
// has locked r.mu.
func (r *Role) allows(action, on string) bool {
	for _, p := range r.policies {
		if p.Allows(action, on) {
			return true
		}
	}
	return false
}

// policySimulation is the data source aws_iam_principal_policy_simulation. It
// evaluates each action on each resource.
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

// change replaces, adds or removes a policy.
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
		r.policies, r.used = map[string]Policy{}, map[string]bool{}
	}
	r.policies[after["name"]] = p
	for _, action := range p.Actions() {
		if _, known := r.used[action]; !known {
			r.used[action] = false
		}
	}
	return nil, nil
}

// requiredPermissions returns the actions, and the resources of each, that the
// role of a function must be allowed for a destination. AWS does not document
// whether Lambda invokes a qualified destination by the qualified or the
// unqualified ARN, so both are required.
func requiredPermissions(function, arn string) map[string][]string {
	d, err := destination.Parse(arn)
	if err != nil {
		return nil // Lambda rejects the ARN itself
	}
	unqualified := regexp.MustCompile(`(:function:[^:]+):.*`).ReplaceAllString(arn, "$1")
	return map[destination.Kind]map[string][]string{
		destination.SQS:         {"sqs:SendMessage": {arn}},
		destination.SNS:         {"sns:Publish": {arn}},
		destination.Lambda:      {"lambda:InvokeFunction": {arn, unqualified}},
		destination.EventBridge: {"events:PutEvents": {arn}},
		destination.S3: {
			"s3:PutObject":  {arn + "/aws/lambda/async/" + function + "/record"},
			"s3:ListBucket": {arn},
		},
	}[d.Kind]
}

// RejectDestination returns Lambda's error for a request with a destination that
// the role has no permission for, otherwise nil. It is a FaultFunc of
// [emulator.Options].
func (r *Role) RejectDestination(request emulator.Request) *emulator.Fault {
	var body struct {
		DestinationConfig map[string]struct{ Destination string }
	}
	if request.Body == nil || json.Unmarshal(request.Body, &body) != nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, side := range body.DestinationConfig {
		for action, on := range requiredPermissions(request.Function, side.Destination) {
			if slices.ContainsFunc(on, func(resource string) bool { return !r.allows(action, resource) }) {
				_, call, _ := strings.Cut(action, ":")
				return &emulator.Fault{Status: 400, Code: "InvalidParameterValueException", Message: fmt.Sprintf(
					"The function's execution role does not have permissions to call %s on %s", call, side.Destination)}
			}
			r.used[action] = true
		}
	}
	return nil
}

// UnusedActions returns the actions that a policy allowed and no destination has
// required.
func (r *Role) UnusedActions() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var actions []string
	for action, used := range r.used {
		if !used {
			actions = append(actions, action)
		}
	}
	return actions
}
