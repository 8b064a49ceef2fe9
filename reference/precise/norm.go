package precise

import (
	"math"
	"slices"

	"example.com/attest/spec"
)

var layerNorm spec.LayerNorm[float64] = layerNormRows

// layerNormRows is LayerNorm with the variance as mean of squares less square of mean,
// (d Σx² − (Σx)²)/d²: useless in floating point, and another form here. A row
// that is not finite becomes NaN.
func layerNormRows(dst, src matrix, gain, shift []float64, eps float64) {
	spec.CheckLayerNorm(dst, src, gain, shift)
	eachFinite(dst, src, func(_ int, x []real) []real { return layerNormOf(x, gain, shift, eps) })
}

// eachFinite stores f of each row and its number; one that is not finite, or of which f is nil,
// becomes NaN.
func eachFinite(dst, src matrix, f func(i int, x []real) []real) {
	for i := range src.Rows {
		var y []real
		if !slices.ContainsFunc(src.Row(i), func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }) {
			y = f(i, rows(spec.MatrixOf(src.Row(i)))[0])
		}
		for k := range dst.Cols {
			if y == nil {
				dst.Set(i, k, math.NaN())
			} else {
				dst.Set(i, k, float(y[k]))
			}
		}
	}
}

// layerNormOf is LayerNorm of one row, nil for equal numbers without eps.
func layerNormOf(x []real, gain, shift []float64, eps float64) []real {
	sum, squares := zero(), zero()
	for _, v := range x {
		sum, squares = add(sum, v), add(squares, mul(v, v))
	}
	d, out := num(float64(len(x))), make([]real, len(x))
	root := sqrt(add(quo(sub(mul(d, squares), mul(sum, sum)), mul(d, d)), num(eps)))
	if root.Sign() == 0 {
		return nil
	}
	for k, v := range x {
		c := quo(sub(mul(d, v), sum), d)
		out[k] = add(mul(num(gain[k]), quo(c, root)), num(shift[k]))
	}
	return out
}

var rmsNorm spec.RMSNorm[float64] = rmsNormRows

// rmsNormRows is RMSNorm as gain·x·√d/√(Σx² + d·eps). A row that is not finite
// becomes NaN.
func rmsNormRows(dst, src matrix, gain []float64, eps float64) {
	spec.CheckRMSNorm(dst, src, gain)
	eachFinite(dst, src, func(_ int, x []real) []real { return rmsNormOf(x, gain, eps) })
}

// rmsNormOf is RMSNorm of one row, nil for a row of zeros without eps.
func rmsNormOf(x []real, gain []float64, eps float64) []real {
	d, out := num(float64(len(x))), make([]real, len(x))
	squares := mul(d, num(eps))
	for _, v := range x {
		squares = add(squares, mul(v, v))
	}
	root := sqrt(squares)
	if root.Sign() == 0 {
		return nil
	}
	for k, v := range x {
		out[k] = quo(mul(mul(num(gain[k]), v), sqrt(d)), root)
	}
	return out
}
