package props

import (
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// normCase is a drawn norm of either kind with its rows, and the bound on each
// element of its output.
type normCase[T spec.Float] struct {
	x     matrix
	norm  spec.Norm[float64]
	bound matrix
}

// newNormCase ends the trial if no bound holds.
func newNormCase[T spec.Float](t *Trial, x matrix, n spec.Norm[float64]) normCase[T] {
	c, ok := normCase[T]{x: x, norm: n}, false
	if n.Kind == spec.RMSNormKind {
		c.bound, ok = reference.RMSBound(x, n.Gain, n.Eps, reference.RoundingOf[T]())
	} else {
		c.bound, ok = reference.NormBound(x, n.Gain, n.Shift, n.Eps, reference.RoundingOf[T]())
	}
	if !ok {
		t.Undecidable()
	}
	return c
}

// applyNorm stores the norm of src in dst.
func applyNorm[T spec.Float](im *spec.Implementation[T], dst, src spec.Matrix[T], n spec.Norm[T]) {
	if n.Kind == spec.RMSNormKind {
		im.RMSNorm(dst, src, n.Gain, n.Eps)
	} else {
		im.LayerNorm(dst, src, n.Gain, n.Shift, n.Eps)
	}
}

// lendNorm hands the parameters of a norm to an implementation.
func lendNorm[T spec.Float](t *Trial, prefix string, n spec.Norm[float64]) spec.Norm[T] {
	return spec.Norm[T]{Kind: n.Kind, Gain: lendVector[T](t, prefix+"gain", n.Gain), Shift: lendVector[T](t, prefix+"shift", n.Shift), Eps: T(n.Eps)}
}

// run runs the implementation, in place if drawn so.
func (c normCase[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out, n := output[T](t, "Y", c.x.Rows, c.x.Cols), lendNorm[T](t, "", c.norm)
	if !t.Bool("in place") {
		applyNorm(im, out, input[T](t, "X", c.x), n)
		return wide(out)
	}
	for i := range c.x.Rows { // dst may be src itself
		for k, v := range c.x.Row(i) {
			out.Set(i, k, T(v))
		}
	}
	applyNorm(im, out, out, n)
	return wide(out)
}

// same compares moved, which is to have the bits of y, with y; an
// implementation that does not repeat its own bits is held to bounds.
func (c normCase[T]) same(t *Trial, im *spec.Implementation[T], what string, moved, y matrix) {
	if firstChange(c.run(t, im).Data, c.run(t, im).Data) >= 0 {
		near(t, what, moved, y, scaled(c.bound, 2))
		return
	}
	t.SameBits(what, moved, y)
}

// plainNorm returns the norm with gain 1 and shift 0.
func plainNorm(kind spec.NormKind, d int, eps float64) spec.Norm[float64] {
	n := spec.Norm[float64]{Kind: kind, Gain: slices.Repeat([]float64{1}, d), Eps: eps}
	if kind == spec.LayerNormKind {
		n.Shift = make([]float64, d)
	}
	return n
}

// drawGains draws the norm's gain and shift, and eps.
func drawGains(t *Trial, kind spec.NormKind, d int) spec.Norm[float64] {
	kinds := []gen.Kind{gen.Normal, gen.Uniform, gen.Iota, gen.One}
	n := spec.Norm[float64]{Kind: kind, Gain: t.Matrix("gain", 1, d, kinds, -2, 2).Row(0)}
	if kind == spec.LayerNormKind {
		n.Shift = t.Matrix("shift", 1, d, kinds, -2, 2).Row(0)
	}
	n.Eps = drawNormEps(t)
	return n
}

// drawNormEps draws eps from 2⁻²⁰ to 8.
func drawNormEps(t *Trial) float64 { return t.Power("eps", -20, 2) }

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

// drawSmallRows draws a few short rows on a coarse grid, for searches.
func drawSmallRows(t *Trial, minChannels int) matrix {
	n, d := t.Size("n", 1, 3), t.Size("d", minChannels, 9)
	return t.Matrix("X", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -1, 1)
}

func drawNormCase[T spec.Float](t *Trial, kind spec.NormKind, minRows, minChannels int) normCase[T] {
	x := drawNormRows(t, minRows, minChannels)
	return newNormCase[T](t, x, drawGains(t, kind, x.Cols))
}

// telling is how many channels a row needs for its output to tell something: a
// LayerNorm of one is its shift.
func telling(kind spec.NormKind) int {
	if kind == spec.LayerNormKind {
		return 2
	}
	return 1
}

func normValue[T spec.Float](kind spec.NormKind) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		c := drawNormCase[T](t, kind, 1, 1)
		want := spec.NewMatrix[float64](c.x.Rows, c.x.Cols)
		applyNorm(t.Oracle, want, c.x, c.norm)
		near(t, "Y", c.run(t, im), want, c.bound)
		t.Informative(exceeds(want, c.bound, 8))
		t.Sometimes("d > 16", c.x.Cols > 16)
		t.Sometimes("d = 1", c.x.Cols == 1)
	}
}

