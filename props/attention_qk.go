package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

func attentionQKProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "ATT-086", Run: qkScaled[T]},
		{Claim: "ATT-087", Run: qkCapped[T]},
		{Claim: "ATT-088", Run: qkLogits[T]},
		{Claim: "ATT-089", Run: qkWeights[T]},
		{Claim: "ATT-090", Run: qkConsistent[T]},
		{Claim: "ATT-091", Run: qkPoison[T]},
		{Claim: "ATT-092", Run: qkCappedWithBias[T]},
		{Claim: "ATT-093", Run: qkDeafWeights[T]},
	}
}

// shapeQK is the shape of the products of queries and keys.
func (s attentionScene[T]) shapeQK() [4]int {
	return [4]int{s.q.Shape[0], s.q.Shape[1], s.q.Shape[2], s.k.Shape[2]}
}

// runQK calls the implementation for the output and the products at a stage.
func (s attentionScene[T]) runQK(t *Trial, im *spec.Implementation[T], stage spec.QKStage) (out, qk tensor) {
	h := s.hide(t)
	s.v, s.opt = h.v, h.opt
	if stage >= spec.QKLogits { // before, the products of all keys are stored
		s.k = h.k
	}
	dst, products := outputTensor[T](t, "output", s.shapeOut(), s.layout), outputTensor[T](t, "qk", s.shapeQK(), s.layout)
	opt := s.lend(t)
	im.AttentionQK(dst, products, inputTensor[T](t, "Q", s.q, s.layout), inputTensor[T](t, "K", s.k, s.layout),
		inputTensor[T](t, "V", s.v, s.layout), stage, &opt)
	return wideTensor(dst), wideTensor(products)
}

// exactQK returns the products at a stage as the given implementation computes
// them.
func (s attentionScene[T]) exactQK(im *spec.Implementation[float64], stage spec.QKStage) tensor {
	shape := s.shapeOut()
	out, qk := spec.NewTensor[float64](shape[0], shape[1], shape[2], shape[3]), tensorLike(s.shapeQK(), func(_, _, _, _ int) float64 { return 0 })
	im.AttentionQK(out, qk, s.q, s.k, s.v, stage, &s.opt)
	return qk
}

// boundQK returns the bound on the products at a stage, and ends the trial where
// there is none.
func (s attentionScene[T]) boundQK(t *Trial, im *spec.Implementation[T], stage spec.QKStage) tensor {
	e, ok := reference.AttentionQKBound(s.q, s.k, stage, &s.opt, im.Profile, reference.RoundingOf[T]())
	if !ok {
		t.Undecidable()
	}
	return e
}

// drawQK draws an attention with every option that is offered.
func drawQK[T spec.Float](t *Trial, im *spec.Implementation[T]) attentionScene[T] {
	l := usual
	l.queries, l.keys = 9, 33
	s := drawAttention[T](t, l)
	if im.AttentionAbilities.Window && t.Bool("with window") {
		s.opt.Window = drawWindow(t)
	}
	if im.AttentionAbilities.KeyLengths && t.Bool("with lengths") {
		s.opt.KeyLengths = s.drawEach(t, "shorter by", 0, 8)
		for b := range s.opt.KeyLengths {
			s.opt.KeyLengths[b] = max(0, s.k.Shape[2]-s.opt.KeyLengths[b])
		}
	}
	s.drawRest(t, im)
	return s
}

// stageValue requires output and products to be what they should at a stage, and
// returns the products and their bounds.
func (s attentionScene[T]) stageValue(t *Trial, im *spec.Implementation[T], stage spec.QKStage) (want, bound tensor) {
	want, bound = s.exactQK(t.Oracle, stage), s.boundQK(t, im, stage)
	e := s.bound(t, im)
	out, got := s.runQK(t, im, stage)
	nearTensor(t, "output", out, s.want(t), e)
	eachElement(want.Shape, func(b, h, i, j int) {
		x, y := got.At(b, h, i, j), want.At(b, h, i, j)
		if stage >= spec.QKLogits && !s.opt.Allowed(b, h, i, j) {
			t.Bits(atTensor("qk of a key that is not allowed", b, h, i, j), x, y)
			return
		}
		t.Near(atTensor("qk", b, h, i, j), x, y, bound.At(b, h, i, j)+unit64*math.Abs(y))
	})
	return want, bound
}

