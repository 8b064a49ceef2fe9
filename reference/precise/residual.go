package precise

import (
	"math"
	"math/big"

	"example.com/attest/spec"
)

var residual spec.Residual[float64] = residualRows

// residualRows rounds the exact sums; what is not finite is left to float64.
func residualRows(dst, x, y matrix) {
	spec.CheckResidual(dst, x, y)
	for i := range x.Rows {
		for k := range x.Cols {
			a, b := x.At(i, k), y.At(i, k)
			if s := a + b; math.IsNaN(s) || math.IsInf(s, 0) || s == 0 {
				dst.Set(i, k, s) // big.Float knows no NaN, and its own sign of 0
				continue
			}
			// 2200 bits hold every sum of two numbers exactly.
			sum := new(big.Float).SetPrec(2200)
			sum.Add(sum.SetFloat64(a), new(big.Float).SetFloat64(b))
			dst.Set(i, k, float(sum))
		}
	}
}
