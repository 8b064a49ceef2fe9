package props

import (
	"math"
	"slices"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionProperties[T spec.Float]() []Property[T] {
	return slices.Concat([]Property[T]{
		{Claim: "ATT-001", Run: attentionValue[T]},
		{Claim: "ATT-002", Run: attentionWeights[T]},
		{Claim: "ATT-003", Run: attentionHull[T](true)},
		{Claim: "ATT-004", Run: attentionKeyOrder[T]},
		{Claim: "ATT-005", Run: attentionAbsentKeys[T]},
		{Claim: "ATT-006", Run: attentionDeafQuery[T]},
		{Claim: "ATT-007", Run: attentionPoison[T]},
		{Claim: "ATT-008", Run: attentionCausal[T]},
		{Claim: "ATT-009", Run: attentionScale[T]},
		{Claim: "ATT-010", Run: attentionValuePowers[T]},
		{Claim: "ATT-011", Run: attentionValueSum[T]},
		{Claim: "ATT-012", Run: attentionConstant[T](true)},
		{Claim: "ATT-013", Run: attentionDuplicates[T]},
		{Claim: "ATT-014", Run: attentionOneKey[T]},
		{Claim: "ATT-015", Run: attentionMean[T]},
		{Claim: "ATT-016", Run: attentionRepeat[T]},
		{Claim: "ATT-017", Run: attentionNaN[T]},
		{Claim: "ATT-018", Run: attentionHeadAlone[T]},
		{Claim: "ATT-019", Run: attentionGrouped[T]},
		{Claim: "ATT-020", Run: attentionBatchAlone[T]},
		{Claim: "ATT-021", Run: attentionQueryAlone[T]},
		{Claim: "ATT-022", Run: attentionViews[T]},
		{Claim: "ATT-023", Run: attentionKeyTranslation[T]},
		{Claim: "ATT-024", Run: attentionPadding[T]},
		{Claim: "ATT-025", Run: attentionHugeLogits[T]},
		{Claim: "ATT-026", Run: attentionMemory[T], Cases: 0.5},
		{Claim: "ATT-027", Run: attentionPrefix[T]},
		{Claim: "ATT-028", Run: multiHeadValue[T]},
		{Claim: "ATT-029", Run: multiHeadComposition[T]},
		{Claim: "ATT-030", Run: attentionInfiniteLogits[T]},
		{Claim: "ATT-031", Run: attentionDeafWeights[T]},
		{Claim: "ATT-032", Run: attentionHull[T](false)},
		{Claim: "ATT-033", Run: attentionConstant[T](false)},
		{Claim: "ATT-034", Run: attentionPaddingScaled[T]},
		{Claim: "ATT-035", Run: attentionDuplicateOne[T]},
		{Claim: "ATT-036", Run: attentionTiled[T]},
		{Claim: "ATT-037", Run: attentionEmpty[T]},
	},
		attentionBiasProperties[T](),
		attentionMergeProperties[T](),
		attentionSoftcapProperties[T](),
		attentionWindowProperties[T](),
		attentionSinkProperties[T](),
		attentionDropoutProperties[T](),
		attentionLayoutProperties[T](),
		attentionSequencesProperties[T](),
		attentionQKProperties[T](),
		attentionPagedProperties[T](),
		attentionCachedProperties[T](),
		attentionLimitsProperties[T](),
	)
}

func attentionValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys, l.zeroScale, l.large = 9, 97, true, true
	s := drawAttention[T](t, l)
	bound, want := s.bound(t, im), s.want(t)
	s.nearWant(t, im, s.run(t, im), want, bound)
	t.Informative(s.telling(want, bound))
	t.Sometimes("more than 64 keys", s.k.Shape[2] > 64)
	t.Sometimes("grouped heads", s.q.Shape[1] > s.k.Shape[1])
	s.sometimesLarge(t)
}

