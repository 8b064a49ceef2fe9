package precise

import (
	"math"

	"example.com/attest/spec"
)

var (
	attentionLSE   spec.AttentionLSE[float64]   = attendLSE
	mergeAttention spec.MergeAttention[float64] = merge
)

func attendLSE(dst, lse, q, k, v spec.Tensor[float64], opt *spec.AttentionOptions) {
	spec.CheckAttentionLSE(dst, lse, q, k, v, opt)
	attendRows(dst, q, tokensOf(k), tokensOf(v), opt, func(b, h, i int, x real) {
		if x == nil {
			lse.Set(b, h, i, 0, math.Inf(-1))
		} else {
			lse.Set(b, h, i, 0, float(x))
		}
	})
}

// merge takes the second part's weight as 1/(1 + exp(l₁−l₂)), a logistic
// function, and the first part's as exp(l₁−l₂) times that.
func merge(dst, lse, o1, l1, o2, l2 spec.Tensor[float64]) {
	spec.CheckMergeAttention(dst, lse, o1, l1, o2, l2)
	for b := range dst.Shape[0] {
		for h := range dst.Shape[1] {
			for i := range dst.Shape[2] {
				x, y := l1.At(b, h, i, 0), l2.At(b, h, i, 0)
				copyRow := func(o spec.Tensor[float64], l float64) {
					for c := range dst.Shape[3] {
						dst.Set(b, h, i, c, 0)
						if !math.IsInf(l, -1) {
							dst.Set(b, h, i, c, o.At(b, h, i, c))
						}
					}
					lse.Set(b, h, i, 0, l)
				}
				switch {
				case math.IsInf(y, -1):
					copyRow(o1, x)
					continue
				case math.IsInf(x, -1):
					copyRow(o2, y)
					continue
				}
				ratio := exp(sub(num(x), num(y)))
				share := quo(num(1), add(num(1), ratio))
				lse.Set(b, h, i, 0, float(add(num(y), log(add(num(1), ratio)))))
				for c := range dst.Shape[3] {
					p, q := num(o1.At(b, h, i, c)), num(o2.At(b, h, i, c))
					dst.Set(b, h, i, c, float(mul(share, add(q, mul(ratio, p)))))
				}
			}
		}
	}
}
