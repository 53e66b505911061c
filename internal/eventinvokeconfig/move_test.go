// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	acc "github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
	"github.com/lambda-async/terraform-provider-awslambda/internal/emulator"
	awslambda "github.com/lambda-async/terraform-provider-awslambda/internal/provider"
	"github.com/lambda-async/terraform-provider-awslambda/internal/serve"
)

const (
	awsType   = "aws_lambda_function_event_invoke_config"
	awsccType = "awscc_lambda_event_invoke_config"
)

// source stands in for a provider that resources are moved from. It has the
// one resource, in the source's schema, and calls nothing: what it is told to
// create is kept in state, in the way of the source.
type source struct {
	provider string
	typeName string
	schema   schema.Schema
	between  string         // function and qualifier in the id
	unset    map[string]any // what the state has for an attribute that is left out
}

// awsSource is hashicorp/aws before its version 6, or since, with the region.
func awsSource(withRegion bool) *source {
	side := schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
		Attributes: map[string]schema.Attribute{"destination": schema.StringAttribute{Required: true}},
	}}
	s := &source{
		provider: "aws", typeName: awsType, between: ":",
		unset: map[string]any{"qualifier": "", "maximum_event_age_in_seconds": 0, "maximum_retry_attempts": 2, "region": acctest.Region},
		schema: schema.Schema{
			Attributes: sourceAttributes(),
			Blocks: map[string]schema.Block{"destination_config": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
				Blocks: map[string]schema.Block{"on_failure": side, "on_success": side},
			}}},
		},
	}
	if withRegion {
		s.schema.Attributes["region"] = schema.StringAttribute{Optional: true, Computed: true}
	}
	return s
}

// awsccSource is awscc with a version of its schema.
func awsccSource(version int64) *source {
	side := schema.SingleNestedAttribute{Optional: true, Attributes: map[string]schema.Attribute{
		"destination": schema.StringAttribute{Optional: true},
	}}
	s := &source{
		provider: "awscc", typeName: awsccType, between: "|",
		schema: schema.Schema{Version: version, Attributes: sourceAttributes()},
	}
	s.schema.Attributes["destination_config"] = schema.SingleNestedAttribute{
		Optional: true, Computed: true, Attributes: map[string]schema.Attribute{"on_failure": side, "on_success": side},
	}
	return s
}

func sourceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":                           schema.StringAttribute{Computed: true},
		"function_name":                schema.StringAttribute{Required: true},
		"qualifier":                    schema.StringAttribute{Optional: true, Computed: true},
		"maximum_event_age_in_seconds": schema.NumberAttribute{Optional: true, Computed: true},
		"maximum_retry_attempts":       schema.NumberAttribute{Optional: true, Computed: true},
	}
}

func (s *source) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.provider
}

// Schema has what the guide's provider blocks say.
func (s *source) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema.Attributes = map[string]providerschema.Attribute{"region": providerschema.StringAttribute{Optional: true}}
	resp.Schema.Blocks = map[string]providerschema.Block{"default_tags": providerschema.ListNestedBlock{NestedObject: providerschema.NestedBlockObject{
		Attributes: map[string]providerschema.Attribute{"tags": providerschema.MapAttribute{Optional: true, ElementType: types.StringType}},
	}}}
}

func (s *source) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (s *source) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (s *source) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return sourceResource{s} }}
}

type sourceResource struct{ *source }

func (r sourceResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

func (r sourceResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema
}

func (r sourceResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	attributes := map[string]tftypes.Value{}
	if err := req.Plan.Raw.As(&attributes); err != nil {
		resp.Diagnostics.AddError("Stand-in", err.Error())
		return
	}
	for name, v := range attributes {
		if !v.IsKnown() {
			attributes[name] = tftypes.NewValue(v.Type(), r.unset[name])
		}
	}
	resp.State.Raw = tftypes.NewValue(req.Plan.Raw.Type(), attributes)
	var function, qualifier types.String
	resp.Diagnostics.Append(resp.State.GetAttribute(ctx, path.Root("function_name"), &function)...)
	resp.Diagnostics.Append(resp.State.GetAttribute(ctx, path.Root("qualifier"), &qualifier)...)
	id := function.ValueString()
	if q := qualifier.ValueString(); q != "" {
		id += r.between + q
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("id"), id)...)
}

