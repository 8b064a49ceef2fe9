package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionBiasProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-038", Run: biasValue[T]},
		{Claim: "ATT-039", Run: biasAxes[T]},
		{Claim: "ATT-040", Run: biasMask[T]},
		{Claim: "ATT-041", Run: biasShift[T]},
		{Claim: "ATT-042", Run: biasOfCount[T]},
		{Claim: "ATT-043", Run: biasMonotone[T]},
		{Claim: "ATT-044", Run: shortMask[T]},
		{Claim: "ATT-045", Run: biasOfOneKey[T]},
		{Claim: "ATT-046", Run: biasNegative[T]},
	}
}

// ownAxes returns the leading axis for newGrid of a grid like g: that of queries if
// all batches and heads share its elements.
func ownAxes[E any](g *spec.Grid[E]) string {
	if g.BatchStride == 0 && g.HeadStride == 0 {
		return "queries"
	}
	return "batch"
}

// newGrid returns a grid for s with the given leading axis, "keys", "queries",
// "heads" or "batch", and those behind it, or "batch alone" and keys, and with the
// given number of keys. Its rows lie apart; in the gap is gap.
func newGrid[E any, T spec.Float](s attentionScene[T], axes string, keys int, gap E, f func(b, h, i, j int) E) *spec.Grid[E] {
	g := &spec.Grid[E]{Queries: s.q.Shape[2], Keys: keys}
	count := [3]int{1, 1, 1}
	step := keys + 3
	if axes != "keys" && axes != "batch alone" {
		count[2], g.Stride = s.q.Shape[2], step
		step *= count[2]
	}
	if axes == "heads" || axes == "batch" {
		count[1], g.HeadStride = s.q.Shape[1], step
		step *= count[1]
	}
	if axes == "batch" || axes == "batch alone" {
		count[0], g.BatchStride = s.q.Shape[0], step
		step *= count[0]
	}
	g.Data = make([]E, step)
	for k := range g.Data {
		g.Data[k] = gap
	}
	if s.q.Shape[0]*s.q.Shape[1]*s.q.Shape[2] == 0 {
		return g // nobody shares these elements
	}
	for b := range count[0] {
		for h := range count[1] {
			for i := range count[2] {
				row := g.Row(b, h, i)
				for j := range row {
					row[j] = f(b, h, i, j)
				}
			}
		}
	}
	return g
}

// newBias is newGrid for biases, with NaN in the gaps.
func newBias[T spec.Float](s attentionScene[T], axes string, keys int, f func(b, h, i, j int) float64) *spec.Bias {
	return newGrid(s, axes, keys, float32(math.NaN()), func(b, h, i, j int) float32 { return float32(f(b, h, i, j)) })
}

// fullBias is newBias with all axes and keys.
func (s attentionScene[T]) fullBias(f func(b, h, i, j int) float64) *spec.Bias {
	return newBias(s, "batch", s.k.Shape[2], f)
}

// drawBias draws a bias; where it draws so, some of its elements are −Inf.
func (s attentionScene[T]) drawBias(t *Trial, axes string, keys int, kinds []gen.Kind, lo, hi int) *spec.Bias {
	heads, m := s.q.Shape[1], s.q.Shape[2]
	x := t.Matrix("bias", s.q.Shape[0]*heads*m, keys, kinds, lo, hi)
	hide := spec.NewMatrix[float64](x.Rows, keys)
	if t.Bool("hiding") {
		hide = t.Matrix("hide", x.Rows, keys, []gen.Kind{gen.Normal, gen.Coarse, gen.OneHot, gen.Ints}, 0, 0)
	}
	return newBias(s, axes, keys, func(b, h, i, j int) float64 {
		row := (b*heads+h)*m + i
		if hide.At(row, j) > 0.5 {
			return math.Inf(-1)
		}
		return x.At(row, j)
	})
}

// differs reports whether the exact outputs of s and other are somewhere more
// than 8 bounds apart: then one would not pass for the other.
func (s attentionScene[T]) differs(other attentionScene[T], bound tensor) bool {
	exact := func(s attentionScene[T]) tensor {
		out := spec.NewTensor[float64](bound.Shape[0], bound.Shape[1], bound.Shape[2], bound.Shape[3])
		reference.Attention(out, s.q, s.k, s.v, &s.opt)
		return out
	}
	x, y := exact(s), exact(other)
	found := false
	eachElement(bound.Shape, func(b, h, i, c int) {
		found = found || math.Abs(x.At(b, h, i, c)-y.At(b, h, i, c)) > 8*bound.At(b, h, i, c)
	})
	return found
}

