package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func hopfieldProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "HOP-001", Run: hopfieldEnergy[T]},
		{Claim: "HOP-002", Run: hopfieldStep[T]},
		{Claim: "HOP-003", Run: hopfieldStepIsAttention[T]},
		{Claim: "HOP-004", Run: hopfieldEnergyIsRowSum[T]},
		{Claim: "HOP-005", Run: hopfieldCentralDifference[T]},
		{Claim: "HOP-006", Run: hopfieldQuadratics[T]},
		{Claim: "HOP-007", Run: hopfieldDescent[T](2.25, 4)},
		{Claim: "HOP-008", Run: hopfieldLogSumExpDescent[T]},
		{Claim: "HOP-009", Run: hopfieldDescent[T](0x1p-4, 2)},
		{Claim: "HOP-010", Run: hopfieldQuadraticDecrease[T]},
		{Claim: "HOP-011", Run: hopfieldDecreaseIdentity[T]},
		{Claim: "HOP-012", Run: hopfieldWithinLogN[T]},
		{Claim: "HOP-013", Run: hopfieldLogSumExpBelow[T]},
		{Claim: "HOP-014", Run: hopfieldBoundedBelow[T]},
		{Claim: "HOP-015", Run: hopfieldPermutation[T]},
		{Claim: "HOP-016", Run: hopfieldSignedPermutation[T]},
		{Claim: "HOP-017", Run: hopfieldRotation[T]},
		{Claim: "HOP-018", Run: hopfieldDoubled[T]},
		{Claim: "HOP-019", Run: hopfieldStoredIsFixed[T]},
		{Claim: "HOP-020", Run: hopfieldOnePattern[T]},
		{Claim: "HOP-021", Run: hopfieldHull[T](1.25, 2)},
		{Claim: "HOP-022", Run: hopfieldHull[T](0x1p-4, 1)},
		{Claim: "HOP-023", Run: hopfieldRetrieval[T]},
		{Claim: "HOP-024", Run: hopfieldConvexOfAnyBeta[T]},
		{Claim: "HOP-025", Run: hopfieldConvex[T]},
		{Claim: "HOP-026", Run: hopfieldLipschitz[T]},
		{Claim: "HOP-027", Run: hopfieldHiddenUnused[T]},
		{Claim: "HOP-028", Run: hopfieldHiddenAbsent[T]},
		{Claim: "HOP-029", Run: hopfieldNothing[T]},
		{Claim: "HOP-030", Run: hopfieldNaN[T]},
		{Claim: "HOP-031", Run: hopfieldNearest[T]},
		{Claim: "HOP-032", Run: hopfieldNearestOfEqualNorms[T]},
	}
}

// hopfieldScene is states Q among patterns K; visible is nil if all are.
type hopfieldScene[T spec.Float] struct {
	q, k    matrix
	visible []bool
	beta    float64
}

// drawHopfield draws patterns, perhaps some hidden but never all, and states.
func drawHopfield[T spec.Float](t *Trial, minStates, maxStates, minPatterns, maxPatterns int) hopfieldScene[T] {
	return drawHopfieldOf[T](t, minStates, maxStates, minPatterns, maxPatterns, 9)
}

// drawManyPatterns draws up to more states, patterns and channels than vectors and
// tiles hold.
func drawManyPatterns[T spec.Float](t *Trial) hopfieldScene[T] {
	s := drawHopfieldOf[T](t, 1, 70, 1, 129, 40)
	t.Sometimes("a hidden pattern", s.hides())
	t.Sometimes("more than 64 states", s.q.Rows > 64)
	t.Sometimes("more than 16 channels", s.q.Cols > 16)
	return s
}

func drawHopfieldOf[T spec.Float](t *Trial, minStates, maxStates, minPatterns, maxPatterns, maxChannels int) hopfieldScene[T] {
	m, d := t.Size("m", minStates, maxStates), t.Size("d", 1, maxChannels)
	s := drawPatterns[T](t, minPatterns, maxPatterns, d, -2, 1)
	s.q = t.Matrix("Q", m, d, gen.Tokens, -2, 1)
	return s
}

