package props

import (
	"fmt"
	"math"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"example.com/attest/internal/guard"
	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// Trial is one run of a property on one case. A property draws its case from
// the embedded gen.Case, runs the implementation, and reports what it saw. The
// first check that fails ends the trial.
type Trial struct {
	*gen.Case
	// Oracle computes what the implementation under test should: the reference
	// for float32 implementations, a higher-precision evaluation for float64.
	Oracle *spec.Implementation[float64]

	checks  int
	blind   bool // the case cannot tell right from wrong
	tells   bool // the property said that it can
	ratio   float64
	ratioAt string
	classes []string

	judged, suspects int     // outputs held against their standard deviation, and those beyond ten
	deviation        float64 // largest err/σ
	deviationAt      string
	sometimes        map[string]bool
	rates            []float64
	excess           float64
	guards           []func() string // run after the trial, whatever became of it
	pool             guard.Pool      // of the memory of operands
	lent             []lent
	failure          *Failure
}

// Failure says what a trial found wrong.
type Failure struct {
	What   string  // the quantity, and where
	Err    float64 // measured; 0 when the check is not of that form
	Bound  float64
	Detail string // got and want
	// Hard is set when the failure cannot be the refutation of a refuted claim:
	// a precondition or a partner statement failed.
	Hard bool
	// Sites are the lines of this package that led to the check, as file:line, the
	// innermost first.
	Sites []string
}

type stop struct{}

func (t *Trial) fail(f Failure) {
	f.Sites = sites()
	t.failure = &f
	panic(stop{})
}

// sites returns the lines of this package that are being executed, but for those of
// Trial itself, which the caller is one of.
func sites() (lines []string) {
	calls := make([]uintptr, 64)
	frames := runtime.CallersFrames(calls[:runtime.Callers(3, calls)])
	for {
		f, more := frames.Next()
		if file := filepath.Base(f.File); file != "trial.go" && strings.HasPrefix(f.Function, trialPackage) {
			lines = append(lines, fmt.Sprintf("%s:%d", file, f.Line))
		}
		if !more {
			return lines
		}
	}
}

// trialPackage is how the names of this package's functions begin.
var trialPackage = reflect.TypeFor[Trial]().PkgPath() + "."

// changed runs every guard, some of which give memory back, and returns what the
// first says that has something to say.
func (t *Trial) changed() string {
	var said string
	for _, guard := range t.guards {
		if s := guard(); said == "" {
			said = s
		}
	}
	return said
}

// Within requires err ≤ bound and keeps the largest ratio err/bound. NaN fails.
func (t *Trial) Within(what string, err, bound float64) {
	t.checks++
	if !(err <= bound) {
		t.excess = err - bound
		t.fail(Failure{What: what, Err: err, Bound: bound})
	}
	if bound > 0 && !math.IsInf(bound, 1) {
		if r := err / bound; r > t.ratio {
			t.ratio, t.ratioAt = r, what
		}
	}
}

// Near requires |got − want| ≤ bound. Two equal infinities, or two NaN, agree.
func (t *Trial) Near(what string, got, want, bound float64) {
	t.near(func() string { return what }, got, want, bound)
}

// near is Near with a name that is made only when it is needed.
func (t *Trial) near(what func() string, got, want, bound float64) {
	t.checks++
	err := math.Abs(got - want)
	if got == want || math.IsNaN(got) && math.IsNaN(want) {
		err = 0
	}
	if !(err <= bound) {
		t.excess = err - bound
		t.fail(Failure{What: what(), Err: err, Bound: bound, Detail: gotWant(got, want)})
	}
	if bound > 0 && !math.IsInf(bound, 1) {
		if r := err / bound; r > t.ratio {
			t.ratio, t.ratioAt = r, what()
		}
	}
}

// Bits requires got and want to be the same number bit for bit; all NaN count
// as the same.
func (t *Trial) Bits(what string, got, want float64) {
	t.bits(func() string { return what }, got, want)
}

// bits is Bits with a name that is made only when it is needed.
func (t *Trial) bits(what func() string, got, want float64) {
	t.checks++
	if math.Float64bits(got) != math.Float64bits(want) && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.fail(Failure{What: what() + " differs in its bits", Err: math.Abs(got - want), Detail: gotWant(got, want)})
	}
}

