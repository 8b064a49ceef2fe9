package reference

import (
	"math"

	"example.com/attest/spec"
)

var alternating = spec.Alternating[float64]{
	Step:     AlternatingStep,
	ReLUStep: AlternatingReLUStep,
	Region:   ApolloniusRegion,
}

// QuadraticGradient returns xK − b.
func QuadraticGradient(q spec.Quadratic[float64], x matrix) matrix { return Sub(Times(x, q.K), q.B) }

// AlternatingStep stores u − η₂∇g(u) with u = y − η₁∇f(y).
func AlternatingStep(dst, y matrix, f, g spec.Quadratic[float64], eta1, eta2 float64) {
	spec.CheckAlternating(dst, y, f, g)
	u := newMatrix(y.Rows, y.Cols)
	alongGradient(u, y, QuadraticGradient(f, y), eta1)
	alongGradient(dst, u, QuadraticGradient(g, u), eta2)
}

// AlternatingReLUStep stores max(0, u − η₂∇g(u)) with u = y − η₁∇f(y).
func AlternatingReLUStep(dst, y matrix, f, g spec.Quadratic[float64], eta1, eta2 float64) {
	AlternatingStep(dst, y, f, g, eta1, eta2)
	Apply(dst.Row(0), dst.Row(0), spec.ActReLU)
}

// ApolloniusRegion reports whether ‖y − yf‖ ≤ c·‖y − yh‖.
func ApolloniusRegion(y, yf, yh matrix, c float64) bool {
	spec.CheckRegion(y, yf, yh)
	return Norm(Sub(y, yf).Row(0)) <= c*Norm(Sub(y, yh).Row(0))
}

// AlternatingBound returns the bound for each element of the alternating step,
// with or without ReLU: (2d+12)u·M with M = m + η₂(m|Kg|+|bg|), m = |y| +
// η₁(|y||Kf|+|bf|). A product meets at most d+6 roundings in each half, in
// whatever order the sums are taken and whether or not the halves are multiplied
// out first.
func AlternatingBound(y matrix, f, g spec.Quadratic[float64], eta1, eta2 float64, r Rounding) matrix {
	grow := func(m matrix, q spec.Quadratic[float64], eta float64) matrix {
		out := Times(m, absMatrix(q.K))
		for k, b := range absMatrix(q.B).Data {
			out.Data[k] = m.Data[k] + math.Abs(eta)*(out.Data[k]+b)
		}
		return out
	}
	d := float64(y.Cols)
	// Underflow loses at most tiny in each of 2d+4 products of the first half,
	// which the second passes on like any other number.
	lost := newMatrix(1, y.Cols)
	for k := range lost.Data {
		lost.Data[k] = (2*d + 4) * r.Tiny * (1 + math.Abs(eta1))
	}
	none := spec.Quadratic[float64]{K: g.K, B: newMatrix(1, y.Cols)}
	passed := grow(lost, none, eta2)
	out := grow(grow(absMatrix(y), f, eta1), g, eta2)
	for k, m := range out.Data {
		out.Data[k] = second * ((2*d+12)*r.Unit*m + passed.Data[k] + (2*d+4)*r.Tiny*(1+math.Abs(eta2)))
	}
	return out
}
