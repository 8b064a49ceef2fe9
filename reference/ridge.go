package reference

import (
	"math"

	"example.com/attest/spec"
)

var ridge = spec.Ridge[float64]{
	Energy:      RidgeEnergy,
	Step:        RidgeStep,
	ChannelStep: RidgeChannelStep,
}

// RidgeEnergy returns F(Y) = E₁(Y) + λ‖YA‖²/2.
func RidgeEnergy(y, a matrix, lambda float64) float64 {
	spec.CheckTokens(y, a)
	u := Times(y, a)
	var r float64
	for i := range u.Rows {
		r += Dot(u.Row(i), u.Row(i))
	}
	return InteractionEnergy(y, a) + lambda/2*r
}

// RidgeStep stores the step in difference form, with the sink as one more token
// at the origin whose weight is λ:
// yᵢ + η (Σⱼ Gᵢⱼ(yⱼ−yᵢ) − λyᵢ)/(Dᵢ+λ) = (1−η)yᵢ + η(GY)ᵢ/(Dᵢ+λ).
func RidgeStep(dst, y, a matrix, lambda, eta float64) {
	spec.CheckInteraction(dst, y.Cols, y, a)
	one := make([]float64, y.Cols)
	for k := range one {
		one[k] = 1
	}
	sinkStep(dst, y, Kernel(y, a), one, lambda, eta)
}

// RidgeChannelStep stores the step for E₁(X√s) + λ‖X‖²/2, channel by channel
// xᵢₖ + η (sₖ Σⱼ Gᵢⱼ(xⱼₖ−xᵢₖ) − λxᵢₖ)/(sₖDᵢ+λ), and (1−η)xᵢₖ where sₖ = 0.
func RidgeChannelStep(dst, x matrix, s []float64, lambda, eta float64) {
	spec.CheckChannels(dst, x, s)
	sinkStep(dst, x, Kernel(x, ChannelWeights(s)), s, lambda, eta)
}

// ChannelWeights returns A = diag(√s), for which S = AAᵀ = diag(s).
func ChannelWeights(s []float64) matrix {
	a := newMatrix(len(s), len(s))
	for k, sk := range s {
		a.Set(k, k, math.Sqrt(sk))
	}
	return a
}

// sinkStep stores yᵢₖ + η (sₖ Σⱼ gᵢⱼ(yⱼₖ−yᵢₖ) − λyᵢₖ)/(sₖDᵢ+λ).
func sinkStep(dst, y, g matrix, s []float64, lambda, eta float64) {
	d := Degrees(g)
	for i := range y.Rows {
		for k := range y.Cols {
			if s[k] == 0 {
				dst.Set(i, k, y.At(i, k)-eta*y.At(i, k))
				continue
			}
			var pull float64
			for j := range y.Rows {
				pull += g.At(i, j) * (y.At(j, k) - y.At(i, k))
			}
			dst.Set(i, k, y.At(i, k)+eta*(s[k]*pull-lambda*y.At(i, k))/(s[k]*d[i]+lambda))
		}
	}
}
