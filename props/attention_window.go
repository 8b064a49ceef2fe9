package props

import (
	"fmt"
	"math"

	"example.com/attest/spec"
)

func attentionWindowProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-061", Run: windowMask[T]},
		{Claim: "ATT-062", Run: lengthAbsent[T]},
		{Claim: "ATT-063", Run: offsetAlone[T]},
		{Claim: "ATT-064", Run: pastPresent[T]},
		{Claim: "ATT-065", Run: rulesTogether[T]},
		{Claim: "ATT-066", Run: windowFixed[T]},
		{Claim: "ATT-067", Run: causalBottomRight[T]},
	}
}

func drawWindow(t *Trial) *spec.Window {
	return &spec.Window{Left: t.Int("left", -1, 12), Right: t.Int("right", -1, 12)}
}

// drawEach draws an integer in [lo, hi] for each batch.
func (s attentionScene[T]) drawEach(t *Trial, name string, lo, hi int) []int {
	var out []int
	for b := range s.q.Shape[0] {
		out = append(out, t.Int(fmt.Sprint(name, " of batch ", b), lo, hi))
	}
	return out
}

func windowMask[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noCausal = true
	s := drawAttention[T](t, l)
	s.bare = true
	explicit := s
	s.opt.Causal, s.opt.Offset = t.Bool("causal"), t.Int("first", -3, 40)
	s.opt.Window = drawWindow(t)
	explicit.opt.Mask = newMask(s.q.Shape[2], s.k.Shape[2], func(i, j int) bool {
		p, w := i+s.opt.Offset, s.opt.Window
		return (w.Left < 0 || p-w.Left <= j) && (w.Right < 0 || j <= p+w.Right) && (!s.opt.Causal || j <= p) &&
			(s.opt.Mask == nil || s.opt.Mask.At(0, 0, i, j))
	})
	bound := explicit.bound(t, im)
	hidden := s
	hidden.k, hidden.v = explicit.poisoned(s.k, math.NaN()), explicit.poisoned(s.v, math.NaN())
	nearTensor(t, "output", hidden.run(t, im), explicit.run(t, im), addTensors(bound, bound))
	open := s
	open.opt.Window = nil
	t.Informative(s.differs(open, bound))
}

// ofBatch returns batch b of s alone, with its own offset, and the first n of its
// keys.
func (s attentionScene[T]) ofBatch(b, n int) attentionScene[T] {
	one := func(x tensor) tensor { return gather(x, 0, []int{b}) }
	keys := span(0, n)
	out := s
	out.q, out.k, out.v = one(s.q), gather(one(s.k), 2, keys), gather(one(s.v), 2, keys)
	out.opt.Offset, out.opt.Offsets, out.opt.KeyLengths = s.opt.OffsetOf(b), nil, nil
	if s.opt.Mask != nil {
		out.opt.Mask = newMask(s.q.Shape[2], n, func(i, j int) bool { return s.opt.Mask.At(b, 0, i, j) })
	}
	return out
}

func lengthAbsent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	n := s.k.Shape[2]
	s.opt.KeyLengths = s.drawEach(t, "length", 0, 97)
	for b := range s.opt.KeyLengths {
		s.opt.KeyLengths[b] = min(s.opt.KeyLengths[b]%(n+1), n)
	}
	s.bare = true
	bound, whole := s.bound(t, im), s
	whole.opt.KeyLengths = nil
	hidden := s
	hidden.k, hidden.v = s.poisoned(s.k, math.NaN()), s.poisoned(s.v, math.NaN())
	got := hidden.run(t, im)
	for b := range s.q.Shape[0] {
		alone := s.ofBatch(b, s.opt.KeyLengths[b])
		nearTensor(t, "output", gather(got, 0, []int{b}), alone.run(t, im), addTensors(gather(bound, 0, []int{b}), alone.bound(t, im)))
	}
	if s.opt.KeyLengths[0] == 0 {
		t.Bits("output of length 0", got.At(0, 0, 0, 0), 0)
	}
	t.Informative(s.differs(whole, bound))
	t.Sometimes("a length of 0", s.opt.KeyLengths[0] == 0)
}

func offsetAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noCausal, l.batch = true, 2
	s := drawAttention[T](t, l)
	s.opt.Causal = true
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	s.opt.Offset, s.opt.Offsets = 5, s.drawEach(t, "offset", -3, 20)
	bound, plain := s.bound(t, im), s
	plain.opt.Offsets = nil
	got := s.run(t, im)
	for b := range s.q.Shape[0] {
		alone := s.ofBatch(b, s.k.Shape[2])
		nearTensor(t, "output", gather(got, 0, []int{b}), alone.run(t, im), addTensors(gather(bound, 0, []int{b}), alone.bound(t, im)))
	}
	t.Informative(s.differs(plain, bound))
}

// pastPresent attends with a chunk of new queries to the keys of past and new
// tokens, and compares with the same rows of all tokens together.
func pastPresent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
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
	past := t.Int("past", 0, 48) % m
	end := m
	if t.Bool("one token") {
		end = past + 1
	}
	chunk := s.withQueries(past, end)
	chunk.k, chunk.v = gather(s.k, 2, span(0, end)), gather(s.v, 2, span(0, end))
	rows := span(past, end)
	bound := chunk.bound(t, im)
	want := gather(s.run(t, im), 2, rows)
	nearTensor(t, "output", chunk.run(t, im), want, addTensors(gather(s.bound(t, im), 2, rows), bound))
	first := chunk
	first.opt.Offset = 0
	t.Informative(past > 0 && chunk.differs(first, bound))
}

func rulesTogether[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys, l.large, l.zeroScale = 17, 65, true, true
	s := drawAttention[T](t, l)
	s.drawOptions(t, im.AttentionAbilities)
	want, bound := s.judge(t, im)
	t.Informative(s.telling(want, bound))
	s.sometimesLarge(t)
	s.sometimesGrids(t, im.AttentionAbilities)
}

// windowFixed compares a window at an offset with the window at none.
func windowFixed[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.opt.Window = &spec.Window{Left: t.Int("left", -1, 2), Right: t.Int("right", -1, 2)}
	other := s
	s.opt.Offset = t.Int("past", 0, 3)
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}

func causalBottomRight[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.opt.Causal = true
	other := s
	other.opt.Offset = spec.BottomRight(s.q.Shape[2], s.k.Shape[2])
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}
