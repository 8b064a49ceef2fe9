package reference

import "math"

// RidgeValue bounds the error of F(Y) = E₁(Y) + λ‖YA‖²/2. To the bound of E₁ it
// adds, with m = |Y||A|, τᵢ the error of forming row i of U = YA, and p columns
// of U,
//
//	λ/2·Σᵢ(2‖uᵢ‖τᵢ + τᵢ² + (np+3)u‖uᵢ‖²) + u(|E₁| + λ‖U‖²/2):
//
// the squares and their sum in any order, the product with λ/2, the last sum.
func (b *InteractionBounds) RidgeValue(lambda float64) float64 {
	u := Times(b.y, b.a)
	k := float64(b.n*u.Cols + 3)
	var square, err float64
	for i := range b.n {
		norm := Norm(u.Row(i))
		square += norm * norm
		err += norm*(2*b.tau[i]+2*float64(b.y.Cols)*b.Tiny) + b.tau[i]*b.tau[i] + k*b.Unit*norm*norm
	}
	last := b.Unit * (math.Abs(InteractionEnergy(b.y, b.a)) + lambda*square/2)
	return b.Value() + second*(lambda/2*(err+k*b.Tiny)+last) + 2*b.Tiny
}

// RidgeStep returns the bound for each element of the ridge step in difference
// form. The sink is one more token at the origin whose weight λ carries no
// error, so this is the bound of Step for n+1 tokens.
func (b *InteractionBounds) RidgeStep(lambda, eta float64) matrix {
	return b.withSink(b.y, 1, 0, lambda).stepOf(b.n, eta)
}

// RidgeChannelStep returns the bound for each element of the step with weight
// s[k] in channel k; b must be the bounds at X under A = diag(√s). A channel is
// the ridge step of weights sₖG, whose products carry one rounding more. Where
// sₖ = 0 the step is (1−η)xₖ or xₖ − ηxₖ: within 2u(1+η)|xₖ|.
func (b *InteractionBounds) RidgeChannelStep(s []float64, lambda, eta float64) matrix {
	out := newMatrix(b.n, b.y.Cols)
	for k := range b.y.Cols {
		x := b.y
		x.Cols, x.Data = 1, x.Data[min(k, len(x.Data)):]
		if s[k] == 0 {
			for i := range b.n {
				out.Set(i, k, second*b.Unit*(2*eta+2)*math.Abs(x.At(i, 0))+2*b.Tiny)
			}
			continue
		}
		column := b.withSink(x, s[k], b.Unit, lambda).stepOf(b.n, eta)
		for i := range b.n {
			out.Set(i, k, column.At(i, 0))
		}
	}
	return out
}

// withSink returns the bounds for values y, followed by a sink at the origin:
// weights c·Gᵢⱼ with the relative errors of G and rel more, and λ for the sink.
func (b *InteractionBounds) withSink(y matrix, c, rel, lambda float64) *sinkBounds {
	n := b.n
	s := &sinkBounds{weights: newMatrix(n+1, n+1), rel: newMatrix(n+1, n+1), sums: make([]float64, n+1)}
	r := b.Rounding
	r.Tiny *= 1 + c // what the kernel loses to underflow is multiplied by c
	s.InteractionBounds = &InteractionBounds{Rounding: r, y: newMatrix(n+1, y.Cols), n: n + 1}
	s.sums[n] = 1
	for i := range n {
		copy(s.y.Row(i), y.Row(i))
		for j := range n {
			s.weights.Set(i, j, c*b.g.At(i, j))
			s.rel.Set(i, j, b.rel.At(i, j)+rel)
			s.sums[i] += c * b.g.At(i, j)
		}
		s.weights.Set(i, n, lambda)
		s.sums[i] += lambda
	}
	return s
}

// sinkBounds bounds a step whose last token is the sink.
type sinkBounds struct {
	*InteractionBounds
	weights, rel matrix
	sums         []float64
}

// stepOf returns the bounds of the first n tokens' step.
func (s *sinkBounds) stepOf(n int, eta float64) matrix {
	out := s.weightedStep(s.weights, s.rel, s.sums, eta)
	out.Rows = n
	return out
}

// KernelError returns the bound for the relative error of the computed Gᵢⱼ.
func (b *InteractionBounds) KernelError(i, j int) float64 { return b.rel.At(i, j) }
