package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

func attentionDropoutProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-074", Run: keepValue[T]},
		{Claim: "ATT-075", Run: keepAll[T]},
		{Claim: "ATT-076", Run: keepComplement[T]},
		{Claim: "ATT-077", Run: dropMasks[T]},
		{Claim: "ATT-118", Run: dropNaN[T]},
	}
}

// drawKeep draws a keep mask with all axes, and a second one that is its
// complement.
func (s attentionScene[T]) drawKeep(t *Trial) (keep, drop *spec.Mask) {
	heads, m, n := s.q.Shape[1], s.q.Shape[2], s.k.Shape[2]
	x := t.Matrix("keep", s.q.Shape[0]*heads*m, n, []gen.Kind{gen.Normal, gen.Coarse, gen.Uniform, gen.OneHot, gen.Ints}, 0, 0)
	kept := func(b, h, i, j int) bool { return x.At((b*heads+h)*m+i, j) > 0 }
	return newGrid(s, "batch", n, true, kept), newGrid(s, "batch", n, true, func(b, h, i, j int) bool { return !kept(b, h, i, j) })
}

func keepValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys = 9, 65
	s := drawAttention[T](t, l)
	s.opt.Keep = s.drawFlags(t, im.AttentionAbilities, "keep", 0)
	s.opt.KeepScale = t.Power("keep scale", 0, 1)
	s.drawOptions(t, im.AttentionAbilities)
	plain := s
	plain.opt.Keep = nil
	want, bound := s.judge(t, im)
	t.Informative(s.differs(plain, bound) && someNonzero(want))
}

func keepAll[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, calm())
	s.withoutUnderflow(t)
	other := s
	other.opt.Keep = newGrid(s, "batch", s.k.Shape[2], false, func(_, _, _, _ int) bool { return true })
	other.opt.KeepScale = math.Ldexp(1, t.Int("k", 0, 4))
	want := mapTensor(s.run(t, im), func(x float64) float64 { return other.opt.KeepScale*x + 0 })
	sameTensorBits(t, "output", unsignedZeros(other.run(t, im)), want)
	t.Informative(someNonzero(want))
}

func keepComplement[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	kept, dropped := s, s
	kept.opt.Keep, dropped.opt.Keep = s.drawKeep(t)
	kept.opt.KeepScale, dropped.opt.KeepScale = 2, 2
	twice := func(x float64) float64 { return 2 * x }
	x, y, want := kept.run(t, im), dropped.run(t, im), mapTensor(s.run(t, im), twice)
	bound := addTensors(addTensors(kept.bound(t, im), dropped.bound(t, im)), mapTensor(s.bound(t, im), twice))
	nearTensor(t, "output", addTensors(x, y), want, bound)
	t.Informative(apart(want, x, y, bound))
}

func dropMasks[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	other := s
	s.opt.Keep, _ = s.drawKeep(t)
	s.opt.KeepScale = 1
	other.opt.Mask = newMask(s.q.Shape[2], s.k.Shape[2], func(i, j int) bool {
		return s.opt.Allowed(0, 0, i, j) && s.opt.Keep.At(0, 0, i, j)
	})
	s.agree(t, im, s.run(t, im), other.run(t, im), other.bound(t, im))
}

func dropNaN[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	s.opt.Keep, _ = s.drawKeep(t)
	s.opt.KeepScale = t.Power("keep scale", 0, 1)
	at := drawPlace(t, "NaN", s.v.Shape)
	spoilt := s
	spoilt.v = withNaN(s.v, at)
	got, want := spoilt.run(t, im), s.run(t, im)
	dropped := false
	eachElement(got.Shape, func(b, h, i, c int) {
		if b != at[0] || spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]) != at[1] || c != at[3] || !s.opt.Allowed(b, h, i, at[2]) {
			t.Bits(atTensor("output without NaN", b, h, i, c), got.At(b, h, i, c), want.At(b, h, i, c))
			return
		}
		dropped = dropped || s.opt.KeepFactor(b, h, i, at[2]) == 0
		t.Check(math.IsNaN(got.At(b, h, i, c)), "%s is %v although a NaN value is seen there, if with weight 0", atTensor("output", b, h, i, c), got.At(b, h, i, c))
	})
	t.Informative(dropped)
}
