package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func gradientProperties[T spec.Float]() []Property[T] {
	return []Property[T]{
		{Claim: "GRD-001", Run: gradientValue[T](0)},
		{Claim: "GRD-002", Run: gradientValue[T](1)},
		{Claim: "GRD-003", Run: gradientValue[T](2)},
		{Claim: "GRD-004", Run: biasGradientValue[T]},
		{Claim: "GRD-005", Run: sinkGradientValue[T]},
		{Claim: "GRD-006", Run: cappedGradientValue[T]},
		{Claim: "GRD-007", Run: windowGradientValue[T]},
		{Claim: "GRD-008", Run: slopedGradientValue[T]},
		{Claim: "GRD-009", Run: keptGradientValue[T]},
		{Claim: "GRD-010", Run: logitGradientsSum[T], Cases: 0.5},
		{Claim: "GRD-011", Run: biasAndSinkGradients[T], Cases: 0.5},
		{Claim: "GRD-012", Run: valueGradientOfWeights[T], Cases: 0.5},
		{Claim: "GRD-013", Run: gradientsScaleAlike[T], Cases: 0.5},
		{Claim: "GRD-014", Run: valueGradientAdjoint[T], Cases: 0.5},
		{Claim: "GRD-015", Run: gradientOfDifference[T]},
		{Claim: "GRD-016", Run: hiddenKeysGradient[T], Cases: 0.5},
		{Claim: "GRD-017", Run: deafQueryGradient[T], Cases: 0.5},
		{Claim: "GRD-018", Run: gradientPoison[T], Cases: 0.5},
		{Claim: "GRD-019", Run: gradientNaN[T]},
		{Claim: "GRD-020", Run: gradientGrouped[T], Cases: 0.5},
		{Claim: "GRD-021", Run: gradientPowers[T], Cases: 0.5},
		{Claim: "GRD-022", Run: gradientSum[T], Cases: 0.5},
		{Claim: "GRD-023", Run: gradientKeyOrder[T], Cases: 0.5},
		{Claim: "GRD-024", Run: gradientHeadAlone[T], Cases: 0.5},
		{Claim: "GRD-025", Run: gradientBatchAlone[T], Cases: 0.5},
		{Claim: "GRD-026", Run: gradientOfQueries[T], Cases: 0.5},
		{Claim: "GRD-027", Run: gradientZero[T], Cases: 0.5},
		{Claim: "GRD-028", Run: gradientEqualValues[T], Cases: 0.5},
		{Claim: "GRD-029", Run: gradientOfOtherValues[T], Cases: 0.5},
		{Claim: "GRD-030", Run: gradientTranslation[T], Cases: 0.5},
		{Claim: "GRD-031", Run: gradientCopies[T], Cases: 0.5},
		{Claim: "GRD-032", Run: gradientScale[T], Cases: 0.5},
		{Claim: "GRD-033", Run: gradientMemory[T], Cases: 0.5},
		{Claim: "GRD-034", Run: gradientViews[T], Cases: 0.5},
		{Claim: "GRD-035", Run: logitGradientsBesideSink[T]},
		{Claim: "GRD-036", Run: gradientsOfOneHead[T]},
		{Claim: "GRD-037", Run: gradientOfFirstHead[T]},
		{Claim: "GRD-038", Run: equalValuesBesideSink[T]},
		{Claim: "GRD-039", Run: translationOfCapped[T]},
		{Claim: "GRD-040", Run: translationBesideSink[T]},
		{Claim: "GRD-041", Run: gradientCausal[T], Cases: 0.5},
		{Claim: "GRD-042", Run: gradientOfSharedBias[T], Cases: 0.5},
		{Claim: "GRD-043", Run: gradientAbsentKeys[T], Cases: 0.5},
		{Claim: "GRD-044", Run: emptyGradientValue[T]},
		{Claim: "GRD-045", Run: packedGradientValue[T], Cases: 0.5},
	}
}

// gradientScene is a drawn attention and gradients in its output.
type gradientScene[T spec.Float] struct {
	attentionScene[T]
	dOut tensor
}

