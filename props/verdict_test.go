package props_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"example.com/attest/props"
	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

type trial = props.Trial

// judge runs a property made for the test under a claim's kind, and counts its
// runs; case number k is the k-th but for those that reduce a failing one.
func judge(id spec.ID, opt props.Options, property func(t *trial, k int)) *props.Result {
	k := -1
	p := props.Property[float64]{Claim: id, Run: func(t *trial, _ *spec.Implementation[float64]) { k++; property(t, k) }}
	return props.Run(p, reference.Implementation(), props.Oracle[float64](), opt)
}

const (
	anyClaim      spec.ID = "INT-001"
	refutedClaim  spec.ID = "INT-018"
	measuredClaim spec.ID = "INT-032"
)

func holds(t *trial) { t.Check(true, "") }

// TestCasesOfARun counts the cases that are tried.
func TestCasesOfARun(t *testing.T) {
	for _, c := range []struct {
		opt   props.Options
		scale float64
		want  int
	}{
		{props.Options{}, 0, props.DefaultCases},
		{props.Options{Cases: 7}, 0, 7},
		{props.Options{Cases: 10}, 0.25, 2},
		{props.Options{Cases: 2}, 0.25, 1},
		{props.Options{Cases: 3}, 2, 6},
	} {
		runs := 0
		p := props.Property[float64]{Claim: anyClaim, Cases: c.scale, Run: func(t *trial, _ *spec.Implementation[float64]) { runs++; holds(t) }}
		r := props.Run(p, reference.Implementation(), props.Oracle[float64](), c.opt)
		if r.Verdict != props.Holds || r.Cases != c.want || runs != c.want || r.Informative != c.want {
			t.Errorf("%+v scaled by %v: %s on %d cases, %d informative, in %d runs, want %d", c.opt, c.scale, r.Verdict, r.Cases, r.Informative, runs, c.want)
		}
	}
}

// TestSeedAndNumberDetermineTheCase requires a run that begins later to try the
// cases that a longer one ends with, and other seeds and claims to try others.
func TestSeedAndNumberDetermineTheCase(t *testing.T) {
	draw := func(id spec.ID, opt props.Options) string {
		var all []string
		judge(id, opt, func(t *trial, _ int) { all = append(all, fmt.Sprint(t.Int("x", 0, 1<<30))); holds(t) })
		return strings.Join(all, " ")
	}
	whole := draw(anyClaim, props.Options{Cases: 9, Seed: 4})
	if tail := draw(anyClaim, props.Options{Cases: 5, Seed: 4, First: 4}); !strings.HasSuffix(whole, " "+tail) {
		t.Errorf("cases 4 to 8 are %s, of %s", tail, whole)
	}
	if other := draw(anyClaim, props.Options{Cases: 9, Seed: 5}); other == whole {
		t.Error("two seeds try the same cases")
	}
	if other := draw("INT-002", props.Options{Cases: 9, Seed: 4}); other == whole {
		t.Error("two claims try the same cases")
	}
	given := gen.Record{{Name: "x", Value: gen.Int(3)}}
	if got := draw(anyClaim, props.Options{Cases: 2, Given: given}); got != "3 3" {
		t.Errorf("a given value is drawn as %s", got)
	}
}

// TestInformative says which cases can tell.
func TestInformative(t *testing.T) {
	for _, c := range []struct {
		name string
		run  func(t *trial)
		want int
	}{
		{"a check", holds, 1},
		{"no check", func(*trial) {}, 0},
		{"said, but no check", func(t *trial) { t.Informative(true) }, 0},
		{"said", func(t *trial) { holds(t); t.Informative(true) }, 1},
		{"denied", func(t *trial) { holds(t); t.Informative(false) }, 0},
		{"denied, then said", func(t *trial) { t.Informative(false); holds(t); t.Informative(true) }, 0},
		{"undecidable", func(t *trial) { holds(t); t.Undecidable() }, 0},
		{"a rate", func(t *trial) { t.Rate(1) }, 1},
		{"a failure", func(t *trial) { t.Informative(false); t.Check(false, "") }, 1},
	} {
		if r := judge(anyClaim, props.Options{Cases: 1, NoReduce: true}, func(t *trial, _ int) { c.run(t) }); r.Informative != c.want {
			t.Errorf("%s: %d informative", c.name, r.Informative)
		}
	}
}

