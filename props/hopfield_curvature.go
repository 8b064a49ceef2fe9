package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// middle returns how far E in the middle of three states lies above the mean of the
// others, and the bound of that.
func (s hopfieldScene[T]) middle(t *Trial, im *spec.Implementation[T]) (above, bound float64) {
	e, eps := s.energy(t, im), s.energyBound(t)
	lo, mid, hi := e.At(0, 0), e.At(1, 0), e.At(2, 0)
	bound = eps.At(1, 0) + (eps.At(0, 0)+eps.At(2, 0))/2 + gamma(6)*(math.Abs(lo)+math.Abs(mid)+math.Abs(hi))
	return mid - lo/2 - hi/2, bound
}

// hopfieldConvex chooses β from the diameter of the patterns.
func hopfieldConvex[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, v := drawAround[T](t, -2)
	diameter := diameter(s.seen(), matrix{}) * (1 + 0x1p-40)
	s.beta = below(min(8, t.Number("part of 4/D²", 0x1p-6, 1)*4/(diameter*diameter)) * (1 - 0x1p-20))
	above, bound := s.middle(t, im)
	convexity := (1 - s.beta*diameter*diameter/4) * reference.Dot(v, v) / 2
	t.Within("E(q) above ½E(q+v) + ½E(q−v) less the convexity", above+convexity, bound+gamma(len(v)+8)*reference.Dot(v, v))
	t.Informative(-above > 8*bound)
	t.Sometimes("βD² above 3", s.beta*diameter*diameter > 3)
}

func hopfieldConvexOfAnyBeta[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, v := drawAround[T](t, 0)
	above, bound := s.middle(t, im)
	diameter := diameter(s.seen(), matrix{})
	least := (s.beta*diameter*diameter/4 - 1) * reference.Dot(v, v) / 2
	t.Require(above <= least+bound+gamma(len(v)+8)*(least+reference.Dot(v, v)), "E is less convex than the patterns' diameter allows")
	t.Within("E(q) above ½E(q+v) + ½E(q−v)", above, bound)
}

func hopfieldLipschitz[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	d := t.Size("d", 1, 9)
	s := drawPatterns[T](t, 1, 17, d, -2, 1)
	q, shift := t.Matrix("Q", 1, d, gen.Tokens, -2, 1), t.Matrix("V", 1, d, gen.Tokens, -4, 0)
	s.q = spec.MatrixOf(q.Row(0), roundedTo[T](plus(q, shift)).Row(0))
	next, eps := s.step(t, im, 1), s.stepBound(t, 1)
	between := func(m matrix) float64 {
		return reference.Norm(reference.Sub(spec.MatrixOf(m.Row(0)), spec.MatrixOf(m.Row(1))).Row(0))
	}
	diameter := diameter(s.seen(), matrix{})
	most := s.beta * diameter * diameter / 4 * between(s.q)
	bound := reference.Norm(eps.Row(0)) + reference.Norm(eps.Row(1)) + gamma(4*d+16)*(most+between(next))
	t.Within("‖q⁺ − p⁺‖ above (βD²/4)‖q − p‖", between(next)-most, bound)
	t.Informative(between(next) > 8*bound && most < 2*diameter)
}
