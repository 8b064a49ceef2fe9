package reference

import "example.com/attest/spec"

var attentionQK spec.AttentionQK[float64] = AttentionQK

// AttentionQK stores the attention, and the products of its queries and keys at
// the stage.
func AttentionQK(dst, qk, q, k, v tensor, stage spec.QKStage, opt *spec.AttentionOptions) {
	spec.CheckAttentionQK(dst, qk, q, k, v, stage, opt)
	Attention(dst, q, k, v, opt)
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				for j, x := range qkRow(q, k, stage, opt, b, h, i) {
					qk.Set(b, h, i, j, x)
				}
			}
		}
	}
}

// qkRow returns the products of query (b, h, i) with all keys at the stage.
func qkRow(q, k tensor, stage spec.QKStage, opt *spec.AttentionOptions, b, h, i int) []float64 {
	switch stage {
	case spec.QKWeights:
		return AttentionWeights(q, k, opt, b, h, i)
	case spec.QKLogits:
		return Logits(q, k, opt, b, h, i)
	}
	x := make([]float64, k.Shape[2])
	for j := range x {
		x[j] = rawLogit(q, k, opt, b, h, i, j)
		if stage == spec.QKCapped {
			x[j] = softcap(x[j], opt.Softcap)
		}
	}
	return x
}
