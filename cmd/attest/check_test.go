package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/attest/internal/suite"
	"example.com/attest/props"
	"example.com/attest/spec"
)

// attest runs the command and returns its exit status and what it printed.
func attest(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(args, &out, &err)
	return status, out.String(), err.String()
}

// TestBadUsage checks that bad usage ends with status 2 and one line that names
// the flag and the remedy, before anything is tried.
func TestBadUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{nil, "usage: attest COMMAND"},
		{[]string{"cheque"}, `no command "cheque"`},
		{[]string{"check", "-run", "NO-999"}, "-run NO-999: no claim has such an ID or name: 'attest claims' lists them"},
		{[]string{"check", "-run", "("}, "-run: error parsing regexp"},
		{[]string{"check", "-impl", "eigen"}, "-impl eigen: no such implementation: take one of reference, float32, gonum"},
		{[]string{"check", "-n", "0"}, "-n 0: want at least one case"},
		{[]string{"check", "-for", "-1s"}, "-for -1s: want a positive duration"},
		{[]string{"check", "-seed", "dice"}, `-seed dice: want a number or "random"`},
		{[]string{"check", "INT-001"}, `unexpected argument "INT-001"`},
		{[]string{"check", "-nonsense"}, "-nonsense"},
		{[]string{"claims", "extra"}, `unexpected argument "extra"`},
		{[]string{"mutants", "-n", "-3"}, "at least one case"},
		{[]string{"mutants", "-seed", "x"}, "want a number"},
	} {
		status, stdout, stderr := attest(c.args...)
		if status != statusUsage || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("attest %v: status %d, stdout %q, stderr %q; want 2 and %q", c.args, status, stdout, stderr, c.want)
		}
	}
}

// keys returns the keys of each object in a JSON array.
func keys(t *testing.T, data string) (objects []map[string]any, names []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(data), &objects); err != nil {
		t.Fatal(err)
	}
	for name := range objects[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	return objects, names
}

func TestCheckJSON(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "out.json")
	status, stdout, stderr := attest("check", "-run", "INT-00[12]|ATT-006", "-n", "20", "-seed", "7", "-json", file, "-dir", dir)
	if status != statusOK {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	objects, names := keys(t, string(data))
	if want := []string{"cases", "claim", "classes", "deviation", "deviation_at", "implementation", "informative", "judged", "ratio", "ratio_at",
		"ratio_case", "reason", "seed", "suspects", "verdict"}; !slices.Equal(names, want) {
		t.Errorf("keys %v, want %v", names, want)
	}
	if len(objects) != 9 {
		t.Errorf("%d results, want 9", len(objects))
	}
	for _, o := range objects {
		if o["seed"] != 7.0 {
			t.Errorf("seed %v in %v", o["seed"], o)
		}
	}
	if !strings.Contains(stdout, "(Violated)") || !strings.Contains(stdout, "ATT-006 on gonum is known: ") {
		t.Errorf("the known failure of gonum is not shown:\n%s", stdout)
	}
	// On standard output there is nothing but the JSON.
	_, stdout, _ = attest("check", "-run", "INT-001", "-n", "5", "-json", "-", "-dir", dir)
	keys(t, stdout)
	if status, _, stderr := attest("check", "-run", "INT-001", "-n", "5", "-json", filepath.Join(dir, "no", "such", "x.json"), "-dir", dir); status != statusBad || !strings.Contains(stderr, "x.json") {
		t.Errorf("a path that cannot be written: status %d, %q", status, stderr)
	}
}

func TestClaimsAndMutantsJSON(t *testing.T) {
	_, stdout, _ := attest("claims", "-json")
	objects, names := keys(t, stdout)
	if want := []string{"id", "kind", "name", "source", "statement"}; !slices.Equal(names, want) || len(objects) != len(spec.Claims()) {
		t.Errorf("claims: %d objects with keys %v, want %d with %v", len(objects), names, len(spec.Claims()), want)
	}
	row := mutantRow{Mutant: "m", KilledBy: []string{}}
	var out, errs bytes.Buffer
	writeJSON(&out, &errs, "attest mutants", []mutantRow{row})
	_, names = keys(t, out.String())
	if want := []string{"cases", "killed_by", "mutant", "survived"}; !slices.Equal(names, want) {
		t.Errorf("mutants: keys %v, want %v", names, want)
	}
}

