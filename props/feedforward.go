package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func feedForwardProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "FFN-001", Run: feedForwardValue[T]},
		{Claim: "FFN-002", Run: feedForwardGradient[T]},
		{Claim: "FFN-003", Run: feedForwardStep[T]},
		{Claim: "FFN-004", Run: feedForwardDecrease[T]},
		{Claim: "FFN-005", Run: feedForwardDescent[T]},
		{Claim: "FFN-006", Run: feedForwardAnyStep[T]},
		{Claim: "FFN-007", Run: feedForwardConcave[T]},
		{Claim: "FFN-008", Run: feedForwardLinearLayer[T](true)},
		{Claim: "FFN-009", Run: feedForwardLinearLayer[T](false)},
		{Claim: "FFN-010", Run: feedForwardLinearOperation[T]},
		{Claim: "FFN-011", Run: feedForwardTransposed[T]},
		{Claim: "FFN-012", Run: feedForwardTokenAlone[T]},
	}
}

// quadratics is a drawn case of the feed-forward energy with its bounds.
type quadratics[T spec.Float] struct {
	y, w, b, k matrix
	bounds     *reference.FeedForwardBounds
}

func newQuadratics[T spec.Float](y, w, b matrix) quadratics[T] {
	return quadratics[T]{y, w, b, reference.PlusIdentity(reference.Symmetrized(w)),
		reference.NewFeedForwardBounds(y, w, b, reference.RoundingOf[T]())}
}

func drawQuadratics[T spec.Float](t *Trial, maxTokens, maxChannels int) quadratics[T] {
	n, d := t.Size("n", 1, maxTokens), t.Size("d", 1, maxChannels)
	return newQuadratics[T](t.Tokens("Y", n, d), t.Weights("W", d, d), t.Tokens("B", n, d))
}

// step runs the implementation's step; the second result bounds its error.
func (q quadratics[T]) step(t *Trial, im *spec.Implementation[T], eta float64) (next, eps matrix) {
	out := output[T](t, "Y⁺", q.y.Rows, q.y.Cols)
	im.FeedForward.Step(out, input[T](t, "Y", q.y), input[T](t, "W", q.w), input[T](t, "B", q.b), T(eta))
	return wide(out), q.bounds.Step(eta)
}

func (q quadratics[T]) gradient(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "∇E₂", q.y.Rows, q.y.Cols)
	im.FeedForward.Gradient(out, input[T](t, "Y", q.y), input[T](t, "W", q.w), input[T](t, "B", q.b))
	return wide(out)
}

func (q quadratics[T]) energy(t *Trial, im *spec.Implementation[T]) float64 {
	return float64(im.FeedForward.Energy(input[T](t, "Y", q.y), input[T](t, "W", q.w), input[T](t, "B", q.b)))
}

// curvature returns L, an upper bound on the largest eigenvalue of K.
func (q quadratics[T]) curvature() float64 { return atLeast(reference.CurvatureBound(q.k)) }

// atLeast returns the curvature bound l, or 2⁻¹⁰ if that is more: a larger bound
// is a bound too, and step sizes 2/l stay finite.
func atLeast(l float64) float64 { return max(l, 0x1p-10) }

// at returns E₂(X).
func (q quadratics[T]) at(x balls) ball {
	r := x.minus(enclose(q.b, matrix{}))
	return x.with(x.through(q.w)).half().plus(r.squared().half())
}

// slope returns g = XK − B.
func (q quadratics[T]) slope(x balls) balls {
	return x.through(q.k).minus(enclose(q.b, matrix{}))
}

// rise returns E₂(Y⁺) − E₂(Y) for the Y⁺ that the computed one stands for.
func (q quadratics[T]) rise(next, eps matrix) ball {
	return q.at(enclose(next, eps)).minus(q.at(enclose(q.y, matrix{})))
}

func feedForwardValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	q := drawQuadratics[T](t, 33, 33)
	want := t.Oracle.FeedForward.Energy(q.y, q.w, q.b)
	bound := q.bounds.Value()
	t.Near("E₂", q.energy(t, im), want, bound+unit64*math.Abs(want))
	t.Informative(math.Abs(want) > 8*bound)
}

func feedForwardGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	q := drawQuadratics[T](t, 17, 33)
	want := spec.NewMatrix[float64](q.y.Rows, q.y.Cols)
	t.Oracle.FeedForward.Gradient(want, q.y, q.w, q.b)
	bound := q.bounds.Gradient()
	near(t, "∇E₂", q.gradient(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func feedForwardStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	q := drawQuadratics[T](t, 17, 33)
	eta := positiveStep(t, 4)
	next, eps := q.step(t, im, eta)
	want := spec.NewMatrix[float64](q.y.Rows, q.y.Cols)
	t.Oracle.FeedForward.Step(want, q.y, q.w, q.b, eta)
	near(t, "Y⁺", next, want, eps)
	t.Informative(exceeds(reference.Sub(want, q.y), eps, 8))
}

func feedForwardDecrease[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	q := drawQuadratics[T](t, 9, 9)
	eta := positiveStep(t, 4)
	next, eps := q.step(t, im, eta)
	g := q.slope(enclose(q.y, matrix{}))
	first := g.squared().times(exactly(eta))
	curved := g.with(g.through(q.k)).times(exactly(eta * eta / 2)) // both exact: η is a float32
	rise := q.rise(next, eps)
	t.zero("E₂(Y) − E₂(Y⁺) against η‖g‖² − (η²/2)tr(gKgᵀ)", rise.plus(first).minus(curved))
	t.Informative(math.Abs(rise.v) > 8*rise.e)
	t.Sometimes("the energy rises", rise.low() > 0)
	t.Sometimes("the energy falls", rise.high() < 0)
}

func feedForwardDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	q := drawQuadratics[T](t, 9, 9)
	l := q.curvature()
	theta := t.Number("theta", 0x1p-6, 1)
	eta := below(theta * 2 / l)
	next, eps := q.step(t, im, eta)
	g2 := q.slope(enclose(q.y, matrix{})).squared()
	rise := q.rise(next, eps)
	t.least("E₂ after the step above E₂ before less η(1−ηL/2)‖g‖²", rise.plus(guaranteed(eta, l).times(g2)))
	t.Informative(rise.high() < 0)
	t.Sometimes("η at the end 2/L", theta == 1)
}

// guaranteed returns η(1 − ηL/2), and 0 where that is negative.
func guaranteed(eta, l float64) ball {
	return exactly(1).minus(exactly(eta).times(exactly(l)).half()).times(exactly(eta)).positive()
}

// positiveStep draws a step size in [hi/64, hi].
func positiveStep(t *Trial, hi float64) float64 { return t.Number("eta", hi/64, hi) }

func feedForwardAnyStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	q := drawQuadratics[T](t, 4, 4)
	next, eps := q.step(t, im, t.Number("eta", 0, 4))
	t.least("E₂ after the step above E₂ before", q.rise(next, eps))
}

func feedForwardConcave[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 9), t.Size("d", 1, 9)
	// W = −I − MMᵀ is exact for multiples of ¼, so K = −MMᵀ is what it should be.
	m := t.Matrix("M", d, t.Size("rank", 1, 9), []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}, -1, 0)
	w := scaled(reference.PlusIdentity(reference.Times(m, reference.Transpose(m))), -1)
	q := newQuadratics[T](t.Tokens("Y", n, d), w, t.Tokens("B", n, d))
	eta := positiveStep(t, 16)
	next, eps := q.step(t, im, eta)
	g2 := q.slope(enclose(q.y, matrix{})).squared()
	rise := q.rise(next, eps)
	t.least("E₂ after the step above E₂ before less η‖g‖²", rise.plus(g2.times(exactly(eta))))
	t.Informative(rise.high() < 0)
	t.Sometimes("η above 8", eta > 8)
}

