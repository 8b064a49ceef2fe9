package props

import (
	"math"

	"example.com/attest/internal/guard"
	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// wideGradients are sizes beyond one block of queries and of keys, for claims that
// need no bound.
func wideGradients() attentionSizes {
	l := gradientSizes
	l.queries, l.keys = 49, 65
	return l
}

// hideKeys masks some keys for all queries.
func (s *gradientScene[T]) hideKeys(t *Trial) {
	m, n := s.q.Shape[2], s.k.Shape[2]
	x, kept := t.Matrix("hidden", 1, n, []gen.Kind{gen.Ints, gen.OneHot, gen.Coarse}, 0, 0), s.opt.Mask
	s.opt.Mask = newMask(m, n, func(i, j int) bool {
		return x.At(0, j) <= 0.25 && (kept == nil || kept.At(0, 0, i, j))
	})
}

func hiddenKeysGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, wideGradients())
	s.hideKeys(t)
	got := s.run(t, im)
	hidden, shown := false, false
	for n, x := range []tensor{got.k, got.v} {
		eachElement(x.Shape, func(b, g, j, c int) {
			if s.seen(b, g, j) {
				shown = shown || x.At(b, g, j, c) != 0
				return
			}
			hidden = true
			t.Bits(atTensor(gradientNames[n+1]+" of a hidden key", b, g, j, c), x.At(b, g, j, c), 0)
		})
	}
	t.Informative(hidden && shown)
}

func deafQueryGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := wideGradients()
	l.leastQueries = 2
	s := drawGradient[T](t, l)
	m, n, kept := s.q.Shape[2], s.k.Shape[2], s.opt.Mask
	deaf := t.Int("deaf", 0, 48) % m
	s.opt.Mask = newMask(m, n, func(i, j int) bool { return i != deaf && (kept == nil || kept.At(0, 0, i, j)) })
	s.bare = true
	poison, spoilt := drawPoison(t), s
	spoil := func(x tensor) tensor {
		return tensorLike(x.Shape, func(b, h, i, c int) float64 {
			if s.visible(b, h, i) == 0 {
				return poison
			}
			return x.At(b, h, i, c)
		})
	}
	spoilt.q, spoilt.dOut = spoil(s.q), spoil(s.dOut)
	got, want := spoilt.run(t, im), s.run(t, im)
	sameGradients(t, got, want)
	eachElement(got.q.Shape, func(b, h, i, c int) {
		if s.visible(b, h, i) == 0 {
			t.Bits(atTensor("dQ without an allowed key", b, h, i, c), got.q.At(b, h, i, c), 0)
		}
	})
	t.Informative(someNonzero(want.v))
}

func gradientPoison[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, wideGradients())
	s.hideKeys(t)
	s.bare = true
	poison, spoilt := drawPoison(t), s
	spoilt.k, spoilt.v = s.poisoned(s.k, poison), s.poisoned(s.v, poison)
	want := s.run(t, im)
	sameGradients(t, spoilt.run(t, im), want)
	hidden := false
	for j := range s.k.Shape[2] {
		hidden = hidden || !s.seen(0, 0, j)
	}
	t.Informative(hidden && someNonzero(want.v))
}

// plusZero makes −0 into 0: which zero a sum of zeros is says nothing.
func plusZero(g gradients, factor float64) gradients {
	return eachGradient(g, func(_ int, x tensor) tensor {
		return mapTensor(x, func(e float64) float64 { return factor*e + 0 })
	})
}

func gradientPowers[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, calmGradients())
	s.withoutUnderflow(t)
	c := math.Ldexp(1, t.Int("k", -8, 8))
	if t.Bool("negative") {
		c = -c
	}
	other := s
	other.dOut = mapTensor(s.dOut, func(x float64) float64 { return c * x })
	want := plusZero(s.run(t, im), c)
	sameGradients(t, plusZero(other.run(t, im), 1), want)
	t.Informative(c != 1 && someNonzero(want.q))
}

func gradientOfOtherValues[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, wideGradients())
	other := s
	v := t.Matrix("V′", s.v.Shape[0]*s.v.Shape[1]*s.v.Shape[2], s.v.Shape[3], valueKinds, -2, 2)
	other.v = tensorOf(v, s.v.Shape[0], s.v.Shape[1], s.v.Shape[2])
	want := s.run(t, im).v
	sameTensorBits(t, "dV", other.run(t, im).v, want)
	t.Informative(someNonzero(want))
}

func gradientScale[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, calmGradients())
	s.withoutUnderflow(t)
	k := t.Int("k", -4, 4)
	other := s
	other.q = mapTensor(s.q, func(x float64) float64 { return math.Ldexp(x, 2*k) })
	other.opt.Scale = math.Ldexp(s.opt.Scale, -2*k)
	want, got := s.run(t, im), other.run(t, im)
	got.q = mapTensor(got.q, func(x float64) float64 { return math.Ldexp(x, 2*k) })
	sameGradients(t, got, want)
	t.Informative(k != 0 && want.tells(s.errors(t, im)))
}

func gradientViews[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, wideGradients())
	s.layout, s.bare = packed, true
	repeated := map[string]layout{"Q": drawRepeated(t, "Q", &s.q), "K": drawRepeated(t, "K", &s.k), "V": drawRepeated(t, "V", &s.v),
		"dOut": drawRepeated(t, "dOut", &s.dOut)}
	other := s
	other.viewed(t, repeated, "dQ", "dK", "dV")
	want := s.run(t, im)
	sameGradients(t, other.run(t, im), want)
	sameGradients(t, s.run(t, im), want)
	t.Informative(someNonzero(want.v))
}

// gradientMemory hands over operands that end, or begin, right at an unreadable
// page, and compares with a call in ordinary memory.
func gradientMemory[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	var s gradientScene[T]
	if t.Bool("no key") {
		s = withOutputGradient(t, drawEmpty[T](t, "keys"), valueKinds)
	} else {
		// Small enough that few implementations start goroutines: a fault in one
		// of those would end the program.
		s = drawGradient[T](t, gradientSizes)
	}
	if t.Bool("packed") {
		s.layout = packed
	}
	side := guard.Before
	if t.Bool("behind") {
		side = guard.Behind
	}
	m := guarded[T]{t: t, layout: s.layout, side: side}
	dst := spec.AttentionGradients[T]{Query: m.lend("dQ", s.q, true), Key: m.lend("dK", s.k, true), Value: m.lend("dV", s.v, true)}
	dOut, q, k, v := m.lend("dOut", s.dOut, false), m.lend("Q", s.q, false), m.lend("K", s.k, false), m.lend("V", s.v, false)
	m.call(func() { im.AttentionBackward(dst, dOut, q, k, v, &s.opt) })
	plain := spec.AttentionGradients[T]{Query: ordinary(dst.Query, true), Key: ordinary(dst.Key, true), Value: ordinary(dst.Value, true)}
	im.AttentionBackward(plain, ordinary(dOut, false), ordinary(q, false), ordinary(k, false), ordinary(v, false), &s.opt)
	for n, x := range [][2]spec.Tensor[T]{{dst.Query, plain.Query}, {dst.Key, plain.Key}, {dst.Value, plain.Value}} {
		eachElement(x[0].Shape, func(b, h, i, c int) {
			t.Check(!math.IsNaN(float64(x[0].At(b, h, i, c))), "%s was not written", atTensor(gradientNames[n], b, h, i, c))
		})
		sameTensorBits(t, gradientNames[n], wideTensor(x[0]), wideTensor(x[1]))
	}
}
