package transformer

import (
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// Residual stores X + Y, row by row. See spec.Residual.
func Residual(dst, x, y spec.Matrix[float32]) { best.Residual(dst, x, y) }

// Residual is the function Residual at the level of m.
func (m machine) Residual(dst, x, y spec.Matrix[float32]) {
	spec.CheckResidual(dst, x, y)
	for i := range x.Rows {
		kernel.Level(m).Plus(dst.Row(i), x.Row(i), y.Row(i))
	}
}