func normScale[T spec.Float](kind spec.NormKind) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		c := drawNormCase[T](t, kind, 1, telling(kind))
		k := t.Int("k", -12, 12)
		m := c
		m.x, m.norm.Eps = scaled(c.x, math.Ldexp(1, k)), math.Ldexp(c.norm.Eps, 2*k)
		y := c.run(t, im)
		c.same(t, im, "N(2ᵏX)", m.run(t, im), y)
		t.Informative(k != 0 && exceeds(y, c.bound, 8))
		t.Sometimes("k > 8", k > 8)
		t.Sometimes("k < −8", k < -8)
	}
}

// normScaleFixed asserts that scaling X alone changes nothing.
func normScaleFixed[T spec.Float](kind spec.NormKind) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		x := drawSmallRows(t, telling(kind))
		n := plainNorm(kind, x.Cols, drawNormEps(t))
		c, m := newNormCase[T](t, x, n), newNormCase[T](t, scaled(x, math.Ldexp(1, t.Int("k", 1, 8))), n)
		near(t, "N(2ᵏX)", m.run(t, im), c.run(t, im), plus(c.bound, m.bound))
	}
}

func normPermutation[T spec.Float](kind spec.NormKind) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		c := drawNormCase[T](t, kind, 1, 2)
		order := permutation(t, "channel", c.x.Cols)
		turn := func(m matrix) matrix { return reference.Transpose(permuteRows(reference.Transpose(m), order)) }
		m := c
		m.x, m.norm.Gain = turn(c.x), turn(spec.MatrixOf(c.norm.Gain)).Row(0)
		if c.norm.Shift != nil {
			m.norm.Shift = turn(spec.MatrixOf(c.norm.Shift)).Row(0)
		}
		y := c.run(t, im)
		near(t, "N of permuted channels", m.run(t, im), turn(y), scaled(turn(c.bound), 2))
		t.Informative(exceeds(reference.Sub(y, turn(y)), plus(c.bound, turn(c.bound)), 4))
	}
}

func normRows[T spec.Float](kind spec.NormKind) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		c := drawNormCase[T](t, kind, 2, telling(kind))
		bad := t.Int("bad row", 0, c.x.Rows-1)
		m := c
		m.x = spec.Convert[float64](c.x)
		m.x.Set(bad, t.Int("bad channel", 0, c.x.Cols-1), math.NaN())
		y := m.run(t, im)
		besideNaN(t, y, bad, func(i int) {
			alone := c
			alone.x = spec.MatrixOf(c.x.Row(i))
			near(t, "row among others", spec.MatrixOf(y.Row(i)), alone.run(t, im), scaled(spec.MatrixOf(c.bound.Row(i)), 2))
		})
	}
}

// normTwice normalizes what was normalized with eps 0. The exact first output has
// mean 0 and mean square 1. The computed one, y, is off by at most b: so its mean μ
// is at most the mean of b, and its deviation, to which a mean taken away adds
// nothing, within r of 1, r the root mean square of b. Normalizing y exactly gives
// (y − μ)/σ, which is at most (|μ| + |y|·|1−σ|)/σ from y.
func normTwice[T spec.Float](kind spec.NormKind) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		x := drawNormRows(t, 1, telling(kind))
		plain := plainNorm(kind, x.Cols, 0)
		once := newNormCase[T](t, x, plain)
		y := once.run(t, im)
		twice := newNormCase[T](t, y, plain)
		z := twice.run(t, im)
		told := false
		for i := range x.Rows {
			b := once.bound.Row(i)
			mean, r := 0.0, math.Sqrt(reference.MeanSquare(b))
			if kind == spec.LayerNormKind {
				for _, e := range b {
					mean += e / float64(len(b))
				}
			}
			if r > 0.5 {
				t.Undecidable()
			}
			for k, v := range y.Row(i) {
				bound := twice.bound.At(i, k) + (mean+math.Abs(v)*r)/(1-r)*(1+gamma(2*len(b)+8))
				t.Near(at("norm of norm", i, k), z.At(i, k), v, bound)
				told = told || math.Abs(v) > 8*bound
			}
		}
		t.Informative(told)
	}
}

// besideNaN requires row bad of y, whose token holds NaN, to be NaN throughout, and
// calls other for every other row.
func besideNaN(t *Trial, y matrix, bad int, other func(i int)) {
	for i := range y.Rows {
		if i != bad {
			other(i)
			continue
		}
		for k, v := range y.Row(i) {
			t.Check(math.IsNaN(v), "channel %d of a row that holds NaN is %v", k, v)
		}
	}
}

// normShifted returns m + c, element by element.
func normShifted(m matrix, c float64) matrix {
	out := spec.Convert[float64](m)
	for k := range out.Data {
		out.Data[k] += c
	}
	return out
}

// normSquares returns Σyₖ², and what errors of y within the bounds make of it.
func normSquares(y, bound []float64) (sum, err float64) {
	for k, v := range y {
		sum += v * v
		err += 2*math.Abs(v)*bound[k] + bound[k]*bound[k] + gamma(len(y)+3)*v*v
	}
	return sum, err
}
