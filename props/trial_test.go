package props

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unsafe"

	"example.com/attest/internal/guard"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// tryOnce runs check in a trial of its own and returns the trial.
func tryOnce(check func(t *Trial)) (t *Trial) {
	t = plainTrial()
	defer func() {
		if x := recover(); x != nil {
			if _, ok := x.(stop); !ok {
				panic(x)
			}
		}
	}()
	check(t)
	return t
}

func numbers(x ...float64) matrix { return spec.MatrixOf(x) }

// TestChecks says of each check what passes it and what fails it.
func TestChecks(t *testing.T) {
	nan, inf, negative := math.NaN(), math.Inf(1), math.Copysign(0, -1)
	otherNaN := math.Float64frombits(math.Float64bits(nan) ^ 2)
	for _, c := range []struct {
		name  string
		check func(t *Trial)
		fails string
	}{
		{"within", func(t *Trial) { t.Within("x", 1, 2) }, ""},
		{"at the bound", func(t *Trial) { t.Within("x", 2, 2) }, ""},
		{"beyond", func(t *Trial) { t.Within("x", 3, 2) }, "x"},
		{"error of NaN", func(t *Trial) { t.Within("x", nan, 2) }, "x"},
		{"bound of NaN", func(t *Trial) { t.Within("x", 1, nan) }, "x"},
		{"no error allowed", func(t *Trial) { t.Within("x", 0, 0) }, ""},
		{"near", func(t *Trial) { t.Near("x", 1, 2, 1) }, ""},
		{"not near", func(t *Trial) { t.Near("x", 1, 2, 0.5) }, "x"},
		{"not near from above", func(t *Trial) { t.Near("x", 2, 1, 0.5) }, "x"},
		{"equal infinities", func(t *Trial) { t.Near("x", inf, inf, 0) }, ""},
		{"other infinity", func(t *Trial) { t.Near("x", inf, -inf, 1) }, "x"},
		{"infinity for a number", func(t *Trial) { t.Near("x", inf, 1, 1) }, "x"},
		{"NaN for NaN", func(t *Trial) { t.Near("x", nan, nan, 0) }, ""},
		{"NaN for a number", func(t *Trial) { t.Near("x", nan, 1, 1) }, "x"},
		{"NaN for a number with any bound", func(t *Trial) { t.Near("x", nan, 1, inf) }, "x"},
		{"a number for NaN", func(t *Trial) { t.Near("x", 1, nan, 1) }, "x"},
		{"a number with bound NaN", func(t *Trial) { t.Near("x", 1, 2, nan) }, "x"},
		{"same bits", func(t *Trial) { t.Bits("x", 1, 1) }, ""},
		{"other bits", func(t *Trial) { t.Bits("x", 1, math.Nextafter(1, 2)) }, "x differs in its bits"},
		{"sign of zero", func(t *Trial) { t.Bits("x", 0, negative) }, "x differs in its bits"},
		{"two kinds of NaN", func(t *Trial) { t.Bits("x", nan, otherNaN) }, ""},
		{"bits of NaN for a number", func(t *Trial) { t.Bits("x", nan, 1) }, "x differs in its bits"},
		{"bits of a number for NaN", func(t *Trial) { t.Bits("x", 1, nan) }, "x differs in its bits"},
		{"same matrix", func(t *Trial) { t.SameBits("x", numbers(1, 2), numbers(1, 2)) }, ""},
		{"other matrix", func(t *Trial) { t.SameBits("x", numbers(1, 2), numbers(1, 3)) }, "x[0,1] differs in its bits"},
		{"near matrix", func(t *Trial) { near(t, "x", numbers(1, 2), numbers(1, 2.5), numbers(0, 0.5)) }, ""},
		{"rounded matrix", func(t *Trial) { near(t, "x", numbers(1), numbers(1+0x1p-52), numbers(0x1p-53)) }, ""},
		{"far matrix", func(t *Trial) { near(t, "x", numbers(1, 2), numbers(1, 2.5), numbers(9, 0.25)) }, "x[0,1]"},
		{"far by a little", func(t *Trial) { near(t, "x", numbers(1), numbers(1+0x1p-51), numbers(0x1p-53)) }, "x[0,0]"},
		{"check", func(t *Trial) { t.Check(true, "x is %d", 3) }, ""},
		{"failed check", func(t *Trial) { t.Check(false, "x is %d", 3) }, "x is 3"},
		{"failed requirement", func(t *Trial) { t.Require(false, "x is %d", 3) }, "x is 3"},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := tryOnce(c.check)
			if got := tr.failure; c.fails == "" && got != nil || c.fails != "" && (got == nil || got.What != c.fails) {
				t.Errorf("failure %+v, want %q", got, c.fails)
			}
			if tr.failure != nil && tr.failure.Hard != (c.name == "failed requirement") {
				t.Errorf("hard: %v", tr.failure.Hard)
			}
			if tr.checks < 1 {
				t.Errorf("counted as %d checks", tr.checks)
			}
		})
	}
}

