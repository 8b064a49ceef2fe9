package transformer

import (
	"example.com/attest/energy"
	"example.com/attest/spec"
)

var gated spec.Gated[float32] = Gated

// gatedUnits is how many hidden units are alive at a time: the product with
// down takes them while they are in the cache.
const gatedUnits = 64

// Gated computes a gated layer in blocks of hidden units: both products with X,
// the activation and the product of the branches, and the block's share of the
// output, so that the scratch is 2·n·64 numbers whatever h is. See spec.Gated.
func Gated(dst, x, gate, up, down spec.Matrix[float32], act spec.Activation) {
	spec.CheckGated(dst, x, gate, up, down)
	energy.Apply(nil, nil, act) // panics for a name that is no activation
	for i := range dst.Rows {
		clear(dst.Row(i))
	}
	width := min(gatedUnits, gate.Cols)
	open, lift := spec.NewMatrix[float32](x.Rows, width), spec.NewMatrix[float32](x.Rows, width)
	for l := 0; l < gate.Cols; l += gatedUnits {
		w := min(gatedUnits, gate.Cols-l)
		a, b := columns(open, 0, w), columns(lift, 0, w)
		Linear(a, x, columns(gate, l, w), nil)
		Linear(b, x, columns(up, l, w), nil)
		for i := range a.Rows {
			energy.Apply(a.Row(i), a.Row(i), act)
			for k, v := range b.Row(i) {
				a.Row(i)[k] *= v
			}
		}
		panel(dst, a, rowsOf(down, l, w), 0, w, 0, dst.Cols)
	}
}

// columns returns the view of w columns of m from l on.
func columns(m spec.Matrix[float32], l, w int) spec.Matrix[float32] {
	m.Cols = w
	if m.Rows > 0 {
		m.Data = m.Data[l:]
	}
	return m
}

// rowsOf returns the view of w rows of m from l on.
func rowsOf(m spec.Matrix[float32], l, w int) spec.Matrix[float32] {
	m.Rows = w
	if w > 0 {
		m.Data = m.Data[l*m.Stride:]
	}
	return m
}
