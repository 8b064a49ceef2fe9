package kernel

import "math"

// ExpError bounds the relative error of Exp and Exp2 where the result is a normal
// number; below, the error is at most half of the smallest positive number more.
// All 2³² arguments were tried at the levels of amd64: go test
// ./internal/kernel -run TestExpExhaustive with ATTEST_EXHAUSTIVE=1 does so again.
const ExpError = 0x1.6p-24

// Exp stores exp xₖ in dst, which may be x: 1 for ±0, 0 for −Inf, +Inf for +Inf,
// NaN for NaN. The two have equal lengths.
func (l Level) Exp(dst, x []float32) {
	_ = dst[:len(x)]
	l.exp(dst, x, false)
}

// Exp2 is Exp for powers of 2.
func (l Level) Exp2(dst, x []float32) {
	_ = dst[:len(x)]
	l.exp(dst, x, true)
}

func portableExp(dst, x []float32, two bool) {
	f := math.Exp
	if two {
		f = math.Exp2
	}
	for k, e := range x {
		dst[k] = float32(f(float64(e)))
	}
}
