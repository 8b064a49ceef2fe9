package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionSoftcapProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-055", Run: softcapValue[T]},
		{Claim: "ATT-056", Run: softcapRatio[T]},
		{Claim: "ATT-057", Run: softcapAbsentKeys[T]},
		{Claim: "ATT-058", Run: softcapLimit[T]},
		{Claim: "ATT-059", Run: softcapRatioBiased[T]},
		{Claim: "ATT-060", Run: softcapOrder[T]},
	}
}

// withoutSoftcap returns s without its softcap.
func (s attentionScene[T]) withoutSoftcap() attentionScene[T] {
	s.opt.Softcap = 0
	return s
}

func softcapValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.queries, l.keys = 9, 65
	s := drawAttention[T](t, l)
	s.opt.Softcap = t.Power("softcap", -2, 4)
	s.drawOptions(t, im.AttentionAbilities)
	_, bound := s.judge(t, im)
	t.Informative(s.differs(s.withoutSoftcap(), bound))
}

// ratioWithin requires the weights that s has for values, for each query, to lie
// within a factor exp(2c) of one another, and those of masked keys to be 0.
func (s attentionScene[T]) ratioWithin(t *Trial, im *spec.Implementation[T]) {
	n := s.k.Shape[2]
	s.v = identityValues(s.v.Shape, n)
	a, bound := s.run(t, im), s.bound(t, im)
	f := math.Exp(-2 * s.opt.Softcap)
	telling := false
	eachElement([4]int{a.Shape[0], a.Shape[1], a.Shape[2], 1}, func(b, h, i, _ int) {
		least, most := -1, -1
		for j := range n {
			if !s.opt.Allowed(b, h, i, j) {
				t.Bits(atTensor("weight of a masked key", b, h, i, j), a.At(b, h, i, j), 0)
			} else {
				if x := a.At(b, h, i, j); least < 0 || x < a.At(b, h, i, least) {
					least = j
				}
				if x := a.At(b, h, i, j); most < 0 || x > a.At(b, h, i, most) {
					most = j
				}
			}
		}
		if least < 0 {
			return
		}
		// Evaluating f and the difference costs a few roundings of float64.
		allowed := f*bound.At(b, h, i, most) + bound.At(b, h, i, least) + 16*unit64*f*(1+s.opt.Softcap)
		t.Within(atTensor("weight beyond exp(2c) times another", b, h, i, most), f*a.At(b, h, i, most)-a.At(b, h, i, least), allowed)
		x := reference.Logits(s.q, s.k, &spec.AttentionOptions{Scale: s.opt.Scale}, b, h, i)
		telling = telling || math.Abs(x[most]-x[least]) > 2*s.opt.Softcap+1
	})
	t.Informative(telling)
}

func softcapRatio[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.keys, l.qkLo, l.qkHi, l.values = 33, 0, 3, []gen.Kind{gen.Zero}
	s := drawAttention[T](t, l)
	s.opt.Softcap = t.Power("softcap", -2, 1)
	s.ratioWithin(t, im)
}

func softcapAbsentKeys[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := usual
	l.noCausal = true
	s := drawAttention[T](t, l)
	s.opt.Softcap = t.Power("softcap", -2, 4)
	s.absentKeys(t, im)
}

func softcapLimit[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, calm())
	var most, far float64
	for b := range s.q.Shape[0] {
		for h := range s.q.Shape[1] {
			for i := range s.q.Shape[2] {
				for j, x := range reference.Logits(s.q, s.k, &s.opt, b, h, i) {
					if s.opt.Allowed(b, h, i, j) {
						most = max(most, math.Abs(x))
					}
				}
			}
		}
	}
	eachElement(s.v.Shape, func(b, g, j, c int) { far = max(far, 2*math.Abs(s.v.At(b, g, j, c))) })
	capped := s
	capped.opt.Softcap = float64(float32(max(most, 0x1p-10) * t.Power("times", 4, 9)))
	delta := most * most * most / (3 * capped.opt.Softcap * capped.opt.Softcap) * (1 + 16*unit64)
	bound := mapTensor(addTensors(s.bound(t, im), capped.bound(t, im)), func(e float64) float64 { return e + math.Expm1(2*delta)*far })
	want := s.run(t, im)
	nearTensor(t, "output", capped.run(t, im), want, bound)
	t.Informative(s.telling(want, bound))
}

// softcapRatioBiased gives the first key a bias of −c.
func softcapRatioBiased[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.firstKeyBiased(-float64(t.Int("c", 1, 8)))
	s.opt.Softcap = t.Power("softcap", -2, 0)
	s.ratioWithin(t, im)
}

func softcapOrder[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, []gen.Kind{gen.Zero}, exactKinds)
	c := t.Power("softcap", -2, 0)
	b := float64(t.Int("c", 1, 8))
	s.firstKeyBiased(b)
	other := s
	s.opt.Softcap = c
	capped := c * math.Tanh(b/c)
	other.firstKeyBiased(capped)
	var far float64
	eachElement(s.v.Shape, func(b, g, j, c int) { far = max(far, 2*math.Abs(s.v.At(b, g, j, c))) })
	off := math.Expm1(2*(math.Abs(float64(float32(capped))-capped)+8*unit64*c)) * far
	bound := mapTensor(addTensors(s.bound(t, im), other.bound(t, im)), func(e float64) float64 { return e + off })
	nearTensor(t, "output", s.run(t, im), other.run(t, im), bound)
}
