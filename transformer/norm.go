package transformer

import (
	"math"

	"example.com/attest/spec"
)

var layerNorm spec.LayerNorm[float32] = LayerNorm

// LayerNorm normalizes each row in two passes, mean and then variance of the
// differences, each sum in four chains. See spec.LayerNorm.
func LayerNorm(dst, src spec.Matrix[float32], gain, shift []float32, eps float32) {
	spec.CheckLayerNorm(dst, src, gain, shift)
	for i := range src.Rows {
		row, out := src.Row(i), dst.Row(i)
		mean := rowSum(row) / float32(len(row))
		variance := rowSquares(row, mean) / float32(len(row))
		inverse := 1 / float32(math.Sqrt(float64(variance+eps)))
		for k, x := range row {
			out[k] = gain[k]*((x-mean)*inverse) + shift[k]
		}
	}
}

// rowSum returns Σ xₖ, in four chains.
func rowSum(x []float32) float32 {
	var s0, s1, s2, s3 float32
	k := 0
	for ; k+4 <= len(x); k += 4 {
		s0 += x[k]
		s1 += x[k+1]
		s2 += x[k+2]
		s3 += x[k+3]
	}
	for ; k < len(x); k++ {
		s0 += x[k]
	}
	return (s0 + s1) + (s2 + s3)
}

// rowSquares returns Σ (xₖ−mean)², in four chains.
func rowSquares(x []float32, mean float32) float32 {
	var s0, s1, s2, s3 float32
	k := 0
	for ; k+4 <= len(x); k += 4 {
		d0, d1, d2, d3 := x[k]-mean, x[k+1]-mean, x[k+2]-mean, x[k+3]-mean
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; k < len(x); k++ {
		d := x[k] - mean
		s0 += d * d
	}
	return (s0 + s1) + (s2 + s3)
}

var rmsNorm spec.RMSNorm[float32] = RMSNorm

// RMSNorm divides each row by the root of its mean square, summed in four
// chains. See spec.RMSNorm.
func RMSNorm(dst, src spec.Matrix[float32], gain []float32, eps float32) {
	spec.CheckRMSNorm(dst, src, gain)
	for i := range src.Rows {
		row, out := src.Row(i), dst.Row(i)
		mean := rowSquares(row, 0) / float32(len(row))
		inverse := 1 / float32(math.Sqrt(float64(mean+eps)))
		for k, x := range row {
			out[k] = gain[k] * (x * inverse)
		}
	}
}
