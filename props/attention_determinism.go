package props

import "example.com/attest/spec"

func determinismProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "DET-001", Run: bitsOfThreads[T]},
		{Claim: "DET-002", Run: bitsOfConcurrentCalls[T]},
		{Claim: "DET-003", Run: bitsOfBatchAlone[T]},
		{Claim: "DET-004", Run: bitsOfBatchOrder[T]},
		{Claim: "DET-005", Run: bitsOfHeadAlone[T]},
		{Claim: "DET-006", Run: bitsOfHeadOrder[T]},
		{Claim: "DET-007", Run: bitsOfQueryAlone[T]},
		{Claim: "DET-008", Run: bitsOfQueryOrder[T]},
		{Claim: "DET-009", Run: bitsOfPrefix[T]},
		{Claim: "DET-010", Run: bitsOfCache[T]},
		{Claim: "DET-011", Run: bitsOfChannelAlone[T]},
		{Claim: "DET-012", Run: bitsOfRules[T]},
		{Claim: "DET-013", Run: bitsWithoutPadding[T]},
		{Claim: "DET-014", Run: bitsWithoutMaskedKeys[T]},
		{Claim: "DET-015", Run: bitsOfKeyOrder[T]},
		{Claim: "DET-016", Run: bitsOfThreadsInEnergies[T], Cases: 0.02},
		{Claim: "DET-033", Run: bitsBesideDeafQuery[T]},
		{Claim: "DET-034", Run: bitsOfZeroHeadChannels[T]},
	}
}

// drawVaried draws an attention with those options that the implementation
// takes; every fourth has so many keys that kernels divide them.
func drawVaried[T spec.Float](t *Trial, im *spec.Implementation[T], l attentionSizes) attentionScene[T] {
	l.leastKeys = max(3, l.leastKeys)
	if t.Int("keys in hundreds", 0, 3) == 3 {
		l.leastKeys, l.keys = 129, 300
	}
	s := drawAttention[T](t, l)
	s.drawRest(t, im)
	return s
}

// outcome returns all results of one call, for comparing bits: outputs, and
// log-sum-exps if they are drawn.
func (s attentionScene[T]) outcome(t *Trial, im *spec.Implementation[T]) part {
	if im.AttentionLSE != nil && t.Bool("with lse") {
		return s.runLSE(t, im)
	}
	return part{o: s.run(t, im)}
}

// at returns the results at the given places of an axis.
func (p part) at(axis int, places []int) part {
	p.o = gather(p.o, axis, places)
	if p.l.Data != nil {
		p.l = gather(p.l, axis, places)
	}
	return p
}

// sameBits requires two calls for s to have the same bits, and says whether some
// row is a sum of three or more keys: its bits depend on their order.
func (s attentionScene[T]) sameBits(t *Trial, got, want part) (summed bool) {
	sameTensorBits(t, "output", got.o, want.o)
	if want.l.Data != nil {
		sameTensorBits(t, "lse", got.l, want.l)
	}
	eachElement(want.o.Shape, func(b, h, i, c int) {
		summed = summed || want.o.At(b, h, i, c) != 0 && s.visible(b, h, i) > 2
	})
	return summed
}

// unsigned returns p with +0 for −0 among the outputs: a sum that underflows to −0
// becomes +0 by the 0·v of a hidden key.
func (p part) unsigned() part {
	p.o = unsignedZeros(p.o)
	return p
}

