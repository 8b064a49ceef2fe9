package mutant

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// neverFails are the checks that no implementation can fail, and why they stay.
var neverFails = map[string]string{
	`t.Require(kept.low() <= exact.high(), "(1−κ)‖ηg‖² = %v is more than ‖Δ‖² = %v", kept.v, exact.v)`:      "a theorem about numbers that are drawn: no implementation has part in it",
	`t.Require(f.rise <= f.bound(), "the energy of query %d rises by %v within the range of η", i, f.rise)`: "in a refuted claim, whose cases beyond that range may come first",
	`sameTensorBits(t, "dV", unsignedZeros(got.v), unsignedZeros(want.v))`:                                  "in a refuted claim: the search meets dK before, the stored counterexample is about dV",
	`t.least("E₁ after the layer above E₁ before", first)`:                                                  "in a refuted claim, whose counterexample raises the other energy",
}

// properties is where the properties are, seen from here.
const properties = "../../props"

// requireEveryCheck requires every check of every property to be among those that
// rejected something: seen holds their lines as props.Failure has them. What
// refutes refuted claims is added.
func requireEveryCheck(t *testing.T, seen map[string]bool) {
	im, oracle := suite.Reference()
	for _, claim := range spec.Claims() {
		if claim.Kind != spec.Refuted {
			continue
		}
		p, err := props.PropertyOf[float64](claim.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r := props.Run(p, im, oracle, props.Options{NoReduce: true}); r.Failure != nil {
			for _, site := range r.Failure.Sites {
				seen[site] = true
			}
		}
	}
	checks := checksIn(t, properties)
	listed := maps.Clone(neverFails)
	for _, c := range checks {
		if slices.ContainsFunc(c.lines, func(line string) bool { return seen[line] }) {
			continue
		}
		if _, ok := listed[c.text]; ok {
			delete(listed, c.text)
			continue
		}
		t.Errorf("no mutant fails this check: %s: %s", c.lines[0], c.text)
	}
	for text := range listed {
		t.Errorf("listed as a check that never fails, but it does or is gone: %s", text)
	}
	if len(checks) < 500 {
		t.Errorf("only %d checks were found", len(checks))
	}
}

// check is a call that can end a trial: the lines that it spans, as file:line, and
// the first of them as it is written.
type check struct {
	lines []string
	text  string
}

// trialChecks are the methods of Trial that can end it.
var trialChecks = []string{"Near", "near", "Within", "Bits", "bits", "SameBits", "Check", "Require", "least", "zero"}

// checksIn returns the calls, in the package in a folder, of Trial's checks and of
// functions that have no other purpose: they contain a check and return nothing.
// These are told by their names and numbers of parameters.
func checksIn(t *testing.T, folder string) (checks []check) {
	files, fset := map[string]*ast.File{}, token.NewFileSet()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if name := filepath.Base(path); !strings.HasSuffix(name, "_test.go") && name != "trial.go" {
			if files[path], err = parser.ParseFile(fset, path, nil, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	helpers := map[string]bool{}
	for before := -1; before != len(helpers); {
		before = len(helpers)
		for _, file := range files {
			for _, d := range file.Decls {
				if f, ok := d.(*ast.FuncDecl); ok && f.Type.Results == nil && len(checksOf(f.Body, helpers)) > 0 {
					helpers[fmt.Sprint(f.Name.Name, f.Type.Params.NumFields())] = true
				}
			}
		}
	}
	for path, file := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		for _, call := range checksOf(file, helpers) {
			from, to := fset.Position(call.Pos()).Line, fset.Position(call.End()).Line
			c := check{text: strings.TrimSpace(lines[from-1])}
			for line := from; line <= to; line++ {
				c.lines = append(c.lines, fmt.Sprintf("%s:%d", filepath.Base(path), line))
			}
			checks = append(checks, c)
		}
	}
	return checks
}

// checksOf returns the statements in n that call one of trialChecks on t, or a
// helper with t among its arguments.
func checksOf(n ast.Node, helpers map[string]bool) (calls []*ast.CallExpr) {
	isTrial := func(x ast.Expr) bool { id, ok := x.(*ast.Ident); return ok && id.Name == "t" }
	ast.Inspect(n, func(n ast.Node) bool {
		statement, ok := n.(*ast.ExprStmt)
		if !ok {
			return true
		}
		call, ok := statement.X.(*ast.CallExpr)
		if !ok {
			return true
		}
		callee := call.Fun
		if of, ok := callee.(*ast.IndexExpr); ok {
			callee = of.X
		}
		name := ""
		switch f := callee.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
			if isTrial(f.X) && slices.Contains(trialChecks, name) {
				calls = append(calls, call)
				return true
			}
		}
		if slices.ContainsFunc(call.Args, isTrial) && helpers[fmt.Sprint(name, len(call.Args))] {
			calls = append(calls, call)
		}
		return true
	})
	return calls
}
