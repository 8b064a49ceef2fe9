package precise

import "example.com/attest/spec"

var gated spec.Gated[float64] = gatedRows

// gatedRows adds the hidden units one by one to the output, each as a rank-one
// term. A row that is not finite becomes NaN.
func gatedRows(dst, x, gate, up, down matrix, act spec.Activation) {
	spec.CheckGated(dst, x, gate, up, down, act)
	g, u, d := transpose(rows(gate)), transpose(rows(up)), rows(down)
	eachFinite(dst, x, func(_ int, row []real) []real { return gatedOf(row, g, u, d, down.Cols, act) })
}

// gatedOf is the gated layer of one row to so many channels; gate and up are
// transposed.
func gatedOf(x []real, gate, up, down [][]real, channels int, act spec.Activation) []real {
	out := make([]real, channels)
	for j := range out {
		out[j] = zero()
	}
	for l := range down {
		h := mul(activate(dot(x, gate[l]), act), dot(x, up[l]))
		for j := range out {
			out[j] = add(out[j], mul(h, down[l][j]))
		}
	}
	return out
}
