package props

import (
	"math"
	"slices"
	"sort"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionLimitsProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-105", Run: valueChannelAlone[T]},
		{Claim: "ATT-106", Run: headChannelsTurned[T]},
		{Claim: "ATT-107", Run: biasOneHot[T]},
		{Claim: "ATT-108", Run: meanOfScaleZero[T]},
		{Claim: "ATT-109", Run: meanOfLargest[T]},
		{Claim: "ATT-110", Run: keyOfOutput[T]},
		{Claim: "ATT-111", Run: meanProductRises[T]},
		{Claim: "ATT-112", Run: indexWidth[T], Cases: 0.2},
		{Claim: "ATT-113", Run: scaleOfHugeQueries[T]},
		{Claim: "ATT-114", Run: sortedKeys[T]},
		{Claim: "ATT-115", Run: sinkAsKey[T]},
		{Claim: "ATT-120", Run: headChannelsRotated[T]},
		{Claim: "ATT-121", Run: entropyFalls[T]},
		{Claim: "ATT-122", Run: strideWidth[T]},
	}
}

func valueChannelAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	c := []int{t.Int("channel", 0, 16) % s.v.Shape[3]}
	alone := s
	alone.v = gather(s.v, 3, c)
	alone.agree(t, im, gather(s.run(t, im), 3, c), alone.run(t, im), gather(s.bound(t, im), 3, c))
	t.Informative(s.v.Shape[3] > 1)
}

func headChannelsTurned[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	d := s.q.Shape[3]
	from, signs := permutation(t, "channels", d), t.Matrix("signs", 1, d, []gen.Kind{gen.Uniform, gen.One}, 0, 0)
	turn := func(x tensor) tensor {
		return tensorLike(x.Shape, func(b, h, i, c int) float64 {
			return math.Copysign(1, signs.At(0, c)) * x.At(b, h, i, from[c])
		})
	}
	other := s
	other.q, other.k = turn(s.q), turn(s.k)
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
	t.Informative(!slices.IsSorted(from) || slices.Min(signs.Row(0)) < 0)
}

func biasOneHot[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := calm()
	l.keys, l.queries, l.noMask, l.noCausal = 300, 5, true, true
	s := drawAttention[T](t, l)
	if s.spread() > 256 {
		t.Undecidable()
	}
	n := s.k.Shape[2]
	first, step := t.Int("first", 0, 299), t.Int("step", 0, 16)
	place := func(b, h, i int) int { return (first + step*((b*s.q.Shape[1]+h)*s.q.Shape[2]+i)) % n }
	s.opt.Bias = s.fullBias(func(b, h, i, j int) float64 {
		if j == place(b, h, i) {
			return 1024
		}
		return -1024
	})
	want := tensorLike(s.shapeOut(), func(b, h, i, c int) float64 {
		return s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), place(b, h, i), c)
	})
	sameTensorBits(t, "output", unsignedZeros(s.run(t, im)), unsignedZeros(want))
	t.Informative(n > 1 && someNonzero(want))
}

// drawKept draws, for at least one head of one query, which of up to 3·2⁶ keys are
// allowed: 2ᵏ of them, with masked ones in between. Values are integers.
func drawKept[T spec.Float](t *Trial, kinds []gen.Kind, values []gen.Kind) (s attentionScene[T], kept int) {
	kept = 1 << t.Int("log₂ of allowed keys", 0, 6)
	gap := t.Int("gap", 1, 3)
	m, d := t.Int("m", 1, 5), t.Int("dHead", 1, 9)
	s.layout = drawLayout(t)
	s.q = tensorOf(t.Matrix("Q", m, d, kinds, 0, 2), 1, 1, m)
	s.k = tensorOf(t.Matrix("K", kept*gap, d, kinds, 0, 2), 1, 1, kept*gap)
	s.v = tensorOf(t.Matrix("V", kept*gap, t.Int("dValue", 1, 9), values, 0, 0), 1, 1, kept*gap)
	s.opt.Mask = newMask(m, kept*gap, func(_, j int) bool { return j%gap == 0 })
	return s, kept
}

// meanOf returns the mean of the values of the keys that each query counts, whose
// numbers are powers of two.
func (s attentionScene[T]) meanOf(counts func(b, h, i, j int) bool) tensor {
	return tensorLike(s.shapeOut(), func(b, h, i, c int) float64 {
		var sum, count float64
		for j := range s.k.Shape[2] {
			if counts(b, h, i, j) {
				sum += s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), j, c)
				count++
			}
		}
		return float64(T(sum / count))
	})
}

func meanOfScaleZero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, kept := drawKept[T](t, keyKinds, []gen.Kind{gen.Ints, gen.Iota})
	want := s.meanOf(s.opt.Allowed)
	sameTensorBits(t, "output", unsignedZeros(s.run(t, im)), unsignedZeros(want))
	t.Informative(kept > 1 && someNonzero(want))
}

