package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func alternatingProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "AIM-001", Run: alternatingStep[T](false)},
		{Claim: "AIM-002", Run: alternatingStep[T](true)},
		{Claim: "AIM-003", Run: alternatingRegion[T]},
		{Claim: "AIM-004", Run: alternatingInexactDecrease[T](true)},
		{Claim: "AIM-005", Run: alternatingConditionalDescent[T]},
		{Claim: "AIM-006", Run: alternatingDescent[T](false)},
		{Claim: "AIM-007", Run: alternatingRegionDescent[T](false)},
		{Claim: "AIM-008", Run: alternatingLargerRegion[T]},
		{Claim: "AIM-009", Run: alternatingLimit[T](true)},
		{Claim: "AIM-010", Run: alternatingLimit[T](false)},
		{Claim: "AIM-011", Run: alternatingRate[T], Cases: 0.2},
		{Claim: "AIM-012", Run: alternatingInexactDecrease[T](false)},
		{Claim: "AIM-013", Run: alternatingReLUDecrease[T]},
		{Claim: "AIM-014", Run: alternatingReLUConditional[T]},
		{Claim: "AIM-015", Run: alternatingDescent[T](true)},
		{Claim: "AIM-016", Run: alternatingCutGradient[T](true)},
		{Claim: "AIM-017", Run: alternatingKappa[T](true)},
		{Claim: "AIM-018", Run: alternatingKappa[T](false)},
		{Claim: "AIM-019", Run: alternatingCutGradient[T](false)},
		{Claim: "AIM-020", Run: alternatingRegionDescent[T](true)},
	}
}

type quadratic = spec.Quadratic[float64]

// alternation is a point y with the two energies between whose gradients the
// steps alternate.
type alternation[T spec.Float] struct {
	y    matrix
	f, g quadratic
}

// drawAlternation draws a point and two energies with symmetric matrices of
// spectral norm about 1; the point is nonnegative if asked for.
func drawAlternation[T spec.Float](t *Trial, maxChannels int, nonnegative bool) alternation[T] {
	d := t.Size("d", 1, maxChannels)
	kinds := []gen.Kind{gen.Normal, gen.Coarse, gen.Ints, gen.Uniform}
	y := t.Matrix("y", 1, d, kinds, -1, 1)
	if nonnegative {
		y = absolute(y)
	}
	draw := func(name string) quadratic {
		k := roundTo32(reference.Symmetrized(t.Weights("K"+name, d, d)))
		return quadratic{K: k, B: t.Matrix("b"+name, 1, d, kinds, -2, 0)}
	}
	return alternation[T]{y, draw("f"), draw("g")}
}

// curvature returns L, the largest row sum of |Kf+Kg|.
func (a alternation[T]) curvature() float64 {
	sum := reference.Sub(a.f.K, scaled(a.g.K, -1))
	return atLeast(reference.CurvatureBound(sum))
}

// step runs the implementation's step, with or without ReLU, at y.
func (a alternation[T]) step(t *Trial, im *spec.Implementation[T], y matrix, eta1, eta2 float64, relu bool) (next, eps matrix) {
	hand := func(name string, q quadratic) spec.Quadratic[T] {
		return spec.Quadratic[T]{K: input[T](t, "K"+name, q.K), B: input[T](t, "b"+name, q.B)}
	}
	run := im.Alternating.Step
	if relu {
		run = im.Alternating.ReLUStep
	}
	out := output[T](t, "y⁺", 1, y.Cols)
	run(out, input[T](t, "y", y), hand("f", a.f), hand("g", a.g), T(eta1), T(eta2))
	return wide(out), reference.AlternatingBound(y, a.f, a.g, eta1, eta2, reference.RoundingOf[T]())
}

// slopeOf returns ∇q(x) and valueOf q(x).
func slopeOf(q quadratic, x balls) balls { return x.through(q.K).minus(enclose(q.B, matrix{})) }
func valueOf(q quadratic, x balls) ball {
	return x.with(x.through(q.K)).half().minus(x.with(enclose(q.B, matrix{})))
}

// rise returns h(y⁺) − h(y) for the y⁺ that the computed one stands for.
func (a alternation[T]) rise(next, eps matrix) ball {
	at := func(x balls) ball { return valueOf(a.f, x).plus(valueOf(a.g, x)) }
	return at(enclose(next, eps)).minus(at(enclose(a.y, matrix{})))
}

// slopes returns ∇h(y) and e = ∇g(u) − ∇g(y), u = y − η₁∇f(y).
func (a alternation[T]) slopes(eta1 float64) (h, e balls) {
	y := enclose(a.y, matrix{})
	f, g := slopeOf(a.f, y), slopeOf(a.g, y)
	return f.plus(g), slopeOf(a.g, y.minus(f.scaled(exactly(eta1)))).minus(g)
}

