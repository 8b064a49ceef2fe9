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

var logSoftmax spec.LogSoftmax[float64] = LogSoftmax

// LogSoftmax stores (xⱼ−m) − log Σₖexp(xₖ−m), m = max x: −Inf for a logit of
// −Inf, NaN everywhere if a logit is NaN or +Inf.
func LogSoftmax(dst, x []float64) {
	spec.CheckSoftmax(dst, x)
	m := math.Inf(-1)
	for _, v := range x {
		m = max(m, v) // NaN if there is one
	}
	if math.IsInf(m, -1) {
		copy(dst, x)
		return
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(v - m)
	}
	for j, v := range x {
		dst[j] = (v - m) - math.Log(sum) // m = +Inf: the sum is NaN
	}
}
