package reference

import "example.com/attest/spec"

var gated spec.Gated[float64] = Gated

// Gated stores (act(XG) ⊙ XU)D.
func Gated(dst, x, gate, up, down matrix, act spec.Activation) {
	spec.CheckGated(dst, x, gate, up, down, act)
	hidden := Product(x, up)
	open := Product(x, gate)
	for i := range hidden.Rows {
		for l := range hidden.Cols {
			hidden.Set(i, l, Activate(open.At(i, l), act)*hidden.At(i, l))
		}
	}
	Linear(dst, hidden, down, nil)
}

// Product returns XW.
func Product(x, w matrix) matrix {
	out := newMatrix(x.Rows, w.Cols)
	Linear(out, x, w, nil)
	return out
}
