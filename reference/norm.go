package reference

import (
	"math"

	"example.com/attest/spec"
)

var layerNorm spec.LayerNorm[float64] = LayerNorm

// LayerNorm stores gain·(x−μ)/√(σ²+eps) + shift for each row.
func LayerNorm(dst, src matrix, gain, shift []float64, eps float64) {
	spec.CheckLayerNorm(dst, src, gain, shift)
	for i := range src.Rows {
		mean, variance := Moments(src.Row(i))
		for k, x := range src.Row(i) {
			dst.Set(i, k, gain[k]*((x-mean)/math.Sqrt(variance+eps))+shift[k])
		}
	}
}

// Moments returns the mean of x and its variance, the mean of (xₖ − mean)².
func Moments(x []float64) (mean, variance float64) {
	d := float64(len(x))
	for _, v := range x {
		mean += v
	}
	mean /= d
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / d
}

var rmsNorm spec.RMSNorm[float64] = RMSNorm

// RMSNorm stores gain·x/√(mean x² + eps) for each row.
func RMSNorm(dst, src matrix, gain []float64, eps float64) {
	spec.CheckRMSNorm(dst, src, gain)
	for i := range src.Rows {
		root := math.Sqrt(MeanSquare(src.Row(i)) + eps)
		for k, x := range src.Row(i) {
			dst.Set(i, k, gain[k]*(x/root))
		}
	}
}

// MeanSquare returns the mean of xₖ².
func MeanSquare(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v * v
	}
	return s / float64(len(x))
}
