package props

import (
	"math"

	"example.com/attest/props/gen"
	"example.com/attest/reference"
	"example.com/attest/spec"
)

func interactionValue[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 0, 33)
	want := t.Oracle.Interaction.Energy(s.y, s.a)
	bound := s.bounds.Value()
	t.Near("E₁", s.energy(t, im, s.y), want, bound+unit64*math.Abs(want))
	t.Informative(math.Abs(want) > 8*bound || s.y.Rows < 2)
	t.Sometimes("n < 2", s.y.Rows < 2)
}

func interactionGradient[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 17)
	want := spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Interaction.Gradient(want, s.y, s.a)
	bound := s.bounds.Gradient()
	near(t, "∇E", s.gradient(t, im), want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func interactionHessianVector[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	v := t.Matrix("V", s.y.Rows, s.y.Cols, gen.Numbers, -2, 1)
	got, bound := s.hessianVector(t, im, v)
	want := spec.NewMatrix[float64](s.y.Rows, s.y.Cols)
	t.Oracle.Interaction.HessianVector(want, s.y, s.a, v)
	near(t, "∇²E[V]", got, want, bound)
	t.Informative(exceeds(want, bound, 8))
}

func (s scene[T]) hessianVector(t *Trial, im *spec.Implementation[T], v matrix) (got, bound matrix) {
	out := output[T](t, "∇²E[V]", s.y.Rows, s.y.Cols)
	im.Interaction.HessianVector(out, input[T](t, "Y", s.y), input[T](t, "A", s.a), input[T](t, "V", v))
	return wide(out), s.bounds.HessianVector(v)
}

// curvature returns ⟨V, ∇²E[V]⟩ from the implementation, what its rounding
// amounts to, and ‖V‖².
func (s scene[T]) curvature(t *Trial, im *spec.Implementation[T], v matrix) (c, bound, v2 float64) {
	h, hb := s.hessianVector(t, im, v)
	c, size := reference.Inner(v, h)
	_, weighted := reference.Inner(v, hb)
	v2, _ = reference.Inner(v, v)
	return c, weighted + gamma(v.Rows*v.Cols+2)*size, v2
}

var leastCurvature = -2 * math.Exp(-1.5)

func interactionHessianBounds[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 9)
	v := t.Matrix("V", s.y.Rows, s.y.Cols, gen.Tokens, -2, 1)
	c, bound, v2 := s.curvature(t, im, v)
	norm := 1.0 // of S, from above
	if !s.a.IsZero() {
		norm, _ = reference.Inner(s.a, s.a)
	}
	limit := float64(s.y.Rows) * norm * v2
	t.Within("curvature above n‖S‖‖V‖²", c-limit, bound)
	t.Within("curvature below −2e^{−3/2}n‖S‖‖V‖²", leastCurvature*limit-c, bound)
	t.Informative(math.Abs(c) > limit/16 && limit > 8*bound)
}

func interactionHessianAttained[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 17)
	left := t.Int("left", 1, n-1)
	apart := t.Bool("apart")
	y, v := spec.NewMatrix[float64](n, 1), spec.NewMatrix[float64](n, 1)
	for i := range n {
		if apart && i >= left {
			y.Set(i, 0, float64(float32(math.Sqrt(3))))
		}
		v.Set(i, 0, 1/float64(left))
		if i >= left {
			v.Set(i, 0, -1/float64(n-left))
		}
	}
	s := newScene[T](t, y, matrix{})
	c, bound, v2 := s.curvature(t, im, roundTo32(v))
	if !apart {
		// At consensus ⟨V, LV⟩ = n‖V‖² − (ΣV)², and V sums to zero up to its rounding.
		t.Near("curvature at consensus", c, float64(n)*v2, bound+float64(n*n)*0x1p-46*v2)
		return
	}
	// Along the line through the clusters the curvature of a pair is (1−r²)e^{−r²/2},
	// stationary at r = √3: rounding √3 to float32 moves it by O(u32²).
	var want, sum float64
	for i := range n {
		for j := range i {
			dv := float64(float32(v.At(i, 0))) - float64(float32(v.At(j, 0)))
			if (i < left) != (j < left) {
				want += leastCurvature * dv * dv
			} else {
				want += dv * dv
			}
			sum += dv * dv
		}
	}
	t.Near("curvature of two clusters", c, want, bound+0x1p-44*sum)
	t.Sometimes("two clusters", true)
}

