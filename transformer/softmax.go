package transformer

import (
	"math"

	"example.com/attest/spec"
)

var softmax spec.Softmax[float32] = Softmax

// Softmax stores the softmax of the logits x in two passes: the largest logit
// first, then exponentials and their sum in four chains. See spec.Softmax.
func Softmax(dst, x []float32) {
	spec.CheckSoftmax(dst, x)
	m := rowLargest(x)
	if math.IsInf(float64(m), -1) {
		clear(dst)
		return
	}
	var sum [4]float32
	for j, v := range x {
		// Inf−Inf and everything with NaN is NaN, and the sum passes it on.
		e := float32(math.Exp(float64(v - m)))
		dst[j] = e
		sum[j%4] += e
	}
	total := (sum[0] + sum[1]) + (sum[2] + sum[3])
	for j := range dst {
		dst[j] /= total
	}
}

// rowLargest returns the largest of x, −Inf for none, and NaN if x has one.
func rowLargest(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, v := range x {
		m = max(m, v)
	}
	return m
}
