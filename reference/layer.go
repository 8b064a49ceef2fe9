package reference

import (
	"math"

	"example.com/attest/spec"
)

var layer = spec.Layer[float64]{
	Energy:       LayerEnergy,
	Step:         LayerStep,
	ParallelStep: LayerParallelStep,
}

// LayerEnergy returns E₁(YA) + E₂(Y).
func LayerEnergy(y, a, w, b matrix) float64 {
	spec.CheckLayer(y, a, w, b)
	return InteractionEnergy(y, a) + FeedForwardEnergy(y, w, b)
}

// LayerStep stores σ(U − η₂(UK − B)), U = (1−η₁)Y + η₁PY.
func LayerStep(dst, y, a, w, b matrix, eta1, eta2 float64, relu bool) {
	spec.CheckLayerStep(dst, y, a, w, b)
	u := newMatrix(y.Rows, y.Cols)
	InteractionStep(u, y, a, eta1)
	FeedForwardStep(dst, u, w, b, eta2)
	rectify(dst, relu)
}

// rectify replaces the elements by max(0, ·) if relu is set.
func rectify(m matrix, relu bool) {
	if !relu {
		return
	}
	for i := range m.Rows {
		Apply(m.Row(i), m.Row(i), spec.ActReLU)
	}
}

// LayerParallelStep stores σ(yᵢ − (η/qᵢ)(LYS + YK − B)ᵢ), qᵢ = Dᵢ·tr(S) + max
// row sum of |K|.
func LayerParallelStep(dst, y, a, w, b matrix, eta float64, relu bool) {
	spec.CheckLayerStep(dst, y, a, w, b)
	attend, forward := newMatrix(y.Rows, y.Cols), newMatrix(y.Rows, y.Cols)
	InteractionGradient(attend, y, a)
	FeedForwardGradient(forward, y, w, b)
	for i, q := range ParallelCurvature(y, a, w) {
		for k := range y.Cols {
			dst.Set(i, k, y.At(i, k)-eta/q*(attend.At(i, k)+forward.At(i, k)))
		}
	}
	rectify(dst, relu)
}

// ParallelCurvature returns qᵢ = Dᵢ·tr(S) + max row sum of |K|.
func ParallelCurvature(y, a, w matrix) []float64 {
	trace := float64(y.Cols)
	if !a.IsZero() {
		trace = 0
		for i := range a.Rows {
			trace += Dot(a.Row(i), a.Row(i))
		}
	}
	q := Degrees(Kernel(y, a))
	top := RowSum(PlusIdentity(Symmetrized(w)))
	for i := range q {
		q[i] = q[i]*trace + top
	}
	return q
}

// RowSum returns the largest row sum of |M|.
func RowSum(m matrix) float64 {
	var top float64
	for i := range m.Rows {
		var s float64
		for _, x := range m.Row(i) {
			s += math.Abs(x)
		}
		top = max(top, s)
	}
	return top
}