// somewhere reports whether f is true of some element.
func somewhere(shape [4]int, f func(b, h, i, j int) bool) bool {
	found := false
	eachElement(shape, func(b, h, i, j int) { found = found || f(b, h, i, j) })
	return found
}

// moved reports whether some element of x is more than 8 bounds away from that
// of y.
func moved(x, y, bound tensor) bool {
	return somewhere(x.Shape, func(b, h, i, j int) bool {
		return math.Abs(x.At(b, h, i, j)-y.At(b, h, i, j)) > 8*bound.At(b, h, i, j)
	})
}

func qkScaled[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawQK(t, im)
	want, bound := s.stageValue(t, im, spec.QKScaled)
	told := func(allowed bool) bool {
		return somewhere(want.Shape, func(b, h, i, j int) bool {
			return s.opt.Allowed(b, h, i, j) == allowed && math.Abs(want.At(b, h, i, j)) > 8*bound.At(b, h, i, j)
		})
	}
	t.Informative(told(true) || told(false))
	t.Sometimes("the product of a key that is not allowed", told(false))
}

func qkCapped[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawQK(t, im)
	s.opt.Softcap = t.Power("cap", -2, 4)
	want, bound := s.stageValue(t, im, spec.QKCapped)
	t.Informative(moved(want, s.exactQK(reference.Implementation(), spec.QKScaled), bound))
}

func qkLogits[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawQK(t, im)
	want, bound := s.stageValue(t, im, spec.QKLogits)
	t.Informative(moved(want, s.exactQK(reference.Implementation(), spec.QKScaled), bound))
}

func qkWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawQK(t, im)
	want, bound := s.stageValue(t, im, spec.QKWeights)
	deaf := false
	told := somewhere(want.Shape, func(b, h, i, j int) bool {
		visible := s.visible(b, h, i)
		deaf = deaf || visible == 0
		return visible > 1 && math.Abs(want.At(b, h, i, j)-1/float64(visible)) > 8*bound.At(b, h, i, j)
	})
	t.Informative(told)
	t.Sometimes("a query without an allowed key", deaf)
}

// qkConsistent compares what the implementation stores with one another.
func qkConsistent[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawQK(t, im)
	s.opt.Keep, s.opt.Sinks = nil, nil
	e, el, ew := s.bound(t, im), s.boundQK(t, im, spec.QKLogits), s.boundQK(t, im, spec.QKWeights)
	out, a := s.runQK(t, im, spec.QKWeights)
	_, x := s.runQK(t, im, spec.QKLogits)
	n := s.k.Shape[2]
	eachElement(out.Shape, func(b, h, i, c int) {
		var sum, slack float64
		for j := range n {
			if s.opt.Allowed(b, h, i, j) {
				v := s.v.At(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), j, c)
				sum += a.At(b, h, i, j) * v
				slack += (ew.At(b, h, i, j) + gamma(n+2)*a.At(b, h, i, j)) * math.Abs(v)
			}
		}
		t.Near(atTensor("output", b, h, i, c), out.At(b, h, i, c), sum, e.At(b, h, i, c)+slack)
	})
	eachElement([4]int{a.Shape[0], a.Shape[1], a.Shape[2], 1}, func(b, h, i, _ int) {
		top, most, off := math.Inf(-1), 0.0, 0.0 // the largest logit, absolute logit, and error of one
		for j := range n {
			if s.opt.Allowed(b, h, i, j) {
				top, most, off = max(top, x.At(b, h, i, j)), max(most, math.Abs(x.At(b, h, i, j))), max(off, el.At(b, h, i, j))
			}
		}
		var z float64
		for j := range n {
			z += math.Exp(x.At(b, h, i, j) - top)
		}
		for j := range n {
			if s.opt.Allowed(b, h, i, j) {
				w := math.Exp(x.At(b, h, i, j)-top) / z
				// The judge's difference is off by 2u|x|, its exponential by 4u, its sum by nu.
				rel := math.Expm1(el.At(b, h, i, j) + off + gamma(n+8) + 4*unit64*most)
				t.Near(atTensor("weight", b, h, i, j), a.At(b, h, i, j), w, ew.At(b, h, i, j)+rel*w)
			}
		}
	})
	if im.AttentionLSE != nil {
		s.weightsOfLSE(t, im, a, x, ew, el)
	}
	t.Informative(s.telling(out, e))
}

