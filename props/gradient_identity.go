package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// inner is an inner product of which one factor is off: its value, how far that
// may be off, and the sum of its absolute terms.
type inner struct{ sum, off, size float64 }

// innerOf returns ⟨x, y⟩ with x off by bound, evaluated in float64.
func innerOf(x, bound, y tensor) (out inner) {
	terms := 0
	eachElement(x.Shape, func(b, h, i, c int) {
		z := x.At(b, h, i, c) * y.At(b, h, i, c)
		out.sum += z
		out.size += math.Abs(z)
		out.off += bound.At(b, h, i, c) * math.Abs(y.At(b, h, i, c))
		terms++
	})
	out.off = out.off*(1+gamma(terms+2)) + gamma(terms+2)*out.size
	return out
}

// agree requires two inner products to be equal, and says that the case tells if
// they are 8 times further from zero than they may be off.
func (x inner) agree(t *Trial, what string, y inner) {
	bound := x.off + y.off
	t.Near(what, x.sum, y.sum, bound)
	t.Informative(math.Abs(y.sum) > 8*bound)
}

// ones returns a tensor of the shape of x that is 1 everywhere.
func ones(x tensor) tensor { return mapTensor(x, func(float64) float64 { return 1 }) }

// zeroBias returns a bias of 0 with all axes.
func (s gradientScene[T]) zeroBias() *spec.Bias {
	return s.fullBias(func(_, _, _, _ int) float64 { return 0 })
}

func logitGradientsSum[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	s.opt.Bias = s.drawBias(t, "batch", s.k.Shape[2], exactKinds, -1, 1)
	if im.BackwardAbilities.Softcap && t.Bool("capped") {
		s.opt.Softcap = t.Power("softcap", 0, 4)
	}
	if im.BackwardAbilities.Keep && t.Bool("dropped") {
		s.opt.Keep, _ = s.drawKeep(t)
		s.opt.KeepScale = 2
	}
	s.logitGradientsSumToZero(t, im)
}

func logitGradientsBesideSink[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := withOutputGradient(t, drawSingle[T](t, 4, exactKinds, exactKinds), exactKinds)
	s.opt.Bias = s.zeroBias()
	s.opt.Sinks = []float32{float32(t.Int("sink", -3, 3))}
	s.logitGradientsSumToZero(t, im)
}

// logitGradientsSumToZero requires each row of the gradient of the bias to add up
// to 0.
func (s gradientScene[T]) logitGradientsSumToZero(t *Trial, im *spec.Implementation[T]) {
	got, bound := s.run(t, im).bias, s.errors(t, im).bias
	telling := false
	eachElement([4]int{got.Shape[0], got.Shape[1], got.Shape[2], 1}, func(b, h, i, _ int) {
		var sum, off, size float64
		for j := range got.Shape[3] {
			sum += got.At(b, h, i, j)
			off += bound.At(b, h, i, j)
			size = max(size, math.Abs(got.At(b, h, i, j)))
		}
		off += gamma(got.Shape[3]) * size * float64(got.Shape[3])
		t.Near(atTensor("sum of logit gradients", b, h, i, 0), sum, 0, off)
		telling = telling || size > 8*off
	})
	t.Informative(telling)
}

func biasAndSinkGradients[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, calmGradients())
	s.opt.Bias = s.zeroBias()
	s.opt.Sinks = s.eachHead(func(h int) float64 {
		return t.Number([]string{"sink of the first head", "sink of other heads"}[min(h, 1)], -2, 4)
	})
	g, bound := s.run(t, im), s.errors(t, im)
	x, y := innerOf(g.bias, bound.bias, ones(g.bias)), innerOf(g.sinks, bound.sinks, ones(g.sinks))
	y.sum = -y.sum
	x.agree(t, "sum of bias gradients against that of sinks", y)
}

func valueGradientOfWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.keys = 17
	s := drawGradient[T](t, l)
	plain := s.attentionScene
	plain.v = identityValues(s.v.Shape, s.k.Shape[2])
	a, off := plain.run(t, im), plain.bound(t, im)
	got, bound := s.run(t, im).v, s.errors(t, im).v
	terms := s.q.Shape[2] * (s.q.Shape[1] / s.k.Shape[1])
	telling := false
	eachElement(got.Shape, func(b, g, j, c int) {
		var want, move, size float64
		for h := range s.q.Shape[1] {
			if spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]) != g {
				continue
			}
			for i := range s.q.Shape[2] {
				x := a.At(b, h, i, j) * s.dOut.At(b, h, i, c)
				want += x
				size += math.Abs(x)
				move += off.At(b, h, i, j) * math.Abs(s.dOut.At(b, h, i, c))
			}
		}
		e := bound.At(b, g, j, c) + move*(1+gamma(terms)) + gamma(terms+1)*size
		t.Near(atTensor("dV", b, g, j, c), got.At(b, g, j, c), want, e)
		telling = telling || math.Abs(want) > 8*e
	})
	t.Informative(telling)
}

func gradientsScaleAlike[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, calmGradients())
	if im.BackwardAbilities.Softcap && t.Bool("capped") {
		s.opt.Softcap = t.Power("softcap", -1, 4)
	}
	got, bound := s.run(t, im), s.errors(t, im)
	b, g, group := t.Int("of batch", 0, 1)%s.q.Shape[0], t.Int("of key head", 0, 1)%s.k.Shape[1], s.q.Shape[1]/s.k.Shape[1]
	one := func(x tensor, heads []int) tensor { return gather(gather(x, 0, []int{b}), 1, heads) }
	mine := span(g*group, (g+1)*group)
	x := innerOf(one(got.q, mine), one(bound.q, mine), one(s.q, mine))
	y := innerOf(one(got.k, []int{g}), one(bound.k, []int{g}), one(s.k, []int{g}))
	x.agree(t, "⟨dQ, Q⟩ against ⟨dK, K⟩", y)
	t.Sometimes("several query heads", group > 1)
}

// drawTwoHeads draws two query heads of one query each that share a key head.
func drawTwoHeads[T spec.Float](t *Trial) gradientScene[T] {
	n := t.Int("n", 1, 4)
	s := attentionScene[T]{layout: drawLayout(t), opt: spec.AttentionOptions{Scale: 1}}
	s.q = tensorOf(t.Matrix("Q", 2, 1, exactKinds, 0, 0), 1, 2, 1)
	s.k = tensorOf(t.Matrix("K", n, 1, exactKinds, 0, 0), 1, 1, n)
	s.v = tensorOf(t.Matrix("V", n, 1, exactKinds, 0, 0), 1, 1, n)
	return withOutputGradient(t, s, exactKinds)
}

func gradientsOfOneHead[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTwoHeads[T](t)
	got, bound := s.run(t, im), s.errors(t, im)
	first := func(x tensor) tensor { return gather(x, 1, []int{0}) }
	innerOf(first(got.q), first(bound.q), first(s.q)).agree(t, "⟨dQ, Q⟩ of one head against ⟨dK, K⟩", innerOf(got.k, bound.k, s.k))
}

func gradientOfFirstHead[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawTwoHeads[T](t)
	first := s.withQueryHeads([]int{0})
	got, want := s.run(t, im), first.run(t, im)
	nearTensor(t, "dV", got.v, want.v, addTensors(s.errors(t, im).v, first.errors(t, im).v))
}

// withQueryHeads returns s with the given query heads alone.
func (s gradientScene[T]) withQueryHeads(heads []int) gradientScene[T] {
	s.q, s.dOut = gather(s.q, 1, heads), gather(s.dOut, 1, heads)
	return s
}

func valueGradientAdjoint[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawGradient[T](t, gradientSizes)
	z := t.Matrix("Z", s.v.Shape[0]*s.v.Shape[1]*s.v.Shape[2], s.v.Shape[3], valueKinds, -2, 2)
	moved := s.attentionScene
	moved.v = tensorOf(z, s.v.Shape[0], s.v.Shape[1], s.v.Shape[2])
	x := innerOf(s.run(t, im).v, s.errors(t, im).v, moved.v)
	x.agree(t, "⟨dV, Z⟩ against ⟨dOut, O⟩", innerOf(moved.run(t, im), moved.bound(t, im), s.dOut))
}

