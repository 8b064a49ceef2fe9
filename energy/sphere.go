package energy

import (
	"math"

	"example.com/attest/spec"
)

func (m Machine) sphere() spec.Sphere[float32] {
	return spec.Sphere[float32]{
		Step:          m.SphereStep,
		WeightedStep:  m.SphereWeightedStep,
		AttentionStep: m.SphereAttentionStep,
	}
}

// SphereStep stores R·wᵢ/‖wᵢ‖ for the softmax_β step W = Y − ηD⁻¹(D−G)Y.
func (m Machine) SphereStep(dst, y matrix, radius, eta float32) {
	m.InteractionStep(dst, y, matrix{}, eta)
	normalizeRows(dst, y, radius)
}

// SphereWeightedStep stores R·wᵢ/‖wᵢ‖ for W = Y − ηD⁻¹((D−G)U)Aᵀ, U = YA.
func (m Machine) SphereWeightedStep(dst, y, a matrix, radius, eta float32) {
	if a.IsZero() {
		m.SphereStep(dst, y, radius, eta)
		return
	}
	spec.CheckInteraction(dst, y.Cols, y, a)
	u := m.project(y, a)
	lu := spec.NewMatrix[float32](u.Rows, u.Cols)
	d := m.laplacian(lu, u, u)
	m.multiplyTransposed(dst, lu, a, matrix{})
	for i := range y.Rows {
		row, yi := dst.Row(i), y.Row(i)
		for k := range row {
			row[k] = yi[k] - eta*(row[k]/d[i])
		}
	}
	normalizeRows(dst, y, radius)
}

// normalizeRows scales each row of w to norm R; a row of zeros becomes that of
// y. The squares are summed in float64, where those of float32 numbers neither
// overflow nor underflow.
func normalizeRows(w, y matrix, radius float32) {
	for i := range w.Rows {
		row := w.Row(i)
		var s float64
		for _, x := range row {
			s += float64(x) * float64(x)
		}
		if s == 0 {
			copy(row, y.Row(i))
			continue
		}
		scale := float64(radius) / math.Sqrt(s)
		for k, x := range row {
			row[k] = float32(float64(x) * scale)
		}
	}
}

// SphereAttentionStep stores R·wᵢ/‖wᵢ‖ for W = cY + softmax(YMYᵀ)YV.
func (m Machine) SphereAttentionStep(dst, y, q, v matrix, radius, c float32) {
	spec.CheckSphere(dst, y, q, v)
	m.attend(dst, m.project(y, q), y, m.project(y, v), true, func(i int, row []float32, sum float32) {
		yi := y.Row(i)
		for k := range row {
			row[k] = c*yi[k] + row[k]/sum
		}
	})
	normalizeRows(dst, y, radius)
}