// drawPatterns is drawHopfield without the states, and with exponents of the
// patterns.
func drawPatterns[T spec.Float](t *Trial, minPatterns, maxPatterns, d, lo, hi int) hopfieldScene[T] {
	n := t.Size("n", minPatterns, maxPatterns)
	s := hopfieldScene[T]{k: t.Matrix("K", n, d, gen.Tokens, lo, hi), beta: t.Power("beta", -2, 2)}
	if t.Bool("masked") {
		s.visible = drawVisible(t, n)
	}
	return s
}

// drawVisible draws which of n patterns are visible: at least one of them, all now
// and then.
func drawVisible(t *Trial, n int) []bool {
	seen := t.Matrix("visible", 1, n, []gen.Kind{gen.Ints, gen.OneHot, gen.One, gen.Normal, gen.HalfZero}, 0, 0)
	out, any := make([]bool, n), false
	for j := range out {
		out[j] = seen.At(0, j) > 0
		any = any || out[j]
	}
	if !any && n > 0 {
		out[0] = true
	}
	return out
}

// seen returns the visible patterns.
func (s hopfieldScene[T]) seen() matrix {
	if s.visible == nil {
		return s.k
	}
	out := s.k
	out.Rows, out.Stride, out.Data = 0, out.Cols, nil
	for j, v := range s.visible {
		if v {
			out.Rows, out.Data = out.Rows+1, append(out.Data, s.k.Row(j)...)
		}
	}
	return out
}

// hides reports whether a pattern is hidden.
func (s hopfieldScene[T]) hides() bool { return reference.HopfieldCount(s.k, s.visible) < s.k.Rows }

// filled returns the patterns with x in the hidden ones.
func (s hopfieldScene[T]) filled(x float64) matrix {
	k := spec.Convert[float64](s.k)
	for j, v := range s.visible {
		for c := range k.Cols {
			if !v {
				k.Set(j, c, x)
			}
		}
	}
	return k
}

// handed returns the patterns as they are handed over: where the case draws so,
// with poison in those that are hidden.
func (s hopfieldScene[T]) handed(t *Trial) matrix {
	if s.visible != nil && t.unusual() {
		if poison, poisoned := drawHidden(t); poisoned {
			return s.filled(poison)
		}
	}
	return s.k
}

// energy runs the implementation's energy.
func (s hopfieldScene[T]) energy(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "E", s.q.Rows, 1)
	im.Hopfield.Energy(out, input[T](t, "Q", s.q), input[T](t, "K", s.handed(t)), lendSlice(t, "visible", s.visible, true), T(s.beta))
	return wide(out)
}

// step runs the implementation's step.
func (s hopfieldScene[T]) step(t *Trial, im *spec.Implementation[T], eta float64) matrix {
	out := output[T](t, "Q⁺", s.q.Rows, s.q.Cols)
	im.Hopfield.Step(out, input[T](t, "Q", s.q), input[T](t, "K", s.handed(t)), lendSlice(t, "visible", s.visible, true), T(s.beta), T(eta))
	return wide(out)
}

// at is the scene with other states.
func (s hopfieldScene[T]) at(q matrix) hopfieldScene[T] {
	s.q = q
	return s
}

// among is the scene with other patterns.
func (s hopfieldScene[T]) among(k matrix, visible []bool) hopfieldScene[T] {
	s.k, s.visible = k, visible
	return s
}

