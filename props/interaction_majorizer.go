package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// drawSecond draws Y′ near or far from y.
func drawSecond(t *Trial, y matrix) matrix {
	delta := t.Tokens("delta", y.Rows, y.Cols)
	far := t.Number("reach", 0, 2)
	next := spec.NewMatrix[float64](y.Rows, y.Cols)
	for k := range next.Data {
		next.Data[k] = float64(float32(y.Data[k] + far*delta.Data[k]))
	}
	return next
}

func interactionQuadraticAbove[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	delta := reference.Sub(next, s.y)
	linear, linearSize := reference.Inner(s.gradient(t, im), delta)
	_, linearBound := reference.Inner(s.bounds.Gradient(), delta)
	quad, quadSize := s.quadratic(delta)
	bound := s.bounds.Value() + other.bounds.Value() + linearBound + gamma(200)*(linearSize+quadSize)
	before, after := s.energy(t, im, s.y), s.energy(t, im, next)
	t.Within("E₁(Y′) above its quadratic majorizer", after-(before+linear+quad), bound)
	t.Informative(quad > 8*bound)
}

// quadratic returns ½⟨δA, LδA⟩ and the size of its terms.
func (s scene[T]) quadratic(delta matrix) (value, size float64) {
	da := reference.Times(delta, s.a)
	g := reference.Kernel(s.y, s.a)
	value, size = reference.Inner(da, reference.Laplacian(g, da))
	_, weights := reference.Inner(reference.Times(absolute(delta), absolute(s.a)), reference.Times(absolute(delta), absolute(s.a)))
	return value / 2, size + float64(s.y.Rows)*weights
}

func (s scene[T]) majorizer(t *Trial, im *spec.Implementation[T], y matrix) float64 {
	return float64(im.Interaction.Majorizer(input[T](t, "Y", y), input[T](t, "Y₀", s.y), input[T](t, "A", s.a)))
}

func interactionMajorizer[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	bound := s.bounds.Majorizer(other.bounds) + other.bounds.Value()
	t.Within("E₁ above its majorizer", s.energy(t, im, next)-s.majorizer(t, im, next), bound)
	here, touch := s.energy(t, im, s.y), s.bounds.Majorizer(s.bounds)+s.bounds.Value()
	t.Near("majorizer at its own point", s.majorizer(t, im, s.y), here, touch)
	t.Informative(math.Abs(here) > 8*touch)
}

func interactionMajorizerGap[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	gap, size := reference.KL(s.y, next, s.a)
	bound := s.bounds.Majorizer(other.bounds) + other.bounds.Value() +
		16*unit64*size + s.bounds64().Majorizer(other.bounds64())
	t.Near("majorizer minus E₁", s.majorizer(t, im, next)-s.energy(t, im, next), gap, bound)
	t.Informative(gap > 8*bound)
}

// bounds64 returns the bounds for the judge's own arithmetic.
func (s scene[T]) bounds64() *reference.InteractionBounds {
	return reference.NewInteractionBounds(s.y, s.a, rounding64)
}

func interactionConjugate[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	z := t.Number("z", -20, 80)
	u := spec.Unit[T]()
	best := math.Exp(-z)
	g := t.Power("g", -80, 30)
	if t.Bool("zero") {
		g = 0
	}
	size := math.Abs(g*z) + g
	if g > 0 {
		size += math.Abs(g * math.Log(g))
	}
	value := g*z + float64(im.Interaction.Conjugate(T(g)))
	t.Within("−e^{−z} above gz + g log g − g", -best-value, 8*u*size+8*unit64*best)
	// At the minimiser; rounding g moves the value by the square of that only.
	at := float64(T(best))
	touch := at*z + float64(im.Interaction.Conjugate(T(at)))
	t.Near("gz + g log g − g at g = e^{−z}", touch, -best, 8*u*(1+math.Abs(z))*best+u*u*best)
	t.Sometimes("g = 0", g == 0)
}

func interactionMasterIdentity[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 2, 9)
	next := drawSecond(t, s.y)
	other := newScene[T](t, next, s.a)
	delta := reference.Sub(next, s.y)
	linear, linearSize := reference.Inner(s.gradient(t, im), delta)
	_, linearBound := reference.Inner(s.bounds.Gradient(), delta)
	quad, quadSize := s.quadratic(delta)
	kl, klSize := reference.KL(s.y, next, s.a)
	bound := s.bounds.Value() + other.bounds.Value() + linearBound +
		s.bounds64().Majorizer(other.bounds64()) + gamma(300)*(linearSize+quadSize) + 16*unit64*klSize
	want := -linear - quad + kl
	t.Near("E₁(Y) − E₁(Y′)", s.energy(t, im, s.y)-s.energy(t, im, next), want, bound)
	t.Informative(math.Abs(linear)+quad+kl > 8*bound)
}
