package props

import (
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func gatedProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "GLU-001", Run: gatedValue[T]},
		{Claim: "GLU-002", Run: gatedClosed[T]},
		{Claim: "GLU-003", Run: gatedClosedSigmoid[T]},
		{Claim: "GLU-004", Run: gatedScale[T]},
		{Claim: "GLU-005", Run: gatedAdditive[T]},
		{Claim: "GLU-006", Run: gatedReLU[T]},
		{Claim: "GLU-007", Run: gatedHomogeneous[T]},
		{Claim: "GLU-008", Run: gatedInterchange[T]},
		{Claim: "GLU-009", Run: gatedReflection[T]},
		{Claim: "GLU-010", Run: gatedReflectionSigmoid[T]},
		{Claim: "GLU-011", Run: gatedHiddenOrder[T]},
		{Claim: "GLU-012", Run: gatedRows[T]},
		{Claim: "GLU-013", Run: geluForms[T](true)},
		{Claim: "GLU-014", Run: geluForms[T](false)},
		{Claim: "GLU-015", Run: gateNondecreasing[T]},
		{Claim: "GLU-016", Run: gateAsymptotes[T]},
	}
}

// gatedCase is a drawn gated layer with its input.
type gatedCase[T spec.Float] struct {
	x, gate, up, down matrix
	act               spec.Activation
}

var gatedKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.OneHot}

// drawGated draws a layer with one of the given activations; the sums of its
// products are of the size of the activation's bend.
func drawGated[T spec.Float](t *Trial, minRows int, acts ...spec.Activation) gatedCase[T] {
	n, d, h, p := t.Size("n", minRows, 5), t.Size("d", 1, 33), t.Size("h", 1, 70), t.Size("p", 1, 17)
	small := -int(math.Round(math.Log2(float64(d)) / 2))
	c := gatedCase[T]{
		x:    t.Matrix("X", n, d, gatedKinds, -1, 1),
		gate: t.Matrix("G", d, h, gatedKinds, small-1, small+2),
		up:   t.Matrix("U", d, h, gatedKinds, small-1, small+1),
		down: t.Matrix("D", h, p, gatedKinds, -2, 1),
		act:  drawActivation(t, acts),
	}
	t.Classify(string(c.act), true)
	return c
}

// drawSmallGated draws a small layer on a coarse grid, for searches.
func drawSmallGated[T spec.Float](t *Trial, act spec.Activation) gatedCase[T] {
	n, d, h, p := t.Size("n", 1, 2), t.Size("d", 1, 3), t.Size("h", 1, 3), t.Size("p", 1, 2)
	kinds := []gen.Kind{gen.Coarse, gen.Ints, gen.One}
	return gatedCase[T]{
		x:    t.Matrix("X", n, d, kinds, 0, 1),
		gate: t.Matrix("G", d, h, kinds, 0, 1),
		up:   t.Matrix("U", d, h, kinds, 0, 1),
		down: t.Matrix("D", h, p, kinds, 0, 1),
		act:  act,
	}
}

func (c gatedCase[T]) run(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "Y", c.x.Rows, c.down.Cols)
	im.Gated(out, input[T](t, "X", c.x), input[T](t, "gate", c.gate), input[T](t, "up", c.up), input[T](t, "down", c.down), c.act)
	return wide(out)
}

func (c gatedCase[T]) bound() matrix {
	return reference.GatedBound(c.x, c.gate, c.up, c.down, c.act, reference.RoundingOf[T]())
}

// farFromUnderflow ends the trial unless every number that the layer forms is 0
// or far above the smallest, so that powers of two pass through.
func (c gatedCase[T]) farFromUnderflow(t *Trial) {
	open := reference.Product(c.x, c.gate)
	hidden := reference.NewGateBounds(c.x, c.gate, c.up, c.down, c.act, rounding64).Hidden
	for i := range open.Rows {
		for l, a := range open.Row(i) {
			for _, v := range []float64{reference.Activate(a, c.act), hidden.At(i, l)} {
				if v != 0 && math.Abs(v) < 0x1p-60 {
					t.Undecidable()
				}
			}
		}
	}
}

// multiple requires moved to be c·y, element by element.
func multiple(t *Trial, what string, moved, y matrix, c float64) {
	for i := range y.Rows {
		for k := range y.Cols {
			t.Near(at(what, i, k), moved.At(i, k), c*y.At(i, k), 0)
		}
	}
}

func gatedValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, spec.GateActivations...)
	if t.Int("steep", 0, 3) == 3 {
		for k := range c.gate.Data {
			c.gate.Data[k] *= 0x1p7
		}
	}
	want := spec.NewMatrix[float64](c.x.Rows, c.down.Cols)
	t.Oracle.Gated(want, c.x, c.gate, c.up, c.down, c.act)
	bound := c.bound()
	near(t, "Y", c.run(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8))
	t.Sometimes("h > 64", c.gate.Cols > 64)
	t.Sometimes("exponentials that overflow float32", slices.Max(reference.Product(c.x, c.gate).Data) > 89)
}