// energyBound is the bound on each energy; where there is none, the case is
// undecidable.
func (s hopfieldScene[T]) energyBound(t *Trial) matrix {
	b, ok := reference.HopfieldEnergyBound(s.q, s.k, s.visible, s.beta, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return b
}

// rangeBound is the same of how far the energy may leave its range.
func (s hopfieldScene[T]) rangeBound(t *Trial) matrix {
	b, ok := reference.HopfieldRangeBound(s.q, s.k, s.visible, s.beta, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return b
}

// stepBound is the same for the elements of the step.
func (s hopfieldScene[T]) stepBound(t *Trial, eta float64) matrix {
	return s.stepBoundOf(t, eta, reference.RoundingOf[T](), reference.InputError{})
}

func (s hopfieldScene[T]) stepBoundOf(t *Trial, eta float64, r reference.Rounding, in reference.InputError) matrix {
	b, ok := reference.HopfieldStepBound(s.q, s.k, s.visible, s.beta, eta, r, in)
	if !ok {
		t.Undecidable()
	}
	return b
}

// gradient is ∇E = q − softmax(βKq)K as the judge has it, and the bound of that.
func (s hopfieldScene[T]) gradient(t *Trial) (g, bound matrix) {
	o := spec.NewMatrix[float64](s.q.Rows, s.q.Cols)
	t.Oracle.Hopfield.Step(o, s.q, s.k, s.visible, s.beta, 1)
	g = reference.Sub(s.q, o)
	bound = plus(s.stepBoundOf(t, 1, rounding64, reference.InputError{}), scaled(absolute(g), 2*unit64))
	return g, bound
}

func hopfieldEnergy[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawManyPatterns[T](t)
	want := spec.NewMatrix[float64](s.q.Rows, 1)
	t.Oracle.Hopfield.Energy(want, s.q, s.k, s.visible, s.beta)
	bound := s.energyBound(t)
	near(t, "E", s.energy(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func hopfieldStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawManyPatterns[T](t)
	eta := t.Number("eta", -1, 4)
	want := spec.NewMatrix[float64](s.q.Rows, s.q.Cols)
	t.Oracle.Hopfield.Step(want, s.q, s.k, s.visible, s.beta, eta)
	bound := s.stepBound(t, eta)
	near(t, "Q⁺", s.step(t, im, eta), want, bound)
	t.Informative(exceeds(reference.Sub(want, s.q), bound, 8))
}

// options are those of the implementation's attention, with a mask that has a row
// for each state.
func (s hopfieldScene[T]) options() *spec.AttentionOptions {
	opt := &spec.AttentionOptions{Scale: s.beta}
	if s.visible != nil {
		var rows []bool
		for range s.q.Rows {
			rows = append(rows, s.visible...)
		}
		opt.Mask = spec.GridOf(s.q.Rows, rows, s.q.Rows, len(s.visible))
	}
	return opt
}

func hopfieldStepIsAttention[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 9, 1, 65)
	opt, dst := s.options(), output[T](t, "attention", s.q.Rows, s.q.Cols)
	k := asTensor(input[T](t, "keys", s.k))
	im.Attention.Attend(asTensor(dst), asTensor(input[T](t, "queries", s.q)), k, k, opt)
	bound, ok := reference.AttentionBound(asTensor(s.q), asTensor(s.k), asTensor(s.k), opt, im.Profile, reference.RoundingOf[T](), reference.InputError{})
	if !ok {
		t.Undecidable()
	}
	want, eps := wide(dst), plus(s.stepBound(t, 1), asMatrix(bound))
	near(t, "Q⁺", s.step(t, im, 1), want, eps)
	t.Informative(exceeds(reference.Sub(want, s.q), eps, 8))
	t.Sometimes("a hidden pattern", s.hides())
}

func hopfieldEnergyIsRowSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 9, 1, 65)
	opt, lse := s.options(), output[T](t, "lse", s.q.Rows, 1)
	k := asTensor(input[T](t, "keys", s.k))
	im.AttentionLSE(asTensor(output[T](t, "attention", s.q.Rows, s.q.Cols)), asTensor(lse), asTensor(input[T](t, "queries", s.q)), k, k, opt)
	bound, ok := reference.AttentionLSEBound(asTensor(s.q), asTensor(s.k), opt, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	eps, got := s.energyBound(t), s.energy(t, im)
	for i := range s.q.Rows {
		half, part := reference.Dot(s.q.Row(i), s.q.Row(i))/2, float64(lse.At(i, 0))/s.beta
		slack := eps.At(i, 0) + 1.01*bound.At(0, 0, i, 0)/s.beta + gamma(s.q.Cols+4)*(half+math.Abs(part))
		t.Near(at("E", i, 0), got.At(i, 0), half-part, slack)
		t.Informative(math.Abs(part) > 8*slack)
	}
	t.Sometimes("a hidden pattern", s.hides())
}
