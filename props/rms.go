package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func rmsProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "RMS-001", Run: rmsValue[T]},
		{Claim: "RMS-002", Run: rmsScale[T]},
		{Claim: "RMS-003", Run: rmsScaleFixed[T]},
		{Claim: "RMS-004", Run: rmsOdd[T]},
		{Claim: "RMS-005", Run: rmsShift[T]},
		{Claim: "RMS-006", Run: rmsZero[T]},
		{Claim: "RMS-007", Run: rmsMeanSquare[T]},
		{Claim: "RMS-008", Run: rmsNorm[T](true)},
		{Claim: "RMS-009", Run: rmsNorm[T](false)},
		{Claim: "RMS-010", Run: rmsPermutation[T]},
		{Claim: "RMS-011", Run: rmsRows[T]},
		{Claim: "RMS-012", Run: rmsLayerNorm[T](true)},
		{Claim: "RMS-013", Run: rmsLayerNorm[T](false)},
	}
}

// rmsCase is a drawn RMSNorm and the bound on each element of its output.
type rmsCase[T spec.Float] struct {
	x     matrix
	gain  []float64
	eps   float64
	bound matrix
}

// newRMSCase ends the trial if no bound holds.
func newRMSCase[T spec.Float](t *Trial, x matrix, gain []float64, eps float64) rmsCase[T] {
	bound, ok := reference.RMSBound(x, gain, eps, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return rmsCase[T]{x, gain, eps, bound}
}

// run runs the implementation.
func (c rmsCase[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "Y", c.x.Rows, c.x.Cols)
	im.RMSNorm(out, input[T](t, "X", c.x), input[T](t, "gain", spec.MatrixOf(c.gain)).Row(0), T(c.eps))
	return wide(out)
}

// same compares moved, which is to have the bits of y, with y; an
// implementation that does not repeat its own bits is held to bounds.
func (c rmsCase[T]) same(t *Trial, im *spec.Implementation[T], what string, moved, y matrix) {
	if firstDifference(c.run(t, im).Data, c.run(t, im).Data) >= 0 {
		near(t, what, moved, y, scaled(c.bound, 2))
		return
	}
	t.SameBits(what, moved, y)
}

func drawRMSCase[T spec.Float](t *Trial, minRows, minChannels int) rmsCase[T] {
	x := drawNormRows(t, minRows, minChannels)
	gain, _ := drawGainShift(t, x.Cols)
	return newRMSCase[T](t, x, gain, drawNormEps(t))
}

// drawSmallRows draws a few short rows on a coarse grid, for searches.
func drawSmallRows(t *Trial) matrix {
	n, d := t.Size("n", 1, 3), t.Size("d", 1, 9)
	return t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -1, 1)
}

func rmsValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawRMSCase[T](t, 1, 1)
	want := spec.NewMatrix[float64](c.x.Rows, c.x.Cols)
	t.Oracle.RMSNorm(want, c.x, c.gain, c.eps)
	near(t, "Y", c.run(t, im), want, c.bound)
	t.Informative(exceeds(want, c.bound, 8))
	t.Sometimes("d > 16", c.x.Cols > 16)
	t.Sometimes("d = 1", c.x.Cols == 1)
}

func rmsScale[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawRMSCase[T](t, 1, 1)
	k := t.Int("k", -12, 12)
	m := c
	m.x, m.eps = scaled(c.x, math.Ldexp(1, k)), math.Ldexp(c.eps, 2*k)
	y := c.run(t, im)
	c.same(t, im, "RMS(2ᵏX)", m.run(t, im), y)
	t.Informative(k != 0 && exceeds(y, c.bound, 8))
	t.Sometimes("k > 8", k > 8)
	t.Sometimes("k < −8", k < -8)
}

// rmsScaleFixed asserts that scaling X alone changes nothing.
func rmsScaleFixed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x := drawSmallRows(t)
	gain, _ := normPlain(x.Cols)
	c := newRMSCase[T](t, x, gain, drawNormEps(t))
	m := newRMSCase[T](t, scaled(x, math.Ldexp(1, t.Int("k", 1, 8))), gain, c.eps)
	near(t, "RMS(2ᵏX)", m.run(t, im), c.run(t, im), plus(c.bound, m.bound))
}

func rmsOdd[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawRMSCase[T](t, 1, 1)
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
	gain, _ := normPlain(d)
	c := newRMSCase[T](t, x, gain, drawNormEps(t))
	m := newRMSCase[T](t, normShifted(x, t.Power("c", -2, 4)), gain, c.eps)
	near(t, "RMS(X+c)", m.run(t, im), c.run(t, im), plus(c.bound, m.bound))
}

func rmsZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawRMSCase[T](t, 1, 1)
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
	gain, _ := normPlain(x.Cols)
	c := newRMSCase[T](t, x, gain, drawNormEps(t))
	y := c.run(t, im)
	told := false
	for i := range x.Rows {
		square := reference.MeanSquare(x.Row(i))
		want := float64(x.Cols) * square / (square + c.eps)
		got, err := normSquares(y.Row(i), c.bound.Row(i))
		// The judge's mean square adds d positive terms.
		bound := err + gamma(x.Cols+8)*want
		t.Near(at("sum of squares of row", i, 0), got, want, bound)
		told = told || want > 8*bound
	}
	t.Informative(told)
	t.Sometimes("eps of a hundredth of the mean square or more", c.eps > reference.MeanSquare(x.Row(0))/100)
}

// rmsNorm asserts ‖y‖² = d, with eps zero or any.
func rmsNorm[T spec.Float](withoutEps bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var x matrix
		var eps float64
		if withoutEps {
			x = drawNormRows(t, 1, 1)
		} else {
			x, eps = drawSmallRows(t), drawNormEps(t)
		}
		gain, _ := normPlain(x.Cols)
		c := newRMSCase[T](t, x, gain, eps)
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

func rmsPermutation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawRMSCase[T](t, 1, 2)
	order := permutation(t, "channel", c.x.Cols)
	turn := func(m matrix) matrix {
		return reference.Transpose(permuteRows(reference.Transpose(m), order))
	}
	m := c
	m.x, m.gain = turn(c.x), turn(spec.MatrixOf(c.gain)).Row(0)
	y := c.run(t, im)
	near(t, "RMS of permuted channels", m.run(t, im), turn(y), scaled(turn(c.bound), 2))
	t.Informative(exceeds(reference.Sub(y, turn(y)), plus(c.bound, turn(c.bound)), 4))
}

func rmsRows[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawRMSCase[T](t, 2, 1)
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
			x = drawSmallRows(t)
		}
		gain, zero := normPlain(x.Cols)
		if zeroMean {
			gain, _ = drawGainShift(t, x.Cols)
		}
		c := newRMSCase[T](t, x, gain, drawNormEps(t))
		l := newNormCase[T](t, x, gain, zero, c.eps)
		y := c.run(t, im)
		bound := plus(c.bound, l.bound)
		near(t, "RMS(X) against LN(X)", y, l.run(t, im), bound)
		t.Informative(exceeds(y, bound, 8))
	}
}