func interactionConsensus[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n, d := t.Size("n", 1, 33), t.Size("d", 1, 9)
	row := t.Tokens("token", 1, d)
	y := spec.NewMatrix[float64](n, d)
	for i := range n {
		copy(y.Row(i), row.Row(0))
	}
	var a matrix
	if t.Bool("weighted") {
		a = t.Weights("A", d, t.Size("p", 1, 9))
	}
	s := newScene[T](t, y, a)
	t.Bits("E₁ at consensus", s.energy(t, im, y), float64(-n*(n-1)/2)+0)
	for i := range n {
		for _, g := range s.gradient(t, im).Row(i) {
			t.Check(g == 0, "the gradient at consensus is %v in row %d", g, i)
		}
	}
	next, _, _ := s.step(t, im, t.Number("eta", 0, 2))
	for i := range n {
		for k := range d {
			t.Check(next.At(i, k) == y.At(i, k), "the step moves token %d at consensus: got %v want %v", i, next.At(i, k), y.At(i, k))
		}
	}
	t.Sometimes("n > 16", n > 16)
}

func interactionGradientNonzero[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawPlainScene[T](t, 2, 9)
	var want float64
	for i := range s.y.Rows {
		for j := range i {
			z := reference.HalfSquaredDistance(s.y, s.a, i, j)
			want += 2 * z * math.Exp(-z)
		}
	}
	g := s.gradient(t, im)
	got, size := reference.Inner(g, s.y)
	_, bound := reference.Inner(s.bounds.Gradient(), s.y)
	bound += gamma(300) * (size + want)
	t.Near("⟨∇E₁(Y), Y⟩", got, want, bound)
	t.Informative(want > 8*bound)
}

func interactionGradientNonzeroFar[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	n := t.Size("n", 2, 4)
	y := t.Matrix("Y", n, t.Size("d", 1, 3), gen.Numbers, 0, 8)
	differ := false
	for i := range n {
		differ = differ || reference.HalfSquaredDistance(y, matrix{}, i, 0) > 0
	}
	if !differ {
		t.Undecidable()
	}
	g := scene[T]{y: y}.gradient(t, im)
	t.Check(reference.Norm(g.Data) > 0, "the gradient is zero although tokens differ")
}

func interactionWeights[T spec.Float](t *Trial, im *spec.Implementation[T]) {
	s := drawScene[T](t, 1, 17)
	want := spec.NewMatrix[float64](s.y.Rows, s.y.Rows)
	t.Oracle.Interaction.Weights(want, s.y, s.a)
	near(t, "P", s.weights(t, im), want, s.bounds.Weights())
	t.Informative(s.y.Rows > 1)
}

func (s scene[T]) weights(t *Trial, im *spec.Implementation[T]) matrix {
	out := output[T](t, "P", s.y.Rows, s.y.Rows)
	im.Interaction.Weights(out, input[T](t, "Y", s.y), input[T](t, "A", s.a))
	return wide(out)
}

// interactionOrdinarySoftmax compares P with the ordinary softmax of UUᵀ, for
// tokens of equal norm or of any.
func interactionOrdinarySoftmax[T spec.Float](equal bool) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		n, d := t.Size("n", 2, 17), t.Size("d", 1, 9)
		kinds := gen.Tokens
		if equal {
			kinds = []gen.Kind{gen.EqualNorm, gen.OneHot}
		}
		y := t.Matrix("Y", n, d, kinds, -1, 1)
		s := newScene[T](t, y, matrix{})
		want, bound := spec.NewMatrix[float64](n, n), s.bounds.Weights()
		logits, lo, hi := make([]float64, n), math.Inf(1), 0.0
		for i := range n {
			norm := reference.Dot(y.Row(i), y.Row(i))
			lo, hi = min(lo, norm), max(hi, norm)
		}
		drift := gamma(3*d+n+20) * (1 + hi)
		if equal {
			drift += math.Expm1(hi - lo)
		}
		for i := range n {
			for j := range n {
				logits[j] = reference.Dot(y.Row(i), y.Row(j))
			}
			copy(want.Row(i), reference.SoftmaxRow(logits))
			for j := range n {
				bound.Set(i, j, bound.At(i, j)+drift*want.At(i, j))
			}
		}
		near(t, "P", s.weights(t, im), want, bound)
	}
}
