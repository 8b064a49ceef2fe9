package props

import (
	"math"

	"example.com/attest/reference"
	"example.com/attest/spec"
)

// nullForm says how the logits of attention with a null key are made.
type nullForm int

const (
	squaredDistances        nullForm = iota // −zᵢⱼ, null log λ
	dotProducts                             // uᵢ·uⱼ − ‖uⱼ‖²/2, null log λ + ‖uᵢ‖²/2
	dotProductsConstantNull                 // uᵢ·uⱼ − ‖uⱼ‖²/2, null log λ
)

// ridgeNullKey compares the step with attention over the tokens and one key
// more, of value 0.
func ridgeNullKey[T spec.Float](form nullForm) func(*Trial, *spec.Implementation[T]) {
	return func(t *Trial, im *spec.Implementation[T]) {
		s := drawRidge[T](t, 1, 9)
		if form != dotProductsConstantNull && t.Bool("no ridge") {
			s.lambda = 0
		}
		eta := t.Number("eta", 0x1p-4, 2)
		next, _, eps := s.step(t, im, eta)
		logits, errs := s.nullLogits(form)
		want, bound := nullAttention(s.y, logits, errs, eta)
		bound = plus(eps, bound)
		near(t, "Y⁺ against attention with a null key", next, want, bound)
		t.Informative(exceeds(reference.Sub(want, s.y), bound, 8))
	}
}

// nullLogits returns the n×(n+1) logits and a bound for the judge's error of
// each: of −zᵢⱼ the relative error of its exponential, of dot products
// γ(d+p+6) times the sum of their terms' sizes.
func (s ridgeScene[T]) nullLogits(form nullForm) (logits, errs matrix) {
	n := s.y.Rows
	logits, errs = spec.NewMatrix[float64](n, n+1), spec.NewMatrix[float64](n, n+1)
	u, size := reference.Times(s.y, s.a), reference.Times(absolute(s.y), absolute(s.a))
	b, null := s.bounds64(), math.Log(s.lambda)
	k := gamma(u.Cols + s.y.Cols + 6)
	for i := range n {
		ui, mi := u.Row(i), size.Row(i)
		logits.Set(i, n, null)
		errs.Set(i, n, k*math.Abs(null))
		if form == dotProducts {
			logits.Set(i, n, null+reference.Dot(ui, ui)/2)
			errs.Set(i, n, k*(math.Abs(null)+reference.Dot(mi, mi)))
		}
		for j := range n {
			uj, mj := u.Row(j), size.Row(j)
			if form == squaredDistances {
				logits.Set(i, j, -reference.HalfSquaredDistance(s.y, s.a, i, j))
				errs.Set(i, j, b.KernelError(i, j))
			} else {
				logits.Set(i, j, reference.Dot(ui, uj)-reference.Dot(uj, uj)/2)
				errs.Set(i, j, k*(reference.Dot(mi, mj)+reference.Dot(mj, mj)))
			}
		}
	}
	return logits, errs
}

// nullAttention returns (1−η)Y + ηW[Y; 0] with W the row softmax of the logits,
// and a bound for the judge's error. A weight has the relative error
// ρⱼ = expm1(errⱼ) + u|lⱼ−max| + 4u and shares that of the denominator, Σₖwₖρₖ;
// sums of n+1 terms, a division and the blend with Y come on top.
func nullAttention(y, logits, errs matrix, eta float64) (want, bound matrix) {
	n := y.Rows
	want, bound = spec.NewMatrix[float64](n, y.Cols), spec.NewMatrix[float64](n, y.Cols)
	for i := range n {
		w := reference.SoftmaxRow(logits.Row(i))
		top := math.Inf(-1)
		for _, l := range logits.Row(i) {
			top = max(top, l)
		}
		rel, shared := make([]float64, n+1), 0.0
		for j := range rel {
			if w[j] > 0 {
				rel[j] = math.Expm1(errs.At(i, j)) + gamma(1)*(top-logits.At(i, j)) + gamma(4)
				shared += w[j] * rel[j]
			}
		}
		for k := range y.Cols {
			var mean, slip, size float64
			for j := range n {
				mean += w[j] * y.At(j, k)
				size += w[j] * math.Abs(y.At(j, k))
				slip += w[j] * math.Abs(y.At(j, k)) * (rel[j] + shared + gamma(2*n+8))
			}
			x := y.At(i, k)
			want.Set(i, k, (1-eta)*x+eta*mean)
			bound.Set(i, k, 1.01*eta*slip+gamma(4)*((1+eta)*math.Abs(x)+eta*size))
		}
	}
	return want, bound
}
