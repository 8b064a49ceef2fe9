package props

import (
	"fmt"

	"example.com/attest/spec"
)

func attentionSequencesProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-080", Run: packedAlone[T]},
		{Claim: "ATT-081", Run: packedPoison[T]},
		{Claim: "ATT-082", Run: packedMask[T]},
		{Claim: "ATT-083", Run: packedValue[T]},
		{Claim: "ATT-084", Run: packedTogether[T]},
		{Claim: "ATT-085", Run: packedCausalOfAll[T]},
	}
}

// drawPacked draws packed sequences of at most the given number of keys, and
// their operands; in three cases of eight many sequences of few tokens, or a first
// one of many keys or queries, with few channels.
func drawPacked[T spec.Float](t *Trial, keys int) attentionScene[T] {
	least, most, queries, channels := 1, 4, 9, usual.channels
	var first [2][2]int // the least and the most queries and keys of a large first sequence
	switch t.Int("large", 0, 7) {
	case 5:
		least, most, queries, keys, channels = 16, 40, 3, 5, 2
	case 6:
		least, most, queries, keys, channels = 2, 3, 5, 9, 2
		first = [2][2]int{{1, 9}, {65, 320}}
	case 7:
		least, most, keys, channels = 2, 3, 4, 2
		first = [2][2]int{{65, 132}, {1, 4}}
	}
	t.Sometimes("sixteen sequences or more", least > 3)
	t.Sometimes("more than 64 keys of a sequence", first[1][0] > 64)
	t.Sometimes("more than 64 queries of a sequence", first[0][0] > 64)
	packed := &spec.Sequences{Queries: []int{0}, Keys: []int{0}}
	rest := [2][2]int{{0, queries}, {0, keys}}
	of := first
	if of[0][1] == 0 {
		of = rest
	}
	for n := range t.Int("sequences", least, most) {
		queries, keys := t.Int(fmt.Sprint("queries of sequence ", n), of[0][0], of[0][1]), t.Int(fmt.Sprint("keys of sequence ", n), of[1][0], of[1][1])
		packed.Queries, packed.Keys = append(packed.Queries, packed.Queries[n]+queries), append(packed.Keys, packed.Keys[n]+keys)
		t.Sometimes("a sequence without a query", queries == 0)
		t.Sometimes("a sequence without a key", keys == 0)
		of = rest
	}
	last := packed.Count()
	keyHeads, d := t.Int("keyHeads", 1, 2), t.Size("dHead", 1, channels)
	sizes := [6]int{1, keyHeads, keyHeads * t.Int("group", 1, 3), packed.Queries[last], packed.Keys[last], d}
	s := drawOperands[T](t, usual, sizes, t.Size("dValue", 1, channels))
	s.opt.Sequences = packed
	return s
}

// sequence returns sequence n of s alone, without the keys behind its length, and
// where its queries are.
func (s attentionScene[T]) sequence(n int) (alone attentionScene[T], rows []int) {
	alone, rows = s.wholeSequence(n)
	if s.opt.KeyLengths != nil {
		alone = alone.firstKeys(s.opt.KeyLengths[n])
		alone.opt.KeyLengths = nil
	}
	return alone, rows
}

// wholeSequence returns sequence n of s alone, with a length if it has one, and
// where its queries are.
func (s attentionScene[T]) wholeSequence(n int) (alone attentionScene[T], rows []int) {
	packed := s.opt.Sequences
	rows = span(packed.Queries[n], packed.Queries[n+1])
	keys := span(packed.Keys[n], packed.Keys[n+1])
	alone = s
	alone.q, alone.k, alone.v = gather(s.q, 2, rows), gather(s.k, 2, keys), gather(s.v, 2, keys)
	alone.opt.Sequences, alone.opt.KeyLengths, alone.opt.Offsets = nil, nil, nil
	alone.opt.Offset = s.opt.OffsetOf(n)
	if s.opt.KeyLengths != nil {
		alone.opt.KeyLengths = s.opt.KeyLengths[n : n+1]
	}
	alone.opt.Mask = partOfGrid(alone, s.opt.Mask, packed.Queries[n], packed.Keys[n])
	alone.opt.Bias = partOfGrid(alone, s.opt.Bias, packed.Queries[n], packed.Keys[n])
	alone.opt.Keep = partOfGrid(alone, s.opt.Keep, packed.Queries[n], packed.Keys[n])
	return alone, rows
}

// partOfGrid returns the grid for s that g has from a query and a key on; its keys
// are as many of those of s as g has elements for.
func partOfGrid[E any, T spec.Float](s attentionScene[T], g *spec.Grid[E], query, key int) *spec.Grid[E] {
	if g == nil {
		return nil
	}
	var gap E
	keys := max(0, min(s.k.Shape[2], g.Keys-key))
	return newGrid(s, ownAxes(g), keys, gap, func(b, h, i, j int) E { return g.At(b, h, query+i, key+j) })
}

