package reference

import (
	"math"

	"example.com/attest/spec"
)

var sphere = spec.Sphere[float64]{
	Step:          SphereStep,
	WeightedStep:  SphereWeightedStep,
	AttentionStep: SphereAttentionStep,
}

// SphereStep stores R·wᵢ/‖wᵢ‖ for the softmax_β step W = (1−η)Y + ηPY.
func SphereStep(dst, y matrix, radius, eta float64) {
	SphereWeightedStep(dst, y, matrix{}, radius, eta)
}

// SphereWeightedStep stores R·wᵢ/‖wᵢ‖ for W = Y + η(PY − Y)S.
func SphereWeightedStep(dst, y, a matrix, radius, eta float64) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	normalizeRows(dst, SphereDirection(y, a, eta), y, radius)
}

// SphereDirection returns W = Y + η(PY − Y)S, the increment of a token taken as
// Σⱼ Gᵢⱼ(yⱼ−yᵢ)/Dᵢ.
func SphereDirection(y, a matrix, eta float64) matrix {
	w, increment := newMatrix(y.Rows, y.Cols), newMatrix(y.Rows, y.Cols)
	g := Kernel(y, a)
	d := Degrees(g)
	for i := range y.Rows {
		for k := range y.Cols {
			for j := range y.Rows {
				increment.Set(i, k, increment.At(i, k)+g.At(i, j)*(y.At(j, k)-y.At(i, k))/d[i])
			}
		}
	}
	if !a.IsZero() {
		increment = Times(Times(increment, a), Transpose(a))
	}
	for i := range y.Rows {
		for k := range y.Cols {
			w.Set(i, k, y.At(i, k)+eta*increment.At(i, k))
		}
	}
	return w
}

// normalizeRows stores R·wᵢ/‖wᵢ‖, and yᵢ where wᵢ = 0.
func normalizeRows(dst, w, y matrix, radius float64) {
	for i := range y.Rows {
		norm := Norm(w.Row(i))
		for k := range y.Cols {
			if norm == 0 {
				dst.Set(i, k, y.At(i, k))
			} else {
				dst.Set(i, k, radius*(w.At(i, k)/norm))
			}
		}
	}
}

// SphereAttentionStep stores R·wᵢ/‖wᵢ‖ for W = cY + softmax(YMYᵀ)YV.
func SphereAttentionStep(dst, y, m, v matrix, radius, c float64) {
	spec.CheckSphere(dst, y, m, v)
	normalizeRows(dst, SphereAttentionDirection(y, m, v, c), y, radius)
}

// SphereAttentionDirection returns W = cY + softmax(YMYᵀ)YV.
func SphereAttentionDirection(y, m, v matrix, c float64) matrix {
	logits, values, w := SphereLogits(y, m), Times(y, v), newMatrix(y.Rows, y.Cols)
	for i := range y.Rows {
		p := SoftmaxRow(logits.Row(i))
		for k := range y.Cols {
			var mean float64
			for j := range p {
				mean += p[j] * values.At(j, k)
			}
			w.Set(i, k, c*y.At(i, k)+mean)
		}
	}
	return w
}

// SphereLogits returns YMYᵀ (n×n).
func SphereLogits(y, m matrix) matrix {
	ym, out := Times(y, m), newMatrix(y.Rows, y.Rows)
	for i := range y.Rows {
		for j := range y.Rows {
			out.Set(i, j, Dot(ym.Row(i), y.Row(j)))
		}
	}
	return out
}

// ExponentialEnergy returns −½Σᵢⱼ exp(yᵢMyⱼᵀ), the diagonal included: the
// energy of ordinary softmax attention on the sphere.
func ExponentialEnergy(y, m matrix) float64 {
	var e float64
	for _, l := range SphereLogits(y, m).Data {
		e -= math.Exp(l) / 2
	}
	return e
}
