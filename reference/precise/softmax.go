package precise

import (
	"math"

	"example.com/attest/spec"
)

var softmax spec.Softmax[float64] = softmaxRow

// softmaxRow stores the quotients of exponentials, shifted by the largest logit
// because big.Float's exponents end as well. Logits of −Inf are left out.
func softmaxRow(dst, x []float64) {
	spec.CheckSoftmax(dst, x)
	top := math.Inf(-1)
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			for j := range dst {
				dst[j] = math.NaN()
			}
			return
		}
		top = max(top, v)
	}
	sum, terms := zero(), make([]real, len(x))
	for j, v := range x {
		terms[j] = zero()
		if !math.IsInf(v, -1) {
			terms[j] = exp(sub(num(v), num(top)))
		}
		sum = add(sum, terms[j])
	}
	for j := range dst {
		if dst[j] = 0; sum.Sign() > 0 {
			dst[j] = float(quo(terms[j], sum))
		}
	}
}

var logSoftmax spec.LogSoftmax[float64] = logSoftmaxRow

// logSoftmaxRow stores −log Σₖexp(xₖ−xⱼ): each logit is its own shift. Terms
// beyond the range of exponents are met by leaving the largest logit out of the
// sum: −(m−xⱼ) − log Σₖexp(xₖ−m).
func logSoftmaxRow(dst, x []float64) {
	spec.CheckSoftmax(dst, x)
	top := math.Inf(-1)
	for _, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 1) {
			for j := range dst {
				dst[j] = math.NaN()
			}
			return
		}
		top = max(top, v)
	}
	for j, v := range x {
		if dst[j] = v; math.IsInf(v, -1) {
			continue
		}
		shift := v
		if top-v > 1e6 {
			shift = top
		}
		sum := zero()
		for _, w := range x {
			if !math.IsInf(w, -1) {
				sum = add(sum, exp(sub(num(w), num(shift))))
			}
		}
		dst[j] = float(sub(sub(num(v), num(shift)), log(sum)))
	}
}
