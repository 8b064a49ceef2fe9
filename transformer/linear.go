package transformer

import (
	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// Linear stores XW + bias. A row of the result depends on its row of X alone, to
// the last bit: neither on how many rows there are nor on how many processors
// share them. See spec.Linear.
func Linear(dst, x, w spec.Matrix[float32], bias []float32) { best.Linear(dst, x, w, bias) }

// Linear is the function Linear at the level of m.
func (m machine) Linear(dst, x, w spec.Matrix[float32], bias []float32) {
	spec.CheckLinear(dst, x, w, bias)
	m.multiply(dst, x, w, spec.Matrix[float32]{Rows: dst.Rows, Cols: len(bias), Data: bias})
}

// multiply stores add + XW; see kernel.Gemm.
func (m machine) multiply(dst, x, w, add spec.Matrix[float32]) {
	kernel.Gemm{Level: kernel.Level(m)}.Multiply(dst, x, w, add)
}

// ReLU stores max(0, x) for each x of src. See spec.ReLU.
func ReLU(dst, src []float32) { best.ReLU(dst, src) }

// ReLU is the function ReLU at the level of m.
func (m machine) ReLU(dst, src []float32) {
	spec.CheckElementwise(dst, src)
	kernel.Level(m).Apply(kernel.ReLU, dst, src)
}