// unpacked returns s with all tokens in one sequence.
func (s attentionScene[T]) unpacked() attentionScene[T] {
	s.opt.Sequences, s.opt.KeyLengths, s.opt.Offsets = nil, nil, nil
	return s
}

func packedAlone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPacked[T](t, 40)
	s.drawRanges(t, im.AttentionAbilities)
	got, bound := s.run(t, im), s.bound(t, im)
	for n := range s.opt.Sequences.Count() {
		alone, rows := s.sequence(n)
		nearTensor(t, fmt.Sprint("output of sequence ", n), gather(got, 2, rows), alone.run(t, im), addTensors(gather(bound, 2, rows), alone.bound(t, im)))
	}
	t.Informative(s.differs(s.unpacked(), bound))
}

func packedPoison[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPacked[T](t, 40)
	packed := s.opt.Sequences
	n := t.Int("own", 0, 39) % packed.Count()
	_, rows := s.sequence(n)
	s.bare = true
	poison := drawPoison(t)
	spoil := func(x tensor, ends []int) tensor {
		return tensorLike(x.Shape, func(b, h, i, c int) float64 {
			if i < ends[n] || i >= ends[n+1] {
				return poison
			}
			return x.At(b, h, i, c)
		})
	}
	spoilt := s
	spoilt.q, spoilt.k, spoilt.v = spoil(s.q, packed.Queries), spoil(s.k, packed.Keys), spoil(s.v, packed.Keys)
	want := gather(s.run(t, im), 2, rows)
	sameTensorBits(t, "output", gather(spoilt.run(t, im), 2, rows), want)
	t.Informative(someNonzero(want) && packed.Count() > 1)
}

func packedMask[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPacked[T](t, 40)
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	m, n := s.q.Shape[2], s.k.Shape[2]
	ofQuery, ofKey := placesIn(s.opt.Sequences.Queries), placesIn(s.opt.Sequences.Keys)
	explicit := s
	explicit.opt = spec.AttentionOptions{Scale: s.opt.Scale}
	explicit.opt.Mask = newMask(m, n, func(i, j int) bool {
		p, at, w := ofQuery[i].position+s.opt.Offset, ofKey[j].position, s.opt.Window
		return ofQuery[i].sequence == ofKey[j].sequence && (!s.opt.Causal || at <= p) &&
			(w == nil || (w.Left < 0 || p-w.Left <= at) && (w.Right < 0 || at <= p+w.Right)) &&
			(s.opt.Mask == nil || s.opt.Mask.At(0, 0, i, j))
	})
	bound := explicit.bound(t, im)
	nearTensor(t, "output", s.run(t, im), explicit.run(t, im), addTensors(bound, bound))
	single := s.opt.Sequences.Count() == 1
	if single {
		nearTensor(t, "output of one sequence", s.run(t, im), s.unpacked().run(t, im), addTensors(bound, bound))
	}
	t.Informative(s.differs(s.unpacked(), bound) || single && s.telling(s.want(t), bound))
	t.Sometimes("a single sequence", single)
}

// packedPlace is a token's sequence and its position within it.
type packedPlace struct{ sequence, position int }

// placesIn returns the place of each token, given where the sequences end.
func placesIn(ends []int) []packedPlace {
	var out []packedPlace
	for n := range ends[1:] {
		for position := range ends[n+1] - ends[n] {
			out = append(out, packedPlace{n, position})
		}
	}
	return out
}

func packedValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPacked[T](t, 20)
	s.drawOptions(t, im.AttentionAbilities)
	_, bound := s.judge(t, im)
	t.Informative(s.differs(s.unpacked(), bound))
}

// drawRest draws each of bias, softcap, sinks, slopes and kept weights that the
// implementation takes, with all axes.
func (s *attentionScene[T]) drawRest(t *Trial, im *spec.Implementation[T]) {
	can := im.AttentionAbilities
	can.Broadcast = false
	s.drawTerms(t, can)
}

// drawTwo draws one head with its tokens in two sequences.
func drawTwo[T spec.Float](t *Trial) attentionScene[T] {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	m, n := s.q.Shape[2], s.k.Shape[2]
	s.opt.Sequences = &spec.Sequences{
		Queries: []int{0, t.Int("first queries", 0, 4) % (m + 1), m},
		Keys:    []int{0, t.Int("first keys", 0, 4) % (n + 1), n},
	}
	return s
}

func packedTogether[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTwo[T](t)
	plain := s.unpacked()
	s.agree(t, im, s.run(t, im), plain.run(t, im), plain.bound(t, im))
}

// packedCausalOfAll compares with the mask j ≤ i among all tokens.
func packedCausalOfAll[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTwo[T](t)
	other := s
	s.opt.Causal = true
	other.opt.Mask = newMask(s.q.Shape[2], s.k.Shape[2], func(i, j int) bool {
		return j <= i && (s.opt.Mask == nil || s.opt.Mask.At(0, 0, i, j))
	})
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}
