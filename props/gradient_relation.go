package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// agree requires got, which the implementation computed for s, to lie within the
// bounds of s and boundWant of want.
func (s gradientScene[T]) agree(t *Trial, im *spec.Implementation[T], got, want, boundWant gradients) {
	bound := addGradients(s.errors(t, im), boundWant)
	nearGradients(t, got, want, bound)
	t.Informative(want.tells(bound))
}

// summed returns x with the elements along an axis added up in parts: element n of
// the result is the sum of the elements of x for which part is n.
func summed(x tensor, axis, parts int, part func(at int) int) tensor {
	shape := x.Shape
	shape[axis] = parts
	out := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
	eachElement(x.Shape, func(b, h, i, c int) {
		to := [4]int{b, h, i, c}
		to[axis] = part(to[axis])
		out.Set(to[0], to[1], to[2], to[3], out.At(to[0], to[1], to[2], to[3])+x.At(b, h, i, c))
	})
	return out
}

// summedBound is summed for bounds of terms: float64 adds what its sums lose.
func summedBound(bound, x tensor, axis, parts int, part func(at int) int) tensor {
	sizes := summed(mapTensor(x, math.Abs), axis, parts, part)
	lost := gamma(x.Shape[axis] + 1)
	return addTensors(summed(bound, axis, parts, part), mapTensor(sizes, func(e float64) float64 { return lost * e }))
}

func gradientGrouped[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.group = 2
	s := drawGradient[T](t, l)
	heads, keyHeads := s.q.Shape[1], s.k.Shape[1]
	var from []int
	for h := range heads {
		from = append(from, h/(heads/keyHeads))
	}
	other := s
	other.k, other.v = gather(s.k, 1, from), gather(s.v, 1, from)
	want, bound := other.run(t, im), other.errors(t, im)
	part := func(h int) int { return from[h] }
	for _, n := range []int{1, 2} {
		x, e := want.all()[n], bound.all()[n]
		*e = summedBound(*e, *x, 1, keyHeads, part)
		*x = summed(*x, 1, keyHeads, part)
	}
	s.agree(t, im, s.run(t, im), want, bound)
}

func gradientSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawAttention[T](t, gradientSizes), exactKinds)
	second, sum := s, s
	more := t.Matrix("dOut′", s.dOut.Shape[0]*s.dOut.Shape[1]*s.dOut.Shape[2], s.dOut.Shape[3], exactKinds, -2, 2)
	second.dOut = tensorOf(more, s.dOut.Shape[0], s.dOut.Shape[1], s.dOut.Shape[2])
	sum.dOut = addTensors(s.dOut, second.dOut)
	want := addGradients(s.run(t, im), second.run(t, im))
	sum.agree(t, im, sum.run(t, im), want, addGradients(s.errors(t, im), second.errors(t, im)))
}

func gradientKeyOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	order := permutation(t, "order", s.k.Shape[2])
	other := s.changed(func(s *attentionScene[T]) { *s = s.withKeys(order) })
	move := func(g gradients) gradients {
		g.k, g.v = gather(g.k, 2, order), gather(g.v, 2, order)
		return g
	}
	other.agree(t, im, other.run(t, im), move(s.run(t, im)), move(s.errors(t, im)))
}

func gradientHeadAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.keyHeads = 2
	s := drawGradient[T](t, l)
	g, group := t.Int("key head", 0, 1)%s.k.Shape[1], s.q.Shape[1]/s.k.Shape[1]
	heads := span(g*group, (g+1)*group)
	alone := s.withQueryHeads(heads)
	alone.k, alone.v = gather(s.k, 1, []int{g}), gather(s.v, 1, []int{g})
	of := func(x gradients) gradients {
		return gradients{q: gather(x.q, 1, heads), k: gather(x.k, 1, []int{g}), v: gather(x.v, 1, []int{g})}
	}
	alone.agree(t, im, of(s.run(t, im)), alone.run(t, im), of(s.errors(t, im)))
}

func gradientBatchAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.batch = 2
	s := drawGradient[T](t, l)
	b := []int{t.Int("one", 0, 1) % s.q.Shape[0]}
	alone := s
	alone.dOut, alone.q, alone.k, alone.v = gather(s.dOut, 0, b), gather(s.q, 0, b), gather(s.k, 0, b), gather(s.v, 0, b)
	of := func(x gradients) gradients {
		return gradients{q: gather(x.q, 0, b), k: gather(x.k, 0, b), v: gather(x.v, 0, b)}
	}
	alone.agree(t, im, of(s.run(t, im)), alone.run(t, im), of(s.errors(t, im)))
}

