package reference

import "example.com/attest/spec"

var feedForward = spec.FeedForward[float64]{
	Energy:   FeedForwardEnergy,
	Gradient: FeedForwardGradient,
	Step:     FeedForwardStep,
}

// Symmetrized returns (W+Wᵀ)/2.
func Symmetrized(w matrix) matrix {
	out := newMatrix(w.Rows, w.Cols)
	for i := range w.Rows {
		for j := range w.Cols {
			out.Set(i, j, (w.At(i, j)+w.At(j, i))/2)
		}
	}
	return out
}

// PlusIdentity returns M + I.
func PlusIdentity(m matrix) matrix {
	out := spec.Convert[float64](m)
	for i := range m.Rows {
		out.Set(i, i, out.At(i, i)+1)
	}
	return out
}

// FeedForwardEnergy returns E₂(Y) = ½ tr(Y W Yᵀ) + ½‖Y−B‖².
func FeedForwardEnergy(y, w, b matrix) float64 {
	spec.CheckFeedForward(y, w, b)
	form, _ := Inner(y, Times(y, w))
	r := Sub(y, b)
	distance, _ := Inner(r, r)
	return form/2 + distance/2
}

// FeedForwardGradient stores YK − B, K = (W+Wᵀ)/2 + I.
func FeedForwardGradient(dst, y, w, b matrix) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	assignRows(dst, Sub(Times(y, PlusIdentity(Symmetrized(w))), b))
}

// FeedForwardStep stores Y − η(YK − B).
func FeedForwardStep(dst, y, w, b matrix, eta float64) {
	spec.CheckFeedForwardStep(dst, y, w, b)
	g := newMatrix(y.Rows, y.Cols)
	FeedForwardGradient(g, y, w, b)
	alongGradient(dst, y, g, eta)
}

// alongGradient stores Y − ηG.
func alongGradient(dst, y, g matrix, eta float64) {
	for i := range y.Rows {
		for k := range y.Cols {
			dst.Set(i, k, y.At(i, k)-eta*g.At(i, k))
		}
	}
}

// assignRows stores M.
func assignRows(dst, m matrix) {
	for i := range m.Rows {
		copy(dst.Row(i), m.Row(i))
	}
}
