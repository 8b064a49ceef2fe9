package energy

import (
	"math"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// exp is eˣ rounded to float32, within 1.01u.
func exp(x float32) float32 { return float32(math.Exp(float64(x))) }

// project returns YA, or Y itself when A is the zero Matrix.
func (m Machine) project(y, a matrix) matrix {
	if a.IsZero() {
		return y
	}
	out := spec.NewMatrix[float32](y.Rows, a.Cols)
	m.multiply(out, y, a, matrix{})
	return out
}

// multiply stores add + XW; add may be dst, or the zero Matrix.
func (m Machine) multiply(dst, x, w, add matrix) {
	kernel.Gemm{Level: m.Level, Threads: m.Threads}.Multiply(dst, x, w, add)
}

// multiplyTransposed stores add + XWᵀ.
func (m Machine) multiplyTransposed(dst, x, w, add matrix) {
	kernel.Gemm{Level: m.Level, Threads: m.Threads, TransposeB: true}.Multiply(dst, x, w, add)
}

// axpy adds c·x to dst.
func axpy(dst []float32, c float32, x []float32) {
	x = x[:len(dst)]
	for k := range dst {
		dst[k] += c * x[k]
	}
}

// dot returns Σ xₖyₖ, in four chains.
func dot(x, y []float32) float32 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float32
	k := 0
	for ; k+4 <= len(x); k += 4 {
		s0 += x[k] * y[k]
		s1 += x[k+1] * y[k+1]
		s2 += x[k+2] * y[k+2]
		s3 += x[k+3] * y[k+3]
	}
	for ; k < len(x); k++ {
		s0 += x[k] * y[k]
	}
	return (s0 + s1) + (s2 + s3)
}

// halfSquared returns ‖x−y‖²/2, in four chains.
func halfSquared(x, y []float32) float32 {
	y = y[:len(x)]
	var s0, s1, s2, s3 float32
	k := 0
	for ; k+4 <= len(x); k += 4 {
		d0, d1, d2, d3 := x[k]-y[k], x[k+1]-y[k+1], x[k+2]-y[k+2], x[k+3]-y[k+3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; k < len(x); k++ {
		d := x[k] - y[k]
		s0 += d * d
	}
	return ((s0 + s1) + (s2 + s3)) / 2
}
