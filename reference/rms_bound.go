package reference

import "math"

// RMSBound returns the bound for each element of any RMSNorm that adds the
// squares in any order, divides by d or multiplies by its reciprocal, and
// multiplies by gain before or after, with or without fused multiply-add; ok is
// false where it does not hold: all-zero rows with eps = 0.
//
// With S = mean x² + eps: the squares cost u each, their sum what AnyOrderSum
// says, the division 2u, the addition of eps u; squares may underflow. All terms
// are positive, so that this is a relative error σ of S, and 1/√S is off by
// (1−σ)^{−1/2} − 1 and 3u for the root and the reciprocal. Two products follow.
// A last term is for underflow of the products.
func RMSBound(src matrix, gain []float64, eps float64, r Rounding) (bound matrix, ok bool) {
	bound, ok = newMatrix(src.Rows, src.Cols), true
	u, d := r.Unit, float64(src.Cols)
	for i := range src.Rows {
		row := src.Row(i)
		squares := make([]float64, len(row))
		for k, x := range row {
			squares[k] = x * x
		}
		mean := MeanSquare(row)
		spread := second*((AnyOrderSum(squares, u)/d+3*u*mean)/(mean+eps)+u) + 3*r.Tiny/(mean+eps)
		if !(spread <= MaxRelativeError) {
			ok = false
			continue
		}
		root := 1/math.Sqrt(1-spread) - 1 + second*3*u
		for k, x := range row {
			y := math.Abs(gain[k] * x / math.Sqrt(mean+eps))
			bound.Set(i, k, second*y*(root+2*u)+2*r.Tiny*(1+math.Abs(gain[k])+math.Abs(x)))
		}
	}
	return bound, ok
}