// feedForwardLinearLayer compares the step with −Y(W+Wᵀ)/2 + B, at η = 1 or at
// any.
func feedForwardLinearLayer[T spec.Float](unitStep bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		q := drawQuadratics[T](t, 9, 17)
		eta := 1.0
		if !unitStep {
			eta = t.Number("eta", 0, 4)
		}
		next, eps := q.step(t, im, eta)
		ws := reference.Symmetrized(q.w)
		layer := enclose(q.b, matrix{}).minus(enclose(q.y, matrix{}).through(ws))
		told := false
		for i, row := range layer {
			for k, x := range row {
				t.Near(at("Y⁺", i, k), next.At(i, k), x.v, eps.At(i, k)+x.e)
				told = told || math.Abs(x.v-q.y.At(i, k)) > 8*eps.At(i, k)
			}
		}
		t.Informative(told)
	}
}

func feedForwardLinearOperation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 9), t.Size("d", 1, 17)
	y, w, row := t.Tokens("Y", n, d), roundTo32(reference.Symmetrized(t.Weights("W", d, d))), t.Tokens("b", 1, d)
	q := newQuadratics[T](y, w, repeatedRow(row, n))
	next, eps := q.step(t, im, 1)
	out := output[T](t, "linear", n, d)
	bias := make([]T, d)
	for k := range bias {
		bias[k] = T(row.At(0, k))
	}
	im.Linear(out, input[T](t, "Y", y), input[T](t, "−W", scaled(w, -1)), bias)
	layer := wide(out)
	size := reference.Times(absolute(y), absolute(w))
	for i := range n {
		for k := range d {
			bound := 1.01 * float64(d+2) * spec.Unit[T]() * (size.At(i, k) + math.Abs(row.At(0, k)))
			t.Near(at("Y⁺", i, k), next.At(i, k), layer.At(i, k), eps.At(i, k)+bound+float64(d+2)*spec.Tiny[T]())
		}
	}
	t.Informative(exceeds(reference.Sub(next, y), eps, 8))
}

// repeatedRow returns n copies of a row.
func repeatedRow(row matrix, n int) matrix {
	out := spec.NewMatrix[float64](n, row.Cols)
	for i := range n {
		copy(out.Row(i), row.Row(0))
	}
	return out
}

func feedForwardTransposed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 9), t.Size("d", 2, 9)
	w := t.Matrix("W", d, d, []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Iota}, -2, 0)
	q := newQuadratics[T](t.Tokens("Y", n, d), w, t.Tokens("B", n, d))
	turned := newQuadratics[T](q.y, reference.Transpose(q.w), q.b)
	eta := positiveStep(t, 4)
	next, eps := q.step(t, im, eta)
	other, _ := turned.step(t, im, eta)
	t.Near("E₂ with Wᵀ", turned.energy(t, im), q.energy(t, im), 2*q.bounds.Value())
	near(t, "∇E₂ with Wᵀ", turned.gradient(t, im), q.gradient(t, im), scaled(q.bounds.Gradient(), 2))
	near(t, "Y⁺ with Wᵀ", other, next, scaled(eps, 2))
	skew := reference.Times(q.y, reference.Sub(q.w, reference.Transpose(q.w)))
	t.Informative(exceeds(skew, q.bounds.Gradient(), 8))
}

func feedForwardTokenAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 17), t.Size("d", 1, 9)
	q := newQuadratics[T](t.Tokens("Y", n, d), t.Weights("W", d, d), t.Tokens("B", n, d))
	eta := positiveStep(t, 4)
	i := t.Int("i", 0, q.y.Rows-1)
	next, eps := q.step(t, im, eta)
	alone, _ := newQuadratics[T](singleRow(q.y, i), q.w, singleRow(q.b, i)).step(t, im, eta)
	near(t, "Y⁺ of one token", alone, singleRow(next, i), scaled(singleRow(eps, i), 2))
	t.Informative(exceeds(reference.Sub(next, q.y), eps, 8))
}

// singleRow returns row i of m as a matrix of its own.
func singleRow(m matrix, i int) matrix { return spec.MatrixOf(m.Row(i)) }