// picked returns the attention of the batches (axis 0), query heads (1) or
// queries (2) at the given places alone, in that order. Heads get key heads of
// their own. Queries must follow one another where they go by position.
func (s attentionScene[T]) picked(axis int, places []int) attentionScene[T] {
	out := s
	out.q = gather(s.q, axis, places)
	from := func(b, h, i int) (int, int, int) {
		at := [3]int{b, h, i}
		at[axis] = places[at[axis]]
		return at[0], at[1], at[2]
	}
	switch axis {
	case 0:
		out.k, out.v = gather(s.k, 0, places), gather(s.v, 0, places)
		out.opt.KeyLengths, out.opt.Offsets = chosen(s.opt.KeyLengths, places), chosen(s.opt.Offsets, places)
	case 1:
		var keyHeads []int
		for _, h := range places {
			keyHeads = append(keyHeads, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]))
		}
		out.k, out.v = gather(s.k, 1, keyHeads), gather(s.v, 1, keyHeads)
		out.opt.Sinks, out.opt.Slopes = chosen(s.opt.Sinks, places), chosen(s.opt.Slopes, places)
	case 2:
		out.opt.Offset += places[0]
		out.opt.Offsets = nil
		for _, offset := range s.opt.Offsets {
			out.opt.Offsets = append(out.opt.Offsets, offset+places[0])
		}
	}
	out.opt.Mask, out.opt.Keep, out.opt.Bias = regrid(out, s.opt.Mask, from), regrid(out, s.opt.Keep, from), regrid(out, s.opt.Bias, from)
	return out
}

// chosen returns the elements of x at the given places, nil for nil.
func chosen[E any](x []E, places []int) []E {
	if x == nil {
		return nil
	}
	out := make([]E, len(places))
	for k, at := range places {
		out[k] = x[at]
	}
	return out
}

// regrid returns the grid for s whose row (b, h, i) is the row of g that from
// names. What all batches and heads share they go on sharing.
func regrid[E any, T spec.Float](s attentionScene[T], g *spec.Grid[E], from func(b, h, i int) (int, int, int)) *spec.Grid[E] {
	if g == nil {
		return nil
	}
	var gap E
	return newGrid(s, ownAxes(g), g.Keys, gap, func(b, h, i, j int) E {
		b, h, i = from(b, h, i)
		return g.At(b, h, i, j)
	})
}

// firstKeys returns s with its first n keys alone.
func (s attentionScene[T]) firstKeys(n int) attentionScene[T] {
	s.k, s.v = gather(s.k, 2, span(0, n)), gather(s.v, 2, span(0, n))
	s.opt.Mask, s.opt.Keep, s.opt.Bias = shortened(s.opt.Mask, n), shortened(s.opt.Keep, n), shortened(s.opt.Bias, n)
	lengths := s.opt.KeyLengths
	s.opt.KeyLengths = nil
	for _, length := range lengths {
		s.opt.KeyLengths = append(s.opt.KeyLengths, min(length, n))
	}
	return s
}

// shortened returns g for n keys.
func shortened[E any](g *spec.Grid[E], n int) *spec.Grid[E] {
	if g == nil {
		return nil
	}
	out := *g
	out.Keys = min(g.Keys, n)
	return &out
}

func bitsOfThreads[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastKeys, l.keys, l.channels = 64, 300, 33
	var s attentionScene[T]
	if t.Int("thousands of keys", 0, 15) == 15 {
		s = drawManyKeys(t, im)
	} else {
		s = drawVaried(t, im, l)
	}
	telling := false
	eachThreads(func() part { return s.outcome(t, im) }, func(_ int, got, one part) { telling = s.sameBits(t, got, one) })
	t.Informative(telling)
}

// drawManyKeys draws so many keys, of few and small heads, that kernels divide those
// of one query among threads.
func drawManyKeys[T spec.Float](t *Trial, im *spec.Implementation[T]) attentionScene[T] {
	l := usual
	l.batches, l.keyGroups, l.groups, l.channels = 1, 1, 2, 2
	l.leastKeys, l.queries = [2]int{1025, 4097}[t.Int("thousands", 0, 1)], 9
	l.keys = l.leastKeys + 200
	s := drawAttention[T](t, l)
	s.drawRest(t, im)
	t.Classify("more than 1024 keys", true)
	t.Classify("more than 4096 keys and four queries", s.k.Shape[2] > 4096 && s.q.Shape[2] > 4)
	return s
}

func bitsOfConcurrentCalls[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVaried(t, im, usual)
	scenes := []attentionScene[T]{s, s.picked(2, []int{0}), s, s.picked(0, []int{0}), s}
	want := make([]tensor, len(scenes))
	for n := range scenes {
		want[n] = scenes[n].run(t, im)
	}
	calls, results := make([]func(), len(scenes)), make([]func() tensor, len(scenes))
	for n := range scenes {
		calls[n], results[n] = scenes[n].prepare(t, im)
	}
	atOnce(t, calls)
	telling := false
	for n := range scenes {
		telling = scenes[n].sameBits(t, part{o: results[n]()}, part{o: want[n]}) || telling
	}
	t.Informative(telling)
}

func bitsOfBatchAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.batch = 2
	s := drawVaried(t, im, l)
	s.drawRules(t, im)
	b := []int{t.Int("one", 0, 1)}
	alone := s.picked(0, b)
	t.Informative(alone.sameBits(t, s.outcome(t, im).at(0, b), alone.outcome(t, im)))
}

func bitsOfBatchOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.batch = 2
	s := drawVaried(t, im, l)
	s.drawRules(t, im)
	order := []int{1, 0}
	other := s.picked(0, order)
	t.Informative(other.sameBits(t, s.outcome(t, im).at(0, order), other.outcome(t, im)))
}

func bitsOfHeadAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.group = 2
	s := drawVaried(t, im, l)
	h := []int{t.Int("head", 0, 5) % s.q.Shape[1]}
	alone := s.picked(1, h)
	t.Informative(alone.sameBits(t, s.outcome(t, im).at(1, h), alone.outcome(t, im)))
}

func bitsOfHeadOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.group = 2
	s := drawVaried(t, im, l)
	order := permutation(t, "heads", s.q.Shape[1])
	other := s.picked(1, order)
	t.Informative(other.sameBits(t, s.outcome(t, im).at(1, order), other.outcome(t, im)))
}

func bitsOfQueryAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries = 2, 33
	s := drawVaried(t, im, l)
	s.drawRules(t, im)
	i := []int{t.Int("query", 0, 32) % s.q.Shape[2]}
	alone := s.picked(2, i)
	t.Informative(alone.sameBits(t, s.outcome(t, im).at(2, i), alone.outcome(t, im)))
}

func bitsOfQueryOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries, l.noCausal = 2, 33, true
	s := drawVaried(t, im, l)
	s.opt.Slopes = nil
	order := permutation(t, "queries", s.q.Shape[2])
	other := s.picked(2, order)
	telling := other.sameBits(t, s.outcome(t, im).at(2, order), other.outcome(t, im))
	t.Informative(telling && order[0] != 0)
}

func bitsOfPrefix[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries, l.noMask, l.noCausal = 2, 33, true, true
	s := drawVaried(t, im, l)
	s.opt.Causal, s.opt.Offset = true, t.Int("first", 0, 280)
	m, n := s.q.Shape[2], s.k.Shape[2]
	rows := span(0, m-t.Int("left out", 0, 32)%m)
	short := s.picked(2, rows).firstKeys(min(n, len(rows)+s.opt.Offset))
	telling := short.sameBits(t, s.outcome(t, im).at(2, rows), short.outcome(t, im))
	t.Informative(telling && len(rows) < m)
}

func bitsOfCache[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries, l.keys, l.noMask, l.noCausal = 2, 49, 49, true, true
	s := drawVaried(t, im, l)
	m := min(s.q.Shape[2], s.k.Shape[2])
	s = s.picked(2, span(0, m)).firstKeys(m)
	s.opt.Causal = true
	past := t.Int("past", 0, 48) % m
	end := m
	if t.Bool("one token") {
		end = past + 1
	}
	rows := span(past, end)
	chunk := s.picked(2, rows).firstKeys(end)
	telling := chunk.sameBits(t, chunk.outcome(t, im), s.outcome(t, im).at(2, rows))
	t.Informative(telling && past > 0)
}

func bitsOfChannelAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVaried(t, im, usual)
	c := []int{t.Int("channel", 0, 16) % s.v.Shape[3]}
	alone := s
	alone.v = gather(s.v, 3, c)
	got, want := s.outcome(t, im), alone.outcome(t, im)
	got.o = gather(got.o, 3, c)
	t.Informative(alone.sameBits(t, got, want))
}

