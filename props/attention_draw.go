package props

import (
	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// attentionSizes limits what drawAttention draws. Sizes that are zero stand for
// 1.
type attentionSizes struct {
	batch, keyHeads, group, leastQueries, leastKeys, leastChannels int // at least
	queries, keys, channels                                        int // at most; channels of dHead and dValue
	batches, keyGroups, groups                                     int // at most; 2, 2 and 3 for 0
	qkLo, qkHi                                                     int // exponents of Q and K
	queryKeys, values                                              []gen.Kind
	noMask, noCausal, zeroScale                                    bool
	large                                                          bool // now and then one axis is large
}

var (
	// keyKinds are fills for queries and keys: those of numbers, and tokens that
	// lie in special ways. The first are drawn most often.
	keyKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Ints, gen.Heavy, gen.Translated, gen.Clustered,
		gen.Iota, gen.Duplicates, gen.EqualNorm, gen.OneHot, gen.One, gen.Zero}
	valueKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Heavy, gen.Translated, gen.Coarse, gen.Ints, gen.Clustered,
		gen.Iota, gen.OneHot, gen.One}
	// exactKinds are fills whose elements are few-bit fractions.
	exactKinds = []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot}
	// calmKinds keep logits within a few units of one another.
	calmKinds = []gen.Kind{gen.Normal, gen.Coarse, gen.Uniform, gen.Ints, gen.EqualNorm}
)

// usual are the sizes of claims that compare the implementation with itself.
var usual = attentionSizes{leastKeys: 2, queries: 17, keys: 97, channels: 17, qkLo: -2, qkHi: 2, queryKeys: keyKinds, values: valueKinds}

// calm are the same with logits near one another.
func calm() attentionSizes {
	l := usual
	l.qkLo, l.qkHi, l.queryKeys = -1, 0, calmKinds
	return l
}

// drawAttention draws sizes, operands, scale and masks.
func drawAttention[T spec.Float](t *Trial, l attentionSizes) attentionScene[T] {
	if l.large {
		l = l.drawLarge(t)
	}
	size := func(name string, least, most, otherwise int) int {
		if most == 0 {
			most = otherwise
		}
		return t.Int(name, max(1, least), most)
	}
	batch, keyHeads := size("batch", l.batch, l.batches, 2), size("keyHeads", l.keyHeads, l.keyGroups, 2)
	heads := keyHeads * size("group", l.group, l.groups, 3)
	m, n := t.Size("m", max(1, l.leastQueries), l.queries), t.Size("n", max(1, l.leastKeys), l.keys)
	d, dv := t.Size("dHead", max(1, l.leastChannels), l.channels), t.Size("dValue", max(1, l.leastChannels), l.channels)
	return drawOperands[T](t, l, [6]int{batch, keyHeads, heads, m, n, d}, dv)
}

// drawLarge returns l itself, or in three cases of eight sizes of which some are as
// large as kernels treat in a way of their own, and the others so small that such
// a case costs no more than others: channels and heads, queries, or keys.
func (l attentionSizes) drawLarge(t *Trial) attentionSizes {
	which := t.Int("large", 0, 7)
	if which < 5 {
		return l
	}
	l.leastQueries, l.queries = max(1, min(l.leastQueries, 2)), 2
	l.leastKeys, l.keys, l.channels = max(1, min(l.leastKeys, 2)), 4, 2
	switch which {
	case 5:
		l.leastChannels, l.channels = [3]int{31, 63, 127}[t.Int("large from", 0, 2)], 130
		l.batches, l.keyGroups, l.groups = 3, 3, 8
	case 6:
		l.leastQueries, l.queries = [2]int{65, 127}[t.Int("large from", 0, 1)], 132
		l.keyGroups, l.groups = max(1, l.keyHeads), max(2, l.group)
	case 7:
		l.leastKeys, l.keys = [2]int{65, 257}[t.Int("large from", 0, 1)], 320
		l.keyGroups, l.groups, l.queries = max(1, l.keyHeads), max(2, l.group), 9 // more than a few: tiles of them
	}
	return l
}