// TestVacuous requires a run in which too few cases could tell to be Vacuous: of
// 100 cases 11 are the fewest that chance explains where a quarter should.
func TestVacuous(t *testing.T) {
	for informative, want := range map[int]props.Verdict{0: props.Vacuous, 10: props.Vacuous, 11: props.Holds, 100: props.Holds} {
		r := judge(anyClaim, props.Options{}, func(t *trial, k int) { holds(t); t.Informative(k < informative) })
		if r.Verdict != want || r.Informative != informative {
			t.Errorf("%d informative: %s", informative, r.Verdict)
		}
		if r.Verdict == props.Vacuous && r.Reason != fmt.Sprintf("only %d of 100 cases could tell", informative) {
			t.Error(r.Reason)
		}
		if got := r.InformativeShare(); got != float64(informative)/100 {
			t.Errorf("share %v", got)
		}
	}
	for cases, want := range map[int]props.Verdict{24: props.Holds, 25: props.Vacuous} {
		if r := judge(anyClaim, props.Options{Cases: cases}, func(*trial, int) {}); r.Verdict != want {
			t.Errorf("none of %d informative: %s", cases, r.Verdict)
		}
	}
	if got := new(props.Result).InformativeShare(); got != 0 {
		t.Errorf("of no cases the share %v could tell", got)
	}
}

// TestDemandedClasses requires a class that no case meets to make a run Vacuous,
// and one that a later case meets to be waited for.
func TestDemandedClasses(t *testing.T) {
	meeting := func(opt props.Options, at int) *props.Result {
		return judge(anyClaim, opt, func(t *trial, k int) {
			holds(t)
			t.Sometimes("b", k == at)
			t.Sometimes("c", false || k == at)
			t.Sometimes("a", k == 0)
			t.Classify("even", k%2 == 0)
		})
	}
	never := meeting(props.Options{}, -1)
	if never.Verdict != props.Vacuous || never.Cases != 10*props.DefaultCases || never.Reason != "never met in 1000 cases: b" {
		t.Errorf("%s: %s", never.Verdict, never.Reason)
	}
	if n, ok := never.Classes["b"]; n != 0 || !ok || never.Classes["a"] != 1 || never.Classes["even"] != 500 {
		t.Errorf("classes %v", never.Classes)
	}
	for at, cases := range map[int]int{0: 100, 99: 100, 100: 101, 150: 151, 999: 1000} {
		if r := meeting(props.Options{First: 3}, at); r.Verdict != props.Holds || r.Cases != cases || r.Classes["b"] != 1 {
			t.Errorf("met in case %d: %s on %d cases, classes %v", at, r.Verdict, r.Cases, r.Classes)
		}
	}
	// A run of fewer than half of the usual cases demands no class.
	if r := meeting(props.Options{Cases: 49}, -1); r.Verdict != props.Holds || r.Cases != 49 {
		t.Errorf("49 cases: %s on %d", r.Verdict, r.Cases)
	}
	if r := meeting(props.Options{Cases: 50}, -1); r.Verdict != props.Vacuous || r.Cases != 500 {
		t.Errorf("50 cases: %s on %d", r.Verdict, r.Cases)
	}
	// The cases that a run goes on with are the next ones.
	drawn := func(first int) (all []int, r *props.Result) {
		r = judge(anyClaim, props.Options{Cases: 60, First: first}, func(t *trial, k int) {
			all = append(all, t.Int("x", 0, 1<<30))
			t.Within("x", float64(first+k), 1000)
			t.Sometimes("never", false)
		})
		return all, r
	}
	whole, _ := drawn(0)
	if tail, r := drawn(5); len(tail) != 600 || !slices.Equal(whole[5:], tail[:595]) || r.RatioCase != 604 {
		t.Errorf("%d cases from the fifth on, the worst of them %d", len(tail), r.RatioCase)
	}
	// A case beyond the usual ones can violate the claim, too.
	r := judge(anyClaim, props.Options{First: 7, NoReduce: true}, func(t *trial, k int) {
		t.Check(k < 120, "too late")
		t.Sometimes("never", false)
	})
	if r.Verdict != props.Violated || r.Case != 127 || r.Cases != 121 || r.Reason != "too late" {
		t.Errorf("%s in case %d of %d: %s", r.Verdict, r.Case, r.Cases, r.Reason)
	}
}