// attentionEmpty draws an attention one of whose sizes is zero.
func attentionEmpty[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawEmpty[T](t, t.Word("empty", "keys", "dHead", "queries", "dValue", "batch", "heads"))
	s.nearWant(t, im, s.run(t, im), s.want(t), s.bound(t, im))
	t.Informative(true) // a panic or a write would tell
	t.Sometimes("outputs without any key", s.k.Shape[2] == 0)
	t.Sometimes("means of values for lack of channels", s.q.Shape[3] == 0)
}

func attentionWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keys, l.values = 65, []gen.Kind{gen.Zero}
	s := drawAttention[T](t, l)
	n := s.k.Shape[2]
	s.v = identityValues(s.v.Shape, n)
	a := s.run(t, im)
	bound := reference.WeightSumBound(n, im.Profile, reference.RoundingOf[T]()) + gamma(n)
	telling := false
	eachElement([4]int{a.Shape[0], a.Shape[1], a.Shape[2], 1}, func(b, h, i, _ int) {
		if s.visible(b, h, i) == 0 {
			return
		}
		var sum float64
		for j := range n {
			x := a.At(b, h, i, j)
			t.Check(x >= 0 && !math.Signbit(x), "%s is %v, not at least 0", atTensor("weight", b, h, i, j), x)
			if !s.opt.Allowed(b, h, i, j) {
				t.Bits(atTensor("weight of a masked key", b, h, i, j), x, 0)
			}
			sum += x
		}
		t.Near(atTensor("sum of weights", b, h, i, 0), sum, 1, bound)
		telling = telling || s.visible(b, h, i) > 1
	})
	t.Informative(telling)
}

// identityValues returns values that turn outputs into weights: value j is the
// j-th unit vector.
func identityValues(shape [4]int, n int) tensor {
	shape[3] = n
	return tensorLike(shape, func(_, _, j, c int) float64 {
		if j == c {
			return 1
		}
		return 0
	})
}

// attentionHull checks the hull of the values that a query may see; if some key
// must be allowed, for the other queries not at all, else of all values.
func attentionHull[T spec.Float](allowedOnly bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s attentionScene[T]
		if allowedOnly {
			s = drawAttention[T](t, usual)
		} else {
			s = drawSingle[T](t, 4, exactKinds, exactKinds)
		}
		s.inHull(t, s.run(t, im), im, allowedOnly)
	}
}

func (s attentionScene[T]) inHull(t *Trial, got tensor, im *spec.Implementation[T], allowedOnly bool) {
	telling := false
	eachElement(got.Shape, func(b, h, i, c int) {
		none := s.visible(b, h, i) == 0
		if none && allowedOnly {
			return
		}
		lo, hi, most := math.Inf(1), math.Inf(-1), 0.0
		for j := range s.k.Shape[2] {
			if x := s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), j, c); s.opt.Allowed(b, h, i, j) || none {
				lo, hi, most = min(lo, x), max(hi, x), max(most, math.Abs(x))
			}
		}
		bound := reference.HullBound(s.k.Shape[2], most, im.Profile, reference.RoundingOf[T]())
		t.Within(atTensor("output above the values", b, h, i, c), got.At(b, h, i, c)-hi, bound)
		t.Within(atTensor("output below the values", b, h, i, c), lo-got.At(b, h, i, c), bound)
		telling = telling || most > 8*bound
	})
	t.Informative(telling)
}

func attentionKeyOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	other := s.withKeys(permutation(t, "order", s.k.Shape[2]))
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

func attentionAbsentKeys[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noCausal = true
	drawAttention[T](t, l).absentKeys(t, im)
}

// absentKeys masks some keys and compares with the attention without them.
func (s attentionScene[T]) absentKeys(t *Trial, im *spec.Implementation[T]) {
	masked, absent, gone := s.drawMasked(t)
	masked.agree(t, im, masked.run(t, im), absent.run(t, im), absent.bound(t, im))
	t.Informative(gone)
}