func (r sourceResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r sourceResource) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r sourceResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// beside is a test case with this provider and a source.
func beside(api *acctest.API, s *source, steps ...acc.TestStep) acc.TestCase {
	return acc.TestCase{
		IsUnitTest: true, // no TF_ACC
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"awslambda": acctest.ProviderFactory(),
			s.provider:  providerserver.NewProtocol6WithError(s),
		},
		Steps:        steps,
		CheckDestroy: func(*terraform.State) error { return acctest.CompareUnordered(api.Configs(), nil) },
	}
}

// TestAccMove has the stand-in write the source's states, and moves them. (The
// addresses are those of the CLI's own registry; TestMoveFills has others.)
func TestAccMove(t *testing.T) {
	const live = `qualifier = "live"`
	const numbers = "maximum_event_age_in_seconds = 60\nmaximum_retry_attempts = 0"
	lines := func(parts ...string) string { return strings.Join(parts, "\n") }
	block := func(name, body string) string { return lines(name+" {", body, "}") }
	to := func(arn string) string { return fmt.Sprintf("destination = %q", arn) }
	both := acctest.DestinationConfig(topic, bucket)
	bothBlocks := block("destination_config", lines(block("on_success", to(topic)), block("on_failure", to(bucket))))
	onFailure := acctest.DestinationConfig("", queue)
	onFailureBlock := block("destination_config", block("on_failure", to(queue)))

	const bare, partial, full = "FN", "123456789012:function:FN", "arn:aws:lambda:us-east-1:123456789012:function:FN"
	type spelled struct{ function, source, target string } // the function with FN for its name, and the arguments
	for name, test := range map[string]struct {
		source *source
		moved  []spelled
	}{
		"aws": {awsSource(false), []spelled{
			{bare, "", ""},
			{bare, lines(live, numbers, bothBlocks), lines(live, numbers, both)},
			{full, onFailureBlock, onFailure},
			{full, lines(live, numbers), lines(live, numbers)},
		}},
		"aws, with a region": {awsSource(true), []spelled{
			{bare, "", ""},
			{bare, lines(live, numbers, bothBlocks), lines(live, numbers, both)},
			{full, onFailureBlock, onFailure},
		}},
		"awscc, schema version 0": {awsccSource(0), []spelled{
			{bare, `qualifier = "$LATEST"`, ""},
			{bare, lines(live, numbers, both), lines(live, numbers, both)},
		}},
		"awscc, schema version 1": {awsccSource(1), []spelled{
			{bare, `qualifier = "$LATEST"`, ""},
			{full, lines(live, numbers, both), lines(live, numbers, both)},
			{partial, lines(live, onFailure), lines(live, onFailure)},
			{bare + ":live", lines(live, numbers), numbers},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{})
			var before, after, moved strings.Builder
			var checks []statecheck.StateCheck
			for i, m := range test.moved {
				function, qualifier, there := fmt.Sprintf("fn%d", i), "$LATEST", emulator.Config{}
				if strings.Contains(m.source, live) {
					qualifier = "live"
				}
				if strings.Contains(m.target, numbers) {
					there.MaximumEventAgeInSeconds, there.MaximumRetryAttempts = new(60), new(0)
				}
				if strings.Contains(m.target, both) {
					there.OnSuccess, there.OnFailure = topic, bucket
				}
				if strings.Contains(m.target, onFailure) {
					there.OnFailure = queue
				}
				api.Must(api.CreateFunction(acctest.Region, function))
				api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
				api.Must(api.PutConfig(acctest.Region, function, qualifier, there))
				reference := strings.ReplaceAll(m.function, "FN", function)
				fmt.Fprintf(&before, "resource %q %q {\nfunction_name = %q\n%s\n}\n", test.source.typeName, function, reference, m.source)
				after.WriteString(acctest.Config(function, reference, m.target))
				fmt.Fprintf(&moved, "moved {\nfrom = %s.%s\nto = %s.%s\n}\n", test.source.typeName, function, acctest.Type, function)
				checks = append(checks, acctest.ExpectStrings(acctest.Type+"."+function,
					"function_name", reference, "qualifier", qualifier, "region", acctest.Region,
					"id", "arn:aws:lambda:us-east-1:123456789012:function:"+function+":"+qualifier)...)
			}
			acc.ParallelTest(t, beside(api, test.source,
				acc.TestStep{Config: before.String()},
				acctest.WithStateChecks(api.NoOpStep(moved.String()+after.String()), checks...),
				api.NoOpStep(after.String()),
			))
		})
	}

	t.Run("every instance", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f0", "f1")
		api.Must(api.PutConfig(acctest.Region, "f0", "", emulator.Config{}))
		api.Must(api.PutConfig(acctest.Region, "f1", "", emulator.Config{}))
		s := awsSource(true)
		counted := func(typeName string) string {
			return fmt.Sprintf("resource %q \"x\" {\n  count         = 2\n  function_name = \"f${count.index}\"\n}\n", typeName)
		}
		acc.ParallelTest(t, beside(api, s,
			acc.TestStep{Config: counted(s.typeName)},
			api.NoOpStep(counted(acctest.Type)+fmt.Sprintf("moved {\n  from = %s.x\n  to   = %s.x\n}\n", s.typeName, acctest.Type)),
		))
	})

	t.Run("instances to two addresses", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f0", "f1")
		api.Must(api.PutConfig(acctest.Region, "f0", "", emulator.Config{}))
		api.Must(api.PutConfig(acctest.Region, "f1", "", emulator.Config{}))
		s := awsSource(true)
		moved := func(index int, to string) string {
			return fmt.Sprintf("moved {\n  from = %s.x[%d]\n  to   = %s.%s\n}\n", s.typeName, index, acctest.Type, to)
		}
		acc.ParallelTest(t, beside(api, s,
			acc.TestStep{Config: fmt.Sprintf("resource %q \"x\" {\n  count         = 2\n  function_name = \"f${count.index}\"\n}\n", s.typeName)},
			api.NoOpStep(acctest.Config("first", "f0")+acctest.Config("second", "f1")+moved(0, "first")+moved(1, "second")),
		))
	})

	t.Run("changed in the same run", func(t *testing.T) {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
		s := awsSource(false)
		acc.ParallelTest(t, beside(api, s,
			acc.TestStep{Config: fmt.Sprintf("resource %q \"x\" {\n  function_name = \"f\"\n}\n", s.typeName)},
			api.UpdateStep(
				acctest.Config("x", functionARN, "maximum_retry_attempts = 0")+fmt.Sprintf("moved {\n  from = %s.x\n  to   = %s.x\n}\n", s.typeName, acctest.Type),
				`Update f:$LATEST {"MaximumRetryAttempts":0}`),
		))
	})
}