// exactStep returns Δ = max(0, y − η∇h(y)) − y.
func (a alternation[T]) exactStep(h balls, eta float64) balls {
	y := enclose(a.y, matrix{})
	return y.minus(h.scaled(exactly(eta))).positive().minus(y)
}

// theta draws the share of 1/L that a step size takes.
func (a alternation[T]) theta(t *Trial, name string, hi float64) float64 {
	return below(t.Number(name, hi/64, hi) / a.curvature())
}

func alternatingStep[T spec.Float](relu bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		a := drawAlternation[T](t, 33, false)
		eta1, eta2 := t.Number("eta1", 0x1p-5, 2), t.Number("eta2", 0x1p-5, 2)
		next, eps := a.step(t, im, a.y, eta1, eta2, relu)
		want := spec.NewMatrix[float64](1, a.y.Cols)
		f, g := a.f, a.g
		if relu {
			t.Oracle.Alternating.ReLUStep(want, a.y, f, g, eta1, eta2)
		} else {
			t.Oracle.Alternating.Step(want, a.y, f, g, eta1, eta2)
		}
		near(t, "y⁺", next, want, eps)
		t.Informative(exceeds(want, eps, 8))
	}
}

func alternatingRegion[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	d := t.Size("d", 1, 17)
	kinds := []gen.Kind{gen.Normal, gen.Coarse, gen.Ints, gen.Uniform}
	yf, yh := t.Matrix("yf", 1, d, kinds, -1, 1), t.Matrix("yh", 1, d, kinds, -1, 1)
	along, aside := t.Number("along", -1, 2), t.Matrix("aside", 1, d, kinds, -6, -2)
	y := spec.NewMatrix[float64](1, d)
	for k := range y.Data {
		y.Data[k] = float64(float32(yf.Data[k] + along*(yh.Data[k]-yf.Data[k]) + aside.Data[k]))
	}
	c := t.Number("c", 0x1p-4, 2)
	if t.Bool("half-space") {
		c = 1
	}
	b, bf, bh := enclose(y, matrix{}), enclose(yf, matrix{}), enclose(yh, matrix{})
	toF, toH := b.minus(bf).squared(), b.minus(bh).squared().times(exactly(c*c))
	margin := toF.minus(toH)
	if math.Abs(margin.v) <= margin.e+1.01*float64(2*d+16)*spec.Unit[T]()*(toF.v+toH.v)+float64(4*d)*spec.Tiny[T]() {
		t.Undecidable()
	}
	got := im.Alternating.Region(input[T](t, "y", y), input[T](t, "yf", yf), input[T](t, "yh", yh), T(c))
	if c == 1 {
		// Nearer to yf: ⟨2y − yf − yh, yh − yf⟩ ≤ 0.
		side := b.plus(b).minus(bf).minus(bh).with(bh.minus(bf))
		t.Check(math.Abs(side.v) <= side.e || got == (side.v < 0), "the half-space holds y: %v, the region says %v", !got, got)
		t.Sometimes("half-space", true)
		return
	}
	c2 := exactly(c * c)
	rest := exactly(1).minus(c2)
	toCentre := b.minus(bf.minus(bh.scaled(c2)).scaled(exactly(1).over(rest))).squared()
	radius := c2.times(bf.minus(bh).squared()).over(rest.times(rest))
	gap := toCentre.minus(radius)
	t.Check(math.Abs(gap.v) <= gap.e || got == (gap.v < 0 == (c < 1)), "the ball of Apollonius says %v, the region %v", !got, got)
	t.Sometimes("inside a ball", c < 1 && got)
	t.Sometimes("outside a ball", c < 1 && !got)
	t.Sometimes("c above 1", c > 1)
}

// alternatingInexactDecrease checks the decrease less what the inexactness e
// costs, with e counting the mismatch of the step sizes or not.
func alternatingInexactDecrease[T spec.Float](mismatch bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		a := drawAlternation[T](t, 9, false)
		eta1, eta2 := a.theta(t, "theta1", 4), a.theta(t, "theta2", 1)
		next, eps := a.step(t, im, a.y, eta1, eta2, false)
		h, e := a.slopes(eta1)
		if mismatch {
			ratio := exactly(eta1).over(exactly(eta2)).minus(exactly(1))
			e = e.plus(slopeOf(a.f, enclose(a.y, matrix{})).scaled(ratio))
		}
		rise := a.rise(next, eps)
		t.least("h after the step above h − (η₂/2)(‖∇h‖² − ‖e‖²)", rise.plus(h.squared().minus(e.squared()).times(exactly(eta2/2))))
		t.Informative(math.Abs(rise.v) > 8*rise.e)
		t.Sometimes("h falls", rise.high() < 0)
	}
}

func alternatingConditionalDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	a := drawAlternation[T](t, 9, false)
	eta, l := a.theta(t, "theta", 2), exactly(a.curvature())
	next, eps := a.step(t, im, a.y, eta, eta, false)
	h, e := a.slopes(eta)
	share := min(1, exactly(2).over(l.times(exactly(eta))).minus(exactly(1)).low())
	holds := share > 0 && e.squared().high() <= h.squared().times(exactly(share).times(exactly(share))).low()
	rise := a.rise(next, eps)
	if holds {
		t.least("h after the step above h before", rise)
	}
	t.Informative(holds && rise.high() < 0)
	t.Classify("condition holds", holds)
	t.Sometimes("the condition fails", !holds)
	t.Sometimes("η above 1/L", holds && eta*l.v > 1)
}

func alternatingDescent[T spec.Float](relu bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		a := drawAlternation[T](t, 3, relu)
		eta := a.theta(t, "theta", 1)
		next, eps := a.step(t, im, a.y, eta, eta, relu)
		t.least("h after the step above h before", a.rise(next, eps))
	}
}

// inRegion asks the implementation whether ‖y−yf‖ ≤ c‖y−yh‖, with c lowered by
// what rounding can do to the comparison, so that yes means yes.
func inRegion[T spec.Float](t *Trial, im *spec.Implementation[T], y, yf, yh matrix, c float64) bool {
	c = below(min(c, 0x1p20) * (1 - float64(2*y.Cols+16)*spec.Unit[T]()))
	return im.Alternating.Region(input[T](t, "y", y), input[T](t, "yf", yf), input[T](t, "yh", yh), T(c))
}

// alternatingRegionDescent checks descent within the region of Apollonius; with
// ReLU the region's constant is multiplied by √(1−κ).
func alternatingRegionDescent[T spec.Float](relu bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		a, yf, yh, least := drawCentred[T](t)
		if relu {
			a.y = absolute(a.y)
		}
		eta := a.theta(t, "theta", 1)
		c := least / (eta * atLeast(reference.CurvatureBound(a.f.K)) * reference.CurvatureBound(a.g.K)) * (1 - 8*unit64)
		if relu {
			h, _ := a.slopes(eta)
			kept, whole := cutSquares(a.y, h, eta, false), h.scaled(exactly(eta)).squared()
			c *= math.Sqrt(max(0, kept.over(whole).low())) * (1 - 4*unit64)
			if !(c > 0x1p-20) { // nothing of the gradient is kept, or it vanishes
				t.Undecidable()
			}
		}
		inside := inRegion(t, im, a.y, yf, yh, c)
		next, eps := a.step(t, im, a.y, eta, eta, relu)
		rise := a.rise(next, eps)
		if inside {
			t.least("h after the step above h before", rise)
		}
		t.Informative(inside && rise.high() < 0)
		t.Sometimes("outside the region", !inside)
		t.Sometimes("a ball", inside && c < 1)
	}
}

// drawCentred draws positive semidefinite energies with known minimisers: yf of
// f, yh of h = f + g, whose curvature is at least least; and a y near yf.
func drawCentred[T spec.Float](t *Trial) (a alternation[T], yf, yh matrix, least float64) {
	d := t.Size("d", 1, 5)
	coarse := []gen.Kind{gen.Coarse, gen.Ints}
	gram := func(name string, c float64) matrix {
		m := t.Matrix(name, d, t.Size("rank", 1, 3), coarse, -2, -1)
		return reference.Sub(reference.Times(m, reference.Transpose(m)), scaled(diagonal(d, c), -1))
	}
	least = math.Ldexp(1, t.Int("least curvature", -2, 1))
	kf, kg := gram("Mf", 0), gram("Mg", least)
	yf, yh = t.Matrix("yf", 1, d, coarse, -1, 1), t.Matrix("yh", 1, d, coarse, -1, 1)
	// All are multiples of 2⁻¹¹ below 2¹², hence exact in float32.
	bf, bh := reference.Times(yf, kf), reference.Times(yh, reference.Sub(kf, scaled(kg, -1)))
	away := t.Matrix("away", 1, d, gen.Numbers, -6, 0)
	y := spec.NewMatrix[float64](1, d)
	for k := range y.Data {
		y.Data[k] = float64(float32(yf.Data[k] + away.Data[k]))
	}
	return alternation[T]{y, quadratic{K: kf, B: bf}, quadratic{K: kg, B: reference.Sub(bh, bf)}}, yf, yh, least
}

// diagonal returns c·I.
func diagonal(d int, c float64) matrix {
	m := spec.NewMatrix[float64](d, d)
	for i := range d {
		m.Set(i, i, c)
	}
	return m
}

