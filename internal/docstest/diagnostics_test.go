// Copyright (c) lambda-async contributors
// SPDX-License-Identifier: MPL-2.0

package docstest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/lambda-async/terraform-provider-awslambda/internal/acctest"
)

const troubleshooting = "templates/guides/troubleshooting.md.tmpl"

// summaries says, for each function that makes a diagnostic, which argument
// is its summary.
var summaries = map[string]int{
	"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
	"NewErrorDiagnostic": 0, "NewWarningDiagnostic": 0, "NewAttributeErrorDiagnostic": 1, "NewAttributeWarningDiagnostic": 1,
}

// functionErrors are without a summary: the CLI gives them its own.
var functionErrors = []string{"NewFuncError", "NewArgumentFuncError"}

const functionErrorSummary = "Invalid function argument"

// passedOn is a summary that aws-sdk-go-base has made. The guide has those that
// a user may see, among what stands where Lambda has not answered.
const passedOn = "d.Summary()"

// some stands for what a summary has in a place that is not fixed. The guide's
// headings have a word in capitals there.
const some = "…"

var (
	verb        = regexp.MustCompile(`%[a-z]`)
	placeholder = regexp.MustCompile(`\b(ACTION|FUNCTION|QUALIFIER|TARGET|TYPE)\b`)
)

// sources parses the Go files of a package's directory, without its tests.
func sources(t *testing.T, dir string) []*ast.File {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// finder looks for the summaries of a package's diagnostics.
type finder struct {
	found     map[string]bool
	variables map[string][]ast.Expr // what is assigned to the variables of a name
	rules     []ast.Expr            // what is in the members "summary" of structs
}

// find returns the summaries of the diagnostics in a package.
func find(t *testing.T, files []*ast.File) map[string]bool {
	t.Helper()
	f := finder{found: map[string]bool{}, variables: map[string][]ast.Expr{}}
	positional := map[string]bool{} // the types of which summary is the first member
	each := func(visit func(ast.Node)) {
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool { visit(n); return true })
		}
	}
	each(func(n ast.Node) {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return
		}
		if s, ok := spec.Type.(*ast.StructType); ok && len(s.Fields.List) > 0 {
			names := s.Fields.List[0].Names
			positional[spec.Name.Name] = len(names) > 0 && names[0].Name == "summary"
		}
	})
	each(func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if name, ok := left.(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) {
					f.variables[name.Name] = append(f.variables[name.Name], n.Rhs[i])
				}
			}
		case *ast.CompositeLit:
			name, ok := n.Type.(*ast.Ident)
			if !ok || !positional[name.Name] || len(n.Elts) == 0 {
				return
			}
			if _, keyed := n.Elts[0].(*ast.KeyValueExpr); !keyed {
				f.rules = append(f.rules, n.Elts[0])
			}
		case *ast.KeyValueExpr:
			if name, ok := n.Key.(*ast.Ident); ok && name.Name == "summary" {
				f.rules = append(f.rules, n.Value)
			}
		}
	})
	each(func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		name := ""
		if s, ok := call.Fun.(*ast.SelectorExpr); ok {
			name = s.Sel.Name
		}
		if at, ok := summaries[name]; ok {
			f.add(t, call.Args[at])
		}
		if slices.Contains(functionErrors, name) {
			f.found[functionErrorSummary] = true
		}
	})
	return f.found
}

// add adds what a summary is.
func (f *finder) add(t *testing.T, summary ast.Expr) {
	t.Helper()
	switch e := summary.(type) {
	case *ast.Ident:
		for _, assigned := range f.variables[e.Name] {
			f.add(t, assigned)
		}
		if len(f.variables[e.Name]) == 0 {
			t.Errorf("nothing is assigned to the summary %s", e.Name)
		}
	case *ast.SelectorExpr:
		if e.Sel.Name != "summary" {
			t.Errorf("it cannot be told what the summary %s is", source(e))
		}
		for _, rule := range f.rules {
			f.add(t, rule)
		}
	default:
		if !strings.Contains(source(e), passedOn) {
			f.found[f.text(t, e)] = true
		}
	}
}