// move has a provider that is not configured move a state, as a CLI does.
func move(t *testing.T, address, typeName string, version int64, state string) *tfprotov6.MoveResourceStateResponse {
	t.Helper()
	moved, err := serve.Server(awslambda.New("test"))().MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
		SourceProviderAddress: address, SourceTypeName: typeName, SourceSchemaVersion: version,
		SourceState: &tfprotov6.RawState{JSON: []byte(state)}, TargetTypeName: acctest.Type,
	})
	if err != nil {
		t.Fatal(err)
	}
	return moved
}

// TestMoveFills compares what a move makes of a state, and what the read after
// it makes of that, identity included.
func TestMoveFills(t *testing.T) {
	t.Parallel()
	type members = map[string]any
	sides := func(onSuccess, onFailure string) members {
		side := func(arn string) any {
			if arn == "" {
				return nil
			}
			return members{"destination": arn}
		}
		return members{"on_success": side(onSuccess), "on_failure": side(onFailure)}
	}
	for name, test := range map[string]struct {
		typeName string
		version  int64
		state    string
		region   string
		there    emulator.Config
		want     members
	}{
		"aws, nothing set": {
			awsType, 0, `{"id":"f","function_name":"f","qualifier":"","maximum_event_age_in_seconds":0,"maximum_retry_attempts":2,"destination_config":[]}`, acctest.Region,
			emulator.Config{}, members{"maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 2., "destination_config": sides("", "")},
		},
		"aws, everything set": {
			awsType, 0, `{"id":"f:live","function_name":"f","qualifier":"live","maximum_event_age_in_seconds":60,"maximum_retry_attempts":0,
				"destination_config":[{"on_failure":[{"destination":"` + bucket + `"}],"on_success":[{"destination":"` + topic + `"}]}]}`, acctest.Region,
			emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(0), OnSuccess: topic, OnFailure: bucket},
			members{"qualifier": "live", "maximum_event_age_in_seconds": 60., "maximum_retry_attempts": 0., "destination_config": sides(topic, bucket)},
		},
		"aws, one side, by an ARN": {
			awsType, 0, `{"id":"` + functionARN + `","function_name":"` + functionARN + `","qualifier":"","maximum_event_age_in_seconds":0,"maximum_retry_attempts":1,
				"destination_config":[{"on_failure":[{"destination":"` + queue + `"}],"on_success":[]}]}`, acctest.Region,
			emulator.Config{MaximumRetryAttempts: new(1), OnFailure: queue},
			members{"maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 1., "destination_config": sides("", queue)},
		},
		"aws, an empty block, an ARN as id": {
			awsType, 0, `{"id":"` + functionARN + `:live","function_name":"f","qualifier":"live","maximum_event_age_in_seconds":0,"maximum_retry_attempts":2,"destination_config":[null]}`, acctest.Region,
			emulator.Config{}, members{"qualifier": "live", "maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 2., "destination_config": sides("", "")},
		},
		"aws, in another region": {
			awsType, 0, `{"id":"f","function_name":"f","qualifier":"","maximum_event_age_in_seconds":0,"maximum_retry_attempts":2,"destination_config":[],"region":"eu-west-1"}`, "eu-west-1",
			emulator.Config{}, members{"maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 2., "destination_config": sides("", "")},
		},
		"aws, by an ARN of another region": {
			awsType, 0, `{"id":"arn:aws:lambda:eu-west-1:123456789012:function:f","function_name":"arn:aws:lambda:eu-west-1:123456789012:function:f","qualifier":"",
				"maximum_event_age_in_seconds":0,"maximum_retry_attempts":2,"destination_config":[]}`, "eu-west-1",
			emulator.Config{}, members{"maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 2., "destination_config": sides("", "")},
		},
		"awscc, version 0": {
			awsccType, 0, `{"id":"f|live","function_name":"f","qualifier":"live","maximum_event_age_in_seconds":null,"maximum_retry_attempts":null,"destination_config":null}`, acctest.Region,
			emulator.Config{}, members{"qualifier": "live", "maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 2., "destination_config": sides("", "")},
		},
		"awscc, everything set": {
			awsccType, 1, `{"id":"` + functionARN + `|live","function_name":"` + functionARN + `","qualifier":"live","maximum_event_age_in_seconds":60,"maximum_retry_attempts":0,
				"destination_config":{"on_failure":{"destination":"` + bucket + `"},"on_success":{"destination":"` + topic + `"}}}`, acctest.Region,
			emulator.Config{MaximumEventAgeInSeconds: new(60), MaximumRetryAttempts: new(0), OnSuccess: topic, OnFailure: bucket},
			members{"qualifier": "live", "maximum_event_age_in_seconds": 60., "maximum_retry_attempts": 0., "destination_config": sides(topic, bucket)},
		},
		"awscc, one side, the qualifier twice": {
			awsccType, 1, `{"id":"f:live|live","function_name":"f:live","qualifier":"live","maximum_event_age_in_seconds":null,"maximum_retry_attempts":1,
				"destination_config":{"on_failure":null,"on_success":{"destination":"` + topic + `"}}}`, acctest.Region,
			emulator.Config{MaximumRetryAttempts: new(1), OnSuccess: topic},
			members{"qualifier": "live", "maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 1., "destination_config": sides(topic, "")},
		},
		"awscc, the function itself": {
			awsccType, 1, `{"id":"123456789012:function:f|$LATEST","function_name":"123456789012:function:f","qualifier":"$LATEST",
				"maximum_event_age_in_seconds":null,"maximum_retry_attempts":null,"destination_config":{"on_failure":{"destination":null},"on_success":null}}`, acctest.Region,
			emulator.Config{}, members{"maximum_event_age_in_seconds": 21600., "maximum_retry_attempts": 2., "destination_config": sides("", "")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			qualifier := "$LATEST"
			if q, ok := test.want["qualifier"].(string); ok {
				qualifier = q
			}
			delete(test.want, "qualifier")
			api := acctest.NewAPI(t, emulator.Options{})
			api.Must(api.CreateFunction(test.region, "f"))
			api.Must(api.CreateAlias(test.region, "f", "live", "$LATEST"))
			api.Must(api.PutConfig(test.region, "f", qualifier, test.there))
			server := api.NewServer(t)
			of := server.Resource.ValueType()
			source, _, _ := strings.Cut(test.typeName, "_")
			for _, address := range []string{
				"registry.terraform.io/hashicorp/" + source, "registry.opentofu.org/hashicorp/" + source,
				"registry.terraform.io/lambda-async/awslambda",
				"mirror.example.com:8443/hashicorp/" + source,
				source, // OpenTofu before 1.12.4
			} {
				moved := move(t, address, test.typeName, test.version, test.state)
				if len(moved.Diagnostics) > 0 {
					t.Fatalf("%s: %s", address, moved.Diagnostics[0].Detail)
				}
				for name, want := range test.want { // before the read, for a plan without one
					if got := acctest.GoValue(t, acctest.ObjectAttributes(t, of, moved.TargetState)[name]); !reflect.DeepEqual(got, want) {
						t.Errorf("%s: moved %s = %v, want %v", address, name, got, want)
					}
				}
				read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
					TypeName: acctest.Type, CurrentState: moved.TargetState, Private: moved.TargetPrivate, CurrentIdentity: moved.TargetIdentity,
				})
				if err != nil {
					t.Fatal(err)
				}
				recordsRegion := strings.Contains(test.state, `"region"`) || strings.Contains(test.state, `"function_name":"arn:`)
				if warned := hasDiagnostic(read.Diagnostics, tfprotov6.DiagnosticSeverityWarning, assumedRegion); warned == recordsRegion {
					t.Errorf("%s: warning about the region: %t", address, warned)
				}
				arn := "arn:aws:lambda:" + test.region + ":123456789012:function:f:" + qualifier
				want := members{
					"function_name": functionIn(t, test.state), "qualifier": qualifier, "region": test.region, "overwrite_existing": false,
					"timeouts": nil, "id": arn, "function_arn": arn,
				}
				maps.Copy(want, test.want)
				got := acctest.GoValues(t, acctest.ObjectAttributes(t, of, read.NewState))
				delete(got, "last_modified")
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: read\n%v, want\n%v", address, got, want)
				}
				identity := acctest.GoValues(t, acctest.ObjectAttributes(t, server.Identity.ValueType(), read.NewIdentity.IdentityData))
				if want := (members{"function_name": "f", "qualifier": qualifier, "region": test.region, "account_id": acctest.Account}); !reflect.DeepEqual(identity, want) {
					t.Errorf("%s: identity %v, want %v", address, identity, want)
				}
			}
			if writes := api.WriteLines(); len(writes) > 0 {
				t.Errorf("sent %q", writes)
			}
		})
	}
}

// functionIn returns the function_name of a state.
func functionIn(t *testing.T, state string) string {
	t.Helper()
	var s struct {
		FunctionName string `json:"function_name"`
	}
	if err := json.Unmarshal([]byte(state), &s); err != nil {
		t.Fatal(err)
	}
	return s.FunctionName
}

const assumedRegion = "Region of a moved resource assumed"

// TestMove_warnsOfAnAssumedRegion reads an object whose source recorded no
// region, where the provider's region has such a function and where it has none.
func TestMove_warnsOfAnAssumedRegion(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]string{
		"f": "which has the event invoke config " + functionARN + ":$LATEST. A function of the same name in another region is another function.",
		"g": "which has no such configuration, so that the object leaves state.",
	} {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
		moved := move(t, "registry.terraform.io/hashicorp/aws", awsType, 0, `{"id":"`+function+`","function_name":"`+function+`","qualifier":""}`)
		read, err := api.NewServer(t).ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
			TypeName: acctest.Type, CurrentState: moved.TargetState, Private: moved.TargetPrivate,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(read.Diagnostics) != 1 || read.Diagnostics[0].Severity != tfprotov6.DiagnosticSeverityWarning ||
			read.Diagnostics[0].Summary != assumedRegion || !strings.Contains(read.Diagnostics[0].Detail, want) {
			t.Errorf("%s: got %q", function, said(read.Diagnostics))
		}
	}
}

// TestMoveRefuses has states that this provider cannot read for certain.
func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	const aws, awscc = "registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/awscc"
	for name, test := range map[string]struct {
		address, typeName string
		version           int64
		state, text       string
	}{
		"unknown version":           {aws, awsType, 1, `{"function_name":"f"}`, "the schema version 1, and this provider reads only 0."},
		"unknown version of awscc":  {awscc, awsccType, 2, `{"function_name":"f","qualifier":"live"}`, "the schema version 2, and this provider reads only 0 1."},
		"no function_name":          {aws, awsType, 0, `{"id":"f","qualifier":""}`, "It has no function_name."},
		"no function_name in awscc": {awscc, awsccType, 1, `{"id":"f|live","qualifier":"live","function_name":null}`, "It has no function_name."},
		"no qualifier in awscc":     {awscc, awsccType, 1, `{"id":"f|live","function_name":"f","qualifier":null}`, "It has no qualifier."},
		"a qualifier in the id":     {aws, awsType, 0, `{"id":"f:live","function_name":"f"}`, `Its id is "f:live", but its function_name is "f" and its qualifier is "".`},
		"another function":          {aws, awsType, 0, `{"id":"g","function_name":"f","qualifier":""}`, `Its id is "g", but its function_name is`},
		"two qualifiers":            {awscc, awsccType, 1, `{"function_name":"f:live","qualifier":"7"}`, `Its qualifier is "7", but its function_name is "f:live".`},
		"two regions":               {aws, awsType, 0, `{"function_name":"` + functionARN + `","qualifier":"","region":"eu-west-1"}`, `Its region is "eu-west-1", but its function_name`},
		"no function reference":     {aws, awsType, 0, `{"function_name":"f:g:h","qualifier":""}`, `Its function_name cannot be read: "f:g:h" is not a Lambda function reference`},
		"two blocks":                {aws, awsType, 0, `{"function_name":"f","destination_config":[{},{}]}`, "destination_config has 2 blocks instead of at most one"},
		"two blocks of a side":      {aws, awsType, 0, `{"function_name":"f","destination_config":[{"on_failure":[{},{}]}]}`, "on_failure has 2 blocks instead of at most one"},
		"no object":                 {aws, awsType, 0, `{"function_name":"f","destination_config":"x"}`, "destination_config: json: cannot unmarshal string"},
		"no number":                 {aws, awsType, 0, `{"function_name":"f","maximum_retry_attempts":"x"}`, "maximum_retry_attempts"},
		"broken":                    {aws, awsType, 0, `{"function_name":`, "It cannot be read: unexpected end of JSON input."},
		// Terraform's own error: this provider knows no such move.
		"another type": {aws, "aws_lambda_function", 0, `{"function_name":"f"}`, "does not include support for the given source resource"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			moved := move(t, test.address, test.typeName, test.version, test.state)
			if len(moved.Diagnostics) != 1 || !strings.Contains(moved.Diagnostics[0].Detail, test.text) || moved.TargetState != nil {
				t.Errorf("got %+v", moved.Diagnostics)
				for _, d := range moved.Diagnostics {
					t.Error(d.Summary, d.Detail)
				}
			}
		})
	}
}