// gradientOfDifference compares with the central difference of the
// implementation's own attention along a direction.
func gradientOfDifference[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := gradientSizes
	l.keys, l.queryKeys, l.qkLo, l.qkHi = 17, []gen.Kind{gen.Coarse, gen.Ints, gen.OneHot, gen.Uniform}, -1, 0
	s := drawGradient[T](t, l)
	places := []string{"query", "key"}
	if im.BackwardAbilities.BiasGradient && im.AttentionAbilities.Bias {
		places = append(places, "bias")
	}
	place, eps := t.Word("along", places...), math.Ldexp(1, -t.Int("k", 2, 6))
	shape := s.q.Shape
	switch place {
	case "key":
		shape = s.k.Shape
	case "bias":
		s.opt.Bias = s.zeroBias()
		shape[3] = s.k.Shape[2]
	}
	w := tensorOf(t.Matrix("W", shape[0]*shape[1]*shape[2], shape[3], exactKinds, 0, 0), shape[0], shape[1], shape[2])
	along := func(eps float64) attentionScene[T] {
		out := s.attentionScene
		add := func(x tensor) tensor {
			return tensorLike(x.Shape, func(b, h, i, c int) float64 { return x.At(b, h, i, c) + eps*w.At(b, h, i, c) })
		}
		switch place {
		case "query":
			out.q = add(s.q)
		case "key":
			out.k = add(s.k)
		case "bias":
			out.opt.Bias = out.fullBias(func(b, h, i, j int) float64 { return eps * w.At(b, h, i, j) })
		}
		return out
	}
	g, bound := s.run(t, im), s.errors(t, im)
	n := map[string]int{"query": 0, "key": 1, "bias": 3}[place]
	want := innerOf(*g.all()[n], *bound.all()[n], w)
	high, low := along(eps), along(-eps)
	x, y := innerOf(high.run(t, im), high.bound(t, im), s.dOut), innerOf(low.run(t, im), low.bound(t, im), s.dOut)
	var third float64 // Σ R(u)³R(dP)
	eachElement([4]int{s.q.Shape[0], s.q.Shape[1], s.q.Shape[2], 1}, func(b, h, i, _ int) {
		u, dP := s.rangeOf(b, h, i, func(j int) float64 { return s.logitMove(place, w, b, h, i, j) }), s.rangeOf(b, h, i, func(j int) float64 {
			return dotRows(s.dOut, b, h, i, s.v, b, s.keyHead(h), j)
		})
		third += u * u * u * dP
	})
	off := x.off + y.off + 2*eps*want.off + 7./48*eps*eps*eps*third*(1+gamma(64)) + 4*unit64*(math.Abs(x.sum)+math.Abs(y.sum))
	t.Near("⟨dOut, O(ε) − O(−ε)⟩ against 2ε⟨gradient, W⟩ along the "+place, x.sum-y.sum, 2*eps*want.sum, off)
	t.Informative(math.Abs(2*eps*want.sum) > 4*off)
	for _, p := range places {
		t.Sometimes("along the "+p, p == place)
	}
}

func (s gradientScene[T]) keyHead(h int) int { return spec.KeyHead(h, s.q.Shape[1], s.k.Shape[1]) }

// logitMove returns by how much logit j of query (b, h, i) moves along W, for ε = 1.
func (s gradientScene[T]) logitMove(place string, w tensor, b, h, i, j int) float64 {
	switch place {
	case "query":
		return s.opt.Scale * dotRows(w, b, h, i, s.k, b, s.keyHead(h), j)
	case "key":
		return s.opt.Scale * dotRows(s.q, b, h, i, w, b, s.keyHead(h), j)
	}
	return w.At(b, h, i, j)
}

// dotRows returns the inner product of a row of x and one of y.
func dotRows(x tensor, b, h, i int, y tensor, yb, yh, yi int) float64 {
	var sum float64
	for c := range x.Shape[3] {
		sum += x.At(b, h, i, c) * y.At(yb, yh, yi, c)
	}
	return sum
}

// rangeOf returns the difference of the largest and the least f of the keys that
// query (b, h, i) may attend to.
func (s gradientScene[T]) rangeOf(b, h, i int, f func(j int) float64) float64 {
	lo, hi := math.Inf(1), math.Inf(-1)
	for j := range s.k.Shape[2] {
		if s.opt.Allowed(b, h, i, j) {
			lo, hi = min(lo, f(j)), max(hi, f(j))
		}
	}
	return max(0, hi-lo)
}