// weightsOfLSE requires the weights a to be exp(x − lse) with the stored logits x and
// log-sum-exps; ew and el are the bounds of weights and logits.
func (s attentionScene[T]) weightsOfLSE(t *Trial, im *spec.Implementation[T], a, x, ew, el tensor) {
	lse, e := s.runLSE(t, im).l, s.errors(t, im).LSE
	eachElement(a.Shape, func(b, h, i, j int) {
		if s.opt.Allowed(b, h, i, j) {
			y, l := x.At(b, h, i, j), lse.At(b, h, i, 0)
			w := math.Exp(y - l)
			// The judge's difference is off by u(|x|+|lse|), its exponential by 4u.
			rel := math.Expm1(el.At(b, h, i, j) + e.At(b, h, i, 0) + gamma(8) + unit64*(math.Abs(y)+math.Abs(l)))
			t.Near(atTensor("weight by the log-sum-exp", b, h, i, j), a.At(b, h, i, j), w, ew.At(b, h, i, j)+rel*w)
		}
	})
}

func qkPoison[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawAttention[T](t, usual)
	stage := map[string]spec.QKStage{"scaled": spec.QKScaled, "logits": spec.QKLogits, "weights": spec.QKWeights}[t.Word("stage", "scaled", "logits", "weights")]
	s.bare = true
	spoilt, poison := s, drawPoison(t)
	spoilt.k, spoilt.v = s.poisoned(s.k, poison), s.poisoned(s.v, poison)
	out, qk := s.runQK(t, im, stage)
	got, products := spoilt.runQK(t, im, stage)
	sameTensorBits(t, "output", got, out)
	hidden := false
	eachElement(qk.Shape, func(b, h, i, j int) {
		seen := s.seen(b, spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]), j)
		hidden = hidden || !seen
		if seen || stage != spec.QKScaled {
			t.Bits(atTensor("qk", b, h, i, j), products.At(b, h, i, j), qk.At(b, h, i, j))
		}
	})
	t.Informative(hidden)
}

// qkCappedWithBias compares both stages for a bias of the first key.
func qkCappedWithBias[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	s.firstKeyBiased(float64(t.Int("c", 1, 8)))
	_, capped := s.runQK(t, im, spec.QKCapped)
	_, logits := s.runQK(t, im, spec.QKLogits)
	bound := addTensors(s.boundQK(t, im, spec.QKCapped), s.boundQK(t, im, spec.QKLogits))
	eachElement(logits.Shape, func(b, h, i, j int) {
		if s.opt.Allowed(b, h, i, j) {
			t.Near(atTensor("qk", b, h, i, j), capped.At(b, h, i, j), logits.At(b, h, i, j), bound.At(b, h, i, j))
		}
	})
}

func qkDeafWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawSingle[T](t, 4, exactKinds, exactKinds)
	_, a := s.runQK(t, im, spec.QKWeights)
	n := s.k.Shape[2]
	bound := reference.WeightSumBound(n, im.Profile, reference.RoundingOf[T]()) + gamma(n)
	for i := range s.q.Shape[2] {
		var sum float64
		for j := range n {
			sum += a.At(0, 0, i, j)
		}
		t.Near(at("sum of weights", i, 0), sum, 1, bound)
	}
}