// gradients are the gradients of query, key, value, bias and sinks. One that is
// not asked for has no elements.
type gradients struct{ q, k, v, bias, sinks tensor }

func (g *gradients) all() [5]*tensor { return [5]*tensor{&g.q, &g.k, &g.v, &g.bias, &g.sinks} }

var gradientNames = [5]string{"dQ", "dK", "dV", "dBias", "dSinks"}

// gradientSizes are those of claims that an oracle judges, and of most others: a
// bound of gradients costs several of outputs.
var gradientSizes = attentionSizes{leastKeys: 2, queries: 9, keys: 33, channels: 9, qkLo: -2, qkHi: 2, queryKeys: keyKinds, values: valueKinds}

// calmGradients are the same with logits near one another.
func calmGradients() attentionSizes {
	l := gradientSizes
	l.qkLo, l.qkHi, l.queryKeys = -1, 0, calmKinds
	return l
}

// drawGradient draws an attention and dOut.
func drawGradient[T spec.Float](t *Trial, l attentionSizes) gradientScene[T] {
	return withOutputGradient(t, drawAttention[T](t, l), valueKinds)
}

// withOutputGradient draws dOut for an attention.
func withOutputGradient[T spec.Float](t *Trial, s attentionScene[T], kinds []gen.Kind) gradientScene[T] {
	shape := s.shapeOut()
	dOut := t.Matrix("dOut", shape[0]*shape[1]*shape[2], shape[3], kinds, -2, 2)
	return gradientScene[T]{s, tensorOf(dOut, shape[0], shape[1], shape[2])}
}

// gridShape returns the shape of the elements that a grid of gradients has.
func gridShape[E any](g *spec.Grid[E], batch, heads int) [4]int {
	shape := [4]int{batch, heads, g.Queries, g.Keys}
	for axis, stride := range []int{g.BatchStride, g.HeadStride, g.Stride} {
		if stride == 0 {
			shape[axis] = min(shape[axis], 1)
		}
	}
	return shape
}

// asked returns the gradients that im is asked for, without memory.
func (s gradientScene[T]) asked(im *spec.Implementation[T]) spec.AttentionGradients[float64] {
	g := spec.NewAttentionGradients(s.q, s.k, s.v, &s.opt)
	if !im.BackwardAbilities.BiasGradient {
		g.Bias = nil
	}
	if !im.BackwardAbilities.SinkGradient {
		g.Sinks = nil
	}
	return g
}

// gradientsOf returns the elements of g.
func (s gradientScene[T]) gradientsOf(g spec.AttentionGradients[float64]) gradients {
	out := gradients{q: g.Query, k: g.Key, v: g.Value}
	if b := g.Bias; b != nil {
		out.bias = tensor{Data: b.Data, Shape: gridShape(b, s.q.Shape[0], s.q.Shape[1]), Stride: [4]int{b.BatchStride, b.HeadStride, b.Stride, 1}}
	}
	if g.Sinks != nil {
		out.sinks = tensor{Data: g.Sinks, Shape: [4]int{1, 1, 1, len(g.Sinks)}, Stride: [4]int{0, 0, 0, 1}}
	}
	return out
}

// run calls the implementation.
func (s gradientScene[T]) run(t *Trial, im *spec.Implementation[T]) gradients {
	call, result := s.prepare(t, im)
	call()
	return result()
}

