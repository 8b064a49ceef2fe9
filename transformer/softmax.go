package transformer

import (
	"math"

	"example.com/attest/internal/kernel"
	"example.com/attest/spec"
)

// Softmax stores the softmax of the logits x in two passes: the largest logit
// first, then exponentials and their sum in several chains. See spec.Softmax.
func Softmax(dst, x []float32) { best.Softmax(dst, x) }

// Softmax is the function Softmax at the level of m.
func (m machine) Softmax(dst, x []float32) {
	spec.CheckSoftmax(dst, x)
	l := kernel.Level(m)
	largest, none := m.largest(x)
	if none {
		clear(dst)
		return
	}
	// Inf−Inf and everything with NaN is NaN, and the sum passes it on.
	sum := l.ExpSum(dst, x, largest)
	l.Affine(dst, dst, 1/sum, 0)
}

// largest returns the largest logit, NaN left out, and whether there are none at
// all: not even one that is NaN.
func (m machine) largest(x []float32) (largest float32, none bool) {
	largest = kernel.Level(m).Largest(x)
	if !math.IsInf(float64(largest), -1) {
		return largest, false
	}
	sum := kernel.Level(m).Sum(x)
	return largest, sum == sum
}

// LogSoftmax stores the logarithms of the softmax: the largest logit is
// subtracted, and then the logarithm of the sum of exponentials in several
// chains. See spec.LogSoftmax.
func LogSoftmax(dst, x []float32) { best.LogSoftmax(dst, x) }

// LogSoftmax is the function LogSoftmax at the level of m.
func (m machine) LogSoftmax(dst, x []float32) {
	spec.CheckSoftmax(dst, x)
	l := kernel.Level(m)
	largest, none := m.largest(x)
	if none {
		copy(dst, x)
		return
	}
	sum := l.ShiftExpSum(dst, x, largest)
	l.Affine(dst, dst, 1, -float32(math.Log(float64(sum))))
}