func alternatingLargerRegion[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	p, q := t.Power("p", -1, 1), t.Power("q", -1, 1)
	yf, yh, s := t.Number("yf", -4, 4), t.Number("yh", -4, 4), t.Number("s", 0.75, 1.5)
	one := func(x float64) matrix { return spec.MatrixOf([]float64{float64(float32(x))}) }
	y := one(yf + s*(yh-yf))
	bf, bg := one(p*yf), one((p+q)*yh-p*yf)
	a := alternation[T]{y, quadratic{K: one(p), B: bf}, quadratic{K: one(q), B: bg}}
	eta := below(t.Number("theta", 0.5, 1) / a.curvature())
	next, eps := a.step(t, im, y, eta, eta, false)
	rise := a.rise(next, eps)
	c := (p + q) / (eta * p * q)
	if inRegion(t, im, y, one(yf), one(yh), c*(1-0x1p-20)) {
		t.Require(rise.v <= rise.e, "h rises by %v within the region", rise.v)
	}
	if inRegion(t, im, y, one(yf), one(yh), 1.125*c) {
		t.least("h after the step above h before", rise)
	}
}

// iterate runs the implementation's steps until they stand still, at most 2000
// of them, and returns the last point, the largest bound of a step in the
// 2-norm, the length of the first step and the number of steps.
func (a alternation[T]) iterate(t *Trial, im *spec.Implementation[T], eta float64) (y matrix, eps, first float64, steps int) {
	y = a.y
	for steps < 2000 {
		next, bound := a.step(t, im, y, eta, eta, false)
		moved := reference.Norm(reference.Sub(next, y).Row(0))
		if steps == 0 {
			first = moved
		}
		eps = max(eps, reference.Norm(bound.Row(0)))
		y = next
		steps++
		if moved == 0 {
			break
		}
	}
	return y, eps, first, steps
}

// drawConvex draws strongly convex energies, Kf, Kg ⪰ cI.
func drawConvex[T spec.Float](t *Trial, maxChannels int) (a alternation[T], c float64) {
	d := t.Size("d", 1, maxChannels)
	kinds := []gen.Kind{gen.Normal, gen.Coarse, gen.Ints}
	c = t.Number("c", 0.5, 1)
	draw := func(name string) quadratic {
		m := t.Matrix("M"+name, d, t.Size("rank", 1, 2), []gen.Kind{gen.Coarse, gen.Ints}, -2, -1)
		k := reference.Sub(reference.Times(m, reference.Transpose(m)), scaled(diagonal(d, c), -1))
		return quadratic{K: roundTo32(k), B: t.Matrix("b"+name, 1, d, kinds, -1, 1)}
	}
	return alternation[T]{t.Matrix("y", 1, d, kinds, -1, 1), draw("f"), draw("g")}, c
}

// alternatingLimit checks that ∇h + e, or ∇h, vanishes at the limit.
func alternatingLimit[T spec.Float](inexact bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		a, c := drawConvex[T](t, 4)
		eta := below(t.Number("theta", 0.5, 1) / a.curvature())
		y, eps, first, steps := a.iterate(t, im, eta)
		// The map contracts by q in the 2-norm, so the last point is within
		// (qᴺ‖y₁−y₀‖ + ε)/(1−q) of the limit and moves by at most twice that.
		q := (1 - eta*c) * (1 - eta*c) * (1 + gamma(4))
		reach := 2.02 * (math.Pow(q, float64(steps))*(first+eps) + eps) / (1 - q)
		h, e := alternation[T]{y, a.f, a.g}.slopes(eta)
		both := h.plus(e).squared()
		bound := reach/eta + math.Sqrt(both.e)
		gradient := math.Sqrt(h.squared().v)
		if inexact {
			t.Within("‖∇h + e‖ at the limit", math.Sqrt(both.v), bound)
			t.Informative(gradient > 8*bound)
			return
		}
		t.Require(math.Sqrt(both.v) <= bound, "∇h + e is %v at the limit, not within %v of zero", math.Sqrt(both.v), bound)
		// Were the limit the minimiser, ∇h here would be L times the way to it.
		t.Within("‖∇h‖ at the limit", gradient, reach*a.curvature()+math.Sqrt(h.squared().e))
	}
}

func alternatingRate[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	a, _ := drawConvex[T](t, 3)
	eta := math.Ldexp(1, -t.Int("halvings", 3, 4)+int(math.Floor(math.Log2(1/a.curvature()))))
	gap := func(eta float64) float64 {
		y, _, _, _ := a.iterate(t, im, eta)
		h, _ := alternation[T]{y, a.f, a.g}.slopes(eta)
		return h.squared().v
	}
	whole, half := gap(eta), gap(eta/2)
	if !(half > 0x1p-20 && whole > 0x1p-20) { // too near to stationary for a ratio
		t.Undecidable()
	}
	t.Rate(math.Log2(whole / half))
}