// drawMasked draws which keys to mask for all queries and returns s with these
// masked, s without them, and whether there are any.
func (s attentionScene[T]) drawMasked(t *Trial) (masked, absent attentionScene[T], any bool) {
	n := s.k.Shape[2]
	x := t.Matrix("gone", 1, n, []gen.Kind{gen.Ints, gen.OneHot, gen.Coarse}, 0, 0)
	gone := func(j int) bool { return j > 0 && x.At(0, j) > 0.25 }
	var kept []int
	for j := range n {
		if !gone(j) {
			kept = append(kept, j)
		}
	}
	masked = s
	masked.opt.Mask = newMask(s.q.Shape[2], n, func(i, j int) bool { return s.opt.Allowed(0, 0, i, j) && !gone(j) })
	return masked, s.withKeys(kept), len(kept) < n
}

func attentionDeafQuery[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries = 2
	s := drawAttention[T](t, l)
	m := s.q.Shape[2]
	deaf := t.Int("deaf", 0, m-1)
	other := s
	other.opt = spec.AttentionOptions{Scale: s.opt.Scale}
	other.opt.Mask = newMask(m, s.k.Shape[2], func(i, j int) bool { return i != deaf && s.opt.Allowed(0, 0, i, j) })
	got, want := other.run(t, im), s.run(t, im)
	bound := s.bound(t, im)
	eachElement(got.Shape, func(b, h, i, c int) {
		if other.visible(b, h, i) == 0 {
			t.Bits(atTensor("output without an allowed key", b, h, i, c), got.At(b, h, i, c), 0)
		} else {
			t.Near(atTensor("output", b, h, i, c), got.At(b, h, i, c), want.At(b, h, i, c), 2*bound.At(b, h, i, c))
		}
	})
	t.Informative(s.visible(0, 0, deaf) > 0)
}

func attentionPoison[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	m, n := s.q.Shape[2], s.k.Shape[2]
	x := t.Matrix("hidden", 1, n, []gen.Kind{gen.Ints, gen.OneHot, gen.Coarse}, 0, 0)
	kept := s.opt
	s.opt.Mask = newMask(m, n, func(i, j int) bool {
		return x.At(0, j) <= 0.25 && (kept.Mask == nil || kept.Mask.Data[i*kept.Mask.Stride+j])
	})
	s.bare = true
	poison := drawPoison(t)
	spoilt := s
	spoil := func(x tensor) tensor {
		return tensorLike(x.Shape, func(b, h, j, c int) float64 {
			if !s.seen(b, h, j) {
				return poison
			}
			return x.At(b, h, j, c)
		})
	}
	spoilt.k, spoilt.v = spoil(s.k), spoil(s.v)
	sameTensorBits(t, "output", spoilt.run(t, im), s.run(t, im))
	hidden, shown := false, false
	for j := range n {
		hidden, shown = hidden || !s.seen(0, 0, j), shown || s.seen(0, 0, j)
	}
	t.Informative(hidden)
	t.Sometimes("some keys hidden, some seen", hidden && shown)
}

func attentionCausal[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.noCausal = 2, true
	s := drawAttention[T](t, l)
	m, n := s.q.Shape[2], s.k.Shape[2]
	s.opt.Causal, s.opt.Offset = true, t.Int("first", -3, 40)
	other := s
	other.opt = spec.AttentionOptions{Scale: s.opt.Scale}
	other.opt.Mask = newMask(m, n, func(i, j int) bool {
		return j <= i+s.opt.Offset && (s.opt.Mask == nil || s.opt.Mask.Data[i*s.opt.Mask.Stride+j])
	})
	got := s.run(t, im)
	s.agree(t, im, got, other.run(t, im), other.bound(t, im))
	for i := range m {
		if s.opt.Offset+i < 0 {
			t.Bits(atTensor("output before the first key", 0, 0, i, 0), got.At(0, 0, i, 0), 0)
		}
	}
	t.Informative(m > 1 || n > 1)
}