// prepare returns a call of the implementation, and what it stored.
func (s gradientScene[T]) prepare(t *Trial, im *spec.Implementation[T]) (call func(), result func() gradients) {
	asked := s.gradientsOf(s.asked(im))
	s.attentionScene = s.hide(t)
	g := spec.AttentionGradients[T]{Query: outputTensor[T](t, "dQ", asked.q.Shape, s.lies("dQ")),
		Key: outputTensor[T](t, "dK", asked.k.Shape, s.lies("dK")), Value: outputTensor[T](t, "dV", asked.v.Shape, s.lies("dV"))}
	var bias, sinks spec.Tensor[T]
	if asked.bias.Data != nil {
		bias = outputTensor[T](t, "dBias", asked.bias.Shape, headsFirst) // elements of a row lie together
		g.Bias = &spec.Grid[T]{Data: bias.Data, Queries: s.opt.Bias.Queries, Keys: s.opt.Bias.Keys}
		for axis, stride := range []*int{&g.Bias.BatchStride, &g.Bias.HeadStride, &g.Bias.Stride} {
			if asked.bias.Shape[axis] > 1 {
				*stride = bias.Stride[axis]
			}
		}
	}
	if asked.sinks.Data != nil {
		sinks = outputTensor[T](t, "dSinks", asked.sinks.Shape, packed)
		g.Sinks = sinks.Data
	}
	opt := s.lend(t)
	dOut, q := inputTensor[T](t, "dOut", s.dOut, s.lies("dOut")), inputTensor[T](t, "Q", s.q, s.lies("Q"))
	k, v := inputTensor[T](t, "K", s.k, s.lies("K")), inputTensor[T](t, "V", s.v, s.lies("V"))
	return func() { im.AttentionBackward(g, dOut, q, k, v, &opt) }, func() gradients {
		return gradients{wideTensor(g.Query), wideTensor(g.Key), wideTensor(g.Value), wideTensor(bias), wideTensor(sinks)}
	}
}

// exact returns the gradients that an oracle gives.
func (s gradientScene[T]) exact(oracle *spec.Implementation[float64], im *spec.Implementation[T]) gradients {
	g := s.asked(im)
	oracle.AttentionBackward(g, s.dOut, s.q, s.k, s.v, &s.opt)
	return s.gradientsOf(g)
}

// errors returns the bounds of the gradients, and ends the trial where there are
// none.
func (s gradientScene[T]) errors(t *Trial, im *spec.Implementation[T]) gradients {
	g := s.asked(im)
	if !reference.AttentionBackwardBound(g, s.dOut, s.q, s.k, s.v, &s.opt, im.BackwardProfile, reference.RoundingOf[T]()) {
		t.Undecidable()
	}
	return s.gradientsOf(g)
}

// nearGradients requires each of got to lie within its bound of want.
func nearGradients(t *Trial, got, want, bound gradients) {
	for n, x := range want.all() {
		nearTensor(t, gradientNames[n], *got.all()[n], *x, *bound.all()[n])
	}
}

// sameGradients requires two gradients to be equal bit for bit.
func sameGradients(t *Trial, got, want gradients) {
	for n, x := range want.all() {
		sameTensorBits(t, gradientNames[n], *got.all()[n], *x)
	}
}

// eachGradient returns f of each of the gradients.
func eachGradient(g gradients, f func(n int, x tensor) tensor) (out gradients) {
	for n, x := range g.all() {
		*out.all()[n] = f(n, *x)
	}
	return out
}

func addGradients(x, y gradients) gradients {
	return eachGradient(x, func(n int, x tensor) tensor { return addTensors(x, *y.all()[n]) })
}

// tells reports whether some gradient is more than 8 times its bound away from
// zero.
func (g gradients) tells(bound gradients) bool {
	found := false
	for n, x := range g.all() {
		eachElement(x.Shape, func(b, h, i, c int) {
			found = found || math.Abs(x.At(b, h, i, c)) > 8*bound.all()[n].At(b, h, i, c)
		})
	}
	return found
}

// apartFrom reports whether the exact gradients of query, key and value of s and
// other are somewhere more than 8 bounds apart: then one would not pass for the
// other.
func (s gradientScene[T]) apartFrom(other gradientScene[T], im *spec.Implementation[T], bound gradients) bool {
	x, y := s.exact(reference.Implementation(), im), other.exact(reference.Implementation(), im)
	found := false
	for n := range 3 {
		eachElement(x.all()[n].Shape, func(b, h, i, c int) {
			d := x.all()[n].At(b, h, i, c) - y.all()[n].At(b, h, i, c)
			found = found || math.Abs(d) > 8*bound.all()[n].At(b, h, i, c)
		})
	}
	return found
}

// changed returns s with its attention changed.
func (s gradientScene[T]) changed(f func(s *attentionScene[T])) gradientScene[T] {
	f(&s.attentionScene)
	return s
}
