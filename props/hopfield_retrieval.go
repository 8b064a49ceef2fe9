package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// nearness is how near patterns are to one state.
type nearness struct {
	best int     // place of the nearest
	gap  float64 // by how much less near the next is, at least
	size float64 // of the products
}

// nearest returns that of state i: patterns are near by their products with it or,
// by distance, by −‖q−kⱼ‖²/2.
func (s hopfieldScene[T]) nearest(i int, byDistance bool) nearness {
	seen, q := s.seen(), s.q.Row(i)
	n := nearness{gap: math.Inf(1)}
	near := make([]float64, seen.Rows)
	for j := range near {
		k := seen.Row(j)
		n.size = max(n.size, reference.Dot(absRow(k), absRow(q)))
		near[j] = reference.Dot(k, q)
		if byDistance {
			near[j] = -reference.HalfSquaredDistance(spec.MatrixOf(k, q), matrix{}, 0, 1)
		}
		if near[j] > near[n.best] {
			n.best = j
		}
	}
	rounding := gamma(4*len(q)+8) * n.size
	if byDistance {
		rounding += gamma(4*len(q)+8) * (reference.Dot(q, q) + reference.Dot(seen.Data, seen.Data))
	}
	for j := range near {
		if j != n.best {
			n.gap = min(n.gap, near[n.best]-near[j]-rounding)
		}
	}
	n.gap = max(0, n.gap)
	return n
}

// retrieves checks the step with η = 1 against the pattern nearest to each state, which
// has all but (n−1)exp(−β(gap − off)) of the weight.
func (s hopfieldScene[T]) retrieves(t *Trial, im *spec.Implementation[T], byDistance bool, off float64) {
	next, eps, seen := s.step(t, im, 1), s.stepBound(t, 1), s.seen()
	told, far := false, false
	for i := range s.q.Rows {
		n := s.nearest(i, byDistance)
		share := float64(seen.Rows-1) * math.Exp(-s.beta*max(0, n.gap-off))
		for k := range s.q.Cols {
			best, reach := seen.At(n.best, k), 0.0
			for j := range seen.Rows {
				reach = max(reach, math.Abs(seen.At(j, k)-best))
			}
			bound := eps.At(i, k) + (1+0x1p-40)*share*reach + unit64*math.Abs(best)
			t.Within(at("error of the retrieved pattern", i, k), math.Abs(next.At(i, k)-best), bound)
			told = told || math.Abs(s.q.At(i, k)-best) > 8*bound && reach > 8*bound
		}
		far = far || s.beta*n.size > 100
	}
	t.Informative(told)
	t.Sometimes("logits above 100", far)
}

func hopfieldRetrieval[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 5, 1, 17)
	s.beta *= t.Power("sharpness", 2, 8)
	s.retrieves(t, im, false, 0)
}

// hopfieldNearest asks for the pattern of least distance, whatever the norms.
func hopfieldNearest[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawHopfield[T](t, 1, 2, 1, 5)
	s.retrieves(t, im, true, 0)
}

// hopfieldNearestOfEqualNorms draws patterns of one norm up to rounding, of which off
// is what it takes from the gap.
func hopfieldNearestOfEqualNorms[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	m, n, d := t.Size("m", 1, 5), t.Size("n", 1, 17), t.Size("d", 1, 9)
	s := hopfieldScene[T]{q: t.Matrix("Q", m, d, gen.Tokens, -2, 1), k: t.Matrix("K", n, d, []gen.Kind{gen.EqualNorm, gen.OneHot}, -1, 2),
		beta: t.Power("beta", 0, 8)}
	lo, hi := math.Inf(1), 0.0
	for j := range n {
		half := reference.Dot(s.k.Row(j), s.k.Row(j)) / 2
		lo, hi = min(lo, half), max(hi, half)
	}
	s.retrieves(t, im, true, hi-lo+gamma(2*d+4)*hi)
}
