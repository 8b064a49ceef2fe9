package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// equilibrium runs a step of the fixed-point iteration and returns the result,
// the exact step from the oracle, and the bound on each element of their
// difference.
func equilibrium[T spec.Float](t *Trial, im *spec.Implementation[T], x, w, b matrix, eta float64) (next, want, bound matrix) {
	out := output[T](t, "x⁺", x.Rows, x.Cols)
	im.Asymmetric.EquilibriumStep(out, input[T](t, "x", x), input[T](t, "W", w), input[T](t, "b", b), T(eta))
	want = spec.NewMatrix[float64](x.Rows, x.Cols)
	t.Oracle.Asymmetric.EquilibriumStep(want, x, w, b, eta)
	return wide(out), want, reference.EquilibriumBound(x, w, b, eta, reference.RoundingOf[T]())
}

func equilibriumValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 5), t.Size("d", 1, 9)
	x := t.Matrix("x", n, d, gen.Numbers, -2, 2)
	w, b := t.Matrix("W", d, d, gen.Numbers, -3, 0), t.Matrix("b", 1, d, gen.Numbers, -2, 2)
	got, want, bound := equilibrium(t, im, x, w, b, t.Number("eta", 0, 2))
	near(t, "x⁺", got, want, bound)
	t.Informative(exceeds(want, bound, 8))
	t.Sometimes("an element cut off at 0", reference.Norm(want.Data) > 0 && hasZero(want))
}

func hasZero(m matrix) bool {
	for _, x := range m.Data {
		if x == 0 {
			return true
		}
	}
	return false
}

// equilibriumCase says which hypotheses of the descent hold.
type equilibriumCase struct {
	symmetric bool
	above     float64 // the least eigenvalue of (W+Wᵀ)/2 lies above this
	positive  bool    // x ≥ 0
	// guaranteed asks for a decrease of ½⟨δ,(I+W)δ⟩, not only for no rise.
	guaranteed bool
}

// equilibriumDescent checks that f(x) = ½⟨x,(I−W)x⟩ − ⟨b,x⟩ falls by at least
// ½⟨δ,(I+W)δ⟩ with δ = x⁺−x, or does not rise, for η = 1.
func equilibriumDescent[T spec.Float](c equilibriumCase) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		least := 1
		if !c.symmetric {
			least = 2
		}
		d := t.Size("d", least, 5)
		kinds, hi := []gen.Kind{gen.Uniform, gen.Normal, gen.Coarse}, -int(math.Round(math.Log2(float64(d))))-1
		if c.above < -1 {
			kinds, hi = []gen.Kind{gen.Ints, gen.Coarse}, 1
		} else if !c.symmetric {
			kinds, hi = []gen.Kind{gen.Coarse, gen.Uniform}, 0
		}
		w := t.Matrix("W", d, d, kinds, hi-1, hi)
		if c.symmetric {
			w = symmetrized(w)
		} else {
			w = turning(w)
		}
		half := func(i, j int) float64 { return (w.At(i, j) + w.At(j, i)) / 2 }
		sym := spec.NewMatrix[float64](d, d)
		for i := range d {
			for j := range d {
				sym.Set(i, j, half(i, j))
			}
		}
		values, _ := reference.SymmetricEigen(sym)
		for _, x := range values {
			if x <= c.above || x >= 1 {
				t.Undecidable()
			}
		}
		x := t.Matrix("x", 1, d, []gen.Kind{gen.Uniform, gen.Normal, gen.Coarse, gen.Ints}, -1, 2)
		if c.positive {
			x = absolute(x)
		}
		b := t.Matrix("b", 1, d, []gen.Kind{gen.Uniform, gen.Normal, gen.Coarse, gen.Ints}, -1, 3)
		next, exact, eps := equilibrium(t, im, x, w, b, 1)
		m, plus := spec.NewMatrix[float64](d, d), spec.NewMatrix[float64](d, d)
		for i := range d {
			for j := range d {
				e := 0.0
				if i == j {
					e = 1
				}
				m.Set(i, j, e-sym.At(i, j))
				plus.Set(i, j, e+sym.At(i, j))
			}
		}
		before, beforeBound := equilibriumObjective(x, m, b, scaled(eps, 0))
		after, afterBound := equilibriumObjective(next, m, b, eps)
		// δ is off by the rounding of the exact step to float64.
		decrease, decreaseBound := quadraticForm(reference.Sub(exact, x), plus, scaled(plus, 0), scaled(absolute(exact), unit64))
		if !c.guaranteed {
			decrease, decreaseBound = 0, 0
		}
		bound := beforeBound + afterBound + decreaseBound
		t.Within("f after the step above f before less ½⟨δ,(I+W)δ⟩", after-before+max(0, decrease), bound)
		t.Informative(decrease > bound || !c.guaranteed)
	}
}

// turning returns w with its lower triangle replaced by minus the upper one: a
// symmetric part that is diagonal, and a skew part of any size.
func turning(w matrix) matrix {
	w = spec.Convert[float64](w)
	for i := range w.Rows {
		for j := range i {
			w.Set(i, j, -w.At(j, i))
		}
	}
	return w
}