// TestFailureNumbers checks what a failure says, and the excess that refuted
// claims are judged by.
func TestFailureNumbers(t *testing.T) {
	for name, check := range map[string]func(t *Trial){
		"Within": func(t *Trial) { t.Within("x", 5, 2) },
		"Near":   func(t *Trial) { t.Near("x", 1, 6, 2) },
	} {
		tr := tryOnce(check)
		if f := tr.failure; f.Err != 5 || f.Bound != 2 || tr.excess != 3 {
			t.Errorf("%s: err %v, bound %v, excess %v", name, f.Err, f.Bound, tr.excess)
		}
	}
	if f := tryOnce(func(t *Trial) { t.Near("x", 1, 6, 2) }).failure; f.Detail != "got 1 (0x1p+00) want 6 (0x1.8p+02)" {
		t.Error(f.Detail)
	}
	if f := tryOnce(func(t *Trial) { t.Bits("x", 1, 6) }).failure; f.Err != 5 {
		t.Errorf("err %v", f.Err)
	}
}

// TestRatioIsTheLargest requires the largest err/bound of a trial and its place,
// where there is a bound.
func TestRatioIsTheLargest(t *testing.T) {
	tr := tryOnce(func(t *Trial) {
		t.Within("a", 1, 8)
		t.Near("b", 1, 4, 6)
		t.Within("c", 1, 4)
		t.Within("d", 1, math.Inf(1))
		t.Within("e", 0, 0)
		t.Near("f", 1, 1, 0)
		t.Near("g", 1, 2, math.Inf(1))
		t.Near("h", 1, 2, 3)
		t.Near("i", 1, 2, 2) // as large
		t.Within("k", 1, 2)
	})
	if tr.ratio != 0.5 || tr.ratioAt != "b" || tr.checks != 10 || tr.failure != nil {
		t.Errorf("ratio %v at %q after %d checks, %+v", tr.ratio, tr.ratioAt, tr.checks, tr.failure)
	}
	tr = tryOnce(func(t *Trial) { t.Within("a", 1, 8); t.Within("c", 1, 4) })
	if tr.ratio != 0.25 || tr.ratioAt != "c" {
		t.Errorf("ratio %v at %q", tr.ratio, tr.ratioAt)
	}
}

// TestDeviations requires the largest err/σ, its place, and the count of those
// beyond ten.
func TestDeviations(t *testing.T) {
	tr := tryOnce(func(t *Trial) {
		for k, err := range []float64{3, 10, 11, 30, 12, 30} {
			t.deviates(func() string { return at("x", 0, k) }, err, 1)
		}
	})
	if tr.judged != 6 || tr.suspects != 4 || tr.deviation != 30 || tr.deviationAt != "x[0,3]" {
		t.Errorf("%d of %d, at most %v at %s", tr.suspects, tr.judged, tr.deviation, tr.deviationAt)
	}
}

// TestClasses requires a class to count once a case, and a demanded class to be
// met where one of several calls says so.
func TestClasses(t *testing.T) {
	tr := tryOnce(func(t *Trial) {
		t.Classify("a", true)
		t.Classify("a", true)
		t.Classify("b", false)
		t.Sometimes("c", false)
		t.Sometimes("d", true)
		t.Sometimes("d", false)
	})
	if strings.Join(tr.classes, " ") != "a" {
		t.Errorf("classes %q", tr.classes)
	}
	if c, ok := tr.sometimes["c"]; c || !ok || !tr.sometimes["d"] || len(tr.sometimes) != 2 {
		t.Errorf("demanded classes %v", tr.sometimes)
	}
}