// part returns s with the queries lo to hi alone.
func (s gradientScene[T]) part(lo, hi int) gradientScene[T] {
	return gradientScene[T]{s.withQueries(lo, hi), gather(s.dOut, 2, span(lo, hi))}
}

func gradientOfQueries[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.leastQueries, l.queries, l.keys = 2, 49, 9
	s := drawGradient[T](t, l)
	m := s.q.Shape[2]
	cut := 1 + t.Int("cut", 0, 47)%(m-1)
	first, later := s.part(0, cut), s.part(cut, m)
	x, y, e, f := first.run(t, im), later.run(t, im), first.errors(t, im), later.errors(t, im)
	join := func(x, y tensor) tensor {
		return tensorLike(s.q.Shape, func(b, h, i, c int) float64 {
			if i < cut {
				return x.At(b, h, i, c)
			}
			return y.At(b, h, i-cut, c)
		})
	}
	want := gradients{q: join(x.q, y.q), k: addTensors(x.k, y.k), v: addTensors(x.v, y.v)}
	s.agree(t, im, s.run(t, im), want, gradients{q: join(e.q, f.q), k: addTensors(e.k, f.k), v: addTensors(e.v, f.v)})
	t.Sometimes("more than 32 queries", m > 32)
}

func gradientZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.leastQueries = 2
	s := drawGradient[T](t, l)
	m := s.q.Shape[2]
	cut := 1 + t.Int("cut", 0, 7)%(m-1)
	quiet := func(from int) gradientScene[T] {
		out := s
		out.dOut = tensorLike(s.dOut.Shape, func(b, h, i, c int) float64 {
			if i >= from {
				return 0
			}
			return s.dOut.At(b, h, i, c)
		})
		return out
	}
	none := quiet(0).run(t, im)
	for n, x := range none.all() {
		eachElement(x.Shape, func(b, h, i, c int) {
			t.Near(atTensor(gradientNames[n]+" of no output", b, h, i, c), x.At(b, h, i, c), 0, 0)
		})
	}
	some, first := quiet(cut), s.part(0, cut)
	got, e := some.run(t, im), some.errors(t, im)
	got.q, e.q = gather(got.q, 2, span(0, cut)), gather(e.q, 2, span(0, cut))
	first.agree(t, im, got, first.run(t, im), e)
}

func gradientEqualValues[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.equalValues()
	got, bound := s.run(t, im), s.errors(t, im)
	telling := s.queryAndKeyGradientsZero(t, got, bound)
	t.Informative(telling)
}

func equalValuesBesideSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawSingle[T](t, 4, exactKinds, exactKinds), exactKinds)
	s.equalValues()
	s.opt.Sinks = []float32{float32(t.Int("sink", -3, 3))}
	s.queryAndKeyGradientsZero(t, s.run(t, im), s.errors(t, im))
}

// equalValues gives all keys the value of the first.
func (s *gradientScene[T]) equalValues() {
	s.v = gather(s.v, 2, make([]int, s.v.Shape[2]))
}

// queryAndKeyGradientsZero requires dQ and dK to vanish, and reports whether they
// would not if D were left out.
func (s gradientScene[T]) queryAndKeyGradientsZero(t *Trial, got, bound gradients) bool {
	zero := func(x tensor) tensor { return mapTensor(x, func(float64) float64 { return 0 }) }
	nearTensor(t, "dQ", got.q, zero(got.q), bound.q)
	nearTensor(t, "dK", got.k, zero(got.k), bound.k)
	telling := false
	eachElement(s.dOut.Shape, func(b, h, i, _ int) {
		if s.visible(b, h, i) < 2 {
			return
		}
		dP := dotRows(s.dOut, b, h, i, s.v, b, s.keyHead(h), 0)
		for c := range s.q.Shape[3] {
			var least float64 // of Scale·Σ aⱼdP·kⱼ where all keys have one sign
			lo, hi := math.Inf(1), math.Inf(-1)
			for j := range s.k.Shape[2] {
				if s.opt.Allowed(b, h, i, j) {
					x := s.k.At(b, s.keyHead(h), j, c)
					lo, hi = min(lo, x), max(hi, x)
				}
			}
			if lo > 0 || hi < 0 {
				least = min(math.Abs(lo), math.Abs(hi)) * math.Abs(s.opt.Scale*dP)
			}
			telling = telling || least > 8*bound.q.At(b, h, i, c)
		}
	})
	return telling
}