// sometimesLarge demands the classes of case that drawLarge makes.
func (s attentionScene[T]) sometimesLarge(t *Trial) {
	t.Sometimes("more than 63 channels", s.q.Shape[3] > 63)
	t.Sometimes("more than 64 queries", s.q.Shape[2] > 64)
	t.Sometimes("more than 256 keys", s.k.Shape[2] > 256)
	t.Sometimes("a group of four heads or more", s.q.Shape[1] >= 4*s.k.Shape[1])
	t.Sometimes("a third batch", s.q.Shape[0] > 2)
	t.Sometimes("an offset beyond 63", s.opt.Causal && s.opt.Offset > 63)
}

// drawOperands draws operands of the given sizes: batch, keyHeads, heads, m, n,
// dHead, and dValue.
func drawOperands[T spec.Float](t *Trial, l attentionSizes, sizes [6]int, dv int) attentionScene[T] {
	batch, keyHeads, heads, m, n, d := sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]
	s := attentionScene[T]{layout: drawLayout(t)}
	s.q = tensorOf(t.Matrix("Q", batch*heads*m, d, l.queryKeys, l.qkLo, l.qkHi), batch, heads, m)
	s.k = tensorOf(t.Matrix("K", batch*keyHeads*n, d, l.queryKeys, l.qkLo, l.qkHi), batch, keyHeads, n)
	s.v = tensorOf(t.Matrix("V", batch*keyHeads*n, dv, l.values, -2, 2), batch, keyHeads, n)
	s.opt.Scale = spec.DefaultScale(max(1, d))
	scales := []string{"default", "one", "drawn", "negative", "zero"}
	if !l.zeroScale {
		scales = scales[:4]
	}
	switch t.Word("scale", scales...) {
	case "one":
		s.opt.Scale = 1
	case "drawn":
		s.opt.Scale = t.Power("scale value", -4, 1)
	case "negative":
		s.opt.Scale *= -1
	case "zero":
		s.opt.Scale = 0
	}
	if !l.noMask && t.Bool("masked") {
		s.opt.Mask = drawMask(t, m, n)
	}
	if !l.noCausal && t.Bool("causal") {
		s.opt.Causal = true
		if l.large {
			s.opt.Offset = drawFirst(t, "offset", m, n)
		} else {
			s.opt.Offset = t.Int("offset", -2, 12)
		}
	}
	return s
}

// drawEmpty draws an attention in which the named size is zero.
func drawEmpty[T spec.Float](t *Trial, empty string) attentionScene[T] {
	least := func(name string) int {
		if name == empty {
			return 0
		}
		return 2
	}
	sizes := [6]int{least("batch"), least("heads"), 2 * least("heads"), least("queries"), least("keys"), least("dHead")}
	l := usual
	l.noMask, l.noCausal = true, true
	return drawOperands[T](t, l, sizes, least("dValue"))
}

// drawSingle draws one head of one batch without a causal rule; the names are
// few, for counterexamples that are stored.
func drawSingle[T spec.Float](t *Trial, maxSize int, kinds, values []gen.Kind) attentionScene[T] {
	m, n := t.Int("m", 1, maxSize), t.Int("n", 1, maxSize)
	d, dv := t.Int("dHead", 1, maxSize), t.Int("dValue", 1, maxSize)
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: spec.DefaultScale(d)}}
	s.q = tensorOf(t.Matrix("Q", m, d, kinds, 0, 0), 1, 1, m)
	s.k = tensorOf(t.Matrix("K", n, d, kinds, 0, 0), 1, 1, n)
	s.v = tensorOf(t.Matrix("V", n, dv, values, 0, 0), 1, 1, n)
	if t.Word("masks", "none", "drawn") == "drawn" {
		s.opt.Mask = drawMask(t, m, n)
	}
	return s
}

// drawMask draws a mask: query i may attend to key j where M is positive.
func drawMask(t *Trial, m, n int) *spec.Mask {
	x := t.Matrix("M", m, n, []gen.Kind{gen.Coarse, gen.Uniform, gen.Ints, gen.One, gen.OneHot, gen.Zero}, 0, 0)
	return newMask(m, n, func(i, j int) bool { return x.At(i, j) > 0 })
}

// newMask returns a mask whose rows lie apart; what is in the gap says true.
func newMask(m, n int, allowed func(i, j int) bool) *spec.Mask {
	mask := &spec.Mask{Queries: m, Keys: n, Stride: n + 3, Data: make([]bool, m*(n+3))}
	for i := range m {
		for j := range mask.Stride {
			mask.Data[i*mask.Stride+j] = j >= n || allowed(i, j)
		}
	}
	return mask
}
