package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

// contraction draws W = ±ω·MMᵀ/2ᵏ with 2ᵏ at least the largest row sum of
// MMᵀ, so that ‖W‖ ≤ ω; exact for the coarse M that is drawn.
func contraction(t *Trial, d int, lo, hi float64) matrix {
	m := t.Matrix("M", d, t.Size("rank", 1, 3), []gen.Kind{gen.One, gen.Coarse, gen.Ints}, 0, 0)
	square := reference.Times(m, reference.Transpose(m))
	power := math.Ldexp(1, int(math.Ceil(math.Log2(max(reference.RowSum(square), 0x1p-10)))))
	return scaled(square, t.Number("omega", lo, hi)/power)
}

// layerContracting runs the linear layer with contracting weights on tokens of
// which A sees the first channel alone, magnified by α. It asserts that h, or E₁
// alone, does not rise.
func layerContracting[T spec.Float](relu, interactionOnly bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n, d := t.Size("n", 2, 3), t.Size("d", 2, 3)
		w := roundTo32(contraction(t, d, 0.5, 0.9375))
		alpha := t.Power("alpha", 0, 7)
		y := t.Matrix("Y", n, d, []gen.Kind{gen.Coarse, gen.Normal, gen.Uniform}, -2, 0)
		centre := spec.NewMatrix[float64](1, d)
		if relu {
			centre = t.Matrix("centre", 1, d, []gen.Kind{gen.One, gen.Iota}, 0, 1)
		}
		y = spec.Convert[float64](y)
		for i := range n {
			y.Set(i, 0, y.At(i, 0)/alpha)
			for k := range d {
				y.Set(i, k, y.At(i, k)+centre.At(0, k))
			}
		}
		y = roundTo32(y)
		if relu {
			y = absolute(y)
		}
		a := spec.NewMatrix[float64](d, 1)
		a.Set(0, 0, alpha)
		b := roundTo32(reference.Times(centre, reference.PlusIdentity(w)))
		l := newBlock[T](t, y, a, w, repeatedRow(b, n), relu)
		next, eps := l.layerStep(t, im, 1, 1)
		if interactionOnly {
			t.least("E₁ after the layer above E₁ before", l.interactionRise(next, eps))
			return
		}
		t.least("h after the layer above h before", l.layerRise(next, eps))
	}
}

func layerRidge[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 3), t.Size("d", 1, 3)
	y := t.Tokens("Y", n, d)
	w := t.Matrix("W", d, d, []gen.Kind{gen.Zero, gen.Coarse}, -3, -2) // row sums below 1
	l := newBlock[T](t, y, matrix{}, w, t.Matrix("B", n, d, gen.Numbers, 0, 2), false)
	next, eps := l.layerStep(t, im, 1, 1)
	ridge := enclose(next, eps).squared().minus(enclose(y, matrix{}).squared()).half()
	t.least("h + ½‖Y‖² after the layer above before", l.layerRise(next, eps).plus(ridge))
}

// layerInteraction checks that E₁ falls through the layer when every token goes
// through one nonexpansive map, or through maps of their own.
func layerInteraction[T spec.Float](shared bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n, d := t.Size("n", 2, 9), t.Size("d", 1, 6)
		var w, b matrix
		if shared {
			w = roundTo32(contraction(t, d, -1, 1))
			b = repeatedRow(t.Tokens("b", 1, d), n)
		} else {
			w = t.Matrix("W", d, d, []gen.Kind{gen.Zero, gen.Coarse}, -3, -3)
			b = t.Tokens("B", n, d)
		}
		l := newBlock[T](t, t.Tokens("Y", n, d), matrix{}, w, b, t.Bool("relu"))
		eta1, eta2 := t.Number("eta1", 0, 2), t.Number("eta2", 0x1p-6, 1)
		next, eps := l.layerStep(t, im, eta1, eta2)
		rise := l.interactionRise(next, eps)
		t.least("E₁ after the layer above E₁ before", rise)
		t.Informative(rise.high() < 0)
	}
}

// layerLargestToken checks that the largest energy of a token does not rise,
// for η₁ up to most.
func layerLargestToken[T spec.Float](most float64) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		maxChannels, least, share := 6, 0.0, 1.0
		if most > 1 { // where attention carries a token past the others, and the rest of the layer does little
			maxChannels, least, share = 2, 1, 0.25
		}
		n, d := t.Size("n", 2, 9), t.Size("d", 1, maxChannels)
		m := t.Matrix("M", d, t.Size("rank", 1, 6), []gen.Kind{gen.One, gen.Coarse, gen.Ints}, -1, 0)
		k := reference.Times(m, reference.Transpose(m)) // exact, like W = K − I
		w := reference.Sub(k, diagonal(d, 1))
		y := t.Matrix("Y", n, d, []gen.Kind{gen.Coarse, gen.Normal, gen.Clustered, gen.Duplicates, gen.Collinear}, -1, 1)
		b := t.Matrix("b", 1, d, []gen.Kind{gen.Coarse, gen.Normal, gen.Zero}, -1, 1)
		a, relu := diagonal(d, 1), false
		if most <= 1 {
			a = t.Weights("A", d, t.Size("p", 1, 6))
			if relu = t.Bool("relu"); relu {
				y = absolute(y)
			}
		}
		eta1 := t.Number("eta1", least, most)
		l := newBlock[T](t, y, a, w, repeatedRow(b, n), relu)
		eta2 := t.Number("theta", 0, share) * 2 / l.q.curvature()
		if eta2 > 0 {
			eta2 = below(eta2)
		}
		next, eps := l.layerStep(t, im, eta1, eta2)
		token := quadratic{K: l.q.k, B: b}
		largest := func(m balls) ball {
			top := ball{math.Inf(-1), 0}
			for i := range m {
				if v := valueOf(token, m[i:i+1]); v.v > top.v {
					top.v, top.e = v.v, max(top.e, v.e)
				} else {
					top.e = max(top.e, v.e)
				}
			}
			return top
		}
		before, after := largest(enclose(y, matrix{})), largest(enclose(next, eps))
		t.least("largest energy of a token after the layer above before", after.minus(before))
		t.Informative(after.high() < before.low())
	}
}

func layerBothEnergies[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 2, 9), t.Size("d", 1, 6)
	w := roundTo32(contraction(t, d, -0.75, 0.75))
	y := t.Tokens("Y", n, d)
	l := newBlock[T](t, y, matrix{}, w, repeatedRow(t.Tokens("b", 1, d), n), false)
	p := spec.NewMatrix[float64](n, n)
	reference.InteractionWeights(p, y, matrix{})
	// Upper bounds on the largest column sum of P and on ‖W‖.
	columns := reference.RowSum(reference.Sub(reference.Transpose(p), scaled(reference.Transpose(l.bounds64().Weights()), -1))) * (1 + gamma(n+2))
	norm := reference.CurvatureBound(w)
	if !(norm*norm*columns <= 1) { // ‖P‖² ≤ (max row sum)(max column sum), and rows sum to 1
		t.Undecidable()
	}
	next, eps := l.layerStep(t, im, 1, 1)
	first, second := l.interactionRise(next, eps), l.q.rise(next, eps)
	t.least("E₁ after the layer above E₁ before", first)
	t.least("E₂ after the layer above E₂ before", second)
	t.Informative(first.high() < 0 && second.high() < 0)
}
