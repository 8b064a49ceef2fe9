package precise

import (
	"math"

	"example.com/attest/spec"
)

var (
	linear spec.Linear[float64] = linearRows
	relu   spec.ReLU[float64]   = reluBits
)

// linearRows is XW + bias with the bias as one more row of W, met by a one.
func linearRows(dst, x, w matrix, bias []float64) {
	spec.CheckLinear(dst, x, w, bias)
	wr := rows(w)
	xr := rows(x)
	if bias != nil {
		b := make([]real, len(bias))
		for l, v := range bias {
			b[l] = num(v)
		}
		wr = append(wr, b)
		for i := range xr {
			xr[i] = append(xr[i], num(1))
		}
	}
	out := make([][]real, len(xr))
	for i := range xr {
		out[i] = make([]real, w.Cols)
		for l := range out[i] {
			out[i][l] = zero()
			for k := range wr {
				out[i][l] = add(out[i][l], mul(xr[i][k], wr[k][l]))
			}
		}
	}
	store(dst, out)
}

// reluBits clears every number whose sign bit is set and that is not NaN.
func reluBits(dst, src []float64) {
	spec.CheckElementwise(dst, src)
	for k, x := range src {
		bits := math.Float64bits(x)
		if bits>>63 == 1 && bits<<1 <= math.Float64bits(math.Inf(1))<<1 {
			bits = 0
		}
		dst[k] = math.Float64frombits(bits)
	}
}
