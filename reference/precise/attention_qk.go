package precise

import (
	"math"

	"example.com/attest/spec"
)

var attentionQK spec.AttentionQK[float64] = attendQK

// attendQK takes weights as exp(xⱼ − log Σ exp x), the sum from the attention
// itself.
func attendQK(dst, qk, q, k, v spec.Tensor[float64], stage spec.QKStage, opt *spec.AttentionOptions) {
	spec.CheckAttentionQK(dst, qk, q, k, v, stage, opt)
	attendRows(dst, q, tokensOf(k), tokensOf(v), opt, func(b, h, i int, lse real) {
		g := spec.KeyHead(h, q.Shape[1], max(1, k.Shape[1]))
		for j := range k.Shape[2] {
			qk.Set(b, h, i, j, qkAt(q, k, stage, opt, lse, b, h, g, i, j))
		}
	})
}

func qkAt(q, k spec.Tensor[float64], stage spec.QKStage, opt *spec.AttentionOptions, lse real, b, h, g, i, j int) float64 {
	var qs, ks []real
	load := func() {
		for c := range q.Shape[3] {
			qs, ks = append(qs, num(q.At(b, h, i, c))), append(ks, num(k.At(b, g, j, c)))
		}
	}
	switch {
	case stage == spec.QKScaled:
		load()
		return float(mul(num(opt.Scale), dot(qs, ks)))
	case stage == spec.QKCapped:
		load()
		return float(softcap(mul(num(opt.Scale), dot(qs, ks)), opt.Softcap))
	case opt.Allowed(b, h, i, j):
		load()
		x := logit(qs, ks, opt, b, h, i, j)
		if stage == spec.QKWeights {
			x = exp(sub(x, lse))
		}
		return float(x)
	case stage == spec.QKLogits:
		return math.Inf(-1)
	}
	return 0
}