func meanOfLargest[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	m, d, n := t.Int("m", 1, 5), t.Int("dHead", 1, 4), t.Size("n", 1, 65)
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: 1 << 11}}
	s.q = tensorOf(t.Matrix("Q", m, d, []gen.Kind{gen.Ints, gen.One}, 0, 0), 1, 1, m)
	s.k = tensorOf(t.Matrix("K", n, d, []gen.Kind{gen.Ints, gen.OneHot, gen.Iota}, 0, 0), 1, 1, n)
	s.v = tensorOf(t.Matrix("V", n, t.Int("dValue", 1, 9), []gen.Kind{gen.Ints, gen.Iota}, 0, 0), 1, 1, n)
	largest := func(_, _, i, j int) bool {
		x := reference.Logits(s.q, s.k, &s.opt, 0, 0, i)
		return x[j] == slices.Max(x)
	}
	several := false
	for i := range m {
		var equal []int
		for j := range n {
			if largest(0, 0, i, j) {
				equal = append(equal, j)
			}
		}
		// Only equal keys have equal logits however they are rounded.
		if len(equal)&(len(equal)-1) != 0 || !s.sameKeys(equal) {
			t.Undecidable()
		}
		several = several || len(equal) > 1
	}
	want := s.meanOf(largest)
	sameTensorBits(t, "output", unsignedZeros(s.run(t, im)), unsignedZeros(want))
	t.Informative(n > 1 && someNonzero(want))
	t.Classify("several largest logits", several)
}

// sameKeys reports whether the keys at the given places of the first head are the
// same.
func (s attentionScene[T]) sameKeys(places []int) bool {
	for _, j := range places {
		for c := range s.k.Shape[3] {
			if s.k.At(0, 0, j, c) != s.k.At(0, 0, places[0], c) {
				return false
			}
		}
	}
	return true
}

// drawOneQuery draws heads of a single query each, with a key head for each. The
// first key is allowed.
func drawOneQuery[T spec.Float](t *Trial, l attentionSizes) attentionScene[T] {
	l.noCausal = true
	heads, n := t.Int("heads", 1, 2), t.Size("n", 1, l.keys)
	s := drawOperands[T](t, l, [6]int{t.Int("batch", 1, 2), heads, heads, 1, n, t.Size("dHead", 1, l.channels)}, t.Size("dValue", 1, l.channels))
	if drawn := s.opt.Mask; drawn != nil {
		s.opt.Mask = newMask(1, n, func(i, j int) bool { return j == 0 || drawn.At(0, 0, i, j) })
	}
	return s
}

func keyOfOutput[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawOneQuery[T](t, usual)
	n := s.k.Shape[2]
	more := t.Matrix("one more", s.k.Shape[0]*s.k.Shape[1], s.k.Shape[3], keyKinds, -2, 2)
	exact := s.exactOutput()
	other := s
	other.k, other.v = gather(s.k, 2, append(span(0, n), 0)), gather(s.v, 2, append(span(0, n), 0))
	for b := range s.k.Shape[0] {
		for h := range s.k.Shape[1] {
			for c := range s.k.Shape[3] {
				other.k.Set(b, h, n, c, more.At(b*s.k.Shape[1]+h, c))
			}
			for c := range s.v.Shape[3] {
				other.v.Set(b, h, n, c, float64(float32(exact.At(b, h, 0, c))))
			}
		}
	}
	if s.opt.Mask != nil {
		other.opt.Mask = newMask(1, n+1, func(i, j int) bool { return j == n || s.opt.Mask.At(0, 0, i, j) })
	}
	e64, ok := reference.AttentionBound(s.q, s.k, s.v, &s.opt, spec.Profile{}, reference.RoundingOf[float64](), reference.InputError{})
	if !ok {
		t.Undecidable()
	}
	bound := tensorLike(exact.Shape, func(b, h, i, c int) float64 {
		o := exact.At(b, h, i, c)
		return e64.At(b, h, i, c) + math.Abs(float64(float32(o))-o)
	})
	s.agree(t, im, other.run(t, im), s.run(t, im), addTensors(other.bound(t, im), bound))
}

// exactOutput returns the output as the reference computes it.
func (s attentionScene[T]) exactOutput() tensor {
	shape := s.shapeOut()
	out := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3])
	reference.Attention(out, s.q, s.k, s.v, &s.opt)
	return out
}

