package props

import (
	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func rmsProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "RMS-001", Run: normValue[T](spec.RMSNormKind)},
		{Claim: "RMS-002", Run: normScale[T](spec.RMSNormKind)},
		{Claim: "RMS-003", Run: normScaleFixed[T](spec.RMSNormKind)},
		{Claim: "RMS-004", Run: rmsOdd[T]},
		{Claim: "RMS-005", Run: rmsShift[T]},
		{Claim: "RMS-006", Run: rmsZero[T]},
		{Claim: "RMS-007", Run: rmsMeanSquare[T]},
		{Claim: "RMS-008", Run: rmsNorm[T](true)},
		{Claim: "RMS-009", Run: rmsNorm[T](false)},
		{Claim: "RMS-010", Run: normPermutation[T](spec.RMSNormKind)},
		{Claim: "RMS-011", Run: normRows[T](spec.RMSNormKind)},
		{Claim: "RMS-012", Run: rmsLayerNorm[T](true)},
		{Claim: "RMS-013", Run: rmsLayerNorm[T](false)},
		{Claim: "RMS-014", Run: normTwice[T](spec.RMSNormKind)},
	}
}

func rmsOdd[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, spec.RMSNormKind, 1, 1)
	every := t.Int("every", 1, 3) // the sign of every channel of that many is flipped
	flip := func(m matrix) matrix {
		out := spec.Convert[float64](m)
		for i := range out.Rows {
			for k := 0; k < out.Cols; k += every {
				out.Set(i, k, -out.At(i, k))
			}
		}
		return out
	}
	m := c
	m.x = flip(c.x)
	y := c.run(t, im)
	c.same(t, im, "RMS(−X)", m.run(t, im), flip(y))
	t.Informative(exceeds(y, c.bound, 8))
	t.Sometimes("some signs", every > 1 && c.x.Cols > 1)
}

// rmsShift asserts that a shift changes nothing.
func rmsShift[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 3), t.Size("d", 1, 9)
	x := t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Coarse}, -1, 1)
	plain := plainNorm(spec.RMSNormKind, d, drawNormEps(t))
	c, m := newNormCase[T](t, x, plain), newNormCase[T](t, normShifted(x, t.Power("c", -2, 4)), plain)
	near(t, "RMS(X+c)", m.run(t, im), c.run(t, im), plus(c.bound, m.bound))
}

func rmsZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawNormCase[T](t, spec.RMSNormKind, 1, 1)
	row := t.Int("row", 0, c.x.Rows-1)
	c.x = spec.Convert[float64](c.x)
	clear(c.x.Row(row))
	for k, v := range c.run(t, im).Row(row) {
		t.Near(at("Y", row, k), v, 0, 0)
	}
	t.Sometimes("more than one channel", c.x.Cols > 1)
}

func rmsMeanSquare[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawNormRows(t, 1, 1)
	c := newNormCase[T](t, x, plainNorm(spec.RMSNormKind, x.Cols, drawNormEps(t)))
	y := c.run(t, im)
	told := false
	for i := range x.Rows {
		square := reference.MeanSquare(x.Row(i))
		want := float64(x.Cols) * square / (square + c.norm.Eps)
		got, err := normSquares(y.Row(i), c.bound.Row(i))
		// The judge's mean square adds d positive terms.
		bound := err + gamma(x.Cols+8)*want
		t.Near(at("sum of squares of row", i, 0), got, want, bound)
		told = told || want > 8*bound
	}
	t.Informative(told)
	t.Sometimes("eps of a hundredth of the mean square or more", c.norm.Eps > reference.MeanSquare(x.Row(0))/100)
}

// rmsNorm asserts ‖y‖² = d, with eps zero or any.
func rmsNorm[T spec.Float](withoutEps bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var x matrix
		var eps float64
		if withoutEps {
			x = drawNormRows(t, 1, 1)
		} else {
			x, eps = drawSmallRows(t, 1), drawNormEps(t)
		}
		c := newNormCase[T](t, x, plainNorm(spec.RMSNormKind, x.Cols, eps))
		y := c.run(t, im)
		told := false
		for i := range x.Rows {
			if reference.MeanSquare(x.Row(i)) == 0 {
				continue
			}
			sum, err := normSquares(y.Row(i), c.bound.Row(i))
			t.Near(at("squared norm of row", i, 0), sum, float64(x.Cols), err)
			told = told || float64(x.Cols) > 8*err
		}
		t.Informative(told)
	}
}

// rmsLayerNorm asserts that RMSNorm is LayerNorm without shift, on rows of mean
// zero or any.
func rmsLayerNorm[T spec.Float](zeroMean bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var x matrix
		if zeroMean {
			half := drawNormRows(t, 1, 1)
			x = spec.NewMatrix[float64](half.Rows, 2*half.Cols)
			for i := range x.Rows {
				for k, v := range half.Row(i) {
					x.Set(i, k, v)
					x.Set(i, half.Cols+k, -v)
				}
			}
		} else {
			x = drawSmallRows(t, 1)
		}
		n := plainNorm(spec.RMSNormKind, x.Cols, 0)
		if zeroMean {
			n = drawGains(t, spec.RMSNormKind, x.Cols)
		} else {
			n.Eps = drawNormEps(t)
		}
		layer := plainNorm(spec.LayerNormKind, x.Cols, n.Eps)
		layer.Gain = n.Gain
		c, l := newNormCase[T](t, x, n), newNormCase[T](t, x, layer)
		y := c.run(t, im)
		bound := plus(c.bound, l.bound)
		near(t, "RMS(X) against LN(X)", y, l.run(t, im), bound)
		t.Informative(exceeds(y, bound, 8))
	}
}
