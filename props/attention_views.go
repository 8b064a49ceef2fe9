package props

import (
	"maps"
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionHeadAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keyHeads = 2
	s := drawAttention[T](t, l)
	h := t.Int("head", 0, 5) % s.q.Shape[1]
	g := spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1])
	alone := s
	alone.q, alone.k, alone.v = gather(s.q, 1, []int{h}), gather(s.k, 1, []int{g}), gather(s.v, 1, []int{g})
	alone.agree(t, im, gather(s.run(t, im), 1, []int{h}), alone.run(t, im), gather(s.bound(t, im), 1, []int{h}))
	t.Informative(s.q.Shape[1] > 1)
}

func attentionGrouped[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.group = 2
	s := drawAttention[T](t, l)
	var from []int
	for h := range s.q.Shape[1] {
		from = append(from, h/(s.q.Shape[1]/s.k.Shape[1]))
	}
	other := s
	other.k, other.v = gather(s.k, 1, from), gather(s.v, 1, from)
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
	t.Informative(s.q.Shape[1] > s.k.Shape[1])
}

// attentionTiled lets query head h use key head h mod keyHeads.
func attentionTiled[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, group := t.Int("n", 1, 3), t.Int("group", 1, 3)
	const keyHeads = 2
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: 1}}
	s.q = tensorOf(t.Matrix("Q", keyHeads*group, 1, exactKinds, 0, 0), 1, keyHeads*group, 1)
	s.k = tensorOf(t.Matrix("K", keyHeads*n, 1, exactKinds, 0, 0), 1, keyHeads, n)
	s.v = tensorOf(t.Matrix("V", keyHeads*n, 1, exactKinds, 0, 0), 1, keyHeads, n)
	var from []int
	for h := range keyHeads * group {
		from = append(from, h%keyHeads)
	}
	other := s
	other.k, other.v = gather(s.k, 1, from), gather(s.v, 1, from)
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}

func attentionBatchAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.batch = 2
	s := drawAttention[T](t, l)
	b := []int{t.Int("one", 0, 1) % s.q.Shape[0]}
	alone := s
	alone.q, alone.k, alone.v = gather(s.q, 0, b), gather(s.k, 0, b), gather(s.v, 0, b)
	alone.agree(t, im, gather(s.run(t, im), 0, b), alone.run(t, im), gather(s.bound(t, im), 0, b))
	t.Informative(s.q.Shape[0] > 1)
}

func attentionQueryAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries = 2, 49
	s := drawAttention[T](t, l)
	i := t.Int("query", 0, 48) % s.q.Shape[2]
	alone := s.withQueries(i, i+1)
	alone.agree(t, im, gather(s.run(t, im), 2, []int{i}), alone.run(t, im), gather(s.bound(t, im), 2, []int{i}))
	t.Informative(s.q.Shape[2] > 1)
}

func attentionViews[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	s.layout, s.bare = packed, true // a key that repeats itself is hidden nowhere
	repeated := map[string]layout{"Q": drawRepeated(t, "Q", &s.q), "K": drawRepeated(t, "K", &s.k), "V": drawRepeated(t, "V", &s.v)}
	other := s
	other.viewed(t, repeated, "output")
	want := s.run(t, im)
	sameTensorBits(t, "output", other.run(t, im), want)
	t.Informative(someNonzero(want))
}

// drawRepeated lets x, an input, have equal elements along an axis if drawn so, and
// returns a layout that says along which.
func drawRepeated(t *Trial, name string, x *tensor) (l layout) {
	if !t.Bool(name + " repeats") {
		return l
	}
	axes := []string{"tokens", "heads", "batch"}
	axis := 2 - slices.Index(axes, t.Word(name+" repeats along", axes...))
	*x, l.repeated = gather(*x, axis, make([]int, x.Shape[axis])), axis+1
	return l
}

// viewed draws a layout for all operands of s and others for some: for inputs,
// which are given with how they repeat themselves, and outputs.
func (s *attentionScene[T]) viewed(t *Trial, inputs map[string]layout, outputs ...string) {
	layouts := map[string]layout{"heads first": headsFirst, "tokens first": tokensFirst, "sparse": sparse, "packed": packed, "channels first": channelsFirst}
	s.layout = layouts[t.Word("view", "heads first", "tokens first", "sparse")]
	s.views = map[string]layout{}
	for _, name := range append(outputs, slices.Sorted(maps.Keys(inputs))...) {
		l := s.layout
		if t.Bool(name + " otherwise") {
			l = layouts[t.Word(name+" view", "packed", "heads first", "tokens first", "sparse", "channels first")]
		}
		l.repeated = inputs[name].repeated
		s.views[name] = l
	}
}

