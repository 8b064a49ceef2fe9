package energy

import (
	"math"

	"example.com/attest/spec"
)

func (m Machine) layer() spec.Layer[float32] {
	return spec.Layer[float32]{
		Energy:       m.LayerEnergy,
		Step:         m.LayerStep,
		ParallelStep: m.LayerParallelStep,
	}
}

// LayerEnergy returns E₁(YA) + E₂(Y).
func (m Machine) LayerEnergy(y, a, w, b matrix) float32 {
	spec.CheckLayer(y, a, w, b)
	return m.InteractionEnergy(y, a) + m.FeedForwardEnergy(y, w, b)
}

// LayerStep stores σ(U − η₂(UK − B)), U = (1−η₁)Y + η₁PY: one pass over the pairs
// of tokens, then one product of matrices.
func (m Machine) LayerStep(dst, y, a, w, b matrix, eta1, eta2 float32, relu bool) {
	spec.CheckLayerStep(dst, y, a, w, b)
	u := spec.NewMatrix[float32](y.Rows, y.Cols)
	descend(u, y, m.laplacian(u, m.project(y, a), y), eta1)
	m.quadraticStep(dst, u, symmetricPart(w), b, eta2)
	for i := range dst.Rows {
		rectify(dst.Row(i), relu)
	}
}

// rectify replaces the elements of row by max(0, ·) if relu is set.
func rectify(row []float32, relu bool) {
	if relu {
		clip(row, row, 0, float32(math.Inf(1)))
	}
}

// LayerParallelStep stores σ(yᵢ − (η/qᵢ)(LYS + YK − B)ᵢ), qᵢ = Dᵢ·tr(S) + max
// row sum of |K|; D comes out of the pass that gathers LU.
func (m Machine) LayerParallelStep(dst, y, a, w, b matrix, eta float32, relu bool) {
	spec.CheckLayerStep(dst, y, a, w, b)
	ws := symmetricPart(w)
	u, trace := y, float32(y.Cols)
	if !a.IsZero() {
		u, trace = m.project(y, a), 0
		for i := range a.Rows {
			trace += dot(a.Row(i), a.Row(i))
		}
	}
	lu := spec.NewMatrix[float32](u.Rows, u.Cols)
	d := m.laplacian(lu, u, u)
	top := largestRowSum(ws)
	m.addGradient(dst, y, ws, b)
	if !a.IsZero() {
		m.multiplyTransposed(dst, lu, a, dst)
	}
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		if a.IsZero() {
			axpy(row, 1, lu.Row(i))
		}
		rate := eta / (d[i]*trace + top)
		for k := range row {
			row[k] = yi[k] - rate*row[k]
		}
		rectify(row, relu)
	}
}

// largestRowSum returns the largest row sum of |Ws + I|.
func largestRowSum(ws matrix) float32 {
	var top float32
	for i := range ws.Rows {
		var s float32
		for j, x := range ws.Row(i) {
			if i == j {
				x++
			}
			s += max(x, -x)
		}
		top = max(top, s)
	}
	return top
}
