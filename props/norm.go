package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func normProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "LNM-001", Run: normValue[T](spec.LayerNormKind)},
		{Claim: "LNM-002", Run: normShift[T]},
		{Claim: "LNM-003", Run: normScale[T](spec.LayerNormKind)},
		{Claim: "LNM-004", Run: normConstant[T]},
		{Claim: "LNM-005", Run: normMoments[T]},
		{Claim: "LNM-006", Run: normPermutation[T](spec.LayerNormKind)},
		{Claim: "LNM-007", Run: normUnitVariance[T]},
		{Claim: "LNM-008", Run: normNorm[T]},
		{Claim: "LNM-009", Run: normWeightedNorm[T]},
		{Claim: "LNM-010", Run: normAffine[T]},
		{Claim: "LNM-011", Run: normScaleFixed[T](spec.LayerNormKind)},
		{Claim: "LNM-012", Run: normRows[T](spec.LayerNormKind)},
		{Claim: "LNM-013", Run: normTwice[T](spec.LayerNormKind)},
	}
}

func normShift[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 5), t.Size("d", 2, 65)
	// Multiples of 1/16 up to 16, moved by at most 2¹²: exact in float32.
	x := t.Matrix("X", n, d, []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}, -2, 2)
	by := t.Power("c", 0, 11)
	if t.Bool("negative") {
		by = -by
	}
	gains := drawGains(t, spec.LayerNormKind, d)
	c, m := newNormCase[T](t, x, gains), newNormCase[T](t, normShifted(x, by), gains)
	y := c.run(t, im)
	bound := plus(c.bound, m.bound)
	near(t, "LN(X+c)", m.run(t, im), y, bound)
	t.Informative(exceeds(y, bound, 8))
	t.Sometimes("c above 1000", math.Abs(by) > 1000)
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
	c := normCase[T]{x: x, norm: drawGains(t, spec.LayerNormKind, d)}
	y := c.run(t, im)
	for i := range n {
		t.SameBits("Y", spec.MatrixOf(y.Row(i)), spec.MatrixOf(c.norm.Shift))
	}
	t.Informative(reference.Norm(level.Data) > 0)
}

func normMoments[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawNormRows(t, 1, 2)
	c := newNormCase[T](t, x, plainNorm(spec.LayerNormKind, x.Cols, drawNormEps(t)))
	y := c.run(t, im)
	told := false
	for i := range x.Rows {
		var mean, slip float64
		for k, v := range y.Row(i) {
			mean += v
			slip += c.bound.At(i, k) + gamma(x.Cols)*math.Abs(v)
		}
		t.Near(at("sum of row", i, 0), mean, 0, slip)
		want, wantErr := normPower(x.Row(i), c.norm.Eps)
		got, err := normSquares(y.Row(i), c.bound.Row(i))
		t.Near(at("sum of squares of row", i, 0), got, want, err+wantErr)
		told = told || want > 8*(err+wantErr)
	}
	t.Informative(told)
	t.Sometimes("eps of a hundredth of the variance or more", func() bool {
		_, v := reference.Moments(x.Row(0))
		return v > 0 && c.norm.Eps > v/100
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

// normUnitVariance asserts that the squares of each output row add to d.
func normUnitVariance[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawSmallRows(t, 2)
	c := newNormCase[T](t, x, plainNorm(spec.LayerNormKind, x.Cols, drawNormEps(t)))
	y, d := c.run(t, im), x.Cols
	for i := range x.Rows {
		if _, variance := reference.Moments(x.Row(i)); variance == 0 {
			continue
		}
		sum, err := normSquares(y.Row(i), c.bound.Row(i))
		t.Near(at("variance of row", i, 0), sum/float64(d), 1, err/float64(d)+gamma(2))
	}
}

func normNorm[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawNormRows(t, 1, 2)
	c := newNormCase[T](t, x, plainNorm(spec.LayerNormKind, x.Cols, 0))
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
	c := newNormCase[T](t, x, plainNorm(spec.LayerNormKind, d, 0x1p-20))
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
		err += size + gamma(4*d)*reference.Dot(reach.Row(i), reach.Row(i)) + float64(d)*c.norm.Eps/variance*slip
		if i == 0 {
			first, firstErr = sum, err
		}
		t.Near(at("squared norm of row", i, 0), sum, first, err+firstErr)
	}
}

func normAffine[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, spec.LayerNormKind, 1, 2)
	p := newNormCase[T](t, c.x, plainNorm(spec.LayerNormKind, c.x.Cols, c.norm.Eps))
	normalized, y := p.run(t, im), c.run(t, im)
	told := false
	for i := range c.x.Rows {
		for k := range c.x.Cols {
			want := c.norm.Gain[k]*normalized.At(i, k) + c.norm.Shift[k]
			bound := c.bound.At(i, k) + math.Abs(c.norm.Gain[k])*p.bound.At(i, k) + gamma(3)*(math.Abs(want)+math.Abs(c.norm.Shift[k]))
			t.Near(at("Y", i, k), y.At(i, k), want, bound)
			told = told || math.Abs(c.norm.Gain[k]-1) > 0.1 && math.Abs(c.norm.Shift[k]) > 8*bound && math.Abs(normalized.At(i, k)) > 0.01
		}
	}
	t.Informative(told)
}
