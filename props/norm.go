package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func normProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "LNM-001", Run: normValue[T]},
		{Claim: "LNM-002", Run: normShift[T]},
		{Claim: "LNM-003", Run: normScale[T]},
		{Claim: "LNM-004", Run: normConstant[T]},
		{Claim: "LNM-005", Run: normMoments[T]},
		{Claim: "LNM-006", Run: normPermutation[T]},
		{Claim: "LNM-007", Run: normUnitVariance[T]},
		{Claim: "LNM-008", Run: normNorm[T]},
		{Claim: "LNM-009", Run: normWeightedNorm[T]},
		{Claim: "LNM-010", Run: normAffine[T]},
		{Claim: "LNM-011", Run: normScaleFixed[T]},
		{Claim: "LNM-012", Run: normRows[T]},
	}
}

// normCase is a drawn LayerNorm and the bound on each element of its output.
type normCase[T spec.Float] struct {
	x           matrix
	gain, shift []float64
	eps         float64
	bound       matrix
}

// newNormCase ends the trial if no bound holds.
func newNormCase[T spec.Float](t *Trial, x matrix, gain, shift []float64, eps float64) normCase[T] {
	bound, ok := reference.NormBound(x, gain, shift, eps, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return normCase[T]{x, gain, shift, eps, bound}
}

// run runs the implementation.
func (c normCase[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "Y", c.x.Rows, c.x.Cols)
	gain, shift := input[T](t, "gain", spec.MatrixOf(c.gain)), input[T](t, "shift", spec.MatrixOf(c.shift))
	if t.Bool("in place") { // dst may be src itself
		for i := range c.x.Rows {
			for k, v := range c.x.Row(i) {
				out.Set(i, k, T(v))
			}
		}
		im.LayerNorm(out, out, gain.Row(0), shift.Row(0), T(c.eps))
		return wide(out)
	}
	im.LayerNorm(out, input[T](t, "X", c.x), gain.Row(0), shift.Row(0), T(c.eps))
	return wide(out)
}

// drawNormRows draws n×d rows with d up to 129, some of them far from the origin,
// where a variance from sums of squares would cancel.
func drawNormRows(t *Trial, minRows, minChannels int) matrix {
	n, d := t.Size("n", minRows, 33), t.Size("d", minChannels, 129)
	kinds := []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy, gen.Iota, gen.OneHot, gen.Translated, gen.Clustered}
	x := t.Matrix("X", n, d, kinds, -6, 6)
	if !t.Bool("far") {
		return x
	}
	offset := t.Power("offset", 4, 11)
	t.Sometimes("rows far from the origin", true)
	return roundTo32(normShifted(x, offset))
}

// drawGainShift draws gain and shift.
func drawGainShift(t *Trial, d int) (gain, shift []float64) {
	kinds := []gen.Kind{gen.Normal, gen.Uniform, gen.Iota, gen.One}
	return t.Matrix("gain", 1, d, kinds, -2, 2).Row(0), t.Matrix("shift", 1, d, kinds, -2, 2).Row(0)
}

// normPlain returns gain 1 and shift 0.
func normPlain(d int) (gain, shift []float64) {
	gain = make([]float64, d)
	for k := range gain {
		gain[k] = 1
	}
	return gain, make([]float64, d)
}

// drawNormEps draws eps from 2⁻²⁰ to 8.
func drawNormEps(t *Trial) float64 { return t.Power("eps", -20, 2) }

func drawNormCase[T spec.Float](t *Trial, minRows, minChannels int) normCase[T] {
	x := drawNormRows(t, minRows, minChannels)
	gain, shift := drawGainShift(t, x.Cols)
	return newNormCase[T](t, x, gain, shift, drawNormEps(t))
}

func normValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, 1, 1)
	want := spec.NewMatrix[float64](c.x.Rows, c.x.Cols)
	t.Oracle.LayerNorm(want, c.x, c.gain, c.shift, c.eps)
	near(t, "Y", c.run(t, im), want, c.bound)
	t.Informative(exceeds(want, c.bound, 8))
	t.Sometimes("d > 16", c.x.Cols > 16)
	t.Sometimes("d = 1", c.x.Cols == 1)
}

func normShift[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 5), t.Size("d", 2, 65)
	// Multiples of 1/16 up to 16, moved by at most 2¹²: exact in float32.
	x := t.Matrix("X", n, d, []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}, -2, 2)
	by := t.Power("c", 0, 11)
	if t.Bool("negative") {
		by = -by
	}
	gain, shift := drawGainShift(t, d)
	eps := drawNormEps(t)
	c := newNormCase[T](t, x, gain, shift, eps)
	m := newNormCase[T](t, normShifted(x, by), gain, shift, eps)
	y := c.run(t, im)
	bound := normSum(c.bound, m.bound)
	near(t, "LN(X+c)", m.run(t, im), y, bound)
	t.Informative(exceeds(y, bound, 8))
	t.Sometimes("c above 1000", math.Abs(by) > 1000)
}