// vanishing are the gates that are closed at 0.
var vanishing = []spec.Activation{spec.ActSiLU, spec.ActGELU, spec.ActGELUTanh, spec.ActReLU}

func gatedClosed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, vanishing...)
	open := c.run(t, im)
	c.gate = spec.NewMatrix[float64](c.gate.Rows, c.gate.Cols)
	multiple(t, "Y of a closed gate", c.run(t, im), open, 0)
	t.Informative(reference.Norm(open.Data) > 0)
}

// gatedClosedSigmoid asserts that a gate of zeros closes a sigmoid.
func gatedClosedSigmoid[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d, h, p := t.Size("n", 1, 2), t.Size("d", 1, 3), t.Size("h", 1, 3), t.Size("p", 1, 2)
	kinds := []gen.Kind{gen.Coarse, gen.Ints, gen.One}
	c := gatedCase[T]{t.Matrix("X", n, d, kinds, 0, 1), spec.NewMatrix[float64](d, h), t.Matrix("U", d, h, kinds, 0, 1), t.Matrix("D", h, p, kinds, 0, 1), spec.ActSigmoid}
	near(t, "Y", c.run(t, im), spec.NewMatrix[float64](n, p), c.bound())
}

func gatedScale[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, spec.GateActivations...)
	c.farFromUnderflow(t)
	factor := math.Ldexp(1, t.Int("k", -12, 12))
	if t.Bool("negative") {
		factor = -factor
	}
	y, m := c.run(t, im), c
	if t.Bool("of D") {
		m.down = scaled(c.down, factor)
	} else {
		m.up = scaled(c.up, factor)
	}
	multiple(t, "Y of a scaled branch", m.run(t, im), y, factor)
	t.Informative(factor != 1 && exceeds(y, c.bound(), 8))
	t.Sometimes("negative", factor < 0)
}

func gatedAdditive[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, spec.GateActivations...)
	exact := []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}
	a, b := c, c
	a.up = t.Matrix("U₁", c.up.Rows, c.up.Cols, exact, -2, 1)
	b.up = t.Matrix("U₂", c.up.Rows, c.up.Cols, exact, -2, 1)
	c.up = plus(a.up, b.up)
	y, z := a.run(t, im), b.run(t, im)
	bound := plus(c.bound(), plus(a.bound(), b.bound()))
	bound = plus(bound, scaled(plus(absolute(y), absolute(z)), gamma(2)))
	near(t, "Y of U+U′", c.run(t, im), plus(y, z), bound)
	t.Informative(exceeds(y, bound, 8) && exceeds(z, bound, 8))
}

func gatedReLU[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, spec.ActReLU)
	c.farFromUnderflow(t)
	m := c
	factor := math.Ldexp(1, t.Int("k", -12, 12))
	m.gate = scaled(c.gate, factor)
	y := c.run(t, im)
	multiple(t, "Y of a scaled gate", m.run(t, im), y, factor)
	t.Informative(factor != 1 && exceeds(y, c.bound(), 8))
}

// gatedHomogeneous asserts that a doubled gate doubles the output of SwiGLU.
func gatedHomogeneous[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawSmallGated[T](t, spec.ActSiLU)
	m := c
	m.gate = scaled(c.gate, 2)
	near(t, "Y of 2G", m.run(t, im), scaled(c.run(t, im), 2), plus(m.bound(), scaled(c.bound(), 2)))
}

// gatedInterchange asserts that gate and up are interchangeable.
func gatedInterchange[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawSmallGated[T](t, spec.ActSiLU)
	m := c
	m.gate, m.up = c.up, c.gate
	near(t, "Y with G and U interchanged", m.run(t, im), c.run(t, im), plus(m.bound(), c.bound()))
}

func gatedReflection[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, vanishing...)
	y, want, bound := c.reflected(t, im)
	near(t, "difference of reflected gates", y, want, bound)
	t.Informative(exceeds(want, bound, 8))
}

// gatedReflectionSigmoid asserts the same of the sigmoid.
func gatedReflectionSigmoid[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, want, bound := drawSmallGated[T](t, spec.ActSigmoid).reflected(t, im)
	near(t, "difference of reflected gates", y, want, bound)
}