// equilibriumObjective returns ½xMxᵀ − bxᵀ with M = I−W symmetric, and its
// error when x is off by slip; forming M costs u64(1+|W|), once.
func equilibriumObjective(x, m, b, slip matrix) (value, bound float64) {
	value, bound = quadraticForm(x, m, scaled(absolute(m), 2*unit64), slip)
	linear, size := reference.Inner(b, x)
	_, shift := reference.Inner(b, slip)
	// |M| leaves out what cancels in 1−wᵢᵢ: that is at most u64 of each.
	_, square := reference.Inner(x, x)
	return value - linear, bound + shift + gamma(x.Cols+2)*size + 2*unit64*square
}

func equilibriumOfResidual[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	d := t.Size("d", 1, 3)
	w := symmetrized(t.Matrix("W", d, d, []gen.Kind{gen.Coarse}, -2, -1))
	x := absolute(t.Matrix("x", 1, d, []gen.Kind{gen.Coarse, gen.Ints}, 0, 1))
	b := t.Matrix("b", 1, d, []gen.Kind{gen.Zero, gen.Coarse}, 0, 1)
	next, _, eps := equilibrium(t, im, x, w, b, 1)
	// The gradient of ½‖(I−W)x−b‖² is ((I−W)x−b)(I−W), W symmetric.
	r := reference.Sub(reference.Sub(x, reference.Times(x, w)), b)
	g := reference.Sub(r, reference.Times(r, w))
	for k := range d {
		want := max(0, x.At(0, k)-g.At(0, k))
		t.Near(at("x⁺", 0, k), next.At(0, k), want, eps.At(0, k)+gamma(4*d+6)*(math.Abs(x.At(0, k))+4*reference.Norm(x.Data)+4*reference.Norm(b.Data)))
	}
}

// monotonicity returns m ≤ the least eigenvalue of the symmetric part of I−W,
// from Gershgorin's discs, and L² ≥ ‖I−W‖₂², from ‖·‖₁‖·‖_∞.
func monotonicity(w matrix) (m, square float64) {
	d := w.Rows
	m = math.Inf(1)
	var rows, cols float64
	for i := range d {
		radius, row, col := 0.0, 0.0, 0.0
		for j := range d {
			e := 0.0
			if i == j {
				e = 1
			} else {
				radius += math.Abs(w.At(i, j)+w.At(j, i)) / 2
			}
			row += math.Abs(e - w.At(i, j))
			col += math.Abs(e - w.At(j, i))
		}
		m = min(m, 1-w.At(i, i)-radius)
		rows, cols = max(rows, row), max(cols, col)
	}
	slip := gamma(d + 4)
	return m - slip*(1+rows), rows * cols * (1 + 3*slip)
}

func drawMonotone(t *Trial) (x, w, b matrix, m, square float64) {
	d := t.Size("d", 1, 5)
	hi := -int(math.Round(math.Log2(float64(d))))
	w = t.Matrix("W", d, d, []gen.Kind{gen.Uniform, gen.Normal, gen.Coarse, gen.Ints}, hi-2, hi)
	x = t.Matrix("x", 2, d, gen.Tokens, -1, 2)
	b = t.Matrix("b", 1, d, []gen.Kind{gen.Coarse, gen.Ints, gen.One}, 0, 3)
	if m, square = monotonicity(w); m <= 0 {
		t.Undecidable()
	}
	return x, w, b, m, square
}

// distances returns ‖x₀−x₁‖, ‖x₀⁺−x₁⁺‖ and the bound of the latter.
func distances(x, next, eps matrix) (before, after, bound float64) {
	d := spec.NewMatrix[float64](1, x.Cols)
	for k := range x.Cols {
		d.Set(0, k, eps.At(0, k)+eps.At(1, k))
	}
	before = reference.Norm(reference.Difference(x, matrix{}, 0, 1))
	after = reference.Norm(reference.Difference(next, matrix{}, 0, 1))
	return before, after, reference.Norm(d.Data) + gamma(x.Cols+4)*(before+after)
}

func equilibriumContracts[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, w, b, m, square := drawMonotone(t)
	eta := float64(float32(t.Number("part", 0x1p-4, 0x1.fp-1) * 2 * m / square))
	next, _, eps := equilibrium(t, im, x, w, b, eta)
	before, after, bound := distances(x, next, eps)
	factor := math.Sqrt(1 - 2*eta*m + eta*eta*square)
	bound += gamma(20) * before / factor // the rounding of the factor
	t.Within("‖x⁺−x′⁺‖ above √(1−2ηm+η²L²)‖x−x′‖", after-factor*before, bound)
	t.Informative((1-factor)*before > bound)
	t.Sometimes("asymmetric W", reference.Norm(reference.Sub(w, reference.Transpose(w)).Data) > 0)
}

func equilibriumNonexpansive[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	x, w, b, m, square := drawMonotone(t)
	eta := t.Number("eta", 0, 4)
	if eta <= 2*m/square {
		t.Undecidable()
	}
	next, _, eps := equilibrium(t, im, x, w, b, eta)
	before, after, bound := distances(x, next, eps)
	t.Within("‖x⁺−x′⁺‖ above ‖x−x′‖", after-before, bound)
}