// normShifted returns m + c, element by element.
func normShifted(m matrix, c float64) matrix {
	out := spec.Convert[float64](m)
	for k := range out.Data {
		out.Data[k] += c
	}
	return out
}

// normSum returns X + Y.
func normSum(x, y matrix) matrix { return reference.Sub(x, scaled(y, -1)) }

func normScale[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, 1, 2)
	k := t.Int("k", -12, 12)
	m := c
	m.x, m.eps = scaled(c.x, math.Ldexp(1, k)), math.Ldexp(c.eps, 2*k)
	y, again, moved := c.run(t, im), c.run(t, im), m.run(t, im)
	if firstDifference(again.Data, y.Data) >= 0 {
		// An order of summation that changes from call to call has no bits to keep.
		near(t, "LN(2ᵏX)", moved, y, scaled(c.bound, 2))
	} else {
		t.SameBits("LN(2ᵏX)", moved, y)
	}
	t.Informative(k != 0 && exceeds(y, c.bound, 8))
	t.Sometimes("k > 8", k > 8)
	t.Sometimes("k < −8", k < -8)
}

func normConstant[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 5), 1<<t.Int("log d", 0, 7)
	level := t.Matrix("level", n, 1, []gen.Kind{gen.Ints, gen.Iota, gen.One}, -4, 6)
	x := spec.NewMatrix[float64](n, d)
	for i := range n {
		for k := range d {
			x.Set(i, k, level.At(i, 0))
		}
	}
	gain, shift := drawGainShift(t, d)
	c := normCase[T]{x: x, gain: gain, shift: shift, eps: drawNormEps(t)}
	y := c.run(t, im)
	for i := range n {
		t.SameBits("Y", spec.MatrixOf(y.Row(i)), spec.MatrixOf(shift))
	}
	t.Informative(reference.Norm(level.Data) > 0)
}

// normSquares returns Σyₖ², and what errors of y within the bounds make of it.
func normSquares(y, bound []float64) (sum, err float64) {
	for k, v := range y {
		sum += v * v
		err += 2*math.Abs(v)*bound[k] + bound[k]*bound[k] + gamma(len(y)+3)*v*v
	}
	return sum, err
}

func normMoments[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawNormRows(t, 1, 2)
	gain, shift := normPlain(x.Cols)
	c := newNormCase[T](t, x, gain, shift, drawNormEps(t))
	y := c.run(t, im)
	told := false
	for i := range x.Rows {
		var mean, slip float64
		for k, v := range y.Row(i) {
			mean += v
			slip += c.bound.At(i, k) + gamma(x.Cols)*math.Abs(v)
		}
		t.Near(at("sum of row", i, 0), mean, 0, slip)
		want, wantErr := normPower(x.Row(i), c.eps)
		got, err := normSquares(y.Row(i), c.bound.Row(i))
		t.Near(at("sum of squares of row", i, 0), got, want, err+wantErr)
		told = told || want > 8*(err+wantErr)
	}
	t.Informative(told)
	t.Sometimes("eps of a hundredth of the variance or more", func() bool {
		_, v := reference.Moments(x.Row(0))
		return v > 0 && c.eps > v/100
	}())
}

// normPower returns d·σ²/(σ²+eps), what the squares of a normalized row add to,
// and the judge's own error.
func normPower(x []float64, eps float64) (value, err float64) {
	_, variance := reference.Moments(x)
	b := reference.NewNormBounds(x, eps, rounding64)
	value = float64(len(x)) * variance / (variance + eps)
	// The relative error of the variance, and four operations.
	return value, (8*b.VarianceError() + gamma(8)) * value
}

func normPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, 1, 2)
	order := permutation(t, "channel", c.x.Cols)
	turn := func(m matrix) matrix {
		return reference.Transpose(permuteRows(reference.Transpose(m), order))
	}
	m := c
	m.x = turn(c.x)
	m.gain, m.shift = turn(spec.MatrixOf(c.gain)).Row(0), turn(spec.MatrixOf(c.shift)).Row(0)
	y := c.run(t, im)
	near(t, "LN of permuted channels", m.run(t, im), turn(y), scaled(turn(c.bound), 2))
	t.Informative(exceeds(reference.Sub(y, turn(y)), normSum(c.bound, turn(c.bound)), 4))
}

