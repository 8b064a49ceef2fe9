package reference

import (
	"math"

	"example.com/attest/spec"
)

var (
	linear spec.Linear[float64] = Linear
	relu   spec.ReLU[float64]   = ReLU
)

// Linear stores XW + bias, element (i, l) as Σₖ xᵢₖwₖₗ + biasₗ.
func Linear(dst, x, w matrix, bias []float64) {
	spec.CheckLinear(dst, x, w, bias)
	for i := range x.Rows {
		for l := range w.Cols {
			var s float64
			for k := range x.Cols {
				s += x.At(i, k) * w.At(k, l)
			}
			if bias != nil {
				s += bias[l]
			}
			dst.Set(i, l, s)
		}
	}
}

// ReLU stores max(0, x) for each x.
func ReLU(dst, src []float64) {
	spec.CheckElementwise(dst, src)
	for k, x := range src {
		switch {
		case x > 0, math.IsNaN(x):
			dst[k] = x
		default:
			dst[k] = 0
		}
	}
}