func attentionKeyTranslation[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queryKeys = exactKinds
	s := drawAttention[T](t, l)
	shift := t.Matrix("shift", 1, s.k.Shape[3], []gen.Kind{gen.Ints}, 0, 3)
	other := s
	other.k = tensorLike(s.k.Shape, func(b, h, j, c int) float64 { return s.k.At(b, h, j, c) + shift.At(0, c) })
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
	t.Informative(someNonzero(s.q) && someNonzero(tensorOf(shift, 1, 1, 1)))
}

// padded returns s with count more channels of queries and keys: those of the
// queries zero, those of the keys 1, so that logits stay.
func (s attentionScene[T]) padded(count int) attentionScene[T] {
	pad := func(x tensor, fill float64) tensor {
		shape := x.Shape
		shape[3] += count
		return tensorLike(shape, func(b, h, i, c int) float64 {
			if c < x.Shape[3] {
				return x.At(b, h, i, c)
			}
			return fill
		})
	}
	s.q, s.k = pad(s.q, 0), pad(s.k, 1)
	return s
}

func attentionPadding[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	other := s.padded(t.Int("more", 1, 9))
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

// attentionPaddingScaled takes the scale that is usual for the padded size.
func attentionPaddingScaled[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	other := s.padded(t.Int("more", 1, 4))
	other.opt.Scale = spec.DefaultScale(other.q.Shape[3])
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

func attentionHugeLogits[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.qkLo, l.qkHi, l.queryKeys = 4, 54, []gen.Kind{gen.Normal, gen.Ints, gen.Uniform, gen.Coarse, gen.One}
	s := drawAttention[T](t, l)
	got := s.run(t, im)
	eachElement(got.Shape, func(b, h, i, c int) {
		x := got.At(b, h, i, c)
		if s.visible(b, h, i) == 0 {
			return
		}
		t.Check(!math.IsNaN(x) && !math.IsInf(x, 0), "%s is %v", atTensor("output", b, h, i, c), x)
	})
	s.inHull(t, got, im, true)
	t.Sometimes("logits beyond 10⁴", s.spread() > 1e4)
}

func attentionPrefix[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries, l.noMask, l.noCausal = 2, 49, true, true
	s := drawAttention[T](t, l)
	s.opt.Causal, s.opt.Offset = true, t.Int("first", 0, 40)
	m, n := s.q.Shape[2], s.k.Shape[2]
	head := m - t.Int("left out", 0, 48)%m
	short := s.withQueries(0, head)
	keys := span(0, max(0, min(n, head+s.opt.Offset)))
	short.k, short.v = gather(s.k, 2, keys), gather(s.v, 2, keys)
	short.agree(t, im, gather(s.run(t, im), 2, span(0, head)), short.run(t, im), gather(s.bound(t, im), 2, span(0, head)))
	t.Informative(len(keys) < n || head < m)
}

// attentionInfiniteLogits checks the sum of weights for scales that may make
// logits overflow.
func attentionInfiniteLogits[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.opt.Scale = math.Ldexp(1, t.Int("exponent", 0, 1023))
	s.weightsSumToOne(t, im)
}

// attentionDeafWeights checks the sum of weights whether a key is allowed or
// not.
func attentionDeafWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	drawSingle[T](t, 4, exactKinds, exactKinds).weightsSumToOne(t, im)
}

// weightsSumToOne checks the sum of each row of weights.
func (s attentionScene[T]) weightsSumToOne(t *Trial, im *spec.Implementation[T]) {
	n := s.k.Shape[2]
	s.v = identityValues(s.v.Shape, n)
	a := s.run(t, im)
	bound := reference.WeightSumBound(n, im.Profile, reference.RoundingOf[T]()) + gamma(n)
	for i := range s.q.Shape[2] {
		var sum float64
		for j := range n {
			sum += a.At(0, 0, i, j)
		}
		t.Near(at("sum of weights", i, 0), sum, 1, bound)
	}
}