// drawRules draws a window, key lengths and offsets where the implementation
// takes them.
func (s *attentionScene[T]) drawRules(t *Trial, im *spec.Implementation[T]) {
	can := im.AttentionAbilities
	if can.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	if can.KeyLengths && t.Bool("with lengths") {
		s.opt.KeyLengths = s.drawEach(t, "shorter by", 0, 8)
		for b, by := range s.opt.KeyLengths {
			s.opt.KeyLengths[b] = max(0, s.k.Shape[2]-by)
		}
	}
	if can.Offsets && t.Bool("with offsets") {
		s.opt.Offsets = s.drawEach(t, "offset", -3, 20)
	}
}

func bitsOfRules[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVaried(t, im, usual)
	if im.AttentionAbilities.Broadcast { // a mask for each batch can say it
		s.drawRules(t, im)
	} else if im.AttentionAbilities.Window {
		s.opt.Window = drawWindow(t)
	}
	ruled := s.opt.Causal || s.opt.Window != nil || s.opt.KeyLengths != nil
	other := s
	other.opt.Causal, other.opt.Window, other.opt.KeyLengths = false, nil, nil
	axes := "queries"
	if s.opt.KeyLengths != nil || s.opt.Offsets != nil {
		axes = "batch"
	}
	plain := s
	plain.opt.Bias = nil
	other.opt.Mask = newGrid(s, axes, s.k.Shape[2], true, func(b, h, i, j int) bool { return plain.opt.Allowed(b, h, i, j) })
	t.Informative(s.sameBits(t, s.outcome(t, im).unsigned(), other.outcome(t, im).unsigned()) && ruled)
}

func bitsWithoutPadding[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVaried(t, im, usual)
	n := s.k.Shape[2]
	kept := n - t.Int("padding", 1, 40)%n
	short, padded := s.firstKeys(kept), s
	if im.AttentionAbilities.KeyLengths && t.Bool("by length") {
		padded.opt.KeyLengths = nil
		for range s.q.Shape[0] {
			padded.opt.KeyLengths = append(padded.opt.KeyLengths, kept)
		}
	} else {
		padded.opt.Mask = newMask(s.q.Shape[2], n, func(i, j int) bool { return j < kept && (s.opt.Mask == nil || s.opt.Mask.At(0, 0, i, j)) })
	}
	t.Informative(short.sameBits(t, padded.outcome(t, im).unsigned(), short.outcome(t, im).unsigned()) && kept < n)
}

func bitsWithoutMaskedKeys[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noCausal, l.leastKeys = true, 4
	s := drawAttention[T](t, l)
	masked, absent, gone := s.drawMasked(t)
	t.Informative(absent.sameBits(t, masked.outcome(t, im).unsigned(), absent.outcome(t, im).unsigned()) && gone)
}

func bitsOfKeyOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, valueKinds)
	other := s.withKeys(permutation(t, "order", s.k.Shape[2]))
	s.sameBits(t, part{o: other.run(t, im)}, part{o: s.run(t, im)})
}

func bitsBesideDeafQuery[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.leastQueries, l.queries = 2, 33
	s := drawVaried(t, im, l)
	s.drawRules(t, im)
	deaf := t.Int("deaf", 0, 32) % s.q.Shape[2]
	var others []int
	for i := range s.q.Shape[2] {
		if i != deaf {
			others = append(others, i)
		}
	}
	other := s
	axes := "queries"
	if s.opt.Mask != nil {
		axes = ownAxes(s.opt.Mask)
	}
	other.opt.Mask = newGrid(s, axes, s.k.Shape[2], true, func(b, h, i, j int) bool {
		return i != deaf && (s.opt.Mask == nil || j < s.opt.Mask.Keys && s.opt.Mask.At(b, h, i, j))
	})
	t.Informative(s.sameBits(t, other.outcome(t, im).at(2, others).unsigned(), s.outcome(t, im).at(2, others).unsigned()))
}

func bitsOfZeroHeadChannels[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawVaried(t, im, usual)
	other := s.padded(t.Int("zeros", 1, 20))
	t.Informative(s.sameBits(t, other.outcome(t, im), s.outcome(t, im)) && s.q.Shape[3] > 1)
}
