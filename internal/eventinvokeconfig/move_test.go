// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package eventinvokeconfig_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
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

// sourceProvider is a stand-in for a provider that resources are moved from. It has
// one resource, which exists only in state.
type sourceProvider struct {
	provider string
	typeName string
	schema   schema.Schema
	between  string         // separator of function and qualifier in the ID
	unset    map[string]any // values in state of omitted attributes; nil is null
}

// awsSource returns hashicorp/aws. Since version 6, it has the attribute region.
func awsSource(withRegion bool) *sourceProvider {
	side := schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
		Attributes: map[string]schema.Attribute{"destination": schema.StringAttribute{Required: true}},
	}}
	s := &sourceProvider{
		provider: "aws", typeName: awsType, between: ":",
		unset: map[string]any{
			"qualifier": "", "maximum_event_age_in_seconds": 0, "maximum_retry_attempts": 2, "region": acctest.Region,
		},
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

// awsccSource returns hashicorp/awscc with a schema version.
func awsccSource(version int64) *sourceProvider {
	side := schema.SingleNestedAttribute{Optional: true, Attributes: map[string]schema.Attribute{
		"destination": schema.StringAttribute{Optional: true},
	}}
	s := &sourceProvider{
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

func (s *sourceProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = s.provider
}

// Schema has the arguments of the guide's provider blocks.
func (s *sourceProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema.Attributes = map[string]providerschema.Attribute{"region": providerschema.StringAttribute{Optional: true}}
	tags := providerschema.MapAttribute{Optional: true, ElementType: types.StringType}
	resp.Schema.Blocks = map[string]providerschema.Block{"default_tags": providerschema.ListNestedBlock{
		NestedObject: providerschema.NestedBlockObject{Attributes: map[string]providerschema.Attribute{"tags": tags}},
	}}
}

func (s *sourceProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (s *sourceProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (s *sourceProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return sourceResource{s} }}
}

type sourceResource struct{ *sourceProvider }

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

// testCaseWithSource returns a test case with this provider and a source.
func testCaseWithSource(api *acctest.API, s *sourceProvider, steps ...acc.TestStep) acc.TestCase {
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

func movedBlock(from, to string) string {
	return fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}\n", from, to)
}

// The source creates states, and a moved block moves them without a diff. The
// registry is that of the CLI; TestMove_values has other registries.
func TestAccMove_noDiff(t *testing.T) {
	const live = `qualifier = "live"`
	const numbers = "maximum_event_age_in_seconds = 60\nmaximum_retry_attempts = 0"
	lines := func(parts ...string) string { return strings.Join(parts, "\n") }
	block := func(name, body string) string { return lines(name+" {", body, "}") }
	to := func(arn string) string { return fmt.Sprintf("destination = %q", arn) }
	both := acctest.DestinationConfig(topic, bucket)
	bothBlocks := block("destination_config", lines(block("on_success", to(topic)), block("on_failure", to(bucket))))
	onFailure := acctest.DestinationConfig("", queue)
	onFailureBlock := block("destination_config", block("on_failure", to(queue)))

	const name, partial, full = "FN", "123456789012:function:FN", arnOfFunctions + "FN"
	// move has a function, with FN for its name, and the arguments of both resources.
	type move struct{ function, source, target string }
	for testName, test := range map[string]struct {
		source *sourceProvider
		moves  []move
	}{
		"aws 5": {awsSource(false), []move{
			{name, "", ""},
			{name, lines(live, numbers, bothBlocks), lines(live, numbers, both)},
			{full, onFailureBlock, onFailure},
			{full, lines(live, numbers), lines(live, numbers)},
		}},
		"aws 6": {awsSource(true), []move{
			{name, "", ""},
			{name, lines(live, numbers, bothBlocks), lines(live, numbers, both)},
			{full, onFailureBlock, onFailure},
		}},
		"awscc, schema version 0": {awsccSource(0), []move{
			{name, `qualifier = "$LATEST"`, ""},
			{name, lines(live, numbers, both), lines(live, numbers, both)},
		}},
		"awscc, schema version 1": {awsccSource(1), []move{
			{name, `qualifier = "$LATEST"`, ""},
			{full, lines(live, numbers, both), lines(live, numbers, both)},
			{partial, lines(live, onFailure), lines(live, onFailure)},
			{name + ":live", lines(live, numbers), numbers},
		}},
	} {
		t.Run(testName, func(t *testing.T) {
			api := acctest.NewAPI(t, emulator.Options{})
			var before, after, moved strings.Builder
			var checks []statecheck.StateCheck
			for i, m := range test.moves {
				function, qualifier, config := fmt.Sprintf("fn%d", i), "$LATEST", emulator.Config{}
				if strings.Contains(m.source, live) {
					qualifier = "live"
				}
				if strings.Contains(m.target, numbers) {
					config.MaximumEventAgeInSeconds, config.MaximumRetryAttempts = new(60), new(0)
				}
				if strings.Contains(m.target, both) {
					config.OnSuccess, config.OnFailure = topic, bucket
				}
				if strings.Contains(m.target, onFailure) {
					config.OnFailure = queue
				}
				api.Must(api.CreateFunction(acctest.Region, function))
				api.Must(api.CreateAlias(acctest.Region, function, "live", "$LATEST"))
				api.Must(api.PutConfig(acctest.Region, function, qualifier, config))
				reference, address := strings.ReplaceAll(m.function, "FN", function), acctest.Type+"."+function
				fmt.Fprintf(&before, "resource %q %q {\nfunction_name = %q\n%s\n}\n",
					test.source.typeName, function, reference, m.source)
				after.WriteString(acctest.Config(function, reference, m.target))
				moved.WriteString(movedBlock(test.source.typeName+"."+function, address))
				checks = append(checks, acctest.ExpectStrings(address, "function_name", reference, "qualifier", qualifier,
					"region", acctest.Region, "id", arnOfFunctions+function+":"+qualifier)...)
			}
			acc.ParallelTest(t, testCaseWithSource(api, test.source,
				acc.TestStep{Config: before.String()},
				acctest.WithStateChecks(api.NoOpStep(moved.String()+after.String()), checks...),
				api.NoOpStep(after.String()),
			))
		})
	}
}

// For the second instance, Terraform names this provider as the source.
func TestAccMove_instancesToTwoAddresses(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f0", "f1")
	api.Must(api.PutConfig(acctest.Region, "f0", "", emulator.Config{}))
	api.Must(api.PutConfig(acctest.Region, "f1", "", emulator.Config{}))
	s := awsSource(true)
	acc.ParallelTest(t, testCaseWithSource(api, s,
		acc.TestStep{Config: fmt.Sprintf(
			"resource %q \"x\" {\n  count         = 2\n  function_name = \"f${count.index}\"\n}\n", s.typeName)},
		api.NoOpStep(acctest.Config("first", "f0")+acctest.Config("second", "f1")+
			movedBlock(s.typeName+".x[0]", acctest.Type+".first")+movedBlock(s.typeName+".x[1]", acctest.Type+".second")),
	))
}

func TestAccMove_withUpdate(t *testing.T) {
	api := acctest.NewAPI(t, emulator.Options{}, "f")
	api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
	s := awsSource(false)
	acc.ParallelTest(t, testCaseWithSource(api, s,
		acc.TestStep{Config: fmt.Sprintf("resource %q \"x\" {\n  function_name = \"f\"\n}\n", s.typeName)},
		api.UpdateStep(acctest.Config("x", functionARN, "maximum_retry_attempts = 0")+
			movedBlock(s.typeName+".x", resourceX), `Update f:$LATEST {"MaximumRetryAttempts":0}`),
	))
}

// moveState moves a state with a provider that is not configured, as a CLI does.
func moveState(
	t *testing.T, address, typeName string, version int64, state string,
) *tfprotov6.MoveResourceStateResponse {
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

// The moved state, and the state and identity after its first read, have all
// values.
func TestMove_values(t *testing.T) {
	t.Parallel()
	const europe, europeARN = "eu-west-1", "arn:aws:lambda:eu-west-1:123456789012:function:f"
	// sourceState returns a state with the function, qualifier and members in JSON.
	sourceState := func(id, function, qualifier, age, retries, destinations string) string {
		return fmt.Sprintf(`{"id":%q,"function_name":%q,"qualifier":%q,"maximum_event_age_in_seconds":%s,`+
			`"maximum_retry_attempts":%s,"destination_config":%s}`, id, function, qualifier, age, retries, destinations)
	}
	type typedState struct{ typeName, state string }
	ofAWS := func(id, function, qualifier, age, retries, destinations string) typedState {
		return typedState{awsType, sourceState(id, function, qualifier, age, retries, destinations)}
	}
	ofAWSCC := func(id, function, qualifier, age, retries, destinations string) typedState {
		return typedState{awsccType, sourceState(id, function, qualifier, age, retries, destinations)}
	}
	side := func(arn string) any {
		if arn == "" {
			return nil
		}
		return map[string]any{"destination": arn}
	}
	sideJSON := func(arn string) string { return fmt.Sprintf(`{"destination":%q}`, arn) }
	for name, test := range map[string]struct {
		state                typedState
		version              int64
		region               string // empty if the source's state does not record it
		qualifier            string // empty for $LATEST
		age, retries         float64
		onSuccess, onFailure string
	}{
		"aws, unset": {state: ofAWS("f", "f", "", "0", "2", "[]"), age: 21600, retries: 2},
		"aws, all set": {
			state: ofAWS("f:live", "f", "live", "60", "0",
				`[{"on_failure":[`+sideJSON(bucket)+`],"on_success":[`+sideJSON(topic)+`]}]`),
			qualifier: "live", age: 60, retries: 0, onSuccess: topic, onFailure: bucket,
		},
		"aws, one destination, by ARN": {
			state: ofAWS(functionARN, functionARN, "", "0", "1",
				`[{"on_failure":[`+sideJSON(queue)+`],"on_success":[]}]`),
			region: acctest.Region, age: 21600, retries: 1, onFailure: queue,
		},
		"aws, empty block, ARN as ID": {
			state:     ofAWS(functionARN+":live", "f", "live", "0", "2", "[null]"),
			qualifier: "live", age: 21600, retries: 2,
		},
		"aws, other region": {
			state: typedState{awsType, strings.Replace(
				sourceState("f", "f", "", "0", "2", "[]"), "{", `{"region":"eu-west-1",`, 1)},
			region: europe, age: 21600, retries: 2,
		},
		"aws, ARN of other region": {
			state: ofAWS(europeARN, europeARN, "", "0", "2", "[]"), region: europe, age: 21600, retries: 2,
		},
		"awscc, version 0": {
			state: ofAWSCC("f|live", "f", "live", "null", "null", "null"), qualifier: "live", age: 21600, retries: 2,
		},
		"awscc, all set": {
			state: ofAWSCC(functionARN+"|live", functionARN, "live", "60", "0",
				`{"on_failure":`+sideJSON(bucket)+`,"on_success":`+sideJSON(topic)+`}`),
			version: 1, region: acctest.Region, qualifier: "live", age: 60, retries: 0, onSuccess: topic, onFailure: bucket,
		},
		"awscc, one destination, qualifier in name": {
			state: ofAWSCC("f:live|live", "f:live", "live", "null", "1",
				`{"on_failure":null,"on_success":`+sideJSON(topic)+`}`),
			version: 1, qualifier: "live", age: 21600, retries: 1, onSuccess: topic,
		},
		"awscc, $LATEST": {
			state: ofAWSCC("123456789012:function:f|$LATEST", "123456789012:function:f", "$LATEST", "null", "null",
				`{"on_failure":{"destination":null},"on_success":null}`),
			version: 1, age: 21600, retries: 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			region, qualifier := cmp.Or(test.region, acctest.Region), cmp.Or(test.qualifier, "$LATEST")
			config := emulator.Config{OnSuccess: test.onSuccess, OnFailure: test.onFailure}
			if test.age != 21600 {
				config.MaximumEventAgeInSeconds = new(int(test.age))
			}
			if test.retries != 2 {
				config.MaximumRetryAttempts = new(int(test.retries))
			}
			members := map[string]any{
				"maximum_event_age_in_seconds": test.age, "maximum_retry_attempts": test.retries,
				"destination_config": map[string]any{"on_success": side(test.onSuccess), "on_failure": side(test.onFailure)},
			}
			api := acctest.NewAPI(t, emulator.Options{})
			api.Must(api.CreateFunction(region, "f"))
			api.Must(api.CreateAlias(region, "f", "live", "$LATEST"))
			api.Must(api.PutConfig(region, "f", qualifier, config))
			x := newInstance(t, api.NewServer(t))
			typeName, state := test.state.typeName, test.state.state
			source, _, _ := strings.Cut(typeName, "_")
			for _, address := range []string{
				"registry.terraform.io/hashicorp/" + source, "registry.opentofu.org/hashicorp/" + source,
				"registry.terraform.io/lambda-async/awslambda",
				"mirror.example.com:8443/hashicorp/" + source,
				source, // OpenTofu before 1.12.4
			} {
				moved := moveState(t, address, typeName, test.version, state)
				failOnDiagnostics(t, moved.Diagnostics)
				x.set(moved.TargetState, moved.TargetPrivate)
				for name, want := range members { // a plan may precede the first read
					if got := x.attribute(name); !reflect.DeepEqual(got, want) {
						t.Errorf("%s: moved %s = %v, want %v", address, name, got, want)
					}
				}
				x.identity = moved.TargetIdentity
				warned := hasDiagnostic(x.read(), tfprotov6.DiagnosticSeverityWarning, assumedRegionWarning)
				if warned != (test.region == "") {
					t.Errorf("%s: warning about the region: %t", address, warned)
				}
				arn := "arn:aws:lambda:" + region + ":123456789012:function:f:" + qualifier
				want := map[string]any{
					"function_name": functionIn(t, state), "qualifier": qualifier, "region": region, "id": arn,
					"function_arn": arn, "overwrite_existing": false, "timeouts": nil,
				}
				maps.Copy(want, members)
				got := acctest.GoValue(t, x.state).(map[string]any)
				delete(got, "last_modified")
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: read\n%v, want\n%v", address, got, want)
				}
				expectIdentity(t, x.server, x.identity, identityOf("f", qualifier, region))
			}
			expectLines(t, "sent", api.WriteLines(), nil)
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

const assumedRegionWarning = "Region of a moved resource assumed"

// If the source's state has no region, the first read assumes the provider's region.
func TestMove_warnsOfAssumedRegion(t *testing.T) {
	t.Parallel()
	for function, want := range map[string]string{
		"f": "which has the event invoke config " + functionARN + ":$LATEST. " +
			"A function of the same name in another region is another function.",
		"g": "which has no such configuration, so that the object leaves state.",
	} {
		api := acctest.NewAPI(t, emulator.Options{}, "f")
		api.Must(api.PutConfig(acctest.Region, "f", "", emulator.Config{}))
		moved := moveState(t, "registry.terraform.io/hashicorp/aws", awsType, 0,
			fmt.Sprintf(`{"id":%[1]q,"function_name":%[1]q,"qualifier":""}`, function))
		x := newInstance(t, api.NewServer(t))
		x.set(moved.TargetState, moved.TargetPrivate)
		expectDiagnostic(t, diagnosticLines(x.read()), `WARNING: AttributeName("region"): `+assumedRegionWarning, want)
	}
}

func TestMove_invalidStates(t *testing.T) {
	t.Parallel()
	const aws, awscc = "registry.terraform.io/hashicorp/aws", "registry.terraform.io/hashicorp/awscc"
	ofAWS := func(state, text string) *moveError { return &moveError{aws, awsType, 0, state, text} }
	ofAWSCC := func(state, text string) *moveError { return &moveError{awscc, awsccType, 1, state, text} }
	for name, test := range map[string]*moveError{
		"unknown version": {
			aws, awsType, 1, `{"function_name":"f"}`, "the schema version 1, and this provider reads only 0.",
		},
		"unknown version of awscc": {
			awscc, awsccType, 2, `{"function_name":"f","qualifier":"live"}`,
			"the schema version 2, and this provider reads only 0 1.",
		},
		"no function_name": ofAWS(`{"id":"f","qualifier":""}`, "It has no function_name."),
		"null function_name": ofAWSCC(
			`{"id":"f|live","qualifier":"live","function_name":null}`, "It has no function_name."),
		"null qualifier": ofAWSCC(`{"id":"f|live","function_name":"f","qualifier":null}`, "It has no qualifier."),
		"qualifier in ID": ofAWS(`{"id":"f:live","function_name":"f"}`,
			`Its id is "f:live", but its function_name is "f" and its qualifier is "".`),
		"other function": ofAWS(`{"id":"g","function_name":"f","qualifier":""}`, `Its id is "g", but its function_name is`),
		"two qualifiers": ofAWSCC(`{"function_name":"f:live","qualifier":"7"}`,
			`Its qualifier is "7", but its function_name is "f:live".`),
		"two regions": ofAWS(`{"function_name":"`+functionARN+`","qualifier":"","region":"eu-west-1"}`,
			`Its region is "eu-west-1", but its function_name`),
		"invalid reference": ofAWS(`{"function_name":"f:g:h","qualifier":""}`,
			`Its function_name cannot be read: "f:g:h" is not a Lambda function reference`),
		"two blocks": ofAWS(`{"function_name":"f","destination_config":[{},{}]}`,
			"destination_config has 2 blocks instead of at most one"),
		"two destinations": ofAWS(`{"function_name":"f","destination_config":[{"on_failure":[{},{}]}]}`,
			"on_failure has 2 blocks instead of at most one"),
		"string for object": ofAWS(`{"function_name":"f","destination_config":"x"}`,
			"destination_config: json: cannot unmarshal string"),
		"string for number": ofAWS(`{"function_name":"f","maximum_retry_attempts":"x"}`, "maximum_retry_attempts"),
		"truncated":         ofAWS(`{"function_name":`, "It cannot be read: unexpected end of JSON input."),
		"other type": {
			aws, "aws_lambda_function", 0, `{"function_name":"f"}`,
			"does not include support for the given source resource", // the framework's error
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			moved := moveState(t, test.address, test.typeName, test.version, test.state)
			expectDiagnostic(t, diagnosticLines(moved.Diagnostics), "ERROR: ", test.text)
			if moved.TargetState != nil {
				t.Error("got a state")
			}
		})
	}
}

// moveError is a state of a source, and the text of the error.
type moveError struct {
	address, typeName string
	version           int64
	state, text       string
}

func TestAccMigratingGuide(t *testing.T) {
	// The test's provider has the address of the CLI's default namespace.
	example := func(name string) string {
		text := readExample(t, "guides/migrating/"+name)
		return strings.ReplaceAll(text, `"lambda-async/awslambda"`, `"hashicorp/awslambda"`)
	}
	for name, test := range map[string]struct {
		source        *sourceProvider
		before, after string
	}{
		"aws":    {awsSource(true), "aws-before.tf", "aws-after.tf"},
		"awscc":  {awsccSource(1), "awscc-before.tf", "awscc-after.tf"},
		"import": {awsSource(true), "aws-before.tf", "import.tf"},
	} {
		t.Run(name, func(t *testing.T) {
			api := newOrdersExampleAPI(t)
			t.Setenv("AWS_ENDPOINT_URL_LAMBDA", api.URL)
			t.Setenv("AWS_ACCESS_KEY_ID", "test")
			t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
			after := acctest.WithStateChecks(acc.TestStep{Config: example(test.after)}, slices.Concat(
				acctest.ExpectStrings(acctest.Type+".orders", "id", arnOfFunctions+"orders-worker:$LATEST"),
				acctest.ExpectStrings(acctest.Type+".live", "id", arnOfFunctions+"orders-worker:live"))...)
			after = acctest.WithCheck(after, func() error { return acctest.CompareUnordered(api.WriteLines(), nil) })
			if test.after != "import.tf" { // its plan removes the old resources from state
				after = acctest.WithPlanCheck(expectNoOps{}, acctest.WithPlanCheck(plancheck.ExpectEmptyPlan(), after))
			}
			acc.Test(t, testCaseWithSource(api, test.source, acc.TestStep{Config: example(test.before)}, after))
		})
	}
}
