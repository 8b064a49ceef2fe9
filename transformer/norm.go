package transformer

import (
	"math"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// LayerNorm normalizes each row in two passes, mean and then variance of the
// differences, each sum in several chains. See spec.LayerNorm.
func LayerNorm(dst, src spec.Matrix[float32], gain, shift []float32, eps float32) {
	best.LayerNorm(dst, src, gain, shift, eps)
}

// LayerNorm is the function LayerNorm at the level of m.
func (m machine) LayerNorm(dst, src spec.Matrix[float32], gain, shift []float32, eps float32) {
	spec.CheckLayerNorm(dst, src, gain, shift)
	l, d := kernel.Level(m), float32(src.Cols)
	for i := range src.Rows {
		row := src.Row(i)
		mean := l.Sum(row) / d
		variance := l.SquareSum(row, mean) / d
		l.Normalize(dst.Row(i), row, gain, shift, mean, 1/float32(math.Sqrt(float64(variance+eps))))
	}
}

// RMSNorm divides each row by the root of its mean square, summed in several
// chains. See spec.RMSNorm.
func RMSNorm(dst, src spec.Matrix[float32], gain []float32, eps float32) {
	best.RMSNorm(dst, src, gain, eps)
}

// RMSNorm is the function RMSNorm at the level of m.
func (m machine) RMSNorm(dst, src spec.Matrix[float32], gain []float32, eps float32) {
	spec.CheckRMSNorm(dst, src, gain)
	l, d := kernel.Level(m), float32(src.Cols)
	for i := range src.Rows {
		row := src.Row(i)
		mean := l.SquareSum(row, 0) / d
		l.Gain(dst.Row(i), row, gain, 1/float32(math.Sqrt(float64(mean+eps))))
	}
}
