package props

import (
	"fmt"
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// turned is an approximation of exact rows that were multiplied by an orthogonal
// matrix, and how far each element may be off.
type turned struct{ x, err tensor }

// newTurned returns exact rows.
func newTurned(x tensor) turned {
	return turned{x, spec.NewTensor[float64](x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3])}
}

// mirrored returns x(I − 2wwᵀ/‖w‖²), x itself for w = 0.
func mirrored(x, w []float64) []float64 {
	out := slices.Clone(x)
	if norm2 := reference.Dot(w, w); norm2 > 0 {
		c := 2 * reference.Dot(x, w) / norm2
		for k := range out {
			out[k] -= c * w[k]
		}
	}
	return out
}

// reflected returns the rows of s times I − 2wwᵀ/|w|². Row x becomes
// xₖ − 2wₖ(w·x)/|w|². Evaluating it costs at most 2d + 8 roundings, in each order
// of summation, of |xₖ| + 2|wₖ|Σ|wₗxₗ|/|w|², and what x itself is off passes
// through the matrix.
func (s turned) reflected(w []float64) turned {
	length := reference.Dot(w, w)
	if length == 0 {
		return s
	}
	d := s.x.Shape[3]
	out := newTurned(spec.NewTensor[float64](s.x.Shape[0], s.x.Shape[1], s.x.Shape[2], d))
	for b := range s.x.Shape[0] {
		for h := range s.x.Shape[1] {
			for i := range s.x.Shape[2] {
				row := make([]float64, d)
				var size, err float64
				for c, wc := range w {
					row[c] = s.x.At(b, h, i, c)
					size += math.Abs(wc * row[c])
					err += math.Abs(wc) * s.err.At(b, h, i, c)
				}
				for c, x := range mirrored(row, w) {
					f := 2 * math.Abs(w[c]) / length
					out.x.Set(b, h, i, c, x)
					out.err.Set(b, h, i, c, s.err.At(b, h, i, c)+f*err+gamma(2*d+8)*(math.Abs(row[c])+f*size))
				}
			}
		}
	}
	return out
}

// rounded returns s with elements of type T.
func (s turned) rounded(to func(x float64) float64) turned {
	return turned{mapTensor(s.x, to), tensorLike(s.x.Shape, func(b, h, i, c int) float64 {
		x := s.x.At(b, h, i, c)
		return s.err.At(b, h, i, c) + math.Abs(to(x)-x)
	})}
}

// headChannelsRotated multiplies queries and keys by the same product of
// reflections. The bound is evaluated at the rounded rows and counts how far they
// are off.
func headChannelsRotated[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastChannels, l.queries = 2, 9
	s := drawAttention[T](t, l)
	q, k := newTurned(s.q), newTurned(s.k)
	mixed := false
	for n := range t.Int("reflections", 1, 3) {
		w := t.Matrix(fmt.Sprintf("normal %d", n), 1, s.q.Shape[3], []gen.Kind{gen.Normal, gen.Coarse, gen.One, gen.Heavy}, 0, 0).Row(0)
		q, k = q.reflected(w), k.reflected(w)
		mixed = mixed || w[0] != 0 && w[len(w)-1] != 0
	}
	q, k = q.rounded(roundTo[T]), k.rounded(roundTo[T])
	other := s
	other.q, other.k = q.x, k.x
	bound, ok := reference.AttentionBound(other.q, other.k, other.v, &other.opt, im.Profile, reference.RoundingOf[T](),
		reference.InputError{Query: q.err, Key: k.err})
	if !ok {
		t.Undecidable()
	}
	s.agree(t, im, other.run(t, im), s.run(t, im), bound)
	t.Informative(mixed)
}

// roundTo returns x as T stores it.
func roundTo[T spec.Float](x float64) float64 { return float64(T(x)) }

// entropyFalls compares the entropies of the weights under two scales. Each weight
// lies within its bound of what was computed; so each entropy lies between two
// sums, and that of the steeper weights must not begin above the end of the other.
func entropyFalls[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.qkLo, l.qkHi, l.keys, l.values = -1, 1, 33, []gen.Kind{gen.Zero}
	s := drawAttention[T](t, l)
	s.v = identityValues(s.v.Shape, s.k.Shape[2])
	steeper := s
	steeper.opt.Scale *= t.Power("times", 0, 3)
	lo, hi := s.entropies(t, im)
	lowest, highest := steeper.entropies(t, im)
	telling := false
	eachElement(lo.Shape, func(b, h, i, _ int) {
		end := hi.At(b, h, i, 0)
		t.Within(atTensor("rise of the entropy", b, h, i, 0), lowest.At(b, h, i, 0)-end, unit64*end)
		fall, doubt := lo.At(b, h, i, 0)-highest.At(b, h, i, 0), end-lo.At(b, h, i, 0)
		telling = telling || fall > 8*(doubt+highest.At(b, h, i, 0)-lowest.At(b, h, i, 0))
	})
	t.Informative(telling)
}

// entropies returns between which numbers the entropies −Σa·log a of the weights
// lie that s computes.
func (s attentionScene[T]) entropies(t *Trial, im *spec.Implementation[T]) (lo, hi tensor) {
	a, e := s.run(t, im), s.bound(t, im)
	lo = spec.NewTensor[float64](a.Shape[0], a.Shape[1], a.Shape[2], 1)
	hi = spec.NewTensor[float64](a.Shape[0], a.Shape[1], a.Shape[2], 1)
	eachElement(a.Shape, func(b, h, i, j int) {
		least, most := entropyBetween(a.At(b, h, i, j)-e.At(b, h, i, j), a.At(b, h, i, j)+e.At(b, h, i, j))
		lo.Set(b, h, i, 0, lo.At(b, h, i, 0)+least)
		hi.Set(b, h, i, 0, hi.At(b, h, i, 0)+most)
	})
	n := a.Shape[3] + 8 // roundings of a sum of terms with an error of a few units
	return mapTensor(lo, func(x float64) float64 { return x - gamma(n)*math.Abs(x) }), mapTensor(hi, func(x float64) float64 { return x + gamma(n)*x })
}

// entropyBetween returns the least and the largest −x·log x for x from lo to hi in
// [0, 1], both of which may have been rounded once. It rises up to 1/e and falls from
// there.
func entropyBetween(lo, hi float64) (least, most float64) {
	of := func(x float64) float64 {
		if x <= 0 {
			return 0
		}
		return -x * math.Log(x)
	}
	lo, hi = max(0, math.Nextafter(lo, -1)), min(1, math.Nextafter(hi, 2)) // near 1 a unit of x is much of it
	least, most = min(of(lo), of(hi)), max(of(lo), of(hi))
	if lo < 1/math.E && hi > 1/math.E {
		most = 1 / math.E
	}
	return least, most
}
