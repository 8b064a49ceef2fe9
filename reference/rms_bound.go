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
	return RMSBoundFrom(src, newMatrix(src.Rows, src.Cols), gain, eps, r)
}

// RMSBoundFrom is RMSBound for rows that the implementation has within e. Such an
// error moves √S, the norm of (x, √(d·eps))/√d, by at most δ = √(mean e²) and the
// output by |gain|/√S·(eₖ + |x|δ/√S). As in NewNormBoundsFrom, magnitudes are
// enlarged and the root is lowered by two such errors.
func RMSBoundFrom(src, e matrix, gain []float64, eps float64, r Rounding) (bound matrix, ok bool) {
	bound, ok = newMatrix(src.Rows, src.Cols), true
	u, d := r.Unit, float64(src.Cols)
	for i := range src.Rows {
		reach, squares := make([]float64, src.Cols), make([]float64, src.Cols)
		for k, x := range src.Row(i) {
			reach[k] = math.Abs(x) + 2*e.At(i, k)
			squares[k] = reach[k] * reach[k]
		}
		drift := math.Sqrt(MeanSquare(e.Row(i)))
		low := math.Sqrt(MeanSquare(src.Row(i))+eps) - 2*drift
		spread := second*((AnyOrderSum(squares, u)/d+3*u*MeanSquare(reach))/(low*low)+u) + 3*r.Tiny/(low*low)
		if !(low > 0 && spread <= MaxRelativeError) {
			ok = false
			continue
		}
		root := 1/math.Sqrt(1-spread) - 1 + second*3*u
		for k, x := range reach {
			g := math.Abs(gain[k]) / low
			bound.Set(i, k, second*g*(x*(root+2*u)+e.At(i, k)+x*drift/low)+2*r.Tiny*(1+math.Abs(gain[k])+x))
		}
	}
	return bound, ok
}