// TestWorstOfARun requires the largest ratio and deviation of all cases, each
// with its place, and the number of the case.
func TestWorstOfARun(t *testing.T) {
	r := judge(anyClaim, props.Options{Cases: 10, First: 5}, func(t *trial, k int) {
		t.Within(fmt.Sprint("place ", k), float64([]int{1, 5, 9, 2, 9}[k%5]), 10)
	})
	if r.Ratio != 0.9 || r.RatioAt != "place 2" || r.RatioCase != 7 {
		t.Errorf("ratio %v at %s in case %d", r.Ratio, r.RatioAt, r.RatioCase)
	}
	r = judge(measuredClaim, props.Options{Cases: 3}, func(t *trial, k int) { t.Rate(float64(k)); t.Rate(-1) })
	if got := fmt.Sprint(r.Rates); r.Verdict != props.Measured || got != "[0 -1 1 -1 2 -1]" || r.RateSummary() != "median 0, from -1 to 2" {
		t.Errorf("%s: %s, %s", r.Verdict, got, r.RateSummary())
	}
	if got := new(props.Result).RateSummary(); got != "" {
		t.Errorf("of no rates %q", got)
	}
}

// TestViolated requires the first failing case, its number, and a case that is
// reduced, or as it was drawn.
func TestViolated(t *testing.T) {
	property := func(t *trial, _ int) {
		n := t.Int("n", 0, 50)
		t.Check(n < 20, "n is %d", n)
	}
	r := judge(anyClaim, props.Options{First: 2}, property)
	if r.Verdict != props.Violated || r.Example.String() != "n=20" || r.Reason != "n is 20" || r.Failure.What != r.Reason || r.Case != r.Cases+1 {
		t.Errorf("%s in case %d of %d: %s with %s", r.Verdict, r.Case, r.Cases, r.Reason, r.Example)
	}
	raw := judge(anyClaim, props.Options{First: 2, NoReduce: true}, property)
	if raw.Example.String() == "n=20" || raw.Case != r.Case || raw.Reason != "n is "+strings.TrimPrefix(raw.Example.String(), "n=") {
		t.Errorf("in case %d: %s with %s", raw.Case, raw.Reason, raw.Example)
	}
	// What cannot be seen again is said so.
	r = judge(anyClaim, props.Options{}, func(t *trial, k int) { t.Bool("x"); t.Check(k != 3, "once") })
	if r.Verdict != props.Violated || r.Case != 3 || !strings.Contains(r.Failure.Detail, "not deterministic") {
		t.Errorf("%s in case %d: %+v", r.Verdict, r.Case, r.Failure)
	}
	// The smaller case must fail in the same way: hard, or not.
	for _, hard := range []bool{false, true} {
		r = judge(anyClaim, props.Options{}, func(t *trial, _ int) {
			n := t.Int("n", 0, 50)
			t.Check(hard || n < 20, "soft")
			t.Require(!hard || n < 20, "hard")
			t.Check(!hard || n < 5, "soft")
			t.Require(hard || n < 5, "hard")
		})
		if want := map[bool]string{false: "n=20 soft", true: "n=20 hard"}[hard]; r.Failure.Hard == hard && fmt.Sprint(r.Example, " ", r.Reason) != want {
			t.Errorf("%s %s, want %s", r.Example, r.Reason, want)
		}
	}
}

