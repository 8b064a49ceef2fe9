package props

import (
	"example.com/attest/props/gen"
	"example.com/attest/spec"
)

// The properties here drop one hypothesis each of what the layer does; they are
// all refuted.

// drawSmallBlock draws a layer of few tokens with A = I.
func drawSmallBlock[T spec.Float](t *Trial, relu bool) block[T] {
	n, d := t.Size("n", 1, 4), t.Size("d", 1, 3)
	kinds := []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}
	y := t.Matrix("Y", n, d, kinds, -1, 1)
	w := t.Matrix("W", d, d, []gen.Kind{gen.Zero, gen.Coarse, gen.OneHot}, -1, 0)
	return newBlock[T](t, y, matrix{}, w, t.Matrix("B", n, d, kinds, -1, 1), relu)
}

// layerShortStep leaves out the condition on e.
func layerShortStep[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawSmallBlock[T](t, false)
	eta1 := t.Number("eta1", 0x1p-5, 2)
	eta2 := below(t.Number("theta", 0x1p-6, 1) / l.curvature())
	next, eps := l.layerStep(t, im, eta1, eta2)
	rise := l.layerRise(next, eps)
	t.least("h after the layer above h before", rise)
	t.Informative(rise.high() < 0)
}

// layerAnySigns leaves out Y ≥ 0.
func layerAnySigns[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	l := drawSmallBlock[T](t, true)
	curvature := l.curvature()
	eta1 := t.Number("eta1", 0x1p-5, 1)
	eta2 := below(t.Number("theta", 0x1p-6, 1) / curvature)
	next, eps := l.layerStep(t, im, eta1, eta2)
	_, e := l.slopes(eta1, eta2)
	delta := enclose(next, eps).minus(enclose(l.y, matrix{}))
	factor := exactly(1).over(exactly(eta2)).minus(exactly(curvature).half())
	rise := l.layerRise(next, eps)
	t.least("h after the layer above h − (1/η₂ − Λ/2)‖δ‖² − ⟨e, δ⟩", rise.plus(factor.times(delta.squared())).plus(e.with(delta)))
	t.Informative(rise.high() < 0)
}

// layerAnyWeights leaves out the bound on ‖W‖.
func layerAnyWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 4), t.Size("d", 1, 3)
	y := t.Matrix("Y", n, d, []gen.Kind{gen.Ints, gen.Coarse, gen.Normal}, -1, 1)
	w := symmetric(t.Matrix("W", d, d, []gen.Kind{gen.OneHot, gen.Coarse, gen.Ints}, -1, 1))
	b := t.Matrix("b", 1, d, []gen.Kind{gen.Zero, gen.Coarse}, 0, 0)
	l := newBlock[T](t, y, matrix{}, w, repeatedRow(b, n), false)
	next, eps := l.layerStep(t, im, 1, 1)
	first, second := l.interactionRise(next, eps), l.q.rise(next, eps)
	t.least("E₁ after the layer above E₁ before", first)
	t.least("E₂ after the layer above E₂ before", second)
	t.Informative(first.high() < 0 && second.high() < 0)
}
