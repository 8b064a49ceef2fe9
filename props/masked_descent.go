package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// frozenTerms is what the decrease identity of one frozen query adds up.
type frozenTerms struct {
	rise      float64 // of −Σⱼ gⱼ, from the query to the point computed
	squared   float64 // ‖δ‖², δ the computed increment
	kl, klErr float64
	degree    float64 // D
	slip      float64 // what the step's rounding adds to the decrease
	judge     float64 // bound on the judge's energies and increments
}

// frozenTermsOf evaluates the identity of query i at the computed point next.
// The error of the step enters by its inner product with the increment alone:
// reference.AverageBounds.Slip.
func frozenTermsOf[T spec.Float](a maskedAverage[T], next matrix, i int, eps []float64, eta float64) frozenTerms {
	before, after := a.exact(a.y, a.x, 1), a.exact(next, a.x, 1)
	f := frozenTerms{
		rise:   reference.FrozenEnergy(next.Row(i), a.x) - reference.FrozenEnergy(a.y.Row(i), a.x),
		degree: before.D[i],
		judge:  before.RowValue(i) + after.RowValue(i) + unit64*(before.D[i]+after.D[i]),
	}
	delta := reference.Sub(next, a.y).Row(i)
	f.squared = reference.Dot(delta, delta)
	f.slip = a.bounds.Slip(i, eps, delta, eta)
	for j := range a.x.Rows {
		v, err := reference.KLTerm(before.Z.At(i, j), after.Z.At(i, j), a.y.Cols)
		f.kl, f.klErr = f.kl+v, f.klErr+err+gamma(a.x.Rows)*math.Abs(v)
	}
	// D, and the increment with its square.
	f.judge += (before.Degree(i)/eta+gamma(a.y.Cols+12)*f.degree*(1/eta+1))*f.squared + f.klErr
	return f
}

// guaranteed returns [(1/η−½)D + ½]‖δ‖².
func (f frozenTerms) guaranteed(eta float64) float64 {
	return ((1/eta-0.5)*f.degree + 0.5) * f.squared
}

func (f frozenTerms) bound() float64 { return f.slip + f.judge }

func maskedFrozenIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, x := drawAmong(t)
	a, eta := frozenAverage[T](t, y, x), t.Number("eta", 0x1p-4, 8)
	next, eps, told := frozenStep(t, im, y, x, eta), a.bounds.Step(eta), false
	for i := range y.Rows {
		f := frozenTermsOf(a, next, i, eps.Row(i), eta)
		t.Near(at("decrease of query", i, 0), -f.rise, f.guaranteed(eta)+f.kl, f.bound())
		told = told || math.Abs(f.rise) > 8*f.bound()
	}
	t.Informative(told)
	t.Sometimes("η above 4", eta > 4)
}

func maskedFrozenDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	y, x := drawAmong(t)
	a := frozenAverage[T](t, y, x)
	longest := 32.0
	for _, d := range a.bounds.D {
		longest = min(longest, 2*d/(d-1))
	}
	// A little short of the range, so that float32 does not carry η over its end.
	eta := float64(float32(t.Number("part of the range", 0x1p-6, 1) * longest * (1 - 0x1p-20)))
	next, eps, told := frozenStep(t, im, y, x, eta), a.bounds.Step(eta), false
	for i := range y.Rows {
		f := frozenTermsOf(a, next, i, eps.Row(i), eta)
		t.Within(at("rise of the energy of query and its guaranteed decrease", i, 0), f.rise+max(0, f.guaranteed(eta)), f.bound())
		told = told || -f.rise > f.bound()
	}
	t.Informative(told)
	t.Sometimes("η above 2", eta > 2)
	t.Sometimes("η above 4", eta > 4)
}

// maskedFrozenAnyStep asserts descent for η up to 8; within the range that
// MSK-006 gives it must hold.
func maskedFrozenAnyStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	m, n, d := t.Size("m", 1, 3), t.Size("n", 1, 5), t.Size("d", 1, 3)
	kinds := []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}
	y, x := t.Matrix("Y", m, d, kinds, -1, 0), t.Matrix("X", n, d, kinds, -1, 0)
	a, eta := frozenAverage[T](t, y, x), t.Number("eta", 0x1p-3, 8)
	next, eps := frozenStep(t, im, y, x, eta), a.bounds.Step(eta)
	for i := range m {
		f := frozenTermsOf(a, next, i, eps.Row(i), eta)
		if eta < 2*f.degree/(f.degree-1)*(1-0x1p-20) {
			t.Require(f.rise <= f.bound(), "the energy of query %d rises by %v within the range of η", i, f.rise)
		}
		t.Within(at("rise of the energy of query", i, 0), f.rise, f.bound())
	}
}

// maskedCausalDescent checks that the simultaneous causal update of minTokens to
// maxTokens tokens does not raise E₁.
func maskedCausalDescent[T spec.Float](minTokens, maxTokens int) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n := t.Size("n", minTokens, maxTokens)
		var y matrix
		if maxTokens <= 3 {
			y = t.Tokens("Y", n, t.Size("d", 1, 9))
		} else {
			// On a line: that is where rises are found most often.
			y = t.Matrix("Y", n, 1, []gen.Kind{gen.Coarse, gen.Normal}, 2, 2)
		}
		a, eta := causalAverage[T](t, y), t.Number("eta", 0x1p-3, 2)
		next, eps := causalStep(t, im, y, eta), a.bounds.Step(eta)
		bound := slack(y, next, matrix{}, eps)
		rise := reference.InteractionEnergy(next, matrix{}) - reference.InteractionEnergy(y, matrix{})
		t.Within("rise of E₁", rise, bound)
		t.Informative(-rise > bound)
	}
}