// text is the text of an expression that has some.
func (f *finder) text(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		return text
	case *ast.BinaryExpr:
		return f.part(t, e.X) + f.part(t, e.Y)
	case *ast.CallExpr:
		if source(e.Fun) == "fmt.Sprintf" {
			return verb.ReplaceAllString(f.text(t, e.Args[0]), some)
		}
	}
	t.Errorf("it cannot be told what the summary %s is", source(e))
	return ""
}

func (f *finder) part(t *testing.T, e ast.Expr) string {
	t.Helper()
	switch e.(type) {
	case *ast.BasicLit, *ast.BinaryExpr:
		return f.text(t, e)
	}
	return some
}

// source is how an expression is written, as far as it is names and calls.
func source(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return source(e.X) + "." + e.Sel.Name
	case *ast.CallExpr:
		var args []string
		for _, a := range e.Args {
			args = append(args, source(a))
		}
		return source(e.Fun) + "(" + strings.Join(args, ", ") + ")"
	}
	return fmt.Sprintf("%T", e)
}

// TestDiagnosticsAreExplained has the guide explain every diagnostic that the
// code can make, and none else.
func TestDiagnosticsAreExplained(t *testing.T) {
	t.Parallel()
	made := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			maps.Copy(made, find(t, sources(t, path)))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, h := range read(t, troubleshooting).headings {
		if h.level == 3 {
			explained[placeholder.ReplaceAllString(h.text, some)] = true
		}
	}
	wantSame(t, troubleshooting, explained, made)
}

// TestCodesAreExplained has the guide explain every code that the errors give
// advice for, and none else.
func TestCodesAreExplained(t *testing.T) {
	t.Parallel()
	code := regexp.MustCompile(`^"([A-Z][A-Za-z]+(?:Exception|TokenId))"$`)
	known := map[string]bool{}
	for _, file := range sources(t, filepath.Join(root, "internal/lambdaapi")) {
		ast.Inspect(file, func(n ast.Node) bool {
			if literal, ok := n.(*ast.BasicLit); ok {
				if m := code.FindStringSubmatch(literal.Value); m != nil {
					known[m[1]] = true
				}
			}
			return true
		})
	}
	explained := map[string]bool{}
	for _, m := range regexp.MustCompile("`([A-Z][A-Za-z]+(?:Exception|TokenId))`").FindAllStringSubmatch(read(t, troubleshooting).text, -1) {
		explained[m[1]] = true
	}
	wantSame(t, troubleshooting, explained, known)
}

// wantSame compares what a document has with what it is to have.
func wantSame(t *testing.T, document string, has, want map[string]bool) {
	t.Helper()
	if len(want) == 0 {
		t.Fatal("nothing was found in the code")
	}
	for _, s := range slices.Sorted(maps.Keys(want)) {
		if !has[s] {
			t.Errorf("%s does not explain %q", document, s)
		}
	}
	for _, s := range slices.Sorted(maps.Keys(has)) {
		if !want[s] {
			t.Errorf("%s explains %q, which is not in the code", document, s)
		}
	}
}

// TestFunctionErrorSummary has the CLI say what the guide says that it does.
func TestFunctionErrorSummary(t *testing.T) {
	t.Parallel()
	validated, err := acctest.Workspace(t, `output "x" { value = provider::awslambda::destination_kind("x") }`).Validate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if validated.ErrorCount != 1 || !slices.ContainsFunc(validated.Diagnostics, func(d tfjson.Diagnostic) bool {
		return d.Severity == tfjson.DiagnosticSeverityError && d.Summary == functionErrorSummary
	}) {
		t.Errorf("got %+v", validated.Diagnostics)
	}
}