// TestReplayedCase requires a stored case to be tried before all others, as
// number −1.
func TestReplayedCase(t *testing.T) {
	stored := gen.Record{{Name: "n", Value: gen.Int(30)}}
	property := func(limit int) func(t *trial, _ int) {
		return func(t *trial, _ int) { n := t.Int("n", 0, 50); t.Within("n", float64(n), float64(limit)) }
	}
	r := judge(anyClaim, props.Options{Replay: stored}, property(29))
	if r.Verdict != props.Violated || r.Case != -1 || r.Cases != 1 || r.Example.String() != "n=30" {
		t.Errorf("%s in case %d of %d: %s", r.Verdict, r.Case, r.Cases, r.Example)
	}
	r = judge(anyClaim, props.Options{Replay: stored, Cases: 3, Given: gen.Record{{Name: "n", Value: gen.Int(1)}}}, property(60))
	if r.Verdict != props.Holds || r.Cases != 4 || r.Ratio != 0.5 || r.RatioCase != -1 {
		t.Errorf("%s on %d cases, ratio %v in case %d", r.Verdict, r.Cases, r.Ratio, r.RatioCase)
	}
	r = judge(anyClaim, props.Options{Replay: gen.Record{{Name: "m", Value: gen.Int(3)}}}, property(60))
	if r.Verdict != props.Vacuous || r.Reason != "the stored counterexample does not fit the property: n is not given (repair or delete its file)" {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// TestRefuted walks through the judgement of a refuted claim: the stored
// counterexample must break it by half of its excess, and the search find one.
func TestRefuted(t *testing.T) {
	claim, err := spec.ClaimByID(refutedClaim)
	if err != nil || claim.Counterexample.Excess <= 0 {
		t.Fatal(err, claim.Counterexample)
	}
	excess := claim.Counterexample.Excess
	breaks := func(by float64) func(t *trial) { return func(t *trial) { t.Within("rise", by, 0) } }
	for _, c := range []struct {
		name          string
		stored, drawn func(t *trial)
		verdict       props.Verdict
		reason        string
	}{
		{"as it should be", breaks(excess), breaks(1), props.Refuted, ""},
		{"half of the excess", breaks(excess / 2), breaks(1), props.Refuted, ""},
		{"less than half", breaks(math.Nextafter(excess/2, 0)), breaks(1), props.Violated, "breaks the statement by"},
		{"the stored one passes", holds, breaks(1), props.Violated, "the stored counterexample does not break the statement here"},
		{"the stored one fails hard", func(t *trial) { t.Require(false, "no step") }, breaks(1), props.Violated, "no step"},
		{"the stored one panics", func(t *trial) { panic("oh") }, breaks(1), props.Violated, "panicked: oh"},
		{"no fit", func(t *trial) { t.Int("unheard of", 0, 1) }, breaks(1), props.Violated, "the stored counterexample does not fit the property: unheard of is not given"},
		{"none is found", breaks(excess), holds, props.Vacuous, "the search found no counterexample in 2000 cases"},
		{"the search fails hard", breaks(excess), func(t *trial) { t.Require(false, "no step") }, props.Violated, "no step"},
	} {
		r := judge(refutedClaim, props.Options{NoReduce: true}, func(t *trial, k int) {
			if k == 0 {
				c.stored(t)
				return
			}
			c.drawn(t)
		})
		if r.Verdict != c.verdict || !strings.Contains(r.Reason, c.reason) || c.reason == "" && r.Reason != "" {
			t.Errorf("%s: %s, %s", c.name, r.Verdict, r.Reason)
		}
	}
	// The search goes on to the case that breaks the statement, and reduces it.
	r := judge(refutedClaim, props.Options{First: 10}, func(t *trial, k int) {
		if k == 0 {
			breaks(excess)(t)
		}
		n := t.Int("size", 0, 3000)
		t.Check(n < 2990, "size is %d", n)
	})
	if r.Verdict != props.Refuted || r.Example.String() != "size=2990" || r.Case != r.Cases+9 || r.Failure.What != "size is 2990" {
		t.Errorf("%s in case %d of %d: %s, %+v", r.Verdict, r.Case, r.Cases, r.Example, r.Failure)
	}
	// More cases than the least are searched if they are asked for.
	if r := judge(refutedClaim, props.Options{Cases: 2500}, func(t *trial, k int) {
		if k == 0 {
			breaks(excess)(t)
		}
		holds(t)
	}); r.Verdict != props.Vacuous || r.Cases != 2500 {
		t.Errorf("%s on %d cases", r.Verdict, r.Cases)
	}
}

// TestPanicSite requires a panic to be reported with the lines that led to it,
// the innermost first, at most three.
func TestPanicSite(t *testing.T) {
	r := judge(anyClaim, props.Options{NoReduce: true}, func(*trial, int) { first() })
	if !strings.HasPrefix(r.Failure.Detail, "at verdict_test.go:") || strings.Count(r.Failure.Detail, "verdict_test.go:") != 3 || strings.Count(r.Failure.Detail, "called from") != 2 {
		t.Errorf("panic %s", r.Failure.Detail)
	}
	if !r.Failure.Hard || r.Failure.What != "panicked: deep" {
		t.Errorf("%+v", r.Failure)
	}
}

func first()  { second() }
func second() { third() }
func third()  { fourth() }
func fourth() { panic("deep") }

// TestMerge requires two runs on different cases to add up.
func TestMerge(t *testing.T) {
	run := func(share, ratio float64, first int) *props.Result {
		return judge(anyClaim, props.Options{Cases: 50, First: first}, func(t *trial, k int) {
			t.Within(fmt.Sprint(first), ratio, 1)
			t.Informative(float64(k) < 50*share)
			t.Classify("all", true)
		})
	}
	for _, c := range []struct {
		name        string
		now, before *props.Result
		verdict     props.Verdict
		at          string
	}{
		{"both hold", run(1, 0.5, 20), run(1, 0.25, 0), props.Holds, "20"},
		{"the earlier is as bad", run(1, 0.5, 20), run(1, 0.5, 0), props.Holds, "20"},
		{"the earlier is worse", run(1, 0.25, 20), run(1, 0.5, 0), props.Holds, "0"},
		{"the later is vacuous", run(0, 0.5, 20), run(1, 0.25, 0), props.Holds, "20"},
		{"both are vacuous", run(0, 0.5, 20), run(0, 0.25, 0), props.Vacuous, "20"},
		{"too few together", run(0, 0.5, 20), judge(anyClaim, props.Options{Cases: 1}, func(t *trial, _ int) { t.Within("1", 0.25, 1); t.Classify("all", true) }), props.Vacuous, "20"},
	} {
		r := *c.now
		r.Rates = []float64{2}
		c.before.Rates = []float64{1}
		informative, cases := c.now.Informative+c.before.Informative, c.now.Cases+c.before.Cases
		r.Merge(c.before)
		if r.Verdict != c.verdict || r.Informative != informative || r.Cases != cases || r.Classes["all"] != cases || r.RatioAt != c.at || len(r.Rates) != 2 {
			t.Errorf("%s: %s, %d of %d informative, %v, worst at %s", c.name, r.Verdict, r.Informative, r.Cases, r.Classes, r.RatioAt)
		}
		if worst := map[string]int{"0": c.before.RatioCase, "20": c.now.RatioCase}[c.at]; r.RatioCase != worst || r.Ratio != 0.5 {
			t.Errorf("%s: ratio %v in case %d", c.name, r.Ratio, r.RatioCase)
		}
		if r.Verdict == props.Holds && r.Reason != "" {
			t.Errorf("%s: %s", c.name, r.Reason)
		}
	}
	violated := judge(anyClaim, props.Options{Cases: 20}, func(t *trial, _ int) { t.Check(false, "no") })
	r := run(1, 0.5, 20)
	if r.Merge(violated); r.Verdict != props.Violated || r.Reason != "no" || r.Cases != 1 {
		t.Errorf("after a violation: %s", r.Verdict)
	}
	if violated.Merge(run(1, 0.5, 20)); violated.Verdict != props.Violated || violated.Cases != 51 {
		t.Errorf("a violation, merged: %s on %d cases", violated.Verdict, violated.Cases)
	}
}

// TestSuspectCase requires the first case with a suspect to be named.
func TestSuspectCase(t *testing.T) {
	r := &props.Result{Verdict: props.Holds, Cases: 10, Informative: 10, Judged: 100, Suspects: 0, Classes: map[string]int{}}
	before := &props.Result{Verdict: props.Suspect, Cases: 10, Informative: 10, Judged: 100, Suspects: 50, SuspectCase: 4, Deviation: 12, DeviationAt: "x"}
	if r.Merge(before); r.Verdict != props.Suspect || r.Case != 4 || r.Deviation != 12 || r.DeviationAt != "x" || r.Judged != 200 {
		t.Errorf("%+v", r)
	}
	if got, want := r.SuspectSummary(), "50 of 200 outputs are within the bound but beyond ten standard deviations, first in case 4; the worst is 12 σ, x"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// Few of very many are chance, and a deviation of now that is as large stays.
	now := &props.Result{Verdict: props.Suspect, Cases: 1, Informative: 1, Judged: 10, Suspects: 5, SuspectCase: 2, Deviation: 20, DeviationAt: "y", Classes: map[string]int{}}
	many := &props.Result{Verdict: props.Holds, Cases: 1, Informative: 1, Judged: 1e6, Suspects: 0, Deviation: 20, DeviationAt: "z"}
	if now.Merge(many); now.Verdict != props.Holds || now.Deviation != 20 || now.DeviationAt != "y" || now.SuspectCase != 2 {
		t.Errorf("%+v", now)
	}
	if got := many.SuspectSummary(); got != "" {
		t.Error(got)
	}
}