// withoutBias returns s without its bias.
func (s attentionScene[T]) withoutBias() attentionScene[T] {
	s.opt.Bias = nil
	return s
}

var biasKinds = []gen.Kind{gen.Normal, gen.Uniform, gen.Coarse, gen.Heavy, gen.Ints, gen.Iota, gen.Translated, gen.OneHot}

func biasValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys = 9, 65
	s := drawAttention[T](t, l)
	axes, keys := s.drawAxes(t, im.AttentionAbilities, "bias")
	s.opt.Bias = s.drawBias(t, axes, keys, biasKinds, -2, 2)
	s.drawOptions(t, im.AttentionAbilities)
	_, bound := s.judge(t, im)
	t.Informative(s.differs(s.withoutBias(), bound))
	t.Sometimes("more than 32 keys", s.k.Shape[2] > 32)
}

func biasAxes[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noMask = true
	s := drawAttention[T](t, l)
	n := s.k.Shape[2]
	axes := func(name string) string { return t.Word(name, "keys", "queries", "heads", "batch", "batch alone") }
	other := s
	if t.Bool("with mask") {
		keys := n - t.Int("mask shorter by", 0, 6)%n
		x := t.Matrix("mask", s.q.Shape[0]*s.q.Shape[1]*s.q.Shape[2], keys, []gen.Kind{gen.Normal, gen.Coarse, gen.One, gen.Uniform}, 0, 0)
		s.opt.Mask = newGrid(s, axes("mask axes"), keys, true, func(b, h, i, j int) bool {
			return x.At((b*s.q.Shape[1]+h)*s.q.Shape[2]+i, j) > -0.25
		})
		other.opt.Mask = newGrid(s, "batch", n, true, func(b, h, i, j int) bool { return j < keys && s.opt.Mask.At(b, h, i, j) })
	}
	if s.opt.Mask == nil || t.Bool("with bias") {
		keys := n - t.Int("bias shorter by", 0, 6)%n
		s.opt.Bias = s.drawBias(t, axes("bias axes"), keys, exactKinds, 0, 2)
		other.opt.Bias = s.fullBias(func(b, h, i, j int) float64 {
			if j >= keys {
				return math.Inf(-1)
			}
			return s.opt.BiasAt(b, h, i, j)
		})
	}
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
	t.Sometimes("a short mask", s.opt.Mask != nil && s.opt.Mask.Keys < n)
	t.Sometimes("a short bias", s.opt.Bias != nil && s.opt.Bias.Keys < n)
}

func biasMask[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noMask = true
	s := drawAttention[T](t, l)
	m, n := s.q.Shape[2], s.k.Shape[2]
	s.opt.Mask, s.bare = drawMask(t, m, n), true
	other := s.withoutMask()
	other.opt.Bias = s.fullBias(func(_, _, i, j int) float64 {
		if s.opt.Mask.At(0, 0, i, j) {
			return 0
		}
		return math.Inf(-1)
	})
	other.k, other.v = other.poisoned(s.k, math.NaN()), other.poisoned(s.v, math.NaN())
	bound := s.bound(t, im)
	s.agree(t, im, other.run(t, im), s.run(t, im), bound)
	t.Informative(s.differs(s.withoutMask(), bound))
}

// withoutMask returns s without its mask.
func (s attentionScene[T]) withoutMask() attentionScene[T] {
	s.opt.Mask = nil
	return s
}

// poisoned returns x, keys or values, with poison where no query may see it.
func (s attentionScene[T]) poisoned(x tensor, poison float64) tensor {
	return tensorLike(x.Shape, func(b, g, j, c int) float64 {
		if !s.seen(b, g, j) {
			return poison
		}
		return x.At(b, g, j, c)
	})
}

