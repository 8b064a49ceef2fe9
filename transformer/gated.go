package transformer

import "example.com/attest/spec"

// gatedRows and gatedUnits are how many rows and hidden units are alive at a
// time: the product with down takes them while they are in the cache.
const (
	gatedRows  = 512
	gatedUnits = 256
)

// Gated computes a gated layer in blocks of rows and of hidden units: both
// products with X, the activation and the product of the branches, and the
// block's share of the output, so that the scratch is 2·512·256 numbers at most,
// whatever n and h are. See spec.Gated.
func Gated(dst, x, gate, up, down spec.Matrix[float32], act spec.Activation) {
	best.Gated(dst, x, gate, up, down, act)
}

// Gated is the function Gated at the level of m.
func (m machine) Gated(dst, x, gate, up, down spec.Matrix[float32], act spec.Activation) {
	spec.CheckGated(dst, x, gate, up, down, act)
	activate := m.energy()
	s := takeScratch()
	defer s.give()
	n := min(gatedRows, x.Rows) * min(gatedUnits, gate.Cols)
	open, lift := s.matrix(1, n).Data, s.matrix(1, n).Data
	for i := 0; i < x.Rows; i += gatedRows {
		rows := min(gatedRows, x.Rows-i)
		out, in := rowsOf(dst, i, rows), rowsOf(x, i, rows)
		for r := range rows {
			clear(out.Row(r))
		}
		for l := 0; l < gate.Cols; l += gatedUnits {
			w := min(gatedUnits, gate.Cols-l)
			a := spec.Matrix[float32]{Rows: rows, Cols: w, Stride: w, Data: open[:rows*w]}
			b := spec.Matrix[float32]{Rows: rows, Cols: w, Stride: w, Data: lift[:rows*w]}
			m.multiply(a, in, columns(gate, l, w), spec.Matrix[float32]{})
			m.multiply(b, in, columns(up, l, w), spec.Matrix[float32]{})
			activate.Apply(a.Data, a.Data, act)
			activate.Level.Times(a.Data, a.Data, b.Data)
			m.multiply(out, a, rowsOf(down, l, w), out)
		}
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