// normUnitVariance asserts that the squares of each output row add to d.
func normUnitVariance[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 3), t.Size("d", 2, 9)
	x := t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -1, 1)
	gain, shift := normPlain(d)
	c := newNormCase[T](t, x, gain, shift, drawNormEps(t))
	y := c.run(t, im)
	for i := range n {
		if _, variance := reference.Moments(x.Row(i)); variance == 0 {
			continue
		}
		sum, err := normSquares(y.Row(i), c.bound.Row(i))
		t.Near(at("variance of row", i, 0), sum/float64(d), 1, err/float64(d)+gamma(2))
	}
}

func normNorm[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawNormRows(t, 1, 2)
	gain, shift := normPlain(x.Cols)
	c := newNormCase[T](t, x, gain, shift, 0)
	y := c.run(t, im)
	told := false
	for i := range x.Rows {
		sum, err := normSquares(y.Row(i), c.bound.Row(i))
		t.Near(at("squared norm of row", i, 0), sum, float64(x.Cols), err)
		told = told || float64(x.Cols) > 8*err
	}
	t.Informative(told)
}

// normWeightedNorm asserts that the rows of LN(Y)A have equal norms.
func normWeightedNorm[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 4), t.Size("d", 2, 6)
	x := t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, 0, 1)
	a := t.Weights("A", d, t.Size("p", 1, 4))
	gain, shift := normPlain(d)
	c := newNormCase[T](t, x, gain, shift, 0x1p-20)
	y := c.run(t, im)
	u, eps := reference.Times(y, a), reference.Times(c.bound, absolute(a))
	reach := reference.Times(absolute(y), absolute(a))
	first, firstErr := 0.0, 0.0
	for i := range n {
		if _, variance := reference.Moments(x.Row(i)); variance == 0 {
			return
		}
		sum, err := normSquares(u.Row(i), eps.Row(i))
		_, size := normSquares(reach.Row(i), eps.Row(i))
		// LN itself has squared norm d·σ²/(σ²+eps), which differs from d by d·eps/σ².
		_, variance := reference.Moments(x.Row(i))
		slip, _ := reference.Inner(a, a)
		err += size + gamma(4*d)*reference.Dot(reach.Row(i), reach.Row(i)) + float64(d)*c.eps/variance*slip
		if i == 0 {
			first, firstErr = sum, err
		}
		t.Near(at("squared norm of row", i, 0), sum, first, err+firstErr)
	}
}

func normAffine[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, 1, 2)
	one, zero := normPlain(c.x.Cols)
	p := newNormCase[T](t, c.x, one, zero, c.eps)
	normalized, y := p.run(t, im), c.run(t, im)
	told := false
	for i := range c.x.Rows {
		for k := range c.x.Cols {
			want := c.gain[k]*normalized.At(i, k) + c.shift[k]
			bound := c.bound.At(i, k) + math.Abs(c.gain[k])*p.bound.At(i, k) + gamma(3)*(math.Abs(want)+math.Abs(c.shift[k]))
			t.Near(at("Y", i, k), y.At(i, k), want, bound)
			told = told || math.Abs(c.gain[k]-1) > 0.1 && math.Abs(c.shift[k]) > 8*bound && math.Abs(normalized.At(i, k)) > 0.01
		}
	}
	t.Informative(told)
}

// normScaleFixed asserts that scaling X alone changes nothing.
func normScaleFixed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 3), t.Size("d", 2, 9)
	x := t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -1, 1)
	gain, shift := normPlain(d)
	eps := drawNormEps(t)
	c := newNormCase[T](t, x, gain, shift, eps)
	m := newNormCase[T](t, scaled(x, math.Ldexp(1, t.Int("k", 1, 8))), gain, shift, eps)
	near(t, "LN(2ᵏX)", m.run(t, im), c.run(t, im), normSum(c.bound, m.bound))
}

func normRows[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, 2, 2)
	bad := t.Int("bad row", 0, c.x.Rows-1)
	m := c
	m.x = spec.Convert[float64](c.x)
	m.x.Set(bad, t.Int("bad channel", 0, c.x.Cols-1), math.NaN())
	y := m.run(t, im)
	for i := range c.x.Rows {
		if i == bad {
			for k, v := range y.Row(i) {
				t.Check(math.IsNaN(v), "channel %d of a row that holds NaN is %v", k, v)
			}
			continue
		}
		alone := c
		alone.x = spec.MatrixOf(c.x.Row(i))
		near(t, "row among others", spec.MatrixOf(y.Row(i)), alone.run(t, im), scaled(spec.MatrixOf(c.bound.Row(i)), 2))
	}
}
