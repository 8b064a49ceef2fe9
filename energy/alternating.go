package energy

import (
	"math"

	"example.com/attest/spec"
)

var alternating = spec.Alternating[float32]{
	Step:     AlternatingStep,
	ReLUStep: AlternatingReLUStep,
	Region:   ApolloniusRegion,
}

// AlternatingStep stores u − η₂∇g(u) with u = y − η₁∇f(y), for a row y (1×d).
func AlternatingStep(dst, y matrix, f, g spec.Quadratic[float32], eta1, eta2 float32) {
	spec.CheckAlternating(dst, y, f, g)
	u := make([]float32, y.Cols)
	halfStep(u, y.Row(0), f, eta1)
	halfStep(dst.Row(0), u, g, eta2)
}

// halfStep stores x − η(xK − b); dst and x are apart.
func halfStep(dst, x []float32, q spec.Quadratic[float32], eta float32) {
	b := q.B.Row(0)
	for k := range dst {
		dst[k] = -b[k]
	}
	for k, xk := range x {
		axpy(dst, xk, q.K.Row(k))
	}
	for k := range dst {
		dst[k] = x[k] - eta*dst[k]
	}
}

// AlternatingReLUStep stores max(0, u − η₂∇g(u)) with u = y − η₁∇f(y).
func AlternatingReLUStep(dst, y matrix, f, g spec.Quadratic[float32], eta1, eta2 float32) {
	AlternatingStep(dst, y, f, g, eta1, eta2)
	clip(dst.Row(0), dst.Row(0), 0, float32(math.Inf(1)))
}

// ApolloniusRegion reports whether ‖y − yf‖ ≤ c·‖y − yh‖. The halved squares
// are compared, so that no root is taken; c² is formed in float64.
func ApolloniusRegion(y, yf, yh matrix, c float32) bool {
	spec.CheckRegion(y, yf, yh)
	toF, toH := halfSquared(y.Row(0), yf.Row(0)), halfSquared(y.Row(0), yh.Row(0))
	return float64(toF) <= float64(c)*float64(c)*float64(toH)
}