func gradientTranslation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.queryKeys = exactKinds
	s := drawGradient[T](t, l)
	s.translated(t, im)
	t.Informative(someNonzero(s.q))
}

func translationOfCapped[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawSingle[T](t, 4, exactKinds, exactKinds), exactKinds)
	s.opt.Softcap = 1
	s.translated(t, im)
}

func translationBesideSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawSingle[T](t, 4, exactKinds, exactKinds), exactKinds)
	s.opt.Sinks = []float32{float32(t.Int("sink", -3, 3))}
	// The sinks' own gradients are for other claims.
	s.translated(t, im)
}

// translated adds a vector to all keys and compares the gradients of query, key
// and value.
func (s gradientScene[T]) translated(t *Trial, im *spec.Implementation[T]) {
	shift := t.Matrix("shift", 1, s.k.Shape[3], []gen.Kind{gen.Ints}, 0, 3)
	other := s
	other.k = tensorLike(s.k.Shape, func(b, h, j, c int) float64 { return s.k.At(b, h, j, c) + shift.At(0, c) })
	got, want, e := other.run(t, im), s.run(t, im), s.errors(t, im)
	want.sinks, e.sinks = tensor{}, tensor{}
	bound := addGradients(e, other.errors(t, im))
	nearGradients(t, got, want, bound)
	t.Informative(want.tells(bound))
}

func gradientCopies[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.keys = 17
	s := drawGradient[T](t, l)
	n := s.k.Shape[2]
	var places []int
	for range t.Int("times", 2, 4) {
		places = append(places, span(0, n)...)
	}
	other := s.changed(func(s *attentionScene[T]) { *s = s.withKeys(places) })
	got, e := other.run(t, im), other.errors(t, im)
	part := func(j int) int { return places[j] }
	for _, k := range []int{1, 2} {
		x, f := got.all()[k], e.all()[k]
		*f = summedBound(*f, *x, 2, n, part)
		*x = summed(*x, 2, n, part)
	}
	s.agree(t, im, got, s.run(t, im), e)
}

func gradientCausal[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.noCausal, l.leastQueries = true, 2
	s := drawGradient[T](t, l)
	plain, m, n := s, s.q.Shape[2], s.k.Shape[2]
	s.opt.Causal, s.opt.Offset = true, t.Int("first", -3, 20)
	other := s
	other.opt.Causal, other.opt.Offset = false, 0
	other.opt.Mask = newMask(m, n, func(i, j int) bool {
		return j <= i+s.opt.Offset && (s.opt.Mask == nil || s.opt.Mask.At(0, 0, i, j))
	})
	bound := other.errors(t, im)
	s.agree(t, im, s.run(t, im), other.run(t, im), bound)
	t.Informative(s.apartFrom(plain, im, bound))
}

func gradientOfSharedBias[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.drawSharedBias(t, im)
	other, keys := s, s.opt.Bias.Keys
	other.opt.Bias = s.fullBias(func(b, h, i, j int) float64 {
		if j >= keys {
			return math.Inf(-1)
		}
		return s.opt.BiasAt(b, h, i, j)
	})
	got, want, e := s.run(t, im), other.run(t, im), other.errors(t, im)
	shape := got.bias.Shape
	for axis := range 4 {
		parts := shape[axis]
		part := func(at int) int { return min(at, parts-1) }
		if axis == 3 { // places that the bias does not have
			keep := span(0, keys)
			want.bias, e.bias = gather(want.bias, 3, keep), gather(e.bias, 3, keep)
			continue
		}
		if want.bias.Shape[axis] != parts {
			e.bias = summedBound(e.bias, want.bias, axis, parts, part)
			want.bias = summed(want.bias, axis, parts, part)
		}
	}
	s.agree(t, im, got, want, e)
	t.Informative(shape != [4]int{s.q.Shape[0], s.q.Shape[1], s.q.Shape[2], s.k.Shape[2]})
}

func gradientAbsentKeys[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.noCausal = true
	s := drawGradient[T](t, l)
	s.hideKeys(t)
	var kept []int
	for j := range s.k.Shape[2] {
		if s.seen(0, 0, j) || j == 0 {
			kept = append(kept, j)
		}
	}
	absent := s.changed(func(s *attentionScene[T]) { *s = s.withKeys(kept) })
	of := func(g gradients) gradients {
		g.k, g.v = gather(g.k, 2, kept), gather(g.v, 2, kept)
		return g
	}
	absent.agree(t, im, of(s.run(t, im)), absent.run(t, im), of(s.errors(t, im)))
	t.Informative(len(kept) < s.k.Shape[2])
}