// symmetricTerms is what the decrease identity of a symmetric step adds up.
type symmetricTerms struct {
	rise    float64 // of −Σ_{i<j} Kᵢⱼ exp(−zᵢⱼ)
	squared float64 // Σᵢ Dᵢ‖δᵢ‖²
	gram    float64 // Σᵢⱼ KᵢⱼGᵢⱼ⟨δᵢ, δⱼ⟩
	kl      float64
	slip    float64
	judge   float64
}

func symmetricTermsOf[T spec.Float](a maskedAverage[T], next, eps matrix, eta float64) symmetricTerms {
	before, after := a.exact(a.y, a.y, 0), a.exact(next, next, 0)
	s := symmetricTerms{
		rise:  reference.MaskedEnergy(next, a.k) - reference.MaskedEnergy(a.y, a.k),
		judge: before.Value() + after.Value(),
	}
	delta := reference.Sub(next, a.y)
	n, d := a.y.Rows, a.y.Cols
	for i := range n {
		own := reference.Dot(delta.Row(i), delta.Row(i))
		s.squared += before.D[i] * own
		s.slip += a.bounds.Slip(i, eps.Row(i), delta.Row(i), eta)
		s.judge += (before.Degree(i) + gamma(n+d+12)*before.D[i]) * (1/eta + 1) * own
		for j := range n {
			w := before.W.At(i, j)
			s.gram += w * reference.Dot(delta.Row(i), delta.Row(j))
			size := reference.Norm(delta.Row(i)) * reference.Norm(delta.Row(j))
			// Relative error of w: (d+2)u64·z + 5u64; sum and products.
			s.judge += gamma(n*n+2*d+20) * (1 + before.Z.At(i, j)*float64(d+2)) * w * size
			if j < i {
				v, err := reference.KLTerm(before.Z.At(i, j), after.Z.At(i, j), d)
				s.kl += a.k.At(i, j) * v
				s.judge += a.k.At(i, j) * (err + gamma(n*n)*math.Abs(v))
			}
		}
	}
	return s
}

func (s symmetricTerms) bound() float64 { return s.slip + s.judge }

func maskedSymmetricIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 9)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	a, eta := symmetricAverage[T](t, y, drawFactors(t, n, true)), t.Number("eta", 0x1p-4, 4)
	s := symmetricTermsOf(a, symmetricStep(t, im, y, a.k, eta), a.bounds.Step(eta), eta)
	t.Near("decrease of the masked energy", -s.rise, (1/eta-0.5)*s.squared+s.gram/2+s.kl, s.bound())
	t.Informative(math.Abs(s.rise) > 8*s.bound())
}

// maskedDescent asserts that the step lowers the masked energy by at least
// (1/η − loss)Σᵢ Dᵢ‖δᵢ‖².
func maskedDescent[T spec.Float](t *Trial, im *spec.Implementation[T], y, k matrix, eta, loss float64) {
	a := symmetricAverage[T](t, y, k)
	s := symmetricTermsOf(a, symmetricStep(t, im, y, k, eta), a.bounds.Step(eta), eta)
	decrease := max(0, 1/eta-loss) * s.squared
	t.Within("rise of the masked energy and its guaranteed decrease", s.rise+decrease, s.bound())
	t.Informative(-s.rise > s.bound())
}

func maskedSymmetricDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 17)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	k := drawFactors(t, n, true)
	maskedDescent(t, im, y, k, t.Number("eta", 0x1p-6, 1), 1)
}

func maskedSemidefiniteDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 12)
	y := t.Tokens("Y", n, t.Size("d", 1, 9))
	k := drawSemidefinite(t, n)
	maskedDescent(t, im, y, k, t.Number("eta", 0x1p-6, 2), 0.5)
}

// maskedSymmetricLongStep asserts descent for η between 1 and 2 whatever the
// symmetric K.
func maskedSymmetricLongStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 5)
	y := t.Matrix("Y", n, t.Int("d", 1, 2), []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -2, 0)
	k := drawFactors(t, n, true)
	eta := float64(T(t.Number("eta", 1, 2)))
	a := symmetricAverage[T](t, y, k)
	s := symmetricTermsOf(a, symmetricStep(t, im, y, k, eta), a.bounds.Step(eta), eta)
	t.Within("rise of the masked energy", s.rise, s.bound())
	t.Informative(-s.rise > s.bound())
}

// maskedAsymmetricDescent asserts descent whatever K ≥ 0. Without symmetry the
// step is no preconditioned gradient, so that the bound is the slope of the
// energy times the bound of the step.
func maskedAsymmetricDescent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 3, 7)
	y := t.Matrix("Y", n, t.Int("d", 1, 2), []gen.Kind{gen.Ints, gen.Normal}, 1, 3)
	k := absolute(t.Matrix("K", n, n, []gen.Kind{gen.Ints, gen.Coarse}, 0, 0))
	a, eta := symmetricAverage[T](t, y, k), t.Number("eta", 0x1p-3, 1)
	next, eps := symmetricStep(t, im, y, a.k, eta), a.bounds.Step(eta)
	rise := reference.MaskedEnergy(next, a.k) - reference.MaskedEnergy(y, a.k)
	bound := reference.MaskedShift(eps, a.k)
	for _, p := range []matrix{y, next} {
		bound += a.exact(p, p, 0).Value()
	}
	t.Within("rise of the masked energy", rise, bound)
	t.Informative(-rise > bound)
}
