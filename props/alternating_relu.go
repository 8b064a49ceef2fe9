package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// cutSquares returns Σᵢ (ηgᵢ)² + min(0, yᵢ² − s²) with s = ηgᵢ, or only its
// positive part: (1−κ)‖ηg‖², and ‖Δ‖² where y ≥ 0.
func cutSquares(y matrix, g balls, eta float64, positivePart bool) ball {
	var sum ball
	for k, x := range y.Row(0) {
		s := g[0][k].times(exactly(eta))
		cut := s
		if positivePart {
			cut = s.positive()
		}
		sum = sum.plus(s.times(s)).plus(exactly(x).times(exactly(x)).minus(cut.times(cut)).negative())
	}
	return sum
}

func alternatingReLUDecrease[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	a := drawAlternation[T](t, 9, true)
	eta := a.theta(t, "theta", 1)
	next, eps := a.step(t, im, a.y, eta, eta, true)
	h, e := a.slopes(eta)
	gain := a.exactStep(h, eta).squared().over(exactly(2 * eta))
	rise := a.rise(next, eps)
	t.least("h after the step above h − ‖Δ‖²/(2η) + (η/2)‖e‖²", rise.plus(gain).minus(e.squared().times(exactly(eta/2))))
	t.Informative(math.Abs(rise.v) > 8*rise.e)
}

func alternatingReLUConditional[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	a := drawAlternation[T](t, 9, true)
	eta := a.theta(t, "theta", 1)
	next, eps := a.step(t, im, a.y, eta, eta, true)
	h, e := a.slopes(eta)
	cost := e.squared().times(exactly(eta)).times(exactly(eta))
	holds := cost.high() <= a.exactStep(h, eta).squared().low()
	rise := a.rise(next, eps)
	if holds {
		t.least("h after the step above h before", rise)
	}
	t.Informative(holds && rise.high() < 0)
	t.Sometimes("the condition fails", !holds)
	t.Sometimes("ReLU cuts", reference.Norm(next.Row(0)) < reference.Norm(a.y.Row(0)) && next.At(0, 0) == 0)
}

// alternatingCutGradient compares the exact step's length with what the cut
// gradient gives, for y ≥ 0 or any y. The exact step is the one with g = 0.
func alternatingCutGradient[T spec.Float](nonnegative bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		d := t.Size("d", 1, 9)
		kinds := []gen.Kind{gen.Normal, gen.Coarse, gen.Ints, gen.Uniform}
		y := t.Matrix("y", 1, d, kinds, -1, 1)
		if nonnegative {
			y = absolute(y)
		}
		k := roundTo32(reference.Symmetrized(t.Weights("Kf", d, d)))
		nothing := quadratic{K: spec.NewMatrix[float64](d, d), B: spec.NewMatrix[float64](1, d)}
		a := alternation[T]{y, quadratic{K: k, B: t.Matrix("bf", 1, d, kinds, -1, 1)}, nothing}
		eta := positiveStep(t, 2)
		next, eps := a.step(t, im, y, eta, eta, true)
		h, _ := a.slopes(eta)
		moved := enclose(next, eps).minus(enclose(y, matrix{})).squared()
		t.zero("‖Δ‖² against the cut gradient", moved.minus(cutSquares(y, h, eta, true)))
		t.Informative(moved.v > 8*moved.e)
		t.Sometimes("ReLU cuts", a.exactStep(h, eta).plus(h.scaled(exactly(eta))).squared().v > 0x1p-10)
	}
}

func alternatingKappa[T spec.Float](nonnegative bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		a := drawAlternation[T](t, 9, nonnegative)
		eta := a.theta(t, "theta", 1)
		next, eps := a.step(t, im, a.y, eta, eta, true)
		h, e := a.slopes(eta)
		kept := cutSquares(a.y, h, eta, false) // (1−κ)‖ηg‖²
		exact := a.exactStep(h, eta).squared()
		t.Require(kept.low() <= exact.high(), "(1−κ)‖ηg‖² = %v is more than ‖Δ‖² = %v", kept.v, exact.v)
		holds := e.squared().times(exactly(eta)).times(exactly(eta)).high() <= kept.low()
		rise := a.rise(next, eps)
		if holds {
			t.least("h after the step above h before", rise)
		}
		t.Informative(holds && rise.high() < 0)
		t.Sometimes("the condition fails", !holds)
	}
}