// TestAccMigratingGuide runs the files that the guide shows, as they stand but for
// where the CLI finds this provider.
func TestAccMigratingGuide(t *testing.T) {
	example := func(name string) string {
		text, err := os.ReadFile("../../examples/guides/migrating/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(text), `"lambda-async/awslambda"`, `"hashicorp/awslambda"`)
	}
	for name, test := range map[string]struct {
		source        *source
		before, after string
	}{
		"aws":      {awsSource(true), "aws-before.tf", "aws-after.tf"},
		"awscc":    {awsccSource(1), "awscc-before.tf", "awscc-after.tf"},
		"imported": {awsSource(true), "aws-before.tf", "import.tf"},
	} {
		t.Run(name, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{}, "orders-worker")
			api.Must(api.CreateAlias(acctest.Region, "orders-worker", "live", "$LATEST"))
			api.Must(api.PutConfig(acctest.Region, "orders-worker", "", emulator.Config{
				MaximumRetryAttempts: new(1), OnFailure: "arn:aws:sqs:us-east-1:123456789012:orders-failed",
			}))
			api.Must(api.PutConfig(acctest.Region, "orders-worker", "live", emulator.Config{
				MaximumEventAgeInSeconds: new(3600),
				OnSuccess:                "arn:aws:events:us-east-1:123456789012:event-bus/results", OnFailure: "arn:aws:s3:::orders-failed",
			}))
			t.Setenv("AWS_ENDPOINT_URL_LAMBDA", api.URL)
			t.Setenv("AWS_ACCESS_KEY_ID", "test")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
			var actions []plancheck.PlanCheck
			if test.after != "import.tf" { // which takes the old ones out of the state
				actions = append(actions, expectNoOps{}, plancheck.ExpectEmptyPlan())
			}
			acc.Test(t, beside(api, test.source,
				acc.TestStep{Config: example(test.before)},
				acc.TestStep{
					Config: example(test.after), ConfigPlanChecks: acc.ConfigPlanChecks{PreApply: actions},
					ConfigStateChecks: slices.Concat(
						acctest.ExpectStrings(acctest.Type+".orders", "id", "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:$LATEST"),
						acctest.ExpectStrings(acctest.Type+".live", "id", "arn:aws:lambda:us-east-1:123456789012:function:orders-worker:live")),
					Check: func(*terraform.State) error { return acctest.CompareUnordered(api.WriteLines(), nil) },
				},
			))
		})
	}
}
