package transformer

import "example.com/attest/spec"

var (
	linear spec.Linear[float32] = Linear
	relu   spec.ReLU[float32]   = ReLU
)

// Linear layers are computed in blocks: a panel of blockDepth×blockWidth
// weights stays in the first-level cache while all rows of X pass it, four at a
// time, so that each weight is loaded once for four products.
const (
	blockWidth = 64
	blockDepth = 64
	blockRows  = 4
)

// Linear stores XW + bias. See spec.Linear.
func Linear(dst, x, w spec.Matrix[float32], bias []float32) {
	spec.CheckLinear(dst, x, w, bias)
	for i := range dst.Rows {
		row := dst.Row(i)
		if bias == nil {
			clear(row)
		} else {
			copy(row, bias)
		}
	}
	for l := 0; l < w.Cols; l += blockWidth {
		for k := 0; k < x.Cols; k += blockDepth {
			panel(dst, x, w, k, min(k+blockDepth, x.Cols), l, min(l+blockWidth, w.Cols))
		}
	}
}

// panel adds to the columns [l0, l1) of dst the products with rows [k0, k1) of W.
func panel(dst, x, w spec.Matrix[float32], k0, k1, l0, l1 int) {
	i := 0
	for ; i+blockRows <= x.Rows; i += blockRows {
		d0, d1, d2, d3 := dst.Row(i)[l0:l1], dst.Row(i + 1)[l0:l1], dst.Row(i + 2)[l0:l1], dst.Row(i + 3)[l0:l1]
		d1, d2, d3 = d1[:len(d0)], d2[:len(d0)], d3[:len(d0)]
		for k := k0; k < k1; k++ {
			x0, x1, x2, x3 := x.At(i, k), x.At(i+1, k), x.At(i+2, k), x.At(i+3, k)
			wk := w.Row(k)[l0:l1]
			wk = wk[:len(d0)]
			for l, v := range wk {
				d0[l] += x0 * v
				d1[l] += x1 * v
				d2[l] += x2 * v
				d3[l] += x3 * v
			}
		}
	}
	for ; i < x.Rows; i++ {
		row := dst.Row(i)[l0:l1]
		for k := k0; k < k1; k++ {
			c := x.At(i, k)
			for l, v := range w.Row(k)[l0:l1] {
				row[l] += c * v
			}
		}
	}
}

// ReLU stores max(0, x) for each x of src: the builtin passes NaN on and takes
// +0 to be above −0. See spec.ReLU.
func ReLU(dst, src []float32) {
	spec.CheckElementwise(dst, src)
	for k, x := range src {
		dst[k] = max(x, 0)
	}
}