// reflected returns the output of G less that of −G, the bilinear (XG ⊙ XU)D,
// and how far rounding may keep them apart.
func (c gatedCase[T]) reflected(t *Trial, im *spec.Implementation[T]) (y, want, bound matrix) {
	m := c
	m.gate = scaled(c.gate, -1)
	y = reference.Sub(c.run(t, im), m.run(t, im))
	bilinear := func(x, gate, up, down matrix) matrix {
		hidden, branch := reference.Product(x, gate), reference.Product(x, up)
		for k := range hidden.Data {
			hidden.Data[k] *= branch.Data[k]
		}
		return reference.Product(hidden, down)
	}
	size := bilinear(absolute(c.x), absolute(c.gate), absolute(c.up), absolute(c.down))
	bound = plus(plus(c.bound(), m.bound()), scaled(size, gamma(2*c.x.Cols+c.gate.Cols+6)))
	return y, bilinear(c.x, c.gate, c.up, c.down), plus(bound, scaled(absolute(y), gamma(1)))
}

func gatedHiddenOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 1, spec.GateActivations...)
	order := permutation(t, "hidden unit", c.gate.Cols)
	columns := func(m matrix) matrix {
		return reference.Transpose(permuteRows(reference.Transpose(m), order))
	}
	m := c
	m.gate, m.up, m.down = columns(c.gate), columns(c.up), permuteRows(c.down, order)
	y, bound := c.run(t, im), scaled(c.bound(), 2)
	near(t, "Y of permuted hidden units", m.run(t, im), y, bound)
	t.Informative(len(order) > 1 && exceeds(y, bound, 4))
}

func gatedRows[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	c := drawGated[T](t, 2, spec.GateActivations...)
	bad := t.Int("bad row", 0, c.x.Rows-1)
	m := c
	m.x = spec.Convert[float64](c.x)
	for k := range m.x.Cols {
		m.x.Set(bad, k, math.NaN())
	}
	y, bound := m.run(t, im), c.bound()
	told := false
	besideNaN(t, y, bad, func(i int) {
		alone := c
		alone.x = spec.MatrixOf(c.x.Row(i))
		row, limit := spec.MatrixOf(y.Row(i)), scaled(spec.MatrixOf(bound.Row(i)), 2)
		near(t, "row among others", row, alone.run(t, im), limit)
		told = told || exceeds(row, limit, 8)
	})
	t.Informative(told)
}

// geluForms compares the two forms of GELU: within 2⁻¹¹, or within rounding.
func geluForms[T spec.Float](apart bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		xs, allowed := []float64{0}, 0x1p-11
		if apart {
			xs = drawArguments(t)
		} else {
			xs[0], allowed = t.Number("x", -8, 8), 0
		}
		told := false
		for _, x := range xs {
			erf, tanh := activated(im, spec.ActGELU, x), activated(im, spec.ActGELUTanh, x)
			t.Near("tanh form of GELU", tanh.v, erf.v, allowed+erf.e+tanh.e)
			told = told || math.Abs(tanh.v-erf.v) > 0x1p-16
		}
		t.Informative(told)
	}
}

func gateNondecreasing[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, []spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU})
	least := -0.75
	if act == spec.ActSiLU {
		least = -1.25
	}
	x := least + t.Number("distance", 0, 8)
	if t.Bool("near the least") {
		x = least + t.Number("small distance", 0, 1)
	}
	fall := activated(im, act, x).minus(activated(im, act, x+t.Power("rise", -8, 2)))
	t.least(string(act)+" falls", fall)
	t.Informative(math.Abs(fall.v) > 8*fall.e)
}

// gateTails bounds x − act(x) and −act(−x) for positive x. GELU: x·Φ(−x) is less
// than the density of the normal distribution, by Mills' ratio. The other two are
// x times a logistic function of −2z or −x, which is less than its exponential.
var gateTails = map[spec.Activation]func(x float64) float64{
	spec.ActGELU: func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) },
	spec.ActGELUTanh: func(x float64) float64 {
		return x * math.Exp(-2*math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x))
	},
	spec.ActSiLU: func(x float64) float64 { return x * math.Exp(-x) },
}

func gateAsymptotes[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	act := drawActivation(t, []spec.Activation{spec.ActGELU, spec.ActGELUTanh, spec.ActSiLU})
	x := float64(float32(min(6*t.Power("x over 6", 0, 4), 127)))
	if t.Bool("near 6") {
		x = float64(float32(6 + t.Number("beyond 6", 0, 4)))
	}
	tail := ball{gateTails[act](x), 0x1p-40 * gateTails[act](x)}
	open, closed := exactly(x).minus(activated(im, act, x)), exactly(0).minus(activated(im, act, -x))
	t.least("rise of "+string(act)+" above its argument", exactly(0).minus(open))
	t.least("what an open "+string(act)+" lacks, above its tail", open.minus(tail))
	t.least("rise of a closed "+string(act)+" above 0", exactly(0).minus(closed))
	t.least("depth of a closed "+string(act)+", above its tail", closed.minus(tail))
	t.Informative(x > 8*open.e)
}
