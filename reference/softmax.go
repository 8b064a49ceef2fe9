package reference

import (
	"math"

	"example.com/attest/spec"
)

var softmax spec.Softmax[float64] = Softmax

// Softmax stores the softmax of the logits x: exp(xⱼ−m)/Σₖexp(xₖ−m), m = max x.
func Softmax(dst, x []float64) {
	spec.CheckSoftmax(dst, x)
	copy(dst, SoftmaxRow(x))
}

// SoftmaxRow returns exp(xⱼ−m)/Σₖexp(xₖ−m), m = max x. A logit of −Inf gets
// weight 0; a row of nothing but −Inf gets all zeros; NaN or +Inf anywhere
// makes all weights NaN, because m is then NaN or Inf−Inf is taken.
func SoftmaxRow(x []float64) []float64 {
	m := math.Inf(-1)
	for _, v := range x {
		m = math.Max(m, v)
		if math.IsNaN(v) {
			m = v // math.Max(+Inf, NaN) is +Inf
			break
		}
	}
	out := make([]float64, len(x))
	if math.IsInf(m, -1) {
		return out
	}
	var sum float64
	for j, v := range x {
		out[j] = math.Exp(v - m)
		sum += out[j]
	}
	for j := range out {
		out[j] /= sum
	}
	return out
}