// broken returns a checker for one claim on an implementation whose step goes
// the wrong way.
func broken(t *testing.T, dir, name string) *checker {
	t.Helper()
	im, oracle := suite.Reference()
	step := im.Interaction.Step
	im.Interaction.Step = func(dst, y, a spec.Matrix[float64], eta float64) { step(dst, y, a, -eta) }
	im.Name = name
	var tasks []task
	for _, task := range tasksOf(im, oracle) {
		if task.claim.ID == "INT-017" {
			tasks = append(tasks, task)
		}
	}
	return &checker{flags: checkFlags{dir: dir}, tasks: tasks, own: map[string]bool{name: true}, opt: props.Options{Cases: 50, Seed: 1}, progress: &progress{}}
}

// TestCheckViolation checks the exit status, the replay line and the stored
// counterexample of a violation, that a later run tries it first, and that a
// damaged file is a failure that names the file.
func TestCheckViolation(t *testing.T) {
	dir := t.TempDir()
	c := broken(t, dir, "broken")
	c.runAll(context.Background())
	var out, errs bytes.Buffer
	if status := c.report(false, &out, &errs); status != statusBad {
		t.Errorf("status %d", status)
	}
	for _, want := range []string{"Violated!", "replay: go run ./cmd/attest check -run '^INT-017$' -impl broken -seed 1", "counterexample stored in "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	again := broken(t, dir, "broken")
	again.runAll(context.Background())
	if r := again.results[0]; r.Cases != 1 {
		t.Errorf("the stored counterexample was not tried first: %d cases", r.Cases)
	}
	if err := os.WriteFile(props.CounterexampleFile(dir, "broken", "INT-017"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	damaged := broken(t, dir, "broken")
	damaged.runAll(context.Background())
	out.Reset()
	errs.Reset()
	if status := damaged.report(false, &out, &errs); status != statusBad || !strings.Contains(errs.String(), "INT-017.json cannot be read") {
		t.Errorf("a damaged counterexample: status %d, %q", status, errs.String())
	}
}

// TestCheckNothing checks that a run that tries nothing says so and fails.
func TestCheckNothing(t *testing.T) {
	status, _, stderr := attest("check", "-impl", "gonum", "-run", "INT-001", "-dir", t.TempDir())
	if status != statusBad || !strings.Contains(stderr, "nothing was tried: -impl gonum offers no operation") {
		t.Errorf("status %d, %q", status, stderr)
	}
}

// TestCheckExpectations checks that a known failure that does not happen fails,
// and that an own implementation may not lack an operation.
func TestCheckExpectations(t *testing.T) {
	known := suite.ExpectedFailures[0]
	claim, err := spec.ClaimByID(known.Claim)
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{own: map[string]bool{"float32": true}}
	for _, x := range []struct {
		r  props.Result
		ok bool
	}{
		{props.Result{Claim: claim, Implementation: known.Implementation, Verdict: props.Violated}, true},
		{props.Result{Claim: claim, Implementation: known.Implementation, Verdict: props.Holds}, false},
		{props.Result{Claim: claim, Implementation: "float32", Verdict: props.Violated}, false},
		{props.Result{Claim: claim, Implementation: "float32", Verdict: props.Unsupported}, false},
		{props.Result{Claim: claim, Implementation: "float32", Verdict: props.Vacuous}, false},
		{props.Result{Claim: claim, Implementation: "float32", Verdict: props.Refuted}, true},
		{props.Result{Claim: claim, Implementation: "outsider", Verdict: props.Unsupported}, true},
	} {
		if ok, note := c.verdict(&x.r); ok != x.ok {
			t.Errorf("%s on %s: ok = %v (%s)", x.r.Verdict, x.r.Implementation, ok, note)
		}
	}
}

// TestCheckInterrupted checks that an interrupted run prints what it knows.
func TestCheckInterrupted(t *testing.T) {
	c := broken(t, t.TempDir(), "broken")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	c.runAll(ctx)
	var out, errs bytes.Buffer
	if status := c.report(true, &out, &errs); status != statusBad || !strings.Contains(out.String(), "interrupted: 0 of 1 were tried") {
		t.Errorf("status %d:\n%s", status, out.String())
	}
}

// TestCheckFor checks that -for goes on with fresh cases.
func TestCheckFor(t *testing.T) {
	im, oracle := suite.Reference()
	tasks := tasksOf(im, oracle)[:1]
	c := &checker{flags: checkFlags{dir: t.TempDir()}, tasks: tasks, own: map[string]bool{}, opt: props.Options{Cases: 3}, progress: &progress{}}
	c.runAll(context.Background())
	first := c.results[0].Cases
	c.results[0] = nil
	c.errs = nil
	c.results, c.errs = make([]*props.Result, 1), make([]error, 1)
	for round := range 4 {
		c.try(0, round)
	}
	if got := c.results[0].Cases; got != 4*first {
		t.Errorf("four rounds of %d cases make %d", first, got)
	}
}
