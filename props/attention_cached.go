package props

import (
	"fmt"

	"example.com/attest/spec"
)

func attentionCachedProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-100", Run: presentTokens[T]},
		{Claim: "ATT-101", Run: cachedOverPresent[T]},
		{Claim: "ATT-102", Run: cachedInChunks[T]},
		{Claim: "ATT-103", Run: cachedValue[T]},
		{Claim: "ATT-104", Run: cachedOrder[T]},
	}
}

// cached is what an attention over past and new tokens stores, and the tokens that
// it was given: s itself, with poison in those that no query sees.
type cached struct{ out, k, v, givenK, givenV tensor }

// runCached calls the implementation with the first past tokens of s as the past
// and the others as new.
func (s attentionScene[T]) runCached(t *Trial, im *spec.Implementation[T], past int) cached {
	given, n := s.afterPast(past).hide(t), s.k.Shape[2]
	s.opt.Bias = given.opt.Bias
	out := outputTensor[T](t, "output", s.shapeOut(), s.layout)
	presentK, presentV := outputTensor[T](t, "present K", s.k.Shape, s.layout), outputTensor[T](t, "present V", s.v.Shape, s.layout)
	opt := s.lend(t)
	in := func(name string, x tensor) spec.Tensor[T] { return inputTensor[T](t, name, x, s.layout) }
	of := func(name string, x tensor, lo, hi int) spec.Tensor[T] { return in(name, gather(x, 2, span(lo, hi))) }
	im.CachedAttention(out, presentK, presentV, in("Q", s.q), of("K", given.k, past, n), of("V", given.v, past, n),
		of("past K", given.k, 0, past), of("past V", given.v, 0, past), &opt)
	return cached{wideTensor(out), wideTensor(presentK), wideTensor(presentV), given.k, given.v}
}

// afterPast returns s, whose options count from the first new token, as the
// attention over all tokens.
func (s attentionScene[T]) afterPast(past int) attentionScene[T] {
	offsets := s.opt.Offsets
	s.opt.Offset, s.opt.Offsets = s.opt.Offset+past, nil
	for _, offset := range offsets {
		s.opt.Offsets = append(s.opt.Offsets, offset+past)
	}
	return s
}

// drawCached draws an attention and how many of its tokens are past.
func drawCached[T spec.Float](t *Trial, im *spec.Implementation[T]) (s attentionScene[T], past int) {
	l := usual
	l.leastKeys, l.keys = 1, 57
	s = drawAttention[T](t, l)
	past = s.k.Shape[2] - t.Int("new", 0, 17)%(s.k.Shape[2]+1)
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	if im.AttentionAbilities.Offsets && t.Bool("with offsets") {
		s.opt.Offsets = s.drawEach(t, "offset", -3, 20)
	}
	return s, past
}

// storesTokens requires the present to be the tokens that were given, bit for bit.
func (c cached) storesTokens(t *Trial) {
	sameTensorBits(t, "present K", c.k, c.givenK)
	sameTensorBits(t, "present V", c.v, c.givenV)
}

func presentTokens[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, past := drawCached(t, im)
	s.runCached(t, im, past).storesTokens(t)
	t.Informative(someNonzero(s.k) && someNonzero(s.v))
	t.Sometimes("no past", past == 0)
	t.Sometimes("nothing new", past == s.k.Shape[2])
}

func cachedOverPresent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, past := drawCached(t, im)
	all := s.afterPast(past)
	all.agree(t, im, s.runCached(t, im, past).out, all.run(t, im), all.bound(t, im))
}

func cachedInChunks[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries, l.noMask, l.noCausal = 2, 49, true, true
	s := drawAttention[T](t, l)
	m := min(s.q.Shape[2], s.k.Shape[2])
	s = s.withQueries(0, m)
	s.k, s.v = gather(s.k, 2, span(0, m)), gather(s.v, 2, span(0, m))
	s.opt.Causal = true
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	bound, whole := s.bound(t, im), s.runCached(t, im, 0)
	first, telling := 0, false
	for _, end := range drawCalls(t, m) {
		rows, part := span(first, end), s
		part.q = gather(s.q, 2, rows)
		part.k, part.v = gather(s.k, 2, span(0, end)), gather(s.v, 2, span(0, end))
		got := part.runCached(t, im, first) // the past is what the calls before have stored
		got.storesTokens(t)
		e := addTensors(gather(bound, 2, rows), part.afterPast(first).bound(t, im))
		nearTensor(t, fmt.Sprintf("output of tokens from %d on", first), got.out, gather(whole.out, 2, rows), e)
		telling = telling || part.afterPast(first).differs(part, e)
		first = end
	}
	t.Informative(telling)
}

// drawCalls divides m tokens, two or more, among calls and returns where each call
// ends.
func drawCalls(t *Trial, m int) (ends []int) {
	end, step := 1+t.Int("cut", 0, 48)%(m-1), m
	switch t.Word("calls", "two", "one for each token", "of several tokens") {
	case "one for each token":
		end, step = 1, 1
	case "of several tokens":
		step = t.Int("tokens in a call", 2, 9)
	}
	for ; end < m; end += step {
		ends = append(ends, end)
	}
	t.Sometimes("more than three calls", len(ends) > 2)
	return append(ends, m)
}

func cachedValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s, past := drawCached(t, im)
	can := im.AttentionAbilities
	can.Sequences = false // they have no past in common
	s.drawOptions(t, can)
	shape, n := s.shapeOut(), s.k.Shape[2]
	want, bound := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3]), s.afterPast(past).bound(t, im)
	like := func(x tensor) tensor { return tensorLike(x.Shape, func(_, _, _, _ int) float64 { return 0 }) }
	of := func(x tensor, lo, hi int) tensor { return gather(x, 2, span(lo, hi)) }
	t.Oracle.CachedAttention(want, like(s.k), like(s.v), s.q, of(s.k, past, n), of(s.v, past, n), of(s.k, 0, past), of(s.v, 0, past), &s.opt)
	got := s.runCached(t, im, past)
	nearTensor(t, "output", got.out, want, bound)
	got.storesTokens(t)
	t.Informative(s.afterPast(past).telling(want, bound))
}

// cachedOrder compares with the attention over the new token followed by the past
// one.
func cachedOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	dv := t.Int("dValue", 1, 4)
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: 1, Causal: true, Offset: t.Int("shift", -2, 0)}}
	s.q = tensorOf(t.Matrix("Q", 1, 1, exactKinds, 0, 0), 1, 1, 1)
	s.k = tensorOf(t.Matrix("K", 2, 1, exactKinds, 0, 0), 1, 1, 2)
	s.v = tensorOf(t.Matrix("V", 2, dv, exactKinds, 0, 0), 1, 1, 2)
	all := s.afterPast(1)
	turned := all
	turned.k, turned.v = gather(s.k, 2, []int{1, 0}), gather(s.v, 2, []int{1, 0})
	all.agree(t, im, s.runCached(t, im, 1).out, turned.run(t, im), turned.bound(t, im))
}
