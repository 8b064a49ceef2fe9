package precise

import (
	"math"

	"example.com/attest/spec"
)

var gated spec.Gated[float64] = gatedRows

// gatedRows adds the hidden units one by one to the output, each as a rank-one
// term. A row that is not finite becomes NaN.
func gatedRows(dst, x, gate, up, down matrix, act spec.Activation) {
	g, u, d := transpose(rows(gate)), transpose(rows(up)), rows(down)
	for i := range x.Rows {
		out := make([]real, down.Cols)
		for j := range out {
			out[j] = zero()
		}
		finite := true
		for _, v := range x.Row(i) {
			finite = finite && !math.IsNaN(v) && !math.IsInf(v, 0)
		}
		if !finite {
			for j := range out {
				dst.Set(i, j, math.NaN())
			}
			continue
		}
		row := rows(spec.MatrixOf(x.Row(i)))[0]
		for l := range d {
			h := mul(activate(dot(row, g[l]), act), dot(row, u[l]))
			for j := range out {
				out[j] = add(out[j], mul(h, d[l][j]))
			}
		}
		for j := range out {
			dst.Set(i, j, float(out[j]))
		}
	}
}
