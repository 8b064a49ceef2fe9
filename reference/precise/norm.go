package precise

import (
	"math"

	"example.com/attest/spec"
)

var layerNorm spec.LayerNorm[float64] = layerNormRows

// layerNormRows is LayerNorm with the variance as mean of squares less square of mean,
// (d Σx² − (Σx)²)/d²: useless in floating point, and another form here. A row
// that is not finite becomes NaN.
func layerNormRows(dst, src matrix, gain, shift []float64, eps float64) {
	for i := range src.Rows {
		finite := true
		sum, squares := zero(), zero()
		for _, v := range src.Row(i) {
			if finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0); finite {
				sum = add(sum, num(v))
				squares = add(squares, mul(num(v), num(v)))
			}
		}
		d := num(float64(src.Cols))
		for k, v := range src.Row(i) {
			if !finite {
				dst.Set(i, k, math.NaN())
				continue
			}
			variance := quo(sub(mul(d, squares), mul(sum, sum)), mul(d, d))
			c := quo(sub(mul(d, num(v)), sum), d)
			y := quo(c, sqrt(add(variance, num(eps))))
			dst.Set(i, k, float(add(mul(num(gain[k]), y), num(shift[k]))))
		}
	}
}

var rmsNorm spec.RMSNorm[float64] = rmsNormRows

// rmsNormRows is RMSNorm as gain·x·√d/√(Σx² + d·eps). A row that is not finite
// becomes NaN.
func rmsNormRows(dst, src matrix, gain []float64, eps float64) {
	d := num(float64(src.Cols))
	for i := range src.Rows {
		finite := true
		squares := mul(d, num(eps))
		for _, v := range src.Row(i) {
			if finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0); finite {
				squares = add(squares, mul(num(v), num(v)))
			}
		}
		for k, v := range src.Row(i) {
			if !finite || squares.Sign() == 0 {
				dst.Set(i, k, math.NaN())
				continue
			}
			dst.Set(i, k, float(quo(mul(mul(num(gain[k]), num(v)), sqrt(d)), sqrt(squares))))
		}
	}
}
