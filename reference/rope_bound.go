package reference

import (
	"math"

	"example.com/attest/spec"
)

// AngleBound bounds the error of an angle θ = p·base^(−2k/d) that is formed in
// float64: the exponent is rounded once, the logarithm of the base errs by 2u
// and their product by u, which multiplies the power by at most
// 4u·ln base; the exponential, the powering, the product with p and the
// reduction modulo 2π take 8u more. That is (4 ln base + 8)·2⁻⁵³·|θ|.
func AngleBound(p, k, d int, base float64) float64 {
	return (4*math.Log(base) + 8) * 0x1p-53 * math.Abs(Angle(p, k, d, base))
}

// RopeBound returns the bound for each element of a rotary embedding: with
// sine and cosine within 2u of those of an angle that is off by δ, and one
// rounding for each product and for their sum,
//
//	(δ + 4u)·√(x²+y²)
//
// for both channels of a pair, by |x cos θ| + |y sin θ| ≤ √(x²+y²). Channels
// that are copied have 0.
func RopeBound(src matrix, r spec.Rotary, round Rounding) matrix {
	return RopeBoundFrom(src, matrix{}, r, round)
}

// RopeBoundFrom is RopeBound for rows that the implementation has within e,
// element by element; the zero Matrix is no error. A pair that is off by (a, b)
// moves each of its turned channels by at most √(a²+b²) and has a norm of at most
// √(x²+y²) + √(a²+b²). Channels that are copied keep their error.
func RopeBoundFrom(src, e matrix, r spec.Rotary, round Rounding) matrix {
	bound := newMatrix(src.Rows, src.Cols)
	for i := range src.Rows {
		for c := r.Dims; c < src.Cols; c++ {
			bound.Set(i, c, slipOf(e, i, c))
		}
		for k := range r.Dims / 2 {
			first, last := r.Pair(k)
			shift := math.Hypot(slipOf(e, i, first), slipOf(e, i, last))
			norm := math.Hypot(src.At(i, first), src.At(i, last)) + shift
			turned := second*(norm*(AngleBound(r.Offset+i, k, r.Dims, r.Base)+4*round.Unit)+shift) + 3*round.Tiny
			bound.Set(i, first, turned)
			bound.Set(i, last, turned)
		}
	}
	return bound
}

// PositionsBound bounds the error of a sine or cosine at position p, channel c
// of d: the angle's error and 2u of the result, at most 2u.
func PositionsBound(p, c, d int, base float64, r Rounding) float64 {
	return second*(AngleBound(p, c/2, d, base)+2*r.Unit) + r.Tiny
}