// SameBits requires two matrices to be equal bit for bit.
func (t *Trial) SameBits(what string, got, want spec.Matrix[float64]) {
	for i := range want.Rows {
		for j := range want.Cols {
			t.bits(func() string { return at(what, i, j) }, got.At(i, j), want.At(i, j))
		}
	}
}

// Check requires a condition.
func (t *Trial) Check(ok bool, format string, args ...any) {
	t.checks++
	if !ok {
		t.fail(Failure{What: fmt.Sprintf(format, args...)})
	}
}

// Require is Check for what must hold even where the claim itself is refuted.
func (t *Trial) Require(ok bool, format string, args ...any) {
	t.checks++
	if !ok {
		t.fail(Failure{What: fmt.Sprintf(format, args...), Hard: true})
	}
}

// Informative says whether the case can tell a right implementation from a
// wrong one; several calls are joined by and. A case for which it is never
// called counts as informative when it checked something.
func (t *Trial) Informative(ok bool) {
	if ok {
		t.tells = true
	} else {
		t.blind = true
	}
}

// Undecidable ends the trial: no bound holds here. The case is uninformative.
func (t *Trial) Undecidable() {
	t.blind = true
	panic(stop{})
}

// Classify counts the case under name if ok.
func (t *Trial) Classify(name string, ok bool) {
	if ok && !slices.Contains(t.classes, name) {
		t.classes = append(t.classes, name)
	}
}

// Sometimes demands that ok is true in at least one case of a run.
func (t *Trial) Sometimes(name string, ok bool) {
	if t.sometimes == nil {
		t.sometimes = map[string]bool{}
	}
	t.sometimes[name] = t.sometimes[name] || ok
}

// Rate reports a measured rate of an approximation.
func (t *Trial) Rate(x float64) {
	t.checks++
	t.rates = append(t.rates, x)
}

func gotWant(got, want float64) string {
	return fmt.Sprintf("got %v (%s) want %v (%s)", got, hexFloat(got), want, hexFloat(want))
}

func at(what string, i, j int) string { return fmt.Sprintf("%s[%d,%d]", what, i, j) }

// input hands m to an implementation: converted to T, with rows apart, and
// watched: after the trial it must still hold the same bits.
func input[T spec.Float](t *Trial, name string, m spec.Matrix[float64]) spec.Matrix[T] {
	if m.IsZero() {
		return spec.Matrix[T]{}
	}
	in, memory := gapped[T](t, name, m.Rows, m.Cols)
	for i := range m.Rows {
		for j, x := range m.Row(i) {
			in.Set(i, j, T(x))
		}
	}
	watch(t, name, memory)
	return in
}

// output returns a rows×cols destination filled with NaN. After the trial the
// gaps between its rows and the memory around it must be untouched.
func output[T spec.Float](t *Trial, name string, rows, cols int) spec.Matrix[T] {
	out, m := gapped[T](t, name, rows, cols)
	for i := range rows {
		for j := range cols {
			out.Set(i, j, T(math.NaN()))
		}
	}
	before := slices.Clone(m.Whole)
	view := spec.Tensor[T]{Data: out.Data, Shape: [4]int{1, 1, rows, cols}, Stride: [4]int{0, 0, out.Stride, 1}}
	t.guards = append(t.guards, func() string { return outsideWritten(name, m, before, view) })
	return out
}

// gapped returns a rows×cols matrix with three words between rows, filled with
// slack as the memory around it is.
func gapped[T spec.Float](t *Trial, name string, rows, cols int) (spec.Matrix[T], guard.Memory[T]) {
	const gap = 3
	span := 0
	if rows > 0 {
		span = (rows-1)*(cols+gap) + cols
	}
	m := lend(t, name, span, T(t.slack()))
	return spec.Matrix[T]{Rows: rows, Cols: cols, Stride: cols + gap, Data: m.Data}, m
}

// wide returns m with elements of type float64.
func wide[T spec.Float](m spec.Matrix[T]) spec.Matrix[float64] { return spec.Convert[float64](m) }

func hexFloat(x float64) string { return fmt.Sprintf("%x", x) }
