package reference

import (
	"math"

	"example.com/attest/spec"
)

var masked = spec.Masked[float64]{
	FrozenStep:    FrozenStep,
	CausalStep:    CausalStep,
	SymmetricStep: SymmetricStep,
}

// halfSquaredBetween returns ‖y−x‖²/2.
func halfSquaredBetween(y, x []float64) float64 {
	var s float64
	for k := range y {
		s += (y[k] - x[k]) * (y[k] - x[k])
	}
	return s / 2
}

// averageAmong returns y + η Σⱼ wⱼ(xⱼ−y)/(Σⱼ wⱼ + self) with
// wⱼ = kⱼ exp(−‖y−xⱼ‖²/2), taken over the j with kⱼ ≠ 0, and y itself when that
// sum is zero.
func averageAmong(y []float64, x matrix, k func(j int) float64, self, eta float64) []float64 {
	d, inc := self, make([]float64, len(y))
	for j := range x.Rows {
		if k(j) == 0 {
			continue
		}
		w := k(j) * math.Exp(-halfSquaredBetween(y, x.Row(j)))
		d += w
		for c := range inc {
			inc[c] += w * (x.At(j, c) - y[c])
		}
	}
	out := append([]float64(nil), y...)
	if d != 0 {
		for c := range out {
			out[c] = y[c] + eta*inc[c]/d
		}
	}
	return out
}

// FrozenStep stores yᵢ + η Σⱼ gᵢⱼ(xⱼ−yᵢ)/(Σⱼ gᵢⱼ + 1).
func FrozenStep(dst, y, x matrix, eta float64) {
	spec.CheckFrozen(dst, y, x)
	for i := range y.Rows {
		copy(dst.Row(i), averageAmong(y.Row(i), x, func(int) float64 { return 1 }, 1, eta))
	}
}

// CausalStep stores yᵢ + η Σ_{j≤i} Gᵢⱼ(yⱼ−yᵢ)/Σ_{j≤i} Gᵢⱼ.
func CausalStep(dst, y matrix, eta float64) {
	spec.CheckCausal(dst, y)
	for i := range y.Rows {
		seen := func(j int) float64 {
			if j <= i {
				return 1
			}
			return 0
		}
		copy(dst.Row(i), averageAmong(y.Row(i), y, seen, 0, eta))
	}
}

// SymmetricStep stores yᵢ + η Σⱼ KᵢⱼGᵢⱼ(yⱼ−yᵢ)/Σⱼ KᵢⱼGᵢⱼ, and yᵢ where that sum
// is zero.
func SymmetricStep(dst, y, k matrix, eta float64) {
	spec.CheckSymmetric(dst, y, k)
	for i := range y.Rows {
		copy(dst.Row(i), averageAmong(y.Row(i), y, func(j int) float64 { return k.At(i, j) }, 0, eta))
	}
}

// FrozenEnergy returns −Σⱼ exp(−‖y−xⱼ‖²/2), the energy of one query among
// frozen keys.
func FrozenEnergy(y []float64, x matrix) float64 {
	var e float64
	for j := range x.Rows {
		e -= math.Exp(-halfSquaredBetween(y, x.Row(j)))
	}
	return e
}

// MaskedEnergy returns −Σ_{i<j} ½(Kᵢⱼ+Kⱼᵢ) exp(−zᵢⱼ), which is −Σ_{i<j}
// Kᵢⱼ exp(−zᵢⱼ) for symmetric K.
func MaskedEnergy(y, k matrix) float64 {
	var e float64
	for i := range y.Rows {
		for j := i + 1; j < y.Rows; j++ {
			e -= (k.At(i, j) + k.At(j, i)) / 2 * math.Exp(-halfSquaredBetween(y.Row(i), y.Row(j)))
		}
	}
	return e
}
