package reference

import "math"

// LayerBounds bounds the error of any implementation of the layer whose parts
// keep to InteractionBounds and FeedForwardBounds.
type LayerBounds struct {
	attend  *InteractionBounds
	forward *FeedForwardBounds
	y, w, b matrix
}

// NewLayerBounds prepares the bounds at tokens Y; attend holds those of the
// interaction at the same Y and weights A.
func NewLayerBounds(attend *InteractionBounds, y, w, b matrix) *LayerBounds {
	return &LayerBounds{attend, NewFeedForwardBounds(y, w, b, attend.Rounding), y, w, b}
}

// Value bounds the error of the energy: those of both parts, and the rounding
// of their sum.
func (l *LayerBounds) Value() float64 {
	sum := InteractionEnergy(l.y, l.attend.a) + FeedForwardEnergy(l.y, l.w, l.b)
	return second * (l.attend.Value() + l.forward.Value() + l.attend.Unit*math.Abs(sum))
}

// Step returns the bound for each element of the step: the error ε of U passes
// the feed-forward step as ε + η₂ε|K|, that step adds its own at U, and ReLU
// enlarges nothing.
func (l *LayerBounds) Step(eta1, eta2 float64) matrix {
	u := newMatrix(l.y.Rows, l.y.Cols)
	InteractionStep(u, l.y, l.attend.a, eta1)
	return NewFeedForwardBounds(u, l.w, l.b, l.attend.Rounding).StepFrom(eta2, l.attend.Step(eta1))
}

// ParallelStep returns the bound for each element of the parallel step. With
// t = |LYS| + |Y||K| + |B| and ρ the relative error of qᵢ, a sum of positive
// terms, it is (η/qᵢ)(both gradients' bounds + (ρ+6u)t) + u(|y| + ηt/qᵢ).
func (l *LayerBounds) ParallelStep(eta float64) matrix {
	n, d := l.y.Rows, l.y.Cols
	slope := newMatrix(n, d)
	InteractionGradient(slope, l.y, l.attend.a)
	attendErr, forwardErr, size := l.attend.Gradient(), l.forward.Gradient(), l.forward.size()
	q := ParallelCurvature(l.y, l.attend.a, l.w)
	u, out := l.attend.Unit, newMatrix(n, d)
	degrees := l.attend.Degrees()
	terms := float64(d + d*max(d, l.attend.a.Cols) + 8)
	for i := range n {
		rho := degrees[i]/l.attend.d[i] + terms*u
		for k := range d {
			t := math.Abs(slope.At(i, k)) + size.At(i, k)
			e := eta/q[i]*(attendErr.At(i, k)+forwardErr.At(i, k)+(rho+6*u)*t) + u*(math.Abs(l.y.At(i, k))+eta*t/q[i])
			out.Set(i, k, second*e+4*l.attend.Tiny)
		}
	}
	return out
}

// Degrees returns the bound for each Dᵢ = Σⱼ Gᵢⱼ, added in any order:
// Σⱼ (Gᵢⱼrelᵢⱼ + tiny) + n·u·Dᵢ.
func (b *InteractionBounds) Degrees() []float64 {
	out := make([]float64, b.n)
	for i := range out {
		for j := range b.n {
			out[i] += b.g.At(i, j)*b.rel.At(i, j) + b.Tiny
		}
		out[i] = second * (out[i] + float64(b.n)*b.Unit*b.d[i])
	}
	return out
}