func attentionScale[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, calm())
	k := t.Int("k", -4, 4)
	other := s
	other.q = mapTensor(s.q, func(x float64) float64 { return math.Ldexp(x, 2*k) })
	other.opt.Scale = math.Ldexp(s.opt.Scale, -2*k)
	got := s.run(t, im)
	sameTensorBits(t, "output", other.run(t, im), got)
	t.Informative(k != 0 && s.telling(got, s.bound(t, im)))
}

// withoutUnderflow ends the trial if weights may be so small that products with
// values are subnormal: then powers of two do not pass through them exactly.
func (s attentionScene[T]) withoutUnderflow(t *Trial) {
	if s.spread() > 32 {
		t.Undecidable()
	}
}

func attentionValuePowers[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, calm())
	s.withoutUnderflow(t)
	c := math.Ldexp(1, t.Int("k", -8, 8))
	if t.Bool("negative") {
		c = -c
	}
	other := s
	other.v = mapTensor(s.v, func(x float64) float64 { return c * x })
	// Adding 0 makes −0 into 0: which zero a sum of zeros is says nothing.
	got, want := unsignedZeros(other.run(t, im)),
		mapTensor(s.run(t, im), func(x float64) float64 { return c*x + 0 })
	sameTensorBits(t, "output", got, want)
	t.Informative(c != 1 && someNonzero(want))
}

func someNonzero(x tensor) bool {
	found := false
	eachElement(x.Shape, func(b, h, i, c int) { found = found || x.At(b, h, i, c) != 0 })
	return found
}

func attentionValueSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.values = exactKinds
	s := drawAttention[T](t, l)
	v := t.Matrix("V′", s.v.Shape[0]*s.v.Shape[1]*s.v.Shape[2], s.v.Shape[3], exactKinds, -2, 2)
	second, sum := s, s
	second.v = tensorOf(v, s.v.Shape[0], s.v.Shape[1], s.v.Shape[2])
	sum.v = addTensors(s.v, second.v)
	want := addTensors(s.run(t, im), second.run(t, im))
	sum.agree(t, im, sum.run(t, im), want, addTensors(s.bound(t, im), second.bound(t, im)))
}

// attentionConstant adds a constant to all values. Queries without an allowed
// key are left out if some key must be allowed.
func attentionConstant[T spec.Float](allowedOnly bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		var s attentionScene[T]
		if allowedOnly {
			l := usual
			l.values = exactKinds
			s = drawAttention[T](t, l)
		} else {
			s = drawSingle[T](t, 4, exactKinds, exactKinds)
		}
		c := float64(t.Int("c", -8, 8))
		other := s
		other.v = mapTensor(s.v, func(x float64) float64 { return x + c })
		got, base := other.run(t, im), s.run(t, im)
		bound := addTensors(s.bound(t, im), other.bound(t, im))
		telling := false
		eachElement(got.Shape, func(b, h, i, k int) {
			if s.visible(b, h, i) == 0 && allowedOnly {
				return
			}
			want := base.At(b, h, i, k) + c
			t.Near(atTensor("output", b, h, i, k), got.At(b, h, i, k), want, bound.At(b, h, i, k)+unit64*math.Abs(want))
			telling = telling || math.Abs(c) > 8*bound.At(b, h, i, k)
		})
		t.Informative(telling)
	}
}

func attentionDuplicates[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	var places []int
	for range t.Int("times", 2, 4) {
		places = append(places, span(0, s.k.Shape[2])...)
	}
	other := s.withKeys(places)
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

func attentionDuplicateOne[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	other := s.withKeys(append(span(0, s.k.Shape[2]), 0))
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

func attentionRepeat[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	first := s.run(t, im)
	s.withQueries(0, 1).run(t, im)
	sameTensorBits(t, "output", s.run(t, im), first)
	t.Informative(someNonzero(first))
}