func meanProductRises[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queryKeys, l.qkLo, l.qkHi, l.keys = exactKinds, 0, 1, 33
	s := drawOneQuery[T](t, l)
	unit := s.opt
	unit.Scale = 1
	shape := s.v.Shape
	shape[3] = 1
	s.v = tensorLike(shape, func(b, h, j, _ int) float64 {
		if !s.opt.Allowed(b, h, 0, j) {
			return 0
		}
		return reference.Logits(s.q, s.k, &unit, b, h, 0)[j]
	})
	eachElement(s.v.Shape, func(b, h, j, c int) {
		if x := s.v.At(b, h, j, c); float64(float32(x)) != x {
			t.Undecidable()
		}
	})
	steeper := s
	steeper.opt.Scale = s.opt.Scale * t.Power("times", 0, 3)
	if s.opt.Scale < 0 {
		s, steeper = steeper, s
	}
	low, high := s.run(t, im), steeper.run(t, im)
	bound := addTensors(s.bound(t, im), steeper.bound(t, im))
	eachElement(low.Shape, func(b, h, i, c int) {
		t.Within(atTensor("fall of the mean product", b, h, i, c), low.At(b, h, i, c)-high.At(b, h, i, c), bound.At(b, h, i, c)+unit64*math.Abs(high.At(b, h, i, c)))
	})
	t.Informative(s.differs(steeper, bound))
}

// indexWidth places what counts around a power of two.
func indexWidth[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	power := []int{7, 8, 15, 16}[t.Int("power", 0, 3)]
	place := 1<<power + t.Int("beyond", -1, 1)
	total := place + 1 + t.Int("behind", 0, 2)
	value := func(j int) float64 { return 1 + float64(j%251) }
	column := func(n int, f func(i int) float64) tensor {
		return tensorLike([4]int{1, 1, n, 1}, func(_, _, i, _ int) float64 { return f(i) })
	}
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: 1}}
	var want tensor
	if t.Word("axis", "keys", "queries") == "keys" {
		s.q, s.v = column(1, func(int) float64 { return 1 }), column(total, value)
		s.k = column(total, func(j int) float64 {
			if j == place {
				return 2048
			}
			return 0
		})
		s.opt.Mask = newMask(1, total, func(_, j int) bool { return j == 0 || j == place })
		want = column(1, func(int) float64 { return value(place) })
	} else {
		// Query i takes key 1 if it is positive and may see it, else key 0.
		positive, hidden := func(i int) bool { return i%3 != 0 }, func(i int) bool { return i%7 == 5 }
		s.q = column(total, func(i int) float64 {
			if positive(i) {
				return 1
			}
			return -1
		})
		s.k, s.v = column(2, func(j int) float64 { return float64(2048 * j) }), column(2, value)
		s.opt.Mask = newMask(total, 2, func(i, j int) bool { return j == 0 || !hidden(i) })
		want = column(total, func(i int) float64 {
			if positive(i) && !hidden(i) {
				return value(1)
			}
			return value(0)
		})
	}
	sameTensorBits(t, "output", s.run(t, im), want)
	t.Sometimes("more than 2¹⁵ keys or queries", power > 14)
}

func scaleOfHugeQueries[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, calm())
	k := t.Int("k", 8, 28)
	if t.Bool("tiny") {
		k = -k
	}
	other := s
	other.q = mapTensor(s.q, func(x float64) float64 { return math.Ldexp(x, 2*k) })
	other.opt.Scale = math.Ldexp(s.opt.Scale, -2*k)
	got := s.run(t, im)
	sameTensorBits(t, "output", other.run(t, im), got)
	t.Informative(s.telling(got, s.bound(t, im)))
}

func sortedKeys[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawOneQuery[T](t, usual)
	places := span(0, s.k.Shape[2])
	x := reference.Logits(s.q, s.k, &spec.AttentionOptions{Scale: s.opt.Scale}, 0, 0, 0)
	falling := t.Bool("falling")
	sort.SliceStable(places, func(a, b int) bool { return x[places[a]] < x[places[b]] != falling && x[places[a]] != x[places[b]] })
	sorted := s.withKeys(places)
	s.agree(t, im, sorted.run(t, im), s.run(t, im), sorted.bound(t, im))
}

func sinkAsKey[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keys, l.noMask, l.noCausal = 49, true, true
	s := drawAttention[T](t, l)
	n := s.k.Shape[2]
	other := s
	more := func(x tensor) tensor {
		out := gather(x, 2, append(span(0, n), 0))
		for b := range x.Shape[0] {
			for g := range x.Shape[1] {
				for c := range x.Shape[3] {
					out.Set(b, g, n, c, 0)
				}
			}
		}
		return out
	}
	s.opt.Sinks = s.drawSinks(t)
	other.k, other.v = more(s.k), more(s.v)
	other.opt.Bias = other.fullBias(func(_, h, _, j int) float64 {
		if j == n {
			return float64(s.opt.Sinks[h])
		}
		return 0
	})
	bound := other.bound(t, im)
	s.agree(t, im, s.run(t, im), other.run(t, im), bound)
	t.Informative(s.differs(s.withoutSinks(), bound))
}
