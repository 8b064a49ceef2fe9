package props

import (
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// Property checks one claim on one case.
type Property[T spec.Float] struct {
	Claim spec.ID
	Run   func(t *Trial, im *spec.Implementation[T])
	// Cases scales the number of cases: a claim whose cases are dear takes a
	// fraction. Zero means 1.
	Cases float64
}

// Options says how long and how a claim is tried.
type Options struct {
	Cases int        // cases a claim; DefaultCases if zero
	Seed  uint64     // of the whole run; each claim and case hashes its own from it
	Given gen.Record // values taken instead of drawn: the typed arguments of a fuzz target
	First int        // number of the first case
	// Replay is an explicit case that is tried before any drawn one.
	Replay gen.Record
	// NoReduce leaves a failing case as it was drawn.
	NoReduce bool
}

// DefaultCases is how many cases a claim is tried on unless Options says
// otherwise.
const DefaultCases = 100

// MinInformativeShare is the share of cases that must be able to tell. A run is
// Vacuous where chance does not explain a smaller one: 11 of 100 are the fewest
// that pass; and so is one of 25 cases or more of which none could.
const MinInformativeShare = 0.25

// reduceBudget is how many times the reducer may run a property.
const reduceBudget = 3000

// Run tries one property of an implementation.
func Run[T spec.Float](p Property[T], im *spec.Implementation[T], oracle *spec.Implementation[float64], opt Options) *Result {
	claim, err := spec.ClaimByID(p.Claim)
	if err != nil {
		panic("attest: property without claim: " + err.Error())
	}
	r := &Result{Claim: claim, Implementation: im.Name, Seed: opt.Seed, Classes: map[string]int{}}
	if names := missing(p, im); names != "" {
		r.Verdict, r.Reason = Unsupported, fmt.Sprintf("%s does not offer %s", im.Name, names)
		return r
	}
	run := &runner[T]{p: p, im: im, oracle: oracle, opt: opt, r: r, sometimes: map[string]bool{}}
	switch {
	case claim.Kind == spec.Refuted:
		run.refute()
	default:
		run.verify()
	}
	return r
}

type runner[T spec.Float] struct {
	p         Property[T]
	im        *spec.Implementation[T]
	oracle    *spec.Implementation[float64]
	opt       Options
	r         *Result
	sometimes map[string]bool
}

// trial runs the property on one case and returns what it saw, or nil when the
// given values do not fit.
func (run *runner[T]) trial(c *gen.Case) (t *Trial, invalid string) {
	t = &Trial{Case: c, Oracle: run.oracle}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	lender := t
	defer func() {
		defer lender.pool.Free()
		x, changed := recover(), t.changed()
		switch x := x.(type) {
		case nil, stop:
		case gen.Invalid:
			t, invalid = nil, x.Reason
			return
		case interface{ Addr() uintptr }:
			t.failure = &Failure{What: t.faultOf(x.Addr()), Detail: panicSite(), Hard: true}
		default:
			t.failure = &Failure{What: fmt.Sprintf("panicked: %v", x), Detail: panicSite(), Hard: true}
		}
		if t.failure == nil && changed != "" {
			t.failure = &Failure{What: changed, Hard: true}
		}
	}()
	run.p.Run(t, run.im)
	return t, ""
}

// drawn runs the property on case number k of the run.
func (run *runner[T]) drawn(k int) (t *Trial, r gen.Record) {
	seed := caseSeed(run.opt.Seed, run.p.Claim, k)
	r = gen.Example(seed, run.opt.Given, func(c *gen.Case) {
		var invalid string
		if t, invalid = run.trial(c); invalid != "" {
			panic("attest: " + string(run.p.Claim) + ": " + invalid)
		}
	})
	return t, r
}

// replay runs the property on an explicit case.
func (run *runner[T]) replay(given gen.Record) (t *Trial, r gen.Record, invalid string) {
	r = gen.Replay(given, func(c *gen.Case) { t, invalid = run.trial(c) })
	return t, r, invalid
}

// each calls f for every case of the run until f returns false.
func (run *runner[T]) each(cases int, f func(k int) bool) {
	for k := range cases {
		if !f(run.opt.First + k) {
			return
		}
	}
}

func (run *runner[T]) cases() int {
	n := run.opt.Cases
	if n == 0 {
		n = DefaultCases
	}
	if run.p.Cases != 0 {
		n = max(1, int(float64(n)*run.p.Cases))
	}
	return n
}

// count adds the trial of case k to the result.
func (run *runner[T]) count(k int, t *Trial) {
	r := run.r
	r.Cases++
	if t.checks > 0 && !t.blind || t.failure != nil {
		r.Informative++
	}
	if t.ratio > r.Ratio {
		r.Ratio, r.RatioAt, r.RatioCase = t.ratio, t.ratioAt, k
	}
	if t.suspects > 0 && r.Suspects == 0 {
		r.SuspectCase = k
	}
	r.Judged, r.Suspects = r.Judged+t.judged, r.Suspects+t.suspects
	if t.deviation > r.Deviation {
		r.Deviation, r.DeviationAt = t.deviation, t.deviationAt
	}
	for _, name := range t.classes {
		r.Classes[name]++
	}
	for name, met := range t.sometimes {
		run.sometimes[name] = run.sometimes[name] || met
		if met {
			r.Classes[name]++
		} else {
			r.Classes[name] += 0 // demanded
		}
	}
	r.Rates = append(r.Rates, t.rates...)
}

func (run *runner[T]) verify() {
	r := run.r
	if run.opt.Replay != nil {
		t, rec, invalid := run.replay(run.opt.Replay)
		if invalid != "" {
			r.Verdict, r.Reason = Vacuous, "the stored counterexample does not fit the property: "+invalid+" (repair or delete its file)"
			return
		}
		run.count(-1, t)
		if t.failure != nil {
			r.Case = -1
			run.violated(t, rec)
			return
		}
	}
	run.each(run.cases(), func(k int) bool {
		t, rec := run.drawn(k)
		run.count(k, t)
		if t.failure != nil {
			r.Case = k
			run.violated(t, rec)
			return false
		}
		return true
	})
	if r.Cases >= DefaultCases/2 {
		run.meet()
	}
	if r.Verdict == Violated {
		return
	}
	r.Verdict = Holds
	if r.Claim.Kind == spec.Approximation {
		r.Verdict = Measured
	} else {
		r.suspect()
	}
	if reason := run.vacuous(); reason != "" {
		r.Verdict, r.Reason = Vacuous, reason
	}
}

// meet goes on for up to classBudget times the cases while a demanded class was
// not met, so that a rare class is not missed by chance.
func (run *runner[T]) meet() {
	for k, n := run.cases(), classBudget*run.cases(); k < n && run.r.Verdict != Violated && len(run.unmet()) > 0; k++ {
		t, rec := run.drawn(run.opt.First + k)
		run.count(run.opt.First+k, t)
		if t.failure != nil {
			run.r.Case = run.opt.First + k
			run.violated(t, rec)
		}
	}
}

// classBudget is how many times the usual cases the classes that a run must
// meet may take.
const classBudget = 10

// unmet returns the demanded classes that no case was of, in order.
func (run *runner[T]) unmet() []string {
	var unmet []string
	for name, met := range run.sometimes {
		if !met {
			unmet = append(unmet, name)
		}
	}
	slices.Sort(unmet)
	return unmet
}

// vacuous says why the run says too little, or nothing.
func (run *runner[T]) vacuous() string {
	r := run.r
	if wilson(r.Informative, r.Cases) < MinInformativeShare || r.Informative == 0 && r.Cases >= DefaultCases/4 {
		return fmt.Sprintf("only %d of %d cases could tell", r.Informative, r.Cases)
	}
	if unmet := run.unmet(); len(unmet) > 0 && r.Cases >= DefaultCases/2 {
		return fmt.Sprintf("never met in %d cases: %s", r.Cases, unmet[0])
	}
	return ""
}

// violated reduces the failing case and stores it.
func (run *runner[T]) violated(t *Trial, rec gen.Record) {
	r := run.r
	r.Verdict, r.Failure, r.Example = Violated, t.failure, rec
	run.reduce()
	r.Reason = r.Failure.What
}

// reduce makes the failing case in the result smaller, if it still fails the
// same way when it is replayed.
func (run *runner[T]) reduce() {
	r := run.r
	if run.opt.NoReduce || r.Example == nil {
		return
	}
	hard := r.Failure.Hard
	if t, _, invalid := run.replay(r.Example); invalid != "" || t.failure == nil {
		r.Failure.Detail += "\n  (the case does not fail when it is run again: the implementation is not deterministic)"
		return
	}
	r.Example = gen.Reduce(r.Example, reduceBudget, func(given gen.Record) (gen.Record, bool) {
		var t *Trial
		var invalid string
		rec := gen.ReplayNear(given, func(c *gen.Case) { t, invalid = run.trial(c) })
		return rec, invalid == "" && t.failure != nil && t.failure.Hard == hard
	})
	if t, _, _ := run.replay(r.Example); t != nil && t.failure != nil {
		r.Failure = t.failure
	}
}

// refute judges a refuted claim: the stored counterexample must still break it
// by at least half of what it is known to, and the search must find one anew.
func (run *runner[T]) refute() {
	r := run.r
	x := r.Claim.Counterexample
	t, _, invalid := run.replay(gen.FromCounterexample(x))
	switch {
	case invalid != "":
		r.Verdict, r.Reason = Violated, "the stored counterexample does not fit the property: "+invalid
		return
	case t.failure == nil:
		r.Verdict, r.Reason = Violated, "the stored counterexample does not break the statement here"
		return
	case t.failure.Hard:
		r.Verdict, r.Failure, r.Reason = Violated, t.failure, t.failure.What
		return
	case x.Excess > 0 && !(t.excess >= x.Excess/2):
		r.Verdict = Violated
		r.Reason = fmt.Sprintf("the stored counterexample breaks the statement by %.3g, not by %.3g", t.excess, x.Excess)
		return
	}
	run.each(max(run.cases(), refuteCases), func(k int) bool {
		t, rec := run.drawn(k)
		run.count(k, t)
		if t.failure == nil {
			return true
		}
		r.Case, r.Failure, r.Example = k, t.failure, rec
		r.Verdict = Refuted
		if t.failure.Hard {
			r.Verdict = Violated
			r.Reason = t.failure.What
		}
		run.reduce()
		return false
	})
	if r.Verdict == "" {
		r.Verdict, r.Reason = Vacuous, fmt.Sprintf("the search found no counterexample in %d cases", r.Cases)
	}
}

// refuteCases is how many cases the search for a counterexample may take at
// least.
const refuteCases = 2000

// caseSeed hashes the seed of a run, a claim and a case number into one seed.
func caseSeed(seed uint64, claim spec.ID, k int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", seed, claim, k)
	return h.Sum64()
}

// wilson and wilsonLow return the upper and the lower end of the Wilson score
// interval for hits of n at z = 3.29: a share is called too low, or too high, only
// when chance does not explain it.
func wilson(hits, n int) float64    { return wilsonEnd(hits, n, 1) }
func wilsonLow(hits, n int) float64 { return wilsonEnd(hits, n, -1) }

func wilsonEnd(hits, n int, side float64) float64 {
	if n == 0 {
		return 0
	}
	const z = 3.29
	p, m := float64(hits)/float64(n), float64(n)
	return (p + z*z/(2*m) + side*z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))) / (1 + z*z/m)
}

// panicSite says where the implementation panicked: up to three calls, the
// innermost first, without those of the Go runtime and of this package.
func panicSite() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var at []string
	for {
		f, more := frames.Next()
		own := strings.HasPrefix(f.Function, "runtime.") || strings.HasPrefix(f.Function, "example.com/attest/props.")
		if f.Function != "" && !own && len(at) < 3 {
			at = append(at, fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line))
		}
		if !more {
			return "at " + strings.Join(at, ", called from ")
		}
	}
}
