package transformer

import (
	"math"

	"example.com/attest/spec"
)

// AttendQK is Attend that also stores the products of queries and keys at a
// stage. Attend keeps none of them longer than a block of keys, so they are
// formed again, a row of qk at a time, and weights are the softmax of that row.
// See spec.AttentionQK.
func AttendQK(dst, qk, q, k, v spec.Tensor[float32], stage spec.QKStage, opt *spec.AttentionOptions) {
	bestAttention.AttendQK(dst, qk, q, k, v, stage, opt)
}

// AttendQK is the function AttendQK with attention at the level of a.
func (a *Attention) AttendQK(dst, qk, q, k, v spec.Tensor[float32], stage spec.QKStage, opt *spec.AttentionOptions) {
	spec.CheckAttentionQK(dst, qk, q, k, v, stage, opt)
	a.attend(dst, spec.Tensor[float32]{}, q, k, v, opt)
	query, key, row := make([]float32, q.Shape[3]), make([]float32, q.Shape[3]), make([]float32, k.Shape[2])
	for b := range q.Shape[0] {
		for h := range q.Shape[1] {
			for i := range q.Shape[2] {
				load(query, q, b, h, i)
				for j := range row {
					row[j] = float32(math.Inf(-1))
					if stage < spec.QKLogits || opt.Allowed(b, h, i, j) {
						load(key, k, b, spec.KeyHead(h, q.Shape[1], k.Shape[1]), j)
						row[j] = product(query, key, stage, opt, b, h, i, j)
					}
				}
				if stage == spec.QKWeights {
					weigh(row, opt, b, h, i)
				}
				for j, x := range row {
					qk.Set(b, h, i, j, x)
				}
			}
		}
	}
}

// product returns q·k as far as the stage goes, QKLogits at most.
func product(q, k []float32, stage spec.QKStage, opt *spec.AttentionOptions, b, h, i, j int) float32 {
	var x float32
	for c, y := range k {
		x += q[c] * y
	}
	x *= float32(opt.Scale)
	if c := opt.Softcap; c != 0 && stage >= spec.QKCapped {
		x = float32(c * math.Tanh(float64(x)/c))
	}
	if stage < spec.QKLogits {
		return x
	}
	if opt.Slopes != nil {
		x += opt.Slopes[h] * float32(opt.Distance(b, i, j))
	}
	if opt.Bias != nil {
		x += opt.Bias.At(b, h, i, j)
	}
	return x
}

// weigh makes a row of logits the weights of query (b, h, i).
func weigh(row []float32, opt *spec.AttentionOptions, b, h, i int) {
	sink := float32(opt.SinkAt(h))
	top, any := sink, !math.IsInf(float64(sink), -1)
	for j, x := range row {
		if opt.Allowed(b, h, i, j) && (!any || x > top) {
			top, any = x, true
		}
	}
	den := weight(sink, top, false)
	for j, x := range row {
		row[j] = 0
		if opt.Allowed(b, h, i, j) {
			row[j] = weight(x, top, false)
			den += row[j]
		}
	}
	for j := range row {
		if opt.Allowed(b, h, i, j) {
			row[j] /= den
		}
	}
}