// TestWatchedMemory requires each guard to notice a change of one word, and to
// say where.
func TestWatchedMemory(t *testing.T) {
	guards := func(tr *Trial) string {
		for _, g := range tr.guards {
			if s := g(); s != "" {
				return s
			}
		}
		return ""
	}
	m := spec.MatrixOf([]float64{1, 2}, []float64{3, math.NaN()})
	for k := range 5 + 2 {
		tr := plainTrial()
		in := input[float64](tr, "Y", m)
		if in.Stride != 5 || in.At(1, 0) != 3 || !math.IsNaN(in.Data[2]) {
			t.Fatalf("input %+v", in)
		}
		if s := guards(tr); s != "" {
			t.Fatal(s)
		}
		in.Data[k] = 7
		if s, want := guards(tr), fmt.Sprintf("input Y was changed, %d elements from its start", k); s != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
	if in := input[float64](plainTrial(), "Y", matrix{}); !in.IsZero() {
		t.Errorf("no matrix is handed over as %+v", in)
	}
	for k := -guard.Canary; k < 5+2; k++ { // behind lies an unreadable page
		tr := plainTrial()
		out := output[float64](tr, "dst", 2, 2)
		if len(out.Data) != 7 || cap(out.Data) != 7 || out.Stride != 5 || !math.IsNaN(out.At(0, 0)) {
			t.Fatalf("output %+v", out)
		}
		*(*float64)(unsafe.Add(unsafe.Pointer(&out.Data[0]), 8*k)) = 7
		want := fmt.Sprintf("dst was written outside its view, %d elements from its start", k)
		if k >= 0 && k%5 < 2 {
			want = ""
		}
		if s := guards(tr); s != want {
			t.Errorf("%q, want %q", s, want)
		}
	}
}

// TestFirstChange takes numbers for different whose bits are.
func TestFirstChange(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		a, b []float64
		want int
	}{
		{[]float64{1, nan, 2}, []float64{1, nan, 2}, -1},
		{[]float64{1, nan, 2}, []float64{1, math.Float64frombits(math.Float64bits(nan) ^ 2), 2}, 1},
		{[]float64{1}, []float64{2}, 0},
		{[]float64{1, 0}, []float64{1, math.Copysign(0, -1)}, 1},
		{[]float64{nan}, []float64{1}, 0},
		{nil, nil, -1},
	} {
		if got := firstChange(c.a, c.b); got != c.want {
			t.Errorf("%v and %v: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestWilson requires both ends of the interval to be shares from which the
// measured one is z = 3.29 standard deviations away, on either side of it.
func TestWilson(t *testing.T) {
	for _, c := range [][2]int{{0, 1}, {1, 1}, {0, 100}, {3, 100}, {50, 100}, {100, 100}, {7, 1_000_000}} {
		p, n := float64(c[0])/float64(c[1]), float64(c[1])
		lo, hi := wilsonLow(c[0], c[1]), wilson(c[0], c[1])
		for _, x := range []float64{lo, hi} {
			if left, right := (p-x)*(p-x), 3.29*3.29*x*(1-x)/n; !(math.Abs(left-right) <= 16*unit64) {
				t.Errorf("%d of %d: %v is %v standard deviations away", c[0], c[1], x, math.Sqrt(left/(right/10.8241)))
			}
		}
		if !(lo <= p && p <= hi && lo < hi) {
			t.Errorf("%d of %d: from %v to %v", c[0], c[1], lo, hi)
		}
	}
	if wilson(0, 0) != 0 || wilsonLow(0, 0) != 0 {
		t.Error("a share of nothing")
	}
}

// TestSuspectsOfARun requires the outputs of all cases to be counted, the first
// case with a suspect to be named, and the first place of the largest deviation.
func TestSuspectsOfARun(t *testing.T) {
	k := -1
	p := Property[float64]{Claim: "INT-001", Run: func(t *Trial, _ *spec.Implementation[float64]) {
		k++
		t.checks++
		for _, err := range []float64{3, []float64{1, 8, 11, 11, 40, 12, 40, 2}[k]} {
			t.deviates(func() string { return at("x", k, int(err)) }, err, 1)
		}
	}}
	r := Run(p, reference.Implementation(), nil, Options{Cases: 8, First: 5})
	if r.Judged != 16 || r.Suspects != 5 || r.SuspectCase != 7 || r.Deviation != 40 || r.DeviationAt != "x[4,40]" || r.Verdict != Suspect || r.Case != 7 {
		t.Errorf("%s in case %d: %d of %d, first in %d; %v at %s", r.Verdict, r.Case, r.Suspects, r.Judged, r.SuspectCase, r.Deviation, r.DeviationAt)
	}
	p.Run = func(t *Trial, _ *spec.Implementation[float64]) {
		t.checks++
		t.deviates(func() string { return "x" }, 9, 1)
	}
	if r := Run(p, reference.Implementation(), nil, Options{Cases: 8}); r.Verdict != Holds || r.Suspects != 0 || r.SuspectCase != 0 || r.Deviation != 9 {
		t.Errorf("%s: %d of %d", r.Verdict, r.Suspects, r.Judged)
	}
}

// TestReplayLine requires as many cases as it takes to come to the failing one.
func TestReplayLine(t *testing.T) {
	for _, c := range []struct {
		cases, failed int
		want          string
	}{
		{100, 99, "ATTEST_SEED=3 go test -count=1 -run '^TestX$/^ATT-001$'"},
		{100, 100, "ATTEST_SEED=3 ATTEST_CASES=101 go test -count=1 -run '^TestX$/^ATT-001$'"},
		{25, 7, "ATTEST_SEED=3 ATTEST_CASES=25 go test -count=1 -run '^TestX$/^ATT-001$'"},
		{25, 99, "ATTEST_SEED=3 go test -count=1 -run '^TestX$/^ATT-001$'"},
	} {
		if got := replayLine(&Result{Case: c.failed}, Options{Cases: c.cases, Seed: 3}, "TestX/ATT-001"); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if got, want := UsualCases(), map[bool]int{true: 25, false: 100}[testing.Short()]; got != want {
		t.Errorf("%d usual cases, want %d", got, want)
	}
}
