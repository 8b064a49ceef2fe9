package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

func attentionOneKey[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keys, l.queries, l.noMask, l.noCausal = 300, 5, true, true
	if t.Bool("many keys") {
		l.leastKeys = 129
	}
	s := drawAttention[T](t, l)
	m, n := s.q.Shape[2], s.k.Shape[2]
	first := t.Int("first", 0, n-1)
	if t.Bool("from the end") {
		first = n - 1 - first
	}
	s.opt.Mask = newMask(m, n, func(i, j int) bool { return j == (first+i)%n })
	want := tensorLike(s.shapeOut(), func(b, h, i, c int) float64 {
		return s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), (first+i)%n, c) + 0
	})
	sameTensorBits(t, "output", unsignedZeros(s.run(t, im)), want)
	t.Informative(n > 1 && someNonzero(want))
	t.Sometimes("key beyond 127", first > 127)
}

func attentionMean[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 9, []gen.Kind{gen.Ints}, []gen.Kind{gen.Ints})
	n := s.k.Shape[2]
	s.opt = spec.AttentionOptions{Scale: math.Ldexp(1, t.Int("exponent", -3, 1))}
	shown := 1 << t.Int("log₂ of allowed keys", 0, 7)
	// Every n-th key is a copy of the first key; those in between are masked.
	gap := t.Int("gap", 1, 3)
	total := shown * gap
	v := t.Matrix("values", total, s.v.Shape[3], []gen.Kind{gen.Ints, gen.Iota}, 0, 0)
	s.v = tensorOf(v, 1, 1, total)
	s.k = gather(s.k, 2, make([]int, total))
	s.opt.Mask = newMask(s.q.Shape[2], total, func(_, j int) bool { return j%gap == 0 })
	want := tensorLike(s.shapeOut(), func(_, _, _, c int) float64 {
		var sum float64
		for j := 0; j < total; j += gap {
			sum += v.At(j, c)
		}
		return float64(T(sum / float64(shown)))
	})
	sameTensorBits(t, "output", unsignedZeros(s.run(t, im)), want)
	t.Informative(shown > 1 && someNonzero(want) && n > 0)
}