func biasShift[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	s.opt.Bias = s.drawBias(t, "batch", s.k.Shape[2], exactKinds, 0, 0)
	c := map[string]float64{"8": 8, "-8": -8, "128": 128, "-128": -128, "-1024": -1024, "-65536": -65536}[t.Word("c", "8", "-8", "128", "-128", "-1024", "-65536")]
	other := s
	other.opt.Bias = s.fullBias(func(b, h, i, j int) float64 { return s.opt.BiasAt(b, h, i, j) + c*float64(1-2*(i%2)) })
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

func biasOfCount[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keys = 49
	s := drawAttention[T](t, l)
	n := s.k.Shape[2]
	s.opt.Bias = s.drawBias(t, "batch", n, biasKinds, -1, 0)
	key, times := t.Int("key", 0, 48)%n, t.Int("times", 2, 6)
	places := span(0, n)
	for range times - 1 {
		places = append(places, key)
	}
	repeated, other := s.withKeys(places), s
	var off float64 // of the bias from what the count asks for, at most
	other.opt.Bias = s.fullBias(func(b, h, i, j int) float64 {
		x := s.opt.BiasAt(b, h, i, j)
		if j == key && !math.IsInf(x, -1) {
			want := x + math.Log(float64(times))
			off = max(off, math.Abs(float64(float32(want))-want)+4*unit64*math.Abs(want))
			return want
		}
		return x
	})
	most := 0.0 // distance of two values
	eachElement(s.v.Shape, func(b, g, j, c int) { most = max(most, 2*math.Abs(s.v.At(b, g, j, c))) })
	bound := mapTensor(addTensors(other.bound(t, im), repeated.bound(t, im)), func(e float64) float64 { return e + math.Expm1(2*off)*most })
	got, want := repeated.run(t, im), other.run(t, im)
	nearTensor(t, "output", got, want, bound)
	t.Informative(other.differs(s, bound))
}

func biasMonotone[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keys, l.values = 33, []gen.Kind{gen.Zero}
	s := drawAttention[T](t, l)
	n := s.k.Shape[2]
	s.v = identityValues(s.v.Shape, n)
	s.opt.Bias = s.drawBias(t, "batch", n, exactKinds, 0, 1)
	key, rise := t.Int("key", 0, 32)%n, t.Power("rise", -2, 2)
	other := s
	other.opt.Bias = s.fullBias(func(b, h, i, j int) float64 {
		if j == key {
			return s.opt.BiasAt(b, h, i, j) + rise
		}
		return s.opt.BiasAt(b, h, i, j)
	})
	low, high := s.run(t, im), other.run(t, im)
	bound := addTensors(s.bound(t, im), other.bound(t, im))
	eachElement(low.Shape, func(b, h, i, j int) {
		change := high.At(b, h, i, j) - low.At(b, h, i, j)
		if j == key {
			change = -change
		}
		t.Within(atTensor("weight against its bias", b, h, i, j), change, bound.At(b, h, i, j)+2*unit64)
	})
	t.Informative(s.differs(other, bound))
}

func shortMask[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	m, n := s.q.Shape[2], s.k.Shape[2]
	kept := t.Int("kept", 1, 4)
	if kept > n {
		t.Undecidable()
	}
	x := t.Matrix("short", m, kept, []gen.Kind{gen.One, gen.Coarse, gen.Ints}, 0, 0)
	s.opt.Mask = newGrid(s, "queries", kept, true, func(_, _, i, j int) bool { return x.At(i, j) > 0 })
	other := s
	other.opt.Mask = newMask(m, n, func(i, j int) bool { return j >= kept || x.At(i, j) > 0 })
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}

// biasOfOneKey adds c to the bias of the first key.
func biasOfOneKey[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	c := float64(t.Int("c", 1, 8))
	s.firstKeyBiased(0)
	other := s
	other.firstKeyBiased(c)
	s.agree(t, im, other.run(t, im), s.run(t, im), other.bound(t, im))
}

// firstKeyBiased sets the bias of the first key to c, of the others to 0.
func (s *attentionScene[T]) firstKeyBiased(c float64) {
	s.opt.Bias = s.fullBias(func(_, _, _, j int) float64 {
		if j == 0 {
			return c
		}
		return 0
	})
}

func biasNegative[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.firstKeyBiased(-float64(t.Int("c", 1, 8)))
	other := s
	other.firstKeyBiased(math.Inf(-1))
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}
