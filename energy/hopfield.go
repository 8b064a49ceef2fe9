package energy

import (
	"math"

	"example.com/attest/spec"
)

func (m Machine) hopfield() spec.Hopfield[float32] {
	return spec.Hopfield[float32]{Energy: m.HopfieldEnergy, Step: m.HopfieldStep}
}

// HopfieldEnergy stores ‖qᵢ‖²/2 − (topᵢ + log Σⱼ exp(⟨βqᵢ, kⱼ⟩ − topᵢ))/β, topᵢ the
// row's largest logit.
func (m Machine) HopfieldEnergy(dst, q, k matrix, visible []bool, beta float32) {
	spec.CheckHopfieldEnergy(dst, q, k, visible)
	m.exponentials(scaledRows(q, beta), visibleRows(k, visible), true, func(i0 int, weights matrix, tops, sums []float32) {
		for i := range weights.Rows {
			qi := q.Row(i0 + i)
			lse := tops[i] + float32(math.Log(float64(sums[i])))
			dst.Set(i0+i, 0, dot(qi, qi)/2-lse/beta)
		}
	})
}

// HopfieldStep stores (1−η)qᵢ + η Σⱼ wⱼkⱼ / Σⱼ wⱼ, wⱼ = exp(⟨βqᵢ, kⱼ⟩ − topᵢ).
func (m Machine) HopfieldStep(dst, q, k matrix, visible []bool, beta, eta float32) {
	spec.CheckHopfieldStep(dst, q, k, visible)
	k = visibleRows(k, visible)
	m.attend(dst, scaledRows(q, beta), k, k, true, func(i int, row []float32, sum float32) {
		if k.Rows == 0 {
			sum = 1 // of nothing: the row is 0
		}
		for c, x := range q.Row(i) {
			row[c] = (1-eta)*x + eta*(row[c]/sum)
		}
	})
}

// scaledRows returns cX.
func scaledRows(x matrix, c float32) matrix {
	out := spec.NewMatrix[float32](x.Rows, x.Cols)
	for i := range x.Rows {
		axpy(out.Row(i), c, x.Row(i))
	}
	return out
}

// visibleRows returns the visible rows of k, in memory of their own if not all
// are: what the others hold is never used.
func visibleRows(k matrix, visible []bool) matrix {
	count := 0
	for _, seen := range visible {
		if seen {
			count++
		}
	}
	if visible == nil || count == k.Rows {
		return k
	}
	out := spec.NewMatrix[float32](count, k.Cols)
	at := 0
	for j, seen := range visible {
		if seen {
			copy(out.Row(at), k.Row(j))
			at++
		}
	}
	return out
}
