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

var logSoftmax spec.LogSoftmax[float32] = LogSoftmax

// LogSoftmax stores the logarithms of the softmax: the largest logit is
// subtracted, and then the logarithm of the sum of exponentials in four chains.
// See spec.LogSoftmax.
func LogSoftmax(dst, x []float32) {
	spec.CheckSoftmax(dst, x)
	m := rowLargest(x)
	if math.IsInf(float64(m), -1) {
		copy(dst, x)
		return
	}
	var sum [4]float32
	for j, v := range x {
		t := v - m
		dst[j] = t
		sum[j%4] += float32(math.Exp(float64(t)))
	}
	log := float32(math.Log(float64((sum[0] + sum[1]) + (sum[2] + sum[3]))))
	for j := range dst {
		dst[j] -= log
	}
}
